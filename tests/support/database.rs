//! A database for one test: SQLite in a file, or one of the test server's, gone when the test is.

use super::TestClock;
use super::postgres::{self, Server};
use rollcall::store::{DatabaseUrl, Store, migrate};
use std::fs;
use std::path::PathBuf;

pub struct TestDb {
    url: String,
    place: Place,
}

enum Place {
    Folder(PathBuf),
    Server {
        server: &'static Server,
        name: String,
    },
}

impl TestDb {
    /// A fresh install in a SQLite file.
    pub fn sqlite() -> Self {
        let db = Self::empty_sqlite();
        make_tables(&db.url);
        db
    }

    pub fn empty_sqlite() -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(postgres::fresh_name());
        fs::create_dir_all(&folder).expect("a folder for the test");
        Self {
            url: format!("sqlite:{}", folder.join("rollcall.db").display()),
            place: Place::Folder(folder),
        }
    }

    /// A fresh install in Postgres, or `None` where a test may do without (see `postgres::server_or_skip`).
    pub fn postgres() -> Option<Self> {
        Self::on_server(Server::clone_template)
    }

    pub fn empty_postgres() -> Option<Self> {
        Self::on_server(Server::create_empty)
    }

    fn on_server(make: fn(&Server, &str)) -> Option<Self> {
        let server = postgres::server_or_skip()?;
        let name = postgres::fresh_name();
        make(server, &name);
        Some(Self {
            url: server.url(&name),
            place: Place::Server { server, name },
        })
    }

    /// As it is given to programs.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Drops a database of the same server whose name only has this more at its end.
    pub fn drop_beside(&self, ending: &str) {
        match &self.place {
            Place::Folder(_) => {}
            Place::Server { server, name } => server.drop_database(&format!("{name}{ending}")),
        }
    }

    pub fn database(&self) -> DatabaseUrl {
        self.url.parse().expect("a database URL")
    }

    /// The store over it, on the test's own clock.
    pub fn store(&self, clock: &TestClock) -> Store {
        Store::open(&self.database(), clock.clock()).expect("the store opens")
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        match &self.place {
            Place::Folder(folder) => _ = fs::remove_dir_all(folder),
            Place::Server { server, name } => server.drop_database(name),
        }
    }
}

/// Makes the tables of a fresh install.
pub fn make_tables(url: &str) {
    migrate::run(&url.parse().expect("a database URL")).expect("a new database migrates");
}

/// Makes of each test one on SQLite and one on Postgres: `sqlite::name` and `postgres::name`.
///
/// Used once a file, with tests that are all `fn` or all `async fn`:
/// `both_databases! { fn a_name(db: TestDb) { … } }`.
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: $kind:ty) $body:block)+) => {
        $($(#[$meta])* async fn $name($db: $kind) $body)+
        both_databases! { @each $($name (|db| actix_web::rt::System::new().block_on(super::$name(db))))+ }
    };
    ($($(#[$meta:meta])* fn $name:ident($db:ident: $kind:ty) $body:block)+) => {
        $($(#[$meta])* fn $name($db: $kind) $body)+
        both_databases! { @each $($name (super::$name))+ }
    };
    (@each $($name:ident ($run:expr))+) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                let run: fn($crate::support::TestDb) = $run;
                run($crate::support::TestDb::sqlite());
            })+
        }
        mod postgres {
            $(#[test]
            fn $name() {
                let run: fn($crate::support::TestDb) = $run;
                if let Some(db) = $crate::support::TestDb::postgres() {
                    run(db);
                }
            })+
        }
    };
}
