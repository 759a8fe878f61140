//! Bytes as text, piece by piece, whatever the encoding. What can't be decoded becomes U+FFFD, which no cell
//! may have.

use super::encoding::{Charset, fill};
use super::failure::FileError;
use encoding_rs::{CoderResult, Decoder};
use std::io::Read;

const PIECE: usize = 32 << 10;

/// A reader of text.
pub struct Decoded<R> {
    from: R,
    decoder: Decoder,
    bytes: Vec<u8>,
    /// Bytes that are read but not decoded yet.
    start: usize,
    end: usize,
    read: u64,
    most: u64,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    /// Reads at most so many bytes; a mark at the begin is taken off.
    pub fn new(from: R, charset: Charset, most: u64) -> Self {
        Self {
            from,
            decoder: charset.encoding.new_decoder_with_bom_removal(),
            bytes: vec![0; PIECE],
            start: 0,
            end: 0,
            read: 0,
            most,
            ended: false,
        }
    }

    /// Puts the next piece in place of `text`, never an empty one; false at the end.
    ///
    /// # Errors
    /// `TooLarge`, `Io`.
    pub fn next(&mut self, text: &mut String) -> Result<bool, FileError> {
        text.clear();
        text.reserve(PIECE);
        while text.is_empty() && !self.ended {
            if self.start == self.end {
                self.end = fill(&mut self.from, &mut self.bytes)?;
                self.start = 0;
                self.read += self.end as u64;
                if self.read > self.most {
                    return Err(FileError::TooLarge { most: self.most });
                }
            }
            let last = self.end < self.bytes.len();
            let bytes = &self.bytes[self.start..self.end];
            let (result, read, _) = self.decoder.decode_to_string(bytes, text, last);
            self.start += read;
            self.ended = last && result == CoderResult::InputEmpty;
        }
        Ok(!text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{SHIFT_JIS, UTF_16LE};

    fn whole(bytes: &[u8], name: &str) -> String {
        let mut decoded = Decoded::new(bytes, Charset::named(name).unwrap(), u64::MAX);
        let (mut whole, mut piece) = (String::new(), String::new());
        while decoded.next(&mut piece).unwrap() {
            assert!(!piece.is_empty());
            whole.push_str(&piece);
        }
        whole
    }

    #[test]
    fn text_is_the_same_wherever_its_pieces_end() {
        let text = "आशा Zoë 日本 😀\r\n".repeat(5_000);
        assert_eq!(whole(text.as_bytes(), "utf-8"), text);
        assert_eq!(
            whole(&[b"\xef\xbb\xbf", text.as_bytes()].concat(), "utf-8"),
            text
        );
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(whole(&units, UTF_16LE.name()), text);
        let japanese = "日本語,テスト\n".repeat(9_000);
        assert_eq!(whole(&SHIFT_JIS.encode(&japanese).0, "shift_jis"), japanese);
    }

    #[test]
    fn what_cannot_be_decoded_is_marked_and_too_much_is_refused() {
        assert_eq!(whole(b"a\xffb", "utf-8"), "a\u{fffd}b");
        assert_eq!(whole(b"a\xe0\xa4", "utf-8"), "a\u{fffd}");
        assert_eq!(whole(b"", "utf-8"), "");
        let mut decoded = Decoded::new(&b"12345"[..], Charset::named("utf-8").unwrap(), 4);
        let refused = decoded.next(&mut String::new());
        assert!(matches!(refused, Err(FileError::TooLarge { most: 4 })));
    }
}
