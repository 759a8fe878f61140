//! Undo of a whole operation, from what the audit knows of it.

use super::agent::{undo as agents, update};
use super::connection::on_each;
use super::error::StoreError;
use super::group::{self, GroupAct};
use super::number_plan;
use super::role::{self, RoleAct};
use super::routing::{self, RoutingAct};
use super::schema::{audit_entries, undone_operations};
use super::time_group::{self, HoursAct};
use super::tx::Tx;
use super::user::undo::{self as users, UserAct};
use crate::domain::act::{ActKind, Refusal};
use crate::domain::audit::Entry;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::role::{Permission, Rights};
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use serde_json::{Map, Value, json};

/// The action of the audit's line about an undo as a whole.
pub const UNDO: &str = "operation.undo";

/// So many of those who were left as they are are named in the audit.
const NAMED: usize = 1_000;

/// What became of an undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoOutcome {
    /// The undo's own operation.
    pub operation: String,
    pub done: usize,
    /// Those to whom it was done.
    pub agents: Vec<UserId>,
    /// Left as they are, and why.
    pub kept: Vec<(UserId, Refusal)>,
    /// It was undone before: nothing more was done.
    pub again: bool,
}

/// One line of the audit about one agent.
#[derive(Clone, Debug)]
pub struct Line {
    pub agent: UserId,
    pub before: Map<String, Value>,
    pub after: Map<String, Value>,
    pub version_after: Option<i64>,
}

/// One line of the audit about a record that is no agent.
#[derive(Clone, Debug)]
pub struct RecordLine {
    /// Key of the record; 0 for settings, which have none.
    pub id: i64,
    pub at: Timestamp,
    pub before: Map<String, Value>,
    pub after: Map<String, Value>,
    pub version_after: Option<i64>,
}

/// A kind of operation that can be taken back. Every further kind gets its variant here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undoable {
    Act(ActKind),
    /// Fields of one agent, from a form or the API.
    Edit,
    /// Fields or members of an agent group, or its deletion.
    Group(GroupAct),
    /// Fields of a time group, or its deletion.
    TimeGroup(HoursAct),
    /// Fields of a department, an IVR or a caller id, or its deletion.
    Routing(RoutingAct),
    /// Fields or the web login of a user, or the deletion of one who is no agent.
    User(UserAct),
    /// Name, rights and reach of a role, or its deletion.
    Role(RoleAct),
    /// Settings of the number plan.
    Settings,
}

impl Undoable {
    /// From the action of an operation's lines.
    pub fn of_action(action: &str) -> Option<Self> {
        match action {
            update::ACTION => Some(Self::Edit),
            number_plan::ACTION => Some(Self::Settings),
            _ => GroupAct::of_action(action)
                .map(Self::Group)
                .or_else(|| UserAct::of_action(action).map(Self::User))
                .or_else(|| HoursAct::of_action(action).map(Self::TimeGroup))
                .or_else(|| RoutingAct::of_action(action).map(Self::Routing))
                .or_else(|| RoleAct::of_action(action).map(Self::Role))
                .or_else(|| ActKind::of_action(action).map(Self::Act)),
        }
    }

    /// What whoever undoes it has to have.
    pub fn needs(self) -> &'static [Permission] {
        match self {
            Self::Act(kind) => kind.needs(),
            Self::Edit => &[Permission::AgentsWrite],
            Self::Group(_) => &[Permission::GroupsWrite],
            Self::TimeGroup(_) => &[Permission::TimeGroupsWrite],
            Self::Routing(act) => act.needs(),
            Self::User(_) => &[Permission::UsersWrite],
            Self::Role(_) => &[Permission::RolesWrite],
            Self::Settings => &[Permission::SettingsWrite],
        }
    }
}

/// Brings back what was before an operation, once. What was changed since stays and is reported.
///
/// # Errors
/// `NotFound` when there is nothing under it that can be undone by this person.
pub fn undo(tx: &mut Tx<'_>, rights: &Rights, operation: &str) -> Result<UndoOutcome, StoreError> {
    let Found {
        what,
        subject,
        lines,
        record,
    } = read(tx, operation)?;
    if !rights.may(what.needs()) {
        return Err(StoreError::NotFound);
    }
    if !first_time(tx, operation)? {
        return Ok(UndoOutcome {
            operation: tx.operation.clone(),
            done: 0,
            agents: Vec::new(),
            kept: Vec::new(),
            again: true,
        });
    }
    let taken = match what {
        Undoable::Act(kind) => agents::take_back(tx, rights, kind, &lines)?,
        Undoable::Edit => agents::take_back_edits(tx, rights, &lines)?,
        Undoable::Group(act) => {
            let line = record.as_ref().ok_or(StoreError::NotFound)?;
            group::undo::take_back(tx, rights, act, line)?
        }
        Undoable::TimeGroup(act) => {
            let line = record.as_ref().ok_or(StoreError::NotFound)?;
            time_group::take_back(tx, rights, act, line)?
        }
        Undoable::Role(act) => {
            let line = record.as_ref().ok_or(StoreError::NotFound)?;
            role::take_back(tx, rights, act, line)?
        }
        Undoable::User(act) => users::take_back(tx, rights, act, &lines)?,
        Undoable::Routing(act) => {
            let line = record.as_ref().ok_or(StoreError::NotFound)?;
            agents::Taken {
                entries: routing::undo::take_back(tx, rights, act, line)?
                    .into_iter()
                    .collect(),
                ..agents::Taken::default()
            }
        }
        Undoable::Settings => {
            let line = record.as_ref().ok_or(StoreError::NotFound)?;
            agents::Taken {
                entries: number_plan::take_back(tx, rights, line)?
                    .into_iter()
                    .collect(),
                ..agents::Taken::default()
            }
        }
    };
    let hidden = |(_, why): &(UserId, Refusal)| *why == Refusal::NotFound;
    let about_agents = record.is_none();
    if about_agents && taken.kept.len() == lines.len() && taken.kept.iter().all(hidden) {
        return Err(StoreError::NotFound);
    }
    let outcome = UndoOutcome {
        operation: tx.operation.clone(),
        done: match about_agents {
            true => taken.agents.len(),
            false => taken.entries.len(),
        },
        agents: taken.agents,
        kept: taken.kept,
        again: false,
    };
    tx.audit(summary(operation, &subject, &outcome))?;
    tx.audit_all(taken.entries)?;
    Ok(outcome)
}

/// An operation, as the audit knows it.
struct Found {
    what: Undoable,
    subject: Subject,
    /// Its lines about agents.
    lines: Vec<Line>,
    /// Its line about the one record that it was about, if that is no agent.
    record: Option<RecordLine>,
}

fn read(tx: &mut Tx<'_>, operation: &str) -> Result<Found, StoreError> {
    type Row = (
        String,
        String,
        Option<i64>,
        String,
        Option<String>,
        Option<String>,
        Option<i64>,
        i64,
    );
    tx.write_audit()?;
    let rows: Vec<Row> = audit_entries::table
        .filter(audit_entries::operation.eq(operation))
        .order(audit_entries::id)
        .select((
            audit_entries::action,
            audit_entries::subject_kind,
            audit_entries::subject_id,
            audit_entries::subject_name,
            audit_entries::before,
            audit_entries::after,
            audit_entries::version_after,
            audit_entries::at,
        ))
        .load(tx.conn)?;
    let first = rows.first().ok_or(StoreError::NotFound)?;
    // An undo is not undone: what it did can be done again.
    if rows.iter().any(|row| row.0 == UNDO) {
        return Err(StoreError::NotFound);
    }
    let subject = Subject {
        action: first.0.clone(),
        name: first.3.clone(),
    };
    let (mut what, mut record) = (None, None);
    let mut lines = Vec::with_capacity(rows.len());
    for (action, kind, id, _, before, after, version_after, at) in rows {
        let line = Undoable::of_action(&action);
        match (id, kind.as_str(), line) {
            (Some(id), "user", line) => {
                what = what.or(line);
                lines.push(Line {
                    agent: UserId(id),
                    before: fields(before)?,
                    after: fields(after)?,
                    version_after,
                });
            }
            (
                id,
                _,
                Some(
                    Undoable::Group(_)
                    | Undoable::TimeGroup(_)
                    | Undoable::Routing(_)
                    | Undoable::Role(_)
                    | Undoable::Settings,
                ),
            ) => {
                what = what.or(line);
                record = Some(RecordLine {
                    id: id.unwrap_or_default(),
                    at: Timestamp(at),
                    before: fields(before)?,
                    after: fields(after)?,
                    version_after,
                });
            }
            // The line about an act as a whole.
            (Some(_) | None, _, _) => {}
        }
    }
    Ok(Found {
        what: what.ok_or(StoreError::NotFound)?,
        subject,
        lines,
        record,
    })
}

struct Subject {
    action: String,
    name: String,
}

fn fields(text: Option<String>) -> Result<Map<String, Value>, StoreError> {
    match text {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str(&text).map_err(StoreError::broken),
    }
}

/// Notes that the operation is undone; `false` when it was before. Of two at once the second waits.
fn first_time(tx: &mut Tx<'_>, operation: &str) -> Result<bool, StoreError> {
    let (by, at) = (tx.operation.clone(), tx.now.0);
    let noted = on_each!(tx.conn, |c| diesel::insert_into(undone_operations::table)
        .values((
            undone_operations::operation.eq(operation),
            undone_operations::undone_by.eq(by),
            undone_operations::undone_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(noted == 1)
}

/// The line about the undo as a whole.
fn summary(operation: &str, subject: &Subject, outcome: &UndoOutcome) -> Entry {
    let entry = Entry::new(UNDO, "operation", None, subject.name.as_str())
        .after("undoes", operation)
        .after("what", subject.action.as_str())
        .after("count", outcome.done);
    if outcome.kept.is_empty() {
        return entry;
    }
    let one = |(id, why): &(UserId, Refusal)| json!({ "id": AgentId::of(*id).to_string(), "why": why.to_string() });
    let kept: Value = outcome.kept.iter().take(NAMED).map(one).collect();
    entry
        .after("kept_count", outcome.kept.len())
        .after("kept", kept)
}
