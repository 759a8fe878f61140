//! The web login of one user, apart from the agent: blocked, allowed again, or opened after failed sign-ins.

pub use super::current::{require_version, version};

use super::admins;
use super::current::{self, Current};
use crate::domain::agent::words;
use crate::domain::audit::Entry;
use crate::domain::authority::{self, Denied, Wanted};
use crate::domain::ids::UserId;
use crate::domain::person::WebLogin;
use crate::domain::role::{Permission, Rights};
use crate::store::agent::off_board;
use crate::store::error::StoreError;
use crate::store::factor;
use crate::store::schema::users;
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;

words!(/// What is done to a web login, by the words that forms post.
AccessAct {
    Block = "block_web_login",
    Unblock = "unblock_web_login",
    /// Ends the wait after failed sign-ins.
    Unlock = "unlock",
    /// The next sign-in asks for no second factor until one is set again.
    ResetFactor = "reset_second_factor",
});

impl AccessAct {
    /// The action of the audit's line.
    pub fn action(self) -> &'static str {
        match self {
            Self::Block => "user.block_web_login",
            Self::Unblock => "user.unblock_web_login",
            Self::Unlock => "user.unlock",
            Self::ResetFactor => "user.factor_reset",
        }
    }
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// The operation.
    Done(String),
    /// It was so already.
    Unchanged,
    /// Nothing was written.
    Denied(Denied),
}

/// Does it to a user whom the doer sees.
///
/// # Errors
/// `NotFound` when there is none.
pub fn act(
    tx: &mut Tx<'_>,
    rights: &Rights,
    id: UserId,
    act: AccessAct,
    reason: Option<&str>,
) -> Result<Done, StoreError> {
    let current = Current::read(tx, &rights.scope, id)?;
    let ends_access = act == AccessAct::Block && current.web_login == WebLogin::Allowed;
    let leaves = ends_access && current.may_be_admin();
    let own = tx.by.user() == Some(id.0);
    let wanted = Wanted {
        own,
        needs: &[Permission::UsersWrite],
        now: Some(&current.rights),
        ends_access,
        leaves_no_admin: leaves && admins::none_without(tx.conn, &[id.0])?,
        ..Wanted::default()
    };
    if let Err(denied) = authority::allowed(rights, &wanted) {
        return Ok(Done::Denied(denied));
    }
    match act {
        AccessAct::Block => set(tx, &current, WebLogin::Blocked, act, reason),
        AccessAct::Unblock => set(tx, &current, WebLogin::Allowed, act, reason),
        AccessAct::Unlock => unlock(tx, &current, reason),
        // One's own is taken away where the password is asked for again.
        AccessAct::ResetFactor if own => Ok(Done::Denied(Denied::Yourself)),
        AccessAct::ResetFactor => Ok(match factor::remove(tx, id, None)? {
            true => Done::Done(tx.operation.clone()),
            false => Done::Unchanged,
        }),
    }
}

/// Whether the doer may give a user a link to choose a password.
///
/// # Errors
/// `NotFound` when there is no such user in scope, or none who may sign in.
pub fn may_be_linked(
    tx: &mut Tx<'_>,
    rights: &Rights,
    id: UserId,
) -> Result<Result<(), Denied>, StoreError> {
    let current = Current::read(tx, &rights.scope, id)?;
    if current.web_login != WebLogin::Allowed {
        return Err(StoreError::NotFound);
    }
    let wanted = Wanted {
        needs: &[Permission::UsersWrite],
        now: Some(&current.rights),
        ..Wanted::default()
    };
    Ok(authority::allowed(rights, &wanted))
}

/// Blocks what is allowed, allows what is blocked. Who has no web login is given none by this.
fn set(
    tx: &mut Tx<'_>,
    current: &Current,
    to: WebLogin,
    act: AccessAct,
    reason: Option<&str>,
) -> Result<Done, StoreError> {
    if current.web_login == to || current.web_login == WebLogin::None {
        return Ok(Done::Unchanged);
    }
    let entry = write(tx, current, to, act.action())?;
    tx.audit(said(entry, reason))?;
    Ok(Done::Done(tx.operation.clone()))
}

/// Writes the web login; returns the line for the audit. Sessions of who is blocked end at once.
pub(super) fn write(
    tx: &mut Tx<'_>,
    current: &Current,
    to: WebLogin,
    action: &'static str,
) -> Result<Entry, StoreError> {
    let id = current.id;
    diesel::update(users::table.find(id.0))
        .set((
            users::web_login.eq(to.word()),
            users::updated_at.eq(tx.now.0),
            users::version.eq(users::version + 1),
        ))
        .execute(tx.conn)?;
    if to != WebLogin::Allowed {
        off_board::end_sessions(tx, &[id.0])?;
    }
    tx.touch(RecordKind::User, id.0);
    let version = current::version(tx.conn, id)?;
    Ok(
        Entry::new(action, "user", Some(id.0), current.name.as_str())
            .before("web_login", current.web_login.word())
            .after("web_login", to.word())
            .version(version),
    )
}

fn unlock(tx: &mut Tx<'_>, current: &Current, reason: Option<&str>) -> Result<Done, StoreError> {
    let id = current.id;
    let failed: i32 = users::table
        .find(id.0)
        .select(users::failed_sign_ins)
        .first(tx.conn)?;
    if failed == 0 {
        return Ok(Done::Unchanged);
    }
    diesel::update(users::table.find(id.0))
        .set((
            users::failed_sign_ins.eq(0),
            users::locked_until.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    tx.touch(RecordKind::User, id.0);
    let action = AccessAct::Unlock.action();
    let entry = Entry::new(action, "user", Some(id.0), current.name.as_str())
        .before("failed_sign_ins", failed)
        .after("failed_sign_ins", 0);
    tx.audit(said(entry, reason))?;
    Ok(Done::Done(tx.operation.clone()))
}

fn said(entry: Entry, reason: Option<&str>) -> Entry {
    match reason {
        Some(reason) => entry.after("reason", reason),
        None => entry,
    }
}
