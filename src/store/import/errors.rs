//! The file of errors: rows that could not be planned or carried out, as they were, kept with the upload because the
//! file itself goes once it is carried out.

use super::commit::end;
use super::read::lock;
use super::rows;
use super::{Import, Outcome, State, facts, spool};
use crate::domain::ids::ImportId;
use crate::domain::import::{
    Completion, ErrorFile, Fault, Head, Limits, Newcomer, Outcome as Plan, Planned, Record,
};
use crate::domain::role::Rights;
use crate::store::Store;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{import_results, import_rows};
use crate::store::tx::Tx;
use diesel::prelude::*;
use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::ControlFlow;

/// Rows in one go.
const AT_ONCE: i64 = 500;

/// The cells of a row, as they are kept.
pub fn cells(record: &Record) -> String {
    let cells: Vec<&str> = record.cells().collect();
    // Texts always make JSON.
    serde_json::to_string(&cells).unwrap_or_default()
}

/// Ends an upload all of whose rows are carried out; `false` when it is over already.
pub fn finish(tx: &mut Tx<'_>, id: ImportId) -> Result<bool, StoreError> {
    let import = lock(tx, id)?;
    if import.state != State::Committing || import.place < import.counts.rows {
        return Ok(false);
    }
    end(tx, &import, State::Committed, None)?;
    Ok(true)
}

/// Keeps the cells of rows that turned out to be conflicts, while the file is still there.
///
/// # Errors
/// As any write; a file that can't be read any more keeps nothing.
pub fn keep_conflicts(store: &Store, import: &Import, limits: &Limits) -> Result<(), StoreError> {
    let Some(found) = &import.found else {
        return Ok(());
    };
    let id = import.id;
    let mut wanted = store.read(|conn| conflicts_without_cells(conn, id))?;
    if wanted.is_empty() {
        return Ok(());
    }
    let (mut number, mut kept) = (0_i64, Vec::new());
    let file = spool::Spooled::open(store, id, import.size);
    let mut failed = Ok(());
    let write = |kept: &mut Vec<(i64, String)>| {
        let some = std::mem::take(kept);
        store.write_blocking(import.by.clone(), move |tx| keep(tx, id, &some))
    };
    let read = crate::domain::import::rows::each(file, found, limits, |record| {
        number += 1;
        if wanted.remove(&number).is_some() {
            kept.push((number, cells(record)));
        }
        if kept.len() as i64 >= AT_ONCE {
            failed = write(&mut kept);
        }
        match wanted.is_empty() || failed.is_err() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    failed?;
    if let Err(error) = read {
        tracing::warn!(%error, "rows of a file of errors could not be read again");
    }
    write(&mut kept)
}

fn conflicts_without_cells(conn: &mut Conn, id: ImportId) -> Result<HashMap<i64, ()>, StoreError> {
    let numbers: Vec<i64> = import_results::table
        .filter(import_results::import_id.eq(id.0))
        .filter(import_results::outcome.eq(Outcome::Conflict.word()))
        .filter(import_results::cells.is_null())
        .select(import_results::number)
        .load(conn)?;
    Ok(numbers.into_iter().map(|number| (number, ())).collect())
}

fn keep(tx: &mut Tx<'_>, id: ImportId, rows: &[(i64, String)]) -> Result<(), StoreError> {
    for (number, cells) in rows {
        diesel::update(import_results::table.find((id.0, number)))
            .set(import_results::cells.eq(cells))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// A row of the file of errors.
#[derive(Clone, Debug)]
pub struct ErrorRow {
    pub number: u64,
    pub record: Record,
    /// Whom it would make.
    pub newcomer: Option<Newcomer>,
    pub faults: Vec<Fault>,
}

/// Writes the file of errors of an upload, some hundred rows in memory at a time.
///
/// # Errors
/// Of the database as `io::Error::other`.
pub fn write_file<W: Write>(store: &Store, import: &Import, out: W) -> io::Result<()> {
    let none = Head::read(&Record::from_cells(1, ["login_id"]), &Default::default());
    let head = import.found.as_ref().map_or(&none, |found| &found.head);
    // The names of records that whoever uploaded chose: they may have been renamed since.
    let facts = store.read(|conn| facts(conn, Rights::everything(), None));
    let facts = facts.map_err(io::Error::other)?;
    let completion = Completion::new(head, &import.options, &facts);
    let mut file = ErrorFile::begin(out, head, &completion)?;
    let mut after = 0;
    loop {
        let rows = store
            .read(|conn| page(conn, import.id, after))
            .map_err(io::Error::other)?;
        let Some(last) = rows.last() else {
            return file.finish();
        };
        after = last.number;
        for row in &rows {
            file.row(&row.record, row.newcomer, &row.faults)?;
        }
    }
}

/// The rows with errors or conflicts after a place, in the order of the file.
pub fn page(conn: &mut Conn, id: ImportId, after: u64) -> Result<Vec<ErrorRow>, StoreError> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    type Row = (i64, i64, String, Option<String>);
    let errors: Vec<Row> = import_rows::table
        .filter(import_rows::import_id.eq(id.0))
        .filter(import_rows::kind.eq(super::Kind::Error.word()))
        .filter(import_rows::number.gt(after))
        .order(import_rows::number)
        .limit(AT_ONCE)
        .offset(0)
        .select((
            import_rows::number,
            import_rows::line,
            import_rows::plan,
            import_rows::cells,
        ))
        .load(conn)?;
    let mut rows = Vec::with_capacity(errors.len());
    for (number, line, plan, cells) in errors {
        let planned = Planned::from_json(&plan).map_err(StoreError::broken)?;
        let newcomer = planned.newcomer();
        let faults = match planned.outcome {
            Plan::Error(faults) => faults,
            Plan::Create(_) | Plan::Update(_) | Plan::Unchanged(_) | Plan::Skip(_) => Vec::new(),
        };
        rows.push(ErrorRow {
            newcomer,
            ..error_row(number, line, cells, faults)?
        });
    }
    rows.extend(conflicts(conn, id, after)?);
    rows.sort_by_key(|row| row.number);
    rows.truncate(AT_ONCE as usize);
    Ok(rows)
}

fn conflicts(conn: &mut Conn, id: ImportId, after: i64) -> Result<Vec<ErrorRow>, StoreError> {
    const AGAIN: &str = "Upload the row again; its plan will show what it is now.";
    type Row = (i64, Option<String>, Option<String>);
    let found: Vec<Row> = import_results::table
        .filter(import_results::import_id.eq(id.0))
        .filter(import_results::outcome.eq(Outcome::Conflict.word()))
        .filter(import_results::number.gt(after))
        .order(import_results::number)
        .limit(AT_ONCE)
        .offset(0)
        .select((
            import_results::number,
            import_results::reason,
            import_results::cells,
        ))
        .load(conn)?;
    let numbers: Vec<i64> = found.iter().map(|row| row.0).collect();
    let planned = rows::planned(conn, id, &numbers)?;
    let row = |(number, reason, cells): Row| {
        let fault = Fault::of_row(reason.unwrap_or_default(), AGAIN);
        let planned = planned.get(&number);
        let line = planned.and_then(|planned| i64::try_from(planned.line).ok());
        Ok(ErrorRow {
            newcomer: planned.and_then(Planned::newcomer),
            ..error_row(number, line.unwrap_or(number), cells, vec![fault])?
        })
    };
    found.into_iter().map(row).collect()
}

fn error_row(
    number: i64,
    line: i64,
    cells: Option<String>,
    faults: Vec<Fault>,
) -> Result<ErrorRow, StoreError> {
    let cells: Vec<String> = match cells {
        Some(cells) => serde_json::from_str(&cells).map_err(StoreError::broken)?,
        None => Vec::new(),
    };
    let unsigned = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(ErrorRow {
        number: unsigned(number),
        record: Record::from_cells(unsigned(line), cells),
        newcomer: None,
        faults,
    })
}
