//! Putting a backup back: as a copy beside the database first, which takes its place only when it was used.

use super::super::connection::{self, Conn, DatabaseUrl};
use super::super::error::StoreError;
use super::examine::{Sound, begin, examine, is_sqlite};
use super::file::{BESIDE, Part, are_same, beside};
use super::{BackupError, Unsound};
use crate::domain::time::Timestamp;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A copy of a backup, not in force yet; goes when it is dropped.
pub struct Draft {
    part: Part,
    database: PathBuf,
    backup: PathBuf,
    /// What the backup holds.
    pub found: Sound,
}

impl Draft {
    /// Copies a backup beside the database that it is to replace, and examines the copy.
    ///
    /// # Errors
    /// When it is no sound backup.
    pub fn of(backup: &Path, database: &Path) -> Result<Self, BackupError> {
        let failed = |error| BackupError::file(backup, 0, error);
        if are_same(backup, database).map_err(failed)? {
            return Err(BackupError::Same(backup.to_owned()));
        }
        // Said of the file that was named; what counts is the copy.
        let sound = examine(backup)?;
        let part = Part::of(database)?;
        copy(backup, part.path())
            .map_err(|error| BackupError::file(database, sound.bytes, error))?;
        let found = examine(part.path()).map_err(|error| match error {
            BackupError::Unsound { unsound, .. } => BackupError::unsound(backup, unsound),
            other => other,
        })?;
        Ok(Self {
            part,
            database: database.to_owned(),
            backup: backup.to_owned(),
            found,
        })
    }

    /// To be opened, migrated and used as any database.
    pub fn url(&self) -> DatabaseUrl {
        DatabaseUrl::Sqlite(self.part.path().to_owned())
    }

    /// What using it showed.
    pub fn unusable(&self, error: &StoreError) -> BackupError {
        let path = self.part.path();
        match BackupError::store(
            path,
            self.found.bytes,
            StoreError::broken(error.to_string()),
        ) {
            full @ BackupError::Full { .. } => full,
            _ => BackupError::unsound(&self.backup, Unsound::Unusable(error.to_string())),
        }
    }

    /// Takes the place of the database, which is kept beside it; says where, if there was one. Whoever had the
    /// draft open must have closed it.
    ///
    /// # Errors
    /// `InUse` when somebody works on the database; it is as it was.
    pub fn take_place(self, now: Timestamp) -> Result<Option<PathBuf>, BackupError> {
        let path = self.part.path();
        // Nothing of it may lie in a journal that keeps the draft's name.
        drop(connection::open_alone(path).map_err(|e| BackupError::store(path, 0, e))?);
        let old = Old::hold(&self.database)?;
        let kept = kept_name(&self.database, now);
        let there = old.keep(&self.database, &kept)?;
        self.part.replace(&self.database)?;
        drop(old);
        Ok(there.then_some(kept))
    }
}

/// `rollcall.db.before-restore-20261122T093000Z`; with a number behind for the second of one moment.
fn kept_name(database: &Path, now: Timestamp) -> PathBuf {
    let ending = format!(".before-restore-{}", now.utc().format("%Y%m%dT%H%M%SZ"));
    let first = beside(database, &ending);
    let mut name = first.clone();
    let mut number = 1;
    while name.exists() {
        number += 1;
        name = beside(&first, &format!("-{number}"));
    }
    name
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = File::options().write(true).truncate(true).open(to)?;
    io::copy(&mut File::open(from)?, &mut target)?;
    target.sync_all()
}

/// The database that is to be replaced.
enum Old {
    Nothing,
    /// All of it is in the one file, and nobody else gets at it.
    Held(#[expect(dead_code, reason = "holds the lock")] Conn),
    /// SQLite can't read it, which may be why a backup is put back.
    Damaged,
}

impl Old {
    fn hold(database: &Path) -> Result<Self, BackupError> {
        if !database.exists() {
            return Ok(Self::Nothing);
        }
        let failed = |error| BackupError::file(database, 0, error);
        // Merely opening what is no database any more would take its journal away.
        if begin(database)
            .map_err(failed)?
            .is_some_and(|begin| !is_sqlite(&begin))
        {
            return Ok(Self::Damaged);
        }
        match connection::open_alone(database) {
            Ok(conn) => Ok(Self::Held(conn)),
            Err(StoreError::Unavailable(why)) if why.to_string().contains("lock") => {
                Err(BackupError::InUse(database.to_owned()))
            }
            Err(StoreError::Broken(_)) => Ok(Self::Damaged),
            Err(error) => Err(BackupError::store(database, 0, error)),
        }
    }

    /// Gives it a second name, so that there is a database at every moment; `false` if there is none.
    fn keep(&self, database: &Path, kept: &Path) -> Result<bool, BackupError> {
        let failed = |error| BackupError::file(kept, 0, error);
        let journals: &[&str] = match self {
            Self::Nothing => return Ok(false),
            Self::Held(_) => &[],
            Self::Damaged => &BESIDE,
        };
        if matches!(self, Self::Held(_)) {
            // An index of a journal that is gone. SQLite makes it anew.
            let _ = fs::remove_file(beside(database, "-shm"));
        }
        if fs::hard_link(database, kept).is_err() {
            if kept.exists() {
                return Err(BackupError::Exists(kept.to_owned()));
            }
            fs::rename(database, kept).map_err(failed)?;
        }
        // They belong to the old one: beside the new one they would be taken for its own.
        for ending in journals {
            let journal = beside(database, ending);
            if journal.exists() {
                fs::rename(&journal, beside(kept, ending)).map_err(failed)?;
            }
        }
        Ok(true)
    }
}
