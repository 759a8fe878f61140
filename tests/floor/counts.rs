//! The number shown for every choice of days is what plain arithmetic makes of the raw legs.

use crate::support::calls::{Known, Random, accept, seeds};
use crate::support::world::{World, loaded};
use crate::support::{TestClock, TestDb};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, TimeZone};
use chrono_tz::Tz;
use diesel::prelude::*;
use rollcall::domain::call::{Direction, PhoneEvent};
use rollcall::domain::day_range::{Day, DayChoice, DaySpan};
use rollcall::domain::filter::{AgentFilter, PerPage};
use rollcall::domain::ids::AgentId;
use rollcall::domain::install::Install;
use rollcall::domain::role::Scope;
use rollcall::domain::time::{SECOND, Timestamp};
use rollcall::floor::{Floor, Tally};
use rollcall::store::schema::{agents, calls, day_counts, legs, seen_events};
use rollcall::store::{RecordKind, setting};
use std::collections::{BTreeMap, BTreeSet};

both_databases! {
    fn in_india(db: TestDb) {
        prove(&db, "Asia/Kolkata", "2026-11-22T09:30:00Z");
    }

    fn in_kathmandu(db: TestDb) {
        prove(&db, "Asia/Kathmandu", "2026-11-22T18:20:00Z");
    }

    fn in_london_after_clocks_went_forward(db: TestDb) {
        prove(&db, "Europe/London", "2026-03-31T04:30:00Z");
    }

    fn in_london_after_clocks_went_back(db: TestDb) {
        prove(&db, "Europe/London", "2026-10-27T05:30:00Z");
    }

    fn in_new_york_after_clocks_went_forward(db: TestDb) {
        prove(&db, "America/New_York", "2026-03-10T03:30:00Z");
    }

    fn in_new_york_after_clocks_went_back(db: TestDb) {
        prove(&db, "America/New_York", "2026-11-03T17:00:00Z");
    }
}

/// How the install reckons its days, done here by hand.
#[derive(Clone, Copy)]
struct Reckoning {
    zone: Tz,
    begins: TimeDelta,
}

impl Reckoning {
    fn of(self, at: Timestamp) -> NaiveDate {
        let local = DateTime::from_timestamp_micros(at.0)
            .unwrap()
            .with_timezone(&self.zone);
        (local.naive_local() - self.begins).date()
    }
}

/// Not the first, so that cycles differ from months.
const CYCLE_DAY: u8 = 25;

fn prove(db: &TestDb, zone: &str, now: &str) {
    let clock = TestClock::at(now);
    let world = World::with_days(db, &clock, zone, "00:00");
    world.write(|tx| setting::put(tx, Install::PAY_CYCLE_DAY, &CYCLE_DAY.to_string()));
    let agents: Vec<AgentId> = ["Asha", "Ben", "Chitra", "Dev", "Esha"]
        .into_iter()
        .map(|name| world.agent(name))
        .collect();
    world.set_deleted(agents[3], true);
    remove_facet(&world, agents[4]);
    for (begins, minutes) in [("00:00", 0), ("06:00", 360)] {
        for seed in seeds(1) {
            forget(&world);
            world.set_days(zone, begins);
            let days = Reckoning {
                zone: zone.parse().unwrap(),
                begins: TimeDelta::minutes(minutes),
            };
            let mut random = Random::new(seed);
            accept(
                &world.store,
                history(&mut random, days, clock.now(), &agents),
            );
            let floor = loaded(db.store(&clock));
            let about = format!("{zone}, days begin at {begins}, seed {seed}");
            compare(&world, &floor, days, &format!("{about}, as loaded"));
            let late = [0, 1, 45, 130, 520].map(|ago| {
                let from = clock.now().plus(-ago * 86_400 * SECOND - 3_600 * SECOND);
                Known::leg(&format!("late-{ago}"), "1", agents[ago as usize % 5], from)
                    .answered(9)
                    .ended(60)
                    .record()
            });
            accept(floor.store(), late.into());
            compare(&world, &floor, days, &format!("{about}, after late events"));
            compare(
                &world,
                &loaded(db.store(&clock)),
                days,
                &format!("{about}, loaded again"),
            );
        }
    }
}

/// Calls on the days where the choices begin and end, many of them around the begin of a day.
fn history(
    random: &mut Random,
    days: Reckoning,
    now: Timestamp,
    agents: &[AgentId],
) -> Vec<PhoneEvent> {
    let today = days.of(now);
    let mut events = Vec::new();
    for ago in (0..10)
        .chain(13..16)
        .chain(27..34)
        .chain(58..64)
        .chain(86..92)
        .chain([380, 450])
    {
        let date = today - Days::new(ago);
        let begin = date.and_hms_opt(0, 0, 0).unwrap() + days.begins;
        let begin = days
            .zone
            .from_local_datetime(&begin)
            .earliest()
            .unwrap()
            .timestamp_micros();
        for number in 0..2 {
            let from = Timestamp(begin).plus(random.between(-400, 4_000) * SECOND);
            if from > now {
                continue;
            }
            events.extend(call(random, &format!("{ago}-{number}"), from, agents));
        }
    }
    events.retain(|event| event.at <= now);
    events
}

fn call(random: &mut Random, id: &str, from: Timestamp, agents: &[AgentId]) -> Vec<PhoneEvent> {
    let direction = random.pick(&[
        Direction::Inbound,
        Direction::Inbound,
        Direction::Inbound,
        Direction::Internal,
        Direction::Outbound,
    ]);
    let answered = !random.once_in(3);
    let legs = (0..1 + random.below(2)).map(|number| {
        let leg =
            Known::leg(id, &number.to_string(), random.pick(agents), from).directed(direction);
        let rang = random.between(0, 700);
        let leg = if answered && (number == 0 || random.once_in(3)) {
            leg.answered(rang)
        } else {
            leg
        };
        leg.ended(rang + random.between(0, 90)).record()
    });
    legs.collect()
}

/// What all choices of days show against what the raw legs say.
fn compare(world: &World, floor: &Floor, days: Reckoning, about: &str) {
    let truth = count(world, days);
    let today = days.of(world.clock.now());
    for (choice, from, to) in choices(today) {
        let picture = floor.picture();
        let install = picture.install();
        let span = choice.resolve(
            install.calendar.day_of(world.clock.now()),
            install.pay_cycle_day,
        );
        let about = format!("{about}: {choice:?}");
        assert_eq!(
            span,
            DaySpan {
                from: Day::from(from),
                to: Day::from(to)
            },
            "{about}"
        );
        drop(picture);
        let older = floor.older(span).unwrap();
        let picture = floor.picture();
        let filter = AgentFilter::default().with_per(PerPage::P250);
        let page = picture.page(&filter, &Scope::All, span, &older);
        let expected = |agent: AgentId| {
            sum(truth
                .iter()
                .filter(|((of, day), _)| *of == agent.user().0 && (from..=to).contains(day)))
        };
        for row in &page.rows {
            assert_eq!(
                row.tally,
                expected(row.id()),
                "{about}: {}",
                row.person.name
            );
        }
        assert_eq!(page.rows.len(), 3);
        let all = sum(truth
            .iter()
            .filter(|((_, day), _)| (from..=to).contains(day)));
        let mut shown = page.sum;
        shown += page.leavers.tally;
        assert_eq!(shown, all, "{about}: the total");
        let who_left: BTreeSet<i64> = truth
            .keys()
            .filter(|(agent, day)| {
                *agent > page.rows.iter().map(|row| row.person.id.0).max().unwrap()
                    && (from..=to).contains(day)
            })
            .map(|(agent, _)| *agent)
            .collect();
        assert_eq!(page.leavers.people, who_left.len(), "{about}: who left");
    }
}

fn sum<'a>(lines: impl Iterator<Item = (&'a (i64, NaiveDate), &'a Tally)>) -> Tally {
    let mut sum = Tally::default();
    lines.for_each(|(_, tally)| sum += *tally);
    sum
}

/// Every choice that pages offer, with its first and last day reckoned from the calendar.
fn choices(today: NaiveDate) -> Vec<(DayChoice, NaiveDate, NaiveDate)> {
    use DayChoice as C;
    let day = |back: u64| today - Days::new(back);
    let monday = day(today.weekday().num_days_from_monday().into());
    let first = today.with_day(1).unwrap();
    let back = u32::from(today.day() < CYCLE_DAY.into());
    let cycle = (today - Months::new(back))
        .with_day(CYCLE_DAY.into())
        .unwrap();
    let month = Months::new(1);
    let one = Days::new(1);
    let between = |from: u64, to: u64| {
        (
            C::Between(Day::from(day(from)), Day::from(day(to))),
            day(from),
            day(to),
        )
    };
    vec![
        (C::Today, today, today),
        (C::Yesterday, day(1), day(1)),
        (C::Week, monday, monday + Days::new(6)),
        (C::LastWeek, monday - Days::new(7), monday - one),
        (C::Month, first, first + month - one),
        (C::LastMonth, first - month, first - one),
        (C::Cycle, cycle, cycle + month - one),
        (C::LastCycle, cycle - month, cycle - one),
        (C::Days(7), day(6), today),
        (C::Days(15), day(14), today),
        (C::Days(30), day(29), today),
        (C::Days(90), day(89), today),
        between(41, 3),
        between(2, 2),
        between(390, 20),
        between(700, 0),
        between(700, 440),
    ]
}

/// Counts by agent and day, from the raw legs alone.
fn count(world: &World, days: Reckoning) -> BTreeMap<(i64, NaiveDate), Tally> {
    type Leg = (i64, i64, String, i64, Option<i64>, Option<i64>, String);
    let rows: Vec<Leg> = world
        .store
        .read(|conn| {
            Ok(legs::table
                .select((
                    legs::call,
                    legs::agent_id,
                    legs::direction,
                    legs::started_at,
                    legs::answered_at,
                    legs::ended_at,
                    legs::leg_id,
                ))
                .load(conn)?)
        })
        .unwrap();
    let mut by_call: BTreeMap<i64, Vec<Leg>> = BTreeMap::new();
    for leg in rows {
        by_call.entry(leg.0).or_default().push(leg);
    }
    let mut counts: BTreeMap<(i64, NaiveDate), Tally> = BTreeMap::new();
    for mut legs in by_call.into_values() {
        legs.sort_by_key(|leg| (leg.4, leg.6.clone()));
        let answered = legs
            .iter()
            .any(|leg| leg.2 != "internal" && leg.4.is_some());
        let mut counted = BTreeSet::new();
        for (_, agent, direction, started, answered_at, ended, _) in legs {
            if direction != "inbound" {
                continue;
            }
            match answered_at {
                Some(at) if counted.insert(agent) => {
                    counts
                        .entry((agent, days.of(Timestamp(at))))
                        .or_default()
                        .answered += 1;
                }
                None if !answered && ended.is_some() => {
                    counts
                        .entry((agent, days.of(Timestamp(started))))
                        .or_default()
                        .missed += 1;
                }
                Some(_) | None => {}
            }
        }
    }
    counts
}

fn remove_facet(world: &World, agent: AgentId) {
    let id = agent.user().0;
    world.write(move |tx| {
        diesel::update(agents::table.find(id))
            .set(agents::removed_at.eq(tx.now.0))
            .execute(tx.conn)?;
        tx.touch(RecordKind::User, id);
        Ok(())
    });
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
