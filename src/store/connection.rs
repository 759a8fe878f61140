//! Opening connections: which database, with which safety settings.

use super::error::StoreError;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A connection to either database; queries are written once over this enum.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Pg(PgConnection),
    Sqlite(SqliteConnection),
}

/// Runs the same body on whichever connection it is, for what the enum can't say
/// (`on_conflict`, batch inserts).
macro_rules! on_each {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::store::Conn::Pg($c) => $body,
            $crate::store::Conn::Sqlite($c) => $body,
        }
    };
}
pub(crate) use on_each;

/// Where the data lives.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

/// The text names no database that Rollcall can open.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a database: give a file name, sqlite:FILE or postgres://USER@HOST/NAME")]
pub struct BadDatabaseUrl(String);

impl FromStr for DatabaseUrl {
    type Err = BadDatabaseUrl;

    /// A scheme that is not known is an error, so that a mistyped URL never becomes a file's name.
    fn from_str(text: &str) -> Result<Self, BadDatabaseUrl> {
        let bad = || BadDatabaseUrl(text.to_owned());
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = match text.split_once(':') {
            Some(("sqlite", path)) => path.strip_prefix("//").unwrap_or(path),
            Some(_) => return Err(bad()),
            None => text,
        };
        match path {
            "" | ":memory:" => Err(bad()),
            path => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }
}

impl DatabaseUrl {
    /// A Postgres URL as other programs may be given it, on a command line that anyone can read.
    pub fn without_secrets(url: &str) -> String {
        let (address, options) = url.split_once('?').unwrap_or((url, ""));
        let harmless = |option: &&str| {
            let name = option.split('=').next().unwrap_or_default();
            HARMLESS.contains(&name)
        };
        let options: Vec<&str> = options.split('&').filter(harmless).collect();
        let address = bare_address(address);
        match options.as_slice() {
            [] => address,
            options => format!("{address}?{}", options.join("&")),
        }
    }
}

/// Options of a Postgres URL that say where the server is and how it is talked to. Others may be secrets.
const HARMLESS: [&str; 19] = [
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "service",
    "passfile",
    "options",
    "connect_timeout",
    "target_session_attrs",
    "channel_binding",
    "gssencmode",
    "krbsrvname",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslcrl",
    "sslnegotiation",
];

impl fmt::Display for DatabaseUrl {
    /// The full path or the URL, without its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => std::path::absolute(path)
                .unwrap_or_else(|_| path.clone())
                .display()
                .fmt(f),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn without_password(url: &str) -> String {
    let (address, options) = url.split_once('?').unwrap_or((url, ""));
    let shown = bare_address(address);
    match options.contains("password") {
        true | false if options.is_empty() => shown,
        true => format!("{shown}?…"),
        false => format!("{shown}?{options}"),
    }
}

/// The part before the options, without the password.
fn bare_address(address: &str) -> String {
    let parts = address.split_once("://");
    match parts.and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (user, host))) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{scheme}://{user}@{host}")
        }
        None => address.to_owned(),
    }
}

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Read,
    Write,
    /// Long transactions: no statement limit.
    Job,
}

/// Opens a connection with every safety setting in force.
pub fn open(database: &DatabaseUrl, mode: Mode) -> Result<Conn, StoreError> {
    match database {
        DatabaseUrl::Sqlite(path) => Ok(Conn::Sqlite(open_sqlite(path, mode)?)),
        DatabaseUrl::Postgres(url) => Ok(Conn::Pg(open_postgres(url, mode)?)),
    }
}

fn open_sqlite(path: &Path, mode: Mode) -> Result<SqliteConnection, StoreError> {
    let name = sqlite_name(path)?;
    make_private(path).map_err(|e| StoreError::unavailable(format!("{}: {e}", path.display())))?;
    let mut conn = establish(path, &name)?;
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;",
    )?;
    if mode == Mode::Read {
        // Whoever writes maps nothing: all that an upload goes through would count as memory of the process.
        conn.batch_execute("PRAGMA query_only = ON; PRAGMA mmap_size = 268435456;")?;
    }
    let on: i32 = diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>(
        "(SELECT foreign_keys FROM pragma_foreign_keys)",
    ))
    .get_result(&mut conn)?;
    if on != 1 {
        return Err(StoreError::broken("SQLite does not enforce foreign keys"));
    }
    Ok(conn)
}

fn sqlite_name(path: &Path) -> Result<String, StoreError> {
    let name = utf8(path)?;
    // Without the prefix a name that begins with "file:" or holds "?" would be read as a URI.
    Ok(match path.is_absolute() {
        true => name.to_owned(),
        false => format!("./{name}"),
    })
}

/// The name as SQLite takes it.
pub(super) fn utf8(path: &Path) -> Result<&str, StoreError> {
    path.to_str()
        .ok_or_else(|| StoreError::broken("the file name is not UTF-8"))
}

fn establish(path: &Path, name: &str) -> Result<SqliteConnection, StoreError> {
    SqliteConnection::establish(name)
        .map_err(|e| StoreError::unavailable(format!("{}: {e}", path.display())))
}

/// Reads a SQLite file that nobody has open, and leaves it and its folder as they are: no lock, no journal. What is
/// in it is not trusted.
pub(super) fn open_unchanged(path: &Path) -> Result<Conn, StoreError> {
    let absolute = std::path::absolute(path).map_err(StoreError::unavailable)?;
    let escaped = utf8(&absolute)?
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    let mut conn = establish(path, &format!("file:{escaped}?mode=ro&immutable=1"))?;
    conn.batch_execute(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(Conn::Sqlite(conn))
}

/// Opens a SQLite file for nobody else, with all that was written in the one file. While the connection
/// lives nobody reads or writes there.
///
/// # Errors
/// `Unavailable` when somebody has it open for more than five seconds; `Broken` when the file is damaged.
pub(super) fn open_alone(path: &Path) -> Result<Conn, StoreError> {
    let mut conn = establish(path, &sqlite_name(path)?)?;
    conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA locking_mode = EXCLUSIVE;")?;
    let journal: Journal =
        diesel::sql_query("PRAGMA journal_mode = DELETE").get_result(&mut conn)?;
    match journal.journal_mode.as_str() {
        "delete" => Ok(Conn::Sqlite(conn)),
        other => Err(StoreError::unavailable(format!(
            "its journal stays {other}"
        ))),
    }
}

#[derive(QueryableByName)]
struct Journal {
    #[diesel(sql_type = diesel::sql_types::Text)]
    journal_mode: String,
}

/// Copies a whole SQLite database, as of one moment, into a file that is empty or not there.
pub(super) fn vacuum_into(conn: &mut Conn, target: &Path) -> Result<(), StoreError> {
    diesel::sql_query("VACUUM INTO ?")
        .bind::<diesel::sql_types::Text, _>(utf8(target)?)
        .execute(conn)?;
    Ok(())
}

/// Makes an empty file that only its owner reads, unless the file is there. What SQLite puts beside
/// it takes over its mode.
pub(super) fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = std::fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn open_postgres(url: &str, mode: Mode) -> Result<PgConnection, StoreError> {
    let mut conn = PgConnection::establish(&with_timeouts(url))?;
    let statement = match mode {
        Mode::Read | Mode::Write => "5s",
        Mode::Job => "0",
    };
    let read_only = match mode {
        Mode::Read => "SET default_transaction_read_only = on;",
        Mode::Write | Mode::Job => "",
    };
    conn.batch_execute(&format!(
        "SET timezone = 'UTC'; SET statement_timeout = '{statement}'; SET lock_timeout = '2s'; \
         SET idle_in_transaction_session_timeout = '10s'; SET client_min_messages = warning; {read_only}"
    ))?;
    Ok(conn)
}

/// Adds the connection limits without which a silent network hangs a request for minutes.
fn with_timeouts(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in [
        ("connect_timeout", "5"),
        ("tcp_user_timeout", "10000"),
        ("application_name", "rollcall"),
    ] {
        if !url.contains(name) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{name}={value}"));
        }
    }
    url
}

/// Opens and checks the pool's connections; errors keep the database's own words.
#[derive(Debug)]
pub struct Manager {
    pub database: DatabaseUrl,
    pub mode: Mode,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Conn;
    type Error = StoreError;

    fn connect(&self) -> Result<Conn, StoreError> {
        open(&self.database, self.mode)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), StoreError> {
        Ok(conn.ping()?)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_scheme_is_no_file_name() {
        for text in [
            "postgress://localhost/x",
            "mysql://x",
            "http:x",
            "",
            ":memory:",
            "sqlite:",
        ] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
        assert_eq!(
            "a/b.db".parse::<DatabaseUrl>().unwrap(),
            DatabaseUrl::Sqlite("a/b.db".into())
        );
        assert_eq!(
            "sqlite:///a.db".parse::<DatabaseUrl>().unwrap(),
            DatabaseUrl::Sqlite("/a.db".into())
        );
    }

    #[test]
    fn other_programs_are_told_no_secret() {
        for (url, told) in [
            (
                "postgres://me:se@cret@host:5432/db?sslmode=verify-full&password=x&sslrootcert=/a.pem",
                "postgres://me@host:5432/db?sslmode=verify-full&sslrootcert=/a.pem",
            ),
            (
                "postgres://host/db?pass%77ord=x&sslpassword=y",
                "postgres://host/db",
            ),
        ] {
            assert_eq!(DatabaseUrl::without_secrets(url), told);
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let show = |url: &str| url.parse::<DatabaseUrl>().unwrap().to_string();
        assert_eq!(
            show("postgres://me:secret@host:5432/db?sslmode=require"),
            "postgres://me@host:5432/db?sslmode=require"
        );
        assert_eq!(
            show("postgres://me:se@cret@host/db"),
            "postgres://me@host/db"
        );
        assert_eq!(
            show("postgres://host/db?password=secret"),
            "postgres://host/db?…"
        );
    }
}
