//! Writes the table as XLSX or as CSV, row by row.

use super::about::About;
use super::broken;
use super::table::{Cell, Table};
use crate::domain::text::cell::neutral;
use crate::web::download::BodyWriter;
use csv::{QuoteStyle, Terminator, WriterBuilder};
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet};
use std::io::{self, Write};

/// The longest text that a cell of a workbook holds.
const LONGEST: usize = 32_767;

/// Two sheets: the rows, and what they are. Rows go to a file of the system's as they are made.
pub fn xlsx(table: &Table, about: &About, body: &mut BodyWriter) -> io::Result<()> {
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold().set_align(FormatAlign::Top);
    let sheet = workbook
        .add_worksheet_with_constant_memory()
        .map_err(broken)?;
    sheet.set_name("Agents").map_err(broken)?;
    sheet.set_freeze_panes(1, 2).map_err(broken)?;
    let head = table.head();
    for (column, name) in (0..).zip(&head) {
        let width = if column == 1 || column == 16 { 28 } else { 17 };
        sheet.set_column_width(column, width).map_err(broken)?;
        sheet
            .write_string_with_format(0, column, name, &bold)
            .map_err(broken)?;
    }
    let mut line = 0;
    table.each(|cells| {
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
    for (line, (name, value)) in (0..).zip(about.lines()) {
        sheet
            .write_string_with_format(line, 0, name, &bold)
            .map_err(broken)?;
        write(sheet, line, 1, &value)?;
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

/// With a byte order mark, so that spreadsheets read any script.
pub fn csv(table: &Table, body: &mut BodyWriter) -> io::Result<()> {
    body.write_all("\u{feff}".as_bytes())?;
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .from_writer(body);
    writer.write_record(table.head()).map_err(broken)?;
    table.each(|cells| {
        let cells = cells.iter().map(|cell| match cell {
            Cell::Text(text) => neutral(text).into_owned(),
            Cell::Number(number) => number.to_string(),
        });
        writer.write_record(cells).map_err(io::Error::from)
    })?;
    writer.flush()
}
