//! The administrators who can sign in: there is always one.

use crate::domain::person::WebLogin;
use crate::domain::role::form::RoleValues;
use crate::domain::role::{Permissions, Rights};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::role::{self, Role};
use crate::store::schema::{user_scope_groups, users};
use diesel::prelude::*;

/// Those who have every right, on everyone, by whatever role, and can use them: the web login is allowed, and a
/// password was chosen. Who is held to groups, or was only invited, could not let anybody in again.
pub(in crate::store) fn all(conn: &mut Conn) -> Result<Vec<i64>, StoreError> {
    let roles: Vec<i64> = role::all(conn)?
        .into_iter()
        .filter(|role| makes_admins(role.permissions, role.own_groups))
        .map(|role| role.id.0)
        .collect();
    let bound = user_scope_groups::table.select(user_scope_groups::user_id);
    Ok(users::table
        .filter(users::role_id.eq_any(roles))
        .filter(users::deleted_at.is_null())
        .filter(users::web_login.eq(WebLogin::Allowed.word()))
        .filter(users::password_hash.is_not_null())
        .filter(users::id.ne_all(bound))
        .order(users::id)
        .select(users::id)
        .load(conn)?)
}

/// Whether a role gives all that an administrator has, to who is held to no groups.
pub(in crate::store) fn makes_admins(permissions: Permissions, own_groups: bool) -> bool {
    Rights::of(permissions, own_groups, Vec::new()).is_everything()
}

/// All administrators, if these are all of them: without them nobody could sign in as one any more; else nobody.
/// Whoever asks is alone with the answer until the transaction ends, so that two nodes never take the last two away
/// at the same moment; by a lock of its own, since each of them holds the row of the other's administrator already.
pub(in crate::store) fn last_among(
    conn: &mut Conn,
    leaving: &[i64],
) -> Result<Vec<i64>, StoreError> {
    /// Any fixed number that no other lock of ours has.
    const ADMINS: i64 = 0x61_646d_696e;
    if let Conn::Pg(conn) = conn {
        diesel::sql_query(format!("SELECT pg_advisory_xact_lock({ADMINS})")).execute(conn)?;
    }
    let mut admins = all(conn)?;
    if admins.iter().any(|id| !leaving.contains(id)) {
        admins.clear();
    }
    Ok(admins)
}

/// Whether nobody could sign in as an administrator any more without these.
pub(in crate::store) fn none_without(conn: &mut Conn, leaving: &[i64]) -> Result<bool, StoreError> {
    Ok(!last_among(conn, leaving)?.is_empty())
}

/// Whether nobody could if a role became this.
pub(in crate::store) fn none_with_role(
    conn: &mut Conn,
    role: &Role,
    after: &RoleValues,
) -> Result<bool, StoreError> {
    let makes = makes_admins(after.permissions, after.own_groups);
    if makes || !makes_admins(role.permissions, role.own_groups) {
        return Ok(false);
    }
    let holders: Vec<i64> = users::table
        .filter(users::role_id.eq(role.id.0))
        .filter(users::deleted_at.is_null())
        .select(users::id)
        .load(conn)?;
    none_without(conn, &holders)
}
