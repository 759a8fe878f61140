//! Acts on the floor: the picture follows them, and blocks lift themselves on time.

use super::nodes::wait;
use super::reference::assert_fresh;
use crate::support::acts::{audit, block, disable, do_act, do_undo, pause, reason, state};
use crate::support::world::{World, loaded};
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::act::{Act, Until, When};
use rollcall::domain::ids::AgentId;
use rollcall::domain::role::Scope;
use rollcall::domain::status::AgentStatus;
use rollcall::domain::time::{MINUTE, SECOND};
use rollcall::floor::Floor;
use rollcall::jobs::Jobs;
use rollcall::store::schema::leases;

both_databases! {
    fn the_picture_is_the_databases_after_each_act_and_its_undo(db: TestDb) {
        let clock = TestClock::at("2026-11-20T09:30:00Z");
        let world = World::new(&db, &clock);
        let agents: Vec<AgentId> = (0..30).map(|n| world.agent(&format!("Agent {n}"))).collect();
        let floor = world.floor();
        let acts = [
            block("sick", Until::At(clock.now().plus(MINUTE))),
            disable(),
            pause(When::Now),
            Act::OffBoard { reason: reason("left") },
            Act::Delete,
            Act::Enable { only: None },
        ];
        for (n, act) in acts.into_iter().enumerate() {
            let done = do_act(&world, &agents[n..], act.clone());
            assert_fresh(&floor, &loaded(db.store(&clock)), &format!("{act:?}"));
            if n % 2 == 0 {
                do_undo(&world, &done.operation);
                assert_fresh(&floor, &loaded(db.store(&clock)), &format!("undo of {act:?}"));
            }
        }
        do_act(&world, &agents[..8], Act::Restore);
        assert_fresh(&floor, &loaded(db.store(&clock)), "restore");
    }

    fn thousands_at_once_and_their_undo(db: TestDb) {
        let clock = TestClock::at("2026-11-20T09:30:00Z");
        let world = World::new(&db, &clock);
        let agents: Vec<AgentId> = world.write(|tx| {
            (0..5_200).map(|n| {
                let agent = crate::support::world::NewAgent {
                    name: format!("Agent {n}"), login_id: format!("agent.{n}"), ..Default::default()
                };
                crate::support::world::insert_agent(tx, agent)
            }).collect()
        });
        let floor = world.floor();
        let done = do_act(&world, &agents, disable());
        assert_eq!(done.done, 5_200);
        assert_eq!(floor.picture().by_status(&Scope::All).0[AgentStatus::Disabled as usize], 5_200);
        assert_eq!(do_undo(&world, &done.operation).done, 5_200);
        assert_eq!(floor.picture().by_status(&Scope::All).0[AgentStatus::Disabled as usize], 0);
        assert_fresh(&floor, &loaded(db.store(&clock)), "");
    }

    fn a_block_lifts_itself_when_its_time_has_come_and_not_before(db: TestDb) {
        let clock = TestClock::at("2026-11-20T09:30:00Z");
        let world = World::new(&db, &clock);
        let (asha, ben) = (world.agent("Asha"), world.agent("Ben"));
        let floor = world.floor();
        let _jobs = Jobs::start(&floor).unwrap();
        do_act(&world, &[asha, ben], block("sick", Until::At(clock.now().plus(MINUTE))));
        clock.advance(MINUTE - SECOND);
        std::thread::sleep(std::time::Duration::from_millis(600));
        assert_eq!(status(&floor, asha), Some(AgentStatus::Blocked));
        clock.advance(SECOND);
        wait("both are lifted", || [asha, ben].iter().all(|&a| status(&floor, a) != Some(AgentStatus::Blocked)));
        assert_eq!(state(&world, asha), ("enabled".into(), None, None, 3));
        assert_eq!(lifted(&world), 2);
        assert_eq!(floor.picture().next_lift(), None);
        assert_fresh(&floor, &loaded(db.store(&clock)), "");
    }

    fn a_demo_begins_with_a_block_that_lifts_itself(db: TestDb) {
        let clock = TestClock::at("2026-11-20T09:30:00Z");
        let world = World::new(&db, &clock);
        let (asha, ben) = (world.agent("Asha"), world.agent("Ben"));
        do_act(&world, &[asha], disable());
        let floor = world.floor();
        let _jobs = Jobs::start(&floor).unwrap();
        let blocked = rollcall::demo::brief_block::begin(&floor).unwrap();
        assert_eq!(blocked, Some(ben.user()), "who is free");
        assert_eq!(status(&floor, ben), Some(AgentStatus::Blocked));
        clock.advance(119 * SECOND);
        wait("lifted within two minutes", || status(&floor, ben) != Some(AgentStatus::Blocked));
    }

    fn a_block_that_ended_while_nothing_ran_is_lifted_at_the_start(db: TestDb) {
        let clock = TestClock::at("2026-11-20T09:30:00Z");
        let world = World::new(&db, &clock);
        let asha = world.agent("Asha");
        do_act(&world, &[asha], block("sick", Until::At(clock.now().plus(MINUTE))));
        // Who held the lease was killed: nobody gave it back.
        world.write(|tx| {
            diesel::insert_into(leases::table)
                .values((leases::name.eq("jobs"), leases::holder.eq("killed"), leases::until.eq(i64::MAX)))
                .execute(tx.conn)?;
            Ok(())
        });
        clock.advance(2 * MINUTE);
        let floor = world.floor();
        let begun = std::time::Instant::now();
        let _jobs = Jobs::start(&floor).unwrap();
        wait("lifted", || state(&world, asha).0 == "enabled");
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "waits for no lease");
        assert_eq!(lifted(&world), 1);
    }
}

#[test]
fn of_two_nodes_only_one_lifts_a_block() {
    let Some(db) = TestDb::postgres() else { return };
    let clock = TestClock::at("2026-11-20T09:30:00Z");
    let world = World::new(&db, &clock);
    let agents: Vec<AgentId> = (0..20)
        .map(|n| world.agent(&format!("Agent {n}")))
        .collect();
    let (one, two) = (world.floor(), loaded(db.store(&clock)));
    let _jobs = [Jobs::start(&one).unwrap(), Jobs::start(&two).unwrap()];
    for round in 1..=3 {
        do_act(
            &world,
            &agents,
            block("sick", Until::At(clock.now().plus(MINUTE))),
        );
        wait("both nodes know", || {
            [&one, &two].iter().all(|floor| blocked(floor) == 20)
        });
        clock.advance(2 * MINUTE);
        wait("both nodes see it lifted", || {
            [&one, &two].iter().all(|floor| blocked(floor) == 0)
        });
        assert_eq!(lifted(&world), 20 * round, "each once");
    }
}

fn status(floor: &Floor, agent: AgentId) -> Option<AgentStatus> {
    floor.picture().status_of(agent.user())
}

fn blocked(floor: &Floor) -> usize {
    floor.picture().by_status(&Scope::All).0[AgentStatus::Blocked as usize]
}

/// How many lines of the audit say that a block lifted itself.
fn lifted(world: &World) -> usize {
    let lines = audit(world);
    lines
        .iter()
        .filter(|(action, _)| action == "agent.enable")
        .count()
}
