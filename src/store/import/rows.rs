//! The rows of a plan, and what became of them: written by the thousand, shown by the page.

use super::{Kind, Outcome};
use crate::domain::ids::{ImportId, UserId};
use crate::domain::import::Planned;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::person::word;
use crate::store::schema::{import_results, import_rows};
use crate::store::seed::{self, row};
use crate::store::tx::Tx;
use diesel::prelude::*;
use std::collections::HashMap;

/// Which rows a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    All,
    /// By what they would do.
    Kind(Kind),
    /// By what became of them.
    Outcome(Outcome),
    /// Those that would write something and did not come to their turn.
    Left,
}

/// A row of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRow {
    /// From 1, below the head.
    pub number: u64,
    pub planned: Planned,
    pub result: Option<RowResult>,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowResult {
    pub outcome: Outcome,
    /// Who was made or changed.
    pub user: Option<UserId>,
    pub reason: Option<String>,
}

/// Rows in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowsPage {
    pub rows: Vec<PlannedRow>,
}

/// A row as it is added to a plan.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = import_rows, treat_none_as_default_value = false)]
pub struct NewRow {
    pub(super) import_id: i64,
    pub(super) number: i64,
    pub(super) line: i64,
    pub(super) kind: &'static str,
    pub(super) plan: String,
    pub(super) cells: Option<String>,
}

/// What became of a row, as it is added.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = import_results, treat_none_as_default_value = false)]
pub(super) struct NewResult {
    pub import_id: i64,
    pub number: i64,
    pub outcome: &'static str,
    pub user_id: Option<i64>,
    pub reason: Option<String>,
    pub cells: Option<String>,
}

row! {
    NewRow in import_rows, 6;
    NewResult in import_results, 6;
}

impl NewRow {
    /// `cells`: of a row that goes into the file of errors.
    pub fn new(id: ImportId, number: u64, planned: &Planned, cells: Option<String>) -> Self {
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            import_id: id.0,
            number: signed(number),
            line: signed(planned.line),
            kind: Kind::of(planned).word(),
            plan: planned.to_json(),
            cells,
        }
    }
}

impl Kind {
    pub fn of(planned: &Planned) -> Self {
        use crate::domain::import::Outcome as Plan;
        match planned.outcome {
            Plan::Create(_) => Self::Create,
            Plan::Update(_) => Self::Update,
            Plan::Unchanged(_) => Self::Unchanged,
            Plan::Skip(_) => Self::Skip,
            Plan::Error(_) => Self::Error,
        }
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, rows: &[NewRow]) -> Result<(), StoreError> {
    seed::insert(tx.conn, rows)
}

/// Rows of an upload from a place on, as the filter says. How many there are in all is counted with the upload.
pub fn page(
    conn: &mut Conn,
    id: ImportId,
    shown: Shown,
    limit: i64,
    offset: i64,
) -> Result<RowsPage, StoreError> {
    type Row = (i64, String);
    let mine = || import_rows::table.filter(import_rows::import_id.eq(id.0));
    let columns = (import_rows::number, import_rows::plan);
    let rows: Vec<Row> = match shown {
        Shown::All => mine()
            .order(import_rows::number)
            .limit(limit)
            .offset(offset)
            .select(columns)
            .load(conn)?,
        Shown::Kind(kind) => mine()
            .filter(import_rows::kind.eq(kind.word()))
            .order(import_rows::number)
            .limit(limit)
            .offset(offset)
            .select(columns)
            .load(conn)?,
        Shown::Left => {
            let came = import_results::table
                .filter(import_results::import_id.eq(import_rows::import_id))
                .filter(import_results::number.eq(import_rows::number));
            mine()
                .filter(import_rows::kind.eq_any([Kind::Create.word(), Kind::Update.word()]))
                .filter(diesel::dsl::not(diesel::dsl::exists(came)))
                .order(import_rows::number)
                .limit(limit)
                .offset(offset)
                .select(columns)
                .load(conn)?
        }
        Shown::Outcome(outcome) => {
            let numbers: Vec<i64> = import_results::table
                .filter(import_results::import_id.eq(id.0))
                .filter(import_results::outcome.eq(outcome.word()))
                .order(import_results::number)
                .limit(limit)
                .offset(offset)
                .select(import_results::number)
                .load(conn)?;
            mine()
                .filter(import_rows::number.eq_any(numbers))
                .order(import_rows::number)
                .select(columns)
                .load(conn)?
        }
    };
    let numbers: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let mut results = results(conn, id, &numbers)?;
    let row = |(number, plan): Row| {
        Ok(PlannedRow {
            number: u64::try_from(number).unwrap_or(0),
            planned: Planned::from_json(&plan).map_err(StoreError::broken)?,
            result: results.remove(&number),
        })
    };
    let rows = rows
        .into_iter()
        .map(row)
        .collect::<Result<_, StoreError>>()?;
    Ok(RowsPage { rows })
}

/// The place of the row that begins in a line of the file, from 1; none for a line without one.
pub fn of_line(conn: &mut Conn, id: ImportId, line: u64) -> Result<Option<u64>, StoreError> {
    let number: Option<i64> = import_rows::table
        .filter(import_rows::import_id.eq(id.0))
        .filter(import_rows::line.eq(i64::try_from(line).unwrap_or(i64::MAX)))
        .select(import_rows::number)
        .first(conn)
        .optional()?;
    Ok(number.and_then(|number| u64::try_from(number).ok()))
}

fn results(
    conn: &mut Conn,
    id: ImportId,
    numbers: &[i64],
) -> Result<HashMap<i64, RowResult>, StoreError> {
    type Row = (i64, String, Option<i64>, Option<String>);
    let rows: Vec<Row> = import_results::table
        .filter(import_results::import_id.eq(id.0))
        .filter(import_results::number.eq_any(numbers))
        .select((
            import_results::number,
            import_results::outcome,
            import_results::user_id,
            import_results::reason,
        ))
        .load(conn)?;
    let result = |(number, outcome, user, reason): Row| {
        let result = RowResult {
            outcome: word(&outcome)?,
            user: user.map(UserId),
            reason,
        };
        Ok((number, result))
    };
    rows.into_iter().map(result).collect()
}

/// The next rows to be carried out: number and plan of those after a place, in the order of the file.
pub(super) fn after(
    conn: &mut Conn,
    id: ImportId,
    place: u64,
    most: i64,
) -> Result<Vec<(u64, String, String)>, StoreError> {
    let place = i64::try_from(place).unwrap_or(i64::MAX);
    let rows: Vec<(i64, String, String)> = import_rows::table
        .filter(import_rows::import_id.eq(id.0))
        .filter(import_rows::number.gt(place))
        .order(import_rows::number)
        .limit(most)
        .offset(0)
        .select((import_rows::number, import_rows::kind, import_rows::plan))
        .load(conn)?;
    let unsigned = |(number, kind, plan)| (u64::try_from(number).unwrap_or(0), kind, plan);
    Ok(rows.into_iter().map(unsigned).collect())
}

/// Removes up to so many rows of a plan and what became of them; how many there were. In pieces, because other
/// writes wait for each.
pub fn clear(tx: &mut Tx<'_>, id: ImportId, most: i64) -> Result<usize, StoreError> {
    let first: Option<i64> = import_rows::table
        .filter(import_rows::import_id.eq(id.0))
        .select(diesel::dsl::min(import_rows::number))
        .first(tx.conn)?;
    let Some(first) = first else {
        return Ok(0);
    };
    let results = import_results::table
        .filter(import_results::import_id.eq(id.0))
        .filter(import_results::number.lt(first + most));
    diesel::delete(results).execute(tx.conn)?;
    let rows = import_rows::table
        .filter(import_rows::import_id.eq(id.0))
        .filter(import_rows::number.lt(first + most));
    Ok(diesel::delete(rows).execute(tx.conn)?)
}

/// The conflicts among the rows after a place.
pub(super) fn conflicts(
    conn: &mut Conn,
    id: ImportId,
    place: u64,
) -> Result<Vec<NewResult>, StoreError> {
    type Row = (i64, Option<i64>, Option<String>);
    let rows: Vec<Row> = import_results::table
        .filter(import_results::import_id.eq(id.0))
        .filter(import_results::outcome.eq(Outcome::Conflict.word()))
        .filter(import_results::number.gt(i64::try_from(place).unwrap_or(i64::MAX)))
        .order(import_results::number)
        .select((
            import_results::number,
            import_results::user_id,
            import_results::reason,
        ))
        .load(conn)?;
    let result = |(number, user_id, reason): Row| NewResult {
        import_id: id.0,
        number,
        outcome: Outcome::Conflict.word(),
        user_id,
        reason,
        cells: None,
    };
    Ok(rows.into_iter().map(result).collect())
}

/// What rows were to do.
pub(super) fn planned(
    conn: &mut Conn,
    id: ImportId,
    numbers: &[i64],
) -> Result<HashMap<i64, Planned>, StoreError> {
    let plans: Vec<(i64, String)> = import_rows::table
        .filter(import_rows::import_id.eq(id.0))
        .filter(import_rows::number.eq_any(numbers))
        .select((import_rows::number, import_rows::plan))
        .load(conn)?;
    let planned = |(number, plan): (i64, String)| {
        let planned = Planned::from_json(&plan).map_err(StoreError::broken)?;
        Ok((number, planned))
    };
    plans.into_iter().map(planned).collect()
}

/// Rows that wrote something, after a place: number, what it was, and whom.
pub(super) fn written_after(
    conn: &mut Conn,
    id: ImportId,
    place: u64,
    most: i64,
) -> Result<Vec<(i64, Outcome, UserId)>, StoreError> {
    let words = [Outcome::Created.word(), Outcome::Updated.word()];
    let rows: Vec<(i64, String, Option<i64>)> = import_results::table
        .filter(import_results::import_id.eq(id.0))
        .filter(import_results::number.gt(i64::try_from(place).unwrap_or(i64::MAX)))
        .filter(import_results::outcome.eq_any(words))
        .order(import_results::number)
        .limit(most)
        .offset(0)
        .select((
            import_results::number,
            import_results::outcome,
            import_results::user_id,
        ))
        .load(conn)?;
    let row = |(number, outcome, user): (i64, String, Option<i64>)| {
        Ok((number, word(&outcome)?, UserId(user.unwrap_or(0))))
    };
    rows.into_iter().map(row).collect()
}

/// Writes what became of rows that were undone, or were not.
pub(super) fn set_outcome(
    tx: &mut Tx<'_>,
    id: ImportId,
    outcome: Outcome,
    reason: Option<&str>,
    numbers: &[i64],
) -> Result<(), StoreError> {
    for numbers in numbers.chunks(1_000) {
        let mine = import_results::table
            .filter(import_results::import_id.eq(id.0))
            .filter(import_results::number.eq_any(numbers));
        diesel::update(mine)
            .set((
                import_results::outcome.eq(outcome.word()),
                import_results::reason.eq(reason),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}
