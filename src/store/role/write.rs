//! Makes, changes and deletes custom roles. Nobody gives a right that they lack, or changes a role that has
//! more rights than they do; the built-in ones are as the program says.

use super::{CLAIM, KIND, Role, RoleAct, Row, find_by_name, role};
use crate::domain::audit::Entry;
use crate::domain::ids::RoleId;
use crate::domain::role::form::{RoleChange, RoleValues, merge};
use crate::domain::role::{BuiltInRole, Permissions, Rights};
use crate::domain::text::RoleName;
use crate::domain::time::Timestamp;
use crate::store::agent::history::{self, Edit};
use crate::store::connection::Conn;
use crate::store::error::{Owner, StoreError, Taken};
use crate::store::schema::{api_tokens, roles, users};
use crate::store::tx::{RecordKind, Tx};
use crate::store::user::admins;
use crate::store::{claim, operation};
use diesel::prelude::*;

const CREATE: &str = "role.create";

/// How a write of a role ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    Written(Written),
    /// Nothing was written: others gave it another name meanwhile.
    Conflict(Conflict),
    /// Nothing was written: the doer may not, or it is in use.
    Refused(Refused),
}

/// A role as it was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub id: RoleId,
    /// To undo it by.
    pub operation: String,
    pub version: i64,
    /// Anything differed.
    pub changed: bool,
}

/// The same field changed by two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub version: i64,
    pub now: RoleValues,
    /// Who changed what since the form was opened, oldest first.
    pub edits: Vec<Edit>,
}

/// Why a role is not made, changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("The built-in roles can’t be changed. Make one of your own instead.")]
    BuiltIn,
    #[error("You can’t give what you don’t have: {}.", .0.said())]
    Lacking(Permissions),
    #[error("This role has rights that you don’t have: {}.", .0.said())]
    MoreRights(Permissions),
    #[error("{} Give them another one first.", in_use(*.people, *.tokens))]
    InUse { people: i64, tokens: i64 },
    #[error(
        "The last administrator who can sign in has this role, and would not be one any more. Make another one first."
    )]
    LastAdmin,
}

fn in_use(people: i64, tokens: i64) -> String {
    let people = match people {
        0 => String::new(),
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    };
    let tokens = match tokens {
        0 => String::new(),
        1 => "1 API token".to_owned(),
        many => format!("{many} API tokens"),
    };
    let and = if people.is_empty() || tokens.is_empty() {
        ""
    } else {
        " and "
    };
    let have = if people == "1 person" && tokens.is_empty()
        || tokens == "1 API token" && people.is_empty()
    {
        "has"
    } else {
        "have"
    };
    format!("{people}{and}{tokens} {have} this role.")
}

/// What a form was opened with.
#[derive(Clone, Debug, Default)]
pub struct Basis {
    pub version: i64,
    pub was: RoleValues,
}

/// Makes a role. `once` names the form: sent twice, it makes one role.
///
/// # Errors
/// `NotFound` for someone whose scope is not everything, `Taken` when another role has the name, `Broken`
/// without a name or rights.
pub fn create(
    tx: &mut Tx<'_>,
    rights: &Rights,
    once: Option<String>,
    change: &RoleChange,
) -> Result<Saved, StoreError> {
    require_all(rights)?;
    if let Some(once) = once {
        tx.operation = once;
        if let Some(id) = operation::made(tx, CREATE)? {
            return Ok(written(tx, RoleId(id), 1, false));
        }
    }
    let (Some(name), Some(permissions)) = (&change.name, change.permissions) else {
        return Err(StoreError::broken("a role without a name or rights"));
    };
    if let Some(refused) = gives(rights, permissions) {
        return Ok(Saved::Refused(refused));
    }
    let own_groups = change.own_groups.unwrap_or(false);
    require_free(tx.conn, name.as_str(), None)?;
    let id: i64 = diesel::insert_into(roles::table)
        .values((
            roles::name.eq(name.as_str()),
            roles::permissions.eq(permissions.to_string()),
            roles::built_in.eq(false),
            roles::own_groups.eq(own_groups),
            roles::version.eq(1_i64),
        ))
        .returning(roles::id)
        .get_result(tx.conn)?;
    claim::take(tx, CLAIM, &RoleName::claim_of(name.as_str()), KIND, id)?;
    tx.audit(
        Entry::new(CREATE, KIND, Some(id), name.as_str())
            .after("name", name.as_str())
            .after("permissions", permissions.to_string())
            .after("own_groups", own_groups)
            .version(1),
    )?;
    tx.touch(RecordKind::Role, id);
    Ok(written(tx, RoleId(id), 1, true))
}

/// Writes a change if the role still has the expected version (any, for `None`).
///
/// # Errors
/// `NotFound` when there is none, `Stale` when it has another version, `Taken` when another has the name.
pub fn update(
    tx: &mut Tx<'_>,
    rights: &Rights,
    id: RoleId,
    expected: Option<i64>,
    change: &RoleChange,
) -> Result<Saved, StoreError> {
    require_all(rights)?;
    let role = lock(tx, id)?;
    if expected.is_some_and(|version| version != role.version) {
        return Err(StoreError::Stale);
    }
    apply(tx, rights, &role, change)
}

/// Saves a form: what others changed meanwhile stands beside it, right by right.
///
/// # Errors
/// As [`update`], but a newer version alone is none.
pub fn save(
    tx: &mut Tx<'_>,
    rights: &Rights,
    id: RoleId,
    basis: &Basis,
    change: &RoleChange,
) -> Result<Saved, StoreError> {
    require_all(rights)?;
    let role = lock(tx, id)?;
    if role.version == basis.version {
        return apply(tx, rights, &role, change);
    }
    let merged = merge(&basis.was, &role.values(), change);
    if !merged.name_by_both {
        return apply(tx, rights, &role, &merged.mine);
    }
    tx.write_audit()?;
    Ok(Saved::Conflict(Conflict {
        version: role.version,
        now: role.values(),
        edits: history::of_record(tx.conn, KIND, "role.%", id.0, basis.version)?,
    }))
}

/// Deletes a role that nobody has, softly: its name is free at once, and Undo brings it back.
///
/// # Errors
/// `NotFound` when there is none, `Stale` when it has another version.
pub fn delete(
    tx: &mut Tx<'_>,
    rights: &Rights,
    id: RoleId,
    expected: Option<i64>,
) -> Result<Saved, StoreError> {
    require_all(rights)?;
    let role = lock(tx, id)?;
    if expected.is_some_and(|version| version != role.version) {
        return Err(StoreError::Stale);
    }
    if let Some(refused) = touches(rights, &role) {
        return Ok(Saved::Refused(refused));
    }
    if let Some(refused) = in_the_way(tx.conn, tx.now, id)? {
        return Ok(Saved::Refused(refused));
    }
    leave_deleted_people(tx, id)?;
    let version = role.version + 1;
    claim::release(tx, CLAIM, &RoleName::claim_of(&role.name), KIND, id.0)?;
    diesel::update(roles::table.find(id.0))
        .set((
            // Out of the way of a new role with the name, and without rights for a user who is restored with it.
            roles::name.eq(format!("Deleted role {id}")),
            roles::permissions.eq(""),
            roles::deleted_at.eq(tx.now.0),
            roles::version.eq(version),
        ))
        .execute(tx.conn)?;
    tx.audit(
        Entry::new(RoleAct::Delete.word(), KIND, Some(id.0), role.name.as_str())
            .before("deleted", false)
            .before("name", role.name.as_str())
            .before("permissions", role.permissions.to_string())
            .before("own_groups", role.own_groups)
            .after("deleted", true)
            .version(version),
    )?;
    tx.touch(RecordKind::Role, id.0);
    Ok(written(tx, id, version, true))
}

/// People who are deleted and had the role are plain agents if they ever come back.
fn leave_deleted_people(tx: &mut Tx<'_>, id: RoleId) -> Result<(), StoreError> {
    let agent = find_by_name(tx.conn, BuiltInRole::Agent.name())?.ok_or(StoreError::NotFound)?;
    let theirs = users::table
        .filter(users::role_id.eq(id.0))
        .filter(users::deleted_at.is_not_null());
    let left: Vec<i64> = diesel::update(theirs)
        .set(users::role_id.eq(agent.id.0))
        .returning(users::id)
        .get_results(tx.conn)?;
    for person in left {
        tx.touch(RecordKind::User, person);
    }
    Ok(())
}

fn apply(
    tx: &mut Tx<'_>,
    rights: &Rights,
    role: &Role,
    change: &RoleChange,
) -> Result<Saved, StoreError> {
    if let Some(refused) = touches(rights, role) {
        return Ok(Saved::Refused(refused));
    }
    let before = role.values();
    let after = RoleValues {
        name: change
            .name
            .as_ref()
            .map_or_else(|| before.name.clone(), |name| name.as_str().to_owned()),
        permissions: change.permissions.unwrap_or(before.permissions),
        own_groups: change.own_groups.unwrap_or(before.own_groups),
    };
    if let Some(refused) = gives(rights, after.permissions.minus(before.permissions)) {
        return Ok(Saved::Refused(refused));
    }
    if admins::none_with_role(tx.conn, role, &after)? {
        return Ok(Saved::Refused(Refused::LastAdmin));
    }
    match write(tx, role, &after, RoleAct::Update.word())? {
        None => Ok(written(tx, role.id, role.version, false)),
        Some(entry) => {
            tx.audit(entry)?;
            Ok(written(tx, role.id, role.version + 1, true))
        }
    }
}

/// Writes what differs; the line about it, None when nothing does.
pub(super) fn write(
    tx: &mut Tx<'_>,
    role: &Role,
    after: &RoleValues,
    action: &'static str,
) -> Result<Option<Entry>, StoreError> {
    let before = role.values();
    if before == *after {
        return Ok(None);
    }
    let version = role.version + 1;
    let mut entry = Entry::new(action, KIND, Some(role.id.0), after.name.as_str()).version(version);
    if before.name != after.name {
        require_free(tx.conn, &after.name, Some(role.id))?;
        let (old, new) = (
            RoleName::claim_of(&before.name),
            RoleName::claim_of(&after.name),
        );
        claim::take(tx, CLAIM, &new, KIND, role.id.0)?;
        if old != new {
            claim::release(tx, CLAIM, &old, KIND, role.id.0)?;
        }
        entry = entry
            .before("name", before.name.as_str())
            .after("name", after.name.as_str());
    }
    if before.permissions != after.permissions {
        entry = entry
            .before("permissions", before.permissions.to_string())
            .after("permissions", after.permissions.to_string());
    }
    if before.own_groups != after.own_groups {
        entry = entry
            .before("own_groups", before.own_groups)
            .after("own_groups", after.own_groups);
    }
    diesel::update(roles::table.find(role.id.0))
        .set((
            roles::name.eq(&after.name),
            roles::permissions.eq(after.permissions.to_string()),
            roles::own_groups.eq(after.own_groups),
            roles::version.eq(version),
        ))
        .execute(tx.conn)?;
    tx.touch(RecordKind::Role, role.id.0);
    Ok(Some(entry))
}

/// A role is for everyone, so who is held to some groups neither makes nor changes one.
pub(super) fn require_all(rights: &Rights) -> Result<(), StoreError> {
    match rights.scope.is_all() {
        true => Ok(()),
        false => Err(StoreError::NotFound),
    }
}

/// A role that is not deleted; other nodes wait with theirs, and with giving it, until this write is done.
fn lock(tx: &mut Tx<'_>, id: RoleId) -> Result<Role, StoreError> {
    let found = roles::table
        .filter(roles::id.eq(id.0))
        .filter(roles::deleted_at.is_null())
        .select(super::COLUMNS);
    let rows: Vec<Row> = match &mut *tx.conn {
        Conn::Sqlite(c) => found.load(c)?,
        Conn::Pg(c) => found.for_update().load(c)?,
    };
    role(rows.into_iter().next().ok_or(StoreError::NotFound)?)
}

/// Why the doer may not touch this role.
pub(super) fn touches(rights: &Rights, role: &Role) -> Option<Refused> {
    if role.built_in {
        return Some(Refused::BuiltIn);
    }
    let more = role.permissions.minus(rights.permissions);
    (!rights.outrank(role.permissions)).then_some(Refused::MoreRights(more))
}

/// Why the doer may not give these rights.
pub(super) fn gives(rights: &Rights, permissions: Permissions) -> Option<Refused> {
    let lacking = permissions.minus(rights.permissions);
    (!rights.outrank(permissions)).then_some(Refused::Lacking(lacking))
}

/// The living people and the tokens in force with a role, which stand in the way of its deletion.
///
/// # Errors
/// When they can't be counted.
pub fn in_the_way(
    conn: &mut Conn,
    now: Timestamp,
    id: RoleId,
) -> Result<Option<Refused>, StoreError> {
    let people: i64 = users::table
        .filter(users::role_id.eq(id.0))
        .filter(users::deleted_at.is_null())
        .count()
        .get_result(conn)?;
    let in_force = api_tokens::expires_at
        .is_null()
        .or(api_tokens::expires_at.gt(now.0));
    let tokens: i64 = api_tokens::table
        .filter(api_tokens::role_id.eq(id.0))
        .filter(api_tokens::revoked_at.is_null())
        .filter(in_force)
        .count()
        .get_result(conn)?;
    Ok(((people, tokens) != (0, 0)).then_some(Refused::InUse { people, tokens }))
}

/// The built-in names are claimed by nobody, but they are taken.
pub(super) fn require_free(
    conn: &mut Conn,
    name: &str,
    own: Option<RoleId>,
) -> Result<(), StoreError> {
    match find_by_name(conn, name)? {
        Some(other) if own != Some(other.id) => Err(StoreError::Taken(Taken {
            kind: CLAIM.to_owned(),
            value: name.to_owned(),
            owner: Some(Owner {
                kind: KIND.to_owned(),
                id: other.id.0,
            }),
        })),
        Some(_) | None => Ok(()),
    }
}

fn written(tx: &Tx<'_>, id: RoleId, version: i64, changed: bool) -> Saved {
    Saved::Written(Written {
        id,
        operation: tx.operation.clone(),
        version,
        changed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_role_is_said() {
        for (people, tokens, said) in [
            (1, 0, "1 person has this role."),
            (2, 0, "2 people have this role."),
            (0, 1, "1 API token has this role."),
            (1, 1, "1 person and 1 API token have this role."),
        ] {
            assert_eq!(in_use(people, tokens), said);
        }
    }
}
