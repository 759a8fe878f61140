//! Bulk insertion: many rows of a table at once, on Postgres by COPY, on SQLite by statements with
//! as many rows as are quick to compile; and the frame in which a whole new database is filled.

mod frame;
mod rows;
mod state;

use super::connection::Conn;
use super::error::StoreError;
use super::schema::*;
use diesel::prelude::*;
pub use frame::{Frame, fill};
pub use rows::*;
pub use state::{
    Contents, Keys, OpenLeg, add_day_counts, contents, idle_since_last_call, last_call_at,
    next_keys, open_legs, set_setting,
};

/// SQLite takes 32,766 bind values; fewer are quicker, since such a statement is compiled anew.
pub(in crate::store) const SQLITE_BINDS: usize = 2_000;

/// A row that can be inserted in bulk.
pub trait Row: Sized {
    /// Inserts the rows, all or, in the transaction around it, none.
    fn insert_all(conn: &mut Conn, rows: &[Self]) -> Result<(), StoreError>;
}

/// Inserts the rows in the transaction that the caller holds.
///
/// # Errors
/// `Broken` when a row breaks a constraint.
pub fn insert<R: Row>(conn: &mut Conn, rows: &[R]) -> Result<(), StoreError> {
    match rows {
        [] => Ok(()),
        rows => R::insert_all(conn, rows),
    }
}

macro_rules! row {
    ($($name:ident in $table:ident, $columns:literal;)+) => {
        $(
            impl $crate::store::seed::Row for $name {
                fn insert_all(
                    conn: &mut $crate::store::Conn,
                    rows: &[Self],
                ) -> Result<(), $crate::store::StoreError> {
                    match conn {
                        $crate::store::Conn::Pg(c) => {
                            diesel::copy_from($table::table).from_insertable(rows).execute(c)?;
                        }
                        $crate::store::Conn::Sqlite(c) => {
                            for rows in rows.chunks($crate::store::seed::SQLITE_BINDS / $columns) {
                                diesel::insert_into($table::table).values(rows).execute(c)?;
                            }
                        }
                    }
                    Ok(())
                }
            }
        )+
    };
}
pub(in crate::store) use row;

row! {
    SettingRow in settings, 4;
    RoleRow in roles, 6;
    UserRow in users, 18;
    AgentRow in agents, 15;
    LiveRow in agent_live, 11;
    IntervalRow in intervals, 7;
    ExtensionRow in extensions, 7;
    TimeGroupRow in time_groups, 8;
    TimeGroupHoursRow in time_group_rows, 4;
    TimeGroupHolidayRow in time_group_holidays, 3;
    GroupRow in agent_groups, 7;
    GroupMemberRow in agent_group_members, 2;
    DepartmentRow in departments, 12;
    DepartmentMemberRow in department_members, 3;
    IvrRow in ivrs, 8;
    CallerIdRow in caller_ids, 7;
    AgentCallerIdRow in agent_caller_ids, 3;
    ClaimRow in claims, 5;
    CallRow in calls, 14;
    LegRow in legs, 16;
    DayCountRow in day_counts, 6;
    SourceRow in sources, 3;
    AuditRow in audit_entries, 14;
}
