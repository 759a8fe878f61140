//! A plan while it is made: begun, added to by the thousand rows, finished or given up. Each attempt has a number,
//! and whoever writes for an older one finds that and stops.

use super::read::{lock, lock_for};
use super::rows::{self, NewRow};
use super::{Done, Import, Pressed, Refused, State, Viewer, mapping};
use crate::domain::ids::ImportId;
use crate::domain::import::{Asked, Counts, Detected, Listed, Options};
use crate::store::error::StoreError;
use crate::store::schema::imports;
use crate::store::tx::Tx;
use diesel::prelude::*;

/// The upload, as long as this attempt is the one that counts.
macro_rules! current {
    ($id:expr, $plan:expr) => {
        imports::table
            .filter(imports::id.eq($id.0))
            .filter(imports::state.eq(State::Planning.word()))
            .filter(imports::plan.eq($plan))
    };
}

/// What a plan came to.
#[derive(Clone, Debug)]
pub struct Finished {
    /// With the mapping that was remembered for such a head.
    pub asked: Asked,
    pub found: Detected,
    pub listed: Listed,
    pub counts: Counts,
}

/// Begins to plan anew, whatever was there before; none when it is not to be planned.
pub fn begin(tx: &mut Tx<'_>, id: ImportId) -> Result<Option<Import>, StoreError> {
    let import = lock(tx, id)?;
    if import.state != State::Planning {
        return Ok(None);
    }
    diesel::update(imports::table.find(id.0))
        .set((
            imports::plan.eq(imports::plan + 1),
            imports::place.eq(0_i64),
            imports::counts.eq(Counts::default().to_json()),
            imports::done.eq(Done::default().to_json()),
            imports::fault.eq(None::<String>),
            imports::changed_at.eq(tx.now.0),
        ))
        .execute(tx.conn)?;
    Ok(Some(Import {
        plan: import.plan + 1,
        ..import
    }))
}

/// Adds rows, in the order of the file; `false`: somebody else plans now, or nobody is to.
pub fn add(tx: &mut Tx<'_>, id: ImportId, plan: i64, rows: &[NewRow]) -> Result<bool, StoreError> {
    let Some(last) = rows.last() else {
        return Ok(true);
    };
    let noted = diesel::update(current!(id, plan))
        .set((
            imports::place.eq(last.number),
            imports::changed_at.eq(tx.now.0),
        ))
        .execute(tx.conn)?;
    if noted == 1 {
        rows::insert(tx, rows)?;
    }
    Ok(noted == 1)
}

/// The plan is whole; `false` as for [`add`].
pub fn finish(
    tx: &mut Tx<'_>,
    id: ImportId,
    plan: i64,
    finished: &Finished,
) -> Result<bool, StoreError> {
    let noted = diesel::update(current!(id, plan))
        .set((
            imports::state.eq(State::Planned.word()),
            imports::asked.eq(finished.asked.to_json()),
            imports::found.eq(finished.found.to_json()),
            imports::listed.eq(finished.listed.to_json()),
            imports::counts.eq(finished.counts.to_json()),
            imports::changed_at.eq(tx.now.0),
            imports::version.eq(imports::version + 1),
        ))
        .execute(tx.conn)?;
    if noted == 1 {
        let import = lock(tx, id)?;
        mapping::remember(tx, &import)?;
    }
    Ok(noted == 1)
}

/// The file can't be read as it was said to be; what was found of it all the same is kept, so that other
/// choices can be offered.
pub fn refuse(
    tx: &mut Tx<'_>,
    id: ImportId,
    plan: i64,
    fault: &str,
    found: Option<&Detected>,
) -> Result<bool, StoreError> {
    let noted = diesel::update(current!(id, plan))
        .set((
            imports::state.eq(State::Unreadable.word()),
            imports::fault.eq(fault),
            imports::found.eq(found.map(Detected::to_json)),
            imports::listed.eq(Listed::default().to_json()),
            imports::changed_at.eq(tx.now.0),
            imports::version.eq(imports::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(noted == 1)
}

/// Other choices: the file is planned anew with them.
///
/// # Errors
/// `NotFound` for who may not see it, `Stale` when somebody changed the choices since the version.
pub fn choose(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    id: ImportId,
    version: Option<i64>,
    asked: &Asked,
    options: &Options,
) -> Result<Pressed, StoreError> {
    let import = lock_for(tx, viewer, id)?;
    if !viewer.is_of(&import) {
        return Ok(Pressed::Refused(Refused::NotYours));
    }
    if !import.can_be_planned() {
        return Ok(Pressed::Refused(Refused::TooLate));
    }
    if version.is_some_and(|version| version != import.version) {
        return Err(StoreError::Stale);
    }
    diesel::update(imports::table.find(id.0))
        .set((
            imports::state.eq(State::Planning.word()),
            imports::asked.eq(asked.to_json()),
            imports::options.eq(options.to_json()),
            imports::fault.eq(None::<String>),
            imports::place.eq(0_i64),
            // An attempt under way is not the one that counts any more.
            imports::plan.eq(imports::plan + 1),
            imports::changed_at.eq(tx.now.0),
            imports::version.eq(imports::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(Pressed::Begun)
}
