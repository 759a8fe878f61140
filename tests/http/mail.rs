//! Letters that are really sent: the settings of the mail server, links by mail, and what happens while the
//! server is away.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::smtp::{self, Sink};
use diesel::prelude::*;
use rollcall::domain::time::{MINUTE, SECOND};
use rollcall::store::schema::{audit_entries, mail_queue, settings, users};
use rollcall::store::{RecordKind, Tx, claim};
use std::time::Duration;

const NEW: &str = "seven quiet boats at dawn";

fn give_address(tx: &mut Tx<'_>, person: Person, address: &str) {
    let her = users::table.filter(users::login_id.eq(person.word()));
    let id: i64 = diesel::update(her)
        .set(users::email.eq(address))
        .returning(users::id)
        .get_result(tx.conn)
        .unwrap();
    claim::take(tx, "email", address, "user", id).unwrap();
    tx.touch(RecordKind::User, id);
}

fn form<'a>(
    page: &'a str,
    port: &'a str,
    user: &'a str,
    password: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let opened = page.split_once("name=\"opened\" value=\"").unwrap().1;
    vec![
        ("opened", opened.split('"').next().unwrap()),
        ("host", "127.0.0.1"),
        ("port", port),
        ("security", "plain"),
        ("user", user),
        ("password", password),
        ("from", "rollcall@example.org"),
    ]
}

pub(super) async fn set_server(admin: &Browser, port: u16, user: &str, password: &str) {
    let page = text(admin.get("/settings/mail").await, 200).await;
    let port = port.to_string();
    let saved = admin
        .post("/settings/mail", &form(&page, &port, user, password))
        .await;
    assert_eq!(saved.status(), 303);
}

async fn forgotten(app: &TestApp, login_id: &str) -> String {
    text(
        app.browser()
            .post("/forgotten", &[("login_id", login_id)])
            .await,
        200,
    )
    .await
}

/// Waits until the queue is as it should be.
async fn queue(app: &TestApp, what: &str, is_so: impl Fn(&[i32]) -> bool) {
    for _ in 0..400 {
        let store = app.state.store.clone();
        let read = move || {
            store.read(|conn| {
                Ok(mail_queue::table
                    .select(mail_queue::tries)
                    .load::<i32>(conn)?)
            })
        };
        let tries = std::thread::spawn(read).join().unwrap().unwrap();
        if is_so(&tries) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the queue never had {what}");
}

both_databases! {
    async fn whoever_forgot_a_password_gets_a_link_and_nobody_else_can_tell(db: TestDb) {
        if !smtp::is_there() {
            return;
        }
        let (app, port) = (TestApp::start(db), smtp::free_port());
        let admin = app.signed_in(Person::Admin).await;
        app.write(|tx| give_address(tx, Person::Supervisor, "meera@example.org"));
        assert!(text(app.browser().get("/sign-in").await, 200).await.contains("Ask an administrator"));
        set_server(&admin, port, "rollcall", "a mail password").await;
        assert!(text(app.browser().get("/sign-in").await, 200).await.contains("href=\"/forgotten\""));
        let sink = Sink::start(port, Some(("rollcall", "a mail password")));
        let known = forgotten(&app, "Supervisor").await;
        for other in ["superviso2", "auditor", "nobody@example.org", "<b>"] {
            assert_eq!(forgotten(&app, other).await, known, "{other}");
        }
        let letter = sink.next();
        assert_eq!(letter.to, ["meera@example.org"]);
        assert!(letter.sender.contains("rollcall@example.org") && letter.subject.contains("new password") && letter.id.ends_with("@example.org>"), "{letter:?}");
        let link = letter.text.lines().find(|line| line.contains("/password?token=")).unwrap();
        let path = link.strip_prefix(&app.url).expect("the configured address, whatever a request says");
        forgotten(&app, "meera@example.org").await;
        assert!(sink.is_quiet(Duration::from_secs(2)), "nobody is flooded");
        let old = app.signed_in(Person::Supervisor).await;
        let browser = app.browser();
        assert_eq!(browser.post(path, &[("password", NEW)]).await.status(), 303);
        assert_eq!(browser.get(path).await.status(), 404, "it is used up");
        assert_eq!(old.get("/agents").await.status(), 303);
        assert_eq!(browser.sign_in("supervisor", NEW).await.status(), 303);
        app.write(|tx| {
            let actions: Vec<String> = audit_entries::table.select(audit_entries::action).load(tx.conn).unwrap();
            for action in ["settings.mail", "user.reset_link", "password.refused", "mail.sent", "user.password"] {
                assert!(actions.iter().any(|a| a == action), "{action} is not in {actions:?}");
            }
            let all: Vec<Option<String>> = audit_entries::table.select(audit_entries::after).load(tx.conn).unwrap();
            assert!(!all.iter().flatten().any(|after| after.contains("token=") || after.contains("a mail password")), "no secret in the audit");
        });
    }

    async fn a_letter_waits_while_the_server_is_away_and_goes_when_it_is_back(db: TestDb) {
        if !smtp::is_there() {
            return;
        }
        let (app, port) = (TestApp::start(db), smtp::free_port());
        let admin = app.signed_in(Person::Admin).await;
        app.write(|tx| give_address(tx, Person::Supervisor, "meera@example.org"));
        set_server(&admin, port, "", "").await;
        forgotten(&app, "supervisor").await;
        queue(&app, "a letter that was tried once", |tries| tries == [1]).await;
        app.write(|tx| {
            let letter: String = mail_queue::table.select(mail_queue::letter).first(tx.conn).unwrap();
            assert!(letter.starts_with("1.") && !letter.contains("token"), "sealed at rest");
        });
        app.clock.advance(16 * SECOND);
        queue(&app, "a second try", |tries| tries == [2]).await;
        let sink = Sink::start(port, None);
        app.clock.advance(31 * SECOND);
        let letter = sink.next();
        assert!(letter.text.contains("/password?token="), "{letter:?}");
        queue(&app, "nothing left", <[i32]>::is_empty).await;
        app.clock.advance(5 * MINUTE);
        assert!(sink.is_quiet(Duration::from_secs(2)), "once");
    }

    async fn a_letter_that_waits_is_told_where_something_can_be_done_about_it(db: TestDb) {
        let (app, port) = (TestApp::start(db), smtp::free_port());
        let admin = app.signed_in(Person::Admin).await;
        app.write(|tx| give_address(tx, Person::Supervisor, "meera@example.org"));
        set_server(&admin, port, "", "").await;
        assert!(!text(admin.get("/settings/mail").await, 200).await.contains("id=\"waiting\""));
        let her = super::links::user(&app, Person::Supervisor.word());
        let give = async |show: &str| text(admin.post(&format!("/users/{her}/link"), &[("show", show)]).await, 201).await;
        assert!(give("yes").await.contains("on its way"), "while nothing is known to fail nobody else sees the link");
        let path = format!("/users/{her}");
        let mut page = String::new();
        for _ in 0..400 {
            page = text(admin.get(&path).await, 200).await;
            if page.contains("last try") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        assert!(page.contains("A letter with a link waits to be sent (<bdi>last try") && page.contains("refused") && page.contains("id=\"link-instead\""), "{page}");
        let settings = text(admin.get("/settings/mail").await, 200).await;
        assert!(settings.contains("A letter waits to be sent, since") && settings.contains("Last try"), "{settings}");
        assert!(settings.matches("refused").count() == 1 && !settings.contains("meera@example.org"), "once, and to nobody in particular\n{settings}");
        let auditor = app.signed_in(Person::Auditor).await;
        assert!(!text(auditor.get(&path).await, 200).await.contains("A letter with a link"), "for those who may make links");
        let shown = give("yes").await;
        assert!(shown.contains("id=\"one-time-link\"") && !shown.contains("on its way"), "{shown}");
        queue(&app, "nothing left", <[i32]>::is_empty).await;
        assert!(!text(admin.get(&path).await, 200).await.contains("A letter with a link"), "its link had ended");
    }

    async fn a_letter_is_given_up_with_its_link_or_when_nobody_has_the_address(db: TestDb) {
        if !smtp::is_there() {
            return;
        }
        let (app, port) = (TestApp::start(db), smtp::free_port());
        let admin = app.signed_in(Person::Admin).await;
        app.write(|tx| give_address(tx, Person::Supervisor, "meera@example.org"));
        app.write(|tx| give_address(tx, Person::Auditor, "unknown@example.org"));
        set_server(&admin, port, "", "").await;
        forgotten(&app, "supervisor").await;
        queue(&app, "a letter that was tried once", |tries| tries == [1]).await;
        app.clock.advance(31 * MINUTE);
        queue(&app, "nothing left", <[i32]>::is_empty).await;
        let sink = Sink::start(port, None);
        forgotten(&app, "auditor").await;
        queue(&app, "nothing left", <[i32]>::is_empty).await;
        assert!(sink.is_quiet(Duration::from_secs(1)));
        app.write(|tx| {
            let actions: Vec<String> = audit_entries::table.filter(audit_entries::action.like("mail.%")).order(audit_entries::id).select(audit_entries::action).load(tx.conn).unwrap();
            assert_eq!(actions, ["mail.given_up", "mail.rejected"]);
        });
    }

    async fn the_mail_server_is_set_by_who_may_and_its_password_stays_with_it(db: TestDb) {
        if !smtp::is_there() {
            return;
        }
        let (app, port) = (TestApp::start(db), smtp::free_port());
        for (person, reads, writes) in [(Person::Supervisor, 403, 403), (Person::Scoped, 403, 403), (Person::Auditor, 200, 403)] {
            let browser = app.signed_in(person).await;
            assert_eq!(browser.get("/settings/mail").await.status(), reads, "{person:?}");
            assert_eq!(browser.post("/settings/mail", &[("host", "x")]).await.status(), writes, "{person:?}");
            assert_eq!(browser.post("/settings/mail/test", &[]).await.status(), writes, "{person:?}");
        }
        let admin = app.signed_in(Person::Admin).await;
        let page = text(admin.get("/settings/mail").await, 200).await;
        let typed = port.to_string();
        let with = |name: &'static str, value: &'static str| {
            let mut form = form(&page, &typed, "", "");
            form.iter_mut().filter(|(field, _)| *field == name).for_each(|field| field.1 = value);
            form
        };
        for (name, value, why) in [
            ("host", "smtp://x", "smtp.example.org"),
            ("port", "70000", "1 to 65535"),
            ("security", "ssl3", "from the list"),
            ("from", "nobody", "e-mail address"),
            ("user", "me", "Give the password"),
        ] {
            let page = text(admin.post("/settings/mail", &with(name, value)).await, 422).await;
            assert!(page.contains(why) && page.contains("Nothing was saved"), "{name}: {why}\n{page}");
        }
        let open = with("host", "smtp.example.org").into_iter().map(|(name, value)| match name {
            "user" | "password" => (name, "secret"),
            _ => (name, value),
        });
        let open: Vec<_> = open.collect();
        assert!(text(admin.post("/settings/mail", &open).await, 422).await.contains("travel in the open"));
        set_server(&admin, port, "rollcall", "a mail password").await;
        assert_eq!(admin.post("/settings/mail", &with("user", "")).await.status(), 409, "opened before the last change");
        let page = text(admin.get("/settings/mail").await, 200).await;
        assert!(!page.contains("a mail password"));
        let elsewhere = form(&page, "2525", "rollcall", "");
        assert!(text(admin.post("/settings/mail", &elsewhere).await, 422).await.contains("type its password again"));
        app.write(|tx| {
            let words: Vec<String> = settings::table.select(settings::value).load(tx.conn).unwrap();
            assert!(!words.iter().any(|word| word.contains("a mail password")), "sealed at rest");
        });
        assert!(text(admin.post("/settings/mail/test", &[]).await, 422).await.contains("no e-mail address"));
        app.write(|tx| give_address(tx, Person::Admin, "admin@example.org"));
        assert!(text(admin.post("/settings/mail/test", &[]).await, 422).await.contains("be reached"));
        let strict = Sink::start(port, Some(("rollcall", "another password")));
        assert!(text(admin.post("/settings/mail/test", &[]).await, 422).await.contains("does not take the user and password"));
        drop(strict);
        let sink = Sink::start(port, Some(("rollcall", "a mail password")));
        let told = text(admin.post("/settings/mail/test", &[]).await, 200).await;
        assert!(told.contains("has taken a letter to admin@example.org"), "{told}");
        assert!(sink.next().subject.contains("mail works"));
        let page = text(admin.get("/settings/mail").await, 200).await;
        let mut private = form(&page, &typed, "rollcall", "a mail password");
        private.iter_mut().filter(|(field, _)| *field == "security").for_each(|field| field.1 = "starttls");
        assert_eq!(admin.post("/settings/mail", &private).await.status(), 303);
        let told = text(admin.post("/settings/mail/test", &[]).await, 422).await;
        assert!(told.contains("made private") && sink.is_quiet(Duration::from_millis(200)), "nothing is said in the open: {told}");
        assert_eq!(admin.post("/settings/mail?_method=DELETE", &[]).await.status(), 303);
        assert!(text(app.browser().get("/forgotten").await, 200).await.contains("sends no mail"));
    }
}
