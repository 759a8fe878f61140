//! Pause, resume and off duty.

use super::state::stamp;
use super::target::Target;
use crate::domain::act::{ActKind, Refusal, When};
use crate::domain::audit::Entry;
use crate::domain::ids::UserId;
use crate::domain::status::Duty;
use crate::store::error::StoreError;
use crate::store::ledger::{DutyChange, DutyState, NewDuty, change_duties};
use crate::store::tx::Tx;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Sets a duty where it is another; returns the lines for the audit. Who can't be off duty is refused.
pub fn change(
    tx: &mut Tx<'_>,
    targets: &[Target],
    (kind, duty): (ActKind, Duty),
    reason: Option<&str>,
    when: When,
    refused: &mut Vec<(UserId, Refusal)>,
) -> Result<Vec<Entry>, StoreError> {
    let can = |target: &&Target| duty != Duty::Off || target.login_based;
    refused.extend(
        targets
            .iter()
            .filter(|target| !can(target))
            .map(|target| (target.id, Refusal::AlwaysOnDuty)),
    );
    let names: HashMap<UserId, &str> = targets
        .iter()
        .map(|target| (target.id, target.name.as_str()))
        .collect();
    let keys: Vec<i64> = targets
        .iter()
        .filter(can)
        .map(|target| target.id.0)
        .collect();
    let new = NewDuty {
        duty,
        reason,
        after_call: when == When::AfterCall,
    };
    let changes = change_duties(tx, &keys, new)?;
    Ok(changes
        .iter()
        .map(|change| {
            entry(
                kind.action(),
                change,
                names.get(&change.agent).unwrap_or(&""),
            )
        })
        .collect())
}

fn entry(action: &'static str, change: &DutyChange, name: &str) -> Entry {
    let mut entry = Entry::new(action, "user", Some(change.agent.0), name);
    entry.before = fields(&change.before);
    entry.after = fields(&change.after);
    entry
}

/// The fields of a duty, for the line of the audit.
pub fn fields(state: &DutyState) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: &str| fields.insert(name.to_owned(), value.into());
    put("duty", state.duty.word());
    put("since", &stamp(state.since));
    if let Some(reason) = &state.reason {
        put("reason", reason);
    }
    if let Some((next, reason)) = &state.next {
        put("after_call", next.word());
        if let Some(reason) = reason {
            put("after_call_reason", reason);
        }
    }
    fields
}

/// Reads what [`fields`] wrote.
pub fn state(fields: &Map<String, Value>) -> Option<DutyState> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    Some(DutyState {
        duty: text("duty")?.parse().ok()?,
        reason: text("reason").map(Into::into),
        since: super::state::instant(fields.get("since"))?,
        next: match text("after_call") {
            None => None,
            Some(next) => Some((
                next.parse().ok()?,
                text("after_call_reason").map(Into::into),
            )),
        },
    })
}
