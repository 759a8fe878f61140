//! Reads the small records that agents and calls refer to: groups, departments, time groups, IVRs, caller ids.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::{agent_groups, caller_ids, departments, ivrs, time_groups};
use crate::domain::ids::{CallerIdId, DepartmentId, GroupId, IvrId, TimeGroupId};
use crate::domain::record::{CallerId, Department, Group, Ivr, WorkingHours};
use crate::domain::routing::Target;
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
    let rows: Vec<DepartmentRow> = departments::table
        .filter(departments::deleted_at.is_null())
        .order(departments::id)
        .select(DepartmentRow::as_select())
        .load(conn)?;
    rows.into_iter()
        .map(DepartmentRow::into_department)
        .collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = departments)]
struct DepartmentRow {
    id: i64,
    name: String,
    description: String,
    ring_strategy: String,
    ring_timeout_seconds: i32,
    wrap_up_seconds: i32,
    use_as_queue: bool,
    transfer_code: Option<String>,
    version: i64,
}

impl DepartmentRow {
    fn into_department(self) -> Result<Department, StoreError> {
        Ok(Department {
            id: DepartmentId(self.id),
            name: self.name,
            description: self.description,
            ring_strategy: super::person::word(&self.ring_strategy)?,
            ring_timeout_seconds: self.ring_timeout_seconds,
            use_as_queue: self.use_as_queue,
            wrap_up_seconds: self.wrap_up_seconds,
            transfer_code: self.transfer_code,
            version: self.version,
        })
    }
}

/// All that are not deleted, by id.
pub fn ivrs(conn: &mut Conn) -> Result<Vec<Ivr>, StoreError> {
    let rows: Vec<(i64, String, String, String, i64)> = ivrs::table
        .filter(ivrs::deleted_at.is_null())
        .order(ivrs::id)
        .select((
            ivrs::id,
            ivrs::name,
            ivrs::transfer_code,
            ivrs::target,
            ivrs::version,
        ))
        .load(conn)?;
    let ivr = |(id, name, transfer_code, target, version)| Ivr {
        id: IvrId(id),
        name,
        transfer_code,
        target,
        version,
    };
    Ok(rows.into_iter().map(ivr).collect())
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
    type Row = (i64, String, String, String, Option<i64>, i64);
    let rows: Vec<Row> = caller_ids::table
        .filter(caller_ids::deleted_at.is_null())
        .order(caller_ids::id)
        .select((
            caller_ids::id,
            caller_ids::number,
            caller_ids::label,
            caller_ids::target_kind,
            caller_ids::target_id,
            caller_ids::version,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, number, label, kind, target, version)| {
            Ok(CallerId {
                id: CallerIdId(id),
                number: super::person::phone(&number)?,
                label,
                goes_to: Target::stored(&kind, target).map_err(StoreError::broken)?,
                version,
            })
        })
        .collect()
}
