//! Operations: what was done under one id, read from the audit for those who did it.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::{audit_entries, undone_operations};
use super::tx::Tx;
use diesel::dsl::min;
use diesel::prelude::*;
use serde_json::{Map, Value};

/// An operation by the line that speaks for all.
#[derive(Clone, Debug)]
pub struct Operation {
    pub id: String,
    pub actor_kind: String,
    pub actor_id: Option<i64>,
    /// `agent.block`, `agents.block`, `operation.undo`, ….
    pub action: String,
    pub subject_kind: String,
    pub subject_id: Option<i64>,
    pub subject_name: String,
    pub before: Map<String, Value>,
    pub after: Map<String, Value>,
    pub undone: bool,
}

pub fn find(conn: &mut Conn, operation: &str) -> Result<Option<Operation>, StoreError> {
    type Row = (
        String,
        Option<i64>,
        String,
        String,
        Option<i64>,
        String,
        Option<String>,
        Option<String>,
    );
    let lines = || audit_entries::table.filter(audit_entries::operation.eq(operation));
    // The line about the whole, where there is one, else about the only record. An upload makes records on its
    // way, so that its own line is not the first.
    let upload: Option<i64> = lines()
        .filter(audit_entries::subject_kind.eq_any(["import", "operation"]))
        .select(min(audit_entries::id))
        .first(conn)?;
    let whole: Option<i64> = match upload {
        Some(id) => Some(id),
        None => lines()
            .filter(audit_entries::subject_kind.ne("user"))
            .select(min(audit_entries::id))
            .first(conn)?,
    };
    let first = match whole {
        Some(id) => id,
        None => match lines().select(min(audit_entries::id)).first(conn)? {
            Some(id) => id,
            None => return Ok(None),
        },
    };
    let row: Option<Row> = audit_entries::table
        .find(first)
        .select((
            audit_entries::actor_kind,
            audit_entries::actor_id,
            audit_entries::action,
            audit_entries::subject_kind,
            audit_entries::subject_id,
            audit_entries::subject_name,
            audit_entries::before,
            audit_entries::after,
        ))
        .first(conn)
        .optional()?;
    let Some((actor_kind, actor_id, action, subject_kind, subject_id, subject_name, before, after)) =
        row
    else {
        return Ok(None);
    };
    let undone: Option<String> = undone_operations::table
        .find(operation)
        .select(undone_operations::operation)
        .first(conn)
        .optional()?;
    Ok(Some(Operation {
        id: operation.to_owned(),
        actor_kind,
        actor_id,
        action,
        subject_kind,
        subject_id,
        subject_name,
        before: fields(before)?,
        after: fields(after)?,
        undone: undone.is_some(),
    }))
}

/// The record that this write's operation made before, if the same form was sent already.
pub fn made(tx: &mut Tx<'_>, action: &str) -> Result<Option<i64>, StoreError> {
    tx.write_audit()?;
    let made: Option<Option<i64>> = audit_entries::table
        .filter(audit_entries::operation.eq(&tx.operation))
        .filter(audit_entries::action.eq(action))
        .select(audit_entries::subject_id)
        .first(tx.conn)
        .optional()?;
    Ok(made.flatten())
}

fn fields(text: Option<String>) -> Result<Map<String, Value>, StoreError> {
    match text {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str(&text).map_err(StoreError::broken),
    }
}
