//! Users who were deleted and can be brought back.

use crate::domain::ids::UserId;
use crate::domain::role::Scope;
use crate::domain::time::Timestamp;
use crate::store::agent::deleted::doers_of;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agent_group_members, users};
use diesel::prelude::*;

/// A deleted user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub id: UserId,
    pub name: String,
    pub login_id: String,
    pub at: Timestamp,
    /// Who did it, as far as the audit knows.
    pub by: Option<String>,
}

/// Those in a scope, the last to go first, and how many there are. Whoever is held to groups sees the
/// agents that were in these.
pub fn page(
    conn: &mut Conn,
    scope: &Scope,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Gone>, i64), StoreError> {
    macro_rules! gone {
        () => {
            users::table.filter(users::deleted_at.is_not_null())
        };
    }
    macro_rules! rows {
        ($query:expr) => {
            $query
                .order((users::deleted_at.desc(), users::id.desc()))
                .limit(limit)
                .offset(offset)
                .select((users::id, users::name, users::login_id, users::deleted_at))
                .load(conn)?
        };
    }
    type Row = (i64, String, String, Option<i64>);
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
                rows!(gone!().filter(users::id.eq_any(members()))),
                gone!()
                    .filter(users::id.eq_any(members()))
                    .count()
                    .get_result(conn)?,
            )
        }
    };
    let keys: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let mut by = doers_of(conn, &keys, &["user.delete", "agent.delete"])?;
    let gone = rows.into_iter().map(|(id, name, login_id, at)| Gone {
        id: UserId(id),
        name,
        login_id,
        at: Timestamp(at.unwrap_or(0)),
        by: by.remove(&id),
    });
    Ok((gone.collect(), total))
}
