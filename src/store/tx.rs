//! A write in progress: the connection, and what the write touches and records on the way.

use super::connection::{Conn, on_each};
use super::error::StoreError;
use super::schema::{audit_entries, changes};
use crate::domain::agent::words;
use crate::domain::audit::{Actor, Entry};
use crate::domain::day_range::Day;
use crate::domain::ids::{DepartmentId, UserId};
use crate::domain::person::{Admin, Live};
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use serde_json::{Map, Value};

words!(/// A kind of record that other parts keep a picture of.
RecordKind {
    User = "user",
    Group = "group",
    Department = "department",
    TimeGroup = "time_group",
    CallerId = "caller_id",
    Role = "role",
    Session = "session",
    Setting = "setting",
    Token = "token",
    Source = "source",
});

/// Something a committed write changed, for the picture in memory.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A record to be read again. `User` covers the agent facet.
    Record(RecordKind, i64),
    /// New live state: carried whole, so nothing is read again.
    Live(UserId, Live),
    /// A new admin state and the version with it: carried whole, so that 100,000 at once are quick.
    Admin {
        agent: UserId,
        admin: Admin,
        version: i64,
    },
    /// New totals of an agent on a reporting day.
    AgentDay {
        agent: UserId,
        day: Day,
        answered: i32,
        missed: i32,
    },
    /// New totals of a department on a reporting day.
    DepartmentDay {
        department: DepartmentId,
        day: Day,
        answered: i32,
        missed: i32,
    },
}

/// Lines of the audit log in one statement: 14 values each, of the 32,766 that SQLite takes.
const AUDITED_AT_ONCE: usize = 2_000;

/// From so many changed people on, other nodes read everything again: one line says so.
pub const RELOAD: usize = 5_000;

/// The kind of that line.
pub const EVERYTHING: &str = "everything";

/// A write transaction. Committed by the writer when the closure that got it returns `Ok`.
pub struct Tx<'a> {
    pub conn: &'a mut Conn,
    /// The one instant of this write.
    pub now: Timestamp,
    pub by: &'a Actor,
    /// Groups the entries of one act, for Undo.
    pub operation: String,
    pub(super) effects: Vec<Effect>,
}

impl Tx<'_> {
    /// Says that a record was written.
    pub fn touch(&mut self, kind: RecordKind, id: i64) {
        self.effects.push(Effect::Record(kind, id));
    }

    /// Says what a write changed, when the new value is at hand.
    pub fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Writes a line of the audit log in this transaction.
    pub fn audit(&mut self, entry: Entry) -> Result<(), StoreError> {
        self.audit_all(vec![entry])
    }

    /// Writes a line that is put down to someone other than the writer: what was asked for earlier
    /// and comes true in a write of another.
    pub fn audit_as(&mut self, by: &Actor, entry: &Entry) -> Result<(), StoreError> {
        let row = audit_row(self.now, &self.operation, by, entry);
        on_each!(self.conn, |c| diesel::insert_into(audit_entries::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// Writes many lines of the audit log in this transaction.
    pub fn audit_all(&mut self, entries: Vec<Entry>) -> Result<(), StoreError> {
        for entries in entries.chunks(AUDITED_AT_ONCE) {
            let rows: Vec<_> = entries
                .iter()
                .map(|entry| audit_row(self.now, &self.operation, self.by, entry))
                .collect();
            on_each!(self.conn, |c| diesel::insert_into(audit_entries::table)
                .values(&rows)
                .execute(c))?;
        }
        Ok(())
    }
}

fn audit_row<'r>(
    at: Timestamp,
    operation: &'r str,
    by: &'r Actor,
    entry: &'r Entry,
) -> AuditRow<'r> {
    AuditRow {
        at: at.0,
        operation,
        actor_kind: by.kind.word(),
        actor_id: by.id,
        actor_name: &by.name,
        address: by.address.as_deref(),
        request_id: by.request_id.as_deref(),
        action: entry.action,
        subject_kind: entry.subject.kind,
        subject_id: entry.subject.id,
        subject_name: &entry.subject.name,
        before: json(&entry.before),
        after: json(&entry.after),
        version_after: entry.version_after,
    }
}

fn json(fields: &Map<String, Value>) -> Option<String> {
    (!fields.is_empty()).then(|| Value::Object(fields.clone()).to_string())
}

#[derive(Insertable)]
// Every column is said, so that SQLite too takes many rows in one statement.
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
struct AuditRow<'a> {
    at: i64,
    operation: &'a str,
    actor_kind: &'static str,
    actor_id: Option<i64>,
    actor_name: &'a str,
    address: Option<&'a str>,
    request_id: Option<&'a str>,
    action: &'static str,
    subject_kind: &'static str,
    subject_id: Option<i64>,
    subject_name: &'a str,
    before: Option<String>,
    after: Option<String>,
    version_after: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
struct ChangeRow {
    node: i64,
    at: i64,
    kind: &'static str,
    id: i64,
    day: Option<i32>,
}

/// Appends what a batch changed to `changes`, for the other nodes.
pub(super) fn record_changes(
    conn: &mut Conn,
    node: i64,
    at: Timestamp,
    effects: &[Effect],
) -> Result<(), StoreError> {
    // A SQLite file has one server, so nobody else follows live state there.
    let alone = matches!(conn, Conn::Sqlite(_));
    let mut rows: Vec<_> = effects
        .iter()
        .filter_map(|effect| {
            let (kind, id, day) = match effect {
                Effect::Record(kind, id) => (kind.word(), *id, None),
                Effect::Admin { agent, .. } => (RecordKind::User.word(), agent.0, None),
                Effect::Live(..) | Effect::AgentDay { .. } | Effect::DepartmentDay { .. }
                    if alone =>
                {
                    return None;
                }
                Effect::Live(agent, _) => ("live", agent.0, None),
                Effect::AgentDay { agent, day, .. } => ("agent_day", agent.0, Some(day.0)),
                Effect::DepartmentDay {
                    department, day, ..
                } => ("department_day", department.0, Some(day.0)),
            };
            Some(ChangeRow {
                node,
                at: at.0,
                kind,
                id,
                day,
            })
        })
        .collect();
    rows.sort_by_key(|row| (row.kind, row.id, row.day));
    rows.dedup_by_key(|row| (row.kind, row.id, row.day));
    let people = |row: &ChangeRow| row.kind == RecordKind::User.word() || row.kind == "live";
    if rows.iter().filter(|row| people(row)).count() > RELOAD {
        rows.retain(|row| !people(row));
        rows.push(ChangeRow {
            node,
            at: at.0,
            kind: EVERYTHING,
            id: 0,
            day: None,
        });
    }
    for rows in rows.chunks(1_000) {
        on_each!(conn, |c| diesel::insert_into(changes::table)
            .values(rows)
            .execute(c))?;
    }
    if !rows.is_empty() && !alone {
        diesel::sql_query("NOTIFY rollcall").execute(conn)?;
    }
    Ok(())
}
