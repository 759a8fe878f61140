//! Sends the letters that wait, one after another, on the node that has the lease of the mail.

use super::{report, spawn};
use crate::domain::audit::Actor;
use crate::domain::mail::PASSWORD_PLACE;
use crate::floor::Floor;
use crate::mail::Post;
use crate::store::mail::{self, Waiting};
use crate::store::{Keeper, StoreError, lease};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the queue is looked at.
const TICK: Duration = Duration::from_millis(500);
/// So many times five milliseconds the end is waited for.
const FAREWELL: u32 = 200;
/// Longer than one letter can take.
const LEASE: Duration = Duration::from_secs(120);

/// Everything that the thread works with.
struct Postman {
    floor: Floor,
    keeper: Keeper,
    /// What this machine calls itself.
    name: String,
    holder: Arc<str>,
}

pub fn start(
    floor: &Floor,
    keeper: &Keeper,
    name: String,
    stop: Arc<AtomicBool>,
) -> Result<JoinHandle<()>, StoreError> {
    let postman = Postman {
        floor: floor.clone(),
        keeper: keeper.clone(),
        name,
        holder: crate::store::random_hex().into(),
    };
    spawn("mail", move || postman.work(&stop))
}

/// Waits for the thread's end, but not for a mail server that does not answer: the letter is still in the
/// queue, and the next start tries it again.
pub fn stop(thread: JoinHandle<()>) {
    for _ in 0..FAREWELL {
        if thread.is_finished() {
            // A panic has said so in the log.
            let _ = thread.join();
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl Postman {
    fn work(&self, stop: &AtomicBool) {
        let mut held = false;
        while !stop.load(Ordering::Acquire) {
            let sent = report(self.deliver_one(), "could not look after the mail");
            held |= sent == Some(true);
            if sent != Some(true) {
                std::thread::park_timeout(TICK);
            }
        }
        if held {
            let holder = Arc::clone(&self.holder);
            let released = self.write(move |tx| lease::release(tx, "mail", &holder));
            report(released, "could not give the lease of the mail back");
        }
    }

    /// Tries the letter that has waited longest; `false` when there is nothing to do here.
    fn deliver_one(&self) -> Result<bool, StoreError> {
        let store = self.floor.store();
        let now = store.clock().now();
        let has_server = self.floor.picture().install().mail.is_some();
        if !has_server || !store.read(|conn| mail::is_due(conn, now))? {
            return Ok(false);
        }
        let holder = Arc::clone(&self.holder);
        let micros = i64::try_from(LEASE.as_micros()).unwrap_or(i64::MAX);
        let holds = self.write(move |tx| lease::hold(tx, "mail", &holder, micros))?;
        if !holds {
            return Ok(false);
        }
        match self.write(mail::take)? {
            None => Ok(false),
            Some(waiting) => self.send(waiting).map(|()| true),
        }
    }

    fn send(&self, waiting: Waiting) -> Result<(), StoreError> {
        let (server, install) = {
            let picture = self.floor.picture();
            let install = picture.install();
            (install.mail.clone(), install.name.clone())
        };
        let Some(server) = server else { return Ok(()) };
        let letter = waiting.letter(&self.keeper)?;
        let password = match server.sealed_password.as_str() {
            "" => Vec::new(),
            sealed => self.keeper.open(sealed, PASSWORD_PLACE)?,
        };
        let post = Post {
            server: &server,
            password: &String::from_utf8_lossy(&password),
            name: &self.name,
            install: &install,
        };
        let id = format!("{}.{}", waiting.id, waiting.created_at.0);
        let now = self.floor.store().clock().now();
        match post.send(&waiting.recipient, &letter, &id, now) {
            Ok(()) => self.write(move |tx| mail::sent(tx, &waiting)),
            Err(error) if error.is_final() => {
                tracing::warn!(%error, letter = waiting.id, "a letter was given up");
                self.write(move |tx| mail::rejected(tx, &waiting))
            }
            Err(error) => {
                let tries = waiting.tries();
                tracing::warn!(%error, letter = waiting.id, tries, "a letter waits for another try");
                let why = error.to_string();
                self.write(move |tx| mail::failed(tx, &waiting, &why))
            }
        }
    }

    fn write<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut crate::store::Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.floor.store().write_blocking(Actor::system(), act)
    }
}
