//! Changes of the settings that make up the number plan, each checked against the numbers that are in use.

use super::claim::DIAL;
use super::connection::Conn;
use super::error::{Owner, StoreError, Taken};
use super::general;
use super::schema::{claims, departments, ivrs, users};
use super::setting;
use super::tx::Tx;
use super::undo::RecordLine;
use crate::domain::agent_form::{ChangedBy, FieldErrors, changed_by};
use crate::domain::audit::Entry;
use crate::domain::general::NAMES;
use crate::domain::install::Install;
use crate::domain::number_plan::settings::{PlanSettings, Words, names};
use crate::domain::role::Rights;
use diesel::prelude::*;
use serde_json::{Map, Value};

/// The action of a change in the audit.
pub const ACTION: &str = "settings.update";
/// The action of the audit's line about settings that an undo brought back.
const UNDO_ACTION: &str = "settings.undo";

/// So many numbers that stand in the way are named, of each setting.
const NAMED: usize = 5;

/// What a form wants, and what it was opened with. A setting that is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub typed: Words,
    pub was: Words,
}

/// How saving the settings ended.
#[derive(Clone, Debug)]
pub enum Saved {
    /// The operation, and whether anything differed.
    Written { operation: String, changed: bool },
    /// Nothing was written: others changed the same settings. As they are now.
    Conflict { now: Words, both: Vec<&'static str> },
    /// Nothing was written: they are wrong in themselves.
    Wrong(FieldErrors),
    /// Nothing was written: numbers in use stand in the way.
    InUse(Vec<InUse>),
}

/// Numbers in use that a new value of a setting would collide with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InUse {
    pub setting: &'static str,
    /// The first of them.
    pub numbers: Vec<Held>,
    /// All of them.
    pub count: usize,
}

/// A number and the record that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub number: String,
    /// The digits that an intercom should have, or the reserved number.
    pub with: String,
    pub owner: Owner,
    pub name: String,
}

/// Saves settings of the number plan: where others changed other ones meanwhile, both stand.
///
/// # Errors
/// `Broken` when the stored settings can't be read.
pub fn save(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<Saved, StoreError> {
    let current = current(tx.conn)?;
    let now = current.words();
    let (mut mine, mut both) = (Words::new(), Vec::new());
    for name in names() {
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
    let plan = match current.with(&mine) {
        Ok(plan) => plan,
        Err(errors) => return Ok(Saved::Wrong(errors)),
    };
    let changed = differing(&now, &plan.words());
    let in_use = in_use(tx.conn, &plan, &changed)?;
    if !in_use.is_empty() {
        return Ok(Saved::InUse(in_use));
    }
    let entry = write(tx, ACTION, &now, &plan.words())?;
    let changed = entry.is_some();
    if let Some(entry) = entry {
        tx.audit(entry)?;
    }
    Ok(Saved::Written {
        operation: tx.operation.clone(),
        changed,
    })
}

/// Brings back what was before a change, unless any of it was changed since; the line about it, yet to be
/// written. The plan as it was is checked like any other.
///
/// # Errors
/// `NotFound` when the scope is not everything; `Taken`, with the setting as its kind, when that can't be as it
/// was: with the number that stands in its way and whose it is, or with the word that the plan has no place for.
pub(super) fn take_back(
    tx: &mut Tx<'_>,
    rights: &Rights,
    line: &RecordLine,
) -> Result<Option<Entry>, StoreError> {
    if !rights.scope.is_all() {
        return Err(StoreError::NotFound);
    }
    if line.after.keys().any(|name| NAMES.contains(&name.as_str())) {
        return general::take_back(tx, UNDO_ACTION, line);
    }
    let current = current(tx.conn)?;
    let now = current.words();
    let left = words_of(&line.after);
    if left.iter().any(|(name, word)| now.get(name) != Some(word)) {
        return Ok(None);
    }
    let old = words_of(&line.before);
    let plan = match current.with(&old) {
        Ok(plan) => plan,
        Err(errors) => return Err(no_place(&errors, &old, &now)),
    };
    let after = plan.words();
    let found = in_use(tx.conn, &plan, &differing(&now, &after))?;
    for in_use in found {
        if let Some(held) = in_use.numbers.into_iter().next() {
            return Err(StoreError::Taken(Taken {
                kind: in_use.setting.to_owned(),
                value: held.number,
                owner: Some(held.owner),
            }));
        }
    }
    write(tx, UNDO_ACTION, &now, &after)
}

/// The first word that the plan has no place for: an old one, or one that was chosen since and stands in its way.
fn no_place(errors: &FieldErrors, old: &Words, now: &Words) -> StoreError {
    let name = errors.0.first().map_or("", |error| error.name.as_ref());
    let value = old.get(name).or_else(|| now.get(name));
    StoreError::Taken(Taken {
        kind: name.to_owned(),
        value: value.cloned().unwrap_or_default(),
        owner: None,
    })
}

/// Settings as the audit has them.
fn words_of(fields: &Map<String, Value>) -> Words {
    let word = |name: &'static str| Some((name, fields.get(name)?.as_str()?.to_owned()));
    names().filter_map(word).collect()
}

/// The plan in force.
fn current(conn: &mut Conn) -> Result<PlanSettings, StoreError> {
    let install = Install::from_words(&setting::all(conn)?).map_err(StoreError::broken)?;
    Ok(PlanSettings::of(&install))
}

/// Names of the settings that are not the same.
fn differing(now: &Words, after: &Words) -> Vec<&'static str> {
    names()
        .filter(|name| now.get(name) != after.get(name))
        .collect()
}

/// Writes what differs; the line about it, yet to be written.
fn write(
    tx: &mut Tx<'_>,
    action: &'static str,
    now: &Words,
    after: &Words,
) -> Result<Option<Entry>, StoreError> {
    let changed = differing(now, after);
    let mut entry = Entry::new(action, "setting", None, "The number plan");
    for &name in &changed {
        let (old, new) = (word(now, name), word(after, name));
        setting::put(tx, name, new)?;
        entry = entry.before(name, old).after(name, new);
    }
    Ok((!changed.is_empty()).then_some(entry))
}

fn word<'a>(words: &'a Words, name: &str) -> &'a str {
    words.get(name).map_or("", String::as_str)
}

/// The numbers of living records that stand in the way of the settings that would change.
fn in_use(
    conn: &mut Conn,
    plan: &PlanSettings,
    changed: &[&'static str],
) -> Result<Vec<InUse>, StoreError> {
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<(String, String, i64)> = claims::table
        .filter(claims::kind.eq(DIAL))
        .filter(claims::held_until.is_null())
        .order(claims::value)
        .select((claims::value, claims::owner_kind, claims::owner_id))
        .load(conn)?;
    let mut found: Vec<InUse> = Vec::new();
    for (number, kind, id) in numbers {
        let Some(collides) = plan.collides(&number, kind == "user") else {
            continue;
        };
        if !changed.contains(&collides.setting) {
            continue;
        }
        let at = match found.iter().position(|one| one.setting == collides.setting) {
            Some(at) => at,
            None => {
                found.push(InUse {
                    setting: collides.setting,
                    numbers: Vec::new(),
                    count: 0,
                });
                found.len() - 1
            }
        };
        found[at].count += 1;
        if found[at].numbers.len() < NAMED {
            let name = name(conn, &kind, id)?;
            found[at].numbers.push(Held {
                number,
                with: collides.with,
                owner: Owner { kind, id },
                name,
            });
        }
    }
    Ok(found)
}

/// What the record is called that has a number.
fn name(conn: &mut Conn, kind: &str, id: i64) -> Result<String, StoreError> {
    let found: Option<String> = match kind {
        "user" => users::table
            .find(id)
            .select(users::name)
            .first(conn)
            .optional()?,
        "department" => departments::table
            .find(id)
            .select(departments::name)
            .first(conn)
            .optional()?,
        "ivr" => ivrs::table
            .find(id)
            .select(ivrs::name)
            .first(conn)
            .optional()?,
        _ => None,
    };
    Ok(found.unwrap_or_default())
}
