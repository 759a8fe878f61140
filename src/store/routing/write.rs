//! Writes the values of a record: columns, members, and the people whose departments or numbers change by it.

use super::names::Moved;
use crate::domain::ids::UserId;
use crate::domain::routing::{Field, Noun, Value, Values};
use crate::store::connection::on_each;
use crate::store::error::StoreError;
use crate::store::prepared::{Cell, RowUpdate};
use crate::store::schema::{
    agent_caller_ids, agents, caller_ids, department_members, departments, ivrs,
};
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;

/// Bind values that both databases take in one statement.
pub(super) const AT_ONCE: usize = 1_000;

/// The update of a record's row that makes it the next version.
pub(super) fn row(tx: &Tx<'_>, noun: Noun, id: i64, version: i64) -> RowUpdate {
    let (table, key, name, updated) = match noun {
        Noun::Department => (
            "departments",
            departments::id::NAME,
            departments::version::NAME,
            Some(departments::updated_at::NAME),
        ),
        Noun::Ivr => (
            "ivrs",
            ivrs::id::NAME,
            ivrs::version::NAME,
            Some(ivrs::updated_at::NAME),
        ),
        Noun::CallerId => (
            "caller_ids",
            caller_ids::id::NAME,
            caller_ids::version::NAME,
            None,
        ),
    };
    let mut row = RowUpdate::new(table, key, id);
    row.set(name, Cell::Integer(Some(version)));
    if let Some(updated) = updated {
        row.set(updated, Cell::Integer(Some(tx.now.0)));
    }
    row
}

/// Writes the columns of `after` as this version.
pub(super) fn columns(
    tx: &mut Tx<'_>,
    noun: Noun,
    id: i64,
    version: i64,
    after: &Values,
) -> Result<(), StoreError> {
    let mut row = row(tx, noun, id, version);
    for (field, value) in after.iter() {
        match value {
            // A target is a kind and a key.
            Value::Target(target) => {
                let kind = Cell::Text(Some(target.kind().to_owned()));
                row.set(caller_ids::target_kind::NAME, kind);
                row.set(caller_ids::target_id::NAME, Cell::Integer(target.key()));
            }
            Value::Agents(_) => {}
            Value::Seconds(seconds) => {
                row.set(field.word(), Cell::Integer(Some(i64::from(*seconds))));
            }
            Value::Flag(flag) => row.set(field.word(), Cell::Flag(*flag)),
            Value::Text(text) => row.set(field.word(), Cell::Text(column(field, text))),
        }
    }
    row.execute(tx.conn)?;
    Ok(())
}

/// Only a transfer code may be none in its column; other texts are blank then. Columns are called as fields.
fn column(field: Field, text: &Option<String>) -> Option<String> {
    match field {
        Field::TransferCode => text.clone(),
        Field::Name
        | Field::Number
        | Field::Label
        | Field::Description
        | Field::RingStrategy
        | Field::RingTimeout
        | Field::WrapUp
        | Field::UseAsQueue
        | Field::DialplanTarget
        | Field::GoesTo
        | Field::Members => Some(text.clone().unwrap_or_default()),
    }
}

#[derive(Insertable)]
#[diesel(table_name = department_members)]
struct MemberRow {
    department_id: i64,
    agent_id: i64,
    position: i32,
}

/// Puts the members in this order. Those who are deleted keep their places for when they come back.
pub(super) fn members(
    tx: &mut Tx<'_>,
    department: i64,
    before: &[UserId],
    after: &[UserId],
    moved: &Moved,
) -> Result<(), StoreError> {
    let old: Vec<i64> = before.iter().map(|id| id.0).collect();
    for ids in old.chunks(AT_ONCE) {
        diesel::delete(
            department_members::table
                .filter(department_members::department_id.eq(department))
                .filter(department_members::agent_id.eq_any(ids)),
        )
        .execute(tx.conn)?;
    }
    let rows: Vec<MemberRow> = (1..)
        .zip(after)
        .map(|(position, agent)| MemberRow {
            department_id: department,
            agent_id: agent.0,
            position,
        })
        .collect();
    for rows in rows.chunks(AT_ONCE) {
        on_each!(tx.conn, |c| diesel::insert_into(department_members::table)
            .values(rows)
            .execute(c))?;
    }
    let moved: Vec<i64> = moved.everyone().map(|id| id.0).collect();
    people(tx, &moved)
}

/// Says of agents that something of theirs is another now: an open form of one is merged, not written over.
pub(super) fn people(tx: &mut Tx<'_>, ids: &[i64]) -> Result<(), StoreError> {
    for ids in ids.chunks(AT_ONCE) {
        diesel::update(agents::table.filter(agents::user_id.eq_any(ids)))
            .set(agents::version.eq(agents::version + 1))
            .execute(tx.conn)?;
    }
    for id in ids {
        tx.touch(RecordKind::User, *id);
    }
    Ok(())
}

/// Everyone who has a record among theirs, deleted or not.
pub(super) fn users_of(tx: &mut Tx<'_>, noun: Noun, id: i64) -> Result<Vec<i64>, StoreError> {
    Ok(match noun {
        Noun::Department => department_members::table
            .filter(department_members::department_id.eq(id))
            .select(department_members::agent_id)
            .load(tx.conn)?,
        Noun::CallerId => agent_caller_ids::table
            .filter(agent_caller_ids::caller_id_id.eq(id))
            .select(agent_caller_ids::agent_id)
            .load(tx.conn)?,
        Noun::Ivr => Vec::new(),
    })
}
