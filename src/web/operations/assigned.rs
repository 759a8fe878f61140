//! What was assigned to agents, in words: `312 agents are in Night shift now.`

use crate::domain::act::ActKind;
use crate::domain::phone::{Phone, Region};
use crate::store::agent::act::CHOSEN;
use crate::store::operation::Operation;
use serde_json::Value;

/// `verb` is "is" or "are".
pub fn sentence(operation: &Operation, kind: ActKind, verb: &str, region: Region) -> String {
    let who = &operation.subject_name;
    let names = names(&chosen(operation, kind), region);
    let (has, none) = match verb {
        "are" => ("have", "have"),
        _ => ("has", "has"),
    };
    match (kind, names.as_str()) {
        (ActKind::JoinGroups, names) => format!("{who} {verb} in {names} now."),
        (ActKind::LeaveGroups, names) => format!("{who} {verb} not in {names} any more."),
        (ActKind::SetTimeGroup, "") => format!("{who} {none} no time group now."),
        (ActKind::SetTimeGroup, names) => format!("{who} {has} the time group {names}."),
        (ActKind::SetDepartments, "") => format!("{who} {verb} in no department now."),
        (ActKind::SetDepartments, names) => format!("{who} {verb} in {names} now."),
        (ActKind::SetCallerIds, "") => format!("{who} {none} no caller ID now."),
        (ActKind::SetCallerIds, names) => format!("{who} {has} the caller ID {names}."),
        (_, _) => format!("{who} {verb} saved."),
    }
}

/// The records of the act as a whole; of one agent those that came, or that went.
fn chosen(operation: &Operation, kind: ActKind) -> Vec<Value> {
    let list = |value: Option<&Value>| match value {
        Some(Value::Array(all)) => all.clone(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one.clone()],
    };
    if let Some(all) = operation.after.get(CHOSEN) {
        return list(Some(all));
    }
    let field = kind.assigns().map_or("", |field| field.word());
    let (before, after) = (
        list(operation.before.get(field)),
        list(operation.after.get(field)),
    );
    match kind {
        ActKind::JoinGroups => without(after, &before),
        ActKind::LeaveGroups => without(before, &after),
        _ => after,
    }
}

fn without(mut all: Vec<Value>, others: &[Value]) -> Vec<Value> {
    all.retain(|record| !others.contains(record));
    all
}

/// `North, South and East`.
fn names(records: &[Value], region: Region) -> String {
    let name = |record: &Value| {
        let text = record.get("name")?.as_str()?;
        let number = Phone::from_e164(text).map(|number| number.show(region));
        Some(number.unwrap_or_else(|| text.to_owned()))
    };
    let names: Vec<String> = records.iter().filter_map(name).collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
