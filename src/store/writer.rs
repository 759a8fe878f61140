//! The one thread per node that writes: many waiting writes share a transaction and its fsync.

use super::agent::Ahead;
use super::connection::{self, Conn, DatabaseUrl, Mode};
use super::error::StoreError;
use super::tx::{self, Effect, Guard, Log, Tx};
use crate::domain::audit::Actor;
use crate::domain::ids::UserId;
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
/// After a batch of several, those who were answered are about to write again: so long between two arrivals
/// the next batch waits for more of them.
const GATHER: Duration = Duration::from_millis(1);
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
    /// The agent that the write changes, if it is one: such a write guards itself.
    fn about(&self) -> Option<UserId>;
    /// Runs in a savepoint of the batch; `false` rolls it back.
    fn run(&mut self, conn: &mut Conn, writer: &Writer, shared: &mut Shared) -> bool;
    /// Answers the caller. `failed` says why the batch as a whole was not committed.
    fn answer(self: Box<Self>, failed: Option<&str>);
}

/// What the writes of a batch have together.
#[derive(Default)]
pub(super) struct Shared {
    effects: Vec<Effect>,
    log: Log,
    ahead: Ahead,
    guard: Guard,
}

struct Job<T, F> {
    by: Actor,
    about: Option<UserId>,
    act: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Pending for Job<T, F>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn about(&self) -> Option<UserId> {
        self.about
    }

    fn run(&mut self, conn: &mut Conn, writer: &Writer, shared: &mut Shared) -> bool {
        let Some(act) = self.act.take() else {
            return false;
        };
        let mut tx = Tx {
            conn,
            now: writer.clock.now(),
            by: &self.by,
            operation: super::random_hex(),
            effects: Vec::new(),
            log: &mut shared.log,
            ahead: &mut shared.ahead,
            guard: &mut shared.guard,
        };
        let result = catch_unwind(AssertUnwindSafe(|| act(&mut tx)))
            .unwrap_or_else(|_| Err(StoreError::broken("a write panicked")));
        let mut caused = tx.effects;
        let ok = result.is_ok();
        if ok {
            shared.effects.append(&mut caused);
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
        about: Option<UserId>,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, StoreError>>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            by,
            about,
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
        let mut last = 0;
        loop {
            let mut batch = Vec::with_capacity(BATCH);
            let mut look = false;
            match queue.recv_timeout(TICK.saturating_sub(looked.elapsed())) {
                Ok(message) => self.take(message, &mut batch, &mut look),
                Err(RecvTimeoutError::Timeout) => look = true,
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while batch.len() < BATCH {
                let next = match batch.len() < last {
                    true => queue.recv_timeout(GATHER).ok(),
                    false => queue.try_recv().ok(),
                };
                match next {
                    Some(message) => self.take(message, &mut batch, &mut look),
                    None => break,
                }
            }
            last = batch.len();
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
        let about: Vec<UserId> = batch.iter().filter_map(|job| job.about()).collect();
        let mut shared = Shared {
            ahead: Ahead::read(conn, about)?,
            ..Shared::default()
        };
        for job in batch {
            shared.log.begin();
            shared.guard.begin();
            if job.about().is_none() {
                shared.guard.set(conn)?;
            }
            if !job.run(conn, self, &mut shared) {
                shared.guard.go_back(conn)?;
                shared.log.roll_back();
            }
        }
        shared.log.write(conn)?;
        tx::record_changes(conn, self.node, self.clock.now(), &shared.effects)?;
        Ok(shared.effects)
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
