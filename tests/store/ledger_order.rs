//! However the events of some calls arrive, the ledger ends up with the same calls, legs and counts.

use crate::support::calls::{Known, Random, seeds, take};
use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use chrono::{DateTime, Datelike};
use chrono_tz::Asia::Kolkata;
use diesel::prelude::*;
use rollcall::domain::call::{CallEventKind as K, Direction, PhoneEvent};
use rollcall::domain::ids::{AgentId, DepartmentId};
use rollcall::domain::time::{MINUTE, SECOND};
use rollcall::store::ledger::Outcome;
use rollcall::store::schema::{calls, day_counts, legs, seen_events};
use std::collections::BTreeMap;

both_databases! {
    fn any_order_of_events_gives_the_same_ledger(db: TestDb) {
        run(&db, |random, story| {
            let mut events = story.events(random, |_, _| true);
            random.shuffle(&mut events);
            events
        });
    }

    fn duplicated_events_change_nothing(db: TestDb) {
        run(&db, |random, story| {
            let mut events = story.events(random, |_, _| true);
            // The same ids again, and the same words under new ids.
            for index in 0..events.len() {
                if random.once_in(2) {
                    events.push(events[index].clone());
                }
                if random.once_in(2) {
                    let mut again = events[index].clone();
                    again.id.push_str("-again");
                    events.push(again);
                }
            }
            random.shuffle(&mut events);
            events
        });
    }

    fn records_heal_whatever_was_lost_before_or_after_them(db: TestDb) {
        run(&db, |random, story| {
            let mut events = story.events(random, |random, _| random.once_in(2));
            events.extend(story.legs().map(Known::record));
            random.shuffle(&mut events);
            events
        });
    }

    fn a_later_event_heals_lost_ones(db: TestDb) {
        run(&db, |random, story| {
            // The last event of each leg says everything; any of the others may be lost.
            let mut events = story.events(random, |random, is_last| is_last || random.once_in(3));
            random.shuffle(&mut events);
            events
        });
    }
}

/// A call as it really was.
struct Truth {
    whole: Known,
    legs: Vec<Known>,
    /// Legs that were internal until they were joined.
    joined: Vec<bool>,
    /// The end of the call as a whole was reported.
    end_reported: bool,
}

struct Story {
    calls: Vec<Truth>,
}

fn run(db: &TestDb, arrive: impl Fn(&mut Random, &Story) -> Vec<PhoneEvent>) {
    let clock = TestClock::at("2026-11-22T20:00:00Z");
    let world = World::new(db, &clock);
    let agents = ["Asha", "Ben", "Chitra"].map(|name| world.agent(name));
    let departments = ["Sales", "Support"].map(|name| world.department(name, 0));
    for seed in seeds(3) {
        let mut random = Random::new(seed);
        let story = Story::new(&mut random, &agents, &departments);
        forget(&world);
        let mut expected = None;
        for attempt in 0..3 {
            let events = match attempt {
                0 => story.events(&mut random, |_, _| true),
                _ => arrive(&mut random, &story),
            };
            deliver(&world, &mut random, events);
            let ledger = ledger(&world);
            assert_eq!(
                sums(&world),
                story.sums(),
                "seed {seed}, attempt {attempt}: counts against the truth"
            );
            match &expected {
                None => expected = Some(ledger),
                Some(expected) => {
                    assert_eq!(
                        &ledger, expected,
                        "seed {seed}, attempt {attempt}: the ledger"
                    )
                }
            }
            forget(&world);
        }
    }
}

/// In batches of any size.
fn deliver(world: &World, random: &mut Random, mut events: Vec<PhoneEvent>) {
    while !events.is_empty() {
        let rest = events.split_off(events.len().min(1 + random.below(12) as usize));
        for outcome in take(&world.store, events) {
            assert!(
                matches!(outcome, Outcome::Accepted | Outcome::Duplicate),
                "{outcome:?}"
            );
        }
        events = rest;
    }
}

impl Story {
    fn new(random: &mut Random, agents: &[AgentId], departments: &[DepartmentId]) -> Self {
        let calls = (0..6).map(|n| Truth::new(random, n, agents, departments));
        Self {
            calls: calls.collect(),
        }
    }

    fn legs(&self) -> impl Iterator<Item = &Known> {
        self.calls.iter().flat_map(|call| &call.legs)
    }

    /// All events in the order of a quiet day, without those leg events that are lost. `kept` is told
    /// whether the event is the last of its leg.
    fn events(
        &self,
        random: &mut Random,
        kept: impl Fn(&mut Random, bool) -> bool,
    ) -> Vec<PhoneEvent> {
        let mut events = Vec::new();
        for call in &self.calls {
            let unknown_yet = Known {
                answered: None,
                ended: None,
                ..call.whole.clone()
            };
            events.push(unknown_yet.event(K::Started));
            if call.end_reported {
                events.push(call.whole.event(K::Ended));
            }
            for (leg, &joined) in call.legs.iter().zip(&call.joined) {
                let steps = steps(leg, joined);
                let last = steps.len() - 1;
                for (index, step) in steps.into_iter().enumerate() {
                    if kept(random, index == last) {
                        events.push(step);
                    }
                }
            }
        }
        events.sort_by_key(|event| event.at);
        events
    }

    /// (day, agent or 0, department or 0) to (answered, missed), reckoned from the truth alone.
    fn sums(&self) -> BTreeMap<(i32, i64, i64), (i32, i32)> {
        let mut sums = BTreeMap::new();
        let mut add = |day, agent, department: Option<DepartmentId>, answered, missed| {
            let department = department.map_or(0, |id| id.0);
            let sum: &mut (i32, i32) = sums.entry((day, agent, department)).or_default();
            sum.0 += answered;
            sum.1 += missed;
        };
        for call in &self.calls {
            let inbound = |leg: &&Known| leg.direction == Direction::Inbound;
            let answered =
                |leg: &&Known| leg.direction != Direction::Internal && leg.answered.is_some();
            let mut first: BTreeMap<AgentId, &Known> = BTreeMap::new();
            for leg in call.legs.iter().filter(inbound).filter(answered) {
                let kept = first.entry(leg.agent.unwrap()).or_insert(leg);
                if (leg.answered, &leg.leg) < (kept.answered, &kept.leg) {
                    *kept = leg;
                }
            }
            for (agent, leg) in first {
                let day = local_day(leg.answered.unwrap());
                add(day, agent.user().0, leg.department, 1, 0);
                if leg.department.is_some() {
                    add(day, 0, leg.department, 1, 0);
                }
            }
            if call.whole.direction != Direction::Inbound
                || call.legs.iter().any(|leg| answered(&leg))
            {
                continue;
            }
            for leg in call.legs.iter().filter(inbound) {
                add(
                    local_day(leg.started),
                    leg.agent.unwrap().user().0,
                    leg.department,
                    0,
                    1,
                );
            }
            let over = call.end_reported || !call.legs.is_empty();
            if over && call.department().is_some() {
                add(local_day(call.whole.started), 0, call.department(), 0, 1);
            }
        }
        sums
    }
}

impl Truth {
    fn new(
        random: &mut Random,
        n: usize,
        agents: &[AgentId],
        departments: &[DepartmentId],
    ) -> Self {
        let direction = random.pick(&[
            Direction::Inbound,
            Direction::Inbound,
            Direction::Inbound,
            Direction::Outbound,
            Direction::Internal,
        ]);
        // Around midnight in India (18:30 UTC), so that calls lie on both sides of it and across.
        let started = crate::support::calls::at("2026-11-22T18:20:00Z")
            .plus(random.between(0, 1_200) * SECOND);
        let call = format!("c{n}");
        let department = random.pick(&[None, Some(departments[0]), Some(departments[1])]);
        let answered = random.once_in(2);
        let mut legs = Vec::new();
        let mut joined = Vec::new();
        let mut end = started;
        for number in 0..random.below(4) {
            let from = started.plus(random.between(0, 300) * SECOND);
            let mut leg = Known::leg(&call, &number.to_string(), random.pick(agents), from)
                .directed(direction);
            leg.department = random.pick(&[department, None, Some(departments[1])]);
            let rang = random.between(1, 40);
            if answered && random.once_in(2) {
                leg = leg.answered(rang);
            }
            leg = leg.ended(rang + random.between(0, 400));
            let consulted = direction == Direction::Inbound && number > 0 && random.once_in(3);
            let stays_internal = consulted && random.once_in(2);
            if stays_internal {
                leg = leg.directed(Direction::Internal);
            }
            joined.push(consulted && !stays_internal);
            end = end.max(leg.ended.unwrap());
            legs.push(leg);
        }
        let mut whole = Known::call(&call, started).directed(direction);
        whole.department = department;
        whole.ended = Some(end.plus(random.between(0, 3) * MINUTE));
        Self {
            whole,
            legs,
            joined,
            end_reported: random.once_in(2),
        }
    }

    /// Of several departments the one with the lowest key.
    fn department(&self) -> Option<DepartmentId> {
        let of_legs = self.legs.iter().filter_map(|leg| leg.department);
        of_legs.chain(self.whole.department).min()
    }
}

/// What is said of a leg while it goes on; each event carries all that is known by then.
fn steps(leg: &Known, joined: bool) -> Vec<PhoneEvent> {
    let at_first = if joined {
        Direction::Internal
    } else {
        leg.direction
    };
    let ringing = Known {
        answered: None,
        ended: None,
        ..leg.clone()
    };
    let mut steps = vec![ringing.directed(at_first).event(K::Ringing)];
    if leg.answered.is_some() {
        let talking = Known {
            ended: None,
            ..leg.clone()
        };
        steps.push(talking.directed(at_first).event(K::Answered));
    }
    let end = if leg.answered.is_some() {
        K::Ended
    } else {
        K::Missed
    };
    steps.push(leg.event(end));
    steps
}

/// The calendar day in India, by the zone's own rules.
fn local_day(at: rollcall::domain::time::Timestamp) -> i32 {
    let local = DateTime::from_timestamp_micros(at.0)
        .unwrap()
        .with_timezone(&Kolkata);
    local.date_naive().num_days_from_ce()
}

/// Every call and leg as stored, but for keys and for where the facts came from.
fn ledger(world: &World) -> (Vec<String>, Vec<String>) {
    type Call = (
        String,
        String,
        String,
        String,
        Option<i64>,
        (i64, Option<i64>, Option<i64>, Option<i64>, i32, bool),
    );
    type Leg = (
        String,
        i64,
        Option<i64>,
        String,
        String,
        String,
        (i64, Option<i64>, Option<i64>, Option<String>, i32, i32),
    );
    world
        .store
        .read(|conn| {
            let calls: Vec<Call> = calls::table
                .order(calls::call_id)
                .select((
                    calls::call_id,
                    calls::direction,
                    calls::caller,
                    calls::callee,
                    calls::department_id,
                    (
                        calls::started_at,
                        calls::answered_at,
                        calls::reported_end_at,
                        calls::ended_at,
                        calls::day,
                        calls::missed,
                    ),
                ))
                .load(conn)?;
            let legs: Vec<Leg> = legs::table
                .order(legs::leg_id)
                .select((
                    legs::leg_id,
                    legs::agent_id,
                    legs::department_id,
                    legs::direction,
                    legs::other_party,
                    legs::our_number,
                    (
                        legs::started_at,
                        legs::answered_at,
                        legs::ended_at,
                        legs::end_reason,
                        legs::day,
                        legs::counts,
                    ),
                ))
                .load(conn)?;
            let show = |row: &dyn std::fmt::Debug| format!("{row:?}");
            Ok((
                calls.iter().map(|row| show(row)).collect(),
                legs.iter().map(|row| show(row)).collect(),
            ))
        })
        .unwrap()
}

fn sums(world: &World) -> BTreeMap<(i32, i64, i64), (i32, i32)> {
    let rows: Vec<(i32, i64, i64, i32, i32)> = world
        .store
        .read(|conn| {
            Ok(day_counts::table
                .select((
                    day_counts::day,
                    day_counts::agent_id,
                    day_counts::department_id,
                    day_counts::answered,
                    day_counts::missed,
                ))
                .load(conn)?)
        })
        .unwrap();
    rows.into_iter()
        .map(|(day, agent, department, answered, missed)| {
            ((day, agent, department), (answered, missed))
        })
        .filter(|(_, sums)| *sums != (0, 0))
        .collect()
}

fn forget(world: &World) {
    world.write(|tx| {
        diesel::delete(legs::table).execute(tx.conn)?;
        diesel::delete(calls::table).execute(tx.conn)?;
        diesel::delete(day_counts::table).execute(tx.conn)?;
        diesel::delete(seen_events::table).execute(tx.conn)?;
        Ok(())
    });
}
