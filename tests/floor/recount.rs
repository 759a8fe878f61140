//! Other reporting days: all calls are sorted into them beside the days in force, and nothing is lost or counted
//! twice, whatever happens meanwhile.

use super::reference::assert_fresh;
use crate::support::calls::{Known, Random, accept, seeds};
use crate::support::world::{World, loaded};
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::calendar::Calendar;
use rollcall::domain::day_range::Day;
use rollcall::domain::ids::{AgentId, DepartmentId};
use rollcall::domain::install::Install;
use rollcall::domain::time::{HOUR, MINUTE, Timestamp};
use rollcall::jobs::Jobs;
use rollcall::store::ledger::recount::{self, Step};
use rollcall::store::schema::{calls, day_counts, legs};
use rollcall::store::{Conn, setting};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

both_databases! {
    fn every_call_is_sorted_once_while_others_come_in_and_change(db: TestDb) {
        for seed in seeds(2) {
            let office = Office::new(&db, seed);
            let world = &office.world;
            let mut random = Random::new(seed);
            office.calls(&mut random, 0..60);
            let before = counted(world, office.generation());
            world.write(|tx| recount::begin(tx, tokyo()));
            let mut next = 60;
            let mut done = Vec::new();
            loop {
                let step = world.write(|tx| recount::step(tx, 7));
                if step != Step::More {
                    assert_eq!(step, Step::Done);
                    break;
                }
                done.extend(world.store.read(recount::progress).unwrap());
                // Some that are sorted change, some that are not, and new ones come.
                if next < 75 {
                    let old = random.between(0, 60);
                    office.calls(&mut random, old..old + 2);
                    office.calls(&mut random, next..next + 3);
                    next += 3;
                }
                assert_eq!(counted(world, office.generation()), by_hand(world, india(), true), "seed {seed}: the days in force stay right");
            }
            assert!(done.is_sorted() && done.iter().all(|done| (0..=100).contains(done)), "{done:?}");
            let install = install(world);
            assert_eq!((install.calendar, install.next_days, install.count_generation), (tokyo(), None, 2));
            assert_eq!(counted(world, 2), by_hand(world, tokyo(), true), "seed {seed}");
            assert_eq!(counted(world, 2), by_hand(world, tokyo(), false), "seed {seed}: the stored days too");
            assert_ne!(counted(world, 2), before);
            assert_eq!(world.write(|tx| recount::step(tx, 7)), Step::Nothing);
            while world.write(recount::sweep) {}
            assert_eq!(counted(world, 1), BTreeMap::new(), "what is out of force is swept up");
            assert_eq!(counted(world, 2), by_hand(world, tokyo(), false));
        }
    }

    fn a_second_thought_begins_anew_and_the_old_days_come_back(db: TestDb) {
        let office = Office::new(&db, 3);
        let world = &office.world;
        office.calls(&mut Random::new(3), 0..40);
        let before = counted(world, 1);
        world.write(|tx| recount::begin(tx, tokyo()));
        assert_eq!(world.write(|tx| recount::step(tx, 30)), Step::More);
        world.write(|tx| recount::begin(tx, india()));
        assert_eq!(world.store.read(recount::progress).unwrap(), Some(0));
        while world.write(|tx| recount::step(tx, 30)) == Step::More {}
        assert_eq!((install(world).calendar, install(world).count_generation), (india(), 3));
        assert_eq!(counted(world, 3), before);
        assert_eq!(by_hand(world, india(), false), before, "calls that were moved are back on their days");
        while world.write(recount::sweep) {}
        assert_eq!((counted(world, 1).len(), counted(world, 2).len()), (0, 0));
    }

    fn the_jobs_do_it_and_every_list_follows(db: TestDb) {
        let office = Office::new(&db, 4);
        let world = &office.world;
        office.calls(&mut Random::new(4), 0..50);
        let floor = world.floor();
        let _jobs = Jobs::start(&floor).unwrap();
        world.write(|tx| recount::begin(tx, tokyo()));
        let late = Instant::now() + Duration::from_secs(30);
        while floor.picture().install().calendar != tokyo() {
            assert!(Instant::now() < late, "the days are in force at last");
            std::thread::sleep(Duration::from_millis(20));
        }
        let fresh = loaded(world.store.clone());
        assert_fresh(&floor, &fresh, "after the days changed");
        assert_eq!(counted(world, 2), by_hand(world, tokyo(), false));
    }
}

fn india() -> Calendar {
    Calendar::new(chrono_tz::Asia::Kolkata, 0)
}

/// Another zone, and days that begin in the early morning.
fn tokyo() -> Calendar {
    Calendar::new(chrono_tz::Asia::Tokyo, 270)
}

struct Office {
    world: World,
    agents: [AgentId; 2],
    sales: DepartmentId,
}

impl Office {
    fn new(db: &TestDb, seed: u64) -> Self {
        let clock = TestClock::at("2026-11-22T09:30:00Z");
        let world = World::new(db, &clock);
        let name = |who: &str| format!("{who} {seed}");
        let agents = [world.agent(&name("Asha")), world.agent(&name("Ben"))];
        let sales = world.department(&name("Sales"), 0);
        let office = Self {
            world,
            agents,
            sales,
        };
        office.forget();
        office
    }

    /// The database is used for several seeds.
    fn forget(&self) {
        self.world.write(|tx| {
            diesel::delete(legs::table).execute(tx.conn)?;
            diesel::delete(calls::table).execute(tx.conn)?;
            diesel::delete(day_counts::table).execute(tx.conn)?;
            setting::put(tx, Install::TIME_ZONE, "Asia/Kolkata")?;
            setting::put(tx, Install::DAY_BEGINS_AT, "00:00")?;
            setting::put(tx, Install::COUNT_GENERATION, "1")
        });
    }

    fn generation(&self) -> i32 {
        install(&self.world).count_generation
    }

    /// Calls an hour and more apart over some days; the same number again says more of the same call.
    fn calls(&self, random: &mut Random, numbers: std::ops::Range<i64>) {
        let now = self.world.clock.now();
        for number in numbers {
            let started = Timestamp(now.0 - number * (HOUR + 13 * MINUTE) - HOUR);
            let id = format!("c{number}");
            let call = match random.below(4) {
                0 => Known::call(&id, started).ended(30),
                1 => Known::leg(&id, "1", self.agents[0], started).ended(20),
                _ => {
                    let agent = number as usize % 2;
                    let leg = if agent == 0 { "1" } else { "2" };
                    // Some are answered on the next day.
                    let ring = random.between(5, 3_000);
                    Known::leg(&id, leg, self.agents[agent], started)
                        .answered(ring)
                        .ended(ring + 60)
                }
            };
            accept(
                &self.world.store,
                vec![call.in_department(self.sales).record()],
            );
        }
    }
}

fn install(world: &World) -> Install {
    Install::from_words(&world.store.read(setting::all).unwrap()).unwrap()
}

/// Answered and missed by day, agent and department; 0 for none.
type Counted = BTreeMap<(i32, i64, i64), (i32, i32)>;

fn counted(world: &World, generation: i32) -> Counted {
    let read = |conn: &mut Conn| {
        let rows: Vec<(i32, i64, i64, i32, i32)> = day_counts::table
            .filter(day_counts::generation.eq(generation))
            .select((
                day_counts::day,
                day_counts::agent_id,
                day_counts::department_id,
                day_counts::answered,
                day_counts::missed,
            ))
            .load(conn)?;
        Ok(rows)
    };
    let rows = world.store.read(read).unwrap();
    rows.into_iter()
        .filter(|row| (row.3, row.4) != (0, 0))
        .map(|row| ((row.0, row.1, row.2), (row.3, row.4)))
        .collect()
}

/// The same from the calls and legs themselves: by the instants that count, or by the days that stand beside them.
fn by_hand(world: &World, calendar: Calendar, by_instants: bool) -> Counted {
    type Leg = (i32, i64, Option<i64>, i32, i64, Option<i64>);
    let read = |conn: &mut Conn| {
        let of_legs: Vec<Leg> = legs::table
            .select((
                legs::day,
                legs::agent_id,
                legs::department_id,
                legs::counts,
                legs::started_at,
                legs::answered_at,
            ))
            .load(conn)?;
        let missed: Vec<(i32, Option<i64>, i64)> = calls::table
            .filter(calls::missed.eq(true))
            .select((calls::day, calls::department_id, calls::started_at))
            .load(conn)?;
        Ok((of_legs, missed))
    };
    let (of_legs, missed) = world.store.read(read).unwrap();
    let day = |stored: i32, at: i64| match by_instants {
        true => calendar.day_of(Timestamp(at)),
        false => Day(stored),
    };
    let mut counts = Counted::new();
    for (stored, agent, department, counts_as, started, answered) in of_legs {
        let department = department.unwrap_or(0);
        if counts_as == 1 {
            let day = day(stored, answered.unwrap()).0;
            counts.entry((day, agent, department)).or_default().0 += 1;
            counts.entry((day, 0, department)).or_default().0 += 1;
        } else if counts_as == 2 {
            let day = day(stored, started).0;
            counts.entry((day, agent, department)).or_default().1 += 1;
        }
    }
    for (stored, department, started) in missed {
        let day = day(stored, started).0;
        let department = department.unwrap_or(0);
        counts.entry((day, 0, department)).or_default().1 += 1;
    }
    counts
}
