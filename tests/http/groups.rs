//! Agent groups over HTTP: pages without script, the picker, the API, who may and what is refused.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use diesel::prelude::*;
use reqwest::{Method, Response};
use rollcall::domain::ids::AgentId;
use rollcall::store::schema::{audit_entries, users};
use rollcall::store::{RecordKind, Tx, role};
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
        let told = text(two.get("/agents").await, 200).await;
        assert!(told.contains("South: 1 agent joined. supervisor had changed the members meanwhile: kept."), "{told}");
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
        assert!(list.contains("supervisor had changed the name meanwhile: kept."), "{list}");
    }

    async fn deleting_asks_in_a_dialog_and_again_if_the_group_has_changed(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let path = format!("/agent-groups/{}", office.south);
        let dialog = browser.request(Method::GET, &format!("{path}/delete")).header("HX-Request-Type", "partial");
        let dialog = dialog.header("HX-Current-URL", format!("{}/agent-groups?q=south", app.url)).send().await.unwrap();
        assert_eq!(dialog.headers()["hx-retarget"], "#dialog");
        let dialog = text(dialog, 200).await;
        assert!(dialog.trim_start().starts_with("<dialog") && dialog.contains("1 agent</b> leaves the group"), "{dialog}");
        let back = between(&dialog, "name=\"back\" value=\"", "\"");
        assert_eq!(back, "/agent-groups?q=south");
        let rename = [("name", "South 2"), ("version", "1"), ("was_name", "South"), ("was_description", "")];
        assert_eq!(browser.post(&path, &rename).await.status(), 303);
        let delete = format!("{path}?_method=DELETE");
        let again = text(browser.post(&delete, &[("version", "1"), ("back", &*back)]).await, 409).await;
        assert!(again.contains("Somebody changed this group") && again.contains("Delete <bdi>South 2</bdi>?"), "{again}");
        let version = between(&again, "name=\"version\" value=\"", "\"");
        let gone = browser.post(&delete, &[("version", &*version), ("back", &*back)]).await;
        assert_eq!((gone.status().as_u16(), &*location(&gone)), (303, "/agent-groups?q=south"));
    }

    async fn a_search_that_is_typed_answers_with_those_who_match_alone(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let path = format!("/agent-groups/{}/agents", office.south);
        let page = text(browser.get(&path).await, 200).await;
        let typed = pick(&page, &[&office.asha, &office.chitra]).post(&browser, &path, &[("q", "Ben")]).await;
        let found = text(browser.get_part(&location(&typed)).await, 200).await;
        assert!(found.starts_with("<div id=\"members-found\"") && !found.contains("<html"), "{found}");
        assert!(found.contains("data-hx-target=\"#members-shown\" data-hx-swap=\"textContent\">1 match<"), "{found}");
        assert!(found.contains("Ben") && !found.contains("Asha"), "{found}");
        // Nothing was ticked in between: what is picked so far is kept once.
        let again = pick(&found, &[]).post(&browser, &path, &[("q", "Chi")]).await;
        let draft = |link: &str| link.split_once("draft=").map(|(_, key)| key.to_owned());
        assert!(draft(&location(&typed)).is_some());
        assert_eq!(draft(&location(&again)), draft(&location(&typed)));
    }

    async fn five_hundred_of_three_thousand_agents_change_in_one_save(db: TestDb) {
        let app = TestApp::start(db);
        let company = company(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let path = format!("/agent-groups/{}/agents", company.large);
        let (coming, going) = (company.coming.to_string(), company.going.to_string());
        let page = text(browser.get(&format!("{path}?group={coming}")).await, 200).await;
        assert!(page.contains("300 match"), "{page}");
        let page = step(&browser, &path, &page, &[("do", "add_all"), ("group", &*coming)]).await;
        let page = step(&browser, &path, &page, &[("do", "find"), ("group", &*going)]).await;
        let page = step(&browser, &path, &page, &[("do", "remove_all"), ("group", &*going)]).await;
        assert!(page.contains("300 agents join") && page.contains("200 agents leave") && page.contains("1,500 now, 1,600 after"), "{page}");
        let before = audit_lines(&app).await;
        let saved = pick(&page, &[]).post(&browser, &path, &[("do", "save")]).await;
        assert_eq!(saved.status(), 303);
        assert_eq!(audit_lines(&app).await, before + 1, "one entry with the difference");
        let list = text(browser.get(&location(&saved)).await, 200).await;
        assert!(list.contains("1,600 of 3,000") && list.contains("Large: 300 agents joined, 200 left."), "{list}");
        for (group, count) in [(coming, 300), (going, 200)] {
            let list = text(browser.get(&format!("/agents?group={group}")).await, 200).await;
            assert!(list.contains(&format!("{count} of 3,000")), "other groups stay as they are");
        }
        assert_eq!(app.state.floor.check().await.unwrap(), []);
        let undo = between(&list, "action=\"/operations/", "/undo\"");
        browser.post(&format!("/operations/{undo}/undo"), &[]).await;
        let list = text(browser.get(&format!("/agents?group={}", company.large)).await, 200).await;
        assert!(list.contains("1,500 of 3,000"), "and back by one Undo");
        assert_eq!(app.state.floor.check().await.unwrap(), []);
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

/// Three thousand agents. Half of them are in a large group; of two smaller ones, nobody of the first is in it
/// and everybody of the second.
struct Company {
    large: i64,
    coming: i64,
    going: i64,
}

fn company(app: &TestApp) -> Company {
    let (sender, made) = mpsc::channel();
    app.write(move |tx| sender.send(fill(tx)).unwrap());
    made.recv().unwrap()
}

/// A few statements over all of them: one at a time they would take longer than the test.
fn fill(tx: &mut Tx<'_>) -> Company {
    let large = insert_group(tx, "Large");
    let coming = insert_group(tx, "Coming");
    let going = insert_group(tx, "Going");
    let role = role::find_by_name(tx.conn, "Agent").unwrap().unwrap().id;
    let now = tx.now.0;
    let members = |group: i64, from: u32, to: u32| {
        format!(
            "INSERT INTO agent_group_members (group_id, agent_id) SELECT {group}, id FROM users \
             WHERE login_id BETWEEN 'agent-no-{from}' AND 'agent-no-{to}'"
        )
    };
    for sql in [
        format!(
            "INSERT INTO users (name, designation, login_id, role_id, web_login, failed_sign_ins, allowed_ips, \
             preferences, created_at, updated_at, version) \
             WITH RECURSIVE n(i) AS (SELECT 10001 UNION ALL SELECT i + 1 FROM n WHERE i < 13000) \
             SELECT 'Agent ' || i, '', 'agent-no-' || i, {role}, 'none', 0, '', '{{}}', {now}, {now}, 1 FROM n"
        ),
        format!(
            "INSERT INTO agents (user_id, alternative_numbers, rings_on, outgoing_calls, login_based, \
             admin_state, admin_at, version) \
             SELECT id, '', 'both', 'all', false, 'enabled', {now}, 1 FROM users WHERE login_id LIKE 'agent-no-%'"
        ),
        format!(
            "INSERT INTO agent_live (agent_id, duty, duty_at, device, device_at, device_sequence, call_state, \
             call_at, call_sequence) \
             SELECT id, 'on', {now}, 'registered', {now}, '', 'idle', {now}, '' FROM users \
             WHERE login_id LIKE 'agent-no-%'"
        ),
        members(large, 10_001, 11_500),
        members(going, 10_001, 10_200),
        members(coming, 11_501, 11_800),
    ] {
        diesel::sql_query(sql).execute(tx.conn).unwrap();
    }
    let keys: Vec<i64> = users::table
        .filter(users::login_id.like("agent-no-%"))
        .select(users::id)
        .load(tx.conn)
        .unwrap();
    assert_eq!(keys.len(), 3_000);
    for key in keys {
        tx.touch(RecordKind::User, key);
    }
    Company {
        large,
        coming,
        going,
    }
}

async fn audit_lines(app: &TestApp) -> i64 {
    let count = app
        .state
        .read(|conn| Ok(audit_entries::table.count().get_result(conn)?));
    count.await.unwrap()
}

/// Presses a button of the picker with the page as it is; the next page.
async fn step(browser: &Browser, path: &str, page: &str, pressed: &[(&str, &str)]) -> String {
    let boxes = page.split("name=\"agent\" value=\"").skip(1);
    let ticked: Vec<&str> = boxes
        .filter_map(|rest| rest.split_once('"'))
        .filter(|(_, rest)| rest.starts_with(" checked"))
        .map(|(id, _)| id)
        .collect();
    let next = pick(page, &ticked).post(browser, path, pressed).await;
    text(browser.get(&location(&next)).await, 200).await
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
