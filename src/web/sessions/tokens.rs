//! API tokens in memory, so that a program's requests ask no database either.

use super::secret::SecretHash;
use crate::domain::audit::Actor;
use crate::domain::time::{MINUTE, Timestamp};
use crate::floor::Announcement;
use crate::store::token::{self, TokenHolder};
use crate::store::{RecordKind, Store, StoreError};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::broadcast::{self, error::TryRecvError};

/// What every API token begins with.
pub const PREFIX: &str = "rc_";

/// A token that was used since anything about tokens or roles changed.
#[derive(Debug)]
pub struct Known {
    pub holder: TokenHolder,
    noted: AtomicI64,
}

#[derive(Clone)]
pub struct Tokens {
    store: Store,
    known: Arc<Mutex<Cache>>,
}

struct Cache {
    tokens: HashMap<SecretHash, Arc<Known>>,
    inbox: broadcast::Receiver<Arc<Announcement>>,
    /// Counts how often everything was forgotten.
    forgotten: u64,
}

impl Cache {
    /// Tokens and roles change rarely: then all are forgotten.
    fn catch_up(&mut self) {
        loop {
            let stale = match self.inbox.try_recv() {
                Ok(news) => {
                    let ours = |kind| matches!(kind, RecordKind::Token | RecordKind::Role);
                    news.records.iter().any(|(kind, _)| ours(*kind))
                        || (news.everything && news.records.is_empty())
                }
                Err(TryRecvError::Lagged(_)) => true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            };
            if stale {
                self.tokens.clear();
                self.forgotten += 1;
            }
        }
    }
}

impl Tokens {
    /// `inbox` is subscribed to the floor's announcements.
    pub fn new(store: Store, inbox: broadcast::Receiver<Arc<Announcement>>) -> Self {
        let cache = Cache {
            tokens: HashMap::new(),
            inbox,
            forgotten: 0,
        };
        Self {
            store,
            known: Arc::new(Mutex::new(cache)),
        }
    }

    /// Who holds a token, if it is neither unknown nor revoked nor past its time.
    ///
    /// # Errors
    /// When the database had to be asked and could not be.
    pub async fn find(&self, token: &str) -> Result<Option<Arc<Known>>, StoreError> {
        if !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let now = self.store.clock().now();
        let found = self.look_up(SecretHash::of(token)).await?;
        let valid = found.filter(|known| known.holder.expires_at.is_none_or(|until| until > now));
        if let Some(known) = &valid {
            self.note_use(known, now);
        }
        Ok(valid)
    }

    async fn look_up(&self, hash: SecretHash) -> Result<Option<Arc<Known>>, StoreError> {
        let before = {
            let mut cache = self.known.lock();
            cache.catch_up();
            if let Some(known) = cache.tokens.get(&hash) {
                return Ok(Some(Arc::clone(known)));
            }
            cache.forgotten
        };
        let store = self.store.clone();
        let read = move || store.read(|conn| token::find_holder(conn, &hash.hex()));
        let found = actix_web::web::block(read)
            .await
            .map_err(StoreError::unavailable)??;
        let Some(holder) = found else { return Ok(None) };
        let known = Arc::new(Known {
            holder,
            noted: AtomicI64::new(0),
        });
        let mut cache = self.known.lock();
        cache.catch_up();
        if cache.forgotten == before {
            cache.tokens.insert(hash, Arc::clone(&known));
        }
        Ok(Some(known))
    }

    /// At most once a minute, and without waiting.
    fn note_use(&self, known: &Known, now: Timestamp) {
        let noted = known.noted.load(Ordering::Relaxed);
        if now.since(Timestamp(noted)) < MINUTE
            || known
                .noted
                .compare_exchange(noted, now.0, Ordering::Relaxed, Ordering::Relaxed)
                .is_err()
        {
            return;
        }
        let (store, id) = (self.store.clone(), known.holder.id);
        actix_web::rt::spawn(async move {
            if let Err(error) = store
                .write(Actor::system(), move |tx| token::used(tx, id, now))
                .await
            {
                tracing::warn!(%error, "the use of a token could not be noted");
            }
        });
    }
}
