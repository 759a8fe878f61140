//! Changes of the general settings: where others changed other ones meanwhile, both stand.

use super::error::StoreError;
use super::ledger::recount;
use super::number_plan::{ACTION, Wanted};
use super::setting;
use super::tx::Tx;
use super::undo::RecordLine;
use crate::domain::agent_form::{ChangedBy, FieldErrors, changed_by};
use crate::domain::audit::Entry;
use crate::domain::general::{self, NAMES};
use crate::domain::install::Install;
use crate::domain::number_plan::settings::Words;
use serde_json::{Map, Value};

/// How saving the settings ended.
#[derive(Clone, Debug)]
pub enum Saved {
    /// The operation, and whether anything differed.
    Written { operation: String, changed: bool },
    /// Nothing was written: others changed the same settings. As they are now.
    Conflict { now: Words, both: Vec<&'static str> },
    /// Nothing was written: they are wrong in themselves.
    Wrong(FieldErrors),
}

/// # Errors
/// `Broken` when the stored settings can't be read.
pub fn save(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<Saved, StoreError> {
    let install = Install::from_words(&setting::all(tx.conn)?).map_err(StoreError::broken)?;
    let now = general::words(&install);
    let (mut mine, mut both) = (Words::new(), Vec::new());
    for name in NAMES {
        let Some(typed) = wanted.typed.get(name) else {
            continue;
        };
        match changed_by(wanted.was.get(name), now.get(name), typed) {
            ChangedBy::Nobody | ChangedBy::Others => {}
            ChangedBy::Me => _ = mine.insert(name, typed.clone()),
            ChangedBy::Both => both.push(name),
        }
    }
    if !both.is_empty() {
        return Ok(Saved::Conflict { now, both });
    }
    if let Err(errors) = general::check(&mine) {
        return Ok(Saved::Wrong(errors));
    }
    let entry = write(tx, ACTION, &install, &mine)?;
    if let Some(entry) = entry {
        tx.audit(entry)?;
    }
    Ok(Saved::Written {
        operation: tx.operation.clone(),
        changed: !mine.is_empty(),
    })
}

/// Brings back what was before a change, unless any of it was changed since; the line about it, yet to be written.
pub(super) fn take_back(
    tx: &mut Tx<'_>,
    action: &'static str,
    line: &RecordLine,
) -> Result<Option<Entry>, StoreError> {
    let install = Install::from_words(&setting::all(tx.conn)?).map_err(StoreError::broken)?;
    let now = general::words(&install);
    let words = |fields: &Map<String, Value>| -> Words {
        let word = |name: &'static str| Some((name, fields.get(name)?.as_str()?.to_owned()));
        NAMES.into_iter().filter_map(word).collect()
    };
    let left = words(&line.after);
    if left.iter().any(|(name, word)| now.get(name) != Some(word)) {
        return Ok(None);
    }
    write(tx, action, &install, &words(&line.before))
}

/// Writes what differs; the line about it, yet to be written. Other days begin to be counted.
fn write(
    tx: &mut Tx<'_>,
    action: &'static str,
    install: &Install,
    words: &Words,
) -> Result<Option<Entry>, StoreError> {
    let now = general::words(install);
    let mut entry = Entry::new(action, "setting", None, "The general settings");
    let mut changed = Words::new();
    for (&name, word) in words {
        let old = now.get(name).map_or("", String::as_str);
        if old == word {
            continue;
        }
        if ![Install::TIME_ZONE, Install::DAY_BEGINS_AT].contains(&name) {
            setting::put(tx, name, word)?;
        }
        entry = entry.before(name, old).after(name, word.as_str());
        changed.insert(name, word.clone());
    }
    if let Some(days) = general::days(install.chosen_days(), &changed) {
        recount::begin(tx, days)?;
    }
    Ok((!changed.is_empty()).then_some(entry))
}
