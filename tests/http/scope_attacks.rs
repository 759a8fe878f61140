//! A supervisor of one group tries to read, count, infer and change what is in another: with her browser and with
//! a program's token, by every address that takes more than the number of a record.

use super::scope::{open_offices, unknown};
use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::calls::{Known, at};
use crate::support::people::{NewAgent, insert_agent};
use crate::support::programs::token_of;
use diesel::prelude::*;
use reqwest::{Method, RequestBuilder};
use rollcall::domain::audit::Entry;
use rollcall::domain::ids::{AgentId, DepartmentId};
use rollcall::domain::role::Permission;
use rollcall::domain::time::MINUTE;
use rollcall::store::schema::{agent_group_members, agent_groups, agents, users};
use rollcall::store::{RecordKind, Tx, ledger};
use rollcall::web::middleware::access::Access;
use rollcall::web::routes;
use serde_json::Value;
use std::collections::BTreeMap;

/// Agents of `open_offices`, behind the five people who sign in.
const ASHA: i64 = 6;
const BELA: i64 = 7;
const CHITRA: i64 = 8;
const NORTH: i64 = 1;
const SOUTH: i64 = 2;

both_databases! {
    async fn nothing_done_elsewhere_shows_anywhere(db: TestDb) {
        let app = TestApp::start(db);
        open_offices(&app).await;
        let scoped = app.signed_in(Person::Scoped).await;
        let token = token_of(&app, Person::Scoped, NORTH).unwrap();
        let everyone = app.signed_in(Person::Supervisor).await;
        let (before, seen) = (everything(&app, &scoped, &token).await, everything(&app, &everyone, "").await);
        assert!(before.len() > 100, "{}", before.len());
        for (what, answer) in &before {
            unknown(answer, what);
        }
        app.write(elsewhere);
        let after = everything(&app, &scoped, &token).await;
        let told: Vec<&str> = before.iter().filter(|(what, answer)| after[*what] != **answer).map(|(what, _)| what.as_str()).collect();
        if let Some(first) = told.first() {
            let (was, is) = (&before[*first], &after[*first]);
            let gone = was.lines().filter(|line| !is.lines().any(|other| other == *line));
            let new = is.lines().filter(|line| !was.lines().any(|other| other == *line));
            panic!("{told:#?}\n- {}\n+ {}", gone.collect::<Vec<_>>().join("\n- "), new.collect::<Vec<_>>().join("\n+ "));
        }
        let now = everything(&app, &everyone, "").await;
        assert!(now.iter().filter(|(what, answer)| seen[*what] != **answer).count() > 20, "others see it");
    }

    async fn nothing_elsewhere_is_written(db: TestDb) {
        let app = TestApp::start(db);
        open_offices(&app).await;
        let supervisor = app.signed_in(Person::Supervisor).await;
        let scoped = app.signed_in(Person::Scoped).await;
        let token = token_of(&app, Person::Scoped, NORTH).unwrap();
        assert_eq!((name_of(&supervisor, ASHA).await, name_of(&supervisor, CHITRA).await), ("Asha North".to_owned(), "Chitra South".to_owned()));
        // Something to take back that is none of her business.
        let done = supervisor.request(Method::PUT, &format!("/api/v1/agents/{}/block", agent(CHITRA))).header("content-type", "application/json").body("{}").send().await.unwrap();
        assert_eq!(done.status(), 200);
        let operation = operation_of(&app, CHITRA);
        let before = south(&supervisor).await;
        let (asha, chitra) = (agent(ASHA), agent(CHITRA));
        let role = role_of(&app, Person::Supervisor);
        let forms: Vec<(String, Vec<(&str, String)>)> = vec![
            ("/agents/bulk".into(), vec![("agent", chitra.clone()), ("act", "disable".into()), ("confirm", "yes".into())]),
            ("/agents/bulk".into(), vec![("agent", chitra.clone()), ("act", "delete".into()), ("confirm", "yes".into())]),
            ("/agents/bulk".into(), vec![("agent", chitra.clone()), ("act", "add_to_group".into()), ("group", NORTH.to_string()), ("confirm", "yes".into())]),
            ("/agents/bulk".into(), vec![("all", "yes".into()), ("filter", format!("group={SOUTH}")), ("act", "disable".into())]),
            ("/agents/bulk".into(), vec![("all", "yes".into()), ("filter", "q=Chitra".into()), ("act", "disable".into())]),
            (format!("/agent-groups/{NORTH}/agents"), vec![("add", chitra.clone()), ("agent", chitra.clone())]),
            (format!("/agent-groups/{NORTH}/agents/preview"), vec![("add", chitra.clone()), ("agent", chitra.clone())]),
            (format!("/operations/{operation}/undo"), vec![]),
            (format!("/agents/{asha}"), vec![("version", "1".into()), ("agent_groups", SOUTH.to_string())]),
            (format!("/users/{ASHA}"), vec![("version", "2".into()), ("opened", "0".into()), ("was", "{}".into()), ("scope_groups", SOUTH.to_string()), ("role", role.clone())]),
            ("/users".into(), vec![("step", "3".into()), ("name", "Hers".into()), ("username", "hers.alone".into()), ("calling_agent", "yes".into()), ("agent_groups", SOUTH.to_string()), ("web_login", "none".into())]),
        ];
        for (path, form) in forms {
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = scoped.post(&path, &form).await;
            let (status, told) = (answer.status().as_u16(), answer.text().await.unwrap());
            assert!((400..500).contains(&status) || !told.contains("confirm"), "{path} {form:?}: {status}\n{told}");
            unknown(&told.replace("q=Chitra", ""), &path);
            assert_eq!(south(&supervisor).await, before, "{path} {form:?}: {status}");
        }
        let programs: Vec<(Method, String, String)> = vec![
            (Method::PUT, format!("/api/v1/agent-groups/{NORTH}/agents/{chitra}"), String::new()),
            (Method::PUT, format!("/api/v1/agent-groups/{SOUTH}/agents/{asha}"), String::new()),
            (Method::DELETE, format!("/api/v1/agent-groups/{SOUTH}/agents/{}", agent(BELA)), String::new()),
            (Method::PATCH, format!("/api/v1/agents/{asha}"), format!("{{\"agent_groups\": [{SOUTH}]}}")),
            (Method::PATCH, format!("/api/v1/agents/{asha}"), format!("{{\"agent_groups\": [{NORTH}, {SOUTH}]}}")),
            (Method::PATCH, format!("/api/v1/agents/{asha}"), "{\"id\": 8, \"name\": \"Mine\"}".into()),
            (Method::PATCH, format!("/api/v1/agents/{asha}"), "{\"version\": 99, \"admin_state\": \"enabled\"}".into()),
            (Method::PATCH, format!("/api/v1/users/{ASHA}"), format!("{{\"scope_groups\": [{SOUTH}], \"role\": {role}}}")),
            (Method::PATCH, format!("/api/v1/users/{ASHA}"), format!("{{\"role\": {role}, \"scope_groups\": []}}")),
            (Method::PATCH, format!("/api/v1/users/{ASHA}"), "{\"password_hash\": \"x\", \"deleted_at\": 1}".into()),
            (Method::PATCH, format!("/api/v1/users/{CHITRA}"), "{\"name\": \"Mine\"}".into()),
            (Method::DELETE, format!("/api/v1/users/{CHITRA}"), String::new()),
            (Method::POST, "/api/v1/users".into(), format!("{{\"name\": \"Sly\", \"username\": \"sly.person\", \"calling_agent\": true, \"agent_groups\": [{SOUTH}]}}")),
            (Method::POST, "/api/v1/users".into(), format!("{{\"name\": \"Sly\", \"username\": \"sly.person\", \"calling_agent\": true, \"agent_groups\": [{NORTH}], \"role\": {role}, \"scope_groups\": [{SOUTH}]}}")),
        ];
        for (method, path, body) in programs {
            for by_token in [false, true] {
                let browser = if by_token { app.browser() } else { scoped.clone() };
                let mut request = browser.request(method.clone(), &path).header("content-type", "application/json").header("if-match", "*").body(body.clone());
                if by_token {
                    request = request.bearer_auth(&token);
                }
                let (status, told) = answer(request).await;
                assert!((400..500).contains(&status), "{method} {path} {body}: {status} {told}");
                unknown(&told, &path);
            }
            assert_eq!(south(&supervisor).await, before, "{method} {path} {body}");
        }
        assert_eq!(name_of(&supervisor, ASHA).await, "Asha North");
    }

    async fn whoever_deletes_her_only_group_sees_nobody_and_not_everyone(db: TestDb) {
        let app = TestApp::start(db);
        open_offices(&app).await;
        let scoped = app.signed_in(Person::Scoped).await;
        let token = token_of(&app, Person::Scoped, NORTH).unwrap();
        let gone = scoped.request(Method::DELETE, &format!("/api/v1/agent-groups/{NORTH}")).header("if-match", "*");
        assert_eq!(answer(gone).await.0, 204);
        let mine = answer(scoped.request(Method::GET, "/api/v1/agents")).await;
        let its = answer(app.browser().request(Method::GET, "/api/v1/agents").bearer_auth(&token)).await;
        for (status, told) in [mine, its] {
            assert!(status == 200 && told.contains("\"total\":0") && !told.contains("Chitra"), "{status} {told}");
        }
    }

    async fn a_version_tells_nothing_of_what_is_elsewhere(db: TestDb) {
        let app = TestApp::start(db);
        open_offices(&app).await;
        let token = token_of(&app, Person::Scoped, NORTH).unwrap();
        let ask = async |method: &Method, path: &str, version: Option<&str>| {
            let request = app.browser().request(method.clone(), path).bearer_auth(&token);
            let request = match version {
                Some(version) => request.header("if-match", version),
                None => request,
            };
            let body = if *method == Method::DELETE { "" } else { "{}" };
            answer(request.header("content-type", "application/json").body(body)).await
        };
        let addresses = [
            (Method::PATCH, "/api/v1/agents/{agent}"),
            (Method::DELETE, "/api/v1/agents/{agent}"),
            (Method::PUT, "/api/v1/agents/{agent}/block"),
            (Method::PUT, "/api/v1/agents/{agent}/disable"),
            (Method::DELETE, "/api/v1/agents/{agent}/block"),
            (Method::PATCH, "/api/v1/users/{user}"),
            (Method::DELETE, "/api/v1/users/{user}"),
            (Method::PUT, "/api/v1/users/{user}/web-login/block"),
            (Method::DELETE, "/api/v1/users/{user}/web-login/block"),
            (Method::PATCH, "/api/v1/agent-groups/{group}"),
            (Method::DELETE, "/api/v1/agent-groups/{group}"),
            (Method::PUT, "/api/v1/agent-groups/{group}/agents/{agent}"),
        ];
        for (method, address) in addresses {
            for (person, group) in [(CHITRA, SOUTH), (9_999, 9_999)] {
                let path = address.replace("{agent}", &agent(person)).replace("{user}", &person.to_string()).replace("{group}", &group.to_string());
                for version in [None, Some("*"), Some("\"1\""), Some("\"2\""), Some("\"9\"")] {
                    let (status, told) = ask(&method, &path, version).await;
                    assert_eq!(status, 404, "{method} {path} {version:?}: {told}");
                }
            }
        }
        // A new group is hers, as one that is made in the browser.
        let made = app.browser().request(Method::POST, "/api/v1/agent-groups").bearer_auth(&token).header("content-type", "application/json");
        let (status, told) = answer(made.body("{\"name\": \"Late\"}")).await;
        assert_eq!(status, 201, "{told}");
        let (status, told) = answer(app.browser().request(Method::GET, "/api/v1/agent-groups").bearer_auth(&token)).await;
        assert!(status == 200 && told.contains("Late"), "{told}");
        // Leaving the last of her groups is asked for by a field, since programs have no box to tick.
        for path in [format!("/api/v1/agents/{}", agent(ASHA)), format!("/api/v1/users/{ASHA}")] {
            let leave = app.browser().request(Method::PATCH, &path).bearer_auth(&token).header("if-match", "*").header("content-type", "application/json");
            let (status, told) = answer(leave.body("{\"agent_groups\": []}")).await;
            assert!(status == 422 && told.contains("leave_group") && !told.contains("Tick"), "{path}: {told}");
        }
        // What is hers has a version that counts.
        let asha = format!("/api/v1/agents/{}/block", agent(ASHA));
        assert_eq!(ask(&Method::PUT, &asha, Some("\"99\"")).await.0, 409);
        assert_eq!(ask(&Method::DELETE, &format!("/api/v1/agents/{}", agent(ASHA)), None).await.0, 428);
    }

    async fn all_that_match_are_hers_and_a_stale_form_names_nothing_else(db: TestDb) {
        let app = TestApp::start(db);
        open_offices(&app).await;
        let supervisor = app.signed_in(Person::Supervisor).await;
        let scoped = app.signed_in(Person::Scoped).await;
        let before = south(&supervisor).await;
        let asked = text(scoped.post("/agents/bulk", &[("all", "yes"), ("filter", ""), ("act", "disable")]).await, 200).await;
        assert!(asked.contains("2 agents"), "{asked}");
        unknown(&asked, "the question");
        let selection = asked.split_once("name=\"selection\" value=\"").unwrap().1.split_once('"').unwrap().0;
        let sure = [("selection", selection), ("act", "disable"), ("confirm", "yes")];
        assert_eq!(scoped.post("/agents/bulk", &sure).await.status(), 303);
        let list = text(scoped.get("/agents").await, 200).await;
        assert!(list.contains("2 agents are disabled"), "{list}");
        let (now, was) = (south(&supervisor).await, before);
        assert_eq!(now.1, was.1, "Chitra is as she was");
        // Others changed the same agent, also in a group that she can't know of: the bar tells only what is hers.
        let bela = agent(BELA);
        let version = version_of(&scoped, &bela).await;
        let theirs = format!("{{\"name\": \"Bela Rao\", \"agent_groups\": [{NORTH}]}}");
        let (status, told) = answer(supervisor.request(Method::PATCH, &format!("/api/v1/agents/{bela}")).header("if-match", "*").header("content-type", "application/json").body(theirs)).await;
        assert_eq!(status, 200, "{told}");
        let was = "{\"name\": \"Bela North\"}";
        let typed = [("version", version.as_str()), ("opened", "1795000000000000"), ("was", was), ("name", "Bela Mine")];
        for path in [format!("/agents/{bela}"), format!("/users/{BELA}")] {
            let answer = scoped.post(&path, &typed).await;
            let told = answer.text().await.unwrap();
            unknown(&told, &path);
        }
        let (status, told) = answer(scoped.request(Method::PATCH, &format!("/api/v1/agents/{bela}")).header("if-match", format!("\"{version}\"")).header("content-type", "application/json").body("{\"name\": \"Bela Mine\"}")).await;
        assert!((400..500).contains(&status), "{told}");
        unknown(&told, "the API's conflict");
        for path in [format!("/agents/{bela}"), format!("/users/{BELA}")] {
            let page = text(scoped.get(&path).await, 200).await;
            assert!(page.contains("Bela Rao"), "{page}");
            unknown(&page, &path);
        }
    }
}

/// Every answer that is not about to be changed: all addresses with their own objects, in every form, some with
/// queries; without what is new in each answer.
async fn everything(app: &TestApp, browser: &Browser, token: &str) -> BTreeMap<String, String> {
    let mut paths: Vec<String> = Vec::new();
    for line in routes::table() {
        let scoped = ["/agents/{id}", "/users/{id}", "/agent-groups/{id}"];
        let about = line.path.strip_prefix("/api/v1").unwrap_or(line.path);
        let known = !line.path.contains('{') || scoped.iter().any(|begin| about.starts_with(begin));
        let may = match line.access {
            // Names, intercoms and statuses of everyone, whatever the groups: a right of its own.
            Access::Needs(Permission::Directory) => false,
            Access::Needs(right) => Person::Scoped.permissions().contains(right),
            Access::SignedIn => true,
            Access::Public | Access::Local(_) | Access::Stream(_) | Access::NeedsAll(_) => false,
        };
        // Packed files are the same rows as the plain ones; a second factor is proposed anew each time.
        let other = line.path.ends_with(".xlsx") || line.path == "/account/factor";
        if line.method != "GET" || !known || !may || other {
            continue;
        }
        for key in [ASHA, BELA] {
            let id = match about {
                about if about.starts_with("/agents/") => agent(key),
                about if about.starts_with("/agent-groups/") => NORTH.to_string(),
                _ => key.to_string(),
            };
            let path = line
                .path
                .replace("{id}", &id)
                .replace("{agent}", &agent(key));
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    for query in [
        "days=30",
        "q=o&days=30",
        "group=1",
        "group=2",
        "status=blocked",
        "status=unknown&days=7",
        "attention=long",
        "page=2",
    ] {
        paths.push(format!("/agents?{query}"));
    }
    for column in [
        "name",
        "calls_answered",
        "missed",
        "agent_status",
        "departments",
    ] {
        for sign in ["", "-"] {
            paths.push(format!("/agents?days=30&sort={sign}{column}"));
            paths.push(format!(
                "/api/v1/agents?days=30&limit=1&sort={sign}{column}"
            ));
        }
    }
    for path in [
        "/agents/export.csv?days=30",
        "/agents/export.csv?days=7&by=day",
        "/calls?days=30",
        "/calls?days=30&department=1",
        "/calls?days=30&group=2",
        "/calls/export.csv?days=30",
        "/departments?days=30",
        "/departments/1?days=30",
        "/users?sort=-email",
        "/users?calling_agent=yes",
        "/api/v1/users?limit=1",
        "/api/v1/agent-groups",
    ] {
        paths.push(path.to_owned());
    }
    let mut told = BTreeMap::new();
    for path in paths {
        for part in [false, true] {
            let answer = match part {
                true => browser.get_part(&path).await,
                false => browser.get(&path).await,
            };
            let (status, body) = (answer.status(), answer.text().await.unwrap());
            told.insert(format!("{path} part: {part}"), kept(status.as_u16(), &body));
        }
        if path.starts_with("/api/") && !token.is_empty() {
            let (status, body) =
                self::answer(app.browser().request(Method::GET, &path).bearer_auth(token)).await;
            told.insert(format!("{path} by token"), kept(status, &body));
        }
    }
    told
}

/// An answer, to be compared; of a refusal only which, since it names its own request.
fn kept(status: u16, body: &str) -> String {
    match status {
        200 => format!("{status} {}", plain(body)),
        _ => status.to_string(),
    }
}

/// Without the names of forms and requests, which are new each time.
fn plain(body: &str) -> String {
    let (mut plain, mut run) = (String::with_capacity(body.len()), String::new());
    for letter in body.chars().chain(['\0']) {
        if letter.is_ascii_hexdigit() {
            run.push(letter);
            continue;
        }
        plain.push_str(if run.len() >= 16 { "#" } else { &run });
        run.clear();
        plain.push(letter);
    }
    plain
}

/// All kinds of things that happen in the other office.
fn elsewhere(tx: &mut Tx<'_>) {
    let new = NewAgent {
        name: "Devi South",
        login_id: "devi.south",
        email: Some("devi.south@example.com"),
        group: Some(SOUTH),
        department: Some(1),
        ..NewAgent::default()
    };
    let devi = insert_agent(tx, &new);
    let now = at(super::calls::NOW);
    let mut events = Vec::new();
    for number in 0..12 {
        let started = now.plus(-(number + 2) * 7 * MINUTE);
        let leg = Known::leg(&format!("south-{number}"), "1", devi, started)
            .in_department(DepartmentId(1));
        events.push(match number % 3 {
            0 => leg.ended(20).record(),
            _ => leg.answered(4).ended(300).record(),
        });
    }
    ledger::record(tx, &events).unwrap();
    diesel::update(agent_groups::table.find(SOUTH))
        .set(agent_groups::name.eq("Far South"))
        .execute(tx.conn)
        .unwrap();
    tx.touch(RecordKind::Group, SOUTH);
    diesel::update(agents::table.find(CHITRA))
        .set((
            agents::admin_state.eq("blocked"),
            agents::admin_reason.eq("South only"),
        ))
        .execute(tx.conn)
        .unwrap();
    diesel::update(users::table.find(CHITRA))
        .set((
            users::name.eq("Chitra South Rao"),
            users::web_login.eq("blocked"),
        ))
        .execute(tx.conn)
        .unwrap();
    tx.touch(RecordKind::User, CHITRA);
    let shared = agent_group_members::table.find((SOUTH, BELA));
    diesel::delete(shared).execute(tx.conn).unwrap();
    tx.touch(RecordKind::User, BELA);
    tx.audit(
        Entry::new("agent.block", "user", Some(CHITRA), "Chitra South")
            .after("admin_reason", "South only"),
    )
    .unwrap();
}

/// The other group and its agent, as those see them who see everyone.
async fn south(supervisor: &Browser) -> (Value, Value, Value) {
    let read = async |path: String| supervisor.get(&path).await.json::<Value>().await.unwrap();
    (
        read(format!("/api/v1/agent-groups/{SOUTH}")).await,
        read(format!("/api/v1/agents/{}", agent(CHITRA))).await,
        read(format!("/api/v1/users/{CHITRA}")).await,
    )
}

async fn name_of(browser: &Browser, key: i64) -> String {
    let found: Value = browser
        .get(&format!("/api/v1/agents/{}", agent(key)))
        .await
        .json()
        .await
        .unwrap();
    found["name"].as_str().unwrap().to_owned()
}

async fn version_of(browser: &Browser, agent: &str) -> String {
    let found: Value = browser
        .get(&format!("/api/v1/agents/{agent}"))
        .await
        .json()
        .await
        .unwrap();
    found["version"].to_string()
}

async fn answer(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn agent(key: i64) -> String {
    AgentId::of(rollcall::domain::ids::UserId(key)).to_string()
}

/// The last operation that was about an agent.
fn operation_of(app: &TestApp, key: i64) -> String {
    use rollcall::store::schema::audit_entries;
    let read = move |conn: &mut rollcall::store::Conn| {
        Ok(audit_entries::table
            .filter(audit_entries::subject_kind.eq("user"))
            .filter(audit_entries::subject_id.eq(key))
            .order(audit_entries::id.desc())
            .select(audit_entries::operation)
            .first(conn)?)
    };
    app.state.store.read(read).unwrap()
}

fn role_of(app: &TestApp, person: Person) -> String {
    let read = move |conn: &mut rollcall::store::Conn| {
        Ok(users::table
            .filter(users::login_id.eq(person.word()))
            .select(users::role_id)
            .first::<i64>(conn)?)
    };
    app.state.store.read(read).unwrap().to_string()
}
