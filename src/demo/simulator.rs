//! A simulated phone system: calls that ring, are answered and end, pauses, phones that drop out.
//!
//! It speaks the same events as a real one and knows agents only as the list shows them.

mod acts;

use super::SOURCE;
use super::random::{Random, Stream};
use crate::domain::audit::Actor;
use crate::domain::call::{EventBody, PhoneEvent, Sequence};
use crate::domain::time::{SECOND, Timestamp};
use crate::floor::Floor;
use crate::store::StoreError;
use crate::telephony::events;
use acts::Acts;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often something may happen.
const STEP: Duration = Duration::from_millis(250);
/// How often it says that it lives.
const HEARTBEAT: i64 = 20 * SECOND;

/// The running simulator; it ends when this is dropped.
pub struct Simulator {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // If it panicked, the log has said so.
            let _ = thread.join();
        }
    }
}

/// Starts the simulator on a thread of its own.
///
/// # Errors
/// When the thread can't be started.
pub fn start(floor: Floor, seed: u64) -> Result<Simulator, StoreError> {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let thread = std::thread::Builder::new()
        .name("simulator".to_owned())
        .spawn(move || Machine::new(floor, seed).run(&stopped))
        .map_err(StoreError::broken)?;
    Ok(Simulator {
        stop,
        thread: Some(thread),
    })
}

struct Machine {
    floor: Floor,
    acts: Acts,
    run: String,
    sent: u64,
    heartbeat_at: Timestamp,
}

impl Machine {
    fn new(floor: Floor, seed: u64) -> Self {
        // Each start tells another story, since the clock went on meanwhile.
        let now = floor.store().clock().now();
        let random = Random::of(seed, Stream::Simulator, now.0 as u64);
        Self {
            acts: Acts::new(random, now),
            floor,
            run: format!("{:x}", now.0),
            sent: 0,
            heartbeat_at: now,
        }
    }

    fn run(mut self, stop: &AtomicBool) {
        let now = self.floor.store().clock().now();
        let snapshot = EventBody::Snapshot {
            registered: acts::registered(&self.floor.picture()),
            calls: Vec::new(),
        };
        self.send(now, vec![snapshot]);
        while !stop.load(Ordering::Acquire) {
            std::thread::sleep(STEP);
            let now = self.floor.store().clock().now();
            let mut bodies = self.acts.step(&self.floor.picture(), now);
            if now >= self.heartbeat_at {
                bodies.push(EventBody::Heartbeat);
                self.heartbeat_at = now.plus(HEARTBEAT);
            }
            self.send(now, bodies);
        }
    }

    fn send(&mut self, at: Timestamp, bodies: Vec<EventBody>) {
        if bodies.is_empty() {
            return;
        }
        let events = bodies
            .into_iter()
            .map(|body| self.event(at, body))
            .collect();
        let by = Actor {
            name: "Simulator".to_owned(),
            ..Actor::system()
        };
        if let Err(error) = events::take_blocking(&self.floor, by, events) {
            tracing::warn!(%error, "the simulated phone system could not store its events");
        }
    }

    fn event(&mut self, at: Timestamp, body: EventBody) -> PhoneEvent {
        self.sent += 1;
        PhoneEvent {
            id: format!("{}-{}", self.run, self.sent),
            source: SOURCE.to_owned(),
            at,
            sequence: Sequence(self.sent.to_string()),
            body,
        }
    }
}
