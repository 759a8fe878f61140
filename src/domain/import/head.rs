//! The head of a file: which column means what, with what a person chose by hand.

use super::column::{CALL_FORWARD, Column, Meaning, folded};
use super::failure::FileError;
use super::rows::Record;
use super::short;
use std::collections::BTreeMap;

/// What a person says a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Column(Column),
    Ignore,
}

/// Choices by the folded name of the head, so that they fit the next file with the same head too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    chosen: BTreeMap<String, Choice>,
    /// Columns that nothing is known of are ignored.
    pub ignore_unknown: bool,
}

impl Mapping {
    pub fn choose(&mut self, name: &str, choice: Choice) {
        self.chosen.insert(folded(name), choice);
    }

    pub fn chosen(&self) -> impl Iterator<Item = (&str, Choice)> {
        self.chosen
            .iter()
            .map(|(name, choice)| (name.as_str(), *choice))
    }

    fn of(&self, name: &str) -> Option<Choice> {
        self.chosen.get(&folded(name)).copied()
    }

    /// What a name says, with what was chosen for it.
    pub(super) fn meaning(&self, name: &str) -> Meaning {
        match (self.of(name), Meaning::of(name)) {
            (Some(Choice::Column(column)), _) => Meaning::Column(column),
            (Some(Choice::Ignore), Meaning::Unnamed) => Meaning::Unnamed,
            (Some(Choice::Ignore), _) => Meaning::Ignored,
            (None, meaning) => meaning,
        }
    }
}

/// The columns of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The line of the file that it stands in.
    pub line: u64,
    names: Vec<String>,
    meanings: Vec<Meaning>,
    at: [Option<u16>; Column::COUNT],
}

impl Head {
    /// # Errors
    /// `DuplicateHead` for two columns with one name or one meaning.
    pub fn read(record: &Record, mapping: &Mapping) -> Result<Self, FileError> {
        let mut names: Vec<String> = record.cells().map(|name| name.trim().to_owned()).collect();
        // Spreadsheets write blank cells at the end of a line, and some write hundreds.
        let filled = names.iter().rposition(|name| !name.is_empty());
        names.truncate(filled.map_or(0, |last| last + 1));
        let meanings = meanings(&names, mapping);
        let mut head = Self {
            line: record.line(),
            names,
            meanings,
            at: [None; Column::COUNT],
        };
        head.refuse_duplicates()?;
        for (at, meaning) in (0..).zip(&head.meanings) {
            if let Meaning::Column(column) = meaning {
                head.at[*column as usize] = Some(at);
            }
        }
        Ok(head)
    }

    fn refuse_duplicates(&self) -> Result<(), FileError> {
        let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
        let mut by_column: BTreeMap<Column, usize> = BTreeMap::new();
        for (at, (name, meaning)) in self.names.iter().zip(&self.meanings).enumerate() {
            let duplicate = |first: usize, column| FileError::DuplicateHead {
                line: self.line,
                first: short(&self.names[first]),
                second: short(name),
                column,
            };
            if let Meaning::Column(column) = meaning
                && let Some(first) = by_column.insert(*column, at)
            {
                return Err(duplicate(first, Some(column.word())));
            }
            let nameless = matches!(meaning, Meaning::Unnamed | Meaning::Ignored);
            let key = match folded(name) {
                key if key.is_empty() => name.clone(),
                key => key,
            };
            if !nameless && let Some(first) = by_name.insert(key, at) {
                return Err(duplicate(first, None));
            }
        }
        Ok(())
    }

    /// # Errors
    /// `UnknownColumns` when a column has no meaning and nobody said that it is to be ignored, `NoKey` when
    /// nothing tells the rows apart.
    pub fn ready(&self, mapping: &Mapping) -> Result<(), FileError> {
        let unknown: Vec<String> = self.unknown().map(short).collect();
        if !Column::ALL
            .iter()
            .any(|column| column.is_key() && self.has(*column))
        {
            return Err(FileError::NoKey {
                line: self.line,
                found: self.names.iter().map(|name| short(name)).collect(),
            });
        }
        match unknown.is_empty() || mapping.ignore_unknown {
            true => Ok(()),
            false => Err(FileError::UnknownColumns(unknown)),
        }
    }

    /// The names of columns that nothing is known of.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        let unknown = |(_, meaning): &(&String, &Meaning)| **meaning == Meaning::Unknown;
        let both = self.names.iter().zip(&self.meanings);
        both.filter(unknown).map(|(name, _)| name.as_str())
    }

    /// Names as they stand in the file, each with what it means.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Meaning)> {
        let both = self.names.iter().zip(&self.meanings);
        both.map(|(name, meaning)| (name.as_str(), *meaning))
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn has(&self, column: Column) -> bool {
        self.at[column as usize].is_some()
    }

    /// The name in the file of a column; its own name where the file has none.
    pub fn name_of(&self, column: Column) -> &str {
        match self.at[column as usize] {
            Some(at) => &self.names[usize::from(at)],
            None => column.word(),
        }
    }

    /// The cell of a row; blank where the file has no such column or the row ends before it.
    pub fn cell<'r>(&self, record: &'r Record, column: Column) -> &'r str {
        self.at[column as usize]
            .and_then(|at| record.cell(usize::from(at)))
            .unwrap_or_default()
    }

    /// The same names again, as where two files were put together.
    pub fn is_repeated_by(&self, record: &Record) -> bool {
        record.len() >= self.names.len()
            && record
                .cells()
                .zip(
                    self.names
                        .iter()
                        .map(String::as_str)
                        .chain(std::iter::repeat("")),
                )
                .all(|(cell, name)| cell.trim() == name)
    }
}

/// How many columns of a row are known as a head's.
pub(super) fn known_in(record: &Record, mapping: &Mapping) -> usize {
    let known = |name: &&str| match mapping.meaning(name) {
        Meaning::Column(_) => true,
        Meaning::ReadOnly | Meaning::Unnamed | Meaning::Unknown | Meaning::Ignored => false,
    };
    record.cells().filter(known).count()
}

fn meanings(names: &[String], mapping: &Mapping) -> Vec<Meaning> {
    let mut meanings: Vec<Meaning> = names.iter().map(|name| mapping.meaning(name)).collect();
    let is = |column: Column| move |meaning: &&Meaning| **meaning == Meaning::Column(column);
    let forward = names
        .iter()
        .position(|name| folded(name) == CALL_FORWARD && mapping.of(name).is_none());
    if let Some(forward) = forward
        && meanings.iter().filter(is(Column::Phone)).count() > 1
        && meanings
            .iter()
            .filter(is(Column::CallForwardingNumber))
            .count()
            == 0
    {
        meanings[forward] = Meaning::Column(Column::CallForwardingNumber);
    }
    meanings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(names: &[&str], mapping: &Mapping) -> Result<Head, FileError> {
        Head::read(&Record::from_cells(3, names), mapping)
    }

    #[test]
    fn a_choice_stands_before_what_a_name_says() {
        let mut mapping = Mapping::default();
        mapping.choose("Nick  NAME", Choice::Column(Column::Name));
        mapping.choose("Name", Choice::Ignore);
        let head = head(&["login", "nick-name", "Name", "", ""], &mapping).unwrap();
        assert_eq!(head.names().len(), 3);
        assert_eq!(head.name_of(Column::Name), "nick-name");
        let row = Record::from_cells(4, &["asha.rao", "Asha"]);
        assert_eq!(head.cell(&row, Column::Name), "Asha");
        assert_eq!(head.cell(&row, Column::Email), "");
        assert!(head.ready(&mapping).is_ok());
    }

    #[test]
    fn one_meaning_has_one_column() {
        let none = Mapping::default();
        let why = |names: &[&str]| head(names, &none).unwrap_err().to_string();
        assert!(why(&["login_id", "Username"]).contains("both mean login_id"));
        assert!(why(&["login_id", "colour", "Colour "]).contains("have the same name"));
        assert!(head(&["login_id", "", "name", ""], &none).is_ok());
        let both = head(&["login_id", "Phone", "Call Forward Number"], &none).unwrap();
        assert_eq!(
            both.name_of(Column::CallForwardingNumber),
            "Call Forward Number"
        );
    }

    #[test]
    fn a_file_without_key_or_with_unknown_columns_is_not_ready() {
        let mut mapping = Mapping::default();
        let keyless = head(&["name", "phone"], &mapping).unwrap();
        assert!(matches!(
            keyless.ready(&mapping),
            Err(FileError::NoKey { line: 3, .. })
        ));
        let odd = head(&["email", "shoe size"], &mapping).unwrap();
        assert!(
            matches!(odd.ready(&mapping), Err(FileError::UnknownColumns(names)) if names == ["shoe size"])
        );
        mapping.ignore_unknown = true;
        assert!(odd.ready(&mapping).is_ok());
    }

    #[test]
    fn a_head_that_comes_again_is_seen() {
        let head = head(&["login_id", "name"], &Mapping::default()).unwrap();
        let again = |cells: &[&str]| head.is_repeated_by(&Record::from_cells(9, cells));
        assert!(again(&["login_id", "name"]) && again(&["login_id", " name", ""]));
        assert!(!again(&["login_id"]) && !again(&["login_id", "name", "x"]));
    }
}
