//! What ends a session or changes it while it lasts, how a browser and a program prove who they are.

use crate::support::TestDb;
use crate::support::app::{Browser, PASSWORD, Person, TestApp, text};
use diesel::prelude::*;
use reqwest::{Method, StatusCode};
use rollcall::domain::ids::UserId;
use rollcall::domain::time::{HOUR, Timestamp};
use rollcall::store::link::{self, LinkKind};
use rollcall::store::schema::{audit_entries, roles, users};
use rollcall::store::token::{self, NewToken};
use rollcall::store::{RecordKind, Tx, role, session};
use rollcall::web::sessions::secret::SecretHash;
use std::time::Duration;

fn user_of(tx: &mut Tx<'_>, person: Person) -> i64 {
    let id = users::table
        .filter(users::login_id.eq(person.word()))
        .select(users::id);
    id.first(tx.conn).unwrap()
}

/// Sets a column of a person's row, as the product's own writes do.
fn block(tx: &mut Tx<'_>, person: Person) {
    let id = user_of(tx, person);
    diesel::update(users::table.find(id))
        .set(users::web_login.eq("blocked"))
        .execute(tx.conn)
        .unwrap();
    tx.touch(RecordKind::User, id);
}

async fn status(browser: &Browser, path: &str) -> u16 {
    browser.get(path).await.status().as_u16()
}

both_databases! {
    async fn a_blocked_person_is_out_at_the_next_request(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        assert_eq!(status(&browser, "/agents").await, 200);
        app.write(|tx| block(tx, Person::Supervisor));
        assert_eq!(status(&browser, "/agents").await, 303);
        let refused = app.browser().sign_in("supervisor", PASSWORD).await;
        assert_eq!(refused.status(), 422, "the right password says no more than a wrong one");
    }

    async fn a_form_sent_after_the_end_of_the_session_is_sent_again_and_not_lost(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        app.clock.advance(30 * 24 * HOUR);
        let typed = [("name", "Night \"desk\""), ("description", "typed"), ("once", "abc")];
        let send = async |htmx: bool, referer: &str, form: &[(&str, &str)]| {
            let mut request = browser.request(Method::POST, "/agent-groups?from=x").form(form).header("referer", referer);
            if htmx {
                request = request.header("HX-Request-Type", "partial");
            }
            text(request.send().await.unwrap(), 401).await
        };
        let here = format!("{}/agent-groups/new?a=b", app.url);
        let page = send(false, &here, &typed).await;
        assert!(page.contains("nothing was saved") && page.contains("Nothing you typed is lost"), "{page}");
        assert!(page.contains("href=\"/sign-in?next=%2Fagent-groups%2Fnew%3Fa%3Db\" target=\"_blank\""), "{page}");
        assert!(page.contains("action=\"/agent-groups?from=x\"") && page.contains("name=\"name\" value=\"Night &#34;desk&#34;\"") && page.contains("name=\"once\" value=\"abc\""), "{page}");
        let page = send(false, "https://evil.example//evil.example/x", &typed).await;
        assert!(page.contains("href=\"/sign-in\""), "no way to another site\n{page}");
        let page = send(false, &here, &[("password", "a secret of hers")]).await;
        assert!(!page.contains("a secret of hers") && !page.contains("<form"), "no page holds a password\n{page}");
        let part = send(true, &here, &typed).await;
        assert!(part.contains("class=\"toast") && part.contains("what you typed is still here") && part.contains("next=%2Fagent-groups%2Fnew") && !part.contains("<form"), "{part}");
        assert_eq!(browser.sign_in("supervisor", PASSWORD).await.status(), 303);
        assert_eq!(browser.post("/agent-groups?from=x", &typed).await.status(), 303);
    }

    async fn a_role_that_loses_a_right_loses_it_in_sessions_that_last(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Auditor).await;
        assert_eq!(status(&browser, "/agents").await, 200);
        app.write(|tx| {
            let auditor = role::find_by_name(tx.conn, "Auditor").unwrap().unwrap();
            diesel::update(roles::table.find(auditor.id.0)).set(roles::permissions.eq("own_page")).execute(tx.conn).unwrap();
            tx.touch(RecordKind::Role, auditor.id.0);
        });
        assert_eq!(status(&browser, "/agents").await, 403);
    }

    async fn while_other_nodes_cannot_be_heard_memory_is_not_believed(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        while app.state.floor.store().is_deaf() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(status(&browser, "/agents").await, 200);
        // As another node writes it whose word does not arrive.
        app.write(|tx| {
            let id = user_of(tx, Person::Supervisor);
            diesel::update(users::table.find(id)).set(users::web_login.eq("blocked")).execute(tx.conn).unwrap();
        });
        assert_eq!(status(&browser, "/agents").await, 200, "memory knows nothing of it");
        app.state.floor.store().set_deaf(true);
        assert_eq!(status(&browser, "/agents").await, 303);
    }

    async fn all_sessions_of_a_person_can_be_ended(db: TestDb) {
        let app = TestApp::start(db);
        let (one, two) = (app.signed_in(Person::Supervisor).await, app.signed_in(Person::Supervisor).await);
        let other = app.signed_in(Person::Auditor).await;
        assert_eq!((status(&one, "/agents").await, status(&two, "/agents").await), (200, 200));
        app.write(|tx| {
            let user = user_of(tx, Person::Supervisor);
            assert_eq!(session::delete_of_user(tx, UserId(user), None).unwrap(), 2);
        });
        assert_eq!((status(&one, "/agents").await, status(&two, "/agents").await), (303, 303));
        assert_eq!(status(&other, "/agents").await, 200);
    }

    async fn a_password_link_works_once_and_ends_the_sessions(db: TestDb) {
        let app = TestApp::start(db);
        let old = app.signed_in(Person::Supervisor).await;
        app.write(|tx| {
            let user = user_of(tx, Person::Supervisor);
            link::insert(tx, LinkKind::Password, Some(UserId(user)), &SecretHash::of("the token").hex(), HOUR).unwrap();
        });
        let browser = app.browser();
        let path = "/password?token=the+token";
        text(browser.get(path).await, 200).await;
        assert_eq!(status(&browser, "/password?token=another").await, 404);
        let weak = text(browser.post(path, &[("password", "supervisor supervisor")]).await, 422).await;
        assert!(weak.contains("easy to guess"), "{weak}");
        let new = "seven quiet boats at dawn";
        assert_eq!(browser.post(path, &[("password", new)]).await.status(), 303);
        assert_eq!(browser.post(path, &[("password", new)]).await.status(), 404, "it is used up");
        assert_eq!(status(&old, "/agents").await, 303);
        assert_eq!(browser.sign_in("supervisor", PASSWORD).await.status(), 422);
        assert_eq!(browser.sign_in("supervisor", new).await.status(), 303);
    }

    async fn a_link_past_its_time_opens_nothing(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            let user = user_of(tx, Person::Supervisor);
            link::insert(tx, LinkKind::Password, Some(UserId(user)), &SecretHash::of("t").hex(), HOUR).unwrap();
        });
        app.clock.advance(HOUR);
        assert_eq!(status(&app.browser(), "/password?token=t").await, 404);
    }

    async fn a_token_is_known_until_it_ends(db: TestDb) {
        let app = TestApp::start(db);
        let until = Timestamp(app.clock.now().0 + HOUR);
        app.write(move |tx| {
            for (name, secret) in [("Supervisor", "rc_super"), ("Agent", "rc_agent"), ("Admin", "rc_admin")] {
                let role = role::find_by_name(tx.conn, name).unwrap().unwrap().id;
                let hash = SecretHash::of(secret).hex();
                token::insert(tx, &NewToken { name: name.to_owned(), hash, role, groups: Vec::new(), created_by: None, expires_at: Some(until) }).unwrap();
            }
        });
        let program = reqwest::Client::new();
        let get = async |token: &str| {
            let request = program.get(format!("{}/live", app.url)).bearer_auth(token);
            request.send().await.unwrap().status().as_u16()
        };
        // A page is for people; what counts here is that the role is checked before that.
        assert_eq!(get("rc_unknown").await, 401);
        assert_eq!((get("rc_super").await, get("rc_agent").await), (403, 403));
        let local = async |token: &str| {
            let request = program.post(format!("{}/agents/view", app.url)).bearer_auth(token);
            request.send().await.unwrap().status().as_u16()
        };
        assert_eq!(local("nonsense").await, 401);
        app.write(|tx| {
            let id = token::all(tx.conn).unwrap().iter().find(|token| token.name == "Admin").unwrap().id;
            token::revoke(tx, id).unwrap();
        });
        assert_eq!(get("rc_admin").await, 401, "revoked");
        app.clock.advance(HOUR);
        assert_eq!(get("rc_super").await, 401, "past its time");
    }

    async fn a_refusal_and_a_sign_in_are_in_the_audit(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Agent).await;
        assert_eq!(status(&browser, "/agents").await, 403);
        app.browser().sign_in("agent-person", "not this one at all").await;
        browser.post("/sign-out", &[]).await;
        app.write(|tx| {
            let actions: Vec<String> = audit_entries::table.select(audit_entries::action).load(tx.conn).unwrap();
            for action in ["session.begin", "access.refused", "session.refused", "session.end"] {
                assert!(actions.iter().any(|a| a == action), "{action} is not in {actions:?}");
            }
        });
    }
}

#[actix_web::test]
async fn off_this_machine_plain_http_says_what_is_missing() {
    let app = TestApp::start(TestDb::sqlite());
    let browser = app.browser();
    let there = |method, path| {
        browser
            .request(method, path)
            .header("host", "calls.example.in")
    };
    let page = text(there(Method::GET, "/sign-in").send().await.unwrap(), 200).await;
    assert!(
        page.contains("needs HTTPS") && page.contains("--tls-cert"),
        "{page}"
    );
    let form = [("login_id", "supervisor"), ("password", PASSWORD)];
    let refused = there(Method::POST, "/sign-in")
        .form(&form)
        .send()
        .await
        .unwrap();
    assert!(!refused.headers().contains_key("set-cookie"));
    assert!(text(refused, 403).await.contains("needs HTTPS"));
}

#[actix_web::test]
async fn behind_a_proxy_with_https_the_cookie_is_for_this_host_alone() {
    let app = TestApp::start_with(TestDb::sqlite(), |config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    });
    let link = app.set_up_url.clone().unwrap();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let form = [
        ("time_zone", "Asia/Kolkata"),
        ("region", "IN"),
        ("intercom_length", "4"),
        ("name", "Priya Nair"),
        ("login_id", "priya.nair"),
        ("email", "priya.nair@example.org"),
        ("password", "wet green lamp seven"),
    ];
    let request = client
        .post(&link)
        .header("x-forwarded-proto", "https")
        .header("host", "calls.example.in");
    let answer = request
        .header("origin", "https://calls.example.in")
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-rollcall=")
            && cookie.contains("Secure")
            && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert!(answer.headers().contains_key("strict-transport-security"));
    let key = cookie.split(';').next().unwrap().to_owned();
    let get = client
        .get(format!("{}/", app.url))
        .header("cookie", key)
        .header("x-forwarded-proto", "https");
    assert_eq!(get.send().await.unwrap().status(), 200);
}

#[actix_web::test]
async fn the_first_admin_is_made_once_and_signed_in() {
    let app = TestApp::start_new(TestDb::sqlite());
    let link = app.set_up_url.clone().unwrap();
    let path = link.strip_prefix(&app.url).unwrap();
    let browser = app.browser();
    let mut form = vec![
        ("time_zone", "Mars/Olympus"),
        ("region", "IN"),
        ("intercom_length", "4"),
        ("name", "Priya <Nair>"),
        ("login_id", "priya.nair"),
        ("email", "priya.nair@example.org"),
        ("password", "wet green lamp seven"),
    ];
    let again = text(browser.post(path, &form).await, 422).await;
    assert!(
        again.contains("Choose a time zone") && again.contains("Priya &#60;Nair&#62;"),
        "{again}"
    );
    assert!(
        !again.contains("wet green lamp"),
        "a password is never sent back"
    );
    form[0].1 = "Asia/Kolkata";
    let done = browser.post(path, &form).await;
    assert_eq!(
        (done.status().as_u16(), &done.headers()["location"]),
        (303, &"/".parse().unwrap())
    );
    assert_eq!(status(&browser, "/").await, 200);
    assert_eq!(status(&app.browser(), path).await, 404);
    assert_eq!(app.browser().post(path, &form).await.status(), 404);
}

#[actix_web::test]
async fn errors_come_in_the_form_that_was_asked_for() {
    let app = TestApp::start(TestDb::sqlite());
    let browser = app.signed_in(Person::Supervisor).await;
    let page = text(browser.get("/agents/nobody/here").await, 404).await;
    assert!(
        page.contains("<html") && page.contains("supervisor"),
        "inside the shell: {page}"
    );
    let part = text(browser.get_part("/agents/nobody/here").await, 404).await;
    assert!(!part.contains("<html"), "{part}");
    let json = browser.get("/api/v1/nothing").await;
    assert_eq!(json.headers()["content-type"], "application/problem+json");
    let id = json.headers()["x-request-id"].to_str().unwrap().to_owned();
    let json: serde_json::Value = json.json().await.unwrap();
    assert_eq!(
        (&json["status"], &json["request_id"]),
        (&404.into(), &id.into())
    );
    let refused = browser
        .request(Method::DELETE, "/agents")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["allow"]),
        (405, &"GET, POST, HEAD".parse().unwrap())
    );
    let huge = vec![("login_id", "x".repeat(2_000_000))];
    let huge = browser
        .request(Method::POST, "/sign-in")
        .form(&huge)
        .send()
        .await
        .unwrap();
    assert_eq!(huge.status(), 413);
}

#[actix_web::test]
async fn nobody_signed_in_is_told_so_by_kind_of_request() {
    let app = TestApp::start(TestDb::sqlite());
    let browser = app.browser();
    assert_eq!(
        browser.get("/agents?q=a").await.headers()["location"],
        "/sign-in?next=%2Fagents%3Fq%3Da"
    );
    assert_eq!(browser.get_part("/agents").await.status(), 401);
    assert_eq!(browser.post("/agents/view", &[]).await.status(), 401);
    assert_eq!(
        browser.get("/live").await.status(),
        401,
        "a stream is no page to come back to"
    );
}
