//! The administrators who can sign in: there is always one.

use crate::domain::person::WebLogin;
use crate::domain::role::BuiltInRole;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{roles, users};
use diesel::prelude::*;

/// Whether nobody could sign in as an administrator any more without these. Holds the rows, so that two
/// nodes never take the last two away at the same moment.
pub(in crate::store) fn none_without(conn: &mut Conn, leaving: &[i64]) -> Result<bool, StoreError> {
    let admin = roles::table
        .filter(roles::built_in.eq(true))
        .filter(roles::name.eq(BuiltInRole::Admin.name()))
        .select(roles::id);
    let role: Option<i64> = admin.first(conn).optional()?;
    let admins = users::table
        .filter(users::role_id.eq(role.unwrap_or(0)))
        .filter(users::deleted_at.is_null())
        .filter(users::web_login.eq(WebLogin::Allowed.word()))
        .order(users::id)
        .select(users::id);
    let admins: Vec<i64> = match conn {
        Conn::Sqlite(c) => admins.load(c)?,
        Conn::Pg(c) => admins.for_no_key_update().load(c)?,
    };
    Ok(admins.iter().all(|id| leaving.contains(id)))
}
