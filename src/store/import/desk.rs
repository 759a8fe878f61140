//! What this node is doing with uploads at the moment: how far it has come, and who wants it to stop. In memory,
//! because a transaction that carries out a whole plan can be seen by nobody until it ends.

use super::Import;
use crate::domain::ids::ImportId;
use parking_lot::{Condvar, Mutex};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A step that takes its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Plan,
    Commit,
    Undo,
}

/// How far a step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub phase: Phase,
    pub done: u64,
    /// 0 while nobody knows: a file is counted while it is read the first time.
    pub total: u64,
    /// Rows; none until there is something to go by, or when another node does it.
    pub per_second: Option<u64>,
    pub left: Option<Duration>,
}

/// A handle; clones share one desk.
#[derive(Clone, Default)]
pub struct Desk(Arc<Inner>);

#[derive(Default)]
struct Inner {
    running: Mutex<HashMap<ImportId, Arc<Step>>>,
    rung: Mutex<u64>,
    bell: Condvar,
}

struct Step {
    phase: Phase,
    began: Instant,
    /// Rows that were done before it began: after a restart.
    before: AtomicU64,
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
}

/// A step under way; taken off the desk when this is dropped.
pub struct Running {
    desk: Desk,
    id: ImportId,
    step: Arc<Step>,
}

impl Desk {
    /// Puts a step on the desk.
    pub fn begin(&self, id: ImportId, phase: Phase, total: u64) -> Running {
        let step = Arc::new(Step {
            phase,
            began: Instant::now(),
            before: AtomicU64::new(0),
            done: AtomicU64::new(0),
            total: AtomicU64::new(total),
            cancelled: AtomicBool::new(false),
        });
        self.0.running.lock().insert(id, Arc::clone(&step));
        Running {
            desk: self.clone(),
            id,
            step,
        }
    }

    /// Asks the step under way to stop; whoever cancels writes that as well.
    pub fn cancel(&self, id: ImportId) {
        if let Some(step) = self.0.running.lock().get(&id) {
            step.cancelled.store(true, Ordering::Release);
        }
    }

    /// How far an upload has come; none when nothing is under way.
    pub fn progress(&self, import: &Import) -> Option<Progress> {
        use super::State;
        if let Some(step) = self.0.running.lock().get(&import.id) {
            return Some(step.progress());
        }
        let phase = match import.state {
            State::Planning => Phase::Plan,
            State::Committing => Phase::Commit,
            State::Undoing => Phase::Undo,
            State::Uploading
            | State::Unreadable
            | State::Planned
            | State::Committed
            | State::Cancelled
            | State::Failed
            | State::Undone
            | State::Expired => return None,
        };
        // It waits, or another node does it.
        Some(Progress {
            phase,
            done: import.place,
            total: match phase {
                Phase::Plan => 0,
                Phase::Commit | Phase::Undo => import.counts.rows,
            },
            per_second: None,
            left: None,
        })
    }

    /// Says that there is something to do, so that nobody waits for the next look.
    pub fn ring(&self) {
        *self.0.rung.lock() += 1;
        self.0.bell.notify_all();
    }

    /// Waits until it rings or the time is over; `heard` is what was heard before.
    pub fn wait(&self, heard: &mut u64, most: Duration) {
        let mut rung = self.0.rung.lock();
        if *rung == *heard {
            self.0.bell.wait_for(&mut rung, most);
        }
        *heard = *rung;
    }
}

impl Step {
    fn progress(&self) -> Progress {
        let (done, total) = (
            self.done.load(Ordering::Acquire),
            self.total.load(Ordering::Acquire),
        );
        let seconds = self.began.elapsed().as_secs_f64();
        let here = done.saturating_sub(self.before.load(Ordering::Acquire));
        let rate = (here > 0 && seconds > 0.1).then(|| here as f64 / seconds);
        let left = rate.filter(|_| total >= done && total > 0);
        Progress {
            phase: self.phase,
            done,
            total,
            per_second: rate.map(|rate| rate as u64),
            left: left.map(|rate| Duration::from_secs_f64((total - done) as f64 / rate)),
        }
    }
}

impl Running {
    /// Goes on after so many rows.
    pub fn begin_at(&self, done: u64) {
        self.step.before.store(done, Ordering::Release);
        self.set(done);
    }

    pub fn advance(&self, rows: u64) {
        self.step.done.fetch_add(rows, Ordering::AcqRel);
    }

    pub fn set(&self, done: u64) {
        self.step.done.store(done, Ordering::Release);
    }

    pub fn set_total(&self, total: u64) {
        self.step.total.store(total, Ordering::Release);
    }

    /// Somebody wants it to stop.
    pub fn is_cancelled(&self) -> bool {
        self.step.cancelled.load(Ordering::Acquire)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.desk.0.running.lock().remove(&self.id);
    }
}
