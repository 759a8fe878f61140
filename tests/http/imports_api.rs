//! Bulk uploads for programs.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp};
use crate::support::people::{NewAgent, insert_agent, insert_group};
use crate::support::programs::token_of;
use crate::support::wire::form;
use reqwest::{Method, Response};
use serde_json::{Value, json};

const GOOD: &str =
    "login_id,name,designation\nasha.rao,Asha Rao,Team lead\ndev.anand,Dev Anand,Agent\n";
const MIXED: &str = "login_id,name\nesha.sen,Esha Sen\nab,Too Short\n";

struct Program {
    browser: Browser,
    token: String,
}

impl Program {
    fn new(app: &TestApp, person: Person) -> Self {
        let token = token_of(app, person, 1).expect("a token");
        Self {
            browser: app.browser(),
            token,
        }
    }

    async fn ask(&self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Response {
        let request = self.browser.request(method, path).bearer_auth(&self.token);
        let request = if kind.is_empty() {
            request
        } else {
            request.header("content-type", kind)
        };
        request.body(body).send().await.expect("an answer")
    }

    async fn post(&self, path: &str, text: &str, status: u16) -> Value {
        told(
            self.ask(Method::POST, path, "text/csv", text.as_bytes().to_vec())
                .await,
            status,
        )
        .await
    }

    async fn get(&self, path: &str) -> Value {
        told(self.ask(Method::GET, path, "", Vec::new()).await, 200).await
    }
}

async fn told(answer: Response, status: u16) -> Value {
    let found = answer.status().as_u16();
    let body = answer.text().await.expect("text");
    assert_eq!(found, status, "{body}");
    serde_json::from_str(&body).expect("JSON")
}

fn office(app: &TestApp) {
    app.write(|tx| {
        let group = insert_group(tx, "North");
        insert_agent(
            tx,
            &NewAgent {
                group: Some(group),
                ..NewAgent::default()
            },
        );
    });
}

both_databases! {
    async fn a_program_plans_commits_and_takes_back(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let program = Program::new(&app, Person::Admin);
        let plan = program.post("/api/v1/imports?dry_run=true", GOOD, 200).await;
        assert_eq!(plan["counts"], json!({ "rows": 2, "create": 1, "update": 1, "unchanged": 0, "skip": 0, "error": 0 }));
        assert_eq!((plan["state"].as_str(), plan["errors"].as_array().map(Vec::len), &plan["next"]), (Some("planned"), Some(0), &Value::Null));
        let change = &plan["changes"][0];
        assert_eq!((change["line"].as_u64(), change["action"].as_str(), change["login_id"].as_str()), (Some(2), Some("update"), Some("asha.rao")));
        assert_eq!(change["cells"], json!([{ "column": "designation", "old": "Senior associate", "new": "Team lead" }]));
        let id = plan["id"].as_i64().unwrap();
        let done = program.post(&format!("/api/v1/imports/{id}/commit"), "", 200).await;
        assert_eq!((done["state"].as_str(), &done["done"]["created"], &done["done"]["updated"]), (Some("committed"), &json!(1), &json!(1)));
        let again = program.post(&format!("/api/v1/imports/{id}/commit?mode=valid"), "", 200).await;
        assert_eq!(again["done"], done["done"], "once, however often it is asked");
        let same = program.post("/api/v1/imports", GOOD, 200).await;
        assert_eq!((same["counts"]["unchanged"].as_u64(), same["done"]["created"].as_u64()), (Some(2), Some(0)), "the same file twice changes nothing");
        let undone = program.post(&format!("/api/v1/imports/{id}/undo"), "", 200).await;
        assert_eq!((undone["state"].as_str(), undone["done"]["undone"].as_u64()), (Some("undone"), Some(2)));
        assert_eq!(program.get(&format!("/api/v1/imports/{id}")).await["state"], "undone");
        assert_eq!(program.post(&format!("/api/v1/imports/{id}/undo"), "", 200).await["state"], "undone");
    }

    async fn errors_say_where_and_how_to_mend(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let program = Program::new(&app, Person::Admin);
        let refused = program.post("/api/v1/imports", MIXED, 422).await;
        assert_eq!((refused["status"].as_u64(), refused["counts"]["error"].as_u64()), (Some(422), Some(1)));
        assert!(refused["detail"].as_str().unwrap().contains("all or nothing") && refused["request_id"].is_string(), "{refused}");
        let error = &refused["errors"][0];
        assert_eq!((error["line"].as_u64(), error["column"].as_str(), error["value"].as_str()), (Some(3), Some("login_id"), Some("ab")));
        assert!(error["fix"].as_str().unwrap().starts_with("Write 6 to 64"), "{error}");
        let some = program.post("/api/v1/imports?mode=valid", MIXED, 200).await;
        assert_eq!((some["done"]["created"].as_u64(), some["errors"].as_array().unwrap().len()), (Some(1), 1));
        let unreadable = program.post("/api/v1/imports?dry_run=true", "%PDF-1.7", 422).await;
        assert!(unreadable["detail"].as_str().unwrap().contains("PDF"), "{unreadable}");
        program.post("/api/v1/imports", "", 422).await;
        let unknown = program.post("/api/v1/imports?dry_run=true", "login_id,shoe\nasha.rao,4\n", 422).await;
        assert!(unknown["detail"].as_str().unwrap().contains("shoe"));
        assert_eq!(program.post("/api/v1/imports?dry_run=true&ignore_unknown=true", "login_id,shoe\nasha.rao,4\n", 200).await["counts"]["unchanged"], 1);
        for bad in ["?colour=red", "?dry_run=maybe", "?mode=some", "?mode=all&mode=all"] {
            program.post(&format!("/api/v1/imports{bad}"), GOOD, 400).await;
        }
        program.post("/api/v1/imports/999/commit", "", 404).await;
        let (kind, body) = form(&[], Some(("people.csv", GOOD.as_bytes())));
        let plan = told(program.ask(Method::POST, "/api/v1/imports?dry_run=true", &kind, body).await, 200).await;
        assert_eq!((plan["file_name"].as_str(), plan["counts"]["rows"].as_u64()), (Some("people.csv"), Some(2)));
        let (kind, body) = form(&[("mode", "all")], Some(("people.csv", GOOD.as_bytes())));
        assert_eq!(program.ask(Method::POST, "/api/v1/imports", &kind, body).await.status(), 400);
    }

    async fn a_thousand_errors_come_a_page_at_a_time(db: TestDb) {
        let app = TestApp::start(db);
        let program = Program::new(&app, Person::Admin);
        let mut file = "login_id,name\n".to_owned();
        for number in 0..1_100 {
            file.push_str(&format!("a{},Nobody\nnobody.{number},Nobody {number}\n", number % 10));
        }
        let plan = program.post("/api/v1/imports?dry_run=true", &file, 200).await;
        let lengths = |plan: &Value| (plan["errors"].as_array().unwrap().len(), plan["changes"].as_array().unwrap().len());
        assert_eq!((plan["counts"]["error"].as_u64(), lengths(&plan)), (Some(1_100), (1_000, 1_000)));
        let more = program.get(plan["next"].as_str().unwrap()).await;
        assert_eq!((lengths(&more), &more["next"]), ((100, 100), &Value::Null));
    }

    async fn a_program_sees_what_its_role_may(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let admin = Program::new(&app, Person::Admin);
        let id = admin.post("/api/v1/imports?dry_run=true", GOOD, 200).await["id"].as_i64().unwrap();
        let scoped = Program::new(&app, Person::Scoped);
        for (method, path) in [(Method::GET, ""), (Method::POST, "/commit"), (Method::POST, "/undo")] {
            let answer = scoped.ask(method, &format!("/api/v1/imports/{id}{path}"), "", Vec::new()).await;
            assert_eq!(answer.status(), 404, "{path}");
        }
        let own = scoped.post("/api/v1/imports?dry_run=true", "login_id,designation\nasha.rao,Lead\n", 200).await;
        assert_eq!(own["counts"]["update"], 1);
        let auditor = Program::new(&app, Person::Auditor);
        auditor.post("/api/v1/imports", GOOD, 403).await;
    }
}
