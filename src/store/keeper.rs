//! The install's key, in a file of its own beside the database: made when the first secret is to be sealed.
//!
//! The database keeps the key's fingerprint, so that a node with another key, or with none, says so instead
//! of sealing what the others can't open.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::second_factors;
use super::setting;
use super::tx::Tx;
use crate::domain::audit::Entry;
use crate::domain::mail;
use crate::domain::sealed::{SealFault, SealingKey};
use diesel::prelude::*;
use parking_lot::Mutex;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Name of the setting that holds the fingerprint of the key in force.
const FINGERPRINT: &str = "key_fingerprint";

/// Keeps the key; cheap to clone.
#[derive(Clone, Debug)]
pub struct Keeper(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: PathBuf,
    /// Read once.
    key: Mutex<Option<SealingKey>>,
}

/// Why the key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key file {0:?}: {1}")]
    File(PathBuf, #[source] io::Error),
    #[error("the key file {0:?}: {1}")]
    Key(PathBuf, #[source] SealFault),
    #[error(
        "there is no key file {file:?}, but secrets are sealed with the key whose fingerprint is {fingerprint}: put it back, or set key_file to where it is"
    )]
    Missing { file: PathBuf, fingerprint: String },
    #[error(
        "the key file {file:?} has the fingerprint {found}, but secrets are sealed with the key whose fingerprint is {fingerprint}: put that one back, or set key_file to where it is"
    )]
    Other {
        file: PathBuf,
        found: String,
        fingerprint: String,
    },
}

/// How the key here stands to what is sealed in a database.
#[derive(Debug)]
pub enum KeyStanding {
    /// Nothing is sealed.
    NotNeeded,
    /// It opens what is sealed.
    Here { file: PathBuf, fingerprint: String },
    /// It does not.
    Fault(KeyError),
}

impl From<KeyError> for StoreError {
    /// Trying again helps once the key is back.
    fn from(error: KeyError) -> Self {
        Self::unavailable(error)
    }
}

impl Keeper {
    pub fn new(file: PathBuf) -> Self {
        Self(Arc::new(Inner {
            file,
            key: Mutex::new(None),
        }))
    }

    /// The key, if there is one already.
    ///
    /// # Errors
    /// `File` or `Key` when there is a file that can't be used.
    pub fn key(&self) -> Result<Option<SealingKey>, KeyError> {
        let mut known = self.0.key.lock();
        if known.is_none() {
            *known = read(&self.0.file)?;
        }
        Ok(known.clone())
    }

    /// Opens what was sealed for a place.
    ///
    /// # Errors
    /// When the key that it was sealed with is not here.
    pub fn open(&self, sealed: &str, place: &str) -> Result<Vec<u8>, KeyError> {
        let file = || self.0.file.clone();
        let key = self.key()?.ok_or_else(|| {
            KeyError::File(file(), io::Error::new(ErrorKind::NotFound, "is not there"))
        })?;
        key.open(sealed, place)
            .map_err(|fault| KeyError::Key(file(), fault))
    }

    /// Why what is sealed in this database can't be opened here; `None` when it can.
    pub fn fault(&self, conn: &mut Conn) -> Result<Option<KeyError>, StoreError> {
        let found = match self.key() {
            Ok(found) => found,
            Err(fault) => return Ok(Some(fault)),
        };
        let Some(fingerprint) = setting::find(conn, FINGERPRINT)? else {
            return Ok(None);
        };
        let is_it = |key: &SealingKey| key.fingerprint() == fingerprint;
        if found.as_ref().is_some_and(is_it) || !is_anything_sealed(conn)? {
            return Ok(None);
        }
        let file = self.0.file.clone();
        Ok(Some(match found {
            Some(key) => KeyError::Other {
                file,
                found: key.fingerprint().to_owned(),
                fingerprint,
            },
            None => KeyError::Missing { file, fingerprint },
        }))
    }

    /// Whether what is sealed in this database can be opened here, and with which key.
    pub fn standing(&self, conn: &mut Conn) -> Result<KeyStanding, StoreError> {
        let Some(fingerprint) = setting::find(conn, FINGERPRINT)? else {
            return Ok(KeyStanding::NotNeeded);
        };
        if let Some(fault) = self.fault(conn)? {
            return Ok(KeyStanding::Fault(fault));
        }
        let found = self.key()?;
        Ok(match found.filter(|key| key.fingerprint() == fingerprint) {
            Some(_) => KeyStanding::Here {
                file: self.0.file.clone(),
                fingerprint,
            },
            None => KeyStanding::NotNeeded,
        })
    }

    /// The key, if it is here and in force in this database.
    pub fn in_force(&self, conn: &mut Conn) -> Result<Option<SealingKey>, StoreError> {
        let fingerprint = setting::find(conn, FINGERPRINT)?;
        let is_it = |key: &SealingKey| Some(key.fingerprint()) == fingerprint.as_deref();
        Ok(self.key()?.filter(is_it))
    }

    /// The key to seal with; makes one for an install that has none.
    ///
    /// # Errors
    /// `Unavailable` with a [`fault`](Self::fault) as its cause, or when the file can't be written.
    pub fn ready(&self, conn: &mut Conn) -> Result<SealingKey, StoreError> {
        if let Some(fault) = self.fault(conn)? {
            return Err(fault.into());
        }
        let mut known = self.0.key.lock();
        match &*known {
            Some(key) => Ok(key.clone()),
            None => {
                let key = make(&self.0.file)?;
                *known = Some(key.clone());
                Ok(key)
            }
        }
    }

    /// The same for a write that keeps what it seals: the fingerprint is kept with it.
    ///
    /// # Errors
    /// As for [`ready`](Self::ready).
    pub fn sealing(&self, tx: &mut Tx<'_>) -> Result<SealingKey, StoreError> {
        let key = self.ready(tx.conn)?;
        let before = setting::find(tx.conn, FINGERPRINT)?;
        if before.as_deref() != Some(key.fingerprint()) {
            setting::put(tx, FINGERPRINT, key.fingerprint())?;
            let mut entry = Entry::new("install.key", "setting", None, "Key of sealed secrets")
                .after(FINGERPRINT, key.fingerprint());
            if let Some(before) = before {
                entry = entry.before(FINGERPRINT, before);
            }
            tx.audit(entry)?;
        }
        Ok(key)
    }
}

/// Letters that wait don't count: without their key they are given up, and links can be given anew. Neither does the
/// mark of the audit log's end, which is made anew with another key.
fn is_anything_sealed(conn: &mut Conn) -> Result<bool, StoreError> {
    let factor: Option<i64> = second_factors::table
        .select(second_factors::user_id)
        .limit(1)
        .first(conn)
        .optional()?;
    let password = setting::find(conn, mail::PASSWORD)?;
    Ok(factor.is_some() || password.is_some_and(|sealed| !sealed.is_empty()))
}

fn read(file: &Path) -> Result<Option<SealingKey>, KeyError> {
    let broken = |error| KeyError::File(file.to_owned(), error);
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(broken(error)),
    };
    let mode = fs::metadata(file).map_err(broken)?.permissions().mode();
    if mode & 0o077 != 0 {
        let shown = file.display();
        tracing::warn!("{shown} can be read by others than its owner: chmod 600 {shown}");
    }
    let key =
        SealingKey::from_text(&text).map_err(|fault| KeyError::Key(file.to_owned(), fault))?;
    Ok(Some(key))
}

/// Written whole under another name first: a reader finds all of it or nothing, and of two that make one
/// at the same moment the second takes the first's.
fn make(file: &Path) -> Result<SealingKey, KeyError> {
    let broken = |error| KeyError::File(file.to_owned(), error);
    let text = SealingKey::fresh_text().map_err(|f| KeyError::Key(file.to_owned(), f))?;
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{}", super::random_hex()));
    let draft = PathBuf::from(name);
    let written = write(&draft, &text).and_then(|()| fs::hard_link(&draft, file));
    // Whether it was linked or not, the draft is of no use any more.
    let removed = fs::remove_file(&draft);
    match written {
        Ok(()) => removed.map_err(broken)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(broken(error)),
    }
    read(file)?.ok_or_else(|| broken(io::Error::new(ErrorKind::NotFound, "it is gone again")))
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    let mut open = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    writeln!(open, "{text}")?;
    open.sync_all()
}
