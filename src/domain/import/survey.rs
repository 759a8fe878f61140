//! The first pass over the rows: what has to be known before any of them can be planned.

use super::cell::{Cell, split_list};
use super::column::Column;
use super::facts::Facts;
use super::head::Head;
use super::names::{Names, may_create};
use super::options::Options;
use super::rows::Record;
use crate::domain::text::{LoginId, Name};
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

/// A name that no record has, as it is listed once for the whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    pub column: Column,
    pub name: String,
    /// So many rows have it.
    pub rows: u64,
    /// The line of the first of them.
    pub line: u64,
    /// It can be created, by whoever uploads.
    pub may_create: bool,
}

/// What the rows of a file name and claim.
#[derive(Debug)]
pub struct Survey {
    names: Names,
    rows: u64,
    unknown: BTreeMap<(Column, String), UnknownName>,
    more_unknown: bool,
    /// Login ids, intercoms and extensions that rows give: nobody gets them by `(auto)`. Hashes.
    spoken_for: HashSet<u64>,
    hashes: RandomState,
}

/// So many unknown names are listed; with more, a wrong column was mapped.
const MOST_UNKNOWN: usize = 1_000;
const NAMED: [Column; 4] = [
    Column::AgentGroups,
    Column::Departments,
    Column::TimeGroup,
    Column::Role,
];

impl Survey {
    pub fn new(facts: &Facts) -> Self {
        Self {
            names: Names::new(facts),
            rows: 0,
            unknown: BTreeMap::new(),
            more_unknown: false,
            spoken_for: HashSet::new(),
            hashes: RandomState::new(),
        }
    }

    /// Looks at one row.
    pub fn row(&mut self, record: &Record, head: &Head, facts: &Facts, options: &Options) {
        self.rows += 1;
        if head.is_repeated_by(record) {
            return;
        }
        for column in NAMED {
            if let Cell::Text(text) = Cell::read(head.cell(record, column)) {
                self.look_up(column, &text, record.line(), facts, options);
            }
        }
        for column in [Column::LoginId, Column::Intercom, Column::Extension] {
            if let Cell::Text(text) = Cell::read(head.cell(record, column)) {
                let hash = self.hash(column, &text);
                self.spoken_for.insert(hash);
            }
        }
    }

    fn look_up(&mut self, column: Column, text: &str, line: u64, facts: &Facts, options: &Options) {
        if self
            .names
            .ids(column, text, facts, &options.decisions)
            .is_ok()
        {
            return;
        }
        let parts = match column {
            Column::AgentGroups | Column::Departments => split_list(text),
            _ => vec![text.trim().to_owned()],
        };
        for part in parts {
            match self.names.ids(column, &part, facts, &options.decisions) {
                Err(bad) if bad.unknown => self.note(column, bad.name, line, facts),
                Err(_) | Ok(_) => {}
            }
        }
    }

    fn note(&mut self, column: Column, name: String, line: u64, facts: &Facts) {
        let key = (column, Name::claim_of(&name));
        if let Some(known) = self.unknown.get_mut(&key) {
            known.rows += 1;
        } else if self.unknown.len() < MOST_UNKNOWN {
            let name = UnknownName {
                column,
                name: super::short(&name),
                rows: 1,
                line,
                may_create: may_create(facts, column),
            };
            self.unknown.insert(key, name);
        } else {
            self.more_unknown = true;
        }
    }

    /// Rows below the head.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Names that no record has and for which nothing was decided, by column and name.
    pub fn unknown(&self) -> impl Iterator<Item = &UnknownName> {
        self.unknown.values()
    }

    /// There are more unknown names than are listed.
    pub fn has_more_unknown(&self) -> bool {
        self.more_unknown
    }

    pub(super) fn is_spoken_for(&self, column: Column, value: &str) -> bool {
        self.spoken_for.contains(&self.hash(column, value))
    }

    fn hash(&self, column: Column, value: &str) -> u64 {
        self.hashes.hash_one((column, LoginId::claim_of(value)))
    }
}
