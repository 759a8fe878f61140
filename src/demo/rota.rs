//! Who works when: an agent's shift of a day with its breaks, and who can take a call in each half
//! hour.

use super::hours::TIME_GROUPS;
use super::people::Agent;
use super::random::{Random, Stream};
use crate::domain::day_range::Day;
use crate::domain::status::AdminState;
use crate::domain::time::{MINUTE, Timestamp};

/// The grain of who is there.
pub const SLOT: i64 = 30 * MINUTE;

/// One agent's work of one shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// On duty, off duty.
    pub from: Timestamp,
    pub to: Timestamp,
    /// Each from–to, inside the shift or empty.
    pub lunch: (Timestamp, Timestamp),
    pub tea: (Timestamp, Timestamp),
}

impl Work {
    /// Whether the agent takes calls in the half hour that begins at `at`.
    fn covers(&self, at: Timestamp) -> bool {
        let end = at.plus(SLOT);
        let free = |(from, to): (Timestamp, Timestamp)| end <= from || to <= at;
        self.from < end && self.to > at && free(self.lunch) && free(self.tea)
    }
}

/// The shifts of all time groups and turns that begin on one date.
pub struct Shifts(Vec<[Option<(Timestamp, Timestamp)>; 3]>);

impl Shifts {
    pub fn on(day: Day) -> Self {
        Self(
            TIME_GROUPS
                .iter()
                .map(|hours| [0, 1, 2].map(|turn| hours.shift(turn, day)))
                .collect(),
        )
    }

    fn of(&self, agent: &Agent) -> Option<(Timestamp, Timestamp)> {
        self.0[usize::from(agent.hours)][usize::from(agent.turn)]
    }
}

/// What the agent works in the shift that begins on this date, if they do.
pub fn work(seed: u64, agent: &Agent, shifts: &Shifts, day: Day) -> Option<Work> {
    let (start, end) = shifts.of(agent)?;
    if end < agent.joined || agent.left.is_some_and(|left| left < end) {
        return None;
    }
    // Two days of rest where the time group has none.
    if TIME_GROUPS[usize::from(agent.hours)].all_week() && (i64::from(day.0) + agent.id) % 7 < 2 {
        return None;
    }
    let mut random = Random::of(seed, Stream::Rota, (agent.place << 24) ^ day.0 as u64);
    if random.percent(4.0) {
        return None;
    }
    let from = start
        .plus(random.between(-180, 420) * 1_000_000)
        .max(agent.joined);
    let to = end.plus(random.between(0, 900) * 1_000_000);
    let slots = (end.since(start) / SLOT).max(1);
    let lunch_slot = slots / 2 + random.between(-2, 1);
    let tea_slot = lunch_slot + random.between(3, 5);
    let pause = |random: &mut Random, slot: i64, minutes: i64| {
        let at = start.plus(slot * SLOT + random.between(0, 240) * 1_000_000);
        (
            at,
            at.plus(minutes * MINUTE + random.between(-60, 60) * 1_000_000),
        )
    };
    let lunch = pause(&mut random, lunch_slot, 25);
    let tea = pause(&mut random, tea_slot, 13);
    cut(
        agent,
        Work {
            from,
            to,
            lunch,
            tea,
        },
    )
}

/// Who is blocked or disabled stays away, from the moment of the decision on.
fn cut(agent: &Agent, mut work: Work) -> Option<Work> {
    for decision in &agent.decisions {
        match decision.state {
            AdminState::Enabled => continue,
            AdminState::Blocked | AdminState::Disabled => {}
        }
        let over = decision.to.is_some_and(|to| to <= work.from);
        if over || decision.from >= work.to {
            continue;
        }
        work.to = decision.from;
    }
    if work.to.since(work.from) < SLOT {
        return None;
    }
    let inside = |(from, to): (Timestamp, Timestamp)| {
        if work.from < from && to < work.to {
            (from, to)
        } else {
            (work.to, work.to)
        }
    };
    Some(Work {
        lunch: inside(work.lunch),
        tea: inside(work.tea),
        ..work
    })
}

/// Who takes calls in each half hour of a reporting day, by place in the list of agents.
pub struct Roster {
    /// The first instant of the day.
    pub start: Timestamp,
    pub slots: Vec<Vec<u32>>,
    /// When each of them begins or began to work, by the same place.
    pub begins: Vec<(u32, Timestamp)>,
}

impl Roster {
    /// The day from `start` to `end`; shifts of the date before reach into it.
    pub fn of(seed: u64, agents: &[Agent], day: Day, start: Timestamp, end: Timestamp) -> Self {
        let count = (end.since(start) / SLOT) as usize;
        let mut roster = Self {
            start,
            slots: vec![Vec::new(); count],
            begins: Vec::new(),
        };
        for date in [day.plus(-1), day, day.plus(1)] {
            let shifts = Shifts::on(date);
            for (index, agent) in (0..).zip(agents) {
                // Most shifts of the neighbouring dates lie outside; a look at the hours is cheap.
                if !shifts
                    .of(agent)
                    .is_some_and(|(from, to)| from < end && to > start)
                {
                    continue;
                }
                if let Some(work) = work(seed, agent, &shifts, date) {
                    roster.add(index, &work);
                }
            }
        }
        roster
    }

    /// Nobody is there in the half hours that begin before this.
    pub fn forget_until(&mut self, at: Timestamp) {
        for (slot, there) in self.slots.iter_mut().enumerate() {
            if self.start.plus(slot as i64 * SLOT) < at {
                there.clear();
            }
        }
    }

    fn add(&mut self, index: u32, work: &Work) {
        self.begins.push((index, work.from));
        let slot_of = |at: Timestamp| (at.0 - self.start.0).div_euclid(SLOT);
        let end = (slot_of(work.to) + 1).clamp(0, self.slots.len() as i64);
        for slot in slot_of(work.from).max(0)..end {
            if work.covers(self.start.plus(slot * SLOT)) {
                self.slots[slot as usize].push(index);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::calendar;
    use crate::domain::time::HOUR;

    #[test]
    fn a_shift_counts_on_the_days_that_it_touches_and_on_no_other() {
        let day = Day::parse_iso("2026-11-20").unwrap();
        let (start, end) = calendar().bounds(day);
        let at = |hours: i64| start.plus(hours * HOUR);
        let slots_of = |from: i64, to: i64| {
            let count = (end.since(start) / SLOT) as usize;
            let mut roster = Roster {
                start,
                slots: vec![Vec::new(); count],
                begins: Vec::new(),
            };
            let none = (at(to), at(to));
            let work = Work {
                from: at(from),
                to: at(to),
                lunch: none,
                tea: none,
            };
            roster.add(7, &work);
            let there = roster.slots.iter().filter(|there| there.contains(&7));
            there.count()
        };
        assert_eq!(slots_of(9, 18), 18);
        assert_eq!(slots_of(-3, 6), 12, "over night from the day before");
        assert_eq!(slots_of(21, 30), 6, "over night into the next day");
        assert_eq!(slots_of(-3, -1), 0, "cut short before the day began");
        assert_eq!(slots_of(25, 30), 0, "not begun");
    }
}
