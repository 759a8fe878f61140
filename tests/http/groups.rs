//! Agent groups over HTTP: pages without script, the picker, the API, who may and what is refused.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use reqwest::{Method, Response};
use rollcall::domain::ids::AgentId;
use serde_json::Value;
use std::sync::mpsc;

both_databases! {
    async fn a_group_is_made_filled_renamed_and_deleted_by_plain_forms(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let page = text(browser.get("/agent-groups/new").await, 200).await;
        let once = between(&page, "name=\"once\" value=\"", "\"");
        let form = [("name", "Night shift"), ("description", "22:00 to\r\n07:00"), ("once", &*once)];
        let made = browser.post("/agent-groups", &form).await;
        let path = location(&made);
        assert!(path.starts_with("/agent-groups/") && path.ends_with("/agents"), "{path}");
        assert_eq!(location(&browser.post("/agent-groups", &form).await), path, "sent twice it makes one");
        let page = text(browser.get(&path).await, 200).await;
        assert!(page.contains("Night shift is added.") && page.contains("Asha") && page.contains("3 match"), "{page}");
        let saved = pick(&page, &[&office.asha, &office.ben]).post(&browser, &path, &[("do", "save")]).await;
        let list = location(&saved);
        assert!(list.starts_with("/agents?group="), "{list}");
        let page = text(browser.get(&list).await, 200).await;
        assert!(page.contains("Night shift: 2 agents joined.") && page.contains("2 of 3") && !page.contains("Chitra"), "{page}");
        assert!(page.contains("href=\"/agent-groups\""), "the way to the groups");
        let group = path.trim_end_matches("/agents").to_owned();
        assert_eq!(location(&browser.get(&group).await), list);
        let groups = text(browser.get("/agent-groups?q=22%3A00+TO").await, 200).await;
        assert!(groups.contains("Night shift") && groups.contains("1 of 2") && groups.contains("22:00 to 07:00"), "{groups}");
        let edit = text(browser.get(&format!("{group}/edit")).await, 200).await;
        let version = between(&edit, "name=\"version\" value=\"", "\"");
        let renamed = browser.post(&group, &[("name", "Late shift"), ("description", ""), ("version", &*version), ("was_name", "Night shift"), ("was_description", "22:00 to 07:00")]).await;
        assert_eq!(location(&renamed), "/agent-groups");
        let page = text(browser.get(&format!("{group}/delete")).await, 200).await;
        assert!(page.contains("2 agents") && page.contains("leave the group") && page.contains("in no other group"), "{page}");
        let version = between(&page, "name=\"version\" value=\"", "\"");
        let gone = browser.post(&format!("{group}?_method=DELETE"), &[("version", &*version)]).await;
        assert_eq!(gone.status(), 303);
        let page = text(browser.get("/agent-groups").await, 200).await;
        assert!(page.contains("Late shift is deleted. 2 agents left the group.") && !page.contains(&format!("href=\"{group}\"")), "{page}");
        assert_eq!(browser.get(&group).await.status(), 404);
        assert!(text(browser.get("/agents").await, 200).await.contains("3 of 3"), "agents stay");
        let undo = between(&page, "action=\"/operations/", "/undo\"");
        browser.post(&format!("/operations/{undo}/undo"), &[("back", "/agent-groups")]).await;
        assert!(text(browser.get(&list).await, 200).await.contains("2 of 3"), "the agents are back in it");
    }

    async fn what_is_picked_comes_along_from_page_to_page_until_it_is_saved(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let path = format!("/agent-groups/{}/agents", office.south);
        let page = text(browser.get(&path).await, 200).await;
        let found = pick(&page, &[&office.asha, &office.chitra]).post(&browser, &path, &[("do", "find"), ("q", "Chitra")]).await;
        let second = location(&found);
        assert!(second.contains("q=Chitra") && second.contains("draft="), "{second}");
        let page = text(browser.get(&second).await, 200).await;
        assert!(page.contains("1 match") && page.contains("1 agent joins") && page.contains("Don’t add Asha"), "{page}");
        // All that match join, and Chitra is one of them already.
        let all = pick(&page, &[&office.chitra]).post(&browser, &path, &[("do", "remove_all"), ("q", "Chitra")]).await;
        let page = text(browser.get(&location(&all)).await, 200).await;
        assert!(page.contains("1 agent joins") && page.contains("1 agent leaves") && page.contains("is in no other group"), "{page}");
        assert!(text(browser.get(&format!("/agents?group={}", office.south)).await, 200).await.contains("1 of 3"), "nothing is saved yet");
        let part = text(pick(&page, &[&office.chitra]).post(&browser, &format!("{path}/preview"), &[]).await, 200).await;
        assert!(part.trim_start().starts_with("<section") && !part.contains("leaves"), "what is ticked now: {part}");
        let other = app.signed_in(Person::Admin).await;
        assert_eq!(other.get(&location(&all)).await.status(), 422, "a draft is its maker's");
        let saved = pick(&page, &[]).post(&browser, &path, &[("do", "save")]).await;
        assert_eq!(saved.status(), 303);
        let list = text(browser.get(&format!("/agents?group={}", office.south)).await, 200).await;
        assert!(list.contains("Asha") && !list.contains("Chitra") && list.contains("1 agent joined, 1 left"), "{list}");
    }

    async fn two_people_pick_at_once_nothing_is_lost_and_the_clash_is_shown(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let (one, two) = (app.signed_in(Person::Supervisor).await, app.signed_in(Person::Admin).await);
        let path = format!("/agent-groups/{}/agents", office.south);
        let (first, second) = (text(one.get(&path).await, 200).await, text(two.get(&path).await, 200).await);
        app.clock.advance(1_000_000);
        assert_eq!(pick(&first, &[&office.asha, &office.chitra]).post(&one, &path, &[("do", "save")]).await.status(), 303);
        assert_eq!(pick(&second, &[&office.ben, &office.chitra]).post(&two, &path, &[("do", "save")]).await.status(), 303);
        let list = text(one.get(&format!("/agents?group={}", office.south)).await, 200).await;
        assert!(list.contains("3 of 3"), "both changes stand\n{list}");
        // Both decide on Asha: out and in again, and out.
        let looked = text(two.get(&path).await, 200).await;
        app.clock.advance(1_000_000);
        for ticked in [vec![&*office.ben, &*office.chitra], vec![&*office.asha, &*office.ben, &*office.chitra]] {
            let page = text(one.get(&path).await, 200).await;
            app.clock.advance(1_000_000);
            assert_eq!(pick(&page, &ticked).post(&one, &path, &[("do", "save")]).await.status(), 303);
        }
        let clash = text(pick(&looked, &[&office.ben, &office.chitra]).post(&two, &path, &[("do", "save")]).await, 409).await;
        assert!(clash.contains("supervisor") && clash.contains("put <bdi>Asha</bdi> in at") && clash.contains("name=\"mine\""), "{clash}");
        let theirs = pick(&clash, &[&office.ben, &office.chitra]).post(&two, &path, &[("do", "save"), ("asked", &*office.asha)]).await;
        assert_eq!(theirs.status(), 303);
        let list = text(one.get(&format!("/agents?group={}", office.south)).await, 200).await;
        assert!(list.contains("3 of 3"), "theirs was kept");
        let mine = pick(&clash, &[&office.ben, &office.chitra]).post(&two, &path, &[("do", "save"), ("asked", &*office.asha), ("mine", &*office.asha)]).await;
        assert_eq!(mine.status(), 303);
        let list = text(one.get(&format!("/agents?group={}", office.south)).await, 200).await;
        assert!(list.contains("2 of 3"), "or mine");
    }

    async fn what_is_wrong_stands_at_its_field_and_changes_nothing(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        for (name, why) in [("", "is missing"), ("sOuTh", "already in use"), (&*"x".repeat(65), "the most is 64"), ("a\u{202e}b", "never end it"), ("a\u{0}b", "cannot be seen")] {
            let page = text(browser.post("/agent-groups", &[("name", name), ("description", "<b>kept</b>")]).await, 422).await;
            assert!(page.contains(why) && page.contains("id=\"name-err\"") && page.contains("aria-invalid"), "{name:?}\n{page}");
            assert!(page.contains("&#60;b&#62;kept&#60;/b&#62;"), "what was typed is kept, and safe");
        }
        let path = format!("/agent-groups/{}", office.south);
        assert_eq!(browser.post(&path, &[("name", "X")]).await.status(), 428);
        assert_eq!(browser.post(&path, &[("name", "X"), ("version", "1"), ("role", "1")]).await.status(), 400);
        for query in ["sort=wage", "per=7", "page=0", "q=a&q=b", "colour=red", "q=%ff"] {
            let page = text(browser.get(&format!("/agent-groups?{query}")).await, 400).await;
            assert!(page.contains("makes no sense") && !page.contains("<tr id=\"group-"), "{query}");
        }
        for query in ["status=x", "show=some", "draft=a&draft=b"] {
            assert_eq!(browser.get(&format!("{path}/agents?{query}")).await.status(), 400, "{query}");
        }
        assert_eq!(browser.get(&format!("{path}/agents?draft=nonsense")).await.status(), 422);
        for form in [vec![("do", "explode")], vec![("agent", "x")], vec![("to", "-1")], vec![("in", "1,2")], vec![("role", "1")]] {
            let form: Vec<_> = form.into_iter().chain([("version", "1"), ("opened", "1")]).collect();
            assert_eq!(browser.post(&format!("{path}/agents"), &form).await.status(), 400, "{form:?}");
        }
        for wrong in ["0", "x", "-1", "99999", "%00"] {
            for page in ["", "/edit", "/agents", "/delete"] {
                assert_eq!(browser.get(&format!("/agent-groups/{wrong}{page}")).await.status(), 404, "{wrong}{page}");
            }
        }
        assert!(text(browser.get("/agent-groups").await, 200).await.contains("1 of 1"));
    }

    async fn the_same_field_changed_by_two_is_a_409_with_both(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let path = format!("/agent-groups/{}", office.south);
        let form = |name: &'static str, description: &'static str| vec![("name", name), ("description", description), ("version", "1"), ("was_name", "South"), ("was_description", "")];
        assert_eq!(browser.post(&path, &form("Theirs", "")).await.status(), 303);
        let page = text(browser.post(&path, &form("Mine", "")).await, 409).await;
        assert!(page.contains("Keep <bdi>Theirs</bdi>") && page.contains("Use <bdi>Mine</bdi>") && page.contains("value=\"Mine\""), "{page}");
        assert_eq!(browser.post(&path, &form("South", "Other field")).await.status(), 303, "it merges");
        let list = text(browser.get("/agent-groups").await, 200).await;
        assert!(list.contains("Theirs") && list.contains("Other field"), "{list}");
    }

    async fn groups_out_of_scope_do_not_exist(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        app.write(|tx| { let north = insert_group(tx, "North"); give_scope(tx, Person::Scoped.word(), north); });
        let scoped = app.signed_in(Person::Scoped).await;
        let list = text(scoped.get("/agent-groups").await, 200).await;
        assert!(list.contains("North") && !list.contains("South") && list.contains("1 of 1"), "{list}");
        let path = format!("/agent-groups/{}", office.south);
        for page in ["", "/edit", "/agents", "/delete"] {
            assert_eq!(scoped.get(&format!("{path}{page}")).await.status(), 404, "{page}");
        }
        assert_eq!(scoped.post(&format!("{path}?_method=DELETE"), &[]).await.status(), 404);
        assert_eq!(scoped.post(&format!("{path}/agents"), &[("version", "1"), ("opened", "1"), ("do", "save")]).await.status(), 404);
        let made = scoped.post("/agent-groups", &[("name", "My own")]).await;
        let agents = location(&made);
        let page = text(scoped.get(&agents).await, 200).await;
        assert!(page.contains("0 match") && !page.contains("Chitra"), "a group of hers, and nobody beyond her sight\n{page}");
        let taken = text(scoped.post("/agent-groups", &[("name", "south")]).await, 422).await;
        assert!(taken.contains("already in use") && !taken.contains("South<"), "{taken}");
        let auditor = text(app.signed_in(Person::Auditor).await.get("/agent-groups").await, 200).await;
        assert!(auditor.contains("South") && !auditor.contains("/edit") && !auditor.contains("add-group"), "nothing offered that would be refused");
    }

    async fn many_agents_are_put_into_groups_from_the_list(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let ticked = [("agent", &*office.asha), ("agent", &*office.ben), ("act", "join_groups")];
        let page = text(browser.post("/agents/bulk", &ticked).await, 200).await;
        assert!(page.contains("id=\"act-join_groups\" name=\"act\" value=\"join_groups\" checked") && page.contains("South"), "{page}");
        let nothing: Vec<_> = ticked.into_iter().chain([("confirm", "yes")]).collect();
        assert!(text(browser.post("/agents/bulk", &nothing).await, 422).await.contains("Choose at least one group."));
        let gone: Vec<_> = nothing.iter().copied().chain([("groups", "999")]).collect();
        assert!(text(browser.post("/agents/bulk", &gone).await, 422).await.contains("not there any more"));
        let south = office.south.to_string();
        let done: Vec<_> = nothing.iter().copied().chain([("groups", &*south)]).collect();
        assert_eq!(browser.post("/agents/bulk", &done).await.status(), 303);
        let list = text(browser.get(&format!("/agents?group={south}")).await, 200).await;
        assert!(list.contains("2 agents are in South now.") && list.contains("3 of 3"), "{list}");
        let undo = between(&list, "action=\"/operations/", "/undo\"");
        browser.post(&format!("/operations/{undo}/undo"), &[]).await;
        assert!(text(browser.get(&format!("/agents?group={south}")).await, 200).await.contains("1 of 3"));
        let one = browser.post(&format!("/agents/{}/acts", office.chitra), &[("act", "leave_groups"), ("groups", &*south)]).await;
        assert_eq!(one.status(), 303);
        assert!(text(browser.get("/agents").await, 200).await.contains("Chitra is not in South any more."));
    }

    async fn programs_make_change_fill_and_delete_groups(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let send = |method: Method, path: String, body: Value, tag: Option<&'static str>| {
            let mut request = browser.request(method, &path).json(&body);
            if let Some(tag) = tag { request = request.header("If-Match", tag); }
            async move {
                let answer = request.send().await.unwrap();
                let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
                (status, serde_json::from_str::<Value>(&text).unwrap_or_default())
            }
        };
        let api = || "/api/v1/agent-groups".to_owned();
        let (status, group) = send(Method::POST, api(), serde_json::json!({ "name": "Night shift" }), None).await;
        assert_eq!((status, &group["members"], &group["version"]), (201, &0.into(), &1.into()), "{group}");
        let path = format!("{}/{}", api(), group["id"]);
        let agent = format!("{path}/agents/{}", office.asha);
        assert_eq!(send(Method::PUT, agent.clone(), Value::Null, None).await.0, 204);
        assert_eq!(send(Method::PUT, agent.clone(), Value::Null, None).await.0, 204, "repeated");
        let (_, now) = send(Method::GET, path.clone(), Value::Null, None).await;
        assert_eq!((&now["members"], &now["version"]), (&1.into(), &2.into()));
        assert_eq!(send(Method::DELETE, agent.clone(), Value::Null, Some("\"1\"")).await.0, 409, "a version that is given counts");
        assert_eq!(send(Method::DELETE, agent, Value::Null, None).await.0, 204);
        assert_eq!(send(Method::PUT, format!("{path}/agents/0999999"), Value::Null, None).await.0, 404);
        let rename = serde_json::json!({ "name": "Late shift" });
        assert_eq!(send(Method::PATCH, path.clone(), rename.clone(), None).await.0, 428);
        assert_eq!(send(Method::PATCH, path.clone(), rename.clone(), Some("\"1\"")).await.0, 409);
        assert_eq!(send(Method::PATCH, path.clone(), rename, Some("*")).await.1["name"], "Late shift");
        for (body, field) in [(serde_json::json!({ "name": "SOUTH" }), "name"), (serde_json::json!({ "name": null }), "name"), (serde_json::json!({ "description": "x".repeat(501) }), "description"), (serde_json::json!({ "members": [1] }), "members"), (serde_json::json!({ "name": 7 }), "name")] {
            let (status, problem) = send(Method::PATCH, path.clone(), body, Some("*")).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (422, Some(field)), "{problem}");
        }
        let (_, list) = send(Method::GET, format!("{}?sort=-members&limit=1", api()), Value::Null, None).await;
        assert_eq!((&list["total"], &list["data"][0]["name"]), (&2.into(), &"South".into()), "{list}");
        let next = list["next_cursor"].as_str().unwrap();
        let (_, rest) = send(Method::GET, format!("{}?sort=-members&limit=1&cursor={next}", api()), Value::Null, None).await;
        assert_eq!((&rest["data"][0]["name"], &rest["next_cursor"]), (&"Late shift".into(), &Value::Null));
        for query in ["limit=0", "cursor=x", "cursor=999", "sort=wage"] {
            assert_eq!(send(Method::GET, format!("{}?{query}", api()), Value::Null, None).await.0, 400, "{query}");
        }
        assert_eq!(send(Method::DELETE, path.clone(), Value::Null, None).await.0, 428);
        assert_eq!(send(Method::DELETE, path.clone(), Value::Null, Some("*")).await.0, 204);
        assert_eq!(send(Method::GET, path, Value::Null, None).await.0, 404);
    }

    async fn a_name_in_any_script_is_text_and_never_markup(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        for name in ["<img src=x onerror=alert(1)>", "\"'><script>alert(1)</script>", "रात की पाली 👩‍🚒 {{7*7}}"] {
            let made = browser.post("/agent-groups", &[("name", name), ("description", name)]).await;
            let agents = location(&made);
            let group = agents.trim_end_matches("/agents");
            for page in ["/agent-groups".to_owned(), agents.clone(), format!("{group}/edit"), format!("{group}/delete")] {
                let html = text(browser.get(&page).await, 200).await;
                assert!(!html.contains("<img") && !html.contains("<script>alert") && !html.contains(">49<"), "{page}\n{html}");
            }
        }
        assert!(text(browser.get("/agent-groups?q=%E0%A4%B0%E0%A4%BE%E0%A4%A4").await, 200).await.contains("1 of 4"));
    }
}

/// A group with Chitra in it; Asha and Ben are in none.
struct Office {
    south: i64,
    asha: String,
    ben: String,
    chitra: String,
}

fn office(app: &TestApp) -> Office {
    let (sender, made) = mpsc::channel();
    app.write(move |tx| {
        use rollcall::store::claim;
        let south = insert_group(tx, "South");
        claim::take(tx, "group_name", "south", "group", south).unwrap();
        let mut agent = |name, login_id, group| {
            let new = NewAgent {
                name,
                login_id,
                group,
                ..NewAgent::default()
            };
            AgentId::to_string(&insert_agent(tx, &new))
        };
        let office = Office {
            south,
            asha: agent("Asha", "asha.rao", None),
            ben: agent("Ben", "ben.okri", None),
            chitra: agent("Chitra", "chitra.s", Some(south)),
        };
        sender.send(office).unwrap();
    });
    made.recv().unwrap()
}

/// The form of the picker as its page was printed, with these agents ticked.
struct Picked {
    hidden: Vec<(&'static str, String)>,
    ticked: Vec<String>,
}

fn pick(page: &str, ticked: &[&str]) -> Picked {
    let hidden = |name: &'static str| {
        let value = between(page, &format!("name=\"{name}\" value=\""), "\"");
        (name, value)
    };
    Picked {
        hidden: ["in", "out", "draft", "version", "opened"]
            .map(hidden)
            .to_vec(),
        ticked: ticked.iter().map(|id| (*id).to_owned()).collect(),
    }
}

impl Picked {
    async fn post(&self, browser: &Browser, path: &str, more: &[(&str, &str)]) -> Response {
        let hidden = self
            .hidden
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let ticked = self.ticked.iter().map(|id| ("agent", id.as_str()));
        let form: Vec<(&str, &str)> = hidden.chain(ticked).chain(more.iter().copied()).collect();
        browser.post(path, &form).await
    }
}

fn between(text: &str, from: &str, to: &str) -> String {
    let (_, rest) = text
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from} in\n{text}"));
    rest.split_once(to).expect("an end").0.to_owned()
}

fn location(answer: &Response) -> String {
    let to = answer.headers().get("location");
    to.unwrap_or_else(|| panic!("{}: no location", answer.status()))
        .to_str()
        .unwrap()
        .to_owned()
}
