//! Bulk uploads over HTTP: the file, the plan and its choices, commit, result, undo, the lists, and who may see what.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use crate::support::wire::{send, settled, upload};
use reqwest::Method;
use rollcall::domain::time::MINUTE;

const HEAD: &str = "employee_id,login_id,name,email,phone,calling_agent,agent_groups,intercom,extension,web_login\n";

/// Two to make, one to change, one that is so already, one mistake, and one twice.
const FILE: &str = "E1,nandini.b,Nandini Bhattacharya,nandini@example.com,+91 98765 43219,yes,North,2001,770001,allowed\n\
    E2,tashi.w,Tashi Wangchuk,,,yes,North,2002,770002,none\n\
    ,asha.rao,Asha Rao Iyer,,,,,,,\n\
    ,chitra.iyer,Chitra Iyer,,,,,,,\n\
    E3,imran.p,Imran Pasha,,9.19877E+11,yes,North,,,none\n\
    E4,sonal.g,Sonal Gupta,,,yes,North,2001,,none\n";

fn office(app: &TestApp) {
    app.write(|tx| {
        let north = insert_group(tx, "North");
        insert_group(tx, "South");
        for (name, login_id) in [("Asha Rao", "asha.rao"), ("Chitra Iyer", "chitra.iyer")] {
            insert_agent(
                tx,
                &NewAgent {
                    name,
                    login_id,
                    group: Some(north),
                    ..NewAgent::default()
                },
            );
        }
    });
}

fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let begin = page
        .find(from)
        .unwrap_or_else(|| panic!("{from} in {page}"))
        + from.len();
    let end = page[begin..].find(to).expect("an end");
    &page[begin..begin + end]
}

/// The count of a chip.
fn chip(page: &str, word: &str) -> u64 {
    let chip = between(page, &format!("id=\"rows-{word}\""), "</a>");
    between(chip, "<b>", "</b>")
        .replace(',', "")
        .parse()
        .expect("a number")
}

fn version(page: &str) -> String {
    between(page, "name=\"version\" value=\"", "\"").to_owned()
}

async fn plan(browser: &Browser, text: &str) -> (String, String) {
    let path = upload(browser, "joiners.csv", text.as_bytes()).await;
    let page = settled(browser, &path).await;
    (path, page)
}

async fn press(browser: &Browser, path: &str, act: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.post(&format!("{path}/{act}"), fields).await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    settled(browser, path).await
}

both_databases! {
    async fn a_file_is_planned_carried_out_mended_and_taken_back(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let browser = app.signed_in(Person::Admin).await;
        let page = text(browser.get("/users/upload").await, 200).await;
        assert!(page.contains("enctype=\"multipart/form-data\"") && page.contains("25 MiB, 100,000 rows, 64 columns, 64 KiB a row"), "{page}");
        let (path, page) = plan(&browser, &format!("{HEAD}{FILE}")).await;
        let counts = ["all", "create", "update", "unchanged", "skip", "error"].map(|word| chip(&page, word));
        assert_eq!(counts, [6, 2, 1, 1, 0, 2], "{page}");
        assert!(page.contains("Nothing is written yet") && page.contains("Create 2 and update 1") && page.contains("not while 2 rows have errors"), "{page}");
        assert!(page.contains("<del><bdi>Asha Rao</bdi></del>") && page.contains("<ins><bdi>Asha Rao Iyer</bdi></ins>"), "old and new\n{page}");
        assert!(page.contains("9.19877E+11") && page.contains("href=\"#line-2\""), "damage is named, and a pair shown\n{page}");
        assert!(!text(browser.get("/users").await, 200).await.contains("Nandini"), "nothing is written before commit");
        let errors = text(browser.get_part(&format!("{path}?rows=error")).await, 200).await;
        assert!(errors.contains("Imran Pasha") && errors.contains("imran.p") && !errors.contains("Nandini") && !errors.contains("<html"), "{errors}");
        let page = press(&browser, &path, "commit", &[("mode", "valid")]).await;
        assert!(page.contains("3 changes are in.") && page.contains("2 users created, 1 updated") && page.contains("2 rows to mend"), "{page}");
        assert!(page.contains("id=\"undo\"") && page.contains("2 users created, 1 updated."), "a toast with Undo\n{page}");
        let counts = ["all", "created", "updated", "conflict", "unchanged", "skip", "error"].map(|word| chip(&page, word));
        assert_eq!(counts, [6, 2, 1, 0, 1, 0, 2], "{page}");
        let users = text(browser.get("/users?q=a").await, 200).await;
        assert!(users.contains("Nandini Bhattacharya") && users.contains("Asha Rao Iyer"), "{users}");
        let again = browser.post(&format!("{path}/commit"), &[("mode", "valid")]).await;
        assert_eq!(again.status(), 303, "a second press does nothing more");
        assert!(settled(&browser, &path).await.contains("3 changes are in."));
        let answer = browser.get(&format!("{path}/errors.csv")).await;
        assert!(answer.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\"rollcall-errors-"));
        let file = text(answer, 200).await;
        assert!(file.starts_with('\u{feff}') && file.contains("_line,_column,_reason") && file.contains("Imran Pasha"), "{file}");
        let mended = file.replace("9.19877E+11", "+91 98765 43211").replace("2001", "2003");
        let (second, page) = plan(&browser, &mended).await;
        assert_eq!((chip(&page, "create"), chip(&page, "error")), (2, 0), "{page}");
        press(&browser, &second, "commit", &[("mode", "all")]).await;
        let past = text(browser.get("/imports").await, 200).await;
        assert!(past.contains("joiners.csv") && past.contains("administrator") && past.contains("2 in all") && past.contains("20 Dec 2026"), "{past}");
        let page = press(&browser, &path, "undo", &[]).await;
        assert!(page.contains("3 changes undone") && chip(&page, "undone") == 3, "{page}");
        let users = text(browser.get("/users").await, 200).await;
        assert!(!users.contains("Nandini") && !users.contains("Rao Iyer") && users.contains("Imran Pasha"), "{users}");
        assert_eq!(browser.post(&format!("{path}/undo"), &[]).await.status(), 303, "once more does nothing more");
    }

    async fn everything_that_was_found_can_be_changed(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let browser = app.signed_in(Person::Admin).await;
        let file = "Printed 1 Nov;;\nUsername;Full name;Blood group;Handy;Team\ndev.anand;Dev Anand;A+;098765 43299;East\nesha.sen;Esha Sen;B+;;Nord\n";
        let (path, page) = plan(&browser, file).await;
        assert!(page.contains("id=\"fault\"") && page.contains("Blood group") && page.contains("Not known:") && page.contains("<details class=\"panel reading\" id=\"reading\" open"), "{page}");
        assert_eq!(browser.post(&format!("{path}/commit"), &[]).await.status(), 422, "it can't be carried out");
        let first = version(&page);
        let wrong = text(browser.post(&path, &[("version", first.as_str()), ("column.2", "blood"), ("head", "many")]).await, 422).await;
        assert!(wrong.contains("is none of those that can be chosen") && wrong.contains("is a number from 1 to 1,000"), "{wrong}");
        let chosen = browser.post(&path, &[("version", first.as_str()), ("column.2", "ignore"), ("column.3", "phone"), ("charset", ""), ("delimiter", ""), ("head", "2")]).await;
        assert_eq!(chosen.status(), 303);
        let page = settled(&browser, &path).await;
        assert_eq!((chip(&page, "create"), chip(&page, "error")), (0, 2), "{page}");
        assert!(page.contains("Names that nobody has") && page.contains("value=\"North\"") && page.contains("2 unknown names"), "{page}");
        let stale = text(browser.post(&path, &[("version", first.as_str()), ("head", "1")]).await, 409).await;
        assert!(stale.contains("Somebody changed these choices"), "{stale}");
        assert_eq!(browser.post(&path, &[("head", "1")]).await.status(), 428, "a change says what it is based on");
        let now = version(&page);
        let wrong = text(browser.post(&path, &[("version", now.as_str()), ("name.1", "map"), ("instead.1", "Nowhere")]).await, 422).await;
        assert!(wrong.contains("there is no agent group “Nowhere” either"), "{wrong}");
        let fields = [("version", now.as_str()), ("name.0", "create"), ("name.1", "map"), ("instead.1", "north"), ("default.calling_agent", "yes"), ("default.extension", "(auto)"), ("which", "all"), ("lists", "add")];
        assert_eq!(browser.post(&path, &fields).await.status(), 303);
        let page = settled(&browser, &path).await;
        assert_eq!((chip(&page, "create"), chip(&page, "error")), (2, 0), "{page}");
        assert!(page.contains("1 agent group will be made: East."), "{page}");
        let page = press(&browser, &path, "commit", &[("mode", "all")]).await;
        assert!(page.contains("2 changes are in."), "{page}");
        assert!(text(browser.get("/agent-groups").await, 200).await.contains("East"));
        assert_eq!(browser.post(&path, &[("version", now.as_str())]).await.status(), 409, "what is done is not planned anew");
        let (_, page) = plan(&browser, file).await;
        // What a name stands for is decided for one file.
        assert_eq!((chip(&page, "unchanged"), chip(&page, "error")), (1, 1), "the mapping is remembered for the same header\n{page}");
    }

    async fn everyone_sees_what_they_may(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        app.write(|tx| give_scope(tx, Person::Scoped.word(), 1));
        let (admin, scoped, supervisor) = (app.signed_in(Person::Admin).await, app.signed_in(Person::Scoped).await, app.signed_in(Person::Supervisor).await);
        for person in [Person::Agent, Person::Auditor] {
            let browser = app.signed_in(person).await;
            assert_eq!(send(&browser, "/users/upload", &[], Some(("a.csv", b"login_id\n"))).await.status(), 403, "{person:?}");
            assert_eq!(browser.get("/imports").await.status(), 403);
        }
        let (of_admin, _) = plan(&admin, &format!("{HEAD}{FILE}")).await;
        let (of_scoped, page) = plan(&scoped, "login_id,name,agent_groups\nasha.rao,Asha Rao,North|South\ngita.m,Gita Menon,\n").await;
        assert!(page.contains("There is no agent group called so") && !page.contains("value=\"South\""), "a group out of scope is not there\n{page}");
        for act in ["", "/errors.csv", "/progress"] {
            assert_eq!(scoped.get(&format!("{of_admin}{act}")).await.status(), 404, "{act}");
        }
        for act in ["commit", "cancel", "undo", "phones", "phones.csv", "invitations.csv"] {
            assert_eq!(scoped.post(&format!("{of_admin}/{act}"), &[]).await.status(), 404, "{act}");
        }
        assert!(!text(scoped.get("/imports").await, 200).await.contains(&format!("href=\"{of_admin}\"")));
        let seen = text(supervisor.get(&of_admin).await, 200).await;
        assert!(!seen.contains("id=\"reading\"") && !seen.contains("id=\"commit\""), "others look on\n{seen}");
        let refused = text(supervisor.post(&format!("{of_admin}/commit"), &[("mode", "valid")]).await, 422).await;
        assert!(refused.contains("Only whoever uploaded the file can do that."), "{refused}");
        assert!(text(admin.get("/imports").await, 200).await.contains(&of_scoped));
        assert_eq!(admin.get("/imports/999").await.status(), 404);
        assert_eq!(admin.get(&format!("{of_admin}?rows=blue")).await.status(), 400);
        assert_eq!(admin.get(&format!("{of_admin}?page=0")).await.status(), 400);
        let nav = text(admin.get("/agents").await, 200).await;
        assert!(nav.contains("Bulk upload") && nav.contains("id=\"upload-users\""), "{nav}");
        assert!(!text(app.signed_in(Person::Auditor).await.get("/users").await, 200).await.contains("/users/upload"));
    }

    async fn bad_files_and_names_change_nothing(db: TestDb) {
        let app = TestApp::start_with(db, |config| config.upload.bytes = 100_000);
        app.add_people();
        let browser = app.signed_in(Person::Admin).await;
        let nothing = text(send(&browser, "/users/upload", &[("lists", "add")], None).await, 422).await;
        assert!(nothing.contains("Choose a file first.") && nothing.contains("value=\"add\" checked"), "what was chosen is kept\n{nothing}");
        let unnamed = send(&browser, "/users/upload", &[], Some(("", b""))).await;
        assert_eq!(unnamed.status(), 422, "a form without a chosen file");
        let large = text(send(&browser, "/users/upload", &[], Some(("big.csv", &vec![b'a'; 400_000]))).await, 413).await;
        assert!(large.contains("larger than 97 KiB") && large.contains("id=\"upload-err\""), "{large}");
        assert_eq!(send(&browser, "/users/upload", &[("colour", "red")], Some(("a.csv", b"login_id\n"))).await.status(), 400);
        assert_eq!(send(&browser, "/users/upload", &[("default.role", "Emperor")], Some(("a.csv", b"login_id\n"))).await.status(), 422);
        assert_eq!(browser.post("/users/upload", &[("file", "x")]).await.status(), 400, "no form with a file");
        let cut = browser.request(Method::POST, "/users/upload").header("content-type", "multipart/form-data; boundary=x");
        assert_eq!(cut.body("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nlogin").send().await.unwrap().status(), 400);
        let foreign = browser.request(Method::POST, "/users/upload").header("sec-fetch-site", "cross-site");
        assert_eq!(foreign.body("").send().await.unwrap().status(), 403, "no other site uploads");
        for (name, bytes, said) in [
            ("a.csv", &b""[..], "The file is empty."),
            ("a.pdf", &b"%PDF-1.7 and so on"[..], "This is a PDF."),
            ("a.csv", &b"name,phone\nAsha,1\n"[..], "No column tells the rows apart"),
            ("a.csv", &b"login_id,name\n\"asha.rao,Asha\n"[..], "never closed"),
            ("a.xlsx", &b"PK\x03\x04 and nothing"[..], "can\u{2019}t be read"),
        ] {
            let path = upload(&browser, name, bytes).await;
            let page = settled(&browser, &path).await;
            assert!(page.contains(said) && page.contains("id=\"discard\""), "{said}\n{page}");
            press(&browser, &path, "cancel", &[]).await;
        }
        let evil = "..\\..\\<img src=x onerror=alert(1)>.csv";
        let path = upload(&browser, evil, "login_id,name,<b>x</b>\n=cmd()|x,<script>alert(1)</script>,1\n".as_bytes()).await;
        let page = settled(&browser, &path).await;
        assert!(!page.contains("<img") && !page.contains("<script>alert") && !page.contains("<b>x</b>") && page.contains("&#60;img"), "{page}");
        let fields = [("version", version(&page)), ("column.2", "ignore".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(browser.post(&path, &fields).await.status(), 303);
        let page = settled(&browser, &path).await;
        assert!(!page.contains("<script>alert") && chip(&page, "error") == 1, "{page}");
        let file = text(browser.get(&format!("{path}/errors.csv")).await, 200).await;
        assert!(!file.contains("\n=cmd"), "no formula runs\n{file}");
        assert!(!text(browser.get("/imports").await, 200).await.contains("<img"));
        assert!(text(browser.get("/users").await, 200).await.contains("5 of 5"), "nothing was written");
    }

    async fn an_export_comes_back_unchanged(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let browser = app.signed_in(Person::Admin).await;
        let template = text(browser.get("/users/template.csv").await, 200).await;
        assert!(template.starts_with("\u{feff}employee_id,login_id,name,") && template.lines().count() == 1, "{template}");
        for kind in ["csv", "xlsx"] {
            let answer = browser.get(&format!("/users/export.{kind}")).await;
            assert_eq!(answer.status(), 200);
            let bytes = answer.bytes().await.unwrap();
            let path = upload(&browser, &format!("users.{kind}"), &bytes).await;
            let page = settled(&browser, &path).await;
            assert_eq!((chip(&page, "all"), chip(&page, "unchanged")), (7, 7), "{kind}\n{page}");
            assert_eq!(browser.post(&format!("{path}/commit"), &[("mode", "all")]).await.status(), 422, "there is nothing to write");
        }
        let some = text(browser.get("/users/export.csv?q=asha").await, 200).await;
        assert!(some.contains("asha.rao") && !some.contains("chitra"), "{some}");
        assert_eq!(browser.get("/users/export.csv?colour=red").await.status(), 400);
        app.write(|tx| give_scope(tx, Person::Scoped.word(), 2));
        let none = text(app.signed_in(Person::Scoped).await.get("/users/export.csv").await, 200).await;
        assert!(!none.contains("asha") && none.lines().count() == 1, "{none}");
    }

    async fn links_and_phone_passwords_are_handed_out_once_asked_for(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let browser = app.signed_in(Person::Admin).await;
        let (path, _) = plan(&browser, &format!("{HEAD}{FILE}")).await;
        let page = press(&browser, &path, "commit", &[("mode", "valid")]).await;
        assert!(page.contains("id=\"invitations\"") && page.contains("id=\"phones-csv\""), "{page}");
        let list = text(browser.post(&format!("{path}/invitations.csv"), &[]).await, 200).await;
        assert!(list.contains("nandini.b") && !list.contains("tashi.w") && !list.contains("asha.rao"), "{list}");
        let link = between(&list, "/password?token=", "\r").to_owned();
        assert_eq!(app.browser().get(&format!("/password?token={link}")).await.status(), 200, "the link works");
        let phones = text(browser.post(&format!("{path}/phones.csv"), &[]).await, 200).await;
        assert!(phones.contains("770001") && phones.contains("770002") && phones.lines().count() == 3, "{phones}");
        let cards = text(browser.post(&format!("{path}/phones"), &[]).await, 201).await;
        let password = |text: &str| text.lines().find(|line| line.contains("770001")).unwrap().rsplit(',').next().unwrap().to_owned();
        assert!(cards.contains("Nandini Bhattacharya") && cards.contains("770001") && !cards.contains(&password(&phones)), "other passwords each time");
        let supervisor = app.signed_in(Person::Supervisor).await;
        assert_eq!(supervisor.post(&format!("{path}/phones.csv"), &[]).await.status(), 403, "they are for whoever uploaded");
        app.clock.advance(20 * MINUTE);
        let late = browser.post(&format!("{path}/phones.csv"), &[]).await;
        assert_eq!(late.status(), 403, "who was away for long proves who they are first");
    }
}
