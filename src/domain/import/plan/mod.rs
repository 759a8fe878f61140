//! The second pass: what each row would do. A row is planned by itself, in the order of the file; of the rows
//! before it only their unique values are kept.

mod change;
mod read;
mod rights;
mod row;
mod show;
mod unique;
mod who;

pub use show::Changed;

use super::claims::{Claims, FreeNumbers};
use super::column::{Column, Meaning};
use super::facts::{Facts, People};
use super::fault::Fault;
use super::head::Head;
use super::names::{Names, NewRecord};
use super::options::{Options, Which};
use super::rows::Record;
use super::survey::Survey;
use crate::domain::agent::words;
use crate::domain::agent_form::Values;
use crate::domain::ids::{RoleId, UserId};
use crate::domain::person::WebLogin;
use crate::domain::status::AdminState;
use row::Row;
use who::Who;

/// What one row would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The line of the file in which the row begins.
    pub line: u64,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Create(Box<Draft>),
    Update(Box<Edit>),
    /// Everything is as the row says.
    Unchanged(UserId),
    Skip(Skip),
    /// Never empty.
    Error(Vec<Fault>),
}

words!(/// Why a row is passed over.
Skip {
    /// Nothing but delimiters.
    Blank = "blank",
    /// The head once more.
    Head = "head",
    /// The person is there, and only new ones were asked for.
    Known = "known",
    /// The person is not there, and only known ones were asked for.
    New = "new",
});

/// Someone to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Only what the row sets.
    pub values: Values,
    pub role: RoleId,
    pub calling_agent: bool,
    pub web_login: WebLogin,
    pub admin_state: AdminState,
}

/// Someone to be changed: what is, and what is to be, of what differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    pub user: UserId,
    /// Versions that the plan was made on.
    pub user_version: i64,
    pub agent_version: Option<i64>,
    pub before: Values,
    pub after: Values,
    pub role: Option<(RoleId, RoleId)>,
    pub web_login: Option<(WebLogin, WebLogin)>,
    pub admin_state: Option<(AdminState, AdminState)>,
    /// A user who takes calls from now on.
    pub becomes_agent: bool,
}

/// How many rows do what: `rows` is always the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub rows: u64,
    pub create: u64,
    pub update: u64,
    pub unchanged: u64,
    pub skip: u64,
    pub error: u64,
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        self.rows += 1;
        match outcome {
            Outcome::Create(_) => self.create += 1,
            Outcome::Update(_) => self.update += 1,
            Outcome::Unchanged(_) => self.unchanged += 1,
            Outcome::Skip(_) => self.skip += 1,
            Outcome::Error(_) => self.error += 1,
        }
    }
}

/// Plans the rows of one file. Between two rows it keeps about 200 bytes for each row before: see [`Claims`].
pub struct Planner<'a> {
    facts: &'a Facts,
    head: &'a Head,
    options: &'a Options,
    survey: &'a Survey,
    claims: Claims,
    names: Names,
    free: FreeNumbers,
    /// Administrators who could still sign in if the rows so far were carried out.
    admins: Vec<UserId>,
    counts: Counts,
}

impl<'a> Planner<'a> {
    /// `claims` are those of all living people, of other records, and what is held in quarantine.
    pub fn new(
        facts: &'a Facts,
        head: &'a Head,
        options: &'a Options,
        survey: &'a Survey,
        claims: Claims,
    ) -> Self {
        Self {
            facts,
            head,
            options,
            survey,
            claims,
            names: Names::new(facts),
            free: FreeNumbers::new(facts.intercom.digits()),
            admins: facts.admins.clone(),
            counts: Counts::default(),
        }
    }

    pub fn row(&mut self, people: &impl People, record: &Record) -> Planned {
        let outcome = self.outcome(people, record);
        self.counts.add(&outcome);
        Planned {
            line: record.line(),
            outcome,
        }
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Records that have to be made before the rows: their places are in the plan's values.
    pub fn created(&self) -> &[NewRecord] {
        self.names.created()
    }

    /// Memory that is kept between two rows, about.
    pub fn bytes(&self) -> usize {
        self.claims.bytes()
    }

    fn outcome(&mut self, people: &impl People, record: &Record) -> Outcome {
        if record.is_blank() {
            return Outcome::Skip(Skip::Blank);
        }
        if self.head.is_repeated_by(record) {
            return Outcome::Skip(Skip::Head);
        }
        if let Some(fault) = self.misshapen(record) {
            return Outcome::Error(vec![fault]);
        }
        let mut row = Row::new(record, self.head);
        row.find_damage();
        let who = self.who(people, &mut row);
        match (&who, self.options.which) {
            (Who::Known(_), Which::New) => return Outcome::Skip(Skip::Known),
            (Who::New, Which::Known) => return Outcome::Skip(Skip::New),
            (Who::Known(_) | Who::New | Who::Unclear, Which::All | Which::New | Which::Known) => {}
        }
        let outcome = match who {
            Who::New => self.create(people, &mut row),
            Who::Known(person) => self.update(people, person, &mut row),
            Who::Unclear => None,
        };
        match (outcome, row.faults) {
            (Some(outcome), faults) if faults.is_empty() => outcome,
            (None, faults) if faults.is_empty() => Outcome::Error(vec![Fault::of_row(
                "It can’t be told whom this row is about.",
                "Give an agent_id, employee_id, login_id or email.",
            )]),
            (_, faults) => Outcome::Error(faults),
        }
    }

    /// A row that the head does not fit: a delimiter or a line break too many.
    fn misshapen(&self, record: &Record) -> Option<Fault> {
        let names = self.head.names();
        let filled = record
            .cells()
            .filter(|cell| !cell.trim().is_empty())
            .count();
        let (cells, columns) = (record.len(), names.len());
        let extra = record
            .cells()
            .skip(columns)
            .find(|cell| !cell.trim().is_empty());
        if let Some(extra) = extra {
            let fault = Fault::of_row(
                format!("The row has {cells} cells, and the head {columns}."),
                "Put a text with a delimiter in it into quotes (\").",
            );
            return Some(Fault {
                value: super::short(extra),
                ..fault
            });
        }
        // A blank cell at the end may be left out, as spreadsheets do; a row of one is the rest of another.
        if cells < columns && filled == 1 && cells == 1 && columns > 2 {
            let fault = Fault::of_row(
                format!("The row has one cell, and the head {columns}."),
                "Put a text with a line break in it into quotes (\"), or take the line out.",
            );
            return Some(Fault {
                value: super::short(record.cell(0)?),
                ..fault
            });
        }
        let nameless = self.head.columns().zip(record.cells());
        let mut nameless = nameless.filter(|((_, meaning), _)| *meaning == Meaning::Unnamed);
        let (_, cell) = nameless.find(|(_, cell)| !cell.trim().is_empty())?;
        let fault = Fault::of_row(
            "There is a value in a column without a name.",
            "Name the column in the head, or empty the cell.",
        );
        Some(Fault {
            value: super::short(cell),
            ..fault
        })
    }

    /// Column and name in the file, for a fault's place.
    pub fn name_of(&self, column: Column) -> &str {
        self.head.name_of(column)
    }
}
