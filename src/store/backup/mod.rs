//! Copies of a SQLite database: made while a server works on it, checked before they count, and put back only after
//! they were used.

mod draft;
mod examine;
mod file;
mod make;

pub use draft::Draft;
pub use examine::{Sound, Unsound, examine};
pub use make::make;

use super::error::StoreError;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Why there is no backup, or why nothing was restored. What was there is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is no database at {}", .0.display())]
    NoDatabase(PathBuf),
    #[error("there is no file {}", .0.display())]
    NoFile(PathBuf),
    #[error("{} is a folder: give a file name", .0.display())]
    Folder(PathBuf),
    #[error("there is no folder {}: make it first", .0.display())]
    NoFolder(PathBuf),
    #[error("{} is there already: give another name, or --replace to have it replaced", .0.display())]
    Exists(PathBuf),
    #[error("{} is the database itself", .0.display())]
    Same(PathBuf),
    #[error("{} belongs to the database", .0.display())]
    Beside(PathBuf),
    #[error("{} {unsound}", path.display())]
    Unsound {
        path: PathBuf,
        #[source]
        unsound: Unsound,
    },
    #[error("{} is in use: stop the server, and whatever else works on it, first", .0.display())]
    InUse(PathBuf),
    #[error("the disk of {} is full: about {} are needed there", folder.display(), size(*.needed))]
    Full {
        folder: PathBuf,
        /// Bytes.
        needed: u64,
        #[source]
        source: Full,
    },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Store { path: PathBuf, source: StoreError },
}

/// Who said that the disk is full.
#[derive(Debug, thiserror::Error)]
pub enum Full {
    #[error(transparent)]
    System(io::Error),
    #[error(transparent)]
    Sqlite(StoreError),
}

impl BackupError {
    /// It would be refused again, whatever the machine does; the others may pass.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::NoDatabase(_)
            | Self::NoFile(_)
            | Self::Folder(_)
            | Self::NoFolder(_)
            | Self::Exists(_)
            | Self::Same(_)
            | Self::Beside(_)
            | Self::Unsound { .. }
            | Self::InUse(_) => true,
            Self::Full { .. } | Self::File { .. } | Self::Store { .. } => false,
        }
    }

    fn unsound(path: &Path, unsound: Unsound) -> Self {
        Self::Unsound {
            path: path.to_owned(),
            unsound,
        }
    }

    /// `needed`: bytes that were to be written beside this file.
    fn file(path: &Path, needed: u64, source: io::Error) -> Self {
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full {
                folder: file::folder_of(path).to_owned(),
                needed,
                source: Full::System(source),
            },
            _ => Self::File {
                path: path.to_owned(),
                source,
            },
        }
    }

    fn store(path: &Path, needed: u64, source: StoreError) -> Self {
        match source.to_string().contains("database or disk is full") {
            true => Self::Full {
                folder: file::folder_of(path).to_owned(),
                needed,
                source: Full::Sqlite(source),
            },
            false => Self::Store {
                path: path.to_owned(),
                source,
            },
        }
    }
}

/// Said to people, rounded up.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes.div_ceil(1 << 10)),
        _ => format!("{} MiB", bytes.div_ceil(1 << 20)),
    }
}
