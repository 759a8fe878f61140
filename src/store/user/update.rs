//! Changes a user: fields, role, web login, whether a calling agent; guarded by the version, merged by field
//! where asked, and never beyond what the doer may.

use super::current::{self, Current, rights as rights_of};
use super::{admins, write as user_write};
use crate::domain::act::Refusal;
use crate::domain::agent_form::{Field as Shared, Value};
use crate::domain::audit::Entry;
use crate::domain::authority::{self, Denied, Wanted};
use crate::domain::ids::{GroupId, RoleId, UserId};
use crate::domain::person::WebLogin;
use crate::domain::role::{Permission, Rights, Scope};
use crate::domain::time::Timestamp;
use crate::domain::user_form::{Field, Own, UserChange, Values, merge};
use crate::store::agent::history::{self, Edit};
use crate::store::agent::names::Names;
use crate::store::agent::{Current as Agent, off_board, write};
use crate::store::edit;
use crate::store::error::StoreError;
use crate::store::role;
use crate::store::tx::{RecordKind, Tx};

/// The action of the audit's line.
pub const ACTION: &str = "user.update";

pub type Updated = edit::Updated<Field>;
pub type Conflict = edit::Conflict<Field, Values>;

/// What a form was opened with, and when.
#[derive(Clone, Debug)]
pub struct Basis {
    pub version: i64,
    pub opened: Timestamp,
    /// The values that it showed; fields without one can't be merged.
    pub was: Values,
}

/// How a change ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Written, with what others had changed since the form was opened: it was kept.
    Written(Updated, Vec<Edit>),
    /// Nothing was written: others changed the same fields.
    Conflict(Conflict),
    /// Nothing was written.
    Denied(Denied),
}

/// Writes a change if the user still has the expected version (any, for `None`).
///
/// # Errors
/// `NotFound` when there is no such user in scope, `Stale` when the version is another or a chosen record
/// is gone, `Taken` when a unique value is in use. Nothing is written then.
pub fn update(
    tx: &mut Tx<'_>,
    rights: &Rights,
    id: UserId,
    expected: Option<i64>,
    change: &UserChange,
) -> Result<Saved, StoreError> {
    let current = Current::read(tx, &rights.scope, id)?;
    if expected.is_some_and(|version| version != current.version()) {
        return Err(StoreError::Stale);
    }
    apply(tx, rights, &current, change, Vec::new())
}

/// Saves a form: where others changed other fields meanwhile, both stand.
///
/// # Errors
/// As [`update`], but a newer version alone is none.
pub fn save(
    tx: &mut Tx<'_>,
    rights: &Rights,
    id: UserId,
    basis: &Basis,
    change: &UserChange,
) -> Result<Saved, StoreError> {
    let current = Current::read(tx, &rights.scope, id)?;
    if basis.version == current.version() {
        return apply(tx, rights, &current, change, Vec::new());
    }
    tx.write_audit()?;
    let edits = history::of_user_since(tx.conn, id, basis.opened)?;
    let fields: Vec<Field> = change.values().fields().collect();
    let now = current.values.only(&fields);
    let merged = merge(&basis.was, &now, change);
    if merged.both.is_empty() {
        return apply(tx, rights, &current, &merged.mine, edits);
    }
    Ok(Saved::Conflict(Conflict {
        version: current.version(),
        now,
        both: merged.both,
        edits,
    }))
}

fn apply(
    tx: &mut Tx<'_>,
    rights: &Rights,
    current: &Current,
    change: &UserChange,
    edits: Vec<Edit>,
) -> Result<Saved, StoreError> {
    match write_difference(tx, rights, current, change, true)? {
        Written::Denied(denied) => Ok(Saved::Denied(denied)),
        // What was the agent's went to others: the form is out of date.
        Written::Refused(_) => Err(StoreError::Stale),
        Written::Done(updated, entry) => {
            if let Some(entry) = entry {
                tx.audit(*entry)?;
            }
            Ok(Saved::Written(updated, edits))
        }
    }
}

/// What became of a change.
pub(in crate::store) enum Written {
    /// With the line for the audit, unless nothing differed.
    Done(Updated, Option<Box<Entry>>),
    Denied(Denied),
    /// The agent of before can't come back as it was.
    Refused(Refusal),
}

/// Writes what differs. `fresh`: an agent that comes back has the numbers of the change alone.
pub(in crate::store) fn write_difference(
    tx: &mut Tx<'_>,
    rights: &Rights,
    current: &Current,
    change: &UserChange,
    fresh: bool,
) -> Result<Written, StoreError> {
    let id = current.id;
    let is_to_be_agent = change.calling_agent().unwrap_or(current.is_agent);
    let values = change.values();
    let differs = |field: &Field| {
        (is_to_be_agent || !field.is_of_agent()) && current.values.get(*field) != values.get(*field)
    };
    let changed: Vec<Field> = values.fields().filter(differs).collect();
    let operation = tx.operation.clone();
    if changed.is_empty() {
        let version = current.version();
        let updated = Updated {
            version,
            operation,
            changed,
        };
        return Ok(Written::Done(updated, None));
    }
    let gets = new_rights(tx, current, change, &changed)?;
    if let Err(denied) = permit(tx, rights, current, change, &changed, gets.as_ref())? {
        return Ok(Written::Denied(denied));
    }
    let (before, after) = (current.values.only(&changed), values.only(&changed));
    write::require_in_scope(&rights.scope, &after.shared)?;
    require_scopes_seen(&rights.scope, change)?;
    tx.guard()?;
    let (mut shared, mut was) = (before.shared.clone(), versions(current));
    match (current.is_agent, is_to_be_agent) {
        (false, true) => {
            if let Some(why) = user_write::give_facet(tx, rights, current, fresh)? {
                return Ok(Written::Refused(why));
            }
            // What the agent of before belongs to is still there.
            tx.ahead.forget(id);
            let agent = Agent::read(tx, &Scope::All, id, Shared::ALL)?;
            shared = agent.values.only(after.shared.fields());
            was = write::Versions {
                user: agent.user_version,
                agent: agent.version,
            };
        }
        (true, false) => user_write::take_facet(tx, rights, current)?,
        (true, true) | (false, false) => {}
    }
    let names = Names::read(tx.conn, &shared, &after.shared, &current.hidden_groups)?;
    if after.shared.fields().next().is_some() {
        write::values(tx, id, was, &shared, &after.shared)?;
    }
    user_write::own(tx, id, was.user, &before, &after)?;
    let ends = change.web_login().is_some_and(|to| to != WebLogin::Allowed);
    if gets.is_some() || ends {
        off_board::end_sessions(tx, &[id.0])?;
    }
    let version = current::version(tx.conn, id)?;
    let name = after.shared.get(Shared::Name).map(write::column);
    let name = name.unwrap_or_else(|| current.name.clone());
    let mut entry = Entry::new(ACTION, "user", Some(id.0), name).version(version);
    entry.before = user_write::said(tx.conn, &names, &before, Some(current))?;
    entry.after = user_write::said(tx.conn, &names, &after, Some(current))?;
    tx.touch(RecordKind::User, id.0);
    let updated = Updated {
        version,
        operation,
        changed,
    };
    Ok(Written::Done(updated, Some(Box::new(entry))))
}

fn versions(current: &Current) -> write::Versions {
    write::Versions {
        user: current.user_version,
        agent: current.agent_version,
    }
}

/// What the user may do after the change; `None` when that stays as it is.
fn new_rights(
    tx: &mut Tx<'_>,
    current: &Current,
    change: &UserChange,
    changed: &[Field],
) -> Result<Option<Rights>, StoreError> {
    let about = [Field::Own(Own::Role), Field::Own(Own::ScopeGroups)];
    if !about.iter().any(|field| changed.contains(field)) {
        return Ok(None);
    }
    let after = after_role(current, change);
    let role = role::get(tx.conn, after).map_err(|error| match error {
        StoreError::NotFound => StoreError::Stale,
        error => error,
    })?;
    let groups = match change.scope_groups() {
        Some(groups) => groups,
        None => match current.values.own(Own::ScopeGroups) {
            Some(Value::Many(ids)) => ids.iter().copied().map(GroupId).collect(),
            Some(_) | None => Vec::new(),
        },
    };
    let hidden = current.hidden_scopes.iter().copied();
    let groups: Vec<i64> = groups.iter().map(|group| group.0).chain(hidden).collect();
    Ok(Some(rights_of(&role, &groups)))
}

fn after_role(current: &Current, change: &UserChange) -> RoleId {
    let now = match current.values.own(Own::Role) {
        Some(Value::One(Some(id))) => *id,
        Some(_) | None => 0,
    };
    change.role().unwrap_or(RoleId(now))
}

/// Asks whether the doer may.
fn permit(
    tx: &mut Tx<'_>,
    rights: &Rights,
    current: &Current,
    change: &UserChange,
    changed: &[Field],
    gets: Option<&Rights>,
) -> Result<Result<(), Denied>, StoreError> {
    let could = current.web_login == WebLogin::Allowed;
    let ends_access = could && change.web_login().is_some_and(|to| to != WebLogin::Allowed);
    let loses = gets.is_some_and(|gets| !gets.is_everything());
    let leaves = current.may_be_admin() && (ends_access || loses);
    let needs = needs(current, change, changed);
    let wanted = Wanted {
        own: tx.by.user() == Some(current.id.0),
        needs: &needs,
        now: Some(&current.rights),
        gets,
        ends_access,
        leaves_no_admin: leaves && admins::none_without(tx.conn, &[current.id.0])?,
    };
    Ok(authority::allowed(rights, &wanted))
}

fn needs(current: &Current, change: &UserChange, changed: &[Field]) -> Vec<Permission> {
    let mut needs = vec![Permission::UsersWrite];
    if changed.iter().any(|field| field.is_of_agent()) {
        needs.push(Permission::AgentsWrite);
    }
    match (current.is_agent, change.calling_agent()) {
        (false, Some(true)) => needs.push(Permission::AgentsWrite),
        (true, Some(false)) => needs.push(Permission::AgentsDelete),
        (_, Some(_) | None) => {}
    }
    needs
}

/// Whoever has a scope of groups binds nobody to others.
fn require_scopes_seen(scope: &Scope, change: &UserChange) -> Result<(), StoreError> {
    let groups = change.scope_groups().unwrap_or_default();
    match groups.iter().all(|group| scope.sees(&[*group])) {
        true => Ok(()),
        false => Err(StoreError::NotFound),
    }
}
