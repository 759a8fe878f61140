//! Takes acts back: what was before comes back where nobody changed the agent since.

use super::target::{self, AT_ONCE, Target};
use super::{assign, duty, remove, state, update};
use crate::domain::act::{ActKind, Refusal};
use crate::domain::audit::Entry;
use crate::domain::ids::UserId;
use crate::domain::person::{Admin, WebLogin};
use crate::domain::role::Rights;
use crate::domain::status::AdminState;
use crate::store::connection::on_each;
use crate::store::error::StoreError;
use crate::store::ledger::{DutyChange, restore_duties};
use crate::store::person::word;
use crate::store::routing::membership;
use crate::store::schema::{department_members, departments, users};
use crate::store::tx::{RecordKind, Tx};
use crate::store::undo::Line;
use diesel::prelude::*;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The action of the audit's line about one agent.
pub const ACTION: &str = "agent.undo";

/// What was taken back, and of whom it was not.
#[derive(Default)]
pub struct Taken {
    pub agents: Vec<UserId>,
    /// Lines that are yet to be written.
    pub entries: Vec<Entry>,
    pub kept: Vec<(UserId, Refusal)>,
}

/// An agent and the line of the audit about what was done.
type Pair<'a> = (&'a Target, &'a Line);

/// Takes back edits of fields.
///
/// # Errors
/// `Taken` when a unique value went to someone else since.
pub fn take_back_edits(
    tx: &mut Tx<'_>,
    rights: &Rights,
    lines: &[Line],
) -> Result<Taken, StoreError> {
    let wanted: Vec<UserId> = lines.iter().map(|line| line.agent).collect();
    let found = target::read(tx, rights, &wanted)?;
    let mut taken = Taken {
        kept: found.refused,
        ..Taken::default()
    };
    for line in lines {
        let Some(target) = found.found.iter().find(|target| target.id == line.agent) else {
            continue;
        };
        if target.gone() || line.version_after != Some(target.version) {
            taken.kept.push((target.id, Refusal::Changed));
            continue;
        }
        // A value that is taken now refuses all of it: half an edit must not come back.
        let entry = update::take_back(tx, &rights.scope, target.id, &line.before)?;
        taken.agents.push(target.id);
        taken.entries.extend(entry.map(|mut entry| {
            entry.action = ACTION;
            entry
        }));
    }
    Ok(taken)
}

/// Takes back the acts of one operation.
pub fn take_back(
    tx: &mut Tx<'_>,
    rights: &Rights,
    kind: ActKind,
    lines: &[Line],
) -> Result<Taken, StoreError> {
    let wanted: Vec<UserId> = lines.iter().map(|line| line.agent).collect();
    let found = target::read(tx, rights, &wanted)?;
    let by_agent: HashMap<UserId, &Line> = lines.iter().map(|line| (line.agent, line)).collect();
    let mut taken = Taken {
        kept: found.refused,
        ..Taken::default()
    };
    let gone = kind == ActKind::Delete;
    let (mut same, mut changed): (Vec<Pair<'_>>, Vec<UserId>) = (Vec::new(), Vec::new());
    for target in &found.found {
        let Some(&line) = by_agent.get(&target.id) else {
            continue;
        };
        // Duty has no version: its own state is compared below.
        let as_left = kind.duty().is_some() || line.version_after == Some(target.version);
        if as_left && target.gone() == gone {
            same.push((target, line));
        } else {
            changed.push(target.id);
        }
    }
    taken
        .kept
        .extend(changed.into_iter().map(|id| (id, Refusal::Changed)));
    match kind {
        ActKind::Block | ActKind::Disable | ActKind::Enable => {
            taken.entries = admin(tx, &same)?;
        }
        ActKind::OffBoard => {
            taken.entries = admin(tx, &same)?;
            access(tx, &same, &mut taken.entries)?;
        }
        ActKind::Pause | ActKind::Resume | ActKind::OffDuty => duties(tx, &same, &mut taken)?,
        ActKind::Delete => {
            let back: Vec<Target> = same.iter().map(|(target, _)| (*target).clone()).collect();
            taken.entries = remove::restore(tx, rights, &back, &mut taken.kept)?;
        }
        ActKind::Restore => {
            let again: Vec<Target> = same.iter().map(|(target, _)| (*target).clone()).collect();
            taken.entries = remove::delete(tx, &again)?;
        }
        ActKind::JoinGroups
        | ActKind::LeaveGroups
        | ActKind::SetTimeGroup
        | ActKind::SetDepartments
        | ActKind::SetCallerIds => {
            let field = kind.assigns().ok_or(StoreError::NotFound)?;
            let scope = &rights.scope;
            taken.entries = assign::take_back(tx, scope, field, &same, &mut taken.kept, ACTION)?;
        }
    }
    taken
        .entries
        .iter_mut()
        .for_each(|entry| entry.action = ACTION);
    let keys = taken.entries.iter().filter_map(|entry| entry.subject.id);
    taken.agents = keys.map(UserId).collect();
    Ok(taken)
}

/// What a kind of claim is called.
pub fn what(kind: &str) -> &'static str {
    match kind {
        "login_id" => "user ID",
        "email" => "email",
        "employee_id" => "employee ID",
        _ => "intercom",
    }
}

/// Brings admin states back. One whose end has passed meanwhile would have lifted itself.
fn admin(tx: &mut Tx<'_>, same: &[Pair<'_>]) -> Result<Vec<Entry>, StoreError> {
    type Key<'a> = (
        &'a str,
        Option<&'a str>,
        Option<i64>,
        Option<i64>,
        Option<i64>,
    );
    let mut groups: BTreeMap<Key<'_>, (Admin, Vec<&Target>)> = BTreeMap::new();
    for (target, line) in same {
        let was = admin_before(tx, &line.before)?;
        let reason = line.before.get("reason").and_then(Value::as_str);
        let key = (
            was.state.word(),
            reason,
            was.until.map(|at| at.0),
            Some(was.at.0),
            was.by.map(|by| by.0),
        );
        let group = groups.entry(key).or_insert_with(|| (was, Vec::new()));
        group.1.push(target);
    }
    let mut entries = Vec::with_capacity(same.len());
    for (admin, targets) in groups.into_values() {
        entries.append(&mut state::set(tx, &targets, &admin, ACTION)?);
    }
    // In the order of the pairs, for who adds to them.
    entries.sort_by_key(|entry| entry.subject.id);
    Ok(entries)
}

fn admin_before(tx: &Tx<'_>, before: &Map<String, Value>) -> Result<Admin, StoreError> {
    let state: AdminState = match before.get("admin_state").and_then(Value::as_str) {
        Some(text) => word(text)?,
        None => return Err(StoreError::broken("a line of the audit without its state")),
    };
    let until = state::instant(before.get("until"));
    let over = until.is_some_and(|until| until <= tx.now);
    if state == AdminState::Enabled || over {
        return Ok(Admin {
            state: AdminState::Enabled,
            reason: None,
            until: None,
            at: tx.now,
            by: tx.by.user().map(UserId),
        });
    }
    let by = before.get("by").and_then(|by| by.get("id"));
    Ok(Admin {
        state,
        reason: before.get("reason").and_then(Value::as_str).map(Into::into),
        until,
        at: state::instant(before.get("since")).unwrap_or(tx.now),
        by: by.and_then(Value::as_i64).map(UserId),
    })
}

fn duties(tx: &mut Tx<'_>, same: &[Pair<'_>], taken: &mut Taken) -> Result<(), StoreError> {
    let changes: Vec<DutyChange> = same
        .iter()
        .filter_map(|(target, line)| {
            Some(DutyChange {
                agent: target.id,
                before: duty::state(&line.before)?,
                after: duty::state(&line.after)?,
            })
        })
        .collect();
    let restored: HashSet<UserId> = restore_duties(tx, &changes)?.into_iter().collect();
    for (target, line) in same {
        if restored.contains(&target.id) {
            let mut entry = Entry::new(ACTION, "user", Some(target.id.0), target.name.as_str());
            entry.before = line.after.clone();
            entry.after = line.before.clone();
            // It is so since now, not since it was so before.
            entry.after.remove("since");
            taken.entries.push(entry);
        } else {
            taken.kept.push((target.id, Refusal::Changed));
        }
    }
    Ok(())
}

/// Gives the web login and the departments back. Sessions stay ended.
fn access(tx: &mut Tx<'_>, same: &[Pair<'_>], entries: &mut [Entry]) -> Result<(), StoreError> {
    let may: Vec<i64> = same
        .iter()
        .filter(|(target, line)| {
            target.web_login == WebLogin::Blocked && line.before.contains_key("web_login")
        })
        .map(|(target, _)| target.id.0)
        .collect();
    for keys in may.chunks(AT_ONCE) {
        diesel::update(users::table.filter(users::id.eq_any(keys)))
            .set((
                users::web_login.eq(WebLogin::Allowed.word()),
                users::updated_at.eq(tx.now.0),
                users::version.eq(users::version + 1),
            ))
            .execute(tx.conn)?;
    }
    let living: Vec<i64> = departments::table
        .filter(departments::deleted_at.is_null())
        .select(departments::id)
        .load(tx.conn)?;
    let living: HashSet<i64> = living.into_iter().collect();
    let may: HashSet<i64> = may.into_iter().collect();
    let mut rejoined: Vec<i64> = Vec::new();
    for ((target, line), entry) in same.iter().zip(entries) {
        if may.contains(&target.id.0) {
            put(entry, "web_login", "blocked".into(), "allowed".into());
        }
        if let Some(before) = line.before.get("departments").and_then(Value::as_array) {
            let back = rejoin(tx, target, before, &living)?;
            let key = |department: &Value| department.get("id").and_then(Value::as_i64);
            rejoined.extend(back.iter().filter_map(key));
            put(entry, "departments", Value::Array(Vec::new()), back.into());
        }
        tx.touch(RecordKind::User, target.id.0);
    }
    membership::changed(tx, rejoined)
}

fn put(entry: &mut Entry, field: &str, before: Value, after: Value) {
    entry.before.insert(field.to_owned(), before);
    entry.after.insert(field.to_owned(), after);
}

/// Joins the departments that are still there, at the places of before.
fn rejoin(
    tx: &mut Tx<'_>,
    target: &Target,
    before: &[Value],
    living: &HashSet<i64>,
) -> Result<Vec<Value>, StoreError> {
    let mut back = Vec::new();
    for department in before {
        let id = department.get("id").and_then(Value::as_i64).unwrap_or(0);
        if !living.contains(&id) {
            continue;
        }
        let position = department.get("position").and_then(Value::as_i64);
        let position = position.and_then(|at| i32::try_from(at).ok()).unwrap_or(0);
        on_each!(tx.conn, |c| diesel::insert_into(department_members::table)
            .values((
                department_members::department_id.eq(id),
                department_members::agent_id.eq(target.id.0),
                department_members::position.eq(position),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
        back.push(department.clone());
    }
    Ok(back)
}
