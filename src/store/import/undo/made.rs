//! People whom an upload made: gone for good, with all that was theirs, unless somebody used or changed them since.

use super::super::Import;
use super::super::commit::first_version;
use super::Took;
use crate::domain::act::Refusal;
use crate::domain::audit::Entry;
use crate::domain::ids::{GroupId, UserId};
use crate::domain::install::Install;
use crate::domain::role::{Permission, Rights, Scope};
use crate::store::error::StoreError;
use crate::store::routing::membership;
use crate::store::schema::{
    agent_caller_ids, agent_group_members, agent_live, agents, claims, department_members,
    extensions, intervals, legs, mail_queue, one_time_links, sessions, users,
};
use crate::store::setting;
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// The action of the audit's line about one of them.
const ACTION: &str = "user.undo";

struct Person {
    name: String,
    version: i64,
    is_agent: bool,
    has_password: bool,
    created_at: i64,
}

pub(super) fn take_back(
    tx: &mut Tx<'_>,
    import: &Import,
    rights: &Rights,
    rows: &[(i64, UserId)],
) -> Result<Vec<Took>, StoreError> {
    let ids: Vec<i64> = rows.iter().map(|(_, user)| user.0).collect();
    let mut people = read(tx, &ids)?;
    let used = used(tx, import, &ids)?;
    let seen = seen(tx, &rights.scope, &ids)?;
    let (mut took, mut gone) = (Vec::with_capacity(rows.len()), Vec::new());
    for (number, user) in rows {
        let outcome = match people.remove(&user.0) {
            None => Err(Refusal::NotFound),
            Some(_) if seen.as_ref().is_some_and(|seen| !seen.contains(&user.0)) => {
                Err(Refusal::NotFound)
            }
            Some(_) if !rights.may(&[Permission::UsersWrite]) => Err(Refusal::MoreRights),
            Some(person) if person.version != first_version(person.is_agent) => {
                Err(Refusal::Changed)
            }
            Some(person) if person.has_password || used.contains(&user.0) => Err(Refusal::Used),
            Some(person) => {
                gone.push((user.0, person.created_at));
                Ok(Some(entry(*user, &person)))
            }
        };
        took.push(Took {
            number: *number,
            outcome,
        });
    }
    delete(tx, &gone)?;
    Ok(took)
}

fn entry(id: UserId, person: &Person) -> Entry {
    Entry::new(ACTION, "user", Some(id.0), person.name.as_str())
        .before("deleted", false)
        .after("deleted", true)
        .after("for_good", true)
}

fn read(tx: &mut Tx<'_>, ids: &[i64]) -> Result<HashMap<i64, Person>, StoreError> {
    type Row = (i64, String, i64, Option<String>, i64, Option<i64>);
    let rows: Vec<Row> = users::table
        .filter(users::id.eq_any(ids))
        .order(users::id)
        .select((
            users::id,
            users::name,
            users::version,
            users::password_hash,
            users::created_at,
            users::deleted_at,
        ))
        .load(tx.conn)?;
    let agents: Vec<(i64, i64)> = agents::table
        .filter(agents::user_id.eq_any(ids))
        .select((agents::user_id, agents::version))
        .load(tx.conn)?;
    let agents: HashMap<i64, i64> = agents.into_iter().collect();
    let person = |(id, name, version, password, created_at, _): Row| {
        let agent = agents.get(&id);
        let person = Person {
            name,
            version: version + agent.copied().unwrap_or(0),
            is_agent: agent.is_some(),
            has_password: password.is_some(),
            created_at,
        };
        (id, person)
    };
    Ok(rows.into_iter().map(person).collect())
}

/// Those whose phone or browser was ever heard of.
fn used(tx: &mut Tx<'_>, import: &Import, ids: &[i64]) -> Result<HashSet<i64>, StoreError> {
    let mut used: Vec<i64> = agent_live::table
        .filter(agent_live::agent_id.eq_any(ids))
        .select(agent_live::agent_id)
        .load(tx.conn)?;
    let words = setting::all(tx.conn)?;
    let install = Install::from_words(&words).map_err(StoreError::broken)?;
    let since = install.calendar.day_of(import.created_at);
    let called: Vec<i64> = legs::table
        .filter(legs::day.ge(since.0))
        .filter(legs::agent_id.eq_any(ids))
        .select(legs::agent_id)
        .distinct()
        .load(tx.conn)?;
    let signed_in: Vec<Option<i64>> = sessions::table
        .filter(sessions::user_id.eq_any(ids))
        .select(sessions::user_id)
        .load(tx.conn)?;
    used.extend(called);
    used.extend(signed_in.into_iter().flatten());
    Ok(used.into_iter().collect())
}

/// Whom someone with a scope of groups sees; none: everyone.
fn seen(tx: &mut Tx<'_>, scope: &Scope, ids: &[i64]) -> Result<Option<HashSet<i64>>, StoreError> {
    let Scope::Groups(groups) = scope else {
        return Ok(None);
    };
    let groups: Vec<i64> = groups.iter().map(|GroupId(id)| *id).collect();
    let seen: Vec<i64> = agent_group_members::table
        .filter(agent_group_members::agent_id.eq_any(ids))
        .filter(agent_group_members::group_id.eq_any(groups))
        .select(agent_group_members::agent_id)
        .load(tx.conn)?;
    Ok(Some(seen.into_iter().collect()))
}

/// Takes them and all that was theirs away.
fn delete(tx: &mut Tx<'_>, gone: &[(i64, i64)]) -> Result<(), StoreError> {
    let ids: Vec<i64> = gone.iter().map(|(id, _)| *id).collect();
    free_extensions(tx, gone, &ids)?;
    delete_agents(tx, &ids)?;
    let links = one_time_links::table.filter(one_time_links::user_id.eq_any(&ids));
    diesel::delete(links).execute(tx.conn)?;
    diesel::delete(mail_queue::table.filter(mail_queue::user_id.eq_any(&ids))).execute(tx.conn)?;
    let mine = claims::table
        .filter(claims::owner_kind.eq("user"))
        .filter(claims::owner_id.eq_any(&ids));
    diesel::delete(mine).execute(tx.conn)?;
    diesel::delete(users::table.filter(users::id.eq_any(&ids))).execute(tx.conn)?;
    for id in ids {
        tx.touch(RecordKind::User, id);
    }
    Ok(())
}

/// Takes the agents of users away for good. Nobody with calls is among them: legs point to agents without a key.
pub(super) fn delete_agents(tx: &mut Tx<'_>, ids: &[i64]) -> Result<(), StoreError> {
    membership::changed_with(tx, ids)?;
    let in_department = department_members::table.filter(department_members::agent_id.eq_any(ids));
    diesel::delete(in_department).execute(tx.conn)?;
    let in_group = agent_group_members::table.filter(agent_group_members::agent_id.eq_any(ids));
    diesel::delete(in_group).execute(tx.conn)?;
    let callers = agent_caller_ids::table.filter(agent_caller_ids::agent_id.eq_any(ids));
    diesel::delete(callers).execute(tx.conn)?;
    diesel::delete(intervals::table.filter(intervals::agent_id.eq_any(ids))).execute(tx.conn)?;
    diesel::delete(agents::table.filter(agents::user_id.eq_any(ids))).execute(tx.conn)?;
    Ok(())
}

/// Extensions that came with them go; those that were there before are free again.
fn free_extensions(tx: &mut Tx<'_>, gone: &[(i64, i64)], ids: &[i64]) -> Result<(), StoreError> {
    let mine: Vec<(i64, Option<i64>, i64)> = extensions::table
        .filter(extensions::agent_id.eq_any(ids))
        .select((extensions::id, extensions::agent_id, extensions::created_at))
        .load(tx.conn)?;
    let made: HashMap<i64, i64> = gone.iter().copied().collect();
    let is_new = |agent: &Option<i64>, at: &i64| {
        let since = agent.and_then(|agent| made.get(&agent));
        since == Some(at)
    };
    let (new, old): (Vec<_>, Vec<_>) = mine
        .into_iter()
        .partition(|(_, agent, at)| is_new(agent, at));
    let keys = |rows: Vec<(i64, Option<i64>, i64)>| -> Vec<i64> {
        rows.into_iter().map(|row| row.0).collect()
    };
    diesel::delete(extensions::table.filter(extensions::id.eq_any(keys(new)))).execute(tx.conn)?;
    diesel::update(extensions::table.filter(extensions::id.eq_any(keys(old))))
        .set((
            extensions::agent_id.eq(None::<i64>),
            extensions::version.eq(extensions::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}
