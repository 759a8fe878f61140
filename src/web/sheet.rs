//! Tables as files: workbooks and CSV, row by row, so that nothing large is held in memory.

use crate::domain::text::cell::neutral;
use crate::web::download::BodyWriter;
use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet};
use std::io::{self, Write};

/// The longest text that a cell of a workbook holds.
const LONGEST: usize = 32_767;

pub enum Cell {
    Text(String),
    Number(i64),
}

/// A workbook's first sheet; the second says what it is.
pub struct Book {
    pub name: &'static str,
    pub head: Vec<String>,
    /// Columns that stay in sight.
    pub frozen: u16,
    /// Columns that hold long texts.
    pub wide: &'static [u16],
    pub about: Vec<(&'static str, Cell)>,
}

/// Takes a row.
pub type TakeRow<'a> = &'a mut dyn FnMut(Vec<Cell>) -> io::Result<()>;

/// Two sheets: the rows, and what they are. Rows go to a file of the system's as they are made.
pub fn xlsx(
    book: &Book,
    rows: impl FnOnce(TakeRow<'_>) -> io::Result<()>,
    body: &mut BodyWriter,
) -> io::Result<()> {
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold().set_align(FormatAlign::Top);
    let sheet = workbook
        .add_worksheet_with_constant_memory()
        .map_err(broken)?;
    sheet.set_name(book.name).map_err(broken)?;
    sheet.set_freeze_panes(1, book.frozen).map_err(broken)?;
    for (column, name) in (0..).zip(&book.head) {
        let width = if book.wide.contains(&column) { 28 } else { 17 };
        sheet.set_column_width(column, width).map_err(broken)?;
        sheet
            .write_string_with_format(0, column, name, &bold)
            .map_err(broken)?;
    }
    let mut line = 0;
    rows(&mut |cells| {
        line += 1;
        for (column, cell) in (0..).zip(cells) {
            write(sheet, line, column, &cell)?;
        }
        Ok(())
    })?;
    let sheet = workbook.add_worksheet();
    sheet.set_name("About").map_err(broken)?;
    sheet.set_column_width(0, 22).map_err(broken)?;
    sheet.set_column_width(1, 60).map_err(broken)?;
    for (line, (name, value)) in (0..).zip(&book.about) {
        sheet
            .write_string_with_format(line, 0, *name, &bold)
            .map_err(broken)?;
        write(sheet, line, 1, value)?;
    }
    workbook.save_to_writer(&mut *body).map_err(broken)
}

fn write(sheet: &mut Worksheet, line: u32, column: u16, cell: &Cell) -> io::Result<()> {
    match cell {
        Cell::Text(text) if text.is_empty() => return Ok(()),
        // A text cell keeps zeros and `+`, and never runs.
        Cell::Text(text) => sheet.write_string(line, column, shortened(text)),
        Cell::Number(number) => sheet.write_number(line, column, *number as f64),
    }
    .map(|_| ())
    .map_err(broken)
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// Begins a file with a byte order mark, so that spreadsheets read any script.
pub fn csv_writer<W: Write>(mut out: W) -> io::Result<Writer<W>> {
    out.write_all("\u{feff}".as_bytes())?;
    Ok(WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .from_writer(out))
}

/// The rows as CSV; what a spreadsheet would run as a formula is neutralised.
pub fn csv(
    head: &[String],
    rows: impl FnOnce(TakeRow<'_>) -> io::Result<()>,
    body: &mut BodyWriter,
) -> io::Result<()> {
    let mut writer = csv_writer(body)?;
    writer.write_record(head).map_err(broken)?;
    rows(&mut |cells| {
        let cells = cells.iter().map(|cell| match cell {
            Cell::Text(text) => neutral(text).into_owned(),
            Cell::Number(number) => number.to_string(),
        });
        writer.write_record(cells).map_err(io::Error::from)
    })?;
    writer.flush()
}

/// A fault of the writer of files.
pub fn broken(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}
