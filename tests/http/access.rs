//! Who may do what: every line of the routes table with every kind of person.

use crate::support::TestDb;
use crate::support::app::{Person, TestApp};
use reqwest::StatusCode;
use rollcall::web::middleware::access::Access;
use rollcall::web::routes::{self, Line};
use std::fmt::Write as _;

both_databases! {
    async fn every_route_lets_in_whom_the_table_says_and_nobody_else(db: TestDb) {
        let app = TestApp::start(db);
        let mut wrong = String::new();
        for person in Person::ALL {
            let browser = app.signed_in(person).await;
            // Signing out would end the session that the other lines need.
            for line in routes::table().into_iter().filter(|line| line.path != "/sign-out") {
                let answer = browser.request(line.method.as_str().parse().unwrap(), &example(line.path)).send().await.unwrap();
                let status = answer.status();
                let to_sign_in = answer.headers().get("location").is_some_and(|to| to.to_str().unwrap().starts_with("/sign-in"));
                let let_in = status != StatusCode::UNAUTHORIZED && status != StatusCode::FORBIDDEN && !to_sign_in;
                if let_in != may(person, &line) || status.is_server_error() {
                    writeln!(wrong, "{} {} as {person:?}: {status}", line.method, line.path).unwrap();
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }
}

/// The table as people read it, so that a new route or another right shows in review.
#[test]
fn the_table_of_rights() {
    let mut shown = String::new();
    for line in routes::table() {
        let people = Person::ALL
            .into_iter()
            .filter(|person| may(*person, &line))
            .map(Person::word);
        let people = people.collect::<Vec<_>>().join(" ");
        writeln!(
            shown,
            "{:<6} {:<32} {people}",
            line.method.as_str(),
            line.path
        )
        .unwrap();
    }
    insta::assert_snapshot!(shown);
}

fn may(person: Person, line: &Line) -> bool {
    match line.access {
        // Tests come from this machine.
        Access::Public | Access::Local(_) => true,
        Access::SignedIn => person != Person::Anonymous,
        Access::Needs(right) | Access::Stream(right) => person.permissions().contains(right),
        Access::NeedsAll(right) => person != Person::Scoped && person.permissions().contains(right),
    }
}

/// The path with something in place of each name in braces.
fn example(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        if part.starts_with('{') {
            "010001"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}
