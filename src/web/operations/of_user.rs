//! What was done to a user, in words.

use crate::store::operation::Operation;
use serde_json::Value;

/// None for what is said as of any record.
pub fn sentence(operation: &Operation) -> Option<String> {
    let who = &operation.subject_name;
    let said = match operation.action.as_str() {
        "user.block_web_login" => {
            format!("The web login of {who} is blocked, and every session ended")
        }
        "user.unblock_web_login" => format!("The web login of {who} is allowed again"),
        "user.unlock" => format!("{who} can try to sign in again at once"),
        "user.factor_reset" => {
            format!("{who} has no second factor any more, and every session ended")
        }
        "user.update" if signed_out(operation) => {
            format!("{who} is saved, and signed out everywhere because the rights changed")
        }
        _ => return None,
    };
    let reason = operation.after.get("reason").and_then(Value::as_str);
    Some(match reason {
        Some(reason) => format!("{said}: {reason}."),
        None => format!("{said}."),
    })
}

/// The rights are others: who was signed in is so no more.
fn signed_out(operation: &Operation) -> bool {
    ["role", "scope_groups"]
        .iter()
        .any(|field| operation.after.contains_key(*field))
}
