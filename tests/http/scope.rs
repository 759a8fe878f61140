//! Rights that hold on one's own groups: others' agents do not exist, in lists, counts, searches and parts.

use super::calls::NOW;
use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::calls::{Known, at};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_department, insert_group};
use diesel::prelude::*;
use rollcall::domain::audit::Entry;
use rollcall::domain::ids::DepartmentId;
use rollcall::domain::role::Permission;
use rollcall::domain::time::HOUR;
use rollcall::store::schema::{agent_group_members, roles, users};
use rollcall::store::{RecordKind, Tx, ledger};
use serde_json::Value;

both_databases! {
    async fn a_scoped_supervisor_sees_her_groups_and_nobody_else(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            let (north, south) = (insert_group(tx, "North"), insert_group(tx, "South"));
            let people = [("Asha North", "asha.north", north), ("Bela North", "bela.north", north), ("Chitra South", "chitra.south", south)];
            for (name, login_id, group) in people {
                insert_agent(tx, &NewAgent { name, login_id, group: Some(group), ..NewAgent::default() });
            }
            give_scope(tx, Person::Scoped.word(), north);
        });
        let scoped = app.signed_in(Person::Scoped).await;
        let everyone = app.signed_in(Person::Supervisor).await;
        let page = text(everyone.get("/agents").await, 200).await;
        assert!(page.contains("Chitra South") && page.contains("3 of 3"));
        for path in ["/agents", "/agents?sort=-name", "/agents?q=o", "/agents?status=unknown&days=30"] {
            for page in [text(scoped.get(path).await, 200).await, text(scoped.get_part(path).await, 200).await] {
                assert!(page.contains("Asha North") && page.contains("2 of 2"), "{path}\n{page}");
                assert!(!page.contains("Chitra") && !page.contains("South"), "{path}");
            }
        }
        let nobody = text(scoped.get("/agents?q=Chitra").await, 200).await;
        let unknown = text(scoped.get("/agents?q=Zaphod").await, 200).await;
        assert_eq!(nobody.matches("data-agent").count(), 0);
        assert_eq!(nobody.replace("Chitra", "Zaphod").len(), unknown.len(), "a hidden agent looks like none");
    }

    async fn nothing_of_another_group_is_read_counted_or_inferred(db: TestDb) {
        let app = TestApp::start(db);
        open_offices(&app).await;
        let scoped = app.signed_in(Person::Scoped).await;
        // Sorted by every column, filtered and searched: the same rows, the same totals, and no name.
        let columns = ["name", "agent_id", "username", "agent_status", "calls_answered", "missed", "departments", "time_group", "phone"];
        let sorted = columns.iter().flat_map(|column| [format!("/agents?sort={column}&days=30"), format!("/agents?sort=-{column}&days=30")]);
        for path in sorted.chain(["/agents?per=25&page=9".to_owned()]) {
            let page = text(scoped.get(&path).await, 200).await;
            assert!(page.contains("2 of 2"), "{path}\n{page}");
            unknown(&page, &path);
        }
        // Which of hers are in a group of others is not for her to know, in a filter, a column or a call.
        for path in ["/agents?group=2", "/agents?group=77"] {
            let page = text(scoped.get(path).await, 200).await;
            assert!(page.contains("0 of 2") && !page.contains("data-agent"), "{path}\n{page}");
        }
        assert_eq!(total(&scoped, "/api/v1/agents?group=2").await, 0);
        assert_eq!(total(&scoped, "/api/v1/agents?group=1").await, 2);
        let list: Value = scoped.get("/api/v1/agents").await.json().await.unwrap();
        for agent in list["data"].as_array().unwrap() {
            assert_eq!(agent["agent_groups"], serde_json::json!(["North"]), "{agent}");
        }
        for path in ["/agents/export.csv?days=30", "/calls/export.csv?days=30", "/calls?days=30", "/calls?days=30&group=2", "/agent-groups", "/agent-groups?sort=-members", "/", "/departments?days=30", "/departments/1?days=30", "/time-groups", "/agents/deleted"] {
            unknown(&text(scoped.get(path).await, 200).await, path);
        }
        let groups: Value = scoped.get("/api/v1/agent-groups").await.json().await.unwrap();
        assert_eq!((groups["total"].as_u64(), groups["data"][0]["members"].as_u64()), (Some(1), Some(2)));
        // A department counts only the calls of her agents.
        let departments = text(scoped.get("/departments?days=30").await, 200).await;
        let everyone = text(app.signed_in(Person::Supervisor).await.get("/departments?days=30").await, 200).await;
        assert_ne!(departments, everyone);
        let calls = text(scoped.get("/calls?days=30").await, 200).await;
        assert!(calls.contains("transfer") && !calls.contains("transfer from"), "who had the call before stays unnamed\n{calls}");
    }

    async fn names_and_numbers_in_use_elsewhere_are_just_in_use(db: TestDb) {
        let app = TestApp::start(db);
        open_offices(&app).await;
        let supervisor = app.signed_in(Person::Supervisor).await;
        let taken = r#"{"name": "Devi South", "username": "devi.south", "intercom_number": "2345", "agent_groups": [2]}"#;
        let made = send(&supervisor, "/api/v1/agents", taken).await;
        assert_eq!(made.0, 201, "{}", made.1);
        let scoped = app.signed_in(Person::Scoped).await;
        for body in [
            r#"{"name": "A", "username": "devi.south", "agent_groups": [1]}"#,
            r#"{"name": "A", "username": "a.north.2", "intercom_number": "2345", "agent_groups": [1]}"#,
        ] {
            let (status, told) = send(&scoped, "/api/v1/agents", body).await;
            assert_eq!(status, 422, "{told}");
            unknown(&told.to_string(), body);
        }
        // Nor can she put anyone into a group of others, or make one without a group of hers.
        for body in [
            r#"{"name": "A", "username": "a.north.3", "agent_groups": [2]}"#,
            r#"{"name": "A", "username": "a.north.3"}"#,
        ] {
            let (status, told) = send(&scoped, "/api/v1/agents", body).await;
            assert_eq!(status, 422, "{told}");
            unknown(&told.to_string(), body);
        }
    }

    async fn a_row_offers_only_what_she_may_do(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            two_offices(tx);
            // The same rights on everyone are more rights.
            let role: i64 = roles::table.filter(roles::name.eq("Supervisor")).select(roles::id).first(tx.conn).unwrap();
            let asha = users::table.filter(users::login_id.eq("asha.north"));
            let id: i64 = diesel::update(asha).set(users::role_id.eq(role)).returning(users::id).get_result(tx.conn).unwrap();
            tx.touch(RecordKind::User, id);
        });
        let scoped = app.signed_in(Person::Scoped).await;
        let row = |page: &str, from: &str| page.split_once(from).unwrap_or_else(|| panic!("{from} in {page}")).1.split_once("</tr>").unwrap().0.to_owned();
        for (person, of_asha) in [(Person::Scoped, false), (Person::Supervisor, true)] {
            let browser = app.signed_in(person).await;
            let agents = text(browser.get("/agents?sort=name").await, 200).await;
            let (first, second) = (row(&agents, "data-agent=\"010006\""), row(&agents, "data-agent=\"010007\""));
            for offer in ["/edit\"", "/acts\""] {
                assert_eq!((first.contains(offer), second.contains(offer)), (of_asha, true), "{person:?} {offer}\n{first}");
            }
            let page = text(browser.get("/agents/010006").await, 200).await;
            assert_eq!((page.contains("id=\"edit\""), page.contains("id=\"acts\"")), (of_asha, of_asha), "{person:?}");
            let list = text(browser.get("/users").await, 200).await;
            let (first, second) = (row(&list, "id=\"user-6\""), row(&list, "id=\"user-7\""));
            for offer in ["/edit\"", "/acts"] {
                assert_eq!((first.contains(offer), second.contains(offer)), (of_asha, true), "{person:?} {offer}\n{first}");
            }
        }
        for path in ["/agents/010006/edit", "/users/6/edit", "/users/6/acts"] {
            assert_eq!(scoped.get(path).await.status(), 403, "{path}");
        }
    }

    async fn the_log_of_a_scope_is_about_its_agents(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            two_offices(tx);
            let audit = Person::Scoped.permissions().with(Permission::AuditRead).with(Permission::AuditExport);
            let role: i64 = diesel::update(roles::table.filter(roles::own_groups.eq(true)))
                .set(roles::permissions.eq(audit.to_string()))
                .returning(roles::id)
                .get_result(tx.conn)
                .unwrap();
            tx.touch(RecordKind::Role, role);
        });
        let scoped = app.signed_in(Person::Scoped).await;
        let page = text(scoped.get("/audit").await, 200).await;
        assert!(page.contains("Asha North"), "{page}");
        unknown(&page, "/audit");
        for path in ["/audit?q=South", "/audit?about=group-2", "/audit?kind=settings"] {
            assert!(!text(scoped.get(path).await, 200).await.contains("id=\"entry-"), "{path}");
        }
        unknown(&text(scoped.get("/audit/export.csv").await, 200).await, "the file");
        let log: Value = scoped.get("/api/v1/audit").await.json().await.unwrap();
        unknown(&log.to_string(), "the API");
        assert!(log["data"].as_array().unwrap().iter().all(|entry| entry["about"]["kind"] == "user"), "{log}");
    }
}

/// Two offices, and a phone system that was heard: its first event turns every status from unknown, a moment after it
/// was written.
pub(super) async fn open_offices(app: &TestApp) {
    app.write(two_offices);
    for _ in 0..500 {
        if app.state.floor.check().await.unwrap().is_empty() {
            return;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the floor never says what the database does");
}

/// Two agents in the scoped supervisor's group, one of them in another as well, and one in that alone; each with a
/// call, one of them transferred from the other office.
fn two_offices(tx: &mut Tx<'_>) {
    let (north, south) = (insert_group(tx, "North"), insert_group(tx, "South"));
    let support = DepartmentId(insert_department(tx, "Support"));
    let mut agent = |name, login_id, group| {
        let new = NewAgent {
            name,
            login_id,
            group: Some(group),
            ..NewAgent::default()
        };
        insert_agent(tx, &new)
    };
    let asha = agent("Asha North", "asha.north", north);
    let bela = agent("Bela North", "bela.north", north);
    let chitra = agent("Chitra South", "chitra.south", south);
    diesel::insert_into(agent_group_members::table)
        .values((
            agent_group_members::group_id.eq(south),
            agent_group_members::agent_id.eq(bela.user().0),
        ))
        .execute(tx.conn)
        .unwrap();
    tx.touch(RecordKind::User, bela.user().0);
    let answered = |id: &str, leg: &str, agent, ago: i64| {
        let known = Known::leg(id, leg, agent, at(NOW).plus(-ago));
        known.in_department(support).answered(5).ended(60).record()
    };
    let events = [
        answered("a", "1", asha, HOUR),
        answered("b", "1", chitra, 3 * HOUR),
        answered("b", "2", asha, 3 * HOUR - HOUR / 2),
        answered("c", "1", chitra, 4 * HOUR),
    ];
    ledger::record(tx, &events).unwrap();
    for (id, name) in [(asha, "Asha North"), (chitra, "Chitra South")] {
        let entry = Entry::new("agent.update", "user", Some(id.user().0), name)
            .before("agent_groups", serde_json::json!([{ "id": south, "name": "South" }, { "id": north, "name": "North" }]))
            .after("agent_groups", serde_json::json!([{ "id": north, "name": "North" }]));
        tx.audit(entry).unwrap();
    }
    tx.audit(Entry::new("group.create", "group", Some(south), "South"))
        .unwrap();
    give_scope(tx, Person::Scoped.word(), north);
}

/// Nothing of the other office is in it.
pub(super) fn unknown(text: &str, of: &str) {
    for word in ["Chitra", "chitra", "South", "Devi S"] {
        assert!(!text.contains(word), "{word} in {of}\n{text}");
    }
}

async fn total(browser: &Browser, path: &str) -> u64 {
    let list: Value = browser.get(path).await.json().await.unwrap();
    list["total"].as_u64().unwrap()
}

async fn send(browser: &Browser, path: &str, body: &'static str) -> (u16, Value) {
    let request = browser.request(reqwest::Method::POST, path).body(body);
    let answer = request
        .header("content-type", "application/json")
        .send()
        .await
        .unwrap();
    (
        answer.status().as_u16(),
        answer.json().await.unwrap_or_default(),
    )
}
