//! A value that someone else has, told at its field: with whose it is for those who may see them.

use super::view::Fault;
use crate::domain::agent_form::Field;
use crate::domain::ids::{AgentId, CallerIdId, DepartmentId, IvrId, UserId};
use crate::domain::number_plan::Reserved;
use crate::domain::role::Scope;
use crate::floor::Picture;
use crate::store::{Owner, Taken};

/// The field whose value is taken; `None` for a kind that no field claims.
pub fn field(taken: &Taken) -> Option<Field> {
    match taken.kind.as_str() {
        "login_id" => Some(Field::Username),
        "email" => Some(Field::Email),
        "employee_id" => Some(Field::EmployeeId),
        "dial" => Some(Field::IntercomNumber),
        "extension" => Some(Field::Extension),
        _ => None,
    }
}

/// What stands beside the field; `typed` is what was asked for.
pub fn fault(picture: &Picture, scope: &Scope, taken: &Taken, typed: &str) -> Fault {
    let value = typed.trim();
    if let Some(what) = reserved(taken) {
        let other = &taken.value;
        return Fault::plain(format!(
            "{value} would be mistaken for {what} {other}. Choose another."
        ));
    }
    let same = taken.kind != "dial" || taken.value == value;
    let seen = taken
        .owner
        .as_ref()
        .and_then(|owner| name(picture, scope, owner));
    match (seen, same) {
        (None, _) => Fault::plain(format!("{value} is already in use. Choose another.")),
        (Some(holder), true) => Fault {
            before: format!("{value} is in use by "),
            holder: Some(holder),
            after: ". Choose another.".to_owned(),
        },
        (Some(holder), false) => Fault {
            before: format!(
                "{value} can’t be told apart from {}, which belongs to ",
                taken.value
            ),
            holder: Some(holder),
            after: ". Choose another.".to_owned(),
        },
    }
}

/// What holds the number, where that is no record.
fn reserved(taken: &Taken) -> Option<&'static str> {
    match taken.owner.as_ref()?.kind.as_str() {
        Reserved::EMERGENCY => Some("the emergency number"),
        Reserved::FEATURE_CODE => Some("the feature code"),
        _ => None,
    }
}

/// The holder's name, with an address where there is a page; `None` for who is not in the reader's sight.
pub fn name(picture: &Picture, scope: &Scope, owner: &Owner) -> Option<(String, String)> {
    match owner.kind.as_str() {
        "user" => {
            let person = picture.person(UserId(owner.id))?;
            let agent = person.living_agent();
            let seen = scope.is_all() || agent.is_some_and(|agent| scope.sees(&agent.groups));
            let href = match agent {
                Some(_) => format!("/agents/{}", AgentId::of(person.id)),
                None => String::new(),
            };
            seen.then(|| (href, person.name.to_string()))
        }
        "department" => {
            let department = picture.records().department(DepartmentId(owner.id))?;
            Some((
                format!("/departments/{}", owner.id),
                format!("the department {}", department.name),
            ))
        }
        "ivr" => {
            let ivr = picture.records().ivr(IvrId(owner.id))?;
            Some((
                format!("/ivrs/{}", owner.id),
                format!("the IVR {}", ivr.name),
            ))
        }
        "caller_id" => {
            let number = picture.records().caller_id_shown(CallerIdId(owner.id))?;
            Some((
                format!("/caller-ids/{}", owner.id),
                format!("the caller ID {}", number.to(picture.install().region)),
            ))
        }
        _ => None,
    }
}
