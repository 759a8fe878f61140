//! Whose membership others changed since somebody looked: on the group's own pages, or on an agent's.

use super::{AT_ONCE, KIND};
use crate::domain::group::Seen;
use crate::domain::ids::{GroupId, UserId};
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::audit_entries;
use diesel::prelude::*;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// Who touched a membership last, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    pub by: String,
    pub at: Timestamp,
}

/// A line of the audit about memberships: its key, so that the later of two stands.
type Line = (i64, i64, String, Option<String>, Option<String>);

/// Those of `agents` whose membership was written after `seen`.
pub(super) fn since(
    conn: &mut Conn,
    group: GroupId,
    seen: Seen,
    agents: &[i64],
) -> Result<HashMap<UserId, Touch>, StoreError> {
    let wanted: HashSet<i64> = agents.iter().copied().collect();
    let mut touches: HashMap<i64, (i64, Touch)> = HashMap::new();
    let mut note = |agent: i64, line: i64, by: &str, at: i64| {
        let newer = touches.get(&agent).is_none_or(|(known, _)| *known < line);
        if newer && wanted.contains(&agent) {
            let touch = Touch {
                by: by.to_owned(),
                at: Timestamp(at),
            };
            touches.insert(agent, (line, touch));
        }
    };
    for (line, at, by, _, after) in of_group(conn, group, seen)? {
        let after = fields(after.as_deref())?;
        for agent in ["added", "removed"]
            .iter()
            .flat_map(|name| ids(after.get(*name)))
        {
            note(agent, line, &by, at);
        }
    }
    for agents in agents.chunks(AT_ONCE) {
        for (agent, (line, at, by, before, after)) in of_agents(conn, agents, seen)? {
            let before = fields(before.as_deref())?;
            let after = fields(after.as_deref())?;
            let is_in = |fields: &Map<String, Value>| {
                ids(fields.get("agent_groups")).any(|id| id == group.0)
            };
            if is_in(&before) != is_in(&after) {
                note(agent, line, &by, at);
            }
        }
    }
    let touch = |(agent, (_, touch))| (UserId(agent), touch);
    Ok(touches.into_iter().map(touch).collect())
}

/// What was done on the group's own pages.
fn of_group(conn: &mut Conn, group: GroupId, seen: Seen) -> Result<Vec<Line>, StoreError> {
    Ok(audit_entries::table
        .filter(audit_entries::subject_kind.eq(KIND))
        .filter(audit_entries::subject_id.eq(group.0))
        .filter(audit_entries::version_after.gt(seen.version))
        .order(audit_entries::id)
        .select((
            audit_entries::id,
            audit_entries::at,
            audit_entries::actor_name,
            audit_entries::before,
            audit_entries::after,
        ))
        .load(conn)?)
}

/// What was done to the groups of agents, by their forms or by acts on many.
fn of_agents(conn: &mut Conn, agents: &[i64], seen: Seen) -> Result<Vec<(i64, Line)>, StoreError> {
    type Row = (Option<i64>, Line);
    let rows: Vec<Row> = audit_entries::table
        .filter(audit_entries::subject_kind.eq("user"))
        .filter(audit_entries::subject_id.eq_any(agents))
        .filter(audit_entries::at.gt(seen.at.0))
        .filter(audit_entries::after.like("%\"agent_groups\"%"))
        .order(audit_entries::id)
        .select((
            audit_entries::subject_id,
            (
                audit_entries::id,
                audit_entries::at,
                audit_entries::actor_name,
                audit_entries::before,
                audit_entries::after,
            ),
        ))
        .load(conn)?;
    let of_one = |(agent, line): Row| Some((agent?, line));
    Ok(rows.into_iter().filter_map(of_one).collect())
}

/// The keys of a list of records as the audit writes them.
pub(super) fn ids(list: Option<&Value>) -> impl Iterator<Item = i64> {
    let records = list.and_then(Value::as_array).into_iter().flatten();
    records.filter_map(|record| record.get("id")?.as_i64())
}

fn fields(text: Option<&str>) -> Result<Map<String, Value>, StoreError> {
    match text {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str(text).map_err(StoreError::broken),
    }
}
