//! The file of failed rows: as they were, with what was decided for them (see [`Completion`]) and what is wrong with
//! them, to be corrected and uploaded as it is.

use super::column::{ADDED, Column, Meaning, is_added};
use super::complete::Completion;
use super::export::{write_row, writer};
use super::fault::{Fault, told};
use super::head::Head;
use super::plan::Newcomer;
use super::rows::Record;
use crate::domain::text::cell::plain;
use csv::Writer;
use std::io::{self, Write};

/// Writes rows beside their faults. Columns that an earlier error file added are replaced by new ones.
pub struct ErrorFile<'h, W: Write> {
    writer: Writer<W>,
    head: &'h Head,
    /// The columns that are the file's own, each with what it means.
    own: Vec<(usize, Option<Column>)>,
    completion: &'h Completion<'h>,
}

impl<'h, W: Write> ErrorFile<'h, W> {
    pub fn begin(out: W, head: &'h Head, completion: &'h Completion<'h>) -> io::Result<Self> {
        let columns = head.columns().enumerate();
        let own =
            columns.filter(|(_, (name, meaning))| *meaning != Meaning::ReadOnly || !is_added(name));
        let meant = |meaning| match meaning {
            Meaning::Column(column) => Some(column),
            Meaning::ReadOnly | Meaning::Unnamed | Meaning::Unknown | Meaning::Ignored => None,
        };
        let own = own.map(|(at, (_, meaning))| (at, meant(meaning)));
        let own: Vec<(usize, Option<Column>)> = own.collect();
        let mut writer = writer(out)?;
        let names = own.iter().map(|(at, _)| plain(&head.names()[*at]));
        let names: Vec<&str> = names.chain(completion.heads()).chain(ADDED).collect();
        write_row(&mut writer, names)?;
        Ok(Self {
            writer,
            head,
            own,
            completion,
        })
    }

    /// `newcomer`: whom the row would make, see [`super::Planned::newcomer`].
    pub fn row(
        &mut self,
        record: &Record,
        newcomer: Option<Newcomer>,
        faults: &[Fault],
    ) -> io::Result<()> {
        let completion = self.completion;
        let own = self.own.iter().map(|&(at, column)| {
            let raw = record.cell(at).unwrap_or_default();
            let cell = column.map_or(raw.into(), |column| completion.cell(column, raw, newcomer));
            plain(&cell).to_owned()
        });
        let added = completion.cells(newcomer).map(|cell| cell.into_owned());
        let mut cells: Vec<String> = own.chain(added).collect();
        cells.push(record.line().to_string());
        let columns = faults.iter().filter_map(|fault| fault.column);
        let columns: Vec<&str> = columns.map(|column| self.head.name_of(column)).collect();
        cells.push(columns.join("; "));
        let told = told(faults);
        let reasons = told.iter().map(|(columns, fault)| said(columns, fault));
        let reasons: Vec<String> = reasons.collect();
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
fn said(columns: &[Column], fault: &Fault) -> String {
    let words: Vec<&str> = columns.iter().map(|column| column.word()).collect();
    match words.is_empty() {
        false => format!("{}: {} {}", words.join(", "), fault.reason, fault.fix),
        true => format!("{} {}", fault.reason, fault.fix),
    }
}
