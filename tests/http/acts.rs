//! Acts over HTTP: the addresses, what is refused and how, what is said afterwards, and Undo.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use reqwest::{Method, Response};
use rollcall::domain::ids::AgentId;
use std::sync::{Arc, Mutex};

both_databases! {
    async fn a_block_is_put_replaced_and_lifted(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, _] = agents(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let put = browser.request(Method::PUT, &format!("/agents/{asha}/block")).form(&[("reason", "sick"), ("until", "2026-11-20T18:00")]);
        assert_eq!(put.send().await.unwrap().status(), 303);
        let row = row(&browser, asha).await;
        assert!(row.contains("data-status=\"blocked\"") && row.contains("by supervisor · sick · until 18:00"), "{row}");
        let lift = |what: &'static str| {
            let browser = browser.clone();
            async move { browser.request(Method::DELETE, &format!("/agents/{asha}/{what}")).send().await.unwrap().status() }
        };
        assert_eq!(lift("disable").await, 204, "what is not in force");
        assert_eq!(browser.post(&format!("/agents/{asha}/disable?_method=PUT"), &[]).await.status(), 303, "a plain form");
        assert_eq!(status(&browser, asha).await, "disabled");
        assert_eq!(lift("block").await, 204);
        assert_eq!(lift("disable").await, 303);
        assert_eq!(lift("disable").await, 204, "repeated");
        assert_ne!(status(&browser, asha).await, "disabled");
    }

    async fn programs_are_told_what_was_done(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, _] = agents(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let put = || browser.request(Method::PUT, &format!("/agents/{asha}/block")).header("accept", "application/json")
            .json(&serde_json::json!({ "reason": "sick", "until": "2026-11-20T18:00:00Z" }));
        let first: serde_json::Value = put().send().await.unwrap().json().await.unwrap();
        assert_eq!((&first["done"], &first["unchanged"]), (&1.into(), &0.into()));
        let operation = first["operation"].as_str().unwrap();
        let again: serde_json::Value = put().send().await.unwrap().json().await.unwrap();
        assert_eq!((&again["done"], &again["unchanged"]), (&0.into(), &1.into()));
        let undo = || browser.request(Method::POST, &format!("/operations/{operation}/undo")).header("accept", "application/json");
        let undone: serde_json::Value = undo().send().await.unwrap().json().await.unwrap();
        assert_eq!((&undone["done"], &undone["again"]), (&1.into(), &false.into()));
        let twice: serde_json::Value = undo().send().await.unwrap().json().await.unwrap();
        assert_eq!((&twice["done"], &twice["again"]), (&0.into(), &true.into()));
    }

    async fn what_makes_no_sense_changes_nothing(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, _] = agents(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let long = "x".repeat(201);
        let path = format!("/agents/{asha}/acts");
        for (form, expected, said) in [
            (vec![("act", "explode")], 422, "Choose what to do"),
            (vec![], 422, "Choose what to do"),
            (vec![("act", "block"), ("reason", &*long)], 422, "has 201 characters; the most is 200"),
            (vec![("act", "block"), ("reason", "a\nb")], 422, "line break"),
            (vec![("act", "block"), ("until", "soon")], 422, "no date and time"),
            (vec![("act", "block"), ("until", "at"), ("until_at", "2020-01-01T00:00")], 422, "in the past"),
            (vec![("act", "block"), ("until", "at")], 422, "Choose a date and a time"),
            (vec![("act", "pause"), ("when", "later")], 422, "now or after this call"),
            (vec![("act", "block"), ("act", "delete")], 400, "more than once"),
            (vec![("act", "block"), ("admin_by", "1")], 400, "no field of this form"),
        ] {
            let answer = text(browser.post(&path, &form).await, expected).await;
            assert!(answer.contains(said), "{form:?}\n{answer}");
        }
        let typed = text(browser.post(&path, &[("act", "block"), ("reason", "<b>\"sick\""), ("until", "soon")]).await, 422).await;
        assert!(typed.contains("&#60;b&#62;&#34;sick&#34;"), "what was typed is kept, and safe\n{typed}");
        let raw = browser.request(Method::POST, &path).header("content-type", "application/x-www-form-urlencoded").body(b"act=bl\xffock".to_vec());
        assert_eq!(raw.send().await.unwrap().status(), 400);
        for wrong in ["10001", "abc", "0999999", "%00"] {
            assert_eq!(browser.post(&format!("/agents/{wrong}/acts"), &[("act", "block")]).await.status(), 404, "{wrong}");
        }
        assert_ne!(status(&browser, asha).await, "blocked");
        assert_eq!(browser.post("/operations/nonsense/undo", &[]).await.status(), 404);
    }

    async fn what_is_out_of_scope_is_not_there(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, ben] = agents(&app);
        app.write(|tx| { let north = insert_group(tx, "Elsewhere"); give_scope(tx, Person::Scoped.word(), north); });
        let scoped = app.signed_in(Person::Scoped).await;
        let everyone = app.signed_in(Person::Supervisor).await;
        for (method, path) in [
            (Method::GET, format!("/agents/{asha}/acts")),
            (Method::PUT, format!("/agents/{asha}/block")),
            (Method::DELETE, format!("/agents/{asha}/block")),
            (Method::DELETE, format!("/agents/{asha}")),
            (Method::POST, format!("/agents/{asha}/restore")),
        ] {
            assert_eq!(scoped.request(method.clone(), &path).send().await.unwrap().status(), 404, "{method} {path}");
        }
        let (a, b) = (asha.to_string(), ben.to_string());
        let bulk = [("agent", &*a), ("agent", &*b), ("act", "disable"), ("confirm", "yes")];
        assert_eq!(scoped.post("/agents/bulk", &bulk).await.status(), 404);
        assert_ne!(status(&everyone, asha).await, "disabled");
        everyone.post(&format!("/agents/{asha}/acts"), &[("act", "disable")]).await;
        let operation = undo_of(&text(everyone.get("/agents").await, 200).await);
        assert_eq!(scoped.post(&format!("/operations/{operation}/undo"), &[]).await.status(), 404);
        let auditor = app.signed_in(Person::Auditor).await;
        assert_eq!(auditor.post(&format!("/operations/{operation}/undo"), &[]).await.status(), 403);
        assert_eq!(status(&everyone, asha).await, "disabled");
    }

    async fn a_plain_form_goes_back_and_says_once_what_was_done(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, _] = agents(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let page = text(browser.get(&format!("/agents/{asha}/acts?act=disable")).await, 200).await;
        assert!(page.contains("none in or out") && page.contains("<form class=\"acts\""), "{page}");
        let done = browser.post(&format!("/agents/{asha}/acts"), &[("act", "block"), ("reason", "sick"), ("back", "/agents?q=Asha")]).await;
        assert_eq!((done.status().as_u16(), location(&done)), (303, "/agents?q=Asha".to_owned()));
        let list = text(browser.get("/agents?q=Asha").await, 200).await;
        assert!(list.contains("Asha is blocked: sick."), "{list}");
        let operation = undo_of(&list);
        assert!(!text(browser.get("/agents").await, 200).await.contains("is blocked: sick"), "only once");
        let undone = browser.post(&format!("/operations/{operation}/undo"), &[("back", "https://evil.example/")]).await;
        assert_eq!((undone.status().as_u16(), location(&undone)), (303, "/agents".to_owned()));
        let list = text(browser.get("/agents").await, 200).await;
        assert!(list.contains("Undone: Asha is as before.") && !list.contains("data-status=\"blocked\"><svg class=\"g\"><"), "{list}");
    }

    async fn script_gets_the_toast_and_the_row(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, _] = agents(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let post = |path: String, form: Vec<(&'static str, String)>, url: &'static str| {
            let request = browser.request(Method::POST, &path).form(&form).header("HX-Request", "true").header("HX-Request-Type", "partial");
            request.header("HX-Current-URL", format!("{}{url}", app.url)).send()
        };
        let dialog = browser.get_part(&format!("/agents/{asha}/acts")).await;
        assert_eq!(dialog.headers()["hx-retarget"], "#dialog");
        assert_eq!(dialog.headers()["hx-push-url"], "false");
        assert!(text(dialog, 200).await.starts_with("<dialog"));
        let block = vec![("act", "block".to_owned())];
        let done = text(post(format!("/agents/{asha}/acts"), block.clone(), "/agents?days=7").await.unwrap(), 200).await;
        assert!(done.starts_with("<div class=\"toast\"") && done.contains(&format!("data-hx-target=\"#agent-{asha}\"")), "{done}");
        let elsewhere = text(post(format!("/agents/{asha}/acts"), vec![("act", "enable".to_owned())], "/").await.unwrap(), 200).await;
        assert!(!elsewhere.contains("hx-partial"), "{elsewhere}");
        let fault = text(post(format!("/agents/{asha}/acts"), vec![("act", "block".into()), ("until", "soon".into())], "/agents").await.unwrap(), 422).await;
        assert!(fault.trim_start().starts_with("<form class=\"acts\""), "only the form: the dialog stays\n{fault}");
        let undo = format!("/operations/{}/undo", undo_of(&done));
        text(post(undo.clone(), vec![], "/agents").await.unwrap(), 200).await;
        let again = text(post(undo, vec![], "/agents").await.unwrap(), 200).await;
        assert!(again.contains("undone before"), "{again}");
        let deleted = text(post(format!("/agents/{asha}/acts"), vec![("act", "delete".into())], "/agents").await.unwrap(), 200).await;
        assert!(deleted.contains(&format!("data-hx-target=\"#agent-{asha}\" data-hx-swap=\"delete\"")), "{deleted}");
    }

    async fn many_are_confirmed_then_done_and_undone_as_one(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, ben] = agents(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let (a, b) = (asha.to_string(), ben.to_string());
        let ticked = vec![("agent", &*a), ("agent", &*b), ("act", "disable")];
        let page = text(browser.post("/agents/bulk", &ticked).await, 200).await;
        assert!(page.contains("2 agents") && page.contains("none in or out") && page.contains("Asha"), "{page}");
        assert_ne!(status(&browser, asha).await, "disabled", "the first press only asks");
        let confirmed: Vec<_> = ticked.into_iter().chain([("confirm", "yes"), ("reason", "moving house")]).collect();
        assert_eq!(browser.post("/agents/bulk", &confirmed).await.status(), 303);
        let list = text(browser.get("/agents").await, 200).await;
        assert!(list.contains("2 agents are disabled: moving house."), "{list}");
        browser.post(&format!("/operations/{}/undo", undo_of(&list)), &[]).await;
        let list = text(browser.get("/agents").await, 200).await;
        assert!(list.contains("Undone: 2 agents are as before."), "{list}");
        assert_eq!(browser.post("/agents/bulk", &[("act", "block")]).await.status(), 422, "nobody is selected");
        assert_eq!(browser.post("/agents/bulk", &[("agent", "x")]).await.status(), 400);
    }

    async fn all_that_match_are_those_of_the_first_press(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, ben] = agents(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        browser.post(&format!("/agents/{asha}/acts"), &[("act", "block")]).await;
        let page = text(browser.post("/agents/bulk", &[("all", "yes"), ("filter", "status=blocked"), ("act", "disable")]).await, 200).await;
        let selection = between(&page, "name=\"selection\" value=\"", "\"");
        browser.post(&format!("/agents/{ben}/acts"), &[("act", "block")]).await;
        browser.post(&format!("/agents/{asha}/acts"), &[("act", "enable")]).await;
        let confirm = [("selection", &*selection), ("act", "disable"), ("confirm", "yes")];
        let other = app.signed_in(Person::Admin).await;
        assert_eq!(other.post("/agents/bulk", &confirm).await.status(), 422, "it is not hers");
        assert_eq!(browser.post("/agents/bulk", &confirm).await.status(), 303);
        assert_eq!((status(&browser, asha).await, status(&browser, ben).await), ("disabled".to_owned(), "blocked".to_owned()));
        let bad = browser.post("/agents/bulk", &[("all", "yes"), ("filter", "status=purple")]).await;
        assert_eq!(bad.status(), 400);
    }

    async fn the_deleted_are_listed_and_come_back(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, _] = agents(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        assert!(text(browser.get("/agents/deleted").await, 200).await.contains("Nobody here"));
        let gone = browser.request(Method::DELETE, &format!("/agents/{asha}")).send().await.unwrap();
        assert_eq!(gone.status(), 303);
        assert!(text(browser.get("/agents?q=Asha").await, 200).await.contains("No agent matches"));
        let list = text(browser.get("/agents/deleted").await, 200).await;
        assert!(list.contains("Asha") && list.contains("supervisor") && list.contains("Restore"), "{list}");
        assert_eq!(browser.request(Method::DELETE, &format!("/agents/{asha}")).send().await.unwrap().status(), 404, "repeated");
        assert_eq!(browser.post(&format!("/agents/{asha}/restore"), &[("back", "/agents/deleted")]).await.status(), 303);
        let list = text(browser.get("/agents/deleted").await, 200).await;
        assert!(list.contains("Asha is restored.") && list.contains("Nobody here"), "{list}");
        for bad in ["page=0", "page=x", "page=1&page=2", "q=1"] {
            assert_eq!(browser.get(&format!("/agents/deleted?{bad}")).await.status(), 400, "{bad}");
        }
    }

    async fn only_who_may_act_can_select_rows(db: TestDb) {
        let app = TestApp::start(db);
        agents(&app);
        let page = text(app.signed_in(Person::Supervisor).await.get("/agents").await, 200).await;
        assert!(page.contains("id=\"pick-all\"") && page.contains("id=\"bulk\""));
        let page = text(app.signed_in(Person::Auditor).await.get("/agents").await, 200).await;
        assert!(page.contains("Asha") && !page.contains("pick-") && !page.contains("/acts") && !page.contains("id=\"bulk\""));
    }
}

/// Asha and Ben, in a group.
fn agents(app: &TestApp) -> [AgentId; 2] {
    let made = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&made);
    app.write(move |tx| {
        let group = Some(insert_group(tx, "South"));
        for (name, login_id) in [("Asha", "asha.rao"), ("Ben", "ben.okri")] {
            let agent = NewAgent {
                name,
                login_id,
                group,
                ..NewAgent::default()
            };
            into.lock().unwrap().push(insert_agent(tx, &agent));
        }
    });
    let made = made.lock().unwrap();
    [made[0], made[1]]
}

async fn row(browser: &Browser, agent: AgentId) -> String {
    let page = text(browser.get(&format!("/agents?q={agent}")).await, 200).await;
    between(&page, &format!("<tr id=\"agent-{agent}\""), "</tr>")
}

/// The word of the first badge.
async fn status(browser: &Browser, agent: AgentId) -> String {
    between(&row(browser, agent).await, "data-status=\"", "\"")
}

/// The operation behind the Undo button of a page.
fn undo_of(page: &str) -> String {
    between(page, "action=\"/operations/", "/undo\"")
}

fn between(text: &str, from: &str, to: &str) -> String {
    let (_, rest) = text
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from} in\n{text}"));
    rest.split_once(to).expect("an end").0.to_owned()
}

fn location(answer: &Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}
