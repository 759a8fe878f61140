//! Calls by the minute of a day, for pictures of it.

use super::agents::Agents;
use super::{Asked, Backend};
use crate::domain::call::Counts;
use crate::domain::ids::DepartmentId;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::legs;
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable};

/// Calls that count as answered or missed in one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinuteCount {
    /// Minutes since 1970-01-01 UTC.
    pub minute: i64,
    pub department: Option<DepartmentId>,
    pub answered: i64,
    pub missed: i64,
}

/// The minutes of the span that have calls of these agents, in no order.
pub fn by_minute(conn: &mut Conn, asked: &Asked) -> Result<Vec<MinuteCount>, StoreError> {
    let agents = Agents::of(conn, asked)?;
    if agents.is_nobody() {
        return Ok(Vec::new());
    }
    let minute = || sql::<BigInt>("COALESCE(legs.answered_at, legs.started_at) / 60000000");
    let department = || sql::<Nullable<BigInt>>("legs.department_id");
    let counts = || sql::<Integer>("legs.counts");
    let query = legs::table
        .group_by((minute(), department(), counts()))
        .select((minute(), department(), counts(), count_star()))
        .into_boxed::<Backend>();
    let rows: Vec<(i64, Option<i64>, i32, i64)> = agents
        .narrow(query, asked.span)
        .filter(legs::counts.ne(Counts::Nothing.code()))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(minute, department, counts, number)| {
            let answered = counts == Counts::Answered.code();
            MinuteCount {
                minute,
                department: department.map(DepartmentId),
                answered: if answered { number } else { 0 },
                missed: if answered { 0 } else { number },
            }
        })
        .collect())
}
