//! Reads the small records that agents refer to: groups, departments, time groups, caller ids.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::{agent_groups, caller_ids, departments, time_groups};
use crate::domain::ids::{CallerIdId, DepartmentId, GroupId, TimeGroupId};
use crate::domain::record::{CallerId, Department, Group, WorkingHours};
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// All that are not deleted, by id.
pub fn groups(conn: &mut Conn) -> Result<Vec<Group>, StoreError> {
    let rows: Vec<(i64, String, String, i64)> = agent_groups::table
        .filter(agent_groups::deleted_at.is_null())
        .order(agent_groups::id)
        .select((
            agent_groups::id,
            agent_groups::name,
            agent_groups::description,
            agent_groups::version,
        ))
        .load(conn)?;
    let group = |(id, name, description, version)| Group {
        id: GroupId(id),
        name,
        description,
        version,
    };
    Ok(rows.into_iter().map(group).collect())
}

/// All that are not deleted, by id.
pub fn departments(conn: &mut Conn) -> Result<Vec<Department>, StoreError> {
    type Row = (i64, String, bool, i32, Option<String>, i64);
    let rows: Vec<Row> = departments::table
        .filter(departments::deleted_at.is_null())
        .order(departments::id)
        .select((
            departments::id,
            departments::name,
            departments::use_as_queue,
            departments::wrap_up_seconds,
            departments::transfer_code,
            departments::version,
        ))
        .load(conn)?;
    let department =
        |(id, name, use_as_queue, wrap_up_seconds, transfer_code, version): Row| Department {
            id: DepartmentId(id),
            name,
            use_as_queue,
            wrap_up_seconds,
            transfer_code,
            version,
        };
    Ok(rows.into_iter().map(department).collect())
}

/// All that are not deleted, by id.
pub fn working_hours(conn: &mut Conn) -> Result<Vec<WorkingHours>, StoreError> {
    type Row = (i64, String, bool, Option<i64>, i64);
    let rows: Vec<Row> = time_groups::table
        .filter(time_groups::deleted_at.is_null())
        .order(time_groups::id)
        .select((
            time_groups::id,
            time_groups::name,
            time_groups::open_now,
            time_groups::next_change_at,
            time_groups::version,
        ))
        .load(conn)?;
    let hours = |(id, name, open_now, next_change_at, version): Row| WorkingHours {
        id: TimeGroupId(id),
        name,
        open_now,
        next_change_at: next_change_at.map(Timestamp),
        version,
    };
    Ok(rows.into_iter().map(hours).collect())
}

/// All that are not deleted, by id.
pub fn caller_ids(conn: &mut Conn) -> Result<Vec<CallerId>, StoreError> {
    let rows: Vec<(i64, String, String, i64)> = caller_ids::table
        .filter(caller_ids::deleted_at.is_null())
        .order(caller_ids::id)
        .select((
            caller_ids::id,
            caller_ids::number,
            caller_ids::label,
            caller_ids::version,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, number, label, version)| {
            Ok(CallerId {
                id: CallerIdId(id),
                number: super::person::phone(&number)?,
                label,
                version,
            })
        })
        .collect()
}
