//! The sessions of this node in memory: a request that comes with a known cookie asks no database.

use super::secret::SecretHash;
use crate::domain::audit::Actor;
use crate::domain::ids::{RoleId, UserId};
use crate::domain::time::{Clock, MINUTE, Timestamp};
use crate::floor::Announcement;
use crate::store::sign_in::{self, Account};
use crate::store::{RecordKind, Store, StoreError, session};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::broadcast::{self, error::TryRecvError};

/// How long a session holds: unused, and in all.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    idle: i64,
    absolute: i64,
}

impl Limits {
    pub fn new(idle: Duration, absolute: Duration) -> Self {
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        Self {
            idle: micros(idle),
            absolute: micros(absolute),
        }
    }

    fn hold(&self, created_at: Timestamp, last_seen_at: Timestamp, now: Timestamp) -> bool {
        now.since(last_seen_at) < self.idle && now.since(created_at) < self.absolute
    }
}

/// A session that holds, with the rights of its person.
#[derive(Debug)]
pub struct Live {
    pub hash: SecretHash,
    pub account: Account,
    pub created_at: Timestamp,
    /// When its person last proved who they are.
    pub proved_at: Timestamp,
    last_seen: AtomicI64,
    /// The last use that the database knows of.
    noted: AtomicI64,
}

/// What memory says about a key.
enum Known {
    Holds(Arc<Live>),
    /// Past a limit.
    Over,
    /// Not in memory: the database knows.
    Ask,
}

/// The sessions of all nodes, as far as this one has seen them.
#[derive(Clone)]
pub struct Sessions(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    limits: Limits,
    live: RwLock<HashMap<SecretHash, Arc<Live>>>,
    /// Counts what was forgotten, so that a slow read does not bring back what ended meanwhile.
    /// Changed only while `live` is locked for writing.
    forgotten: AtomicU64,
    /// What the floor announced and was not yet taken in.
    inbox: Mutex<broadcast::Receiver<Arc<Announcement>>>,
}

impl Sessions {
    /// `inbox` is subscribed to the floor's announcements.
    pub fn new(
        store: Store,
        limits: Limits,
        inbox: broadcast::Receiver<Arc<Announcement>>,
    ) -> Self {
        Self(Arc::new(Inner {
            clock: store.clock().clone(),
            store,
            limits,
            live: RwLock::default(),
            forgotten: AtomicU64::new(0),
            inbox: Mutex::new(inbox),
        }))
    }

    /// The session behind a cookie's key, counted as used now.
    ///
    /// # Errors
    /// When the database had to be asked and could not be.
    pub async fn find(&self, key: &str) -> Result<Option<Arc<Live>>, StoreError> {
        let hash = SecretHash::of(key);
        let found = self.find_hash(hash).await?;
        if let Some(live) = &found {
            self.note_use(live).await;
        }
        Ok(found)
    }

    /// The session behind a cookie's key, not counted as used: for streams, which nobody may watch.
    pub async fn find_unused(&self, key: &str) -> Result<Option<Arc<Live>>, StoreError> {
        self.find_hash(SecretHash::of(key)).await
    }

    /// The session with this hash, not counted as used. A stream asks after each announcement and each
    /// minute, and ends when there is none.
    pub async fn find_hash(&self, hash: SecretHash) -> Result<Option<Arc<Live>>, StoreError> {
        match self.known(hash) {
            Known::Holds(live) => Ok(Some(live)),
            Known::Over => Ok(None),
            Known::Ask => self.load(hash).await,
        }
    }

    /// The session behind a key if memory has it: for pages that work without one.
    pub fn peek(&self, key: &str) -> Option<Arc<Live>> {
        match self.known(SecretHash::of(key)) {
            Known::Holds(live) => Some(live),
            Known::Over | Known::Ask => None,
        }
    }

    /// Whether a session that was begun and used then is within its limits.
    pub fn hold(&self, created_at: Timestamp, last_seen_at: Timestamp, now: Timestamp) -> bool {
        self.0.limits.hold(created_at, last_seen_at, now)
    }

    /// Takes in what was announced since the last look. Writes are announced before their callers are
    /// answered, so whoever asks after a sign-out or a block sees it.
    fn catch_up(&self) {
        let mut inbox = self.0.inbox.lock();
        loop {
            match inbox.try_recv() {
                Ok(news) if news.everything && news.records.is_empty() => self.forget_all(),
                Ok(news) => news
                    .records
                    .iter()
                    .for_each(|(kind, id)| self.changed(*kind, *id)),
                Err(TryRecvError::Lagged(_)) => self.forget_all(),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    /// Whoever depends on a changed record is read again.
    fn changed(&self, kind: RecordKind, id: i64) {
        match kind {
            RecordKind::User | RecordKind::Session => {
                self.forget(|live| live.account.id == UserId(id))
            }
            RecordKind::Role => self.forget(|live| live.account.role == RoleId(id)),
            RecordKind::Group
            | RecordKind::Department
            | RecordKind::TimeGroup
            | RecordKind::Ivr
            | RecordKind::CallerId
            | RecordKind::Setting
            | RecordKind::Token
            | RecordKind::Source => {}
        }
    }

    /// Anything may have changed.
    pub fn forget_all(&self) {
        self.forget(|_| true);
    }

    /// Removes sessions past their limits, here and in the database. Called now and then.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let (now, limits) = (self.0.clock.now(), self.0.limits);
        self.0
            .live
            .write()
            .retain(|_, live| limits.hold(live.created_at, live.last_seen(), now));
        let (seen, begun) = (now.plus(-limits.idle), now.plus(-limits.absolute));
        self.0
            .store
            .write(Actor::system(), move |tx| {
                session::delete_expired(tx, seen, begun)
            })
            .await?;
        Ok(())
    }

    fn forget(&self, whose: impl Fn(&Live) -> bool) {
        let mut live = self.0.live.write();
        live.retain(|_, live| !whose(live));
        self.0.forgotten.fetch_add(1, Ordering::AcqRel);
    }

    fn known(&self, hash: SecretHash) -> Known {
        self.catch_up();
        // News from other nodes may be missing, so memory is not believed.
        if self.0.store.is_deaf() {
            return Known::Ask;
        }
        let Some(live) = self.0.live.read().get(&hash).cloned() else {
            return Known::Ask;
        };
        if self
            .0
            .limits
            .hold(live.created_at, live.last_seen(), self.0.clock.now())
        {
            Known::Holds(live)
        } else {
            Known::Over
        }
    }

    async fn load(&self, hash: SecretHash) -> Result<Option<Arc<Live>>, StoreError> {
        let before = self.0.forgotten.load(Ordering::Acquire);
        let store = self.0.store.clone();
        let read = move || {
            store.read(|conn| match session::find(conn, &hash.hex())? {
                None => Ok(None),
                Some(found) => {
                    Ok(sign_in::account(conn, found.user)?.map(|account| (found, account)))
                }
            })
        };
        let Some((found, account)) = actix_web::web::block(read)
            .await
            .map_err(StoreError::unavailable)??
        else {
            return Ok(None);
        };
        if !self
            .0
            .limits
            .hold(found.created_at, found.last_seen_at, self.0.clock.now())
        {
            return Ok(None);
        }
        let live = Arc::new(Live {
            hash,
            account,
            created_at: found.created_at,
            proved_at: found.proved_at,
            last_seen: AtomicI64::new(found.last_seen_at.0),
            noted: AtomicI64::new(found.last_seen_at.0),
        });
        self.catch_up();
        let mut known = self.0.live.write();
        // What ended while we were reading stays ended: this request passes, the next one asks.
        if self.0.forgotten.load(Ordering::Acquire) == before {
            known.insert(hash, Arc::clone(&live));
        }
        Ok(Some(live))
    }

    /// Notes a use in memory at once, in the database at most once a minute and without waiting.
    /// Counts a use. The database hears of it beside the answer, but before it when it has heard
    /// nothing for so long that it might take the session for unused.
    async fn note_use(&self, live: &Live) {
        let now = self.0.clock.now();
        live.last_seen.fetch_max(now.0, Ordering::Relaxed);
        let noted = live.noted.load(Ordering::Relaxed);
        let unheard = now.since(Timestamp(noted));
        if unheard < MINUTE {
            return;
        }
        let mine = live
            .noted
            .compare_exchange(noted, now.0, Ordering::Relaxed, Ordering::Relaxed);
        if mine.is_err() {
            return;
        }
        let (store, hash) = (self.0.store.clone(), live.hash.hex());
        let noting = async move {
            let noting = store
                .write(Actor::system(), move |tx| session::seen(tx, &hash, now))
                .await;
            if let Err(error) = noting {
                tracing::warn!(%error, "the use of a session could not be noted");
            }
        };
        if unheard > self.0.limits.idle / 2 {
            noting.await;
        } else {
            actix_web::rt::spawn(noting);
        }
    }
}

impl Live {
    pub fn last_seen(&self) -> Timestamp {
        Timestamp(self.last_seen.load(Ordering::Relaxed))
    }
}
