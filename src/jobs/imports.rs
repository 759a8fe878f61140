//! Bulk uploads: plans files, carries plans out, takes them back. Two threads, so that nobody waits for a plan while
//! another upload is carried out. Every step is checked where it is written; the lease only saves work.

mod carry;
mod plan;

use super::{report, spawn};
use crate::domain::audit::Actor;
use crate::domain::ids::ImportId;
use crate::domain::import::Limits;
use crate::floor::Floor;
use crate::store::import::commit::Links;
use crate::store::import::{Desk, State, expire, waiting};
use crate::store::{StoreError, Tx, lease};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often it is looked whether another node left something to do.
const TICK: Duration = Duration::from_millis(500);
/// How long a node keeps an upload after it was last heard.
const LEASE: Duration = Duration::from_secs(15);
const RENEW: Duration = Duration::from_secs(4);
/// How often it is looked for what nobody needs any more.
const TIDY: Duration = Duration::from_secs(600);
/// Rows removed in one transaction.
const CLEARED_AT_ONCE: i64 = 5_000;

/// What uploads are held to.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub limits: Limits,
    /// Microseconds for which a plan waits for somebody to carry it out.
    pub keep: i64,
}

/// Everything that the threads work with.
#[derive(Clone)]
struct Clerk {
    floor: Floor,
    desk: Desk,
    links: Links,
    rules: Rules,
    holder: Arc<str>,
    stop: Arc<AtomicBool>,
}

pub fn start(
    floor: &Floor,
    desk: &Desk,
    links: Links,
    rules: Rules,
    stop: Arc<AtomicBool>,
) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let clerk = Clerk {
        floor: floor.clone(),
        desk: desk.clone(),
        links,
        rules,
        holder: crate::store::random_hex().into(),
        stop,
    };
    let carrier = clerk.clone();
    Ok(vec![
        spawn("plans", move || clerk.work(&[State::Planning]))?,
        spawn("uploads", move || {
            carrier.work(&[State::Committing, State::Undoing]);
        })?,
    ])
}

/// Does once, on the caller's thread, what uploads wait for: for a program that serves nobody.
///
/// # Errors
/// Of the step that failed; the rest waits for another go.
pub fn run_waiting(
    floor: &Floor,
    desk: &Desk,
    links: Links,
    rules: Rules,
) -> Result<(), StoreError> {
    let clerk = Clerk {
        floor: floor.clone(),
        desk: desk.clone(),
        links,
        rules,
        holder: crate::store::random_hex().into(),
        stop: Arc::new(AtomicBool::new(false)),
    };
    for states in [&[State::Planning][..], &[State::Committing, State::Undoing]] {
        for id in floor.store().read(|conn| waiting(conn, states))? {
            clerk.take(id, states)?;
        }
    }
    Ok(())
}

impl Clerk {
    fn work(&self, states: &[State]) {
        let (mut heard, mut tidied) = (0, None::<Instant>);
        while !self.stops() {
            let found = self.floor.store().read(|conn| waiting(conn, states));
            for id in report(found, "could not look for uploads").unwrap_or_default() {
                report(self.take(id, states), "an upload has to be tried again");
            }
            if states.contains(&State::Planning) && tidied.is_none_or(|at| at.elapsed() >= TIDY) {
                report(self.tidy(), "could not clear old uploads");
                tidied = Some(Instant::now());
            }
            self.desk.wait(&mut heard, TICK);
        }
    }

    fn stops(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Does what an upload waits for, unless another node does.
    fn take(&self, id: ImportId, states: &[State]) -> Result<(), StoreError> {
        let hold = Hold::take(self, id)?;
        let Some(mut hold) = hold.filter(|_| !self.stops()) else {
            return Ok(());
        };
        match states.contains(&State::Planning) {
            true => self.plan(id, &mut hold)?,
            false => self.carry(id, &mut hold)?,
        }
        hold.release()
    }

    fn write<T: Send + 'static>(
        &self,
        by: &Actor,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.floor.store().write_blocking(by.clone(), act)
    }

    fn tidy(&self) -> Result<(), StoreError> {
        let store = self.floor.store();
        let (now, keep) = (store.clock().now(), self.rules.keep);
        let system = Actor::system();
        for id in store.read(|conn| expire::due(conn, now, keep))? {
            self.write(&system, move |tx| expire::expire(tx, id, keep))?;
        }
        for id in store.read(|conn| expire::spent(conn, now))? {
            while self.write(&system, move |tx| expire::clear(tx, id, CLEARED_AT_ONCE))? {}
        }
        self.write(&system, expire::forget_mappings)
    }
}

/// The lease of one upload. A SQLite file has one server, but a shell may work beside it.
struct Hold<'a> {
    clerk: &'a Clerk,
    name: Arc<str>,
    renewed: Instant,
}

impl<'a> Hold<'a> {
    fn take(clerk: &'a Clerk, id: ImportId) -> Result<Option<Self>, StoreError> {
        let hold = Self {
            clerk,
            name: format!("import:{id}").into(),
            renewed: Instant::now(),
        };
        Ok(hold.write()?.then_some(hold))
    }

    fn write(&self) -> Result<bool, StoreError> {
        let (name, holder) = (Arc::clone(&self.name), Arc::clone(&self.clerk.holder));
        let micros = i64::try_from(LEASE.as_micros()).unwrap_or(i64::MAX);
        self.clerk.write(&Actor::system(), move |tx| {
            lease::hold(tx, &name, &holder, micros)
        })
    }

    /// Keeps it, now and then; `false`: another node has it.
    fn renew(&mut self) -> Result<bool, StoreError> {
        if self.renewed.elapsed() < RENEW {
            return Ok(true);
        }
        self.renewed = Instant::now();
        self.write()
    }

    fn release(self) -> Result<(), StoreError> {
        let (name, holder) = (Arc::clone(&self.name), Arc::clone(&self.clerk.holder));
        self.clerk.write(&Actor::system(), move |tx| {
            lease::release(tx, &name, &holder)
        })
    }
}
