//! Makes the new people of a plan, many at once: what `store::user::create` writes for one, by the statement for
//! hundreds.

use super::super::rows::NewResult;
use super::super::{Import, Outcome};
use super::claims::{Want, taken, wants};
use super::context::{Context, Links, Memo};
use super::invite::{Invited, post};
use crate::domain::agent::{OutgoingCalls, RingsOn};
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::audit::Entry;
use crate::domain::authority::{self, Wanted};
use crate::domain::ids::{GroupId, UserId};
use crate::domain::import::Draft;
use crate::domain::person::WebLogin;
use crate::domain::role::{Permission, Rights};
use crate::domain::status::AdminState;
use crate::domain::user_form::Own;
use crate::store::agent::links;
use crate::store::agent::write::column;
use crate::store::error::StoreError;
use crate::store::routing::membership;
use crate::store::schema::{extensions, users};
use crate::store::seed::{
    self, AgentCallerIdRow, AgentRow, ClaimRow, GroupMemberRow, IntervalRow, row,
};
use crate::store::tx::{RecordKind, Tx};
use crate::store::{keys, user};
use diesel::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A row of the plan that makes somebody.
pub(super) struct New {
    pub number: u64,
    pub draft: Box<Draft>,
}

/// Someone who can be made.
struct Ready {
    number: u64,
    draft: Box<Draft>,
    /// With ids of records that are there.
    values: Values,
}

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct UserRow {
    id: i64,
    name: String,
    employee_id: Option<String>,
    designation: String,
    phone: Option<String>,
    email: Option<String>,
    login_id: String,
    role_id: i64,
    web_login: &'static str,
    failed_sign_ins: i32,
    allowed_ips: &'static str,
    preferences: &'static str,
    created_at: i64,
    updated_at: i64,
    version: i64,
}

#[derive(Insertable)]
#[diesel(table_name = extensions, treat_none_as_default_value = false)]
struct ExtensionRow {
    username: String,
    agent_id: Option<i64>,
    created_at: i64,
    version: i64,
}

row! {
    UserRow in users, 15;
    ExtensionRow in extensions, 4;
}

/// The version of someone new, as the audit counts it: the user's and the agent's together.
pub(in crate::store::import) fn first_version(calling_agent: bool) -> i64 {
    1 + i64::from(calling_agent)
}

/// Makes them; those who can't be made are conflicts.
pub(super) fn all(
    tx: &mut Tx<'_>,
    import: &Import,
    context: &Context,
    memo: &mut Memo,
    links: &Links,
    new: Vec<New>,
    results: &mut Vec<NewResult>,
) -> Result<(), StoreError> {
    let id = import.id.0;
    let mut conflict = |number: u64, reason: String| results.push(conflict(id, number, reason));
    let mut ready = Vec::with_capacity(new.len());
    for New { number, draft } in new {
        match allowed(context, &draft) {
            Ok(values) => ready.push(Ready {
                number,
                draft,
                values,
            }),
            Err(reason) => conflict(number, reason),
        }
    }
    let wanted: Vec<Want> = ready
        .iter()
        .enumerate()
        .flat_map(|(at, one)| wants(at, &one.values))
        .collect();
    let mut gone = taken(tx, context, memo, &wanted)?;
    let free = free_extensions(tx, &ready, &mut gone)?;
    let (mut able, mut wants) = (Vec::with_capacity(ready.len()), wanted);
    wants.retain(|want| !gone.contains_key(&want.whose));
    let mut places = HashMap::with_capacity(ready.len());
    for (at, one) in ready.into_iter().enumerate() {
        match gone.get(&at) {
            Some(value) => conflict(one.number, format!("{value} is already in use.")),
            None => {
                places.insert(at, able.len());
                able.push(one);
            }
        }
    }
    let keys = keys::reserve(tx.conn, keys::Keyed::Users, able.len())?;
    insert_users(tx, &able, &keys)?;
    insert_agents(tx, &able, &keys, &free)?;
    let claims: Vec<ClaimRow> = wants
        .into_iter()
        .filter_map(|want| {
            let key = *keys.get(*places.get(&want.whose)?)?;
            Some(ClaimRow {
                kind: want.kind,
                value: want.value,
                owner_kind: "user",
                owner_id: key,
                held_until: None,
            })
        })
        .collect();
    seed::insert(tx.conn, &claims)?;
    invite(tx, context, links, &able, &keys)?;
    note(tx, context, id, &able, &keys, results)
}

pub(super) fn conflict(import: i64, number: u64, reason: String) -> NewResult {
    NewResult {
        import_id: import,
        number: i64::try_from(number).unwrap_or(i64::MAX),
        outcome: Outcome::Conflict.word(),
        user_id: None,
        reason: Some(reason),
        cells: None,
    }
}

/// Whether this person may be made by whoever uploaded, as they may in the form.
fn allowed(context: &Context, draft: &Draft) -> Result<Values, String> {
    const GONE: &str =
        "A group, department, time group or caller ID of the row is not there any more.";
    let role = context.role(draft.role.0);
    let role = role.ok_or_else(|| "The role of the row is not there any more.".to_owned())?;
    let values = context
        .values(&draft.values)
        .ok_or_else(|| GONE.to_owned())?;
    let gets = Rights::of(role.permissions, role.own_groups, Vec::new());
    let mut needs = vec![match draft.calling_agent {
        true => Permission::AgentsWrite,
        false => Permission::UsersWrite,
    }];
    if draft.web_login != WebLogin::None || !context.is_agents(draft.role.0) {
        needs.push(Permission::UsersWrite);
    }
    if draft.admin_state != AdminState::Enabled {
        needs.push(Permission::AgentsState);
    }
    let wanted = Wanted {
        needs: &needs,
        gets: Some(&gets),
        ..Wanted::default()
    };
    authority::allowed(&context.rights, &wanted).map_err(|denied| denied.to_string())?;
    let scope = &context.rights.scope;
    let own = match values.get(Field::AgentGroups) {
        Some(Value::Many(groups)) => {
            !groups.is_empty() && groups.iter().all(|id| scope.sees(&[GroupId(*id)]))
        }
        Some(_) | None => false,
    };
    match scope.is_all() || own {
        true => Ok(values),
        false => Err("You see only agents of your own groups.".to_owned()),
    }
}

/// Extensions that are there already: those of others can't be had, the rest are returned.
fn free_extensions(
    tx: &mut Tx<'_>,
    ready: &[Ready],
    gone: &mut HashMap<usize, String>,
) -> Result<HashSet<String>, StoreError> {
    let mut wanted: HashMap<&str, usize> = HashMap::new();
    for (at, one) in ready.iter().enumerate() {
        if let Some(username) = text(&one.values, Field::Extension) {
            wanted.insert(username, at);
        }
    }
    let names: Vec<&str> = wanted.keys().copied().collect();
    let mut free = HashSet::new();
    for names in names.chunks(1_000) {
        let found: Vec<(String, Option<i64>)> = extensions::table
            .filter(extensions::username.eq_any(names))
            .select((extensions::username, extensions::agent_id))
            .load(tx.conn)?;
        for (username, agent) in found {
            match (agent, wanted.get(username.as_str())) {
                (Some(_), Some(at)) => _ = gone.insert(*at, username),
                (None, Some(_)) => _ = free.insert(username),
                (Some(_) | None, None) => {}
            }
        }
    }
    Ok(free)
}

fn text(values: &Values, field: Field) -> Option<&str> {
    match values.get(field) {
        Some(Value::Text(text)) => text.as_deref(),
        Some(_) | None => None,
    }
}

fn insert_users(tx: &mut Tx<'_>, able: &[Ready], keys: &[i64]) -> Result<(), StoreError> {
    let owned = |values: &Values, field| text(values, field).map(str::to_owned);
    let row = |(one, key): (&Ready, &i64)| UserRow {
        id: *key,
        name: owned(&one.values, Field::Name).unwrap_or_default(),
        employee_id: owned(&one.values, Field::EmployeeId),
        designation: owned(&one.values, Field::Designation).unwrap_or_default(),
        phone: owned(&one.values, Field::Phone),
        email: owned(&one.values, Field::Email),
        login_id: owned(&one.values, Field::Username).unwrap_or_default(),
        role_id: one.draft.role.0,
        web_login: one.draft.web_login.word(),
        failed_sign_ins: 0,
        allowed_ips: "",
        preferences: "{}",
        created_at: tx.now.0,
        updated_at: tx.now.0,
        version: 1,
    };
    let rows: Vec<UserRow> = able.iter().zip(keys).map(row).collect();
    seed::insert(tx.conn, &rows)
}

fn insert_agents(
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

fn word<W: std::str::FromStr<Err = crate::domain::agent::UnknownWord>>(
    values: &Values,
    field: Field,
) -> Result<Option<W>, StoreError> {
    let word = text(values, field).map(crate::store::person::word);
    word.transpose()
}

fn invite(
    tx: &mut Tx<'_>,
    context: &Context,
    links: &Links,
    able: &[Ready],
    keys: &[i64],
) -> Result<(), StoreError> {
    let invited = able.iter().zip(keys).filter_map(|(one, key)| {
        Some(Invited {
            user: *key,
            login_id: text(&one.values, Field::Username)?,
            email: text(&one.values, Field::Email)
                .filter(|_| one.draft.web_login == WebLogin::Allowed)?,
        })
    });
    let invited: Vec<Invited<'_>> = invited.collect();
    post(tx, context, links, &invited)
}

/// The lines of the audit, what the picture has to read, and what became of the rows.
fn note(
    tx: &mut Tx<'_>,
    context: &Context,
    import: i64,
    able: &[Ready],
    keys: &[i64],
    results: &mut Vec<NewResult>,
) -> Result<(), StoreError> {
    let mut entries = Vec::with_capacity(able.len());
    for (one, &key) in able.iter().zip(keys) {
        entries.push(entry(context, one, key));
        tx.touch(RecordKind::User, key);
        results.push(NewResult {
            import_id: import,
            number: i64::try_from(one.number).unwrap_or(i64::MAX),
            outcome: Outcome::Created.word(),
            user_id: Some(key),
            reason: None,
            cells: None,
        });
    }
    tx.audit_all(entries)
}

fn entry(context: &Context, one: &Ready, key: i64) -> Entry {
    let draft = &one.draft;
    let name = text(&one.values, Field::Name).unwrap_or_default();
    let mut entry = Entry::new(user::create::ACTION, "user", Some(key), name)
        .version(first_version(draft.calling_agent));
    let name_of = |field, id| context.name(field, id).cloned();
    for (field, value) in one.values.iter() {
        let said = value.json(field, &name_of);
        entry.after.insert(field.word().to_owned(), said);
    }
    let role = context.role(draft.role.0).map(|role| role.name.as_str());
    entry = entry
        .after(
            Own::Role.word(),
            json!({ "id": draft.role.0, "name": role }),
        )
        .after(Own::CallingAgent.word(), draft.calling_agent);
    if draft.web_login != WebLogin::None {
        entry = entry.after(Own::WebLogin.word(), draft.web_login.word());
    }
    if draft.admin_state != AdminState::Enabled {
        entry = entry.after("admin_state", draft.admin_state.word());
    }
    entry
}
