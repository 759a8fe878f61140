//! The one thread per node that writes: many waiting writes share a transaction and its fsync.

use super::connection::{self, Conn, DatabaseUrl, Mode};
use super::error::StoreError;
use super::tx::{self, Effect, Tx};
use crate::domain::audit::Actor;
use crate::domain::time::Clock;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Writes that share one commit.
const BATCH: usize = 64;
/// Writes that may wait before callers are told to come back later.
const WAITING: usize = 4_096;
/// How often an idle writer lets the observer look for writes from elsewhere.
const TICK: Duration = Duration::from_millis(200);

/// Keeps a picture of the data up to date. Called on the writer's thread, so an older read can
/// never land after a newer one.
pub trait Observer: Send {
    /// A batch was committed on this node; its callers wait until this returns.
    fn committed(&mut self, conn: &mut Conn, effects: Vec<Effect>);
    /// Look for what others wrote; called every 200 ms, and at once when they are heard of.
    ///
    /// # Errors
    /// As any read; the next look is on a new connection.
    fn look(&mut self, conn: &mut Conn) -> Result<(), StoreError>;
}

pub(super) enum Message {
    Write(Box<dyn Pending>),
    Observe(Box<dyn Observer>),
    /// Others wrote something.
    Look,
}

/// A write that waits for its turn, its result type hidden.
pub(super) trait Pending: Send {
    /// Runs in a savepoint of the batch; `false` rolls it back.
    fn run(&mut self, conn: &mut Conn, writer: &Writer, effects: &mut Vec<Effect>) -> bool;
    /// Answers the caller. `failed` says why the batch as a whole was not committed.
    fn answer(self: Box<Self>, failed: Option<&str>);
}

struct Job<T, F> {
    by: Actor,
    act: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Pending for Job<T, F>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, conn: &mut Conn, writer: &Writer, effects: &mut Vec<Effect>) -> bool {
        let Some(act) = self.act.take() else {
            return false;
        };
        let mut tx = Tx {
            conn,
            now: writer.clock.now(),
            by: &self.by,
            operation: super::random_hex(),
            effects: Vec::new(),
        };
        let result = catch_unwind(AssertUnwindSafe(|| act(&mut tx)))
            .unwrap_or_else(|_| Err(StoreError::broken("a write panicked")));
        let mut caused = tx.effects;
        let ok = result.is_ok();
        if ok {
            effects.append(&mut caused);
        }
        self.result = Some(result);
        ok
    }

    fn answer(self: Box<Self>, failed: Option<&str>) {
        let result = match (failed, self.result) {
            // A refusal stands whether or not the others were committed.
            (_, Some(Err(error))) => Err(error),
            (None, Some(Ok(value))) => Ok(value),
            (Some(why), _) => Err(StoreError::unavailable(why)),
            (None, None) => Err(StoreError::broken("a write was lost")),
        };
        // The caller may have gone; the write stands all the same.
        let _ = self.reply.send(result);
    }
}

/// The sending end: gives writes to the thread.
#[derive(Clone)]
pub(super) struct WriterHandle {
    queue: SyncSender<Message>,
}

pub(super) struct Writer {
    database: DatabaseUrl,
    clock: Clock,
    /// Tells this node's lines in `changes` from those of others.
    node: i64,
    conn: Option<Conn>,
    observer: Option<Box<dyn Observer>>,
}

impl WriterHandle {
    /// Starts the thread; it ends when the last handle is gone and the queue is empty.
    pub fn start(
        database: DatabaseUrl,
        conn: Conn,
        clock: Clock,
        node: i64,
    ) -> Result<Self, StoreError> {
        let (queue, waiting) = sync_channel(WAITING);
        let writer = Writer {
            database,
            clock,
            node,
            conn: Some(conn),
            observer: None,
        };
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || writer.run(&waiting))
            .map_err(StoreError::broken)?;
        Ok(Self { queue })
    }

    pub fn submit<T: Send + 'static>(
        &self,
        by: Actor,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, StoreError>>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            by,
            act: Some(act),
            result: None,
            reply,
        };
        match self.queue.try_send(Message::Write(Box::new(job))) {
            Ok(()) => Ok(answer),
            Err(TrySendError::Full(_)) => {
                Err(StoreError::unavailable("too many writes are waiting"))
            }
            Err(TrySendError::Disconnected(_)) => {
                Err(StoreError::unavailable("the writer has stopped"))
            }
        }
    }

    pub fn send(&self, message: Message) -> Result<(), StoreError> {
        self.queue
            .send(message)
            .map_err(|_| StoreError::unavailable("the writer has stopped"))
    }
}

impl Writer {
    fn run(mut self, queue: &Receiver<Message>) {
        let mut looked = Instant::now();
        loop {
            let mut batch = Vec::new();
            let mut look = false;
            match queue.recv_timeout(TICK.saturating_sub(looked.elapsed())) {
                Ok(message) => self.take(message, &mut batch, &mut look),
                Err(RecvTimeoutError::Timeout) => look = true,
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while batch.len() < BATCH {
                match queue.try_recv() {
                    Ok(message) => self.take(message, &mut batch, &mut look),
                    Err(_) => break,
                }
            }
            // Others first: a write finds the picture as current as it can be.
            if look || looked.elapsed() >= TICK {
                self.look();
                looked = Instant::now();
            }
            if !batch.is_empty() {
                self.write(batch);
            }
        }
    }

    fn take(&mut self, message: Message, batch: &mut Vec<Box<dyn Pending>>, look: &mut bool) {
        match message {
            Message::Write(job) => batch.push(job),
            Message::Observe(observer) => self.observer = Some(observer),
            Message::Look => *look = true,
        }
    }

    fn look(&mut self) {
        let Some(mut observer) = self.observer.take() else {
            return;
        };
        let looked = self.connected().and_then(|mut conn| {
            observer.look(&mut conn)?;
            self.conn = Some(conn);
            Ok(())
        });
        self.observer = Some(observer);
        if let Err(error) = looked {
            tracing::warn!(%error, "could not look for changes by others");
        }
    }

    /// Runs the jobs in one transaction, commits, brings the picture up to date, answers.
    fn write(&mut self, mut batch: Vec<Box<dyn Pending>>) {
        let outcome = self.begun().and_then(|mut conn| {
            let outcome = self.commit(&mut conn, &mut batch);
            match &outcome {
                // After a failed commit the connection's state is not known: open a new one.
                Err(_) => drop(conn),
                Ok(_) => self.conn = Some(conn),
            }
            outcome
        });
        match outcome {
            Ok(effects) => {
                if let (Some(conn), Some(observer)) = (self.conn.as_mut(), self.observer.as_mut())
                    && !effects.is_empty()
                {
                    observer.committed(conn, effects);
                }
                batch.into_iter().for_each(|job| job.answer(None));
            }
            Err(error) => {
                tracing::error!(%error, writes = batch.len(), "writes were not committed");
                let why = error.to_string();
                batch.into_iter().for_each(|job| job.answer(Some(&why)));
            }
        }
    }

    fn connected(&mut self) -> Result<Conn, StoreError> {
        match self.conn.take() {
            Some(conn) => Ok(conn),
            None => connection::open(&self.database, Mode::Write),
        }
    }

    /// A connection with a transaction begun. One that was lost while nobody wrote is replaced: its
    /// loss fails no write.
    fn begun(&mut self) -> Result<Conn, StoreError> {
        if let Some(mut conn) = self.conn.take() {
            match begin(&mut conn) {
                Ok(()) => return Ok(conn),
                Err(error) => tracing::warn!(%error, "the writer connects again"),
            }
        }
        let mut conn = self.connected()?;
        begin(&mut conn)?;
        Ok(conn)
    }

    fn commit(
        &self,
        conn: &mut Conn,
        batch: &mut [Box<dyn Pending>],
    ) -> Result<Vec<Effect>, StoreError> {
        match self.run_all(conn, batch) {
            Ok(effects) => {
                <Conn as Connection>::TransactionManager::commit_transaction(conn)?;
                Ok(effects)
            }
            Err(error) => {
                // Dropping the connection rolls back as well; this frees the lock sooner.
                let _ = <Conn as Connection>::TransactionManager::rollback_transaction(conn);
                Err(error)
            }
        }
    }

    fn run_all(
        &self,
        conn: &mut Conn,
        batch: &mut [Box<dyn Pending>],
    ) -> Result<Vec<Effect>, StoreError> {
        let mut effects = Vec::new();
        for job in batch {
            let savepoint = conn.transaction::<(), SavepointEnd, _>(|conn| {
                if job.run(conn, self, &mut effects) {
                    Ok(())
                } else {
                    Err(SavepointEnd::Refused)
                }
            });
            match savepoint {
                Ok(()) | Err(SavepointEnd::Refused) => {}
                Err(SavepointEnd::Failed(error)) => return Err(error.into()),
            }
        }
        tx::record_changes(conn, self.node, self.clock.now(), &effects)?;
        Ok(effects)
    }
}

enum SavepointEnd {
    Refused,
    Failed(diesel::result::Error),
}

impl From<diesel::result::Error> for SavepointEnd {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error)
    }
}

/// Begins a transaction that holds SQLite's write lock from the start: a read that later turns into
/// a write could fail with "database is locked" whatever the time-out.
pub(super) fn begin(conn: &mut Conn) -> Result<(), StoreError> {
    match conn {
        Conn::Pg(c) => AnsiTransactionManager::begin_transaction(c)?,
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
    }
    Ok(())
}
