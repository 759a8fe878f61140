//! Rows are kept as they were drawn. Whoever reads them next sees what is so then, and what they may see.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::calls::{Known, event, take};
use crate::support::people::{NewAgent, insert_agent, insert_department};
use diesel::prelude::*;
use rollcall::domain::call::{CallEventKind, EventBody, PhoneEvent};
use rollcall::domain::time::SECOND;
use rollcall::store::RecordKind;
use rollcall::store::schema::{departments, roles, users};
use std::sync::mpsc;
use std::time::Duration;

both_databases! {
    async fn a_row_that_was_read_before_shows_what_is_so_now(db: TestDb) {
        let app = TestApp::start(db);
        let (tell, told) = mpsc::channel();
        app.write(move |tx| {
            let sales = insert_department(tx, "Sales");
            let agent = insert_agent(tx, &NewAgent { department: Some(sales), ..NewAgent::default() });
            tell.send((agent, sales)).unwrap();
        });
        let (agent, sales) = told.recv().unwrap();
        let browser = app.signed_in(Person::Supervisor).await;
        shows(&browser, &["Asha Rao", "Sales", "/edit", "data-status=\"unknown\""]).await;

        happen(&app, vec![event(app.clock.now(), EventBody::Heartbeat)]);
        shows(&browser, &["data-status=\"active\"", ">0s</time>"]).await;

        app.write(|tx| {
            let renamed = diesel::update(users::table.filter(users::login_id.eq("asha.rao"))).set(users::name.eq("Asha Iyer"));
            let id: i64 = renamed.returning(users::id).get_result(tx.conn).unwrap();
            tx.touch(RecordKind::User, id);
        });
        shows(&browser, &["Asha Iyer", "Sales"]).await;

        app.write(move |tx| {
            let renamed = diesel::update(departments::table.find(sales)).set(departments::name.eq("Renewals"));
            renamed.execute(tx.conn).unwrap();
            tx.touch(RecordKind::Department, sales);
        });
        shows(&browser, &["Asha Iyer", "Renewals"]).await;

        // Less than the silence after which nobody believes a phone system.
        app.clock.advance(4 * SECOND);
        shows(&browser, &[">4s</time>"]).await;

        let leg = Known::leg("c", "1", agent, app.clock.now()).answered(0);
        happen(&app, vec![leg.event(CallEventKind::Answered)]);
        shows(&browser, &["data-status=\"busy\"", "data-hx-boost=\"false\">1</a>"]).await;

        // Fewer rights: the way to the form goes, though nothing of the agent changed.
        app.write(|tx| {
            let role = roles::table.filter(roles::name.eq("Supervisor")).select((roles::id, roles::permissions));
            let (id, words): (i64, String) = role.first(tx.conn).unwrap();
            let fewer: Vec<&str> = words.split(' ').filter(|word| *word != "agents.write").collect();
            diesel::update(roles::table.find(id)).set(roles::permissions.eq(fewer.join(" "))).execute(tx.conn).unwrap();
            tx.touch(RecordKind::Role, id);
        });
        shows_not(&browser, "/edit").await;
    }

    async fn a_row_drawn_for_one_reader_is_not_handed_to_another_who_may_less(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| _ = insert_agent(tx, &NewAgent::default()));
        let supervisor = app.signed_in(Person::Supervisor).await;
        let auditor = app.signed_in(Person::Auditor).await;
        let full = shows(&supervisor, &["Asha Rao", "/edit", "/acts", "type=\"checkbox\""]).await;
        let bare = shows(&auditor, &["Asha Rao"]).await;
        assert!(!bare.contains("/edit") && !bare.contains("/acts") && !bare.contains("checkbox"), "{bare}");
        assert_eq!(shows(&supervisor, &["Asha Rao"]).await, full, "nor the other way round");
    }
}

fn happen(app: &TestApp, events: Vec<PhoneEvent>) {
    let store = app.state.store.clone();
    let taken = std::thread::spawn(move || take(&store, events)).join();
    taken.expect("the events are taken");
}

/// The one row of the list, once it has all these texts.
pub(super) async fn shows(browser: &Browser, texts: &[&str]) -> String {
    until(
        browser,
        |row| texts.iter().all(|text| row.contains(text)),
        texts,
    )
    .await
}

async fn shows_not(browser: &Browser, absent: &str) -> String {
    until(browser, |row| !row.contains(absent), &[absent]).await
}

/// What was written reaches the list by the feed of changes, a moment later.
async fn until(browser: &Browser, good: impl Fn(&str) -> bool, wanted: &[&str]) -> String {
    for _ in 0..200 {
        let page = text(browser.get("/agents").await, 200).await;
        let rows = page.split("id=\"agents-rows\"").nth(1).unwrap_or_default();
        let row = rows.split("</tbody>").next().unwrap_or_default();
        if !row.is_empty() && good(row) {
            return row.to_owned();
        }
        actix_web::rt::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the row never comes to {wanted:?}");
}
