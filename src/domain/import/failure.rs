//! Why a file can't be read at all, as it is said to whoever uploaded it.

use std::io;

/// Nothing can be planned from this file: what is wrong, where, and how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("The file is empty.")]
    Empty,
    #[error("There is nothing in the sheet. If the workbook has another, choose that.")]
    EmptySheet,
    #[error(
        "There is no header in line {line}: choose another line, or none, so that it is looked for."
    )]
    NoSuchLine { line: u64 },
    #[error("The file is larger than {}: split it, or raise the limit in the settings.", size(*.most))]
    TooLarge { most: u64 },
    #[error("The file has more than {most} rows below its head: split it.")]
    TooManyRows { most: u64 },
    #[error("Line {line} has more than {most} columns.")]
    TooManyColumns { line: u64, most: usize },
    #[error(
        "The row that begins in line {line} is longer than {}{}", size(*.most as u64), after_quote(*.quote)
    )]
    RowTooLong {
        line: u64,
        most: usize,
        /// Where the quote opened that the row stands in.
        quote: Option<u64>,
    },
    #[error(
        "A quote (\") that opens in line {quote} is never closed, so everything after it would be one cell. Close it there, or write two quotes for one that belongs to the text."
    )]
    UnclosedQuote {
        /// Where the row begins.
        line: u64,
        quote: u64,
    },
    #[error("{what} Save it as “CSV UTF-8” or as an Excel workbook (.xlsx) and upload that.")]
    NotText { what: &'static str },
    #[error("There is no encoding called “{0}”.")]
    UnknownEncoding(String),
    #[error(
        "What stands between cells is a comma, a semicolon, a tab, a bar or another sign: no letter, no digit, no quote."
    )]
    BadDelimiter,
    #[error("The columns “{first}” and “{second}” in line {line} {}", same(*.column))]
    DuplicateHead {
        line: u64,
        first: String,
        second: String,
        /// What both mean; none when they only have the same name.
        column: Option<&'static str>,
    },
    #[error(
        "Nothing says what is in these columns: {}. Choose what each means, or say that they are to be ignored.", list(.0)
    )]
    UnknownColumns(Vec<String>),
    #[error(
        "No column tells the rows apart: one of login_id, employee_id, email, agent_id or current_login_id is needed. The columns found in line {line} are: {}.", list(.found)
    )]
    NoKey { line: u64, found: Vec<String> },
    #[error("The workbook has no sheet called “{0}”.")]
    NoSuchSheet(String),
    #[error("The workbook has no sheet with cells.")]
    NoSheet,
    #[error("Unpacked, the workbook is larger than {}: save the sheet as CSV and upload that.", size(*.most))]
    Unpacked { most: u64 },
    #[error("A cell of the workbook is longer than {}.", size(*.most as u64))]
    LongCell { most: usize },
    #[error(
        "The workbook can’t be read: {why}. Open it in a spreadsheet, save it again as .xlsx, and upload that."
    )]
    Book {
        why: String,
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    #[error("The file could not be read to its end.")]
    Io(#[from] io::Error),
}

impl FileError {
    /// The line of the file that it is about.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::TooManyColumns { line, .. }
            | Self::DuplicateHead { line, .. }
            | Self::NoKey { line, .. }
            | Self::NoSuchLine { line } => Some(*line),
            Self::RowTooLong { line, quote, .. } => Some(quote.unwrap_or(*line)),
            Self::UnclosedQuote { quote, .. } => Some(*quote),
            Self::Empty
            | Self::EmptySheet
            | Self::TooLarge { .. }
            | Self::TooManyRows { .. }
            | Self::NotText { .. }
            | Self::UnknownEncoding(_)
            | Self::BadDelimiter
            | Self::UnknownColumns(_)
            | Self::NoSuchSheet(_)
            | Self::NoSheet
            | Self::Unpacked { .. }
            | Self::LongCell { .. }
            | Self::Book { .. }
            | Self::Io(_) => None,
        }
    }

    /// The file is fine; it could not be fetched from where it lies.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Io(_))
    }
}

/// `25 MiB`, `64 KiB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

fn after_quote(quote: Option<u64>) -> String {
    match quote {
        Some(line) => format!(", since a quote (\") that opens in line {line} is not closed."),
        None => ".".to_owned(),
    }
}

fn same(column: Option<&str>) -> String {
    match column {
        Some(column) => format!("both mean {column}. Take one of them out, or say what it means."),
        None => "have the same name. Take one of them out, or rename it.".to_owned(),
    }
}

fn list(names: &[String]) -> String {
    let named: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
    named.join(", ")
}
