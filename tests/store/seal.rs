//! What was sealed can't be changed unseen.

use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::audit::Entry;
use rollcall::jobs::Jobs;
use rollcall::store::schema::audit_entries;
use rollcall::store::seal::{self, BrokenSeal};

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
