//! The file that a demo has for trying the upload.

use crate::support::TestDb;
use crate::support::app::{Person, TestApp, text};
use rollcall::demo::{Parameters, prepare};
use rollcall::domain::time::Clock;

#[actix_web::test]
async fn a_demo_hands_out_its_joiners_to_who_may_upload() {
    let db = TestDb::empty_sqlite();
    let small = Parameters {
        seed: 7,
        agents: 40,
        calls: 100,
        days: 2,
    };
    prepare(&db.database(), small, Clock::system().now()).unwrap();
    let app = TestApp::start(db);
    let admin = app.signed_in(Person::Admin).await;
    let answer = admin.get("/demo/joiners.xlsx").await;
    assert_eq!(answer.status(), 200);
    let headers = answer.headers();
    assert_eq!(
        headers["content-disposition"],
        "attachment; filename=\"joiners.xlsx\""
    );
    assert!(answer.bytes().await.unwrap().starts_with(b"PK"));
    assert_eq!(
        app.signed_in(Person::Agent)
            .await
            .get("/demo/joiners.xlsx")
            .await
            .status(),
        403
    );
    let page = text(admin.get("/").await, 200).await;
    assert!(
        page.contains("href=\"/users/upload\"") && page.contains("href=\"/demo/joiners.xlsx\""),
        "{page}"
    );
}

#[actix_web::test]
async fn an_install_has_no_joiners() {
    let app = TestApp::start(TestDb::sqlite());
    let admin = app.signed_in(Person::Admin).await;
    assert_eq!(admin.get("/demo/joiners.xlsx").await.status(), 404);
    let page = text(admin.get("/").await, 200).await;
    assert!(!page.contains("joiners"), "{page}");
}
