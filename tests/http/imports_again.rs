//! Bulk uploads over HTTP that take a second try: the file of errors corrected, choices that were refused, another
//! sheet, and what is told of records and logins on the way.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::people::insert_group;
use crate::support::wire::{settled, upload};
use rust_xlsxwriter::Workbook;

fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = page
        .split_once(from)
        .unwrap_or_else(|| panic!("{from} in {page}"));
    rest.split_once(to).expect("an end").0
}

/// The count of a chip.
fn chip(page: &str, word: &str) -> u64 {
    let chip = between(page, &format!("id=\"rows-{word}\""), "</a>");
    let count = between(chip, "<b>", "</b>").replace(',', "");
    count.parse().expect("a number")
}

/// The row of a line of the file.
fn row(page: &str, line: u64) -> &str {
    between(page, &format!("<tr id=\"line-{line}\""), "</tr>")
}

async fn plan(browser: &Browser, text: &str) -> (String, String) {
    let path = upload(browser, "people.csv", text.as_bytes()).await;
    let page = settled(browser, &path).await;
    (path, page)
}

/// Other choices on the page of a plan, and the page as it is then.
async fn choose(browser: &Browser, path: &str, page: &str, fields: &[(&str, &str)]) -> String {
    let version = between(page, "name=\"version\" value=\"", "\"");
    let fields = [&[("version", version)], fields].concat();
    let answer = browser.post(path, &fields).await;
    match answer.status().as_u16() {
        303 => settled(browser, path).await,
        status => text(answer, status).await,
    }
}

both_databases! {
    async fn what_was_decided_holds_for_the_file_of_errors_too(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            insert_group(tx, "North");
            insert_group(tx, "South");
        });
        let browser = app.signed_in(Person::Admin).await;
        let file = "login_id,Full name,email,Handy,shoe,role,departments,agent_groups\nzz.nojs3,No JS Three,,,42,,,Nord\nesha.sen,Esha Sen,esha@example.com,98123 45678,40,,,\n";
        let (path, page) = plan(&browser, file).await;
        let defaults = [
            ("column.3", "phone"), ("ignore_unknown", "yes"), ("default.role", "Supervisor"), ("default.web_login", "allowed"),
            ("default.extension", "(auto)"), ("default.calling_agent", "yes"), ("default.agent_groups", "South"),
        ];
        let page = choose(&browser, &path, &page, &defaults).await;
        assert!(page.contains("1 unknown name<") && page.contains("1 new web login gets an invitation."), "{page}");
        let page = choose(&browser, &path, &page, &[("name.0", "map"), ("instead.0", "North")]).await;
        assert_eq!((chip(&page, "create"), chip(&page, "error")), (1, 1), "{page}");
        assert!(!page.contains("unknown name") && page.contains("settled"), "{page}");
        assert_eq!(browser.post(&format!("{path}/commit"), &[("mode", "valid")]).await.status(), 303);
        settled(&browser, &path).await;
        let errors = text(browser.get(&format!("{path}/errors.csv")).await, 200).await;
        assert!(errors.contains("zz.nojs3,No JS Three,,,42,Supervisor,,North,yes,(auto),allowed,2,email"), "{errors}");
        let mended = errors.replace("Three,,", "Three,nojs@example.com,");
        let (_, page) = plan(&browser, &mended).await;
        assert_eq!((chip(&page, "create"), chip(&page, "error")), (1, 0), "as it is, corrected\n{page}");
        let made = row(&page, 2);
        assert!(["Supervisor", "North", "allowed", "nojs@example.com"].iter().all(|text| made.contains(text)), "{made}");
        assert!(page.contains("Not read: ") && page.contains("“<bdi>shoe</bdi>”"), "she said so of such a file\n{page}");
        // What the column means is for everybody; that unknown ones don't matter, nobody else said.
        let other = app.signed_in(Person::Supervisor).await;
        let (_, page) = plan(&other, &file.replace("esha.sen", "esha.two").replace("esha@", "two@")).await;
        assert!(page.contains("Nothing says what is in these columns: “shoe”.") && !page.contains("“Handy”"), "{page}");
        // Another header is another file.
        let path = upload(&browser, "people.csv", mended.replace("shoe", "hat").as_bytes()).await;
        assert!(settled(&browser, &path).await.contains("“hat”"));
    }

    async fn what_was_posted_stays_when_it_is_refused(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            insert_group(tx, "North");
        });
        let browser = app.signed_in(Person::Admin).await;
        let (path, page) = plan(&browser, "login_id,name,phone,agent_groups,departments\ndev.anand,Dev Anand,98123 45678,Nord,Salez\n").await;
        let fields = [
            ("name.0", "map"), ("instead.0", "No <such> group"), ("name.1", "create"), ("column.2", "ignore"), ("head", "many"),
            ("lists", "add"), ("default.web_login", "blocked"),
        ];
        let page = choose(&browser, &path, &page, &fields).await;
        assert!(page.contains("Not planned anew"), "{page}");
        let control = |id: &str, end| between(&page, &format!("id=\"{id}\""), end).to_owned();
        assert!(control("name.0", "</select>").contains("<option value=\"map\" selected>"), "{page}");
        assert!(control("name.1", "</select>").contains("<option value=\"create\" selected>"), "{page}");
        let typed = control("instead.0", "</td>");
        assert!(typed.contains("value=\"No &#60;such&#62; group\"") && typed.contains("aria-invalid=\"true\""), "{typed}");
        assert!(typed.contains("id=\"instead.0-err\"") && typed.contains("there is no agent group “No &#60;such&#62; group” either"), "at the field\n{typed}");
        assert!(control("column.2", "</select>").contains("<option value=\"ignore\" selected>"), "{page}");
        let head = control("head", "</div>");
        assert!(head.contains("value=\"many\"") && head.contains("id=\"head-err\""), "{head}");
        assert!(page.contains("id=\"lists-add\" name=\"lists\" value=\"add\" checked"), "{page}");
        assert!(control("default.web_login", "</select>").contains("<option value=\"blocked\" selected>"), "{page}");
        let page = choose(&browser, &path, &page, &[("name.0", "map"), ("instead.0", "north"), ("name.1", "create"), ("column.2", "ignore"), ("head", "1")]).await;
        assert_eq!(chip(&page, "create"), 1, "{page}");
        assert!(page.contains("1 department will be made: Salez.") && !page.contains("unknown name") && !page.contains("an invitation."), "{page}");
        let past = text(browser.get("/imports").await, 200).await;
        assert!(past.contains(">would create 1<") && past.contains(">0<"), "{past}");
        assert_eq!(browser.post(&format!("{path}/commit"), &[("mode", "all")]).await.status(), 303);
        let page = settled(&browser, &path).await;
        assert!(page.contains("1 department made: Salez.") && !page.contains("id=\"invitations\"") && page.contains("id=\"phones-csv\""), "nobody waits for a link\n{page}");
        assert_eq!(browser.post(&format!("{path}/undo"), &[]).await.status(), 303);
        assert!(!settled(&browser, &path).await.contains("department made"));
        let past = text(browser.get("/imports").await, 200).await;
        assert!(past.contains(">1, undone<"), "{past}");
    }

    async fn a_sheet_can_be_chosen_whatever_is_in_the_first(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        let mut book = Workbook::new();
        book.add_worksheet().set_name("Cover").unwrap();
        for (name, login) in [("People", "dev.anand"), ("More", "esha.sen")] {
            let sheet = book.add_worksheet();
            sheet.set_name(name).unwrap();
            for (column, head) in (0..).zip(["login_id", "name", "phone"]) {
                sheet.write_string(0, column, head).unwrap();
            }
            sheet.write_string(1, 0, login).unwrap();
            sheet.write_string(1, 1, name).unwrap();
            sheet.write_string(2, 0, "total.of.all").unwrap();
        }
        let path = upload(&browser, "people.xlsx", &book.save_to_buffer().unwrap()).await;
        let page = settled(&browser, &path).await;
        assert_eq!((chip(&page, "create"), chip(&page, "error")), (1, 1), "{page}");
        assert!(row(&page, 2).contains("People") && row(&page, 3).contains("is missing") && !row(&page, 3).contains("quotes"), "no advice for CSV\n{page}");
        let page = choose(&browser, &path, &page, &[("sheet", "Cover")]).await;
        assert!(page.contains("There is nothing in the sheet.") && !page.contains("id=\"delimiter\""), "{page}");
        assert!(between(&page, "id=\"sheet\"", "</select>").contains("<option value=\"More\">"), "{page}");
        let page = choose(&browser, &path, &page, &[("sheet", "More"), ("head", "900")]).await;
        assert!(page.contains("There is no header in line 900"), "{page}");
        let page = choose(&browser, &path, &page, &[("head", "")]).await;
        assert!(row(&page, 2).contains("More"), "{page}");
        let mut empty = Workbook::new();
        empty.add_worksheet();
        let path = upload(&browser, "empty.xlsx", &empty.save_to_buffer().unwrap()).await;
        let page = settled(&browser, &path).await;
        assert!(page.contains("There is nothing in the sheet.") && page.contains("id=\"sheet\""), "{page}");
    }

    async fn both_rows_of_a_pair_are_found(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        let mut file = "login_id,email,name\n".to_owned();
        for number in 0..150 {
            file.push_str(&format!("person.{number:03},p{number}@example.com,Person {number}\n"));
        }
        file.push_str("person.003,p3@example.com,Person again\n");
        let (path, page) = plan(&browser, &file).await;
        assert_eq!((chip(&page, "create"), chip(&page, "error")), (150, 1), "{page}");
        for query in ["page=2", "rows=error"] {
            let page = text(browser.get(&format!("{path}?{query}")).await, 200).await;
            let pair = row(&page, 152);
            assert!(pair.contains(&format!("href=\"{path}?line=5#line-5\"")), "{query}: {pair}");
            assert!(pair.contains("Line 5 has the same login_id and email.") && pair.matches("has the same").count() == 1, "{pair}");
        }
        assert!(text(browser.get(&format!("{path}?line=5")).await, 200).await.contains("id=\"line-5\""));
        assert!(text(browser.get(&format!("{path}?line=152")).await, 200).await.contains("id=\"line-152\""));
        assert_eq!(browser.get(&format!("{path}?line=x")).await.status(), 400);
    }
}
