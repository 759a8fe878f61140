//! A write is all or nothing, and there for everyone once it was acknowledged.

use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::audit::{Actor, Entry};
use rollcall::domain::time::{SECOND, Timestamp};
use rollcall::store::schema::{audit_entries, changes, settings};
use rollcall::store::{Store, StoreError, Tx, setting};

both_databases! {
    fn a_write_is_there_for_the_next_start(db: TestDb) {
        let clock = clock();
        put(&db.store(&clock), "region", "IN").unwrap();
        let found = db.store(&clock).read(|conn| setting::find(conn, "region")).unwrap();
        assert_eq!(found.as_deref(), Some("IN"));
    }

    fn a_write_that_fails_leaves_nothing_behind(db: TestDb) {
        let store = db.store(&clock());
        let refused = store.write_blocking(Actor::system(), |tx| {
            put_audited(tx, "region", "IN")?;
            Err::<(), _>(StoreError::Stale)
        });
        assert!(matches!(refused, Err(StoreError::Stale)));
        assert_eq!(rows(&store), (0, 0, 0));
    }

    fn a_write_that_panics_leaves_nothing_behind_and_the_next_one_works(db: TestDb) {
        let store = db.store(&clock());
        let broken = store.write_blocking(Actor::system(), |tx| {
            put_audited(tx, "region", "IN")?;
            if tx.now > Timestamp(0) { panic!("on purpose") }
            Ok(())
        });
        assert!(matches!(broken, Err(StoreError::Broken(_))));
        assert_eq!(rows(&store), (0, 0, 0));
        put(&store, "region", "IN").unwrap();
        assert_eq!(rows(&store), (1, 1, 1));
    }

    fn one_failing_write_does_not_take_its_neighbours_along(db: TestDb) {
        let store = db.store(&clock());
        std::thread::scope(|scope| {
            for i in 0..64 {
                let store = &store;
                scope.spawn(move || {
                    let done = store.write_blocking(Actor::system(), move |tx| {
                        put_audited(tx, &format!("name {i}"), "value")?;
                        if i % 2 == 0 { Ok(()) } else { Err(StoreError::NotFound) }
                    });
                    assert_eq!(done.is_ok(), i % 2 == 0);
                });
            }
        });
        let (settings, entries, _) = rows(&store);
        assert_eq!((settings, entries), (32, 32));
    }

    fn a_write_happens_at_one_instant_of_the_clock(db: TestDb) {
        let clock = clock();
        let store = db.store(&clock);
        put(&store, "first", "1").unwrap();
        clock.advance(SECOND);
        put(&store, "second", "2").unwrap();
        let at: Vec<i64> = store
            .read(|conn| Ok(settings::table.select(settings::updated_at).order(settings::name).load(conn)?))
            .unwrap();
        assert_eq!(at, [clock.now().0 - SECOND, clock.now().0]);
    }

    fn a_reader_can_not_write(db: TestDb) {
        let store = db.store(&clock());
        let refused = store.read(|conn| Ok(diesel::delete(settings::table).execute(conn)?));
        assert!(refused.is_err());
    }
}

fn clock() -> TestClock {
    TestClock::at("2026-11-22T09:30:00Z")
}

fn put(store: &Store, name: &'static str, value: &'static str) -> Result<(), StoreError> {
    store.write_blocking(Actor::system(), |tx| put_audited(tx, name, value))
}

fn put_audited(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    setting::put(tx, name, value)?;
    tx.audit(Entry::new("setting.update", "setting", None, name).after("value", value))
}

/// How many settings, audit entries and lines in `changes` there are.
fn rows(store: &Store) -> (i64, i64, i64) {
    let count = |conn: &mut _| {
        Ok((
            settings::table.count().get_result(conn)?,
            audit_entries::table.count().get_result(conn)?,
            changes::table.count().get_result(conn)?,
        ))
    };
    store.read(count).unwrap()
}
