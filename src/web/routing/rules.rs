//! The rules of the forms here and now: which records and agents may be chosen, and what is called how.

use crate::domain::agent_form::FieldErrors;
use crate::domain::ids::{CallerIdId, DepartmentId, IvrId};
use crate::domain::role::Scope;
use crate::domain::routing::{Field, Noun, RoutingForm, Rules, Target, Value, Values};
use crate::floor::Picture;
use crate::store::Taken;
use crate::web::agents::edit::taken;
use crate::web::agents::edit::view::Fault;
use crate::web::error::AppError;

/// # Errors
/// What is wrong, by field.
pub fn check(picture: &Picture, noun: Noun, form: &RoutingForm) -> Result<Values, FieldErrors> {
    let known = |target| is_known(picture, target);
    let find_agent = |text: &str| picture.find_agent(text);
    let rules = Rules {
        region: Some(picture.install().region),
        known: &known,
        find_agent: &find_agent,
    };
    form.check(noun, &rules)
}

fn is_known(picture: &Picture, target: Target) -> bool {
    let records = picture.records();
    match target {
        Target::Nowhere => true,
        Target::Department(id) => records.department(id).is_some(),
        Target::Ivr(id) => records.ivr(id).is_some(),
        Target::Agent(id) => {
            let person = picture.person(id);
            person.is_some_and(|person| person.living_agent().is_some())
        }
    }
}

/// What a living record is called, and its version.
///
/// # Errors
/// `NotFound` when there is none.
pub fn find(picture: &Picture, noun: Noun, id: i64) -> Result<(String, i64), AppError> {
    let records = picture.records();
    let found = match noun {
        Noun::Department => records
            .department(DepartmentId(id))
            .map(|department| (department.name.clone(), department.version)),
        Noun::Ivr => records
            .ivr(IvrId(id))
            .map(|ivr| (ivr.name.clone(), ivr.version)),
        Noun::CallerId => {
            let id = CallerIdId(id);
            let shown = records.caller_id_shown(id);
            let shown = shown.map(|number| number.to(picture.install().region).to_owned());
            shown.zip(records.caller_id(id).map(|caller_id| caller_id.version))
        }
    };
    found.ok_or(AppError::NotFound)
}

/// The values of a living record, but for a department's members, which only the database has in order.
pub fn stored(picture: &Picture, noun: Noun, id: i64) -> Result<Values, AppError> {
    let records = picture.records();
    let text = |text: &str| Value::Text(Some(text.to_owned()).filter(|text| !text.is_empty()));
    let mut values = Values::default();
    match noun {
        Noun::Department => {
            let department = records
                .department(DepartmentId(id))
                .ok_or(AppError::NotFound)?;
            values.set(Field::Name, text(&department.name));
            values.set(Field::Description, text(&department.description));
            values.set(Field::RingStrategy, text(department.ring_strategy.word()));
            values.set(
                Field::RingTimeout,
                Value::Seconds(department.ring_timeout_seconds),
            );
            values.set(Field::WrapUp, Value::Seconds(department.wrap_up_seconds));
            values.set(Field::UseAsQueue, Value::Flag(department.use_as_queue));
            values.set(
                Field::TransferCode,
                Value::Text(department.transfer_code.clone()),
            );
        }
        Noun::Ivr => {
            let ivr = records.ivr(IvrId(id)).ok_or(AppError::NotFound)?;
            values.set(Field::Name, text(&ivr.name));
            values.set(Field::TransferCode, text(&ivr.transfer_code));
            values.set(Field::DialplanTarget, text(&ivr.target));
        }
        Noun::CallerId => {
            let caller_id = records
                .caller_id(CallerIdId(id))
                .ok_or(AppError::NotFound)?;
            values.set(Field::Number, text(&caller_id.number.to_string()));
            values.set(Field::Label, text(&caller_id.label));
            values.set(Field::GoesTo, Value::Target(caller_id.goes_to));
        }
    }
    Ok(values)
}

/// A place for calls in words; of one that is gone `None`.
pub fn name_of(picture: &Picture, target: Target) -> Option<String> {
    let records = picture.records();
    match target {
        Target::Nowhere => Some("nowhere".to_owned()),
        Target::Department(id) => records
            .department(id)
            .map(|department| department.name.clone()),
        Target::Ivr(id) => records.ivr(id).map(|ivr| ivr.name.clone()),
        Target::Agent(id) => {
            let person = picture.person(id)?;
            person.living_agent().map(|_| person.name.to_string())
        }
    }
}

/// The field of a value that someone else has, and what stands beside it; `None` for a kind that no field
/// claims.
pub fn in_use(picture: &Picture, noun: Noun, taken: &Taken, typed: &str) -> Option<(Field, Fault)> {
    let field = match taken.kind.as_str() {
        "dial" => Field::TransferCode,
        "department_name" | "ivr_name" | "caller_id" => noun.title(),
        _ => return None,
    };
    Some((field, taken::fault(picture, &Scope::All, taken, typed)))
}
