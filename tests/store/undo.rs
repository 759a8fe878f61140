//! Undo: what was before comes back, once, where nobody changed it since.

use crate::support::acts::{
    ENABLE, audit, block, disable, do_act, do_undo, gone, history, pause, reason, rights, state,
    try_undo,
};
use crate::support::world::{NewAgent, World, join_group};
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::act::{Act, Refusal, Until, When};
use rollcall::domain::ids::AgentId;
use rollcall::domain::role::{BuiltInRole, Rights, Scope};
use rollcall::domain::time::{HOUR, MINUTE, SECOND};
use rollcall::store::StoreError;
use rollcall::store::schema::{agent_live, agents, department_members, users};

both_databases! {
    fn what_was_before_comes_back_once(db: TestDb) {
        let (world, [asha, ben]) = install(&db);
        let until = world.clock.now().plus(HOUR);
        do_act(&world, &[asha], block("sick", Until::At(until)));
        let since = admin_at(&world, asha);
        world.clock.advance(MINUTE);
        let done = do_act(&world, &[asha, ben], disable());
        world.clock.advance(SECOND);
        let undone = do_undo(&world, &done.operation);
        assert_eq!((undone.done, undone.kept.len(), undone.again), (2, 0, false));
        assert_eq!(state(&world, asha), ("blocked".into(), Some("sick".into()), Some(until), 4));
        assert_eq!(admin_at(&world, asha), since, "blocked since the first time");
        assert_eq!(state(&world, ben), ("enabled".into(), None, None, 3));
        assert_eq!(history(&world, asha, "admin").0, ["blocked", "disabled", "blocked"]);
        let lines = audit(&world);
        let late: Vec<_> = lines[lines.len() - 3..].iter().map(|(action, name)| format!("{action} {name}")).collect();
        assert_eq!(late, ["operation.undo 2 agents", "agent.undo Asha", "agent.undo Ben"]);
        let again = do_undo(&world, &done.operation);
        assert_eq!((again.done, again.again), (0, true));
        assert_eq!(audit(&world).len(), lines.len());
        assert!(matches!(try_undo(&world, rights(), &undone.operation), Err(StoreError::NotFound)), "an undo stays");
    }

    fn who_was_changed_since_is_left_and_reported(db: TestDb) {
        let (world, [asha, ben]) = install(&db);
        let done = do_act(&world, &[asha, ben], disable());
        do_act(&world, &[ben], block("late", Until::Lifted));
        let undone = do_undo(&world, &done.operation);
        assert_eq!((undone.done, undone.kept), (1, vec![(ben.user(), Refusal::Changed)]));
        assert_eq!((state(&world, asha).0.as_str(), state(&world, ben).0.as_str()), ("enabled", "blocked"));
    }

    fn a_block_whose_end_has_passed_does_not_come_back(db: TestDb) {
        let (world, [asha, _]) = install(&db);
        do_act(&world, &[asha], block("sick", Until::At(world.clock.now().plus(MINUTE))));
        let done = do_act(&world, &[asha], ENABLE);
        world.clock.advance(2 * MINUTE);
        assert_eq!(do_undo(&world, &done.operation).done, 1);
        assert_eq!(state(&world, asha).0, "enabled");
    }

    fn duty_comes_back_unless_it_turned_since(db: TestDb) {
        let (world, [asha, ben]) = install(&db);
        do_act(&world, &[asha, ben], Act::Resume { when: When::Now });
        let done = do_act(&world, &[asha, ben], pause(When::Now));
        assert_eq!(done.done, 2);
        do_act(&world, &[ben], Act::Resume { when: When::Now });
        world.clock.advance(SECOND);
        let undone = do_undo(&world, &done.operation);
        assert_eq!((undone.done, undone.kept), (1, vec![(ben.user(), Refusal::Changed)]));
        let duty: String = world.store.read(|conn| Ok(agent_live::table.find(asha.user().0).select(agent_live::duty).first(conn)?)).unwrap();
        assert_eq!(duty, "on");
    }

    fn a_delete_and_a_restore_are_taken_back(db: TestDb) {
        let (world, [asha, ben]) = install(&db);
        let deleted = do_act(&world, &[asha, ben], Act::Delete);
        assert_eq!(do_undo(&world, &deleted.operation).done, 2);
        assert_eq!((gone(&world, asha), gone(&world, ben)), ((false, false), (false, false)));
        do_act(&world, &[asha], Act::Delete);
        let restored = do_act(&world, &[asha], Act::Restore);
        assert_eq!(do_undo(&world, &restored.operation).done, 1);
        assert_eq!(gone(&world, asha), (true, true));
    }

    fn off_boarding_is_taken_back_as_one(db: TestDb) {
        let (world, _) = install(&db);
        let (sales, support) = (world.department("Sales", 0), world.department("Support", 0));
        let dia = world.add(NewAgent { name: "Dia".into(), login_id: "dia.x".into(), departments: vec![sales, support], ..NewAgent::default() });
        world.write(move |tx| {
            diesel::update(users::table.find(dia.user().0)).set(users::web_login.eq("allowed")).execute(tx.conn)?;
            Ok(())
        });
        let done = do_act(&world, &[dia], Act::OffBoard { reason: reason("left") });
        assert_eq!(do_undo(&world, &done.operation).done, 1);
        assert_eq!(state(&world, dia).0, "enabled");
        let (login, members): (String, Vec<(i64, i32)>) = world.store.read(|conn| Ok((
            users::table.find(dia.user().0).select(users::web_login).first(conn)?,
            department_members::table.order(department_members::department_id)
                .select((department_members::department_id, department_members::position)).load(conn)?,
        ))).unwrap();
        assert_eq!((login.as_str(), members), ("allowed", vec![(sales.0, 0), (support.0, 1)]));
    }

    fn edited_fields_get_their_values_back(db: TestDb) {
        use rollcall::domain::agent_form::{AgentChange, AgentForm, Rules};
        let (world, [asha, _]) = install(&db);
        let edit = |name: &str| -> AgentChange {
            let mut form = AgentForm::default();
            form.put("name", name);
            form.check(&Rules::stored()).unwrap()
        };
        let change = edit("Asha Rao");
        let done = world.write(move |tx| rollcall::store::agent::update::update(tx, &Scope::All, asha.user(), None, &change));
        let name = || -> String { world.store.read(|conn| Ok(users::table.find(asha.user().0).select(users::name).first(conn)?)).unwrap() };
        assert_eq!(name(), "Asha Rao");
        assert_eq!(do_undo(&world, &done.operation).done, 1);
        assert_eq!(name(), "Asha");
        assert!(do_undo(&world, &done.operation).again);
        let change = edit("Asha Devi");
        let done = world.write(move |tx| rollcall::store::agent::update::update(tx, &Scope::All, asha.user(), None, &change));
        do_act(&world, &[asha], disable());
        assert_eq!(do_undo(&world, &done.operation).kept, [(asha.user(), Refusal::Changed)]);
        assert_eq!(name(), "Asha Devi");
    }

    fn undo_needs_the_rights_and_the_scope_of_the_act(db: TestDb) {
        let (world, [asha, ben]) = install(&db);
        let north = world.group("North");
        world.write(move |tx| join_group(tx, asha.user().0, north));
        let done = do_act(&world, &[asha, ben], disable());
        let auditor = Rights { permissions: BuiltInRole::Auditor.permissions(), scope: Scope::All };
        assert!(matches!(try_undo(&world, auditor, &done.operation), Err(StoreError::NotFound)));
        let nobodys = Rights { scope: Scope::Groups(vec![]), ..rights() };
        assert!(matches!(try_undo(&world, nobodys, &done.operation), Err(StoreError::NotFound)));
        let norths = Rights { scope: Scope::Groups(vec![north]), ..rights() };
        let undone = try_undo(&world, norths, &done.operation).unwrap();
        assert_eq!((undone.done, undone.kept), (1, vec![(ben.user(), Refusal::NotFound)]));
        assert_eq!((state(&world, asha).0.as_str(), state(&world, ben).0.as_str()), ("enabled", "disabled"));
        assert!(matches!(try_undo(&world, rights(), "no such operation"), Err(StoreError::NotFound)));
    }
}

fn install(db: &TestDb) -> (World, [AgentId; 2]) {
    let world = World::new(db, &TestClock::at("2026-11-20T09:30:00Z"));
    let agents = ["Asha", "Ben"].map(|name| world.agent(name));
    (world, agents)
}

fn admin_at(world: &World, agent: AgentId) -> i64 {
    let key = agent.user().0;
    world
        .store
        .read(|conn| {
            Ok(agents::table
                .find(key)
                .select(agents::admin_at)
                .first(conn)?)
        })
        .unwrap()
}
