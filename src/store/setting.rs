//! The install's settings: named words in the database, changed in the product.

use super::connection::{Conn, on_each};
use super::error::StoreError;
use super::schema::settings;
use super::tx::{RecordKind, Tx};
use diesel::prelude::*;
use diesel::upsert::excluded;
use std::collections::HashMap;

/// Every setting that was ever set, by name.
pub fn all(conn: &mut Conn) -> Result<HashMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = settings::table
        .select((settings::name, settings::value))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

pub fn find(conn: &mut Conn, name: &str) -> Result<Option<String>, StoreError> {
    Ok(settings::table
        .find(name)
        .select(settings::value)
        .first(conn)
        .optional()?)
}

/// Sets one; the caller audits.
pub fn put(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    note(tx, name, value)?;
    tx.touch(RecordKind::Setting, 0);
    Ok(())
}

/// Takes one away, so that its default holds; the caller audits.
pub fn remove(tx: &mut Tx<'_>, name: &str) -> Result<(), StoreError> {
    diesel::delete(settings::table.find(name)).execute(tx.conn)?;
    tx.touch(RecordKind::Setting, 0);
    Ok(())
}

/// Writes down what only the store looks at, as how far a long job has come: nobody is told.
pub(super) fn note(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    let now = tx.now.0;
    on_each!(tx.conn, |c| diesel::insert_into(settings::table)
        .values((
            settings::name.eq(name),
            settings::value.eq(value),
            settings::version.eq(1),
            settings::updated_at.eq(now),
        ))
        .on_conflict(settings::name)
        .do_update()
        .set((
            settings::value.eq(excluded(settings::value)),
            settings::version.eq(settings::version + 1),
            settings::updated_at.eq(excluded(settings::updated_at)),
        ))
        .execute(c))?;
    Ok(())
}
