//! Listens to Postgres for the writes of other nodes, so that the picture follows at once.

use super::spawn;
use crate::floor::Floor;
use crate::store::{StoreError, listen::Listener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Pause between looks at the connection: it can't be waited on.
const PAUSE: Duration = Duration::from_millis(20);
/// Pause before a lost connection is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Starts the listener; SQLite has no other nodes, only programs whose writes the writer looks for.
pub fn start(floor: &Floor, stop: Arc<AtomicBool>) -> Result<Option<JoinHandle<()>>, StoreError> {
    if !floor.store().has_other_nodes() {
        return Ok(None);
    }
    let store = floor.store().clone();
    let following = move || {
        while !stop.load(Ordering::Acquire) {
            let Ok(mut listener) = Listener::open(&store) else {
                store.set_deaf(true);
                std::thread::sleep(RETRY);
                continue;
            };
            // First what was missed, then memory is to be believed again.
            if store.look().is_err() {
                return;
            }
            store.set_deaf(false);
            while let Ok(heard) = listener.heard() {
                if stop.load(Ordering::Acquire) || (heard && store.look().is_err()) {
                    return;
                }
                std::thread::sleep(PAUSE);
            }
            store.set_deaf(true);
            tracing::warn!("the listener for other nodes was lost; connecting again");
        }
    };
    spawn("listener", following).map(Some)
}
