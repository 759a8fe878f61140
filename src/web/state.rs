//! What every handler may use.

use crate::config::Config;
use crate::domain::time::Clock;
use crate::floor::Floor;
use crate::store::{Conn, Keeper, Store, StoreError};
use crate::web::agents::drawn::DrawnRows;
use crate::web::dashboard::hours::HoursCache;
use crate::web::error::AppError;
use crate::web::sessions::{Hasher, Limits, Sessions, Throttle, Tokens};
use actix_web::web;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// A sign-in that everyone may know.
#[derive(Clone, Debug)]
pub struct Shown {
    pub login_id: String,
    pub password: String,
}

/// Handed to handlers as `web::Data<AppState>`.
pub struct AppState {
    pub config: Arc<Config>,
    pub clock: Clock,
    pub store: Store,
    /// Has the key of what is sealed.
    pub keeper: Keeper,
    /// How people reach the console: what links begin with. Never taken from a request.
    pub url: String,
    pub floor: Floor,
    pub sessions: Sessions,
    pub tokens: Tokens,
    pub hasher: Hasher,
    pub throttle: Throttle,
    pub hours: HoursCache,
    pub rows: DrawnRows,
    /// Shown on the sign-in page of a demo.
    pub demo: Option<Shown>,
    /// Turns true when the server stops: streams end, so that it need not wait for them.
    pub closing: watch::Receiver<bool>,
    /// A database is a demo's from its first day or never.
    simulated: bool,
    /// Nobody has set the install up yet.
    waits_for_set_up: AtomicBool,
}

impl AppState {
    /// # Errors
    /// When the threads that check passwords can't start, or the database can't be read.
    pub fn new(
        config: Arc<Config>,
        floor: Floor,
        keeper: Keeper,
        url: String,
        demo: Option<Shown>,
        closing: watch::Receiver<bool>,
    ) -> Result<Self, AppError> {
        let store = floor.store().clone();
        let waits = store.read(crate::store::sign_in::is_new_install)?;
        let simulated = floor.picture().install().simulated;
        let limits = Limits::new(config.session_idle, config.session_absolute);
        Ok(Self {
            config,
            clock: store.clock().clone(),
            sessions: Sessions::new(store.clone(), limits, floor.subscribe()),
            tokens: Tokens::new(store.clone(), floor.subscribe()),
            hasher: Hasher::start()?,
            throttle: Throttle::default(),
            hours: HoursCache::default(),
            rows: DrawnRows::default(),
            store,
            keeper,
            url,
            simulated,
            floor,
            demo,
            closing,
            waits_for_set_up: AtomicBool::new(waits),
        })
    }

    /// Reads the database without holding up other requests.
    pub async fn read<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Conn) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, AppError> {
        let store = self.store.clone();
        Ok(web::block(move || store.read(act)).await??)
    }

    pub fn waits_for_set_up(&self) -> bool {
        self.waits_for_set_up.load(Ordering::Acquire)
    }

    pub fn is_set_up(&self) {
        self.waits_for_set_up.store(false, Ordering::Release);
    }

    /// The phone system is a simulation. Does not ask the floor: pages call this while they hold its
    /// picture, and to take it twice would wait for a writer that waits for us.
    pub fn simulated(&self) -> bool {
        self.simulated
    }
}
