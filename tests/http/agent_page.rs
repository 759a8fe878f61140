//! The page of one agent: who may see it, what it says, and that it says only what the reader may know.

use crate::support::TestDb;
use crate::support::app::{Person, TestApp, text};
use crate::support::calls::{Known, at};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_department, insert_group};
use diesel::prelude::*;
use rollcall::domain::audit::Entry;
use rollcall::domain::call::EventBody;
use rollcall::domain::ids::AgentId;
use rollcall::domain::time::{HOUR, MINUTE, Timestamp};
use rollcall::store::schema::{intervals, users};
use rollcall::store::{RecordKind, Tx, ledger};
use serde_json::json;

/// The moment at which the test's clock stands.
const NOW: &str = "2026-11-20T09:30:00Z";

both_databases! {
    async fn an_agents_page_tells_status_calls_and_changes(db: TestDb) {
        let app = TestApp::start(db);
        let agent = made(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let page = text(browser.get(&format!("/agents/{agent}")).await, 200).await;
        for said in [
            "<h1><bdi>Asha Rao</bdi></h1>",
            "Support",
            "North",
            // 00:00 to 06:00 no record, 06:00 to 08:00 active, two minutes of talk, then lunch, then active.
            "Not recorded <b class=\"num\">6h 00m</b>",
            "Busy <b class=\"num\">2m 00s</b>",
            "Offline <b class=\"num\">30m 00s</b>",
            "Active <b class=\"num\">2h 58m</b>",
            "lunch",
            "98123 45678",
            "Lakshmi",
            "<del><bdi>Sales</bdi></del>",
            "<ins><bdi>Support</bdi></ins>",
            &format!("href=\"/agents/{agent}/edit\""),
        ] {
            assert!(page.contains(said), "{said} is missing in\n{page}");
        }
        assert!(!page.contains("10.9.8.7"), "who may not read the audit does not see from where");
        let audit = app.signed_in(Person::Admin).await;
        assert!(text(audit.get(&format!("/agents/{agent}")).await, 200).await.contains("from 10.9.8.7"));
        let week = text(browser.get(&format!("/agents/{agent}?days=7")).await, 200).await;
        assert!(week.contains("Fri 20 Nov 2026") && week.contains("days=7"));
        let list = text(browser.get("/agents").await, 200).await;
        assert!(list.contains(&format!("href=\"/agents/{agent}\"")), "the name leads to the page");
    }

    async fn an_agents_page_is_only_for_who_may_see_the_agent(db: TestDb) {
        let app = TestApp::start(db);
        let agent = made(&app);
        let scoped = app.signed_in(Person::Scoped).await;
        assert_eq!(scoped.get(&format!("/agents/{agent}")).await.status(), 404);
        app.write(|tx| give_scope(tx, Person::Scoped.word(), 2));
        let page = text(scoped.get(&format!("/agents/{agent}")).await, 200).await;
        assert!(page.contains("South") && !page.contains("North"), "groups out of scope stay unnamed\n{page}");
        assert_eq!(app.signed_in(Person::Agent).await.get(&format!("/agents/{agent}")).await.status(), 403);
        let browser = app.signed_in(Person::Auditor).await;
        let page = text(browser.get(&format!("/agents/{agent}")).await, 200).await;
        assert!(!page.contains("/edit\"") && !page.contains("/acts\""), "an auditor changes nothing");
        for nobody in ["010999", "42", "0", "abc", "%3Cscript%3E", "0010001"] {
            assert_eq!(browser.get(&format!("/agents/{nobody}")).await.status(), 404, "{nobody}");
        }
        app.write(move |tx| {
            let id = agent.user().0;
            diesel::update(users::table.find(id)).set(users::deleted_at.eq(tx.now.0)).execute(tx.conn).unwrap();
            tx.touch(RecordKind::User, id);
        });
        assert_eq!(browser.get(&format!("/agents/{agent}")).await.status(), 404, "deleted");
    }

    async fn hostile_texts_are_inert_on_an_agents_page(db: TestDb) {
        const HOSTILE: &str = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>";
        let app = TestApp::start(db);
        let (sent, made) = std::sync::mpsc::channel();
        app.write(move |tx| {
            let agent = insert_agent(tx, &NewAgent { name: HOSTILE, admin_state: "blocked", admin_reason: Some(HOSTILE), designation: HOSTILE, ..NewAgent::default() });
            interval(tx, agent, "admin", "enabled", None, 8 * HOUR, Some(2 * HOUR));
            interval(tx, agent, "admin", "blocked", Some(HOSTILE), 2 * HOUR, None);
            interval(tx, agent, "duty", "paused", Some(HOSTILE), 8 * HOUR, None);
            let mut call = Known::leg("h", "1", agent, at(NOW).plus(-HOUR)).answered(5).ended(20).record();
            if let EventBody::Call(call) = &mut call.body {
                call.caller = HOSTILE.to_owned();
            }
            ledger::record(tx, &[call]).unwrap();
            let entry = Entry::new("agent.update", "user", Some(agent.user().0), HOSTILE);
            tx.audit(entry.before(HOSTILE, HOSTILE).after("name", HOSTILE).after("agent_groups", json!([{"id": "x", "name": HOSTILE}, 7, null]))).unwrap();
            sent.send(agent).unwrap();
        });
        let agent = made.recv().unwrap();
        let browser = app.signed_in(Person::Admin).await;
        for query in ["", "?days=30"] {
            let page = text(browser.get(&format!("/agents/{agent}{query}")).await, 200).await;
            assert!(!page.contains("<img") && !page.contains("<script>alert") && !page.contains("\"'>"), "{page}");
        }
        for query in ["days=never", "days=7&days=7", "from=2026-02-30&to=2026-03-01", "changes=x", "page=2", "days=%3Cimg%20src=x%3E"] {
            let page = text(browser.get(&format!("/agents/{agent}?{query}")).await, 400).await;
            assert!(page.contains("makes no sense") && page.contains("id=\"status-h\"") && !page.contains("<img"), "{query}");
        }
        for query in ["from=1970-01-01&to=1979-12-31", "from=2199-01-01&to=2199-12-31", "from=2020-01-01&to=2026-11-20", "changes=1"] {
            text(browser.get(&format!("/agents/{agent}?{query}")).await, 200).await;
        }
    }
}

/// An agent in two groups with a morning behind them.
fn made(app: &TestApp) -> AgentId {
    let (sent, made) = std::sync::mpsc::channel();
    app.write(move |tx| {
        let (north, south) = (insert_group(tx, "North"), insert_group(tx, "South"));
        let support = insert_department(tx, "Support");
        let agent = insert_agent(
            tx,
            &NewAgent {
                group: Some(north),
                department: Some(support),
                ..NewAgent::default()
            },
        );
        diesel::insert_into(rollcall::store::schema::agent_group_members::table)
            .values((
                rollcall::store::schema::agent_group_members::group_id.eq(south),
                rollcall::store::schema::agent_group_members::agent_id.eq(agent.user().0),
            ))
            .execute(tx.conn)
            .unwrap();
        tx.touch(RecordKind::User, agent.user().0);
        // The clock stands at 09:30 UTC, and the install has no other zone.
        interval(
            tx,
            agent,
            "admin",
            "enabled",
            None,
            3 * HOUR + 30 * MINUTE,
            None,
        );
        interval(
            tx,
            agent,
            "duty",
            "on",
            None,
            3 * HOUR + 30 * MINUTE,
            Some(HOUR),
        );
        interval(
            tx,
            agent,
            "duty",
            "paused",
            Some("lunch"),
            HOUR,
            Some(30 * MINUTE),
        );
        interval(tx, agent, "duty", "on", None, 30 * MINUTE, None);
        interval(tx, agent, "device", "registered", None, 4 * HOUR, None);
        let call = Known::leg("c", "1", agent, at(NOW).plus(-2 * HOUR));
        ledger::record(tx, &[call.answered(10).ended(130).record()]).unwrap();
        let by = rollcall::domain::audit::Actor {
            name: "Lakshmi Menon".to_owned(),
            address: Some("10.9.8.7".to_owned()),
            ..rollcall::domain::audit::Actor::system()
        };
        let entry = Entry::new("agent.update", "user", Some(agent.user().0), "Asha Rao")
            .before("departments", json!([{"id": 9, "name": "Sales"}]))
            .after("departments", json!([{"id": support, "name": "Support"}]));
        let was = std::mem::replace(&mut tx.by, Box::leak(Box::new(by)));
        tx.audit(entry).unwrap();
        tx.by = was;
        sent.send(agent).unwrap();
    });
    made.recv().unwrap()
}

/// A value that held from so long ago until so long ago.
fn interval(
    tx: &mut Tx<'_>,
    agent: AgentId,
    axis: &str,
    value: &str,
    reason: Option<&str>,
    from: i64,
    until: Option<i64>,
) {
    let now: Timestamp = at(NOW);
    diesel::insert_into(intervals::table)
        .values((
            intervals::agent_id.eq(agent.user().0),
            intervals::axis.eq(axis),
            intervals::value.eq(value),
            intervals::reason.eq(reason),
            intervals::started_at.eq(now.plus(-from).0),
            intervals::ended_at.eq(until.map(|until| now.plus(-until).0)),
        ))
        .execute(tx.conn)
        .unwrap();
}
