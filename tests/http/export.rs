//! Files of what is filtered: read back, they say what the page says, and nothing in them runs.

use super::calls::{count, digits, office};
use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use calamine::{Data, Reader, Xlsx};
use diesel::prelude::*;
use rollcall::store::schema::audit_entries;
use std::io::Cursor;

/// A sheet as rows of cells; a number ends in `.0`, so that it is told from a text.
type Rows = Vec<Vec<String>>;

both_databases! {
    async fn a_file_has_exactly_the_rows_of_the_list_in_its_order(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| _ = office(tx));
        let everyone = app.signed_in(Person::Supervisor).await;
        let scoped = app.signed_in(Person::Scoped).await;
        for (browser, query) in [
            (&everyone, "days=90"), (&everyone, "days=7&sort=-calls_answered"), (&everyone, "days=30&group=1&sort=-name"),
            (&everyone, "from=2026-08-01&to=2026-11-20&sort=missed"), (&everyone, "q=Asha&days=month"), (&everyone, "status=disabled"),
            (&scoped, "days=90&sort=-agent_id"),
        ] {
            let page = text(browser.get(&format!("/agents?per=250&{query}")).await, 200).await;
            let listed = listed(&page);
            for rows in [csv(browser, query).await, sheet(&xlsx(browser, query).await, "Agents")] {
                let (head, rows) = (&rows[0], &rows[1..]);
                assert_eq!(head[0], "Agent ID");
                let at = |name: &str| head.iter().position(|cell| cell == name).unwrap();
                let (status, answered) = (at("Agent Status"), at("Calls Answered"));
                let number = |cell: &str| digits(cell.trim_end_matches(".0"));
                let agents: Vec<(String, usize)> = rows.iter().filter(|row| row[status] != "Left").map(|row| (row[0].clone(), number(&row[answered]))).collect();
                assert_eq!(agents, listed, "{query}");
                let sum: usize = rows.iter().map(|row| number(&row[answered])).sum();
                assert_eq!(sum, total(&page), "{query}: with those who left, the total is the list's");
                if query == "days=90" && rows.len() > listed.len() {
                    let calls = text(browser.get("/calls?days=90&counted=answered").await, 200).await;
                    assert_eq!(sum, count(&calls), "and the calls page's");
                    assert!(rows.iter().any(|row| row[1] == "Deepa Gone" && row[status] == "Left"));
                }
            }
        }
        assert!(!csv(&scoped, "days=90").await.concat().join(" ").contains("Chitra"));
    }

    async fn by_day_has_a_column_for_each_day(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| _ = office(tx));
        let browser = app.signed_in(Person::Supervisor).await;
        for rows in [csv(&browser, "days=7&by=day").await, sheet(&xlsx(&browser, "days=7&by=day").await, "Agents")] {
            let head = &rows[0];
            let first = head.iter().position(|name| name == "14 Nov 2026").expect("the first day");
            assert_eq!(head[first..].to_vec(), ["14 Nov 2026", "15 Nov 2026", "16 Nov 2026", "17 Nov 2026", "18 Nov 2026", "19 Nov 2026", "20 Nov 2026"]);
            let answered = head.iter().position(|name| name == "Calls Answered").unwrap();
            let number = |cell: &String| digits(cell.trim_end_matches(".0"));
            assert!(rows[1..].iter().any(|row| number(&row[answered]) > 0));
            for row in &rows[1..] {
                assert_eq!(row[first..].iter().map(number).sum::<usize>(), number(&row[answered]), "{row:?}");
            }
        }
        assert_eq!(browser.get("/agents/export.xlsx?by=day&from=2026-01-01&to=2026-11-01").await.status(), 400, "too many days");
        assert_eq!(browser.get("/agents/export.csv?by=week").await.status(), 400);
    }

    async fn cells_keep_what_they_are_and_never_run(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            for (i, name) in ["=HYPERLINK(\"https://evil.example\")", "+1+cmd|' /C calc'!A0", "@SUM(A1)", "-2", "आशा \"Asha\", Rao", "plain"].into_iter().enumerate() {
                insert_agent(tx, &NewAgent { name, login_id: &format!("{i}-login"), employee_id: Some(&format!("00{i}")), ..NewAgent::default() });
            }
        });
        let browser = app.signed_in(Person::Supervisor).await;
        let bytes = browser.get("/agents/export.csv").await.bytes().await.unwrap();
        assert!(bytes.starts_with("\u{feff}".as_bytes()) && bytes.windows(2).any(|pair| pair == b"\r\n"));
        let rows = csv(&browser, "").await;
        for row in &rows[1..] {
            assert!(!row[1].starts_with(['=', '+', '-', '@']), "{row:?}");
            assert_eq!(row[4], "+91 98765 43210", "numbers are not damaged");
            assert!(row[2].starts_with("00") && row[0].starts_with("01"));
        }
        let rows = sheet(&xlsx(&browser, "").await, "Agents");
        let names: Vec<&str> = rows[1..].iter().map(|row| row[1].as_str()).collect();
        assert!(names.contains(&"=HYPERLINK(\"https://evil.example\")") && names.contains(&"आशा \"Asha\", Rao"), "{names:?}");
        assert!(rows[1..].iter().all(|row| row[4] == "+91 98765 43210" && row[0].starts_with("01") && row[2].starts_with("00")), "texts keep zeros and plus");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(xlsx(&browser, "").await)).unwrap();
        assert!(book.worksheet_formula("Agents").unwrap().is_empty(), "no formula in the book");
    }

    async fn a_file_says_what_it_is_and_is_written_down(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            let group = insert_group(tx, "North");
            insert_agent(tx, &NewAgent { group: Some(group), ..NewAgent::default() });
            give_scope(tx, Person::Scoped.word(), group);
        });
        let browser = app.signed_in(Person::Supervisor).await;
        let about = sheet(&xlsx(&browser, "days=7&group=1&q=asha").await, "About");
        let said = |name: &str| about.iter().find(|row| row[0] == name).unwrap_or_else(|| panic!("{name} in {about:?}"))[1].clone();
        assert_eq!(said("Days counted"), "Sat 14 – Fri 20 Nov 2026");
        assert_eq!(said("Filter"), "Search: asha; Agent group: North");
        assert_eq!(said("Exported by"), "supervisor");
        assert!(said("As of").starts_with("20 Nov 2026 ") && said("Time zone").contains("UTC"), "{about:?}");
        browser.get("/calls/export.csv?days=7").await;
        app.write(|tx| {
            let lines: Vec<(String, String)> = audit_entries::table.filter(audit_entries::action.like("%.export")).order(audit_entries::id)
                .select((audit_entries::action, audit_entries::actor_name)).load(tx.conn).unwrap();
            assert_eq!(lines, [("agents.export".to_owned(), "supervisor".to_owned()), ("calls.export".to_owned(), "supervisor".to_owned())]);
        });
    }

    async fn files_are_only_for_who_may_take_them(db: TestDb) {
        let app = TestApp::start(db);
        for (person, status) in [(Person::Anonymous, 303), (Person::Agent, 403), (Person::Auditor, 200), (Person::Scoped, 200)] {
            let browser = app.signed_in(person).await;
            for path in ["/agents/export.csv", "/agents/export.xlsx", "/calls/export.csv"] {
                assert_eq!(browser.get(path).await.status(), status, "{person:?} {path}");
            }
        }
        let browser = app.signed_in(Person::Supervisor).await;
        for query in ["status=sleeping", "days=never", "by=day&by=day", "shoe=42", "group=' OR 1=1", "from=2026-02-30&to=2026-03-01", "q=%00"] {
            for path in ["/agents/export.csv", "/agents/export.xlsx"] {
                let page = text(browser.get(&format!("{path}?{query}")).await, 400).await;
                assert!(page.contains("makes no sense") && page.contains("<html"), "{path}?{query}");
            }
        }
        text(browser.get("/calls/export.csv?outcome=none").await, 400).await;
        let page = text(browser.get("/agents?days=7&status=active&page=1").await, 200).await;
        assert!(page.contains("/agents/export.xlsx?status=active&#38;days=7") || page.contains("/agents/export.xlsx?status=active&amp;days=7"), "{page}");
    }

    async fn the_file_of_calls_has_the_calls_of_the_page(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| _ = office(tx));
        for person in [Person::Supervisor, Person::Scoped] {
            let browser = app.signed_in(person).await;
            for query in ["days=90", "days=90&counted=answered", "days=90&people=left", "days=30&direction=outbound", "days=90&agent=010001&talk=30"] {
                let answer = browser.get(&format!("/calls/export.csv?{query}")).await;
                let rows = parse(&answer.bytes().await.unwrap());
                let page = text(browser.get(&format!("/calls?{query}")).await, 200).await;
                assert_eq!(rows.len() - 1, count(&page), "{person:?} {query}");
                assert!(rows[1..].iter().all(|row| row[9] == "+91 98123 45678" || row[7] == "Outbound"), "{query}");
            }
        }
    }
}

async fn csv(browser: &Browser, query: &str) -> Rows {
    let answer = browser.get(&format!("/agents/export.csv?{query}")).await;
    assert_eq!(answer.status(), 200, "{query}");
    let saved = answer.headers()["content-disposition"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        saved,
        "attachment; filename=\"rollcall-agents-2026-11-20.csv\""
    );
    parse(&answer.bytes().await.unwrap())
}

fn parse(bytes: &[u8]) -> Rows {
    let text = std::str::from_utf8(bytes)
        .unwrap()
        .trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

async fn xlsx(browser: &Browser, query: &str) -> Vec<u8> {
    let answer = browser.get(&format!("/agents/export.xlsx?{query}")).await;
    assert_eq!(answer.status(), 200, "{query}");
    answer.bytes().await.unwrap().to_vec()
}

fn sheet(book: &[u8], name: &str) -> Rows {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book.to_vec())).expect("a workbook");
    let range = book.worksheet_range(name).expect("a sheet");
    let cell = |cell: &Data| match cell {
        Data::String(text) => text.clone(),
        Data::Float(number) => format!("{number:.1}"),
        Data::Int(number) => format!("{number}.0"),
        Data::Empty => String::new(),
        other => panic!("{other:?} is neither text nor number"),
    };
    range
        .rows()
        .map(|row| row.iter().map(cell).collect())
        .collect()
}

/// The agents of the page in order, with their calls answered.
fn listed(page: &str) -> Vec<(String, usize)> {
    let rows = page.split("<tr id=\"agent-").skip(1);
    rows.map(|row| {
        let id = row.split('"').next().unwrap().to_owned();
        let cell = row.split("data-col=\"calls_answered\">").nth(1).unwrap();
        let cell = cell.split("</td>").next().unwrap();
        (id, digits(plain(cell).trim()))
    })
    .collect()
}

/// The total under the column, with those who left; none where the list is empty.
fn total(page: &str) -> usize {
    let Some(foot) = page.split("<tfoot").nth(1) else {
        return 0;
    };
    let cell = foot.split("data-col=\"calls_answered\">").nth(1).unwrap();
    digits(plain(cell.split("</td>").next().unwrap()).trim())
}

/// Without markup.
fn plain(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}
