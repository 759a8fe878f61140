//! Reads the audit log: who did what to a record, newest first.

mod search;

pub use search::{Asked, Page, count, page};

use super::connection::Conn;
use super::error::StoreError;
use super::schema::audit_entries;
use crate::domain::audit::filter::Place;
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use serde_json::{Map, Value};

/// A line of the audit log as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub id: i64,
    pub at: Timestamp,
    pub operation: String,
    pub actor_kind: String,
    pub actor_id: Option<i64>,
    pub actor_name: String,
    pub address: Option<String>,
    pub request_id: Option<String>,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: Option<i64>,
    pub subject_name: String,
    pub before: Map<String, Value>,
    pub after: Map<String, Value>,
}

impl Line {
    pub fn place(&self) -> Place {
        Place {
            at: self.at,
            id: self.id,
        }
    }
}

/// A page of lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    pub lines: Vec<Line>,
    /// There are older ones.
    pub more: bool,
}

/// What was done to a record, apart from signing in and out; only lines older than `before`, if given.
pub fn of_subject(
    conn: &mut Conn,
    kind: &str,
    id: i64,
    before: Option<i64>,
    limit: usize,
) -> Result<Lines, StoreError> {
    let rows: Vec<Row> = audit_entries::table
        .filter(audit_entries::subject_kind.eq(kind))
        .filter(audit_entries::subject_id.eq(id))
        .filter(audit_entries::id.lt(before.unwrap_or(i64::MAX)))
        .filter(audit_entries::action.not_like("session.%"))
        .order(audit_entries::id.desc())
        .limit(limit as i64 + 1)
        .select(Row::as_select())
        .load(conn)?;
    Ok(some_of(rows, limit))
}

/// The newest lines about anything.
pub fn latest(conn: &mut Conn, limit: usize) -> Result<Lines, StoreError> {
    let rows: Vec<Row> = audit_entries::table
        .order(audit_entries::id.desc())
        .limit(limit as i64 + 1)
        .select(Row::as_select())
        .load(conn)?;
    Ok(some_of(rows, limit))
}

fn some_of(rows: Vec<Row>, limit: usize) -> Lines {
    let more = rows.len() > limit;
    Lines {
        lines: rows.into_iter().take(limit).map(Row::into_line).collect(),
        more,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_entries)]
struct Row {
    id: i64,
    at: i64,
    operation: String,
    actor_kind: String,
    actor_id: Option<i64>,
    actor_name: String,
    address: Option<String>,
    request_id: Option<String>,
    action: String,
    subject_kind: String,
    subject_id: Option<i64>,
    subject_name: String,
    before: Option<String>,
    after: Option<String>,
}

impl Row {
    fn into_line(self) -> Line {
        Line {
            id: self.id,
            at: Timestamp(self.at),
            operation: self.operation,
            actor_kind: self.actor_kind,
            actor_id: self.actor_id,
            actor_name: self.actor_name,
            address: self.address,
            request_id: self.request_id,
            action: self.action,
            subject_kind: self.subject_kind,
            subject_id: self.subject_id,
            subject_name: self.subject_name,
            before: fields(self.before.as_deref()),
            after: fields(self.after.as_deref()),
        }
    }
}

/// A line whose fields can't be read is still a line.
fn fields(json: Option<&str>) -> Map<String, Value> {
    json.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}
