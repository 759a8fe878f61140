//! Writes the values of an agent's fields: columns, claims on what is unique, links, extension.

use super::current::Current;
use super::links;
use crate::domain::agent_form::{Field, Kind, Value, Values};
use crate::domain::ids::{GroupId, UserId};
use crate::domain::role::Scope;
use crate::domain::text::{EmployeeId, LoginId};
use crate::store::claim;
use crate::store::error::StoreError;
use crate::store::schema::{agents, users};
use crate::store::tx::Tx;
use diesel::prelude::*;

/// Columns of `users` that an edit may set; a field that is `None` stays.
#[derive(AsChangeset, Default)]
#[diesel(table_name = users)]
struct UserColumns {
    name: Option<String>,
    employee_id: Option<Option<String>>,
    designation: Option<String>,
    phone: Option<Option<String>>,
    email: Option<Option<String>>,
    login_id: Option<String>,
    updated_at: Option<i64>,
}

/// The same of `agents`.
#[derive(AsChangeset, Default)]
#[diesel(table_name = agents)]
struct AgentColumns {
    forwarding_number: Option<Option<String>>,
    alternative_numbers: Option<String>,
    rings_on: Option<String>,
    intercom: Option<Option<String>>,
    time_group_id: Option<Option<i64>>,
    outgoing_calls: Option<String>,
    login_based: Option<bool>,
}

/// Whoever has a scope of groups neither gives nor takes others.
pub(super) fn require_in_scope(scope: &Scope, after: &Values) -> Result<(), StoreError> {
    match after.get(Field::AgentGroups) {
        Some(Value::Many(groups)) if !groups.iter().all(|&id| scope.sees(&[GroupId(id)])) => {
            Err(StoreError::NotFound)
        }
        _ => Ok(()),
    }
}

/// The text of a value that is stored as one; blank for none.
pub(super) fn column(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone().unwrap_or_default(),
        Value::Texts(texts) => texts.join("|"),
        Value::Flag(_) | Value::One(_) | Value::Many(_) => String::new(),
    }
}

/// Writes the values of `after` where `before` stood.
pub(super) fn values(
    tx: &mut Tx<'_>,
    id: UserId,
    before: &Values,
    after: &Values,
) -> Result<(), StoreError> {
    claims(tx, id, before, after)?;
    columns(tx, id, after)?;
    for (field, value) in after.iter().filter(|(field, _)| field.kind() == Kind::Many) {
        let (old, new) = (ids(before.get(field)), ids(Some(value)));
        links::write(tx, id, field, old, new)?;
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

fn columns(tx: &mut Tx<'_>, id: UserId, after: &Values) -> Result<(), StoreError> {
    let (mut user, mut agent) = (UserColumns::default(), AgentColumns::default());
    let (mut of_user, mut of_agent) = (false, false);
    for (field, value) in after.iter() {
        let text = || optional(value).map(ToOwned::to_owned);
        match field {
            Field::Name => user.name = Some(column(value)),
            Field::EmployeeId => user.employee_id = Some(text()),
            Field::Designation => user.designation = Some(column(value)),
            Field::Phone => user.phone = Some(text()),
            Field::Email => user.email = Some(text()),
            Field::Username => user.login_id = Some(column(value)),
            Field::CallForwardingNumber => agent.forwarding_number = Some(text()),
            Field::AlternativeNumbers => agent.alternative_numbers = Some(column(value)),
            Field::RingsOn => agent.rings_on = Some(column(value)),
            Field::IntercomNumber => agent.intercom = Some(text()),
            Field::TimeGroup => {
                agent.time_group_id = match value {
                    Value::One(id) => Some(*id),
                    _ => None,
                }
            }
            Field::OutgoingCalls => agent.outgoing_calls = Some(column(value)),
            Field::LoginBasedCalling => agent.login_based = Some(*value == Value::Flag(true)),
            Field::Departments | Field::AgentGroups | Field::CallerIds | Field::Extension => {
                continue;
            }
        }
        of_user |= is_of_user(field);
        of_agent |= !is_of_user(field);
    }
    if of_user {
        user.updated_at = Some(tx.now.0);
        let found = users::table.find(id.0);
        diesel::update(found).set(&user).execute(tx.conn)?;
    }
    if of_agent {
        let found = agents::table.find(id.0);
        diesel::update(found).set(&agent).execute(tx.conn)?;
    }
    Ok(())
}

fn is_of_user(field: Field) -> bool {
    matches!(
        field,
        Field::Name
            | Field::EmployeeId
            | Field::Designation
            | Field::Phone
            | Field::Email
            | Field::Username
    )
}

/// Every change is the agent's next version; the user's too when it has other values.
pub(super) fn bump(tx: &mut Tx<'_>, current: &Current, after: &Values) -> Result<(), StoreError> {
    diesel::update(agents::table.find(current.id.0))
        .set(agents::version.eq(current.version + 1))
        .execute(tx.conn)?;
    if after.fields().any(is_of_user) {
        diesel::update(users::table.find(current.id.0))
            .set(users::version.eq(current.user_version + 1))
            .execute(tx.conn)?;
    }
    Ok(())
}
