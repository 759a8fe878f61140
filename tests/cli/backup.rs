//! Backups of a SQLite database: complete, checked, private, and never in the place of something else.

use super::program::{Place, Ran, Server};
use diesel::prelude::*;
use rollcall::domain::audit::{Actor, Entry};
use rollcall::domain::time::Clock;
use rollcall::store::schema::audit_entries;
use rollcall::store::{DatabaseUrl, Keeper, Store, backup, setting};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn a_backup_is_one_checked_file_that_only_its_owner_reads() {
    let place = Place::new();
    place.fill();
    let said = place.run(&["backup", "copy.db"]).ok().out;
    assert!(said.contains("copy.db is a backup of"), "{said}");
    assert!(said.contains("44 people, 400 calls"), "{said}");
    assert!(said.contains("nothing in it is sealed"), "{said}");
    let copy = place.path("copy.db");
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(place.names(), ["copy.db", "rollcall.db"]);
    let sound = backup::examine(&copy).unwrap();
    assert_eq!((sound.people, sound.calls), (44, 400));
    // Whoever reads the log finds it, since it holds everything there is.
    let store = store(&place);
    let entries: Vec<String> = store
        .read(|conn| {
            let entries = audit_entries::table.filter(audit_entries::action.eq("install.backup"));
            Ok(entries.select(audit_entries::actor_kind).load(conn)?)
        })
        .unwrap();
    assert_eq!(entries, ["shell"]);
}

fn store(place: &Place) -> Store {
    Store::open(&DatabaseUrl::Sqlite(place.database()), Clock::system()).unwrap()
}

#[test]
fn a_backup_is_made_while_a_server_and_others_write() {
    let place = Place::new();
    place.fill();
    let _server = Server::start(&place);
    let store = store(&place);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut written = 0;
            while !stop.load(Ordering::Acquire) {
                let note =
                    |number: i32| Entry::new("note.create", "note", None, number.to_string());
                store
                    .write_blocking(Actor::shell(), move |tx| tx.audit(note(written)))
                    .unwrap();
                written += 1;
            }
            written
        });
        for number in 0..3 {
            let name = format!("copy-{number}.db");
            let said = place.run(&["backup", &name, "--print-json"]).ok().json();
            assert_eq!(said["people"], 44);
            assert_eq!(said["key"], serde_json::Value::Null);
            let sound = backup::examine(&place.path(&name)).unwrap();
            assert_eq!(said["audit_entries"], sound.audit_entries);
        }
        stop.store(true, Ordering::Release);
        assert!(writer.join().unwrap() > 0);
    });
}

#[test]
fn nothing_is_overwritten_unless_that_is_asked_for() {
    let place = Place::new();
    place.fill();
    fs::write(place.path("notes.txt"), "mine").unwrap();
    place
        .run(&["backup", "notes.txt"])
        .refused("is there already");
    assert_eq!(fs::read(place.path("notes.txt")).unwrap(), b"mine");
    place.run(&["backup", "notes.txt", "--replace"]).ok();
    backup::examine(&place.path("notes.txt")).unwrap();
    assert_eq!(place.names(), ["notes.txt", "rollcall.db"]);
}

#[test]
fn the_database_and_its_own_files_are_no_place_for_a_backup() {
    let place = Place::new();
    place.fill();
    fs::hard_link(place.database(), place.path("other-name.db")).unwrap();
    std::os::unix::fs::symlink("rollcall.db", place.path("link.db")).unwrap();
    fs::write(place.path("rollcall.key"), "no key").unwrap();
    let before = fs::read(place.database()).unwrap();
    for name in ["rollcall.db", "./rollcall.db", "other-name.db", "link.db"] {
        place
            .run(&["backup", name, "--replace"])
            .refused("is the database itself");
    }
    for name in [
        "rollcall.db-wal",
        "rollcall.db-shm",
        "rollcall.db-journal",
        "rollcall.db-lock",
        "rollcall.key",
    ] {
        place
            .run(&["backup", name, "--replace"])
            .refused("belongs to the database");
    }
    assert_eq!(fs::read(place.database()).unwrap(), before);
}

#[test]
fn what_can_t_be_is_said_before_anything_is_made() {
    let place = Place::new();
    place
        .run(&["backup", "copy.db"])
        .refused("there is no database at");
    assert!(place.names().is_empty(), "{:?}", place.names());
    place.fill();
    place
        .run(&["backup", "no/such/copy.db"])
        .refused("there is no folder no/such");
    fs::create_dir(place.path("backups")).unwrap();
    place
        .run(&["backup", "backups"])
        .refused("is a folder: give a file name");
    assert_eq!(place.run(&["backup"]).code, Some(2));
    fs::write(
        place.path("other.db"),
        "no database at all, but long enough to be one".repeat(9),
    )
    .unwrap();
    let failed = place.run(&["backup", "copy.db", "--database", "other.db"]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.err.contains("not a database"), "{failed:?}");
    assert_eq!(place.names(), ["backups", "other.db", "rollcall.db"]);
}

#[test]
fn a_full_disk_is_said_and_leaves_nothing_behind() {
    let place = Place::new();
    place.fill();
    fs::create_dir(place.path("small")).unwrap();
    // A disk of its own, for as long as the command runs.
    let script = "mount -t tmpfs -o size=256k none small && \"$0\" backup small/copy.db; code=$?; ls -A small >&2; exit $code";
    let Some(ran) = in_own_mounts(&place, script) else {
        eprintln!("SKIPPED: this machine lets nobody mount a small disk");
        return;
    };
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("small is full: about"), "{ran:?}");
    assert!(!ran.err.contains("copy.db.part"), "{ran:?}");
}

/// Runs a shell with mounts that only it sees; `$0` is the program.
#[expect(
    clippy::disallowed_methods,
    reason = "tests may start processes, the server may not"
)]
fn in_own_mounts(place: &Place, script: &str) -> Option<Ran> {
    let unshare = |arguments: &[&str]| {
        let mut command = std::process::Command::new("unshare");
        command
            .args(["--user", "--map-root-user", "--mount"])
            .args(arguments);
        command
            .current_dir(&place.folder)
            .env("ROLLCALL_LOG_LEVEL", "warn")
            .stdin(Stdio::null());
        command.output().ok()
    };
    let can = unshare(&["sh", "-c", "mount -t tmpfs -o size=256k none small"])?;
    if !can.status.success() {
        return None;
    }
    let program = env!("CARGO_BIN_EXE_rollcall");
    Some(Ran::of(unshare(&["sh", "-c", script, program])?))
}

#[test]
fn a_backup_names_the_key_that_opens_it() {
    let place = Place::new();
    place.fill();
    let fingerprint = seal_something(&place);
    let said = place.run(&["backup", "copy.db"]).ok().out;
    assert!(said.contains("rollcall.key"), "{said}");
    assert!(
        said.contains(&format!("(fingerprint {fingerprint})")),
        "{said}"
    );
    let key = fs::read_to_string(place.path("rollcall.key")).unwrap();
    assert!(!said.contains(key.trim()), "the key itself is printed");
    let said = place
        .run(&["backup", "copy-2.db", "--print-json"])
        .ok()
        .json();
    assert_eq!(said["key"]["fingerprint"], fingerprint);
    fs::remove_file(place.path("rollcall.key")).unwrap();
    let ran = place.run(&["backup", "copy-3.db"]).ok();
    assert!(
        ran.err.contains("there is no key file") && ran.err.contains(&fingerprint),
        "{ran:?}"
    );
}

/// As settings of the mail server with a password do; says the fingerprint of the key.
pub fn seal_something(place: &Place) -> String {
    let keeper = Keeper::new(place.path("rollcall.key"));
    store(place)
        .write_blocking(Actor::shell(), move |tx| {
            let key = keeper.sealing(tx)?;
            setting::put(tx, rollcall::domain::mail::PASSWORD, "1.sealed.text")?;
            Ok(key.fingerprint().to_owned())
        })
        .unwrap()
}

#[test]
fn an_older_schema_is_backed_up_as_it_is() {
    let place = Place::new();
    place.fill();
    let newest = backup::examine(&place.database()).unwrap().schema;
    forget_migration(&place, &newest);
    let said = place.run(&["backup", "copy.db"]).ok().out;
    assert!(!said.contains(&newest), "{said}");
    assert!(!backup::examine(&place.path("copy.db")).unwrap().is_current);
}

fn forget_migration(place: &Place, version: &str) {
    let url = DatabaseUrl::Sqlite(place.database());
    let mut conn =
        rollcall::store::connection::open(&url, rollcall::store::connection::Mode::Job).unwrap();
    diesel::sql_query("DELETE FROM __diesel_schema_migrations WHERE version = ?")
        .bind::<diesel::sql_types::Text, _>(version)
        .execute(&mut conn)
        .unwrap();
}
