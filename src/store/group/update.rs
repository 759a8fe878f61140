//! Changes a group's name and description: only what differs, guarded by the version, merged by field where
//! asked.

use super::row::{self, Row};
use super::{CLAIM, GroupAct, KIND};
use crate::domain::audit::Entry;
use crate::domain::group::{Field, GroupChange, GroupForm, GroupValues, merge};
use crate::domain::ids::GroupId;
use crate::domain::role::Scope;
use crate::domain::text::GroupName;
use crate::store::agent::history;
use crate::store::claim;
use crate::store::edit;
use crate::store::error::StoreError;
use crate::store::schema::agent_groups;
use crate::store::tx::Tx;
use diesel::prelude::*;

pub type Updated = edit::Updated<Field>;
pub type Basis = edit::Basis<GroupForm>;
pub type Saved = edit::Saved<Field, GroupValues>;
pub type Conflict = edit::Conflict<Field, GroupValues>;

/// Writes a change if the group still has the expected version (any, for `None`).
///
/// # Errors
/// `NotFound` when there is no such group in scope, `Stale` when it has another version, `Taken` when another
/// group has the name. Nothing is written then.
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: GroupId,
    expected: Option<i64>,
    change: &GroupChange,
) -> Result<Updated, StoreError> {
    let row = row::lock(tx, scope, id)?;
    if expected.is_some_and(|version| version != row.version) {
        return Err(StoreError::Stale);
    }
    apply(tx, &row, change)
}

/// Saves a form: where others changed the other field, or the members, meanwhile, both stand.
///
/// # Errors
/// As [`update`], but a newer version alone is none.
pub fn save(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: GroupId,
    basis: &Basis,
    change: &GroupChange,
) -> Result<Saved, StoreError> {
    let row = row::lock(tx, scope, id)?;
    if basis.version == row.version {
        return Ok(Saved::Written(apply(tx, &row, change)?, Vec::new()));
    }
    tx.write_audit()?;
    let edits = history::of_record(tx.conn, KIND, "group.%", id.0, basis.version)?;
    let merged = merge(&basis.was, &row.values, change);
    if merged.both.is_empty() {
        return Ok(Saved::Written(apply(tx, &row, &merged.mine)?, edits));
    }
    Ok(Saved::Conflict(Conflict {
        version: row.version,
        now: row.values,
        both: merged.both,
        edits,
    }))
}

fn apply(tx: &mut Tx<'_>, row: &Row, change: &GroupChange) -> Result<Updated, StoreError> {
    let written = write(tx, row, change, GroupAct::Update.action())?;
    let (version, changed, entry) = match written {
        Some((changed, entry)) => (row.version + 1, changed, Some(entry)),
        None => (row.version, Vec::new(), None),
    };
    if let Some(entry) = entry {
        tx.audit(entry)?;
    }
    Ok(Updated {
        version,
        operation: tx.operation.clone(),
        changed,
    })
}

/// Writes what differs; the fields and the line about it, None when nothing does.
pub(super) fn write(
    tx: &mut Tx<'_>,
    row: &Row,
    change: &GroupChange,
    action: &'static str,
) -> Result<Option<(Vec<Field>, Entry)>, StoreError> {
    let differs = |field: &Field| change.get(*field) != Some(row.values.get(*field));
    let changed: Vec<Field> = change.fields().filter(differs).collect();
    if changed.is_empty() {
        return Ok(None);
    }
    let value = |field: Field| match changed.contains(&field) {
        true => change.get(field).unwrap_or_default(),
        false => row.values.get(field),
    };
    let name = value(Field::Name);
    if changed.contains(&Field::Name) {
        rename(tx, row, name)?;
    }
    diesel::update(agent_groups::table.find(row.id.0))
        .set((
            agent_groups::name.eq(name),
            agent_groups::description.eq(value(Field::Description)),
        ))
        .execute(tx.conn)?;
    let version = row::next_version(tx, row)?;
    let mut entry = Entry::new(action, KIND, Some(row.id.0), name).version(version);
    for field in &changed {
        entry = entry
            .before(field.word(), row.values.get(*field))
            .after(field.word(), value(*field));
    }
    Ok(Some((changed.clone(), entry)))
}

/// Lets go of the old name and takes the new one; the same but for upper and lower case stays hers.
fn rename(tx: &mut Tx<'_>, row: &Row, name: &str) -> Result<(), StoreError> {
    let old = GroupName::claim_of(&row.values.name);
    let new = GroupName::claim_of(name);
    claim::take(tx, CLAIM, &new, KIND, row.id.0)?;
    if old != new {
        claim::release(tx, CLAIM, &old, KIND, row.id.0)?;
    }
    Ok(())
}
