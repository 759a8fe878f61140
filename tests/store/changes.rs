//! What one node writes, the others read: everything, once, in an order that loses nothing.

use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::audit::Actor;
use rollcall::store::changes::{self, Cursor};
use rollcall::store::connection::{self, Mode};
use rollcall::store::{Conn, RecordKind, Store};
use std::time::Duration;

both_databases! {
    fn a_write_leaves_a_line_for_each_record_it_touched(db: TestDb) {
        let store = store(&db);
        touch(&store, &[7, 8, 7]);
        let found = wait_for(2, || store.read(|conn| changes::after(conn, Cursor::default(), 100)).unwrap());
        let ids: Vec<_> = found.iter().map(|change| (change.kind.as_str(), change.id)).collect();
        assert_eq!(ids, [("user", 7), ("user", 8)]);
        assert!(found.iter().all(|change| change.node == store.node()));
    }

    fn nothing_is_read_twice(db: TestDb) {
        let store = store(&db);
        touch(&store, &[1, 2, 3]);
        let all = wait_for(3, || store.read(|conn| changes::after(conn, Cursor::default(), 100)).unwrap());
        let place = Cursor { tx: all[1].tx, seq: all[1].seq };
        let rest = store.read(|conn| changes::after(conn, place, 100)).unwrap();
        assert_eq!(rest, all[2..]);
        let end = Cursor { tx: all[2].tx, seq: all[2].seq };
        assert_eq!(store.read(changes::end).unwrap(), end);
        assert_eq!(store.read(|conn| changes::after(conn, end, 100)).unwrap(), []);
    }
}

#[test]
fn a_write_that_commits_late_is_not_passed_by() {
    let Some(db) = TestDb::postgres() else { return };
    let [mut early, mut late, mut reader] =
        [0, 1, 2].map(|_| connection::open(&db.database(), Mode::Write).unwrap());
    let from = changes::end(&mut reader).unwrap();
    run(&mut late, "BEGIN");
    run(
        &mut late,
        "INSERT INTO changes (node, at, kind, id) VALUES (1, 0, 'user', 1)",
    );
    run(
        &mut early,
        "INSERT INTO changes (node, at, kind, id) VALUES (2, 0, 'user', 2)",
    );
    let ids = |conn: &mut Conn, from| -> Vec<i64> {
        changes::after(conn, from, 100)
            .unwrap()
            .iter()
            .map(|change| change.id)
            .collect()
    };
    assert_eq!(
        ids(&mut reader, from),
        [0; 0],
        "the later one waits, or the cursor would pass the open one"
    );
    let meanwhile = changes::end(&mut reader).unwrap();
    run(&mut late, "COMMIT");
    assert_eq!(wait_for(2, || ids(&mut reader, from)), [1, 2]);
    let both = ids(&mut reader, meanwhile);
    assert_eq!(both, [1, 2], "a node that started in between sees both");
}

/// Asks again until there are so many: transactions of other tests on the same server hold them back.
fn wait_for<T>(count: usize, mut ask: impl FnMut() -> Vec<T>) -> Vec<T> {
    for _ in 0..500 {
        let found = ask();
        if found.len() >= count {
            return found;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{count} changes did not come")
}

fn store(db: &TestDb) -> Store {
    db.store(&TestClock::at("2026-11-22T09:30:00Z"))
}

fn touch(store: &Store, ids: &'static [i64]) {
    store
        .write_blocking(Actor::system(), |tx| {
            ids.iter().for_each(|id| tx.touch(RecordKind::User, *id));
            Ok(())
        })
        .unwrap();
}

fn run(conn: &mut Conn, sql: &str) {
    diesel::sql_query(sql).execute(conn).unwrap();
}
