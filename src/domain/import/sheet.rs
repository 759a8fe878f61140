//! A sheet of a workbook as rows of cells.
//!
//! A number stays the digits it has, a date is written as one (no cell of ours is a date, so that it is found),
//! and an error is its name.

use super::Limits;
use super::failure::FileError;
use super::rows::Record;
use super::weigh::weigh;
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use std::borrow::Cow;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A sheet that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetName {
    pub name: String,
    pub visible: bool,
}

/// The sheets with cells, in the book's order.
///
/// # Errors
/// `TooLarge`, `Unpacked`, `Book`.
pub(super) fn names<R: Read + Seek>(
    file: &mut R,
    limits: &Limits,
) -> Result<Vec<SheetName>, FileError> {
    let size = file.seek(SeekFrom::End(0))?;
    if size > limits.bytes {
        return Err(FileError::TooLarge { most: limits.bytes });
    }
    weigh(file, limits)?;
    file.seek(SeekFrom::Start(0))?;
    let book = open(file)?;
    let sheets = book.sheets_metadata().iter();
    let sheets = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet);
    Ok(sheets
        .map(|sheet| SheetName {
            name: sheet.name.clone(),
            visible: sheet.visible == SheetVisible::Visible,
        })
        .collect())
}

/// Hands over every row with cells. The book was weighed when its sheets were read.
pub(super) fn each<R: Read + Seek>(
    mut file: R,
    sheet: &str,
    limits: &Limits,
    mut take: impl FnMut(&Record) -> ControlFlow<()>,
) -> Result<(), FileError> {
    file.seek(SeekFrom::Start(0))?;
    let mut book = open(file)?;
    let mut cells = guarded(|| book.worksheet_cells_reader(sheet))?;
    let mut row = Row::default();
    loop {
        let cell = guarded(|| cells.next_cell())?;
        let at = cell.as_ref().map(calamine::Cell::get_position);
        if let Some((line, _)) = at {
            row.goes_on_at(line)?;
        }
        if at.is_none_or(|(line, _)| row.is_done_at(line)) {
            if row.write() && take(&row.record).is_break() {
                return Ok(());
            }
            row.begin(at.map_or(0, |(line, _)| line));
        }
        let (Some(cell), Some((line, column))) = (cell, at) else {
            return Ok(());
        };
        row.put(line, column, text(cell.get_value()), limits)?;
    }
}

/// Whether anything stands in a sheet; what can't be read is told when it is read in earnest.
pub(super) fn has_cells<R: Read + Seek>(
    file: R,
    sheet: &str,
    limits: &Limits,
) -> Result<bool, FileError> {
    let mut found = false;
    let read = each(file, sheet, limits, |record| {
        found = !record.is_blank();
        match found {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    match read {
        Ok(()) => Ok(found),
        Err(error) if error.is_ours() => Err(error),
        Err(_) => Ok(true),
    }
}

/// Cells of one line, by column.
#[derive(Default)]
struct Row {
    line: u32,
    cells: Vec<String>,
    record: Record,
    bytes: usize,
}

impl Row {
    /// Spreadsheets write lines in their order, and nobody could tell which of two lines 4 an error is in.
    fn goes_on_at(&self, line: u32) -> Result<(), FileError> {
        match line < self.line {
            true => Err(FileError::Book {
                why: format!("its line {} comes after a later one", u64::from(line) + 1),
                source: None,
            }),
            false => Ok(()),
        }
    }

    fn is_done_at(&self, line: u32) -> bool {
        line != self.line && !self.cells.is_empty()
    }

    fn begin(&mut self, line: u32) {
        self.line = line;
        self.cells.clear();
        self.bytes = 0;
    }

    fn put(
        &mut self,
        line: u32,
        column: u32,
        text: Cow<'_, str>,
        limits: &Limits,
    ) -> Result<(), FileError> {
        if text.is_empty() {
            return Ok(());
        }
        let shown = u64::from(line) + 1;
        let column = column as usize;
        self.line = line;
        if column >= limits.columns {
            return Err(FileError::TooManyColumns {
                line: shown,
                most: limits.columns,
            });
        }
        self.bytes += text.len();
        if self.bytes > limits.record {
            return Err(FileError::RowTooLong {
                line: shown,
                most: limits.record,
                quote: None,
            });
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text.into_owned();
        Ok(())
    }

    /// Makes the record; false for a line without cells.
    fn write(&mut self) -> bool {
        self.record.begin(u64::from(self.line) + 1);
        for cell in &self.cells {
            self.record.push(cell);
            self.record.end_cell();
        }
        !self.cells.is_empty()
    }
}

fn text<'c>(cell: &'c DataRef<'_>) -> Cow<'c, str> {
    match cell {
        DataRef::String(text) => text.as_str().into(),
        DataRef::SharedString(text) => (*text).into(),
        DataRef::Int(number) => number.to_string().into(),
        DataRef::Float(number) => digits(*number).into(),
        DataRef::Bool(true) => "yes".into(),
        DataRef::Bool(false) => "no".into(),
        DataRef::DateTime(at) => date(at).into(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.as_str().into(),
        DataRef::Error(error) => error.to_string().into(),
        DataRef::Empty => "".into(),
    }
}

/// All digits of a whole number as far as a spreadsheet keeps them, 15; beyond, as it shows it: digits are lost.
fn digits(number: f64) -> String {
    const KEPT: f64 = 1e15;
    match number.abs() < KEPT {
        true => format!("{number}"),
        false => format!("{number:.5E}").replace('E', "E+"),
    }
}

fn date(at: &ExcelDateTime) -> String {
    if at.is_duration() {
        return digits(at.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    match (hour, minute, second) {
        (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
    }
}

fn open<R: Read + Seek>(file: R) -> Result<Xlsx<R>, FileError> {
    guarded(|| Xlsx::new(file))
}

/// A book that was made to break its reader breaks its own upload, and nothing else.
fn guarded<T>(read: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, FileError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| broken("it is not what a workbook should be", error)),
        Err(_) => Err(FileError::Book {
            why: "it is not what a workbook should be".to_owned(),
            source: None,
        }),
    }
}

pub(super) fn broken(
    why: &str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> FileError {
    FileError::Book {
        why: why.to_owned(),
        source: Some(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_digits_that_they_have() {
        for (number, text) in [
            (919_876_543_210.0, "919876543210"),
            (42.0, "42"),
            (-0.5, "-0.5"),
            (1e15, "1.00000E+15"),
            (9.19877e20, "9.19877E+20"),
        ] {
            assert_eq!(digits(number), text);
        }
    }
}
