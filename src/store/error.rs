//! What can go wrong in the store, in the words that callers act on.

use diesel::result::{ConnectionError, DatabaseErrorKind, Error as DieselError};

/// Why a read or a write did not happen. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The record is not there, was deleted, or is out of the caller's scope.
    #[error("not found")]
    NotFound,
    /// The record was changed since the caller read it.
    #[error("changed by someone else")]
    Stale,
    /// A value that must be unique is in use.
    #[error("{0} is already in use")]
    Taken(Taken),
    /// The database can't be reached or is busy; trying again later may help.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] Cause),
    /// A fault of ours or of the data; trying again does not help.
    #[error("the database answered with an error: {0}")]
    Broken(#[source] Cause),
}

/// The error behind an error, kept for the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A unique value that another record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The kind of claim: `login_id`, `email`, `dial`, ….
    pub kind: String,
    pub value: String,
    /// Who holds it, where that is a record. Only for readers who may see it.
    pub owner: Option<Owner>,
}

/// The record that holds a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// `user`, `department`, `ivr`, ….
    pub kind: String,
    pub id: i64,
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.value)
    }
}

impl StoreError {
    pub fn broken(cause: impl Into<Cause>) -> Self {
        Self::Broken(cause.into())
    }

    pub fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::NotFound => Self::NotFound,
            DieselError::BrokenTransactionManager => Self::unavailable(error),
            DieselError::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::SerializationFailure => Self::unavailable(error),
                _ if passes_by_itself(info.message()) => Self::unavailable(error),
                _ => Self::broken(error),
            },
            _ => Self::broken(error),
        }
    }
}

/// Errors that both databases report without a kind of their own.
fn passes_by_itself(message: &str) -> bool {
    const PASSING: [&str; 9] = [
        "database is locked",
        "database or disk is full",
        "disk I/O error",
        "statement timeout",
        "lock timeout",
        "deadlock detected",
        "terminating connection",
        "server closed the connection",
        "no connection to the server",
    ];
    PASSING.iter().any(|known| message.contains(known))
}

impl From<ConnectionError> for StoreError {
    fn from(error: ConnectionError) -> Self {
        Self::unavailable(error)
    }
}

impl From<r2d2::Error> for StoreError {
    fn from(error: r2d2::Error) -> Self {
        Self::unavailable(error)
    }
}
