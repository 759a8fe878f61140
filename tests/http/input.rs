//! Nonsense and hostility in addresses and headers: a clear answer, never a fault of ours.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use reqwest::Method;

const HOSTILE: [&str; 14] = [
    "",
    " ",
    "-1",
    "0",
    "99999999999999999999",
    "1e9",
    "NaN",
    "' OR 1=1 --",
    "<img src=x onerror=alert(1)>",
    "\"><script>alert(1)</script>",
    "\u{202e}abc\u{0}",
    "👩‍🚒🇮🇳",
    "../../etc/passwd",
    "{{7*7}}",
];

const PARAMETERS: [&str; 15] = [
    "q",
    "status",
    "extension",
    "group",
    "department",
    "time_group",
    "attention",
    "sort",
    "per",
    "after",
    "before",
    "page",
    "days",
    "from",
    "to",
];

#[actix_web::test]
async fn nonsense_in_a_parameter_is_a_400_with_the_page_or_means_nothing() {
    let app = TestApp::start(TestDb::sqlite());
    let browser = app.signed_in(Person::Supervisor).await;
    for name in PARAMETERS {
        for value in HOSTILE {
            for query in [
                format!("{name}={}", encoded(value)),
                format!("{name}={0}&{name}={0}", encoded(value)),
            ] {
                let status = check(&browser, &format!("/agents?{query}")).await;
                assert!([200, 400].contains(&status), "{query}: {status}");
            }
        }
    }
    let long = "x".repeat(6_000);
    for name in PARAMETERS {
        let status = check(&browser, &format!("/agents?{name}={long}")).await;
        assert!([200, 400, 414].contains(&status), "{name}: {status}");
    }
}

#[actix_web::test]
async fn a_filter_that_makes_no_sense_keeps_the_page_and_shows_no_rows() {
    let app = TestApp::start(TestDb::sqlite());
    let browser = app.signed_in(Person::Supervisor).await;
    for query in [
        "status=sleeping",
        "sort=shoe_size",
        "days=never",
        "from=2026-02-30&to=2026-03-01",
        "from=2026-11-20&to=2026-11-01",
        "group=north",
        "per=-5",
        "shoe=42",
    ] {
        let page = text(browser.get(&format!("/agents?{query}")).await, 400).await;
        assert!(page.contains("<h1>Agents</h1>"), "{query}");
        assert!(!page.contains("data-agent="), "{query}");
    }
}

#[actix_web::test]
async fn hostile_headers_are_borne() {
    let app = TestApp::start(TestDb::sqlite());
    let browser = app.signed_in(Person::Supervisor).await;
    let names = [
        "accept",
        "accept-encoding",
        "accept-language",
        "authorization",
        "content-type",
        "cookie",
        "forwarded",
        "hx-request-type",
        "hx-target",
        "hx-current-url",
        "if-none-match",
        "last-event-id",
        "origin",
        "range",
        "referer",
        "user-agent",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-forwarded-host",
        "x-request-id",
    ];
    for name in names {
        for value in [
            "",
            "junk",
            "\u{1F600}",
            "a,b;c=\"d",
            "bytes=99-1",
            "<script>alert(1)</script>",
            &"x".repeat(4_000),
        ] {
            for method in [Method::GET, Method::POST] {
                let answer = browser
                    .request(method.clone(), "/agents")
                    .header(name, value.as_bytes())
                    .send()
                    .await
                    .unwrap();
                assert!(
                    answer.status().as_u16() < 500,
                    "{method} with {name}: {value}: {}",
                    answer.status()
                );
                let body = answer.text().await.unwrap();
                assert!(
                    !body.contains("<script>alert"),
                    "{name} comes back as markup"
                );
            }
        }
    }
}

#[actix_web::test]
async fn paths_and_methods_that_are_not_there_are_said_so() {
    let app = TestApp::start(TestDb::sqlite());
    let browser = app.signed_in(Person::Supervisor).await;
    for path in [
        "/agents/",
        "/agents/../nowhere",
        "/%00",
        "/%ff%fe",
        "//",
        "/static/../Cargo.toml",
        "/static/%2e%2e%2fCargo.toml",
        "/.git/config",
        "/agents%0d%0aset-cookie:a=b",
    ] {
        let status = check(&browser, path).await;
        assert!([303, 308, 400, 404].contains(&status), "{path}: {status}");
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let answer = browser
            .request(method.parse().unwrap(), "/agents")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 405, "{method}");
        assert!(
            answer.headers()["allow"].to_str().unwrap().contains("GET"),
            "{method}"
        );
    }
}

/// Asks, and sees that the answer is no fault and repeats nothing as markup. Returns the status.
async fn check(browser: &Browser, path: &str) -> u16 {
    let answer = browser.get(path).await;
    let status = answer.status().as_u16();
    let body = answer.text().await.unwrap();
    assert!(status < 500, "{path}: {status}\n{body}");
    assert!(
        !body.contains("<img src=x") && !body.contains("<script>alert"),
        "{path} comes back as markup"
    );
    status
}

fn encoded(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
