//! Takes back what was done to a time group, where nobody changed it since.

use super::read::Stored;
use super::remove::bring_back;
use super::write::{locked, write_difference};
use crate::domain::agent::words;
use crate::domain::audit::Entry;
use crate::domain::ids::TimeGroupId;
use crate::domain::role::Rights;
use crate::domain::time_group::Change;
use crate::store::agent::undo::Taken;
use crate::store::error::StoreError;
use crate::store::tx::Tx;
use crate::store::undo::RecordLine;

/// The action of the audit's line about it.
const ACTION: &str = "time_group.undo";

words!(/// What can be taken back, by its action in the audit.
HoursAct { Update = "time_group.update", Delete = "time_group.delete" });

impl HoursAct {
    pub fn of_action(action: &str) -> Option<Self> {
        action.parse().ok()
    }
}

/// Brings back what was before an act. Nothing is taken when the time group was changed since.
///
/// # Errors
/// `Taken` when its name went to another since, `NotFound` for a scope of groups.
pub fn take_back(
    tx: &mut Tx<'_>,
    rights: &Rights,
    act: HoursAct,
    line: &RecordLine,
) -> Result<Taken, StoreError> {
    let (stored, deleted) = locked(tx, &rights.scope, TimeGroupId(line.id))?;
    let gone = act == HoursAct::Delete;
    if line.version_after != Some(stored.version) || deleted != gone {
        return Ok(Taken::default());
    }
    let entry = match act {
        HoursAct::Update => edit(tx, stored, line)?,
        HoursAct::Delete => Some(bring_back(tx, ACTION, stored)?),
    };
    Ok(Taken {
        entries: entry.into_iter().collect(),
        ..Taken::default()
    })
}

fn edit(tx: &mut Tx<'_>, stored: Stored, line: &RecordLine) -> Result<Option<Entry>, StoreError> {
    let before = Change::from_written(&line.before)
        .ok_or_else(|| StoreError::broken("an old value of a time group can't be read"))?;
    let (_, entry) = write_difference(tx, stored, &before, &before.given)?;
    Ok(entry.map(|entry| Entry {
        action: ACTION,
        ..entry
    }))
}
