//! Makes the new people of a plan, many at once: what `store::user::create` writes for one, by the statement for
//! hundreds.

use super::super::rows::NewResult;
use super::super::{Import, Outcome};
use super::auto;
use super::claims::{Want, taken, wants};
use super::context::{Context, Links, Memo};
use super::facets;
use super::invite::{Invited, post};
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::audit::Entry;
use crate::domain::authority::{self, Wanted};
use crate::domain::ids::GroupId;
use crate::domain::import::Draft;
use crate::domain::person::WebLogin;
use crate::domain::role::{Permission, Rights};
use crate::domain::status::AdminState;
use crate::domain::user_form::Own;
use crate::store::error::StoreError;
use crate::store::schema::users;
use crate::store::seed::{self, ClaimRow, row};
use crate::store::tx::{RecordKind, Tx};
use crate::store::{keys, user};
use diesel::prelude::*;
use serde_json::json;
use std::collections::HashMap;

/// A row of the plan that makes somebody.
pub(super) struct New {
    pub number: u64,
    pub draft: Box<Draft>,
}

/// Someone who can be made.
pub(super) struct Ready {
    number: u64,
    pub draft: Box<Draft>,
    /// With ids of records that are there.
    pub values: Values,
    /// What became of numbers that were taken since the plan.
    pub instead: Vec<String>,
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

row! {
    UserRow in users, 15;
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
                instead: Vec::new(),
            }),
            Err(reason) => conflict(number, reason),
        }
    }
    let mut wanted: Vec<Want> = ready
        .iter()
        .enumerate()
        .flat_map(|(at, one)| wants(at, &one.values))
        .collect();
    let mut gone = taken(tx, context, memo, &wanted)?;
    let unused = import.listed.unused;
    let free = auto::choose_again(
        tx,
        context,
        memo,
        unused,
        &mut ready,
        &mut wanted,
        &mut gone,
    )?;
    let (mut able, mut wants) = (Vec::with_capacity(ready.len()), wanted);
    wants.retain(|want| !gone.contains_key(&want.whose));
    let mut places = HashMap::with_capacity(ready.len());
    for (at, one) in ready.into_iter().enumerate() {
        match gone.get(&at) {
            Some(in_use) => conflict(one.number, in_use.to_string()),
            None => {
                places.insert(at, able.len());
                able.push(one);
            }
        }
    }
    let keys = keys::reserve(tx.conn, keys::Keyed::Users, able.len())?;
    insert_users(tx, &able, &keys)?;
    facets::insert(tx, &able, &keys, &free)?;
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

pub(super) fn text(values: &Values, field: Field) -> Option<&str> {
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
            reason: (!one.instead.is_empty()).then(|| one.instead.join(" ")),
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
