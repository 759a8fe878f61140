//! Writes what only users have: role, web login, addresses, the groups that rights are bound to; and makes
//! someone a calling agent, or none any more.

use super::current::Current;
use crate::domain::act::Refusal;
use crate::domain::agent_form::Value;
use crate::domain::ids::UserId;
use crate::domain::role::Rights;
use crate::domain::user_form::{Field, Own, Values};
use crate::store::agent::create::{begin_history, insert_facet};
use crate::store::agent::names::Names;
use crate::store::agent::target::{self, Target};
use crate::store::agent::{remove, write};
use crate::store::claim;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::prepared::{Cell, RowUpdate};
use crate::store::schema::{agent_groups, agents, roles, user_scope_groups, users};
use crate::store::tx::Tx;
use diesel::prelude::*;
use serde_json::{Map, Value as Json};

/// Writes the columns and links that `after` holds, as the user's next version.
pub(super) fn own(
    tx: &mut Tx<'_>,
    id: UserId,
    was_version: i64,
    before: &Values,
    after: &Values,
) -> Result<(), StoreError> {
    let mut user = RowUpdate::new("users", users::id::NAME, id.0);
    let mut changed = false;
    for own in Own::ALL {
        let Some(value) = after.own(*own) else {
            continue;
        };
        changed = true;
        match (own, value) {
            (Own::Role, Value::One(role)) => user.set(users::role_id::NAME, Cell::Integer(*role)),
            (Own::WebLogin, value) => {
                let word = write::column(value);
                user.set(users::web_login::NAME, Cell::Text(Some(word)));
            }
            (Own::AllowedIps, value) => {
                let list = write::column(value);
                user.set(users::allowed_ips::NAME, Cell::Text(Some(list)));
            }
            (Own::ScopeGroups, Value::Many(groups)) => {
                let old = match before.own(Own::ScopeGroups) {
                    Some(Value::Many(old)) => old.as_slice(),
                    Some(_) | None => &[],
                };
                scope_groups(tx, id, old, groups)?;
            }
            (Own::CallingAgent | Own::Role | Own::ScopeGroups, _) => {}
        }
    }
    if changed {
        user.set(users::updated_at::NAME, Cell::Integer(Some(tx.now.0)));
        user.set(users::version::NAME, Cell::Integer(Some(was_version + 1)));
        user.execute(tx.conn)?;
    }
    Ok(())
}

fn scope_groups(tx: &mut Tx<'_>, id: UserId, old: &[i64], new: &[i64]) -> Result<(), StoreError> {
    if !new.is_empty() {
        // Held to a living group, nobody needs to be held to those that are gone.
        let gone = agent_groups::table
            .filter(agent_groups::deleted_at.is_not_null())
            .select(agent_groups::id);
        let bound = user_scope_groups::table
            .filter(user_scope_groups::user_id.eq(id.0))
            .filter(user_scope_groups::group_id.eq_any(gone));
        diesel::delete(bound).execute(tx.conn)?;
    }
    for group in old.iter().filter(|group| !new.contains(group)) {
        let bound = user_scope_groups::table.find((id.0, *group));
        diesel::delete(bound).execute(tx.conn)?;
    }
    for group in new.iter().filter(|group| !old.contains(group)) {
        diesel::insert_into(user_scope_groups::table)
            .values((
                user_scope_groups::user_id.eq(id.0),
                user_scope_groups::group_id.eq(group),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Makes a user a calling agent; one who was an agent before is the same one again. `fresh`: with numbers
/// that are yet to be said, not with those of before.
///
/// # Errors
/// The refusal inside says what went to someone else since.
pub(super) fn give_facet(
    tx: &mut Tx<'_>,
    rights: &Rights,
    current: &Current,
    fresh: bool,
) -> Result<Option<Refusal>, StoreError> {
    let id = current.id;
    if !current.was_agent {
        insert_facet(tx, id)?;
        begin_history(tx, id)?;
        return Ok(None);
    }
    if fresh {
        let intercom: Option<String> = agents::table
            .find(id.0)
            .select(agents::intercom)
            .first(tx.conn)?;
        if let Some(intercom) = intercom {
            claim::release(tx, claim::DIAL, &intercom, "user", id.0)?;
            diesel::update(agents::table.find(id.0))
                .set(agents::intercom.eq(None::<String>))
                .execute(tx.conn)?;
        }
    }
    let target = target(tx, rights, id)?;
    let mut refused = Vec::new();
    remove::restore(tx, rights, &[target], &mut refused)?;
    Ok(refused.pop().map(|(_, why)| why))
}

/// Takes the agent away; the user stays.
pub(super) fn take_facet(
    tx: &mut Tx<'_>,
    rights: &Rights,
    current: &Current,
) -> Result<(), StoreError> {
    let target = Target {
        above_agent: true,
        ..target(tx, rights, current.id)?
    };
    remove::delete(tx, &[target])?;
    Ok(())
}

/// The agent, whom the doer was found to have the right to change.
pub(super) fn target(tx: &mut Tx<'_>, rights: &Rights, id: UserId) -> Result<Target, StoreError> {
    let mut found = target::read(tx, rights, &[id])?;
    found.found.pop().ok_or(StoreError::NotFound)
}

/// The values as the audit writes them, records with the names they have now.
pub(super) fn said(
    conn: &mut Conn,
    names: &Names,
    values: &Values,
    current: Option<&Current>,
) -> Result<Map<String, Json>, StoreError> {
    let (hidden_groups, hidden_scopes) = match current {
        Some(current) => (
            current.hidden_groups.as_slice(),
            current.hidden_scopes.as_slice(),
        ),
        None => (&[][..], &[][..]),
    };
    let mut said = names.fields(&values.shared, hidden_groups);
    let mut own = Values::default();
    for (field, value) in values.iter() {
        match (field, value) {
            (Field::Own(Own::ScopeGroups), Value::Many(seen)) => {
                let all = [seen.as_slice(), hidden_scopes].concat();
                own.set_own(Own::ScopeGroups, Value::Many(all));
            }
            (Field::Own(field), value) => own.set_own(field, value.clone()),
            (Field::Shared(_), _) => {}
        }
    }
    let records = own_names(conn, &own)?;
    let name_of = |field: Field, id: i64| {
        let found = records.iter().find(|(f, key, _)| (*f, *key) == (field, id));
        found.map(|(_, _, name)| name.clone())
    };
    said.extend(own.json(&name_of));
    Ok(said)
}

fn own_names(conn: &mut Conn, own: &Values) -> Result<Vec<(Field, i64, String)>, StoreError> {
    let mut names = Vec::new();
    if let Some(Value::One(Some(role))) = own.own(Own::Role) {
        let name: Option<String> = roles::table
            .find(role)
            .select(roles::name)
            .first(conn)
            .optional()?;
        names.extend(name.map(|name| (Field::Own(Own::Role), *role, name)));
    }
    if let Some(Value::Many(groups)) = own.own(Own::ScopeGroups) {
        let found: Vec<(i64, String)> = agent_groups::table
            .filter(agent_groups::id.eq_any(groups))
            .select((agent_groups::id, agent_groups::name))
            .load(conn)?;
        let scope = Field::Own(Own::ScopeGroups);
        names.extend(found.into_iter().map(|(id, name)| (scope, id, name)));
    }
    Ok(names)
}
