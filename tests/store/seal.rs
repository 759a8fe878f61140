//! What was sealed can't be changed unseen.

use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use rollcall::domain::audit::Entry;
use rollcall::domain::calendar::Calendar;
use rollcall::domain::day_range::Day;
use rollcall::domain::install::Install;
use rollcall::domain::sealed::SealingKey;
use rollcall::domain::time::HOUR;
use rollcall::jobs::Jobs;
use rollcall::store::schema::{audit_anchors, audit_entries, audit_seals};
use rollcall::store::seal::{self, Fault, Marked, Verdict};
use rollcall::store::{Conn, setting};

both_databases! {
    fn a_sealed_log_verifies(db: TestDb) {
        let world = sealed(&db);
        assert_eq!(verify(&world), (7, None));
        assert!(!world.store.read(seal::is_due).unwrap());
        assert_eq!(world.write(|tx| seal::seal(tx, None)), 0, "nothing is left to seal");
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
        assert_eq!(verify(&world), (3, Some(Fault::Seal { seal: 2, after_entry })));
    }

    fn a_removed_entry_breaks_its_seal(db: TestDb) {
        let world = sealed(&db);
        world.write(|tx| {
            let last: Option<i64> = audit_entries::table.select(diesel::dsl::max(audit_entries::id)).first(tx.conn)?;
            Ok(diesel::delete(audit_entries::table.find(last.unwrap())).execute(tx.conn)?)
        });
        assert!(matches!(verify(&world), (5, Some(Fault::Seal { seal: 3, .. }))));
    }

    fn a_forged_entry_before_the_others_is_told(db: TestDb) {
        let world = sealed(&db);
        forge(&world, "-1", "-7");
        let (sealed, fault) = verify(&world);
        assert_eq!(sealed, 7);
        match is_sqlite(&world) {
            true => assert_eq!(fault, Some(Fault::Transaction { entry: -7, tx: -1 })),
            false => assert_eq!(fault, Some(Fault::Before { entry: -7 })),
        }
        tamper(&world, "UPDATE audit_entries SET tx = 0 WHERE id = -7");
        assert_eq!(verify(&world).1, Some(Fault::Before { entry: -7 }));
        // Sealing more does not cover it.
        write(&world, 2);
        seal_all(&world, 2);
        assert_eq!(verify(&world).1, Some(Fault::Before { entry: -7 }));
        tamper(&world, "DELETE FROM audit_entries WHERE id = -7");
        assert_eq!(verify(&world), (9, None));
    }

    fn a_forged_entry_between_the_others_is_told(db: TestDb) {
        let world = sealed(&db);
        forge(&world, "(SELECT last_tx FROM audit_seals ORDER BY id LIMIT 1)", "(SELECT max(id) + 1 FROM audit_entries)");
        let found = verdict(&world, None);
        match is_sqlite(&world) {
            // There is no number between: it stands at the end, where the next seal covers it.
            true => assert_eq!((found.unsealed, found.fault), (1, None)),
            false => assert!(matches!(found.fault, Some(Fault::Seal { seal: 2, .. })), "{found:?}"),
        }
    }

    fn no_entry_leads_the_sealer_past_others(db: TestDb) {
        let world = sealed(&db);
        forge(&world, "(SELECT max(tx) + 1000000000 FROM audit_entries)", "(SELECT max(id) + 1000 FROM audit_entries)");
        write(&world, 2);
        seal_all(&world, 2);
        let found = verdict(&world, None);
        assert_eq!(found.unsealed, 1, "{found:?}");
        match is_sqlite(&world) {
            true => assert!(matches!(found.fault, Some(Fault::Transaction { tx: 1_000_000_000, .. })), "{found:?}"),
            false => assert_eq!((found.sealed, found.fault), (9, None)),
        }
    }

    fn entries_that_wait_for_their_seal_are_no_fault(db: TestDb) {
        let world = sealed(&db);
        write(&world, 3);
        let found = verdict(&world, None);
        assert_eq!((found.sealed, found.unsealed, found.fault), (7, 3, None));
        assert_eq!(found.end.map(|(seal, _)| seal), Some(3));
        assert_eq!(found.marked, Marked::Reached { sealed: false });
    }

    fn an_end_that_was_cut_off_with_its_seals_is_told(db: TestDb) {
        let world = sealed(&db);
        tamper(&world, CUT_END);
        assert_eq!(verify(&world), (5, Some(Fault::MarkMissed { seal: 3 })));
        // Going on from there does not hide it.
        write(&world, 2);
        seal_all(&world, 2);
        assert!(verify(&world).1.is_some());
    }

    fn emptied_tables_are_told(db: TestDb) {
        let world = sealed(&db);
        tamper(&world, EMPTY);
        assert_eq!(verify(&world), (0, Some(Fault::MarkMissed { seal: 3 })));
        tamper(&world, "DELETE FROM settings WHERE name = 'audit_head'");
        let found = verdict(&world, None);
        assert_eq!(found.marked, Marked::Not);
        // Without a mark SQLite still knows how many there were.
        let known = is_sqlite(&world).then_some(Fault::SealsCut { last: 0, given: 3 });
        assert_eq!(found.fault, known);
    }

    fn with_a_key_the_end_can_not_be_marked_by_others(db: TestDb) {
        let world = World::new(&db, &clock());
        let key = key();
        let seal = |key: &SealingKey| {
            write(&world, 2);
            wait(|| {
                let its = key.clone();
                world.write(move |tx| seal::seal(tx, Some(&its)));
                verdict(&world, Some(key)).unsealed == 0
            });
        };
        seal(&key);
        seal(&key);
        assert_eq!(verdict(&world, Some(&key)).marked, Marked::Reached { sealed: true });
        assert_eq!(left(&world, "audit.mark"), 1, "made once, then moved");
        assert_eq!(verdict(&world, None).marked, Marked::Closed, "nobody else can read it");
        // A node without the key goes on sealing, and leaves the mark alone.
        write(&world, 2);
        seal_all(&world, 2);
        assert_eq!(verdict(&world, Some(&key)).marked, Marked::Reached { sealed: true });
        tamper(&world, CUT_END);
        assert_eq!(verdict(&world, Some(&key)).marked, Marked::Reached { sealed: true });
        tamper(&world, CUT_END);
        assert_eq!(verify_with(&world, &key), Some(Fault::MarkMissed { seal: 3 }));
        tamper(&world, "UPDATE settings SET value = value || '00' WHERE name = 'audit_head'");
        assert_eq!(verify_with(&world, &key), Some(Fault::MarkForged));
        // Another key is in force now: the mark is made anew with it, and the log says so.
        let other = self::key();
        assert_eq!(verdict(&world, Some(&other)).marked, Marked::Closed);
        write(&world, 2);
        wait(|| {
            let its = other.clone();
            world.write(move |tx| seal::seal(tx, Some(&its)));
            verdict(&world, Some(&other)).marked == Marked::Reached { sealed: true }
        });
        assert_eq!(left(&world, "audit.mark"), 2);
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
        done += world.write(|tx| seal::seal(tx, None));
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
            done += world.write(|tx| seal::seal(tx, None));
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

fn verify(world: &World) -> (usize, Option<Fault>) {
    let found = verdict(world, None);
    (found.sealed, found.fault)
}

fn verdict(world: &World, key: Option<&SealingKey>) -> Verdict {
    world.store.read(|conn| seal::verify(conn, key)).unwrap()
}

fn verify_with(world: &World, key: &SealingKey) -> Option<Fault> {
    verdict(world, Some(key)).fault
}

fn key() -> SealingKey {
    SealingKey::from_text(&SealingKey::fresh_text().unwrap()).unwrap()
}

/// Statements by whoever has the database.
fn tamper(world: &World, statements: &'static str) {
    world.write(move |tx| Ok(tx.conn.batch_execute(statements)?));
}

/// Adds a copy of the first entry, of another transaction and with another number.
fn forge(world: &World, tx: &str, id: &str) {
    let statement = format!(
        "INSERT INTO audit_entries(tx, id, at, operation, actor_kind, actor_name, action, subject_kind, subject_name) \
         SELECT {tx}, {id}, at - 1000, 'x', 'user', 'Aud A', 'user.delete', 'user', 'Priya Nair' FROM audit_entries \
         ORDER BY id LIMIT 1"
    );
    world.write(move |tx| Ok(tx.conn.batch_execute(&statement)?));
}

fn is_sqlite(world: &World) -> bool {
    world
        .store
        .read(|conn| Ok(matches!(conn, Conn::Sqlite(_))))
        .unwrap()
}

/// Takes the last seal away, with all that it covers.
const CUT_END: &str = "DELETE FROM audit_seals WHERE id = (SELECT max(id) FROM audit_seals); \
     DELETE FROM audit_entries WHERE (tx, id) > (SELECT last_tx, last_entry FROM audit_seals ORDER BY id DESC LIMIT 1);";
const EMPTY: &str =
    "DELETE FROM audit_entries; DELETE FROM audit_seals; DELETE FROM audit_anchors;";

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
