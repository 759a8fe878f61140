//! Who changed an agent since a version: the other side of a conflict.

use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::group::GroupAct;
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
    /// The agent's version after it.
    pub version: i64,
    /// Names of the fields that have another value since.
    pub fields: Vec<String>,
}

/// More acts than anyone would read in one bar.
const MOST: i64 = 200;

/// The acts after a version, oldest first.
pub fn since(conn: &mut Conn, id: UserId, version: i64) -> Result<Vec<Edit>, StoreError> {
    of_record(conn, "user", "agent.%", id.0, version)
}

/// The same of a record of any kind; `actions` is how its actions begin, `group.%`.
pub fn of_record(
    conn: &mut Conn,
    kind: &str,
    actions: &str,
    id: i64,
    version: i64,
) -> Result<Vec<Edit>, StoreError> {
    let rows: Vec<Row> = audit_entries::table
        .filter(audit_entries::subject_kind.eq(kind))
        .filter(audit_entries::subject_id.eq(id))
        .filter(audit_entries::version_after.gt(version))
        .filter(audit_entries::action.like(actions))
        .order(audit_entries::id)
        .limit(MOST)
        .offset(0)
        .select(COLUMNS)
        .load(conn)?;
    Ok(rows.into_iter().map(edit).collect())
}

/// What was done to a user since an instant, as an agent or not, oldest first.
pub fn of_user_since(
    conn: &mut Conn,
    id: UserId,
    opened: Timestamp,
) -> Result<Vec<Edit>, StoreError> {
    let about = audit_entries::action
        .like("user.%")
        .or(audit_entries::action.like("agent.%"));
    let rows: Vec<Row> = audit_entries::table
        .filter(audit_entries::subject_kind.eq("user"))
        .filter(audit_entries::subject_id.eq(id.0))
        .filter(audit_entries::at.ge(opened.0))
        .filter(about)
        .order(audit_entries::id)
        .limit(MOST)
        .offset(0)
        .select(COLUMNS)
        .load(conn)?;
    Ok(rows.into_iter().map(edit).collect())
}

type Row = (i64, String, String, Option<String>, Option<i64>);

const COLUMNS: (
    audit_entries::at,
    audit_entries::actor_name,
    audit_entries::action,
    audit_entries::after,
    audit_entries::version_after,
) = (
    audit_entries::at,
    audit_entries::actor_name,
    audit_entries::action,
    audit_entries::after,
    audit_entries::version_after,
);

fn edit((at, by, action, after, version): Row) -> Edit {
    Edit {
        at: Timestamp(at),
        by,
        action,
        version: version.unwrap_or_default(),
        fields: fields(after.as_deref()),
    }
}

/// The acts after a version and before an edit, of a record or of the members of a group, that kept them.
pub fn before_operation(
    conn: &mut Conn,
    operation: &str,
    version: i64,
) -> Result<Vec<Edit>, StoreError> {
    type Edited = (String, String, Option<i64>, Option<i64>);
    let edit: Option<Edited> = audit_entries::table
        .filter(audit_entries::operation.eq(operation))
        .filter(
            audit_entries::action
                .like("%.update")
                .or(audit_entries::action.eq(GroupAct::Members.action())),
        )
        .select((
            audit_entries::action,
            audit_entries::subject_kind,
            audit_entries::subject_id,
            audit_entries::version_after,
        ))
        .first(conn)
        .optional()?;
    let Some((action, kind, Some(id), Some(after))) = edit else {
        return Ok(Vec::new());
    };
    let noun = action
        .rsplit_once('.')
        .map_or(action.as_str(), |(noun, _)| noun);
    let mut edits = of_record(conn, &kind, &format!("{noun}.%"), id, version)?;
    edits.retain(|edit| edit.version < after);
    Ok(edits)
}

fn fields(after: Option<&str>) -> Vec<String> {
    let after: Map<String, Value> = after
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    after.into_iter().map(|(name, _)| name).collect()
}
