//! Makes an agent: the user, the facet, the claims, the links and the history from the first day.

use super::names::Names;
use super::write;
use crate::domain::agent::{OutgoingCalls, RingsOn};
use crate::domain::agent_form::{AgentChange, Field, Value, Values};
use crate::domain::audit::Entry;
use crate::domain::ids::{RoleId, UserId};
use crate::domain::person::WebLogin;
use crate::domain::role::{BuiltInRole, Scope};
use crate::store::error::StoreError;
use crate::store::ledger;
use crate::store::operation;
use crate::store::role;
use crate::store::schema::{agents, users};
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;

const ACTION: &str = "agent.create";

/// An agent that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    pub id: UserId,
    pub operation: String,
    /// The same form was sent before: nothing was made this time.
    pub again: bool,
}

/// Makes an agent without a web login. `once` names the form: sent twice, it makes one agent.
///
/// # Errors
/// `Taken` when a unique value is in use, `Stale` when a chosen record is gone, `NotFound` when someone
/// with a scope of groups would make an agent in none of hers, `Broken` without a name and a username.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    once: Option<String>,
    change: &AgentChange,
) -> Result<Created, StoreError> {
    if let Some(once) = once {
        tx.operation = once;
        if let Some(id) = operation::made(tx, ACTION)? {
            return Ok(Created {
                id: UserId(id),
                operation: tx.operation.clone(),
                again: true,
            });
        }
    }
    let after = change.values();
    write::require_in_scope(scope, after)?;
    if !scope.is_all() && !has_group(after) {
        return Err(StoreError::NotFound);
    }
    let names = Names::read(tx.conn, &Values::default(), after, &[])?;
    let id = insert(tx, after)?;
    let was = write::Versions { user: 0, agent: 0 };
    write::values(tx, id, was, &Values::default(), after)?;
    begin_history(tx, id)?;
    let name = after.get(Field::Name).map_or(String::new(), write::column);
    let mut entry = Entry::new(ACTION, "user", Some(id.0), name).version(1);
    entry.after = names.fields(&filled(after), &[]);
    tx.audit(entry)?;
    tx.touch(RecordKind::User, id.0);
    Ok(Created {
        id,
        operation: tx.operation.clone(),
        again: false,
    })
}

fn has_group(after: &Values) -> bool {
    matches!(after.get(Field::AgentGroups), Some(Value::Many(groups)) if !groups.is_empty())
}

/// Blank fields were never set.
fn filled(values: &Values) -> Values {
    let filled = |(_, value): &(Field, &Value)| match value {
        Value::Text(text) => text.is_some(),
        Value::Texts(texts) => !texts.is_empty(),
        Value::Flag(flag) => *flag,
        Value::One(id) => id.is_some(),
        Value::Many(ids) => !ids.is_empty(),
    };
    values.only(values.iter().filter(filled).map(|(field, _)| field))
}

fn insert(tx: &mut Tx<'_>, after: &Values) -> Result<UserId, StoreError> {
    let role = role::find_by_name(tx.conn, BuiltInRole::Agent.name())?;
    let role = role.ok_or_else(|| StoreError::broken("no role of agents"))?;
    let id = insert_user(tx, after, role.id, WebLogin::None)?;
    insert_facet(tx, id)?;
    Ok(id)
}

/// The row with what can't be left out; the rest follows as in any change.
///
/// # Errors
/// `Broken` without a name and a username.
pub(in crate::store) fn insert_user(
    tx: &mut Tx<'_>,
    after: &Values,
    role: RoleId,
    web_login: WebLogin,
) -> Result<UserId, StoreError> {
    let needed = |field: Field| match after.get(field) {
        Some(Value::Text(Some(text))) => Ok(text.clone()),
        _ => Err(StoreError::broken(format!("no {}", field.word()))),
    };
    let id: i64 = diesel::insert_into(users::table)
        .values((
            users::name.eq(needed(Field::Name)?),
            users::designation.eq(""),
            users::login_id.eq(needed(Field::Username)?),
            users::role_id.eq(role.0),
            users::web_login.eq(web_login.word()),
            users::failed_sign_ins.eq(0),
            users::allowed_ips.eq(""),
            users::preferences.eq("{}"),
            users::created_at.eq(tx.now.0),
            users::updated_at.eq(tx.now.0),
            users::version.eq(1_i64),
        ))
        .returning(users::id)
        .get_result(tx.conn)?;
    Ok(UserId(id))
}

/// What makes a user an agent: as most of them are until something else is written.
pub(in crate::store) fn insert_facet(tx: &mut Tx<'_>, id: UserId) -> Result<(), StoreError> {
    diesel::insert_into(agents::table)
        .values((
            agents::user_id.eq(id.0),
            agents::alternative_numbers.eq(""),
            agents::rings_on.eq(RingsOn::Both.word()),
            agents::outgoing_calls.eq(OutgoingCalls::All.word()),
            agents::login_based.eq(false),
            agents::admin_state.eq("enabled"),
            agents::admin_at.eq(tx.now.0),
            agents::version.eq(1_i64),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The history of an agent who was none before.
pub(in crate::store) fn begin_history(tx: &mut Tx<'_>, id: UserId) -> Result<(), StoreError> {
    for (axis, value) in [("admin", "enabled"), ("duty", "on"), ("device", "unknown")] {
        let now = tx.now;
        ledger::begin_interval(tx, id, axis, value, None, now)?;
    }
    Ok(())
}
