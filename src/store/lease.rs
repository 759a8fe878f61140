//! Leases: what must run once runs on the node that holds its lease, by the database's clock.

use super::connection::{Conn, on_each};
use super::error::StoreError;
use super::schema::leases;
use super::tx::Tx;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;

/// Takes or keeps a lease for so many microseconds; `false` while another node holds it.
pub fn hold(tx: &mut Tx<'_>, name: &str, holder: &str, micros: i64) -> Result<bool, StoreError> {
    let now = database_clock(tx.conn)?;
    let current: Option<(String, i64)> = leases::table
        .find(name)
        .select((leases::holder, leases::until))
        .first(tx.conn)
        .optional()?;
    if current.is_some_and(|(by, until)| by != holder && until > now) {
        return Ok(false);
    }
    // Two nodes may both have found it free: the second waits for the row and looks again.
    let still_free = leases::holder.eq(holder).or(leases::until.le(now));
    on_each!(tx.conn, |c| diesel::query_dsl::methods::FilterDsl::filter(
        diesel::insert_into(leases::table)
            .values((
                leases::name.eq(name),
                leases::holder.eq(holder),
                leases::until.eq(now + micros)
            ))
            .on_conflict(leases::name)
            .do_update()
            .set((
                leases::holder.eq(excluded(leases::holder)),
                leases::until.eq(excluded(leases::until))
            )),
        still_free
    )
    .execute(c))?;
    let holding: String = leases::table
        .find(name)
        .select(leases::holder)
        .first(tx.conn)?;
    Ok(holding == holder)
}

/// Gives a lease back, so that another node need not wait for its end.
pub fn release(tx: &mut Tx<'_>, name: &str, holder: &str) -> Result<(), StoreError> {
    diesel::delete(
        leases::table
            .filter(leases::name.eq(name))
            .filter(leases::holder.eq(holder)),
    )
    .execute(tx.conn)?;
    Ok(())
}

/// At the start of a server: a SQLite file has one, so what an earlier one held when it was killed is nobody's any
/// more. A shell that works beside finds its lease taken, and looks on.
pub fn end_earlier(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    if let Conn::Sqlite(conn) = tx.conn {
        diesel::delete(leases::table).execute(conn)?;
    }
    Ok(())
}

/// Microseconds since 1970 by the clock that all nodes share.
fn database_clock(conn: &mut Conn) -> Result<i64, StoreError> {
    let sql = match conn {
        Conn::Pg(_) => "(extract(epoch from clock_timestamp()) * 1000000)::bigint",
        Conn::Sqlite(_) => "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
    };
    Ok(diesel::select(diesel::dsl::sql::<BigInt>(sql)).get_result(conn)?)
}
