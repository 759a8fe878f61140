//! Changes the known people of a plan, each as the form does: the same rights, claims and line of the audit. One
//! that can't be changed is taken back alone.

use super::super::rows::NewResult;
use super::super::{Import, Outcome};
use super::context::{Context, Links};
use super::create::conflict;
use super::edit;
use super::invite::{Invited, post};
use crate::domain::act::{ActKind, Until};
use crate::domain::agent_form::Value;
use crate::domain::audit::Entry;
use crate::domain::import::Edit;
use crate::domain::person::WebLogin;
use crate::domain::role::Permission;
use crate::domain::status::AdminState;
use crate::domain::user_form::{Own, UserChange, Values};
use crate::store::agent::state::{self, NewState};
use crate::store::agent::target;
use crate::store::error::StoreError;
use crate::store::link::{self, LinkKind};
use crate::store::schema::users;
use crate::store::tx::Tx;
use crate::store::user::update::{self, Written, write_difference};
use crate::store::user::{self, Current};
use diesel::prelude::*;

/// A row of the plan that changes somebody.
pub(super) struct Changed {
    pub number: u64,
    pub edit: Box<Edit>,
}

/// Changes them; those who can't be changed are conflicts.
pub(super) fn all(
    tx: &mut Tx<'_>,
    import: &Import,
    context: &Context,
    links: &Links,
    changed: Vec<Changed>,
    results: &mut Vec<NewResult>,
) -> Result<(), StoreError> {
    let id = import.id.0;
    let (plain, others): (Vec<_>, Vec<_>) = changed
        .into_iter()
        .partition(|row| edit::is_plain(&row.edit));
    if !plain.is_empty() {
        edit::all(tx, import, context, plain, results)?;
    }
    let mut entries = Vec::with_capacity(others.len());
    for Changed { number, edit } in others {
        let mut denied = None;
        let written = tx.attempt(|tx| match one(tx, context, links, &edit)? {
            Ok(entry) => Ok(entry),
            Err(reason) => {
                denied = Some(reason);
                // Whatever was written of it is taken back.
                Err(StoreError::Stale)
            }
        });
        match written {
            Ok(entry) => {
                entries.extend(entry);
                results.push(NewResult {
                    import_id: id,
                    number: i64::try_from(number).unwrap_or(i64::MAX),
                    outcome: Outcome::Updated.word(),
                    user_id: Some(edit.user.0),
                    reason: None,
                    cells: None,
                });
            }
            Err(error) => {
                let reason = denied.map_or_else(|| reason(error), Ok)?;
                results.push(refused(import, number, &edit, reason));
            }
        }
    }
    tx.audit_all(entries)
}

pub(super) const CHANGED: &str = "Somebody changed this person since the plan was made.";
pub(super) const GONE: &str = "The person, or something that the row names, is not there any more.";

/// A row that could not be carried out.
pub(super) fn refused(import: &Import, number: u64, edit: &Edit, reason: String) -> NewResult {
    NewResult {
        user_id: Some(edit.user.0),
        ..conflict(import.id.0, number, reason)
    }
}

/// What a form would say; faults of ours are passed on.
pub(super) fn reason(error: StoreError) -> Result<String, StoreError> {
    match error {
        StoreError::Taken(taken) => Ok(format!("{} is already in use.", taken.value)),
        StoreError::Stale | StoreError::NotFound => Ok(GONE.to_owned()),
        error @ (StoreError::Unavailable(_) | StoreError::Broken(_)) => Err(error),
    }
}

/// Writes one; the inner error is for whoever uploaded.
fn one(
    tx: &mut Tx<'_>,
    context: &Context,
    links: &Links,
    edit: &Edit,
) -> Result<Result<Option<Entry>, String>, StoreError> {
    let rights = &context.rights;
    let current = Current::read(tx, &rights.scope, edit.user)?;
    let same_agent = match edit.agent_version {
        Some(version) => current.is_agent && version == current.agent_version,
        None => !current.is_agent,
    };
    if !same_agent || current.user_version != edit.user_version {
        return Ok(Err(CHANGED.to_owned()));
    }
    let Some(change) = change(context, edit) else {
        return Ok(Err(GONE.to_owned()));
    };
    let entry = match write_difference(tx, rights, &current, &change, true)? {
        Written::Done(_, entry) => entry.map(|entry| *entry),
        Written::Denied(denied) => return Ok(Err(denied.to_string())),
        Written::Refused(why) => return Ok(Err(format!("{} {why}.", current.name))),
    };
    if edit
        .web_login
        .is_some_and(|(_, new)| new == WebLogin::Allowed)
    {
        invite(tx, context, links, edit)?;
    }
    match edit.admin_state {
        None => Ok(Ok(entry)),
        Some((_, new)) if !rights.may(&[Permission::AgentsState]) => {
            Ok(Err(format!("You may not make agents {}.", new.word())))
        }
        Some((_, new)) => {
            let entry = entry.unwrap_or_else(|| {
                let name = current.name.as_str();
                Entry::new(update::ACTION, "user", Some(edit.user.0), name)
            });
            Ok(Ok(Some(put_state(tx, context, edit, new, entry)?)))
        }
    }
}

/// The change that a form would post.
fn change(context: &Context, edit: &Edit) -> Option<UserChange> {
    let mut values = Values::default();
    values.shared = context.values(&edit.after)?;
    if let Some((_, role)) = edit.role {
        context.role(role.0)?;
        values.set_own(Own::Role, Value::One(Some(role.0)));
    }
    if let Some((_, login)) = edit.web_login {
        let word = login.word().to_owned();
        values.set_own(Own::WebLogin, Value::Text(Some(word)));
    }
    if edit.becomes_agent {
        values.set_own(Own::CallingAgent, Value::Flag(true));
    }
    Some(UserChange::of(values))
}

/// Blocks, disables or enables; said in the same line of the audit.
fn put_state(
    tx: &mut Tx<'_>,
    context: &Context,
    edit: &Edit,
    new: AdminState,
    mut entry: Entry,
) -> Result<Entry, StoreError> {
    let found = target::read(tx, &context.rights, &[edit.user])?.found;
    let kind = match new {
        AdminState::Enabled => ActKind::Enable,
        AdminState::Blocked => ActKind::Block,
        AdminState::Disabled => ActKind::Disable,
    };
    let state = NewState {
        state: new,
        reason: None,
        until: Until::Lifted,
    };
    for said in state::change(tx, &found, &state, kind)? {
        entry.before.extend(said.before);
        entry.after.extend(said.after);
    }
    entry.version_after = Some(user::access::version(tx.conn, edit.user)?);
    Ok(entry)
}

/// Whoever may sign in from now on and has no password yet.
fn invite(
    tx: &mut Tx<'_>,
    context: &Context,
    links: &Links,
    edit: &Edit,
) -> Result<(), StoreError> {
    type Row = (String, Option<String>, Option<String>);
    let (login_id, email, password): Row = users::table
        .find(edit.user.0)
        .select((users::login_id, users::email, users::password_hash))
        .first(tx.conn)?;
    match email.filter(|_| password.is_none()) {
        None => Ok(()),
        Some(email) => {
            let invited = Invited {
                user: edit.user.0,
                login_id: &login_id,
                email: &email,
            };
            // One from before the login was blocked, say.
            if context.install.mail.is_some() {
                link::end(tx, LinkKind::Password, edit.user)?;
            }
            post(tx, context, links, &[invited])
        }
    }
}
