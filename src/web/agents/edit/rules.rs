//! The rules of the form for this person: which records may be chosen, whom they may change, what they
//! must not do by mistake.

use super::posted::Posted;
use crate::domain::agent_form::{AgentChange, Field, FieldErrors, Rules, Value};
use crate::domain::ids::{CallerIdId, DepartmentId, GroupId, TimeGroupId, UserId};
use crate::domain::number_plan::IntercomLength;
use crate::domain::person::{Person, WebLogin};
use crate::domain::role::{BuiltInRole, Permission, Permissions, Rights, Scope};
use crate::floor::{Picture, Records};
use crate::web::error::{AppError, Bar};

/// What leads out of sight is refused with, on pages that have the box.
pub const LAST_GROUP: &str = "This takes the agent out of the last of your groups: you will not see them any more. Tick the box below to do so.";
/// How these end.
const TICK: &str = "Tick the box below to do so.";

/// The same for programs, which have a field instead of a box.
pub fn told_to_programs(mut errors: FieldErrors, field: &str) -> FieldErrors {
    let send = format!("Send \"{field}\": true to do so.");
    for error in &mut errors.0 {
        error.message = error.message.replace(TICK, &send);
    }
    errors
}

/// A living agent whom this person may see.
///
/// # Errors
/// `NotFound` when there is none.
pub fn find<'p>(picture: &'p Picture, rights: &Rights, id: UserId) -> Result<&'p Person, AppError> {
    let person = picture.person(id).ok_or(AppError::NotFound)?;
    let agent = person.living_agent().ok_or(AppError::NotFound)?;
    match rights.scope.sees(&agent.groups) {
        true => Ok(person),
        false => Err(AppError::NotFound),
    }
}

/// The same, and may change: nobody acts on someone with more rights.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Barred`.
pub fn find_to_change<'p>(
    picture: &'p Picture,
    rights: &Rights,
    id: UserId,
) -> Result<&'p Person, AppError> {
    let person = find(picture, rights, id)?;
    if !rights.may(&[Permission::AgentsWrite]) {
        return Err(AppError::Forbidden);
    }
    match is_covered(picture.records(), rights.permissions, &rights.scope, person) {
        true => Ok(person),
        false => Err(AppError::Barred(Bar::MoreRights)),
    }
}

/// Whether all that a person may do, and on whom, is the reader's too. Who may do the same on more people has more
/// rights: their address is a way to these.
pub fn is_covered(
    records: &Records,
    permissions: Permissions,
    scope: &Scope,
    person: &Person,
) -> bool {
    let Some(role) = records.role(person.role) else {
        return false;
    };
    // Nearly everyone in a list, so this comes first: no right over others, nor one that the reader lacks.
    let directory = Permission::Directory;
    let knows = permissions.contains(directory) || !role.permissions.contains(directory);
    if knows && role.permissions.is_subset(BuiltInRole::Agent.permissions()) {
        return true;
    }
    let scope = scope.clone();
    let reader = Rights { permissions, scope };
    let theirs = records.rights_of(person);
    theirs.is_some_and(|theirs| reader.covers(&theirs))
}

/// Checks a form for someone who is an agent already, or for a new one.
///
/// # Errors
/// What is wrong, by field.
pub fn check(
    picture: &Picture,
    rights: &Rights,
    posted: &Posted,
    person: Option<&Person>,
) -> Result<AgentChange, FieldErrors> {
    let install = picture.install();
    let known = |field, id| is_known(picture.records(), &rights.scope, field, id);
    let rules = Rules {
        region: install.region,
        intercom: IntercomLength::new(usize::from(install.intercom_length)),
        known: &known,
    };
    let (change, mut errors) = match posted.form.check(&rules) {
        Ok(change) => (change, FieldErrors::default()),
        Err(errors) => (AgentChange::default(), errors),
    };
    if person.is_some_and(|person| loses_its_email(person, &change)) {
        errors.add(
            Field::Email,
            "Whoever signs in to the console needs an email address, for links and codes.",
        );
    }
    if let Some(why) = out_of_sight(&rights.scope, &change, posted, person) {
        errors.add(Field::AgentGroups, why);
    }
    match errors.is_empty() {
        true => Ok(change),
        false => Err(errors),
    }
}

/// Whether a record is there, and among those that this person may choose.
pub fn is_known(records: &Records, scope: &Scope, field: Field, id: i64) -> bool {
    match field {
        Field::TimeGroup => records.time_group(TimeGroupId(id)).is_some(),
        Field::Departments => records.department(DepartmentId(id)).is_some(),
        Field::CallerIds => records.caller_id(CallerIdId(id)).is_some(),
        Field::AgentGroups => {
            records.group(GroupId(id)).is_some() && (scope.is_all() || scope.sees(&[GroupId(id)]))
        }
        _ => false,
    }
}

fn loses_its_email(person: &Person, change: &AgentChange) -> bool {
    let signs_in = match person.web_login {
        WebLogin::Allowed | WebLogin::Blocked => true,
        WebLogin::None => false,
    };
    signs_in && person.email.is_some() && change.get(Field::Email) == Some(&Value::Text(None))
}

/// Someone with a scope of groups would not see the agent any more.
fn out_of_sight(
    scope: &Scope,
    change: &AgentChange,
    posted: &Posted,
    person: Option<&Person>,
) -> Option<&'static str> {
    let groups = match change.get(Field::AgentGroups) {
        Some(Value::Many(groups)) => groups.as_slice(),
        Some(Value::Text(_) | Value::Texts(_) | Value::Flag(_) | Value::One(_)) => return None,
        None if person.is_none() && posted.form.typed(Field::AgentGroups).is_none() => &[],
        None => return None,
    };
    match (scope.is_all(), groups, person) {
        (false, [], None) => Some("Choose at least one of your groups: you see no other agents."),
        (false, [], Some(_)) if !posted.leave => Some(LAST_GROUP),
        _ => None,
    }
}
