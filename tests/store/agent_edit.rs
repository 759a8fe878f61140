//! Editing an agent: what differs is written with its claims and its audit, two people's edits merge by
//! field, and nothing is half done.

use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::agent_form::{AgentChange, AgentForm, Field, Rules, Values};
use rollcall::domain::audit::{Actor, ActorKind};
use rollcall::domain::ids::{GroupId, UserId};
use rollcall::domain::person::Person;
use rollcall::domain::role::{Rights, Scope};
use rollcall::domain::status::Device;
use rollcall::store::agent::create::{Created, create};
use rollcall::store::agent::update::{Basis, Saved, Updated, save, update};
use rollcall::store::schema::{agent_live, audit_entries, claims, extensions, intervals};
use rollcall::store::undo::undo;
use rollcall::store::{StoreError, person};

both_databases! {
    fn an_edit_writes_what_differs_with_before_and_after(db: TestDb) {
        let world = world(&db);
        let (day, sales) = (world.hours("India day", 127, 0, 1440), world.department("Sales", 0));
        let id = made(&world, &[("name", "Asha Rao"), ("username", "asha.rao"), ("intercom_number", "2001")]);
        let updated = edit(&world, id, Some(1), &[
            ("name", "Asha Rao"), ("intercom_number", "2002"), ("email", "asha@example.com"),
            ("alternative_numbers", "+918040002291|+442079460161"), ("time_group", &day.to_string()),
            ("departments", &sales.to_string()), ("extension", "7000001"), ("login_based_calling", "yes"),
        ]).unwrap();
        assert_eq!((updated.version, updated.changed.len()), (2, 7));
        let asha = person(&world, id);
        let agent = asha.agent.as_deref().unwrap();
        assert_eq!((asha.version, agent.version), (2, 2));
        assert_eq!(agent.intercom.as_deref(), Some("2002"));
        assert_eq!(agent.alternative_numbers.len(), 2);
        assert_eq!((agent.time_group, &*agent.departments), (Some(day), &[sales][..]));
        assert_eq!(agent.extension.as_deref(), Some("7000001"));
        let (before, after) = last_entry(&world);
        assert_eq!(before["intercom_number"], "2001");
        assert_eq!(after["departments"], serde_json::json!([{ "id": sales.0, "name": "Sales" }]));
        assert_eq!(after["time_group"]["name"], "India day");
        assert!(after.get("name").is_none(), "what did not change is not in the audit");
        let back = AgentChange::from_audit(&before).unwrap();
        world.write(move |tx| update(tx, &Scope::All, id, Some(2), &back));
        assert_eq!(person(&world, id).agent.unwrap().intercom.as_deref(), Some("2001"));
    }

    fn an_edit_is_taken_back_unless_someone_edited_since(db: TestDb) {
        let world = world(&db);
        let (north, south) = (world.group("North"), world.group("South"));
        let id = made(&world, &[("name", "Asha"), ("username", "asha.rao"), ("intercom_number", "2001"), ("agent_groups", &north.to_string())]);
        let first = edit(&world, id, None, &[("name", "Asha Rao"), ("intercom_number", "2002"), ("email", "a@x.org"), ("agent_groups", &south.to_string())]).unwrap();
        let take_back = |operation: String, rights: Rights| world.store.write_blocking(rohan(), move |tx| undo(tx, &rights, &operation));
        let stranger = Rights { scope: Scope::Groups(vec![north]), ..Rights::everything() };
        assert!(matches!(take_back(first.operation.clone(), stranger), Err(StoreError::NotFound)));
        let undone = take_back(first.operation.clone(), Rights::everything()).unwrap();
        assert_eq!((undone.done, undone.kept.len()), (1, 0));
        let asha = person(&world, id);
        let agent = asha.agent.as_deref().unwrap();
        assert_eq!((&*asha.name, asha.email.as_deref(), agent.intercom.as_deref(), &*agent.groups, agent.version), ("Asha", None, Some("2001"), &[north][..], 3));
        assert!(take_back(first.operation, Rights::everything()).unwrap().again);
        let second = edit(&world, id, None, &[("intercom_number", "2005")]).unwrap();
        edit(&world, id, None, &[("designation", "Lead")]).unwrap();
        let kept = take_back(second.operation, Rights::everything()).unwrap();
        assert_eq!((kept.done, kept.kept.len()), (0, 1));
        assert_eq!(person(&world, id).agent.unwrap().intercom.as_deref(), Some("2005"));
    }

    fn an_edit_that_changes_nothing_leaves_no_trace(db: TestDb) {
        let world = world(&db);
        let id = made(&world, &[("name", "Asha Rao"), ("username", "asha.rao")]);
        let entries = audit_count(&world);
        let updated = edit(&world, id, Some(1), &[("name", "Asha Rao"), ("departments", ""), ("email", "")]).unwrap();
        assert_eq!((updated.version, updated.changed.len()), (1, 0));
        assert_eq!(audit_count(&world), entries);
    }

    fn a_value_in_use_is_refused_by_kind_and_owner_and_nothing_is_written(db: TestDb) {
        let world = world(&db);
        let asha = made(&world, &[("name", "Asha"), ("username", "asha.rao"), ("email", "a@x.org"), ("employee_id", "E1"), ("intercom_number", "2001"), ("extension", "7000001")]);
        let bela = made(&world, &[("name", "Bela"), ("username", "bela.rao")]);
        for (kind, field, value) in [
            ("login_id", "username", "ASHA.rao"), ("email", "email", "A@x.org"), ("employee_id", "employee_id", "e1"),
            ("dial", "intercom_number", "2001"), ("dial", "intercom_number", "20011"), ("dial", "intercom_number", "200"), ("extension", "extension", "7000001"),
        ] {
            match edit(&world, bela, None, &[("name", "Bela Rao"), (field, value)]) {
                Err(StoreError::Taken(taken)) => {
                    assert_eq!((taken.kind.as_str(), taken.owner.unwrap().id), (kind, asha.0), "{field} {value}");
                }
                other => panic!("{field} {value}: {other:?}"),
            }
        }
        assert_eq!(&*person(&world, bela).name, "Bela");
        // What is let go of can be taken at once, also in another case by the same person.
        edit(&world, asha, None, &[("username", "Asha.Rao"), ("email", ""), ("intercom_number", "2005"), ("extension", "")]).unwrap();
        edit(&world, bela, None, &[("email", "a@x.org"), ("intercom_number", "2001"), ("extension", "7000001")]).unwrap();
        let held: i64 = world.store.read(|conn| Ok(claims::table.count().get_result(conn)?)).unwrap();
        assert_eq!(held, 2 + 1 + 1 + 2, "two logins, an email, an employee id, two intercoms");
    }

    fn a_stale_edit_is_refused_unless_it_merges_by_field(db: TestDb) {
        let world = world(&db);
        let id = made(&world, &[("name", "Asha"), ("username", "asha.rao"), ("intercom_number", "2001")]);
        edit(&world, id, Some(1), &[("intercom_number", "2002")]).unwrap();
        assert!(matches!(edit(&world, id, Some(1), &[("name", "Asha Rao")]), Err(StoreError::Stale)));
        let was = &[("name", "Asha"), ("intercom_number", "2001"), ("designation", "")];
        let saved = merged(&world, id, 1, was, &[("name", "Asha Rao"), ("intercom_number", "2001"), ("designation", "")]);
        let Saved::Written(updated, edits) = saved else { panic!("{saved:?}") };
        assert_eq!((updated.version, updated.changed), (3, vec![Field::Name]));
        assert_eq!((edits.len(), edits[0].by.as_str(), &edits[0].fields), (1, "Rohan Kulkarni", &vec!["intercom_number".to_owned()]));
        assert_eq!(person(&world, id).agent.unwrap().intercom.as_deref(), Some("2002"), "theirs is kept");
        let saved = merged(&world, id, 1, was, &[("name", "Asha R."), ("intercom_number", "2001")]);
        let Saved::Conflict(conflict) = saved else { panic!("{saved:?}") };
        assert_eq!((conflict.version, conflict.both), (3, vec![Field::Name]));
        assert_eq!(&*person(&world, id).name, "Asha Rao", "nothing was written");
        let saved = merged(&world, id, 3, &[("name", "Asha Rao")], &[("name", "Asha R.")]);
        assert!(matches!(saved, Saved::Written(..)));
    }

    fn a_scope_holds_inside_the_write(db: TestDb) {
        let world = world(&db);
        let (north, south) = (world.group("North"), world.group("South"));
        let asha = made(&world, &[("name", "Asha"), ("username", "asha.rao"), ("agent_groups", &north.to_string()), ("agent_groups", &south.to_string())]);
        let bela = made(&world, &[("name", "Bela"), ("username", "bela.rao"), ("agent_groups", &south.to_string())]);
        let own = Scope::Groups(vec![north]);
        let try_it = |id, pairs: &[(&str, &str)]| {
            let (change, own) = (change(pairs), own.clone());
            world.store.write_blocking(rohan(), move |tx| update(tx, &own, id, None, &change))
        };
        assert!(matches!(try_it(bela, &[("name", "Mine")]), Err(StoreError::NotFound)));
        assert!(matches!(try_it(asha, &[("agent_groups", &south.to_string())]), Err(StoreError::NotFound)));
        try_it(asha, &[("name", "Asha Rao"), ("agent_groups", &north.to_string())]).unwrap();
        assert_eq!(person(&world, asha).agent.unwrap().groups.len(), 2, "the hidden group stays");
        try_it(asha, &[("agent_groups", "")]).unwrap();
        assert_eq!(&*person(&world, asha).agent.unwrap().groups, &[south]);
        let (before, after) = last_entry(&world);
        assert_eq!((before["agent_groups"].as_array().unwrap().len(), after["agent_groups"].as_array().unwrap().len()), (2, 1));
        assert!(matches!(try_it(asha, &[("name", "Gone")]), Err(StoreError::NotFound)));
    }

    fn a_new_agent_is_complete_and_a_form_sent_twice_makes_one(db: TestDb) {
        let world = world(&db);
        let north = world.group("North");
        let pairs = [("name", "Asha"), ("username", "asha.rao"), ("agent_groups", &*north.to_string()), ("extension", "7000001")];
        let once = Some("a1".repeat(16));
        let first = new(&world, Scope::Groups(vec![north]), once.clone(), &pairs).unwrap();
        let again = new(&world, Scope::Groups(vec![north]), once, &pairs).unwrap();
        assert_eq!((first.id, first.again, again.id, again.again), (again.id, false, first.id, true));
        let agent = person(&world, first.id).living_agent().cloned().unwrap();
        assert_eq!((agent.version, agent.extension.as_deref(), &*agent.groups), (1, Some("7000001"), &[GroupId(north.0)][..]));
        let axes: Vec<String> = world.store.read(|conn| Ok(intervals::table.select(intervals::axis).order(intervals::axis).load(conn)?)).unwrap();
        assert_eq!(axes, ["admin", "device", "duty"]);
        assert!(matches!(new(&world, Scope::Groups(vec![north]), None, &[("name", "Bela"), ("username", "bela.rao")]), Err(StoreError::NotFound)));
        assert!(matches!(new(&world, Scope::All, None, &pairs), Err(StoreError::Taken(_))));
        assert_eq!(audit_count(&world), 1);
    }

    fn another_extension_is_another_device(db: TestDb) {
        let world = world(&db);
        let id = made(&world, &[("name", "Asha"), ("username", "asha.rao"), ("extension", "7000001")]);
        world.write(move |tx| {
            let now = tx.now.0;
            diesel::insert_into(agent_live::table)
                .values((agent_live::agent_id.eq(id.0), agent_live::duty.eq("on"), agent_live::duty_at.eq(now), agent_live::device.eq("registered"),
                    agent_live::device_at.eq(now), agent_live::device_sequence.eq(""), agent_live::call_state.eq("idle"), agent_live::call_at.eq(now), agent_live::call_sequence.eq("")))
                .execute(tx.conn)?;
            Ok(())
        });
        edit(&world, id, None, &[("extension", "7000002")]).unwrap();
        assert_eq!(person(&world, id).agent.unwrap().live.device, Device::Unknown);
        let free: Option<i64> = world.store.read(|conn| Ok(extensions::table.filter(extensions::username.eq("7000001")).select(extensions::agent_id).first(conn)?)).unwrap();
        assert_eq!(free, None, "the old one is free");
    }
}

fn world(db: &TestDb) -> World {
    World::new(db, &TestClock::at("2026-11-22T09:30:00Z"))
}

fn rohan() -> Actor {
    Actor {
        kind: ActorKind::Shell,
        name: "Rohan Kulkarni".to_owned(),
        ..Actor::system()
    }
}

fn change(pairs: &[(&str, &str)]) -> AgentChange {
    let mut form = AgentForm::default();
    for (name, text) in pairs {
        form.put(name, text).expect("a field");
    }
    form.check(&Rules::stored()).expect("a good change")
}

fn new(
    world: &World,
    scope: Scope,
    once: Option<String>,
    pairs: &[(&str, &str)],
) -> Result<Created, StoreError> {
    let change = change(pairs);
    world
        .store
        .write_blocking(rohan(), move |tx| create(tx, &scope, once, &change))
}

fn made(world: &World, pairs: &[(&str, &str)]) -> UserId {
    new(world, Scope::All, None, pairs).unwrap().id
}

fn edit(
    world: &World,
    id: UserId,
    version: Option<i64>,
    pairs: &[(&str, &str)],
) -> Result<Updated, StoreError> {
    let change = change(pairs);
    let act = move |tx: &mut rollcall::store::Tx<'_>| update(tx, &Scope::All, id, version, &change);
    world.store.write_blocking(rohan(), act)
}

fn merged(
    world: &World,
    id: UserId,
    version: i64,
    was: &[(&str, &str)],
    mine: &[(&str, &str)],
) -> Saved {
    let (mine, was): (AgentChange, Values) = (change(mine), change(was).values().clone());
    world.write(move |tx| save(tx, &Scope::All, id, &Basis { version, was }, &mine))
}

fn person(world: &World, id: UserId) -> Person {
    let found = world.store.read(|conn| person::by_ids(conn, &[id.0]));
    found.unwrap().remove(0)
}

type Fields = serde_json::Map<String, serde_json::Value>;

/// What the last line of the audit says was and is.
fn last_entry(world: &World) -> (Fields, Fields) {
    let (before, after): (Option<String>, Option<String>) = world
        .store
        .read(|conn| {
            let last = audit_entries::table.order(audit_entries::id.desc());
            Ok(last
                .select((audit_entries::before, audit_entries::after))
                .first(conn)?)
        })
        .unwrap();
    let read = |json: Option<String>| serde_json::from_str(&json.unwrap()).unwrap();
    (read(before), read(after))
}

/// Lines of the audit about agents.
fn audit_count(world: &World) -> i64 {
    let count = audit_entries::table
        .filter(audit_entries::subject_kind.eq("user"))
        .count();
    world
        .store
        .read(|conn| Ok(count.get_result(conn)?))
        .unwrap()
}
