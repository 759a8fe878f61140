//! A write in progress: the connection, and what the write touches and records on the way.

use super::agent::Ahead;
use super::connection::{Conn, on_each};
use super::error::StoreError;
use super::schema::{audit_entries, changes};
use super::seed::{self, AuditRow};
use crate::domain::agent::words;
use crate::domain::audit::{Actor, Entry};
use crate::domain::day_range::Day;
use crate::domain::ids::{DepartmentId, UserId};
use crate::domain::person::{Admin, Live};
use crate::domain::time::Timestamp;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::{Map, Value};

words!(/// A kind of record that other parts keep a picture of.
RecordKind {
    User = "user",
    Group = "group",
    Department = "department",
    TimeGroup = "time_group",
    Ivr = "ivr",
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

/// Lines of the audit log that are made ready in one go.
const AUDITED_AT_ONCE: usize = 2_000;
/// From so many lines on, bulk insertion is quicker than a statement.
const MANY: usize = 64;

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
    pub(super) log: &'a mut Log,
    pub(super) ahead: &'a mut Ahead,
    pub(super) guard: &'a mut Guard,
}

/// The savepoint to which a refused write goes back. A trip to the database each, so a write that is refused
/// before it writes anything has none.
#[derive(Default)]
pub struct Guard {
    /// Some write of this transaction has set one.
    exists: bool,
    /// The write under way has.
    set: bool,
}

impl Guard {
    /// Another write begins.
    pub(super) fn begin(&mut self) {
        self.set = false;
    }

    pub(super) fn set(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        if !self.set {
            conn.batch_execute(match self.exists {
                false => "SAVEPOINT write",
                true => "RELEASE SAVEPOINT write; SAVEPOINT write",
            })?;
            (self.exists, self.set) = (true, true);
        }
        Ok(())
    }

    pub(super) fn go_back(&self, conn: &mut Conn) -> Result<(), StoreError> {
        if self.set {
            conn.batch_execute("ROLLBACK TO SAVEPOINT write")?;
        }
        Ok(())
    }
}

/// Lines of the audit log that a batch of writes has still to write: all at once, since each statement is a
/// trip to the database.
#[derive(Default)]
pub struct Log {
    waiting: Vec<AuditRow>,
    /// How many of those waiting, or written by the write under way, are from writes before it.
    earlier: usize,
    /// Written by the write under way: lost again if that is rolled back.
    written: Vec<AuditRow>,
}

/// A place in the log.
struct Mark {
    waiting: usize,
    written: usize,
}

impl Log {
    /// Another write begins.
    pub(super) fn begin(&mut self) {
        self.written.clear();
        self.earlier = self.waiting.len();
    }

    /// The write under way was rolled back: only what those before it said is left.
    pub(super) fn roll_back(&mut self) {
        let mut rows = std::mem::take(&mut self.written);
        rows.append(&mut self.waiting);
        rows.truncate(self.earlier);
        self.waiting = rows;
    }

    fn mark(&self) -> Mark {
        Mark {
            waiting: self.waiting.len(),
            written: self.written.len(),
        }
    }

    /// A part of the write was taken back: what was written in it waits again, as far as it was said before.
    fn go_back(&mut self, to: Mark) {
        let mut rows = self.written.split_off(to.written);
        rows.append(&mut self.waiting);
        rows.truncate(to.waiting);
        self.waiting = rows;
    }

    /// Writes what waits.
    pub(super) fn write(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        insert(conn, &self.waiting)?;
        self.written.append(&mut self.waiting);
        Ok(())
    }
}

impl Tx<'_> {
    /// Makes sure that whatever is written from here on can be taken back alone. Only a write that began with
    /// [`Store::write_about`](super::Store::write_about) has to say so, before it writes what may be refused.
    pub fn guard(&mut self) -> Result<(), StoreError> {
        self.guard.set(self.conn)
    }

    /// Runs a part of the write that may be taken back alone: whatever it wrote, said or caused is gone when it
    /// returns an error. Parts may hold parts.
    pub(super) fn attempt<T>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.guard()?;
        let effects = self.effects.len();
        let log = self.log.mark();
        self.conn.batch_execute("SAVEPOINT part")?;
        match act(self) {
            Ok(done) => {
                self.conn.batch_execute("RELEASE SAVEPOINT part")?;
                Ok(done)
            }
            Err(error) => {
                let back = "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part";
                self.conn.batch_execute(back)?;
                self.effects.truncate(effects);
                self.log.go_back(log);
                Err(error)
            }
        }
    }

    /// Says that a record was written.
    pub fn touch(&mut self, kind: RecordKind, id: i64) {
        if kind == RecordKind::User {
            self.ahead.forget(UserId(id));
        }
        self.effects.push(Effect::Record(kind, id));
    }

    /// Says what a write changed, when the new value is at hand.
    pub fn effect(&mut self, effect: Effect) {
        if let Effect::Admin { agent, .. } = &effect {
            self.ahead.forget(*agent);
        }
        self.effects.push(effect);
    }

    /// Writes a line of the audit log in this transaction, with those of other writes at its end.
    pub fn audit(&mut self, entry: Entry) -> Result<(), StoreError> {
        let row = audit_row(self.now, &self.operation, self.by, &entry);
        self.log.waiting.push(row);
        Ok(())
    }

    /// Writes the lines that wait for the end of the transaction: for who reads the log before.
    pub fn write_audit(&mut self) -> Result<(), StoreError> {
        self.guard()?;
        self.log.write(self.conn)
    }

    /// Writes a line that is put down to someone other than the writer: what was asked for earlier
    /// and comes true in a write of another.
    pub fn audit_as(&mut self, by: &Actor, entry: &Entry) -> Result<(), StoreError> {
        let row = audit_row(self.now, &self.operation, by, entry);
        self.log.waiting.push(row);
        Ok(())
    }

    /// Writes many lines of the audit log in this transaction.
    pub fn audit_all(&mut self, entries: Vec<Entry>) -> Result<(), StoreError> {
        // What was said before stands before.
        self.write_audit()?;
        for entries in entries.chunks(AUDITED_AT_ONCE) {
            let rows: Vec<_> = entries
                .iter()
                .map(|entry| audit_row(self.now, &self.operation, self.by, entry))
                .collect();
            insert(self.conn, &rows)?;
        }
        Ok(())
    }
}

fn insert(conn: &mut Conn, rows: &[AuditRow]) -> Result<(), StoreError> {
    if rows.is_empty() || rows.len() > MANY {
        return seed::insert(conn, rows);
    }
    on_each!(conn, |c| diesel::insert_into(audit_entries::table)
        .values(rows)
        .execute(c))?;
    Ok(())
}

fn audit_row(at: Timestamp, operation: &str, by: &Actor, entry: &Entry) -> AuditRow {
    AuditRow {
        at: at.0,
        operation: operation.to_owned(),
        actor_kind: by.kind.word(),
        actor_id: by.id,
        actor_name: by.name.to_string(),
        address: by.address.clone(),
        request_id: by.request_id.clone(),
        action: entry.action,
        subject_kind: entry.subject.kind,
        subject_id: entry.subject.id,
        subject_name: entry.subject.name.to_string(),
        before: json(&entry.before),
        after: json(&entry.after),
        version_after: entry.version_after,
    }
}

fn json(fields: &Map<String, Value>) -> Option<String> {
    (!fields.is_empty()).then(|| Value::Object(fields.clone()).to_string())
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
        // Who wrote, so that a node does not look for what it knows: no more than that (ADR 4).
        diesel::sql_query(format!("NOTIFY rollcall, '{node}'")).execute(conn)?;
    }
    Ok(())
}
