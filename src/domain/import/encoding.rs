//! Which encoding a text file has: by its mark, else UTF-8 if it is that throughout, else a guess.

use super::failure::FileError;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{ErrorKind, Read};

/// An encoding, and how it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset {
    pub encoding: &'static Encoding,
    pub known: KnownBy,
}

/// How sure an encoding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// The file begins with its mark.
    Mark,
    /// All of it is valid UTF-8.
    Valid,
    /// Every other byte is zero.
    Zeros,
    /// By the letters that it would give: look at the names.
    Guess,
    /// Somebody said so.
    Choice,
}

impl Charset {
    /// By its name, as `windows-1252`.
    ///
    /// # Errors
    /// `UnknownEncoding`.
    pub fn named(name: &str) -> Result<Self, FileError> {
        let name = name.trim();
        let known = Encoding::for_label_no_replacement(name.as_bytes());
        let encoding = known.ok_or_else(|| FileError::UnknownEncoding(super::short(name)))?;
        Ok(Self {
            encoding,
            known: KnownBy::Choice,
        })
    }

    /// As people write it: "UTF-8", "Windows-1252".
    pub fn name(self) -> String {
        let name = self.encoding.name();
        match name.strip_prefix("windows-") {
            Some(page) => format!("Windows-{page}"),
            None => name.to_owned(),
        }
    }
}

const PIECE: usize = 64 << 10;
/// The guess looks at so much from the first letter on that is not ASCII; more would not change it.
const LOOKED_AT: usize = 1 << 20;
/// So much is looked at to find UTF-16 without a mark.
const BEGIN: usize = 4 << 10;

/// Reads the whole file: a letter in its last row may be the first that says anything.
///
/// # Errors
/// `Empty`, `TooLarge`, `Io`.
pub fn detect(mut file: impl Read, most: u64) -> Result<Charset, FileError> {
    let mut piece = vec![0; PIECE];
    let mut utf8 = UTF_8.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(PIECE * 3 + 16);
    let mut guess = EncodingDetector::new(Iso2022JpDetection::Deny);
    let (mut all, mut looked_at, mut valid) = (0_u64, 0, true);
    let mut marked = None;
    loop {
        let read = fill(&mut file, &mut piece)?;
        let bytes = &piece[..read];
        if all == 0 {
            marked = by_begin(bytes);
        }
        all += read as u64;
        if all > most {
            return Err(FileError::TooLarge { most });
        }
        if read == 0 {
            break;
        }
        if marked.is_some() {
            continue;
        }
        text.clear();
        valid &= !utf8.decode_to_string(bytes, &mut text, false).2;
        let seen = looked_at > 0 || !bytes.is_ascii();
        if seen && looked_at < LOOKED_AT {
            guess.feed(bytes, false);
            looked_at += read;
        }
    }
    if all == 0 {
        return Err(FileError::Empty);
    }
    if let Some(charset) = marked {
        return Ok(charset);
    }
    // Half a letter at the very end.
    text.clear();
    valid &= !utf8.decode_to_string(&[], &mut text, true).2;
    if valid {
        return Ok(Charset {
            encoding: UTF_8,
            known: KnownBy::Valid,
        });
    }
    guess.feed(&[], true);
    Ok(Charset {
        encoding: guess.guess(None, Utf8Detection::Deny),
        known: KnownBy::Guess,
    })
}

/// Reads until the piece is full or the file ends.
pub(super) fn fill(file: &mut impl Read, piece: &mut [u8]) -> Result<usize, FileError> {
    let mut filled = 0;
    while filled < piece.len() {
        match file.read(&mut piece[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(filled)
}

fn by_begin(bytes: &[u8]) -> Option<Charset> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(Charset {
            encoding,
            known: KnownBy::Mark,
        });
    }
    let begin = &bytes[..bytes.len().min(BEGIN) / 2 * 2];
    let zeros = |from: usize| {
        begin
            .iter()
            .skip(from)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (first, second, pairs) = (zeros(0), zeros(1), begin.len() / 2);
    // Heads and digits are ASCII, so most of a file's begin has a zero in the same half of each pair.
    let mostly =
        |zeros: usize, others: usize| pairs >= 4 && zeros * 10 > pairs * 6 && others * 10 < pairs;
    let encoding = match (mostly(second, first), mostly(first, second)) {
        (true, _) => UTF_16LE,
        (_, true) => UTF_16BE,
        (false, false) => return None,
    };
    Some(Charset {
        encoding,
        known: KnownBy::Zeros,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> (String, KnownBy) {
        let charset = detect(bytes, 1 << 20).unwrap();
        (charset.name(), charset.known)
    }

    fn utf_16(text: &str, little: bool) -> Vec<u8> {
        let units = text.encode_utf16();
        let bytes = units.map(|unit| {
            if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        });
        bytes.flatten().collect()
    }

    #[test]
    fn an_encoding_is_found_by_mark_by_validity_or_by_guess() {
        let text = "login_id;name\nzoe.lang;Zoë Lang\n";
        assert_eq!(found(text.as_bytes()), ("UTF-8".into(), KnownBy::Valid));
        assert_eq!(
            found(format!("\u{feff}{text}").as_bytes()),
            ("UTF-8".into(), KnownBy::Mark)
        );
        for little in [true, false] {
            let name = if little { "UTF-16LE" } else { "UTF-16BE" };
            assert_eq!(
                found(&utf_16(&format!("\u{feff}{text}"), little)),
                (name.into(), KnownBy::Mark)
            );
            assert_eq!(found(&utf_16(text, little)), (name.into(), KnownBy::Zeros));
        }
        let text = "login_id;name\nzoe;Zoë Müller, Café “Größe”\n";
        let western = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
        let guess = detect(western.as_slice(), 1 << 20).unwrap();
        assert_eq!(guess.known, KnownBy::Guess);
        assert_eq!(guess.encoding.decode(&western).0, text);
        assert_eq!(found(b"plain"), ("UTF-8".into(), KnownBy::Valid));
    }

    #[test]
    fn the_last_letter_counts_and_half_a_letter_is_none() {
        let mut late = vec![b'a'; 300_000];
        late.extend(b"Zo\xeb,\n");
        assert_eq!(found(&late).1, KnownBy::Guess);
        assert_eq!(
            found("Zo\u{eb}".as_bytes().split_last().unwrap().1).1,
            KnownBy::Guess
        );
    }

    #[test]
    fn what_is_too_large_or_empty_is_refused() {
        assert!(matches!(detect(&b""[..], 10), Err(FileError::Empty)));
        assert!(matches!(
            detect(&[b'a'; 11][..], 10),
            Err(FileError::TooLarge { most: 10 })
        ));
        assert!(matches!(
            Charset::named("klingon"),
            Err(FileError::UnknownEncoding(_))
        ));
        assert_eq!(Charset::named(" Latin1 ").unwrap().name(), "Windows-1252");
    }
}
