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
            "Agent blocked", "<ins><bdi>sick</bdi></ins>", "<bdi>Asha Rao</bdi>", "Signed in", "GET /audit", "class=\"bad\">Refused", "<ins><bdi>See the audit log</bdi></ins>",
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

    async fn what_is_changed_behind_the_log_s_back_is_told_by_the_shell(db: TestDb) {
        let database = db.database().to_string();
        let app = TestApp::start(db);
        let agent = agent(&app);
        let admin = app.signed_in(Person::Admin).await;
        admin.post(&format!("/agents/{agent}/acts"), &[("act", "block"), ("reason", "lunch")]).await;
        sealed(&app).await;
        let sound = check(&database);
        assert!(sound.status.success() && said(&sound).contains("audit: ok ("), "{}", said(&sound));
        // Not even one letter of one row, by whoever has the database.
        app.write(|tx| {
            use diesel::prelude::*;
            use rollcall::store::schema::audit_entries;
            let line = audit_entries::table.filter(audit_entries::action.eq("agent.block"));
            let changed = diesel::update(line).set(audit_entries::actor_name.eq("administratoR")).execute(tx.conn).unwrap();
            assert_eq!(changed, 1);
        });
        let broken = check(&database);
        assert!(!broken.status.success() && said(&broken).contains("does not fit: an entry after number"), "{}", said(&broken));
    }

    async fn why_a_sign_in_was_refused_is_told_to_auditors_alone(db: TestDb) {
        let app = TestApp::start(db);
        let auditor = app.signed_in(Person::Auditor).await;
        let mut answers = Vec::new();
        let browser = app.browser();
        answers.push(text(browser.sign_in("supervisor", "not this one at all").await, 422).await);
        // From here on with the right password.
        set(&app, "allowed_ips = '192.0.2.0/24'");
        answers.push(text(browser.sign_in("supervisor", PASSWORD).await, 422).await);
        set(&app, "web_login = 'blocked'");
        answers.push(text(browser.sign_in("supervisor", PASSWORD).await, 422).await);
        set(&app, "web_login = 'allowed', password_hash = NULL, allowed_ips = ''");
        for _ in 0..2 {
            answers.push(text(browser.sign_in("supervisor", PASSWORD).await, 422).await);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "whoever tries learns nothing");
        let page = text(auditor.get("/audit?kind=sign-ins").await, 200).await;
        for told in ["wrong password", "address not allowed", "web login blocked", "no password was ever chosen", "Someone not signed in"] {
            assert!(page.contains(told), "{told} in\n{page}");
            assert!(!answers[0].contains(told));
        }
        assert!(!page.contains("nobody") && !page.contains("by itself"), "{page}");
        let locked = page.split("Locked until").nth(1).unwrap().split("<ins><bdi>").nth(1).unwrap();
        assert_eq!(locked.split('<').next(), Some("09:30"), "an instant is told as one");
        assert!(!everything(&app).contains(PASSWORD));
    }

    async fn the_file_reads_as_the_page_does(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            let entry = Entry::new("user.block_web_login", "user", Some(1), "Asha Rao")
                .before("role", serde_json::json!({"id": 4, "name": "Agent"}))
                .before("web_login", "allowed")
                .after("role", serde_json::json!({"id": 2, "name": "Supervisor"}))
                .after("web_login", "blocked")
                .after("locked_until", 1_795_336_391_000_000_i64);
            tx.audit(entry).unwrap();
        });
        let admin = app.signed_in(Person::Admin).await;
        let file = text(admin.get("/audit/export.csv").await, 200).await;
        let head = file.lines().next().unwrap();
        assert!(head.contains("Number,At UTC,Local Time (") && head.contains(",Action,What,"), "{head}");
        let line = file.lines().find(|line| line.contains("block_web_login")).unwrap();
        for told in ["user.block_web_login,Web login blocked,", "Role: Agent; Web login: allowed", "Role: Supervisor; Web login: blocked; Locked until: 22 Nov 2026 "] {
            assert!(line.contains(told), "{told} in {line}");
        }
        assert!(!line.contains('{'), "{line}");
        let again = text(admin.get("/audit/export.csv?kind=exports").await, 200).await;
        assert!(again.contains("Format: csv") && !again.contains("per="), "no filter, none told: {again}");
        let third = text(admin.get("/audit/export.csv?kind=exports").await, 200).await;
        assert!(third.contains("Filter: ?kind=exports"), "{third}");
    }

    async fn no_secret_is_ever_in_the_log(db: TestDb) {
        let app = TestApp::start(db);
        let admin = app.signed_in(Person::Admin).await;
        let role = {
            let found: Value = admin.get("/api/v1/roles").await.json().await.unwrap();
            found["data"].as_array().unwrap().iter().find(|role| role["name"] == "Auditor").unwrap()["id"].to_string()
        };
        let form = [("step", "3"), ("name", "Ravi"), ("username", "ravi.secret"), ("email", "ravi@example.com"), ("calling_agent", ""), ("web_login", "allowed"), ("role", &role)];
        let page = text(admin.post("/users", &form).await, 201).await;
        let link = page.split_once("/password?token=").unwrap().1.split(['"', '<', '&']).next().unwrap().to_owned();
        let password = "a lantern for every harbour";
        let chosen = app.browser().post(&format!("/password?token={link}"), &[("password", password), ("again", password), ("repeat", password)]).await;
        assert!(chosen.status().as_u16() < 500);
        let body = format!("{{\"name\": \"wallboard\", \"role\": {role}}}");
        let made: Value = admin.request(Method::POST, "/api/v1/tokens").header("content-type", "application/json").body(body).send().await.unwrap().json().await.unwrap();
        let token = made["token"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        app.browser().sign_in("ravi.secret", "not the password of ravi").await;
        wait(&app, "token.create").await;
        let log = text(admin.get("/audit/export.csv").await, 200).await;
        let stored = everything(&app);
        assert!(log.contains("Ravi") && log.contains("wallboard"), "{log}");
        for secret in [link.as_str(), password, &token, "not the password", crate::support::app::PASSWORD, "$argon2"] {
            assert!(!log.contains(secret) && !stored.contains(secret), "{secret} in\n{log}\n{stored}");
        }
    }
}

/// Sets columns of the supervisor.
fn set(app: &TestApp, columns: &'static str) {
    use diesel::connection::SimpleConnection;
    app.write(move |tx| {
        let hers = format!("UPDATE users SET {columns} WHERE login_id = 'supervisor'");
        tx.conn.batch_execute(&hers).unwrap();
    });
}

/// What the log holds, as it is stored.
fn everything(app: &TestApp) -> String {
    use diesel::prelude::*;
    use rollcall::store::schema::audit_entries;
    type Row = (String, String, Option<String>, Option<String>);
    let read = |conn: &mut rollcall::store::Conn| {
        let rows: Vec<Row> = audit_entries::table
            .select((
                audit_entries::action,
                audit_entries::subject_name,
                audit_entries::before,
                audit_entries::after,
            ))
            .load(conn)?;
        Ok(rows)
    };
    format!("{:?}", app.state.store.read(read).unwrap())
}

/// Waits until the jobs have sealed all there is.
async fn sealed(app: &TestApp) {
    use diesel::prelude::*;
    use rollcall::store::{schema::audit_entries, seal};
    for _ in 0..500 {
        let read = |conn: &mut rollcall::store::Conn| {
            let entries: i64 = audit_entries::table.count().get_result(conn)?;
            Ok(seal::verify(conn, None)?.sealed == entries as usize)
        };
        // What another transaction of the same server may still precede is not sealed yet, and not due either.
        if app.state.store.read(read).unwrap() {
            return;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the log was never sealed");
}

/// `rollcall check --audit` beside the running server.
#[expect(
    clippy::disallowed_methods,
    reason = "tests may start processes, the server may not"
)]
fn check(database: &str) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rollcall"));
    command.args(["--database", database, "check", "--audit"]);
    command.output().unwrap()
}

fn said(output: &std::process::Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
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
