//! API tokens in the console and for programs: shown once, with a role, a reach and an end; and the general settings.

use crate::support::app::{Person, TestApp, text};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use crate::support::{TestClock, TestDb};
use reqwest::Method;
use rollcall::domain::audit::Actor;
use rollcall::domain::time::HOUR;
use rollcall::store::{lease, role};
use serde_json::Value;

both_databases! {
    async fn a_token_is_shown_once_holds_on_its_groups_and_ends(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            for (name, login_id) in [("North", "asha.north"), ("South", "chitra.south")] {
                let group = insert_group(tx, name);
                insert_agent(tx, &NewAgent { name, login_id, group: Some(group), ..NewAgent::default() });
            }
        });
        let admin = app.signed_in(Person::Admin).await;
        let role = role_id(&app, "Supervisor");
        let form = [("name", "wallboard"), ("role", &*role), ("days", "30"), ("groups", "1"), ("once", "abc")];
        let page = text(admin.post("/settings/tokens", &form).await, 200).await;
        let token = page.split("<code id=\"token\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert!(token.starts_with("rc_") && page.contains("can’t be shown again"), "{page}");
        let again = text(admin.post("/settings/tokens", &form).await, 422).await;
        assert!(again.contains("made already") && !again.contains(&token), "{again}");
        let program = app.browser();
        let get = async |path: &str| {
            let answer = program.request(Method::GET, path).bearer_auth(&token).send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default())
        };
        let (status, list) = get("/api/v1/agents").await;
        assert_eq!((status, list["total"].as_u64(), list["data"][0]["name"].as_str()), (200, Some(1), Some("North")), "{list}");
        assert_eq!(get("/api/v1/audit").await.0, 403);
        let list = text(admin.get("/settings/tokens").await, 200).await;
        assert!(list.contains("<bdi>wallboard</bdi>") && list.contains("<bdi>North</bdi>") && !list.contains(&token), "{list}");
        app.clock.advance(31 * 24 * HOUR);
        assert_eq!(get("/api/v1/agents").await.0, 401, "its time is over");
    }

    async fn a_token_that_is_ended_is_refused_at_once(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let body = format!(r#"{{"name": "sync", "role": {}}}"#, role_id(&app, "Auditor"));
        let made = admin.request(Method::POST, "/api/v1/tokens").body(body).send().await.unwrap();
        assert_eq!(made.status(), 201);
        let made: Value = made.json().await.unwrap();
        let token = made["token"].as_str().unwrap().to_owned();
        let ask = || app.browser().request(Method::GET, "/api/v1/agents").bearer_auth(&token).send();
        assert_eq!(ask().await.unwrap().status(), 200);
        let id = &made["id"];
        assert_eq!(admin.post(&format!("/settings/tokens/{id}?_method=DELETE"), &[]).await.status(), 303);
        assert_eq!(ask().await.unwrap().status(), 401);
        assert!(text(admin.get("/settings/tokens").await, 200).await.contains("sync is ended."));
        assert_eq!(admin.request(Method::DELETE, &format!("/api/v1/tokens/{id}")).send().await.unwrap().status(), 404, "once is enough");
        let list: Value = admin.get("/api/v1/tokens").await.json().await.unwrap();
        assert!(list["data"][0].get("token").is_none() && list["data"][0]["in_force"] == false, "{list}");
    }

    async fn who_is_held_to_groups_is_not_led_to_the_tokens(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            let north = insert_group(tx, "North");
            give_scope(tx, Person::Auditor.word(), north);
        });
        for (person, led) in [(Person::Admin, true), (Person::Auditor, false)] {
            let browser = app.signed_in(person).await;
            for path in ["/settings", "/settings/general", "/settings/sign-in", "/settings/mail"] {
                let page = text(browser.get(path).await, 200).await;
                assert_eq!(page.contains("id=\"tab-tokens\""), led, "{person:?} {path}");
            }
            let answer = browser.get("/settings/tokens").await;
            match led {
                true => assert_eq!(answer.status(), 200),
                false => {
                    let page = text(answer, 403).await;
                    assert!(page.contains("hold on groups alone") && !page.contains("Your role does not include it"), "{page}");
                }
            }
        }
    }

    async fn a_token_outlives_not_the_one_that_makes_it(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let body = |name: &str, days: u16| format!(r#"{{"name": "{name}", "role": {}, "days": {days}}}"#, role_id(&app, "Admin"));
        let made = admin.request(Method::POST, "/api/v1/tokens").body(body("maker", 3)).send().await.unwrap();
        let made: Value = made.json().await.unwrap();
        let token = made["token"].as_str().unwrap().to_owned();
        let make = async |name: &str, days: u16| {
            let answer = app.browser().request(Method::POST, "/api/v1/tokens").bearer_auth(&token).body(body(name, days)).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        let (status, told) = make("longer", 4).await;
        assert!(status == 422 && told.contains("which ends at 2026-11-23T09:30:00") && told.contains("\"days\""), "{told}");
        assert_eq!(make("as long", 3).await.0, 201);
        app.clock.advance(HOUR);
        assert_eq!((make("too long", 3).await.0, make("shorter", 2).await.0), (422, 201));
        let list = text(admin.get("/settings/tokens").await, 200).await;
        assert_eq!(list.matches("by the token maker").count(), 2, "{list}");
        assert!(list.contains("<bdi>as long</bdi>") && !list.contains("<bdi>longer</bdi>"), "{list}");
    }

    async fn what_can_t_be_is_told_at_its_field(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let role = role_id(&app, "Auditor");
        for (form, field, why) in [
            (vec![("name", ""), ("role", &*role), ("days", "1")], "name", "The name is missing."),
            (vec![("name", "a"), ("role", ""), ("days", "1")], "role", "Choose a role"),
            (vec![("name", "a"), ("role", "999"), ("days", "1")], "role", "not there any more"),
            (vec![("name", "a"), ("role", &*role), ("days", "0")], "days", "from 1 to 3650"),
            (vec![("name", "a"), ("role", &*role), ("days", "9"), ("groups", "77")], "role", "a group is not there"),
        ] {
            let page = text(admin.post("/settings/tokens", &form).await, 422).await;
            assert!(page.contains(why) && page.contains(&format!("id=\"{field}-err\"")), "{form:?}: {why}\n{page}");
        }
        for body in [r#"{"name": 1}"#, r#"{"name": "a", "role": 1.5}"#, r#"{"name": "a", "role": 1, "hash": "x"}"#, r#"{"name": "a", "role": 1, "groups": ["North"]}"#] {
            let answer = admin.request(Method::POST, "/api/v1/tokens").body(body).send().await.unwrap();
            assert_eq!(answer.status(), 422, "{body}");
        }
    }

    async fn general_settings_are_saved_merged_and_checked(db: TestDb) {
        let app = TestApp::start(db);
        let (one, two) = (app.signed_in(Person::Admin).await, app.signed_in(Person::Admin).await);
        let was = [("was_pay_cycle_day", "1"), ("was_audit_days", "0"), ("was_install_name", "Rollcall")];
        let typed = |typed: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> { was.iter().chain(typed).copied().collect() };
        assert_eq!(one.post("/settings/general", &typed(&[("pay_cycle_day", "26")])).await.status(), 303);
        assert_eq!(two.post("/settings/general", &typed(&[("audit_days", "90")])).await.status(), 303, "another setting merges");
        let page = text(one.get("/settings/general").await, 200).await;
        assert!(page.contains("name=\"pay_cycle_day\" type=\"text\" value=\"26\"") && page.contains("value=\"90\"") && page.contains("Time zone"), "{page}");
        let bar = text(two.post("/settings/general", &typed(&[("pay_cycle_day", "5")])).await, 409).await;
        assert!(bar.contains("Someone else has set “26” meanwhile"), "{bar}");
        for (name, word) in [("audit_days", "3"), ("pay_cycle_day", "31"), ("install_name", "")] {
            let page = text(one.post("/settings/general", &[(&*format!("was_{name}"), current(name)), (name, word)]).await, 422).await;
            assert!(page.contains(&format!("id=\"{name}-err\"")), "{name}\n{page}");
        }
        assert_eq!(one.post("/settings/general", &[("simulated", "true")]).await.status(), 400);
        assert_eq!(one.post("/settings/general", &[("time_zone", "UTC")]).await.status(), 428, "without what it was");
        let log = text(one.get("/audit?kind=settings").await, 200).await;
        assert!(log.contains("The general settings") && log.contains("<ins><bdi>90</bdi></ins>"), "{log}");
    }

    async fn other_reporting_days_are_counted_in_the_background_and_come_back(db: TestDb) {
        // Nobody does the jobs until the page was seen.
        let store = db.store(&TestClock::at("2026-11-20T09:30:00Z"));
        let held = std::thread::spawn(move || store.write_blocking(Actor::system(), |tx| lease::hold(tx, "jobs", "nobody", HOUR)));
        assert!(held.join().unwrap().unwrap());
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        for (name, was, word) in [("time_zone", "UTC", "Mars/Olympus"), ("day_begins_at", "00:00", "4:30"), ("day_begins_at", "00:00", "24:00")] {
            let page = text(admin.post("/settings/general", &[(&*format!("was_{name}"), was), (name, word)]).await, 422).await;
            assert!(page.contains(&format!("id=\"{name}-err\"")) && page.contains(word), "{page}");
        }
        let change = [("was_time_zone", "UTC"), ("time_zone", "Asia/Tokyo"), ("was_day_begins_at", "00:00"), ("day_begins_at", "04:30")];
        assert_eq!(admin.post("/settings/general", &change).await.status(), 303);
        // What was chosen stands in the form at once; the page says how far the calls are until the days are in force.
        let page = text(admin.get("/settings/general").await, 200).await;
        assert!(page.contains("id=\"sorting\"") && page.contains("<strong>Asia/Tokyo from 04:30</strong>") && page.contains("go by days of UTC from 00:00"), "{page}");
        app.write(|tx| lease::release(tx, "jobs", "nobody").unwrap());
        assert!(page.contains("value=\"Asia/Tokyo\"") && page.contains("value=\"04:30\""), "{page}");
        let undo = page.split_once("action=\"/operations/").and_then(|(_, rest)| rest.split_once("/undo\"")).expect("an Undo").0.to_owned();
        in_force(&app, "Asia/Tokyo").await;
        let log = text(admin.get("/audit?kind=settings").await, 200).await;
        assert!(log.contains("Calls sorted into other days") && log.contains("<ins><bdi>Asia/Tokyo</bdi></ins>"), "{log}");
        assert_eq!(admin.post(&format!("/operations/{undo}/undo"), &[]).await.status(), 303);
        in_force(&app, "UTC").await;
        let page = text(admin.get("/settings/general").await, 200).await;
        assert!(page.contains("name=\"day_begins_at\" type=\"text\" value=\"00:00\"") && !page.contains("id=\"sorting\""), "{page}");
    }
}

/// Waits until the jobs have put the days of this zone in force.
async fn in_force(app: &TestApp, zone: &str) {
    for _ in 0..1_000 {
        if app.state.floor.picture().install().calendar.zone.name() == zone {
            return;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{zone} never came into force");
}

fn current(name: &str) -> &'static str {
    match name {
        "audit_days" => "90",
        "pay_cycle_day" => "26",
        _ => "Rollcall",
    }
}

fn role_id(app: &TestApp, name: &'static str) -> String {
    let read = |conn: &mut _| role::find_by_name(conn, name);
    let role = app.state.store.read(read).unwrap().unwrap();
    role.id.to_string()
}
