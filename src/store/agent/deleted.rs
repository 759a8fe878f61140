//! Agents that were deleted and can be brought back.

use crate::domain::ids::UserId;
use crate::domain::role::Scope;
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agent_group_members, agents, audit_entries, users};
use diesel::prelude::*;
use std::collections::HashMap;

/// A deleted agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub id: UserId,
    pub name: String,
    pub login_id: String,
    pub at: Timestamp,
    /// Who did it, as far as the audit knows.
    pub by: Option<String>,
    /// Only the agent is deleted.
    pub user_stays: bool,
}

/// Those in a scope, the last to go first, and how many there are.
pub fn page(
    conn: &mut Conn,
    scope: &Scope,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Gone>, i64), StoreError> {
    macro_rules! gone {
        () => {
            agents::table
                .inner_join(users::table)
                .filter(agents::removed_at.is_not_null())
        };
    }
    macro_rules! rows {
        ($query:expr) => {
            $query
                .order((agents::removed_at.desc(), agents::user_id.desc()))
                .limit(limit)
                .offset(offset)
                .select((
                    users::id,
                    users::name,
                    users::login_id,
                    agents::removed_at,
                    users::deleted_at,
                ))
                .load(conn)?
        };
    }
    type Row = (i64, String, String, Option<i64>, Option<i64>);
    let (rows, total): (Vec<Row>, i64) = match scope {
        Scope::All => (rows!(gone!()), gone!().count().get_result(conn)?),
        Scope::Groups(groups) => {
            let groups: Vec<i64> = groups.iter().map(|group| group.0).collect();
            let members = || {
                agent_group_members::table
                    .filter(agent_group_members::group_id.eq_any(groups.clone()))
                    .select(agent_group_members::agent_id)
            };
            (
                rows!(gone!().filter(agents::user_id.eq_any(members()))),
                gone!()
                    .filter(agents::user_id.eq_any(members()))
                    .count()
                    .get_result(conn)?,
            )
        }
    };
    let keys: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let mut by = doers_of(conn, &keys, &["agent.delete"])?;
    let gone = rows
        .into_iter()
        .map(|(id, name, login_id, at, deleted)| Gone {
            id: UserId(id),
            name,
            login_id,
            at: Timestamp(at.unwrap_or(0)),
            by: by.remove(&id),
            user_stays: deleted.is_none(),
        })
        .collect();
    Ok((gone, total))
}

/// Who deleted each of them the last time, by one of these actions.
pub(in crate::store) fn doers_of(
    conn: &mut Conn,
    keys: &[i64],
    actions: &[&str],
) -> Result<HashMap<i64, String>, StoreError> {
    let rows: Vec<(Option<i64>, String)> = audit_entries::table
        .filter(audit_entries::subject_kind.eq("user"))
        .filter(audit_entries::subject_id.eq_any(keys))
        .filter(audit_entries::action.eq_any(actions.to_vec()))
        .order(audit_entries::id)
        .select((audit_entries::subject_id, audit_entries::actor_name))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, name)| Some((id?, name)))
        .collect())
}
