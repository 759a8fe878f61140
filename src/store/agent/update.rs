//! Changes fields of an agent: only what differs, guarded by the version, merged by field where asked.

use super::current::Current;
use super::history;
use super::names::Names;
use super::write;
use crate::domain::agent_form::{AgentChange, Field, Value, Values, merge};
use crate::domain::audit::Entry;
use crate::domain::ids::UserId;
use crate::domain::role::Scope;
use crate::store::edit;
use crate::store::error::StoreError;
use crate::store::tx::{RecordKind, Tx};
use serde_json::{Map, Value as Json};

/// The action of an edit in the audit.
pub const ACTION: &str = "agent.update";

pub type Updated = edit::Updated<Field>;
pub type Basis = edit::Basis<Values>;
pub type Saved = edit::Saved<Field, Values>;
pub type Conflict = edit::Conflict<Field, Values>;

/// Writes a change if the agent still has the expected version (any, for `None`).
///
/// # Errors
/// `NotFound` when there is no such agent in scope, `Stale` when it has another version or a chosen record
/// is gone, `Taken` when a unique value is in use. Nothing is written then.
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: UserId,
    expected: Option<i64>,
    change: &AgentChange,
) -> Result<Updated, StoreError> {
    let current = read(tx, scope, id, change)?;
    if expected.is_some_and(|version| version != current.version) {
        return Err(StoreError::Stale);
    }
    apply(tx, scope, current, change)
}

/// Saves a form: where others changed other fields meanwhile, both stand.
///
/// # Errors
/// As [`update`], but a newer version alone is none.
pub fn save(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: UserId,
    basis: &Basis,
    change: &AgentChange,
) -> Result<Saved, StoreError> {
    let current = read(tx, scope, id, change)?;
    if basis.version == current.version {
        let updated = apply(tx, scope, current, change)?;
        return Ok(Saved::Written(updated, Vec::new()));
    }
    tx.write_audit()?;
    let edits = history::since(tx.conn, id, basis.version)?;
    let now = current.values.only(change.fields());
    let merged = merge(&basis.was, &now, change);
    if merged.both.is_empty() {
        let updated = apply(tx, scope, current, &merged.mine)?;
        return Ok(Saved::Written(updated, edits));
    }
    Ok(Saved::Conflict(Conflict {
        version: current.version,
        now,
        both: merged.both,
        edits,
    }))
}

fn read(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: UserId,
    change: &AgentChange,
) -> Result<Current, StoreError> {
    let fields: Vec<Field> = change.fields().collect();
    Current::read(tx, scope, id, &fields)
}

/// Takes back an edit whose line of the audit had these values before: the line about it, to be written
/// by the undo. None when that would change nothing.
///
/// # Errors
/// As [`update`].
pub(super) fn take_back(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: UserId,
    before: &Map<String, Json>,
) -> Result<Option<Entry>, StoreError> {
    let change = AgentChange::from_audit(before)
        .map_err(|errors| StoreError::broken(format!("an old value is refused: {errors:?}")))?;
    let current = read(tx, scope, id, &change)?;
    Ok(write_difference(tx, scope, current, &change)?.1)
}

/// Writes what differs, with its audit; nothing at all when nothing does.
fn apply(
    tx: &mut Tx<'_>,
    scope: &Scope,
    current: Current,
    change: &AgentChange,
) -> Result<Updated, StoreError> {
    let (updated, entry) = write_difference(tx, scope, current, change)?;
    if let Some(entry) = entry {
        tx.audit(entry)?;
    }
    Ok(updated)
}

fn write_difference(
    tx: &mut Tx<'_>,
    scope: &Scope,
    current: Current,
    change: &AgentChange,
) -> Result<(Updated, Option<Entry>), StoreError> {
    let differs = |(field, value): &(Field, &Value)| current.values.get(*field) != Some(*value);
    let changed: Vec<Field> = change
        .values()
        .iter()
        .filter(differs)
        .map(|c| c.0)
        .collect();
    if changed.is_empty() {
        let updated = Updated {
            version: current.version,
            operation: tx.operation.clone(),
            changed,
        };
        return Ok((updated, None));
    }
    let before = current.values.only(changed.iter().copied());
    let after = change.values().only(changed.iter().copied());
    write::require_in_scope(scope, &after)?;
    if write::may_be_refused(&after) {
        tx.guard()?;
    }
    let names = Names::read(tx.conn, &before, &after, &current.hidden_groups)?;
    let was = write::Versions {
        user: current.user_version,
        agent: current.version,
    };
    write::values(tx, current.id, was, &before, &after)?;
    let version = current.version + 1;
    let name = after.get(Field::Name).or(current.values.get(Field::Name));
    let mut entry = Entry::new(
        ACTION,
        "user",
        Some(current.id.0),
        name.map_or(String::new(), write::column),
    )
    .version(version);
    entry.before = names.fields(&before, &current.hidden_groups);
    entry.after = names.fields(&after, &current.hidden_groups);
    tx.touch(RecordKind::User, current.id.0);
    let updated = Updated {
        version,
        operation: tx.operation.clone(),
        changed,
    };
    Ok((updated, Some(entry)))
}
