//! What was sealed can't be changed unseen.

use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::audit::Entry;
use rollcall::domain::calendar::Calendar;
use rollcall::domain::day_range::Day;
use rollcall::domain::install::Install;
use rollcall::domain::time::HOUR;
use rollcall::jobs::Jobs;
use rollcall::store::schema::{audit_anchors, audit_entries, audit_seals};
use rollcall::store::seal::{self, BrokenSeal};
use rollcall::store::{Conn, setting};

both_databases! {
    fn a_sealed_log_verifies(db: TestDb) {
        let world = sealed(&db);
        assert_eq!(verify(&world), (7, None));
        assert!(!world.store.read(seal::is_due).unwrap());
        assert_eq!(world.write(seal::seal), 0, "nothing is left to seal");
    }

    fn a_changed_entry_breaks_the_first_seal_that_covers_it(db: TestDb) {
        let world = sealed(&db);
        let ids: Vec<i64> = world
            .store
            .read(|conn| Ok(audit_entries::table.select(audit_entries::id).order(audit_entries::id).load(conn)?))
            .unwrap();
        // The last of the second seal's.
        let (id, after_entry) = (ids[4], ids[2]);
        world.write(move |tx| {
            Ok(diesel::update(audit_entries::table.find(id)).set(audit_entries::actor_name.eq("nobody")).execute(tx.conn)?)
        });
        assert_eq!(verify(&world), (3, Some(BrokenSeal { seal: 2, after_entry })));
    }

    fn a_removed_entry_breaks_its_seal(db: TestDb) {
        let world = sealed(&db);
        world.write(|tx| {
            let last: Option<i64> = audit_entries::table.select(diesel::dsl::max(audit_entries::id)).first(tx.conn)?;
            Ok(diesel::delete(audit_entries::table.find(last.unwrap())).execute(tx.conn)?)
        });
        let (entries, broken) = verify(&world);
        assert_eq!((entries, broken.map(|broken| broken.seal)), (5, Some(3)));
    }

    fn a_seal_covers_one_day(db: TestDb) {
        let world = days(&db);
        assert_eq!(verify(&world), (6, None));
        let seals: i64 = world.store.read(|conn| Ok(audit_seals::table.count().get_result(conn)?)).unwrap();
        assert_eq!(seals, 3, "one for each day, however late it was sealed");
    }

    fn retention_takes_whole_days_away_and_the_chain_verifies_from_its_anchor(db: TestDb) {
        let world = days(&db);
        let calendar = Calendar::new(chrono_tz::Asia::Kolkata, 0);
        let first_kept = |day: &str| calendar.bounds(Day::parse_iso(day).unwrap()).0;
        let remove = |day: &str| {
            let before = first_kept(day);
            world.write(move |tx| seal::remove_oldest_day(tx, &calendar, before))
        };
        assert_eq!(remove("2026-11-20"), None, "the first day is kept");
        let removed = remove("2026-11-22").unwrap();
        assert_eq!((removed.day.to_string().as_str(), removed.entries), ("2026-11-20", 2));
        // The line that says so is sealed like any other.
        seal_all(&world, 1);
        assert_eq!(verify(&world), (5, None));
        assert_eq!(remove("2026-11-22").unwrap().day.to_string(), "2026-11-21");
        assert_eq!(remove("2026-11-22"), None, "today is kept");
        seal_all(&world, 1);
        assert_eq!(verify(&world), (4, None));
        let anchor = world.store.read(seal::anchor).unwrap().unwrap();
        assert_eq!(anchor.removed, 4);
        assert_eq!(left(&world, "audit.remove"), 2, "the log says what was taken away");
    }

    fn what_is_done_behind_retention_shows(db: TestDb) {
        let world = days(&db);
        let calendar = Calendar::new(chrono_tz::Asia::Kolkata, 0);
        let before = calendar.bounds(Day::parse_iso("2026-11-21").unwrap()).0;
        world.write(move |tx| seal::remove_oldest_day(tx, &calendar, before)).unwrap();
        seal_all(&world, 1);
        assert_eq!(verify(&world).1, None);
        // An anchor that no line of the log speaks of.
        world.write(|tx| {
            Ok(diesel::update(audit_anchors::table).set(audit_anchors::hash.eq("0".repeat(64))).execute(tx.conn)?)
        });
        assert!(verify(&world).1.is_some(), "a moved anchor");
    }

    fn days_are_removed_by_the_jobs_as_the_setting_says(db: TestDb) {
        let world = days(&db);
        world.write(|tx| setting::put(tx, Install::AUDIT_DAYS, "1"));
        let floor = world.floor();
        let _jobs = Jobs::start(&floor).unwrap();
        wait(|| left(&world, "group.create") == 4);
        wait(|| verify(&world) == (5, None));
    }

    fn the_jobs_of_a_node_seal_by_themselves(db: TestDb) {
        let world = World::new(&db, &clock());
        let floor = world.floor();
        let _jobs = Jobs::start(&floor).unwrap();
        write(&world, 3);
        wait(|| verify(&world) == (3, None));
    }
}

fn clock() -> TestClock {
    TestClock::at("2026-11-22T06:30:00Z")
}

/// Two entries on each of three days, the last of them today, sealed.
fn days(db: &TestDb) -> World {
    let clock = clock();
    clock.advance(-2 * 24 * HOUR);
    let world = World::new(db, &clock);
    for _ in 0..3 {
        write(&world, 2);
        clock.advance(24 * HOUR);
    }
    clock.advance(-24 * HOUR);
    seal_all(&world, 6);
    world
}

fn seal_all(world: &World, entries: usize) {
    let mut done = 0;
    wait(|| {
        done += world.write(seal::seal);
        done == entries
    });
}

/// How many entries with an action are in the log.
fn left(world: &World, action: &'static str) -> i64 {
    let read = |conn: &mut Conn| {
        let here = audit_entries::table.filter(audit_entries::action.eq(action));
        Ok(here.count().get_result(conn)?)
    };
    world.store.read(read).unwrap()
}

/// Three seals: over 3, 2 and 2 entries.
fn sealed(db: &TestDb) -> World {
    let world = World::new(db, &clock());
    for entries in [3, 2, 2] {
        write(&world, entries);
        let mut done = 0;
        wait(|| {
            done += world.write(seal::seal);
            done == entries
        });
    }
    world
}

fn write(world: &World, entries: usize) {
    world.write(move |tx| {
        let entry =
            Entry::new("group.create", "group", Some(1), "Mornings").after("name", "Mornings");
        tx.audit_all(vec![entry; entries])
    });
}

fn verify(world: &World) -> (usize, Option<BrokenSeal>) {
    world.store.read(seal::verify).unwrap()
}

/// Open transactions of other tests on the same server hold entries back from being sealed.
fn wait(mut done: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("waited in vain");
}
