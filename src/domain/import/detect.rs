//! What a file is, by looking at it: text or workbook, encoding, delimiter, and where its head stands.

use super::Limits;
use super::decode::Decoded;
use super::encoding::{self, Charset, fill};
use super::failure::FileError;
use super::head::{Head, Mapping, known_in};
use super::rows::{self, Record};
use super::sheet::{self, SheetName};
use super::split::Splitter;
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

/// What a person says instead of what would be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub charset: Option<Charset>,
    /// One of [`DELIMITERS`], or another sign.
    pub delimiter: Option<u8>,
    /// A sheet of a workbook.
    pub sheet: Option<String>,
    /// The line in which the head stands.
    pub head: Option<u64>,
    pub mapping: Mapping,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    pub format: Format,
    pub head: Head,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    Text {
        charset: Charset,
        delimiter: u8,
        /// The first line, `sep=;`, names it.
        named: bool,
    },
    Book {
        sheet: String,
        sheets: Vec<SheetName>,
    },
}

/// Delimiters that are looked for, in this order.
pub const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The head is among so many rows, titles included.
const ROWS_LOOKED_AT: usize = 20;
/// So much text is looked at to find the delimiter.
const SAMPLE: usize = 64 << 10;

/// Looks at a file. The whole of a text is read once, since its encoding may show in the last row.
///
/// # Errors
/// What makes the file unreadable. A head that says nothing is not among it, and neither is one that is not there
/// where another line or another sheet can be chosen: see [`Head::ready`].
pub fn detect<R: Read + Seek>(
    mut file: R,
    asked: &Asked,
    limits: &Limits,
) -> Result<Detected, FileError> {
    let mut begin = [0; 512];
    let read = fill(&mut file, &mut begin)?;
    file.seek(SeekFrom::Start(0))?;
    let format = match kind(&begin[..read])? {
        Kind::Book => book(&mut file, asked, limits)?,
        Kind::Text => text(&mut file, asked, limits)?,
    };
    file.seek(SeekFrom::Start(0))?;
    let head = head(file, &format, asked, limits)?;
    Ok(Detected { format, head })
}

enum Kind {
    Text,
    Book,
}

/// By content: what a file is called says nothing.
fn kind(begin: &[u8]) -> Result<Kind, FileError> {
    let not_text = |what| Err(FileError::NotText { what });
    let begins = |with: &[u8]| begin.starts_with(with);
    if begin.is_empty() {
        return Err(FileError::Empty);
    }
    if begins(b"PK\x03\x04") || begins(b"PK\x05\x06") {
        return Ok(Kind::Book);
    }
    if begins(b"\xd0\xcf\x11\xe0") {
        return not_text("This is an old Excel workbook (.xls), or one with a password.");
    }
    if begins(b"\xff\xfe\0\0") || begins(b"\0\0\xfe\xff") {
        return not_text("This is text in UTF-32.");
    }
    if begins(b"%PDF") {
        return not_text("This is a PDF.");
    }
    if begins(b"\x1f\x8b") || begins(b"7z\xbc\xaf") || begins(b"Rar!") {
        return not_text("This is a packed archive.");
    }
    // A sign-in page that a script saved as its export, and exports that call themselves .xls and are none.
    let text = String::from_utf8_lossy(begin).to_ascii_lowercase();
    let text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    const WEB: [&str; 6] = [
        "<!doctype html",
        "<html",
        "<table",
        "<head",
        "<body",
        "<meta",
    ];
    if WEB.iter().any(|tag| text.starts_with(tag)) {
        return not_text("This is a web page, whatever it is called.");
    }
    if text.starts_with("<?xml") {
        return not_text("This is XML.");
    }
    if is_json(text) {
        return not_text("This is JSON.");
    }
    let signs = begin
        .iter()
        .filter(|b| matches!(b, 1..=8 | 14..=31 | 127))
        .count();
    if begins(b"\x89PNG") || begins(b"\xff\xd8\xff") || signs * 10 > begin.len() {
        return not_text("This is no text.");
    }
    Ok(Kind::Text)
}

/// An object, or a list of objects or lists: no head begins like that.
fn is_json(text: &str) -> bool {
    let mut signs = text.chars().filter(|c| !c.is_whitespace());
    matches!(
        (signs.next(), signs.next()),
        (Some('{'), Some('"')) | (Some('['), Some('{' | '['))
    )
}

fn book<R: Read + Seek>(file: &mut R, asked: &Asked, limits: &Limits) -> Result<Format, FileError> {
    let sheets = sheet::names(file, limits)?;
    let wanted = match &asked.sheet {
        Some(name) => sheets.iter().find(|sheet| sheet.name == *name),
        None => first_with_cells(file, &sheets, limits)?,
    };
    let sheet = match (wanted, &asked.sheet) {
        (Some(sheet), _) => sheet.name.clone(),
        (None, Some(name)) => return Err(FileError::NoSuchSheet(super::short(name))),
        (None, None) => return Err(FileError::NoSheet),
    };
    Ok(Format::Book { sheet, sheets })
}

/// The first sheet that is shown and has something in it. Where none has, the first one: whoever uploaded the book is
/// told that it is empty, and can choose a hidden one.
fn first_with_cells<'s, R: Read + Seek>(
    file: &mut R,
    sheets: &'s [SheetName],
    limits: &Limits,
) -> Result<Option<&'s SheetName>, FileError> {
    let shown = || sheets.iter().filter(|sheet| sheet.visible);
    for sheet in shown() {
        if sheet::has_cells(&mut *file, &sheet.name, limits)? {
            return Ok(Some(sheet));
        }
    }
    Ok(shown().next().or(sheets.first()))
}

fn text<R: Read + Seek>(file: &mut R, asked: &Asked, limits: &Limits) -> Result<Format, FileError> {
    let found = encoding::detect(&mut *file, limits.bytes)?;
    let charset = asked.charset.unwrap_or(found);
    file.seek(SeekFrom::Start(0))?;
    let (sample, cut) = sample(file, charset, limits)?;
    if sample.chars().filter(|c| *c == '\0').count() * 4 > sample.len() {
        return Err(FileError::NotText {
            what: "This is no text.",
        });
    }
    if asked.delimiter.is_some_and(|sign| !may_delimit(sign)) {
        return Err(FileError::BadDelimiter);
    }
    let named = named(&sample);
    let delimiter = asked.delimiter.or(named).unwrap_or_else(|| {
        let tried = DELIMITERS.map(|d| (score(&sample, cut, d, &asked.mapping, limits), d));
        // The first of equals, so that a file of one column is one of commas.
        let best = tried.iter().rev().max_by_key(|(score, _)| *score);
        best.map_or(b',', |(_, delimiter)| *delimiter)
    });
    Ok(Format::Text {
        charset,
        delimiter,
        named: named.is_some(),
    })
}

/// The begin of the text, and whether more follows.
fn sample(file: impl Read, charset: Charset, limits: &Limits) -> Result<(String, bool), FileError> {
    let mut decoded = Decoded::new(file, charset, limits.bytes);
    let (mut sample, mut piece) = (String::new(), String::new());
    while sample.len() < SAMPLE {
        if !decoded.next(&mut piece)? {
            return Ok((sample, false));
        }
        sample.push_str(&piece);
    }
    Ok((sample, true))
}

/// The delimiter that a first line `sep=;` names, with quotes around it or without.
fn named(sample: &str) -> Option<u8> {
    let first = sample.split(['\n', '\r']).next()?;
    let bare = first.strip_prefix('"').unwrap_or(first);
    let (name, rest) = bare.split_at_checked(4)?;
    let sign = rest.bytes().next()?;
    let after = rest
        .get(1..)?
        .trim_start_matches('"')
        .trim_end_matches([',', ';', '\t']);
    let fits = may_delimit(sign) && sign != b' ';
    (name.eq_ignore_ascii_case("sep=") && fits && after.is_empty()).then_some(sign)
}

/// A byte that is a sign by itself and no part of a value.
fn may_delimit(sign: u8) -> bool {
    matches!(sign, b'\t' | b' ') || (sign.is_ascii_punctuation() && sign != b'"')
}

/// How well a delimiter fits: heads that are known, rows in a hundred that have as many cells as most, cells.
type Score = (usize, usize, usize);

fn score(sample: &str, cut: bool, delimiter: u8, mapping: &Mapping, limits: &Limits) -> Score {
    let utf8 = Charset {
        encoding: encoding_rs::UTF_8,
        known: encoding::KnownBy::Valid,
    };
    let text = Decoded::new(sample.as_bytes(), utf8, u64::MAX);
    // A wrong delimiter may find any number of cells.
    let limits = Limits {
        columns: usize::MAX,
        ..*limits
    };
    let mut splitter = Splitter::new(text, delimiter, &limits);
    let (mut record, mut widths) = (Record::default(), Vec::new());
    let mut known = 0;
    // What can't be read ends the looking: reading the file in earnest says so.
    while widths.len() < ROWS_LOOKED_AT && matches!(splitter.next(&mut record), Ok(true)) {
        known = known.max(known_in(&record, mapping));
        widths.push(record.len());
    }
    if cut && widths.len() < ROWS_LOOKED_AT {
        widths.pop();
    }
    let mut often: BTreeMap<usize, usize> = BTreeMap::new();
    for width in &widths {
        *often.entry(*width).or_default() += 1;
    }
    let most = often
        .into_iter()
        .max_by_key(|(width, times)| (*times, *width));
    match most {
        Some((width @ 2.., times)) => (known, times * 100 / widths.len().max(1), width),
        Some((_, _)) | None => (known, 0, 1),
    }
}

/// The row in which most names of columns are known; the first one that is not blank where none are.
fn head<R: Read + Seek>(
    file: R,
    format: &Format,
    asked: &Asked,
    limits: &Limits,
) -> Result<Head, FileError> {
    let (mut looked_at, mut best) = (0, None::<(usize, Record)>);
    rows::all(file, format, limits, |record| {
        if let Some(line) = asked.head {
            if record.line() < line {
                return ControlFlow::Continue(());
            }
            best = Some((0, record.clone()));
            return ControlFlow::Break(());
        }
        let known = known_in(record, &asked.mapping);
        let better = match &best {
            None => !record.is_blank(),
            // One known word is not enough to pass a row over for: a title may be "Agents".
            Some((most, _)) => known > *most && known >= 2,
        };
        if better {
            best = Some((known, record.clone()));
        }
        looked_at += 1;
        match looked_at < ROWS_LOOKED_AT {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    })?;
    match (best, asked.head, format) {
        (Some((_, record)), ..) => Ok(Head::read(&record, &asked.mapping)),
        (None, None, Format::Text { .. }) => Err(FileError::Empty),
        // The file can be read all the same, once another line or sheet is chosen.
        (None, line, Format::Text { .. } | Format::Book { .. }) => {
            Ok(Head::missing(line.unwrap_or(0)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn look(text: &[u8]) -> Result<Detected, FileError> {
        detect(Cursor::new(text), &Asked::default(), &Limits::default())
    }

    fn delimiter(text: &str) -> (char, u64) {
        let detected = look(text.as_bytes()).unwrap();
        match detected.format {
            Format::Text { delimiter, .. } => (delimiter.into(), detected.head.line),
            Format::Book { .. } => panic!("a book"),
        }
    }

    #[test]
    fn a_delimiter_is_found_by_known_heads_then_by_consistency() {
        for (text, found) in [
            ("login_id,name\na,b\n", (',', 1)),
            ("login_id;name\nasha.rao;\"Rao, Asha\"\n", (';', 1)),
            ("login_id\tname\n", ('\t', 1)),
            ("login_id|name\n", ('|', 1)),
            ("login_id,agent_groups\na,x|y|z\nb,x|y|z\n", (',', 1)),
            ("foo;bar\n1,5;2,5\n3,5;4,5\n", (';', 1)),
            ("login_id\nasha.rao\n", (',', 1)),
            ("sep=;\nlogin_id;name\n", (';', 2)),
            ("\"sep=|\"\r\nlogin_id|name\r\n", ('|', 2)),
            ("sep=,\r\nlogin_id,name\r\n", (',', 2)),
            (
                "Agents of Pune,,\n\nprinted 1 Nov,,\nlogin_id,name,phone\n",
                (',', 4),
            ),
        ] {
            assert_eq!(delimiter(text), found, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_said_by_content() {
        for bytes in [
            &b"%PDF-1.7"[..],
            b"\x89PNG\r\n",
            b"\x1f\x8b\x08",
            b"\xd0\xcf\x11\xe0",
            b"\xff\xfe\0\0a\0\0\0",
            b"\xef\xbb\xbf\r\n<HTML xmlns:x=\"urn:x\"><table><tr><td>login_id",
            b"<table><tr><th>login_id</th>",
            b"<?xml version=\"1.0\"?><Workbook>",
            b"[\n  {\"login_id\": \"asha.rao\"}]",
            b"{ \"users\": [] }",
            &[1; 400],
        ] {
            assert!(
                matches!(look(bytes), Err(FileError::NotText { .. })),
                "{bytes:?}"
            );
        }
        assert!(matches!(look(b""), Err(FileError::Empty)));
        assert!(matches!(look(b"\n\n\r\n"), Err(FileError::Empty)));
        assert!(matches!(
            look(b"PK\x03\x04junk"),
            Err(FileError::Book { .. })
        ));
    }

    #[test]
    fn letters_quotes_and_halves_of_signs_stand_in_no_place_between_cells() {
        for sign in 0..=u8::MAX {
            let asked = Asked {
                delimiter: Some(sign),
                ..Asked::default()
            };
            let text = "login_id,name\nasha.rao,Zoë\u{feff}\n";
            let found = detect(Cursor::new(text), &asked, &Limits::default());
            let refused = matches!(found, Err(FileError::BadDelimiter));
            assert_eq!(refused, !may_delimit(sign), "{sign}: {found:?}");
        }
        assert!(may_delimit(b'/') && !may_delimit(b'"') && !may_delimit(0xbf));
    }

    #[test]
    fn a_head_can_be_chosen() {
        let asked = Asked {
            head: Some(3),
            ..Asked::default()
        };
        let text = "login_id,name\na,b\nfoo,bar\n";
        let detected = detect(Cursor::new(text), &asked, &Limits::default()).unwrap();
        assert_eq!(
            (detected.head.line, detected.head.names()),
            (3, &["foo".to_owned(), "bar".to_owned()][..])
        );
    }
}
