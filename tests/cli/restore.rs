//! A backup comes back only when it is one, when nobody works on the database, and when it was seen to work.

use super::backup::seal_something;
use super::program::{Place, Server, text};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use rollcall::domain::audit::{Actor, Entry};
use rollcall::domain::time::Clock;
use rollcall::store::connection::{self, Mode};
use rollcall::store::schema::audit_entries;
use rollcall::store::{Conn, DatabaseUrl, Store, backup};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

const PASSWORD: &str = "nine lanterns over the harbour";

#[test]
fn people_sign_in_to_what_was_restored() {
    let place = Place::new();
    place.fill();
    create_user(&place, "asha.before");
    {
        let server = Server::start(&place);
        assert!(server.lets_in("asha.before", PASSWORD));
        place.run(&["backup", "copy.db"]).ok();
        create_user(&place, "bela.after");
        assert!(server.lets_in("bela.after", PASSWORD));
    }
    let said = place.run(&["restore", "copy.db"]).ok().out;
    assert!(said.contains("is now what was in"), "{said}");
    assert!(said.contains("45 people, 400 calls"), "{said}");
    assert!(said.contains("is kept in"), "{said}");
    place.run(&["check", "--audit"]).ok();
    {
        let server = Server::start(&place);
        assert!(server.lets_in("asha.before", PASSWORD));
        assert!(!server.lets_in("bela.after", PASSWORD));
        let floor = [
            "check",
            "--floor",
            "--listen",
            server.url.trim_start_matches("http://"),
        ];
        place.run(&floor).ok();
    }
    // The other way round: what was in force before is whole too.
    let kept = place.find("rollcall.db.before-restore-");
    assert_eq!(backup::examine(&kept).unwrap().people, 46);
    place.run(&["restore", text(&kept)]).ok();
    let server = Server::start(&place);
    assert!(server.lets_in("bela.after", PASSWORD));
}

fn create_user(place: &Place, login_id: &str) {
    let email = format!("{login_id}@example.org");
    let arguments = [
        "user",
        "create",
        login_id,
        "--name",
        "Asha Rao",
        "--email",
        &email,
        "--role",
        "Admin",
        "--password-stdin",
    ];
    let mut command = place.command(&arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(PASSWORD.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn it_is_written_down_and_everybody_is_signed_out() {
    let place = Place::new();
    place.fill();
    create_user(&place, "asha.before");
    {
        let server = Server::start(&place);
        assert!(server.lets_in("asha.before", PASSWORD));
    }
    place.run(&["backup", "copy.db"]).ok();
    let said = place
        .run(&["restore", "copy.db", "--print-json"])
        .ok()
        .json();
    assert_eq!(said["people"], 45);
    assert!(
        said["kept"].as_str().unwrap().contains(".before-restore-"),
        "{said}"
    );
    let mut conn = open(&place.database());
    use rollcall::store::schema::sessions;
    let sessions: i64 = sessions::table.count().get_result(&mut conn).unwrap();
    assert_eq!(sessions, 0);
    let entries = audit_entries::table.filter(audit_entries::action.eq("install.restore"));
    let entries: i64 = entries.count().get_result(&mut conn).unwrap();
    assert_eq!(entries, 1);
}

fn open(path: &Path) -> Conn {
    connection::open(&DatabaseUrl::Sqlite(path.to_owned()), Mode::Job).unwrap()
}

#[test]
fn an_empty_place_is_filled() {
    let place = Place::new();
    place.fill();
    place.run(&["backup", "copy.db"]).ok();
    let other = Place::new();
    let copy = place.path("copy.db");
    let said = other.run(&["restore", text(&copy)]).ok().out;
    assert!(!said.contains("is kept in"), "{said}");
    assert_eq!(other.names(), ["rollcall.db"]);
    let mode = fs::metadata(other.database()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    other.run(&["check"]).ok();
    let missing = ["restore", text(&copy), "--database", "no/such/rollcall.db"];
    other.run(&missing).refused("there is no folder no/such");
}

/// What is asked of every refusal: the database is the same file with the same bytes, and nothing lies about.
fn refuses(place: &Place, from: &str, with: &str) {
    let (before, names) = (fs::read(place.database()).unwrap(), place.names());
    place.run(&["restore", from]).refused(with);
    assert_eq!(fs::read(place.database()).unwrap(), before, "{from}");
    assert_eq!(place.names(), names, "{from}");
}

#[test]
fn what_is_no_sound_backup_is_refused() {
    let place = Place::new();
    place.fill();
    place.run(&["backup", "copy.db"]).ok();
    // So that nothing of the database lies in a journal.
    drop(open(&place.database()));
    refuses(&place, "nowhere.db", "there is no file");
    refuses(&place, "rollcall.db", "is the database itself");
    fs::create_dir(place.path("folder")).unwrap();
    refuses(&place, "folder", "is a folder");
    let copy = fs::read(place.path("copy.db")).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(place.path(name), bytes).unwrap();
    write("empty.db", b"");
    refuses(&place, "empty.db", "is empty");
    write("text.db", &b"login_id,name\nasha.rao,Asha\n".repeat(90));
    refuses(&place, "text.db", "is no SQLite database");
    write("short.db", &copy[..copy.len() - 4_096]);
    refuses(&place, "short.db", "breaks off");
    write("shorter.db", &copy[..60]);
    refuses(&place, "shorter.db", "breaks off");
    for (name, at) in [("first-page.db", 100), ("middle.db", copy.len() / 2)] {
        let mut damaged = copy.clone();
        damaged[at..at + 2_000].fill(0xa5);
        write(name, &damaged);
        refuses(&place, name, "is damaged");
    }
    write("raw.db", &copy);
    write("raw.db-wal", b"something");
    refuses(&place, "raw.db", "is a raw copy of a database in use");
}

#[test]
fn what_is_another_programs_or_a_newer_one_s_is_refused() {
    let place = Place::new();
    place.fill();
    drop(open(&place.database()));
    for (name, sql, with) in [
        (
            "other.db",
            "CREATE TABLE songs (title TEXT)",
            "is a database of another program",
        ),
        (
            "diesel.db",
            "CREATE TABLE __diesel_schema_migrations (version TEXT, run_on TEXT); \
             INSERT INTO __diesel_schema_migrations (version) VALUES ('20200101000000')",
            "is a database of another program",
        ),
        (
            "empty.db",
            "PRAGMA user_version = 1",
            "is a database of another program",
        ),
    ] {
        let mut conn = open(&place.path(name));
        batch(&mut conn, "PRAGMA journal_mode = DELETE");
        batch(&mut conn, sql);
        drop(conn);
        refuses(&place, name, with);
    }
    for (name, sql, with) in [
        (
            "newer.db",
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')",
            "was made by a newer Rollcall (it has migration 29990101000000)",
        ),
        (
            "rows.db",
            "PRAGMA foreign_keys = OFF; INSERT INTO agent_group_members (group_id, agent_id) VALUES (999, 999)",
            "rows refer to nothing",
        ),
        (
            "setting.db",
            "UPDATE settings SET value = 'Atlantis' WHERE name = 'time_zone'",
            "Rollcall can't work with it",
        ),
    ] {
        place.run(&["backup", name]).ok();
        let mut conn = open(&place.path(name));
        batch(&mut conn, "PRAGMA journal_mode = DELETE");
        batch(&mut conn, sql);
        drop(conn);
        refuses(&place, name, with);
    }
}

fn batch(conn: &mut Conn, sql: &str) {
    match conn {
        Conn::Sqlite(conn) => conn.batch_execute(sql).unwrap(),
        Conn::Pg(_) => panic!("a file"),
    }
}

#[test]
fn a_database_in_use_is_left_alone() {
    let place = Place::new();
    place.fill();
    place.run(&["backup", "copy.db"]).ok();
    {
        let _server = Server::start(&place);
        place
            .run(&["restore", "copy.db"])
            .refused("is in use: stop the server");
    }
    // A shell that works on it holds no lock of the server's.
    let mut shell = open(&place.database());
    let people: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
        "(SELECT count(*) FROM users)",
    ))
    .get_result(&mut shell)
    .unwrap();
    assert!(people > 0);
    place.run(&["restore", "copy.db"]).refused("is in use");
    drop(shell);
    place.run(&["restore", "copy.db"]).ok();
    place.find("rollcall.db.before-restore-");
}

#[test]
fn a_damaged_database_is_kept_and_replaced() {
    let place = Place::new();
    place.fill();
    place.run(&["backup", "copy.db"]).ok();
    fs::write(place.database(), b"nothing of it is left".repeat(500)).unwrap();
    fs::write(place.path("rollcall.db-wal"), b"nor of this").unwrap();
    place.run(&["restore", "copy.db"]).ok();
    let kept: Vec<String> = place
        .names()
        .into_iter()
        .filter(|name| name.contains("before-restore"))
        .collect();
    let wal = kept.iter().find(|name| name.ends_with("-wal"));
    let wal = wal.unwrap_or_else(|| panic!("{kept:?}"));
    assert_eq!(fs::read(place.path(wal)).unwrap(), b"nor of this");
    place.run(&["check"]).ok();
}

#[test]
fn an_older_backup_is_brought_up_to_date() {
    let place = Place::new();
    place.fill();
    place.run(&["backup", "copy.db"]).ok();
    let mut conn = open(&place.path("copy.db"));
    batch(&mut conn, "PRAGMA journal_mode = DELETE");
    take_back_last_migration(&mut conn);
    drop(conn);
    assert!(!backup::examine(&place.path("copy.db")).unwrap().is_current);
    place.run(&["restore", "copy.db"]).ok();
    assert!(backup::examine(&place.database()).unwrap().is_current);
    let names = place.names();
    assert!(!names.iter().any(|name| name.contains("part")), "{names:?}");
}

fn take_back_last_migration(conn: &mut Conn) {
    use diesel_migrations::{FileBasedMigrations, MigrationHarness};
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
    let migrations = FileBasedMigrations::from_path(folder).unwrap();
    match conn {
        Conn::Sqlite(conn) => conn.revert_last_migration(migrations).unwrap(),
        Conn::Pg(_) => panic!("a file"),
    };
}

#[test]
fn another_key_is_warned_of() {
    let place = Place::new();
    place.fill();
    let fingerprint = seal_something(&place);
    place.run(&["backup", "copy.db"]).ok();
    let said = place.run(&["restore", "copy.db"]).ok().out;
    assert!(said.contains(&fingerprint), "{said}");
    fs::write(place.path("rollcall.key"), "0123456789abcdef".repeat(4)).unwrap();
    let ran = place
        .run(&["restore", "copy.db", "--database", "elsewhere.db"])
        .ok();
    assert!(
        ran.err.contains("can't be opened") && ran.err.contains(&fingerprint),
        "{ran:?}"
    );
}

#[test]
fn a_changed_audit_log_comes_back_with_a_warning() {
    let place = Place::new();
    place.fill();
    let store = Store::open(&DatabaseUrl::Sqlite(place.database()), Clock::system()).unwrap();
    let note = Entry::new("note.create", "note", None, "one");
    store
        .write_blocking(Actor::shell(), move |tx| tx.audit(note))
        .unwrap();
    store
        .write_blocking(Actor::shell(), |tx| rollcall::store::seal::seal(tx, None))
        .unwrap();
    drop(store);
    place.run(&["backup", "copy.db"]).ok();
    let mut conn = open(&place.path("copy.db"));
    batch(&mut conn, "PRAGMA journal_mode = DELETE");
    batch(&mut conn, "UPDATE audit_entries SET actor_name = 'nobody'");
    drop(conn);
    let ran = place.run(&["restore", "copy.db"]).ok();
    assert!(
        ran.err.contains("its audit log was not whole") && ran.err.contains("seal 1 does not fit"),
        "{ran:?}"
    );
}
