//! The file of failed rows: as they were, with what is wrong with them, to be corrected and uploaded as it is.

use super::column::{ADDED, Meaning, is_added};
use super::export::{write_row, writer};
use super::fault::Fault;
use super::head::Head;
use super::rows::Record;
use crate::domain::text::cell::plain;
use csv::Writer;
use std::io::{self, Write};

/// Writes rows beside their faults. Columns that an earlier error file added are replaced by new ones.
pub struct ErrorFile<'h, W: Write> {
    writer: Writer<W>,
    head: &'h Head,
    /// The columns that are the file's own.
    own: Vec<usize>,
}

impl<'h, W: Write> ErrorFile<'h, W> {
    pub fn begin(out: W, head: &'h Head) -> io::Result<Self> {
        let columns = head.columns().enumerate();
        let own =
            columns.filter(|(_, (name, meaning))| *meaning != Meaning::ReadOnly || !is_added(name));
        let own: Vec<usize> = own.map(|(at, _)| at).collect();
        let mut writer = writer(out)?;
        let names = own.iter().map(|&at| head.names()[at].as_str());
        write_row(&mut writer, names.map(plain).chain(ADDED))?;
        Ok(Self { writer, head, own })
    }

    pub fn row(&mut self, record: &Record, faults: &[Fault]) -> io::Result<()> {
        let mut cells: Vec<String> = self
            .own
            .iter()
            .map(|&at| plain(record.cell(at).unwrap_or_default()).to_owned())
            .collect();
        cells.push(record.line().to_string());
        let columns = faults.iter().filter_map(|fault| fault.column);
        let columns: Vec<&str> = columns.map(|column| self.head.name_of(column)).collect();
        cells.push(columns.join("; "));
        let reasons: Vec<String> = faults.iter().map(said).collect();
        cells.push(reasons.join(" "));
        write_row(&mut self.writer, cells)
    }

    /// # Errors
    /// When the last of it could not be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// `phone: The phone number is too short. Write …`.
fn said(fault: &Fault) -> String {
    match fault.column {
        Some(column) => format!("{}: {} {}", column.word(), fault.reason, fault.fix),
        None => format!("{} {}", fault.reason, fault.fix),
    }
}
