//! Makes a user: with a web login, as a calling agent, or both, with all claims and links in one transaction.

use super::current::rights as rights_of;
use super::{current, write as user_write};
use crate::domain::agent_form::{self, Field as Shared, Value};
use crate::domain::audit::Entry;
use crate::domain::authority::{self, Denied, Wanted};
use crate::domain::ids::UserId;
use crate::domain::person::WebLogin;
use crate::domain::role::{BuiltInRole, Permission, Rights};
use crate::domain::user_form::{Field, Own, UserChange, Values};
use crate::store::agent::create::{begin_history, insert_facet, insert_user};
use crate::store::agent::names::Names;
use crate::store::agent::write;
use crate::store::error::StoreError;
use crate::store::operation;
use crate::store::role;
use crate::store::tx::{RecordKind, Tx};

/// The action of the audit's line.
pub const ACTION: &str = "user.create";

/// A user that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    pub id: UserId,
    pub operation: String,
    /// The same form was sent before: nothing was made this time.
    pub again: bool,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    Made(Created),
    /// Nothing was written.
    Denied(Denied),
}

/// `once` names the form: sent twice, it makes one user. The role is Agent unless another is given.
///
/// # Errors
/// `Taken` when a unique value is in use, `Stale` when a chosen record is gone, `NotFound` when someone
/// with a scope of groups would make a user whom she does not see, `Broken` without a name and a username.
pub fn create(
    tx: &mut Tx<'_>,
    rights: &Rights,
    once: Option<String>,
    change: &UserChange,
) -> Result<Made, StoreError> {
    if let Some(once) = once {
        tx.operation = once;
        if let Some(id) = operation::made(tx, ACTION)? {
            return Ok(Made::Made(Created {
                id: UserId(id),
                operation: tx.operation.clone(),
                again: true,
            }));
        }
    }
    let calling = change.calling_agent() == Some(true);
    let after = fitting(change.values(), calling);
    let role = match change.role() {
        Some(id) => role::get(tx.conn, id).map_err(gone)?,
        None => role::find_by_name(tx.conn, BuiltInRole::Agent.name())?
            .ok_or_else(|| StoreError::broken("no role of agents"))?,
    };
    let groups = change.scope_groups().unwrap_or_default();
    let keys: Vec<i64> = groups.iter().map(|group| group.0).collect();
    let gets = rights_of(&role, &keys);
    let wanted = Wanted {
        needs: match calling {
            true => &[Permission::UsersWrite, Permission::AgentsWrite],
            false => &[Permission::UsersWrite],
        },
        gets: Some(&gets),
        ..Wanted::default()
    };
    if let Err(denied) = authority::allowed(rights, &wanted) {
        return Ok(Made::Denied(denied));
    }
    write::require_in_scope(&rights.scope, &after.shared)?;
    let unseen = |group: &crate::domain::ids::GroupId| !rights.scope.sees(&[*group]);
    if !rights.scope.is_all() && (!has_group(&after) || groups.iter().any(unseen)) {
        return Err(StoreError::NotFound);
    }
    let web_login = change.web_login().unwrap_or(WebLogin::None);
    let blank = agent_form::Values::default();
    let names = Names::read(tx.conn, &blank, &after.shared, &[])?;
    let id = insert_user(tx, &after.shared, role.id, web_login)?;
    if calling {
        insert_facet(tx, id)?;
        begin_history(tx, id)?;
    }
    let was = write::Versions { user: 0, agent: 0 };
    write::values(tx, id, was, &blank, &after.shared)?;
    user_write::own(tx, id, 0, &Values::default(), &after)?;
    let mut said = filled(&after);
    said.set_own(Own::Role, Value::One(Some(role.id.0)));
    said.set_own(Own::CallingAgent, Value::Flag(calling));
    let name = after
        .shared
        .get(Shared::Name)
        .map_or(String::new(), write::column);
    let version = current::version(tx.conn, id)?;
    let mut entry = Entry::new(ACTION, "user", Some(id.0), name).version(version);
    entry.after = user_write::said(tx.conn, &names, &said, None)?;
    tx.audit(entry)?;
    tx.touch(RecordKind::User, id.0);
    Ok(Made::Made(Created {
        id,
        operation: tx.operation.clone(),
        again: false,
    }))
}

/// A role that is gone was chosen: the form is out of date.
fn gone(error: StoreError) -> StoreError {
    match error {
        StoreError::NotFound => StoreError::Stale,
        error => error,
    }
}

/// What is written: nothing of an agent for who is none.
fn fitting(values: &Values, calling: bool) -> Values {
    let fields: Vec<Field> = values
        .fields()
        .filter(|field| calling || !field.is_of_agent())
        .collect();
    values.only(&fields)
}

fn has_group(after: &Values) -> bool {
    matches!(after.shared.get(Shared::AgentGroups), Some(Value::Many(groups)) if !groups.is_empty())
}

/// Blank fields were never set.
fn filled(values: &Values) -> Values {
    let fields: Vec<Field> = values
        .iter()
        .filter(|(_, value)| !value.is_blank())
        .map(|(field, _)| field)
        .collect();
    values.only(&fields)
}
