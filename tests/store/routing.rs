//! Departments, IVRs and caller ids in the store: what differs is written with claims and audit, members keep
//! their order, what is deleted comes back whole, and only someone with scope everything does any of it.

use crate::support::acts::{do_act, do_undo};
use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::act::{Act, Assign};
use rollcall::domain::audit::{Actor, ActorKind};
use rollcall::domain::ids::{AgentId, DepartmentId, GroupId, UserId};
use rollcall::domain::role::{Rights, Scope};
use rollcall::domain::routing::{Field, Noun, RoutingForm, Rules, Values};
use rollcall::domain::time::HOUR;
use rollcall::store::routing::{self, Basis, Created, Saved, Updated};
use rollcall::store::schema::{agents, audit_entries, claims, departments};
use rollcall::store::undo::undo;
use rollcall::store::{StoreError, person};

both_databases! {
    fn a_department_is_made_with_its_members_in_order(db: TestDb) {
        let (world, _) = world(&db);
        let (asha, bela) = (world.agent("Asha Rao"), world.agent("Bela Das"));
        let order = format!("{bela} {asha}");
        let made = make(&world, Noun::Department, &[("name", "Support"), ("transfer_code", "90001"), ("use_as_queue", "yes"), ("members", &order)]).unwrap();
        assert_eq!(members(&world, made.id), [bela.user(), asha.user()]);
        assert_eq!(departments_of(&world, asha), [DepartmentId(made.id)]);
        assert_eq!(version_of(&world, asha), 2, "an open form of hers is out of date now");
        let (action, _, after) = last_entry(&world);
        assert_eq!((action.as_str(), after["members"]["name"].as_str()), ("department.create", Some("Bela Das, Asha Rao")));
        let edited = edit(&world, Noun::Department, made.id, Some(1), &[("members", &asha.to_string()), ("wrap_up_seconds", "30")]).unwrap();
        assert_eq!((edited.version, edited.changed), (2, vec![Field::WrapUp, Field::Members]));
        assert_eq!((members(&world, made.id), departments_of(&world, bela)), (vec![asha.user()], Vec::new()));
        let (_, before, after) = last_entry(&world);
        assert_eq!((before["wrap_up_seconds"].as_i64(), after["wrap_up_seconds"].as_i64()), (Some(0), Some(30)));
        assert_eq!(after["left"][0]["name"], "Bela Das");
        assert!(after.get("joined").is_none() && after.get("name").is_none(), "only what differs is written down");
        let floor = world.floor();
        assert!(differences(&floor).is_empty(), "the picture is what the database holds");
    }

    fn nothing_is_written_where_nothing_differs(db: TestDb) {
        let (world, _) = world(&db);
        let id = make(&world, Noun::Ivr, &[("name", "Main"), ("transfer_code", "90101"), ("target", "ivr-main")]).unwrap().id;
        let lines = audit_count(&world);
        let same = edit(&world, Noun::Ivr, id, Some(1), &[("name", "Main"), ("target", "ivr-main")]).unwrap();
        assert_eq!((same.version, same.changed.len(), audit_count(&world)), (1, 0, lines));
    }

    fn two_people_merge_by_field_and_members_that_came_by_the_agents_form_stay(db: TestDb) {
        let (world, _) = world(&db);
        let (asha, bela, chitra) = (world.agent("Asha"), world.agent("Bela"), world.agent("Chitra"));
        let id = make(&world, Noun::Department, &[("name", "Support"), ("members", &asha.to_string())]).unwrap().id;
        let was = &[("name", "Support"), ("members", &*asha.to_string()), ("wrap_up_seconds", "0")];
        join(&world, bela, id);
        // Who left the members as they were keeps whoever came.
        let saved = save(&world, id, 1, was, &[("name", "Help desk"), ("members", &asha.to_string())]);
        assert!(matches!(&saved, Saved::Written(updated, _) if updated.changed == [Field::Name]), "{saved:?}");
        assert_eq!(members(&world, id), [asha.user(), bela.user()]);
        let both = format!("{asha} {chitra}");
        let saved = save(&world, id, 1, was, &[("name", "Support"), ("members", &both)]);
        let Saved::Conflict(conflict) = saved else { panic!("{saved:?}") };
        assert_eq!((conflict.version, conflict.both, conflict.edits.len()), (3, vec![Field::Members], 1));
        assert_eq!(members(&world, id), [asha.user(), bela.user()], "nothing was written");
        assert!(matches!(edit(&world, Noun::Department, id, Some(1), &[("name", "X")]), Err(StoreError::Stale)));
    }

    fn whoever_changes_one_side_makes_what_was_read_of_the_other_out_of_date(db: TestDb) {
        let (world, _) = world(&db);
        let (asha, bela) = (world.agent("Asha"), world.agent("Bela"));
        let id = make(&world, Noun::Department, &[("name", "Support"), ("members", &asha.to_string())]).unwrap().id;
        let set = |agent, departments: &[i64]| {
            let departments = departments.iter().copied().map(DepartmentId).collect();
            do_act(&world, &[agent], Act::Assign(Assign::Departments(departments)))
        };
        // Acts on agents, seen from the department.
        let set_bela = set(bela, &[id]);
        assert_eq!((department_version(&world, id), members(&world, id)), (2, vec![asha.user(), bela.user()]));
        let only_asha = [("members", &*asha.to_string())];
        assert!(matches!(edit(&world, Noun::Department, id, Some(1), &only_asha), Err(StoreError::Stale)));
        assert_eq!(members(&world, id), [asha.user(), bela.user()], "nobody is written over");
        assert_eq!((set(bela, &[id]).done, department_version(&world, id)), (0, 2), "what is so already changes nothing");
        // The department's form, seen from the agents.
        let (hers, of_asha) = (version_of(&world, bela), version_of(&world, asha));
        let edited = edit(&world, Noun::Department, id, Some(2), &only_asha).unwrap();
        assert_eq!((edited.version, version_of(&world, bela), version_of(&world, asha)), (3, hers + 1, of_asha));
        assert_eq!(do_undo(&world, &set_bela.operation).done, 0, "she left since");
        assert!(matches!(join_from(&world, bela, id, Some(hers)), Err(StoreError::Stale)));
        // Back by her own form: what the department's form did is not taken back over her.
        join_from(&world, bela, id, None).unwrap();
        assert_eq!(department_version(&world, id), 4);
        let undone = world.store.write_blocking(rohan(), move |tx| undo(tx, &Rights::everything(), &edited.operation)).unwrap();
        assert_eq!((undone.done, members(&world, id)), (0, vec![asha.user(), bela.user()]));
        // Whoever is deleted or off-boarded leaves, and comes back by Undo.
        for (what, version) in [(Act::Delete, 5), (Act::OffBoard { reason: None }, 7)] {
            let gone = do_act(&world, &[bela], what);
            assert_eq!((department_version(&world, id), members(&world, id)), (version, vec![asha.user()]));
            assert_eq!(do_undo(&world, &gone.operation).done, 1);
            assert_eq!((department_version(&world, id), members(&world, id)), (version + 1, vec![asha.user(), bela.user()]));
        }
        let floor = world.floor();
        set(asha, &[]);
        let version = floor.picture().records().department(DepartmentId(id)).map(|department| department.version);
        assert_eq!(version, Some(9), "the picture has the version that a program is asked for");
        assert!(differences(&floor).is_empty());
    }

    fn a_place_in_a_deleted_department_is_kept_whatever_is_set(db: TestDb) {
        let (world, _) = world(&db);
        let asha = world.agent("Asha");
        let [old, new] = ["Old", "New"].map(|name| make(&world, Noun::Department, &[("name", name)]).unwrap().id);
        join(&world, asha, old);
        let gone = remove(&world, Noun::Department, old, None).unwrap();
        do_act(&world, &[asha], Act::Assign(Assign::Departments(vec![DepartmentId(new)])));
        let back = world.store.write_blocking(rohan(), move |tx| undo(tx, &Rights::everything(), &gone.operation)).unwrap();
        assert_eq!((back.done, members(&world, old), members(&world, new)), (1, vec![asha.user()], vec![asha.user()]));
    }

    fn numbers_and_names_are_unique_and_codes_are_held_until_the_quarantine_ends(db: TestDb) {
        let (world, clock) = world(&db);
        let support = make(&world, Noun::Department, &[("name", "Support"), ("transfer_code", "90001")]).unwrap().id;
        let taken = |noun, pairs: &[(&str, &str)]| match make(&world, noun, pairs) {
            Err(StoreError::Taken(taken)) => (taken.kind.clone(), taken.owner.map(|owner| (owner.kind, owner.id))),
            other => panic!("{pairs:?}: {other:?}"),
        };
        let owner = Some(("department".to_owned(), support));
        assert_eq!(taken(Noun::Department, &[("name", "SUPPORT")]), ("department_name".to_owned(), owner.clone()));
        assert_eq!(taken(Noun::Ivr, &[("name", "Menu"), ("transfer_code", "90001"), ("target", "x")]), ("dial".to_owned(), owner.clone()));
        let number = make(&world, Noun::CallerId, &[("number", "+918040002291")]).unwrap().id;
        assert_eq!(taken(Noun::CallerId, &[("number", "+918040002291")]).1, Some(("caller_id".to_owned(), number)));
        remove(&world, Noun::Department, support, Some(1)).unwrap();
        // The name is free at once, the code is not.
        assert_eq!(taken(Noun::Department, &[("name", "Sales"), ("transfer_code", "90001")]).0, "dial");
        let again = make(&world, Noun::Department, &[("name", "Support")]).unwrap().id;
        let restored = world.store.write_blocking(rohan(), move |tx| routing::restore(tx, &Scope::All, Noun::Department, support));
        assert!(matches!(restored, Err(StoreError::Taken(_))), "{restored:?}");
        remove(&world, Noun::Department, again, None).unwrap();
        world.write(move |tx| routing::restore(tx, &Scope::All, Noun::Department, support));
        let held: Option<i64> = world.store.read(|conn| Ok(claims::table.find(("dial", "90001")).select(claims::held_until).first(conn)?)).unwrap();
        assert_eq!(held, None, "it is the department's own again");
        remove(&world, Noun::Department, support, None).unwrap();
        clock.advance(31 * 24 * HOUR);
        make(&world, Noun::Ivr, &[("name", "Menu"), ("transfer_code", "90001"), ("target", "x")]).unwrap();
    }

    fn what_is_deleted_is_gone_everywhere_and_comes_back_as_it_was(db: TestDb) {
        let (world, _) = world(&db);
        let (asha, bela) = (world.agent("Asha"), world.agent("Bela"));
        let order = format!("{bela} {asha}");
        let id = make(&world, Noun::Department, &[("name", "Support"), ("transfer_code", "90001"), ("members", &order)]).unwrap().id;
        let number = make(&world, Noun::CallerId, &[("number", "+918040002291"), ("goes_to", &format!("department:{id}"))]).unwrap().id;
        assert!(matches!(remove(&world, Noun::Department, id, Some(7)), Err(StoreError::Stale)));
        let deleted = remove(&world, Noun::Department, id, Some(1)).unwrap();
        assert!(departments_of(&world, asha).is_empty(), "nobody is in it");
        let floor = world.floor();
        assert!(floor.picture().records().department(DepartmentId(id)).is_none());
        assert!(differences(&floor).is_empty());
        assert!(matches!(edit(&world, Noun::Department, id, None, &[("name", "X")]), Err(StoreError::NotFound)));
        // It can't be chosen any more, but what led to it says so still.
        assert!(matches!(edit(&world, Noun::CallerId, number, None, &[("goes_to", &format!("department:{}", id + 1))]), Err(StoreError::Stale)));
        assert!(edit(&world, Noun::CallerId, number, None, &[("label", "Front")]).is_ok());
        let gone = world.store.read(|conn| routing::deleted(conn, Noun::Department)).unwrap();
        assert_eq!((gone.len(), gone[0].title.as_str()), (1, "Support"));
        let back = world.store.write_blocking(rohan(), move |tx| undo(tx, &Rights::everything(), &deleted.operation)).unwrap();
        assert_eq!((back.done, back.again), (1, false));
        assert_eq!(members(&world, id), [bela.user(), asha.user()]);
        assert_eq!(departments_of(&world, asha), [DepartmentId(id)]);
    }

    fn an_edit_is_taken_back_unless_someone_edited_since(db: TestDb) {
        let (world, _) = world(&db);
        let (asha, bela) = (world.agent("Asha"), world.agent("Bela"));
        let order = format!("{asha} {bela}");
        let id = make(&world, Noun::Department, &[("name", "Support"), ("transfer_code", "90001"), ("members", &order)]).unwrap().id;
        let first = edit(&world, Noun::Department, id, None, &[("name", "Help"), ("transfer_code", ""), ("members", &bela.to_string())]).unwrap();
        let operation = first.operation.clone();
        let take_back = |operation: String, rights: Rights| world.store.write_blocking(rohan(), move |tx| undo(tx, &rights, &operation));
        let scoped = Rights { scope: Scope::Groups(vec![GroupId(1)]), ..Rights::everything() };
        assert!(matches!(take_back(operation.clone(), scoped), Err(StoreError::NotFound)));
        assert_eq!(take_back(operation.clone(), Rights::everything()).unwrap().done, 1);
        assert_eq!(members(&world, id), [asha.user(), bela.user()]);
        assert!(matches!(make(&world, Noun::Department, &[("name", "support")]), Err(StoreError::Taken(_))), "the name is its own again");
        assert!(take_back(operation, Rights::everything()).unwrap().again);
        let second = edit(&world, Noun::Department, id, None, &[("name", "Help")]).unwrap();
        edit(&world, Noun::Department, id, None, &[("wrap_up_seconds", "5")]).unwrap();
        assert_eq!(take_back(second.operation, Rights::everything()).unwrap().done, 0);
    }

    fn a_scope_of_groups_changes_nothing(db: TestDb) {
        let (world, _) = world(&db);
        let id = make(&world, Noun::Department, &[("name", "Support")]).unwrap().id;
        let own = Scope::Groups(vec![world.group("North")]);
        let values = values(Noun::Department, &[("name", "Mine")]);
        let lines = audit_count(&world);
        let results = [
            { let (own, values) = (own.clone(), values.clone()); world.store.write_blocking(rohan(), move |tx| routing::create(tx, &own, Noun::Department, None, &values)).map(|_| ()) },
            { let (own, values) = (own.clone(), values.clone()); world.store.write_blocking(rohan(), move |tx| routing::update(tx, &own, Noun::Department, id, None, &values)).map(|_| ()) },
            { let (own, values) = (own.clone(), values.clone()); world.store.write_blocking(rohan(), move |tx| routing::save(tx, &own, Noun::Department, id, &Basis::default(), &values)).map(|_| ()) },
            world.store.write_blocking(rohan(), move |tx| routing::delete(tx, &own, Noun::Department, id, None)).map(|_| ()),
        ];
        assert!(results.iter().all(|result| matches!(result, Err(StoreError::NotFound))), "{results:?}");
        assert_eq!(audit_count(&world), lines);
    }
}

fn world(db: &TestDb) -> (World, TestClock) {
    let clock = TestClock::at("2026-11-20T09:30:00Z");
    (World::new(db, &clock), clock)
}

fn rohan() -> Actor {
    Actor {
        kind: ActorKind::User,
        id: None,
        name: "Rohan Kulkarni".to_owned(),
        address: None,
        request_id: None,
    }
}

fn values(noun: Noun, pairs: &[(&str, &str)]) -> Values {
    let mut form = RoutingForm::default();
    for (name, text) in pairs {
        form.put(noun, name, text).expect("a field");
    }
    form.check(noun, &Rules::stored())
        .expect("values that are fine")
}

fn make(world: &World, noun: Noun, pairs: &[(&str, &str)]) -> Result<Created, StoreError> {
    let values = values(noun, pairs);
    let act = move |tx: &mut rollcall::store::Tx<'_>| {
        routing::create(tx, &Scope::All, noun, None, &values)
    };
    world.store.write_blocking(rohan(), act)
}

fn edit(
    world: &World,
    noun: Noun,
    id: i64,
    version: Option<i64>,
    pairs: &[(&str, &str)],
) -> Result<Updated, StoreError> {
    let change = values(noun, pairs);
    let act = move |tx: &mut rollcall::store::Tx<'_>| {
        routing::update(tx, &Scope::All, noun, id, version, &change)
    };
    world.store.write_blocking(rohan(), act)
}

fn save(
    world: &World,
    id: i64,
    version: i64,
    was: &[(&str, &str)],
    mine: &[(&str, &str)],
) -> Saved {
    let noun = Noun::Department;
    let (was, mine) = (values(noun, was), values(noun, mine));
    let basis = Basis { version, was };
    world.write(move |tx| routing::save(tx, &Scope::All, noun, id, &basis, &mine))
}

fn remove(
    world: &World,
    noun: Noun,
    id: i64,
    version: Option<i64>,
) -> Result<routing::Deleted, StoreError> {
    let act =
        move |tx: &mut rollcall::store::Tx<'_>| routing::delete(tx, &Scope::All, noun, id, version);
    world.store.write_blocking(rohan(), act)
}

/// As the agent's own form does.
fn join(world: &World, agent: AgentId, department: i64) {
    join_from(world, agent, department, None).expect("the agent joins");
}

/// The same, based on a version of the agent.
fn join_from(
    world: &World,
    agent: AgentId,
    department: i64,
    version: Option<i64>,
) -> Result<(), StoreError> {
    use rollcall::domain::agent_form::{AgentForm, Rules};
    let mut form = AgentForm::default();
    form.put("departments", &department.to_string())
        .expect("a field");
    let change = form.check(&Rules::stored()).expect("a department");
    let act = move |tx: &mut rollcall::store::Tx<'_>| {
        rollcall::store::agent::update::update(tx, &Scope::All, agent.user(), version, &change)
    };
    world.store.write_blocking(rohan(), act).map(|_| ())
}

fn members(world: &World, id: i64) -> Vec<UserId> {
    world
        .store
        .read(|conn| routing::members(conn, id))
        .expect("the members")
}

fn departments_of(world: &World, agent: AgentId) -> Vec<DepartmentId> {
    let found = world
        .store
        .read(|conn| person::by_ids(conn, &[agent.user().0]));
    let person = found.expect("the person").remove(0);
    person.agent.expect("an agent").departments.to_vec()
}

fn version_of(world: &World, agent: AgentId) -> i64 {
    let version = agents::table.find(agent.user().0).select(agents::version);
    let found = world.store.read(|conn| Ok(version.first(conn)?));
    found.expect("the version")
}

fn department_version(world: &World, id: i64) -> i64 {
    let version = departments::table.find(id).select(departments::version);
    let found = world.store.read(|conn| Ok(version.first(conn)?));
    found.expect("the version")
}

type Fields = serde_json::Map<String, serde_json::Value>;

/// The last line of the audit: its action, and what was and is.
fn last_entry(world: &World) -> (String, Fields, Fields) {
    let last = audit_entries::table
        .order(audit_entries::id.desc())
        .select((
            audit_entries::action,
            audit_entries::before,
            audit_entries::after,
        ));
    let row: (String, Option<String>, Option<String>) = world
        .store
        .read(|conn| Ok(last.first(conn)?))
        .expect("a line");
    let read = |json: Option<String>| {
        json.map_or_else(Fields::new, |json| {
            serde_json::from_str(&json).expect("an object")
        })
    };
    (row.0, read(row.1), read(row.2))
}

fn audit_count(world: &World) -> i64 {
    let count = audit_entries::table.count();
    world
        .store
        .read(|conn| Ok(count.get_result(conn)?))
        .expect("a number")
}

/// What the picture and a fresh load disagree in.
fn differences(floor: &rollcall::floor::Floor) -> Vec<rollcall::floor::Difference> {
    let checked = actix_web::rt::System::new().block_on(floor.check());
    checked.expect("the check runs")
}
