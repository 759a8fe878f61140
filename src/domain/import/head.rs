//! The head of a file: which column means what, with what a person chose by hand.

use super::column::{CALL_FORWARD, Column, Meaning, folded, is_added};
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
    /// What the columns mean, and nothing about those that nobody knows.
    pub fn without_switch(self) -> Self {
        Self {
            ignore_unknown: false,
            ..self
        }
    }

    pub fn choose(&mut self, name: &str, choice: Choice) {
        self.chosen.insert(folded(name), choice);
    }

    /// Chooses for one column of a head, also where another has the same name.
    pub fn choose_at(&mut self, names: &[String], at: usize, choice: Choice) {
        if let Some(key) = names.get(at).map(|_| key(names, at)) {
            self.chosen.insert(key, choice);
        }
    }

    /// Takes up a choice by the name under which [`Mapping::chosen`] gave it.
    pub(super) fn put(&mut self, key: &str, choice: Choice) {
        self.chosen.insert(key.to_owned(), choice);
    }

    pub fn chosen(&self) -> impl Iterator<Item = (&str, Choice)> {
        self.chosen
            .iter()
            .map(|(name, choice)| (name.as_str(), *choice))
    }

    fn of(&self, key: &str) -> Option<Choice> {
        self.chosen.get(key).copied()
    }

    /// What a name says, with what was chosen for it.
    pub(super) fn meaning(&self, name: &str) -> Meaning {
        self.meaning_by(&folded(name), name)
    }

    fn meaning_by(&self, key: &str, name: &str) -> Meaning {
        match (self.of(key), Meaning::of(name)) {
            (Some(Choice::Column(column)), _) => Meaning::Column(column),
            (Some(Choice::Ignore), Meaning::Unnamed) => Meaning::Unnamed,
            (Some(Choice::Ignore), _) => Meaning::Ignored,
            (None, meaning) => meaning,
        }
    }
}

/// Two columns of which only one can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clash {
    /// Where they stand, from 0.
    pub first: usize,
    pub second: usize,
    /// What both mean; none when they only have the same name.
    pub column: Option<Column>,
}

/// The columns of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The line of the file that it stands in.
    pub line: u64,
    names: Vec<String>,
    meanings: Vec<Meaning>,
    clashes: Vec<Clash>,
    at: [Option<u16>; Column::COUNT],
}

impl Head {
    /// Two columns may clash: see [`Head::clashes`].
    pub fn read(record: &Record, mapping: &Mapping) -> Self {
        let mut names: Vec<String> = record.cells().map(|name| name.trim().to_owned()).collect();
        // Spreadsheets write blank cells at the end of a line, and some write hundreds.
        let filled = names.iter().rposition(|name| !name.is_empty());
        names.truncate(filled.map_or(0, |last| last + 1));
        let meanings = meanings(&names, mapping);
        let clashes = clashes(&names, &meanings, mapping);
        let mut at = [None; Column::COUNT];
        for (place, meaning) in (0..).zip(&meanings) {
            if let Meaning::Column(column) = meaning {
                at[*column as usize] = at[*column as usize].or(Some(place));
            }
        }
        Self {
            line: record.line(),
            names,
            meanings,
            clashes,
            at,
        }
    }

    /// No head: the line that was chosen, 0 for none, is beyond the end.
    pub(super) fn missing(line: u64) -> Self {
        Self::read(&Record::from_cells(line, [""; 0]), &Mapping::default())
    }

    /// The same head with other choices.
    pub fn again(&self, mapping: &Mapping) -> Self {
        Self::read(&Record::from_cells(self.line, &self.names), mapping)
    }

    /// There is none, see `Head::missing`.
    pub fn is_missing(&self) -> bool {
        self.names.is_empty()
    }

    /// Columns that can't stand beside each other: with one meaning, or with one name.
    pub fn clashes(&self) -> &[Clash] {
        &self.clashes
    }

    /// # Errors
    /// `EmptySheet` and `NoSuchLine` when there is none, `DuplicateHead` for two columns with one name or one meaning, `UnknownColumns` when a column has no meaning
    /// and nobody said that it is to be ignored, `NoKey` when nothing tells the rows apart.
    pub fn ready(&self, mapping: &Mapping) -> Result<(), FileError> {
        match (self.is_missing(), self.line) {
            (false, _) => {}
            (true, 0) => return Err(FileError::EmptySheet),
            (true, line) => return Err(FileError::NoSuchLine { line }),
        }
        if let Some(clash) = self.clashes.first() {
            return Err(FileError::DuplicateHead {
                line: self.line,
                first: short(&self.names[clash.first]),
                second: short(&self.names[clash.second]),
                column: clash.column.map(Column::word),
            });
        }
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

    /// The names of columns that are left out because somebody said so, or because nothing is known of them.
    pub fn left_out(&self) -> impl Iterator<Item = &str> {
        let left = self.columns().filter(|(_, meaning)| match meaning {
            Meaning::Unknown | Meaning::Ignored => true,
            Meaning::Column(_) | Meaning::ReadOnly | Meaning::Unnamed => false,
        });
        left.map(|(name, _)| name)
    }

    /// Names as they stand in the file, each with what it means.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Meaning)> {
        let both = self.names.iter().zip(&self.meanings);
        both.map(|(name, meaning)| (name.as_str(), *meaning))
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Without what an error file adds: they are the same in the file of failed rows.
    pub fn own_names(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter().map(String::as_str);
        names.filter(|name| !is_added(name))
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

/// Under what a choice for a column is kept: its folded name, which others of the same name count up. No folded
/// name has the sign.
fn key(names: &[String], at: usize) -> String {
    let own = folded(&names[at]);
    match names[..at]
        .iter()
        .filter(|name| folded(name) == own)
        .count()
    {
        0 => own,
        before => format!("{own}#{}", before + 1),
    }
}

fn meanings(names: &[String], mapping: &Mapping) -> Vec<Meaning> {
    let meaning = |(at, name): (usize, &String)| mapping.meaning_by(&key(names, at), name);
    let mut meanings: Vec<Meaning> = names.iter().enumerate().map(meaning).collect();
    let count = |meanings: &[Meaning], column| {
        let meant = |meaning: &&Meaning| **meaning == Meaning::Column(column);
        meanings.iter().filter(meant).count()
    };
    let forward = (0..names.len())
        .find(|at| folded(&names[*at]) == CALL_FORWARD && mapping.of(&key(names, *at)).is_none());
    if let Some(forward) = forward
        && count(&meanings, Column::Phone) > 1
        && count(&meanings, Column::CallForwardingNumber) == 0
    {
        meanings[forward] = Meaning::Column(Column::CallForwardingNumber);
    }
    meanings
}

fn clashes(names: &[String], meanings: &[Meaning], mapping: &Mapping) -> Vec<Clash> {
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_column: BTreeMap<Column, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (at, (name, meaning)) in names.iter().zip(meanings).enumerate() {
        if let Meaning::Column(column) = meaning {
            match by_column.get(column) {
                None => drop(by_column.insert(*column, at)),
                Some(&first) => {
                    let column = Some(*column);
                    found.push(Clash {
                        first,
                        second: at,
                        column,
                    });
                    continue;
                }
            }
        }
        // One of which somebody said what it means is told apart by that.
        let nameless = matches!(meaning, Meaning::Unnamed | Meaning::Ignored)
            || mapping.of(&key(names, at)).is_some();
        let folded = match folded(name) {
            folded if folded.is_empty() => name.clone(),
            folded => folded,
        };
        if nameless {
            continue;
        }
        match by_name.get(&folded) {
            None => drop(by_name.insert(folded, at)),
            Some(&first) => found.push(Clash {
                first,
                second: at,
                column: None,
            }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(names: &[&str], mapping: &Mapping) -> Head {
        Head::read(&Record::from_cells(3, names), mapping)
    }

    #[test]
    fn a_choice_stands_before_what_a_name_says() {
        let mut mapping = Mapping::default();
        mapping.choose("Nick  NAME", Choice::Column(Column::Name));
        mapping.choose("Name", Choice::Ignore);
        let head = head(&["login", "nick-name", "Name", "", ""], &mapping);
        assert_eq!(head.names().len(), 3);
        assert_eq!(head.name_of(Column::Name), "nick-name");
        let row = Record::from_cells(4, ["asha.rao", "Asha"]);
        assert_eq!(head.cell(&row, Column::Name), "Asha");
        assert_eq!(head.cell(&row, Column::Email), "");
        assert!(head.ready(&mapping).is_ok());
    }

    #[test]
    fn one_meaning_has_one_column() {
        let none = Mapping::default();
        let why = |names: &[&str]| head(names, &none).ready(&none).unwrap_err().to_string();
        assert!(why(&["login_id", "Username"]).contains("both mean login_id"));
        assert!(why(&["login_id", "colour", "Colour "]).contains("have the same name"));
        assert!(
            head(&["login_id", "", "name", ""], &none)
                .clashes()
                .is_empty()
        );
        let both = head(&["login_id", "Phone", "Call Forward Number"], &none);
        assert_eq!(
            both.name_of(Column::CallForwardingNumber),
            "Call Forward Number"
        );
    }

    #[test]
    fn a_choice_settles_a_clash() {
        let mut mapping = Mapping::default();
        let names = ["login_id", "Phone", "Telephone", "Note", "Note", "Note"];
        let clashing = head(&names, &mapping);
        let places = |head: &Head| -> Vec<_> {
            let clashes = head.clashes().iter();
            clashes.map(|clash| (clash.first, clash.second)).collect()
        };
        assert_eq!(places(&clashing), [(1, 2), (3, 4), (3, 5)]);
        let mut choose = |at, choice| mapping.choose_at(clashing.names(), at, choice);
        choose(1, Choice::Ignore);
        choose(3, Choice::Ignore);
        choose(4, Choice::Column(Column::Designation));
        choose(5, Choice::Ignore);
        let settled = head(&names, &mapping);
        assert_eq!(
            (places(&settled), settled.ready(&mapping).is_ok()),
            (vec![], true)
        );
        let row = Record::from_cells(4, ["a", "1", "2", "n", "Lead", "o"]);
        assert_eq!(settled.cell(&row, Column::Phone), "2");
        assert_eq!(settled.cell(&row, Column::Designation), "Lead");
        let text = mapping.to_json();
        assert_eq!(Mapping::from_json(&text), Ok(mapping));
    }

    #[test]
    fn a_file_without_key_or_with_unknown_columns_is_not_ready() {
        let mut mapping = Mapping::default();
        let keyless = head(&["name", "phone"], &mapping);
        assert!(matches!(
            keyless.ready(&mapping),
            Err(FileError::NoKey { line: 3, .. })
        ));
        let odd = head(&["email", "shoe size"], &mapping);
        assert!(
            matches!(odd.ready(&mapping), Err(FileError::UnknownColumns(names)) if names == ["shoe size"])
        );
        mapping.ignore_unknown = true;
        assert!(odd.ready(&mapping).is_ok());
    }

    #[test]
    fn a_head_that_comes_again_is_seen() {
        let head = head(&["login_id", "name"], &Mapping::default());
        let again = |cells: &[&str]| head.is_repeated_by(&Record::from_cells(9, cells));
        assert!(again(&["login_id", "name"]) && again(&["login_id", " name", ""]));
        assert!(!again(&["login_id"]) && !again(&["login_id", "name", "x"]));
    }
}
