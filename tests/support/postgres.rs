//! A throw-away Postgres for one run of the tests, shared by all its processes.
//!
//! The first test that asks starts it; it ends by itself when the test runner does. With
//! `ROLLCALL_TEST_POSTGRES` set to the URL of a server's `postgres` database, that server is used.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::OnceLock;

/// A running server with a migrated template database.
pub struct Server {
    /// Everything of the URL around the database's name.
    before_name: String,
    after_name: String,
    folder: PathBuf,
}

/// The run's server, or why there is none.
pub fn server() -> Result<&'static Server, &'static str> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    SERVER
        .get_or_init(Server::find_or_start)
        .as_ref()
        .map_err(String::as_str)
}

/// The run's server; `None`, said on standard error, on a laptop without Postgres. CI has no such excuse.
pub fn server_or_skip() -> Option<&'static Server> {
    match server() {
        Ok(server) => Some(server),
        Err(reason) if std::env::var_os("CI").is_some() => {
            panic!("CI must test Postgres: {reason}")
        }
        Err(reason) => {
            eprintln!("SKIPPED on Postgres: {reason}");
            None
        }
    }
}

const TEMPLATE: &str = "rollcall_template";

impl Server {
    pub fn url(&self, name: &str) -> String {
        format!("{}{name}{}", self.before_name, self.after_name)
    }

    /// The same database over TCP with TLS, the server's certificate checked against its own copy.
    /// `None` for a server that others started.
    pub fn tls_url(&self, name: &str) -> Option<String> {
        let port = fs::read_to_string(self.folder.join("port")).ok()?;
        let root = self.folder.join("server.crt");
        let root = root.display();
        Some(format!(
            "postgres://rollcall@localhost:{port}/{name}?sslmode=verify-full&sslrootcert={root}"
        ))
    }

    /// Runs SQL outside of any test's database.
    pub fn execute(&self, sql: &str) {
        let mut conn =
            PgConnection::establish(&self.url("postgres")).expect("the test server answers");
        conn.batch_execute(sql)
            .unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    /// Makes a database that holds a fresh install's tables.
    pub fn clone_template(&self, name: &str) {
        self.execute(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"));
    }

    pub fn create_empty(&self, name: &str) {
        self.execute(&format!("CREATE DATABASE {name} TEMPLATE template0"));
    }

    pub fn drop_database(&self, name: &str) {
        self.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }

    fn find_or_start() -> Result<Self, String> {
        let folder = run_folder()?;
        let lock = File::create(folder.join("lock")).map_err(|e| e.to_string())?;
        lock.lock().map_err(|e| e.to_string())?;
        let refused = folder.join("refused");
        if let Ok(reason) = fs::read_to_string(&refused) {
            return Err(reason);
        }
        let server = match std::env::var("ROLLCALL_TEST_POSTGRES") {
            Ok(url) => Self::at(&url, folder.clone()),
            Err(_) => Self::own(&folder).inspect_err(|reason| refuse(&refused, reason))?,
        };
        let ready = folder.join("template");
        if !ready.exists() {
            server.drop_database(TEMPLATE);
            server.create_empty(TEMPLATE);
            super::database::make_tables(&server.url(TEMPLATE));
            fs::write(ready, "").map_err(|e| e.to_string())?;
        }
        Ok(server)
    }

    fn at(url: &str, folder: PathBuf) -> Self {
        let (address, options) = url
            .split_once('?')
            .map_or((url, String::new()), |(a, o)| (a, format!("?{o}")));
        let slash = address
            .rfind('/')
            .expect("a URL that ends with a database's name");
        Self {
            before_name: address[..=slash].to_owned(),
            after_name: options,
            folder,
        }
    }

    fn own(folder: &Path) -> Result<Self, String> {
        let socket = folder.join("cluster");
        let port_file = folder.join("port");
        if !port_file.exists() {
            let port = start(folder)?;
            fs::write(&port_file, port).map_err(|e| e.to_string())?;
        }
        let port = fs::read_to_string(port_file).map_err(|e| e.to_string())?;
        Ok(Self {
            before_name: "postgres://rollcall@/".to_owned(),
            after_name: format!("?host={}&port={port}", socket.display()),
            folder: folder.to_owned(),
        })
    }
}

/// Starts the server beside its lock and tells the port.
fn start(folder: &Path) -> Result<String, String> {
    let port = TcpListener::bind(("127.0.0.1", 0))
        .and_then(|l| l.local_addr())
        .map_err(|e| e.to_string())?
        .port();
    #[expect(
        clippy::disallowed_methods,
        reason = "tests may start processes, the server may not"
    )]
    let mut command = Command::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/support/postgres.sh"
    ));
    let output = command
        .arg(folder)
        .arg(port.to_string())
        .arg(runner().to_string())
        .output()
        .map_err(|e| e.to_string())?;
    match output.status.success() {
        true => Ok(port.to_string()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// Remembers for the other tests of the run that there is no server, and tells whoever looks on:
/// runners swallow what a passing test prints.
fn refuse(file: &Path, reason: &str) {
    let _ = fs::write(file, reason);
    let _ = fs::write(
        "/dev/tty",
        format!("SKIPPED: every test on Postgres: {reason}\n"),
    );
}

/// The process that started this one: nextest or cargo, the same for all tests of a run.
fn runner() -> u32 {
    std::os::unix::process::parent_id()
}

/// A folder with a short name (a socket's path has room for 107 bytes) that only this user can have made.
fn run_folder() -> Result<PathBuf, String> {
    // The runner's start time keeps a later process with the same number apart.
    let stat = fs::read_to_string(format!("/proc/{}/stat", runner())).map_err(|e| e.to_string())?;
    let started = stat.split_whitespace().nth_back(30).unwrap_or("0");
    // Not the user's own folder for such things: root's can't be entered by the user that runs Postgres.
    let folder = Path::new("/tmp").join(format!("rollcall-{}-{started}", runner()));
    let made = fs::DirBuilder::new().mode(0o755).create(&folder);
    let own = fs::metadata("/proc/self").map_err(|e| e.to_string())?.uid();
    match (made, fs::symlink_metadata(&folder)) {
        (_, Ok(found)) if found.is_dir() && found.uid() == own => Ok(folder),
        (Err(e), _) => Err(format!("{}: {e}", folder.display())),
        _ => Err(format!("{} belongs to someone else", folder.display())),
    }
}

/// A name that no other test of this run uses.
pub fn fresh_name() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!(
        "test_{}_{}",
        process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}
