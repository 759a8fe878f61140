//! `kill -9` at twenty moments of an upload: the next start brings it to its end, or leaves it at its start.

use super::program::{Place, Server};
use crate::support::TestDb;
use diesel::prelude::*;
use rollcall::domain::time::Clock;
use rollcall::store::schema::{audit_entries, imports, users};
use rollcall::store::{Conn, Store, StoreError};
use serde_json::Value;
use std::fmt::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

const MOMENTS: u32 = 20;
const PEOPLE: i64 = 60;

both_databases! {
    fn an_upload_that_is_killed_is_whole_or_not_begun(db: TestDb) {
        let place = Place::new();
        let store = Store::open(&db.database(), Clock::system()).unwrap();
        let token = place.run(&["--database", db.url(), "token", "create", "--name", "loader", "--role", "Admin"]).ok().out;
        let token = token.split_whitespace().find(|word| word.starts_with("rc_")).unwrap().to_owned();
        let start = || Server::start_on(&place, db.url());
        // The moments are spread over the time that one takes when nobody disturbs it.
        let began = Instant::now();
        let server = start();
        let ready = Instant::now();
        let whole = upload(&server.url, &token, "whole").unwrap();
        let takes = ready.elapsed();
        eprintln!("started in {:?}, uploaded in {takes:?}", ready - began);
        assert_eq!(whole["done"]["created"], PEOPLE, "{whole}");
        drop(server);
        for moment in 0..MOMENTS {
            let word = format!("moment{moment:02}");
            let server = start();
            let sent = {
                let (url, token, word) = (server.url.clone(), token.clone(), word.clone());
                std::thread::spawn(move || upload(&url, &token, &word).is_ok())
            };
            sleep(takes * moment / MOMENTS);
            drop(server);
            let answered = sent.join().unwrap();
            let server = start();
            settled(&store);
            let made = people(&store, &word);
            assert!(made == 0 || made == PEOPLE, "{word}: {made} of {PEOPLE} are there");
            assert!(!answered || made == PEOPLE, "{word}: what was answered is done");
            let again = upload(&server.url, &token, &word).unwrap();
            assert_eq!(again["done"]["created"], PEOPLE - made, "{word}: {again}");
            let third = upload(&server.url, &token, &word).unwrap();
            assert_eq!(third["counts"]["unchanged"], PEOPLE, "whole people, and nothing left to write. {word}: {third}");
            assert_eq!((people(&store, &word), entries(&store, &word)), (PEOPLE, PEOPLE), "{word}: each is there once");
        }
        place.run(&["--database", db.url(), "check", "--audit"]).ok();
    }
}

/// New calling agents, with everything that makes rows in other tables.
fn file(word: &str) -> String {
    let mut file =
        "login_id,name,calling_agent,agent_groups,intercom_number,call_forward_number\n".to_owned();
    for number in 0..PEOPLE {
        writeln!(
            file,
            "{word}.{number:03},{word} {number},yes,,(auto),+91 98765 4{number:04}"
        )
        .unwrap();
    }
    file
}

fn upload(url: &str, token: &str, word: &str) -> reqwest::Result<Value> {
    actix_web::rt::System::new().block_on(async {
        let request = reqwest::Client::new()
            .post(format!("{url}/api/v1/imports"))
            .bearer_auth(token)
            .header("content-type", "text/csv")
            .body(file(word));
        let answer = request.send().await?;
        let failed = answer.error_for_status_ref().err();
        let text = answer.text().await?;
        match failed {
            Some(error) => panic!("{error}: {text}"),
            None => Ok(serde_json::from_str(&text).unwrap()),
        }
    })
}

/// Waits until no upload is on its way any more.
fn settled(store: &Store) {
    let busy = |conn: &mut Conn| -> Result<i64, StoreError> {
        let busy = imports::state.eq_any(["planning", "committing"]);
        Ok(imports::table.filter(busy).count().get_result(conn)?)
    };
    for _ in 0..3000 {
        if store.read(busy).unwrap() == 0 {
            return;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("an upload goes on and on");
}

fn people(store: &Store, word: &str) -> i64 {
    let begins = users::login_id.like(format!("{word}.%"));
    store
        .read(move |conn| Ok(users::table.filter(begins).count().get_result(conn)?))
        .unwrap()
}

/// How often the audit says that one of them was made.
fn entries(store: &Store, word: &str) -> i64 {
    let of = audit_entries::subject_name.like(format!("{word} %"));
    let made = audit_entries::action.eq_any(["user.create", "agent.create"]);
    store
        .read(move |conn| {
            Ok(audit_entries::table
                .filter(of)
                .filter(made)
                .count()
                .get_result(conn)?)
        })
        .unwrap()
}
