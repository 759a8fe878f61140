//! The dashboard: its numbers are those of the lists, in the reader's scope.

use super::calls::{NOW, count, office};
use crate::support::TestDb;
use crate::support::app::{Person, TestApp, text};
use crate::support::calls::{Known, at};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_department, insert_group};
use diesel::prelude::*;
use rollcall::domain::audit::Entry;
use rollcall::domain::time::{HOUR, MINUTE};
use rollcall::store::schema::agents;
use rollcall::store::{RecordKind, ledger};

const WEEK: i64 = 7 * 24 * HOUR;

both_databases! {
    async fn today_stands_beside_the_same_weekday_up_to_the_same_time(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            let (north, south) = (insert_group(tx, "North"), insert_group(tx, "South"));
            let (support, sales) = (insert_department(tx, "Support"), insert_department(tx, "Sales"));
            let asha = insert_agent(tx, &NewAgent { name: "Asha", login_id: "asha.north", group: Some(north), ..NewAgent::default() });
            let chitra = insert_agent(tx, &NewAgent { name: "Chitra", login_id: "chitra.south", group: Some(south), ..NewAgent::default() });
            give_scope(tx, Person::Scoped.word(), north);
            let answered = |id: &str, agent, department: i64, ago: i64| {
                Known::leg(id, "1", agent, at(NOW).plus(-ago)).in_department(rollcall::domain::ids::DepartmentId(department)).answered(5).ended(60).record()
            };
            let events = [
                answered("a", asha, support, HOUR),
                answered("b", asha, support, HOUR + 10 * MINUTE),
                answered("c", chitra, sales, 3 * HOUR),
                Known::leg("m", "1", asha, at(NOW).plus(-2 * HOUR)).ended(20).record(),
                // A week ago: one before the time that it is now, one after it.
                answered("d", asha, support, WEEK + HOUR),
                answered("e", chitra, sales, WEEK - HOUR),
            ];
            ledger::record(tx, &events).unwrap();
        });
        let page = text(app.signed_in(Person::Supervisor).await.get("/").await, 200).await;
        assert_eq!(tile(&page, "answered"), ("3".into(), "2 more (was 1)".into()));
        assert_eq!(tile(&page, "missed"), ("1".into(), "1 more (was 0)".into()));
        assert!(page.contains("against Fri 13 Nov 2026 to 09:30"));
        for hour in ["<th scope=\"row\">06:00</th><td class=\"end\">1</td><td class=\"end\">0</td><td class=\"end\">0</td>",
            "<th scope=\"row\">08:00</th><td class=\"end\">2</td><td class=\"end\">0</td><td class=\"end\">1</td>",
            "<th scope=\"row\">10:00</th><td class=\"end\">0</td><td class=\"end\">0</td><td class=\"end\">1</td>"] {
            assert!(page.contains(hour), "{hour} in\n{page}");
        }
        assert!(page.contains("<svg class=\"chart\"") && !page.contains("style="));
        assert!(page.contains("Sales</bdi></a></th>") && page.contains("href=\"/calls?department=1&#38;counted=answered\">2</a>"), "{page}");
        let scoped = text(app.signed_in(Person::Scoped).await.get("/").await, 200).await;
        assert_eq!(tile(&scoped, "answered"), ("2".into(), "1 more (was 1)".into()));
        assert!(!scoped.contains("<th scope=\"row\">06:00</th>"), "calls of others are in no picture\n{scoped}");
        let sales = scoped.split("Sales</bdi>").nth(1).unwrap().split("</tr>").next().unwrap();
        assert!(sales.contains("<td class=\"end\">0</td>"), "and in no department\n{sales}");
    }

    async fn before_there_are_agents_it_says_what_comes_next_to_who_may(db: TestDb) {
        let app = TestApp::start(db);
        let links = |page: &str| -> Vec<String> {
            let card = page.split_once("id=\"guide\"").map_or("", |(_, card)| card.split("</section>").next().unwrap());
            card.split("<a href=\"").skip(1).map(|link| link.split('"').next().unwrap().to_owned()).collect()
        };
        for (person, steps) in [
            (Person::Admin, &["/time-groups", "/users/upload"][..]),
            (Person::Supervisor, &["/time-groups", "/users/upload"]),
            (Person::Scoped, &["/users/upload"]),
            (Person::Auditor, &[]),
        ] {
            let browser = app.signed_in(person).await;
            let page = text(browser.get("/").await, 200).await;
            assert_eq!(links(&page), steps, "{person:?}\n{page}");
            for step in steps {
                assert_eq!(browser.get(step).await.status(), 200, "{person:?} {step}");
            }
        }
        app.write(|tx| _ = insert_agent(tx, &NewAgent { name: "Asha", login_id: "asha.north", ..NewAgent::default() }));
        assert!(!text(app.signed_in(Person::Admin).await.get("/").await, 200).await.contains("What comes next"));
    }

    async fn the_tiles_lead_to_the_calls_that_they_count(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| _ = office(tx));
        for person in [Person::Supervisor, Person::Scoped, Person::Auditor] {
            let browser = app.signed_in(person).await;
            let page = text(browser.get("/").await, 200).await;
            for (id, path) in [("answered", "/calls?counted=answered"), ("missed", "/calls?counted=missed")] {
                let behind = text(browser.get(path).await, 200).await;
                assert_eq!(tile(&page, id).0, count(&behind).to_string(), "{person:?} {id}");
            }
            let part = text(browser.get_part("/").await, 200).await;
            assert!(part.contains("id=\"dashboard-tiles\"") && !part.contains("<h1>"));
        }
    }

    async fn what_ends_today_and_what_changed_is_told_to_who_may_know(db: TestDb) {
        const HOSTILE: &str = "\"'><img src=x onerror=alert(1)>";
        let app = TestApp::start(db);
        app.write(|tx| {
            let (north, south) = (insert_group(tx, "North"), insert_group(tx, "South"));
            give_scope(tx, Person::Scoped.word(), north);
            for (name, login_id, group, until) in [("Asha", "asha.north", north, 2 * HOUR), (HOSTILE, "chitra.south", south, 3 * HOUR), ("Bela", "bela.north", north, 40 * HOUR)] {
                let id = insert_agent(tx, &NewAgent { name, login_id, group: Some(group), admin_state: "blocked", admin_reason: Some(HOSTILE), ..NewAgent::default() }).user().0;
                diesel::update(agents::table.find(id)).set(agents::admin_until.eq(at(NOW).plus(until).0)).execute(tx.conn).unwrap();
                tx.touch(RecordKind::User, id);
                tx.audit(Entry::new("agent.block", "user", Some(id), name).before("admin_state", "enabled").after("admin_state", "blocked")).unwrap();
            }
        });
        let page = text(app.signed_in(Person::Admin).await.get("/").await, 200).await;
        let ending = |page: &str| page.split("id=\"ending-h\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned();
        assert!(ending(&page).contains("Asha") && ending(&page).contains("11:30") && !ending(&page).contains("Bela"), "{page}");
        assert!(page.contains("id=\"latest-changes\"") && page.contains("<ins><bdi>blocked</bdi></ins>") && !page.contains("<img"));
        let scoped = text(app.signed_in(Person::Scoped).await.get("/").await, 200).await;
        assert!(ending(&scoped).contains("Asha") && !scoped.contains("onerror=alert(1)&#62;</bdi></a> at"));
        assert!(!scoped.contains("id=\"latest-changes\""), "without the right to the audit nobody is told");
        let led_on = app.signed_in(Person::Agent).await.get("/").await;
        assert_eq!((led_on.status().as_u16(), led_on.headers()["location"].to_str().unwrap()), (303, "/me"));
    }
}

/// The number of a tile, and the line below it.
fn tile(page: &str, id: &str) -> (String, String) {
    let tile = page.split(&format!("id=\"tile-{id}\"")).nth(1).unwrap();
    let part = |class: &str| {
        let rest = tile
            .split(&format!("<span class=\"{class}\">"))
            .nth(1)
            .unwrap();
        rest.split("</span>").next().unwrap().to_owned()
    };
    (part("v"), part("d"))
}
