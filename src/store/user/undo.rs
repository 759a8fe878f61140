//! Takes back what was done to a user, where nobody changed them since.

use super::access::{self, AccessAct};
use super::admins;
use super::current::Current;
use super::remove::{self, Gone};
use super::update::{self, Written, write_difference};
use crate::domain::act::Refusal;
use crate::domain::audit::Entry;
use crate::domain::authority::{self, Denied, Wanted};
use crate::domain::person::WebLogin;
use crate::domain::role::{Permission, Rights};
use crate::domain::user_form::UserChange;
use crate::store::agent::undo::Taken;
use crate::store::error::StoreError;
use crate::store::tx::Tx;
use crate::store::undo::Line;

/// The action of the audit's line about it.
const ACTION: &str = "user.undo";

/// What can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserAct {
    Update,
    Delete,
    /// The web login, either way.
    Access,
}

impl UserAct {
    /// From the action of an operation's line.
    pub fn of_action(action: &str) -> Option<Self> {
        match action {
            update::ACTION => Some(Self::Update),
            remove::DELETE => Some(Self::Delete),
            _ if action == AccessAct::Block.action() || action == AccessAct::Unblock.action() => {
                Some(Self::Access)
            }
            _ => None,
        }
    }
}

/// # Errors
/// `Taken` when a unique value went to someone else since.
pub(in crate::store) fn take_back(
    tx: &mut Tx<'_>,
    rights: &Rights,
    act: UserAct,
    lines: &[Line],
) -> Result<Taken, StoreError> {
    let mut taken = Taken::default();
    for line in lines {
        match one(tx, rights, act, line)? {
            Ok(entry) => {
                taken.agents.push(line.agent);
                taken.entries.extend(entry);
            }
            Err(why) => taken.kept.push((line.agent, why)),
        }
    }
    Ok(taken)
}

type One = Result<Option<Entry>, Refusal>;

/// Takes one line back: the line about that, to be written by the caller, or why not.
pub(in crate::store) fn one(
    tx: &mut Tx<'_>,
    rights: &Rights,
    act: UserAct,
    line: &Line,
) -> Result<One, StoreError> {
    if act == UserAct::Delete {
        return restore(tx, rights, line);
    }
    let current = match Current::read(tx, &rights.scope, line.agent) {
        Ok(current) => current,
        Err(StoreError::NotFound) => return Ok(Err(Refusal::NotFound)),
        Err(error) => return Err(error),
    };
    if line.version_after != Some(current.version()) {
        return Ok(Err(Refusal::Changed));
    }
    match act {
        UserAct::Access => put_access(tx, rights, &current, line),
        UserAct::Update | UserAct::Delete => values(tx, rights, &current, line),
    }
}

fn values(
    tx: &mut Tx<'_>,
    rights: &Rights,
    current: &Current,
    line: &Line,
) -> Result<One, StoreError> {
    let change = UserChange::from_audit(&line.before)
        .map_err(|errors| StoreError::broken(format!("an old value is refused: {errors:?}")))?;
    Ok(
        match write_difference(tx, rights, current, &change, false)? {
            Written::Done(_, entry) => Ok(entry.map(|mut entry| {
                entry.action = ACTION;
                *entry
            })),
            Written::Denied(denied) => Err(refusal(denied)),
            Written::Refused(why) => Err(why),
        },
    )
}

fn put_access(
    tx: &mut Tx<'_>,
    rights: &Rights,
    current: &Current,
    line: &Line,
) -> Result<One, StoreError> {
    let to = line.before.get("web_login").and_then(|word| word.as_str());
    let to: Option<WebLogin> = to.and_then(|word| word.parse().ok());
    let to = to.ok_or_else(|| StoreError::broken("a line of the audit without its web login"))?;
    let ends_access = to != WebLogin::Allowed;
    let leaves = ends_access && current.may_be_admin();
    let wanted = Wanted {
        own: tx.by.user() == Some(current.id.0),
        needs: &[Permission::UsersWrite],
        now: Some(&current.rights),
        ends_access,
        leaves_no_admin: leaves && admins::none_without(tx.conn, &[current.id.0])?,
        ..Wanted::default()
    };
    if let Err(denied) = authority::allowed(rights, &wanted) {
        return Ok(Err(refusal(denied)));
    }
    Ok(Ok(Some(access::write(tx, current, to, ACTION)?)))
}

fn restore(tx: &mut Tx<'_>, rights: &Rights, line: &Line) -> Result<One, StoreError> {
    let Some(gone) = Gone::read(tx, line.agent)?.filter(|_| rights.scope.is_all()) else {
        return Ok(Err(Refusal::NotFound));
    };
    if line.version_after != Some(gone.version) {
        return Ok(Err(Refusal::Changed));
    }
    let wanted = Wanted {
        needs: &[Permission::UsersWrite],
        now: Some(&gone.rights),
        ..Wanted::default()
    };
    if let Err(denied) = authority::allowed(rights, &wanted) {
        return Ok(Err(refusal(denied)));
    }
    Ok(Ok(Some(remove::bring_back(tx, &gone, ACTION)?)))
}

fn refusal(denied: Denied) -> Refusal {
    match denied {
        Denied::NoRight | Denied::MoreRights | Denied::GivesMore => Refusal::MoreRights,
        Denied::Yourself => Refusal::Yourself,
        Denied::LastAdmin => Refusal::LastAdmin,
    }
}
