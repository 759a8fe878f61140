//! Two administrators who take each other's rights away at the same moment: one of them stays, on one node or two.

use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::audit::{Actor, ActorKind};
use rollcall::domain::authority::Denied;
use rollcall::domain::ids::UserId;
use rollcall::domain::role::{BuiltInRole, Rights, Scope};
use rollcall::domain::text::{LoginId, Name};
use rollcall::domain::user_form::UserChange;
use rollcall::store::schema::users;
use rollcall::store::user::access::{self, AccessAct, Done};
use rollcall::store::user::{self, NewUser, remove, update};
use rollcall::store::{Conn, Store, StoreError, Tx, role};
use serde_json::{Map, json};
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
    Ok(match update::update(tx, rights, on, None, &change)? {
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
            password_hash: None,
        };
        user::insert(tx, &new)
    })
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
