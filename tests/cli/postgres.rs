//! On Postgres other programs do it: the lines that are printed work, and have no secret in them.

use super::program::Place;
use crate::support::TestDb;

const URL: &str = "postgres://me:se@cret@db.example:5433/rollcall?sslmode=require&password=hush";

#[test]
fn a_backup_is_pg_dump_s() {
    let place = Place::new();
    let ran = place
        .run(&["backup", "it's.dump", "--database", URL])
        .refused("nothing was backed up");
    let line = ran.out.lines().next().unwrap();
    assert!(
        line.starts_with("pg_dump --format=custom --no-owner --file='"),
        "{line}"
    );
    assert!(
        line.ends_with("--dbname='postgres://me@db.example:5433/rollcall?sslmode=require'"),
        "{line}"
    );
    assert!(line.contains(r"it'\''s.dump"), "{line}");
    assert!(ran.err.contains("rollcall.key"), "{ran:?}");
    assert!(
        !format!("{ran:?}").contains("cret") && !format!("{ran:?}").contains("hush"),
        "{ran:?}"
    );
}

#[test]
fn a_restore_is_pg_restore_s_into_a_new_database() {
    let place = Place::new();
    let ran = place
        .run(&["restore", "a.dump", "--database", URL])
        .refused("nothing was restored");
    assert!(ran.out.contains("pg_restore --no-owner"), "{ran:?}");
    assert!(
        ran.out.contains("/rollcall_restored?sslmode=require'"),
        "{ran:?}"
    );
    assert!(
        !format!("{ran:?}").contains("cret") && !format!("{ran:?}").contains("hush"),
        "{ran:?}"
    );
}

/// The printed lines, run.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests may start processes, the server may not"
)]
fn the_printed_lines_work() {
    use std::process::Command;
    let Some(db) = TestDb::postgres() else {
        return;
    };
    let place = Place::new();
    let url = db.url();
    let found = |program: &str| {
        Command::new(program)
            .arg("--version")
            .output()
            .is_ok_and(|o| o.status.success())
    };
    if !["pg_dump", "pg_restore", "createdb"]
        .iter()
        .all(|program| found(program))
    {
        eprintln!("SKIPPED: there is no pg_dump");
        return;
    }
    let shell = |lines: &str| {
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_rollcall"))
            .parent()
            .unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command
            .args(["-e", "-c", lines])
            .env("PATH", path)
            .current_dir(&place.folder);
        super::program::Ran::of(command.output().unwrap()).ok()
    };
    shell(
        &place
            .run(&["backup", "a.dump", "--database", url])
            .refused("nothing was backed up")
            .out,
    );
    let said = shell(
        &place
            .run(&["restore", "a.dump", "--database", url])
            .refused("nothing was restored")
            .out,
    );
    assert!(said.out.contains("database: ok"), "{said:?}");
    db.drop_beside("_restored");
}
