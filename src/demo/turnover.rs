//! Who should be on duty, on a break or at home by the rota, for the simulator to bring about.

use super::calendar;
use super::people::{Agent, DAY, Phone};
use super::rota::{Shifts, Work, work};
use super::world::Eyes;
use crate::domain::call::ReportedState;
use crate::domain::day_range::Day;
use crate::domain::ids::UserId;
use crate::domain::status::{Device, Duty};
use crate::domain::time::{MINUTE, Timestamp};

/// What has to happen to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Register,
    Unregister,
    Duty(ReportedState, Option<&'static str>),
}

/// Goes through the agents, a few at each step.
pub struct Rota {
    seed: u64,
    next: usize,
    day: Option<Day>,
    shifts: Vec<(Day, Shifts)>,
}

/// All agents are looked at within so many steps of the simulator.
const ROUND: usize = 120;
/// Changes at one step.
const AT_ONCE: usize = 5;

impl Rota {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            next: 0,
            day: None,
            shifts: Vec::new(),
        }
    }

    /// Which agents should change now, by place.
    pub fn wanted(
        &mut self,
        agents: &[Agent],
        now: Timestamp,
        eyes: Eyes<'_>,
    ) -> Vec<(usize, Wanted)> {
        let today = calendar().day_of(now);
        if self.day != Some(today) {
            self.day = Some(today);
            self.shifts = [-1, 0, 1]
                .map(|days| (today.plus(days), Shifts::on(today.plus(days))))
                .into();
        }
        let mut wanted = Vec::new();
        for _ in 0..(agents.len() / ROUND).max(20).min(agents.len()) {
            self.next = (self.next + 1) % agents.len();
            self.look(&agents[self.next], now, eyes, &mut wanted);
            if wanted.len() >= AT_ONCE {
                break;
            }
        }
        wanted
    }

    fn look(
        &self,
        agent: &Agent,
        now: Timestamp,
        eyes: Eyes<'_>,
        wanted: &mut Vec<(usize, Wanted)>,
    ) {
        if agent.left.is_some() || agent.decision().is_some() {
            return;
        }
        let Some(seen) = eyes(UserId(agent.id)) else {
            return;
        };
        let mut works = self
            .shifts
            .iter()
            .filter_map(|(day, shifts)| work(self.seed, agent, shifts, *day));
        let place = self.next;
        let last = works.rfind(|work| work.from <= now);
        let (since, duty, reason) = segment(last.as_ref(), now);
        // What came after the last turn of the rota is somebody's decision, and stands.
        if agent.extension == Some(Phone::Soft) {
            let there = last.as_ref().is_some_and(|work| now < work.to.plus(MINUTE));
            let turned =
                last.as_ref().map_or(
                    now.plus(-DAY),
                    |work| if there { work.from } else { work.to },
                );
            match (there, seen.device) {
                _ if seen.device_at > turned => {}
                (true, Device::Unregistered | Device::Unknown) => {
                    wanted.push((place, Wanted::Register))
                }
                (false, Device::Registered) => wanted.push((place, Wanted::Unregister)),
                (true, Device::Registered) | (false, Device::Unregistered | Device::Unknown) => {}
            }
        }
        if agent.login_based && seen.duty != duty && seen.duty_at < since {
            let state = match duty {
                Duty::On => ReportedState::SignedIn,
                Duty::Paused => ReportedState::Paused,
                Duty::Off => ReportedState::Offline,
            };
            wanted.push((place, Wanted::Duty(state, reason)));
        }
    }
}

/// What the rota says of now, and since when.
fn segment(last: Option<&Work>, now: Timestamp) -> (Timestamp, Duty, Option<&'static str>) {
    let Some(work) = last else {
        return (now.plus(-DAY), Duty::Off, None);
    };
    if now >= work.to {
        return (work.to, Duty::Off, None);
    }
    let mut since = work.from;
    for ((from, to), reason) in [(work.lunch, "lunch"), (work.tea, "tea break")] {
        if from <= now && now < to {
            return (from, Duty::Paused, Some(reason));
        }
        if to <= now && from < to {
            since = to;
        }
    }
    (since, Duty::On, None)
}
