//! Bringing a database up to date at the start.

use crate::support::TestDb;
use diesel::prelude::*;
use rollcall::store::connection::{self, Mode};
use rollcall::store::{StoreError, migrate};

both_databases! {
    fn a_second_start_finds_nothing_to_do(db: TestDb) {
        let done = migrate::run(&db.database()).unwrap();
        assert!(!done.new_database && done.applied.is_empty() && done.kept.is_none(), "{done:?}");
    }

    fn a_database_newer_than_the_program_is_refused(db: TestDb) {
        let mut conn = connection::open(&db.database(), Mode::Write).unwrap();
        diesel::sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')")
            .execute(&mut conn)
            .unwrap();
        let Err(StoreError::Broken(cause)) = migrate::run(&db.database()) else {
            panic!("an unknown migration was ignored")
        };
        assert!(cause.to_string().contains("newer than this program"), "{cause}");
    }
}

#[test]
fn of_nodes_that_start_at_once_one_migrates() {
    let databases = [Some(TestDb::empty_sqlite()), TestDb::empty_postgres()];
    for db in databases.iter().flatten() {
        let made = std::thread::scope(|scope| {
            let start = || migrate::run(&db.database()).unwrap().new_database;
            let starts: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
            starts
                .into_iter()
                .map(|start| start.join().unwrap())
                .filter(|made| *made)
                .count()
        });
        assert_eq!(made, 1);
    }
}

#[test]
fn a_file_keeps_its_copy_when_there_is_something_to_do() {
    let db = TestDb::sqlite();
    let mut conn = connection::open(&db.database(), Mode::Write).unwrap();
    // Applied again it fails, since the tables exist: what counts here is that the copy was made first.
    diesel::sql_query("DELETE FROM __diesel_schema_migrations")
        .execute(&mut conn)
        .unwrap();
    drop(conn);
    assert!(migrate::run(&db.database()).is_err());
    let copy = format!("{}.before-{}", file(&db), env!("CARGO_PKG_VERSION"));
    assert!(std::fs::exists(copy).unwrap());
}

fn file(db: &TestDb) -> String {
    db.database().to_string()
}
