//! What runs by itself: the clock's changes, the seals of the audit log, the purge, the mail, bulk uploads.

mod clock;
mod follow;
pub mod imports;
mod mail;
mod tidy;

use crate::domain::audit::Actor;
use crate::floor::Floor;
use crate::store::import::Desk;
use crate::store::import::commit::Links;
use crate::store::{Keeper, StoreError, lease};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a node keeps its jobs after it was last heard.
const LEASE: Duration = Duration::from_secs(15);
/// How often the lease is renewed.
const RENEW: Duration = Duration::from_secs(5);
/// How often the jobs look whether something is due.
const TICK: Duration = Duration::from_millis(250);

/// The running jobs of this node; they end when this is dropped.
pub struct Jobs {
    stop: Option<SyncSender<()>>,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    mail: Option<JoinHandle<()>>,
    /// Rung at the end, so that nobody sleeps through it.
    desk: Desk,
}

impl Jobs {
    /// Starts the threads. Of several nodes on one database only the holder of the lease acts.
    pub fn start(floor: &Floor) -> Result<Self, StoreError> {
        Self::begin(floor, None)
    }

    /// The same for an install whose key seals the mark of the audit log's end.
    pub fn start_with_key(floor: &Floor, keeper: &Keeper) -> Result<Self, StoreError> {
        Self::begin(floor, Some(keeper.clone()))
    }

    fn begin(floor: &Floor, keeper: Option<Keeper>) -> Result<Self, StoreError> {
        let (stop, stopped) = sync_channel(0);
        let worker = floor.clone();
        let work = move || run(&worker, keeper.as_ref(), &stopped);
        let mut threads = vec![spawn("jobs", work)?];
        let stopping = Arc::new(AtomicBool::new(false));
        threads.extend(follow::start(floor, stopping.clone())?);
        Ok(Self {
            stop: Some(stop),
            stopping,
            threads,
            mail: None,
            desk: Desk::default(),
        })
    }

    /// Plans and carries out bulk uploads too.
    pub fn with_imports(
        mut self,
        floor: &Floor,
        desk: &Desk,
        links: Links,
        rules: imports::Rules,
    ) -> Result<Self, StoreError> {
        let stopping = Arc::clone(&self.stopping);
        let started = imports::start(floor, desk, links, rules, stopping)?;
        self.threads.extend(started);
        self.desk = desk.clone();
        Ok(self)
    }

    /// Sends letters too, on a thread of its own: a mail server may take its time.
    pub fn with_mail(
        mut self,
        floor: &Floor,
        keeper: &Keeper,
        name: String,
    ) -> Result<Self, StoreError> {
        let stopping = Arc::clone(&self.stopping);
        self.mail = Some(mail::start(floor, keeper, name, stopping)?);
        Ok(self)
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        // Dropping the sender wakes the loop at once.
        self.stop = None;
        self.stopping.store(true, Ordering::Release);
        self.desk.ring();
        if let Some(thread) = &self.mail {
            thread.thread().unpark();
        }
        for thread in self.threads.drain(..) {
            // A job that panicked has said so in the log.
            let _ = thread.join();
        }
        if let Some(thread) = self.mail.take() {
            mail::stop(thread);
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(StoreError::broken)
}

fn run(floor: &Floor, keeper: Option<&Keeper>, stopped: &Receiver<()>) {
    let holder: Arc<str> = crate::store::random_hex().into();
    let mut renewed: Option<std::time::Instant> = None;
    let mut tidied: Option<std::time::Instant> = None;
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(TICK) {
        if renewed.is_none_or(|at| at.elapsed() >= RENEW) {
            renewed = report(
                hold(floor, &holder),
                "could not renew the lease of the jobs",
            )
            .unwrap_or(false)
            .then(std::time::Instant::now);
        }
        report(
            clock::lift(floor, renewed.is_some()),
            "could not lift what is due",
        );
        if renewed.is_some() {
            report(clock::follow(floor), "could not follow the clock");
            report(tidy::seal(floor, keeper), "could not seal the audit log");
            report(
                tidy::sort_days(floor),
                "could not sort calls into the new reporting days",
            );
            if tidied.is_none_or(|at| at.elapsed() >= tidy::EVERY) {
                report(tidy::purge(floor), "could not purge what is out of date");
                report(
                    tidy::retain(floor),
                    "could not remove old days of the audit log",
                );
                report(
                    tidy::sweep(floor),
                    "could not remove counts that are out of force",
                );
                tidied = Some(std::time::Instant::now());
            }
        }
    }
    let release = floor.store().write_blocking(Actor::system(), move |tx| {
        lease::release(tx, "jobs", &holder)
    });
    report(release, "could not give the lease of the jobs back");
}

fn hold(floor: &Floor, holder: &Arc<str>) -> Result<bool, StoreError> {
    let holder = holder.clone();
    let micros = LEASE.as_micros() as i64;
    floor.store().write_blocking(Actor::system(), move |tx| {
        lease::hold(tx, "jobs", &holder, micros)
    })
}

fn report<T>(result: Result<T, StoreError>, what: &str) -> Option<T> {
    result
        .inspect_err(|error| tracing::warn!(%error, "{what}"))
        .ok()
}
