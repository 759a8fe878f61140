//! What was proved at the door must still hold when the session begins.

use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::refusal::Refusal;
use rollcall::domain::role::BuiltInRole;
use rollcall::domain::text::{LoginId, Name};
use rollcall::domain::time::MINUTE;
use rollcall::store::schema::users;
use rollcall::store::session::NewSession;
use rollcall::store::sign_in::{self, Credentials};
use rollcall::store::user::{self, NewUser};
use rollcall::store::{StoreError, Tx, role};
use std::sync::atomic::{AtomicU64, Ordering};

both_databases! {
    fn a_session_begins_only_for_what_still_holds(db: TestDb) {
        let clock = TestClock::at("2026-11-22T06:30:00Z");
        let world = World::new(&db, &clock);
        let known = world.write(someone);
        assert!(begins(&world, &known));
        let theirs = known.clone();
        world.write(move |tx| (0..5).try_for_each(|_| sign_in::refuse(tx, &theirs, Refusal::Password)));
        assert!(!begins(&world, &known), "closed by wrong tries meanwhile");
        clock.advance(15 * MINUTE);
        assert!(begins(&world, &known), "and open again");
        let set = |word: &'static str| {
            let hers = users::table.find(known.user.0);
            world.write(move |tx| Ok(diesel::update(hers).set(users::web_login.eq(word)).execute(tx.conn)?));
        };
        set("blocked");
        assert!(!begins(&world, &known), "blocked meanwhile");
        set("allowed");
        let user = known.user;
        world.write(move |tx| sign_in::set_password(tx, user, "another", None));
        assert!(!begins(&world, &known), "another password meanwhile");
    }
}

fn someone(tx: &mut Tx<'_>) -> Result<Credentials, StoreError> {
    let role = role::find_by_name(tx.conn, BuiltInRole::Supervisor.name())?.unwrap();
    let new = NewUser {
        name: Name::parse("Asha Rao").unwrap(),
        login_id: LoginId::parse("asha.rao").unwrap(),
        email: None,
        role: role.id,
        password_hash: Some("a hash".to_owned()),
    };
    let user = user::insert(tx, &new)?;
    Ok(sign_in::credentials(tx.conn, user)?.unwrap())
}

fn begins(world: &World, known: &Credentials) -> bool {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let session = NewSession {
        hash: format!("{:064x}", COUNT.fetch_add(1, Ordering::Relaxed)),
        user: known.user,
        address: "192.0.2.1".to_owned(),
        user_agent: String::new(),
    };
    let known = known.clone();
    world.write(move |tx| sign_in::accept(tx, &known, &session, None, None))
}
