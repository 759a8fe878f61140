//! The JSON API: what programs read and change, by the rights of their token.

use crate::support::TestDb;
use crate::support::app::{Person, TestApp};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use reqwest::{Client, Method};
use rollcall::store::role;
use rollcall::store::token::{self, NewToken};
use rollcall::web::routes;
use rollcall::web::sessions::secret::SecretHash;
use serde_json::Value;
use std::collections::BTreeSet;

/// A program with a token of a built-in role.
struct Program {
    client: Client,
    url: String,
    token: String,
}

impl Program {
    fn new(app: &TestApp, role: &'static str) -> Self {
        let token = format!("rc_{role}");
        let hash = SecretHash::of(&token).hex();
        app.write(move |tx| {
            let role = role::find_by_name(tx.conn, role).unwrap().unwrap().id;
            let new = NewToken {
                name: "test".to_owned(),
                hash,
                role,
                groups: Vec::new(),
                created_by: None,
                expires_at: None,
            };
            token::insert(tx, &new).unwrap();
        });
        Self {
            client: Client::new(),
            url: app.url.clone(),
            token,
        }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send(Method::GET, path, "", None).await
    }

    /// Null for an answer without a body.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: &str,
        based_on: Option<&str>,
    ) -> (u16, Value) {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token);
        if let Some(tag) = based_on {
            request = request.header("If-Match", tag);
        }
        let answer = request.body(body.to_owned()).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }
}

fn agents(app: &TestApp, count: usize) {
    app.write(move |tx| {
        for number in 0..count {
            let (name, login_id) = (
                format!("Agent {}", number % 3),
                format!("agent.{number:03}"),
            );
            insert_agent(
                tx,
                &NewAgent {
                    name: &name,
                    login_id: &login_id,
                    ..NewAgent::default()
                },
            );
        }
    });
}

both_databases! {
    async fn a_program_walks_the_list_and_meets_everyone_once(db: TestDb) {
        let app = TestApp::start(db);
        agents(&app, 23);
        let program = Program::new(&app, "Auditor");
        for sort in ["name", "-name", "agent_status", "-calls_answered", "username"] {
            let (mut met, mut cursor) = (Vec::new(), String::new());
            loop {
                let (status, piece) = program.get(&format!("/api/v1/agents?sort={sort}&limit=5{cursor}")).await;
                assert_eq!((status, piece["total"].as_u64()), (200, Some(23)), "{piece}");
                let ids = piece["data"].as_array().unwrap().iter().map(|agent| agent["agent_id"].as_str().unwrap().to_owned());
                met.extend(ids);
                match piece["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            let (_, whole) = program.get(&format!("/api/v1/agents?sort={sort}&limit=250")).await;
            let all: Vec<_> = whole["data"].as_array().unwrap().iter().map(|agent| agent["agent_id"].as_str().unwrap().to_owned()).collect();
            assert_eq!(met, all, "{sort}");
            assert_eq!(met.iter().collect::<BTreeSet<_>>().len(), 23);
        }
    }

    async fn an_agent_reads_with_the_names_of_the_columns(db: TestDb) {
        let app = TestApp::start(db);
        agents(&app, 1);
        let program = Program::new(&app, "Supervisor");
        let (_, list) = program.get("/api/v1/agents?q=agent.000").await;
        let id = list["data"][0]["agent_id"].as_str().unwrap();
        let (status, agent) = program.get(&format!("/api/v1/agents/{id}")).await;
        assert_eq!(status, 200);
        assert_eq!(agent, list["data"][0], "the list and the agent say the same");
        assert_eq!((agent["name"].as_str(), agent["username"].as_str()), (Some("Agent 0"), Some("agent.000")));
        assert_eq!((&agent["calls_answered"], &agent["extension_status"]), (&Value::from(0), &Value::from("none")));
        assert!(id.starts_with('0') && agent["version"].is_i64());
    }

    async fn what_makes_no_sense_is_named(db: TestDb) {
        let app = TestApp::start(db);
        agents(&app, 1);
        let program = Program::new(&app, "Supervisor");
        for query in ["limit=0", "limit=251", "limit=x", "limit=5&limit=5", "cursor=abc", "cursor=099999", "status=happy", "page=x", "colour=red", "sort=wage"] {
            let (status, problem) = program.get(&format!("/api/v1/agents?{query}")).await;
            let name = query.split('=').next().unwrap();
            assert_eq!(status, 400, "{query}");
            assert!(problem["detail"].as_str().unwrap().contains(name), "{query}: {problem}");
        }
        for id in ["1", "010000", "x", "099999", "%00"] {
            assert_eq!(program.get(&format!("/api/v1/agents/{id}")).await.0, 404, "{id}");
        }
    }

    async fn an_agent_is_made_changed_blocked_and_deleted(db: TestDb) {
        let app = TestApp::start(db);
        let program = Program::new(&app, "Supervisor");
        let new = r#"{"name": "Asha Rao", "username": "asha.rao", "call_forwarding_number": "098450 12345", "intercom_number": "1234"}"#;
        let (status, agent) = program.send(Method::POST, "/api/v1/agents", new, None).await;
        assert_eq!(status, 201, "{agent}");
        assert_eq!((agent["call_forwarding_number"].as_str(), agent["agent_status"].as_str()), (Some("+919845012345"), Some("unknown")));
        let path = format!("/api/v1/agents/{}", agent["agent_id"].as_str().unwrap());

        let change = r#"{"designation": "Team lead", "intercom_number": null}"#;
        assert_eq!(program.send(Method::PATCH, &path, change, None).await.0, 428, "what is it based on?");
        let (status, changed) = program.send(Method::PATCH, &path, change, Some("\"1\"")).await;
        assert_eq!((status, changed["version"].as_i64()), (200, Some(2)), "{changed}");
        assert_eq!((changed["designation"].as_str(), &changed["intercom_number"]), (Some("Team lead"), &Value::Null));
        assert_eq!(changed["call_forwarding_number"], agent["call_forwarding_number"], "absent is unchanged");
        assert_eq!(program.send(Method::PATCH, &path, r#"{"name": "A", "version": 1}"#, None).await.0, 409, "strict: no merging");
        assert_eq!(program.send(Method::PATCH, &path, r#"{"name": "Asha R", "version": 2}"#, None).await.0, 200);
        assert_eq!(program.send(Method::PATCH, &path, r#"{"name": "Asha R"}"#, Some("*")).await.1["version"].as_i64(), Some(3), "nothing differs");

        let block = r#"{"reason": "sick", "until": "2026-11-20T18:00"}"#;
        let (status, blocked) = program.send(Method::PUT, &format!("{path}/block"), block, None).await;
        assert_eq!((status, blocked["agent_status"].as_str(), blocked["reason"].as_str()), (200, Some("blocked"), Some("sick")), "{blocked}");
        assert_eq!(program.send(Method::DELETE, &format!("{path}/disable"), "", None).await.0, 204, "not in force");
        assert_eq!(program.get(&path).await.1["admin_state"].as_str(), Some("blocked"));
        assert_eq!(program.send(Method::PUT, &format!("{path}/disable"), "", Some("\"1\"")).await.0, 409, "a version that is given counts");
        assert_eq!(program.send(Method::DELETE, &format!("{path}/block"), "", None).await.0, 204);
        assert_eq!(program.get(&path).await.1["admin_state"].as_str(), Some("enabled"));

        assert_eq!(program.send(Method::DELETE, &path, "", None).await.0, 428);
        assert_eq!(program.send(Method::DELETE, &path, "", Some("*")).await.0, 204);
        assert_eq!(program.get(&path).await.0, 404);
        assert_eq!(program.send(Method::PATCH, &path, r#"{"name": "B"}"#, Some("*")).await.0, 404);
    }

    async fn a_change_that_makes_no_sense_changes_nothing_and_says_where(db: TestDb) {
        let app = TestApp::start(db);
        agents(&app, 2);
        let program = Program::new(&app, "Supervisor");
        let taken = r#"{"name": "Zoya", "username": "zoya.taken"}"#;
        assert_eq!(program.send(Method::POST, "/api/v1/agents", taken, None).await.0, 201);
        let (_, list) = program.get("/api/v1/agents?sort=username").await;
        let path = format!("/api/v1/agents/{}", list["data"][0]["agent_id"].as_str().unwrap());
        let long = format!(r#"{{"name": "{}"}}"#, "x".repeat(200));
        for (body, field) in [
            (r#"{"name": ""}"#, "name"), (r#"{"name": null}"#, "name"), (&*long, "name"), (r#"{"username": "a b"}"#, "username"),
            (r#"{"username": "Zoya.Taken"}"#, "username"), (r#"{"phone": "12"}"#, "phone"), (r#"{"rings_on": "drum"}"#, "rings_on"),
            (r#"{"time_group": 999}"#, "time_group"), (r#"{"departments": ["Sales"]}"#, "departments"), (r#"{"intercom_number": "112"}"#, "intercom_number"),
            (r#"{"role": 1}"#, "role"), (r#"{"admin_state": "disabled"}"#, "admin_state"), (r#"{"deleted": true}"#, "deleted"),
            (r#"{"name": {"a": 1}}"#, "name"), (r#"{"login_based_calling": "perhaps"}"#, "login_based_calling"),
        ] {
            let (status, problem) = program.send(Method::PATCH, &path, body, Some("*")).await;
            assert_eq!(status, 422, "{body}: {problem}");
            assert_eq!(problem["errors"][0]["field"].as_str(), Some(field), "{body}: {problem}");
        }
        for body in ["[]", "7", "{", "\u{0}", r#"{"version": "x"}"#, r#"{"leave_group": 1}"#] {
            assert_eq!(program.send(Method::PATCH, &path, body, Some("*")).await.0, 400, "{body}");
        }
        for body in [r#"{"until": "yesterday"}"#, r#"{"until": "2020-01-01T00:00:00Z"}"#, r#"{"reason": "x\u0000"}"#] {
            let status = program.send(Method::PUT, &format!("{path}/block"), body, None).await.0;
            assert_eq!(status, 422, "{body}");
        }
        assert_eq!(program.send(Method::PUT, &format!("{path}/block"), r#"{"state": 1}"#, None).await.0, 400);
        assert_eq!(program.get(&path).await.1, list["data"][0], "nothing changed");
        let auditor = Program::new(&app, "Auditor");
        for (method, path) in [(Method::PATCH, path.clone()), (Method::DELETE, path.clone()), (Method::PUT, format!("{path}/block"))] {
            assert_eq!(auditor.send(method, &path, "{}", Some("*")).await.0, 403);
        }
    }

    async fn what_is_out_of_scope_does_not_exist(db: TestDb) {
        let app = TestApp::start(db);
        let (sender, ids) = std::sync::mpsc::channel();
        app.write(move |tx| {
            let (north, south) = (insert_group(tx, "North"), insert_group(tx, "South"));
            for (name, group) in [("Asha", north), ("Chitra", south), ("Zoya", north)] {
                let login_id = format!("{}.test", name.to_lowercase());
                let id = insert_agent(tx, &NewAgent { name, login_id: &login_id, group: Some(group), ..NewAgent::default() });
                sender.send(id.to_string()).unwrap();
            }
            give_scope(tx, Person::Scoped.word(), north);
        });
        let hidden = ids.iter().nth(1).unwrap();
        // A person with a session asks the API by the rights of that person.
        let scoped = app.signed_in(Person::Scoped).await;
        let list: Value = scoped.get("/api/v1/agents").await.json().await.unwrap();
        assert_eq!((list["total"].as_u64(), list["data"].as_array().unwrap().len()), (Some(2), 2));
        assert_eq!(scoped.get(&format!("/api/v1/agents/{hidden}")).await.status(), 404);
        assert_eq!(scoped.get(&format!("/api/v1/agents?cursor={hidden}")).await.status(), 400, "her place in the order is hidden too");
    }
}

#[actix_web::test]
async fn every_address_of_the_api_is_described_and_nothing_else() {
    let document: Value = serde_json::from_str(rollcall::web::api::openapi::DOCUMENT).unwrap();
    let described: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            let methods = methods
                .filter(|key| ["get", "post", "put", "patch", "delete"].contains(&key.as_str()));
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let lines = routes::table();
    let api = lines.iter().filter(|line| line.path.starts_with("/api/"));
    let there: BTreeSet<String> = api
        .map(|line| format!("{} {}", line.method, line.path))
        .collect();
    assert_eq!(described, there);
}
