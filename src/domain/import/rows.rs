//! A file as rows of cells, handed over one by one: nothing but the row at hand is in memory.

use super::Limits;
use super::detect::{Detected, Format};
use super::failure::FileError;
use super::{sheet, split};
use std::io::{Read, Seek};
use std::ops::ControlFlow;

/// One row as it stands in the file. Made once and filled again for each row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    line: u64,
    text: String,
    /// Where each cell ends in the text.
    ends: Vec<u32>,
}

impl Record {
    /// The line of the file, or of the sheet, in which the row begins.
    pub fn line(&self) -> u64 {
        self.line
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn cell(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let start = match at {
            0 => 0,
            at => *self.ends.get(at - 1)? as usize,
        };
        self.text.get(start..end)
    }

    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|at| self.cell(at))
    }

    /// Nothing in any cell.
    pub fn is_blank(&self) -> bool {
        self.cells().all(|cell| cell.trim().is_empty())
    }

    /// A row of these cells.
    pub fn from_cells<C: AsRef<str>>(line: u64, cells: impl IntoIterator<Item = C>) -> Self {
        let mut record = Self::default();
        record.begin(line);
        for cell in cells {
            record.push(cell.as_ref());
            record.end_cell();
        }
        record
    }

    pub(super) fn begin(&mut self, line: u64) {
        self.line = line;
        self.text.clear();
        self.ends.clear();
    }

    /// Adds to the cell that is open.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn end_cell(&mut self) {
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// The cell that is open has nothing in it yet.
    pub(super) fn open_is_empty(&self) -> bool {
        self.ends.last().copied().unwrap_or_default() as usize == self.text.len()
    }
}

/// Hands over every row below the head, in order, until `take` breaks.
///
/// # Errors
/// What the file's first pass did not see yet: limits, an unclosed quote, a workbook that breaks off.
pub fn each<R: Read + Seek>(
    file: R,
    detected: &Detected,
    limits: &Limits,
    mut take: impl FnMut(&Record) -> ControlFlow<()>,
) -> Result<(), FileError> {
    let head = detected.head.line;
    let mut rows = 0;
    let mut too_many = false;
    all(file, &detected.format, limits, |record| {
        if record.line() <= head {
            return ControlFlow::Continue(());
        }
        rows += 1;
        too_many = rows > limits.rows;
        match too_many {
            true => ControlFlow::Break(()),
            false => take(record),
        }
    })?;
    match too_many {
        true => Err(FileError::TooManyRows { most: limits.rows }),
        false => Ok(()),
    }
}

/// Every row that is not an empty line, titles and head too.
pub(super) fn all<R: Read + Seek>(
    file: R,
    format: &Format,
    limits: &Limits,
    take: impl FnMut(&Record) -> ControlFlow<()>,
) -> Result<(), FileError> {
    match format {
        Format::Text {
            charset,
            delimiter,
            named,
        } => split::each(file, *charset, *delimiter, *named, limits, take),
        Format::Book { sheet, .. } => sheet::each(file, sheet, limits, take),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_gives_its_cells_back() {
        let record = Record::from_cells(7, ["a", "", "आशा"]);
        assert_eq!(record.cells().collect::<Vec<_>>(), ["a", "", "आशा"]);
        assert_eq!((record.line(), record.len(), record.cell(3)), (7, 3, None));
        assert!(!record.is_blank() && Record::from_cells(1, ["", "\u{a0} "]).is_blank());
        assert!(Record::default().is_empty());
    }
}
