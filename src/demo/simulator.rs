//! The simulated phone system: a thread that feeds the one reducer like any other source.

use super::brief_block;
use super::company::Company;
use super::fill::{MADE_AT, PARAMETERS, Story};
use super::people::People;
use super::world::{Seen, World};
use super::{Parameters, SOURCE};
use crate::domain::audit::Actor;
use crate::domain::call::PhoneEvent;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::floor::{Floor, Picture};
use crate::store::{StoreError, seed, setting};
use crate::telephony::events;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often something may happen.
const TICK: Duration = Duration::from_millis(250);

/// The running simulator; dropping it ends the calls that go on and then the thread.
pub struct Simulator {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts it over a demo's database. Calls that an earlier run left open are ended first.
///
/// # Errors
/// When the database can't be read, is not a demo's, or the thread can't be started.
pub fn start(floor: Floor) -> Result<Simulator, StoreError> {
    let mut world = world(&floor)?;
    let open = floor.store().read(|conn| seed::open_legs(conn, SOURCE))?;
    let (stop, stopped) = sync_channel(0);
    // Whoever starts it may be driving the server, and a write waits.
    let run = move || {
        take(&floor, world.resume(open));
        if let Err(error) = brief_block::begin(&floor) {
            tracing::warn!(%error, "the demo goes on without its block that lifts itself");
        }
        while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            let now = floor.store().clock().now();
            let happened = {
                let picture = floor.picture();
                world.step(now, &|id| look(&picture, id))
            };
            take(&floor, happened);
        }
        let now = floor.store().clock().now();
        take(&floor, world.finish(now));
    };
    let thread = std::thread::Builder::new()
        .name("simulator".to_owned())
        .spawn(run);
    Ok(Simulator {
        stop: Some(stop),
        thread: Some(thread.map_err(StoreError::broken)?),
    })
}

/// The people and the company that the demo was made with.
fn world(floor: &Floor) -> Result<World, StoreError> {
    let now = floor.store().clock().now();
    let words = floor.store().read(setting::all)?;
    let word = |name: &str| {
        words
            .get(name)
            .ok_or_else(|| StoreError::broken(format!("no setting {name}")))
    };
    let parameters: Parameters =
        serde_json::from_str(word(PARAMETERS)?).map_err(StoreError::broken)?;
    let made = Timestamp(
        word(MADE_AT)?
            .parse()
            .map_err(|_| StoreError::broken("no time that the demo was made"))?,
    );
    let Parameters { seed, agents, .. } = parameters;
    let story = Story::of(parameters, made);
    let company = Company::new(seed, agents, story.span);
    let people = People::new(seed, agents, story.span, &company);
    let agents = people
        .map(|(agent, _)| agent)
        .filter(|agent| agent.left.is_none())
        .collect();
    Ok(World::new(seed, agents, company, now))
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Dropping the sender wakes the loop at once.
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has said so in the log.
            let _ = thread.join();
        }
    }
}

fn take(floor: &Floor, happened: Vec<PhoneEvent>) {
    if happened.is_empty() {
        return;
    }
    // Later events say all that these did: what is lost heals.
    let by = Actor {
        name: "Simulator".to_owned(),
        ..Actor::system()
    };
    if let Err(error) = events::take_blocking(floor, by, happened) {
        tracing::warn!(%error, "events of the simulator were lost");
    }
}

fn look(picture: &Picture, id: UserId) -> Option<Seen> {
    let status = picture.status_of(id)?;
    let live = &picture.person(id)?.living_agent()?.live;
    Some(Seen {
        status,
        call: live.call,
        duty: live.duty,
        duty_reason: live.duty_reason.as_deref().map(str::to_owned),
        duty_at: live.duty_at,
        device: live.device,
        device_at: live.device_at,
    })
}
