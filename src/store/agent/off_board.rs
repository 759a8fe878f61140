//! Off-boarding: disabled, web login blocked, sessions ended, out of the departments, as one act.

use super::state;
use super::target::{AT_ONCE, Target};
use crate::domain::act::{ActKind, Refusal};
use crate::domain::audit::Entry;
use crate::domain::ids::UserId;
use crate::domain::person::{Admin, WebLogin};
use crate::domain::status::AdminState;
use crate::store::error::StoreError;
use crate::store::routing::membership;
use crate::store::schema::{department_members, departments, sessions, users};
use crate::store::tx::{RecordKind, Tx};
use crate::store::user::admins;
use diesel::prelude::*;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Off-boards all but the doer and the last administrator; returns the lines for the audit.
pub fn off_board(
    tx: &mut Tx<'_>,
    targets: &[Target],
    reason: Option<&str>,
    refused: &mut Vec<(UserId, Refusal)>,
) -> Result<Vec<Entry>, StoreError> {
    let last = last_admins(tx, targets)?;
    let me = tx.by.user().map(UserId);
    let mut leaving = Vec::new();
    for target in targets {
        let why = if Some(target.id) == me {
            Some(Refusal::Yourself)
        } else if last.contains(&target.id.0) {
            Some(Refusal::LastAdmin)
        } else {
            None
        };
        match why {
            Some(why) => refused.push((target.id, why)),
            None => leaving.push(target),
        }
    }
    let memberships = memberships(tx, &leaving)?;
    leaving.retain(|target| {
        let is_so = target.admin.state == AdminState::Disabled
            && target.admin.reason.as_deref() == reason
            && target.admin.until.is_none();
        !is_so || target.web_login == WebLogin::Allowed || memberships.contains_key(&target.id.0)
    });
    let admin = Admin {
        state: AdminState::Disabled,
        reason: reason.map(Into::into),
        until: None,
        at: tx.now,
        by: me,
    };
    let mut entries = state::set(tx, &leaving, &admin, ActKind::OffBoard.action())?;
    end_access(tx, &leaving)?;
    for (entry, target) in entries.iter_mut().zip(&leaving) {
        if target.web_login == WebLogin::Allowed {
            put(entry, "web_login", "allowed".into(), "blocked".into());
        }
        if let Some(departments) = memberships.get(&target.id.0) {
            put(entry, "departments", departments.clone(), json!([]));
        }
        tx.touch(RecordKind::User, target.id.0);
    }
    Ok(entries)
}

fn put(entry: &mut Entry, field: &str, before: Value, after: Value) {
    entry.before.insert(field.to_owned(), before);
    entry.after.insert(field.to_owned(), after);
}

/// The administrators, if nobody could sign in as one any more; the doer stays.
fn last_admins(tx: &mut Tx<'_>, targets: &[Target]) -> Result<Vec<i64>, StoreError> {
    if !targets.iter().any(|target| target.is_admin) {
        return Ok(Vec::new());
    }
    let me = tx.by.user();
    let leaving: Vec<i64> = targets
        .iter()
        .map(|target| target.id.0)
        .filter(|id| Some(*id) != me)
        .collect();
    admins::last_among(tx.conn, &leaving)
}

/// The departments of each, as the audit keeps them, with the place in the queue.
fn memberships(tx: &mut Tx<'_>, targets: &[&Target]) -> Result<HashMap<i64, Value>, StoreError> {
    let keys: Vec<i64> = targets.iter().map(|target| target.id.0).collect();
    let mut found: HashMap<i64, Vec<Value>> = HashMap::new();
    for keys in keys.chunks(AT_ONCE) {
        let rows: Vec<(i64, i64, i32, String)> = department_members::table
            .inner_join(
                departments::table.on(departments::id.eq(department_members::department_id)),
            )
            .filter(department_members::agent_id.eq_any(keys))
            .order((
                department_members::agent_id,
                department_members::department_id,
            ))
            .select((
                department_members::agent_id,
                department_members::department_id,
                department_members::position,
                departments::name,
            ))
            .load(tx.conn)?;
        for (agent, id, position, name) in rows {
            let department = json!({ "id": id, "name": name, "position": position });
            found.entry(agent).or_default().push(department);
        }
    }
    Ok(found
        .into_iter()
        .map(|(agent, departments)| (agent, departments.into()))
        .collect())
}

fn end_access(tx: &mut Tx<'_>, targets: &[&Target]) -> Result<(), StoreError> {
    let now = tx.now.0;
    let keys: Vec<i64> = targets.iter().map(|target| target.id.0).collect();
    membership::changed_with(tx, &keys)?;
    for keys in keys.chunks(AT_ONCE) {
        diesel::delete(department_members::table.filter(department_members::agent_id.eq_any(keys)))
            .execute(tx.conn)?;
    }
    let allowed: Vec<i64> = targets
        .iter()
        .filter(|target| target.web_login == WebLogin::Allowed)
        .map(|target| target.id.0)
        .collect();
    for keys in allowed.chunks(AT_ONCE) {
        diesel::update(users::table.filter(users::id.eq_any(keys)))
            .set((
                users::web_login.eq(WebLogin::Blocked.word()),
                users::updated_at.eq(now),
                users::version.eq(users::version + 1),
            ))
            .execute(tx.conn)?;
    }
    end_sessions(tx, &keys)
}

/// Ends every session of these people, on every node.
pub fn end_sessions(tx: &mut Tx<'_>, keys: &[i64]) -> Result<(), StoreError> {
    for keys in keys.chunks(AT_ONCE) {
        let ended: Vec<Option<i64>> = sessions::table
            .filter(sessions::user_id.eq_any(keys))
            .select(sessions::user_id)
            .distinct()
            .load(tx.conn)?;
        let ended: Vec<i64> = ended.into_iter().flatten().collect();
        diesel::delete(sessions::table.filter(sessions::user_id.eq_any(&ended)))
            .execute(tx.conn)?;
        for user in ended {
            tx.touch(RecordKind::Session, user);
        }
    }
    Ok(())
}
