//! Editing an agent over HTTP, by plain forms and in the row, for each kind of person.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::people::{give_scope, insert_department, insert_group};
use reqwest::{Method, Response};
use rollcall::domain::agent_form::{AgentForm, Rules};
use rollcall::domain::ids::AgentId;
use rollcall::domain::role::Scope;
use rollcall::store::agent::create::create;
use rollcall::store::schema::{agents, users};
use rollcall::store::{RecordKind, Tx, role};
use std::sync::mpsc;

both_databases! {
    async fn a_plain_form_saves_and_goes_back_to_the_list_it_came_from(db: TestDb) {
        let (app, office) = office(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let page = browser.request(Method::GET, &office.edit()).header("referer", format!("{}/agents?days=7&sort=-name", app.url)).send().await.unwrap();
        let form = Form::of(&text(page, 200).await);
        let answer = form.with("name", "Asha Kulkarni").with("call_forwarding_number", "098765 43210").with("time_group", "").post(&browser, &office).await;
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()["location"], format!("/agents?days=7&sort=-name#agent-{}", office.asha).as_str());
        let list = text(browser.get("/agents").await, 200).await;
        assert!(list.contains("Asha Kulkarni") && list.contains("098765 43210"));
        assert!(list.contains("Asha Kulkarni is saved.") && list.contains("/undo\""), "{list}");
        let again = form.with("name", "Asha Kulkarni").post(&browser, &office).await;
        assert_eq!(again.status(), 303, "the same form sent twice does no harm");
        assert_eq!(version(&app, office.asha), 2);
    }

    async fn the_row_opens_saves_and_closes_as_parts_of_the_list(db: TestDb) {
        let (app, office) = office(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let open = text(in_row(&browser, Method::GET, &office.edit(), &office, &[]).await, 200).await;
        assert!(open.contains("class=\"editing\"") && !open.contains("<html") && open.contains("autofocus"));
        assert!(!open.contains("name=\"extension\""), "only the columns that are shown");
        let form = Form::of(&open);
        let saved = text(form.with("intercom_number", "2050").post_row(&browser, &office).await, 200).await;
        assert!(saved.contains("2050") && saved.contains(&format!("href=\"/agents/{}/edit\"", office.asha)) && !saved.contains("editing"), "{saved}");
        assert!(!saved.contains("Bela"), "only that row comes back");
        let closed = text(in_row(&browser, Method::GET, &format!("/agents/{}/row", office.asha), &office, &[]).await, 200).await;
        assert!(closed.contains("2050") && !closed.contains("name=\"name\""));
        let plain = browser.get(&format!("/agents/{}/row", office.asha)).await;
        assert_eq!(plain.status(), 303);
    }

    async fn what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(db: TestDb) {
        let (app, office) = office(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let page = Form::of(&text(browser.get(&office.edit()).await, 200).await);
        let row = Form::of(&text(in_row(&browser, Method::GET, &office.edit(), &office, &[]).await, 200).await);
        for (name, typed, why) in [
            ("name", "", "The name is missing"), ("username", "asha", "at least 6"), ("username", "a b c d e f", "may not have"),
            ("call_forwarding_number", "90007 3146", "begin with their country code"), ("call_forwarding_number", "ring me", "has letters"),
            ("alternative_numbers", "080 4000 2291|12", "Number 2"), ("intercom_number", "12", "exactly 4"), ("intercom_number", "1121", "emergency"),
            ("time_group", "999", "not there any more"), ("departments", "999", "not there any more"), ("caller_ids", "x", "not there any more"),
            ("name", &"x".repeat(100_000), "the most is 128"), ("name", "a\u{202e}b", "never end it"),
        ] {
            let plain = text(page.with(name, typed).post(&browser, &office).await, 422).await;
            let part = text(row.with(name, typed).post_row(&browser, &office).await, 422).await;
            for body in [&plain, &part] {
                assert!(body.contains(why), "{name} {typed}: {why}\n{body}");
                assert!(body.contains(&format!("{name}-{}-err", office.asha)), "{name} is described by its error");
            }
            assert!(plain.contains("<html") && part.contains("class=\"editing\"") && !part.contains("<html"));
            if !matches!(name, "time_group" | "departments" | "caller_ids") {
                assert!(plain.contains("aria-invalid=\"true\"") && plain.contains(&escaped(typed)), "{name}: what was typed is kept");
            }
        }
        for (name, typed) in [("email", "asha@nowhere"), ("phone", "12"), ("employee_id", &"9".repeat(65)), ("designation", &"d".repeat(65)), ("extension", "x1"), ("rings_on", "bell"), ("outgoing_calls", ""), ("agent_groups", "77"), ("login_based_calling", "maybe")] {
            text(page.with(name, typed).post(&browser, &office).await, 422).await;
        }
        assert_eq!(version(&app, office.asha), 1, "nothing was changed");
    }

    async fn only_those_who_may_change_an_agent_get_the_form_or_save_it(db: TestDb) {
        let (app, office) = office(db);
        let form = Form::of(&text(app.signed_in(Person::Supervisor).await.get(&office.edit()).await, 200).await);
        for (person, status) in [(Person::Anonymous, 303), (Person::Agent, 403), (Person::Auditor, 403), (Person::Supervisor, 200), (Person::Admin, 200), (Person::Scoped, 200)] {
            let browser = app.signed_in(person).await;
            assert_eq!(browser.get(&office.edit()).await.status(), status, "{person:?}");
            assert_eq!(browser.get("/agents/new").await.status(), status, "{person:?}");
            let saved = form.with("designation", "Lead").post(&browser, &office).await.status().as_u16();
            let refused = if person == Person::Anonymous { 401 } else { 403 };
            assert_eq!(saved, if status == 200 { 303 } else { refused }, "{person:?}");
        }
        let auditor = text(app.signed_in(Person::Auditor).await.get("/agents").await, 200).await;
        assert!(!auditor.contains("/edit") && !auditor.contains("add-agent"), "nothing offered that would be refused");
        // An admin who takes calls is beyond a supervisor, though within her sight.
        let id = office.asha;
        app.write(move |tx| make_admin(tx, id));
        let supervisor = app.signed_in(Person::Supervisor).await;
        assert_eq!(supervisor.get(&office.edit()).await.status(), 403);
        assert_eq!(form.with("username", "mine.now").post(&supervisor, &office).await.status(), 403);
        assert!(!text(supervisor.get(&format!("/agents?q={id}")).await, 200).await.contains(&office.edit()));
        assert_eq!(app.signed_in(Person::Admin).await.get(&office.edit()).await.status(), 200);
    }

    async fn agents_out_of_scope_do_not_exist_and_their_values_are_only_in_use(db: TestDb) {
        let (app, office) = office(db);
        let scoped = app.signed_in(Person::Scoped).await;
        for path in [format!("/agents/{}/edit", office.bela), format!("/agents/{}/row", office.bela), format!("/agents/{}/edit/news?since=1", office.bela), "/agents/0999999/edit".to_owned(), "/agents/x/edit".to_owned()] {
            assert_eq!(scoped.get(&path).await.status(), 404, "{path}");
        }
        let form = Form::of(&text(scoped.get(&office.edit()).await, 200).await);
        let other = scoped.post(&format!("/agents/{}", office.bela), &[("version", "1"), ("name", "Mine")]).await;
        assert_eq!(other.status(), 404);
        let page = text(form.with("intercom_number", "2002").post(&scoped, &office).await, 422).await;
        assert!(page.contains("2002 is already in use") && !page.contains("Bela"), "{page}");
        assert_eq!(form.with("agent_groups", &office.south).post(&scoped, &office).await.status(), 422);
        let supervisor = app.signed_in(Person::Supervisor).await;
        let page = text(form.with("intercom_number", "2002").post(&supervisor, &office).await, 422).await;
        assert!(page.contains(&format!("<a href=\"/agents/{}\"><bdi>Bela Das</bdi></a>", office.bela)), "{page}");
        let page = text(form.with("intercom_number", "").with("username", "BELA.das").post(&supervisor, &office).await, 422).await;
        assert!(page.contains("Bela Das"));
    }

    async fn leaving_the_last_group_in_sight_is_asked_first(db: TestDb) {
        let (app, office) = office(db);
        let scoped = app.signed_in(Person::Scoped).await;
        let form = Form::of(&text(scoped.get(&office.edit()).await, 200).await).with("agent_groups", "");
        let page = text(form.post(&scoped, &office).await, 422).await;
        assert!(page.contains("you will not see them any more") && page.contains("leave_group"));
        assert_eq!(form.with("leave_group", "yes").post(&scoped, &office).await.status(), 303);
        assert_eq!(scoped.get(&office.edit()).await.status(), 404);
    }

    async fn two_people_merge_by_field_and_meet_in_the_same_one(db: TestDb) {
        let (app, office) = office(db);
        let (one, two) = (app.signed_in(Person::Supervisor).await, app.signed_in(Person::Admin).await);
        let open = text(in_row(&one, Method::GET, &office.edit(), &office, &[]).await, 200).await;
        let first = Form::of(&open);
        let second = Form::of(&text(two.get(&office.edit()).await, 200).await);
        assert_eq!(second.with("intercom_number", "2077").post(&two, &office).await.status(), 303);
        let news = text(one.get_part(&format!("/agents/{}/edit/news?since=1", office.asha)).await, 200).await;
        assert!(news.contains("administrator changed the intercom number at"), "{news}");
        let saved = text(first.with("name", "Asha Merged").post_row(&one, &office).await, 200).await;
        assert!(saved.contains("administrator had changed the intercom number meanwhile: kept."), "{saved}");
        assert!(saved.contains("Asha Merged") && saved.contains("2077"));
        assert_eq!(second.with("designation", "Lead").post(&two, &office).await.status(), 303);
        let list = text(two.get("/agents").await, 200).await;
        assert!(list.contains("supervisor had changed the name meanwhile: kept."), "{list}");
        // The same field: nothing is written, both are shown, and the choice saves.
        for (browser, row) in [(&one, true), (&two, false)] {
            let stale = first.with("intercom_number", "2033").with("name", "Asha Typed");
            let bar = match row {
                true => text(stale.post_row(browser, &office).await, 409).await,
                false => text(stale.post(browser, &office).await, 409).await,
            };
            assert!(bar.contains("while you were editing") && bar.contains("Keep <bdi>2077</bdi>") && bar.contains("Use <bdi>2033</bdi>"), "{bar}");
            assert!(bar.contains("value=\"2033\"") && bar.contains("value=\"Asha Typed\""), "what was typed is kept");
            assert_eq!(version(&app, office.asha), 4, "nothing was written");
            if !row {
                let choice = Form::of(&bar).with("intercom_number", "2033").with("name", "Asha Typed");
                let choice = choice.with("keep_intercom_number", "theirs").with("keep_name", "mine");
                assert_eq!(choice.post(browser, &office).await.status(), 303);
            }
        }
        let list = text(one.get("/agents").await, 200).await;
        assert!(list.contains("Asha Typed") && list.contains("2077") && !list.contains("2033"));
    }

    async fn what_no_form_of_ours_sends_is_refused_and_changes_nothing(db: TestDb) {
        let (app, office) = office(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let form = Form::of(&text(browser.get(&office.edit()).await, 200).await);
        for (name, value) in [("role", "1"), ("role_id", "1"), ("admin_state", "disabled"), ("web_login", "allowed"), ("password_hash", "x"), ("deleted_at", "1"), ("id", "1"), ("keep_role", "mine"), ("keep_name", "x"), ("", "x")] {
            text(form.with(name, value).post(&browser, &office).await, 400).await;
            text(form.with(name, value).post_row(&browser, &office).await, 400).await;
        }
        for (name, value, status) in [("version", "0", 400), ("version", "9999999999999999999999", 400), ("was", "[1", 400), ("was", "{\"name\":", 400)] {
            assert_eq!(form.with(name, value).post(&browser, &office).await.status(), status, "{name}={value}");
        }
        assert_eq!(form.without("version").post(&browser, &office).await.status(), 428);
        assert_eq!(form.and("name", "Second").post(&browser, &office).await.status(), 422, "a field given twice");
        let body = |body: &'static [u8], kind: &'static str| {
            let request = browser.request(Method::POST, &format!("/agents/{}", office.asha)).header("content-type", kind).body(body);
            async { request.send().await.unwrap().status().as_u16() }
        };
        for (bytes, kind) in [(&b"name=%ff%fe&version=1"[..], "application/x-www-form-urlencoded"), (b"{\"name\":1}", "application/json"), (b"%%%=", "application/x-www-form-urlencoded"), (b"", "text/plain")] {
            let status = body(bytes, kind).await;
            assert!((400..500).contains(&status), "{bytes:?}: {status}");
        }
        let foreign = browser.request(Method::POST, &format!("/agents/{}", office.asha)).header("sec-fetch-site", "cross-site").form(&[("version", "1")]);
        assert_eq!(foreign.send().await.unwrap().status(), 403);
        assert_eq!(version(&app, office.asha), 1, "nothing was changed");
        // A version from nowhere is merged like any other: nothing is lost by it.
        assert_eq!(form.with("version", "99").post(&browser, &office).await.status(), 303);
    }

    async fn hostile_text_is_text_in_row_form_and_bar(db: TestDb) {
        let (app, office) = office(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let form = Form::of(&text(browser.get(&office.edit()).await, 200).await);
        let hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
        let wrong = text(form.with("name", hostile).with("username", hostile).with("alternative_numbers", hostile).post(&browser, &office).await, 422).await;
        assert_eq!(form.with("name", hostile).post(&browser, &office).await.status(), 303);
        let open = text(in_row(&browser, Method::GET, &office.edit(), &office, &[]).await, 200).await;
        let bar = text(form.with("name", "Someone else").post_row(&browser, &office).await, 409).await;
        let page = text(browser.get(&office.edit()).await, 200).await;
        for body in [wrong, open, bar, page] {
            for markup in ["<script>alert", "<img src=x", "'>\""] {
                assert!(!body.contains(markup), "{markup} in\n{body}");
            }
        }
    }

    async fn an_agent_is_added_once_with_everything_said(db: TestDb) {
        let (app, office) = office(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let page = text(browser.get("/agents/new").await, 200).await;
        assert!(page.contains("Add agent") && page.contains("Free: 2003, 2004, 2005"), "{page}");
        let form = Form::of(&page);
        let empty = text(form.send(&browser, "/agents").await, 422).await;
        assert!(empty.contains("The name is missing") && empty.contains("The username is missing"));
        let form = form.with("name", "चित्रा राव").with("username", "chitra.rao").with("intercom_number", "2003").with("departments", &office.sales).with("extension", "7000009");
        let taken = text(form.with("username", "asha.rao").send(&browser, "/agents").await, 422).await;
        assert!(taken.contains("Asha Rao") && taken.contains("चित्रा राव"), "what was typed is kept");
        for _ in 0..2 {
            assert_eq!(form.send(&browser, "/agents").await.status(), 303, "sent twice, it makes one");
        }
        let list = text(browser.get("/agents?q=chitra").await, 200).await;
        assert!(list.contains("चित्रा राव") && list.contains("1 of 3"), "{list}");
        assert_eq!(form.with("role", "1").send(&browser, "/agents").await.status(), 400);
        let scoped = app.signed_in(Person::Scoped).await;
        let form = Form::of(&text(scoped.get("/agents/new").await, 200).await).with("name", "Dev").with("username", "dev.anand");
        assert_eq!(form.with("agent_groups", "").send(&scoped, "/agents").await.status(), 422);
        assert_eq!(form.with("agent_groups", &office.south).send(&scoped, "/agents").await.status(), 422);
        assert_eq!(form.with("agent_groups", &office.north).send(&scoped, "/agents").await.status(), 303);
        assert!(text(scoped.get("/agents").await, 200).await.contains("2 of 2"));
    }
}

/// Asha in the group North, which the scoped supervisor has, Bela in South.
struct Office {
    asha: AgentId,
    bela: AgentId,
    north: String,
    south: String,
    sales: String,
}

impl Office {
    fn edit(&self) -> String {
        format!("/agents/{}/edit", self.asha)
    }
}

fn office(db: TestDb) -> (TestApp, Office) {
    let app = TestApp::start(db);
    let (told, office) = mpsc::channel();
    app.write(move |tx| {
        let (north, south) = (insert_group(tx, "North"), insert_group(tx, "South"));
        let sales = insert_department(tx, "Sales");
        give_scope(tx, Person::Scoped.word(), north);
        let mut add = |name: &str, username: &str, intercom: &str, group: i64| {
            let mut form = AgentForm::default();
            let group = group.to_string();
            for (field, value) in [
                ("name", name),
                ("username", username),
                ("intercom_number", intercom),
                ("agent_groups", group.as_str()),
            ] {
                form.put(field, value).expect("a field");
            }
            let change = form.check(&Rules::stored()).expect("a good agent");
            AgentId::of(
                create(tx, &Scope::All, None, &change)
                    .expect("a new agent")
                    .id,
            )
        };
        let office = Office {
            asha: add("Asha Rao", "asha.rao", "2001", north),
            bela: add("Bela Das", "bela.das", "2002", south),
            north: north.to_string(),
            south: south.to_string(),
            sales: sales.to_string(),
        };
        told.send(office).expect("the test waits");
    });
    (app, office.recv().expect("the office is there"))
}

fn make_admin(tx: &mut Tx<'_>, id: AgentId) {
    use diesel::prelude::*;
    let admin = role::find_by_name(tx.conn, "Admin")
        .expect("roles")
        .expect("a role");
    diesel::update(users::table.find(id.user().0))
        .set(users::role_id.eq(admin.id.0))
        .execute(tx.conn)
        .expect("the user is there");
    tx.touch(RecordKind::User, id.user().0);
}

fn version(app: &TestApp, id: AgentId) -> i64 {
    use diesel::prelude::*;
    let found = app.state.store.read(|conn| {
        Ok(agents::table
            .find(id.user().0)
            .select(agents::version)
            .first(conn)?)
    });
    found.expect("the agent is there")
}

/// As htmx asks for a row of the list.
async fn in_row(
    browser: &Browser,
    method: Method,
    path: &str,
    office: &Office,
    form: &[(String, String)],
) -> Response {
    let request = browser
        .request(method.clone(), path)
        .header("HX-Request", "true");
    let request = request.header("HX-Request-Type", "partial");
    let request = request.header("HX-Target", format!("tr#agent-{}", office.asha));
    let request = match method {
        Method::POST => request.form(form),
        _ => request,
    };
    request.send().await.expect("an answer")
}

/// The fields of a form as a browser would send them.
#[derive(Clone)]
struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the inputs, ticked boxes, selects and text areas of the page's edit form.
    fn of(html: &str) -> Self {
        let mut fields = Vec::new();
        let start = html.find("class=\"editing\"").or(html.find("id=\"edit-"));
        let html = &html[start.expect("an edit form")..];
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            rest = &rest[at + 1..];
            let tag = &rest[..rest.find('>').unwrap_or(rest.len())];
            let name = attribute(tag, "name");
            if tag.starts_with("/main") {
                break;
            } else if tag.starts_with("input")
                && !name.is_empty()
                && ((!tag.contains("type=\"checkbox\"") && !tag.contains("type=\"radio\""))
                    || tag.ends_with(" checked")
                    || tag.contains(" checked "))
            {
                fields.push((name, attribute(tag, "value")));
            } else if tag.starts_with("select") {
                let options = &rest[..rest.find("</select>").expect("an end")];
                let chosen = options
                    .split("<option ")
                    .skip(1)
                    .find(|option| option.split('>').next().unwrap().ends_with(" selected"));
                let first = options.split("<option ").nth(1);
                let value = chosen.or(first).map_or(String::new(), |option| {
                    attribute(&format!(" {option}"), "value")
                });
                fields.push((name, value));
            } else if tag.starts_with("textarea") {
                let text = &rest[tag.len() + 1..rest.find("</textarea>").expect("an end")];
                fields.push((name, unescaped(text)));
            }
        }
        assert!(
            fields
                .iter()
                .any(|(name, _)| name == "version" || name == "once"),
            "{fields:?}"
        );
        Self(fields)
    }

    fn without(&self, name: &str) -> Self {
        let kept = self.0.iter().filter(|(n, _)| n != name);
        Self(kept.cloned().collect())
    }

    fn with(&self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    fn and(&self, name: &str, value: &str) -> Self {
        let mut fields = self.0.clone();
        fields.push((name.to_owned(), value.to_owned()));
        Self(fields)
    }

    async fn send(&self, browser: &Browser, path: &str) -> Response {
        let request = browser.request(Method::POST, path).form(&self.0);
        request.send().await.expect("an answer")
    }

    async fn post(&self, browser: &Browser, office: &Office) -> Response {
        self.send(browser, &format!("/agents/{}", office.asha))
            .await
    }

    async fn post_row(&self, browser: &Browser, office: &Office) -> Response {
        let path = format!("/agents/{}", office.asha);
        in_row(browser, Method::POST, &path, office, &self.0).await
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let start = format!(" {name}=\"");
    let tag = tag.split('>').next().unwrap_or_default();
    tag.split_once(&start)
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or(String::new(), |(value, _)| unescaped(value))
}

/// As the templates escape it.
fn escaped(text: &str) -> String {
    text.replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

fn unescaped(text: &str) -> String {
    text.replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
}
