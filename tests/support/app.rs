//! The real program in this process, on a free port, with a client for each kind of person.

use super::{TestClock, TestDb, postgres};
use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::web;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use rollcall::app::App;
use rollcall::config::Config;
use rollcall::domain::audit::Actor;
use rollcall::domain::ids::RoleId;
use rollcall::domain::password;
use rollcall::domain::role::{BuiltInRole, Permissions};
use rollcall::domain::text::{LoginId, Name};
use rollcall::store::user::{self, NewUser};
use rollcall::store::{RecordKind, Tx, role};
use rollcall::web::AppState;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

pub const PASSWORD: &str = "nine lanterns over the harbour";

/// The kinds of people that tests tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    Anonymous,
    Agent,
    /// A supervisor whose rights hold only on her own groups; she has none until a test says so.
    Scoped,
    Supervisor,
    Auditor,
    Admin,
}

impl Person {
    pub const ALL: [Self; 6] = [
        Self::Anonymous,
        Self::Agent,
        Self::Scoped,
        Self::Supervisor,
        Self::Auditor,
        Self::Admin,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Agent => "agent-person",
            Self::Scoped => "scoped",
            Self::Supervisor => "supervisor",
            Self::Auditor => "auditor",
            Self::Admin => "administrator",
        }
    }

    /// The role that she has.
    pub fn role(self) -> Option<BuiltInRole> {
        match self {
            Self::Anonymous => None,
            Self::Agent => Some(BuiltInRole::Agent),
            Self::Scoped | Self::Supervisor => Some(BuiltInRole::Supervisor),
            Self::Auditor => Some(BuiltInRole::Auditor),
            Self::Admin => Some(BuiltInRole::Admin),
        }
    }

    pub fn permissions(self) -> Permissions {
        self.role()
            .map_or(Permissions::NONE, BuiltInRole::permissions)
    }
}

pub struct TestApp {
    pub url: String,
    pub clock: TestClock,
    pub state: web::Data<AppState>,
    pub set_up_url: Option<String>,
    handle: ServerHandle,
    server: Option<JoinHandle<()>>,
    key_file: PathBuf,
    // Dropped last: the server is gone by then.
    _db: TestDb,
}

impl TestApp {
    /// Starts on a database with a person of each kind; their login ids are `Person::word`.
    pub fn start(db: TestDb) -> Self {
        let app = Self::start_new(db);
        app.add_people();
        app
    }

    /// Adds a person of each kind.
    pub fn add_people(&self) {
        let hash = password::hash(PASSWORD).expect("the password is hashed");
        self.write(move |tx| {
            for person in Person::ALL {
                if let Some(role) = person.role() {
                    let role = role_of(tx, person, role);
                    insert_user(tx, person.word(), role, &hash);
                }
            }
        });
    }

    /// Starts on a database as it is.
    pub fn start_new(db: TestDb) -> Self {
        Self::start_with(db, |_| {})
    }

    /// The same with other settings.
    pub fn start_with(db: TestDb, change: impl FnOnce(&mut Config)) -> Self {
        // Shown by the runner when the test fails.
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN);
        let _ = log.with_writer(std::io::stderr).try_init();
        let clock = TestClock::at("2026-11-20T09:30:00Z");
        let mut config = Config::for_database(db.database());
        config.workers = 1;
        let key_file = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let key_file = key_file.join(format!("{}.key", postgres::fresh_name()));
        config.key_file = Some(key_file.clone());
        change(&mut config);
        let (ready, started) = mpsc::channel();
        let its_clock = clock.clock();
        let server = std::thread::spawn(move || {
            System::new().block_on(async move {
                let app = App::build(config, its_clock, None)
                    .await
                    .expect("the server starts");
                let told = (
                    app.url.clone(),
                    app.set_up_url.clone(),
                    app.state().clone(),
                    app.handle(),
                );
                ready.send(told).expect("the test waits");
                app.run().await.expect("the server runs");
            });
        });
        let (url, set_up_url, state, handle) = started.recv().expect("the server started");
        Self {
            url,
            clock,
            state,
            set_up_url,
            handle,
            server: Some(server),
            key_file,
            _db: db,
        }
    }

    /// Writes as the program itself does; on a thread of its own, since a test's may not block.
    pub fn write(&self, act: impl FnOnce(&mut Tx<'_>) + Send + 'static) {
        let store = self.state.store.clone();
        let write = |tx: &mut Tx<'_>| {
            act(tx);
            Ok(())
        };
        let written = std::thread::spawn(move || store.write_blocking(Actor::system(), write));
        let written = written.join().expect("the thread ends");
        written.expect("the write is taken");
    }

    /// A browser that nobody has signed in with.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// A browser in which this person is signed in.
    pub async fn signed_in(&self, person: Person) -> Browser {
        let browser = self.browser();
        if person != Person::Anonymous {
            let answer = browser.sign_in(person.word(), PASSWORD).await;
            assert_eq!(
                answer.status(),
                StatusCode::SEE_OTHER,
                "{person:?} signs in"
            );
        }
        browser
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // Sent at once; the thread's end says when it is done.
        drop(self.handle.stop(false));
        if let Some(server) = self.server.take() {
            let ended = server.join();
            // There is one only where something was sealed.
            let _ = std::fs::remove_file(&self.key_file);
            assert!(
                ended.is_ok() || std::thread::panicking(),
                "the server panicked"
            );
        }
    }
}

fn role_of(tx: &mut Tx<'_>, person: Person, built_in: BuiltInRole) -> RoleId {
    if person == Person::Scoped {
        return insert_scoped_role(tx, built_in.permissions());
    }
    let role = role::find_by_name(tx.conn, built_in.name()).expect("the roles are read");
    role.expect("a built-in role").id
}

fn insert_scoped_role(tx: &mut Tx<'_>, permissions: Permissions) -> RoleId {
    use diesel::prelude::*;
    use rollcall::store::schema::roles;
    let id: i64 = diesel::insert_into(roles::table)
        .values((
            roles::name.eq("Team lead"),
            roles::permissions.eq(permissions.to_string()),
            roles::built_in.eq(false),
            roles::own_groups.eq(true),
            roles::version.eq(1_i64),
        ))
        .returning(roles::id)
        .get_result(tx.conn)
        .expect("the role is new");
    tx.touch(RecordKind::Role, id);
    RoleId(id)
}

fn insert_user(tx: &mut Tx<'_>, word: &str, role: RoleId, hash: &str) {
    let new = NewUser {
        name: Name::parse(word).expect("a name"),
        login_id: LoginId::parse(word).expect("a login id"),
        email: None,
        role,
        password_hash: Some(hash.to_owned()),
    };
    user::insert(tx, &new).expect("the user is new");
}

/// A browser as far as the server can tell: keeps cookies, says that requests come from its own pages,
/// and leaves following redirects to the test.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    url: String,
}

impl Browser {
    fn new(url: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        let client = Client::builder()
            .cookie_store(true)
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .expect("a client");
        Self {
            client,
            url: url.to_owned(),
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path)
            .send()
            .await
            .expect("an answer")
    }

    /// As htmx asks for a part of a page.
    pub async fn get_part(&self, path: &str) -> Response {
        let request = self.request(Method::GET, path);
        let request = request
            .header("HX-Request", "true")
            .header("HX-Request-Type", "partial");
        request.send().await.expect("an answer")
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.request(Method::POST, path)
            .form(form)
            .send()
            .await
            .expect("an answer")
    }

    pub async fn sign_in(&self, login_id: &str, password: &str) -> Response {
        self.post(
            "/sign-in",
            &[("login_id", login_id), ("password", password)],
        )
        .await
    }
}

/// The answer's text, having its status checked first.
pub async fn text(answer: Response, status: u16) -> String {
    let (found, url) = (answer.status().as_u16(), answer.url().clone());
    let text = answer.text().await.expect("text");
    assert_eq!(found, status, "{url}\n{text}");
    text
}
