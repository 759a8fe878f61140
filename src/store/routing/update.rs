//! Changes fields of a record: only what differs, guarded by the version, merged by field where asked.

use super::current::Current;
use super::names::{Moved, Names};
use super::undo::RoutingAct;
use super::{claims, kind, require_everything, write};
use crate::domain::audit::Entry;
use crate::domain::role::Scope;
use crate::domain::routing::{Field, Noun, Values, merge};
use crate::store::agent::history;
use crate::store::edit;
use crate::store::error::StoreError;
use crate::store::tx::Tx;

pub type Updated = edit::Updated<Field>;
pub type Basis = edit::Basis<Values>;
pub type Saved = edit::Saved<Field, Values>;
pub type Conflict = edit::Conflict<Field, Values>;

/// Writes a change if the record still has the expected version (any, for `None`).
///
/// # Errors
/// `NotFound` when there is no such record or the scope is not everything, `Stale` when it has another
/// version or something chosen is gone, `Taken` when a unique value is in use. Nothing is written then.
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    noun: Noun,
    id: i64,
    expected: Option<i64>,
    change: &Values,
) -> Result<Updated, StoreError> {
    require_everything(scope)?;
    let current = Current::read(tx, noun, id)?;
    if expected.is_some_and(|version| version != current.version) {
        return Err(StoreError::Stale);
    }
    apply(tx, &current, change)
}

/// Saves a form: where others changed other fields meanwhile, both stand.
///
/// # Errors
/// As [`update`], but a newer version alone is none.
pub fn save(
    tx: &mut Tx<'_>,
    scope: &Scope,
    noun: Noun,
    id: i64,
    basis: &Basis,
    change: &Values,
) -> Result<Saved, StoreError> {
    require_everything(scope)?;
    let current = Current::read(tx, noun, id)?;
    tx.write_audit()?;
    let actions = format!("{}.%", noun.word());
    let edits = history::of_record(tx.conn, noun.word(), &actions, id, basis.version)?;
    // Members come and go by the agents' own forms, too: only the audit of those says who did it.
    let merged = merge(&basis.was, &current.values, change);
    if merged.both.is_empty() {
        let updated = apply(tx, &current, &merged.mine)?;
        return Ok(Saved::Written(updated, edits));
    }
    Ok(Saved::Conflict(Conflict {
        version: current.version,
        now: current.values,
        both: merged.both,
        edits,
    }))
}

/// Writes what differs, with its audit; nothing at all when nothing does.
fn apply(tx: &mut Tx<'_>, current: &Current, change: &Values) -> Result<Updated, StoreError> {
    let (updated, entry) = write_difference(tx, current, change)?;
    if let Some(entry) = entry {
        tx.audit(entry)?;
    }
    Ok(updated)
}

pub(super) fn write_difference(
    tx: &mut Tx<'_>,
    current: &Current,
    change: &Values,
) -> Result<(Updated, Option<Entry>), StoreError> {
    let (noun, id) = (current.noun, current.id);
    let changed = change.differing(&current.values);
    if changed.is_empty() {
        let updated = Updated {
            version: current.version,
            operation: tx.operation.clone(),
            changed,
        };
        return Ok((updated, None));
    }
    let before = current.values.only(changed.iter().copied());
    let after = change.only(changed.iter().copied());
    let moved = Moved::of(&before, &after);
    let names = Names::read(tx.conn, &before, &after, &moved)?;
    let version = current.version + 1;
    claims::change(tx, noun, id, &before, &after)?;
    write::columns(tx, noun, id, version, &after)?;
    if let Some(members) = after.members() {
        let old = before.members().unwrap_or_default();
        write::members(tx, id, old, members, &moved)?;
    }
    tx.touch(kind(noun), id);
    let title = after.text(noun.title()).unwrap_or(current.title());
    let action = RoutingAct::update(noun).action();
    let mut entry = Entry::new(action, noun.word(), Some(id), title).version(version);
    entry.before = names.fields(&before);
    entry.after = names.fields(&after);
    if !moved.joined.is_empty() {
        entry = entry.after("joined", names.people(&moved.joined));
    }
    if !moved.left.is_empty() {
        entry = entry.after("left", names.people(&moved.left));
    }
    let updated = Updated {
        version,
        operation: tx.operation.clone(),
        changed,
    };
    Ok((updated, Some(entry)))
}
