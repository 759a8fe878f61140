//! Bulk uploads over HTTP: columns that clash, the template of the install and what exports tell beside it, links to
//! whom an upload made, and uploads that cross.

use crate::support::TestDb;
use crate::support::app::{PASSWORD, Person, TestApp, text};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use crate::support::wire::{settled, upload};
use calamine::{Data, Reader, Xlsx};
use diesel::prelude::*;
use rollcall::domain::ids::RoleId;
use rollcall::domain::import::TEMPLATE;
use rollcall::domain::password;
use rollcall::domain::role::{Permission as P, Permissions};
use rollcall::domain::text::{LoginId, Name};
use rollcall::store::schema::{agents, extensions, roles, users};
use rollcall::store::user::{self, NewUser};
use rollcall::store::{RecordKind, Tx, role};
use std::io::Cursor;

fn version(page: &str) -> &str {
    let from = "name=\"version\" value=\"";
    let rest = &page[page.find(from).expect("a version") + from.len()..];
    &rest[..rest.find('"').expect("its end")]
}

/// All texts of a sheet.
fn sheet(book: &[u8], name: &str) -> Vec<String> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book.to_vec())).expect("a workbook");
    let range = book.worksheet_range(name).expect("a sheet");
    let cells = range.used_cells().filter_map(|(_, _, cell)| match cell {
        Data::String(text) => Some(text.clone()),
        _ => None,
    });
    cells.collect()
}

/// The row of a line of the file.
fn row(page: &str, line: u64) -> &str {
    let from = format!("<tr id=\"line-{line}\"");
    let (_, row) = page
        .split_once(&from)
        .unwrap_or_else(|| panic!("{from} in {page}"));
    row.split("</tr>").next().expect("a row")
}

/// The count of a chip.
fn counted(page: &str, word: &str) -> u64 {
    let chip = page.split_once(&format!("id=\"rows-{word}\""));
    let count = chip.and_then(|(_, rest)| rest.split_once("<b>")?.1.split_once("</b>"));
    let (count, _) = count.unwrap_or_else(|| panic!("a count of {word} in {page}"));
    count.replace(',', "").parse().expect("a number")
}

/// Somebody with a role of their own, called as they are, and the password of all.
fn add_person(app: &TestApp, login_id: &'static str, permissions: Permissions) {
    app.write(move |tx| {
        let id: i64 = diesel::insert_into(roles::table)
            .values((
                roles::name.eq(login_id),
                roles::permissions.eq(permissions.to_string()),
                roles::built_in.eq(false),
                roles::own_groups.eq(false),
                roles::version.eq(1_i64),
            ))
            .returning(roles::id)
            .get_result(tx.conn)
            .expect("the role is new");
        tx.touch(RecordKind::Role, id);
        insert_person(tx, login_id, RoleId(id));
    });
}

fn insert_person(tx: &mut Tx<'_>, login_id: &str, role: RoleId) {
    let new = NewUser {
        name: Name::parse(login_id).expect("a name"),
        login_id: LoginId::parse(login_id).expect("a login id"),
        email: None,
        role,
        password_hash: Some(password::hash(PASSWORD).expect("the password is hashed")),
    };
    user::insert(tx, &new).expect("the user is new");
}

both_databases! {
    async fn columns_that_clash_are_shown_and_one_is_chosen(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        let file = "login_id,name,Phone,Telephone,Note,Note\ndev.anand,Dev Anand,+91 98765 43211,+91 98765 43212,x,Lead\n";
        let path = upload(&browser, "two.csv", file.as_bytes()).await;
        let page = settled(&browser, &path).await;
        assert!(page.contains("id=\"fault\"") && page.contains("both mean phone"), "{page}");
        assert!(page.contains("“Telephone” means Phone too.") && page.contains("“Phone” means Phone too."), "{page}");
        assert!(page.contains("id=\"column.3\"") && page.contains("Another column has the same name."), "{page}");
        let fields = [("version", version(&page)), ("column.2", "ignore"), ("column.3", "phone"), ("column.4", "ignore"), ("column.5", "designation")];
        assert_eq!(browser.post(&path, &fields).await.status(), 303);
        let page = settled(&browser, &path).await;
        assert!(!page.contains("id=\"fault\"") && page.contains("Create 1"), "{page}");
        assert!(page.contains("98765 43212") && !page.contains("98765 43211") && page.contains("<bdi>Lead</bdi>"), "{page}");
        let again = upload(&browser, "two.csv", file.as_bytes()).await;
        assert!(settled(&browser, &again).await.contains("Create 1"), "it is remembered for the same header");
    }

    async fn whom_an_upload_made_is_linked(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        let path = upload(&browser, "one.csv", b"login_id,name\ndev.anand,Dev Anand\n").await;
        let page = settled(&browser, &path).await;
        assert!(!row(&page, 2).contains("href=\"/users/"), "nobody is there yet\n{page}");
        assert_eq!(browser.post(&format!("{path}/commit"), &[("mode", "valid")]).await.status(), 303);
        let page = settled(&browser, &path).await;
        let link = row(&page, 2).split("href=\"/users/").nth(1).expect("a link").split('"').next().unwrap().to_owned();
        assert!(text(browser.get(&format!("/users/{link}")).await, 200).await.contains("Dev Anand"));
    }

    async fn the_template_names_what_is_here(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            insert_group(tx, "North");
            insert_group(tx, "South");
        });
        app.write(|tx| give_scope(tx, Person::Scoped.word(), 1));
        let admin = app.signed_in(Person::Admin).await;
        let book = admin.get("/users/template.xlsx").await.bytes().await.unwrap();
        let names = sheet(&book, "Names");
        assert!(["North", "South", "Admin", "Supervisor"].iter().all(|name| names.iter().any(|there| there == name)), "{names:?}");
        let notes = sheet(&book, "What to write");
        assert!(notes.iter().any(|note| note.starts_with("Exactly 4 digits")), "{notes:?}");
        let head = sheet(&book, "Users");
        let csv = text(admin.get("/users/template.csv").await, 200).await;
        assert_eq!(head.join(","), csv.trim_start_matches('\u{feff}').trim_end());
        let path = upload(&admin, "template.xlsx", &book).await;
        let page = settled(&admin, &path).await;
        assert!(!page.contains("id=\"fault\"") && page.contains("Nothing to write: no row changes anything."), "an empty template makes nobody\n{page}");
        let scoped = app.signed_in(Person::Scoped).await.get("/users/template.xlsx").await;
        let names = sheet(&scoped.bytes().await.unwrap(), "Names");
        assert!(names.iter().any(|name| name == "North") && !names.iter().any(|name| name == "South" || name == "Admin"), "{names:?}");
        let page = text(admin.get("/users/upload").await, 200).await;
        assert!(page.contains("<option value=\"Supervisor\""), "roles that may be given can be the default\n{page}");
        assert_eq!(app.signed_in(Person::Agent).await.get("/users/template.xlsx").await.status(), 403);
    }

    async fn two_people_upload_at_the_same_time(db: TestDb) {
        let app = TestApp::start(db);
        let (one, two) = (app.signed_in(Person::Admin).await, app.signed_in(Person::Supervisor).await);
        let file = |name: &str| format!("login_id,name\nsame.login,{name}\n{name}.own,{name}\n");
        let (mine, theirs) = (file("first"), file("second"));
        let (a, b) = tokio::join!(upload(&one, "a.csv", mine.as_bytes()), upload(&two, "b.csv", theirs.as_bytes()));
        tokio::join!(settled(&one, &a), settled(&two, &b));
        let (commit_a, commit_b) = (format!("{a}/commit"), format!("{b}/commit"));
        let pressed = tokio::join!(one.post(&commit_a, &[("mode", "valid")]), two.post(&commit_b, &[("mode", "valid")]));
        assert_eq!((pressed.0.status().as_u16(), pressed.1.status().as_u16()), (303, 303));
        let (a, b) = tokio::join!(settled(&one, &a), settled(&two, &b));
        let wins = [&a, &b].map(|page| page.contains("2 changes are in."));
        assert_ne!(wins[0], wins[1], "one of them has the login ID\n{a}\n{b}");
        let loser = if wins[0] { &b } else { &a };
        assert!(loser.contains("1 change is in.") && loser.contains("same.login is already in use."), "{loser}");
    }

    async fn numbers_that_somebody_took_since_the_plan_are_chosen_again(db: TestDb) {
        let app = TestApp::start(db);
        let (one, two) = (app.signed_in(Person::Admin).await, app.signed_in(Person::Supervisor).await);
        let file = |who: &str| format!("login_id,name,calling_agent,intercom,extension\n{who}.first,First,yes,(auto),(auto)\n{who}.second,Second,yes,(auto),(auto)\n{who}.third,Third,yes,(auto),\n");
        let (mine, theirs) = (upload(&one, "a.csv", file("mine").as_bytes()).await, upload(&two, "b.csv", file("theirs").as_bytes()).await);
        let (a, b) = (settled(&one, &mine).await, settled(&two, &theirs).await);
        assert!(row(&a, 2).contains("1000") && row(&b, 2).contains("1000"), "both plans say the same numbers\n{a}\n{b}");
        for (browser, path, mode) in [(&one, &mine, "valid"), (&two, &theirs, "all")] {
            assert_eq!(browser.post(&format!("{path}/commit"), &[("mode", mode)]).await.status(), 303);
            let page = settled(browser, path).await;
            assert!(page.contains("3 changes are in.") && counted(&page, "conflict") == 0, "{page}");
        }
        let page = settled(&two, &theirs).await;
        assert!(row(&page, 2).contains("Intercom number 1000 is already in use. It is "), "{page}");
        let numbers: Vec<(Option<String>, Option<String>)> = app.state.store.read(|conn| {
            Ok(agents::table
                .left_join(extensions::table.on(extensions::agent_id.eq(agents::user_id.nullable())))
                .order(agents::user_id)
                .select((agents::intercom, extensions::username.nullable()))
                .load(conn)?)
        }).unwrap();
        let (intercoms, extensions): (Vec<_>, Vec<_>) = numbers.into_iter().unzip();
        let different = |all: Vec<Option<String>>| all.into_iter().flatten().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!((different(intercoms), different(extensions)), (6, 4));
    }

    async fn all_or_nothing_that_does_not_fit_any_more_is_planned_again_with_a_press(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        let path = upload(&browser, "two.csv", b"login_id,name\ntaken.login,Taken\nfree.login,Free\n").await;
        settled(&browser, &path).await;
        let other = upload(&browser, "one.csv", b"login_id,name\ntaken.login,Quicker\n").await;
        settled(&browser, &other).await;
        browser.post(&format!("{other}/commit"), &[("mode", "all")]).await;
        settled(&browser, &other).await;
        browser.post(&format!("{path}/commit"), &[("mode", "all")]).await;
        let page = settled(&browser, &path).await;
        assert!(page.contains("Nothing is written.") && page.contains("Username taken.login is already in use."), "{page}");
        assert!(!page.contains("id=\"errors\""), "a file of the one row would lose the other\n{page}");
        assert_eq!((counted(&page, "conflict"), counted(&page, "left")), (1, 1), "{page}");
        let left = text(browser.get(&format!("{path}?rows=left")).await, 200).await;
        assert!(left.contains("free.login") && !left.contains("taken.login"), "{left}");
        let again = browser.post(&path, &[("version", version(&page))]).await;
        assert_eq!(again.status(), 303);
        let page = settled(&browser, &path).await;
        assert_eq!((counted(&page, "create"), counted(&page, "update")), (1, 1), "the person is there now\n{page}");
    }

    async fn no_file_takes_the_last_administrator(db: TestDb) {
        let app = TestApp::start(db);
        // With every right, and no administrator once she could not sign in again: nobody but the rule keeps her from it.
        add_person(&app, "deputy", Permissions::all());
        let deputy = app.browser();
        assert_eq!(deputy.sign_in("deputy", PASSWORD).await.status(), 303);
        app.write(|tx| {
            let deputy = users::table.filter(users::login_id.eq("deputy"));
            diesel::update(deputy).set(users::password_hash.eq(None::<String>)).execute(tx.conn).unwrap();
        });
        let last = "administrator is the last administrator who can sign in.";
        for (browser, file, said) in [
            (&deputy, "login_id,role\nadministrator,Auditor\n", last),
            (&deputy, "login_id,web_login\nadministrator,blocked\n", last),
            (&deputy, "login_id,web_login\nadministrator,none\n", last),
            (&app.signed_in(Person::Admin).await, "login_id,role\nadministrator,Auditor\n", "Nobody changes this of themselves."),
        ] {
            let path = upload(browser, "roles.csv", file.as_bytes()).await;
            let page = settled(browser, &path).await;
            assert!(row(&page, 2).contains(said) && counted(&page, "error") == 1, "{file}: {said}\n{page}");
            assert_eq!(browser.post(&format!("{path}/commit"), &[("mode", "valid")]).await.status(), 422, "there is nothing to write");
        }
        app.write(|tx| {
            let role = role::find_by_name(tx.conn, "Admin").unwrap().unwrap().id;
            insert_person(tx, "relief", role);
        });
        let path = upload(&deputy, "both.csv", b"login_id,role\nadministrator,Auditor\nrelief,Auditor\n").await;
        let page = settled(&deputy, &path).await;
        assert_eq!((counted(&page, "update"), counted(&page, "error")), (1, 1), "one of two can go\n{page}");
        assert!(row(&page, 3).contains("relief is the last administrator who can sign in."), "{page}");
        // Until it is carried out, the other one goes in another way.
        app.write(|tx| {
            let relief = users::table.filter(users::login_id.eq("relief"));
            diesel::update(relief).set(users::web_login.eq("blocked")).execute(tx.conn).unwrap();
        });
        assert_eq!(deputy.post(&format!("{path}/commit"), &[("mode", "valid")]).await.status(), 303);
        let page = settled(&deputy, &path).await;
        assert_eq!((counted(&page, "updated"), counted(&page, "conflict")), (0, 1), "{page}");
        assert!(row(&page, 2).contains("This is the last administrator who can sign in."), "{page}");
        assert_eq!(app.signed_in(Person::Admin).await.get("/settings").await.status(), 200, "still an administrator");
    }

    async fn the_template_leaves_out_what_may_not_be_written(db: TestDb) {
        let app = TestApp::start(db);
        for (login_id, lacks, out) in [
            ("no.state", P::AgentsState, &["admin_state"][..]),
            ("no.users", P::UsersWrite, &["role", "web_login"]),
            ("no.agents", P::AgentsWrite, &[
                "alternative_numbers", "calling_agent", "agent_groups", "departments", "time_group", "intercom", "extension", "caller_ids",
                "rings_on", "outgoing_calls", "login_based_calling", "admin_state",
            ]),
        ] {
            add_person(&app, login_id, Permissions::all().without(lacks));
            let browser = app.browser();
            assert_eq!(browser.sign_in(login_id, PASSWORD).await.status(), 303);
            let left: Vec<&str> = TEMPLATE.iter().map(|column| column.word()).filter(|name| !out.contains(name)).collect();
            assert_eq!(left.len(), 20 - out.len());
            let csv = text(browser.get("/users/template.csv").await, 200).await;
            assert_eq!(csv.trim_start_matches('\u{feff}').trim_end(), left.join(","), "{login_id}");
            let book = browser.get("/users/template.xlsx").await.bytes().await.unwrap();
            assert_eq!(sheet(&book, "Users"), left, "{login_id}");
            let (notes, names) = (sheet(&book, "What to write"), sheet(&book, "Names"));
            assert!(!out.iter().any(|name| notes.iter().chain(&names).any(|there| there == name)), "{login_id}: {notes:?} {names:?}");
            let page = text(browser.get("/users/upload").await, 200).await;
            assert!(page.contains(&format!("{} columns.", left.len())), "{page}");
        }
        let browser = app.browser();
        browser.sign_in("no.state", PASSWORD).await;
        let path = upload(&browser, "state.csv", b"login_id,name,calling_agent,admin_state\ndev.anand,Dev Anand,yes,blocked\n").await;
        let page = settled(&browser, &path).await;
        assert!(row(&page, 2).contains("You may neither block nor disable agents."), "whoever adds the column is told\n{page}");
    }

    async fn an_export_tells_statuses_which_an_upload_skips(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            insert_agent(tx, &NewAgent { admin_state: "blocked", ..NewAgent::default() });
        });
        let browser = app.signed_in(Person::Admin).await;
        let file = text(browser.get("/users/export.csv").await, 200).await;
        assert!(file.lines().next().unwrap().ends_with(",admin_state,web_login,agent_status,status_details,extension_status,web_login_status"), "{file}");
        let of = |login_id: &str| file.lines().find(|line| line.contains(login_id)).expect("a line").to_owned();
        assert!(of("asha.rao").ends_with(",blocked,none,blocked,,,none"), "{file}");
        assert!(of("auditor").ends_with(",,allowed,,,,allowed"), "{file}");
        let book = browser.get("/users/export.xlsx").await.bytes().await.unwrap();
        let cells = sheet(&book, "Users");
        assert!(cells.iter().any(|cell| cell == "agent_status") && cells.iter().filter(|cell| *cell == "blocked").count() == 2, "{cells:?}");
        let edited = file.replace(",blocked,none,blocked,,,none", ",blocked,none,active,lunch,registered,locked");
        assert_ne!(edited, file);
        let path = upload(&browser, "users.csv", edited.as_bytes()).await;
        let page = settled(&browser, &path).await;
        assert_eq!((counted(&page, "all"), counted(&page, "unchanged")), (6, 6), "{page}");
        assert_eq!(page.matches("Known, and not read").count(), 4, "{page}");
    }
}
