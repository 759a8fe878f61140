//! Who is in departments, as the forms of agents and the acts on them write it. The department gets its next
//! version too, so that whoever read its members before does not write over those who came or left.

use super::write::AT_ONCE;
use crate::store::connection::on_each;
use crate::store::error::StoreError;
use crate::store::schema::{department_members, departments};
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;

#[derive(Insertable)]
// Every column is said, so that SQLite too takes many rows in one statement.
#[diesel(table_name = department_members, treat_none_as_default_value = false)]
struct MemberRow {
    department_id: i64,
    agent_id: i64,
    position: i32,
}

/// Puts agents who are no members at the end of a department's order.
pub(in crate::store) fn join(
    tx: &mut Tx<'_>,
    department: i64,
    agents: &[i64],
) -> Result<(), StoreError> {
    // First, so that of two nodes the other one waits before it reads the order.
    changed(tx, [department])?;
    let last: Option<i32> = department_members::table
        .filter(department_members::department_id.eq(department))
        .select(diesel::dsl::max(department_members::position))
        .first(tx.conn)?;
    let row = |(position, agent_id): (i32, &i64)| MemberRow {
        department_id: department,
        agent_id: *agent_id,
        position,
    };
    let rows: Vec<MemberRow> = (last.unwrap_or(0) + 1..).zip(agents).map(row).collect();
    for rows in rows.chunks(AT_ONCE) {
        on_each!(tx.conn, |c| diesel::insert_into(department_members::table)
            .values(rows)
            .execute(c))?;
    }
    Ok(())
}

/// Takes agents out of a department.
pub(in crate::store) fn leave(
    tx: &mut Tx<'_>,
    department: i64,
    agents: &[i64],
) -> Result<(), StoreError> {
    changed(tx, [department])?;
    for keys in agents.chunks(AT_ONCE) {
        let members = department_members::table
            .filter(department_members::department_id.eq(department))
            .filter(department_members::agent_id.eq_any(keys));
        diesel::delete(members).execute(tx.conn)?;
    }
    Ok(())
}

/// Says that departments have other members now.
pub(in crate::store) fn changed(
    tx: &mut Tx<'_>,
    ids: impl IntoIterator<Item = i64>,
) -> Result<(), StoreError> {
    let mut ids: Vec<i64> = ids.into_iter().collect();
    // In one order, so that two nodes never wait for each other.
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let living = departments::table
            .filter(departments::id.eq(id))
            // A deleted one stays at the version at which its deletion can be undone.
            .filter(departments::deleted_at.is_null());
        diesel::update(living)
            .set((
                departments::version.eq(departments::version + 1),
                departments::updated_at.eq(tx.now.0),
            ))
            .execute(tx.conn)?;
        tx.touch(RecordKind::Department, id);
    }
    Ok(())
}

/// The same of every department that one of these agents is in: they leave or come back altogether.
pub(in crate::store) fn changed_with(tx: &mut Tx<'_>, agents: &[i64]) -> Result<(), StoreError> {
    let mut ids: Vec<i64> = Vec::new();
    for keys in agents.chunks(AT_ONCE) {
        let mut found: Vec<i64> = department_members::table
            .filter(department_members::agent_id.eq_any(keys))
            .select(department_members::department_id)
            .distinct()
            .load(tx.conn)?;
        ids.append(&mut found);
    }
    changed(tx, ids)
}
