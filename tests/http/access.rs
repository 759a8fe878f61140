//! Who may do what: every line of the routes table with every kind of person and program, on what is in their
//! scope and what is not, in every form of answer.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use crate::support::programs::token_of;
use reqwest::{Method, RequestBuilder, StatusCode};
use rollcall::web::middleware::access::Access;
use rollcall::web::routes::{self, Line};
use serde_json::Value;
use std::fmt::Write as _;
use std::sync::mpsc;

both_databases! {
    async fn every_route_lets_in_whom_the_table_says_and_nobody_else(db: TestDb) {
        let app = TestApp::start(db);
        let mut wrong = String::new();
        for person in Person::ALL {
            let browser = app.signed_in(person).await;
            // Signing out would end the session that the other lines need.
            for line in routes::table().into_iter().filter(|line| line.path != "/sign-out") {
                let answer = browser.request(method(&line), &example(line.path)).send().await.unwrap();
                let status = answer.status();
                let to_sign_in = answer.headers().get("location").is_some_and(|to| to.to_str().unwrap().starts_with("/sign-in"));
                let let_in = status != StatusCode::UNAUTHORIZED && status != StatusCode::FORBIDDEN && !to_sign_in;
                if let_in != may(person, &line) || status.is_server_error() {
                    writeln!(wrong, "{} {} as {person:?}: {status}", line.method, line.path).unwrap();
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }

    async fn every_token_is_let_in_as_its_role_is(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| _ = insert_group(tx, "North"));
        let mut wrong = String::new();
        for person in Person::ALL {
            let Some(token) = token_of(&app, person, 1) else { continue };
            let program = app.browser();
            for line in routes::table() {
                let request = program.request(method(&line), &example(line.path)).bearer_auth(&token);
                let status = request.send().await.unwrap().status();
                let let_in = status != StatusCode::UNAUTHORIZED && status != StatusCode::FORBIDDEN;
                // Pages are for people: a program gets as far as a person with its role, or not even there.
                let fits = match line.path.starts_with("/api/") {
                    true => let_in == may(person, &line),
                    false => !let_in || may(person, &line),
                };
                if !fits || status.is_server_error() {
                    writeln!(wrong, "{} {} with the token of {person:?}: {status}", line.method, line.path).unwrap();
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }

    async fn every_form_of_every_object_is_for_those_who_may_see_it(db: TestDb) {
        let app = TestApp::start(db);
        let (inside, outside) = two_groups(&app);
        let admin = app.signed_in(Person::Admin).await;
        let before = (hidden(&admin, inside).await, hidden(&admin, outside).await);
        let mut wrong = String::new();
        for person in Person::ALL {
            let browser = app.signed_in(person).await;
            let token = token_of(&app, person, inside.group);
            for line in routes::table().into_iter().filter(|line| matches!(object(line.path), Object::Scoped | Object::Shared)) {
                let may = may(person, &line);
                // What people with the right may do is done by the tests of each form.
                if may && line.method != "GET" {
                    continue;
                }
                for ids in [inside, outside] {
                    let path = ids.fill(line.path, ids);
                    let hidden = person == Person::Scoped && ids.group == outside.group && object(line.path) == Object::Scoped;
                    let program = token.as_ref().filter(|_| line.path.starts_with("/api/"));
                    for form in Form::ALL {
                        let mut asked = vec![form.of(browser.request(method(&line), &path))];
                        asked.extend(program.map(|token| form.of(app.browser().request(method(&line), &path)).bearer_auth(token)));
                        for request in asked {
                            let answer = request.send().await.unwrap();
                            let status = answer.status();
                            let to_sign_in = answer.headers().get("location").is_some_and(|to| to.to_str().unwrap().starts_with("/sign-in"));
                            let refused = status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN || to_sign_in;
                            let right = match (may, hidden, object(line.path)) {
                                (false, _, _) => refused,
                                // What makes no sense of anything tells nothing either.
                                (true, true, _) => status == StatusCode::NOT_FOUND || status == StatusCode::BAD_REQUEST,
                                // The first roles are built in, which nobody changes.
                                (true, false, Object::Shared) if line.path.starts_with("/roles/{id}/") => !to_sign_in,
                                // Of these there may be none with that number.
                                (true, false, Object::Shared) => !refused,
                                (true, false, _) => !refused && status != StatusCode::NOT_FOUND,
                            };
                            if !right || status.is_server_error() {
                                writeln!(wrong, "{} {path} {form:?} as {person:?}: {status}", line.method).unwrap();
                            }
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
        let after = (hidden(&admin, inside).await, hidden(&admin, outside).await);
        assert_eq!(after, before, "whoever was refused changed nothing");
    }

    async fn what_is_out_of_scope_looks_like_what_is_not_there(db: TestDb) {
        let app = TestApp::start(db);
        let (inside, outside) = two_groups(&app);
        let missing = Ids { agent: outside.agent + 1, group: 9 };
        let scoped = app.signed_in(Person::Scoped).await;
        let admin = app.signed_in(Person::Admin).await;
        let before = hidden(&admin, outside).await;
        let token = token_of(&app, Person::Scoped, inside.group).unwrap();
        let mut wrong = String::new();
        for line in routes::table().into_iter().filter(|line| object(line.path) == Object::Scoped && may(Person::Scoped, line)) {
            for form in Form::ALL {
                let ask = async |path: String, with_token: bool| {
                    let mut request = form.of(scoped.request(method(&line), &path));
                    if with_token {
                        request = form.of(app.browser().request(method(&line), &path)).bearer_auth(&token);
                    }
                    let answer = request.send().await.unwrap();
                    let status = answer.status();
                    // Ids of one length, so that what names the address weighs the same.
                    (status, answer.bytes().await.unwrap().len())
                };
                for with_token in [false, true] {
                    if with_token && !line.path.starts_with("/api/") {
                        continue;
                    }
                    let there = ask(outside.fill(line.path, outside), with_token).await;
                    let not = ask(missing.fill(line.path, missing), with_token).await;
                    if there != not || there.0.is_success() {
                        writeln!(wrong, "{} {} {form:?}: {there:?}, but {not:?} for nothing", line.method, line.path).unwrap();
                    }
                    // Her group, another's agent.
                    if line.path.contains("{agent}") {
                        let there = ask(inside.fill(line.path, outside), with_token).await;
                        let not = ask(inside.fill(line.path, missing), with_token).await;
                        if there != not {
                            writeln!(wrong, "{} {} {form:?}: {there:?}, but {not:?} for nobody", line.method, line.path).unwrap();
                        }
                    }
                    if line.method == "GET" {
                        let own = ask(inside.fill(line.path, inside), with_token).await.0;
                        if own == StatusCode::NOT_FOUND || own == StatusCode::FORBIDDEN || own.is_server_error() {
                            writeln!(wrong, "{} {} {form:?}: her own is {own}", line.method, line.path).unwrap();
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
        assert_eq!(hidden(&admin, outside).await, before, "nothing of it was changed");
    }
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Object {
    /// Nothing in particular.
    None,
    /// Agents, users and their groups: only those in scope.
    Scoped,
    /// For everyone who has the right.
    Shared,
    /// Only what the asker made or is.
    Own,
}

/// Every address with something in braces is one of these; a new one needs its line.
fn object(path: &str) -> Object {
    let page = path.strip_prefix("/api/v1").unwrap_or(path);
    let begins = |with: &[&str]| with.iter().any(|begin| page.starts_with(begin));
    if !path.contains('{') {
        Object::None
    } else if begins(&["/agents/{id}", "/agent-groups/{id}", "/users/{id}"]) {
        Object::Scoped
    } else if begins(&[
        "/departments/{id}",
        "/ivrs/{id}",
        "/caller-ids/{id}",
        "/time-groups/{id}",
        "/roles/{id}",
        "/tokens/{id}",
        "/settings/tokens/{id}",
        "/static/{name}",
    ]) {
        Object::Shared
    } else if begins(&["/operations/{operation}", "/account/sessions/{id}"]) {
        Object::Own
    } else {
        panic!("{path}: say who may know of what it is about")
    }
}

#[test]
fn every_line_says_what_it_is_about() {
    for line in routes::table() {
        object(line.path);
    }
}

/// How an answer is asked for.
#[derive(Clone, Copy, Debug)]
enum Form {
    Page,
    Part,
    Json,
}

impl Form {
    const ALL: [Self; 3] = [Self::Page, Self::Part, Self::Json];

    fn of(self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Page => request.header("accept", "text/html"),
            Self::Part => request
                .header("hx-request", "true")
                .header("hx-request-type", "partial"),
            Self::Json => request.header("accept", "application/json"),
        }
    }
}

/// Keys of an agent and of the group that the agent is in.
#[derive(Clone, Copy, Debug)]
struct Ids {
    agent: i64,
    group: i64,
}

impl Ids {
    /// The address of this group, or of this agent; `other` is the agent where there are both.
    fn fill(self, path: &str, other: Self) -> String {
        let agents = path.contains("/agents/{id}");
        let users = path.contains("/users/{id}");
        let id = match (agents, users) {
            (true, _) => agent_id(self.agent),
            (_, true) => self.agent.to_string(),
            (false, false) => self.group.to_string(),
        };
        path.replace("{id}", &id)
            .replace("{agent}", &agent_id(other.agent))
    }
}

fn agent_id(key: i64) -> String {
    format!("0{}", 10_000 + key)
}

/// An agent in the group of the scoped supervisor, and one in another.
fn two_groups(app: &TestApp) -> (Ids, Ids) {
    let (told, ids) = mpsc::channel();
    app.write(move |tx| {
        for (name, login_id) in [
            ("Asha North", "asha.north"),
            ("Chitra South", "chitra.south"),
        ] {
            let group = insert_group(tx, name);
            let new = NewAgent {
                name,
                login_id,
                group: Some(group),
                ..NewAgent::default()
            };
            let agent = insert_agent(tx, &new).user().0;
            told.send(Ids { agent, group }).unwrap();
        }
        give_scope(tx, Person::Scoped.word(), 1);
    });
    let (inside, outside) = (ids.recv().unwrap(), ids.recv().unwrap());
    assert_eq!(inside.group, 1, "the first group of a new install");
    (inside, outside)
}

/// All that programs see of an agent and a group.
async fn hidden(admin: &Browser, ids: Ids) -> (Value, Value) {
    let read = async |path: String| admin.get(&path).await.json::<Value>().await.unwrap();
    let agent = format!("/api/v1/agents/{}", agent_id(ids.agent));
    let group = format!("/api/v1/agent-groups/{}", ids.group);
    (read(agent).await, read(group).await)
}

/// The table as people read it, so that a new route or another right shows in review.
#[test]
fn the_table_of_rights() {
    let mut shown = String::new();
    for line in routes::table() {
        let people = Person::ALL
            .into_iter()
            .filter(|person| may(*person, &line))
            .map(Person::word);
        let people = people.collect::<Vec<_>>().join(" ");
        writeln!(
            shown,
            "{:<6} {:<32} {people}",
            line.method.as_str(),
            line.path
        )
        .unwrap();
    }
    insta::assert_snapshot!(shown);
}

fn may(person: Person, line: &Line) -> bool {
    match line.access {
        // Tests come from this machine.
        Access::Public | Access::Local(_) => true,
        Access::SignedIn => person != Person::Anonymous,
        Access::Needs(right) | Access::Stream(right) => person.permissions().contains(right),
        Access::NeedsAll(right) => person != Person::Scoped && person.permissions().contains(right),
    }
}

fn method(line: &Line) -> Method {
    line.method.as_str().parse().unwrap()
}

/// The path with something in place of each name in braces.
fn example(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        if part.starts_with('{') {
            "010001"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}
