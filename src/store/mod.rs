//! The only place that talks to the database.

pub mod agent;
pub mod audit;
pub mod call;
pub mod changes;
pub mod claim;
pub mod connection;
pub mod count;
pub mod error;
pub mod factor;
pub mod general;
pub mod group;
pub mod interval;
pub mod keeper;
pub mod lease;
pub mod ledger;
pub mod link;
pub mod listen;
pub mod mail;
pub mod migrate;
pub mod number_plan;
pub mod operation;
pub mod person;
pub mod preference;
mod prepared;
pub mod record;
pub mod role;
pub mod routing;
pub mod schema;
pub mod seal;
pub mod seed;
pub mod selection;
pub mod session;
pub mod setting;
pub mod sign_in;
pub mod source;
pub mod time_group;
pub mod token;
pub mod tx;
pub mod undo;
pub mod user;
pub mod writer;

pub use connection::{Conn, DatabaseUrl};
pub use error::{Owner, StoreError, Taken};
pub use keeper::Keeper;
pub use tx::{Effect, RecordKind, Tx};

use crate::domain::audit::Actor;
use crate::domain::ids::UserId;
use crate::domain::time::Clock;
use connection::{Manager, Mode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use writer::{Message, Observer, WriterHandle};

/// Readers kept open per node.
const READERS: u32 = 4;

/// A handle to the database: a pool of readers and the one writer of this node.
#[derive(Clone)]
pub struct Store {
    database: DatabaseUrl,
    readers: r2d2::Pool<Manager>,
    writer: WriterHandle,
    clock: Clock,
    node: i64,
    /// Other nodes can't be heard at the moment.
    deaf: Arc<AtomicBool>,
}

impl Store {
    /// Opens a database whose schema is up to date (see [`migrate::run`]).
    ///
    /// # Errors
    /// `Unavailable` when the database can't be reached within 5 seconds.
    pub fn open(database: &DatabaseUrl, clock: Clock) -> Result<Self, StoreError> {
        let writing = connection::open(database, Mode::Write)?;
        let readers = r2d2::Pool::builder()
            .max_size(READERS)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(5))
            .build(Manager {
                database: database.clone(),
                mode: Mode::Read,
            })?;
        let node = random_i64();
        let writer = WriterHandle::start(database.clone(), writing, clock.clone(), node)?;
        Ok(Self {
            database: database.clone(),
            readers,
            writer,
            clock,
            node,
            // Until somebody listens.
            deaf: Arc::new(AtomicBool::new(matches!(
                database,
                DatabaseUrl::Postgres(_)
            ))),
        })
    }

    pub fn database(&self) -> &DatabaseUrl {
        &self.database
    }

    /// Other nodes may write to the same database.
    pub fn has_other_nodes(&self) -> bool {
        matches!(self.database, DatabaseUrl::Postgres(_))
    }

    /// While other nodes can't be heard, what was read before may be out of date without a word.
    pub fn is_deaf(&self) -> bool {
        self.deaf.load(Ordering::Acquire)
    }

    /// Told by whoever listens to the other nodes.
    pub fn set_deaf(&self, deaf: bool) {
        self.deaf.store(deaf, Ordering::Release);
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// This node's number in `changes`.
    pub fn node(&self) -> i64 {
        self.node
    }

    /// Reads on a connection that can't write. Blocks: call it where blocking is allowed.
    ///
    /// # Errors
    /// `Unavailable` when no connection was free within 5 seconds, and whatever `act` returns.
    pub fn read<T>(
        &self,
        act: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        act(&mut *self.readers.get()?)
    }

    /// Writes: runs `act` in a transaction shared with other waiting writes, commits, brings the
    /// picture up to date, then returns. An error of `act` undoes only what `act` did.
    pub async fn write<T: Send + 'static>(
        &self,
        by: Actor,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer
            .submit(by, None, act)?
            .await
            .unwrap_or_else(|_| Err(lost()))
    }

    /// [`Store::write`] for a write that changes one agent: those that wait together have their agents
    /// read at once, and each is to call [`Tx::guard`] before it writes what may still be refused.
    pub async fn write_about<T: Send + 'static>(
        &self,
        by: Actor,
        agent: UserId,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer
            .submit(by, Some(agent), act)?
            .await
            .unwrap_or_else(|_| Err(lost()))
    }

    /// The same for callers outside the async runtime.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        by: Actor,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer
            .submit(by, None, act)?
            .blocking_recv()
            .unwrap_or_else(|_| Err(lost()))
    }

    /// Has `observer` told of every committed write from now on.
    pub fn observe(&self, observer: Box<dyn Observer>) -> Result<(), StoreError> {
        self.writer.send(Message::Observe(observer))
    }

    /// Has the observer look at once for what other nodes wrote.
    pub fn look(&self) -> Result<(), StoreError> {
        self.writer.send(Message::Look)
    }

    /// A connection of its own for a long transaction or a long read.
    pub fn job_connection(&self) -> Result<Conn, StoreError> {
        connection::open(&self.database, Mode::Job)
    }
}

fn lost() -> StoreError {
    StoreError::unavailable("the writer stopped before it answered")
}

/// 128 random bits as hexadecimal digits.
pub fn random_hex() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn random_i64() -> i64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    i64::from_le_bytes(bytes) & i64::MAX
}
