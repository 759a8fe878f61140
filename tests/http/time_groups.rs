//! Time groups over HTTP: by plain forms and by htmx, in the API, for each kind of person, with whatever is
//! typed into them.

use super::rows::shows;
use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::calls::{accept, event};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use diesel::prelude::*;
use reqwest::{Method, Response};
use rollcall::domain::call::EventBody;
use rollcall::domain::time::SECOND;
use rollcall::store::schema::agents;
use rollcall::store::{RecordKind, Tx};
use serde_json::{Value, json};
use std::sync::mpsc;

both_databases! {
    async fn a_plain_form_adds_one_that_is_open_at_once(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let empty = text(browser.get("/time-groups").await, 200).await;
        assert!(empty.contains("No time groups yet") && empty.contains("href=\"/time-groups/new\""));
        let form = text(browser.get("/time-groups/new").await, 200).await;
        assert!(form.contains("id=\"row-0-from\"") && form.contains("<option value=\"Asia/Kolkata\">"));
        let once = hidden(&form, "once");
        let mut fields = office();
        fields.push(("once", once.as_str()));
        let answer = browser.post("/time-groups", &fields).await;
        let place = location(&answer);
        assert_eq!((answer.status().as_u16(), place.starts_with("/time-groups/")), (303, true));
        assert_eq!(location(&browser.post("/time-groups", &fields).await), place, "sent twice it makes one");
        let page = text(browser.get(&place).await, 200).await;
        for said in ["Office is added.", "Open now", "Closes today 18:00 IST, in 3h 00m", "Mon–Fri 09:00–18:00", "Fri 25 Dec 2026", "Christmas", "<td>09:00–18:00</td>", "<td>Closed</td>"] {
            assert!(page.contains(said), "{said}\n{page}");
        }
        assert_eq!(page.matches("<rect class=\"open\"").count(), 5, "a bar for each day");
        let list = text(browser.get("/time-groups").await, 200).await;
        assert!(list.contains("Asia/Kolkata") && list.contains("Closes today 18:00 IST") && !list.contains("is added"), "{list}");
        let agents = text(browser.get("/agents").await, 200).await;
        assert!(agents.contains("href=\"/time-groups\""), "the navigation leads there");
    }

    async fn rows_come_and_go_with_all_that_was_typed(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let place = add(&browser, &office()).await;
        let page = text(browser.get(&format!("{place}/edit")).await, 200).await;
        let (version, was) = (hidden(&page, "version"), hidden(&page, "was"));
        let mut fields = vec![("version", version.as_str()), ("was", was.as_str())];
        fields.extend([("name", "Half typed"), ("time_zone", "Mars/"), ("row-0-day", "Mon"), ("row-0-from", "25:00"), ("row-1-day", "Sun"), ("row-1-to", "02:00")]);
        for (base, stored) in [(place.clone(), true), ("/time-groups".to_owned(), false)] {
            if !stored {
                fields.retain(|(name, _)| !matches!(*name, "version" | "was"));
            }
            let more = text(browser.post(&format!("{base}?add=row"), &fields).await, 200).await;
            for kept in ["value=\"Half typed\"", "value=\"Mars/\"", "value=\"25:00\"", "id=\"row-2-from\"", "value=\"02:00\""] {
                assert!(more.contains(kept), "{base} {kept}\n{more}");
            }
            assert!(more.contains("<html") && !more.contains("class=\"err\""), "nothing is judged yet");
            let less = text(post_part(&browser, &format!("{base}?drop=row-0"), &fields).await, 200).await;
            assert!(!less.contains("<html") && less.starts_with("<form"), "{less}");
            assert!(less.contains("id=\"row-0-to\"") && !less.contains("id=\"row-1-to\"") && !less.contains("25:00") && less.contains("value=\"02:00\""));
            let holiday = text(post_part(&browser, &format!("{base}?add=holiday"), &fields).await, 200).await;
            let control = holiday.split("id=\"holiday-0-date\"").nth(1).unwrap().split('>').next().unwrap();
            assert!(control.contains("autofocus"), "the focus goes to what was added");
            let takes_away = holiday.find("formaction").unwrap();
            assert!(holiday.find(">Save</button>").unwrap() < takes_away, "Enter saves");
        }
        for wrong in ["add=agent", "drop=row-x", "add=row&drop=row-0", "colour=red"] {
            assert_eq!(browser.post(&format!("{place}?{wrong}"), &fields).await.status(), 400, "{wrong}");
        }
        let page = text(browser.get(&place).await, 200).await;
        assert!(page.contains("Office") && !page.contains("Half typed"), "nothing was saved");
    }

    async fn what_is_wrong_stands_beside_its_control_and_what_was_typed_stays(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        add(&browser, &office()).await;
        for (name, typed, control, why) in [
            ("name", "  ", "name", "The name is missing"),
            ("name", "OFFICE", "name", "There is a time group “OFFICE” already"),
            ("name", "a\u{202e}b", "name", "never end it"),
            ("name", &"x".repeat(100_000), "name", "the most is 128"),
            ("time_zone", "Asia/Calcuta", "time_zone", "There is no time zone “Asia/Calcuta”"),
            ("time_zone", "'><script>alert(1)</script>", "time_zone", "There is no time zone"),
            ("row-0-from", "9 o’clock", "row-0-from", "is no time of day"),
            ("row-0-to", "", "row-0-to", "Say when it ends"),
            ("holiday-0-date", "25.12.2026", "holiday-0-date", "Choose a date"),
            ("holiday-0-name", "", "holiday-0-name", "The name is missing"),
        ] {
            let mut fields: Vec<(&str, &str)> = office().into_iter().filter(|(n, _)| *n != name).collect();
            if name != "name" {
                fields.retain(|(n, _)| *n != "name");
                fields.push(("name", "Another"));
            }
            fields.push((name, typed));
            let page = text(browser.post("/time-groups", &fields).await, 422).await;
            assert!(page.contains(why), "{name} {typed}: {why}\n{page}");
            assert!(page.contains(&format!("id=\"{control}-err\"")) && page.contains(&format!("href=\"#{control}\"")), "{name}: told at its control and above");
            assert!(page.contains("aria-invalid=\"true\"") && page.contains(&escaped(typed)), "{name}: what was typed is kept");
            assert!(!page.contains("<script>alert"), "{name}");
        }
        let nothing: Vec<(&str, &str)> = office().into_iter().filter(|(n, _)| !n.starts_with("row-")).map(|(n, v)| if n == "name" { (n, "Empty") } else { (n, v) }).collect();
        let page = text(browser.post("/time-groups", &nothing).await, 422).await;
        assert!(page.contains("it would never be open otherwise") && page.contains("aria-describedby=\"hours-err\""), "{page}");
        for (name, value) in [("open_now", "true"), ("row-0-day", "Funday"), ("name", "twice"), ("row-0-from", "10:00"), ("deleted_at", "")] {
            let mut fields = office();
            fields.push((name, value));
            assert_eq!(browser.post("/time-groups", &fields).await.status(), 400, "{name}");
        }
        let many: Vec<(String, String)> = (0..60).map(|at| (format!("row-{at}-from"), "09:00".to_owned())).collect();
        let answer = browser.request(Method::POST, "/time-groups").form(&many).send().await.unwrap();
        assert_eq!(answer.status(), 413);
        assert_eq!(list(&browser, "").await["total"], 1);
    }

    async fn two_people_s_edits_merge_or_are_shown_side_by_side(db: TestDb) {
        let app = TestApp::start(db);
        let (priya, admin) = (app.signed_in(Person::Supervisor).await, app.signed_in(Person::Admin).await);
        let place = add(&priya, &office()).await;
        let opened = text(priya.get(&format!("{place}/edit")).await, 200).await;
        let (version, was) = (hidden(&opened, "version"), hidden(&opened, "was"));
        let based = |name: &'static str, value: &'static str| {
            let mut fields: Vec<(&str, &str)> = office().into_iter().map(|(n, v)| if n == name { (n, value) } else { (n, v) }).collect();
            fields.extend([("version", version.as_str()), ("was", was.as_str())]);
            fields
        };
        assert_eq!(admin.post(&place, &based("row-0-from", "08:00")).await.status(), 303);
        assert_eq!(priya.post(&place, &based("name", "Day")).await.status(), 303);
        let page = text(priya.get(&place).await, 200).await;
        assert!(page.contains("Day is saved. administrator had changed the hours meanwhile: kept."), "{page}");
        assert!(page.contains("<li>Mon–Fri 08:00–18:00</li>"));
        let conflict = text(priya.post(&place, &based("row-0-from", "10:00")).await, 409).await;
        for said in ["saved this time group at", "Mon–Fri 08:00–18:00", "Mon–Fri 10:00–18:00", "name=\"keep_hours\"", "value=\"10:00\""] {
            assert!(conflict.contains(said), "{said}\n{conflict}");
        }
        assert!(text(priya.get(&place).await, 200).await.contains("<li>Mon–Fri 08:00–18:00</li>"), "nothing was written");
        let (version, was) = (hidden(&conflict, "version"), hidden(&conflict, "was"));
        for (choice, from) in [("theirs", "08:00"), ("mine", "10:00")] {
            let mut fields: Vec<(&str, &str)> = office().into_iter().map(|(n, v)| match n {
                "name" => (n, "Day"),
                "row-0-from" => (n, "10:00"),
                _ => (n, v),
            }).collect();
            fields.extend([("version", version.as_str()), ("was", was.as_str()), ("keep_hours", choice)]);
            assert_eq!(priya.post(&place, &fields).await.status(), 303, "{choice}");
            let page = text(priya.get(&place).await, 200).await;
            assert!(page.contains(&format!("<li>Mon–Fri {from}–18:00</li>")), "{choice}\n{page}");
        }
        let mut blind = office();
        blind.push(("was", ""));
        assert_eq!(priya.post(&place, &blind).await.status(), 428, "a change without what it is based on");
    }

    async fn its_page_tells_who_changed_what(db: TestDb) {
        let app = TestApp::start(db);
        let (priya, auditor) = (app.signed_in(Person::Supervisor).await, app.signed_in(Person::Auditor).await);
        let place = add(&priya, &office()).await;
        follow(&app, id_of(&place), None);
        for (name, to) in [("Day", "18:00"), ("Day", "19:00")] {
            let form = text(priya.get(&format!("{place}/edit")).await, 200).await;
            let (version, was) = (hidden(&form, "version"), hidden(&form, "was"));
            let mut fields: Vec<(&str, &str)> = office().into_iter().map(|(n, v)| match n {
                "name" => (n, name),
                "row-0-to" => (n, to),
                _ => (n, v),
            }).collect();
            fields.extend([("version", version.as_str()), ("was", was.as_str())]);
            assert_eq!(priya.post(&place, &fields).await.status(), 303);
        }
        let deleted = priya.post(&format!("{place}?_method=DELETE"), &[("version", "3")]).await;
        assert_eq!((deleted.status().as_u16(), priya.post(&format!("{place}/restore"), &[]).await.status().as_u16()), (303, 303));
        let told = |page: &str| page.split("id=\"changes\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned();
        let seen = told(&text(priya.get(&place).await, 200).await);
        let places: Vec<usize> = [
            "</b> restored", "</b> deleted", "<ins><bdi>1</bdi></ins>", "<del><bdi>Mon–Fri 09:00–18:00</bdi></del>", "<ins><bdi>Mon–Fri 09:00–19:00</bdi></ins>",
            "<del><bdi>Office</bdi></del>", "<ins><bdi>Day</bdi></ins>", "</b> created", "25 Dec 2026 Christmas",
        ].iter().map(|said| seen.find(said).unwrap_or_else(|| panic!("{said}\n{seen}"))).collect();
        assert!(places.is_sorted(), "the last first\n{seen}");
        assert!(seen.contains("<bdi>supervisor</bdi>") && !seen.contains("from 127.0.0.1"), "{seen}");
        assert!(told(&text(auditor.get(&place).await, 200).await).contains("from 127.0.0.1"), "who reads the audit log sees from where");
        let (sender, group) = mpsc::channel();
        app.write(move |tx| {
            let north = insert_group(tx, "North");
            give_scope(tx, Person::Scoped.word(), north);
            sender.send(north).unwrap();
        });
        group.recv().unwrap();
        let scoped = told(&text(app.signed_in(Person::Scoped).await.get(&place).await, 200).await);
        assert!(scoped.contains("</b> deleted") && !scoped.contains("<ins><bdi>1</bdi></ins>"), "nothing of agents she does not see\n{scoped}");
        for wrong in ["changes=x", "changes=-1", "changes=1&changes=2", "colour=red"] {
            let page = text(priya.get(&format!("{place}?{wrong}")).await, 400).await;
            assert!(page.contains("makes no sense") && page.contains("id=\"week-h\""), "{wrong}");
        }
    }

    async fn older_changes_are_a_link_away(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let place = add(&browser, &office()).await;
        for at in 1..=13 {
            let rename = json!({ "name": format!("Desk {at}") }).to_string();
            assert_eq!(send(&browser, Method::PATCH, &format!("/api/v1{place}"), &rename, Some("*")).await.0, 200);
        }
        let page = text(browser.get(&place).await, 200).await;
        assert!(page.contains("<ins><bdi>Desk 13</bdi></ins>") && !page.contains("</b> created"), "{page}");
        let older = page.split("id=\"older-changes\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let page = text(browser.get(older.split('#').next().unwrap()).await, 200).await;
        assert!(page.contains("</b> created") && page.contains("<ins><bdi>Desk 1</bdi></ins>") && !page.contains("older-changes"), "{page}");
    }

    async fn a_deletion_says_whom_it_concerns_and_is_undone(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let place = add(&browser, &office()).await;
        let id = id_of(&place);
        follow(&app, id, None);
        let page = text(browser.get(&format!("{place}/delete")).await, 200).await;
        assert!(page.contains("1 agent") && page.contains(&format!("/agents?time_group={id}")) && page.contains("<html"), "{page}");
        let dialog = browser.get_part(&format!("{place}/delete")).await;
        assert_eq!(dialog.headers()["hx-retarget"], "#dialog");
        assert!(text(dialog, 200).await.starts_with("<dialog"));
        let delete = format!("{place}?_method=DELETE");
        assert_eq!(browser.post(&delete, &[]).await.status(), 428, "a deletion without what was seen");
        let always = r#"{"always": true}"#;
        assert_eq!(send(&browser, Method::PATCH, &format!("/api/v1{place}"), always, Some("\"1\"")).await.0, 200);
        let stale = text(browser.post(&delete, &[("version", hidden(&page, "version").as_str())]).await, 409).await;
        assert!(stale.contains("It was changed after you opened this") && browser.get(&place).await.status() == 200, "{stale}");
        let answer = browser.post(&delete, &[("version", hidden(&stale, "version").as_str())]).await;
        assert_eq!((answer.status().as_u16(), location(&answer).as_str()), (303, "/time-groups"));
        let page = text(browser.get("/time-groups").await, 200).await;
        assert!(page.contains("Office is deleted. 1 agent has no working hours now.") && !page.contains("data-time-group"), "{page}");
        let undo = page.split("action=\"/operations/").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(browser.get(&place).await.status(), 404);
        let answer = post_part(&browser, &format!("/operations/{undo}"), &[("back", "/time-groups")]).await;
        assert_eq!(answer.headers()["hx-redirect"], "/time-groups", "the list is read anew");
        let page = text(browser.get("/time-groups").await, 200).await;
        assert!(page.contains("Undone: Office is as before.") && page.contains("data-time-group"), "{page}");
        let agents = text(browser.get(&format!("/agents?time_group={id}")).await, 200).await;
        assert!(agents.contains("1 of 1"), "its agents are its agents again\n{agents}");
    }

    async fn a_deleted_one_is_restored_for_its_agents_unless_its_name_is_in_use(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let place = add(&browser, &office()).await;
        follow(&app, id_of(&place), None);
        let empty = text(browser.get("/time-groups/deleted").await, 200).await;
        assert!(empty.contains("Nothing here"), "{empty}");
        let restore = format!("{place}/restore");
        assert_eq!(browser.post(&restore, &[]).await.status(), 404, "it is not deleted");
        browser.post(&format!("{place}?_method=DELETE"), &[("version", "1")]).await;
        let gone = text(browser.get("/time-groups/deleted").await, 200).await;
        assert!(gone.contains("<bdi>Office</bdi>") && gone.contains("20 Nov 2026 "), "{gone}");
        let other = add(&browser, &office()).await;
        let refused = text(browser.post(&restore, &[]).await, 422).await;
        assert!(refused.contains("another time group is called “office” now") && refused.contains("<bdi>Office</bdi>"), "{refused}");
        browser.post(&format!("{other}?_method=DELETE"), &[("version", "1")]).await;
        let answer = browser.post(&restore, &[]).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (303, place.clone()));
        let page = text(browser.get(&place).await, 200).await;
        assert!(page.contains("Office is restored.") && page.contains("Open now") && page.contains("1 agent<"), "{page}");
    }

    async fn an_agent_outside_hours_is_offline_and_says_so(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let place = add(&browser, &office()).await;
        let agent = follow(&app, id_of(&place), None);
        let (store, now) = (app.state.store.clone(), app.clock.now());
        std::thread::spawn(move || accept(&store, vec![event(now, EventBody::Heartbeat)])).join().unwrap();
        let row = |page: &str| page.split(&format!("<tr id=\"agent-{agent}\"")).nth(1).unwrap().split("</tr>").next().unwrap().to_owned();
        let open = shows(&browser, &["data-status=\"active\""]).await;
        assert!(!open.contains("outside hours"), "{open}");
        let (version, closed) = (version(&browser, &place).await, r#"{"hours":[{"weekdays":["sat"],"from":"09:00","to":"13:00"}]}"#);
        let answer = send(&browser, Method::PATCH, &format!("/api/v1{place}"), closed, Some(&version)).await;
        assert_eq!(answer.0, 200, "{}", answer.1);
        let closed = row(&text(browser.get("/agents").await, 200).await);
        assert!(closed.contains("data-status=\"offline\"") && closed.contains("outside hours"), "at once\n{closed}");
        let page = text(browser.get(&place).await, 200).await;
        assert!(page.contains("Closed") && page.contains("Opens Saturday 09:00 IST"), "{page}");
    }

    async fn the_badge_turns_by_itself_when_the_clock_passes_the_closing_instant(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        // It is three o’clock in the afternoon in India.
        let closing: Vec<(&str, &str)> = office().into_iter().map(|(n, v)| if n == "row-0-to" { (n, "15:01") } else { (n, v) }).collect();
        let place = add(&browser, &closing).await;
        follow(&app, id_of(&place), None);
        let pass = |seconds: i64| {
            app.clock.advance(seconds * SECOND);
            let (store, now) = (app.state.store.clone(), app.clock.now());
            // A phone system that is silent for long would make the status unknown.
            std::thread::spawn(move || accept(&store, vec![event(now, EventBody::Heartbeat)])).join().unwrap();
        };
        pass(0);
        shows(&browser, &["data-status=\"active\""]).await;
        pass(59);
        let open = shows(&browser, &["data-status=\"active\""]).await;
        assert!(!open.contains("outside hours"), "{open}");
        pass(1);
        let closed = shows(&browser, &["data-status=\"offline\"", "outside hours"]).await;
        assert!(!closed.contains("data-status=\"active\""), "{closed}");
        let page = text(browser.get(&place).await, 200).await;
        assert!(page.contains("Closed") && page.contains("Opens Monday 09:00 IST"), "{page}");
    }

    async fn who_is_scoped_reads_and_counts_her_own_agents_and_changes_nothing(db: TestDb) {
        let app = TestApp::start(db);
        let supervisor = app.signed_in(Person::Supervisor).await;
        let place = add(&supervisor, &office()).await;
        let (sender, group) = mpsc::channel();
        app.write(move |tx| {
            let north = insert_group(tx, "North");
            give_scope(tx, Person::Scoped.word(), north);
            sender.send(north).unwrap();
        });
        let north = group.recv().unwrap();
        follow(&app, id_of(&place), Some(north));
        follow(&app, id_of(&place), None);
        let scoped = app.signed_in(Person::Scoped).await;
        assert_eq!(list(&scoped, "").await["data"][0]["agents"], 1);
        assert_eq!(list(&supervisor, "").await["data"][0]["agents"], 2);
        let page = text(scoped.get(&place).await, 200).await;
        assert!(page.contains("1 agent<") && !page.contains("/edit\"") && !page.contains("/delete\""), "nothing offered that would be refused\n{page}");
        for path in ["/time-groups/new", &format!("{place}/edit"), &format!("{place}/delete")] {
            assert_eq!(scoped.get(path).await.status(), 403, "{path}");
        }
        assert_eq!(scoped.post("/time-groups", &office()).await.status(), 403);
        assert_eq!(scoped.post(&format!("{place}?_method=DELETE"), &[]).await.status(), 403);
        let api = format!("/api/v1{place}");
        for (method, path) in [(Method::POST, "/api/v1/time-groups"), (Method::PATCH, &api), (Method::DELETE, &api)] {
            assert_eq!(send(&scoped, method, path, "{}", Some("*")).await.0, 403);
        }
        let agent = app.signed_in(Person::Agent).await;
        assert_eq!(agent.get("/time-groups").await.status(), 403);
    }

    async fn the_list_is_searched_and_sorted_and_refuses_what_makes_no_sense(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        for (name, zone) in [("Night", "Europe/London"), ("Day", "Asia/Kolkata"), ("<img src=x onerror=alert(1)>", "UTC")] {
            let fields: Vec<(&str, &str)> = office().into_iter().map(|(n, v)| match n {
                "name" => (n, name),
                "time_zone" => (n, zone),
                _ => (n, v),
            }).collect();
            add(&browser, &fields).await;
        }
        for (query, first, count) in [("", "&#60;img", 3), ("?sort=-name", "Night", 3), ("?sort=time_zone", "Day", 3), ("?q=london", "Night", 1), ("?q=nowhere", "", 0)] {
            for page in [text(browser.get(&format!("/time-groups{query}")).await, 200).await, text(browser.get_part(&format!("/time-groups{query}")).await, 200).await] {
                assert_eq!(page.matches("data-time-group").count(), count, "{query}");
                let name = page.split("data-time-group").nth(1).and_then(|row| row.split("<bdi>").nth(1)).unwrap_or_default();
                assert!(name.starts_with(first) && !page.contains("<img"), "{query}: {name}");
            }
        }
        assert!(!text(browser.get_part("/time-groups").await, 200).await.contains("<html"));
        for query in ["sort=wage", "page=0", "per=10", "q=a&q=b", "q=%ff"] {
            let page = text(browser.get(&format!("/time-groups?{query}")).await, 400).await;
            assert!(page.contains("chip is-bad") && !page.contains("data-time-group"), "{query}");
        }
        for path in ["/time-groups/0", "/time-groups/x", "/time-groups/999", "/time-groups/-1", "/time-groups/999/edit", "/time-groups/99999999999999999999"] {
            assert_eq!(browser.get(path).await.status(), 404, "{path}");
        }
    }

    async fn a_long_list_has_pages(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        for at in 1..=27 {
            let body = json!({ "name": format!("Desk {at:02}"), "time_zone": "UTC", "always": true });
            assert_eq!(send(&browser, Method::POST, "/api/v1/time-groups", &body.to_string(), None).await.0, 201);
        }
        for (query, first, rows, shown) in [
            ("", "Desk 01", 27, "<b>1–27</b> of 27"),
            ("?per=25", "Desk 01", 25, "<b>1–25</b> of 27"),
            ("?per=25&page=2", "Desk 26", 2, "<b>26–27</b> of 27"),
            ("?per=25&page=9", "Desk 26", 2, "<b>26–27</b> of 27"),
            ("?q=desk+2&per=25", "Desk 02", 10, "<b>1–10</b> of 10"),
            ("?sort=-name&per=25&page=2", "Desk 02", 2, "<b>26–27</b> of 27"),
        ] {
            let page = text(browser.get(&format!("/time-groups{query}")).await, 200).await;
            let name = page.split("data-time-group").nth(1).and_then(|row| row.split("<bdi>").nth(1)).unwrap_or_default();
            assert_eq!((page.matches("data-time-group").count(), page.contains(shown)), (rows, true), "{query}\n{page}");
            assert!(name.starts_with(first), "{query}: {name}");
        }
        let page = text(browser.get("/time-groups?q=desk&per=25").await, 200).await;
        assert!(page.contains("id=\"page-right\" href=\"/time-groups?q=desk&#38;per=25&#38;page=2\""), "{page}");
        assert!(page.contains("<input type=\"hidden\" name=\"per\" value=\"25\">"), "searching keeps the size");
    }

    async fn programs_read_and_change_with_the_same_rules(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let body = json!({
            "name": "Night", "time_zone": "Europe/London", "hours": [{ "weekdays": ["fri", "sat"], "from": "22:00", "to": "06:00" }],
            "holidays": [{ "date": "2026-12-25", "name": "Christmas" }],
        });
        let (status, made) = send(&browser, Method::POST, "/api/v1/time-groups", &body.to_string(), None).await;
        assert_eq!(status, 201, "{made}");
        let path = format!("/api/v1/time-groups/{}", made["id"]);
        assert_eq!((&made["hours"], &made["holidays"], &made["version"]), (&body["hours"], &body["holidays"], &json!(1)));
        assert_eq!((&made["open_now"], &made["next_change_at"]), (&json!(false), &json!("2026-11-20T22:00:00Z")));
        let answer = browser.get(&path).await;
        assert_eq!(answer.headers()["etag"], "\"1\"");
        assert_eq!(send(&browser, Method::GET, &path, "", None).await.1, made);
        for (change, field) in [
            (r#"{"name": ""}"#, "name"), (r#"{"name": 3}"#, "name"), (r#"{"time_zone": "Nowhere"}"#, "time_zone"), (r#"{"always": "yes"}"#, "always"),
            (r#"{"hours": [{"weekdays": [], "from": "09:00", "to": "18:00"}]}"#, "hours[0].weekdays"), (r#"{"hours": [{"weekdays": ["funday"]}]}"#, "hours"),
            (r#"{"hours": [{"weekdays": ["mon"], "from": "9", "to": "18:00"}]}"#, "hours[0].from"), (r#"{"hours": null}"#, "hours"), (r#"{"hours": "always"}"#, "hours"),
            (r#"{"holidays": [{"date": "2026-02-30", "name": "x"}]}"#, "holidays[0].date"), (r#"{"open_now": true}"#, "open_now"),
        ] {
            let (status, problem) = send(&browser, Method::PATCH, &path, change, Some("*")).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!(field)), "{change}: {problem}");
        }
        let rename = r#"{"name": "Late"}"#;
        for (tag, status) in [(None, 428), (Some("\"7\""), 409), (Some("seven"), 400), (Some("\"1\""), 200), (Some("\"1\""), 409)] {
            assert_eq!(send(&browser, Method::PATCH, &path, rename, tag).await.0, status, "{tag:?}");
        }
        let (status, problem) = send(&browser, Method::POST, "/api/v1/time-groups", &body.to_string().replace("Night", "LATE"), None).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("name")), "{problem}");
        let always = send(&browser, Method::PATCH, &path, r#"{"always": true, "hours": null, "version": 2}"#, None).await.1;
        assert_eq!((&always["open_now"], &always["next_change_at"], &always["hours"]), (&json!(true), &Value::Null, &json!([])));
        for name in ["A", "B"] {
            send(&browser, Method::POST, "/api/v1/time-groups", &body.to_string().replace("Night", name), None).await;
        }
        let first = list(&browser, "?limit=2").await;
        let next = list(&browser, &format!("?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await;
        let names: Vec<&Value> = [&first, &next].iter().flat_map(|piece| piece["data"].as_array().unwrap()).map(|it| &it["name"]).collect();
        assert_eq!((names, &next["next_cursor"], &next["total"]), (vec![&json!("A"), &json!("B"), &json!("Late")], &Value::Null, &json!(3)));
        for query in ["?limit=0", "?limit=x", "?cursor=abc", "?cursor=999", "?sort=wage", "?status=active"] {
            assert_eq!(send(&browser, Method::GET, &format!("/api/v1/time-groups{query}"), "", None).await.0, 400, "{query}");
        }
        assert_eq!(send(&browser, Method::DELETE, &path, "", None).await.0, 428);
        assert_eq!(send(&browser, Method::DELETE, &path, "", Some("\"3\"")).await.0, 204);
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            assert_eq!(send(&browser, method, &path, "{}", Some("*")).await.0, 404);
        }
    }
}

/// Monday to Friday, nine to six in India; the tests' clock says three in the afternoon there, a Friday.
fn office() -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "Office"),
        ("time_zone", "Asia/Kolkata"),
        ("always", ""),
        ("row-0-day", "Mon"),
        ("row-0-day", "Tue"),
        ("row-0-day", "Wed"),
        ("row-0-day", "Thu"),
        ("row-0-day", "Fri"),
        ("row-0-from", "09:00"),
        ("row-0-to", "18:00"),
        ("holiday-0-date", "2026-12-25"),
        ("holiday-0-name", "Christmas"),
    ]
}

/// Adds a time group; its address.
async fn add(browser: &Browser, fields: &[(&str, &str)]) -> String {
    let answer = browser.post("/time-groups", fields).await;
    let place = location(&answer);
    assert_eq!(
        answer.status(),
        303,
        "{}",
        answer.text().await.unwrap_or_default()
    );
    place
}

fn location(answer: &Response) -> String {
    let place = answer.headers().get("location");
    place.map_or_else(String::new, |place| place.to_str().unwrap().to_owned())
}

fn id_of(place: &str) -> i64 {
    place.rsplit('/').next().unwrap().parse().unwrap()
}

/// As a button of the form sends it with htmx.
async fn post_part(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Response {
    let request = browser.request(Method::POST, path).form(fields);
    let request = request
        .header("HX-Request", "true")
        .header("HX-Request-Type", "partial");
    request.send().await.unwrap()
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let value = page.split(&start).nth(1).expect("the field");
    let value = value.split('"').next().unwrap();
    value
        .replace("&#34;", "\"")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
}

/// As the templates escape it.
fn escaped(text: &str) -> String {
    text.replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

/// An agent who follows a time group.
fn follow(app: &TestApp, id: i64, group: Option<i64>) -> String {
    let (sender, agent) = mpsc::channel();
    app.write(move |tx: &mut Tx<'_>| {
        let login_id = format!("agent.{}", group.unwrap_or(0));
        let new = NewAgent {
            login_id: &login_id,
            group,
            ..NewAgent::default()
        };
        let agent = insert_agent(tx, &new);
        let row = agents::table.find(agent.user().0);
        let follows = agents::time_group_id.eq(id);
        diesel::update(row).set(follows).execute(tx.conn).unwrap();
        tx.touch(RecordKind::User, agent.user().0);
        sender.send(agent.to_string()).unwrap();
    });
    agent.recv().unwrap()
}

/// The tag that a change is based on.
async fn version(browser: &Browser, place: &str) -> String {
    let answer = browser.get(&format!("/api/v1{place}")).await;
    answer.headers()["etag"].to_str().unwrap().to_owned()
}

async fn list(browser: &Browser, query: &str) -> Value {
    let path = format!("/api/v1/time-groups{query}");
    let (status, list) = send(browser, Method::GET, &path, "", None).await;
    assert_eq!(status, 200, "{list}");
    list
}

/// Null for an answer without a body.
async fn send(
    browser: &Browser,
    method: Method,
    path: &str,
    body: &str,
    based_on: Option<&str>,
) -> (u16, Value) {
    let mut request = browser.request(method, path).body(body.to_owned());
    if let Some(tag) = based_on {
        request = request.header("If-Match", tag);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}
