//! Getting in, staying in, and being thrown out.

use crate::support::TestDb;
use crate::support::app::{PASSWORD, Person, TestApp, text};
use diesel::prelude::*;
use reqwest::Method;
use rollcall::domain::time::{HOUR, MINUTE, SECOND};
use rollcall::store::schema::users;

both_databases! {
    async fn whoever_signs_in_comes_back_to_where_she_wanted(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.browser();
        let away = browser.get("/agents?status=busy").await;
        assert_eq!(away.status(), 303);
        let to = away.headers()["location"].to_str().unwrap().to_owned();
        assert!(to.starts_with("/sign-in?next="), "{to}");
        let page = text(browser.get(&to).await, 200).await;
        assert!(page.contains("name=\"next\""), "{page}");
        let form = [("login_id", "SUPERVISOR"), ("password", PASSWORD), ("next", "/agents?status=busy")];
        let answer = browser.post("/sign-in", &form).await;
        assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &"/agents?status=busy".parse().unwrap()));
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        assert_eq!(browser.get("/agents?status=busy").await.status(), 200);
    }

    async fn a_wrong_password_and_a_wrong_name_look_the_same(db: TestDb) {
        let app = TestApp::start(db);
        let wrong = text(app.browser().sign_in("supervisor", "not this one at all").await, 422).await;
        let nobody = text(app.browser().sign_in("superviso2", "not this one at all").await, 422).await;
        assert_eq!(wrong, nobody.replace("superviso2", "supervisor"));
    }

    async fn signing_out_ends_the_session_on_the_server(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.browser();
        let answer = browser.sign_in("supervisor", PASSWORD).await;
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        assert_eq!(browser.get("/agents").await.status(), 200);
        assert_eq!(browser.post("/sign-out", &[]).await.status(), 303);
        let stolen = app.browser().request(Method::GET, "/agents").header("cookie", cookie).send().await.unwrap();
        assert_eq!(stolen.status(), 303, "an old cookie opens nothing");
    }

    async fn a_session_ends_when_it_is_not_used_and_at_last_in_any_case(db: TestDb) {
        let app = TestApp::start(db);
        let idle = app.signed_in(Person::Supervisor).await;
        let busy = app.signed_in(Person::Auditor).await;
        app.clock.advance(7 * HOUR + 59 * MINUTE);
        assert_eq!(busy.get("/agents").await.status(), 200);
        app.clock.advance(2 * MINUTE);
        assert_eq!(idle.get("/agents").await.status(), 303, "not used for eight hours");
        assert_eq!(busy.get("/agents").await.status(), 200);
        for _ in 0..23 {
            app.clock.advance(7 * HOUR);
            busy.get("/agents").await;
        }
        assert_eq!(busy.get("/agents").await.status(), 303, "a week is the limit");
    }

    async fn guessing_is_slowed_and_the_right_one_waits_too(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.browser();
        let mut refused = None;
        for _ in 0..40 {
            let answer = browser.sign_in("supervisor", "not this one at all").await;
            if answer.status() == 429 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("forty guesses in a row are too many");
        assert!(refused.headers().contains_key("retry-after"));
        assert_eq!(browser.sign_in("supervisor", PASSWORD).await.status(), 429);
    }

    async fn a_closed_account_opens_by_itself_and_one_of_nobody_looks_the_same(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.browser();
        for name in ["supervisor", "superviso2"] {
            for _ in 0..5 {
                assert_eq!(browser.sign_in(name, "not this one at all").await.status(), 422, "{name}");
            }
            let closed = browser.sign_in(name, PASSWORD).await;
            assert_eq!((closed.status().as_u16(), &closed.headers()["retry-after"]), (429, &"11".parse().unwrap()), "{name}");
        }
        app.clock.advance(10 * SECOND);
        assert_eq!(browser.sign_in("superviso2", PASSWORD).await.status(), 422);
        assert_eq!(browser.sign_in("supervisor", PASSWORD).await.status(), 303);
        let again = app.browser();
        for _ in 0..4 {
            assert_eq!(again.sign_in("supervisor", "not this one at all").await.status(), 422, "what was before is forgotten");
        }
        assert_eq!(again.sign_in("supervisor", PASSWORD).await.status(), 303);
    }

    async fn failures_of_yesterday_are_forgotten(db: TestDb) {
        let app = TestApp::start(db);
        for name in ["supervisor", "superviso2"] {
            let browser = app.browser();
            for _ in 0..5 {
                assert_eq!(browser.sign_in(name, "not this one at all").await.status(), 422, "{name}");
            }
            assert_eq!(browser.sign_in(name, PASSWORD).await.status(), 429, "{name}");
        }
        app.clock.advance(12 * HOUR + 10 * SECOND);
        for name in ["supervisor", "superviso2"] {
            let browser = app.browser();
            for _ in 0..4 {
                assert_eq!(browser.sign_in(name, "not this one at all").await.status(), 422, "a slip of today closes nothing: {name}");
            }
        }
        assert_eq!(app.browser().sign_in("supervisor", PASSWORD).await.status(), 303);
    }

    async fn a_password_kept_the_old_way_is_kept_anew_at_sign_in(db: TestDb) {
        use argon2::password_hash::PasswordHasher;
        let app = TestApp::start(db);
        let params = argon2::Params::new(8 * 1024, 1, 1, None).unwrap();
        let old = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        let old: argon2::password_hash::phc::PasswordHash = old.hash_password(PASSWORD.as_bytes()).unwrap();
        let old = old.to_string();
        assert!(rollcall::domain::password::is_outdated(&old));
        app.write(move |tx| {
            let her = users::table.filter(users::login_id.eq("supervisor"));
            diesel::update(her).set(users::password_hash.eq(old)).execute(tx.conn).unwrap();
        });
        assert_eq!(app.browser().sign_in("supervisor", PASSWORD).await.status(), 303);
        app.write(|tx| {
            let her = users::table.filter(users::login_id.eq("supervisor"));
            let kept: Option<String> = her.select(users::password_hash).first(tx.conn).unwrap();
            assert!(!rollcall::domain::password::is_outdated(&kept.unwrap()));
        });
        assert_eq!(app.browser().sign_in("supervisor", PASSWORD).await.status(), 303);
    }

    async fn a_blocked_login_gets_the_answer_of_a_wrong_password(db: TestDb) {
        let app = TestApp::start(db);
        let wrong = text(app.browser().sign_in("supervisor", "not this one at all").await, 422).await;
        app.write(|tx| {
            let her = users::table.filter(users::login_id.eq("supervisor"));
            diesel::update(her).set(users::web_login.eq("blocked")).execute(tx.conn).unwrap();
        });
        let blocked = text(app.browser().sign_in("supervisor", PASSWORD).await, 422).await;
        assert_eq!(wrong, blocked);
    }
}

#[actix_web::test]
async fn a_request_from_another_site_changes_nothing() {
    let app = TestApp::start(TestDb::sqlite());
    let browser = app.signed_in(Person::Supervisor).await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", ""),
    ] {
        let answer = browser
            .request(Method::POST, "/sign-out")
            .header(name, value)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403, "{name}: {value}");
    }
    assert_eq!(
        browser.get("/agents").await.status(),
        200,
        "still signed in"
    );
}

#[actix_web::test]
async fn nobody_is_sent_to_another_site() {
    let app = TestApp::start(TestDb::sqlite());
    for next in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "agents",
    ] {
        let form = [
            ("login_id", "supervisor"),
            ("password", PASSWORD),
            ("next", next),
        ];
        let answer = app.browser().post("/sign-in", &form).await;
        assert_eq!(answer.headers()["location"], "/", "{next}");
    }
}

#[actix_web::test]
async fn a_new_install_is_set_up_by_its_link_once() {
    let app = TestApp::start_new(TestDb::sqlite());
    let link = app
        .set_up_url
        .clone()
        .expect("a new install prints its link");
    let path = link.strip_prefix(&app.url).unwrap();
    let browser = app.browser();
    assert_eq!(browser.get(path).await.status(), 200);
    assert_eq!(browser.get("/set-up?token=guessed").await.status(), 404);
    assert_eq!(browser.get("/set-up").await.status(), 404);
    let form = |email: &'static str| {
        [
            ("time_zone", "Asia/Kolkata"),
            ("region", "IN"),
            ("intercom_length", "4"),
            ("name", "Priya Nair"),
            ("login_id", "priya.nair"),
            ("email", email),
            ("password", PASSWORD),
        ]
    };
    for email in ["", "priya"] {
        let page = text(browser.post(path, &form(email)).await, 422).await;
        assert!(
            page.contains("id=\"email-err\"") && page.contains("value=\"priya.nair\""),
            "who signs in has an address\n{page}"
        );
        let focused = page.split('<').find(|part| part.contains(" autofocus"));
        assert!(focused.is_some_and(|part| part.contains("id=\"email\"")));
    }
    let done = browser.post(path, &form("Priya.Nair@example.org")).await;
    assert_eq!(done.status(), 303);
    let page = text(browser.get("/").await, 200).await;
    assert!(page.contains("What comes next"), "{page}");
    assert!(
        !page.contains("/api/v1/events"),
        "nothing is promised that is not there\n{page}"
    );
    let users = text(browser.get("/users").await, 200).await;
    let address = "priya.nair@example.org";
    assert!(users.replace("<wbr>", "").contains(address), "{users}");
    assert_eq!(app.browser().get(path).await.status(), 404, "once");
}
