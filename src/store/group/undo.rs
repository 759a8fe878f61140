//! Takes back what was done to a group, where nobody changed the same since.

use super::members::{self, Plan};
use super::row::{self, Row};
use super::{AT_ONCE, CLAIM, GroupAct, KIND, delete, touched, update};
use crate::domain::act::Refusal;
use crate::domain::audit::Entry;
use crate::domain::group::{Difference, Field, GroupForm, Seen};
use crate::domain::ids::{GroupId, UserId};
use crate::domain::role::{Rights, Scope};
use crate::domain::text::GroupName;
use crate::store::agent::undo::Taken;
use crate::store::claim;
use crate::store::error::StoreError;
use crate::store::schema::{agent_groups, agents, user_scope_groups, users};
use crate::store::tx::{RecordKind, Tx};
use crate::store::undo::RecordLine;
use crate::store::user::admins;
use diesel::prelude::*;
use serde_json::Value;

/// The action of the audit's line about it.
const ACTION: &str = "group.undo";

/// # Errors
/// `NotFound` when the group is not there for this person, `Taken` when its name went to another group.
pub fn take_back(
    tx: &mut Tx<'_>,
    rights: &Rights,
    act: GroupAct,
    line: &RecordLine,
) -> Result<Taken, StoreError> {
    let id = GroupId(line.id);
    match act {
        GroupAct::Update => {
            let row = row::lock(tx, &rights.scope, id)?;
            fields(tx, &row, line)
        }
        GroupAct::Members => {
            let row = row::lock(tx, &rights.scope, id)?;
            swap(tx, rights, &row, line)
        }
        GroupAct::Delete => {
            require_hers(tx, &rights.scope, line)?;
            let row = row::find(tx.conn, id)?.ok_or(StoreError::NotFound)?;
            restore(tx, &row, line)
        }
    }
}

/// The fields that still have the values of then get those of before.
fn fields(tx: &mut Tx<'_>, row: &Row, line: &RecordLine) -> Result<Taken, StoreError> {
    let text = |fields: &serde_json::Map<String, Value>, field: Field| {
        fields
            .get(field.word())
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let back = |field: Field| {
        let as_left = text(&line.after, field).as_deref() == Some(row.values.get(field));
        text(&line.before, field).filter(|_| as_left)
    };
    let form = GroupForm {
        name: back(Field::Name),
        description: back(Field::Description),
    };
    let change = form
        .check()
        .map_err(|errors| StoreError::broken(format!("an old value is refused: {errors:?}")))?;
    let written = update::write(tx, row, &change, ACTION)?;
    Ok(Taken {
        entries: written.into_iter().map(|(_, entry)| entry).collect(),
        ..Taken::default()
    })
}

/// Whoever came leaves and whoever left comes back, but for those on whom somebody decided since.
fn swap(
    tx: &mut Tx<'_>,
    rights: &Rights,
    row: &Row,
    line: &RecordLine,
) -> Result<Taken, StoreError> {
    let agents =
        |name: &str| -> Vec<UserId> { touched::ids(line.after.get(name)).map(UserId).collect() };
    let mut back = Difference {
        add: agents("removed"),
        remove: agents("added"),
    };
    let seen = Seen {
        version: line.version_after.unwrap_or_default(),
        at: line.at,
    };
    let keys: Vec<i64> = back.add.iter().chain(&back.remove).map(|id| id.0).collect();
    let touched = touched::since(tx.conn, row.id, seen, &keys)?;
    let mut changed: Vec<UserId> = touched.into_keys().collect();
    changed.sort_unstable();
    back.forget(&changed);
    let plan = Plan::read(tx, rights, row, &back)?;
    let agents = plan.add.iter().chain(&plan.remove).map(|target| target.id);
    let mut taken = Taken {
        agents: agents.collect(),
        kept: plan.refused.clone(),
        entries: Vec::new(),
    };
    let changed = changed.into_iter().map(|id| (id, Refusal::Changed));
    taken.kept.extend(changed);
    taken
        .entries
        .extend(members::write(tx, row, &plan, ACTION)?);
    Ok(taken)
}

/// A deleted group is in nobody's scope: it was hers if the line says so.
fn require_hers(tx: &Tx<'_>, scope: &Scope, line: &RecordLine) -> Result<(), StoreError> {
    let hers = || touched::ids(line.before.get("scopes")).any(|id| Some(id) == tx.by.user());
    match scope.is_all() || hers() {
        true => Ok(()),
        false => Err(StoreError::NotFound),
    }
}

/// Brings a deleted group back with its name, its members and the scopes that it was part of.
fn restore(tx: &mut Tx<'_>, row: &Row, line: &RecordLine) -> Result<Taken, StoreError> {
    if !row.deleted || line.version_after != Some(row.version) {
        return Ok(Taken::default());
    }
    let name = row.values.name.as_str();
    claim::take(tx, CLAIM, &GroupName::claim_of(name), KIND, row.id.0)?;
    diesel::update(agent_groups::table.find(row.id.0))
        .set(agent_groups::deleted_at.eq(None::<i64>))
        .execute(tx.conn)?;
    let version = row::next_version(tx, row)?;
    let members = rejoin(tx, row.id, line)?;
    let free = rebind(tx, row.id, line)?;
    let entry = Entry::new(ACTION, KIND, Some(row.id.0), name)
        .before("deleted", true)
        .after("deleted", false)
        .after("members", members.len())
        .version(version);
    Ok(Taken {
        agents: members.into_iter().map(UserId).collect(),
        entries: vec![entry],
        kept: free
            .into_iter()
            .map(|id| (UserId(id), Refusal::LastAdmin))
            .collect(),
    })
}

/// All who were in it, as far as they are there: nobody joined meanwhile.
fn rejoin(tx: &mut Tx<'_>, id: GroupId, line: &RecordLine) -> Result<Vec<i64>, StoreError> {
    let were: Vec<i64> = touched::ids(line.before.get("members")).collect();
    let mut there: Vec<i64> = Vec::with_capacity(were.len());
    for keys in were.chunks(AT_ONCE) {
        let found: Vec<i64> = agents::table
            .filter(agents::user_id.eq_any(keys))
            .order(agents::user_id)
            .select(agents::user_id)
            .load(tx.conn)?;
        there.extend(found);
    }
    delete::hold(tx, &there)?;
    let already = row::members(tx.conn, id)?;
    there.retain(|key| already.binary_search(key).is_err());
    members::insert(tx, id, there.iter().copied())?;
    members::touch(tx, &there)?;
    Ok(there)
}

/// Holds people to the group again, but for those without whom nobody would be an administrator: returns these.
fn rebind(tx: &mut Tx<'_>, id: GroupId, line: &RecordLine) -> Result<Vec<i64>, StoreError> {
    let were: Vec<i64> = touched::ids(line.before.get("scopes")).collect();
    let mut there: Vec<i64> = users::table
        .filter(users::id.eq_any(were))
        .select(users::id)
        .load(tx.conn)?;
    let last = match there.is_empty() {
        true => Vec::new(),
        false => admins::last_among(tx.conn, &there)?,
    };
    there.retain(|user| !last.contains(user));
    let still: Vec<i64> = user_scope_groups::table
        .filter(user_scope_groups::group_id.eq(id.0))
        .select(user_scope_groups::user_id)
        .load(tx.conn)?;
    for user in there {
        tx.touch(RecordKind::User, user);
        if still.contains(&user) {
            continue;
        }
        diesel::insert_into(user_scope_groups::table)
            .values((
                user_scope_groups::user_id.eq(user),
                user_scope_groups::group_id.eq(id.0),
            ))
            .execute(tx.conn)?;
    }
    Ok(last)
}
