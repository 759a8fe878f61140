//! What agents have for themselves: their page, their duty with a reason, the directory.

use crate::support::TestDb;
use crate::support::app::{Person, TestApp, text};
use crate::support::people::{NewAgent, insert_agent, insert_group};
use diesel::prelude::*;
use rollcall::store::schema::{agent_live, agents, users};
use rollcall::store::{RecordKind, Tx};

both_databases! {
    async fn an_agent_pauses_with_a_reason_and_starts_again(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| become_agent(tx, Person::Agent));
        let browser = app.signed_in(Person::Agent).await;
        assert_eq!(browser.get("/").await.headers()["location"], "/me");
        let page = text(browser.get("/me").await, 200).await;
        assert!(page.contains("id=\"pause-form\"") && page.contains("<option value=\"lunch\">") && !page.contains("id=\"stop\""), "{page}");
        assert_eq!(browser.post("/me/duty", &[("act", "pause"), ("reason", "lunch")]).await.status(), 303);
        let page = text(browser.get("/me").await, 200).await;
        assert!(page.contains("agent-person is paused: lunch.") && page.contains("id=\"start\"") && !page.contains("id=\"undo\""), "{page}");
        let supervisor = app.signed_in(Person::Supervisor).await;
        let list = text(supervisor.get("/agents").await, 200).await;
        let agent = list.split("id=\"agent-0").nth(1).and_then(|rest| rest.split('"').next()).expect("a row");
        let page = text(supervisor.get(&format!("/agents/0{agent}")).await, 200).await;
        assert!(page.contains("lunch"), "supervisors see it\n{page}");
        assert_eq!(browser.post("/me/duty", &[("act", "resume")]).await.status(), 303);
        assert!(text(browser.get("/me").await, 200).await.contains("id=\"pause-form\""));
        let stopped = text(browser.post("/me/duty", &[("act", "off_duty")]).await, 422).await;
        assert!(stopped.contains("always on duty"), "{stopped}");
    }

    async fn nothing_but_ones_own_duty_is_done_there(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            become_agent(tx, Person::Agent);
            insert_agent(tx, &NewAgent::default());
        });
        let browser = app.signed_in(Person::Agent).await;
        for act in ["block", "disable", "delete", "join_groups", "fly", ""] {
            let status = browser.post("/me/duty", &[("act", act)]).await.status().as_u16();
            assert!(status == 400 || status == 422, "{act}: {status}");
        }
        assert_eq!(browser.post("/me/duty", &[("act", "pause"), ("agent", "010007")]).await.status(), 400);
        let long = "x".repeat(300);
        let told = text(browser.post("/me/duty", &[("act", "pause"), ("reason", &long)]).await, 422).await;
        assert!(told.contains("The reason has 300 characters"), "{told}");
        for path in ["/agents", "/agents/010007", "/calls", "/live", "/settings", "/audit", "/users"] {
            assert_eq!(browser.get(path).await.status(), 403, "{path}");
        }
        let nobody = app.signed_in(Person::Auditor).await;
        assert!(text(nobody.get("/me").await, 200).await.contains("You take no calls"));
        assert_eq!(nobody.post("/me/duty", &[("act", "pause")]).await.status(), 404);
    }

    async fn the_directory_tells_names_intercoms_and_statuses_and_finds_by_nothing_else(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            let south = insert_group(tx, "South");
            let id = insert_agent(tx, &NewAgent { email: Some("asha@example.com"), group: Some(south), ..NewAgent::default() });
            diesel::update(agents::table.find(id.user().0)).set(agents::intercom.eq("2345")).execute(tx.conn).unwrap();
        });
        for person in [Person::Agent, Person::Scoped] {
            let browser = app.signed_in(person).await;
            let page = text(browser.get("/directory").await, 200).await;
            assert!(page.contains("Asha Rao") && page.contains("2345") && page.contains("data-status=\""), "{page}");
            assert!(!page.contains("98765") && !page.contains("asha@") && !page.contains("South") && !page.contains("asha.rao"), "{page}");
            for (query, count) in [("q=asha", 1), ("q=RA+as", 1), ("q=23", 1), ("q=9876543210", 0), ("q=asha%40", 0), ("q=asha.rao", 0)] {
                let page = text(browser.get(&format!("/directory?{query}")).await, 200).await;
                assert_eq!(page.matches("id=\"contact-").count(), count, "{query}\n{page}");
            }
            for query in ["page=x", "sort=phone", "q=a&q=b"] {
                assert_eq!(browser.get(&format!("/directory?{query}")).await.status(), 400, "{query}");
            }
        }
    }
}

/// Makes a calling agent of someone who signs in.
fn become_agent(tx: &mut Tx<'_>, person: Person) {
    let now = tx.now.0;
    let id: i64 = users::table
        .filter(users::login_id.eq(person.word()))
        .select(users::id)
        .first(tx.conn)
        .unwrap();
    diesel::insert_into(agents::table)
        .values((
            agents::user_id.eq(id),
            agents::alternative_numbers.eq(""),
            agents::rings_on.eq("both"),
            agents::outgoing_calls.eq("all"),
            agents::login_based.eq(false),
            agents::admin_state.eq("enabled"),
            agents::admin_at.eq(now),
            agents::version.eq(1_i64),
        ))
        .execute(tx.conn)
        .unwrap();
    diesel::insert_into(agent_live::table)
        .values((
            agent_live::agent_id.eq(id),
            agent_live::duty.eq("on"),
            agent_live::duty_at.eq(now),
            agent_live::device.eq("registered"),
            agent_live::device_at.eq(now),
            agent_live::device_sequence.eq(""),
            agent_live::call_state.eq("idle"),
            agent_live::call_at.eq(now),
            agent_live::call_sequence.eq(""),
        ))
        .execute(tx.conn)
        .unwrap();
    tx.touch(RecordKind::User, id);
}
