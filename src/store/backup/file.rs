//! Files that appear under their name only when they are whole.

use super::super::connection;
use super::BackupError;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What SQLite may put beside a database.
pub const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A file of our own, private from its first byte; goes when it is dropped before it has its name.
pub struct Part {
    path: PathBuf,
}

impl Part {
    /// In the folder of the file that it is to become.
    pub fn of(target: &Path) -> Result<Self, BackupError> {
        let part = Self {
            path: beside(target, &format!(".part-{}", super::super::random_hex())),
        };
        connection::make_private(&part.path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => BackupError::NoFolder(folder_of(target).to_owned()),
            _ => BackupError::file(target, 0, e),
        })?;
        Ok(part)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, in place of whatever has it.
    pub fn replace(self, target: &Path) -> Result<(), BackupError> {
        self.sync(target)?;
        fs::rename(&self.path, target).map_err(|e| BackupError::file(target, 0, e))?;
        sync_folder(target)
    }

    /// Gives it its name if nothing has it.
    pub fn publish(self, target: &Path) -> Result<(), BackupError> {
        self.sync(target)?;
        match fs::hard_link(&self.path, target) {
            Ok(()) => sync_folder(target),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(BackupError::Exists(target.to_owned()))
            }
            // Not every file system has links. Then only two backups of one name at one moment could meet.
            Err(_) if !target.exists() => self.replace(target),
            Err(_) => Err(BackupError::Exists(target.to_owned())),
        }
    }

    fn sync(&self, target: &Path) -> Result<(), BackupError> {
        let synced = File::open(&self.path).and_then(|file| file.sync_all());
        synced.map_err(|e| BackupError::file(target, 0, e))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        for ending in BESIDE {
            // It is mostly not there, and nobody misses it.
            let _ = fs::remove_file(beside(&self.path, ending));
        }
        let _ = fs::remove_file(&self.path);
    }
}

pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

/// A new name is safe from a power cut only when its folder is written.
pub fn sync_folder(path: &Path) -> Result<(), BackupError> {
    let folder = folder_of(path);
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|e| BackupError::file(path, 0, e))
}

/// Whether both names lead to one file, by whatever links.
pub fn are_same(a: &Path, b: &Path) -> io::Result<bool> {
    let (Some(a), Some(b)) = (place_of(a)?, place_of(b)?) else {
        return Ok(false);
    };
    Ok(a == b)
}

fn place_of(path: &Path) -> io::Result<Option<(u64, u64)>> {
    match fs::metadata(path) {
        Ok(meta) => Ok(Some((meta.dev(), meta.ino()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
