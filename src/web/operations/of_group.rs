//! What was done to an agent group, in words.

use crate::domain::show;
use crate::store::group::GroupAct;
use crate::store::operation::Operation;
use crate::web::agents::acts::words::agents;
use serde_json::Value;

/// None for what is said as of any record.
pub fn sentence(operation: &Operation) -> Option<String> {
    let who = &operation.subject_name;
    match GroupAct::of_action(&operation.action)? {
        GroupAct::Update => None,
        GroupAct::Delete => {
            let left = operation.after.get("left").and_then(Value::as_u64);
            let left = left
                .and_then(|left| usize::try_from(left).ok())
                .unwrap_or(0);
            Some(match left {
                0 => format!("{who} is deleted."),
                left => format!("{who} is deleted. {} left the group.", agents(left)),
            })
        }
        GroupAct::Members => Some(members(operation)),
    }
}

/// `Night shift: 3 agents joined, 2 left.`
fn members(operation: &Operation) -> String {
    let count = |name: &str| {
        let list = operation.after.get(name).and_then(Value::as_array);
        list.map_or(0, Vec::len)
    };
    let parts = match (count("added"), count("removed")) {
        (0, removed) => format!("{} left", agents(removed)),
        (added, 0) => format!("{} joined", agents(added)),
        (added, removed) => {
            format!(
                "{} joined, {} left",
                agents(added),
                show::count(removed as i64)
            )
        }
    };
    format!("{}: {parts}.", operation.subject_name)
}
