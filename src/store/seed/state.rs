//! What is asked of a demo's database that was filled before, and what is added to it.

use super::super::connection::{Conn, on_each};
use super::super::error::StoreError;
use super::super::schema::{agent_live, calls, day_counts, legs, settings};
use super::rows::DayCountRow;
use crate::domain::day_range::Day;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::upsert::excluded;

/// The first keys that are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    pub call: i64,
    pub leg: i64,
}

pub fn next_keys(conn: &mut Conn) -> Result<Keys, StoreError> {
    let call: Option<i64> = calls::table.select(max(calls::id)).first(conn)?;
    let leg: Option<i64> = legs::table.select(max(legs::id)).first(conn)?;
    Ok(Keys {
        call: call.unwrap_or(0) + 1,
        leg: leg.unwrap_or(0) + 1,
    })
}

/// Adds to the counts that are there.
pub fn add_day_counts(conn: &mut Conn, rows: &[DayCountRow]) -> Result<(), StoreError> {
    for row in rows {
        on_each!(conn, |c| diesel::insert_into(day_counts::table)
            .values(row)
            .on_conflict((
                day_counts::generation,
                day_counts::day,
                day_counts::agent_id,
                day_counts::department_id,
            ))
            .do_update()
            .set((
                day_counts::answered.eq(day_counts::answered + excluded(day_counts::answered)),
                day_counts::missed.eq(day_counts::missed + excluded(day_counts::missed)),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// What a database holds, seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// No table, or tables that were made and never used.
    Nothing,
    /// An install of Rollcall.
    Install,
    /// Tables of something else.
    Other,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

/// Looks at a database without changing it, whatever it is.
pub fn contents(conn: &mut Conn) -> Result<Contents, StoreError> {
    let sql = match conn {
        Conn::Pg(_) => {
            "SELECT table_name::text AS name FROM information_schema.tables \
             WHERE table_schema = current_schema()"
        }
        Conn::Sqlite(_) => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        }
    };
    let tables: Vec<Name> = diesel::sql_query(sql).load(conn)?;
    if tables.is_empty() {
        return Ok(Contents::Nothing);
    }
    let has = |wanted: &str| tables.iter().any(|table| table.name == wanted);
    if !["settings", "users", "__diesel_schema_migrations"]
        .into_iter()
        .all(has)
    {
        return Ok(Contents::Other);
    }
    let used = settings::table.count().get_result::<i64>(conn)? > 0
        || !super::super::sign_in::is_new_install(conn)?;
    Ok(if used {
        Contents::Install
    } else {
        Contents::Nothing
    })
}

/// When the newest call began, in microseconds.
pub fn last_call_at(conn: &mut Conn) -> Result<Option<i64>, StoreError> {
    Ok(calls::table
        .order(calls::id.desc())
        .select(calls::started_at)
        .first(conn)
        .optional()?)
}

/// Lets everyone be idle since the end of their last call of a day.
pub fn idle_since_last_call(conn: &mut Conn, day: Day) -> Result<(), StoreError> {
    let ends: Vec<(i64, Option<i64>)> = legs::table
        .filter(legs::day.eq(day.0))
        .group_by(legs::agent_id)
        .select((legs::agent_id, max(legs::ended_at)))
        .load(conn)?;
    for (agent, end) in ends {
        let Some(end) = end else { continue };
        diesel::update(agent_live::table.find(agent))
            .filter(agent_live::call_at.lt(end))
            .set(agent_live::call_at.eq(end))
            .execute(conn)?;
    }
    Ok(())
}

/// Changes the word of a setting that is there.
pub fn set_setting(conn: &mut Conn, name: &str, value: &str) -> Result<(), StoreError> {
    diesel::update(settings::table.find(name))
        .set(settings::value.eq(value))
        .execute(conn)?;
    Ok(())
}

/// A leg that nobody ended.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct OpenLeg {
    pub call_id: String,
    pub leg_id: String,
    pub agent_id: i64,
    pub direction: String,
    pub started_at: i64,
    pub answered_at: Option<i64>,
}

/// The legs of a source that an earlier run left open.
pub fn open_legs(conn: &mut Conn, source: &str) -> Result<Vec<OpenLeg>, StoreError> {
    Ok(legs::table
        .inner_join(calls::table)
        .filter(legs::ended_at.is_null())
        .filter(legs::source.eq(source))
        .order(legs::id)
        .select((
            calls::call_id,
            legs::leg_id,
            legs::agent_id,
            legs::direction,
            legs::started_at,
            legs::answered_at,
        ))
        .load(conn)?)
}
