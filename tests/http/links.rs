//! Links to choose a password: for who is new, for who is given another, from the shell; once and for a time.

use super::account::{add_factor, between, first_step, hidden, second_step};
use super::live::Stream;
use crate::support::TestDb;
use crate::support::app::{Browser, PASSWORD, Person, TestApp, text};
use crate::support::smtp::{self, Sink};
use diesel::prelude::*;
use reqwest::Response;
use rollcall::domain::time::{HOUR, MINUTE, SECOND, Timestamp};
use rollcall::store::role;
use rollcall::store::schema::{audit_entries, one_time_links, users};
use serde_json::Value;
use std::process::{Command, Output};
use std::sync::mpsc;
use std::time::SystemTime;

const NEW: &str = "seven quiet boats at dawn";

fn read<T: Send + 'static>(
    app: &TestApp,
    read: impl FnOnce(&mut rollcall::store::Tx<'_>) -> T + Send + 'static,
) -> T {
    let (sender, found) = mpsc::channel();
    app.write(move |tx| sender.send(read(tx)).unwrap());
    found.recv().unwrap()
}

pub(super) fn user(app: &TestApp, login_id: &'static str) -> i64 {
    read(app, move |tx| {
        let found = users::table.filter(users::login_id.eq(login_id));
        found.select(users::id).first(tx.conn).unwrap()
    })
}

/// Asks for a link as an administrator does, on the page of the user.
async fn ask(browser: &Browser, user: i64) -> Response {
    browser.post(&format!("/users/{user}/link"), &[]).await
}

/// The path of the link that a page shows.
fn shown(page: &str) -> String {
    let token = between(page, "/password?token=", "\"");
    format!("/password?token={token}")
}

/// Adds somebody who may sign in and has an e-mail address.
async fn add(app: &TestApp, admin: &Browser, login_id: &str) -> String {
    let page = text(admin.get("/users/new").await, 200).await;
    let auditor = read(app, |tx| {
        role::find_by_name(tx.conn, "Auditor")
            .unwrap()
            .unwrap()
            .id
            .0
    });
    let (auditor, email) = (auditor.to_string(), format!("{login_id}@example.org"));
    let form = [
        ("once", hidden(&page, "once")),
        ("step", "3"),
        ("name", "Ravi Kulkarni"),
        ("username", login_id),
        ("email", &email),
        ("calling_agent", ""),
        ("web_login", "allowed"),
        ("role", &auditor),
    ];
    text(admin.post("/users", &form).await, 201).await
}

async fn status(browser: &Browser, path: &str) -> u16 {
    browser.get(path).await.status().as_u16()
}

/// What `rollcall user reset` says beside the running server.
#[expect(
    clippy::disallowed_methods,
    reason = "tests may start processes, the server may not"
)]
fn reset(database: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
    command.args(["--database", database, "--print-json", "user", "reset"]);
    command.args(more).output().unwrap()
}

fn link_of(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said: Value = serde_json::from_str(&said).unwrap();
    let link = said["link"].as_str().unwrap();
    link[link.find("/password").unwrap()..].to_owned()
}

/// The shell goes by the machine's clock, and so has the server to.
fn to_the_present(app: &TestApp) {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_micros();
    app.clock
        .advance(Timestamp(i64::try_from(now).unwrap()).since(app.clock.now()));
}

both_databases! {
    async fn an_invitation_is_shown_once_works_once_and_for_three_days(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let (late, early) = (shown(&add(&app, &admin, "ravi.late").await), shown(&add(&app, &admin, "ravi.early").await));
        assert!(late != early && late.len() >= "/password?token=".len() + 40, "{late}");
        let kept: Vec<String> = read(&app, |tx| one_time_links::table.select(one_time_links::hash).load(tx.conn).unwrap());
        assert!(kept.iter().all(|hash| hash.len() == 64 && !late.contains(hash)), "hashes only");
        for page in ["/users", "/audit", &format!("/users/{}", user(&app, "ravi.late"))] {
            assert!(!text(admin.get(page).await, 200).await.contains("token="), "not shown again: {page}");
        }
        app.clock.advance(72 * HOUR - SECOND);
        let browser = app.browser();
        assert!(text(browser.get(&early).await, 200).await.contains("ravi.early"));
        assert_eq!(status(&browser, &early).await, 200, "looking uses nothing up");
        assert_eq!(browser.post(&early, &[("password", "ravi.early ravi")]).await.status(), 422);
        let done = browser.post(&early, &[("password", NEW)]).await;
        assert_eq!((done.status().as_u16(), &done.headers()["location"]), (303, &"/sign-in?done=password".parse().unwrap()));
        assert!(text(browser.get("/sign-in?done=password").await, 200).await.contains("Your password is saved"));
        assert_eq!((status(&browser, &early).await, browser.post(&early, &[("password", PASSWORD)]).await.status().as_u16()), (404, 404));
        assert!(text(browser.get(&early).await, 404).await.contains("This link doesn’t work any more"));
        assert_eq!(browser.sign_in("ravi.early", NEW).await.status(), 303);
        app.clock.advance(SECOND);
        assert_eq!((status(&browser, &late).await, browser.post(&late, &[("password", NEW)]).await.status().as_u16()), (404, 404), "past its time");
        assert_eq!(app.browser().sign_in("ravi.late", NEW).await.status(), 422);
    }

    async fn a_reset_ends_the_link_before_and_ends_with_the_password(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let supervisor = user(&app, "supervisor");
        let first = shown(&text(ask(&admin, supervisor).await, 201).await);
        let second = shown(&text(ask(&admin, supervisor).await, 201).await);
        let browser = app.browser();
        assert_eq!((status(&browser, &first).await, status(&browser, &second).await), (404, 200));
        assert_eq!(app.browser().sign_in("supervisor", PASSWORD).await.status(), 303, "the old password holds meanwhile");
        let her = app.signed_in(Person::Supervisor).await;
        assert_eq!(her.post("/account/password", &[("password", NEW)]).await.status(), 303);
        assert_eq!(status(&browser, &second).await, 404, "whoever has the link can't set another any more");
        let third = shown(&text(ask(&admin, supervisor).await, 201).await);
        app.clock.advance(24 * HOUR - SECOND);
        assert_eq!(status(&browser, &third).await, 200);
        app.clock.advance(SECOND);
        assert_eq!(status(&browser, &third).await, 404);
        let again = app.signed_in(Person::Admin).await;
        let fourth = shown(&text(ask(&again, supervisor).await, 201).await);
        assert_eq!(again.post(&format!("/users/{supervisor}/acts"), &[("act", "block_web_login")]).await.status(), 303);
        assert_eq!(status(&browser, &fourth).await, 404, "nothing to choose for who is blocked");
        assert_eq!(ask(&again, supervisor).await.status(), 404);
        let auditor = user(&app, "auditor");
        let fifth = shown(&text(ask(&again, auditor).await, 201).await);
        assert_eq!(status(&browser, &fifth).await, 200);
        let moved = again.post(&format!("/users/{auditor}"), &[("version", "1"), ("email", "auditor@new.example.org")]).await;
        assert_eq!(moved.status(), 303);
        assert_eq!(status(&browser, &fifth).await, 404, "it may have gone to the old address");
        app.clock.advance(16 * MINUTE);
        let asked = ask(&again, auditor).await;
        assert_eq!((asked.status().as_u16(), asked.headers()["location"].to_str().unwrap()), (303, &*format!("/account/confirm?next=%2Fusers%2F{auditor}")), "asked again who it is, and led back");
    }

    async fn with_a_mail_server_links_are_sent_and_nobody_else_sees_them(db: TestDb) {
        if !smtp::is_there() {
            return;
        }
        let (app, port) = (TestApp::start(db), smtp::free_port());
        let admin = app.signed_in(Person::Admin).await;
        super::mail::set_server(&admin, port, "", "").await;
        let sink = Sink::start(port, None);
        let page = add(&app, &admin, "ravi.kulkarni").await;
        assert!(page.contains("on its way to") && page.contains("ravi.kulkarni@example.org") && !page.contains("token="), "{page}");
        let invitation = sink.next();
        assert_eq!(invitation.to, ["ravi.kulkarni@example.org"]);
        assert!(invitation.text.contains("within 3 days"), "{invitation:?}");
        let link = invitation.text.lines().find(|line| line.contains("/password?token=")).unwrap();
        let path = link.strip_prefix(&app.url).expect("the configured address");
        let browser = app.browser();
        assert_eq!(browser.post(path, &[("password", NEW)]).await.status(), 303);
        assert_eq!(browser.sign_in("ravi.kulkarni", NEW).await.status(), 303);
        let page = text(ask(&admin, user(&app, "ravi.kulkarni")).await, 201).await;
        assert!(page.contains("on its way to") && !page.contains("token="), "{page}");
        assert!(sink.next().text.contains("within 24 hours"));
        let page = text(ask(&admin, user(&app, "supervisor")).await, 201).await;
        assert!(page.contains("token="), "who has no address is given it by hand");
    }

    async fn the_shell_gives_a_link_and_takes_a_lost_factor_away(db: TestDb) {
        let database = db.database().to_string();
        let app = TestApp::start(db);
        to_the_present(&app);
        let here = app.signed_in(Person::Supervisor).await;
        let phone = add_factor(&app, &here).await;
        let path = link_of(&reset(&database, &["Supervisor"]));
        let browser = app.browser();
        assert_eq!(browser.post(&path, &[("password", NEW)]).await.status(), 303);
        assert_eq!(browser.get(&path).await.status(), 404, "once");
        let page = text(browser.sign_in("supervisor", NEW).await, 200).await;
        assert!(page.contains("id=\"second-step\""), "the factor stays\n{page}");
        assert_eq!(second_step(&browser, hidden(&page, "ticket"), &phone.codes[0]).await, 303);
        let stream = Stream::open(&browser, "/live").await;
        let path = link_of(&reset(&database, &["supervisor", "--second-factor"]));
        stream.end().await;
        assert_eq!(status(&browser, "/agents").await, 303, "every session has ended");
        assert_eq!(browser.post(&path, &[("password", PASSWORD)]).await.status(), 303);
        assert_eq!(browser.sign_in("supervisor", PASSWORD).await.status(), 303, "no second step any more");
        let told: Vec<(String, String)> = read(&app, |tx| {
            let lines = audit_entries::table.filter(audit_entries::actor_kind.eq("shell"));
            lines.order(audit_entries::id).select((audit_entries::action, audit_entries::subject_name)).load(tx.conn).unwrap()
        });
        let told: Vec<_> = told.iter().filter(|(action, _)| action.starts_with("user.")).collect();
        let expected = ["user.reset_link", "user.factor_reset", "user.reset_link"];
        assert_eq!(told.iter().map(|(action, _)| action.as_str()).collect::<Vec<_>>(), expected);
        assert!(told.iter().all(|(_, name)| name == "supervisor"), "{told:?}");
        let nobody = reset(&database, &["superviso2"]);
        assert!(!nobody.status.success() && String::from_utf8_lossy(&nobody.stderr).contains("nobody has the login id"), "{nobody:?}");
        let admin = app.signed_in(Person::Admin).await;
        admin.post(&format!("/users/{}/acts", user(&app, "supervisor")), &[("act", "block_web_login")]).await;
        assert!(!reset(&database, &["supervisor"]).status.success(), "a link would open nothing");
    }

    async fn a_required_factor_is_set_at_the_first_sign_in(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        app.write(|tx| {
            let role = role::find_by_name(tx.conn, "Auditor").unwrap().unwrap().id;
            rollcall::store::factor::require(tx, role, true).unwrap();
        });
        let path = shown(&add(&app, &admin, "ravi.kulkarni").await);
        let browser = app.browser();
        assert_eq!(browser.post(&path, &[("password", NEW)]).await.status(), 303);
        assert_eq!(browser.sign_in("ravi.kulkarni", NEW).await.status(), 303);
        for page in ["/", "/agents", "/users"] {
            let led = browser.get(page).await;
            assert_eq!((led.status().as_u16(), &led.headers()["location"]), (303, &"/account/factor".parse().unwrap()), "{page}");
        }
        let phone = add_factor(&app, &browser).await;
        assert_eq!(status(&browser, "/agents").await, 200);
        assert_eq!(browser.post("/sign-out", &[]).await.status(), 303);
        let page = text(browser.sign_in("ravi.kulkarni", NEW).await, 200).await;
        app.clock.advance(30 * SECOND);
        assert_eq!(second_step(&browser, hidden(&page, "ticket"), &phone.code(&app)).await, 303);
        let old = app.signed_in(Person::Auditor).await;
        assert_eq!(status(&old, "/agents").await, 303);
        add_factor(&app, &old).await;
        first_step(&app.browser(), Person::Auditor).await;
    }
}
