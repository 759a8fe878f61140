//! What every answer carries, whatever it is.

use crate::support::TestDb;
use crate::support::app::{Person, TestApp};
use reqwest::Method;

#[actix_web::test]
async fn every_answer_is_guarded() {
    let app = TestApp::start(TestDb::sqlite());
    let browser = app.signed_in(Person::Supervisor).await;
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/agents"),
        (Method::GET, "/agents?status=sleeping"),
        (Method::GET, "/no-such-page"),
        (Method::GET, "/healthz"),
        (Method::GET, "/favicon.ico"),
        (Method::DELETE, "/agents"),
        (Method::GET, "/%ff"),
    ] {
        let answer = browser.request(method.clone(), path).send().await.unwrap();
        let header = |name: &str| {
            answer
                .headers()
                .get(name)
                .map_or("", |value| value.to_str().unwrap())
        };
        let what = format!("{method} {path}");
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{what}: {part} is not in {policy:?}");
        }
        assert!(!policy.contains("unsafe"), "{what}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(
            header("cross-origin-opener-policy"),
            "same-origin",
            "{what}"
        );
        assert_eq!(
            header("cross-origin-resource-policy"),
            "same-origin",
            "{what}"
        );
        for name in ["referrer-policy", "permissions-policy"] {
            assert!(!header(name).is_empty(), "{what}: {name}");
        }
        if path.starts_with("/agents") || path == "/" {
            assert!(
                header("cache-control").contains("no-store"),
                "{what}: {}",
                header("cache-control")
            );
        }
    }
}

#[actix_web::test]
async fn an_error_tells_its_number_and_nothing_else() {
    let app = TestApp::start(TestDb::sqlite());
    let browser = app.signed_in(Person::Supervisor).await;
    let page = browser.get("/no-such-page").await;
    assert_eq!(page.status(), 404);
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let json = browser
        .request(Method::GET, "/api/v1/nothing")
        .header("accept", "application/json")
        .send()
        .await
        .unwrap();
    assert_eq!(json.status(), 404);
    assert_eq!(json.headers()["content-type"], "application/problem+json");
    let part = browser.get_part("/no-such-page").await;
    assert_eq!(part.status(), 404);
    assert!(
        !part.text().await.unwrap().contains("<html"),
        "a part is no page"
    );
}
