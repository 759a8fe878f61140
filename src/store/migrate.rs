//! Brings the schema up to date, under a lock, with a copy of the old file kept on SQLite.

use super::connection::{self, Conn, DatabaseUrl, Mode};
use super::error::StoreError;
use super::writer;
use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::path::PathBuf;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number that no other program's advisory lock is likely to have.
const LOCK: i64 = 0x726f_6c6c_6361_6c6c;

/// What a run of the migrations did.
#[derive(Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Nothing had ever been migrated here.
    pub new_database: bool,
    /// Versions applied by this run, oldest first.
    pub applied: Vec<String>,
    /// The copy of the SQLite file as it was before.
    pub kept: Option<PathBuf>,
}

/// Applies the migrations that are missing: all of them or none.
///
/// # Errors
/// `Broken` when the database is newer than this program or a migration fails; nothing is changed.
pub fn run(database: &DatabaseUrl) -> Result<Migrated, StoreError> {
    let mut conn = connection::open(database, Mode::Job)?;
    match &mut conn {
        Conn::Pg(c) => {
            diesel::sql_query("SELECT pg_advisory_lock($1)")
                .bind::<BigInt, _>(LOCK)
                .execute(c)?;
            let done = apply(&mut conn, database);
            diesel::sql_query("SELECT pg_advisory_unlock($1)")
                .bind::<BigInt, _>(LOCK)
                .execute(&mut conn)?;
            done
        }
        Conn::Sqlite(c) => {
            // Rebuilding a table with foreign keys on would empty the tables that refer to it.
            c.batch_execute("PRAGMA foreign_keys = OFF")?;
            apply(&mut conn, database)
        }
    }
}

fn apply(conn: &mut Conn, database: &DatabaseUrl) -> Result<Migrated, StoreError> {
    let kept = match (has_history(conn)?, pending(conn)?.first(), database) {
        (true, Some(_), DatabaseUrl::Sqlite(path)) => Some(keep_copy(conn, path)?),
        _ => None,
    };
    writer::begin(conn)?;
    let done = in_transaction(conn).map(|migrated| Migrated { kept, ..migrated });
    match &done {
        Ok(_) => <Conn as Connection>::TransactionManager::commit_transaction(conn)?,
        Err(_) => <Conn as Connection>::TransactionManager::rollback_transaction(conn)?,
    }
    done
}

fn in_transaction(conn: &mut Conn) -> Result<Migrated, StoreError> {
    let new_database = !has_history(conn)?;
    let applied = match conn {
        Conn::Pg(c) => run_missing(c, POSTGRES)?,
        Conn::Sqlite(c) => run_missing(c, SQLITE)?,
    };
    // The check reads every row, so it is only for what a migration may have broken.
    if let (Conn::Sqlite(c), false) = (conn, applied.is_empty()) {
        let broken: i64 = diesel::select(diesel::dsl::sql::<BigInt>(
            "(SELECT count(*) FROM pragma_foreign_key_check)",
        ))
        .get_result(c)?;
        if broken != 0 {
            return Err(StoreError::broken(format!(
                "{broken} rows would refer to nothing"
            )));
        }
    }
    Ok(Migrated {
        new_database,
        applied,
        kept: None,
    })
}

fn run_missing<C, DB>(conn: &mut C, source: EmbeddedMigrations) -> Result<Vec<String>, StoreError>
where
    C: MigrationHarness<DB>,
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    Ok(conn
        .run_pending_migrations(source)
        .map_err(StoreError::Broken)?
        .iter()
        .map(ToString::to_string)
        .collect())
}

/// Versions not yet applied; an error if the database has one that this program does not know.
fn pending(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    match standing(conn)? {
        Standing::New => known(conn),
        Standing::Ours { missing, .. } => Ok(missing),
        Standing::NotOurs => Err(StoreError::broken(
            "the database belongs to another program",
        )),
        Standing::Newer(version) => Err(StoreError::broken(format!(
            "the database is newer than this program (it has migration {version}): install a newer Rollcall"
        ))),
    }
}

/// How the schema of a database stands to this program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was ever migrated here.
    New,
    /// Another program keeps its migrations here.
    NotOurs,
    Ours {
        /// The last migration that it has.
        newest: String,
        /// Those that it lacks, oldest first.
        missing: Vec<String>,
    },
    /// It has a migration that this program does not know.
    Newer(String),
}

/// # Errors
/// As any read.
pub fn standing(conn: &mut Conn) -> Result<Standing, StoreError> {
    if !has_history(conn)? {
        return Ok(Standing::New);
    }
    let applied: Vec<String> =
        diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version")
            .load::<Version>(conn)?
            .into_iter()
            .map(|row| row.version)
            .collect();
    let known = known(conn)?;
    let Some(newest) = applied.last() else {
        return Ok(Standing::New);
    };
    if known.first().is_none_or(|first| !applied.contains(first)) {
        return Ok(Standing::NotOurs);
    }
    if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
        return Ok(Standing::Newer(newer.clone()));
    }
    Ok(Standing::Ours {
        newest: newest.clone(),
        missing: known
            .into_iter()
            .filter(|version| !applied.contains(version))
            .collect(),
    })
}

fn known(conn: &Conn) -> Result<Vec<String>, StoreError> {
    match conn {
        Conn::Pg(_) => versions::<diesel::pg::Pg>(&POSTGRES),
        Conn::Sqlite(_) => versions::<diesel::sqlite::Sqlite>(&SQLITE),
    }
}

/// The versions that the program carries, oldest first.
fn versions<DB: diesel::backend::Backend>(
    source: &EmbeddedMigrations,
) -> Result<Vec<String>, StoreError>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations: Vec<Box<dyn Migration<DB>>> =
        source.migrations().map_err(StoreError::Broken)?;
    let mut versions: Vec<_> = migrations
        .iter()
        .map(|m| m.name().version().to_string())
        .collect();
    versions.sort();
    Ok(versions)
}

fn has_history(conn: &mut Conn) -> Result<bool, StoreError> {
    let sql = match conn {
        Conn::Pg(_) => {
            "(SELECT count(*) FROM pg_class WHERE oid = to_regclass('__diesel_schema_migrations'))"
        }
        Conn::Sqlite(_) => {
            "(SELECT count(*) FROM sqlite_master WHERE name = '__diesel_schema_migrations')"
        }
    };
    let tables: i64 = diesel::select(diesel::dsl::sql::<BigInt>(sql)).get_result(conn)?;
    Ok(tables > 0)
}

fn keep_copy(conn: &mut Conn, path: &std::path::Path) -> Result<PathBuf, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".before-{}", env!("CARGO_PKG_VERSION")));
    let copy = PathBuf::from(name);
    if copy.exists() {
        std::fs::remove_file(&copy).map_err(StoreError::broken)?;
    }
    connection::make_private(&copy).map_err(StoreError::broken)?;
    connection::vacuum_into(conn, &copy)?;
    Ok(copy)
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}
