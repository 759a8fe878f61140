//! One's own account: the password, the second factor, the sessions, and proving once more who one is.

use crate::support::TestDb;
use crate::support::app::{Browser, PASSWORD, Person, TestApp, text};
use diesel::prelude::*;
use reqwest::Method;
use rollcall::domain::ids::UserId;
use rollcall::domain::time::{MINUTE, SECOND};
use rollcall::domain::totp::Factor;
use rollcall::store::schema::{recovery_codes, second_factors, users};
use rollcall::store::{RecordKind, Tx, factor, role, setting};
use totp_rs::Secret;

/// Long enough to stand alone.
const NEW: &str = "seven quiet boats at dawn";

fn user_of(tx: &mut Tx<'_>, person: Person) -> i64 {
    let id = users::table
        .filter(users::login_id.eq(person.word()))
        .select(users::id);
    id.first(tx.conn).unwrap()
}

/// What stands between two marks of a page.
pub(super) fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in\n{page}"));
    rest.split_once(after).expect("its end").0
}

pub(super) fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    between(page, &format!("name=\"{name}\" value=\""), "\"")
}

/// The app on the person's phone, and the recovery codes beside it.
pub(super) struct Phone {
    factor: Factor,
    pub(super) codes: Vec<String>,
}

impl Phone {
    pub(super) fn code(&self, app: &TestApp) -> String {
        self.factor.code_at(app.clock.now())
    }
}

/// Adds a second factor as a person does: reads the key off the page and types the first code.
pub(super) async fn add_factor(app: &TestApp, browser: &Browser) -> Phone {
    let page = text(browser.get("/account/factor").await, 200).await;
    assert!(
        page.contains("<svg class=\"qr\"") && page.contains("M4,4h7v1h-7z"),
        "{page}"
    );
    let key = between(&page, "id=\"factor-key\">", "</code>").replace(' ', "");
    let secret = Secret::try_from_base32(&key).unwrap();
    let factor = Factor::of(secret.as_bytes()).unwrap();
    let code = factor.code_at(app.clock.now());
    let form = [("secret", hidden(&page, "secret")), ("code", code.as_str())];
    let page = text(browser.post("/account/factor", &form).await, 200).await;
    let codes = between(&page, "id=\"codes\">", "</ol>");
    let codes: Vec<String> = codes
        .split("<code>")
        .skip(1)
        .map(|code| code.split('<').next().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    Phone { factor, codes }
}

/// Types user id and password; the page that asks for the code.
pub(super) async fn first_step(browser: &Browser, person: Person) -> String {
    let page = text(browser.sign_in(person.word(), PASSWORD).await, 200).await;
    assert!(page.contains("id=\"second-step\""), "{page}");
    hidden(&page, "ticket").to_owned()
}

pub(super) async fn second_step(browser: &Browser, ticket: &str, code: &str) -> u16 {
    let form = [("ticket", ticket), ("code", code)];
    let answer = browser.post("/sign-in/factor", &form).await;
    answer.status().as_u16()
}

async fn status(browser: &Browser, path: &str) -> u16 {
    browser.get(path).await.status().as_u16()
}

fn location(answer: &reqwest::Response) -> &str {
    answer.headers()["location"].to_str().unwrap()
}

both_databases! {
    async fn a_second_factor_is_asked_for_and_no_code_is_taken_twice(db: TestDb) {
        let app = TestApp::start(db);
        let (browser, other) = (app.signed_in(Person::Supervisor).await, app.signed_in(Person::Supervisor).await);
        assert_eq!(status(&other, "/agents").await, 200);
        let phone = add_factor(&app, &browser).await;
        assert_eq!((status(&browser, "/agents").await, status(&other, "/agents").await), (200, 303), "other sessions end");
        let fresh = app.browser();
        let ticket = first_step(&fresh, Person::Supervisor).await;
        assert_eq!(status(&fresh, "/agents").await, 303, "a password alone opens nothing");
        assert_eq!(second_step(&fresh, &ticket, &phone.code(&app)).await, 422, "the code that set it up is used");
        app.clock.advance(30 * SECOND);
        let code = phone.code(&app);
        assert_eq!(second_step(&fresh, &ticket, "000000").await, 422);
        assert_eq!(second_step(&fresh, &ticket, &code).await, 303);
        assert_eq!(status(&fresh, "/agents").await, 200);
        let again = app.browser();
        let ticket = first_step(&again, Person::Supervisor).await;
        assert_eq!(second_step(&again, &ticket, &code).await, 422, "it was used");
        app.clock.advance(5 * MINUTE);
        assert_eq!(second_step(&again, &ticket, &phone.code(&app)).await, 422, "a ticket lasts five minutes");
        assert_eq!(second_step(&again, "1.made.up", &phone.code(&app)).await, 422);
        app.write(|tx| {
            let user = user_of(tx, Person::Supervisor);
            let sealed: String = second_factors::table.find(user).select(second_factors::secret).first(tx.conn).unwrap();
            assert!(sealed.starts_with("1.") && sealed.len() > 100, "sealed at rest: {sealed}");
        });
    }

    async fn a_recovery_code_stands_in_once(db: TestDb) {
        let app = TestApp::start(db);
        let phone = add_factor(&app, &app.signed_in(Person::Auditor).await).await;
        let browser = app.browser();
        let ticket = first_step(&browser, Person::Auditor).await;
        assert_eq!(second_step(&browser, &ticket, "aaaa-bbbb-cccc-dddd-eeee-ffff").await, 422);
        let typed = phone.codes[3].to_uppercase().replace('-', " ");
        assert_eq!(second_step(&browser, &ticket, &typed).await, 303);
        let page = text(browser.get("/account").await, 200).await;
        assert!(page.contains("9 left"), "{page}");
        let again = app.browser();
        let ticket = first_step(&again, Person::Auditor).await;
        assert_eq!(second_step(&again, &ticket, &phone.codes[3]).await, 422, "used up");
        let page = text(browser.post("/account/recovery-codes", &[]).await, 200).await;
        assert!(!page.contains(&phone.codes[4]));
        assert_eq!(second_step(&again, &ticket, &phone.codes[4]).await, 422, "new ones replace the old");
        let codes = phone.codes.clone();
        app.write(move |tx| {
            let kept: Vec<String> = recovery_codes::table.select(recovery_codes::hash).load(tx.conn).unwrap();
            assert_eq!(kept.len(), 10);
            assert!(!kept.iter().any(|hash| codes.contains(hash) || hash.len() != 64), "hashes only");
        });
    }

    async fn wrong_codes_close_the_account_for_a_while(db: TestDb) {
        let app = TestApp::start(db);
        let phone = add_factor(&app, &app.signed_in(Person::Supervisor).await).await;
        app.clock.advance(30 * SECOND);
        let browser = app.browser();
        let ticket = first_step(&browser, Person::Supervisor).await;
        for _ in 0..5 {
            assert_eq!(second_step(&browser, &ticket, "000000").await, 422);
        }
        assert_eq!(second_step(&browser, &ticket, &phone.code(&app)).await, 429, "the right one waits too");
        app.clock.advance(11 * SECOND);
        assert_eq!(second_step(&browser, &ticket, &phone.code(&app)).await, 303, "and it heals by itself");
    }

    async fn a_role_that_needs_a_factor_opens_nothing_without(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        assert_eq!(status(&browser, "/agents").await, 200);
        app.write(|tx| {
            let role = role::find_by_name(tx.conn, "Supervisor").unwrap().unwrap().id;
            factor::require(tx, role, true).unwrap();
        });
        let away = browser.get("/agents").await;
        assert_eq!((away.status().as_u16(), location(&away)), (303, "/account/factor"));
        assert_eq!(browser.get_part("/agents").await.status(), 403);
        assert_eq!(browser.post("/agents/bulk", &[]).await.status(), 403);
        assert_eq!(status(&browser, "/live").await, 403);
        add_factor(&app, &browser).await;
        assert_eq!(status(&browser, "/agents").await, 200);
        assert_eq!(status(&browser, "/account/factor/off").await, 422, "the role needs it");
        assert_eq!(status(&app.signed_in(Person::Auditor).await, "/agents").await, 200, "other roles don't");
    }

    async fn a_factor_goes_only_when_the_password_can_stand_alone(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Auditor).await;
        add_factor(&app, &browser).await;
        let short = "Kv9#wq-Lz2";
        assert_eq!(browser.post("/account/password", &[("password", short)]).await.status(), 303, "with a factor a shorter one will do");
        let off = async |password: &str| browser.post("/account/factor?_method=DELETE", &[("password", password)]).await;
        assert!(text(off("not this one at all").await, 422).await.contains("not your password"));
        assert!(text(off(short).await, 422).await.contains("15 characters"));
        assert_eq!(browser.post("/account/password", &[("password", NEW)]).await.status(), 303);
        assert_eq!(off(NEW).await.status(), 303);
        assert_eq!(status(&browser, "/agents").await, 200);
        assert_eq!(app.browser().sign_in("auditor", NEW).await.status(), 303, "no second step any more");
    }

    async fn a_new_password_ends_the_other_sessions_and_renews_this_one(db: TestDb) {
        let app = TestApp::start(db);
        let (browser, other) = (app.browser(), app.signed_in(Person::Supervisor).await);
        let answer = browser.sign_in("supervisor", PASSWORD).await;
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        for (weak, why) in [("too short", "15 characters"), ("passwordpassword", "easy to guess"), ("supervisor supervisor", "easy to guess")] {
            let page = text(browser.post("/account/password", &[("password", weak)]).await, 422).await;
            assert!(page.contains(why) && !page.contains(&format!("value=\"{weak}\"")), "{weak}: {page}");
        }
        app.write(|tx| setting::put(tx, "install_name", "Marigold Contact").unwrap());
        let of_the_install = "MARIGOLD.contact Marigold";
        assert!(text(browser.post("/account/password", &[("password", of_the_install)]).await, 422).await.contains("easy to guess"));
        let done = browser.post("/account/password", &[("password", NEW)]).await;
        assert_eq!((done.status().as_u16(), location(&done)), (303, "/account?done=password"));
        assert_eq!((status(&browser, "/agents").await, status(&other, "/agents").await), (200, 303));
        let stolen = app.browser().request(Method::GET, "/agents").header("cookie", cookie).send().await.unwrap();
        assert_eq!(stolen.status(), 303, "the key that the session had before");
        assert_eq!(app.browser().sign_in("supervisor", PASSWORD).await.status(), 422);
        assert_eq!(app.browser().sign_in("supervisor", NEW).await.status(), 303);
    }

    async fn a_sensitive_form_waits_for_the_password_with_all_that_was_typed(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        let opened = text(browser.get("/settings/mail").await, 200).await;
        let opened = opened.split_once("name=\"opened\" value=\"").unwrap().1.split('"').next().unwrap();
        let mail = [("opened", opened), ("host", "smtp.typed.example"), ("port", ""), ("security", "starttls"), ("user", "me"), ("password", "their secret"), ("from", "a@example.org")];
        let role = [("name", "Typed quality"), ("permissions", ""), ("permissions", "calls.read"), ("once", "a")];
        let token = [("name", "typed wallboard"), ("role", "1"), ("days", "31"), ("once", "b")];
        let rules = [("was", ""), ("roles", "3")];
        app.clock.advance(16 * MINUTE);
        let forms = [
            ("/roles", &role[..], ["value=\"Typed quality\"", "value=\"calls.read\" checked"]),
            ("/settings/mail", &mail[..], ["value=\"smtp.typed.example\"", "password again"]),
            ("/settings/tokens", &token[..], ["value=\"typed wallboard\"", "value=\"31\""]),
            ("/settings/sign-in", &rules[..], ["value=\"3\" checked", "name=\"was\" value=\"\""]),
        ];
        for (path, form, kept) in forms {
            let page = text(browser.post(path, form).await, 422).await;
            assert!(page.contains("id=\"confirm-first\"") && page.contains("nothing you typed is lost") && !page.contains("their secret"), "{path}\n{page}");
            for part in kept {
                assert!(page.contains(part), "{path} keeps {part}\n{page}");
            }
        }
        let off = browser.post("/settings/mail?_method=DELETE", &[]).await;
        assert_eq!(location(&off), "/account/confirm?next=%2Fsettings%2Fmail", "nothing is typed beside it");
        assert_eq!(location(&browser.post("/account/confirm", &[("password", PASSWORD), ("next", "/account")]).await), "/account");
        for (path, form, status) in [("/roles", &role[..], 303), ("/settings/mail", &mail[..], 303), ("/settings/tokens", &token[..], 200), ("/settings/sign-in", &rules[..], 303)] {
            assert_eq!(browser.post(path, form).await.status(), status, "{path} the second time");
        }
    }

    async fn what_is_sensitive_asks_again_who_it_is(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        app.clock.advance(15 * MINUTE);
        let away = browser.get("/account/password").await;
        assert_eq!((away.status().as_u16(), location(&away)), (303, "/account/confirm?next=%2Faccount%2Fpassword"));
        let refused = text(browser.post("/account/password", &[("password", NEW)]).await, 403).await;
        assert!(refused.contains("href=\"/account/confirm\""), "{refused}");
        assert_eq!(browser.post("/account/recovery-codes", &[]).await.status(), 403);
        let confirm = async |password: &str, next: &str| browser.post("/account/confirm", &[("password", password), ("next", next)]).await;
        assert_eq!(confirm("not this one at all", "/account/password").await.status(), 422);
        assert_eq!(location(&confirm(PASSWORD, "https://evil.example/").await), "/account");
        assert_eq!(status(&browser, "/account/password").await, 200);
        app.clock.advance(16 * MINUTE);
        assert_eq!(location(&confirm(PASSWORD, "/account/password").await), "/account/password");
        assert_eq!(browser.post("/account/password", &[("password", NEW)]).await.status(), 303);
        for _ in 0..5 {
            confirm("not this one at all", "/").await;
        }
        assert_eq!(confirm(NEW, "/").await.status(), 429, "an open session is no place to guess");
        assert_eq!(app.browser().sign_in("supervisor", NEW).await.status(), 429);
    }

    async fn own_sessions_are_listed_and_can_be_ended(db: TestDb) {
        let app = TestApp::start(db);
        let (here, there, third) = (app.signed_in(Person::Agent).await, app.signed_in(Person::Agent).await, app.signed_in(Person::Agent).await);
        let stranger = app.signed_in(Person::Supervisor).await;
        let page = text(here.get("/account").await, 200).await;
        assert_eq!(page.matches("<tr id=\"session-").count(), 3);
        assert!(page.contains("127.0.0.1") && page.contains("this one"), "{page}");
        let ids = page.split("id=\"end-").skip(1).map(|part| part.split('"').next().unwrap());
        let first = ids.into_iter().find(|id| *id != "others").expect("a session elsewhere");
        let path = format!("/account/sessions/{first}?_method=DELETE");
        assert_eq!(stranger.post(&path, &[]).await.status(), 404, "not hers");
        assert_eq!(location(&here.post(&path, &[]).await), "/account?done=session-ended");
        let left = (status(&there, "/account").await, status(&third, "/account").await);
        assert!(left == (303, 200) || left == (200, 303), "{left:?}");
        assert_eq!(here.post("/account/sessions?_method=DELETE", &[]).await.status(), 303);
        assert_eq!((status(&here, "/account").await, status(&there, "/account").await, status(&third, "/account").await), (200, 303, 303));
        assert_eq!(status(&stranger, "/account").await, 200);
    }

    async fn allowed_addresses_hold_at_the_door_and_inside(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        assert_eq!(status(&browser, "/agents").await, 200);
        let only_from = |networks: &'static str| app.write(move |tx| {
            let id = user_of(tx, Person::Supervisor);
            diesel::update(users::table.find(id)).set(users::allowed_ips.eq(networks)).execute(tx.conn).unwrap();
            tx.touch(RecordKind::User, id);
        });
        only_from("10.20.0.0/16|203.0.113.7");
        assert_eq!(status(&browser, "/agents").await, 303, "a session that lasts");
        let here = text(app.browser().sign_in("supervisor", PASSWORD).await, 422).await;
        let wrong = text(app.browser().sign_in("supervisor", "not this one at all").await, 422).await;
        assert_eq!(here, wrong, "the answer says no more than a wrong password's");
        only_from("127.0.0.0/8");
        assert_eq!(app.browser().sign_in("supervisor", PASSWORD).await.status(), 303);
    }

    async fn a_reset_never_goes_around_the_second_factor(db: TestDb) {
        use rollcall::store::link::{self, LinkKind};
        use rollcall::web::sessions::secret::SecretHash;
        let app = TestApp::start(db);
        let phone = add_factor(&app, &app.signed_in(Person::Supervisor).await).await;
        app.write(|tx| {
            let user = UserId(user_of(tx, Person::Supervisor));
            link::insert(tx, LinkKind::Password, Some(user), &SecretHash::of("t").hex(), MINUTE).unwrap();
        });
        let browser = app.browser();
        let short = "Kv9#wq-Lz2";
        assert!(text(browser.get("/password?token=t").await, 200).await.contains("8 characters or more"));
        assert_eq!(browser.post("/password?token=t", &[("password", short)]).await.status(), 303);
        let page = text(browser.sign_in("supervisor", short).await, 200).await;
        assert_eq!(status(&browser, "/agents").await, 303);
        app.clock.advance(30 * SECOND);
        assert_eq!(second_step(&browser, hidden(&page, "ticket"), &phone.code(&app)).await, 303);
        app.write(|tx| {
            let user = UserId(user_of(tx, Person::Supervisor));
            assert!(factor::remove(tx, user, None).unwrap());
        });
        assert_eq!(status(&browser, "/agents").await, 303, "a factor that was reset ends the sessions");
        let led = browser.sign_in("supervisor", short).await;
        assert!(led.status() == 303 && location(&led).starts_with("/password?token="), "alone the password is too short: {}", location(&led));
        assert_eq!(status(&browser, "/agents").await, 303, "and opens nothing");
        let to = location(&led).to_owned();
        assert!(text(browser.get(&to).await, 200).await.contains("choose a longer one"));
        assert!(text(browser.post(&to, &[("password", short)]).await, 422).await.contains("at least 15"));
        assert_eq!(location(&browser.post(&to, &[("password", NEW)]).await), "/sign-in?done=password");
        assert_eq!(location(&browser.sign_in("supervisor", NEW).await), "/");
    }
}

#[actix_web::test]
async fn who_may_change_roles_says_which_need_a_second_factor() {
    let app = TestApp::start(TestDb::sqlite());
    let admin = app.signed_in(Person::Admin).await;
    let page = text(admin.get("/settings/sign-in").await, 200).await;
    let (_, rest) = page
        .split_once("<bdi>Auditor</bdi>")
        .map_or(("", ""), |(before, _)| {
            before.rsplit_once("value=\"").expect("the box of the role")
        });
    let auditor = rest.split('"').next().unwrap();
    let form = [("was", ""), ("roles", auditor)];
    let browser = app.signed_in(Person::Auditor).await;
    assert_eq!(browser.post("/settings/sign-in", &form).await.status(), 403);
    assert_eq!(
        admin
            .post("/settings/sign-in", &[("roles", auditor)])
            .await
            .status(),
        428
    );
    assert_eq!(
        admin
            .post("/settings/sign-in", &[("was", "x")])
            .await
            .status(),
        400
    );
    assert_eq!(admin.post("/settings/sign-in", &form).await.status(), 303);
    assert_eq!(location(&browser.get("/agents").await), "/account/factor");
    assert_eq!(status(&admin, "/agents").await, 200);
    let off = [("was", auditor)];
    assert_eq!(admin.post("/settings/sign-in", &off).await.status(), 303);
    assert_eq!(status(&browser, "/agents").await, 200);
}
