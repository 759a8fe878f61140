//! Tells the open streams that something changed.

use crate::domain::ids::UserId;
use crate::store::RecordKind;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Announcements that a slow listener may fall behind before it has to look at everything again.
const BEHIND: usize = 1_024;

/// What one batch of writes changed. The picture shows it already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    /// The number of the change.
    pub seq: u64,
    pub people: Vec<UserId>,
    pub records: Vec<(RecordKind, i64)>,
    /// Too much to name: everything may have changed.
    pub everything: bool,
}

#[derive(Clone)]
pub struct Hub {
    sender: broadcast::Sender<Arc<Announcement>>,
}

impl Hub {
    pub fn new() -> Self {
        Self {
            sender: broadcast::Sender::new(BEHIND),
        }
    }

    pub fn announce(&self, announcement: Announcement) {
        // Nobody listening is no fault.
        let _ = self.sender.send(Arc::new(announcement));
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Announcement>> {
        self.sender.subscribe()
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}
