//! Second factors: the sealed secret of an authenticator app, the recovery codes beside it, and the roles
//! that need one.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::{factor_roles, recovery_codes, second_factors, users};
use super::session;
use super::tx::{RecordKind, Tx};
use crate::domain::audit::Entry;
use crate::domain::ids::{RoleId, UserId};
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// A second factor as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFactor {
    pub sealed: String,
    /// The last step of time whose code was taken.
    pub last_step: i64,
    pub created_at: Timestamp,
}

/// A second factor about to be set; its first code proved that the app has it.
#[derive(Clone, Debug)]
pub struct NewFactor {
    pub sealed: String,
    pub step: i64,
    /// Hashes of the recovery codes.
    pub codes: Vec<String>,
}

/// What stands in for the second factor at a sign-in; each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The step of time whose code was typed.
    Step(i64),
    /// The hash of a recovery code.
    Recovery(String),
}

/// The place that a person's secret is sealed for.
pub fn place(user: UserId) -> String {
    format!("totp:{}", user.0)
}

pub fn find(conn: &mut Conn, user: UserId) -> Result<Option<StoredFactor>, StoreError> {
    let row: Option<(String, i64, i64)> = second_factors::table
        .find(user.0)
        .select((
            second_factors::secret,
            second_factors::last_step,
            second_factors::created_at,
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(sealed, last_step, created_at)| StoredFactor {
        sealed,
        last_step,
        created_at: Timestamp(created_at),
    }))
}

/// How many recovery codes are left.
pub fn codes_left(conn: &mut Conn, user: UserId) -> Result<i64, StoreError> {
    Ok(recovery_codes::table
        .filter(recovery_codes::user_id.eq(user.0))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(conn)?)
}

/// Whether the people of a role need a second factor.
pub fn is_required(conn: &mut Conn, role: RoleId) -> Result<bool, StoreError> {
    let found: Option<i64> = factor_roles::table
        .find(role.0)
        .select(factor_roles::role_id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// The roles whose people need one.
pub fn required_roles(conn: &mut Conn) -> Result<Vec<RoleId>, StoreError> {
    let roles: Vec<i64> = factor_roles::table
        .order(factor_roles::role_id)
        .select(factor_roles::role_id)
        .load(conn)?;
    Ok(roles.into_iter().map(RoleId).collect())
}

/// Says whether the people of a role need one; who has none is asked to add it at the next page. Nothing is
/// written when it is so already.
///
/// # Errors
/// `NotFound` for a role that is not there.
pub fn require(tx: &mut Tx<'_>, role: RoleId, required: bool) -> Result<(), StoreError> {
    let role = super::role::get(tx.conn, role)?;
    let before = is_required(tx.conn, role.id)?;
    if before == required {
        return Ok(());
    }
    match required {
        true => diesel::insert_into(factor_roles::table)
            .values(factor_roles::role_id.eq(role.id.0))
            .execute(tx.conn)?,
        false => diesel::delete(factor_roles::table.find(role.id.0)).execute(tx.conn)?,
    };
    tx.touch(RecordKind::Role, role.id.0);
    tx.audit(
        Entry::new("role.second_factor", "role", Some(role.id.0), role.name)
            .before("second_factor", before)
            .after("second_factor", required),
    )
}

/// Sets the factor, in place of one that there was, and ends the person's sessions but one.
pub fn set(
    tx: &mut Tx<'_>,
    user: UserId,
    new: &NewFactor,
    keep: Option<&str>,
) -> Result<(), StoreError> {
    let name = name(tx, user)?;
    let replaced = clear(tx, user)?;
    diesel::insert_into(second_factors::table)
        .values((
            second_factors::user_id.eq(user.0),
            second_factors::secret.eq(&new.sealed),
            second_factors::last_step.eq(new.step),
            second_factors::created_at.eq(tx.now.0),
        ))
        .execute(tx.conn)?;
    insert_codes(tx, user, &new.codes)?;
    session::delete_of_user(tx, user, keep)?;
    tx.audit(
        Entry::new("user.factor_set", "user", Some(user.0), name)
            .before("second_factor", replaced)
            .after("second_factor", true),
    )?;
    tx.touch(RecordKind::User, user.0);
    Ok(())
}

/// New recovery codes in place of all that there were.
///
/// # Errors
/// `NotFound` without a second factor.
pub fn renew_codes(tx: &mut Tx<'_>, user: UserId, codes: &[String]) -> Result<(), StoreError> {
    find(tx.conn, user)?.ok_or(StoreError::NotFound)?;
    let name = name(tx, user)?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user.0)))
        .execute(tx.conn)?;
    insert_codes(tx, user, codes)?;
    tx.audit(Entry::new(
        "user.recovery_codes",
        "user",
        Some(user.0),
        name,
    ))
}

/// Takes the factor away and ends the person's sessions but perhaps one; `false` if there was none.
pub fn remove(tx: &mut Tx<'_>, user: UserId, keep: Option<&str>) -> Result<bool, StoreError> {
    let name = name(tx, user)?;
    if !clear(tx, user)? {
        return Ok(false);
    }
    session::delete_of_user(tx, user, keep)?;
    tx.audit(
        Entry::new("user.factor_reset", "user", Some(user.0), name)
            .before("second_factor", true)
            .after("second_factor", false),
    )?;
    tx.touch(RecordKind::User, user.0);
    Ok(true)
}

/// Uses a proof up; `false` when it was used before or is none.
pub(super) fn take(tx: &mut Tx<'_>, user: UserId, proof: &Proof) -> Result<bool, StoreError> {
    let taken = match proof {
        Proof::Step(step) => diesel::update(
            second_factors::table
                .find(user.0)
                .filter(second_factors::last_step.lt(*step)),
        )
        .set(second_factors::last_step.eq(*step))
        .execute(tx.conn)?,
        Proof::Recovery(hash) => diesel::update(
            recovery_codes::table
                .find((user.0, hash.as_str()))
                .filter(recovery_codes::used_at.is_null()),
        )
        .set(recovery_codes::used_at.eq(tx.now.0))
        .execute(tx.conn)?,
    };
    Ok(taken == 1)
}

fn clear(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StoreError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user.0)))
        .execute(tx.conn)?;
    let removed = diesel::delete(second_factors::table.find(user.0)).execute(tx.conn)?;
    Ok(removed == 1)
}

fn insert_codes(tx: &mut Tx<'_>, user: UserId, codes: &[String]) -> Result<(), StoreError> {
    for hash in codes {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::user_id.eq(user.0),
                recovery_codes::hash.eq(hash),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

fn name(tx: &mut Tx<'_>, user: UserId) -> Result<String, StoreError> {
    Ok(users::table
        .find(user.0)
        .filter(users::deleted_at.is_null())
        .select(users::name)
        .first(tx.conn)?)
}
