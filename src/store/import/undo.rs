//! Takes an upload back: who was made goes for good unless used since, who was changed gets the old values back
//! unless edited since. Begun by the one `undo(operation)`, done by a job in steps that each check where they are.

mod made;
mod records;
mod restore;
mod traces;

use super::doer::rights_of;
use super::read::{any, lock};
use super::rows;
use super::{Done, Import, Outcome, State, actor_to_json};
use crate::domain::act::Refusal;
use crate::domain::audit::{Actor, Entry};
use crate::domain::ids::{ImportId, UserId};
use crate::domain::role::{Rights, Scope};
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::imports;
use crate::store::tx::Tx;
use crate::store::undo::UNDO;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// Rows in one transaction.
const AT_ONCE: i64 = 500;

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Up to this row.
    More(u64),
    Last,
    Stopped,
}

/// Whether someone may take this upload back, and its time is not over.
pub(in crate::store) fn may(
    conn: &mut Conn,
    id: ImportId,
    by: &Actor,
    rights: &Rights,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(import) = any(conn, id)? else {
        return Ok(false);
    };
    let own = (by.kind, by.id) == (import.by.kind, import.by.id);
    Ok((own || rights.scope == Scope::All) && import.undo_until().is_some_and(|until| until > now))
}

/// Notes that it is to be taken back, under the operation of this write.
pub(in crate::store) fn begin(tx: &mut Tx<'_>, id: ImportId) -> Result<(), StoreError> {
    diesel::update(imports::table.find(id.0))
        .set((
            imports::state.eq(State::Undoing.word()),
            imports::place.eq(0_i64),
            imports::undo_operation.eq(&tx.operation),
            imports::undo_actor.eq(actor_to_json(tx.by)),
            imports::changed_at.eq(tx.now.0),
            imports::version.eq(imports::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What became of one row.
struct Took {
    number: i64,
    outcome: Result<Option<Entry>, Refusal>,
}

/// Takes the next rows back.
///
/// # Errors
/// As any write; the same again is right then.
pub fn next(tx: &mut Tx<'_>, id: ImportId) -> Result<Step, StoreError> {
    let mut import = lock(tx, id)?;
    let operation = match (&import.state, &import.undo_operation) {
        (State::Undoing, Some(operation)) => operation.clone(),
        _ => return Ok(Step::Stopped),
    };
    tx.operation = operation;
    let by = import.undone_by.clone().unwrap_or_else(Actor::system);
    // Whoever lost the right meanwhile has begun it when they had it: it is not left half done.
    let rights = rights_of(tx.conn, &by, tx.now)?.unwrap_or_else(|| Rights {
        scope: Scope::Groups(Vec::new()),
        ..Rights::everything()
    });
    let written = rows::written_after(tx.conn, id, import.place, AT_ONCE)?;
    let Some(last) = written.last() else {
        return finish(tx, &mut import).map(|()| Step::Last);
    };
    import.place = u64::try_from(last.0).unwrap_or(0);
    let (created, updated): (Vec<_>, Vec<_>) = written
        .into_iter()
        .partition(|(_, outcome, _)| *outcome == Outcome::Created);
    let pairs = |rows: Vec<(i64, Outcome, UserId)>| -> Vec<(i64, UserId)> {
        rows.into_iter()
            .map(|(number, _, user)| (number, user))
            .collect()
    };
    let mut took = made::take_back(tx, &import, &rights, &pairs(created))?;
    took.extend(restore::take_back(tx, &import, &rights, &pairs(updated))?);
    note(tx, &mut import, took)?;
    Ok(Step::More(import.place))
}

fn note(tx: &mut Tx<'_>, import: &mut Import, took: Vec<Took>) -> Result<(), StoreError> {
    let (mut undone, mut entries) = (Vec::new(), Vec::new());
    let mut kept: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for Took { number, outcome } in took {
        match outcome {
            Ok(entry) => {
                undone.push(number);
                entries.extend(entry);
            }
            Err(why) => kept.entry(why.to_string()).or_default().push(number),
        }
    }
    rows::set_outcome(tx, import.id, Outcome::Undone, None, &undone)?;
    for (why, numbers) in &kept {
        rows::set_outcome(tx, import.id, Outcome::Kept, Some(why), numbers)?;
    }
    import.done.add(Done {
        undone: undone.len() as u64,
        kept: kept.values().map(|numbers| numbers.len() as u64).sum(),
        ..Done::default()
    });
    diesel::update(imports::table.find(import.id.0))
        .set((
            imports::place.eq(i64::try_from(import.place).unwrap_or(i64::MAX)),
            imports::done.eq(import.done.to_json()),
            imports::changed_at.eq(tx.now.0),
        ))
        .execute(tx.conn)?;
    tx.audit_all(entries)
}

/// All rows are done: what was made for them goes too, and the audit says what became of it.
fn finish(tx: &mut Tx<'_>, import: &mut Import) -> Result<(), StoreError> {
    records::take_back(tx, &import.listed)?;
    diesel::update(imports::table.find(import.id.0))
        .set((
            imports::state.eq(State::Undone.word()),
            imports::changed_at.eq(tx.now.0),
            imports::version.eq(imports::version + 1),
        ))
        .execute(tx.conn)?;
    let operation = import.operation.clone().unwrap_or_default();
    let mut entry = Entry::new(UNDO, "operation", None, import.file_name.as_str())
        .after("undoes", operation)
        .after("what", super::COMMIT)
        .after("import", import.id.0)
        .after("count", import.done.undone);
    if import.done.kept > 0 {
        entry = entry.after("kept_count", import.done.kept);
    }
    tx.audit(entry)
}
