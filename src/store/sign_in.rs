//! Signing in: credentials, the counter of failures, and who a session belongs to.

use super::connection::Conn;
use super::error::StoreError;
use super::factor::{self, Proof, StoredFactor};
use super::link::{self, LinkKind};
use super::role::read_permissions;
use super::schema::{claims, roles, user_scope_groups, users};
use super::session::{self, NewSession};
use super::tx::{RecordKind, Tx};
use crate::domain::allowed_ips::AllowedIps;
use crate::domain::audit::Entry;
use crate::domain::ids::{GroupId, RoleId, UserId};
use crate::domain::lock::{is_forgotten, lock_after};
use crate::domain::refusal::Refusal;
use crate::domain::role::{Permissions, Scope};
use crate::domain::text::{Email, LoginId};
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// What is needed to check a password.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub user: UserId,
    pub name: String,
    /// None: no password was ever chosen.
    pub password_hash: Option<String>,
    /// The web login is allowed.
    pub allowed: bool,
    pub failed: i32,
    pub locked_until: Option<Timestamp>,
    /// From where the person may sign in.
    pub allowed_ips: AllowedIps,
    /// Asked for after the password.
    pub factor: Option<StoredFactor>,
    pub email: Option<String>,
}

/// Someone who may be signed in, with the rights that hold now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: UserId,
    pub name: String,
    pub login_id: String,
    pub role: RoleId,
    pub role_name: String,
    pub permissions: Permissions,
    pub scope: Scope,
    /// JSON object text: columns, density, theme.
    pub preferences: String,
    /// From where the session may be used.
    pub allowed_ips: AllowedIps,
    /// The role needs a second factor and the person has none: nothing else can be done before.
    pub must_add_factor: bool,
}

/// By login id, upper and lower case alike. Deleted people are not found.
pub fn find(conn: &mut Conn, login_id: &str) -> Result<Option<Credentials>, StoreError> {
    match owner(conn, "login_id", LoginId::claim_of(login_id))? {
        Some(user) => credentials(conn, user),
        None => Ok(None),
    }
}

/// By login id, else by e-mail address: whoever has forgotten one may know the other.
pub fn find_forgetful(conn: &mut Conn, typed: &str) -> Result<Option<Credentials>, StoreError> {
    if let Some(known) = find(conn, typed)? {
        return Ok(Some(known));
    }
    let Ok(email) = Email::parse(typed.trim()) else {
        return Ok(None);
    };
    match owner(conn, "email", email.as_str().to_owned())? {
        Some(user) => credentials(conn, user),
        None => Ok(None),
    }
}

fn owner(conn: &mut Conn, kind: &str, value: String) -> Result<Option<UserId>, StoreError> {
    let owner: Option<i64> = claims::table
        .find((kind.to_owned(), value))
        .filter(claims::owner_kind.eq("user"))
        .select(claims::owner_id)
        .first(conn)
        .optional()?;
    Ok(owner.map(UserId))
}

/// By key. Deleted people are not found.
pub fn credentials(conn: &mut Conn, user: UserId) -> Result<Option<Credentials>, StoreError> {
    type Row = (
        String,
        Option<String>,
        String,
        i32,
        Option<i64>,
        String,
        Option<String>,
    );
    let row: Option<Row> = users::table
        .find(user.0)
        .filter(users::deleted_at.is_null())
        .select((
            users::name,
            users::password_hash,
            users::web_login,
            users::failed_sign_ins,
            users::locked_until,
            users::allowed_ips,
            users::email,
        ))
        .first(conn)
        .optional()?;
    let factor = factor::find(conn, user)?;
    Ok(row.map(
        |(name, password_hash, web_login, failed, locked_until, allowed_ips, email)| Credentials {
            user,
            name,
            password_hash,
            allowed: web_login == "allowed",
            failed,
            locked_until: locked_until.map(Timestamp),
            allowed_ips: AllowedIps::stored(&allowed_ips),
            factor,
            email,
        },
    ))
}

/// The person behind a session, or None if they may not be signed in any more.
pub fn account(conn: &mut Conn, user: UserId) -> Result<Option<Account>, StoreError> {
    type Row = (String, String, String, String, i64, String, String, bool);
    let row: Option<Row> = users::table
        .inner_join(roles::table.on(roles::id.eq(users::role_id)))
        .filter(users::id.eq(user.0))
        .filter(users::deleted_at.is_null())
        .filter(users::web_login.eq("allowed"))
        .select((
            users::name,
            users::login_id,
            users::preferences,
            users::allowed_ips,
            roles::id,
            roles::name,
            roles::permissions,
            roles::own_groups,
        ))
        .first(conn)
        .optional()?;
    let Some((name, login_id, preferences, allowed_ips, role, role_name, permissions, own_groups)) =
        row
    else {
        return Ok(None);
    };
    let must_add_factor =
        factor::is_required(conn, RoleId(role))? && factor::find(conn, user)?.is_none();
    let groups: Vec<i64> = user_scope_groups::table
        .filter(user_scope_groups::user_id.eq(user.0))
        .order(user_scope_groups::group_id)
        .select(user_scope_groups::group_id)
        .load(conn)?;
    // A person with groups is held to them whatever the role says: never more than was meant.
    let limited = own_groups || !groups.is_empty();
    Ok(Some(Account {
        id: user,
        name,
        login_id,
        role: RoleId(role),
        role_name,
        permissions: read_permissions(&permissions)?,
        scope: if limited {
            Scope::Groups(groups.into_iter().map(GroupId).collect())
        } else {
            Scope::All
        },
        preferences,
        allowed_ips: AllowedIps::stored(&allowed_ips),
        must_add_factor,
    }))
}

/// Notes a refused sign-in of somebody known, and why; counts it and perhaps closes the account for a while.
pub fn refuse(tx: &mut Tx<'_>, known: &Credentials, why: Refusal) -> Result<(), StoreError> {
    if is_forgotten(known.locked_until, tx.now) {
        forgive(tx, known.user)?;
    }
    let failed: i32 = diesel::update(users::table.find(known.user.0))
        .set(users::failed_sign_ins.eq(users::failed_sign_ins + 1))
        .returning(users::failed_sign_ins)
        .get_result(tx.conn)?;
    let mut entry = Entry::new(
        "session.refused",
        "user",
        Some(known.user.0),
        known.name.as_str(),
    )
    .after("cause", why.word())
    .after("failed_sign_ins", failed);
    if let Some(lock) = lock_after(failed) {
        let until = tx.now.plus(lock);
        diesel::update(users::table.find(known.user.0))
            .set(users::locked_until.eq(until.0))
            .execute(tx.conn)?;
        entry = entry.after("locked_until", until.0);
    }
    tx.audit(entry)?;
    tx.touch(RecordKind::User, known.user.0);
    Ok(())
}

/// Notes a refused sign-in by a name that nobody has.
pub fn refuse_stranger(tx: &mut Tx<'_>, login_id: &str) -> Result<(), StoreError> {
    tx.audit(Entry::new("session.refused", "login_id", None, login_id))
}

/// Begins a session: uses the proof of the second factor up, forgets the failures and ends the session that
/// the browser held before. `false`, and nothing is done, when the proof was used before, or when the login was
/// blocked, closed or given another password while `known` was being checked.
pub fn accept(
    tx: &mut Tx<'_>,
    known: &Credentials,
    new: &NewSession,
    replaced: Option<&str>,
    proof: Option<&Proof>,
) -> Result<bool, StoreError> {
    let holds = |now: Credentials| {
        now.allowed
            && now.password_hash == known.password_hash
            && now.locked_until.is_none_or(|until| until <= tx.now)
    };
    if !credentials(tx.conn, known.user)?.is_some_and(holds) {
        return Ok(false);
    }
    if let Some(proof) = proof
        && !factor::take(tx, known.user, proof)?
    {
        return Ok(false);
    }
    if let Some(old) = replaced {
        session::delete(tx, old)?;
    }
    if known.failed != 0 || known.locked_until.is_some() {
        forgive(tx, known.user)?;
    }
    session::insert(tx, new)?;
    let mut entry = Entry::new(
        "session.begin",
        "user",
        Some(known.user.0),
        known.name.as_str(),
    );
    if let Some(proof) = proof {
        entry = entry.after("second_factor", said(proof));
    }
    tx.audit(entry)?;
    Ok(true)
}

fn said(proof: &Proof) -> &'static str {
    match proof {
        Proof::Step(_) => "app",
        Proof::Recovery(_) => "recovery code",
    }
}

/// Keeps a hash of the same password with today's parameters.
pub fn rehash(tx: &mut Tx<'_>, user: UserId, old: &str, new: &str) -> Result<(), StoreError> {
    diesel::update(
        users::table
            .find(user.0)
            .filter(users::password_hash.eq(old.to_owned())),
    )
    .set(users::password_hash.eq(new))
    .execute(tx.conn)?;
    Ok(())
}

/// The person behind a session has proved who they are once more: the session gets another key. `false`
/// when the proof of the second factor was used before.
pub fn confirm(
    tx: &mut Tx<'_>,
    known: &Credentials,
    old: &str,
    new: &str,
    proof: Option<&Proof>,
) -> Result<bool, StoreError> {
    if let Some(proof) = proof
        && !factor::take(tx, known.user, proof)?
    {
        return Ok(false);
    }
    session::renew(tx, old, new, true)?;
    if known.failed != 0 || known.locked_until.is_some() {
        forgive(tx, known.user)?;
    }
    tx.audit(Entry::new(
        "session.confirm",
        "user",
        Some(known.user.0),
        known.name.as_str(),
    ))?;
    Ok(true)
}

/// Forgets the failures and opens the account at once.
fn forgive(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    diesel::update(users::table.find(user.0))
        .set((
            users::failed_sign_ins.eq(0),
            users::locked_until.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    tx.touch(RecordKind::User, user.0);
    Ok(())
}

/// Ends one of a person's own sessions from another; `NotFound` when it is not theirs.
pub fn end_own(tx: &mut Tx<'_>, user: UserId, name: &str, id: &str) -> Result<(), StoreError> {
    let own = session::of_user(tx.conn, user)?;
    let found = own.iter().find(|session| session.id() == id);
    let hash = found.ok_or(StoreError::NotFound)?.hash.clone();
    sign_out(tx, &hash, user, name)
}

/// Ends all of a person's own sessions but the one that asks; says how many.
pub fn end_others(
    tx: &mut Tx<'_>,
    user: UserId,
    name: &str,
    keep: &str,
) -> Result<usize, StoreError> {
    let ended = session::delete_of_user(tx, user, Some(keep))?;
    if ended > 0 {
        let entry = Entry::new("session.end_others", "user", Some(user.0), name);
        tx.audit(entry.after("sessions", ended))?;
    }
    Ok(ended)
}

/// Ends the session that asks for it.
pub fn sign_out(tx: &mut Tx<'_>, hash: &str, user: UserId, name: &str) -> Result<(), StoreError> {
    if session::delete(tx, hash)? {
        tx.audit(Entry::new("session.end", "user", Some(user.0), name))?;
    }
    Ok(())
}

/// Sets a password, ends every session of the person but one, and every link that could set another.
pub fn set_password(
    tx: &mut Tx<'_>,
    user: UserId,
    hash: &str,
    keep: Option<&str>,
) -> Result<(), StoreError> {
    let name: String = diesel::update(
        users::table
            .find(user.0)
            .filter(users::deleted_at.is_null()),
    )
    .set((
        users::password_hash.eq(hash),
        users::failed_sign_ins.eq(0),
        users::locked_until.eq(None::<i64>),
        users::updated_at.eq(tx.now.0),
        users::version.eq(users::version + 1),
    ))
    .returning(users::name)
    .get_result(tx.conn)?;
    session::delete_of_user(tx, user, keep)?;
    link::end(tx, LinkKind::Password, user)?;
    tx.audit(Entry::new("user.password", "user", Some(user.0), name))?;
    tx.touch(RecordKind::User, user.0);
    Ok(())
}

/// Whether nobody was ever created: the install waits to be set up.
pub fn is_new_install(conn: &mut Conn) -> Result<bool, StoreError> {
    let first: Option<i64> = users::table
        .select(users::id)
        .limit(1)
        .first(conn)
        .optional()?;
    Ok(first.is_none())
}
