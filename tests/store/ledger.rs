//! What the ledger makes of phone events, one rule a test.

use crate::support::calls::{Known, accept, at, event, take};
use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::call::{AgentRef, CallEventKind as K, Direction, EventBody, ReportedState};
use rollcall::domain::day_range::Day;
use rollcall::domain::ids::{AgentId, DepartmentId, UserId};
use rollcall::domain::time::{MINUTE, SECOND, Timestamp};
use rollcall::store::ledger::Outcome;
use rollcall::store::schema::{agent_live, calls, day_counts, intervals, legs};

both_databases! {
    fn an_answered_call_counts_for_the_agent_and_its_department(db: TestDb) {
        let (world, sales, [asha, ben]) = install(&db);
        let leg = |name, agent| Known::leg("c1", name, agent, T).in_department(sales);
        accept(&world.store, vec![
            leg("1", asha).event(K::Ringing),
            leg("2", ben).event(K::Ringing),
            leg("2", ben).answered(5).event(K::Answered),
            leg("1", asha).ended(5).event(K::Missed),
            leg("2", ben).answered(5).ended(65).event(K::Ended),
        ]);
        assert_eq!(counts(&world), [(0, sales.0, 1, 0), (key(ben), sales.0, 1, 0)], "answered by a colleague is no missed");
        assert_eq!(kinds(&world), [("c1-1".into(), 0), ("c1-2".into(), 1)]);
    }

    fn a_call_that_nobody_answered_is_missed_by_each_it_rang_and_once_by_the_department(db: TestDb) {
        let (world, sales, [asha, ben]) = install(&db);
        let leg = |name, agent| Known::leg("c1", name, agent, T).in_department(sales);
        accept(&world.store, vec![
            leg("1", asha).ended(20).event(K::Missed),
            leg("2", ben).event(K::Ringing),
        ]);
        assert_eq!(counts(&world), [], "it still rings");
        accept(&world.store, vec![leg("2", ben).ended(20).event(K::Missed)]);
        assert_eq!(counts(&world), [(0, sales.0, 0, 1), (key(asha), sales.0, 0, 1), (key(ben), sales.0, 0, 1)]);
    }

    fn a_caller_who_gives_up_is_the_departments_missed(db: TestDb) {
        let (world, sales, _) = install(&db);
        let call = Known::call("c1", T).in_department(sales);
        accept(&world.store, vec![call.event(K::Started)]);
        assert_eq!(counts(&world), []);
        accept(&world.store, vec![call.ended(31).event(K::Missed)]);
        assert_eq!(counts(&world), [(0, sales.0, 0, 1)]);
        assert_eq!(missed_calls(&world), [("c1".to_owned(), true)]);
    }

    fn a_transfer_counts_once_for_each_who_answered_and_an_agent_once_a_call(db: TestDb) {
        let (world, sales, [asha, ben]) = install(&db);
        let leg = |name, agent| Known::leg("c1", name, agent, T).in_department(sales);
        accept(&world.store, vec![
            leg("1", asha).answered(5).ended(60).record(),
            leg("2", ben).answered(62).ended(90).record(),
            leg("3", asha).answered(95).ended(120).record(),
        ]);
        assert_eq!(counts(&world), [(0, sales.0, 2, 0), (key(asha), sales.0, 1, 0), (key(ben), sales.0, 1, 0)]);
        assert_eq!(kinds(&world), [("c1-1".into(), 1), ("c1-2".into(), 1), ("c1-3".into(), 0)]);
    }

    fn internal_and_outgoing_calls_never_count(db: TestDb) {
        let (world, sales, [asha, ben]) = install(&db);
        for (call, direction) in [("c1", Direction::Internal), ("c2", Direction::Outbound)] {
            let leg = |name, agent| Known::leg(call, name, agent, T).in_department(sales).directed(direction);
            accept(&world.store, vec![
                leg("1", asha).answered(5).ended(60).record(),
                leg("2", ben).ended(20).record(),
            ]);
        }
        assert_eq!(counts(&world), []);
        assert_eq!(missed_calls(&world), [("c1".to_owned(), false), ("c2".to_owned(), false)]);
    }

    fn a_consultation_counts_on_its_own_answer_once_it_is_joined(db: TestDb) {
        let (world, sales, [asha, ben]) = install(&db);
        // A minute before and a minute after midnight in India.
        let evening = at("2026-11-21T18:29:00Z");
        let asked = Known::leg("c1", "1", asha, evening).in_department(sales).answered(5);
        let consulted = Known::leg("c1", "2", ben, evening.plus(MINUTE)).directed(Direction::Internal).answered(60);
        accept(&world.store, vec![asked.event(K::Answered), consulted.event(K::Answered)]);
        assert_eq!(counts_by_day(&world), [("2026-11-21".into(), 0, 1), ("2026-11-21".into(), key(asha), 1)]);
        accept(&world.store, vec![
            asked.ended(130).event(K::Ended),
            consulted.directed(Direction::Inbound).ended(600).event(K::Ended),
        ]);
        assert_eq!(counts_by_day(&world), [
            ("2026-11-21".into(), 0, 1),
            ("2026-11-21".into(), key(asha), 1),
            ("2026-11-22".into(), key(ben), 1),
        ]);
    }

    fn a_record_corrects_what_events_said(db: TestDb) {
        let (world, sales, [asha, _]) = install(&db);
        let leg = Known::leg("c1", "1", asha, T).in_department(sales);
        // A mobile's voicemail seemed to answer.
        accept(&world.store, vec![leg.clone().answered(5).ended(9).event(K::Ended)]);
        assert_eq!(counts(&world), [(0, sales.0, 1, 0), (key(asha), sales.0, 1, 0)]);
        accept(&world.store, vec![leg.ended(9).record()]);
        assert_eq!(counts(&world), [(0, sales.0, 0, 1), (key(asha), sales.0, 0, 1)]);
        assert_eq!(missed_calls(&world), [("c1".to_owned(), true)]);
    }

    fn the_same_event_again_is_a_duplicate_and_changes_nothing(db: TestDb) {
        let (world, sales, [asha, _]) = install(&db);
        let event = Known::leg("c1", "1", asha, T).in_department(sales).answered(5).record();
        let twice = take(&world.store, vec![event.clone(), event.clone()]);
        assert_eq!(twice, [Outcome::Accepted, Outcome::Duplicate]);
        assert_eq!(take(&world.store, vec![event]), [Outcome::Duplicate]);
        assert_eq!(counts(&world), [(0, sales.0, 1, 0), (key(asha), sales.0, 1, 0)]);
    }

    fn what_makes_no_sense_is_rejected_with_its_reason_and_may_come_again(db: TestDb) {
        let (world, _, [asha, ben]) = install(&db);
        let nobody = Known::leg("c1", "1", AgentId::of(UserId(77)), T).record();
        let mut nowhere = Known::leg("c1", "1", asha, T);
        nowhere.department = Some(DepartmentId(99));
        let mut without_leg = Known::leg("c1", "1", asha, T);
        without_leg.leg = None;
        let ahead = Known::leg("c1", "1", asha, T.plus(301 * SECOND)).record();
        accept(&world.store, vec![Known::leg("c2", "1", asha, T).record(), Known::leg("c3", "1", asha, T).record()]);
        let mut others = Known::leg("c2", "1", ben, T);
        let of_another_agent = others.record();
        others.call = "c3".to_owned();
        others.agent = Some(asha);
        let cases = [
            (nobody.clone(), "agent 010077 is not known"),
            (nowhere.record(), "its department is not known"),
            (without_leg.record(), "an agent's part of a call needs its leg_id"),
            (ahead, "its time is more than 5 minutes in the future"),
            (of_another_agent, "leg c2-1 belongs to another agent"),
            (others.record(), "leg c2-1 belongs to another call"),
        ];
        for (event, why) in &cases {
            assert_eq!(take(&world.store, vec![event.clone()]), [Outcome::Rejected((*why).to_owned())]);
        }
        assert_eq!(take(&world.store, vec![nobody]), [Outcome::Rejected("agent 010077 is not known".to_owned())], "not a duplicate");
        assert_eq!(kinds(&world).len(), 2);
        let soon = Known::leg("c4", "1", asha, T.plus(299 * SECOND)).record();
        accept(&world.store, vec![soon]);
    }

    fn an_older_state_is_stale_however_late_it_comes(db: TestDb) {
        let (world, _, [asha, ben]) = install(&db);
        let agent = || AgentRef::Id(asha);
        let registered = || EventBody::Registered(AgentRef::Extension("ext-asha".to_owned()));
        let state = |state| EventBody::AgentState { agent: agent(), state, reason: None };
        accept(&world.store, vec![event(T, registered()), event(T.plus(20), registered())]);
        let late = take(&world.store, vec![event(T.plus(15), EventBody::Unregistered(agent()))]);
        assert_eq!(late, [Outcome::Stale], "it was registered again since");
        accept(&world.store, vec![
            event(T.plus(30), state(ReportedState::Idle)),
            event(T.plus(30), state(ReportedState::SignedIn)),
        ]);
        for older in [ReportedState::OnCall, ReportedState::Paused] {
            assert_eq!(take(&world.store, vec![event(T.plus(25), state(older))]), [Outcome::Stale], "{older:?}");
        }
        let mut first = event(T.plus(40), state(ReportedState::Paused));
        first.sequence.0 = "9".to_owned();
        let mut second = event(T.plus(40), state(ReportedState::SignedIn));
        second.sequence.0 = "10".to_owned();
        assert_eq!(take(&world.store, vec![second, first]), [Outcome::Accepted, Outcome::Stale]);
        assert_eq!(live(&world, asha), ("on".into(), "registered".into(), "idle".into()));
        let unknown = take(&world.store, vec![event(T, EventBody::Registered(AgentRef::Extension("nobody".into())))]);
        assert_eq!(unknown, [Outcome::Rejected("extension nobody is not known".to_owned())]);
        assert_eq!(take(&world.store, vec![event(T, EventBody::Registered(AgentRef::Id(ben)))]), [Outcome::Accepted]);
    }

    fn states_leave_their_history(db: TestDb) {
        let (world, _, [asha, _]) = install(&db);
        let paused = EventBody::AgentState { agent: AgentRef::Id(asha), state: ReportedState::Paused, reason: Some("lunch".into()) };
        let back = EventBody::AgentState { agent: AgentRef::Id(asha), state: ReportedState::SignedIn, reason: None };
        accept(&world.store, vec![event(T, paused), event(T.plus(MINUTE), back)]);
        type Row = (String, String, Option<String>, i64, Option<i64>);
        let rows: Vec<Row> = world.store.read(|conn| {
            Ok(intervals::table.order(intervals::id).select((
                intervals::axis, intervals::value, intervals::reason, intervals::started_at, intervals::ended_at,
            )).load(conn)?)
        }).unwrap();
        let end = T.plus(MINUTE).0;
        assert_eq!(rows, [
            ("duty".into(), "paused".into(), Some("lunch".into()), T.0, Some(end)),
            ("duty".into(), "on".into(), None, end, None),
        ]);
    }

    fn a_snapshot_closes_what_it_does_not_list(db: TestDb) {
        let (world, sales, [asha, ben]) = install(&db);
        let leg = |call, name, agent| Known::leg(call, name, agent, T).in_department(sales);
        accept(&world.store, vec![
            event(T, EventBody::Registered(AgentRef::Id(asha))),
            event(T, EventBody::Registered(AgentRef::Id(ben))),
            leg("gone", "1", asha).answered(5).event(K::Answered),
            leg("half", "1", asha).event(K::Ringing),
            leg("half", "2", ben).answered(5).event(K::Answered),
            Known::call("waiting", T).in_department(sales).event(K::Started),
            Known::call("gave-up", T).in_department(sales).event(K::Started),
            Known::call("later", T.plus(MINUTE)).in_department(sales).event(K::Started),
        ]);
        let calls = vec![
            leg("half", "2", ben).answered(5).call_event(K::Answered),
            Known::call("waiting", T).in_department(sales).call_event(K::Started),
        ];
        let then = T.plus(30 * SECOND);
        accept(&world.store, vec![event(then, EventBody::Snapshot { registered: vec![AgentRef::Id(ben)], calls })]);
        assert_eq!(ends(&world), [
            ("gone-1".into(), Some(then.0)), ("half-1".into(), Some(then.0)), ("half-2".into(), None),
        ]);
        assert_eq!(open_calls(&world), ["half", "waiting", "later"]);
        assert_eq!(live(&world, asha), ("on".into(), "unregistered".into(), "idle".into()));
        assert_eq!(live(&world, ben), ("on".into(), "registered".into(), "on_call".into()));
        assert_eq!(counts(&world), [(0, sales.0, 2, 1), (key(asha), sales.0, 1, 0), (key(ben), sales.0, 1, 0)]);
        // The true end was earlier or later, and comes after all.
        accept(&world.store, vec![leg("gone", "1", asha).answered(5).ended(50).event(K::Ended)]);
        assert_eq!(ends(&world)[0].1, Some(T.plus(50 * SECOND).0));
    }

    fn calls_make_an_agent_busy_and_wrap_up_ends_by_itself(db: TestDb) {
        let (world, _, [asha, _]) = install(&db);
        let support = world.department("Support", 30);
        let leg = Known::leg("c1", "1", asha, T).in_department(support);
        let state = || live(&world, asha).2;
        accept(&world.store, vec![leg.event(K::Ringing)]);
        assert_eq!(state(), "ringing");
        accept(&world.store, vec![leg.clone().answered(5).event(K::Answered)]);
        assert_eq!(state(), "on_call");
        world.clock.advance(MINUTE);
        accept(&world.store, vec![leg.answered(5).ended(60).event(K::Ended)]);
        assert_eq!(state(), "wrap_up");
        let over = |world: &World| {
            let now = world.clock.now();
            let is_due = world.store.read(|conn| rollcall::store::ledger::wrap_up_is_over(conn, now)).unwrap();
            let ended = world.write(rollcall::store::ledger::end_wrap_up);
            assert_eq!(is_due, ended > 0);
            ended
        };
        world.clock.advance(29 * SECOND);
        assert_eq!((over(&world), state()), (0, "wrap_up".to_owned()));
        world.clock.advance(SECOND);
        assert_eq!((over(&world), state()), (1, "idle".to_owned()));
        let since: i64 = world.store.read(|conn| Ok(agent_live::table.select(agent_live::call_at).first(conn)?)).unwrap();
        assert_eq!(since, T.plus(90 * SECOND).0);
    }

    fn a_supervisors_word_holds_against_a_phone_system_whose_clock_is_ahead(db: TestDb) {
        let (world, _, [asha, _]) = install(&db);
        let ahead = T.plus(4 * MINUTE);
        let signed_in = EventBody::AgentState { agent: AgentRef::Id(asha), state: ReportedState::Offline, reason: None };
        accept(&world.store, vec![event(ahead, signed_in)]);
        world.write(move |tx| {
            rollcall::store::ledger::set_duty(tx, asha, rollcall::domain::status::Duty::Paused, Some("lunch"))
        });
        assert_eq!(live(&world, asha).0, "paused");
    }
}

/// The clock stands here: noon in India.
const T: Timestamp = Timestamp(1_795_329_000_000_000);

fn install(db: &TestDb) -> (World, DepartmentId, [AgentId; 2]) {
    assert_eq!(T, at("2026-11-22T06:30:00Z"));
    let world = World::new(db, &TestClock::at("2026-11-22T06:30:00Z"));
    let sales = world.department("Sales", 0);
    let agents = ["Asha", "Ben"].map(|name| world.agent(name));
    (world, sales, agents)
}

fn key(agent: AgentId) -> i64 {
    agent.user().0
}

/// (agent, department, answered, missed), all days; agent 0 is the department's own.
fn counts(world: &World) -> Vec<(i64, i64, i32, i32)> {
    let count = |conn: &mut _| {
        Ok(day_counts::table
            .filter(day_counts::answered.ne(0).or(day_counts::missed.ne(0)))
            .order((
                day_counts::day,
                day_counts::agent_id,
                day_counts::department_id,
            ))
            .select((
                day_counts::agent_id,
                day_counts::department_id,
                day_counts::answered,
                day_counts::missed,
            ))
            .load(conn)?)
    };
    world.store.read(count).unwrap()
}

fn counts_by_day(world: &World) -> Vec<(String, i64, i32)> {
    let rows: Vec<(i32, i64, i32)> = world
        .store
        .read(|conn| {
            Ok(day_counts::table
                .order((day_counts::day, day_counts::agent_id))
                .select((day_counts::day, day_counts::agent_id, day_counts::answered))
                .load(conn)?)
        })
        .unwrap();
    rows.into_iter()
        .map(|(day, agent, answered)| (Day(day).to_string(), agent, answered))
        .collect()
}

/// What each leg counts as.
fn kinds(world: &World) -> Vec<(String, i32)> {
    world
        .store
        .read(|conn| {
            Ok(legs::table
                .order(legs::leg_id)
                .select((legs::leg_id, legs::counts))
                .load(conn)?)
        })
        .unwrap()
}

fn ends(world: &World) -> Vec<(String, Option<i64>)> {
    world
        .store
        .read(|conn| {
            Ok(legs::table
                .order(legs::leg_id)
                .select((legs::leg_id, legs::ended_at))
                .load(conn)?)
        })
        .unwrap()
}

fn missed_calls(world: &World) -> Vec<(String, bool)> {
    world
        .store
        .read(|conn| {
            Ok(calls::table
                .order(calls::call_id)
                .select((calls::call_id, calls::missed))
                .load(conn)?)
        })
        .unwrap()
}

fn open_calls(world: &World) -> Vec<String> {
    world
        .store
        .read(|conn| {
            Ok(calls::table
                .filter(calls::ended_at.is_null())
                .order(calls::id)
                .select(calls::call_id)
                .load(conn)?)
        })
        .unwrap()
}

/// (duty, device, call state).
fn live(world: &World, agent: AgentId) -> (String, String, String) {
    world
        .store
        .read(|conn| {
            Ok(agent_live::table
                .find(key(agent))
                .select((agent_live::duty, agent_live::device, agent_live::call_state))
                .first(conn)?)
        })
        .unwrap()
}
