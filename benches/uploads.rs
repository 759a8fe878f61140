//! Rows a second of a bulk upload, plan and commit, beside a raw insert of the same rows, links and indexes in one
//! transaction, and the memory that the upload took above the idle process.
//!
//! usage: uploads DATABASE RAW_DATABASE ROWS [all|valid]
//!
//! Prints one line of JSON. Both databases have to be empty; CPU is user + system of this process.

use rollcall::domain::audit::Actor;
use rollcall::domain::import::{Asked, Limits, Options};
use rollcall::domain::role::Scope;
use rollcall::domain::time::Clock;
use rollcall::floor::Floor;
use rollcall::jobs::imports::{Rules, run_waiting};
use rollcall::store::import::commit::{self, Links};
use rollcall::store::import::spool::Upload;
use rollcall::store::import::{Desk, Mode, Viewer, find};
use rollcall::store::seed::{
    self, AgentRow, ClaimRow, ExtensionRow, Frame, GroupMemberRow, GroupRow, IntervalRow, UserRow,
};
use rollcall::store::{Conn, DatabaseUrl, Keeper, Store, StoreError, migrate, role, setting};
use serde_json::json;
use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

// As the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const GROUPS: i64 = 50;

/// Wall and CPU time since a moment.
struct Watch(Instant, f64);

impl Watch {
    fn start() -> Self {
        Self(Instant::now(), cpu())
    }

    fn stop(&self) -> (f64, f64) {
        (self.0.elapsed().as_secs_f64(), cpu() - self.1)
    }
}

/// Seconds of user and system time of this process so far.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let mut fields = after.split_whitespace().skip(11);
    let mut ticks = || -> f64 {
        fields
            .next()
            .and_then(|text| text.parse().ok())
            .unwrap_or(0.0)
    };
    (ticks() + ticks()) / 100.0
}

/// Resident memory in KiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn open(url: &str) -> Result<Store, Box<dyn Error>> {
    let database: DatabaseUrl = url.parse()?;
    migrate::run(&database)?;
    let store = Store::open(&database, Clock::system())?;
    store.write_blocking(Actor::system(), |tx| {
        role::ensure_built_in(tx)?;
        setting::put(tx, "intercom_length", "6")
    })?;
    Ok(store)
}

fn groups() -> Vec<GroupRow> {
    let group = |id: i64| GroupRow {
        id,
        name: format!("Group {id}"),
        description: String::new(),
        created_at: 0,
        updated_at: 0,
        deleted_at: None,
        version: 1,
    };
    (1..=GROUPS).map(group).collect()
}

fn file(rows: i64) -> String {
    let mut text =
        "employee_id,login_id,name,designation,email,phone,calling_agent,agent_groups,intercom,extension\n".to_owned();
    for row in 0..rows {
        let group = row % GROUPS + 1;
        text.push_str(&format!(
            "E{row:06},person.{row:06},Person {row},Associate,p{row}@example.com,+91 98{:03} {:05},yes,Group {group},{},{}\n",
            row / 100_000 + 700, row % 100_000, 200_000 + row, 500_000 + row
        ));
    }
    text
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [database, raw, rows, mode @ ..] = args.as_slice() else {
        return Err("usage: uploads DATABASE RAW_DATABASE ROWS [all|valid]".into());
    };
    let rows: i64 = rows.parse()?;
    let mode = match mode.first().map(String::as_str) {
        Some("all") => Mode::AllOrNothing,
        Some(_) | None => Mode::ValidRows,
    };
    let store = open(database)?;
    let mut conn = store.job_connection()?;
    seed::fill(&mut conn, Frame::Addition, |conn| {
        seed::insert(conn, &groups())
    })?;
    let text = file(rows);
    let floor = Floor::load(store.clone())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let me = Actor::shell();
    let id = runtime.block_on(async {
        let mut upload = Upload::begin(&store, me.clone(), "bench.csv", 64 << 20).await?;
        for piece in text.as_bytes().chunks(64 << 10) {
            upload.push(piece).await?;
        }
        upload.finish(Asked::default(), Options::default()).await
    })?;
    drop(text);
    let links = Links {
        keeper: Keeper::new("no-key".into()),
        url: "http://127.0.0.1".into(),
    };
    let rules = Rules {
        limits: Limits::default(),
        keep: i64::MAX / 4,
    };
    std::thread::sleep(Duration::from_millis(500));
    let idle = resident();
    let (peak, over) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let (seen, ends) = (Arc::clone(&peak), Arc::clone(&over));
    let sampler = std::thread::spawn(move || {
        while !ends.load(Ordering::Acquire) {
            seen.fetch_max(resident(), Ordering::AcqRel);
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    let desk = Desk::default();
    let watch = Watch::start();
    run_waiting(&floor, &desk, links.clone(), rules)?;
    let plan = watch.stop();
    let plan_peak = peak.swap(0, Ordering::AcqRel);
    let viewer = Viewer {
        actor: me.clone(),
        scope: Scope::All,
    };
    let planned = store
        .read(|conn| find(conn, &viewer, id))?
        .ok_or("no upload")?;
    if planned.counts.create != rows as u64 {
        return Err(format!("{:?} {:?}", planned.counts, planned.fault).into());
    }
    let presser = viewer.clone();
    store.write_blocking(me, move |tx| commit::press(tx, &presser, id, mode))?;
    let watch = Watch::start();
    run_waiting(&floor, &desk, links, rules)?;
    let commit = watch.stop();
    over.store(true, Ordering::Release);
    sampler.join().map_err(|_| "the sampler panicked")?;
    let commit_peak = peak.load(Ordering::Acquire);
    let done = store
        .read(|conn| find(conn, &viewer, id))?
        .ok_or("no upload")?;
    std::thread::sleep(Duration::from_millis(500));
    let after = resident();
    let raw = raw_insert(raw, rows)?;
    println!(
        "{}",
        json!({
            "rows": rows, "created": done.done.created, "state": done.state.word(),
            "plan_wall": plan.0, "plan_cpu": plan.1, "commit_wall": commit.0, "commit_cpu": commit.1,
            "raw_wall": raw.0, "raw_cpu": raw.1,
            "ratio_wall": raw.0 / (plan.0 + commit.0), "ratio_cpu": raw.1 / (plan.1 + commit.1),
            "idle_kib": idle, "plan_peak_kib": plan_peak - idle, "commit_peak_kib": commit_peak - idle,
            "after_kib": after - idle,
        })
    );
    Ok(())
}

fn raw_insert(url: &str, rows: i64) -> Result<(f64, f64), Box<dyn Error>> {
    let store = open(url)?;
    let mut conn = store.job_connection()?;
    seed::fill(&mut conn, Frame::Addition, |conn| {
        seed::insert(conn, &groups())
    })?;
    let role = store
        .read(|conn| role::find_by_name(conn, "Agent"))?
        .ok_or("no role")?;
    let watch = Watch::start();
    seed::fill(&mut conn, Frame::Addition, |conn| {
        let mut from = 1;
        while from <= rows {
            let to = (from + 2_000).min(rows + 1);
            raw_piece(conn, role.id.0, from..to)?;
            from = to;
        }
        Ok(())
    })?;
    Ok(watch.stop())
}

fn raw_piece(conn: &mut Conn, role: i64, keys: std::ops::Range<i64>) -> Result<(), StoreError> {
    let users = keys.clone().map(|id| UserRow {
        id,
        name: format!("Person {id}"),
        employee_id: Some(format!("E{id:06}")),
        designation: "Associate",
        phone: Some(format!("+9198700{id:05}")),
        email: Some(format!("p{id}@example.com")),
        login_id: format!("person.{id:06}"),
        password_hash: None,
        role_id: role,
        web_login: "none",
        failed_sign_ins: 0,
        locked_until: None,
        allowed_ips: String::new(),
        preferences: "{}",
        created_at: 1,
        updated_at: 1,
        deleted_at: None,
        version: 1,
    });
    seed::insert(conn, &users.collect::<Vec<_>>())?;
    let agents = keys.clone().map(|id| AgentRow {
        user_id: id,
        forwarding_number: Some(format!("+9198700{id:05}")),
        alternative_numbers: String::new(),
        rings_on: "both",
        intercom: Some((200_000 + id).to_string()),
        time_group_id: None,
        outgoing_calls: "all",
        login_based: false,
        admin_state: "enabled",
        admin_reason: None,
        admin_until: None,
        admin_at: 1,
        admin_by: None,
        removed_at: None,
        version: 1,
    });
    seed::insert(conn, &agents.collect::<Vec<_>>())?;
    let axes = [("admin", "enabled"), ("duty", "on"), ("device", "unknown")];
    let intervals = keys.clone().flat_map(|id| {
        axes.map(|(axis, value)| IntervalRow {
            agent_id: id,
            axis,
            value,
            reason: None,
            by_user: None,
            started_at: 1,
            ended_at: None,
        })
    });
    seed::insert(conn, &intervals.collect::<Vec<_>>())?;
    let members = keys.clone().map(|id| GroupMemberRow {
        group_id: id % GROUPS + 1,
        agent_id: id,
    });
    seed::insert(conn, &members.collect::<Vec<_>>())?;
    let extensions = keys.clone().map(|id| ExtensionRow {
        id,
        username: (500_000 + id).to_string(),
        agent_id: Some(id),
        digest: None,
        created_at: 1,
        deleted_at: None,
        version: 1,
    });
    seed::insert(conn, &extensions.collect::<Vec<_>>())?;
    let claims = keys.flat_map(|id| {
        [
            ("login_id", format!("person.{id:06}")),
            ("email", format!("p{id}@example.com")),
            ("employee_id", format!("e{id:06}")),
            ("dial", (200_000 + id).to_string()),
        ]
        .map(|(kind, value)| ClaimRow {
            kind,
            value,
            owner_kind: "user",
            owner_id: id,
            held_until: None,
        })
    });
    seed::insert(conn, &claims.collect::<Vec<_>>())
}
