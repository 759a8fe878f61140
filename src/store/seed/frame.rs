//! Filling a new database in one transaction, without the safety that only a used one needs.

use super::super::connection::Conn;
use super::super::error::StoreError;
use super::super::writer;
use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::sql_types::Text;

/// How much safety the filling may give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A SQLite file that nobody else has open and that is thrown away when this fails: no journal,
    /// no waiting for the disk, until the filling is done.
    ThrowAway,
    /// A database that holds nothing yet: all of it or nothing. On Postgres the foreign keys are
    /// taken off and checked at the end, all at once, because row by row costs more than the rows.
    Whole,
    /// A database in use: all of it or nothing.
    Addition,
}

/// Runs `act` in one transaction.
///
/// # Errors
/// What `act` returns; then nothing is written, except that a throw-away file is ruined.
pub fn fill<T>(
    conn: &mut Conn,
    frame: Frame,
    act: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    if let (Frame::ThrowAway, Conn::Sqlite(c)) = (frame, &mut *conn) {
        c.batch_execute(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; \
             PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -64000;",
        )?;
    }
    writer::begin(conn)?;
    let done = in_transaction(conn, frame, act);
    match &done {
        Ok(_) => <Conn as Connection>::TransactionManager::commit_transaction(conn)?,
        Err(_) => <Conn as Connection>::TransactionManager::rollback_transaction(conn)?,
    }
    let done = done?;
    tidy(conn, frame)?;
    Ok(done)
}

fn in_transaction<T>(
    conn: &mut Conn,
    frame: Frame,
    act: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let keys = match (&mut *conn, frame) {
        (Conn::Pg(c), Frame::ThrowAway | Frame::Whole) => take_off_foreign_keys(c)?,
        (Conn::Pg(_), Frame::Addition) | (Conn::Sqlite(_), _) => Vec::new(),
    };
    let done = act(conn)?;
    if let Conn::Pg(c) = conn {
        for key in keys {
            c.batch_execute(&key.add())?;
        }
        advance_identities(c)?;
    }
    Ok(done)
}

/// Statistics for the planners, and a SQLite file back in the state that everyone opens it in.
fn tidy(conn: &mut Conn, frame: Frame) -> Result<(), StoreError> {
    match (conn, frame) {
        (_, Frame::Addition) => {}
        (Conn::Pg(c), Frame::ThrowAway | Frame::Whole) => c.batch_execute("ANALYZE")?,
        (Conn::Sqlite(c), Frame::Whole) => {
            c.batch_execute("PRAGMA analysis_limit = 400; ANALYZE;")?;
        }
        (Conn::Sqlite(c), Frame::ThrowAway) => c.batch_execute(
            "PRAGMA analysis_limit = 400; ANALYZE; PRAGMA locking_mode = NORMAL; \
             PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;",
        )?,
    }
    Ok(())
}

#[derive(QueryableByName)]
struct ForeignKey {
    #[diesel(sql_type = Text)]
    on_table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

impl ForeignKey {
    fn add(&self) -> String {
        format!(
            "ALTER TABLE {} ADD CONSTRAINT {} {}",
            self.on_table, self.name, self.definition
        )
    }
}

/// Read from the database itself, so that a later migration can't be undone by this.
fn take_off_foreign_keys(conn: &mut PgConnection) -> Result<Vec<ForeignKey>, StoreError> {
    let keys: Vec<ForeignKey> = diesel::sql_query(
        "SELECT conrelid::regclass::text AS on_table, quote_ident(conname) AS name, \
         pg_get_constraintdef(oid) AS definition FROM pg_constraint \
         WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname",
    )
    .load(conn)?;
    for key in &keys {
        conn.batch_execute(&format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            key.on_table, key.name
        ))?;
    }
    Ok(keys)
}

#[derive(QueryableByName)]
struct Identity {
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    of_column: String,
}

/// Rows came with keys of their own: the next one follows the highest. (SQLite sees that itself.)
fn advance_identities(conn: &mut PgConnection) -> Result<(), StoreError> {
    let identities: Vec<Identity> = diesel::sql_query(
        "SELECT quote_ident(table_name) AS of_table, quote_ident(column_name) AS of_column \
         FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'",
    )
    .load(conn)?;
    for Identity {
        of_table,
        of_column,
    } in identities
    {
        diesel::sql_query(format!(
            "SELECT setval(pg_get_serial_sequence('{of_table}', '{of_column}'), m) \
             FROM (SELECT max({of_column}) AS m FROM {of_table}) AS highest WHERE m IS NOT NULL"
        ))
        .execute(conn)?;
    }
    Ok(())
}
