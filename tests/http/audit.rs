//! The audit log as people read it: what is in it, what never is, how it is filtered and exported.

use crate::support::TestDb;
use crate::support::app::{PASSWORD, Person, TestApp, text};
use crate::support::people::{NewAgent, insert_agent};
use crate::support::programs::token_of;
use reqwest::Method;
use rollcall::domain::audit::Entry;
use serde_json::Value;

/// The keys of the entries on a page, top to bottom.
fn entries(page: &str) -> Vec<i64> {
    let rows = page.split("id=\"entry-").skip(1);
    rows.map(|row| row.split('"').next().unwrap().parse().unwrap())
        .collect()
}

fn link(page: &str, id: &str) -> Option<String> {
    let rest = page.split(&format!("id=\"{id}\" href=\"")).nth(1)?;
    Some(rest.split('"').next()?.replace("&#38;", "&"))
}

both_databases! {
    async fn who_when_from_where_and_what_before_and_after(db: TestDb) {
        let app = TestApp::start(db);
        let agent = agent(&app);
        let supervisor = app.signed_in(Person::Supervisor).await;
        let blocked = supervisor.request(Method::PUT, &format!("/api/v1/agents/{agent}/block")).body(r#"{"reason": "sick"}"#).send().await.unwrap();
        assert_eq!(blocked.status(), 200);
        assert_eq!(supervisor.get("/audit").await.status(), 403);
        wait(&app, "access.refused").await;
        let auditor = app.signed_in(Person::Auditor).await;
        let page = text(auditor.get("/audit").await, 200).await;
        for told in [
            "<time datetime=\"2026-11-20T09:30:00Z\">20 Nov 2026 09:30:00</time>", "2026-11-20T09:30:00Z</div>", "127.0.0.1",
            "Agent blocked", "<ins><bdi>sick</bdi></ins>", "<bdi>Asha Rao</bdi>", "Signed in", "GET /audit", "class=\"bad\">Refused",
        ] {
            assert!(page.contains(told), "{told} in\n{page}");
        }
        assert!(!page.contains(PASSWORD) && !page.contains("argon2"), "no secret is in it");
        let own = text(auditor.get(&format!("/agents/{agent}")).await, 200).await;
        assert!(own.contains("blocked") && own.contains("from 127.0.0.1"), "the agent's page tells the same\n{own}");
    }

    async fn it_is_filtered_by_person_record_kind_time_and_name(db: TestDb) {
        let app = TestApp::start(db);
        let agent = agent(&app);
        let key: i64 = agent[1..].parse::<i64>().unwrap() - 10_000;
        let supervisor = app.signed_in(Person::Supervisor).await;
        for act in ["block", "disable"] {
            supervisor.request(Method::PUT, &format!("/api/v1/agents/{agent}/{act}")).send().await.unwrap();
        }
        let admin = app.signed_in(Person::Admin).await;
        admin.get("/agents/export.csv").await.text().await.unwrap();
        let found = async |query: &str| entries(&text(admin.get(&format!("/audit?{query}")).await, 200).await).len();
        assert_eq!(found(&format!("about=user-{key}")).await, 2);
        assert_eq!(found("kind=state").await, 2);
        assert_eq!(found("kind=exports").await, 1);
        assert_eq!(found("kind=sign-ins").await, 2);
        assert_eq!(found("q=asha+RAO").await, 2);
        assert_eq!(found("q=100%25").await, 0);
        assert_eq!(found("days=today&kind=state").await, 2);
        assert_eq!(found("days=yesterday").await, 0);
        assert_eq!(found("from=2026-11-20&to=2026-11-20&kind=state").await, 2);
        let page = text(admin.get("/audit?kind=state").await, 200).await;
        let by = page.split("href=\"/audit?by=").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        assert_eq!(found(&format!("by={by}")).await, 2, "the name leads to what that person did");
        for bad in ["kind=x", "by=nobody", "about=5", "days=never", "page=2", "kind=state&kind=state"] {
            let page = text(admin.get(&format!("/audit?{bad}")).await, 400).await;
            assert!(page.contains("makes no sense") && entries(&page).is_empty(), "{bad}");
            assert_eq!(admin.get(&format!("/api/v1/audit?{bad}")).await.status(), 400, "{bad}");
        }
    }

    async fn pages_files_and_programs_tell_every_entry_once(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            let entry = |number: usize| Entry::new("group.create", "group", Some(1), format!("=G{number}")).after("name", "=1+1");
            tx.audit_all((0..70).map(entry).collect()).unwrap();
        });
        let admin = app.signed_in(Person::Admin).await;
        let mut page = text(admin.get("/audit?per=25&kind=changes&q=%3DG").await, 200).await;
        let mut met = entries(&page);
        while let Some(href) = link(&page, "page-right") {
            page = text(admin.get(&href).await, 200).await;
            met.extend(entries(&page));
        }
        assert_eq!(met.len(), 70);
        assert!(met.windows(2).all(|pair| pair[0] > pair[1]), "newest first, none twice");
        let back = text(admin.get(&link(&page, "page-left").unwrap()).await, 200).await;
        assert_eq!(entries(&back), met[25..50]);
        let file = text(admin.get("/audit/export.csv?q=%3DG").await, 200).await;
        assert_eq!(file.lines().count(), 71);
        assert!(file.contains("'=G7") && !file.contains(",=G7"), "no formula");
        let (mut programs, mut cursor) = (Vec::new(), String::new());
        loop {
            let piece: Value = admin.get(&format!("/api/v1/audit?q=%3DG&limit=30{cursor}")).await.json().await.unwrap();
            programs.extend(piece["data"].as_array().unwrap().iter().map(|entry| entry["id"].as_i64().unwrap()));
            match piece["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(programs, met);
        let part = text(admin.get_part("/audit?per=25").await, 200).await;
        assert!(part.starts_with("<div id=\"audit-list\"") && !part.contains("<html"));
    }

    async fn what_a_token_changes_is_put_down_to_it(db: TestDb) {
        let app = TestApp::start(db);
        let agent = agent(&app);
        let token = token_of(&app, Person::Supervisor, 0).unwrap();
        let program = app.browser();
        let put = program.request(Method::PUT, &format!("/api/v1/agents/{agent}/block")).bearer_auth(&token);
        assert_eq!(put.send().await.unwrap().status(), 200);
        let admin = app.signed_in(Person::Admin).await;
        let page = text(admin.get("/audit?kind=state").await, 200).await;
        assert!(page.contains("API token") && page.contains("<bdi>supervisor</bdi>"), "{page}");
        let log = text(admin.get("/audit/export.csv").await, 200).await;
        assert!(!log.contains(&token) && !log.contains("rc_"), "the token itself is nowhere");
        let list = text(admin.get("/settings/tokens").await, 200).await;
        assert!(!list.contains(&token), "{list}");
    }
}

fn agent(app: &TestApp) -> String {
    let (told, id) = std::sync::mpsc::channel();
    app.write(move |tx| {
        let id = insert_agent(tx, &NewAgent::default());
        told.send(id.to_string()).unwrap();
    });
    id.recv().unwrap()
}

/// A refusal is written beside the answer, so it may be a moment later.
async fn wait(app: &TestApp, action: &'static str) {
    use diesel::prelude::*;
    use rollcall::store::schema::audit_entries;
    for _ in 0..500 {
        let count: i64 = app
            .state
            .store
            .read(|conn| {
                let here = audit_entries::table.filter(audit_entries::action.eq(action));
                Ok(here.count().get_result(conn)?)
            })
            .unwrap();
        if count > 0 {
            return;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{action} was never written");
}
