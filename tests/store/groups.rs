//! Agent groups: names that are unique, members as a difference, two people at once, deletion with Undo.

use crate::support::acts::{audit, claim, do_undo, rights, someone, try_undo};
use crate::support::world::{World, join_group};
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::act::Refusal;
use rollcall::domain::audit::Actor;
use rollcall::domain::group::{Difference, Field, GroupChange, GroupForm, Seen};
use rollcall::domain::ids::{AgentId, GroupId, UserId};
use rollcall::domain::role::{Rights, Scope};
use rollcall::store::StoreError;
use rollcall::store::group::create::create;
use rollcall::store::group::delete::delete;
use rollcall::store::group::members::{Changed, Saved, change};
use rollcall::store::group::update::{self, Basis};
use rollcall::store::schema::{
    agent_group_members, agent_groups, agents, audit_entries, user_scope_groups,
};
use serde_json::Value;

both_databases! {
    fn a_name_is_unique_in_upper_and_lower_case_and_free_again_after_deletion(db: TestDb) {
        let world = world(&db);
        let north = made(&world, "North", "Tamil lines").unwrap();
        assert!(matches!(made(&world, "nOrTh", ""), Err(StoreError::Taken(taken)) if taken.kind == "group_name"));
        let south = made(&world, "South", "").unwrap();
        assert!(matches!(edit(&world, south, None, "NORTH"), Err(StoreError::Taken(_))));
        edit(&world, north, Some(1), "NORTH").unwrap();
        assert!(matches!(edit(&world, north, Some(1), "North 2"), Err(StoreError::Stale)));
        edit(&world, north, Some(2), "West").unwrap();
        assert_eq!(claim(&world, "group_name", "north"), None);
        edit(&world, south, None, "north").unwrap();
        world.write(move |tx| delete(tx, &Scope::All, south, None));
        assert!(made(&world, "North", "").is_ok());
    }

    fn a_form_sent_twice_makes_one_group_and_a_scoped_maker_sees_hers(db: TestDb) {
        let world = world(&db);
        let lead = world.agent("Lead");
        let scope = Scope::Groups(vec![]);
        let new = |name: &str, by: Actor| {
            let (change, scope) = (change_to(name, ""), scope.clone());
            world.store.write_blocking(by, move |tx| create(tx, &scope, Some("c".repeat(32)), &change))
        };
        let first = new("Mine", someone(lead.user().0)).unwrap();
        let again = new("Mine", someone(lead.user().0)).unwrap();
        assert_eq!((again.id, again.again, first.again), (first.id, true, false));
        let bound: Vec<(i64, i64)> = world.store.read(|conn| Ok(user_scope_groups::table.load(conn)?)).unwrap();
        assert_eq!(bound, [(lead.user().0, first.id.0)]);
        assert!(matches!(world.store.write_blocking(Actor::system(), move |tx| create(tx, &Scope::Groups(vec![]), None, &change_to("Other", ""))), Err(StoreError::NotFound)), "the program itself has no groups");
    }

    fn members_are_written_as_a_difference_with_one_line_and_taken_back_as_one(db: TestDb) {
        let (world, group, [asha, ben, chitra]) = office(&db);
        let changed = choose(&world, group, None, &[chitra], &[asha]);
        assert_eq!((changed.added.len(), changed.removed.len()), (1, 1));
        assert_eq!(members(&world, group), [ben, chitra]);
        let line = last_line(&world);
        assert_eq!((&line["added"][0]["name"], &line["removed"][0]["name"], &line["members"]), (&"Chitra".into(), &"Asha".into(), &2.into()));
        let lines = audit(&world).len();
        let nothing = choose(&world, group, None, &[chitra], &[asha]);
        assert!(nothing.added.is_empty() && nothing.removed.is_empty());
        assert_eq!((audit(&world).len(), nothing.version), (lines, changed.version), "what is so leaves no trace");
        let undone = do_undo(&world, &changed.operation);
        assert_eq!((undone.done, undone.agents.len()), (1, 2));
        assert_eq!(members(&world, group), [asha, ben]);
        assert!(do_undo(&world, &changed.operation).again);
    }

    fn an_open_form_of_an_agent_does_not_undo_what_was_chosen(db: TestDb) {
        let (world, group, [_, _, chitra]) = office(&db);
        let before = version(&world, chitra);
        choose(&world, group, None, &[chitra], &[]);
        assert_eq!(version(&world, chitra), before + 1);
    }

    fn two_people_merge_where_they_touched_different_agents(db: TestDb) {
        let (world, group, [asha, ben, chitra]) = office(&db);
        let seen = seen(&world, group);
        world.clock.advance(1);
        choose(&world, group, Some(seen), &[], &[asha]);
        let mine = choose(&world, group, Some(seen), &[chitra], &[]);
        assert_eq!(mine.added, [chitra.user()]);
        assert_eq!(members(&world, group), [ben, chitra], "both changes stand");
        let same = choose(&world, group, Some(seen), &[], &[asha]);
        assert!(same.removed.is_empty(), "both wanted the same: nothing to ask");
    }

    fn two_people_who_decided_on_the_same_agent_are_asked(db: TestDb) {
        let (world, group, [asha, ben, chitra]) = office(&db);
        let looked = seen(&world, group);
        world.clock.advance(1);
        choose(&world, group, None, &[], &[asha]);
        choose(&world, group, None, &[asha], &[]);
        let clash = try_choose(&world, rights(), group, Some(looked), &[chitra], &[asha]).unwrap();
        let Saved::Conflict(conflict) = clash else { panic!("{clash:?}") };
        assert_eq!(conflict.agents.len(), 1);
        let clash = &conflict.agents[0];
        assert_eq!((clash.agent, clash.joins, clash.by.as_str()), (asha.user(), false, "Rollcall"));
        assert_eq!(members(&world, group), [asha, ben], "nothing is written");
        let saved = choose(&world, group, Some(conflict.seen), &[chitra], &[asha]);
        assert_eq!((saved.added.len(), saved.removed.len()), (1, 1), "who has seen it may decide");
        // The same by an agent's own form.
        let looked = seen(&world, group);
        world.clock.advance(1);
        for groups in ["", &group.to_string()] {
            let groups = groups.to_owned();
            world.write(move |tx| {
                use rollcall::domain::agent_form::{AgentForm, Rules};
                let mut form = AgentForm::default();
                form.put("agent_groups", &groups);
                let change = form.check(&Rules::stored()).unwrap();
                rollcall::store::agent::update::update(tx, &Scope::All, ben.user(), None, &change)
            });
        }
        assert!(matches!(try_choose(&world, rights(), group, Some(looked), &[], &[ben]).unwrap(), Saved::Conflict(_)));
    }

    fn an_undo_leaves_those_on_whom_somebody_decided_since(db: TestDb) {
        let (world, group, [asha, ben, chitra]) = office(&db);
        let first = choose(&world, group, None, &[chitra], &[asha]);
        world.clock.advance(1);
        choose(&world, group, None, &[], &[chitra]);
        choose(&world, group, None, &[chitra], &[]);
        let undone = do_undo(&world, &first.operation);
        assert_eq!(undone.kept, [(chitra.user(), Refusal::Changed)]);
        assert_eq!(members(&world, group), [asha, ben, chitra]);
    }

    fn whoever_is_out_of_scope_can_be_neither_put_nor_taken(db: TestDb) {
        let (world, group, [asha, _, chitra]) = office(&db);
        let other = world.group("Other");
        let own = Rights { scope: Scope::Groups(vec![group]), ..rights() };
        let Saved::Written(changed) = try_choose(&world, own.clone(), group, None, &[chitra], &[asha]).unwrap() else { panic!() };
        assert_eq!((changed.refused, changed.removed), (vec![(chitra.user(), Refusal::NotFound)], vec![asha.user()]));
        assert!(matches!(try_choose(&world, own.clone(), other, None, &[asha], &[]), Err(StoreError::NotFound)));
        assert!(matches!(try_undo(&world, Rights { scope: Scope::Groups(vec![other]), ..own }, &changed.operation), Err(StoreError::NotFound)));
    }

    fn a_deleted_group_comes_back_with_its_agents_and_scopes(db: TestDb) {
        let (world, group, [asha, ben, _]) = office(&db);
        let key = asha.user().0;
        world.write(move |tx| {
            diesel::insert_into(user_scope_groups::table).values((user_scope_groups::user_id.eq(key), user_scope_groups::group_id.eq(group.0))).execute(tx.conn)?;
            Ok(())
        });
        let other = world.group("Other");
        let second = ben.user().0;
        world.write(move |tx| {
            for held in [group, other] {
                diesel::insert_into(user_scope_groups::table).values((user_scope_groups::user_id.eq(second), user_scope_groups::group_id.eq(held.0))).execute(tx.conn)?;
            }
            Ok(())
        });
        let gone = world.write(move |tx| delete(tx, &Scope::All, group, Some(1)));
        assert_eq!((gone.members, gone.scopes), (2, 2));
        assert!(members(&world, group).is_empty());
        assert!(matches!(edit(&world, group, None, "Alive"), Err(StoreError::NotFound)));
        let scopes = || -> Vec<(i64, i64)> {
            world.store.read(|conn| Ok(user_scope_groups::table.order((user_scope_groups::user_id, user_scope_groups::group_id)).load(conn)?)).unwrap()
        };
        assert_eq!(scopes(), [(key, group.0), (second, other.0)], "held to no group at all she would see everyone");
        assert_eq!(do_undo(&world, &gone.operation).done, 1);
        assert_eq!(members(&world, group), [asha, ben]);
        assert_eq!(scopes(), [(key, group.0), (second, group.0), (second, other.0)]);
        assert!(edit(&world, group, None, "Alive").is_ok());
    }

    fn a_name_that_went_to_another_group_keeps_the_old_one_from_coming_back(db: TestDb) {
        let world = world(&db);
        let north = made(&world, "North", "").unwrap();
        let gone = world.write(move |tx| delete(tx, &Scope::All, north, None));
        made(&world, "north", "").unwrap();
        assert!(matches!(try_undo(&world, rights(), &gone.operation), Err(StoreError::Taken(_))));
        let deleted: Option<i64> = world.store.read(|conn| Ok(agent_groups::table.find(north.0).select(agent_groups::deleted_at).first(conn)?)).unwrap();
        assert!(deleted.is_some(), "nothing is half done");
    }

    fn edits_of_a_form_merge_by_field_and_are_taken_back(db: TestDb) {
        let world = world(&db);
        let north = made(&world, "North", "").unwrap();
        let was = GroupForm { name: Some("North".into()), description: Some(String::new()) };
        let renamed = edit(&world, north, None, "West").unwrap();
        let save = |change: GroupChange, was: GroupForm| world.write(move |tx| update::save(tx, &Scope::All, north, &Basis { version: 1, was }, &change));
        let saved = save(change_to("North", "Mine"), was.clone());
        let update::Saved::Written(updated, edits) = saved else { panic!("{saved:?}") };
        assert_eq!((updated.changed, edits.len()), (vec![Field::Description], 1));
        let clash = save(change_to("East", ""), was);
        let update::Saved::Conflict(conflict) = clash else { panic!("{clash:?}") };
        assert_eq!((conflict.both, conflict.now.name.as_str()), (vec![Field::Name], "West"));
        assert_eq!(do_undo(&world, &renamed.operation).done, 1);
        let now: (String, String) = world.store.read(|conn| Ok(agent_groups::table.find(north.0).select((agent_groups::name, agent_groups::description)).first(conn)?)).unwrap();
        assert_eq!(now, ("North".to_owned(), "Mine".to_owned()));
    }
}

fn world(db: &TestDb) -> World {
    World::new(db, &TestClock::at("2026-11-20T09:30:00Z"))
}

/// A group with Asha and Ben, and Chitra beside it.
fn office(db: &TestDb) -> (World, GroupId, [AgentId; 3]) {
    let world = world(db);
    let group = made(&world, "North", "").unwrap();
    let agents = ["Asha", "Ben", "Chitra"].map(|name| world.agent(name));
    for agent in &agents[..2] {
        let key = agent.user().0;
        world.write(move |tx| join_group(tx, key, group));
    }
    (world, group, agents)
}

fn change_to(name: &str, description: &str) -> GroupChange {
    let form = GroupForm {
        name: Some(name.to_owned()),
        description: Some(description.to_owned()),
    };
    form.check().unwrap()
}

fn made(world: &World, name: &str, description: &str) -> Result<GroupId, StoreError> {
    let change = change_to(name, description);
    let write = move |tx: &mut rollcall::store::Tx<'_>| create(tx, &Scope::All, None, &change);
    let made = world.store.write_blocking(Actor::system(), write)?;
    Ok(made.id)
}

fn edit(
    world: &World,
    id: GroupId,
    expected: Option<i64>,
    name: &str,
) -> Result<update::Updated, StoreError> {
    let change = GroupForm {
        name: Some(name.to_owned()),
        description: None,
    };
    let change = change.check().unwrap();
    let write = move |tx: &mut rollcall::store::Tx<'_>| {
        update::update(tx, &Scope::All, id, expected, &change)
    };
    world.store.write_blocking(Actor::system(), write)
}

fn try_choose(
    world: &World,
    rights: Rights,
    group: GroupId,
    seen: Option<Seen>,
    add: &[AgentId],
    remove: &[AgentId],
) -> Result<Saved, StoreError> {
    let keys = |agents: &[AgentId]| agents.iter().map(|id| id.user()).collect::<Vec<UserId>>();
    let wanted = Difference {
        add: keys(add),
        remove: keys(remove),
    };
    let write = move |tx: &mut rollcall::store::Tx<'_>| change(tx, &rights, group, seen, &wanted);
    world.store.write_blocking(Actor::system(), write)
}

fn choose(
    world: &World,
    group: GroupId,
    seen: Option<Seen>,
    add: &[AgentId],
    remove: &[AgentId],
) -> Changed {
    match try_choose(world, rights(), group, seen, add, remove).unwrap() {
        Saved::Written(changed) => changed,
        Saved::Conflict(conflict) => panic!("{conflict:?}"),
    }
}

/// As somebody sees the group who opens it now.
fn seen(world: &World, group: GroupId) -> Seen {
    let version: i64 = world
        .store
        .read(|conn| {
            Ok(agent_groups::table
                .find(group.0)
                .select(agent_groups::version)
                .first(conn)?)
        })
        .unwrap();
    Seen {
        version,
        at: world.clock.now(),
    }
}

fn members(world: &World, group: GroupId) -> Vec<AgentId> {
    let keys: Vec<i64> = world
        .store
        .read(|conn| {
            Ok(agent_group_members::table
                .filter(agent_group_members::group_id.eq(group.0))
                .order(agent_group_members::agent_id)
                .select(agent_group_members::agent_id)
                .load(conn)?)
        })
        .unwrap();
    keys.into_iter()
        .map(|key| AgentId::of(UserId(key)))
        .collect()
}

fn version(world: &World, agent: AgentId) -> i64 {
    let key = agent.user().0;
    world
        .store
        .read(|conn| {
            Ok(agents::table
                .find(key)
                .select(agents::version)
                .first(conn)?)
        })
        .unwrap()
}

/// What the last line of the audit says of after.
fn last_line(world: &World) -> Value {
    let after: Option<String> = world
        .store
        .read(|conn| {
            Ok(audit_entries::table
                .order(audit_entries::id.desc())
                .select(audit_entries::after)
                .first(conn)?)
        })
        .unwrap();
    serde_json::from_str(&after.unwrap()).unwrap()
}
