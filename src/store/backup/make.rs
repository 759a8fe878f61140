//! Making a backup, also while a server writes: as of one moment, and checked before it has its name.

use super::super::connection::{self, DatabaseUrl, Mode};
use super::super::migrate::{self, Standing};
use super::BackupError;
use super::examine::{Sound, Unsound, examine, last_keys};
use super::file::{BESIDE, Part, are_same, beside, folder_of};
use std::fs;
use std::path::Path;

/// Copies a database into a new file; `replace`: into the place of an older backup too.
///
/// # Errors
/// Then no file was made or changed.
pub fn make(database: &Path, to: &Path, replace: bool) -> Result<Sound, BackupError> {
    refuse(database, to, replace)?;
    let size = fs::metadata(database).map_or(0, |meta| meta.len());
    let failed = |error| BackupError::store(database, 0, error);
    let url = DatabaseUrl::Sqlite(database.to_owned());
    let mut conn = connection::open(&url, Mode::Job).map_err(failed)?;
    let unsound = |unsound| BackupError::unsound(database, unsound);
    match migrate::standing(&mut conn).map_err(failed)? {
        Standing::Ours { .. } => {}
        Standing::New | Standing::NotOurs => return Err(unsound(Unsound::NotOurs)),
        Standing::Newer(version) => return Err(unsound(Unsound::Newer(version))),
    }
    let part = Part::of(to)?;
    let before = last_keys(&mut conn).map_err(failed)?;
    connection::vacuum_into(&mut conn, part.path())
        .map_err(|error| BackupError::store(to, size, error))?;
    let after = last_keys(&mut conn).map_err(failed)?;
    let sound = examine(part.path())?;
    sound
        .lies_between(&before, &after)
        .map_err(|incomplete| BackupError::unsound(to, incomplete))?;
    match replace {
        true => part.replace(to)?,
        false => part.publish(to)?,
    }
    Ok(sound)
}

fn refuse(database: &Path, to: &Path, replace: bool) -> Result<(), BackupError> {
    if !database.exists() {
        return Err(BackupError::NoDatabase(database.to_owned()));
    }
    if to.is_dir() {
        return Err(BackupError::Folder(to.to_owned()));
    }
    let folder = folder_of(to);
    if !folder.is_dir() {
        return Err(BackupError::NoFolder(folder.to_owned()));
    }
    let failed = |error| BackupError::file(to, 0, error);
    if are_same(database, to).map_err(failed)? {
        return Err(BackupError::Same(to.to_owned()));
    }
    // A file of such a name would be taken for the database's own, whether there is one at the moment or not.
    let ours = are_same(folder_of(database), folder).map_err(failed)?;
    let is_beside = |ending: &&str| beside(database, ending).file_name() == to.file_name();
    if ours && BESIDE.iter().chain(&["-lock"]).any(is_beside) {
        return Err(BackupError::Beside(to.to_owned()));
    }
    match to.exists() && !replace {
        true => Err(BackupError::Exists(to.to_owned())),
        false => Ok(()),
    }
}
