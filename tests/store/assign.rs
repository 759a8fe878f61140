//! Groups, time group, departments and caller ids of many agents at once: what differs is written, and comes
//! back by one Undo.

use crate::support::acts::{do_act, do_undo, rights, try_act};
use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::act::{Act, Assign, Refusal};
use rollcall::domain::audit::Actor;
use rollcall::domain::ids::{AgentId, GroupId};
use rollcall::domain::person::Agent;
use rollcall::domain::role::{Rights, Scope};
use rollcall::store::schema::audit_entries;
use rollcall::store::{StoreError, person};
use serde_json::Value;

both_databases! {
    fn agents_join_and_leave_groups_and_others_stay(db: TestDb) {
        let (world, [asha, ben]) = office(&db);
        let (north, south) = (world.group("North"), world.group("South"));
        do_act(&world, &[asha], join(&[south]));
        let joined = do_act(&world, &[asha, ben], join(&[north, south]));
        assert_eq!((joined.done, joined.unchanged), (2, 0));
        assert_eq!(groups(&world, asha), [north, south]);
        let again = do_act(&world, &[asha, ben], join(&[north]));
        assert_eq!((again.done, again.unchanged), (0, 2), "what is so leaves no trace");
        let left = do_act(&world, &[asha, ben], Act::Assign(Assign::LeaveGroups(vec![south])));
        assert_eq!((left.done, groups(&world, ben)), (2, vec![north]));
        let whole = line(&world, &left.operation, "agents");
        assert_eq!(whole["chosen"][0]["name"], "South");
        let one = line(&world, &left.operation, "user");
        assert_eq!(one["agent_groups"], serde_json::json!([{ "id": north.0, "name": "North" }]));
        assert_eq!(do_undo(&world, &left.operation).done, 2);
        assert_eq!(do_undo(&world, &joined.operation).kept.len(), 2, "changed since");
        assert_eq!(groups(&world, ben), [north, south]);
    }

    fn hours_departments_and_caller_ids_are_set_and_come_back(db: TestDb) {
        let (world, [asha, ben]) = office(&db);
        let (day, night) = (world.hours("Day", 127, 540, 1080), world.hours("Night", 127, 1320, 420));
        let (sales, support) = (world.department("Sales", 0), world.department("Support", 0));
        let (first, second) = (world.caller_id("+918040002291"), world.caller_id("+442079460161"));
        do_act(&world, &[asha], Act::Assign(Assign::TimeGroup(Some(day))));
        let set = do_act(&world, &[asha, ben], Act::Assign(Assign::TimeGroup(Some(night))));
        assert_eq!((agent(&world, asha).time_group, agent(&world, ben).time_group), (Some(night), Some(night)));
        do_undo(&world, &set.operation);
        assert_eq!((agent(&world, asha).time_group, agent(&world, ben).time_group), (Some(day), None));
        do_act(&world, &[asha], Act::Assign(Assign::Departments(vec![sales])));
        let set = do_act(&world, &[asha, ben], Act::Assign(Assign::Departments(vec![support, support])));
        assert_eq!((&*agent(&world, asha).departments, &*agent(&world, ben).departments), (&[support][..], &[support][..]));
        do_undo(&world, &set.operation);
        assert_eq!((&*agent(&world, asha).departments, agent(&world, ben).departments.len()), (&[sales][..], 0));
        let set = do_act(&world, &[asha, ben], Act::Assign(Assign::CallerIds(vec![second, first])));
        assert_eq!(&*agent(&world, ben).caller_ids, &[second, first], "their order counts");
        let none = do_act(&world, &[ben], Act::Assign(Assign::CallerIds(vec![])));
        assert_eq!((none.done, agent(&world, ben).caller_ids.len()), (1, 0));
        assert_eq!(do_undo(&world, &set.operation).kept, [(ben.user(), Refusal::Changed)]);
        assert_eq!(agent(&world, asha).caller_ids.len(), 0);
    }

    fn what_is_gone_or_out_of_scope_is_not_assigned(db: TestDb) {
        let (world, [asha, ben]) = office(&db);
        let (north, south) = (world.group("North"), world.group("South"));
        do_act(&world, &[asha], join(&[north]));
        let own = Rights { scope: Scope::Groups(vec![north]), ..rights() };
        let hers = |what: Act| try_act(&world.store, Actor::system(), own.clone(), &[asha, ben], what);
        assert!(matches!(hers(join(&[south])), Err(StoreError::NotFound)));
        assert!(matches!(hers(join(&[GroupId(999)])), Err(StoreError::NotFound)));
        let left = hers(Act::Assign(Assign::LeaveGroups(vec![north]))).unwrap();
        assert_eq!((left.done, left.refused), (1, vec![(ben.user(), Refusal::NotFound)]));
        let stale = try_act(&world.store, Actor::system(), rights(), &[asha], join(&[GroupId(999)]));
        assert!(matches!(stale, Err(StoreError::Stale)));
        assert!(groups(&world, asha).is_empty());
    }
}

fn office(db: &TestDb) -> (World, [AgentId; 2]) {
    let world = World::new(db, &TestClock::at("2026-11-20T09:30:00Z"));
    let agents = ["Asha", "Ben"].map(|name| world.agent(name));
    (world, agents)
}

fn join(groups: &[GroupId]) -> Act {
    Act::Assign(Assign::JoinGroups(groups.to_vec()))
}

fn agent(world: &World, id: AgentId) -> Agent {
    let key = id.user().0;
    let found = world
        .store
        .read(|conn| person::by_ids(conn, &[key]))
        .unwrap();
    found[0].living_agent().unwrap().clone()
}

fn groups(world: &World, id: AgentId) -> Vec<GroupId> {
    agent(world, id).groups.to_vec()
}

/// What the first line of an operation about this kind of subject says of after.
fn line(world: &World, operation: &str, kind: &str) -> Value {
    let after: Option<String> = world
        .store
        .read(|conn| {
            Ok(audit_entries::table
                .filter(audit_entries::operation.eq(operation))
                .filter(audit_entries::subject_kind.eq(kind))
                .order(audit_entries::id)
                .select(audit_entries::after)
                .first(conn)?)
        })
        .unwrap();
    serde_json::from_str(&after.unwrap()).unwrap()
}
