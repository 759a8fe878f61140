//! One step of carrying a plan out: some rows in a transaction with the place up to which it has come, or all of
//! them at once.

use super::super::read::{any, lock};
use super::super::rows::{self, NewResult};
use super::super::{Done, Import, Kind, Mode, Outcome, State};
use super::context::{Context, Links, Memo};
use super::create::{self, New};
use super::update::{self, Changed};
use super::{end, records};
use crate::domain::ids::ImportId;
use crate::domain::import::{Outcome as Plan, Planned};
use crate::store::error::StoreError;
use crate::store::schema::imports;
use crate::store::seed;
use crate::store::tx::Tx;
use diesel::prelude::*;

/// Rows in one transaction where only valid ones are carried out.
pub const AT_ONCE: i64 = 500;
/// Rows in one go where all or none are.
const PIECE: i64 = 2_000;
/// So many conflicts are told of.
const NAMED: usize = 10_000;

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Up to this row.
    More(u64),
    /// All rows are carried out; the upload waits for [`finish`](super::super::errors::finish).
    Last,
    /// It is not to be carried out, or not any more.
    Stopped,
}

const NO_RIGHTS: &str = "Whoever uploaded the file may not upload any more.";

/// Carries the next rows out, those that can be.
///
/// # Errors
/// `Unavailable` when another node was in the way: the same again is right then.
pub fn next(
    tx: &mut Tx<'_>,
    id: ImportId,
    memo: &mut Memo,
    links: &Links,
) -> Result<Step, StoreError> {
    let mut import = lock(tx, id)?;
    if import.state != State::Committing || import.mode != Some(Mode::ValidRows) {
        return Ok(Step::Stopped);
    }
    if import.place >= import.counts.rows {
        return Ok(Step::Last);
    }
    let Some(context) = begin(tx, &mut import)? else {
        return Ok(Step::Stopped);
    };
    let (place, done) = piece(tx, &import, &context, memo, links, AT_ONCE)?;
    import.done.add(done);
    import.place = place.unwrap_or(import.counts.rows);
    note(tx, &import)?;
    match place {
        Some(place) if place < import.counts.rows => Ok(Step::More(place)),
        Some(_) | None => Ok(Step::Last),
    }
}

/// Rights, records and the operation that everything is written under. None when the upload has failed.
fn begin(tx: &mut Tx<'_>, import: &mut Import) -> Result<Option<Context>, StoreError> {
    tx.operation = import
        .operation
        .clone()
        .ok_or_else(|| StoreError::broken("an upload without its operation"))?;
    let Some(context) = Context::read(tx, import)? else {
        end(tx, import, State::Failed, Some(NO_RIGHTS))?;
        return Ok(None);
    };
    if import.listed.made.len() == import.listed.created.len() {
        return Ok(Some(context));
    }
    match records::make(tx, &context.rights, &import.listed.created)? {
        Err(fault) => {
            end(tx, import, State::Failed, Some(&fault))?;
            Ok(None)
        }
        Ok(made) => {
            import.listed.made = made;
            // With the names of what was just made.
            Context::read(tx, import)
        }
    }
}

/// Carries out the rows after the upload's place: up to which row, if any was left, and what they came to.
fn piece(
    tx: &mut Tx<'_>,
    import: &Import,
    context: &Context,
    memo: &mut Memo,
    links: &Links,
    most: i64,
) -> Result<(Option<u64>, Done), StoreError> {
    let rows = rows::after(tx.conn, import.id, import.place, most)?;
    let last = rows.last().map(|row| row.0);
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for (number, kind, plan) in rows {
        let writes = [Kind::Create.word(), Kind::Update.word()].contains(&kind.as_str());
        if !writes {
            continue;
        }
        match Planned::from_json(&plan)
            .map_err(StoreError::broken)?
            .outcome
        {
            Plan::Create(draft) => new.push(New { number, draft }),
            Plan::Update(edit) => changed.push(Changed { number, edit }),
            Plan::Unchanged(_) | Plan::Skip(_) | Plan::Error(_) => {}
        }
    }
    let mut results = Vec::with_capacity(new.len() + changed.len());
    create::all(tx, import, context, memo, links, new, &mut results)?;
    update::all(tx, import, context, links, changed, &mut results)?;
    seed::insert(tx.conn, &results)?;
    Ok((last, count(&results)))
}

fn count(results: &[NewResult]) -> Done {
    let of = |outcome: Outcome| {
        let found = results.iter().filter(|row| row.outcome == outcome.word());
        found.count() as u64
    };
    Done {
        created: of(Outcome::Created),
        updated: of(Outcome::Updated),
        conflicts: of(Outcome::Conflict),
        ..Done::default()
    }
}

/// Writes how far it has come.
fn note(tx: &mut Tx<'_>, import: &Import) -> Result<(), StoreError> {
    diesel::update(imports::table.find(import.id.0))
        .set((
            imports::place.eq(i64::try_from(import.place).unwrap_or(i64::MAX)),
            imports::done.eq(import.done.to_json()),
            imports::listed.eq(import.listed.to_json()),
            imports::changed_at.eq(tx.now.0),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What keeps a whole plan from being carried out.
enum Obstacle {
    /// Rows that can't be, and how many.
    Conflicts(Vec<NewResult>, u64),
    Stopped,
}

/// Carries all rows out, or none. `told` hears of each piece how many rows it was, and says whether to go on.
///
/// # Errors
/// As [`next`].
pub fn all(
    tx: &mut Tx<'_>,
    id: ImportId,
    links: &Links,
    mut told: impl FnMut(u64) -> bool,
) -> Result<Step, StoreError> {
    // Not locked until its end, so that somebody can cancel it meanwhile on another node.
    let mut import = any(tx.conn, id)?.ok_or(StoreError::NotFound)?;
    if import.state != State::Committing || import.mode != Some(Mode::AllOrNothing) {
        return Ok(Step::Stopped);
    }
    if import.place >= import.counts.rows {
        return Ok(Step::Last);
    }
    let before = import.clone();
    let mut obstacle = None;
    let written = tx.attempt(|tx| {
        let Some(context) = begin(tx, &mut import)? else {
            return Ok(Step::Stopped);
        };
        obstacle = every_piece(tx, &mut import, &context, links, &mut told)?;
        match obstacle {
            None => claim_end(tx, &import),
            Some(_) => Err(StoreError::Stale),
        }
    });
    match (written, obstacle) {
        (Err(StoreError::Stale), Some(Obstacle::Stopped)) => Ok(Step::Stopped),
        (Err(StoreError::Stale), Some(Obstacle::Conflicts(results, count))) => {
            fail(tx, &before, &results, count)?;
            Ok(Step::Stopped)
        }
        (written, _) => written,
    }
}

fn every_piece(
    tx: &mut Tx<'_>,
    import: &mut Import,
    context: &Context,
    links: &Links,
    told: &mut impl FnMut(u64) -> bool,
) -> Result<Option<Obstacle>, StoreError> {
    let (mut memo, mut conflicts, mut rows) = (Memo::default(), Vec::new(), 0);
    while import.place < import.counts.rows {
        let before = import.done.conflicts;
        let (place, done) = piece(tx, import, context, &mut memo, links, PIECE)?;
        import.done.add(done);
        if import.done.conflicts > before && conflicts.len() < NAMED {
            conflicts.extend(rows::conflicts(tx.conn, import.id, import.place)?);
        }
        import.place = place.unwrap_or(import.counts.rows);
        rows = rows.max(import.place);
        if !told(rows) {
            return Ok(Some(Obstacle::Stopped));
        }
    }
    Ok(match import.done.conflicts {
        0 => None,
        count => Some(Obstacle::Conflicts(conflicts, count)),
    })
}

/// Writes that all of it is done, unless somebody cancelled it or another node was quicker.
fn claim_end(tx: &mut Tx<'_>, import: &Import) -> Result<Step, StoreError> {
    let now = lock(tx, import.id)?;
    if now.state != State::Committing || now.operation != import.operation || now.place > 0 {
        return Err(StoreError::unavailable("the upload was stopped"));
    }
    note(tx, import)?;
    Ok(Step::Last)
}

/// Nothing was written; the upload can be planned anew.
fn fail(
    tx: &mut Tx<'_>,
    import: &Import,
    conflicts: &[NewResult],
    count: u64,
) -> Result<(), StoreError> {
    seed::insert(tx.conn, conflicts)?;
    let fault = match count {
        1 => "1 row does not fit any more, so nothing was written. Plan the file again.".to_owned(),
        count => format!(
            "{count} rows do not fit any more, so nothing was written. Plan the file again."
        ),
    };
    let done = Done {
        conflicts: count,
        ..Done::default()
    };
    diesel::update(imports::table.find(import.id.0))
        .set((
            imports::state.eq(State::Failed.word()),
            imports::fault.eq(fault),
            imports::operation.eq(None::<String>),
            imports::done.eq(done.to_json()),
            imports::changed_at.eq(tx.now.0),
            imports::version.eq(imports::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}
