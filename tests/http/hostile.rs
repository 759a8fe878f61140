//! What people and phones can type into names is text everywhere, never markup.

use crate::support::TestDb;
use crate::support::app::{Person, TestApp, text};
use crate::support::people::{NewAgent, insert_agent, insert_department, insert_group};

const TEXTS: [&str; 6] = [
    "<img src=x onerror=alert(1)>",
    "\"'><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "\u{202e}gnp.exe\u{2066}",
    "=HYPERLINK(\"https://evil.example\")",
    "👩‍🚒 आशा عائشة {{7*7}} ${7*7}",
];

both_databases! {
    async fn hostile_texts_are_inert_in_page_attribute_and_part(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            for (i, hostile) in TEXTS.into_iter().enumerate() {
                let long = format!("{hostile}{}", "x".repeat(10_000));
                let (group, department) = (insert_group(tx, &format!("{i}{hostile}")), insert_department(tx, &format!("{i}{hostile}")));
                insert_agent(tx, &NewAgent {
                    name: hostile,
                    login_id: &format!("{i}{hostile}"),
                    designation: &long,
                    employee_id: Some(&format!("{i}{hostile}")),
                    email: Some(hostile),
                    admin_state: "blocked",
                    admin_reason: Some(hostile),
                    group: Some(group),
                    department: Some(department),
..NewAgent::default()
                });
            }
        });
        let browser = app.signed_in(Person::Supervisor).await;
        let mut bodies = Vec::new();
        for path in ["/agents", "/agents?q=alert&sort=name", "/agents?status=blocked&sort=-departments", "/"] {
            bodies.push(text(browser.get(path).await, 200).await);
            bodies.push(text(browser.get_part(path).await, 200).await);
        }
        for body in bodies {
            for markup in ["<img", "<script>alert", "' onmouseover='", "\"'>"] {
                assert!(!body.contains(markup), "{markup} in\n{body}");
            }
        }
        let page = text(browser.get("/agents").await, 200).await;
        assert_eq!(page.matches("<tr id=\"agent-").count(), TEXTS.len(), "{page}");
        assert!(page.contains("आशा عائشة {{7*7}}"), "text in any script is shown as it is");
    }
}
