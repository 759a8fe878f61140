//! What takes the right to be here away, or changes it, ends pages and streams that are open, at once.

use super::account::add_factor;
use super::live::Stream;
use crate::support::TestDb;
use crate::support::app::{Browser, PASSWORD, Person, TestApp, text};
use diesel::prelude::*;
use reqwest::Method;
use rollcall::domain::ids::UserId;
use rollcall::domain::time::{HOUR, MINUTE};
use rollcall::store::link::{self, LinkKind};
use rollcall::store::role;
use rollcall::store::schema::users;
use rollcall::web::sessions::secret::SecretHash;
use serde_json::json;
use std::sync::mpsc;

/// Long enough to stand alone.
const NEW: &str = "seven quiet boats at dawn";

fn user(app: &TestApp, person: Person) -> i64 {
    let (sender, found) = mpsc::channel();
    app.write(move |tx| {
        let her = users::table.filter(users::login_id.eq(person.word()));
        let id: i64 = her.select(users::id).first(tx.conn).unwrap();
        sender.send(id).unwrap();
    });
    found.recv().unwrap()
}

fn role_id(app: &TestApp, name: &'static str) -> i64 {
    let (sender, found) = mpsc::channel();
    app.write(move |tx| {
        let role = role::find_by_name(tx.conn, name).unwrap().unwrap();
        sender.send(role.id.0).unwrap();
    });
    found.recv().unwrap()
}

/// A browser with a page open, and the stream of that page.
struct Open {
    browser: Browser,
    stream: Stream,
}

impl Open {
    async fn of(app: &TestApp, person: Person) -> Self {
        let browser = app.signed_in(person).await;
        assert_eq!(browser.get("/agents").await.status(), 200, "{person:?}");
        let stream = Stream::open(&browser, "/live").await;
        Self { browser, stream }
    }

    /// The stream ends long before its next beat would look, and the page leads to sign-in.
    async fn ends(self, why: &str) {
        self.stream.end().await;
        let page = self.browser.get("/agents").await;
        assert_eq!(page.status(), 303, "{why}");
        let to = page.headers()["location"].to_str().unwrap();
        assert!(to.starts_with("/sign-in"), "{why}: {to}");
        assert_ne!(self.browser.get("/live").await.status(), 200, "{why}");
    }
}

async fn change(admin: &Browser, path: &str, change: serde_json::Value) {
    let request = admin.request(Method::PATCH, path).header("If-Match", "*");
    let answer = request.json(&change).send().await.unwrap();
    text(answer, 200).await;
}

both_databases! {
    async fn a_block_a_deletion_another_role_and_another_address_do(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let untouched = app.signed_in(Person::Scoped).await;
        let supervisor = user(&app, Person::Supervisor);
        let (acts, api) = (format!("/users/{supervisor}/acts"), format!("/api/v1/users/{supervisor}"));
        let open = Open::of(&app, Person::Supervisor).await;
        assert_eq!(admin.post(&acts, &[("act", "block_web_login")]).await.status(), 303);
        open.ends("blocked").await;
        assert_eq!(admin.post(&acts, &[("act", "unblock_web_login")]).await.status(), 303);
        change(&admin, &api, json!({ "email": "meera@example.org" })).await;

        let open = Open::of(&app, Person::Supervisor).await;
        change(&admin, &api, json!({ "role": role_id(&app, "Auditor") })).await;
        open.ends("demoted").await;

        let open = Open::of(&app, Person::Supervisor).await;
        change(&admin, &api, json!({ "allowed_ips": ["203.0.113.0/24"] })).await;
        open.ends("no longer from here").await;
        change(&admin, &api, json!({ "allowed_ips": [] })).await;

        let open = Open::of(&app, Person::Supervisor).await;
        assert_eq!(admin.post(&acts, &[("act", "delete")]).await.status(), 303);
        open.ends("deleted").await;
        assert_eq!(untouched.get("/agents").await.status(), 200, "others stay");
    }

    async fn another_password_or_factor_ends_the_others(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let supervisor = user(&app, Person::Supervisor);
        let here = app.signed_in(Person::Supervisor).await;
        let open = Open::of(&app, Person::Supervisor).await;
        assert_eq!(here.post("/account/password", &[("password", NEW)]).await.status(), 303);
        open.ends("another password").await;
        assert_eq!(here.get("/agents").await.status(), 200, "but for the one that changed it");

        app.write(move |tx| {
            let hash = SecretHash::of("a link").hex();
            link::insert(tx, LinkKind::Password, Some(UserId(supervisor)), &hash, HOUR).unwrap();
        });
        let stream = Stream::open(&here, "/live").await;
        let reset = app.browser().post("/password?token=a+link", &[("password", PASSWORD)]).await;
        assert_eq!(reset.status(), 303);
        Open { browser: here, stream }.ends("another password by a link").await;

        let here = app.signed_in(Person::Supervisor).await;
        let open = Open::of(&app, Person::Supervisor).await;
        add_factor(&app, &here).await;
        open.ends("a second factor").await;
        let stream = Stream::open(&here, "/live").await;
        let acts = format!("/users/{supervisor}/acts");
        assert_eq!(admin.post(&acts, &[("act", "reset_second_factor")]).await.status(), 303);
        Open { browser: here, stream }.ends("the second factor reset").await;
    }

    async fn signing_out_and_ending_a_session_from_the_account_do(db: TestDb) {
        let app = TestApp::start(db);
        let here = app.signed_in(Person::Supervisor).await;
        let open = Open::of(&app, Person::Supervisor).await;
        let page = text(here.get("/account").await, 200).await;
        let ids = page.split("id=\"end-").skip(1).map(|part| part.split('"').next().unwrap());
        let other = ids.into_iter().find(|id| *id != "others").expect("a session elsewhere");
        let path = format!("/account/sessions/{other}?_method=DELETE");
        assert_eq!(here.post(&path, &[]).await.status(), 303);
        open.ends("ended from the account").await;

        let open = Open::of(&app, Person::Supervisor).await;
        assert_eq!(here.post("/account/sessions?_method=DELETE", &[]).await.status(), 303);
        open.ends("all others ended").await;

        let open = Open::of(&app, Person::Supervisor).await;
        let (page, copy) = (open.browser.clone(), Stream::open(&open.browser, "/live").await);
        assert_eq!(page.post("/sign-out", &[]).await.status(), 303);
        copy.end().await;
        open.ends("signed out").await;
        assert_eq!(here.get("/agents").await.status(), 200, "another session of hers goes on");
    }

    async fn many_are_deleted_only_by_who_has_just_proved_who_they_are(db: TestDb) {
        use crate::support::people::{NewAgent, insert_agent};
        let app = TestApp::start(db);
        let (sender, made) = mpsc::channel();
        app.write(move |tx| {
            for (name, login_id) in [("Asha Rao", "asha.rao"), ("Bela Shah", "bela.shah")] {
                let agent = insert_agent(tx, &NewAgent { name, login_id, ..NewAgent::default() });
                sender.send(agent.to_string()).unwrap();
            }
        });
        let (asha, bela) = (made.recv().unwrap(), made.recv().unwrap());
        let browser = app.signed_in(Person::Supervisor).await;
        let both = [("agent", &*asha), ("agent", &*bela), ("act", "delete")];
        let sure = [&both[..], &[("confirm", "yes")]].concat();
        app.clock.advance(16 * MINUTE);
        for form in [&both[..], &sure[..]] {
            let from = browser.request(Method::POST, "/agents/bulk").header("referer", format!("{}/agents?status=active", app.url));
            let refused = text(from.form(form).send().await.unwrap(), 403).await;
            assert!(refused.contains("href=\"/account/confirm?next=%2Fagents%3Fstatus%3Dactive\""), "{refused}");
        }
        let all = [("all", "yes"), ("filter", ""), ("act", "delete")];
        assert_eq!(browser.post("/agents/bulk", &all).await.status(), 403);
        let block = [&both[..2], &[("act", "block"), ("confirm", "yes")]].concat();
        assert_eq!(browser.post("/agents/bulk", &block).await.status(), 303, "other acts need none");
        let one = [("agent", &*asha), ("act", "delete"), ("confirm", "yes")];
        assert_eq!(browser.post("/agents/bulk", &one).await.status(), 303, "nor does one, which has its Undo");
        let proved = browser.post("/account/confirm", &[("password", PASSWORD), ("next", "/agents?status=active")]).await;
        assert_eq!(proved.headers()["location"], "/agents?status=active");
        assert_eq!(browser.post("/agents/bulk", &sure).await.status(), 303);
        assert!(!text(browser.get("/agents").await, 200).await.contains("data-agent="));
    }
}
