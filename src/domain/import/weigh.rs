//! Weighs a workbook before anything of it is kept: a few kilobytes may unpack to gigabytes, and a number in
//! its text may ask for more memory than there is.

use super::Limits;
use super::encoding::fill;
use super::failure::FileError;
use super::sheet::broken;
use std::io::{Read, Seek};
use zip::ZipArchive;

const PIECE: usize = 64 << 10;
/// The part of a book that is held in memory: its table of texts.
const TEXTS: &str = "sharedstrings.xml";
/// In that part's first tag: for how many texts room is made at once.
const COUNT: &[u8] = b"uniqueCount";
/// A text takes at least this much of the part, as `<si/>`.
const LEAST: u64 = 5;

/// Unpacks every part into nothing, and counts.
///
/// # Errors
/// `Unpacked`, `LongCell`, `Book`.
pub fn weigh(file: &mut (impl Read + Seek), limits: &Limits) -> Result<(), FileError> {
    let mut archive = ZipArchive::new(file).map_err(|e| broken("it is no sound archive", e))?;
    let mut all = 0;
    let mut piece = vec![0; PIECE];
    for index in 0..archive.len() {
        let mut part = archive
            .by_index(index)
            .map_err(|e| broken("a part of it can’t be unpacked", e))?;
        let name = part
            .name()
            .map_err(|e| broken("a part of it has no name", e))?;
        let name = name.to_ascii_lowercase();
        let is_texts = name.ends_with(TEXTS);
        let most = match is_texts {
            true => limits.texts,
            false => limits.unpacked,
        };
        // Other programs keep what they like in these folders, and nobody reads it.
        let foreign = name.starts_with("customxml/") || name.starts_with("docprops/");
        let is_xml = is_texts || (name.ends_with(".xml") && !foreign);
        let mut scale = Scale::new(limits.record);
        loop {
            let read = fill(&mut part, &mut piece).map_err(|e| broken("it breaks off", e))?;
            scale.add(&piece[..read], is_xml)?;
            if scale.bytes > most || all + scale.bytes > limits.unpacked {
                return Err(FileError::Unpacked { most });
            }
            if read == 0 {
                break;
            }
        }
        if is_texts && scale.promised > scale.bytes / LEAST {
            return Err(odd("it promises more texts than it has"));
        }
        all += scale.bytes;
    }
    Ok(())
}

/// Looks at one part while it goes by.
struct Scale {
    longest: usize,
    bytes: u64,
    /// Since the last tag began.
    run: usize,
    /// What was read of `uniqueCount="`, and the number after it.
    matched: usize,
    digits: Option<u64>,
    promised: u64,
    after_tag: bool,
}

impl Scale {
    fn new(longest: usize) -> Self {
        Self {
            longest,
            bytes: 0,
            run: 0,
            matched: 0,
            digits: None,
            promised: 0,
            after_tag: false,
        }
    }

    fn add(&mut self, piece: &[u8], is_xml: bool) -> Result<(), FileError> {
        if is_xml && self.bytes == 0 && piece.iter().take(4).any(|b| matches!(b, 0 | 0xfe | 0xff)) {
            return Err(odd("it is not written in UTF-8"));
        }
        self.bytes += piece.len() as u64;
        if !is_xml {
            return Ok(());
        }
        for &byte in piece {
            // Neither comments nor raw text have a place in a sheet, and both hide how long a cell is.
            if self.after_tag && byte == b'!' {
                return Err(odd("it has parts that no spreadsheet writes"));
            }
            self.after_tag = byte == b'<';
            self.run = if self.after_tag { 0 } else { self.run + 1 };
            if self.run > self.longest {
                return Err(FileError::LongCell { most: self.longest });
            }
            self.count(byte);
        }
        Ok(())
    }

    fn count(&mut self, byte: u8) {
        if self.matched == COUNT.len() {
            match byte {
                b'0'..=b'9' => {
                    let digits = self.digits.unwrap_or_default();
                    let digits = digits
                        .saturating_mul(10)
                        .saturating_add(u64::from(byte - b'0'));
                    self.digits = Some(digits);
                    self.promised = self.promised.max(digits);
                }
                b'=' | b'"' | b'\'' | b'+' if self.digits.is_none() => {}
                byte if byte.is_ascii_whitespace() && self.digits.is_none() => {}
                _ => (self.matched, self.digits) = (0, None),
            }
        } else if byte == COUNT[self.matched] {
            self.matched += 1;
        } else {
            self.matched = usize::from(byte == COUNT[0]);
        }
    }
}

fn odd(why: &str) -> FileError {
    FileError::Book {
        why: why.to_owned(),
        source: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn book(name: &str, text: &[u8]) -> Cursor<Vec<u8>> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(text).unwrap();
        archive.finish().unwrap()
    }

    fn weighed(name: &str, text: &[u8]) -> Result<(), FileError> {
        let limits = Limits {
            unpacked: 1 << 20,
            texts: 1 << 16,
            record: 1_000,
            ..Limits::default()
        };
        weigh(&mut book(name, text), &limits)
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        let sheet = "xl/worksheets/sheet1.xml";
        assert!(weighed(sheet, b"<worksheet/>").is_ok());
        let bomb = b"<c/>".repeat(1 << 19);
        assert!(matches!(
            weighed(sheet, &bomb),
            Err(FileError::Unpacked { .. })
        ));
        assert!(matches!(
            weighed("xl/media/image1.png", &vec![0; 2 << 20]),
            Err(FileError::Unpacked { .. })
        ));
        assert!(matches!(
            weighed("xl/sharedStrings.xml", &b"<si/>".repeat(20_000)),
            Err(FileError::Unpacked { .. })
        ));
        assert!(matches!(
            weighed(sheet, "x".repeat(2_000).as_bytes()),
            Err(FileError::LongCell { most: 1_000 })
        ));
    }

    #[test]
    fn what_only_an_attack_writes_is_refused() {
        let texts = "xl/sharedStrings.xml";
        for text in [
            &b"<sst uniqueCount=\"99999999999999\"><si/></sst>"[..],
            b"<sst uniqueuniqueCount = '4000000000' >",
            b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
            b"\xff\xfe<\0s\0s\0t\0",
        ] {
            assert!(
                matches!(weighed(texts, text), Err(FileError::Book { .. })),
                "{text:?}"
            );
        }
        assert!(
            weighed(
                texts,
                b"<sst count=\"3\" uniqueCount=\"2\"><si><t>a</t></si><si/></sst>"
            )
            .is_ok()
        );
        assert!(weigh(&mut Cursor::new(b"PK\x03\x04"), &Limits::default()).is_err());
    }
}
