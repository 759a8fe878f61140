//! The database of a demo: made new, or taken up again as it was left, never someone's real one.

use super::Parameters;
use super::fill::{FILLED_UNTIL, Filled, MADE_AT, PARAMETERS, fill, top_up};
use crate::domain::install::Install;
use crate::domain::time::Timestamp;
use crate::store::connection::{self, Mode};
use crate::store::seed::{self, Contents, Frame};
use crate::store::{Conn, DatabaseUrl, StoreError, migrate, setting};
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What was done to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// It was empty or not there.
    Made(Filled),
    /// It was there, with the same parameters; the calls since then were added.
    Reused(Filled),
}

/// Why there is no demo in this database. It was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    #[error("{0} holds data that is not a demo's: name another database with --database")]
    NotADemo(DatabaseUrl),
    #[error(
        "{database} holds a demo made with {there}: start it with these, name another database with \
         --database, or delete this one to start over"
    )]
    OtherParameters {
        database: DatabaseUrl,
        /// As options.
        there: String,
    },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes sure that the database holds the demo that the parameters ask for, up to `now`.
///
/// A new SQLite file appears under its name only when it is whole. Blocks, for seconds.
///
/// # Errors
/// When the database holds something else, or can't be written.
pub fn prepare(
    database: &DatabaseUrl,
    parameters: Parameters,
    now: Timestamp,
) -> Result<Prepared, PrepareError> {
    if let DatabaseUrl::Sqlite(path) = database
        && !path.exists()
    {
        return make_file(path, parameters, now);
    }
    let mut conn = connection::open(database, Mode::Job)?;
    match seed::contents(&mut conn)? {
        Contents::Nothing => {
            migrate::run(database)?;
            let filled = seed::fill(&mut conn, Frame::Whole, |conn| fill(conn, parameters, now))?;
            Ok(Prepared::Made(filled))
        }
        Contents::Install => reuse(conn, database, parameters, now),
        Contents::Other => Err(PrepareError::NotADemo(database.clone())),
    }
}

fn reuse(
    mut conn: Conn,
    database: &DatabaseUrl,
    parameters: Parameters,
    now: Timestamp,
) -> Result<Prepared, PrepareError> {
    let words = setting::all(&mut conn)?;
    let word = |name: &str| words.get(name).map(String::as_str);
    let Some(there) = parameters_of(&words) else {
        return Err(PrepareError::NotADemo(database.clone()));
    };
    if there != parameters {
        let there = there.to_string();
        return Err(PrepareError::OtherParameters {
            database: database.clone(),
            there,
        });
    }
    migrate::run(database)?;
    let instant = |name: &str| word(name).and_then(|text| text.parse().ok()).map(Timestamp);
    let (Some(made), Some(until)) = (instant(MADE_AT), instant(FILLED_UNTIL)) else {
        return Ok(Prepared::Reused(Filled::default()));
    };
    let added = seed::fill(&mut conn, Frame::Addition, |conn| {
        top_up(conn, parameters, made, until, now)
    })?;
    Ok(Prepared::Reused(added))
}

/// What a database was made from, if it is a demo's.
pub fn parameters_of(words: &HashMap<String, String>) -> Option<Parameters> {
    let word = |name: &str| words.get(name).map(String::as_str);
    match word(Install::SIMULATED) {
        Some("true") => serde_json::from_str(word(PARAMETERS)?).ok(),
        Some(_) | None => None,
    }
}

/// Fills a file beside the one that is wanted and renames it, so that a half-filled one is never
/// taken for a demo.
fn make_file(
    path: &Path,
    parameters: Parameters,
    now: Timestamp,
) -> Result<Prepared, PrepareError> {
    let part = beside(path, ".part");
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| PrepareError::File { path, source }
    };
    for leftover in [
        part.clone(),
        beside(path, ".part-wal"),
        beside(path, ".part-shm"),
    ] {
        if leftover.exists() {
            fs::remove_file(&leftover).map_err(at(&leftover))?;
        }
    }
    let database = DatabaseUrl::Sqlite(part.clone());
    migrate::run(&database)?;
    let mut conn = connection::open(&database, Mode::Job)?;
    let filled = seed::fill(&mut conn, Frame::ThrowAway, |conn| {
        fill(conn, parameters, now)
    })?;
    drop(conn);
    fs::File::open(&part)
        .and_then(|file| file.sync_all())
        .map_err(at(&part))?;
    fs::rename(&part, path).map_err(at(path))?;
    Ok(Prepared::Made(filled))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
