//! Phone set-up: SIP passwords of the agents of an upload, made when the list is asked for. What is kept is the digest
//! that the phone system compares; who loses the list asks for another, which ends the passwords of this one.

use super::read::lock_for;
use super::{KIND, Outcome, Viewer};
use crate::domain::audit::Entry;
use crate::domain::ids::{ImportId, UserId};
use crate::domain::role::{Permission, Rights};
use crate::domain::sip;
use crate::store::error::StoreError;
use crate::store::schema::{agent_group_members, agents, extensions, import_results, users};
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;

/// Extensions in one go.
pub const AT_ONCE: i64 = 500;

/// How a phone signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneSetUp {
    pub agent: UserId,
    pub name: String,
    /// The extension's username.
    pub username: String,
    /// In clear here and nowhere else.
    pub password: String,
}

/// New passwords for the agents of an upload after a person, in order of key, and from whom on to ask again.
///
/// # Errors
/// `NotFound` for who may not see the upload or may not change agents.
pub fn next(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    rights: &Rights,
    id: ImportId,
    after: Option<UserId>,
) -> Result<(Vec<PhoneSetUp>, Option<UserId>), StoreError> {
    let import = lock_for(tx, viewer, id)?;
    if !rights.may(&[Permission::Uploads, Permission::AgentsWrite]) {
        return Err(StoreError::NotFound);
    }
    let written = [Outcome::Created.word(), Outcome::Updated.word()];
    let mine = import_results::table
        .filter(import_results::import_id.eq(id.0))
        .filter(import_results::outcome.eq_any(written))
        .select(import_results::user_id.assume_not_null());
    let rows: Vec<(i64, String, i64, String)> = extensions::table
        .inner_join(agents::table.inner_join(users::table))
        .filter(users::id.eq_any(mine))
        .filter(users::id.gt(after.map_or(0, |after| after.0)))
        .filter(users::deleted_at.is_null())
        .filter(agents::removed_at.is_null())
        .order(users::id)
        .limit(AT_ONCE)
        .offset(0)
        .select((users::id, users::name, extensions::id, extensions::username))
        .load(tx.conn)?;
    let last = rows.last().map(|row| UserId(row.0));
    let last = last.filter(|_| rows.len() as i64 == AT_ONCE);
    let mut list = Vec::with_capacity(rows.len());
    for (agent, name, extension, username) in rows {
        if !seen(tx, rights, agent)? {
            continue;
        }
        let password = sip::password().map_err(StoreError::broken)?;
        diesel::update(extensions::table.find(extension))
            .set((
                extensions::digest.eq(sip::digest(&username, &password)),
                extensions::version.eq(extensions::version + 1),
            ))
            .execute(tx.conn)?;
        tx.touch(RecordKind::User, agent);
        list.push(PhoneSetUp {
            agent: UserId(agent),
            name,
            username,
            password,
        });
    }
    if !list.is_empty() {
        let name = import.file_name.as_str();
        let entry = Entry::new("import.phone_passwords", KIND, Some(id.0), name);
        tx.audit(entry.after("count", list.len()))?;
    }
    Ok((list, last))
}

fn seen(tx: &mut Tx<'_>, rights: &Rights, agent: i64) -> Result<bool, StoreError> {
    if rights.scope.is_all() {
        return Ok(true);
    }
    let groups: Vec<i64> = agent_group_members::table
        .filter(agent_group_members::agent_id.eq(agent))
        .select(agent_group_members::group_id)
        .load(tx.conn)?;
    let groups: Vec<_> = groups
        .into_iter()
        .map(crate::domain::ids::GroupId)
        .collect();
    Ok(rights.scope.sees(&groups))
}
