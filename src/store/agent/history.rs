//! Who changed an agent since a version: the other side of a conflict.

use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::audit_entries;
use diesel::prelude::*;
use serde_json::{Map, Value};

/// One act on an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub at: Timestamp,
    pub by: String,
    /// `agent.update` and its like.
    pub action: String,
    /// Names of the fields that have another value since.
    pub fields: Vec<String>,
}

/// More acts than anyone would read in one bar.
const MOST: i64 = 200;

/// The acts after a version, oldest first.
pub fn since(conn: &mut Conn, id: UserId, version: i64) -> Result<Vec<Edit>, StoreError> {
    type Row = (i64, String, String, Option<String>);
    let rows: Vec<Row> = audit_entries::table
        .filter(audit_entries::subject_kind.eq("user"))
        .filter(audit_entries::subject_id.eq(id.0))
        .filter(audit_entries::version_after.gt(version))
        .filter(audit_entries::action.like("agent.%"))
        .order(audit_entries::id)
        .limit(MOST)
        .offset(0)
        .select((
            audit_entries::at,
            audit_entries::actor_name,
            audit_entries::action,
            audit_entries::after,
        ))
        .load(conn)?;
    let edit = |(at, by, action, after): Row| Edit {
        at: Timestamp(at),
        by,
        action,
        fields: fields(after.as_deref()),
    };
    Ok(rows.into_iter().map(edit).collect())
}

fn fields(after: Option<&str>) -> Vec<String> {
    let after: Map<String, Value> = after
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    after.into_iter().map(|(name, _)| name).collect()
}
