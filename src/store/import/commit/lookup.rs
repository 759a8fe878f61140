//! Many values at once in columns where each stands once: which of them are there.
//!
//! On Postgres every value is looked up by its index, whatever the planner believes: while thousands of rows come
//! within seconds it knows nothing of the tables' size, and for `= ANY` it reads them whole, piece after piece.

use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{claims, extensions};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};

/// Values in one statement.
const AT_ONCE: usize = 1_000;

/// A value that is there, and the number beside it.
type Found = (String, Option<i64>);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
}

/// Those of the values that are claimed, and until when.
pub(super) fn claimed(
    conn: &mut Conn,
    kind: &'static str,
    values: &[&str],
) -> Result<Vec<Found>, StoreError> {
    each(values, |values| match conn {
        Conn::Pg(c) => diesel::sql_query(
            "SELECT found.* FROM unnest($1) AS wanted (value) CROSS JOIN LATERAL \
             (SELECT value, held_until AS number FROM claims \
             WHERE kind = $2 AND claims.value = wanted.value LIMIT 1) AS found",
        )
        .bind::<Array<Text>, _>(values)
        .bind::<Text, _>(kind)
        .load(c)
        .map(pairs),
        Conn::Sqlite(c) => claims::table
            .filter(claims::kind.eq(kind))
            .filter(claims::value.eq_any(values))
            .select((claims::value, claims::held_until))
            .load(c),
    })
}

/// Those of the usernames that are extensions, and whose.
pub(super) fn extensions(conn: &mut Conn, usernames: &[&str]) -> Result<Vec<Found>, StoreError> {
    each(usernames, |usernames| match conn {
        Conn::Pg(c) => diesel::sql_query(
            "SELECT found.* FROM unnest($1) AS wanted (value) CROSS JOIN LATERAL \
             (SELECT username AS value, agent_id AS number FROM extensions \
             WHERE username = wanted.value LIMIT 1) AS found",
        )
        .bind::<Array<Text>, _>(usernames)
        .load(c)
        .map(pairs),
        Conn::Sqlite(c) => extensions::table
            .filter(extensions::username.eq_any(usernames))
            .select((extensions::username, extensions::agent_id))
            .load(c),
    })
}

pub(super) fn is_extension(conn: &mut Conn, number: u64) -> Result<bool, StoreError> {
    let username = number.to_string();
    Ok(!extensions(conn, &[username.as_str()])?.is_empty())
}

/// The highest of the extensions that are plain numbers; 0 without any.
pub(super) fn highest_extension(conn: &mut Conn) -> Result<u64, StoreError> {
    // Longer ones are not counted on, as in a plan.
    let number = sql::<Nullable<BigInt>>("max(CAST(username AS BIGINT))");
    let highest: Option<i64> = extensions::table
        .filter(sql::<Bool>("length(username) <= 9"))
        .select(number)
        .first(conn)?;
    Ok(highest
        .and_then(|highest| u64::try_from(highest).ok())
        .unwrap_or(0))
}

fn pairs(rows: Vec<Row>) -> Vec<Found> {
    let pair = |row: Row| (row.value, row.number);
    rows.into_iter().map(pair).collect()
}

fn each(
    values: &[&str],
    mut find: impl FnMut(&[&str]) -> QueryResult<Vec<Found>>,
) -> Result<Vec<Found>, StoreError> {
    let mut found = Vec::new();
    for values in values.chunks(AT_ONCE) {
        found.append(&mut find(values)?);
    }
    Ok(found)
}
