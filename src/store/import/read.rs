//! Reads uploads: one, the history, and those that wait for a job.

use super::{Done, Import, State, actor_from_json};
use crate::domain::audit::Actor;
use crate::domain::ids::ImportId;
use crate::domain::import::{Asked, Counts, Detected, Listed, Options};
use crate::domain::role::Scope;
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::person::word;
use crate::store::schema::imports;
use crate::store::tx::Tx;
use diesel::prelude::*;

/// Who looks: whoever is held to groups sees only uploads of their own, since plans hold names of people.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub actor: Actor,
    pub scope: Scope,
}

impl Viewer {
    fn sees(&self, import: &Import) -> bool {
        self.scope.is_all() || self.is_of(import)
    }

    /// The one who uploaded it.
    pub fn is_of(&self, import: &Import) -> bool {
        (self.actor.kind, self.actor.id) == (import.by.kind, import.by.id)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = imports)]
struct Row {
    id: i64,
    actor: String,
    created_at: i64,
    file_name: String,
    sha256: Option<String>,
    size: i64,
    state: String,
    asked: String,
    options: String,
    found: Option<String>,
    listed: String,
    fault: Option<String>,
    plan: i64,
    counts: String,
    mode: Option<String>,
    place: i64,
    done: String,
    operation: Option<String>,
    undo_operation: Option<String>,
    undo_actor: Option<String>,
    changed_at: i64,
    finished_at: Option<i64>,
    version: i64,
}

impl Row {
    fn into_import(self) -> Result<Import, StoreError> {
        let asked = Asked::from_json(&self.asked).map_err(StoreError::broken)?;
        let found = self.found.as_deref();
        let found = found.map(|found| Detected::from_json(found, &asked.mapping));
        Ok(Import {
            id: ImportId(self.id),
            by: actor_from_json(&self.actor)?,
            created_at: Timestamp(self.created_at),
            file_name: self.file_name,
            sha256: self.sha256,
            size: u64::try_from(self.size).unwrap_or(0),
            state: word(&self.state)?,
            // What was found before other choices were made says nothing.
            found: found.and_then(Result::ok),
            asked,
            options: Options::from_json(&self.options).map_err(StoreError::broken)?,
            listed: Listed::from_json(&self.listed).map_err(StoreError::broken)?,
            fault: self.fault,
            plan: self.plan,
            counts: Counts::from_json(&self.counts).map_err(StoreError::broken)?,
            mode: self.mode.as_deref().map(word).transpose()?,
            place: u64::try_from(self.place).unwrap_or(0),
            done: Done::from_json(&self.done)?,
            operation: self.operation,
            undo_operation: self.undo_operation,
            undone_by: self
                .undo_actor
                .as_deref()
                .map(actor_from_json)
                .transpose()?,
            changed_at: Timestamp(self.changed_at),
            finished_at: self.finished_at.map(Timestamp),
            version: self.version,
        })
    }
}

/// An upload that this viewer may see.
pub fn find(conn: &mut Conn, viewer: &Viewer, id: ImportId) -> Result<Option<Import>, StoreError> {
    Ok(any(conn, id)?.filter(|import| viewer.sees(import)))
}

/// The newest first, and how many there are.
pub fn page(
    conn: &mut Conn,
    viewer: &Viewer,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Import>, i64), StoreError> {
    macro_rules! rows {
        ($query:expr) => {
            $query
                .order(imports::id.desc())
                .limit(limit)
                .offset(offset)
                .select(Row::as_select())
                .load(conn)?
        };
    }
    macro_rules! own {
        () => {
            imports::table
                .filter(imports::actor_kind.eq(viewer.actor.kind.word()))
                .filter(imports::actor_id.eq(viewer.actor.id.unwrap_or(0)))
        };
    }
    let (rows, total): (Vec<Row>, i64) = match viewer.scope.is_all() {
        true => (
            rows!(imports::table),
            imports::table.count().get_result(conn)?,
        ),
        false => (rows!(own!()), own!().count().get_result(conn)?),
    };
    let found = rows.into_iter().map(Row::into_import);
    Ok((found.collect::<Result<_, _>>()?, total))
}

/// Uploads in one of these states, the one that waits longest first: for the jobs.
pub fn waiting(conn: &mut Conn, states: &[State]) -> Result<Vec<ImportId>, StoreError> {
    let words: Vec<&str> = states.iter().map(|state| state.word()).collect();
    let ids: Vec<i64> = imports::table
        .filter(imports::state.eq_any(words))
        .order((imports::changed_at, imports::id))
        .select(imports::id)
        .load(conn)?;
    Ok(ids.into_iter().map(ImportId).collect())
}

/// Whoever asks: for the jobs.
pub(in crate::store) fn any(conn: &mut Conn, id: ImportId) -> Result<Option<Import>, StoreError> {
    let row: Option<Row> = imports::table
        .find(id.0)
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Row::into_import).transpose()
}

/// Reads it in the transaction that changes it, and keeps other nodes from changing it meanwhile.
///
/// # Errors
/// `NotFound` when there is none.
pub(super) fn lock(tx: &mut Tx<'_>, id: ImportId) -> Result<Import, StoreError> {
    if let Conn::Pg(c) = &mut *tx.conn {
        let wanted = imports::table.find(id.0).select(imports::id);
        let _held: Option<i64> = wanted.for_no_key_update().first(c).optional()?;
    }
    any(tx.conn, id)?.ok_or(StoreError::NotFound)
}

/// The same for someone who presses a button.
pub(super) fn lock_for(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    id: ImportId,
) -> Result<Import, StoreError> {
    let import = lock(tx, id)?;
    match viewer.sees(&import) {
        true => Ok(import),
        false => Err(StoreError::NotFound),
    }
}

/// The upload that was carried out under an operation.
pub(in crate::store) fn of_operation(
    conn: &mut Conn,
    operation: &str,
) -> Result<Option<ImportId>, StoreError> {
    let id: Option<i64> = imports::table
        .filter(imports::operation.eq(operation))
        .select(imports::id)
        .first(conn)
        .optional()?;
    Ok(id.map(ImportId))
}
