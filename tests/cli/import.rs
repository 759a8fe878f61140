//! `rollcall import`.

use super::program::Place;
use diesel::prelude::*;
use std::fs;
use std::io::Write;
use std::process::Stdio;

const GOOD: &str = "login_id,name\ndev.anand,Dev Anand\nesha.sen,Esha Sen\n";
const MIXED: &str = "login_id,name\ngita.menon,Gita Menon\nab,Too Short\n";

fn place() -> Place {
    let place = Place::new();
    place.run(&["migrate"]).ok();
    fs::write(place.path("good.csv"), GOOD).unwrap();
    fs::write(place.path("mixed.csv"), MIXED).unwrap();
    place
}

#[test]
fn a_file_is_tried_then_carried_out_once() {
    let place = place();
    let dry = place.run(&["import", "good.csv", "--dry-run"]).ok();
    assert_eq!(
        dry.out,
        "2 rows: 2 to create, 0 to update, 0 unchanged, 0 skipped, 0 with errors. Nothing was written.\n"
    );
    let done = place
        .run(&["import", "good.csv", "--print-json"])
        .ok()
        .json();
    assert_eq!(
        (done["written"].as_bool(), done["done"]["created"].as_u64()),
        (Some(true), Some(2))
    );
    let again = place.run(&["import", "good.csv"]).ok();
    assert_eq!(
        again.out,
        "2 rows: nothing to write, 2 unchanged, 0 skipped, 0 with errors.\n"
    );
}

#[test]
fn exit_codes_and_lines_tell_what_went_wrong() {
    let place = place();
    let all = place
        .run(&["import", "mixed.csv", "--all-or-nothing"])
        .refused(
            "nothing was written: 1 row has errors, and all or nothing was asked for: mend it,",
        );
    assert!(all.err.contains("line 3, login_id \"ab\": "), "{all:?}");
    let valid = place.run(&["import", "mixed.csv"]);
    assert_eq!(valid.code, Some(4), "{valid:?}");
    assert_eq!(
        valid.out,
        "2 rows: 1 created, 0 updated, 0 conflicts, 0 unchanged, 0 skipped, 1 with errors.\n"
    );
    assert_eq!(
        place.run(&["import", "mixed.csv", "--dry-run"]).code,
        Some(4)
    );
    fs::write(place.path("odd.csv"), "login_id,shoe\ndev.anand,42\n").unwrap();
    place.run(&["import", "odd.csv"]).refused("shoe");
    let odd = place.run(&["import", "odd.csv", "--ignore-unknown"]);
    assert_eq!(odd.code, Some(4), "a new person needs a name");
    assert!(odd.err.contains("not read: shoe\n"), "{odd:?}");
    place.run(&["import", "odd.csv"]).refused("shoe");
    let missing = place.run(&["import", "nowhere.csv"]);
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert_eq!(place.run(&["import"]).code, Some(2), "wrong usage");
    assert!(
        place
            .run(&["import", "--help"])
            .ok()
            .out
            .contains("Ends with 0")
    );
}

#[test]
fn a_dash_is_standard_input_and_lines_hold_no_signs_that_a_terminal_obeys() {
    let place = place();
    let mut command = place.command(&["import", "-"]);
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"login_id,name\n\x1b[31mred,Red\ndev.anand,Dev Anand\n")
        .unwrap();
    let ran = super::program::Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(
        ran.out.contains("1 created") && !ran.err.contains('\u{1b}') && ran.err.contains("line 2"),
        "{ran:?}"
    );
}

/// As long as both would plan it, each would begin anew what the other has begun.
#[test]
fn a_shell_and_the_server_on_the_same_file_work_on_an_upload_one_at_a_time() {
    let place = place();
    let server = super::program::Server::start(&place);
    let rows: String = (0..4_000)
        .map(|row| format!("many.{row:05},Many {row}\n"))
        .collect();
    fs::write(place.path("many.csv"), format!("login_id,name\n{rows}")).unwrap();
    let ran = place.run(&["import", "many.csv"]).ok();
    assert!(ran.out.starts_with("4,000 rows: 4,000 created"), "{ran:?}");
    drop(server);
    let store = rollcall::store::Store::open(
        &rollcall::store::DatabaseUrl::Sqlite(place.database()),
        rollcall::domain::time::Clock::system(),
    )
    .unwrap();
    let plans = store.read(|conn| {
        let plans = rollcall::store::schema::imports::table
            .select(rollcall::store::schema::imports::plan)
            .load::<i64>(conn)?;
        Ok(plans)
    });
    assert_eq!(plans.unwrap(), [1], "planned once");
}
