//! The floor: a picture of everyone in memory, which answers every list, and who is told of changes.

mod bits;
mod check;
mod counts;
mod directory;
mod export;
mod follow;
mod glance;
mod groups;
mod hot;
mod hub;
mod load;
mod members;
mod picture;
mod query;
mod rank;
mod reach;
mod records;
mod routing;
mod search;
mod slice;
mod sorting;
mod statuses;
mod users;

pub use check::{Difference, can_load};
pub use counts::{KEPT_DAYS, Tally};
pub use directory::Contact;
pub use export::Order;
pub use hub::Announcement;
pub use picture::{Numbers, Picture};
pub use query::{Leavers, Older, Page, Row};
pub use records::Records;
pub use slice::Slice;
pub use users::{AgentFacet, UserRow, UserSlice, UsersPage};

use crate::domain::audit::Actor;
use crate::domain::day_range::DaySpan;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::store::{self, Store, StoreError, Tx, changes};
use follow::Follower;
use hub::Hub;
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::{broadcast, watch};

/// A handle to the picture and to the one way of writing.
#[derive(Clone)]
pub struct Floor {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    picture: RwLock<Picture>,
    hub: Hub,
    /// When a source of live state was heard last.
    heard: Mutex<Option<Timestamp>>,
    /// The picture missed something and has to be read anew.
    stale: AtomicBool,
    /// Counts the days loaded, for pages that wait.
    loading: watch::Sender<u64>,
}

impl Floor {
    /// Reads people and records, then follows every write. Counts are loaded by a thread, newest
    /// first; a page waits for its days with [`Floor::loaded`].
    pub fn load(store: Store) -> Result<Self, StoreError> {
        let mut conn = store.job_connection()?;
        // Whatever is written from here on is seen by following, so nothing can fall in between.
        let cursor = changes::end(&mut conn)?;
        let picture = load::picture_at_once(&mut conn, &store)?;
        let heard = store::source::last_heard(&mut conn)?;
        let generation = picture.install().count_generation;
        let shared = Arc::new(Shared {
            store: store.clone(),
            picture: RwLock::new(picture),
            hub: Hub::new(),
            heard: Mutex::new(heard),
            stale: AtomicBool::new(false),
            loading: watch::Sender::new(0),
        });
        store.observe(Box::new(Follower {
            shared: Arc::downgrade(&shared),
            cursor,
            data_version: None,
            met: false,
        }))?;
        let floor = Self { shared };
        let loader = floor.clone();
        std::thread::Builder::new()
            .name("counts".to_owned())
            .spawn(move || loader.load_counts(&mut conn, generation))
            .map_err(StoreError::broken)?;
        Ok(floor)
    }

    fn load_counts(&self, conn: &mut store::Conn, generation: i32) {
        let done = load::counts(conn, generation, |step| {
            let mut picture = self.shared.picture.write();
            // A reload that came between has loaded everything already.
            if !picture.counts.is_complete() {
                picture.load_counts(&step);
            }
            drop(picture);
            self.shared.loading.send_modify(|steps| *steps += 1);
        });
        if let Err(error) = done {
            tracing::error!(%error, "could not load the counts; reading everything again");
            self.shared
                .stale
                .store(true, std::sync::atomic::Ordering::Release);
        }
    }

    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// The picture, for as long as the guard is held: keep it short, writers wait.
    pub fn picture(&self) -> RwLockReadGuard<'_, Picture> {
        self.shared.picture.read()
    }

    /// Waits until the days of a span are loaded.
    pub async fn loaded(&self, span: DaySpan) {
        let mut steps = self.shared.loading.subscribe();
        while !self.shared.picture.read().counts.covers(span) {
            if steps.changed().await.is_err() {
                return;
            }
        }
    }

    /// The sums of that part of a span that is too old to be kept in memory. Blocks.
    pub fn older(&self, span: DaySpan) -> Result<Older, StoreError> {
        let (older, generation) = {
            let picture = self.shared.picture.read();
            (
                picture.counts.older_than_kept(span),
                picture.install.count_generation,
            )
        };
        let Some(span) = older else {
            return Ok(Older::new());
        };
        let rows = self
            .shared
            .store
            .read(|conn| store::count::by_agent(conn, generation, span))?;
        Ok(rows
            .into_iter()
            .map(|(id, answered, missed)| (id, Tally { answered, missed }))
            .collect())
    }

    /// A span reaches further back than the picture, so [`Floor::older`] is needed.
    pub fn needs_older(&self, span: DaySpan) -> bool {
        self.shared
            .picture
            .read()
            .counts
            .older_than_kept(span)
            .is_some()
    }

    /// Tells of every change from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Announcement>> {
        self.shared.hub.subscribe()
    }

    /// Writes; when it returns, the picture shows what was written.
    pub async fn write<T: Send + 'static>(
        &self,
        by: Actor,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.shared.store.write(by, act).await
    }

    /// The same for a write that changes one agent, which is quicker where many do so at once.
    pub async fn write_about<T: Send + 'static>(
        &self,
        by: Actor,
        agent: UserId,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.shared.store.write_about(by, agent, act).await
    }
}
