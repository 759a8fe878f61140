//! Groups, time group, departments and caller ids of many agents at once: a few statements over all of them.

use super::names::Names;
use super::target::{AT_ONCE, Target};
use crate::domain::act::{Assign, Refusal};
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::audit::Entry;
use crate::domain::ids::{GroupId, UserId};
use crate::domain::role::Scope;
use crate::store::connection::on_each;
use crate::store::error::StoreError;
use crate::store::group::members;
use crate::store::routing::membership;
use crate::store::schema::{
    agent_caller_ids, agent_group_members, agents, department_members, departments,
};
use crate::store::tx::{RecordKind, Tx};
use crate::store::undo::Line;
use diesel::prelude::*;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};

/// An agent, what it has, and what it is to have.
type Change<'t> = (&'t Target, Value, Value);

/// Assigns where it differs; returns the lines for the audit.
///
/// # Errors
/// `NotFound` for a group out of scope, `Stale` when a chosen record is gone.
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope,
    targets: &[Target],
    what: &Assign,
) -> Result<Vec<Entry>, StoreError> {
    if let Assign::JoinGroups(groups) | Assign::LeaveGroups(groups) = what
        && !groups.iter().all(|group| scope.sees(&[*group]))
    {
        return Err(StoreError::NotFound);
    }
    let field = what.field();
    let mut now = read(tx, field, targets)?;
    let mut changes = Vec::new();
    for target in targets {
        let before = now.remove(&target.id.0).unwrap_or(none(field));
        let after = what.after(&before);
        if after != before {
            changes.push((target, before, after));
        }
    }
    let mut chosen = Values::default();
    chosen.set(field, what.chosen());
    let before = changes.iter().map(|(_, before, _)| before);
    let names = Names::read(tx.conn, &all(field, before), &chosen, &[])?;
    put(tx, field, &changes, &names, what.kind().action())
}

/// The records that were chosen, with the names that the lines about agents have for them.
pub fn chosen(what: &Assign, entries: &[Entry]) -> Json {
    let field = what.field().word();
    let known = |id: i64| {
        let sides = entries
            .iter()
            .flat_map(|entry| [&entry.after, &entry.before]);
        let values = sides.filter_map(|side| side.get(field));
        let mut records = values.flat_map(|value| match value {
            Json::Array(all) => all.as_slice(),
            other => std::slice::from_ref(other),
        });
        records
            .find(|record| record.get("id").and_then(Json::as_i64) == Some(id))
            .cloned()
    };
    let ids = match what.chosen() {
        Value::Many(ids) => ids,
        Value::One(id) => id.into_iter().collect(),
        Value::Text(_) | Value::Texts(_) | Value::Flag(_) => Vec::new(),
    };
    ids.into_iter().filter_map(known).collect()
}

/// Gives agents back what they had before an act, as far as it is still there. A group that the doer can't see
/// is not hers to give or take.
pub fn take_back(
    tx: &mut Tx<'_>,
    scope: &Scope,
    field: Field,
    pairs: &[(&Target, &Line)],
    kept: &mut Vec<(UserId, Refusal)>,
    action: &'static str,
) -> Result<Vec<Entry>, StoreError> {
    let targets: Vec<Target> = pairs.iter().map(|(target, _)| (*target).clone()).collect();
    let mut now = read(tx, field, &targets)?;
    let living = living(tx, field)?;
    let mut changes = Vec::new();
    for (target, line) in pairs {
        let before = now.remove(&target.id.0).unwrap_or(none(field));
        let after = stored(field, line.before.get(field.word()), &living);
        if field == Field::AgentGroups && !hers(scope, &before, &after) {
            kept.push((target.id, Refusal::NotFound));
        } else if after != before {
            changes.push((*target, before, after));
        }
    }
    let sides = changes
        .iter()
        .flat_map(|(_, before, after)| [before, after]);
    let names = Names::read(tx.conn, &all(field, sides), &Values::default(), &[])?;
    put(tx, field, &changes, &names, action)
}

fn hers(scope: &Scope, before: &Value, after: &Value) -> bool {
    let (before, after) = (many(before), many(after));
    let given = after.iter().filter(|id| !before.contains(id));
    let taken = before.iter().filter(|id| !after.contains(id));
    given.chain(taken).all(|id| scope.sees(&[GroupId(*id)]))
}

fn many(value: &Value) -> &[i64] {
    match value {
        Value::Many(ids) => ids,
        Value::Text(_) | Value::Texts(_) | Value::Flag(_) | Value::One(_) => &[],
    }
}

/// The value of an agent without any.
fn none(field: Field) -> Value {
    match field {
        Field::TimeGroup => Value::One(None),
        _ => Value::Many(Vec::new()),
    }
}

/// A value as the audit wrote it, without records that were deleted since.
fn stored(field: Field, value: Option<&Json>, living: &[i64]) -> Value {
    let id = |record: &Json| {
        record
            .get("id")
            .and_then(Json::as_i64)
            .filter(|id| living.contains(id))
    };
    match field {
        Field::TimeGroup => Value::One(value.and_then(id)),
        _ => {
            let all = value.and_then(Json::as_array).into_iter().flatten();
            Value::Many(all.filter_map(id).collect())
        }
    }
}

fn living(tx: &mut Tx<'_>, field: Field) -> Result<Vec<i64>, StoreError> {
    use crate::store::schema::{agent_groups, caller_ids, departments, time_groups};
    macro_rules! living {
        ($table:ident) => {
            $table::table
                .filter($table::deleted_at.is_null())
                .select($table::id)
                .load(tx.conn)?
        };
    }
    Ok(match field {
        Field::AgentGroups => living!(agent_groups),
        Field::TimeGroup => living!(time_groups),
        Field::Departments => living!(departments),
        Field::CallerIds => living!(caller_ids),
        _ => return Err(not_assigned(field)),
    })
}

fn not_assigned(field: Field) -> StoreError {
    StoreError::broken(format!("{} is not assigned to many", field.word()))
}

/// What each agent has now; those without anything are left out.
fn read(
    tx: &mut Tx<'_>,
    field: Field,
    targets: &[Target],
) -> Result<HashMap<i64, Value>, StoreError> {
    if field == Field::TimeGroup {
        let hours = |target: &Target| (target.id.0, Value::One(target.time_group));
        return Ok(targets.iter().map(hours).collect());
    }
    let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
    let keys: Vec<i64> = targets.iter().map(|target| target.id.0).collect();
    macro_rules! links {
        ($table:ident, $record:ident, $order:expr, $keys:expr) => {
            $table::table
                .filter($table::agent_id.eq_any($keys))
                .order(($table::agent_id, $order))
                .select(($table::agent_id, $table::$record))
                .load(tx.conn)?
        };
    }
    for keys in keys.chunks(AT_ONCE) {
        let living = departments::table.filter(departments::deleted_at.is_null());
        let pairs: Vec<(i64, i64)> = match field {
            Field::AgentGroups => links!(
                agent_group_members,
                group_id,
                agent_group_members::group_id,
                keys
            ),
            // Places in a department that is deleted are kept for when it comes back.
            Field::Departments => department_members::table
                .filter(department_members::agent_id.eq_any(keys))
                .filter(department_members::department_id.eq_any(living.select(departments::id)))
                .order((
                    department_members::agent_id,
                    department_members::department_id,
                ))
                .select((
                    department_members::agent_id,
                    department_members::department_id,
                ))
                .load(tx.conn)?,
            Field::CallerIds => links!(
                agent_caller_ids,
                caller_id_id,
                agent_caller_ids::position,
                keys
            ),
            _ => return Err(not_assigned(field)),
        };
        for (agent, record) in pairs {
            found.entry(agent).or_default().push(record);
        }
    }
    let value = |(agent, records)| (agent, Value::Many(records));
    Ok(found.into_iter().map(value).collect())
}

fn put(
    tx: &mut Tx<'_>,
    field: Field,
    changes: &[Change<'_>],
    names: &Names,
    action: &'static str,
) -> Result<Vec<Entry>, StoreError> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    match field {
        Field::TimeGroup => set_hours(tx, changes)?,
        _ => relink(tx, field, changes)?,
    }
    let keys: Vec<i64> = changes.iter().map(|(target, _, _)| target.id.0).collect();
    for keys in keys.chunks(AT_ONCE) {
        diesel::update(agents::table.filter(agents::user_id.eq_any(keys)))
            .set(agents::version.eq(agents::version + 1))
            .execute(tx.conn)?;
    }
    let mut entries = Vec::with_capacity(changes.len());
    for (target, before, after) in changes {
        let fields = |value: &Value| {
            let mut values = Values::default();
            values.set(field, value.clone());
            names.fields(&values, &[])
        };
        let mut entry = Entry::new(action, "user", Some(target.id.0), target.name.as_str())
            .version(target.version + 1);
        entry.before = fields(before);
        entry.after = fields(after);
        entries.push(entry);
        tx.touch(RecordKind::User, target.id.0);
    }
    Ok(entries)
}

/// Every record in some values of a field, each once.
fn all<'v>(field: Field, values: impl Iterator<Item = &'v Value>) -> Values {
    let mut ids: Vec<i64> = Vec::new();
    for value in values {
        match value {
            Value::Many(all) => ids.extend(all),
            Value::One(one) => ids.extend(one),
            Value::Text(_) | Value::Texts(_) | Value::Flag(_) => {}
        }
    }
    ids.sort_unstable();
    ids.dedup();
    let mut found = Values::default();
    found.set(field, Value::Many(ids));
    found
}

fn set_hours(tx: &mut Tx<'_>, changes: &[Change<'_>]) -> Result<(), StoreError> {
    let mut by_hours: BTreeMap<Option<i64>, Vec<i64>> = BTreeMap::new();
    for (target, _, after) in changes {
        let hours = match after {
            Value::One(hours) => *hours,
            Value::Text(_) | Value::Texts(_) | Value::Flag(_) | Value::Many(_) => None,
        };
        by_hours.entry(hours).or_default().push(target.id.0);
    }
    for (hours, keys) in by_hours {
        for keys in keys.chunks(AT_ONCE) {
            diesel::update(agents::table.filter(agents::user_id.eq_any(keys)))
                .set(agents::time_group_id.eq(hours))
                .execute(tx.conn)?;
        }
    }
    Ok(())
}

/// Records, and the agents that come to each or leave it.
type ByRecord = BTreeMap<i64, Vec<i64>>;

fn relink(tx: &mut Tx<'_>, field: Field, changes: &[Change<'_>]) -> Result<(), StoreError> {
    if field == Field::CallerIds {
        return set_caller_ids(tx, changes);
    }
    let (mut come, mut gone) = (ByRecord::new(), ByRecord::new());
    for (target, before, after) in changes {
        let (before, after) = (many(before), many(after));
        for id in after.iter().filter(|id| !before.contains(id)) {
            come.entry(*id).or_default().push(target.id.0);
        }
        for id in before.iter().filter(|id| !after.contains(id)) {
            gone.entry(*id).or_default().push(target.id.0);
        }
    }
    match field {
        Field::AgentGroups => {
            for (group, agents) in gone {
                members::remove(tx, GroupId(group), &agents)?;
            }
            for (group, agents) in come {
                members::insert(tx, GroupId(group), agents.into_iter())?;
            }
            Ok(())
        }
        Field::Departments => {
            for (department, agents) in gone {
                membership::leave(tx, department, &agents)?;
            }
            for (department, agents) in come {
                membership::join(tx, department, &agents)?;
            }
            Ok(())
        }
        _ => Err(not_assigned(field)),
    }
}

#[derive(Insertable)]
// Every column is said, so that SQLite too takes many rows in one statement.
#[diesel(table_name = agent_caller_ids, treat_none_as_default_value = false)]
struct CallerIdRow {
    agent_id: i64,
    caller_id_id: i64,
    position: i32,
}

/// Their order counts, so they are written anew.
fn set_caller_ids(tx: &mut Tx<'_>, changes: &[Change<'_>]) -> Result<(), StoreError> {
    let keys: Vec<i64> = changes.iter().map(|(target, _, _)| target.id.0).collect();
    for keys in keys.chunks(AT_ONCE) {
        let theirs = agent_caller_ids::table.filter(agent_caller_ids::agent_id.eq_any(keys));
        diesel::delete(theirs).execute(tx.conn)?;
    }
    let rows: Vec<CallerIdRow> = changes
        .iter()
        .flat_map(|(target, _, after)| {
            let agent_id = target.id.0;
            let row = move |(position, caller_id_id): (i32, &i64)| CallerIdRow {
                agent_id,
                caller_id_id: *caller_id_id,
                position,
            };
            (1..).zip(many(after)).map(row)
        })
        .collect();
    for rows in rows.chunks(AT_ONCE) {
        on_each!(tx.conn, |c| diesel::insert_into(agent_caller_ids::table)
            .values(rows)
            .execute(c))?;
    }
    Ok(())
}
