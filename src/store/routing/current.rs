//! A department, an IVR or a caller id as it stands, read in the transaction that is about to change it.

use super::read;
use crate::domain::routing::{Field, Noun, Target, Value, Values};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{caller_ids, departments, ivrs};
use crate::store::tx::Tx;
use diesel::prelude::*;

pub(super) struct Current {
    pub noun: Noun,
    pub id: i64,
    pub version: i64,
    pub deleted: bool,
    /// All fields.
    pub values: Values,
}

impl Current {
    /// Reads a living record, and keeps other nodes from changing it meanwhile.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub fn read(tx: &mut Tx<'_>, noun: Noun, id: i64) -> Result<Self, StoreError> {
        let current = Self::read_any(tx, noun, id)?;
        match current.deleted {
            true => Err(StoreError::NotFound),
            false => Ok(current),
        }
    }

    /// The same, also of a deleted one.
    pub fn read_any(tx: &mut Tx<'_>, noun: Noun, id: i64) -> Result<Self, StoreError> {
        let conn = &mut *tx.conn;
        let (values, version, deleted_at) = match noun {
            Noun::Department => department(conn, id)?,
            Noun::Ivr => ivr(conn, id)?,
            Noun::CallerId => caller_id(conn, id)?,
        };
        Ok(Self {
            noun,
            id,
            version,
            deleted: deleted_at.is_some(),
            values,
        })
    }

    /// What it is called.
    pub fn title(&self) -> &str {
        self.values.text(self.noun.title()).unwrap_or_default()
    }
}

/// Values, version, and when it was deleted.
type Read = (Values, i64, Option<i64>);

/// The one row of a query, locked where several nodes write.
macro_rules! locked {
    ($conn:expr, $row:ty, $query:expr) => {{
        let mut rows: Vec<$row> = match $conn {
            Conn::Sqlite(c) => $query.load(c)?,
            Conn::Pg(c) => $query.for_no_key_update().load(c)?,
        };
        rows.pop().ok_or(StoreError::NotFound)?
    }};
}

fn department(conn: &mut Conn, id: i64) -> Result<Read, StoreError> {
    type Row = (
        String,
        String,
        String,
        i32,
        i32,
        bool,
        Option<String>,
        i64,
        Option<i64>,
    );
    let row = locked!(
        conn,
        Row,
        departments::table.filter(departments::id.eq(id)).select((
            departments::name,
            departments::description,
            departments::ring_strategy,
            departments::ring_timeout_seconds,
            departments::wrap_up_seconds,
            departments::use_as_queue,
            departments::transfer_code,
            departments::version,
            departments::deleted_at,
        ))
    );
    let (name, description, strategy, timeout, wrap_up, queue, code, version, deleted_at) = row;
    let mut values = Values::default();
    values.set(Field::Name, text(name));
    values.set(Field::Description, text(description));
    values.set(Field::RingStrategy, text(strategy));
    values.set(Field::RingTimeout, Value::Seconds(timeout));
    values.set(Field::WrapUp, Value::Seconds(wrap_up));
    values.set(Field::UseAsQueue, Value::Flag(queue));
    values.set(Field::TransferCode, Value::Text(code));
    values.set(Field::Members, Value::Agents(read::members(conn, id)?));
    Ok((values, version, deleted_at))
}

fn ivr(conn: &mut Conn, id: i64) -> Result<Read, StoreError> {
    type Row = (String, String, String, i64, Option<i64>);
    let (name, code, target, version, deleted_at) = locked!(
        conn,
        Row,
        ivrs::table.filter(ivrs::id.eq(id)).select((
            ivrs::name,
            ivrs::transfer_code,
            ivrs::target,
            ivrs::version,
            ivrs::deleted_at,
        ))
    );
    let mut values = Values::default();
    values.set(Field::Name, text(name));
    values.set(Field::TransferCode, text(code));
    values.set(Field::DialplanTarget, text(target));
    Ok((values, version, deleted_at))
}

fn caller_id(conn: &mut Conn, id: i64) -> Result<Read, StoreError> {
    type Row = (String, String, String, Option<i64>, i64, Option<i64>);
    let (number, label, kind, target, version, deleted_at) = locked!(
        conn,
        Row,
        caller_ids::table.filter(caller_ids::id.eq(id)).select((
            caller_ids::number,
            caller_ids::label,
            caller_ids::target_kind,
            caller_ids::target_id,
            caller_ids::version,
            caller_ids::deleted_at,
        ))
    );
    let target = Target::stored(&kind, target).map_err(StoreError::broken)?;
    let mut values = Values::default();
    values.set(Field::Number, text(number));
    values.set(Field::Label, text(label));
    values.set(Field::GoesTo, Value::Target(target));
    Ok((values, version, deleted_at))
}

fn text(text: String) -> Value {
    Value::Text(Some(text).filter(|text| !text.is_empty()))
}
