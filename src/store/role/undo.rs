//! Takes back what was done to a role, where nobody changed it since.

use super::write::{gives, require_all, require_free, touches, write};
use super::{CLAIM, KIND, Role, get, read_permissions};
use crate::domain::agent::words;
use crate::domain::audit::Entry;
use crate::domain::ids::RoleId;
use crate::domain::role::Rights;
use crate::domain::role::form::RoleValues;
use crate::domain::text::RoleName;
use crate::store::agent::undo::Taken;
use crate::store::claim;
use crate::store::error::StoreError;
use crate::store::schema::roles;
use crate::store::tx::{RecordKind, Tx};
use crate::store::undo::RecordLine;
use crate::store::user::admins;
use diesel::prelude::*;
use serde_json::{Map, Value};

/// The action of the audit's line about it.
const ACTION: &str = "role.undo";

words!(/// What can be taken back, by its action in the audit.
RoleAct { Update = "role.update", Delete = "role.delete" });

impl RoleAct {
    pub fn of_action(action: &str) -> Option<Self> {
        action.parse().ok()
    }
}

/// Brings back what was before an act. Nothing is taken when the role was changed since, or has, or would get,
/// rights that the doer lacks.
///
/// # Errors
/// `Taken` when its name went to another since, `NotFound` for who is held to some groups.
pub fn take_back(
    tx: &mut Tx<'_>,
    rights: &Rights,
    act: RoleAct,
    line: &RecordLine,
) -> Result<Taken, StoreError> {
    require_all(rights)?;
    let entry = match act {
        RoleAct::Update => edit(tx, rights, line)?,
        RoleAct::Delete => deletion(tx, rights, line)?,
    };
    Ok(Taken {
        entries: entry.into_iter().collect(),
        ..Taken::default()
    })
}

fn edit(tx: &mut Tx<'_>, rights: &Rights, line: &RecordLine) -> Result<Option<Entry>, StoreError> {
    let role = get(tx.conn, RoleId(line.id))?;
    if line.version_after != Some(role.version) || touches(rights, &role).is_some() {
        return Ok(None);
    }
    let after = values(&role.values(), &line.before)?;
    if gives(rights, after.permissions.minus(role.permissions)).is_some()
        || admins::none_with_role(tx.conn, &role, &after)?
    {
        return Ok(None);
    }
    write(tx, &role, &after, ACTION)
}

fn deletion(
    tx: &mut Tx<'_>,
    rights: &Rights,
    line: &RecordLine,
) -> Result<Option<Entry>, StoreError> {
    let version: Option<i64> = roles::table
        .filter(roles::id.eq(line.id))
        .filter(roles::deleted_at.is_not_null())
        .select(roles::version)
        .first(tx.conn)
        .optional()?;
    let back = values(&RoleValues::default(), &line.before)?;
    let Some(version) = version.filter(|version| line.version_after == Some(*version)) else {
        return Ok(None);
    };
    let role = Role {
        id: RoleId(line.id),
        name: back.name.clone(),
        permissions: back.permissions,
        built_in: false,
        own_groups: back.own_groups,
        version: version + 1,
    };
    if gives(rights, role.permissions).is_some() {
        return Ok(None);
    }
    require_free(tx.conn, &role.name, None)?;
    claim::take(tx, CLAIM, &RoleName::claim_of(&role.name), KIND, role.id.0)?;
    diesel::update(roles::table.find(role.id.0))
        .set((
            roles::name.eq(&role.name),
            roles::permissions.eq(role.permissions.to_string()),
            roles::own_groups.eq(role.own_groups),
            roles::deleted_at.eq(None::<i64>),
            roles::version.eq(role.version),
        ))
        .execute(tx.conn)?;
    tx.touch(RecordKind::Role, role.id.0);
    Ok(Some(
        Entry::new(ACTION, KIND, Some(role.id.0), role.name.as_str())
            .before("deleted", true)
            .after("deleted", false)
            .version(role.version),
    ))
}

/// The values of now, with those that the line says.
fn values(now: &RoleValues, fields: &Map<String, Value>) -> Result<RoleValues, StoreError> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let flag = |name: &str| fields.get(name).and_then(Value::as_bool);
    Ok(RoleValues {
        name: text("name").unwrap_or(&now.name).to_owned(),
        permissions: match text("permissions") {
            Some(words) => read_permissions(words)?,
            None => now.permissions,
        },
        own_groups: flag("own_groups").unwrap_or(now.own_groups),
    })
}
