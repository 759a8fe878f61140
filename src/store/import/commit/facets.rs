//! What makes new people of a plan calling agents: the row, the history from the first day, links, the extension.

use super::claims::InUse;
use super::create::{Ready, text};
use super::lookup;
use crate::domain::agent::{OutgoingCalls, RingsOn, UnknownWord};
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::ids::UserId;
use crate::domain::status::AdminState;
use crate::store::agent::links;
use crate::store::agent::write::column;
use crate::store::error::StoreError;
use crate::store::person;
use crate::store::routing::membership;
use crate::store::schema::extensions;
use crate::store::seed::{self, AgentCallerIdRow, AgentRow, GroupMemberRow, IntervalRow, row};
use crate::store::tx::Tx;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;

#[derive(Insertable)]
#[diesel(table_name = extensions, treat_none_as_default_value = false)]
struct ExtensionRow {
    username: String,
    agent_id: Option<i64>,
    created_at: i64,
    version: i64,
}

row! {
    ExtensionRow in extensions, 4;
}

/// Extensions that are there already: those of others can't be had, the rest are returned.
pub(super) fn free_extensions(
    tx: &mut Tx<'_>,
    ready: &[Ready],
    gone: &mut HashMap<usize, InUse>,
) -> Result<HashSet<String>, StoreError> {
    let mut wanted: HashMap<&str, usize> = HashMap::new();
    for (at, one) in ready.iter().enumerate() {
        if let Some(username) = text(&one.values, Field::Extension) {
            wanted.insert(username, at);
        }
    }
    let names: Vec<&str> = wanted.keys().copied().collect();
    let mut free = HashSet::new();
    for (username, agent) in lookup::extensions(tx.conn, &names)? {
        match (agent, wanted.get(username.as_str())) {
            (Some(_), Some(&at)) => {
                let field = Field::Extension;
                let value = username;
                gone.insert(at, InUse { field, value });
            }
            (None, Some(_)) => _ = free.insert(username),
            (Some(_) | None, None) => {}
        }
    }
    Ok(free)
}

/// Makes agents of those who are to be.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    able: &[Ready],
    keys: &[i64],
    free: &HashSet<String>,
) -> Result<(), StoreError> {
    let (now, by) = (tx.now.0, tx.by.user());
    let agents = || {
        able.iter()
            .zip(keys)
            .filter(|(one, _)| one.draft.calling_agent)
    };
    let mut rows = Vec::with_capacity(able.len());
    let mut intervals = Vec::with_capacity(able.len() * 3);
    let (mut groups, mut caller_ids) = (Vec::new(), Vec::new());
    let (mut extensions, mut freed) = (Vec::new(), Vec::new());
    let mut departments: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (one, &key) in agents() {
        let (values, state) = (&one.values, one.draft.admin_state);
        rows.push(agent_row(values, key, state, now, by)?);
        for (axis, value) in [
            ("admin", state.word()),
            ("duty", "on"),
            ("device", "unknown"),
        ] {
            intervals.push(IntervalRow {
                agent_id: key,
                axis,
                value,
                reason: None,
                by_user: by.filter(|_| axis == "admin" && state != AdminState::Enabled),
                started_at: now,
                ended_at: None,
            });
        }
        let links = |field| many(values, field).iter().copied();
        groups.extend(links(Field::AgentGroups).map(|group_id| GroupMemberRow {
            group_id,
            agent_id: key,
        }));
        let callers = (1..).zip(links(Field::CallerIds));
        caller_ids.extend(callers.map(|(position, caller_id_id)| AgentCallerIdRow {
            agent_id: key,
            caller_id_id,
            position,
        }));
        links(Field::Departments).for_each(|id| departments.entry(id).or_default().push(key));
        match text(values, Field::Extension) {
            Some(there) if free.contains(there) => freed.push((key, there)),
            Some(new) => extensions.push(ExtensionRow {
                username: new.to_owned(),
                agent_id: Some(key),
                created_at: now,
                version: 1,
            }),
            None => {}
        }
    }
    seed::insert(tx.conn, &rows)?;
    seed::insert(tx.conn, &intervals)?;
    seed::insert(tx.conn, &groups)?;
    seed::insert(tx.conn, &caller_ids)?;
    seed::insert(tx.conn, &extensions)?;
    for (agent, username) in freed {
        links::take_extension(tx, UserId(agent), username)?;
    }
    for (department, members) in departments {
        membership::join(tx, department, &members)?;
    }
    Ok(())
}

fn many(values: &Values, field: Field) -> &[i64] {
    match values.get(field) {
        Some(Value::Many(ids)) => ids,
        Some(_) | None => &[],
    }
}

fn agent_row(
    values: &Values,
    key: i64,
    state: AdminState,
    now: i64,
    by: Option<i64>,
) -> Result<AgentRow, StoreError> {
    let owned = |field| text(values, field).map(str::to_owned);
    let rings_on: Option<RingsOn> = word(values, Field::RingsOn)?;
    let outgoing: Option<OutgoingCalls> = word(values, Field::OutgoingCalls)?;
    Ok(AgentRow {
        user_id: key,
        forwarding_number: owned(Field::CallForwardingNumber),
        alternative_numbers: values
            .get(Field::AlternativeNumbers)
            .map_or(String::new(), column),
        rings_on: rings_on.unwrap_or(RingsOn::Both).word(),
        intercom: owned(Field::IntercomNumber),
        time_group_id: match values.get(Field::TimeGroup) {
            Some(Value::One(id)) => *id,
            Some(_) | None => None,
        },
        outgoing_calls: outgoing.unwrap_or(OutgoingCalls::All).word(),
        login_based: values.get(Field::LoginBasedCalling) == Some(&Value::Flag(true)),
        admin_state: state.word(),
        admin_reason: None,
        admin_until: None,
        admin_at: now,
        admin_by: by.filter(|_| state != AdminState::Enabled),
        removed_at: None,
        version: 1,
    })
}

fn word<W: FromStr<Err = UnknownWord>>(
    values: &Values,
    field: Field,
) -> Result<Option<W>, StoreError> {
    let word = text(values, field).map(person::word);
    word.transpose()
}
