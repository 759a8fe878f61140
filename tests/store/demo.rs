//! A demo's database is whole and consistent, the same for the same parameters, and never a real one.

use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::demo::{Parameters, PrepareError, Prepared, prepare, simulator};
use rollcall::domain::agent::{OutgoingCalls, RingsOn};
use rollcall::domain::calendar::Calendar;
use rollcall::domain::call::{
    Authority, CallFacts, Direction, End, LegFacts, contributions, judge,
};
use rollcall::domain::ids::{AgentId, DepartmentId, UserId};
use rollcall::domain::number_plan::{Intercom, IntercomLength, TransferCode, is_ambiguous};
use rollcall::domain::person::WebLogin;
use rollcall::domain::phone::Phone;
use rollcall::domain::text::{Email, LoginId};
use rollcall::domain::time::{HOUR, SECOND, Timestamp};
use rollcall::floor::Floor;
use rollcall::store::connection::{self, Mode};
use rollcall::store::schema::{
    agent_live, agents, calls, claims, day_counts, departments, intervals, legs, users,
};
use rollcall::store::{Conn, DatabaseUrl, person, setting};
use std::collections::{BTreeMap, HashMap, HashSet};

const SMALL: Parameters = Parameters {
    seed: 7,
    agents: 80,
    calls: 2_500,
    days: 6,
};

both_databases! {
    fn the_counts_of_days_equal_a_recount_of_the_legs(db: TestDb) {
        let mut conn = filled(&db, SMALL);
        assert_eq!(counted(&mut conn), recounted(&mut conn));
        assert_eq!(counted(&mut conn), judged(&mut conn));
        let all: i64 = calls::table.count().get_result(&mut conn).unwrap();
        assert_eq!(all as u64, SMALL.calls);
    }

    fn each_leg_counts_as_the_rule_for_calls_says(db: TestDb) {
        let mut conn = filled(&db, SMALL);
        for (call, of_call) in facts(&mut conn) {
            let legs: Vec<LegFacts> = of_call.iter().map(|(facts, ..)| facts.clone()).collect();
            let verdict = judge(&call.0, &legs);
            assert_eq!(verdict.missed, call.1);
            for (counts, (facts, stored, day)) in verdict.legs.iter().zip(&of_call) {
                assert_eq!(counts.code(), *stored, "{facts:?}");
                assert_eq!(calendar().day_of(facts.counted_at(*counts)).0, *day);
            }
        }
    }

    fn the_same_parameters_make_the_same_rows(db: TestDb) {
        let mut conn = filled(&db, SMALL);
        let other = TestDb::sqlite();
        assert_eq!(dump(&mut conn), dump(&mut filled(&other, SMALL)));
        let another = TestDb::sqlite();
        let seed = Parameters { seed: 8, ..SMALL };
        assert_ne!(dump(&mut conn), dump(&mut filled(&another, seed)));
    }

    fn names_and_numbers_are_ones_that_the_product_takes(db: TestDb) {
        let mut conn = filled(&db, SMALL);
        for person in person::all(&mut conn).unwrap() {
            LoginId::parse(&person.login_id).unwrap();
            assert!(person.web_login == WebLogin::None || person.email.is_some(), "who signs in has an address");
            assert!(person.email.is_none_or(|email| Email::parse(&email).is_ok()));
            let Some(agent) = person.agent else { continue };
            let numbers = person.phone.iter().chain(&agent.forwarding_number).chain(&agent.alternative_numbers);
            assert!(numbers.count() <= 5);
            if let Some(intercom) = &agent.intercom {
                Intercom::parse(intercom, IntercomLength::new(4).unwrap()).unwrap();
            }
            assert!(agent.rings_on != RingsOn::Phone || agent.forwarding_number.is_some());
            assert!(OutgoingCalls::ALL.contains(&agent.outgoing_calls));
        }
        let dialled: Vec<(String, String)> = calls::table
            .filter(calls::direction.ne("internal"))
            .select((calls::caller, calls::callee))
            .load(&mut conn)
            .unwrap();
        for number in dialled.iter().flat_map(|(caller, callee)| [caller, callee]) {
            assert!(number.is_empty() || Phone::from_e164(number).is_some(), "{number}");
        }
        let codes: Vec<Option<String>> = departments::table.select(departments::transfer_code).load(&mut conn).unwrap();
        assert!(codes.iter().flatten().all(|code| TransferCode::parse(code).is_ok()));
        let dials: Vec<String> = claims::table.filter(claims::kind.eq("dial")).select(claims::value).load(&mut conn).unwrap();
        let ambiguous = |a: &String| dials.iter().filter(|b| is_ambiguous(a, b)).count() > 1;
        assert!(dials.len() > 80 && !dials.iter().any(ambiguous));
    }

    fn what_must_be_unique_is_claimed(db: TestDb) {
        let mut conn = filled(&db, SMALL);
        let now = now().0;
        let held: HashSet<(String, i64)> = claims::table
            .filter(claims::held_until.is_null().or(claims::held_until.gt(now)))
            .select((claims::kind, claims::owner_id))
            .load(&mut conn)
            .unwrap()
            .into_iter()
            .collect();
        for person in person::all(&mut conn).unwrap().iter().filter(|person| !person.deleted) {
            assert!(held.contains(&("login_id".to_owned(), person.id.0)));
            assert_eq!(held.contains(&("email".to_owned(), person.id.0)), person.email.is_some());
            assert_eq!(held.contains(&("employee_id".to_owned(), person.id.0)), person.employee_id.is_some());
        }
    }

    fn the_past_of_each_agent_has_no_gap_and_ends_in_the_present(db: TestDb) {
        let mut conn = filled(&db, SMALL);
        type Past = BTreeMap<(i64, String), Vec<(i64, Option<i64>, String)>>;
        let mut past = Past::new();
        let rows: Vec<(i64, String, i64, Option<i64>, String)> = intervals::table
            .order(intervals::id)
            .select((intervals::agent_id, intervals::axis, intervals::started_at, intervals::ended_at, intervals::value))
            .load(&mut conn)
            .unwrap();
        for (agent, axis, from, to, value) in rows {
            past.entry((agent, axis)).or_default().push((from, to, value));
        }
        for ((agent, axis), intervals) in &past {
            for pair in intervals.windows(2) {
                assert_eq!(pair[0].1, Some(pair[1].0), "{agent} {axis}");
                assert!(pair[0].0 < pair[1].0, "{agent} {axis}");
            }
        }
        let live: Vec<(i64, String, i64, String, i64)> = agent_live::table
            .inner_join(agents::table.on(agents::user_id.eq(agent_live::agent_id)))
            .filter(agents::removed_at.is_null())
            .select((agent_live::agent_id, agent_live::duty, agent_live::duty_at, agent_live::device, agent_live::device_at))
            .load(&mut conn)
            .unwrap();
        assert_eq!(live.len(), 80);
        for (agent, duty, duty_at, device, device_at) in live {
            let last = |axis: &str| past.get(&(agent, axis.to_owned())).and_then(|all| all.last()).cloned();
            assert_eq!(last("duty"), Some((duty_at, None, duty)));
            if device != "unknown" {
                assert_eq!(last("device"), Some((device_at, None, device)));
            }
            assert!(last("admin").is_some_and(|(_, to, _)| to.is_none()));
        }
    }

    fn nothing_happens_after_now_or_to_people_who_are_not_there(db: TestDb) {
        let mut conn = filled(&db, SMALL);
        let latest: Option<i64> = legs::table.select(diesel::dsl::max(legs::ended_at)).first(&mut conn).unwrap();
        assert!(latest.unwrap() <= now().0);
        let open: i64 = legs::table.filter(legs::ended_at.is_null()).count().get_result(&mut conn).unwrap();
        assert_eq!(open, 0);
        let stay: i64 = legs::table
            .inner_join(users::table.on(users::id.eq(legs::agent_id)))
            .filter(legs::started_at.lt(users::created_at).or(users::deleted_at.lt(legs::ended_at)))
            .count()
            .get_result(&mut conn)
            .unwrap();
        assert_eq!(stay, 0, "calls of people before they came or after they left");
    }

    fn a_demo_is_taken_up_again_without_a_gap(db: TestDb) {
        let mut conn = filled(&db, SMALL);
        let Ok(Prepared::Reused(added)) = prepare(&db.database(), SMALL, now()) else { panic!("not taken up") };
        assert_eq!(added.calls, 0);
        let later = now().plus(49 * HOUR);
        let Ok(Prepared::Reused(added)) = prepare(&db.database(), SMALL, later) else { panic!("not taken up") };
        assert!((300..3_000).contains(&added.calls), "{added:?}");
        assert_eq!(counted(&mut conn), recounted(&mut conn));
        let Ok(Prepared::Reused(added)) = prepare(&db.database(), SMALL, later) else { panic!("not taken up") };
        assert_eq!(added.calls, 0);
    }

    fn the_simulator_moves_counts_and_leaves_no_call_open(db: TestDb) {
        let mut conn = filled(&db, SMALL);
        let clock = TestClock::at(NOW);
        let floor = Floor::load(db.store(&clock)).unwrap();
        let before: i64 = calls::table.count().get_result(&mut conn).unwrap();
        let simulator = simulator::start(floor).unwrap();
        for _ in 0..30 {
            clock.advance(8 * SECOND);
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        drop(simulator);
        let after: i64 = calls::table.count().get_result(&mut conn).unwrap();
        assert!(after > before, "{before} {after}");
        let open: i64 = legs::table.filter(legs::ended_at.is_null()).count().get_result(&mut conn).unwrap();
        assert_eq!(open, 0);
        assert_eq!(counted(&mut conn), recounted(&mut conn));
    }

    fn other_parameters_are_refused_by_name(db: TestDb) {
        let _conn = filled(&db, SMALL);
        let other = Parameters { agents: 81, ..SMALL };
        match prepare(&db.database(), other, now()) {
            Err(PrepareError::OtherParameters { there, .. }) => assert_eq!(there, SMALL.to_string()),
            other => panic!("{other:?}"),
        }
    }

    fn a_real_install_is_never_touched(db: TestDb) {
        let clock = TestClock::at(NOW);
        db.store(&clock)
            .write_blocking(rollcall::domain::audit::Actor::system(), |tx| setting::put(tx, "region", "IN"))
            .unwrap();
        let refused = prepare(&db.database(), SMALL, now());
        assert!(matches!(refused, Err(PrepareError::NotADemo(_))), "{refused:?}");
    }
}

#[test]
fn a_new_file_appears_whole_and_sound() {
    let db = TestDb::empty_sqlite();
    let DatabaseUrl::Sqlite(path) = db.database() else {
        panic!("a file")
    };
    assert!(!path.exists());
    let mut conn = filled(&db, SMALL);
    let beside = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let names: Vec<String> = beside
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.iter().any(|name| name.contains("part")), "{names:?}");
    let broken: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
        "(SELECT count(*) FROM pragma_foreign_key_check)",
    ))
    .get_result(&mut conn)
    .unwrap();
    assert_eq!(broken, 0);
    let twin = TestDb::sqlite();
    assert_eq!(
        dump(&mut conn),
        dump(&mut filled(&twin, SMALL)),
        "a file beside and a transaction make the same"
    );
}

const NOW: &str = "2026-11-20T07:20:00Z";

fn now() -> Timestamp {
    TestClock::at(NOW).now()
}

fn calendar() -> Calendar {
    Calendar::new(chrono_tz::Asia::Kolkata, 0)
}

fn filled(db: &TestDb, parameters: Parameters) -> Conn {
    let done = prepare(&db.database(), parameters, now()).unwrap();
    assert!(matches!(done, Prepared::Made(_)), "{done:?}");
    connection::open(&db.database(), Mode::Job).unwrap()
}

/// (day, agent, department) to (answered, missed).
type Counts = BTreeMap<(i32, i64, i64), (i32, i32)>;

fn counted(conn: &mut Conn) -> Counts {
    type Row = (i32, i64, i64, i32, i32);
    let rows: Vec<Row> = day_counts::table
        .filter(day_counts::generation.eq(1))
        .select((
            day_counts::day,
            day_counts::agent_id,
            day_counts::department_id,
            day_counts::answered,
            day_counts::missed,
        ))
        .load(conn)
        .unwrap();
    rows.into_iter()
        .map(|(day, agent, department, answered, missed)| {
            ((day, agent, department), (answered, missed))
        })
        .collect()
}

/// From the times and directions alone: what the stored columns say is not looked at.
fn recounted(conn: &mut Conn) -> Counts {
    let mut counts = Counts::new();
    for (call, legs) in facts(conn) {
        let mut first: HashMap<i64, &LegFacts> = HashMap::new();
        for (leg, ..) in &legs {
            if let (Direction::Inbound, Some(at)) = (leg.direction, leg.answered_at) {
                let known = first.entry(leg.agent.user().0).or_insert(leg);
                if known.answered_at.is_some_and(|known| at < known) {
                    *known = leg;
                }
            }
        }
        let key = |day, agent, department: Option<DepartmentId>| {
            (day, agent, department.map_or(0, |id| id.0))
        };
        for (agent, leg) in &first {
            let day = calendar().day_of(leg.answered_at.unwrap()).0;
            counts
                .entry(key(day, *agent, leg.department))
                .or_default()
                .0 += 1;
            if leg.department.is_some() {
                counts.entry(key(day, 0, leg.department)).or_default().0 += 1;
            }
        }
        let answered = legs
            .iter()
            .any(|(leg, ..)| leg.direction != Direction::Internal && leg.answered_at.is_some());
        if call.0.direction == Direction::Inbound && !answered {
            for (leg, ..) in legs
                .iter()
                .filter(|(leg, ..)| leg.direction == Direction::Inbound)
            {
                let day = calendar().day_of(leg.started_at).0;
                counts
                    .entry(key(day, leg.agent.user().0, leg.department))
                    .or_default()
                    .1 += 1;
            }
            let day = calendar().day_of(call.0.started_at).0;
            counts.entry(key(day, 0, call.0.department)).or_default().1 += 1;
        }
    }
    counts
}

/// As the rule of the domain counts.
fn judged(conn: &mut Conn) -> Counts {
    let mut counts = Counts::new();
    for (call, of_call) in facts(conn) {
        let legs: Vec<LegFacts> = of_call.into_iter().map(|(facts, ..)| facts).collect();
        let verdict = judge(&call.0, &legs);
        for one in contributions(&call.0, &legs, &verdict, |at| calendar().day_of(at)) {
            let agent = one.agent.map_or(0, |agent| agent.user().0);
            let sum = counts
                .entry((one.day.0, agent, one.department.map_or(0, |id| id.0)))
                .or_default();
            sum.0 += one.answered;
            sum.1 += one.missed;
            if let (Some(_), Some(department)) = (one.agent, one.department) {
                counts.entry((one.day.0, 0, department.0)).or_default().0 += one.answered;
            }
        }
    }
    counts
}

/// A call with whether it is stored as missed, and its legs with their stored counts and days.
type Facts = Vec<((CallFacts, bool), Vec<(LegFacts, i32, i32)>)>;

fn facts(conn: &mut Conn) -> Facts {
    type CallRow = (i64, String, Option<i64>, i64, Option<i64>, bool);
    // The end that was reported: a call with legs ends with its last one.
    let stored: Vec<CallRow> = calls::table
        .order(calls::id)
        .select((
            calls::id,
            calls::direction,
            calls::department_id,
            calls::started_at,
            calls::reported_end_at,
            calls::missed,
        ))
        .load(conn)
        .unwrap();
    type LegRow = (
        i64,
        i64,
        Option<i64>,
        String,
        i64,
        Option<i64>,
        Option<i64>,
        i32,
        i32,
    );
    let rows: Vec<LegRow> = legs::table
        .order(legs::id)
        .select((
            legs::call,
            legs::agent_id,
            legs::department_id,
            legs::direction,
            legs::started_at,
            legs::answered_at,
            legs::ended_at,
            legs::counts,
            legs::day,
        ))
        .load(conn)
        .unwrap();
    let mut of_calls: HashMap<i64, Vec<(LegFacts, i32, i32)>> = HashMap::new();
    for (call, agent, department, direction, started, answered, ended, counts, day) in rows {
        let leg = LegFacts {
            authority: Authority::Event,
            agent: AgentId::of(UserId(agent)),
            department: department.map(DepartmentId),
            direction: direction.parse().unwrap(),
            other_party: String::new(),
            our_number: String::new(),
            started_at: Timestamp(started),
            answered_at: answered.map(Timestamp),
            end: ended.map(|at| End {
                at: Timestamp(at),
                reason: None,
            }),
        };
        of_calls.entry(call).or_default().push((leg, counts, day));
    }
    let call = |(id, direction, department, started, ended, missed): CallRow| {
        let facts = CallFacts {
            direction: direction.parse().unwrap(),
            caller: String::new(),
            callee: String::new(),
            department: department.map(DepartmentId),
            started_at: Timestamp(started),
            answered_at: None,
            end: ended.map(|at| End {
                at: Timestamp(at),
                reason: None,
            }),
        };
        ((facts, missed), of_calls.remove(&id).unwrap_or_default())
    };
    stored.into_iter().map(call).collect()
}

/// Everything that people and calls consist of, as text.
fn dump(conn: &mut Conn) -> String {
    let people = person::all(conn).unwrap();
    let facts = facts(conn);
    let words: Vec<(String, String)> = calls::table
        .order(calls::id)
        .select((calls::caller, calls::callee))
        .load(conn)
        .unwrap();
    let past: Vec<(i64, String, String, i64)> = intervals::table
        .order(intervals::id)
        .select((
            intervals::agent_id,
            intervals::axis,
            intervals::value,
            intervals::started_at,
        ))
        .load(conn)
        .unwrap();
    format!("{people:#?}{facts:?}{words:?}{past:?}{:?}", counted(conn))
}
