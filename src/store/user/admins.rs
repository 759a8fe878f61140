//! The administrators who can sign in: there is always one.

use crate::domain::person::WebLogin;
use crate::domain::role::BuiltInRole;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{roles, users};
use diesel::prelude::*;

/// Whether nobody could sign in as an administrator any more without these. Whoever asks is alone with the answer
/// until the transaction ends, so that two nodes never take the last two away at the same moment; by a lock of
/// its own, since each of them holds the row of the other's administrator already.
pub(in crate::store) fn none_without(conn: &mut Conn, leaving: &[i64]) -> Result<bool, StoreError> {
    /// Any fixed number that no other lock of ours has.
    const ADMINS: i64 = 0x61_646d_696e;
    if let Conn::Pg(conn) = conn {
        diesel::sql_query(format!("SELECT pg_advisory_xact_lock({ADMINS})")).execute(conn)?;
    }
    let admin = roles::table
        .filter(roles::built_in.eq(true))
        .filter(roles::name.eq(BuiltInRole::Admin.name()))
        .select(roles::id);
    let role: Option<i64> = admin.first(conn).optional()?;
    let admins: Vec<i64> = users::table
        .filter(users::role_id.eq(role.unwrap_or(0)))
        .filter(users::deleted_at.is_null())
        .filter(users::web_login.eq(WebLogin::Allowed.word()))
        .order(users::id)
        .select(users::id)
        .load(conn)?;
    Ok(admins.iter().all(|id| leaving.contains(id)))
}
