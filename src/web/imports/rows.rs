//! The rows of an upload as its page prints them: what each would do, and what became of it.

use super::count;
use super::names::label;
use crate::domain::agent_form::{Field, Value};
use crate::domain::ids::UserId;
use crate::domain::import::{Column, Fault, Head, NewRecord, Outcome as Plan, Skip, told};
use crate::domain::import::{Draft, Facts};
use crate::domain::query::QueryWriter;
use crate::floor::Picture;
use crate::store::import::errors::ErrorRow;
use crate::store::import::{Import, Kind, Outcome, PlannedRow, Shown, State};
use std::collections::HashMap;

/// Rows on a page.
pub const PER: u64 = 100;

/// The rows that are shown, with the filter and the pages.
pub struct RowsView {
    pub chips: Vec<Chip>,
    pub rows: Vec<RowView>,
    pub from: String,
    pub to: String,
    /// How many the filter leaves.
    pub total: String,
    /// Addresses: first, previous, next, last page, with name and icon.
    pub ends: [(Option<String>, &'static str, &'static str); 4],
    /// What became of rows stands beside what they were to do.
    pub results: bool,
    /// The filter leaves nothing.
    pub empty: &'static str,
}

/// A count that filters.
pub struct Chip {
    pub word: &'static str,
    pub kind: KindView,
    pub count: String,
    pub href: String,
    pub current: bool,
    /// What stands before it, so that the line reads as a sum: empty, `=`, `+` or `·`.
    pub sign: &'static str,
}

/// A word with its colour and icon.
#[derive(Clone, Copy)]
pub struct KindView {
    pub class: &'static str,
    pub icon: &'static str,
    pub label: &'static str,
}

pub struct RowView {
    pub line: u64,
    pub kind: KindView,
    pub name: String,
    pub login: String,
    /// The page of the user; empty for none.
    pub href: String,
    pub cells: Vec<CellView>,
    pub faults: Vec<FaultView>,
    /// Where there are neither: why.
    pub note: String,
    pub result: Option<ResultView>,
}

/// A cell that changes; without an old value it is new.
pub struct CellView {
    pub label: String,
    pub old: String,
    pub new: String,
}

pub struct FaultView {
    /// As the file calls it; empty for the row as a whole.
    pub column: String,
    pub value: String,
    pub reason: String,
    pub fix: String,
    /// The other row of a pair of duplicates.
    pub pair: Option<Pair>,
}

/// The first of two rows that have the same.
pub struct Pair {
    pub line: u64,
    /// Where it is: on this page, or on its own among all rows.
    pub href: String,
}

pub struct ResultView {
    pub kind: KindView,
    pub reason: String,
}

/// Rows that did not come to their turn, in the address.
const LEFT: &str = "left";

/// The filter of the address.
pub fn shown(word: &str) -> Option<Shown> {
    let kind = word.parse().ok().map(Shown::Kind);
    match word {
        "" => Some(Shown::All),
        LEFT => Some(Shown::Left),
        word => kind.or_else(|| word.parse().ok().map(Shown::Outcome)),
    }
}

pub fn word(shown: Shown) -> &'static str {
    match shown {
        Shown::All => "",
        Shown::Kind(kind) => kind.word(),
        Shown::Outcome(outcome) => outcome.word(),
        Shown::Left => LEFT,
    }
}

pub fn href(import: &Import, shown: Shown, page: u64) -> String {
    let query = QueryWriter::behind(&super::path_of(import.id));
    let query = match word(shown) {
        "" => query,
        word => query.with("rows", word),
    };
    match page {
        0 | 1 => query.finish(),
        page => query.with("page", page.to_string()).finish(),
    }
}

/// The page of all rows that has this line.
fn at_line(import: &Import, line: u64) -> String {
    let query = QueryWriter::behind(&super::path_of(import.id));
    query.with("line", line.to_string()).finish()
}

/// How many rows the filter leaves.
pub fn total(import: &Import, shown: Shown) -> u64 {
    let (plan, done) = (import.counts, import.done);
    match shown {
        Shown::All => plan.rows,
        Shown::Kind(kind) => match kind {
            Kind::Create => plan.create,
            Kind::Update => plan.update,
            Kind::Unchanged => plan.unchanged,
            Kind::Skip => plan.skip,
            Kind::Error => plan.error,
        },
        Shown::Outcome(outcome) => match outcome {
            Outcome::Created => done.created,
            Outcome::Updated => done.updated,
            Outcome::Conflict => done.conflicts,
            Outcome::Undone => done.undone,
            Outcome::Kept => done.kept,
        },
        Shown::Left => import.left(),
    }
}

/// The counts as a sum, each a filter: of the plan, or of what became of it.
pub fn chips(import: &Import, now: Shown) -> Vec<Chip> {
    let chip = |shown: Shown, kind: KindView, sign: &'static str| Chip {
        word: match word(shown) {
            "" => "all",
            word => word,
        },
        kind,
        count: count(total(import, shown)),
        href: href(import, shown, 1),
        current: shown == now,
        sign,
    };
    let all = KindView {
        class: "",
        icon: "",
        label: "rows",
    };
    let mut chips = vec![chip(Shown::All, all, "")];
    let outcomes: &[Outcome] = match import.state {
        State::Undone | State::Undoing => &[Outcome::Undone, Outcome::Kept, Outcome::Conflict],
        State::Committed | State::Cancelled | State::Failed | State::Committing => {
            &[Outcome::Created, Outcome::Updated, Outcome::Conflict]
        }
        State::Uploading
        | State::Planning
        | State::Unreadable
        | State::Planned
        | State::Expired => &[],
    };
    let of_plan = outcomes.is_empty();
    let kinds: &[Kind] = match of_plan {
        true => &[
            Kind::Create,
            Kind::Update,
            Kind::Unchanged,
            Kind::Skip,
            Kind::Error,
        ],
        false => &[Kind::Unchanged, Kind::Skip, Kind::Error],
    };
    let outcomes = outcomes
        .iter()
        .map(|outcome| (Shown::Outcome(*outcome), of_outcome(*outcome)));
    let kinds = kinds
        .iter()
        .map(|kind| (Shown::Kind(*kind), of_kind(*kind)));
    let left = (Shown::Left, of_left(import.state));
    let left = (!of_plan && import.left() > 0).then_some(left);
    let parts: Vec<_> = outcomes.chain(left).chain(kinds).collect();
    let sum: u64 = parts.iter().map(|(shown, _)| total(import, *shown)).sum();
    // Of an undone upload conflicts of before and what was kept may be the same rows: then it is no sum.
    let adds_up = sum == import.counts.rows;
    for (at, (shown, kind)) in parts.into_iter().enumerate() {
        let sign = match (adds_up, at) {
            (false, _) => "·",
            (true, 0) => "=",
            (true, _) => "+",
        };
        chips.push(chip(shown, kind, sign));
    }
    chips
}

fn of_kind(kind: Kind) -> KindView {
    let (class, icon, label) = match kind {
        Kind::Create => ("k-create", "plus", "Create"),
        Kind::Update => ("k-update", "pencil", "Update"),
        Kind::Unchanged => ("k-same", "check", "Unchanged"),
        Kind::Skip => ("k-skip", "right", "Skip"),
        Kind::Error => ("k-error", "x", "Error"),
    };
    KindView { class, icon, label }
}

fn of_left(state: State) -> KindView {
    KindView {
        class: "k-skip",
        icon: "right",
        label: match state {
            State::Committing => "Still to come",
            State::Uploading
            | State::Planning
            | State::Unreadable
            | State::Planned
            | State::Committed
            | State::Cancelled
            | State::Failed
            | State::Undoing
            | State::Undone
            | State::Expired => "Not carried out",
        },
    }
}

fn of_outcome(outcome: Outcome) -> KindView {
    let (class, icon, label) = match outcome {
        Outcome::Created => ("k-create", "plus", "Created"),
        Outcome::Updated => ("k-update", "pencil", "Updated"),
        Outcome::Conflict => ("k-error", "ban", "Conflict"),
        Outcome::Undone => ("k-same", "undo", "Undone"),
        Outcome::Kept => ("k-error", "lock", "Kept"),
    };
    KindView { class, icon, label }
}

/// What the rows of a page are made of.
pub struct Source<'a> {
    pub import: &'a Import,
    pub picture: &'a Picture,
    pub facts: &'a Facts,
    /// Rows with errors, as they stand in the file.
    pub errors: HashMap<u64, ErrorRow>,
}

impl Source<'_> {
    pub fn view(&self, rows: &[PlannedRow], shown: Shown, page: u64) -> RowsView {
        let all = total(self.import, shown);
        let last = all.div_ceil(PER).max(1);
        let from = (page - 1) * PER;
        let to = |page: u64, there: bool| there.then(|| href(self.import, shown, page));
        let lines: Vec<u64> = rows.iter().map(|row| row.planned.line).collect();
        RowsView {
            chips: chips(self.import, shown),
            rows: rows.iter().map(|row| self.row(row, &lines)).collect(),
            from: count((from + 1).min(all)),
            to: count((from + PER).min(all)),
            total: count(all),
            ends: [
                (to(1, page > 1), "First", "first"),
                (to(page - 1, page > 1), "Previous", "left"),
                (to(page + 1, page < last), "Next", "right"),
                (to(last, page < last), "Last", "last"),
            ],
            results: rows.iter().any(|row| row.result.is_some()),
            empty: match shown {
                Shown::All => "The file has no rows below its header",
                Shown::Kind(_) | Shown::Outcome(_) | Shown::Left => "No row is like that",
            },
        }
    }

    fn row(&self, row: &PlannedRow, lines: &[u64]) -> RowView {
        let created: &[NewRecord] = &self.import.listed.created;
        let mut view = RowView {
            line: row.planned.line,
            kind: of_kind(Kind::of(&row.planned)),
            name: String::new(),
            login: String::new(),
            href: String::new(),
            cells: Vec::new(),
            faults: Vec::new(),
            note: String::new(),
            result: row.result.as_ref().map(|result| ResultView {
                kind: of_outcome(result.outcome),
                reason: result.reason.clone().unwrap_or_default(),
            }),
        };
        let mut who = row.result.as_ref().and_then(|result| result.user);
        match &row.planned.outcome {
            Plan::Create(draft) => {
                view.name = text(draft, Field::Name);
                view.login = text(draft, Field::Username);
                let cells = draft.cells(self.facts, created).into_iter();
                let cells =
                    cells.filter(|cell| !matches!(cell.column, Column::Name | Column::LoginId));
                view.cells = cells
                    .map(|cell| CellView {
                        label: label(cell.column),
                        old: cell.old,
                        new: cell.new,
                    })
                    .collect();
            }
            Plan::Update(edit) => {
                who = Some(edit.user);
                let cells = edit.changes(self.facts, created).into_iter();
                view.cells = cells
                    .map(|cell| CellView {
                        label: label(cell.column),
                        old: or_empty(cell.old),
                        new: or_empty(cell.new),
                    })
                    .collect();
            }
            Plan::Unchanged(user) => {
                who = Some(*user);
                view.note = "Nothing differs".to_owned();
            }
            Plan::Skip(skip) => view.note = why(*skip).to_owned(),
            Plan::Error(faults) => {
                if let Some(error) = self.errors.get(&row.number) {
                    (view.name, view.login) = self.called(error);
                }
                let told = told(faults).into_iter();
                view.faults = told
                    .map(|(columns, fault)| self.fault(&columns, fault, lines))
                    .collect();
            }
        }
        if let Some(user) = who {
            self.fill(&mut view, user);
        }
        view
    }

    /// Who a row is about, where there is such a person and the reader may see them.
    fn fill(&self, view: &mut RowView, user: UserId) {
        let Some(person) = self
            .picture
            .person(user)
            .filter(|person| self.facts.sees(person))
        else {
            return;
        };
        if view.name.is_empty() {
            view.name = person.name.to_string();
            view.login = person.login_id.to_string();
        }
        view.href = format!("/users/{user}");
    }

    fn head(&self) -> Option<&Head> {
        self.import.found.as_ref().map(|found| &found.head)
    }

    /// Name and login id as the file has them.
    fn called(&self, error: &ErrorRow) -> (String, String) {
        let cell = |column| {
            let cell = self.head().map(|head| head.cell(&error.record, column));
            cell.unwrap_or_default().chars().take(128).collect()
        };
        (cell(Column::Name), cell(Column::LoginId))
    }

    fn fault(&self, columns: &[Column], fault: Fault, lines: &[u64]) -> FaultView {
        let named = |column: &Column| match self.head() {
            Some(head) => head.name_of(*column).to_owned(),
            None => column.word().to_owned(),
        };
        let named: Vec<String> = columns.iter().map(named).collect();
        FaultView {
            column: named.join(", "),
            value: fault.value,
            reason: fault.reason,
            fix: fault.fix,
            pair: fault.pair.map(|line| Pair {
                line,
                href: match lines.contains(&line) {
                    true => format!("#line-{line}"),
                    false => format!("{}#line-{line}", at_line(self.import, line)),
                },
            }),
        }
    }
}

fn text(draft: &Draft, field: Field) -> String {
    match draft.values.get(field) {
        Some(Value::Text(Some(text))) => text.clone(),
        Some(_) | None => String::new(),
    }
}

fn or_empty(cell: String) -> String {
    match cell.is_empty() {
        true => "nothing".to_owned(),
        false => cell,
    }
}

fn why(skip: Skip) -> &'static str {
    match skip {
        Skip::Blank => "The row is blank",
        Skip::Head => "The header once more",
        Skip::Known => "Is here already, and only new people were asked for",
        Skip::New => "Is not here, and only people who are were asked for",
    }
}
