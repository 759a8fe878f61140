//! A floor follows what other programs write to the same database.

use super::reference::{answers, assert_fresh};
use crate::support::calls::{Known, accept, event};
use crate::support::world::{World, block_on, join_group, loaded};
use crate::support::{TestClock, TestDb, postgres};
use diesel::prelude::*;
use rollcall::domain::call::EventBody;
use rollcall::domain::day_range::{Day, DaySpan};
use rollcall::domain::filter::AgentFilter;
use rollcall::domain::install::Install;
use rollcall::domain::role::Scope;
use rollcall::domain::time::SECOND;
use rollcall::floor::Floor;
use rollcall::jobs::Jobs;
use rollcall::store::listen::Listener;
use rollcall::store::schema::users;
use rollcall::store::{RecordKind, setting};
use std::time::{Duration, Instant};

#[test]
fn a_node_shows_what_another_writes() {
    let Some(db) = TestDb::postgres() else { return };
    let clock = clock();
    let one = World::new(&db, &clock);
    let asha = one.agent("Asha");
    let floor = one.floor();
    let _jobs = Jobs::start(&floor).unwrap();
    let two = World {
        store: db.store(&clock),
        clock: clock.clone(),
    };
    let there = loaded(two.store.clone());
    two.rename(asha, "Asha Rao");
    let ben = two.agent("Ben");
    let group = two.group("Mornings");
    two.write(move |tx| {
        join_group(tx, ben.user().0, group)?;
        tx.touch(RecordKind::User, ben.user().0);
        Ok(())
    });
    let sales = two.department("Sales", 0);
    let from = clock.now().plus(-60 * SECOND);
    accept(
        &two.store,
        vec![
            Known::leg("c1", "1", ben, from)
                .in_department(sales)
                .answered(5)
                .record(),
        ],
    );
    two.set_deleted(asha, true);
    two.write(|tx| setting::put(tx, Install::NAME, "Night desk"));
    wait("the first node follows", || {
        answers(&floor.picture()) == answers(&there.picture())
    });
    one.rename(ben, "Ben Okri");
    wait("the second node follows", || {
        answers(&floor.picture()) == answers(&there.picture())
    });
    assert_eq!(
        &*floor.picture().person(ben.user()).unwrap().name,
        "Ben Okri"
    );
    assert_eq!(floor.picture().install().name, "Night desk");
    assert_eq!(totals(&floor), (1, 1, 0));
    wait("the check finds nothing", || {
        block_on(floor.check()).unwrap().is_empty()
    });
}

#[test]
fn two_nodes_that_hear_of_the_same_calls_lose_nothing() {
    let Some(db) = TestDb::postgres() else { return };
    let clock = clock();
    let one = World::new(&db, &clock);
    let two = World {
        store: db.store(&clock),
        clock: clock.clone(),
    };
    let (asha, sales) = (one.agent("Asha"), one.department("Sales", 0));
    let floor = one.floor();
    let leg = |number: i64| {
        Known::leg(
            &format!("c{number}"),
            "1",
            asha,
            clock.now().plus(-900 * SECOND),
        )
        .in_department(sales)
    };
    std::thread::scope(|scope| {
        use rollcall::domain::call::CallEventKind as K;
        scope.spawn(|| {
            (0..30).for_each(|n| {
                accept(
                    &one.store,
                    vec![
                        leg(n).event(K::Ringing),
                        leg(n).answered(5).event(K::Answered),
                    ],
                )
            })
        });
        scope.spawn(|| {
            (0..30).for_each(|n| accept(&two.store, vec![leg(n).ended(60).event(K::Ended)]))
        });
    });
    wait("30 calls are counted", || totals(&floor) == (1, 30, 0));
    wait("the picture is the database's", || {
        block_on(floor.check()).unwrap().is_empty()
    });
    let today = floor.picture().install().calendar.day_of(clock.now());
    let counted = one
        .store
        .read(|conn| rollcall::store::count::of_department(conn, 1, today, sales.0))
        .unwrap();
    assert_eq!(counted, (30, 0));
}

#[test]
fn commits_of_other_nodes_are_heard_of_at_once() {
    let Some(db) = TestDb::postgres() else { return };
    let world = World::new(&db, &clock());
    let mut at_home = Listener::open(&world.store).unwrap();
    let mut elsewhere = Listener::open(&db.store(&clock())).unwrap();
    assert!(!elsewhere.heard().unwrap());
    world.agent("Asha");
    wait("a notification", || elsewhere.heard().unwrap());
    assert!(!elsewhere.heard().unwrap(), "one commit, one notification");
    assert!(!at_home.heard().unwrap(), "what a node wrote it knows");
}

#[test]
fn a_node_that_lost_its_connections_writes_and_follows_again() {
    let Some(db) = TestDb::postgres() else { return };
    let clock = clock();
    let one = World::new(&db, &clock);
    let two = World {
        store: db.store(&clock),
        clock: clock.clone(),
    };
    let asha = one.agent("Asha");
    let floor = one.floor();
    let _jobs = Jobs::start(&floor).unwrap();
    let name = |floor: &Floor| {
        floor
            .picture()
            .person(asha.user())
            .unwrap()
            .name
            .to_string()
    };
    let database: String = one
        .store
        .read(|conn| {
            Ok(diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(
                "current_database()::text",
            ))
            .get_result(conn)?)
        })
        .unwrap();
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
    );
    postgres::server_or_skip().unwrap().execute(&cut);
    two.rename(asha, "Asha Rao");
    wait("it follows though it wrote nothing", || {
        name(&floor) == "Asha Rao"
    });
    postgres::server_or_skip().unwrap().execute(&cut);
    one.rename(asha, "Asha Devi");
    assert_eq!(
        name(&floor),
        "Asha Devi",
        "the first write after the cut is not refused"
    );
}

#[test]
fn a_server_on_sqlite_shows_what_a_command_beside_it_writes() {
    let db = TestDb::sqlite();
    let clock = clock();
    let world = World::new(&db, &clock);
    let asha = world.agent("Asha");
    let floor = world.floor();
    let beside = World {
        store: db.store(&clock),
        clock: clock.clone(),
    };
    for name in ["Asha Rao", "Asha Devi"] {
        let id = asha.user().0;
        beside.write(move |tx| {
            diesel::update(users::table.find(id))
                .set(users::name.eq(name))
                .execute(tx.conn)?;
            tx.touch(RecordKind::User, id);
            Ok(())
        });
        beside.agent(&format!("Beside {name}"));
        let shown = || {
            floor
                .picture()
                .person(asha.user())
                .unwrap()
                .name
                .to_string()
        };
        wait(name, || {
            shown() == name
                && floor.picture().people().len() == beside.floor().picture().people().len()
        });
    }
    assert_fresh(&floor, &loaded(db.store(&clock)), "");
}

#[test]
fn a_silent_source_makes_statuses_unknown_until_it_speaks() {
    let db = TestDb::sqlite();
    let clock = clock();
    let world = World::new(&db, &clock);
    world.agent("Asha");
    let floor = world.floor();
    let unknown = || floor.picture().by_status(&Scope::All).0[2] == 1;
    assert!(unknown(), "nothing was heard yet");
    accept(&world.store, vec![event(clock.now(), EventBody::Heartbeat)]);
    wait("known", || !unknown());
    clock.advance(91 * SECOND);
    wait("unknown after three heartbeats", unknown);
    accept(&world.store, vec![event(clock.now(), EventBody::Heartbeat)]);
    wait("known again", || !unknown());
}

/// Agents, calls answered, calls missed.
fn totals(floor: &Floor) -> (usize, i64, i64) {
    let picture = floor.picture();
    let span = DaySpan {
        from: Day::FIRST,
        to: Day::LAST,
    };
    let page = picture.page(
        &AgentFilter::default(),
        &Scope::All,
        span,
        &Default::default(),
    );
    (page.total, page.sum.answered, page.sum.missed)
}

fn clock() -> TestClock {
    TestClock::at("2026-11-22T06:30:00Z")
}

/// Open transactions of other tests on the same server hold changes back: there is time enough.
pub fn wait(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "waited in vain: {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}
