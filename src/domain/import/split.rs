//! Delimited text as rows of cells.
//!
//! It splits as the csv crate does (a test compares the two), and knows what that can't tell: in which line of
//! the file a row begins, whatever ends its lines; where a quote opened that is never closed; and that a row is
//! longer than it may be, before the rest of the file is one cell in memory.

use super::Limits;
use super::decode::Decoded;
use super::encoding::Charset;
use super::failure::FileError;
use super::rows::Record;
use memchr::{memchr, memchr2, memchr3};
use std::io::Read;
use std::ops::ControlFlow;

/// Hands over every row. `named`: the first line only names the delimiter.
pub(super) fn each(
    file: impl Read,
    charset: Charset,
    delimiter: u8,
    named: bool,
    limits: &Limits,
    mut take: impl FnMut(&Record) -> ControlFlow<()>,
) -> Result<(), FileError> {
    let mut splitter = Splitter::new(Decoded::new(file, charset, limits.bytes), delimiter, limits);
    let mut record = Record::default();
    if named {
        splitter.next(&mut record)?;
    }
    while splitter.next(&mut record)? {
        if take(&record).is_break() {
            break;
        }
    }
    Ok(())
}

/// Where in a row the reading is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    CellStart,
    Plain,
    Quoted,
    /// After a quote inside a quoted cell: its end, or the first of two that stand for one.
    Quote,
}

pub(super) struct Splitter<R> {
    text: Decoded<R>,
    delimiter: u8,
    most_columns: usize,
    most_bytes: usize,
    piece: String,
    at: usize,
    line: u64,
    /// The last character was a carriage return: a line feed belongs to it.
    returned: bool,
    /// Of the row at hand.
    bytes: usize,
}

impl<R: Read> Splitter<R> {
    pub fn new(text: Decoded<R>, delimiter: u8, limits: &Limits) -> Self {
        Self {
            text,
            delimiter,
            most_columns: limits.columns,
            most_bytes: limits.record,
            piece: String::new(),
            at: 0,
            line: 1,
            returned: false,
            bytes: 0,
        }
    }

    /// Reads the next row that is not an empty line; false at the end.
    ///
    /// # Errors
    /// `RowTooLong`, `TooManyColumns`, `UnclosedQuote`, and those of reading.
    pub fn next(&mut self, record: &mut Record) -> Result<bool, FileError> {
        record.begin(self.line);
        self.bytes = 0;
        let (mut at, mut opened) = (At::CellStart, 0);
        loop {
            let Some(byte) = self.peek()? else {
                return self.end(record, at, opened);
            };
            let quote = (at == At::Quoted).then_some(opened);
            match (at, byte) {
                (At::CellStart, b'"') => {
                    opened = self.line;
                    self.returned = false;
                    self.step(1);
                    at = At::Quoted;
                }
                (At::CellStart | At::Plain | At::Quote, b'\n') if self.swallows(record, at) => {
                    self.returned = false;
                    self.step(1);
                    record.begin(self.line);
                    self.bytes = 0;
                }
                (At::CellStart | At::Plain | At::Quote, b'\n' | b'\r') => {
                    let blank = at == At::CellStart && record.is_empty();
                    self.end_line(byte);
                    if !blank {
                        self.end_cell(record)?;
                        return Ok(true);
                    }
                    record.begin(self.line);
                    self.bytes = 0;
                }
                (At::CellStart | At::Plain | At::Quote, byte) if byte == self.delimiter => {
                    self.step(1);
                    self.end_cell(record)?;
                    at = At::CellStart;
                }
                (At::Quote, b'"') => {
                    record.push("\"");
                    self.step(1);
                    at = At::Quoted;
                }
                (At::CellStart | At::Plain | At::Quote, _) => {
                    let rest = &self.piece.as_bytes()[self.at..];
                    let run = memchr3(self.delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
                    self.take(record, run);
                    at = At::Plain;
                }
                (At::Quoted, b'"') => {
                    self.returned = false;
                    self.step(1);
                    at = At::Quote;
                }
                (At::Quoted, _) => {
                    let rest = &self.piece.as_bytes()[self.at..];
                    let run = memchr(b'"', rest).unwrap_or(rest.len());
                    self.count_lines(run);
                    self.take(record, run);
                }
            }
            if self.bytes > self.most_bytes {
                return Err(FileError::RowTooLong {
                    line: record.line(),
                    most: self.most_bytes,
                    quote,
                });
            }
        }
    }

    /// The byte at hand, from the next piece if need be.
    fn peek(&mut self) -> Result<Option<u8>, FileError> {
        if self.at == self.piece.len() {
            self.at = 0;
            if !self.text.next(&mut self.piece)? {
                return Ok(None);
            }
        }
        Ok(self.piece.as_bytes().get(self.at).copied())
    }

    fn end(&self, record: &mut Record, at: At, opened: u64) -> Result<bool, FileError> {
        match at {
            At::Quoted => Err(FileError::UnclosedQuote {
                line: record.line(),
                quote: opened,
            }),
            At::CellStart if record.is_empty() => Ok(false),
            At::CellStart | At::Plain | At::Quote => {
                self.end_cell(record)?;
                Ok(true)
            }
        }
    }

    /// The line feed after a carriage return that ended the row before.
    fn swallows(&self, record: &Record, at: At) -> bool {
        self.returned && at == At::CellStart && record.is_empty()
    }

    fn step(&mut self, bytes: usize) {
        self.at += bytes;
        self.bytes += bytes;
    }

    fn end_line(&mut self, byte: u8) {
        self.step(1);
        self.line += 1;
        self.returned = byte == b'\r';
    }

    /// Adds so many bytes to the cell that is open. They end before an ASCII character or with the piece.
    fn take(&mut self, record: &mut Record, run: usize) {
        record.push(&self.piece[self.at..self.at + run]);
        self.step(run);
    }

    /// Counts the lines that end in a quoted cell.
    fn count_lines(&mut self, run: usize) {
        let mut rest = &self.piece.as_bytes()[self.at..self.at + run];
        if self.returned && rest.first() == Some(&b'\n') {
            rest = &rest[1..];
        }
        self.returned = false;
        while let Some(at) = memchr2(b'\n', b'\r', rest) {
            self.line += 1;
            let pair = rest[at] == b'\r' && rest.get(at + 1) == Some(&b'\n');
            self.returned = rest[at] == b'\r' && at + 1 == rest.len();
            rest = &rest[at + 1 + usize::from(pair)..];
        }
    }

    /// Blank cells past the last column are dropped: spreadsheets write them by the hundred.
    fn end_cell(&self, record: &mut Record) -> Result<(), FileError> {
        if record.len() < self.most_columns {
            record.end_cell();
            return Ok(());
        }
        match record.open_is_empty() {
            true => Ok(()),
            false => Err(FileError::TooManyColumns {
                line: record.line(),
                most: self.most_columns,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Rows = Vec<(u64, Vec<String>)>;

    fn read(text: &[u8], delimiter: u8) -> Result<Rows, FileError> {
        read_within(text, delimiter, &Limits::default())
    }

    fn read_within(text: &[u8], delimiter: u8, limits: &Limits) -> Result<Rows, FileError> {
        let mut rows = Rows::new();
        let utf8 = Charset::named("utf-8")?;
        each(text, utf8, delimiter, false, limits, |record| {
            rows.push((record.line(), record.cells().map(str::to_owned).collect()));
            ControlFlow::Continue(())
        })?;
        Ok(rows)
    }

    fn lines(text: &str) -> Vec<u64> {
        read(text.as_bytes(), b',')
            .unwrap()
            .into_iter()
            .map(|row| row.0)
            .collect()
    }

    #[test]
    fn rows_have_the_line_of_the_file_whatever_ends_it() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "\"c", "d\",e", "", "f", ""].join(end);
            assert_eq!(lines(&text), [1, 3, 6], "{end:?}");
        }
        assert_eq!(lines("a\r\n\r\nb"), [1, 3]);
        assert_eq!(lines("\"a\r\n\nb\"\nc"), [1, 4]);
        assert_eq!(lines("\"a\r\"\nc"), [1, 3]);
    }

    #[test]
    fn quotes_hold_delimiters_lines_and_quotes() {
        let rows = read(b"\"a;b\";\"say \"\"hi\"\"\";\"x\ny\"z;p\"q\n", b';').unwrap();
        assert_eq!(rows[0].1, ["a;b", "say \"hi\"", "x\nyz", "p\"q"]);
        assert_eq!(read(b"a,b,\n,\n\"\"", b',').unwrap().len(), 3);
    }

    #[test]
    fn an_unclosed_quote_is_named_by_the_line_where_it_opened() {
        let why = read(b"a,b\n1,2\n3,\"x\ny\n4,5\n", b',').unwrap_err();
        assert!(
            matches!(why, FileError::UnclosedQuote { line: 3, quote: 3 }),
            "{why}"
        );
        let why = read(b"a\n\"x\n\",\"y\n", b',').unwrap_err();
        assert!(
            matches!(why, FileError::UnclosedQuote { line: 2, quote: 3 }),
            "{why}"
        );
        let limits = Limits {
            record: 1_000,
            ..Limits::default()
        };
        let long = format!("a\n\"x\n\",\"y\n{}", "z\n".repeat(1_000));
        let why = read_within(long.as_bytes(), b',', &limits).unwrap_err();
        assert!(
            matches!(
                why,
                FileError::RowTooLong {
                    line: 2,
                    quote: Some(3),
                    ..
                }
            ),
            "{why}"
        );
    }

    #[test]
    fn limits_hold_while_reading() {
        let limits = Limits {
            columns: 3,
            record: 20,
            ..Limits::default()
        };
        let within = |text: &str| read_within(text.as_bytes(), b',', &limits);
        assert_eq!(within("a,b,c,,,,,\n").unwrap()[0].1.len(), 3);
        assert!(matches!(
            within("a\nb,c,d,e"),
            Err(FileError::TooManyColumns { line: 2, most: 3 })
        ));
        assert!(matches!(
            within("a\n123456789012345678901\n"),
            Err(FileError::RowTooLong {
                line: 2,
                quote: None,
                ..
            })
        ));
        assert!(within("12345678901234567890\n").is_ok());
    }

    proptest! {
        #[test]
        fn it_splits_as_the_csv_crate_does(text in "[ab;\"\r\né]{0,40}", chunks in 1..9_usize) {
            let padded = text.repeat(chunks);
            let ours = match read(padded.as_bytes(), b';') {
                Err(FileError::UnclosedQuote { .. }) => return Ok(()),
                rows => rows.unwrap(),
            };
            let mut theirs = csv::ReaderBuilder::new();
            let theirs = theirs.has_headers(false).flexible(true).delimiter(b';').from_reader(padded.as_bytes()).into_records();
            let theirs: Vec<Vec<String>> = theirs.map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            prop_assert_eq!(ours.into_iter().map(|row| row.1).collect::<Vec<_>>(), theirs);
        }

        #[test]
        fn no_bytes_break_it_and_lines_go_up(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(rows) = read(&bytes, b',') {
                prop_assert!(rows.windows(2).all(|pair| pair[0].0 < pair[1].0));
            }
        }
    }
}
