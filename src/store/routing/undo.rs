//! Takes back an edit or a deletion of one of these records, where nobody changed it since.

use super::current::Current;
use super::{delete, require_everything, update};
use crate::domain::audit::Entry;
use crate::domain::role::{Permission, Rights};
use crate::domain::routing::{Noun, Values};
use crate::store::error::StoreError;
use crate::store::tx::Tx;
use crate::store::undo::RecordLine;

/// What can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Update,
    Delete,
}

/// An act on one of these records that can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoutingAct {
    pub noun: Noun,
    verb: Verb,
}

impl RoutingAct {
    pub(super) fn update(noun: Noun) -> Self {
        let verb = Verb::Update;
        Self { noun, verb }
    }

    pub(super) fn delete(noun: Noun) -> Self {
        let verb = Verb::Delete;
        Self { noun, verb }
    }

    /// As the audit calls it.
    pub fn action(self) -> &'static str {
        match (self.noun, self.verb) {
            (Noun::Department, Verb::Update) => "department.update",
            (Noun::Department, Verb::Delete) => "department.delete",
            (Noun::Ivr, Verb::Update) => "ivr.update",
            (Noun::Ivr, Verb::Delete) => "ivr.delete",
            (Noun::CallerId, Verb::Update) => "caller_id.update",
            (Noun::CallerId, Verb::Delete) => "caller_id.delete",
        }
    }

    pub(super) fn create_action(noun: Noun) -> &'static str {
        match noun {
            Noun::Department => "department.create",
            Noun::Ivr => "ivr.create",
            Noun::CallerId => "caller_id.create",
        }
    }

    pub(super) fn restore_action(noun: Noun) -> &'static str {
        match noun {
            Noun::Department => "department.restore",
            Noun::Ivr => "ivr.restore",
            Noun::CallerId => "caller_id.restore",
        }
    }

    pub fn of_action(action: &str) -> Option<Self> {
        let acts = |&noun: &Noun| [Self::update(noun), Self::delete(noun)];
        let mut all = Noun::ALL.iter().flat_map(acts);
        all.find(|act| act.action() == action)
    }

    /// What whoever undoes it has to have.
    pub fn needs(self) -> &'static [Permission] {
        match self.noun {
            Noun::Department => &[Permission::DepartmentsWrite],
            Noun::Ivr => &[Permission::IvrsWrite],
            Noun::CallerId => &[Permission::CallerIdsWrite],
        }
    }
}

/// The action of the audit's line about a record that an undo changed.
fn undo_action(noun: Noun) -> &'static str {
    match noun {
        Noun::Department => "department.undo",
        Noun::Ivr => "ivr.undo",
        Noun::CallerId => "caller_id.undo",
    }
}

/// The line about what was taken back, yet to be written; none when it was changed since.
///
/// # Errors
/// `NotFound` when the scope is not everything, `Taken` when a unique value went to another since.
pub(in crate::store) fn take_back(
    tx: &mut Tx<'_>,
    rights: &Rights,
    act: RoutingAct,
    line: &RecordLine,
) -> Result<Option<Entry>, StoreError> {
    require_everything(&rights.scope)?;
    let current = Current::read_any(tx, act.noun, line.id)?;
    let gone = match act.verb {
        Verb::Update => false,
        Verb::Delete => true,
    };
    if line.version_after != Some(current.version) || current.deleted != gone {
        return Ok(None);
    }
    let entry = match act.verb {
        Verb::Delete => Some(delete::bring_back(tx, &current)?),
        Verb::Update => {
            let before = Values::from_stored(act.noun, &line.before).map_err(|errors| {
                StoreError::broken(format!("an old value is refused: {errors:?}"))
            })?;
            update::write_difference(tx, &current, &before)?.1
        }
    };
    Ok(entry.map(|mut entry| {
        entry.action = undo_action(act.noun);
        entry
    }))
}
