//! The rules of the pages for this person: whom they see, whom they may change, what a form may hold.
//! What they may give and to whom is decided again where it is written.

use super::posted::Posted;
use crate::domain::agent_form::{self, FieldError, FieldErrors, Value};
use crate::domain::ids::{RoleId, UserId};
use crate::domain::number_plan::IntercomLength;
use crate::domain::person::{Person, WebLogin};
use crate::domain::role::{Permission, Rights, Scope};
use crate::domain::time::Timestamp;
use crate::domain::user_form::{Field, Own, Rules, UserChange};
use crate::floor::{Picture, Records, UserRow};
use crate::web::agents::edit::fill::Filler as AgentFiller;
use crate::web::agents::edit::rules::{LAST_GROUP, is_known};
use crate::web::error::{AppError, Bar};

/// A living user whom this person may see.
///
/// # Errors
/// `NotFound` when there is none.
pub fn find<'p>(
    picture: &'p Picture,
    scope: &Scope,
    id: UserId,
    now: Timestamp,
) -> Result<UserRow<'p>, AppError> {
    picture.user(id, scope, now).ok_or(AppError::NotFound)
}

/// The same, and may change: nobody acts on someone with more rights.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Barred`.
pub fn find_to_change<'p>(
    picture: &'p Picture,
    rights: &Rights,
    id: UserId,
    now: Timestamp,
) -> Result<UserRow<'p>, AppError> {
    let row = find(picture, &rights.scope, id, now)?;
    match may_change(picture.records(), rights, row.person) {
        true => Ok(row),
        false if rights.may(&[Permission::UsersWrite]) => Err(AppError::Barred(Bar::MoreRights)),
        false => Err(AppError::Forbidden),
    }
}

pub fn may_change(records: &Records, rights: &Rights, person: &Person) -> bool {
    let theirs = records.rights_of(person);
    rights.may(&[Permission::UsersWrite]) && theirs.is_some_and(|theirs| rights.covers(&theirs))
}

/// Checks a form for a user who is there, or for a new one.
///
/// # Errors
/// What is wrong, by field.
pub fn check(
    picture: &Picture,
    rights: &Rights,
    posted: &Posted,
    person: Option<&Person>,
) -> Result<UserChange, FieldErrors> {
    let install = picture.install();
    let records = picture.records();
    let known = |field, id| is_known(records, &rights.scope, field, id);
    let rules = Rules {
        shared: agent_form::Rules {
            region: install.region,
            intercom: IntercomLength::new(usize::from(install.intercom_length)),
            known: &known,
        },
        role: &|id| records.role(RoleId(id)).is_some(),
    };
    let mut form = posted.form.clone();
    let calls = form.ticked(Field::Own(Own::CallingAgent));
    let mut dropped = Vec::new();
    if !calls.unwrap_or_else(|| person.is_some_and(|person| person.living_agent().is_some())) {
        let filler = AgentFiller {
            picture,
            scope: &rights.scope,
        };
        let was = posted.was().unwrap_or_default();
        dropped = form.said_of_agent(&rules, &[filler.shown(person), was.shared]);
        // What is left of an agent's fields means nothing, right or wrong.
        let of_agent = Field::all().filter(|field| field.is_of_agent());
        of_agent.for_each(|field| form.leave_out(field));
    }
    let (change, mut errors) = match form.check(&rules) {
        Ok(change) => (change, FieldErrors::default()),
        Err(errors) => (UserChange::default(), errors),
    };
    if !dropped.is_empty() {
        errors.0.push(only_for_agents(&dropped));
    }
    if errors.is_empty() {
        if needs_email(&change, person) {
            errors.add(
                agent_form::Field::Email,
                "Whoever signs in to the console needs an email address, for links and codes.",
            );
        }
        if let Some((field, why)) = out_of_sight(&rights.scope, &change, posted, person) {
            errors.0.push(FieldError {
                name: field.word().into(),
                message: why.to_owned(),
            });
        }
    }
    match errors.is_empty() {
        true => Ok(change),
        false => Err(errors),
    }
}

/// Said at the box: the fields may be out of sight, and each is right by itself.
fn only_for_agents(fields: &[Field]) -> FieldError {
    let labels: Vec<&str> = fields.iter().map(|field| field.label()).collect();
    let labels = labels.join(", ");
    FieldError {
        name: Own::CallingAgent.word().into(),
        message: format!("Only calling agents have these. Tick Calling agent, or empty: {labels}."),
    }
}

/// Nobody gets a web login without an address, and nobody who has both loses the address.
fn needs_email(change: &UserChange, person: Option<&Person>) -> bool {
    let (had, signed_in) = match person {
        Some(person) => (person.email.is_some(), person.web_login != WebLogin::None),
        None => (false, false),
    };
    let signs_in = match change.web_login() {
        Some(to) => to != WebLogin::None,
        None => signed_in,
    };
    let has = match change.values().shared.get(agent_form::Field::Email) {
        Some(Value::Text(email)) => email.is_some(),
        Some(Value::Texts(_) | Value::Flag(_) | Value::One(_) | Value::Many(_)) | None => had,
    };
    signs_in && !has && (had || !signed_in)
}

/// Someone with a scope of groups would not see the user any more.
fn out_of_sight(
    scope: &Scope,
    change: &UserChange,
    posted: &Posted,
    person: Option<&Person>,
) -> Option<(Field, &'static str)> {
    if scope.is_all() {
        return None;
    }
    let calling = Field::Own(Own::CallingAgent);
    let groups_field = Field::Shared(agent_form::Field::AgentGroups);
    let groups = match change.values().get(groups_field) {
        Some(Value::Many(groups)) => Some(groups.is_empty()),
        Some(Value::Text(_) | Value::Texts(_) | Value::Flag(_) | Value::One(_)) | None => None,
    };
    match (person, change.calling_agent(), groups) {
        (None, Some(true), Some(false)) => None,
        (None, Some(true), Some(true) | None) => Some((
            groups_field,
            "Choose at least one of your groups: you see no other agents.",
        )),
        (None, Some(false) | None, _) => Some((
            calling,
            "You see only the agents of your groups, so you can add nobody else.",
        )),
        (Some(_), Some(false), _) if !posted.leave => Some((
            calling,
            "You will not see someone who is no calling agent any more. Tick the box below to do so.",
        )),
        (Some(_), _, Some(true)) if !posted.leave => Some((groups_field, LAST_GROUP)),
        (Some(_), _, _) => None,
    }
}
