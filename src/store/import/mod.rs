//! Bulk uploads as they are kept: the file, the plan, what became of it. Everything lies in the database, so that
//! any node shows, carries out and resumes any upload; the deciding is `domain::import`'s.
//!
//! An upload goes `uploading → planning → planned → committing → committed`, and may be undone. Each step that
//! takes long is a job's (`jobs::imports`), in transactions of which each checks that the state is still the
//! one it began with: whoever comes late, twice or after a crash finds that and stops.

pub mod commit;
pub mod desk;
mod doer;
pub mod errors;
pub mod expire;
mod facts;
pub mod invite;
pub mod mapping;
pub mod phones;
pub mod plan;
mod read;
pub mod rows;
pub mod spool;
pub mod undo;

pub use desk::{Desk, Phase, Progress};
pub use doer::rights_of;
pub use facts::{facts, hold_others};
pub(super) use read::of_operation;
pub use read::{Viewer, find, page, waiting};
pub use rows::{PlannedRow, RowsPage, Shown};

use super::error::StoreError;
use crate::domain::agent::words;
use crate::domain::audit::{Actor, ActorKind};
use crate::domain::ids::ImportId;
use crate::domain::import::{Asked, Counts, Detected, Listed, Mapping, Options};
use crate::domain::time::{HOUR, Timestamp};
use serde_json::{Value, json};

/// An upload in the audit.
pub const KIND: &str = "import";
/// The action of the audit's line about an upload that was carried out.
pub const COMMIT: &str = "import.commit";
/// What was uploaded can be undone for so long.
pub const UNDO_FOR: i64 = 30 * 24 * HOUR;

words!(/// How far an upload has come.
State {
    /// The file is on its way.
    Uploading = "uploading",
    /// It waits to be planned, or is.
    Planning = "planning",
    /// It can't be read, at least not as it was said to be.
    Unreadable = "unreadable",
    Planned = "planned",
    /// It waits to be carried out, or is.
    Committing = "committing",
    Committed = "committed",
    /// Nothing more is carried out; what was, stays.
    Cancelled = "cancelled",
    /// It could not be carried out, or not to its end: the fault says why.
    Failed = "failed",
    Undoing = "undoing",
    Undone = "undone",
    /// Nobody carried it out in time.
    Expired = "expired",
});

words!(/// What becomes of a plan in which some rows can't be carried out.
Mode {
    /// Nothing at all.
    AllOrNothing = "all",
    /// The others are.
    ValidRows = "valid",
});

words!(/// What a row would do, as a page filters it.
Kind {
    Create = "create",
    Update = "update",
    Unchanged = "unchanged",
    Skip = "skip",
    Error = "error",
});

words!(/// What became of a row that was to be carried out.
Outcome {
    Created = "created",
    Updated = "updated",
    /// The person was changed since the plan, or what the row needs was taken or is gone: nothing was written.
    Conflict = "conflict",
    /// Undone: as it was before.
    Undone = "undone",
    /// Not undone; the reason says why.
    Kept = "kept",
});

/// How many rows came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub created: u64,
    pub updated: u64,
    pub conflicts: u64,
    pub undone: u64,
    pub kept: u64,
}

impl Done {
    /// Rows that wrote something.
    pub fn written(self) -> u64 {
        self.created + self.updated
    }

    fn to_json(self) -> String {
        json!([
            self.created,
            self.updated,
            self.conflicts,
            self.undone,
            self.kept
        ])
        .to_string()
    }

    fn from_json(text: &str) -> Result<Self, StoreError> {
        let done: [u64; 5] = serde_json::from_str(text).map_err(StoreError::broken)?;
        let [created, updated, conflicts, undone, kept] = done;
        Ok(Self {
            created,
            updated,
            conflicts,
            undone,
            kept,
        })
    }

    fn add(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.conflicts += other.conflicts;
        self.undone += other.undone;
        self.kept += other.kept;
    }
}

/// An upload.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    pub id: ImportId,
    /// Who uploaded it; only they plan and carry it out, with the rights that they have then.
    pub by: Actor,
    pub created_at: Timestamp,
    /// As the browser called it: for people, never for a path.
    pub file_name: String,
    /// Hexadecimal; none until the whole file is here.
    pub sha256: Option<String>,
    pub size: u64,
    pub state: State,
    /// What was chosen by hand.
    pub asked: Asked,
    pub options: Options,
    /// What the file was found to be.
    pub found: Option<Detected>,
    /// Names that nobody knows, records to be made.
    pub listed: Listed,
    /// Why it is unreadable or failed, in words for whoever uploaded it.
    pub fault: Option<String>,
    /// Grows with each plan.
    pub plan: i64,
    pub counts: Counts,
    pub mode: Option<Mode>,
    /// The row up to which the step under way has come.
    pub place: u64,
    pub done: Done,
    /// The operation that it was carried out under; undone by `store::undo`.
    pub operation: Option<String>,
    pub undo_operation: Option<String>,
    /// Who undoes it.
    pub undone_by: Option<Actor>,
    /// When the state changed last.
    pub changed_at: Timestamp,
    /// When it was carried out, cancelled or given up.
    pub finished_at: Option<Timestamp>,
    /// What was chosen is based on it.
    pub version: i64,
}

impl Import {
    /// Rows that would write something and have not come to their turn, or never will.
    pub fn left(&self) -> u64 {
        let reached = self.done.written() + self.done.conflicts;
        (self.counts.create + self.counts.update).saturating_sub(reached)
    }

    /// Choices can still be changed, and the file planned anew.
    pub fn can_be_planned(&self) -> bool {
        match self.state {
            State::Planning | State::Planned | State::Unreadable => true,
            State::Failed => self.operation.is_none(),
            State::Uploading
            | State::Committing
            | State::Committed
            | State::Cancelled
            | State::Undoing
            | State::Undone
            | State::Expired => false,
        }
    }

    /// Nobody has chosen anything by hand since it was uploaded, so what was remembered for such a head holds.
    pub fn is_as_uploaded(&self) -> bool {
        self.version == AS_UPLOADED && self.asked.mapping == Mapping::default()
    }

    /// It can be cancelled now.
    pub fn can_be_cancelled(&self) -> bool {
        match self.state {
            State::Uploading
            | State::Planning
            | State::Planned
            | State::Unreadable
            | State::Committing => true,
            State::Failed => self.operation.is_none(),
            State::Committed
            | State::Cancelled
            | State::Undoing
            | State::Undone
            | State::Expired => false,
        }
    }

    /// Until when it can be undone, if at all.
    pub fn undo_until(&self) -> Option<Timestamp> {
        let over = match self.state {
            State::Committed | State::Cancelled | State::Failed => true,
            State::Uploading
            | State::Planning
            | State::Unreadable
            | State::Planned
            | State::Committing
            | State::Undoing
            | State::Undone
            | State::Expired => false,
        };
        let at = self.finished_at.filter(|_| over && self.done.written() > 0);
        at.map(|at| at.plus(UNDO_FOR))
    }

    /// A step is under way, or waits for its turn.
    pub fn is_busy(&self) -> bool {
        match self.state {
            State::Uploading | State::Planning | State::Committing | State::Undoing => true,
            State::Unreadable
            | State::Planned
            | State::Committed
            | State::Cancelled
            | State::Failed
            | State::Undone
            | State::Expired => false,
        }
    }
}

/// The version of an upload whose file has just come in.
const AS_UPLOADED: i64 = 2;

/// What pressing a button of an upload came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pressed {
    Begun,
    /// It was pressed before: nothing more is done.
    Again,
    Refused(Refused),
}

/// Why not, in words that can stand alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("Only whoever uploaded the file can do that.")]
    NotYours,
    #[error("{}, and all or nothing was asked for: {}, or commit only the valid rows.", rows_with_errors(*.0), mend(*.0))]
    HasErrors(u64),
    #[error("No row of the file changes anything.")]
    NothingToDo,
    #[error("That can’t be done with this upload any more.")]
    TooLate,
    #[error("The file is not planned yet.")]
    NotPlanned,
}

fn rows_with_errors(rows: u64) -> String {
    match rows {
        1 => "1 row has errors".to_owned(),
        rows => format!("{rows} rows have errors"),
    }
}

fn mend(rows: u64) -> &'static str {
    if rows == 1 { "mend it" } else { "mend them" }
}

/// Someone who acts, as an upload keeps it for its jobs.
fn actor_to_json(actor: &Actor) -> String {
    json!({
        "kind": actor.kind.word(),
        "id": actor.id,
        "name": actor.name,
        "address": actor.address,
        "request_id": actor.request_id,
    })
    .to_string()
}

fn actor_from_json(text: &str) -> Result<Actor, StoreError> {
    let json: Value = serde_json::from_str(text).map_err(StoreError::broken)?;
    let text = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
    let kind = text("kind").unwrap_or_default();
    let kind: ActorKind = kind.parse().map_err(StoreError::broken)?;
    Ok(Actor {
        kind,
        id: json.get("id").and_then(Value::as_i64),
        name: text("name").unwrap_or_default(),
        address: text("address"),
        request_id: text("request_id"),
    })
}
