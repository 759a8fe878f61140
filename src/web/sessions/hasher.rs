//! Checks passwords on a few threads of its own, so that guessing never starves the pages.

use crate::domain::password;
use crate::web::error::AppError;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;
use tokio::sync::oneshot;

/// Checks that may wait; more are told to come back. At 15 ms each the last one waits a second.
const WAITING: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// A bounded pool: each running check takes 19 MiB.
#[derive(Clone)]
pub struct Hasher {
    queue: SyncSender<Job>,
    /// Verified in place of the hash that an unknown or blocked person does not have.
    decoy: Arc<str>,
}

/// What a password was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right {
        /// A hash with today's parameters, if the stored one is older.
        renewed: Option<String>,
    },
}

impl Hasher {
    /// Starts the threads; they end with the last handle.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start() -> Result<Self, AppError> {
        let (queue, jobs) = sync_channel(WAITING);
        let jobs = Arc::new(parking_lot::Mutex::new(jobs));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..(cores / 2).clamp(1, 4) {
            let jobs = Arc::clone(&jobs);
            std::thread::Builder::new()
                .name("passwords".to_owned())
                .spawn(move || work(&jobs))
                .map_err(AppError::internal)?;
        }
        Ok(Self {
            queue,
            decoy: password::decoy().into(),
        })
    }

    /// Takes as long whether or not there is a hash to check against.
    pub async fn verify(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<Verdict, AppError> {
        let decoy = Arc::clone(&self.decoy);
        self.run(move || match stored {
            None => {
                password::verify(&password, &decoy);
                Verdict::Wrong
            }
            Some(stored) if password::verify(&password, &stored) => Verdict::Right {
                renewed: password::is_outdated(&stored)
                    .then(|| password::hash(&password).ok())
                    .flatten(),
            },
            Some(_) => Verdict::Wrong,
        })
        .await
    }

    pub async fn hash(&self, password: String) -> Result<String, AppError> {
        self.run(move || password::hash(&password))
            .await?
            .map_err(AppError::internal)
    }

    async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Nobody may be waiting any more: then the answer is not needed.
            let _ = reply.send(act());
        });
        match self.queue.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                return Err(AppError::TooMany {
                    retry_after: Duration::from_secs(2),
                });
            }
            Err(TrySendError::Disconnected(_)) => {
                return Err(AppError::internal("no thread checks passwords"));
            }
        }
        answer.await.map_err(AppError::internal)
    }
}

fn work(jobs: &parking_lot::Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().recv();
        match job {
            // A panic in one check must not take the thread from the others.
            Ok(job) => drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(job))),
            Err(_) => return,
        }
    }
}
