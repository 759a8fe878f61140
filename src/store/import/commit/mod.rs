//! Carries a plan out: pressed once, done by a job, in one transaction or in many small ones.

mod auto;
mod claims;
mod context;
mod create;
mod edit;
mod facets;
mod invite;
mod lookup;
mod records;
mod slice;
mod update;

pub use context::{Links, Memo};
pub(super) use create::first_version;
pub(super) use records::Makeable;
pub use slice::{Step, all, next};

use super::read::lock_for;
use super::{COMMIT, Done, Import, KIND, Mode, Pressed, Refused, State, Viewer, spool};
use crate::domain::audit::Entry;
use crate::domain::ids::ImportId;
use crate::store::error::StoreError;
use crate::store::schema::imports;
use crate::store::tx::Tx;
use diesel::prelude::*;

/// Has a plan carried out.
///
/// # Errors
/// `NotFound` for who may not see it.
pub fn press(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    id: ImportId,
    mode: Mode,
) -> Result<Pressed, StoreError> {
    let import = lock_for(tx, viewer, id)?;
    if !viewer.is_of(&import) {
        return Ok(Pressed::Refused(Refused::NotYours));
    }
    match import.state {
        State::Planned => {}
        State::Committing | State::Committed => return Ok(Pressed::Again),
        State::Uploading | State::Planning | State::Unreadable => {
            return Ok(Pressed::Refused(Refused::NotPlanned));
        }
        State::Cancelled | State::Failed | State::Undoing | State::Undone | State::Expired => {
            return Ok(Pressed::Refused(Refused::TooLate));
        }
    }
    let counts = import.counts;
    if counts.create + counts.update == 0 {
        return Ok(Pressed::Refused(Refused::NothingToDo));
    }
    if mode == Mode::AllOrNothing && counts.error > 0 {
        return Ok(Pressed::Refused(Refused::HasErrors(counts.error)));
    }
    diesel::update(imports::table.find(id.0))
        .set((
            imports::state.eq(State::Committing.word()),
            imports::mode.eq(mode.word()),
            imports::place.eq(0_i64),
            imports::done.eq(Done::default().to_json()),
            imports::operation.eq(&tx.operation),
            imports::changed_at.eq(tx.now.0),
            imports::version.eq(imports::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(Pressed::Begun)
}

/// Stops an upload wherever it is. What was carried out stays, and can be undone.
///
/// # Errors
/// `NotFound` for who may not see it.
pub fn cancel(tx: &mut Tx<'_>, viewer: &Viewer, id: ImportId) -> Result<Pressed, StoreError> {
    let import = lock_for(tx, viewer, id)?;
    if import.state == State::Cancelled {
        return Ok(Pressed::Again);
    }
    if !import.can_be_cancelled() {
        return Ok(Pressed::Refused(Refused::TooLate));
    }
    end(tx, &import, State::Cancelled, None)?;
    Ok(Pressed::Begun)
}

/// Ends an upload for good: the file goes, and the audit says what was carried out.
pub(in crate::store::import) fn end(
    tx: &mut Tx<'_>,
    import: &Import,
    state: State,
    fault: Option<&str>,
) -> Result<(), StoreError> {
    spool::forget(tx, import.id)?;
    let wrote = import.done.written() > 0;
    diesel::update(imports::table.find(import.id.0))
        .set((
            imports::state.eq(state.word()),
            imports::fault.eq(fault),
            imports::operation.eq(import.operation.as_deref().filter(|_| wrote)),
            imports::done.eq(import.done.to_json()),
            imports::listed.eq(import.listed.to_json()),
            imports::place.eq(i64::try_from(import.place).unwrap_or(i64::MAX)),
            imports::changed_at.eq(tx.now.0),
            imports::finished_at.eq(tx.now.0),
            imports::version.eq(imports::version + 1),
        ))
        .execute(tx.conn)?;
    if !wrote {
        return Ok(());
    }
    let (own, by) = (tx.operation.clone(), import.by.clone());
    tx.operation = import.operation.clone().unwrap_or(own.clone());
    let said = tx.audit_as(&by, &summary(import, state, fault));
    tx.operation = own;
    said
}

/// The audit's line about the upload as a whole, beside those about people.
fn summary(import: &Import, state: State, fault: Option<&str>) -> Entry {
    let done = import.done;
    let mut entry = Entry::new(COMMIT, KIND, Some(import.id.0), import.file_name.as_str())
        .after("count", done.written())
        .after("created", done.created)
        .after("updated", done.updated)
        .after("unchanged", import.counts.unchanged)
        .after("skipped", import.counts.skip)
        .after("errors", import.counts.error)
        .after("conflicts", done.conflicts)
        .after("ended", state.word());
    if let Some(hash) = &import.sha256 {
        entry = entry.after("sha256", hash.as_str());
    }
    if let Some(fault) = fault {
        entry = entry.after("fault", fault);
    }
    entry
}
