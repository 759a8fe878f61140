//! What became of an upload, in words and counts, and what can be done next.

use super::{count, counted, date};
use crate::domain::role::{Permission, Rights};
use crate::domain::time::Timestamp;
use crate::store::import::{Import, State};
use chrono_tz::Tz;

/// The result of an upload that was carried out, wholly or in part.
pub struct ResultView {
    pub id: i64,
    /// `is-ok`, `is-warn` or `is-bad`.
    pub mood: &'static str,
    /// What it came to, in a sentence that stands out, and what else there is to say.
    pub headline: String,
    pub more: String,
    /// Label, count, a line below.
    pub tiles: Vec<(&'static str, String, String)>,
    /// `13 rows to mend`; empty for none.
    pub to_mend: String,
    /// `22 Dec 2026`; empty when it can't be undone.
    pub undo_until: String,
    /// The reader may undo it.
    pub may_undo: bool,
    /// Invitations and phones can be had.
    pub links: bool,
    pub phones: bool,
    /// The reader may see what the audit says about it.
    pub audit: bool,
    /// The version with which the file can be planned anew: nothing was written.
    pub again: Option<i64>,
    /// `76,484 rows`, where some were written and these were not; empty for none.
    pub left: String,
}

impl ResultView {
    pub fn new(import: &Import, rights: &Rights, mine: bool, zone: Tz, now: Timestamp) -> Self {
        let done = import.done;
        let until = import.undo_until().filter(|until| *until > now);
        let wrote = done.written() > 0 && import.state != State::Undone;
        let again = mine && import.can_be_planned();
        // Where nothing was written, the whole file is to go once more, not only what stood in the way.
        let failed = match again {
            true => import.counts.error,
            false => import.counts.error + done.conflicts,
        };
        Self {
            id: import.id.0,
            mood: mood(import),
            headline: headline(import),
            more: more(import),
            tiles: tiles(import),
            to_mend: match failed {
                0 => String::new(),
                failed => format!("{} to mend", counted(failed, "row")),
            },
            undo_until: until.map_or_else(String::new, |until| date(until, zone)),
            may_undo: until.is_some() && (mine || rights.scope.is_all()),
            links: wrote && mine && rights.may(&[Permission::UsersWrite]),
            phones: wrote && mine && rights.may(&[Permission::AgentsWrite]),
            audit: import.operation.is_some() && rights.may(&[Permission::AuditRead]),
            again: again.then_some(import.version),
            left: match wrote && import.left() > 0 {
                true => counted(import.left(), "row"),
                false => String::new(),
            },
        }
    }
}

fn mood(import: &Import) -> &'static str {
    match import.state {
        State::Failed => "is-bad",
        State::Cancelled => "is-warn",
        _ if import.done.conflicts + import.counts.error + import.done.kept > 0 => "is-warn",
        _ => "is-ok",
    }
}

fn headline(import: &Import) -> String {
    let done = import.done;
    match import.state {
        State::Undone if done.kept == 0 => format!(
            "{} undone: everything is as before.",
            counted(done.undone, "change")
        ),
        State::Undone => format!(
            "{} undone, {} kept.",
            counted(done.undone, "change"),
            count(done.kept)
        ),
        State::Failed | State::Cancelled if done.written() == 0 => "Nothing is written.".to_owned(),
        State::Cancelled => format!("Cancelled after {}.", counted(done.written(), "change")),
        State::Failed => format!("Stopped after {}.", counted(done.written(), "change")),
        _ => match done.written() {
            1 => "1 change is in.".to_owned(),
            written => format!("{} changes are in.", count(written)),
        },
    }
}

fn more(import: &Import) -> String {
    let (done, plan) = (import.done, import.counts);
    let mut said = Vec::new();
    match import.state {
        State::Undone => {
            if done.kept > 0 {
                said.push(
                    "What was used or edited since the upload stays as it is; each row says why."
                        .to_owned(),
                );
            }
        }
        _ => {
            if done.written() > 0 {
                said.push(format!(
                    "{} created, {} updated.",
                    counted(done.created, "user"),
                    count(done.updated)
                ));
            }
            match (plan.error, done.conflicts) {
                (0, 0) => {}
                (errors, 0) => said.push(format!(
                    "{} failed: nothing was written for those.",
                    counted(errors, "row")
                )),
                (0, conflicts) => said.push(format!(
                    "{}: nothing was written for those.",
                    conflict(conflicts)
                )),
                (errors, conflicts) => said.push(format!(
                    "{} failed and {}: nothing was written for those.",
                    counted(errors, "row"),
                    conflict(conflicts)
                )),
            }
        }
    }
    if let Some(fault) = &import.fault {
        said.push(fault.clone());
    }
    said.join(" ")
}

fn conflict(conflicts: u64) -> String {
    match conflicts {
        1 => "1 was a conflict".to_owned(),
        conflicts => format!("{} were conflicts", count(conflicts)),
    }
}

fn tiles(import: &Import) -> Vec<(&'static str, String, String)> {
    let (done, plan) = (import.done, import.counts);
    let tile = |label, number, below: &str| (label, count(number), below.to_owned());
    let mut tiles = vec![
        tile("Rows", plan.rows, "in the file"),
        tile("Created", done.created, ""),
        tile("Updated", done.updated, ""),
        tile("Unchanged", plan.unchanged, ""),
        tile("Skipped", plan.skip, ""),
    ];
    let below = match (plan.error, done.conflicts) {
        (_, 0) => String::new(),
        (errors, 1) => format!("{} + 1 conflict", count(errors)),
        (errors, conflicts) => format!("{} + {} conflicts", count(errors), count(conflicts)),
    };
    tiles.push(("Errors", count(plan.error + done.conflicts), below));
    if import.left() > 0 {
        tiles.push(tile("Not carried out", import.left(), ""));
    }
    if import.state == State::Undone {
        tiles.push(tile("Undone", done.undone, ""));
        tiles.push(tile("Kept", done.kept, "used or edited since"));
    }
    tiles
}
