//! Changes of plain fields, the most there are in a file: the people are read together, and each is written by the
//! function that writes a form's values, without asking the database again for what is known already.

use super::super::rows::NewResult;
use super::super::{Import, Outcome};
use super::context::Context;
use super::update::{CHANGED, Changed, GONE, refused};
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::audit::Entry;
use crate::domain::authority::{self, Wanted};
use crate::domain::ids::GroupId;
use crate::domain::import::Edit;
use crate::domain::person::Person;
use crate::domain::role::{Permission, Rights, Scope};
use crate::domain::user_form;
use crate::store::agent::write::{self, Versions};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::person;
use crate::store::schema::{agents, users};
use crate::store::tx::{RecordKind, Tx};
use crate::store::user::update::ACTION;
use diesel::prelude::*;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// Only fields, no role, web login or state, and no agent to be made.
pub(super) fn is_plain(edit: &Edit) -> bool {
    edit.role.is_none()
        && edit.web_login.is_none()
        && edit.admin_state.is_none()
        && !edit.becomes_agent
}

/// Changes them; those who can't be changed are conflicts.
pub(super) fn all(
    tx: &mut Tx<'_>,
    import: &Import,
    context: &Context,
    changed: Vec<Changed>,
    results: &mut Vec<NewResult>,
) -> Result<(), StoreError> {
    let mut ids: Vec<i64> = changed.iter().map(|row| row.edit.user.0).collect();
    ids.sort_unstable();
    lock(tx.conn, &ids)?;
    let people = person::by_ids(tx.conn, &ids)?;
    let people: HashMap<i64, &Person> = people.iter().map(|one| (one.id.0, one)).collect();
    let mut entries = Vec::with_capacity(changed.len());
    for Changed { number, edit } in changed {
        let ready = match people.get(&edit.user.0) {
            None => Err(GONE.to_owned()),
            Some(person) => ready(context, person, &edit),
        };
        let written = match ready {
            Err(reason) => Err(reason),
            Ok(ready) => write(tx, ready)?,
        };
        match written {
            Err(reason) => results.push(refused(import, number, &edit, reason)),
            Ok(ready) => {
                entries.push(entry(context, &ready));
                tx.touch(RecordKind::User, edit.user.0);
                results.push(NewResult {
                    import_id: import.id.0,
                    number: i64::try_from(number).unwrap_or(i64::MAX),
                    outcome: Outcome::Updated.word(),
                    user_id: Some(edit.user.0),
                    reason: None,
                    cells: None,
                });
            }
        }
    }
    tx.audit_all(entries)
}

/// On Postgres other nodes write too. By key, and agents first, as every write does.
fn lock(conn: &mut Conn, ids: &[i64]) -> Result<(), StoreError> {
    if let Conn::Pg(c) = conn {
        let _agents: Vec<i64> = agents::table
            .filter(agents::user_id.eq_any(ids))
            .order(agents::user_id)
            .select(agents::user_id)
            .for_no_key_update()
            .load(c)?;
        let _users: Vec<i64> = users::table
            .filter(users::id.eq_any(ids))
            .order(users::id)
            .select(users::id)
            .for_no_key_update()
            .load(c)?;
    }
    Ok(())
}

/// A change that may be written.
struct Ready<'p> {
    person: &'p Person,
    before: Values,
    after: Values,
    /// Groups that whoever uploaded may not see: they stay.
    hidden: Vec<i64>,
}

/// As the form asks before it writes; the error is for whoever uploaded.
fn ready<'p>(context: &Context, person: &'p Person, edit: &Edit) -> Result<Ready<'p>, String> {
    let agent = person.living_agent();
    let same = person.version == edit.user_version
        && agent.map(|agent| agent.version) == edit.agent_version
        && !person.deleted;
    if !same {
        return Err(CHANGED.to_owned());
    }
    let scope = &context.rights.scope;
    let seen = match scope {
        Scope::All => true,
        Scope::Groups(_) => agent.is_some_and(|agent| scope.sees(&agent.groups)),
    };
    let after = context.values(&edit.after).filter(|_| seen);
    let after = after.ok_or_else(|| GONE.to_owned())?;
    write::require_in_scope(scope, &after).map_err(|_| GONE.to_owned())?;
    let of_agent = |field: Field| user_form::Field::Shared(field).is_of_agent();
    let needs: &[Permission] = match after.fields().any(of_agent) {
        true => &[Permission::UsersWrite, Permission::AgentsWrite],
        false => &[Permission::UsersWrite],
    };
    let role = context.role(person.role.0);
    let role = role.ok_or_else(|| GONE.to_owned())?;
    let now = Rights::of(
        role.permissions,
        role.own_groups,
        person.scope_groups.to_vec(),
    );
    let wanted = Wanted {
        needs,
        now: Some(&now),
        ..Wanted::default()
    };
    authority::allowed(&context.rights, &wanted).map_err(|denied| denied.to_string())?;
    let mut before = Values::of(person).only(after.fields());
    let mut hidden = Vec::new();
    if let Some(Value::Many(groups)) = before.get(Field::AgentGroups) {
        let (shown, others): (Vec<i64>, Vec<i64>) = groups
            .iter()
            .partition(|id| scope.is_all() || scope.sees(&[GroupId(**id)]));
        hidden = others;
        before.set(Field::AgentGroups, Value::Many(shown));
    }
    Ok(Ready {
        person,
        before,
        after,
        hidden,
    })
}

type Written<'p> = Result<Ready<'p>, String>;

fn write<'p>(tx: &mut Tx<'_>, ready: Ready<'p>) -> Result<Written<'p>, StoreError> {
    let (id, was) = (ready.person.id, versions(ready.person));
    let values = |tx: &mut Tx<'_>| write::values(tx, id, was, &ready.before, &ready.after);
    // What can't be refused needs nothing to go back to.
    let written = match write::may_be_refused(&ready.after) {
        true => tx.attempt(values),
        false => values(tx),
    };
    match written {
        Ok(()) => Ok(Ok(ready)),
        Err(error) => super::update::reason(error).map(Err),
    }
}

fn versions(person: &Person) -> Versions {
    Versions {
        user: person.version,
        agent: person.agent.as_ref().map_or(0, |agent| agent.version),
    }
}

/// The line of the audit, as after a form.
fn entry(context: &Context, ready: &Ready<'_>) -> Entry {
    let person = ready.person;
    let of_agent = |field: Field| user_form::Field::Shared(field).is_of_agent();
    let was = versions(person);
    let of_user = ready.after.fields().any(|field| !of_agent(field));
    let version = was.user + i64::from(of_user) + was.agent + i64::from(person.agent.is_some());
    let name = ready.after.get(Field::Name).map(write::column);
    let name = name.unwrap_or_else(|| person.name.to_string());
    let mut entry = Entry::new(ACTION, "user", Some(person.id.0), name).version(version);
    entry.before = said(context, &ready.before, &ready.hidden);
    entry.after = said(context, &ready.after, &ready.hidden);
    entry
}

fn said(context: &Context, values: &Values, hidden: &[i64]) -> Map<String, Json> {
    let name_of = |field, id| context.name(field, id).cloned();
    let one = |(field, value): (Field, &Value)| {
        let json = match (field, value) {
            (Field::AgentGroups, Value::Many(seen)) if !hidden.is_empty() => {
                let mut all = [seen.as_slice(), hidden].concat();
                all.sort_unstable();
                Value::Many(all).json(field, &name_of)
            }
            (_, value) => value.json(field, &name_of),
        };
        (field.word().to_owned(), json)
    };
    values.iter().map(one).collect()
}
