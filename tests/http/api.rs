//! The JSON API: what programs read and change, by the rights of their token.

use crate::support::TestDb;
use crate::support::app::{Person, TestApp};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use actix_web::http::Method;
use reqwest::Client;
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
        let request = self
            .client
            .get(format!("{}{path}", self.url))
            .bearer_auth(&self.token);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
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
    assert!(lines.iter().any(|line| line.method == Method::GET));
}
