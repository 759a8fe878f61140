//! The settings of the number plan: who may change them, what is refused, what two people do at once.

use crate::support::TestDb;
use crate::support::app::{Person, TestApp, text};
use crate::support::people::{NewAgent, insert_agent};
use rollcall::domain::ids::AgentId;
use rollcall::store::claim;
use std::sync::mpsc;

/// Opened with what a new install has.
const OPENED: [(&str, &str); 4] = [
    ("was_intercom_length", "4"),
    ("was_region", "IN"),
    ("was_feature_code_blind", "#1"),
    ("was_feature_code_conference", "*3"),
];

/// The form with some fields typed.
fn form<'a>(typed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    OPENED.into_iter().chain(typed.iter().copied()).collect()
}

both_databases! {
    async fn a_change_is_saved_told_and_in_force_at_once(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        let page = text(browser.get("/settings").await, 200).await;
        assert!(page.contains("name=\"was_feature_code_blind\" value=\"#1\"") && page.contains("name=\"intercom_length\""), "{page}");
        assert!(!page.contains("<option value=\"5\""), "transfer codes have five digits");
        let saved = browser.post("/settings", &form(&[("feature_code_blind", "*7"), ("intercom_length", "6")])).await;
        assert_eq!((saved.status().as_u16(), saved.headers()["location"].to_str().unwrap()), (303, "/settings"));
        let page = text(browser.get("/settings").await, 200).await;
        assert!(page.contains("The number plan is saved.") && page.contains("value=\"*7\""), "{page}");
        let codes = text(browser.get("/feature-codes").await, 200).await;
        assert!(codes.contains("<kbd>*7</kbd>") && !codes.contains("6 digits are an agent"), "{codes}");
        let same = browser.post("/settings", &[("was_region", "IN"), ("region", "IN")]).await;
        assert_eq!(same.status(), 303);
        assert!(text(browser.get("/settings").await, 200).await.contains("Nothing to change"));
    }

    async fn only_who_may_set_does(db: TestDb) {
        let app = TestApp::start(db);
        for (person, reads, writes) in [(Person::Anonymous, 303, 401), (Person::Agent, 403, 403), (Person::Scoped, 403, 403), (Person::Supervisor, 403, 403), (Person::Auditor, 200, 403), (Person::Admin, 200, 303)] {
            let browser = app.signed_in(person).await;
            let page = browser.get("/settings").await;
            assert_eq!(page.status(), reads, "{person:?}");
            if person == Person::Auditor {
                assert!(!text(page, 200).await.contains("id=\"settings-save\""), "nothing offered that would be refused");
            }
            let saved = browser.post("/settings", &form(&[("feature_code_conference", "*3")])).await;
            assert_eq!(saved.status(), writes, "{person:?}");
        }
    }

    async fn what_can_t_be_is_told_at_the_field_with_what_was_typed(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        for (name, typed, why) in [
            ("intercom_length", "5", "transfer codes have five"),
            ("region", "XX", "from the list"),
            ("feature_code_conference", "33", "begin with # or *"),
            ("feature_code_conference", "#1", "#1 is the code of “Blind transfer” already"),
            ("feature_code_conference", "\"><script>alert(1)</script>", "begin with # or *"),
        ] {
            let page = text(browser.post("/settings", &form(&[(name, typed)])).await, 422).await;
            assert!(page.contains(why) && page.contains(&format!("id=\"{name}-err\"")), "{name} {typed}: {why}\n{page}");
            assert!(page.contains("aria-invalid=\"true\"") && !page.contains("<script>alert"));
            if name == "feature_code_conference" && !typed.contains('<') {
                assert!(page.contains(&format!("value=\"{typed}\"")), "what was typed is kept");
            }
        }
        for (fields, status) in [
            (vec![("region", "GB")], 428),
            (vec![("was_region", "IN")], 400),
            (vec![("was_region", "IN"), ("region", "GB"), ("region", "US")], 400),
            (vec![("was_region", "IN"), ("region", "GB"), ("time_zone", "UTC")], 400),
        ] {
            assert_eq!(browser.post("/settings", &fields).await.status(), status, "{fields:?}");
        }
        let page = text(browser.get("/settings").await, 200).await;
        assert!(page.contains("name=\"was_region\" value=\"IN\""), "nothing was changed");
    }

    async fn numbers_in_use_are_named_with_their_page(db: TestDb) {
        let app = TestApp::start(db);
        let (told, asha) = mpsc::channel::<AgentId>();
        app.write(move |tx| {
            let id = insert_agent(tx, &NewAgent::default());
            claim::take_number(tx, "2001", "user", id.user().0).unwrap();
            told.send(id).unwrap();
        });
        let asha = asha.recv().unwrap();
        let browser = app.signed_in(Person::Admin).await;
        let page = text(browser.post("/settings", &form(&[("intercom_length", "6")])).await, 422).await;
        assert!(page.contains(&format!("<a href=\"/agents/{asha}\"><bdi>Asha Rao</bdi></a>: has not 6 digits")), "{page}");
        assert!(page.contains("A number that is in use stands in the way of Intercom length."), "{page}");
        let page = text(browser.get("/settings").await, 200).await;
        assert!(page.contains("name=\"was_intercom_length\" value=\"4\""), "nothing was changed");
    }

    async fn two_people_see_theirs_and_mine(db: TestDb) {
        let app = TestApp::start(db);
        let (one, two) = (app.signed_in(Person::Admin).await, app.signed_in(Person::Admin).await);
        assert_eq!(one.post("/settings", &form(&[("feature_code_blind", "*7")])).await.status(), 303);
        let bar = text(two.post("/settings", &form(&[("feature_code_blind", "*8")])).await, 409).await;
        assert!(bar.contains("theirs <b>*7</b>, yours <b><bdi>*8</bdi></b>") && bar.contains("value=\"*8\""), "{bar}");
        assert!(bar.contains("name=\"was_feature_code_blind\" value=\"*7\""), "saving again takes mine");
        assert_eq!(two.post("/settings", &form(&[("feature_code_blind", "#1"), ("feature_code_conference", "*9")])).await.status(), 303, "other settings merge");
        let codes = text(two.get("/feature-codes").await, 200).await;
        assert!(codes.contains("<kbd>*7</kbd>") && codes.contains("<kbd>*9</kbd>"));
        let mine = [("was_feature_code_blind", "*7"), ("feature_code_blind", "*8")];
        assert_eq!(two.post("/settings", &mine).await.status(), 303);
    }

    async fn a_change_is_taken_back_unless_something_stands_in_the_way(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        assert_eq!(browser.post("/settings", &form(&[("feature_code_blind", "*7")])).await.status(), 303);
        let undo = self::undo(&text(browser.get("/settings").await, 200).await);
        let undone = browser.post(&undo, &[("back", "/settings")]).await;
        assert_eq!((undone.status().as_u16(), undone.headers()["location"].to_str().unwrap()), (303, "/settings"));
        let page = text(browser.get("/settings").await, 200).await;
        assert!(page.contains("Undone: The number plan is as before.") && page.contains("name=\"was_feature_code_blind\" value=\"#1\""), "{page}");
        assert_eq!(browser.post("/settings", &form(&[("intercom_length", "6")])).await.status(), 303);
        let undo = self::undo(&text(browser.get("/settings").await, 200).await);
        app.write(|tx| {
            let id = insert_agent(tx, &NewAgent::default());
            claim::take_number(tx, "200101", "user", id.user().0).unwrap();
        });
        let page = text(browser.post(&undo, &[("back", "/settings")]).await, 422).await;
        assert!(page.contains("The number 200101 of Asha Rao is in use"), "{page}");
        let page = text(browser.get("/settings").await, 200).await;
        assert!(page.contains("name=\"was_intercom_length\" value=\"6\""), "nothing was changed");
    }
}

/// Where the button leads that takes the last change back.
fn undo(page: &str) -> String {
    let path = page.split("action=\"/operations/").nth(1);
    let path = path.and_then(|rest| rest.split('"').next()).unwrap();
    format!("/operations/{path}")
}
