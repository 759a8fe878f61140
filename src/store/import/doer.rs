//! What someone may do at this moment. An upload is planned and carried out by jobs, minutes after the button was
//! pressed: rights that were taken away meanwhile are gone.

use crate::domain::audit::{Actor, ActorKind};
use crate::domain::ids::{GroupId, RoleId};
use crate::domain::person::WebLogin;
use crate::domain::role::{Permission, Rights};
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{user_scope_groups, users};
use crate::store::{role, token};
use diesel::prelude::*;

/// The rights of someone who may upload; none for who may not (any more).
pub fn rights_of(
    conn: &mut Conn,
    actor: &Actor,
    now: Timestamp,
) -> Result<Option<Rights>, StoreError> {
    let rights = match (actor.kind, actor.id) {
        // Whoever has the machine's shell has the database.
        (ActorKind::Shell | ActorKind::System, _) => Some(Rights::everything()),
        (ActorKind::User, Some(id)) => of_user(conn, id)?,
        (ActorKind::Token, Some(id)) => token::rights(conn, id, now)?,
        (ActorKind::User | ActorKind::Token, None) => None,
    };
    Ok(rights.filter(|rights| rights.may(&[Permission::Uploads])))
}

fn of_user(conn: &mut Conn, id: i64) -> Result<Option<Rights>, StoreError> {
    let role: Option<i64> = users::table
        .filter(users::id.eq(id))
        .filter(users::deleted_at.is_null())
        .filter(users::web_login.eq(WebLogin::Allowed.word()))
        .select(users::role_id)
        .first(conn)
        .optional()?;
    let Some(role) = role else {
        return Ok(None);
    };
    let role = match role::get(conn, RoleId(role)) {
        Ok(role) => role,
        Err(StoreError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let groups: Vec<i64> = user_scope_groups::table
        .filter(user_scope_groups::user_id.eq(id))
        .order(user_scope_groups::group_id)
        .select(user_scope_groups::group_id)
        .load(conn)?;
    let groups = groups.into_iter().map(GroupId).collect();
    Ok(Some(Rights::of(role.permissions, role.own_groups, groups)))
}
