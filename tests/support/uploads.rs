//! Uploads in a small install: files in, plans carried out and taken back, step by step or by the job.

use super::TestDb;
use super::postgres;
use super::time::TestClock;
use super::world::{World, block_on};
use diesel::prelude::*;
use diesel::sql_types::Text;
use rollcall::domain::audit::{Actor, ActorKind};
use rollcall::domain::ids::{ImportId, RoleId, UserId};
use rollcall::domain::import::{Asked, Limits, Options};
use rollcall::domain::role::{BuiltInRole, Scope};
use rollcall::domain::text::{LoginId, Name};
use rollcall::domain::time::HOUR;
use rollcall::floor::Floor;
use rollcall::jobs::imports::{Rules, run_waiting};
use rollcall::store::import::commit::{self, Links};
use rollcall::store::import::spool::Upload;
use rollcall::store::import::{Desk, Import, Mode, Pressed, State, Viewer, find};
use rollcall::store::undo::{UndoOutcome, undo};
use rollcall::store::user::{self, NewUser};
use rollcall::store::{Conn, Keeper, RecordKind, StoreError, Tx, import, role};
use std::path::{Path, PathBuf};

/// An install with an administrator who uploads.
pub struct Office {
    pub world: World,
    pub floor: Floor,
    pub desk: Desk,
    pub me: Actor,
    pub limits: Limits,
    key: KeyFile,
}

/// Where the install's key is, once something is sealed.
struct KeyFile(PathBuf);

impl Drop for KeyFile {
    fn drop(&mut self) {
        // Most tests seal nothing.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Office {
    pub fn new(db: &TestDb) -> Self {
        let world = World::new(db, &TestClock::at("2026-11-20T09:30:00Z"));
        let id = world.write(|tx| add(tx, "Rohit Kulkarni", "rohit.admin", BuiltInRole::Admin));
        Self {
            floor: world.floor(),
            world,
            desk: Desk::default(),
            me: actor(id, "Rohit Kulkarni"),
            limits: Limits::default(),
            key: KeyFile(
                Path::new(env!("CARGO_TARGET_TMPDIR"))
                    .join(format!("{}.key", postgres::fresh_name())),
            ),
        }
    }

    /// Somebody else who may sign in.
    pub fn person(&self, name: &'static str, login: &'static str, role: BuiltInRole) -> Actor {
        let id = self.world.write(move |tx| add(tx, name, login, role));
        actor(id, name)
    }

    pub fn viewer(&self, actor: &Actor) -> Viewer {
        Viewer {
            actor: actor.clone(),
            scope: Scope::All,
        }
    }

    pub fn links(&self) -> Links {
        Links {
            keeper: Keeper::new(self.key.0.clone()),
            url: "https://calls.example.in".into(),
        }
    }

    /// Does what waits, as the job does.
    pub fn work(&self) {
        let rules = Rules {
            limits: self.limits,
            keep: 24 * HOUR,
        };
        run_waiting(&self.floor, &self.desk, self.links(), rules).unwrap();
    }

    pub fn upload_as(&self, by: &Actor, text: &str, options: Options) -> ImportId {
        let store = &self.world.store;
        block_on(async {
            let mut upload = Upload::begin(store, by.clone(), "people.csv", 25 << 20)
                .await
                .unwrap();
            for piece in text.as_bytes().chunks(10_000) {
                upload.push(piece).await.unwrap();
            }
            upload.finish(Asked::default(), options).await.unwrap()
        })
    }

    /// Uploads and plans.
    pub fn plan(&self, text: &str) -> Import {
        self.plan_with(&self.me, text, Options::default())
    }

    pub fn plan_with(&self, by: &Actor, text: &str, options: Options) -> Import {
        let id = self.upload_as(by, text, options);
        self.work();
        self.get(id)
    }

    pub fn get(&self, id: ImportId) -> Import {
        let viewer = self.viewer(&self.me);
        let found = self.world.store.read(|conn| find(conn, &viewer, id));
        found.unwrap().expect("the upload is there")
    }

    pub fn press(&self, import: &Import, mode: Mode) -> Pressed {
        let (id, viewer) = (import.id, self.viewer(&import.by));
        let press = move |tx: &mut Tx<'_>| commit::press(tx, &viewer, id, mode);
        self.world
            .store
            .write_blocking(import.by.clone(), press)
            .unwrap()
    }

    /// Plans and carries out the valid rows.
    pub fn commit(&self, text: &str) -> Import {
        let plan = self.plan(text);
        assert_eq!(plan.state, State::Planned, "{:?}", plan.fault);
        self.carry_out(&plan, Mode::ValidRows)
    }

    pub fn carry_out(&self, plan: &Import, mode: Mode) -> Import {
        assert_eq!(self.press(plan, mode), Pressed::Begun);
        self.work();
        self.get(plan.id)
    }

    pub fn try_undo(&self, by: &Actor, import: &Import) -> Result<UndoOutcome, StoreError> {
        let operation = import.operation.clone().expect("it was carried out");
        let by = by.clone();
        self.world.store.write_blocking(by.clone(), move |tx| {
            let now = tx.now;
            let rights = import::rights_of(tx.conn, &by, now)?.ok_or(StoreError::NotFound)?;
            undo(tx, &rights, &operation)
        })
    }

    pub fn undo(&self, import: &Import) -> Import {
        let undone = self.try_undo(&self.me, import).unwrap();
        assert_eq!((undone.again, undone.import), (false, Some(import.id)));
        self.work();
        self.get(import.id)
    }

    /// The plan in a line for each row: `2 create`, `3 error phone`.
    pub fn said(&self, id: ImportId) -> Vec<String> {
        use import::rows;
        let page = |conn: &mut Conn| rows::page(conn, id, import::Shown::All, 1_000, 0);
        let rows = self.world.store.read(page).unwrap().rows;
        let line = |row: import::PlannedRow| {
            let kind = import::Kind::of(&row.planned).word();
            let result = row.result.map(|result| match result.reason {
                None => format!(" {}", result.outcome.word()),
                Some(why) => format!(" {}: {why}", result.outcome.word()),
            });
            format!("{} {kind}{}", row.planned.line, result.unwrap_or_default())
        };
        rows.into_iter().map(line).collect()
    }

    /// Everything but versions, instants, keys' counters, the audit, changes and uploads.
    pub fn dump(&self) -> Vec<String> {
        self.world
            .store
            .read(|conn| {
                let mut lines = Vec::new();
                for table in TABLES {
                    lines.extend(rows_of(conn, table)?);
                }
                Ok(lines)
            })
            .unwrap()
    }
}

/// What an upload may write.
const TABLES: [&str; 15] = [
    "users",
    "agents",
    "agent_live",
    "intervals",
    "extensions",
    "agent_groups",
    "agent_group_members",
    "user_scope_groups",
    "departments",
    "department_members",
    "agent_caller_ids",
    "claims",
    "one_time_links",
    "mail_queue",
    "settings",
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn rows_of(conn: &mut Conn, table: &str) -> Result<Vec<String>, StoreError> {
    let sql = match conn {
        Conn::Pg(_) => format!(
            "SELECT column_name::text AS line FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY 1"
        ),
        Conn::Sqlite(_) => {
            format!("SELECT name AS line FROM pragma_table_info('{table}') ORDER BY 1")
        }
    };
    let columns: Vec<Line> = diesel::sql_query(sql).load(conn)?;
    let kept = columns.into_iter().map(|column| column.line);
    let kept = kept.filter(|name| name != "version" && !name.ends_with("_at"));
    let texts: Vec<String> = kept
        .map(|name| format!("coalesce(CAST({name} AS TEXT), '-')"))
        .collect();
    let sql = format!(
        "SELECT '{table} ' || {} AS line FROM {table} ORDER BY 1",
        texts.join(" || ' | ' || ")
    );
    let rows: Vec<Line> = diesel::sql_query(sql).load(conn)?;
    Ok(rows.into_iter().map(|row| row.line).collect())
}

fn actor(id: UserId, name: &str) -> Actor {
    Actor {
        kind: ActorKind::User,
        id: Some(id.0),
        name: name.to_owned(),
        address: Some("192.0.2.7".to_owned()),
        request_id: None,
    }
}

fn add(tx: &mut Tx<'_>, name: &str, login: &str, role: BuiltInRole) -> Result<UserId, StoreError> {
    let role: RoleId = role::find_by_name(tx.conn, role.name())?.unwrap().id;
    let new = NewUser {
        name: Name::parse(name).unwrap(),
        login_id: LoginId::parse(login).unwrap(),
        email: None,
        role,
        password_hash: Some("-".to_owned()),
    };
    let id = user::insert(tx, &new)?;
    tx.touch(RecordKind::User, id.0);
    Ok(id)
}
