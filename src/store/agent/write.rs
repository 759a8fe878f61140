//! Writes the values of an agent's fields: columns, claims on what is unique, links, extension.

use super::links;
use crate::domain::agent_form::{Field, Kind, Value, Values};
use crate::domain::ids::{GroupId, UserId};
use crate::domain::role::Scope;
use crate::domain::text::{EmployeeId, LoginId};
use crate::store::claim;
use crate::store::error::StoreError;
use crate::store::link::{self, LinkKind};
use crate::store::prepared::{Cell, RowUpdate};
use crate::store::schema::{agents, users};
use crate::store::tx::Tx;
use diesel::prelude::*;

/// Whoever has a scope of groups neither gives nor takes others.
pub(in crate::store) fn require_in_scope(scope: &Scope, after: &Values) -> Result<(), StoreError> {
    match after.get(Field::AgentGroups) {
        Some(Value::Many(groups)) if !groups.iter().all(|&id| scope.sees(&[GroupId(id)])) => {
            Err(StoreError::NotFound)
        }
        _ => Ok(()),
    }
}

/// Some value is unique or points to a record, so that the database may refuse it.
pub(in crate::store) fn may_be_refused(after: &Values) -> bool {
    after.fields().any(|field| match field {
        Field::Name
        | Field::Designation
        | Field::Phone
        | Field::CallForwardingNumber
        | Field::AlternativeNumbers
        | Field::RingsOn
        | Field::OutgoingCalls
        | Field::LoginBasedCalling => false,
        Field::EmployeeId
        | Field::Email
        | Field::Username
        | Field::IntercomNumber
        | Field::TimeGroup
        | Field::Departments
        | Field::AgentGroups
        | Field::CallerIds
        | Field::Extension => true,
    })
}

/// The text of a value that is stored as one; blank for none.
pub(in crate::store) fn column(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone().unwrap_or_default(),
        Value::Texts(texts) => texts.join("|"),
        Value::Flag(_) | Value::One(_) | Value::Many(_) => String::new(),
    }
}

/// The versions that a change is based on.
#[derive(Clone, Copy)]
pub(in crate::store) struct Versions {
    pub user: i64,
    pub agent: i64,
}

/// Writes the values of `after` where `before` stood. Every change is the agent's next version; the user's
/// too when it has other values.
pub(in crate::store) fn values(
    tx: &mut Tx<'_>,
    id: UserId,
    was: Versions,
    before: &Values,
    after: &Values,
) -> Result<(), StoreError> {
    claims(tx, id, before, after)?;
    columns(tx, id, was, after)?;
    for (field, value) in after.iter().filter(|(field, _)| field.kind() == Kind::Many) {
        let (old, new) = (ids(before.get(field)), ids(Some(value)));
        links::write(tx, id, field, old, new)?;
    }
    if after.get(Field::Email).is_some() {
        // A link that went to the address of before is in nobody's hands any more.
        link::end(tx, LinkKind::Password, id)?;
    }
    if let Some(value) = after.get(Field::Extension) {
        links::write_extension(tx, id, optional(value))?;
    }
    Ok(())
}

fn ids(value: Option<&Value>) -> &[i64] {
    match value {
        Some(Value::Many(ids)) => ids,
        Some(Value::Text(_) | Value::Texts(_) | Value::Flag(_) | Value::One(_)) | None => &[],
    }
}

fn optional(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => text.as_deref(),
        Value::Texts(_) | Value::Flag(_) | Value::One(_) | Value::Many(_) => None,
    }
}

/// Takes the unique values that are new and lets go of those that were.
fn claims(tx: &mut Tx<'_>, id: UserId, before: &Values, after: &Values) -> Result<(), StoreError> {
    for (field, kind, form) in CLAIMED {
        let Some(new) = after.get(*field) else {
            continue;
        };
        let old = before.get(*field).and_then(optional).map(form);
        let new = optional(new).map(form);
        if let Some(old) = old.filter(|old| Some(old) != new.as_ref()) {
            claim::release(tx, kind, &old, "user", id.0)?;
        }
        match new {
            Some(number) if *kind == claim::DIAL => {
                claim::take_number(tx, &number, "user", id.0)?;
            }
            Some(new) => claim::take(tx, kind, &new, "user", id.0)?,
            None => {}
        }
    }
    Ok(())
}

/// A unique field, the kind of its claim, and the form in which it is unique.
type Claimed = (Field, &'static str, fn(&str) -> String);

static CLAIMED: &[Claimed] = &[
    (Field::Username, "login_id", LoginId::claim_of),
    (Field::Email, "email", str::to_owned),
    (Field::EmployeeId, "employee_id", EmployeeId::claim_of),
    (Field::IntercomNumber, claim::DIAL, str::to_owned),
];

fn columns(tx: &mut Tx<'_>, id: UserId, was: Versions, after: &Values) -> Result<(), StoreError> {
    let mut user = RowUpdate::new("users", users::id::NAME, id.0);
    let mut agent = RowUpdate::new("agents", agents::user_id::NAME, id.0);
    for (field, value) in after.iter() {
        let required = || Cell::Text(Some(column(value)));
        let text = || Cell::Text(optional(value).map(ToOwned::to_owned));
        match field {
            Field::Name => user.set(users::name::NAME, required()),
            Field::EmployeeId => user.set(users::employee_id::NAME, text()),
            Field::Designation => user.set(users::designation::NAME, required()),
            Field::Phone => user.set(users::phone::NAME, text()),
            Field::Email => user.set(users::email::NAME, text()),
            Field::Username => user.set(users::login_id::NAME, required()),
            Field::CallForwardingNumber => agent.set(agents::forwarding_number::NAME, text()),
            Field::AlternativeNumbers => agent.set(agents::alternative_numbers::NAME, required()),
            Field::RingsOn => agent.set(agents::rings_on::NAME, required()),
            Field::IntercomNumber => agent.set(agents::intercom::NAME, text()),
            Field::TimeGroup => {
                if let Value::One(id) = value {
                    agent.set(agents::time_group_id::NAME, Cell::Integer(*id));
                }
            }
            Field::OutgoingCalls => agent.set(agents::outgoing_calls::NAME, required()),
            Field::LoginBasedCalling => {
                let flag = Cell::Flag(*value == Value::Flag(true));
                agent.set(agents::login_based::NAME, flag);
            }
            Field::Departments | Field::AgentGroups | Field::CallerIds | Field::Extension => {}
        }
    }
    agent.set(agents::version::NAME, Cell::Integer(Some(was.agent + 1)));
    if user.is_empty() {
        agent.execute(tx.conn)?;
    } else {
        user.set(users::updated_at::NAME, Cell::Integer(Some(tx.now.0)));
        user.set(users::version::NAME, Cell::Integer(Some(was.user + 1)));
        user.execute_with(agent, tx.conn)?;
    }
    Ok(())
}
