//! Changes of the general settings: where others changed other ones meanwhile, both stand.

use super::error::StoreError;
use super::number_plan::{ACTION, Wanted};
use super::setting;
use super::tx::Tx;
use crate::domain::agent_form::{ChangedBy, FieldErrors, changed_by};
use crate::domain::audit::Entry;
use crate::domain::general::{self, NAMES};
use crate::domain::install::Install;
use crate::domain::number_plan::settings::Words;

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
    if !mine.is_empty() {
        let mut entry = Entry::new(ACTION, "setting", None, "The general settings");
        for (name, word) in &mine {
            setting::put(tx, name, word)?;
            let old = now.get(name).map_or("", String::as_str);
            entry = entry.before(name, old).after(name, word.as_str());
        }
        tx.audit(entry)?;
    }
    Ok(Saved::Written {
        operation: tx.operation.clone(),
        changed: !mine.is_empty(),
    })
}
