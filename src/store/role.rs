//! Roles: sets of permissions, and whether they hold on everyone or on one's own groups.

mod undo;
pub mod write;

pub use undo::RoleAct;
pub(super) use undo::take_back;

use super::connection::Conn;
use super::error::StoreError;
use super::schema::roles;
use super::tx::{RecordKind, Tx};
use crate::domain::audit::Entry;
use crate::domain::ids::RoleId;
use crate::domain::role::form::RoleValues;
use crate::domain::role::{BuiltInRole, Permissions};
use diesel::prelude::*;

/// Roles in claims and in the audit.
pub const KIND: &str = "role";
/// The kind of the claim on a role's name.
pub const CLAIM: &str = "role_name";

/// A role as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub id: RoleId,
    pub name: String,
    pub permissions: Permissions,
    pub built_in: bool,
    /// It holds only on the agents of its holder's own groups.
    pub own_groups: bool,
    pub version: i64,
}

impl Role {
    pub fn values(&self) -> RoleValues {
        RoleValues {
            name: self.name.clone(),
            permissions: self.permissions,
            own_groups: self.own_groups,
        }
    }
}

type Row = (i64, String, String, bool, bool, i64);

const COLUMNS: (
    roles::id,
    roles::name,
    roles::permissions,
    roles::built_in,
    roles::own_groups,
    roles::version,
) = (
    roles::id,
    roles::name,
    roles::permissions,
    roles::built_in,
    roles::own_groups,
    roles::version,
);

fn role((id, name, permissions, built_in, own_groups, version): Row) -> Result<Role, StoreError> {
    Ok(Role {
        id: RoleId(id),
        permissions: read_permissions(&permissions)?,
        name,
        built_in,
        own_groups,
        version,
    })
}

/// An unknown word means a newer program wrote it; a guess would give or take rights.
pub(super) fn read_permissions(words: &str) -> Result<Permissions, StoreError> {
    words.parse().map_err(StoreError::broken)
}

/// All roles that are not deleted, built-in ones first.
pub fn all(conn: &mut Conn) -> Result<Vec<Role>, StoreError> {
    let rows: Vec<Row> = roles::table
        .filter(roles::deleted_at.is_null())
        .order((roles::built_in.desc(), roles::id))
        .select(COLUMNS)
        .load(conn)?;
    rows.into_iter().map(role).collect()
}

/// By name, upper and lower case alike.
pub fn find_by_name(conn: &mut Conn, name: &str) -> Result<Option<Role>, StoreError> {
    let wanted = name.to_lowercase();
    Ok(all(conn)?
        .into_iter()
        .find(|role| role.name.to_lowercase() == wanted))
}

/// # Errors
/// `NotFound` for one that is not there or was deleted.
pub fn get(conn: &mut Conn, id: RoleId) -> Result<Role, StoreError> {
    let row: Row = roles::table
        .filter(roles::id.eq(id.0))
        .filter(roles::deleted_at.is_null())
        .select(COLUMNS)
        .first(conn)?;
    role(row)
}

/// Makes the built-in roles what this version of the program says; run at each start.
pub fn ensure_built_in(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let known = all(tx.conn)?;
    for built_in in BuiltInRole::ALL {
        let words = built_in.permissions().to_string();
        match known
            .iter()
            .find(|role| role.built_in && role.name == built_in.name())
        {
            None => insert_built_in(tx, built_in.name(), &words)?,
            Some(role) if role.permissions != built_in.permissions() => {
                update_built_in(tx, role, &words)?
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn insert_built_in(tx: &mut Tx<'_>, name: &str, words: &str) -> Result<(), StoreError> {
    let id: i64 = diesel::insert_into(roles::table)
        .values((
            roles::name.eq(name),
            roles::permissions.eq(words),
            roles::built_in.eq(true),
            roles::own_groups.eq(false),
            roles::version.eq(1_i64),
        ))
        .returning(roles::id)
        .get_result(tx.conn)?;
    tx.touch(RecordKind::Role, id);
    Ok(())
}

fn update_built_in(tx: &mut Tx<'_>, role: &Role, words: &str) -> Result<(), StoreError> {
    diesel::update(roles::table.find(role.id.0))
        .set((
            roles::permissions.eq(words),
            roles::version.eq(roles::version + 1),
        ))
        .execute(tx.conn)?;
    tx.audit(
        Entry::new("role.update", KIND, Some(role.id.0), role.name.as_str())
            .before("permissions", role.permissions.to_string())
            .after("permissions", words)
            .version(role.version + 1),
    )?;
    tx.touch(RecordKind::Role, role.id.0);
    Ok(())
}
