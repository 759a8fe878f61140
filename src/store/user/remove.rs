//! Deleting users, softly, and bringing them back.

use super::access::Done;
use super::current::Current;
use super::{admins, write as user_write};
use crate::domain::act::Act;
use crate::domain::audit::Entry;
use crate::domain::authority::{self, Wanted};
use crate::domain::ids::{RoleId, UserId};
use crate::domain::install::Install;
use crate::domain::role::{Permission, Rights};
use crate::domain::text::{Email, EmployeeId, LoginId};
use crate::domain::time::HOUR;
use crate::store::agent::target::Target;
use crate::store::agent::{self, ActOutcome, off_board, remove};
use crate::store::claim;
use crate::store::error::StoreError;
use crate::store::role;
use crate::store::schema::{agents, claims, user_scope_groups, users};
use crate::store::setting;
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;

/// The actions of the audit's lines about users who are no agents.
pub const DELETE: &str = "user.delete";
pub const RESTORE: &str = "user.restore";

/// Takes a user away, with the agent where there is one. What was theirs alone stays theirs until the
/// quarantine ends.
///
/// # Errors
/// `NotFound` when there is none in scope, `Stale` when the version is another.
pub fn delete(
    tx: &mut Tx<'_>,
    rights: &Rights,
    id: UserId,
    expected: Option<i64>,
) -> Result<Done, StoreError> {
    let current = Current::read(tx, &rights.scope, id)?;
    if expected.is_some_and(|version| version != current.version()) {
        return Err(StoreError::Stale);
    }
    let wanted = Wanted {
        own: tx.by.user() == Some(id.0),
        needs: match current.is_agent {
            true => &[Permission::UsersWrite, Permission::AgentsDelete],
            false => &[Permission::UsersWrite],
        },
        now: Some(&current.rights),
        ends_access: true,
        leaves_no_admin: current.may_be_admin() && admins::none_without(tx.conn, &[id.0])?,
        ..Wanted::default()
    };
    if let Err(denied) = authority::allowed(rights, &wanted) {
        return Ok(Done::Denied(denied));
    }
    if current.is_agent {
        // As an act on the agent, so that one list of the deleted and one undo know it; but the user goes too.
        let target = Target {
            above_agent: false,
            ..user_write::target(tx, rights, id)?
        };
        let entries = remove::delete(tx, &[target])?;
        tx.audit_all(entries)?;
        return Ok(Done::Done(tx.operation.clone()));
    }
    let entry = delete_user(tx, &current)?;
    tx.audit(entry)?;
    Ok(Done::Done(tx.operation.clone()))
}

fn delete_user(tx: &mut Tx<'_>, current: &Current) -> Result<Entry, StoreError> {
    let id = current.id;
    let words = setting::all(tx.conn)?;
    let install = Install::from_words(&words).map_err(StoreError::broken)?;
    let held_until = tx.now.plus(i64::from(install.quarantine_days) * 24 * HOUR);
    set_deleted(tx, id, Some(tx.now.0))?;
    let mine = claims::table
        .filter(claims::owner_kind.eq("user"))
        .filter(claims::owner_id.eq(id.0));
    diesel::update(mine)
        .set(claims::held_until.eq(held_until.0))
        .execute(tx.conn)?;
    off_board::end_sessions(tx, &[id.0])?;
    Ok(
        Entry::new(DELETE, "user", Some(id.0), current.name.as_str())
            .before("deleted", false)
            .after("deleted", true)
            .version(current.version() + 1),
    )
}

fn set_deleted(tx: &mut Tx<'_>, id: UserId, at: Option<i64>) -> Result<(), StoreError> {
    diesel::update(users::table.find(id.0))
        .set((
            users::deleted_at.eq(at),
            users::updated_at.eq(tx.now.0),
            users::version.eq(users::version + 1),
        ))
        .execute(tx.conn)?;
    tx.touch(RecordKind::User, id.0);
    Ok(())
}

/// What became of bringing someone back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restored {
    User(Done),
    /// The agent was deleted with the user, and came back the same way.
    Agent(ActOutcome),
}

/// Brings a deleted user back, with the agent if both went together.
///
/// # Errors
/// `NotFound` when nobody in scope was deleted, `Taken` with what went to someone else since.
pub fn restore(tx: &mut Tx<'_>, rights: &Rights, id: UserId) -> Result<Restored, StoreError> {
    let gone = Gone::read(tx, id)?.ok_or(StoreError::NotFound)?;
    if gone.with_agent {
        if !rights.may(&[Permission::AgentsDelete]) {
            return Err(StoreError::NotFound);
        }
        let outcome = agent::act(tx, rights, &[id], &Act::Restore)?;
        return Ok(Restored::Agent(outcome));
    }
    if !rights.scope.is_all() {
        return Err(StoreError::NotFound);
    }
    let wanted = Wanted {
        needs: &[Permission::UsersWrite],
        now: Some(&gone.rights),
        ..Wanted::default()
    };
    if let Err(denied) = authority::allowed(rights, &wanted) {
        return Ok(Restored::User(Done::Denied(denied)));
    }
    let entry = bring_back(tx, &gone, RESTORE)?;
    tx.audit(entry)?;
    Ok(Restored::User(Done::Done(tx.operation.clone())))
}

/// Takes the login id, the email and the employee id back, and the user is there again.
pub(super) fn bring_back(
    tx: &mut Tx<'_>,
    gone: &Gone,
    action: &'static str,
) -> Result<Entry, StoreError> {
    let id = gone.id;
    for (kind, value) in &gone.claims {
        claim::take(tx, kind, value, "user", id.0)?;
    }
    set_deleted(tx, id, None)?;
    Ok(Entry::new(action, "user", Some(id.0), gone.name.as_str())
        .before("deleted", true)
        .after("deleted", false)
        .version(gone.version + 1))
}

/// A deleted user.
pub(super) struct Gone {
    pub id: UserId,
    pub name: String,
    /// The agent went at the same moment.
    pub with_agent: bool,
    pub rights: Rights,
    /// Of the user and the agent that there was.
    pub version: i64,
    claims: Vec<(&'static str, String)>,
}

impl Gone {
    pub fn read(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Self>, StoreError> {
        type Row = (
            String,
            String,
            Option<String>,
            Option<String>,
            i64,
            Option<i64>,
            i64,
        );
        let row: Option<Row> = users::table
            .find(id.0)
            .filter(users::deleted_at.is_not_null())
            .select((
                users::name,
                users::login_id,
                users::email,
                users::employee_id,
                users::role_id,
                users::deleted_at,
                users::version,
            ))
            .first(tx.conn)
            .optional()?;
        let Some((name, login_id, email, employee_id, role_id, deleted_at, version)) = row else {
            return Ok(None);
        };
        let agent: Option<(Option<i64>, i64)> = agents::table
            .find(id.0)
            .select((agents::removed_at, agents::version))
            .first(tx.conn)
            .optional()?;
        let groups: Vec<i64> = user_scope_groups::table
            .filter(user_scope_groups::user_id.eq(id.0))
            .select(user_scope_groups::group_id)
            .load(tx.conn)?;
        let role = role::get(tx.conn, RoleId(role_id))?;
        let email = email.and_then(|email| Email::parse(&email).ok());
        let claims = [
            Some(("login_id", LoginId::claim_of(&login_id))),
            email.map(|email| ("email", email.as_str().to_owned())),
            employee_id.map(|id| ("employee_id", EmployeeId::claim_of(&id))),
        ];
        Ok(Some(Self {
            id,
            name,
            with_agent: agent.is_some_and(|(removed_at, _)| removed_at == deleted_at),
            rights: super::current::rights(&role, &groups),
            version: version + agent.map_or(0, |(_, version)| version),
            claims: claims.into_iter().flatten().collect(),
        }))
    }
}
