//! `rollcall demo`.

use super::program::{Place, Server, text};
use rollcall::domain::time::Clock;
use rollcall::store::schema::legs;
use rollcall::store::{Conn, DatabaseUrl, Store};
use std::thread::sleep;
use std::time::Duration;

#[test]
fn a_demo_that_was_killed_during_a_call_starts_again() {
    let place = Place::new();
    let database = place.database();
    let database = text(&database);
    let small = [
        "demo",
        "--database",
        database,
        "--agents",
        "40",
        "--calls",
        "400",
        "--days",
        "3",
    ];
    // A working hour, in which people call.
    let begin = || {
        Server::of(
            &place,
            &[&small[..], &["--from", "2026-11-18T06:00:00Z"]].concat(),
        )
    };
    let demo = begin();
    let store = Store::open(&DatabaseUrl::Sqlite(database.into()), Clock::system()).unwrap();
    call_begun(&store);
    drop(demo); // SIGKILL
    let demo = begin();
    assert!(
        demo.url.starts_with("http://127.0.0.1:"),
        "it says where it is"
    );
}

/// Waits until somebody is on the phone.
fn call_begun(store: &Store) {
    use diesel::prelude::*;
    let open = |conn: &mut Conn| {
        let open: i64 = legs::table
            .filter(legs::ended_at.is_null())
            .count()
            .get_result(conn)?;
        Ok(open)
    };
    for _ in 0..3000 {
        if store.read(open).unwrap() > 0 {
            return;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("nobody called");
}
