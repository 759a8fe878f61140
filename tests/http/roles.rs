//! Roles of the install: made, changed, merged, deleted and undone; nobody gives what they lack.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::people::{NewAgent, insert_agent};
use diesel::prelude::*;
use reqwest::Response;
use rollcall::domain::role::{Permission as P, Permissions};
use rollcall::store::schema::{roles, users};
use rollcall::store::{RecordKind, Tx, role};
use serde_json::Value;

/// The form with its twin.
fn form<'a>(name: &'a str, rights: &[P], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("name", name), ("permissions", "")];
    form.extend(rights.iter().map(|right| ("permissions", right.word())));
    form.extend(more);
    form
}

async fn add(browser: &Browser, name: &str, rights: &[P]) -> String {
    let answer = browser.post("/roles", &form(name, rights, &[])).await;
    assert_eq!(answer.status(), 303, "{name} is added");
    place(&answer)
}

fn place(answer: &Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

both_databases! {
    async fn a_role_of_ones_own_is_made_given_and_in_force_at_once(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let list = text(admin.get("/roles").await, 200).await;
        for name in ["Admin", "Supervisor", "Auditor", "Agent"] {
            assert!(list.contains(&format!("<bdi>{name}</bdi></a> <span class=\"dim thin nowrap\">built in</span>")), "{name} in\n{list}");
        }
        let there = add(&admin, "Quality", &[P::AgentsRead, P::CallsRead]).await;
        let page = text(admin.get(&there).await, 200).await;
        assert!(page.contains("Quality is added.") && page.contains("id=\"right-calls.read\"") && !page.contains("id=\"right-exports\""), "{page}");
        let person = app.signed_in(Person::Auditor).await;
        assert_eq!(person.get("/audit").await.status(), 200);
        app.write(|tx| give(tx, Person::Auditor, "Quality"));
        assert_eq!((person.get("/audit").await.status().as_u16(), person.get("/calls").await.status().as_u16()), (403, 200));
        let calls = text(person.get("/calls").await, 200).await;
        assert!(!calls.contains("name=\"number\""), "without the right to customers' numbers");
        // One right less, for whoever is signed in too.
        let fewer = form("Quality", &[P::AgentsRead], &[("version", "1"), ("was_name", "Quality"), ("was_permissions", "agents.read calls.read")]);
        assert_eq!(admin.post(&there, &fewer).await.status(), 303);
        assert_eq!(person.get("/calls").await.status(), 403);
        let page = text(admin.get(&there).await, 200).await;
        assert!(page.contains("<del><bdi>See calls</bdi></del>"), "what went is told\n{page}");
    }

    async fn what_can_t_be_is_told_with_what_was_ticked(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        for (name, rights, why) in [
            ("", vec![P::AgentsRead], "The name is missing."),
            ("supervisor", vec![P::AgentsRead], "already in use"),
            ("Nothing", vec![], "at least one right"),
            ("Half", vec![P::CustomerNumbers], "of no use without “See calls”"),
        ] {
            let page = text(admin.post("/roles", &form(name, &rights, &[])).await, 422).await;
            assert!(page.contains(why), "{name}: {why}\n{page}");
            for right in rights {
                assert!(page.contains(&format!("value=\"{}\" checked", right.word())), "what was ticked is kept");
            }
        }
        for (fields, status) in [
            (vec![("name", "A"), ("permissions", "fly")], 422),
            (vec![("name", "A"), ("wings", "2")], 400),
            (vec![("name", "A"), ("name", "B")], 400),
            (vec![("name", "A"), ("own_groups", "perhaps")], 400),
        ] {
            assert_eq!(admin.post("/roles", &fields).await.status(), status, "{fields:?}");
        }
        let once = [("once", "abc")];
        let (one, two) = (admin.post("/roles", &form("Twice", &[P::AgentsRead], &once)).await, admin.post("/roles", &form("Twice", &[P::AgentsRead], &once)).await);
        assert_eq!((one.status().as_u16(), place(&one)), (303, place(&two)), "a second press makes no second role");
    }

    async fn nobody_gives_what_they_lack_or_touches_what_has_more(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let wide = add(&admin, "Wide", &[P::AgentsRead, P::SettingsRead, P::SettingsWrite]).await;
        let narrow = add(&admin, "Narrow", &[P::AgentsRead]).await;
        // A role that may change roles, and little else.
        add(&admin, "Role keeper", &[P::RolesRead, P::RolesWrite, P::AgentsRead]).await;
        app.write(|tx| give(tx, Person::Supervisor, "Role keeper"));
        let keeper = app.signed_in(Person::Supervisor).await;
        let page = text(keeper.post("/roles", &form("More", &[P::AgentsRead, P::AuditRead], &[])).await, 422).await;
        assert!(page.contains("You can’t give what you don’t have: See the audit log."), "{page}");
        assert_eq!(keeper.get(&format!("{wide}/edit")).await.status(), 403);
        let was = [("version", "1"), ("was_name", "Wide"), ("was_permissions", "agents.read settings.read settings.write")];
        let page = text(keeper.post(&wide, &form("Wide", &[P::AgentsRead], &was)).await, 422).await;
        assert!(page.contains("This role has rights that you don’t have"), "{page}");
        assert_eq!(keeper.post(&format!("{wide}?_method=DELETE"), &[("version", "1")]).await.status(), 422);
        let was = [("version", "1"), ("was_name", "Narrow"), ("was_permissions", "agents.read")];
        assert_eq!(keeper.post(&narrow, &form("Narrow", &[P::AgentsRead, P::RolesRead], &was)).await.status(), 303, "up to their own");
        let page = text(admin.post("/roles/1", &form("Boss", &[P::AgentsRead], &[("version", "1")])).await, 422).await;
        assert!(page.contains("built-in roles can’t be changed"), "{page}");
    }

    async fn two_people_s_rights_merge_and_two_names_are_asked_about(db: TestDb) {
        let app = TestApp::start(db);
        let (one, two) = (app.signed_in(Person::Admin).await, app.signed_in(Person::Admin).await);
        let there = add(&one, "Quality", &[P::AgentsRead, P::CallsRead]).await;
        let was = [("version", "1"), ("was_name", "Quality"), ("was_permissions", "agents.read calls.read")];
        assert_eq!(one.post(&there, &form("Quality", &[P::AgentsRead, P::CallsRead, P::Exports], &was)).await.status(), 303);
        assert_eq!(two.post(&there, &form("Quality", &[P::AgentsRead], &was)).await.status(), 303, "different rights merge");
        assert_eq!(stored(&app, "Quality"), [P::AgentsRead, P::Exports].into_iter().collect());
        let was = [("version", "3"), ("was_name", "Quality"), ("was_permissions", "agents.read exports")];
        assert_eq!(one.post(&there, &form("Listeners", &[P::AgentsRead, P::Exports], &was)).await.status(), 303);
        let bar = text(two.post(&there, &form("Coaches", &[P::AgentsRead, P::Exports], &was)).await, 409).await;
        assert!(bar.contains("Keep <bdi>Listeners</bdi>") && bar.contains("Use <bdi>Coaches</bdi>"), "{bar}");
        assert!(bar.contains("name=\"version\" value=\"4\""), "saving again takes mine");
        assert_eq!(two.post(&there, &form("Coaches", &[P::AgentsRead], &[("was_name", "Quality")])).await.status(), 428);
    }

    async fn a_role_that_is_had_stays_and_a_deleted_one_comes_back(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let there = add(&admin, "Quality", &[P::AgentsRead]).await;
        app.write(|tx| {
            insert_agent(tx, &NewAgent::default());
            give(tx, Person::Auditor, "Quality");
        });
        let page = text(admin.get(&format!("{there}/delete")).await, 200).await;
        assert!(page.contains("1 person has this role.") && page.contains("/users?role=") && !page.contains("delete-go"), "said before it is pressed\n{page}");
        let page = text(admin.post(&format!("{there}?_method=DELETE"), &[("version", "1")]).await, 422).await;
        assert!(page.contains("1 person has this role. Give them another one first."), "{page}");
        app.write(|tx| give(tx, Person::Auditor, "Auditor"));
        assert_eq!(admin.post(&format!("{there}?_method=DELETE"), &[("version", "1")]).await.status(), 303);
        let page = text(admin.get("/roles").await, 200).await;
        assert!(page.contains("Quality is deleted.") && !page.contains("<bdi>Quality</bdi>"), "{page}");
        assert_eq!(admin.get(&there).await.status(), 404);
        let undo = page.split("action=\"/operations/").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(admin.post(&format!("/operations/{undo}"), &[("back", "/roles")]).await.status(), 303);
        assert!(text(admin.get("/roles").await, 200).await.contains("<bdi>Quality</bdi>"));
        assert_eq!(stored(&app, "Quality"), Permissions::NONE.with(P::AgentsRead));
    }

    async fn programs_read_make_change_and_delete_roles(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let send = async |method: &str, path: &str, tag: Option<&str>, body: &str| {
            let mut request = admin.request(method.parse().unwrap(), path).header("content-type", "application/json").body(body.to_owned());
            if let Some(tag) = tag {
                request = request.header("if-match", tag);
            }
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default())
        };
        let (status, made) = send("POST", "/api/v1/roles", None, r#"{"name": "Quality", "permissions": ["agents.read"], "own_groups": true}"#).await;
        assert_eq!((status, made["own_groups"].as_bool(), made["version"].as_i64()), (201, Some(true), Some(1)), "{made}");
        let path = format!("/api/v1/roles/{}", made["id"]);
        assert_eq!(send("PATCH", &path, None, "{}").await.0, 428);
        assert_eq!(send("PATCH", &path, Some("\"7\""), r#"{"name": "Q"}"#).await.0, 409);
        let (status, changed) = send("PATCH", &path, Some("\"1\""), r#"{"permissions": ["agents.read", "exports"]}"#).await;
        assert_eq!((status, changed["permissions"].as_array().map(Vec::len), changed["name"].as_str()), (200, Some(2), Some("Quality")), "{changed}");
        for (body, field) in [(r#"{"permissions": "all"}"#, "permissions"), (r#"{"permissions": ["fly"]}"#, "permissions"), (r#"{"name": 7}"#, "name"), (r#"{"built_in": true}"#, "built_in"), (r#"{"name": "admin"}"#, "name")] {
            let (status, problem) = send("PATCH", &path, Some("*"), body).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (422, Some(field)), "{body}: {problem}");
        }
        assert_eq!(send("DELETE", "/api/v1/roles/1", Some("*"), "").await.0, 422, "built in");
        assert_eq!(send("DELETE", &path, Some("*"), "").await.0, 204);
        assert_eq!(send("GET", &path, None, "").await.0, 404);
        let (_, list) = send("GET", "/api/v1/roles", None, "").await;
        assert_eq!(list["data"].as_array().unwrap().iter().filter(|role| role["built_in"] == true).count(), 4);
    }
}

fn give(tx: &mut Tx<'_>, person: Person, name: &str) {
    let role = role::find_by_name(tx.conn, name).unwrap().unwrap().id;
    let their = users::table.filter(users::login_id.eq(person.word()));
    let id: i64 = diesel::update(their)
        .set(users::role_id.eq(role.0))
        .returning(users::id)
        .get_result(tx.conn)
        .unwrap();
    tx.touch(RecordKind::User, id);
}

fn stored(app: &TestApp, name: &'static str) -> Permissions {
    let words: String = app
        .state
        .store
        .read(|conn| {
            let role = roles::table.filter(roles::name.eq(name));
            Ok(role.select(roles::permissions).first(conn)?)
        })
        .unwrap();
    words.parse().unwrap()
}
