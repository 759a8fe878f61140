//! What a plan is made on, beside the people: records, settings, the rights of whoever uploads, and values that
//! are in use by no living user.

use crate::domain::ids::UserId;
use crate::domain::import::{Claims, Facts, Named, RoleFacts, Unique};
use crate::domain::install::Install;
use crate::domain::role::Rights;
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agents, claims, extensions, users};
use crate::store::user::admins;
use crate::store::{claim, record, role, setting};
use diesel::prelude::*;

/// The records and settings as they are.
pub fn facts(conn: &mut Conn, rights: Rights, me: Option<UserId>) -> Result<Facts, StoreError> {
    let install = Install::from_words(&setting::all(conn)?).map_err(StoreError::broken)?;
    let roles: Vec<RoleFacts> = role::all(conn)?
        .into_iter()
        .map(|role| RoleFacts {
            id: role.id,
            name: role.name,
            permissions: role.permissions,
            built_in: role.built_in,
            own_groups: role.own_groups,
        })
        .collect();
    let admins = admins::all(conn)?;
    let groups = record::groups(conn)?.into_iter();
    let departments = record::departments(conn)?.into_iter();
    let hours = record::working_hours(conn)?.into_iter();
    let caller_ids = record::caller_ids(conn)?.into_iter();
    Ok(Facts {
        region: install.region,
        intercom: install.intercoms(),
        codes: install.codes,
        rights,
        me,
        groups: groups.map(|one| named(one.id, one.name)).collect(),
        departments: departments.map(|one| named(one.id, one.name)).collect(),
        time_groups: hours.map(|one| named(one.id, one.name)).collect(),
        caller_ids: caller_ids.map(|one| (one.id, one.number)).collect(),
        roles,
        admins: admins.into_iter().map(UserId).collect(),
    })
}

fn named<Id>(id: Id, name: String) -> Named<Id> {
    Named { id, name }
}

/// Adds what no living user has and nobody may take: what is in quarantine, numbers of other records, extensions
/// of those who left.
pub fn hold_others(conn: &mut Conn, now: Timestamp, all: &mut Claims) -> Result<(), StoreError> {
    let others = claims::owner_kind
        .ne("user")
        .or(claims::held_until.is_not_null());
    let in_force = claims::held_until
        .is_null()
        .or(claims::held_until.gt(now.0));
    let rows: Vec<(String, String)> = claims::table
        .filter(others)
        .filter(in_force)
        .select((claims::kind, claims::value))
        .load(conn)?;
    for (kind, value) in rows {
        match kind.parse() {
            Ok(unique @ (Unique::LoginId | Unique::Email | Unique::EmployeeId)) => {
                all.hold(unique, &value);
            }
            // These are no claims.
            Ok(Unique::Extension | Unique::Person) => {}
            Err(_) if kind == claim::DIAL => all.hold_number(&value),
            // Names of groups, roles and the like.
            Err(_) => {}
        }
    }
    let gone: Vec<String> = extensions::table
        .inner_join(agents::table.inner_join(users::table))
        .filter(
            agents::removed_at
                .is_not_null()
                .or(users::deleted_at.is_not_null()),
        )
        .select(extensions::username)
        .load(conn)?;
    gone.iter()
        .for_each(|username| all.hold(Unique::Extension, username));
    Ok(())
}
