//! What supervisors do to agents: each act, whom it is refused on, and what is written down.

use crate::support::acts::{
    ENABLE, audit, block, claim, disable, do_act, gone, history, pause, reason, rights, someone,
    state, try_act,
};
use crate::support::calls::{Known, accept};
use crate::support::world::{NewAgent, World};
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::act::{Act, Refusal, Until, When};
use rollcall::domain::audit::Actor;
use rollcall::domain::call::CallEventKind as K;
use rollcall::domain::ids::{AgentId, UserId};
use rollcall::domain::role::{Rights, Scope};
use rollcall::domain::status::AdminState;
use rollcall::domain::time::{HOUR, SECOND, Timestamp};
use rollcall::store::schema::{agent_live, audit_entries, department_members, sessions, users};
use rollcall::store::session::{self, NewSession};
use rollcall::store::{RecordKind, role};

both_databases! {
    fn a_block_replaces_a_disable_and_the_other_way(db: TestDb) {
        let (world, [asha, _]) = install(&db);
        let until = world.clock.now().plus(HOUR);
        let done = do_act(&world, &[asha], block("sick", Until::At(until)));
        assert_eq!((done.done, done.unchanged, done.refused.len()), (1, 0, 0));
        assert_eq!(state(&world, asha), ("blocked".into(), Some("sick".into()), Some(until), 2));
        let again = do_act(&world, &[asha], block("sick", Until::At(until)));
        assert_eq!((again.done, again.unchanged), (0, 1), "the same once more changes nothing");
        world.clock.advance(SECOND);
        do_act(&world, &[asha], disable());
        assert_eq!(state(&world, asha), ("disabled".into(), None, None, 3));
        world.clock.advance(SECOND);
        do_act(&world, &[asha], block("late", Until::Lifted));
        assert_eq!(state(&world, asha), ("blocked".into(), Some("late".into()), None, 4));
        assert_eq!(history(&world, asha, "admin"), (["blocked", "disabled", "blocked"].map(str::to_owned).into(), 1));
        let lines: Vec<_> = audit(&world).into_iter().map(|(action, name)| format!("{action} {name}")).collect();
        assert_eq!(lines, ["agent.block Asha", "agent.disable Asha", "agent.block Asha"]);
    }

    fn lifting_what_is_not_in_force_changes_nothing(db: TestDb) {
        let (world, [asha, _]) = install(&db);
        assert_eq!(do_act(&world, &[asha], ENABLE).unchanged, 1);
        do_act(&world, &[asha], disable());
        let unblock = Act::Enable { only: Some(AdminState::Blocked) };
        assert_eq!(do_act(&world, &[asha], unblock).done, 0);
        assert_eq!(state(&world, asha).0, "disabled");
        assert_eq!(do_act(&world, &[asha], Act::Enable { only: Some(AdminState::Disabled) }).done, 1);
        assert_eq!(state(&world, asha), ("enabled".into(), None, None, 3));
        assert_eq!(audit(&world).len(), 2);
    }

    fn many_at_once_are_one_line_and_one_for_each(db: TestDb) {
        let (world, [asha, ben]) = install(&db);
        let nobody = AgentId::of(UserId(9_999));
        do_act(&world, &[ben], block("sick", Until::Lifted));
        let done = do_act(&world, &[asha, ben, nobody], block("sick", Until::Lifted));
        assert_eq!((done.done, done.unchanged), (1, 1));
        assert_eq!(done.refused, [(nobody.user(), Refusal::NotFound)]);
        let lines: Vec<(String, String, String)> = world.store.read(|conn| {
            Ok(audit_entries::table.order(audit_entries::id)
                .select((audit_entries::operation, audit_entries::action, audit_entries::subject_name)).load(conn)?)
        }).unwrap();
        let of_it: Vec<_> = lines.iter().filter(|line| line.0 == done.operation).map(|line| format!("{} {}", line.1, line.2)).collect();
        assert_eq!(of_it, ["agents.block 1 agent", "agent.block Asha"]);
    }

    fn the_end_of_a_shift_is_each_ones_own(db: TestDb) {
        // Friday, three in the afternoon in India.
        let world = World::new(&db, &TestClock::at("2026-11-20T09:30:00Z"));
        let (early, late) = (world.hours("Early", 31, 360, 960), world.hours("Late", 31, 720, 1_320));
        let of = |name: &str, hours| world.add(NewAgent {
            name: name.to_owned(), login_id: format!("agent.{name}"), time_group: hours, ..NewAgent::default()
        });
        let (a, b, c) = (of("early", Some(early)), of("late", Some(late)), of("free", None));
        do_act(&world, &[a, b, c], block("sick", Until::EndOfShift));
        let until = |agent| state(&world, agent).2.unwrap();
        assert_eq!(until(a), at("2026-11-20T16:00:00+05:30"));
        assert_eq!(until(b), at("2026-11-20T22:00:00+05:30"));
        assert_eq!(until(c), at("2026-11-21T00:00:00+05:30"), "no hours: the end of today");
        do_act(&world, &[a, b], block("sick", Until::NextShift));
        assert_eq!(until(a), at("2026-11-23T06:00:00+05:30"));
        assert_eq!(until(b), at("2026-11-23T12:00:00+05:30"));
    }

    fn duty_changes_now_or_when_the_call_is_over(db: TestDb) {
        let (world, [asha, ben]) = install(&db);
        let leg = Known::leg("c1", "1", asha, world.clock.now());
        accept(&world.store, vec![leg.clone().answered(0).event(K::Answered)]);
        let done = do_act(&world, &[asha, ben], pause(When::AfterCall));
        assert_eq!(done.done, 2);
        assert_eq!(duty(&world, asha), ("on".into(), None, Some("paused".into())), "she finishes her call first");
        assert_eq!(duty(&world, ben), ("paused".into(), Some("lunch".into()), None));
        assert_eq!(do_act(&world, &[asha, ben], pause(When::AfterCall)).unchanged, 2);
        world.clock.advance(60 * SECOND);
        accept(&world.store, vec![leg.answered(0).ended(60).event(K::Ended)]);
        assert_eq!(duty(&world, asha), ("paused".into(), Some("lunch".into()), None));
        assert_eq!(history(&world, asha, "duty").0, ["paused"]);
        let last = audit(&world).pop().unwrap();
        assert_eq!(last, ("agent.pause".to_owned(), "Asha".to_owned()), "coming true is a line of its own");
        assert_eq!(do_act(&world, &[asha], Act::Resume { when: When::Now }).done, 1);
        assert_eq!(duty(&world, asha).0, "on");
        assert_eq!(state(&world, asha).3, 1, "duty is no new version");
    }

    fn only_who_signs_in_can_be_off_duty(db: TestDb) {
        let (world, [asha, _]) = install(&db);
        let chitra = world.add(NewAgent { name: "Chitra".into(), login_id: "chitra.x".into(), login_based: true, ..NewAgent::default() });
        let done = do_act(&world, &[asha, chitra], Act::OffDuty { when: When::Now });
        assert_eq!(done.done, 1);
        assert_eq!(done.refused, [(asha.user(), Refusal::AlwaysOnDuty)]);
        assert_eq!(duty(&world, chitra).0, "off");
    }

    fn a_deleted_agent_leaves_and_what_was_hers_is_held(db: TestDb) {
        let (world, _) = install(&db);
        let dia = with_claims(&world, "dia", "4711");
        world.write(move |tx| {
            let new = NewSession { hash: "h".into(), user: dia.user(), address: "::1".into(), user_agent: String::new() };
            session::insert(tx, &new)
        });
        do_act(&world, &[dia], block("sick", Until::Lifted));
        assert_eq!(do_act(&world, &[dia], Act::Delete).done, 1);
        assert_eq!(gone(&world, dia), (true, true));
        let held = Some((dia.user().0, Some(world.clock.now().plus(30 * 24 * HOUR))));
        for (kind, value) in [("dial", "4711"), ("login_id", "login.dia"), ("email", "dia@example.com")] {
            assert_eq!(claim(&world, kind, value), held, "{kind}");
        }
        assert_eq!(history(&world, dia, "admin").1, 0, "history is closed");
        let left: i64 = world.store.read(|conn| Ok(sessions::table.count().get_result(conn)?)).unwrap();
        assert_eq!(left, 0, "she is signed out");
        assert_eq!(do_act(&world, &[dia], Act::Delete).refused, [(dia.user(), Refusal::NotFound)]);
        assert_eq!(do_act(&world, &[dia], Act::Restore).done, 1);
        assert_eq!(gone(&world, dia), (false, false));
        assert_eq!(claim(&world, "dial", "4711"), Some((dia.user().0, None)));
        assert_eq!(state(&world, dia).0, "blocked", "as she was");
        assert_eq!(history(&world, dia, "admin"), (["blocked", "blocked"].map(str::to_owned).into(), 1));
        assert_eq!(do_act(&world, &[dia], Act::Restore).refused, [(dia.user(), Refusal::NotDeleted)]);
    }

    fn a_user_above_agent_outlives_the_agent(db: TestDb) {
        let (world, _) = install(&db);
        let dia = with_claims(&world, "dia", "4711");
        set_role(&world, dia, "Supervisor");
        do_act(&world, &[dia], Act::Delete);
        assert_eq!(gone(&world, dia), (false, true));
        assert_eq!(claim(&world, "login_id", "login.dia"), Some((dia.user().0, None)), "she still signs in");
        assert!(claim(&world, "dial", "4711").unwrap().1.is_some());
        do_act(&world, &[dia], Act::Restore);
        assert_eq!(gone(&world, dia), (false, false));
    }

    fn a_clash_at_restore_is_named(db: TestDb) {
        let (world, [asha, _]) = install(&db);
        let dia = with_claims(&world, "dia", "4711");
        do_act(&world, &[dia], Act::Delete);
        let (key, taker) = (dia.user().0, asha.user().0);
        world.clock.advance(31 * 24 * HOUR);
        world.write(move |tx| rollcall::store::claim::take(tx, "dial", "4711", "user", taker));
        let refused = do_act(&world, &[dia], Act::Restore).refused;
        let [(id, why)] = &refused[..] else { panic!("{refused:?}") };
        assert_eq!(id.0, key);
        assert_eq!(why.to_string(), "had the intercom 4711, which is now in use by Asha");
        assert_eq!(gone(&world, dia), (true, true));
        let scoped = Rights { scope: Scope::Groups(vec![]), ..rights() };
        let hidden = try_act(&world.store, Actor::system(), scoped, &[dia], Act::Restore).unwrap().refused;
        assert_eq!(hidden, [(dia.user(), Refusal::NotFound)]);
    }

    fn off_boarding_takes_everything_at_once(db: TestDb) {
        let (world, _) = install(&db);
        let sales = world.department("Sales", 0);
        let dia = world.add(NewAgent { name: "Dia".into(), login_id: "dia.x".into(), departments: vec![sales], ..NewAgent::default() });
        world.write(move |tx| {
            diesel::update(users::table.find(dia.user().0)).set(users::web_login.eq("allowed")).execute(tx.conn)?;
            session::insert(tx, &NewSession { hash: "h".into(), user: dia.user(), address: "::1".into(), user_agent: String::new() })
        });
        assert_eq!(do_act(&world, &[dia], Act::OffBoard { reason: reason("left") }).done, 1);
        assert_eq!(state(&world, dia).0, "disabled");
        let (login, left, members): (String, i64, i64) = world.store.read(|conn| Ok((
            users::table.find(dia.user().0).select(users::web_login).first(conn)?,
            sessions::table.count().get_result(conn)?,
            department_members::table.count().get_result(conn)?,
        ))).unwrap();
        assert_eq!((login.as_str(), left, members), ("blocked", 0, 0));
        assert_eq!(do_act(&world, &[dia], Act::OffBoard { reason: reason("left") }).unchanged, 1);
    }

    fn nobody_is_touched_out_of_scope_or_above_the_doer(db: TestDb) {
        let (world, [asha, ben]) = install(&db);
        let north = world.group("North");
        world.write(move |tx| crate::support::world::join_group(tx, asha.user().0, north));
        let scoped = Rights { scope: Scope::Groups(vec![north]), ..rights() };
        let done = try_act(&world.store, Actor::system(), scoped, &[asha, ben], disable()).unwrap();
        assert_eq!((done.done, done.refused), (1, vec![(ben.user(), Refusal::NotFound)]));
        set_role(&world, ben, "Admin");
        let done = do_act(&world, &[ben], disable());
        assert_eq!(done.refused, [(ben.user(), Refusal::MoreRights)], "a supervisor never acts on an admin");
        assert_eq!(state(&world, ben).0, "enabled");
    }

    fn the_last_administrator_is_never_locked_out(db: TestDb) {
        let (world, [asha, ben]) = install(&db);
        for admin in [asha, ben] {
            set_role(&world, admin, "Admin");
            world.write(move |tx| {
                diesel::update(users::table.find(admin.user().0)).set((users::web_login.eq("allowed"), users::password_hash.eq("-"))).execute(tx.conn)?;
                Ok(())
            });
        }
        let leave = || Act::OffBoard { reason: None };
        let own = try_act(&world.store, someone(asha.user().0), Rights::everything(), &[asha], leave()).unwrap();
        assert_eq!(own.refused, [(asha.user(), Refusal::Yourself)]);
        let all = try_act(&world.store, Actor::system(), Rights::everything(), &[asha, ben], leave()).unwrap();
        assert_eq!((all.done, all.refused.len()), (0, 2), "{all:?}");
        let one = try_act(&world.store, Actor::system(), Rights::everything(), &[ben], leave()).unwrap();
        assert_eq!(one.done, 1);
        // One who never chose a password goes like anybody else, and stands in for nobody.
        let chitra = world.agent("Chitra");
        set_role(&world, chitra, "Admin");
        world.write(move |tx| Ok(diesel::update(users::table.find(chitra.user().0)).set(users::web_login.eq("allowed")).execute(tx.conn)?));
        let two = try_act(&world.store, Actor::system(), Rights::everything(), &[asha, chitra], leave()).unwrap();
        assert_eq!((two.done, two.refused), (1, vec![(asha.user(), Refusal::LastAdmin)]));
    }
}

fn install(db: &TestDb) -> (World, [AgentId; 2]) {
    let world = World::new(db, &TestClock::at("2026-11-20T09:30:00Z"));
    let agents = ["Asha", "Ben"].map(|name| world.agent(name));
    (world, agents)
}

fn at(instant: &str) -> Timestamp {
    TestClock::at(instant).now()
}

/// (duty, reason, after the call).
fn duty(world: &World, agent: AgentId) -> (String, Option<String>, Option<String>) {
    world
        .store
        .read(|conn| {
            Ok(agent_live::table
                .find(agent.user().0)
                .select((
                    agent_live::duty,
                    agent_live::duty_reason,
                    agent_live::next_duty,
                ))
                .first(conn)?)
        })
        .unwrap()
}

/// An agent who holds a login id, an email and an intercom.
fn with_claims(world: &World, name: &str, intercom: &str) -> AgentId {
    let agent = world.add(NewAgent {
        name: name.to_owned(),
        login_id: format!("login.{name}"),
        email: Some(format!("{name}@example.com")),
        intercom: Some(intercom.to_owned()),
        ..NewAgent::default()
    });
    let claims = [
        ("login_id", format!("login.{name}")),
        ("email", format!("{name}@example.com")),
        ("dial", intercom.to_owned()),
    ];
    world.write(move |tx| {
        for (kind, value) in &claims {
            rollcall::store::claim::take(tx, kind, value, "user", agent.user().0)?;
        }
        Ok(())
    });
    agent
}

fn set_role(world: &World, agent: AgentId, name: &'static str) {
    world.write(move |tx| {
        let role = role::find_by_name(tx.conn, name)?.unwrap();
        diesel::update(users::table.find(agent.user().0))
            .set(users::role_id.eq(role.id.0))
            .execute(tx.conn)?;
        tx.touch(RecordKind::User, agent.user().0);
        Ok(())
    });
}
