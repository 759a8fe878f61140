//! Departments, IVRs and caller ids over HTTP: by plain forms and by htmx, in the API, for each kind of person,
//! with whatever is typed into them.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use diesel::prelude::*;
use reqwest::{Client, Method, Response};
use rollcall::domain::ids::{AgentId, DepartmentId};
use rollcall::store::schema::{agent_caller_ids, day_counts};
use rollcall::store::token::{self, NewToken};
use rollcall::store::{Effect, RecordKind, role};
use rollcall::web::sessions::secret::SecretHash;
use serde_json::{Value, json};
use std::sync::mpsc;

both_databases! {
    async fn a_plain_form_adds_a_department_and_its_page_says_how_it_rings(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let empty = text(browser.get("/departments").await, 200).await;
        assert!(empty.contains("No Departments yet") && empty.contains("href=\"/departments/new\""), "{empty}");
        let form = text(browser.get("/departments/new").await, 200).await;
        let once = hidden(&form, "once");
        let mut fields = support();
        fields.push(("once", &once));
        let answer = browser.post("/departments", &fields).await;
        let place = location(&answer);
        assert_eq!((answer.status().as_u16(), place.starts_with("/departments/")), (303, true));
        assert_eq!(location(&browser.post("/departments", &fields).await), place, "sent twice it makes one");
        let page = text(browser.get(&place).await, 200).await;
        for said in ["Support is added.", "Longest idle", "45 seconds", "90001", "Nobody is in this department", "<kbd>#</kbd><kbd>1</kbd><kbd>9</kbd>"] {
            assert!(page.contains(said), "{said}\n{page}");
        }
        let list = text(browser.get("/departments").await, 200).await;
        assert!(list.contains("Longest idle") && list.contains("aria-sort=\"ascending\"") && list.contains("id=\"tab-ivr\""), "{list}");
        assert!(text(browser.get("/agents").await, 200).await.contains("href=\"/departments\""), "the navigation leads there");
    }

    async fn what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        let place = add(&browser, "/departments", &support()).await;
        for (path, pairs, field, why) in [
            ("/departments", vec![("name", "")], "name", "The name is missing"),
            ("/departments", vec![("name", "sUPPORT")], "name", "the department Support"),
            ("/departments", vec![("name", "Sales"), ("transfer_code", "12")], "transfer_code", "exactly 5"),
            ("/departments", vec![("name", "Sales"), ("transfer_code", "11234")], "transfer_code", "emergency"),
            ("/departments", vec![("name", "Sales"), ("ring_timeout_seconds", "1")], "ring_timeout_seconds", "from 5 to 300"),
            ("/departments", vec![("name", "Sales"), ("ring_strategy", "loud")], "ring_strategy", "Choose simultaneous"),
            ("/departments", vec![("name", "Sales"), ("members", "0999999")], "members", "not an agent any more"),
            ("/ivrs", vec![("name", "Menu"), ("transfer_code", "90001"), ("target", "x")], "transfer_code", "the department Support"),
            ("/ivrs", vec![("name", "Menu"), ("target", "x")], "transfer_code", "missing"),
            ("/ivrs", vec![("name", "<script>alert(1)</script>"), ("transfer_code", "90002"), ("target", "a b")], "target", "may not have"),
            ("/caller-ids", vec![("number", "12")], "number", "too short"),
            ("/caller-ids", vec![("number", "080 4000 2291"), ("goes_to", "agent"), ("goes_to_agent", "nobody")], "goes_to", "There is no agent"),
            ("/caller-ids", vec![("number", "080 4000 2291"), ("goes_to", "department:999")], "goes_to", "not there any more"),
        ] {
            let page = text(browser.post(path, &pairs).await, 422).await;
            assert!(page.contains(why) && page.contains(&format!("id=\"{field}-err\"")), "{path} {pairs:?}\n{page}");
            assert!(page.contains("aria-invalid=\"true\"") || field == "members", "{path} {pairs:?}");
            let part = text(post_part(&browser, path, &pairs).await, 422).await;
            assert!(part.contains(why) && !part.contains("<html"), "htmx gets the form alone");
            assert!(!page.contains("<script>alert"), "text is text");
        }
        let clash = text(browser.post("/ivrs", &[("name", "Menu"), ("transfer_code", "90001"), ("target", "x")]).await, 422).await;
        assert!(clash.contains(&format!("<a href=\"{place}\">")) && clash.contains("value=\"Menu\""), "the collision is named with a link");
        for (path, name) in [("/departments", "number"), ("/ivrs", "members"), ("/caller-ids", "target"), ("/departments", "deleted_at"), ("/departments", "act")] {
            text(browser.post(path, &[("name", "x"), (name, "1")]).await, 400).await;
        }
        assert!(text(browser.get("/ivrs").await, 200).await.contains("No IVRs yet"), "nothing was written");
    }

    async fn members_are_found_added_and_moved_by_plain_buttons_and_saved_once(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, bela, chitra] = agents(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let place = add(&browser, "/departments", &support()).await;
        let page = text(browser.get(&format!("{place}/edit")).await, 200).await;
        let (version, was) = (hidden(&page, "version"), hidden(&page, "was"));
        let press = |members: String, act: String, find: &'static str| {
            let mut fields: Vec<(String, String)> = support().into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            for (name, value) in [("version", version.clone()), ("was", was.clone()), ("members", members), ("act", act), ("find", find.to_owned())] {
                fields.retain(|(n, _)| n != name);
                fields.push((name.to_owned(), value));
            }
            fields
        };
        let send = async |fields: Vec<(String, String)>, status: u16| {
            let request = browser.request(Method::POST, &place).form(&fields);
            text(request.send().await.unwrap(), status).await
        };
        for act in ["find", "enter"] {
            let found = send(press(String::new(), act.to_owned(), "team"), 200).await;
            assert!(found.contains(&format!("id=\"add-{asha}\"")) && found.contains("Add all 3"), "{act}\n{found}");
        }
        let added = send(press(String::new(), "add-all".to_owned(), "team"), 200).await;
        assert_eq!(hidden(&added, "members"), format!("{asha} {bela} {chitra}"));
        assert!(added.contains("3 join (Team Asha, Team Bela, Team Chitra)"), "{added}");
        let moved = send(press(hidden(&added, "members"), format!("up:{chitra}"), ""), 200).await;
        assert_eq!(hidden(&moved, "members"), format!("{asha} {chitra} {bela}"));
        assert!(moved.contains("aria-label=\"Move Team Asha up\" aria-disabled=\"true\""));
        let fewer = send(press(hidden(&moved, "members"), format!("remove:{asha}"), ""), 200).await;
        let order = hidden(&fewer, "members");
        let before = text(browser.get(&place).await, 200).await;
        assert!(before.contains("Nobody is in this department"), "nothing is written before Save");
        let part = browser.request(Method::POST, &place).header("HX-Request-Type", "partial").form(&press(order.clone(), format!("down:{chitra}"), ""));
        let part = text(part.send().await.unwrap(), 200).await;
        assert!(part.contains("id=\"routing-form\"") && !part.contains("<html"));
        send(press(order.clone(), "save".to_owned(), ""), 303).await;
        let page = text(browser.get(&place).await, 200).await;
        let (first, second) = (page.find(&format!("id=\"member-{chitra}\"")), page.find(&format!("id=\"member-{bela}\"")));
        assert!(first.is_some() && first < second && !page.contains(&format!("id=\"member-{asha}\"")), "{page}");
        assert!(page.contains("Support is saved."));
        let list = text(browser.get(&format!("/agents?department={}", id(&place))).await, 200).await;
        assert!(list.contains("Team Bela") && !list.contains("Team Asha"), "the agents list follows");
        // By htmx a save leads to the page.
        let edit = text(browser.get(&format!("{place}/edit")).await, 200).await;
        let (version, was) = (hidden(&edit, "version"), hidden(&edit, "was"));
        let saved = post_part(&browser, &place, &[("version", &version), ("was", &was), ("name", "Help desk"), ("act", "save")]).await;
        assert_eq!((saved.status().as_u16(), saved.headers()["hx-redirect"].to_str().unwrap()), (200, place.as_str()));
        for broken in ["010001 010001", "x"] {
            let fields = press(broken.to_owned(), format!("up:{asha}"), "");
            send(fields, 400).await;
        }
    }

    async fn counts_are_the_departments_own_for_the_chosen_days(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, ..] = agents(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let place = add(&browser, "/departments", &support()).await;
        let quiet = add(&browser, "/departments", &[("name", "Quiet")]).await;
        count(&app, id(&place), asha, 0, 5, 2);
        count(&app, id(&place), asha, -1, 40, 1);
        let list = text(browser.get("/departments?sort=-answered").await, 200).await;
        let row = row(&list, id(&place));
        assert!(row.contains(">5<") && row.contains(">2<"), "{row}");
        assert!(row.contains(&format!("href=\"/calls?department={}&#38;counted=answered\"", id(&place))), "{row}");
        assert!(list.find(&format!("row-{}", id(&place))) < list.find(&format!("row-{}", id(&quiet))), "sorted by the count");
        let part = text(browser.get_part("/departments?days=7").await, 200).await;
        assert!(part.contains(">45<") && !part.contains("<html") && part.contains("value=\"7\" checked"), "{part}");
        let page = text(browser.get(&format!("{place}?days=yesterday")).await, 200).await;
        assert!(page.contains(">40<") && page.contains("2.4% of offered") && page.contains("by 1 agent"), "{page}");
        for bad in ["/departments?sort=number", "/departments?days=never", "/departments?colour=red", "/ivrs?days=7"] {
            let page = text(browser.get(bad).await, 400).await;
            assert!(page.contains("makes no sense") && !page.contains("<tbody>"), "{bad}");
        }
        assert_eq!(browser.get(&format!("{place}?days=never")).await.status(), 400);
        let found = text(browser.get("/departments?q=QUI").await, 200).await;
        assert!(found.contains(">Quiet<") && !found.contains(">Support<"));
        // Who is bound to groups sees the calls of her agents alone, and her agents.
        let team = scoped_group(&app);
        let scoped = app.signed_in(Person::Scoped).await;
        let page = text(scoped.get(&place).await, 200).await;
        assert!(!page.contains("Team Asha") && page.contains("id=\"answered\"><a class=\"plainlink\""), "{page}");
        let list = text(scoped.get("/departments").await, 200).await;
        assert!(!list.contains(">5<") && !list.contains("/departments/new") && !list.contains("/edit"), "{list}");
        assert!(team > 0);
    }

    async fn only_who_may_change_everything_gets_forms_and_saves(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let places = [
            add(&admin, "/departments", &support()).await,
            add(&admin, "/ivrs", &[("name", "Menu"), ("transfer_code", "90101"), ("target", "ivr-main")]).await,
            add(&admin, "/caller-ids", &[("number", "080 4000 2291"), ("goes_to", "nowhere")]).await,
        ];
        for (person, sees) in [(Person::Scoped, 200), (Person::Auditor, 200), (Person::Agent, 403)] {
            let browser = app.signed_in(person).await;
            for place in &places {
                assert_eq!(browser.get(place).await.status().as_u16(), sees, "{person:?} {place}");
                for path in [format!("{place}/edit"), format!("{place}/delete")] {
                    assert_eq!(browser.get(&path).await.status(), 403, "{person:?} {path}");
                }
                let fields = [("version", "1"), ("name", "Mine"), ("number", "1")];
                assert_eq!(browser.post(place, &fields).await.status(), 403);
                assert_eq!(browser.post(&format!("{place}?_method=DELETE"), &[("version", "1")]).await.status(), 403);
                assert_eq!(browser.post(&format!("{place}/restore"), &[]).await.status(), 403);
            }
        }
        let supervisor = app.signed_in(Person::Supervisor).await;
        assert_eq!(supervisor.get(&format!("{}/edit", places[0])).await.status(), 200);
        assert_eq!(supervisor.get(&format!("{}/edit", places[1])).await.status(), 403, "IVRs are for admins");
        for path in ["/departments/999", "/departments/x", "/ivrs/999/edit", "/caller-ids/0", "/departments/999/delete"] {
            assert_eq!(admin.get(path).await.status(), 404, "{path}");
        }
    }

    async fn two_people_merge_by_field_and_meet_in_the_same_one(db: TestDb) {
        let app = TestApp::start(db);
        let (one, two) = (app.signed_in(Person::Supervisor).await, app.signed_in(Person::Admin).await);
        let place = add(&one, "/departments", &support()).await;
        let page = text(one.get(&format!("{place}/edit")).await, 200).await;
        let (version, was) = (hidden(&page, "version"), hidden(&page, "was"));
        let based = [("version", version.as_str()), ("was", was.as_str())];
        let with = |more: &[(&'static str, &'static str)]| -> Vec<(&str, &str)> { based.iter().copied().chain(more.iter().copied()).collect() };
        assert_eq!(two.post(&place, &with(&[("name", "Help desk"), ("wrap_up_seconds", "45")])).await.status(), 303);
        assert_eq!(one.post(&place, &with(&[("name", "Support"), ("description", "First line")])).await.status(), 303);
        let page = text(one.get(&place).await, 200).await;
        assert!(page.contains("Help desk") && page.contains("First line") && page.contains("administrator had changed the name and the wrap-up time meanwhile: kept."), "{page}");
        for part in [false, true] {
            let fields = with(&[("name", "Care"), ("wrap_up_seconds", "60")]);
            let answer = match part {
                true => post_part(&one, &place, &fields).await,
                false => one.post(&place, &fields).await,
            };
            let bar = text(answer, 409).await;
            assert!(bar.contains("while you were editing") && bar.contains("Keep <bdi>Help desk</bdi>") && bar.contains("Use <bdi>Care</bdi>"), "{bar}");
            assert!(bar.contains("value=\"Care\"") && bar.contains("value=\"60\""), "what was typed is kept");
            assert_eq!(hidden(&bar, "version"), "3");
        }
        let bar = text(one.post(&place, &with(&[("name", "Care"), ("wrap_up_seconds", "60")])).await, 409).await;
        let (version, was) = (hidden(&bar, "version"), hidden(&bar, "was"));
        let choice = [("version", version.as_str()), ("was", was.as_str()), ("name", "Care"), ("wrap_up_seconds", "60"), ("keep_name", "theirs")];
        assert_eq!(one.post(&place, &choice).await.status(), 303);
        let page = text(one.get(&place).await, 200).await;
        assert!(page.contains("Help desk") && page.contains("60 seconds"));
        assert_eq!(one.post(&place, &[("name", "X")]).await.status(), 428, "a form without a version");
        for (name, value) in [("version", "0"), ("was", "["), ("keep_name", "x"), ("role", "1")] {
            let mut fields = with(&[("name", "X")]);
            fields.retain(|(n, _)| *n != name);
            fields.push((name, value));
            text(one.post(&place, &fields).await, 400).await;
        }
    }

    async fn whoever_joins_meanwhile_stays_or_is_shown(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, bela, chitra] = agents(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let (first, two, three) = (asha.to_string(), format!("{asha} {bela}"), format!("{asha} {chitra}"));
        let mut fields = support();
        fields.push(("members", &first));
        let place = add(&browser, "/departments", &fields).await;
        let page = text(browser.get(&format!("{place}/edit")).await, 200).await;
        let (version, was) = (hidden(&page, "version"), hidden(&page, "was"));
        let based = |more: [(&'static str, String); 2]| {
            let [one, other] = more;
            [("version", version.clone()), ("was", was.clone()), one, other]
        };
        let send = async |fields: [(&'static str, String); 4]| browser.request(Method::POST, &place).form(fields.as_slice()).send().await.unwrap();
        // A colleague gives the department to an agent, by the API of agents.
        let program = Program::new(&app, "Admin");
        let (status, changed) = program.send(Method::PATCH, &format!("/api/v1/agents/{bela}"), &json!({ "departments": [id(&place)] }), Some("*")).await;
        assert_eq!(status, 200, "{changed}");
        let stale = json!({ "members": [first.clone()], "version": 1 });
        let api = format!("/api/v1{place}");
        assert_eq!(program.send(Method::PATCH, &api, &stale, None).await.0, 409, "a program is told");
        assert_eq!(send(based([("name", "Help desk".to_owned()), ("members", first.clone())])).await.status(), 303);
        let page = text(browser.get(&place).await, 200).await;
        assert!(page.contains("Help desk") && page.contains("Team Bela"), "left as they were, the members keep whoever came: {page}");
        let bar = text(send(based([("name", "Help desk".to_owned()), ("members", three)])).await, 409).await;
        assert!(bar.contains("Keep <bdi>Team Asha, Team Bela</bdi>") && bar.contains("Use <bdi>Team Asha, Team Chitra</bdi>"), "{bar}");
        let (_, now) = program.send(Method::GET, &api, &Value::Null, None).await;
        assert_eq!(now["members"].as_array().map(|all| all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")), Some(two));
    }

    async fn rows_of_agents_follow_names_and_numbers(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, bela, _] = agents(&app);
        let admin = app.signed_in(Person::Admin).await;
        let order = format!("{asha} {bela}");
        let mut fields = support();
        fields.push(("members", &order));
        let department = format!("/api/v1{}", add(&admin, "/departments", &fields).await);
        let number = add(&admin, "/caller-ids", &[("number", "080 4000 2291")]).await;
        let caller_id = id(&number);
        app.write(move |tx| {
            diesel::insert_into(agent_caller_ids::table)
                .values((
                    agent_caller_ids::agent_id.eq(asha.user().0),
                    agent_caller_ids::caller_id_id.eq(caller_id),
                    agent_caller_ids::position.eq(1),
                ))
                .execute(tx.conn)
                .unwrap();
            tx.touch(RecordKind::User, asha.user().0);
        });
        let number = format!("/api/v1{number}");
        let row = async |agent: AgentId| {
            let list = text(admin.get("/agents").await, 200).await;
            let (_, rest) = list.split_once(&format!("<tr id=\"agent-{agent}\"")).expect("the row is there");
            rest.split("</tr>").next().unwrap().to_owned()
        };
        let first = row(asha).await;
        assert!(first.contains("Support") && first.contains("080 4000 2291"), "{first}");
        assert_eq!(row(asha).await, first);
        let program = Program::new(&app, "Admin");
        let change = async |path: &str, body: Value| {
            let (status, answer) = program.send(Method::PATCH, path, &body, Some("*")).await;
            assert_eq!(status, 200, "{answer}");
        };
        change(&department, json!({ "name": "Help desk" })).await;
        for agent in [asha, bela] {
            let renamed = row(agent).await;
            assert!(renamed.contains("Help desk") && !renamed.contains("Support"), "{renamed}");
        }
        change(&department, json!({ "members": [bela.to_string(), asha.to_string()] })).await;
        assert!(row(asha).await.contains("Help desk"), "the order is nothing that a row shows");
        change(&number, json!({ "number": "080 4000 2292" })).await;
        let renumbered = row(asha).await;
        assert!(renumbered.contains("080 4000 2292") && !renumbered.contains("080 4000 2291"), "{renumbered}");
        change(&department, json!({ "members": [bela.to_string()] })).await;
        assert!(!row(asha).await.contains("Help desk") && row(bela).await.contains("Help desk"), "she left");
        for path in [&department, &number] {
            assert_eq!(program.send(Method::DELETE, path, &Value::Null, Some("*")).await.0, 204);
        }
        assert!(!row(bela).await.contains("Help desk"), "deleted");
        assert!(!row(asha).await.contains("080 4000 2292"), "deleted");
    }

    async fn deleting_says_what_depends_on_it_and_can_be_undone(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, ..] = agents(&app);
        let browser = app.signed_in(Person::Admin).await;
        let (who, target) = (asha.to_string(), "department:1");
        let mut fields = support();
        fields.push(("members", &who));
        let place = add(&browser, "/departments", &fields).await;
        assert_eq!(id(&place).to_string(), "1", "the first");
        let number = add(&browser, "/caller-ids", &[("number", "080 4000 2291"), ("label", "Front"), ("goes_to", target)]).await;
        assert!(text(browser.get(&number).await, 200).await.contains(&format!("href=\"{place}\"")));
        let page = text(browser.get(&format!("{place}/delete")).await, 200).await;
        for said in ["1 agent leaves it", "080 4000 2291 (Front)", "stays its own for 30 days", "Its calls and its counts stay"] {
            assert!(page.contains(said), "{said}\n{page}");
        }
        let dialog = browser.get_part(&format!("{place}/delete")).await;
        assert_eq!(dialog.headers()["hx-retarget"], "#dialog");
        let dialog = text(dialog, 200).await;
        assert!(dialog.contains("<dialog id=\"delete-dialog\"") && dialog.contains("1 agent leaves it") && !dialog.contains("<html"), "{dialog}");
        assert_eq!(hidden(&dialog, "version"), "1", "the same form");
        for list in ["/departments", place.as_str()] {
            assert!(text(browser.get(list).await, 200).await.contains(&format!("data-hx-get=\"{place}/delete\"")), "{list}");
        }
        let gone = format!("{place}?_method=DELETE");
        assert_eq!(browser.post(&gone, &[]).await.status(), 428);
        let stale = text(browser.post(&gone, &[("version", "9")]).await, 409).await;
        assert!(stale.contains("changed after you opened this") && stale.contains("name=\"version\" value=\"1\""));
        let deleted = browser.post(&gone, &[("version", "1")]).await;
        assert_eq!(location(&deleted), "/departments");
        let list = text(browser.get("/departments").await, 200).await;
        assert!(list.contains("Support is deleted.") && list.contains("/undo\""), "{list}");
        assert_eq!(browser.get(&place).await.status(), 404);
        let dangling = text(browser.get("/caller-ids").await, 200).await;
        assert!(dangling.contains("A deleted department: not answered"), "{dangling}");
        let undo = list.split("action=\"/operations/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        assert_eq!(browser.post(&format!("/operations/{undo}"), &[("back", "/departments")]).await.status(), 303);
        assert!(text(browser.get(&place).await, 200).await.contains("Team Asha"), "its member is back");
        assert_eq!(browser.post(&gone, &[("version", "3")]).await.status(), 303);
        let bin = text(browser.get("/departments/deleted").await, 200).await;
        assert!(bin.contains("Support") && bin.contains("/restore\""));
        let twin = add(&browser, "/departments", &[("name", "Support")]).await;
        let clash = text(browser.post(&format!("{place}/restore"), &[]).await, 422).await;
        assert!(clash.contains("restored: ") && clash.contains("is in use") && clash.contains(&format!("<a href=\"{twin}\">")), "{clash}");
        assert_eq!(browser.post(&format!("{twin}?_method=DELETE"), &[("version", "1")]).await.status(), 303);
        assert_eq!(location(&browser.post(&format!("{place}/restore"), &[]).await), place);
        assert_eq!(browser.post(&format!("{place}/restore"), &[]).await.status(), 404, "it is there already");
    }

    async fn a_caller_id_leads_to_an_agent_by_whatever_names_them(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, ..] = agents(&app);
        let browser = app.signed_in(Person::Admin).await;
        let (by_id, numbers) = (asha.to_string(), ["080 4000 2291", "080 4000 2292"]);
        for (number, who) in numbers.into_iter().zip([by_id.as_str(), "TEAM.asha"]) {
            let place = add(&browser, "/caller-ids", &[("number", number), ("goes_to", "agent"), ("goes_to_agent", who)]).await;
            let page = text(browser.get(&place).await, 200).await;
            assert!(page.contains(&format!("<a href=\"/agents/{asha}\"><bdi>Team Asha</bdi></a>")), "{page}");
            let form = text(browser.get(&format!("{place}/edit")).await, 200).await;
            assert!(form.contains("<option value=\"agent\" selected>") && form.contains(&format!("value=\"{asha}\"")), "{form}");
        }
        let twice = text(browser.post("/caller-ids", &[("number", "+91 80 4000 2291")]).await, 422).await;
        assert!(twice.contains("the caller ID 080 4000 2291"), "{twice}");
        let auditor = app.signed_in(Person::Scoped).await;
        let list = text(auditor.get("/caller-ids").await, 200).await;
        assert!(list.contains("An agent") && !list.contains("Team Asha"), "out of scope it is only an agent");
    }

    async fn programs_read_make_change_and_delete_them(db: TestDb) {
        let app = TestApp::start(db);
        let [asha, bela, _] = agents(&app);
        let program = Program::new(&app, "Admin");
        let body = json!({ "name": "Support", "use_as_queue": true, "transfer_code": "90001", "members": [bela.to_string(), asha.to_string()] });
        let (status, made) = program.send(Method::POST, "/api/v1/departments", &body, None).await;
        assert_eq!((status, &made["use_as_queue"], &made["transfer_code"], &made["version"]), (201, &json!(true), &json!("90001"), &json!(1)), "{made}");
        assert_eq!((&made["members"], &made["member_count"]), (&json!([bela.to_string(), asha.to_string()]), &json!(2)));
        let path = format!("/api/v1/departments/{}", made["id"]);
        assert_eq!(program.send(Method::GET, &path, &Value::Null, None).await.1, made);
        for (body, tag, status) in [
            (json!({ "name": "X" }), None, 428),
            (json!({ "name": "X", "version": 7 }), None, 409),
            (json!({ "name": "" }), Some("\"1\""), 422),
            (json!({ "name": 3 }), Some("\"1\""), 422),
            (json!({ "target": "x" }), Some("\"1\""), 422),
            (json!({ "members": ["0999999"] }), Some("*"), 422),
            (json!([1]), Some("*"), 400),
        ] {
            let (found, answer) = program.send(Method::PATCH, &path, &body, tag).await;
            assert_eq!(found, status, "{body} {answer}");
        }
        let (status, changed) = program.send(Method::PATCH, &path, &json!({ "use_as_queue": false, "members": [] }), Some("\"1\"")).await;
        assert_eq!((status, &changed["use_as_queue"], &changed["members"], &changed["name"]), (200, &json!(false), &json!([]), &json!("Support")));
        let (status, ivr) = program.send(Method::POST, "/api/v1/ivrs", &json!({ "name": "Menu", "transfer_code": "90001", "target": "ivr-main" }), None).await;
        assert_eq!((status, ivr["errors"][0]["field"].as_str()), (422, Some("transfer_code")), "{ivr}");
        let (status, ivr) = program.send(Method::POST, "/api/v1/ivrs", &json!({ "name": "Menu", "transfer_code": "90101", "target": "ivr-main" }), None).await;
        assert_eq!(status, 201, "{ivr}");
        let to_agent = json!({ "number": "080 4000 2291", "goes_to": { "kind": "agent", "id": asha.to_string() } });
        let (status, number) = program.send(Method::POST, "/api/v1/caller-ids", &to_agent, None).await;
        assert_eq!((status, &number["number"], &number["goes_to"]["id"]), (201, &json!("+918040002291"), &json!(asha.to_string())), "{number}");
        let there = format!("/api/v1/caller-ids/{}", number["id"]);
        let to_ivr = json!({ "goes_to": { "kind": "ivr", "id": ivr["id"] }, "version": 1 });
        assert_eq!(program.send(Method::PATCH, &there, &to_ivr, None).await.1["goes_to"]["name"], "Menu");
        let (_, list) = program.send(Method::GET, "/api/v1/departments?limit=1&sort=-missed&days=7", &Value::Null, None).await;
        assert_eq!((&list["total"], &list["next_cursor"], &list["data"][0]["name"]), (&json!(1), &Value::Null, &json!("Support")));
        assert_eq!(program.send(Method::GET, "/api/v1/departments?sort=x", &Value::Null, None).await.0, 400);
        assert_eq!(program.send(Method::DELETE, &path, &Value::Null, None).await.0, 428);
        assert_eq!(program.send(Method::DELETE, &path, &Value::Null, Some("\"2\"")).await.0, 204);
        assert_eq!(program.send(Method::GET, &path, &Value::Null, None).await.0, 404);
        let reader = Program::new(&app, "Auditor");
        assert_eq!(reader.send(Method::GET, "/api/v1/ivrs", &Value::Null, None).await.0, 200);
        assert_eq!(reader.send(Method::POST, "/api/v1/ivrs", &json!({}), None).await.0, 403);
    }
}

/// The fields of a department as its form sends them.
fn support() -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "Support"),
        ("ring_strategy", "longest_idle"),
        ("ring_timeout_seconds", "45"),
        ("wrap_up_seconds", "0"),
        ("use_as_queue", ""),
        ("transfer_code", "90001"),
    ]
}

/// Adds a record by its form; returns its page.
async fn add(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.post(path, fields).await;
    let place = location(&answer);
    text(answer, 303).await;
    place
}

fn location(answer: &Response) -> String {
    let place = answer.headers().get("location");
    place.map_or_else(String::new, |place| place.to_str().unwrap().to_owned())
}

async fn post_part(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Response {
    let request = browser.request(Method::POST, path).form(fields);
    let request = request.header("HX-Request", "true");
    let request = request.header("HX-Request-Type", "partial");
    request.send().await.unwrap()
}

/// The value of a hidden input.
fn hidden(page: &str, name: &str) -> String {
    let start = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).expect("the input is there");
    let value = rest.split('"').next().unwrap();
    value.replace("&#34;", "\"").replace("&#38;", "&")
}

/// The key at the end of a page's path.
fn id(place: &str) -> i64 {
    place.rsplit('/').next().unwrap().parse().unwrap()
}

fn row(page: &str, id: i64) -> &str {
    let (_, rest) = page.split_once(&format!("id=\"row-{id}\"")).unwrap();
    rest.split("</tr>").next().unwrap()
}

/// Three agents in no group.
fn agents(app: &TestApp) -> [AgentId; 3] {
    let (send, made) = mpsc::channel();
    app.write(move |tx| {
        let names = [
            ("Team Asha", "team.asha"),
            ("Team Bela", "team.bela"),
            ("Team Chitra", "team.chitra"),
        ];
        let made = names.map(|(name, login_id)| {
            insert_agent(
                tx,
                &NewAgent {
                    name,
                    login_id,
                    ..NewAgent::default()
                },
            )
        });
        send.send(made).unwrap();
    });
    made.recv().unwrap()
}

/// A group of the scoped supervisor with nobody in it.
fn scoped_group(app: &TestApp) -> i64 {
    let (send, made) = mpsc::channel();
    app.write(move |tx| {
        let group = insert_group(tx, "North");
        give_scope(tx, "scoped", group);
        send.send(group).unwrap();
    });
    made.recv().unwrap()
}

/// Calls of a department and of an agent in it, so many days from today.
fn count(app: &TestApp, department: i64, agent: AgentId, days: i32, answered: i32, missed: i32) {
    let day = {
        let picture = app.state.floor.picture();
        let today = picture.install().calendar.day_of(app.state.clock.now());
        today.plus(days)
    };
    app.write(move |tx| {
        for (agent, missed) in [(0, missed), (agent.user().0, 0)] {
            diesel::insert_into(day_counts::table)
                .values((
                    day_counts::generation.eq(1),
                    day_counts::day.eq(day.0),
                    day_counts::agent_id.eq(agent),
                    day_counts::department_id.eq(department),
                    day_counts::answered.eq(answered),
                    day_counts::missed.eq(missed),
                ))
                .execute(tx.conn)
                .unwrap();
        }
        tx.effect(Effect::DepartmentDay {
            department: DepartmentId(department),
            day,
            answered,
            missed,
        });
    });
}

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

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        based_on: Option<&str>,
    ) -> (u16, Value) {
        let request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token);
        let request = match based_on {
            Some(tag) => request.header("If-Match", tag),
            None => request,
        };
        let request = match body {
            Value::Null => request,
            body => request.body(body.to_string()),
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }
}
