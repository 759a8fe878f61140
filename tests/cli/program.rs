//! The real binary: run to its end, or serving until the test is over.

use crate::support::postgres;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A folder of its own with a database in it, gone when the test is.
pub struct Place {
    pub folder: PathBuf,
}

impl Place {
    pub fn new() -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(postgres::fresh_name());
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn database(&self) -> PathBuf {
        self.path("rollcall.db")
    }

    /// Runs to the end, on this place's database unless the arguments name another.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "tests may start processes, the server may not"
    )]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.args(arguments).current_dir(&self.folder);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ROLLCALL_") {
                command.env_remove(name);
            }
        }
        command.env("ROLLCALL_LOG_LEVEL", "warn");
        command
    }

    /// Everything in the folder but what belongs to the database.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names
            .filter(|name| {
                !["-lock", "-wal", "-shm"]
                    .map(|end| format!("rollcall.db{end}"))
                    .contains(name)
            })
            .collect();
        names.sort();
        names
    }

    /// The one file whose name begins like this.
    pub fn find(&self, begin: &str) -> PathBuf {
        let names = self.names();
        let found: Vec<_> = names
            .iter()
            .filter(|name| name.starts_with(begin))
            .collect();
        assert_eq!(found.len(), 1, "{names:?}");
        self.path(found[0])
    }

    /// A demo's database, so that there is something in it.
    pub fn fill(&self) {
        use rollcall::demo::{Parameters, prepare};
        let database = rollcall::store::DatabaseUrl::Sqlite(self.database());
        let small = Parameters {
            seed: 7,
            agents: 40,
            calls: 400,
            days: 3,
        };
        let now = rollcall::domain::time::Clock::system().now();
        prepare(&database, small, now).unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What became of a run.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// It did what it was asked.
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// It refused, with these words on standard error, and said nothing else.
    pub fn refused(self, with: &str) -> Self {
        assert_eq!(self.code, Some(3), "{self:?}");
        assert!(self.err.contains(with), "{with:?} is not in {self:?}");
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A server that runs until it is dropped.
pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    pub fn start(place: &Place) -> Self {
        Self::start_on(place, text(&place.database()))
    }

    pub fn start_on(place: &Place, database: &str) -> Self {
        Self::of(place, &["serve", "--database", database])
    }

    /// A command that serves.
    pub fn of(place: &Place, arguments: &[&str]) -> Self {
        let mut command = place.command(arguments);
        command.args(["--listen", "127.0.0.1:0", "--print-json"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let url = ready["url"].as_str().unwrap().to_owned();
        Self { child, url }
    }

    /// Signs in as a browser does; whether that was let.
    pub fn lets_in(&self, login_id: &str, password: &str) -> bool {
        actix_web::rt::System::new().block_on(async {
            let none = reqwest::redirect::Policy::none();
            let client = reqwest::Client::builder().redirect(none).build().unwrap();
            let answer = client
                .post(format!("{}/sign-in", self.url))
                .header("sec-fetch-site", "same-origin")
                .form(&[("login_id", login_id), ("password", password)])
                .send()
                .await
                .unwrap();
            answer.status() == reqwest::StatusCode::SEE_OTHER
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
