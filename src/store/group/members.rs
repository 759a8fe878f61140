//! Who is in a group: written as a difference, in one transaction, with one line in the audit.

use super::row::{self, Row};
use super::{AT_ONCE, GroupAct, KIND, touched};
use crate::domain::act::Refusal;
use crate::domain::audit::Entry;
use crate::domain::group::{Difference, Seen};
use crate::domain::ids::{GroupId, UserId};
use crate::domain::role::Rights;
use crate::domain::time::Timestamp;
use crate::store::agent::act::refusals;
use crate::store::agent::target::{self, Target};
use crate::store::connection::on_each;
use crate::store::error::StoreError;
use crate::store::schema::{agent_group_members, agents};
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;

/// How choosing members ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    Written(Changed),
    /// Nothing was written: others changed the membership of these agents since.
    Conflict(Conflict),
}

/// What a change of members came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub operation: String,
    /// The group's version now; as it was when nothing differed.
    pub version: i64,
    pub added: Vec<UserId>,
    pub removed: Vec<UserId>,
    /// Left as they were, and why.
    pub refused: Vec<(UserId, Refusal)>,
}

/// The same memberships written by two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What a form that has seen this is based on.
    pub seen: Seen,
    pub agents: Vec<Clash>,
}

/// One membership that somebody else decided otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    pub agent: UserId,
    pub name: String,
    /// The one who saves wants the agent in.
    pub joins: bool,
    pub by: String,
    pub at: Timestamp,
}

/// Puts agents into a group and takes others out. With `seen`, nothing is written where somebody else decided
/// on the same agents since, unless it is so already: what they did to others stands either way.
///
/// # Errors
/// `NotFound` when there is no such group in scope.
pub fn change(
    tx: &mut Tx<'_>,
    rights: &Rights,
    id: GroupId,
    seen: Option<Seen>,
    wanted: &Difference,
) -> Result<Saved, StoreError> {
    let row = row::lock(tx, &rights.scope, id)?;
    let plan = Plan::read(tx, rights, &row, wanted)?;
    if let Some(seen) = seen {
        let agents = clashes(tx, id, seen, &plan)?;
        if !agents.is_empty() {
            let seen = Seen {
                version: row.version,
                at: tx.now,
            };
            return Ok(Saved::Conflict(Conflict { seen, agents }));
        }
    }
    let mut changed = Changed {
        operation: tx.operation.clone(),
        version: row.version,
        added: ids(&plan.add),
        removed: ids(&plan.remove),
        refused: plan.refused.clone(),
    };
    if let Some(mut entry) = write(tx, &row, &plan, GroupAct::Members.action())? {
        changed.version += 1;
        if !plan.refused.is_empty() {
            entry = entry.after("refused", refusals(&plan.refused));
        }
        tx.audit(entry)?;
    }
    Ok(Saved::Written(changed))
}

fn ids(targets: &[Target]) -> Vec<UserId> {
    targets.iter().map(|target| target.id).collect()
}

/// What a difference comes down to: whoever is where they should be needs nothing.
pub(super) struct Plan {
    pub add: Vec<Target>,
    pub remove: Vec<Target>,
    pub refused: Vec<(UserId, Refusal)>,
    /// Living and deleted agents, before.
    members: usize,
}

impl Plan {
    pub fn read(
        tx: &mut Tx<'_>,
        rights: &Rights,
        row: &Row,
        wanted: &Difference,
    ) -> Result<Self, StoreError> {
        let agents: Vec<UserId> = wanted.add.iter().chain(&wanted.remove).copied().collect();
        let found = target::load(tx, rights, &agents, false)?;
        let members: HashSet<i64> = row::members(tx.conn, row.id)?.into_iter().collect();
        let coming: HashSet<UserId> = wanted.add.iter().copied().collect();
        let (mut add, mut remove) = (Vec::new(), Vec::new());
        for target in found.found {
            match (coming.contains(&target.id), members.contains(&target.id.0)) {
                (true, false) => add.push(target),
                (false, true) => remove.push(target),
                (true, true) | (false, false) => {}
            }
        }
        Ok(Self {
            add,
            remove,
            refused: found.refused,
            members: members.len(),
        })
    }

    fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }
}

fn clashes(
    tx: &mut Tx<'_>,
    id: GroupId,
    seen: Seen,
    plan: &Plan,
) -> Result<Vec<Clash>, StoreError> {
    let both = || {
        let add = plan.add.iter().map(|target| (target, true));
        add.chain(plan.remove.iter().map(|target| (target, false)))
    };
    let keys: Vec<i64> = both().map(|(target, _)| target.id.0).collect();
    tx.write_audit()?;
    let mut touches = touched::since(tx.conn, id, seen, &keys)?;
    let clash = |(target, joins): (&Target, bool)| {
        let touch = touches.remove(&target.id)?;
        Some(Clash {
            agent: target.id,
            name: target.name.clone(),
            joins,
            by: touch.by,
            at: touch.at,
        })
    };
    Ok(both().filter_map(clash).collect())
}

/// Writes a plan; the line about it, None when there is nothing to do. Each agent gets a next version, so that
/// a form of theirs that is open merges what happened here instead of undoing it.
pub(super) fn write(
    tx: &mut Tx<'_>,
    row: &Row,
    plan: &Plan,
    action: &'static str,
) -> Result<Option<Entry>, StoreError> {
    if plan.is_empty() {
        return Ok(None);
    }
    insert(tx, row.id, plan.add.iter().map(|target| target.id.0))?;
    let gone: Vec<i64> = plan.remove.iter().map(|target| target.id.0).collect();
    remove(tx, row.id, &gone)?;
    let all = plan.add.iter().chain(&plan.remove);
    let keys: Vec<i64> = all.map(|target| target.id.0).collect();
    touch(tx, &keys)?;
    let version = row::next_version(tx, row)?;
    let after = plan.members + plan.add.len() - plan.remove.len();
    let entry = Entry::new(action, KIND, Some(row.id.0), row.values.name.as_str())
        .before("members", plan.members)
        .after("members", after)
        .after("added", named(&plan.add))
        .after("removed", named(&plan.remove))
        .version(version);
    Ok(Some(entry))
}

#[derive(Insertable)]
// Every column is said, so that SQLite too takes many rows in one statement.
#[diesel(table_name = agent_group_members, treat_none_as_default_value = false)]
struct MemberRow {
    group_id: i64,
    agent_id: i64,
}

/// Takes members out.
pub(in crate::store) fn remove(
    tx: &mut Tx<'_>,
    group: GroupId,
    agents: &[i64],
) -> Result<(), StoreError> {
    for keys in agents.chunks(AT_ONCE) {
        let members = agent_group_members::table
            .filter(agent_group_members::group_id.eq(group.0))
            .filter(agent_group_members::agent_id.eq_any(keys));
        diesel::delete(members).execute(tx.conn)?;
    }
    Ok(())
}

/// Adds agents who are no members yet.
pub(in crate::store) fn insert(
    tx: &mut Tx<'_>,
    group: GroupId,
    agents: impl Iterator<Item = i64>,
) -> Result<(), StoreError> {
    let row = |agent_id| MemberRow {
        group_id: group.0,
        agent_id,
    };
    let rows: Vec<MemberRow> = agents.map(row).collect();
    for rows in rows.chunks(AT_ONCE) {
        on_each!(tx.conn, |c| diesel::insert_into(agent_group_members::table)
            .values(rows)
            .execute(c))?;
    }
    Ok(())
}

/// Gives agents their next version and says that they changed.
pub(super) fn touch(tx: &mut Tx<'_>, agents_of: &[i64]) -> Result<(), StoreError> {
    for keys in agents_of.chunks(AT_ONCE) {
        diesel::update(agents::table.filter(agents::user_id.eq_any(keys)))
            .set(agents::version.eq(agents::version + 1))
            .execute(tx.conn)?;
    }
    for key in agents_of {
        tx.touch(RecordKind::User, *key);
    }
    Ok(())
}

fn named(targets: &[Target]) -> Value {
    let one = |target: &Target| json!({ "id": target.id.0, "name": target.name });
    targets.iter().map(one).collect()
}
