//! Users: the people behind agents and web logins.

pub mod access;
pub(super) mod admins;
pub mod create;
mod current;
pub mod deleted;
pub mod remove;
pub mod undo;
pub mod update;
mod write;

pub(super) use current::Current;

use super::claim;
use super::connection::Conn;
use super::error::StoreError;
use super::schema::{sessions, users};
use super::tx::{RecordKind, Tx};
use crate::domain::audit::Entry;
use crate::domain::ids::{RoleId, UserId};
use crate::domain::text::{Email, LoginId, Name};
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// A user about to be made, without an agent facet.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub name: Name,
    pub login_id: LoginId,
    /// For links and codes. The ways in ask for it.
    pub email: Option<Email>,
    pub role: RoleId,
    /// None until a password is chosen by a one-time link.
    pub password_hash: Option<String>,
}

/// Makes a user who may sign in.
///
/// # Errors
/// `Taken` with kind `login_id` or `email` when that is in use.
pub fn insert(tx: &mut Tx<'_>, new: &NewUser) -> Result<UserId, StoreError> {
    let role = super::role::get(tx.conn, new.role)?;
    let email = new.email.as_ref().map(Email::as_str);
    let id: i64 = diesel::insert_into(users::table)
        .values((
            users::name.eq(new.name.as_str()),
            users::designation.eq(""),
            users::login_id.eq(new.login_id.as_str()),
            users::email.eq(email),
            users::password_hash.eq(&new.password_hash),
            users::role_id.eq(new.role.0),
            users::web_login.eq("allowed"),
            users::failed_sign_ins.eq(0),
            users::allowed_ips.eq(""),
            users::preferences.eq("{}"),
            users::created_at.eq(tx.now.0),
            users::updated_at.eq(tx.now.0),
            users::version.eq(1_i64),
        ))
        .returning(users::id)
        .get_result(tx.conn)?;
    claim::take(tx, "login_id", &new.login_id.claim(), "user", id)?;
    let mut entry = Entry::new("user.create", "user", Some(id), new.name.as_str())
        .after("name", new.name.as_str())
        .after("login_id", new.login_id.as_str())
        .after("role", role.name)
        .version(1);
    if let Some(email) = email {
        claim::take(tx, "email", email, "user", id)?;
        entry = entry.after("email", email);
    }
    tx.audit(entry)?;
    tx.touch(RecordKind::User, id);
    Ok(UserId(id))
}

/// What is known of a user beside what every list needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// As stored: parted by `|`.
    pub allowed_ips: String,
    pub has_password: bool,
    pub has_factor: bool,
    pub failed_sign_ins: i32,
    pub created_at: Timestamp,
    pub sessions: i64,
}

/// None for who was never there.
pub fn facts(conn: &mut Conn, id: UserId) -> Result<Option<Facts>, StoreError> {
    type Row = (String, Option<String>, i32, i64);
    let row: Option<Row> = users::table
        .find(id.0)
        .select((
            users::allowed_ips,
            users::password_hash,
            users::failed_sign_ins,
            users::created_at,
        ))
        .first(conn)
        .optional()?;
    let Some((allowed_ips, password_hash, failed_sign_ins, created_at)) = row else {
        return Ok(None);
    };
    let sessions = sessions::table
        .filter(sessions::user_id.eq(id.0))
        .count()
        .get_result(conn)?;
    Ok(Some(Facts {
        allowed_ips,
        has_password: password_hash.is_some(),
        has_factor: super::factor::find(conn, id)?.is_some(),
        failed_sign_ins,
        created_at: Timestamp(created_at),
        sessions,
    }))
}
