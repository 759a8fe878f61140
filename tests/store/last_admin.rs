//! There is always somebody who can sign in as an administrator: whoever takes the last one's rights away, by whatever
//! way, and two who do it to each other at the same moment, on one node or two.

use crate::support::acts::try_undo;
use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::act::Refusal;
use rollcall::domain::audit::{Actor, ActorKind};
use rollcall::domain::authority::Denied;
use rollcall::domain::ids::{GroupId, UserId};
use rollcall::domain::role::form::RoleChange;
use rollcall::domain::role::{BuiltInRole, Permission, Permissions, Rights, Scope};
use rollcall::domain::text::{LoginId, Name, RoleName};
use rollcall::domain::user_form::UserChange;
use rollcall::store::role::write::{self, Refused};
use rollcall::store::schema::{user_scope_groups, users};
use rollcall::store::user::access::{self, AccessAct, Done};
use rollcall::store::user::{self, NewUser, remove, update};
use rollcall::store::{Conn, Store, StoreError, Tx, group, role};
use serde_json::{Map, Value, json};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};

/// What one does to the other.
#[derive(Clone, Copy, Debug)]
enum Attack {
    Block,
    Delete,
    Demote,
}

both_databases! {
    fn one_of_two_stays(db: TestDb) {
        let clock = TestClock::at("2026-11-22T06:30:00Z");
        let world = World::new(&db, &clock);
        // Another node where there can be one; what a shell does beside the server is the same.
        let other = db.store(&clock);
        let attacks = [Attack::Block, Attack::Delete, Attack::Demote];
        for round in 0..6 {
            for (first, second) in attacks.into_iter().zip(attacks.into_iter().cycle().skip(round % 3)) {
                let (one, two) = (admin(&world), admin(&world));
                let ready = Barrier::new(2);
                let (by_one, by_two) = std::thread::scope(|scope| {
                    let by_one = scope.spawn(|| attack(&world.store, &ready, one, two, first));
                    let by_two = scope.spawn(|| attack(&other, &ready, two, one, second));
                    (by_one.join().unwrap(), by_two.join().unwrap())
                });
                let left = admins(&world);
                let both = format!("{first:?} {by_one:?} beside {second:?} {by_two:?}");
                assert_eq!(left.len(), 1, "{both}");
                let done = [&by_one, &by_two].iter().filter(|did| **did == &Did::Done).count();
                assert_eq!(done, 1, "the other is told why not: {both}");
                world.write(|tx| Ok(diesel::update(users::table).set(users::deleted_at.eq(tx.now.0)).execute(tx.conn)?));
                assert!(admins(&world).is_empty());
            }
        }
    }

    fn who_was_only_invited_or_is_held_to_groups_is_no_administrator(db: TestDb) {
        let world = World::new(&db, &TestClock::at("2026-11-22T06:30:00Z"));
        let (last, invited, held) = (admin(&world), invited(&world), admin(&world));
        let north = world.group("North");
        hold_to(&world, held, north);
        for how in [Attack::Block, Attack::Delete, Attack::Demote] {
            assert_eq!(take_away(&world, last, how), Err(Denied::LastAdmin), "{how:?}");
        }
        assert_eq!(change(&world, last, "scope_groups", json!([north.0])), Err(Denied::LastAdmin));
        assert_eq!(change(&world, last, "web_login", json!("none")), Err(Denied::LastAdmin));
        assert_eq!(change(&world, last, "name", json!("Still There")), Ok(()), "what leaves the rights alone");
        // Nobody is needed of those who are none.
        assert_eq!(change(&world, held, "web_login", json!("blocked")), Ok(()));
        assert_eq!(take_away(&world, invited, Attack::Demote), Ok(()));
        let other = admin(&world);
        assert_eq!(change(&world, last, "scope_groups", json!([north.0])), Ok(()), "another one is left");
        assert_eq!(take_away(&world, other, Attack::Block), Err(Denied::LastAdmin));
    }

    fn an_install_without_any_can_be_worked_on(db: TestDb) {
        let world = World::new(&db, &TestClock::at("2026-11-22T06:30:00Z"));
        let (one, two) = (invited(&world), invited(&world));
        assert_eq!(take_away(&world, one, Attack::Block), Ok(()));
        assert_eq!(take_away(&world, two, Attack::Demote), Ok(()));
    }

    fn a_role_keeps_what_the_last_administrator_has_by_it(db: TestDb) {
        let world = World::new(&db, &TestClock::at("2026-11-22T06:30:00Z"));
        let last = admin(&world);
        let owner = role_change(Some("Owner"), Some(Permissions::all()), None);
        let owner = written(&world, move |tx| write::create(tx, &Rights::everything(), None, &owner)).unwrap().id;
        assert_eq!(change(&world, last, "role", json!(owner.0)), Ok(()), "a role with the same rights");
        let edit = |change: RoleChange| written(&world, move |tx| write::update(tx, &Rights::everything(), owner, None, &change));
        let fewer = || role_change(None, Some(Permissions::all().without(Permission::RolesWrite)), None);
        assert_eq!(edit(fewer()).unwrap_err(), Refused::LastAdmin);
        assert_eq!(edit(role_change(None, None, Some(true))).unwrap_err(), Refused::LastAdmin);
        let renamed = edit(role_change(Some("Owners"), None, None));
        assert!(renamed.is_ok(), "{renamed:?}");
        let other = admin(&world);
        let taken = edit(fewer()).unwrap();
        assert_eq!(take_away(&world, other, Attack::Block), Err(Denied::LastAdmin));
        // What gave the rights back is not taken back once they are needed.
        let back = edit(role_change(None, Some(Permissions::all()), None)).unwrap();
        assert_eq!(take_away(&world, other, Attack::Block), Ok(()));
        assert_eq!(try_undo(&world, Rights::everything(), &back.operation).unwrap().done, 0);
        assert!(taken.changed);
    }

    fn a_group_that_comes_back_holds_not_the_last_administrator(db: TestDb) {
        let world = World::new(&db, &TestClock::at("2026-11-22T06:30:00Z"));
        let (held, north, south) = (admin(&world), world.group("North"), world.group("South"));
        hold_to(&world, held, north);
        hold_to(&world, held, south);
        let gone = world.write(move |tx| group::delete::delete(tx, &Scope::All, north, None));
        // Her rights hold on everyone since, and she is the only one.
        world.write(move |tx| {
            diesel::delete(user_scope_groups::table.filter(user_scope_groups::user_id.eq(held.0))).execute(tx.conn)?;
            Ok(())
        });
        let undone = try_undo(&world, Rights::everything(), &gone.operation).unwrap();
        assert_eq!(undone.kept, [(held, Refusal::LastAdmin)]);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Did {
    Done,
    Denied(Denied),
}

fn attack(store: &Store, ready: &Barrier, by: UserId, on: UserId, how: Attack) -> Did {
    let rights = Rights {
        permissions: BuiltInRole::Admin.permissions(),
        scope: Scope::All,
    };
    let actor = Actor {
        kind: ActorKind::User,
        id: Some(by.0),
        name: format!("Admin {by}"),
        ..Actor::system()
    };
    ready.wait();
    let done = store.write_blocking(actor, move |tx| match how {
        Attack::Block => access::act(tx, &rights, on, AccessAct::Block, None),
        Attack::Delete => remove::delete(tx, &rights, on, None),
        Attack::Demote => demote(tx, &rights, on),
    });
    match done {
        Ok(Done::Done(_)) => Did::Done,
        Ok(Done::Denied(denied)) => Did::Denied(denied),
        Ok(Done::Unchanged) => panic!("{how:?}: it was so already"),
        Err(error) => panic!("{how:?}: {error}"),
    }
}

fn demote(tx: &mut Tx<'_>, rights: &Rights, on: UserId) -> Result<Done, StoreError> {
    let agent = role::find_by_name(tx.conn, BuiltInRole::Agent.name())?.unwrap();
    let fields = Map::from_iter([("role".to_owned(), json!(agent.id.0))]);
    let change = UserChange::from_audit(&fields).unwrap();
    changed(tx, rights, on, &change)
}

fn changed(
    tx: &mut Tx<'_>,
    rights: &Rights,
    on: UserId,
    change: &UserChange,
) -> Result<Done, StoreError> {
    Ok(match update::update(tx, rights, on, None, change)? {
        update::Saved::Written(written, _) => Done::Done(written.operation),
        update::Saved::Denied(denied) => Done::Denied(denied),
        update::Saved::Conflict(_) => unreachable!("there was no form"),
    })
}

/// An administrator who may sign in.
fn admin(world: &World) -> UserId {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    world.write(move |tx| {
        let role = role::find_by_name(tx.conn, BuiltInRole::Admin.name())?.unwrap();
        let new = NewUser {
            name: Name::parse(&format!("Admin {number}")).unwrap(),
            login_id: LoginId::parse(&format!("admin.{number:04}")).unwrap(),
            email: None,
            role: role.id,
            password_hash: Some("-".to_owned()),
        };
        user::insert(tx, &new)
    })
}

/// The same, who never chose a password.
fn invited(world: &World) -> UserId {
    let id = admin(world);
    world.write(move |tx| {
        let no_password = users::password_hash.eq(None::<String>);
        diesel::update(users::table.find(id.0))
            .set(no_password)
            .execute(tx.conn)?;
        Ok(id)
    })
}

fn hold_to(world: &World, on: UserId, group: GroupId) {
    world.write(move |tx| {
        diesel::insert_into(user_scope_groups::table)
            .values((
                user_scope_groups::user_id.eq(on.0),
                user_scope_groups::group_id.eq(group.0),
            ))
            .execute(tx.conn)?;
        Ok(())
    });
}

/// Does it as the shell would, with every right.
fn try_to(
    world: &World,
    act: impl FnOnce(&mut Tx<'_>) -> Result<Done, StoreError> + Send + 'static,
) -> Result<(), Denied> {
    match world.write(act) {
        Done::Done(_) | Done::Unchanged => Ok(()),
        Done::Denied(denied) => Err(denied),
    }
}

fn change(world: &World, on: UserId, field: &str, value: Value) -> Result<(), Denied> {
    let fields = Map::from_iter([(field.to_owned(), value)]);
    let change = UserChange::from_audit(&fields).unwrap();
    try_to(world, move |tx| {
        changed(tx, &Rights::everything(), on, &change)
    })
}

fn take_away(world: &World, on: UserId, how: Attack) -> Result<(), Denied> {
    try_to(world, move |tx| match how {
        Attack::Block => access::act(tx, &Rights::everything(), on, AccessAct::Block, None),
        Attack::Delete => remove::delete(tx, &Rights::everything(), on, None),
        Attack::Demote => demote(tx, &Rights::everything(), on),
    })
}

fn role_change(
    name: Option<&str>,
    permissions: Option<Permissions>,
    own_groups: Option<bool>,
) -> RoleChange {
    RoleChange {
        name: name.map(|name| RoleName::parse(name).unwrap()),
        permissions,
        own_groups,
    }
}

fn written(
    world: &World,
    act: impl FnOnce(&mut Tx<'_>) -> Result<write::Saved, StoreError> + Send + 'static,
) -> Result<write::Written, Refused> {
    match world.write(act) {
        write::Saved::Written(written) => Ok(written),
        write::Saved::Refused(why) => Err(why),
        write::Saved::Conflict(_) => unreachable!("there was no form"),
    }
}

/// Those who can sign in as administrators.
fn admins(world: &World) -> Vec<i64> {
    let role = world.store.read(|conn| role::find_by_name(conn, "Admin"));
    let role = role.unwrap().unwrap().id.0;
    let read = move |conn: &mut Conn| {
        Ok(users::table
            .filter(users::role_id.eq(role))
            .filter(users::web_login.eq("allowed"))
            .filter(users::deleted_at.is_null())
            .select(users::id)
            .load(conn)?)
    };
    world.store.read(read).unwrap()
}
