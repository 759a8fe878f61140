//! Of several nodes one holds a lease.

use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::audit::Actor;
use rollcall::store::schema::leases;
use rollcall::store::{Store, lease};
use std::time::Duration;

both_databases! {
    fn a_lease_has_one_holder_until_it_is_given_back(db: TestDb) {
        let store = store(&db);
        assert!(hold(&store, "a", 60));
        assert!(!hold(&store, "b", 60));
        assert!(hold(&store, "a", 60), "the holder keeps it");
        release(&store, "b");
        assert!(!hold(&store, "b", 60), "only the holder gives it back");
        release(&store, "a");
        assert!(hold(&store, "b", 60));
        assert!(!hold(&store, "a", 60));
    }

    fn a_lease_that_is_not_renewed_passes_on(db: TestDb) {
        let store = store(&db);
        assert!(hold(&store, "a", 60));
        store
            .write_blocking(Actor::system(), |tx| Ok(diesel::update(leases::table).set(leases::until.eq(1)).execute(tx.conn)?))
            .unwrap();
        assert!(hold(&store, "b", 60));
        assert!(!hold(&store, "a", 60));
    }

    fn two_nodes_that_reach_for_a_free_lease_at_once_do_not_both_get_it(db: TestDb) {
        let (one, two) = (store(&db), store(&db));
        for expired in [false, true] {
            let (begun, has_begun) = std::sync::mpsc::channel();
            let (first, second) = std::thread::scope(|scope| {
                let first = scope.spawn(|| {
                    one.write_blocking(Actor::system(), move |tx| {
                        let got = lease::hold(tx, "jobs", "a", 60_000_000)?;
                        begun.send(()).unwrap();
                        // Long enough for the other to look, and to wait for this transaction's end.
                        std::thread::sleep(Duration::from_millis(300));
                        Ok(got)
                    })
                    .unwrap()
                });
                has_begun.recv().unwrap();
                let second = hold(&two, "b", 60);
                (first.join().unwrap(), second)
            });
            assert_eq!((first, second), (true, false), "expired before: {expired}");
            one.write_blocking(Actor::system(), |tx| Ok(diesel::update(leases::table).set(leases::until.eq(1)).execute(tx.conn)?))
                .unwrap();
        }
    }
}

fn store(db: &TestDb) -> Store {
    db.store(&TestClock::at("2026-11-22T06:30:00Z"))
}

fn hold(store: &Store, holder: &'static str, seconds: i64) -> bool {
    store
        .write_blocking(Actor::system(), move |tx| {
            lease::hold(tx, "jobs", holder, seconds * 1_000_000)
        })
        .unwrap()
}

fn release(store: &Store, holder: &'static str) {
    store
        .write_blocking(Actor::system(), move |tx| {
            lease::release(tx, "jobs", holder)
        })
        .unwrap();
}
