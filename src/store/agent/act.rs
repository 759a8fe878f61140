//! The one path of every act: who can be acted on, the act itself, and what is written down.

use super::state::NewState;
use super::target::{self, Target, Targets};
use super::{assign, duty, off_board, remove, state};
use crate::domain::act::{Act, ActKind, Refusal, Until, When};
use crate::domain::audit::Entry;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::role::Rights;
use crate::domain::show;
use crate::domain::status::{AdminState, Duty};
use crate::store::error::StoreError;
use crate::store::tx::Tx;
use serde_json::{Value, json};

/// The field of the audit's line about an act with the records that were assigned by it.
pub const CHOSEN: &str = "chosen";

/// So many of those who were refused are named in the audit's line about the act.
const NAMED: usize = 1_000;

/// What became of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActOutcome {
    /// Groups the lines of the audit; Undo takes it. Nothing is written under it if nobody changed.
    pub operation: String,
    pub done: usize,
    /// Were so already.
    pub unchanged: usize,
    pub refused: Vec<(UserId, Refusal)>,
}

/// Does an act to agents. Those whom the doer may not touch are refused, the others are done.
///
/// # Errors
/// As any write; then nothing was done.
pub fn act(
    tx: &mut Tx<'_>,
    rights: &Rights,
    agents: &[UserId],
    act: &Act,
) -> Result<ActOutcome, StoreError> {
    let gone = act.kind() == ActKind::Restore;
    let Targets { found, mut refused } = target::load(tx, rights, agents, gone)?;
    let before = refused.len();
    let entries = perform(tx, rights, &found, act, &mut refused)?;
    let (done, refused_now) = (entries.len(), refused.len() - before);
    let outcome = ActOutcome {
        operation: tx.operation.clone(),
        done,
        unchanged: found.len() - done - refused_now,
        refused,
    };
    if agents.len() > 1 && done > 0 {
        tx.audit(summary(act, &outcome, &entries))?;
    }
    tx.audit_all(entries)?;
    Ok(outcome)
}

fn perform(
    tx: &mut Tx<'_>,
    rights: &Rights,
    found: &[Target],
    act: &Act,
    refused: &mut Vec<(UserId, Refusal)>,
) -> Result<Vec<Entry>, StoreError> {
    let kind = act.kind();
    let reason = act.reason();
    let put = |tx: &mut Tx<'_>, state, until| {
        let new = NewState {
            state,
            reason,
            until,
        };
        state::change(tx, found, &new, kind)
    };
    let mut duty = |tx: &mut Tx<'_>, to: Duty, when: When| {
        duty::change(tx, found, (kind, to), reason, when, refused)
    };
    match act {
        Act::Block { until, .. } => put(tx, AdminState::Blocked, *until),
        Act::Disable { until, .. } => put(tx, AdminState::Disabled, *until),
        Act::Enable { only: None } => put(tx, AdminState::Enabled, Until::Lifted),
        Act::Enable { only: Some(only) } => {
            let in_force = |target: &&Target| target.admin.state == *only;
            let found: Vec<Target> = found.iter().filter(in_force).cloned().collect();
            let new = NewState {
                state: AdminState::Enabled,
                reason: None,
                until: Until::Lifted,
            };
            state::change(tx, &found, &new, kind)
        }
        Act::Pause { when, .. } => duty(tx, Duty::Paused, *when),
        Act::Resume { when } => duty(tx, Duty::On, *when),
        Act::OffDuty { when } => duty(tx, Duty::Off, *when),
        Act::OffBoard { .. } => off_board::off_board(tx, found, reason, refused),
        Act::Delete => remove::delete(tx, found),
        Act::Restore => remove::restore(tx, rights, found, refused),
        Act::Assign(what) => assign::change(tx, &rights.scope, found, what),
    }
}

/// The line about the act as a whole, beside those about agents.
fn summary(act: &Act, outcome: &ActOutcome, entries: &[Entry]) -> Entry {
    let subject = match outcome.done {
        1 => "1 agent".to_owned(),
        done => format!("{} agents", show::count(done as i64)),
    };
    let mut entry = Entry::new(act.kind().bulk_action(), "agents", None, subject)
        .after("count", outcome.done)
        .after("unchanged", outcome.unchanged);
    if let Some(reason) = act.reason() {
        entry = entry.after("reason", reason);
    }
    if let Act::Block { until, .. } | Act::Disable { until, .. } = act {
        entry = match until {
            Until::Lifted => entry,
            Until::At(at) => entry.after("until", state::stamp(*at)),
            Until::EndOfShift => entry.after("until", "end of shift"),
            Until::NextShift => entry.after("until", "next shift"),
        };
    }
    if let Act::Assign(what) = act {
        entry = entry.after(CHOSEN, assign::chosen(what, entries));
    }
    if !outcome.refused.is_empty() {
        entry = entry.after("refused", refusals(&outcome.refused));
    }
    entry
}

/// Who was left out and why: by agent id, since of whom one may not see nothing else is known.
pub(in crate::store) fn refusals(refused: &[(UserId, Refusal)]) -> Value {
    let one = |(id, why): &(UserId, Refusal)| json!({ "id": AgentId::of(*id).to_string(), "why": why.to_string() });
    refused.iter().take(NAMED).map(one).collect()
}
