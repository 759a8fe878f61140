//! What pages read of these records beside the picture in memory: members in order, and what was deleted.

use crate::domain::ids::UserId;
use crate::domain::routing::Noun;
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agents, caller_ids, department_members, departments, ivrs, users};
use diesel::prelude::*;

/// The living agents of a department in ring order.
pub fn members(conn: &mut Conn, department: i64) -> Result<Vec<UserId>, StoreError> {
    let ids: Vec<i64> = department_members::table
        .inner_join(agents::table.on(agents::user_id.eq(department_members::agent_id)))
        .inner_join(users::table.on(users::id.eq(department_members::agent_id)))
        .filter(department_members::department_id.eq(department))
        .filter(agents::removed_at.is_null())
        .filter(users::deleted_at.is_null())
        .order((department_members::position, department_members::agent_id))
        .select(department_members::agent_id)
        .load(conn)?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// A record that was deleted and can be brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub id: i64,
    /// Its name, or its number in E.164.
    pub title: String,
    pub at: Timestamp,
}

/// More were never deleted by hand.
const MOST: i64 = 500;

/// The deleted ones, the last to go first.
pub fn deleted(conn: &mut Conn, noun: Noun) -> Result<Vec<Gone>, StoreError> {
    macro_rules! gone {
        ($table:ident, $title:expr) => {
            $table::table
                .filter($table::deleted_at.is_not_null())
                .order(($table::deleted_at.desc(), $table::id.desc()))
                .limit(MOST)
                .offset(0)
                .select(($table::id, $title, $table::deleted_at))
                .load(conn)?
        };
    }
    let rows: Vec<(i64, String, Option<i64>)> = match noun {
        Noun::Department => gone!(departments, departments::name),
        Noun::Ivr => gone!(ivrs, ivrs::name),
        Noun::CallerId => gone!(caller_ids, caller_ids::number),
    };
    let gone = |(id, title, at): (i64, String, Option<i64>)| Gone {
        id,
        title,
        at: Timestamp(at.unwrap_or(0)),
    };
    Ok(rows.into_iter().map(gone).collect())
}

/// Living records of a noun by key, with their names or numbers.
pub(super) fn titles(conn: &mut Conn, noun: Noun) -> Result<Vec<(i64, String)>, StoreError> {
    macro_rules! living {
        ($table:ident, $title:expr) => {
            $table::table
                .filter($table::deleted_at.is_null())
                .order($table::id)
                .select(($table::id, $title))
                .load(conn)?
        };
    }
    Ok(match noun {
        Noun::Department => living!(departments, departments::name),
        Noun::Ivr => living!(ivrs, ivrs::name),
        Noun::CallerId => living!(caller_ids, caller_ids::number),
    })
}
