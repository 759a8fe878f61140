//! What was done with an upload, in words.

use crate::domain::show;
use crate::store::import::COMMIT;
use crate::store::operation::Operation;
use crate::store::undo::UNDO;
use serde_json::Value;

/// None for what is said as of any record.
pub fn sentence(operation: &Operation) -> Option<String> {
    if operation.action != COMMIT {
        return None;
    }
    let count = |name: &str| {
        operation
            .after
            .get(name)
            .and_then(Value::as_i64)
            .unwrap_or(0)
    };
    let (created, updated, conflicts) = (count("created"), count("updated"), count("conflicts"));
    let mut said = format!(
        "{}: {} created, {} updated",
        operation.subject_name,
        users(created),
        show::count(updated)
    );
    match conflicts {
        0 => {}
        1 => said.push_str(", 1 conflict"),
        conflicts => said.push_str(&format!(", {} conflicts", show::count(conflicts))),
    }
    said.push('.');
    Some(said)
}

/// None for what is no undo of an upload.
pub fn undone(operation: &Operation) -> Option<String> {
    let what = operation.after.get("what").and_then(Value::as_str);
    if operation.action != UNDO || what != Some(COMMIT) {
        return None;
    }
    let count = |name: &str| {
        operation
            .after
            .get(name)
            .and_then(Value::as_i64)
            .unwrap_or(0)
    };
    let who = &operation.subject_name;
    Some(match (count("count"), count("kept_count")) {
        (undone, 0) => format!("{who} is undone: {} rows as before.", show::count(undone)),
        (undone, kept) => format!(
            "{who} is undone: {} rows as before, {} kept because they were changed since.",
            show::count(undone),
            show::count(kept)
        ),
    })
}

fn users(count: i64) -> String {
    match count {
        1 => "1 user".to_owned(),
        count => format!("{} users", show::count(count)),
    }
}
