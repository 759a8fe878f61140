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

use super::claims::{Claims, FreeNumbers, Unused};
use super::column::{Column, Meaning};
use super::detect::{Detected, Format};
use super::facts::{Facts, People};
use super::fault::Fault;
use super::head::Head;
use super::names::{Names, NewRecord};
use super::options::{Options, Which};
use super::rows::Record;
use super::survey::Survey;
use crate::domain::agent::words;
use crate::domain::agent_form::{Field, Values};
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
    /// Of a row with errors: whom it would make without them. None where it is, or may be, about someone who is
    /// here, whom the defaults of the file don't concern.
    pub failed: Option<Newcomer>,
}

words!(/// Someone to be made, as far as defaults go.
Newcomer { User = "user", Agent = "agent" });

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

impl Outcome {
    /// Somebody gets a web login.
    fn invites(&self) -> bool {
        match self {
            Self::Create(draft) => draft.web_login == WebLogin::Allowed,
            Self::Update(edit) => edit
                .web_login
                .is_some_and(|(old, new)| old == WebLogin::None && new == WebLogin::Allowed),
            Self::Unchanged(_) | Self::Skip(_) | Self::Error(_) => false,
        }
    }
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
    /// What `(auto)` chose: another number does as well.
    pub auto: Vec<Field>,
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

impl Planned {
    /// Whom the row makes, or would make if it were right.
    pub fn newcomer(&self) -> Option<Newcomer> {
        match &self.outcome {
            Outcome::Create(draft) => Some(Newcomer::of(draft.calling_agent)),
            Outcome::Error(_) => self.failed,
            Outcome::Update(_) | Outcome::Unchanged(_) | Outcome::Skip(_) => None,
        }
    }
}

impl Newcomer {
    fn of(calling_agent: bool) -> Self {
        match calling_agent {
            true => Self::Agent,
            false => Self::User,
        }
    }
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
    /// Cells end at a delimiter, which may stand in one by mistake.
    delimited: bool,
    options: &'a Options,
    survey: &'a Survey,
    claims: Claims,
    names: Names,
    free: FreeNumbers,
    /// Administrators who could still sign in if the rows so far were carried out.
    admins: Vec<UserId>,
    counts: Counts,
    invited: u64,
}

impl<'a> Planner<'a> {
    /// `claims` are those of all living people, of other records, and what is held in quarantine.
    pub fn new(
        facts: &'a Facts,
        found: &'a Detected,
        options: &'a Options,
        survey: &'a Survey,
        claims: Claims,
    ) -> Self {
        Self {
            facts,
            head: &found.head,
            delimited: match found.format {
                Format::Text { .. } => true,
                Format::Book { .. } => false,
            },
            options,
            survey,
            claims,
            names: Names::new(facts),
            free: FreeNumbers::new(facts.intercom.digits()),
            admins: facts.admins.clone(),
            counts: Counts::default(),
            invited: 0,
        }
    }

    pub fn row(&mut self, people: &impl People, record: &Record) -> Planned {
        let (outcome, failed) = self.outcome(people, record);
        self.counts.add(&outcome);
        if outcome.invites() {
            self.invited += 1;
        }
        Planned {
            line: record.line(),
            outcome,
            failed,
        }
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// New web logins: so many are to choose a first password.
    pub fn invited(&self) -> u64 {
        self.invited
    }

    /// Records that have to be made before the rows: their places are in the plan's values.
    pub fn created(&self) -> &[NewRecord] {
        self.names.created()
    }

    /// Where the numbers begin that no row was given by `(auto)`.
    pub fn unused(&self) -> Unused {
        Unused {
            intercom: self.free.tried(),
            extension: self.claims.next_extension(),
        }
    }

    /// Memory that is kept between two rows, about.
    pub fn bytes(&self) -> usize {
        self.claims.bytes()
    }

    /// What the row does, and whom it would make if it fails.
    fn outcome(&mut self, people: &impl People, record: &Record) -> (Outcome, Option<Newcomer>) {
        if record.is_blank() {
            return (Outcome::Skip(Skip::Blank), None);
        }
        if self.head.is_repeated_by(record) {
            return (Outcome::Skip(Skip::Head), None);
        }
        if let Some(fault) = self.misshapen(record) {
            return (Outcome::Error(vec![fault]), None);
        }
        let mut row = Row::new(record, self.head);
        row.find_damage();
        let who = self.who(people, &mut row);
        match (&who, self.options.which) {
            (Who::Known(_), Which::New) => return (Outcome::Skip(Skip::Known), None),
            (Who::New, Which::Known) => return (Outcome::Skip(Skip::New), None),
            (
                Who::Known(_) | Who::New | Who::Nobody | Who::Unclear,
                Which::All | Which::New | Which::Known,
            ) => {}
        }
        let (outcome, newcomer) = match who {
            Who::New => {
                let newcomer = self.newcomer(&mut row);
                (self.create(people, newcomer, &mut row), Some(newcomer))
            }
            Who::Known(person) => (self.update(people, person, &mut row), None),
            Who::Nobody => (None, Some(self.newcomer(&mut row))),
            Who::Unclear => (None, None),
        };
        match (outcome, row.faults) {
            (Some(outcome), faults) if faults.is_empty() => (outcome, None),
            (None, faults) if faults.is_empty() => {
                let fault = Fault::of_row(
                    "It can’t be told whom this row is about.",
                    "Give an agent_id, employee_id, login_id or email.",
                );
                (Outcome::Error(vec![fault]), newcomer)
            }
            (_, faults) => (Outcome::Error(faults), newcomer),
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
            let fault = match self.delimited {
                true => Fault::of_row(
                    format!("The row has {cells} cells, and the head {columns}."),
                    "Put a text with a delimiter in it into quotes (\").",
                ),
                false => nameless_column(),
            };
            return Some(Fault {
                value: super::short(extra),
                ..fault
            });
        }
        // A blank cell at the end may be left out, as spreadsheets do; a row of one in a text is the rest of another.
        if self.delimited && cells < columns && filled == 1 && cells == 1 && columns > 2 {
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
        Some(Fault {
            value: super::short(cell),
            ..nameless_column()
        })
    }

    /// Column and name in the file, for a fault's place.
    pub fn name_of(&self, column: Column) -> &str {
        self.head.name_of(column)
    }
}

fn nameless_column() -> Fault {
    Fault::of_row(
        "There is a value in a column without a name.",
        "Name the column in the head, or empty the cell.",
    )
}
