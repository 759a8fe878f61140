//! The list of invitations: one-time links for those whom an upload gave a web login and who have no password yet.
//! Only hashes of links are kept, so each list makes new ones and ends those before.

use super::read::lock_for;
use super::{KIND, Outcome, Viewer};
use crate::domain::audit::Entry;
use crate::domain::authority::{self, Wanted};
use crate::domain::ids::{ImportId, RoleId, UserId};
use crate::domain::mail::LinkReason;
use crate::domain::person::WebLogin;
use crate::domain::role::{Permission, Rights};
use crate::domain::secret::{self, SecretHash};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::link::{self, LinkKind};
use crate::store::role;
use crate::store::schema::{import_results, user_scope_groups, users};
use crate::store::tx::Tx;
use diesel::prelude::*;

/// Links in one go.
pub const AT_ONCE: i64 = 500;

/// Someone who is to choose a first password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub user: UserId,
    pub name: String,
    pub login_id: String,
    pub email: Option<String>,
    /// Used once, within [`LinkReason::Invitation`]'s time.
    pub link: String,
}

/// New links for those after a person, in order of key; fewer than [`AT_ONCE`] looked at means that these were the
/// last, so the caller goes on with the returned key until there is none.
///
/// # Errors
/// `NotFound` for who may not see the upload or may not give links.
pub fn next(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    rights: &Rights,
    id: ImportId,
    url: &str,
    after: Option<UserId>,
) -> Result<(Vec<Invitation>, Option<UserId>), StoreError> {
    let import = lock_for(tx, viewer, id)?;
    if !rights.may(&[Permission::Uploads, Permission::UsersWrite]) {
        return Err(StoreError::NotFound);
    }
    type Row = (
        i64,
        String,
        String,
        Option<String>,
        i64,
        Option<String>,
        String,
    );
    let written = [Outcome::Created.word(), Outcome::Updated.word()];
    let mine = import_results::table
        .filter(import_results::import_id.eq(id.0))
        .filter(import_results::outcome.eq_any(written))
        .select(import_results::user_id.assume_not_null());
    let rows: Vec<Row> = users::table
        .filter(users::id.eq_any(mine))
        .filter(users::id.gt(after.map_or(0, |after| after.0)))
        .filter(users::deleted_at.is_null())
        .order(users::id)
        .limit(AT_ONCE)
        .offset(0)
        .select((
            users::id,
            users::name,
            users::login_id,
            users::email,
            users::role_id,
            users::password_hash,
            users::web_login,
        ))
        .load(tx.conn)?;
    let last = rows.last().map(|row| UserId(row.0));
    let last = last.filter(|_| rows.len() as i64 == AT_ONCE);
    let mut list = Vec::new();
    for (user, name, login_id, email, role, password, web_login) in rows {
        let waits = password.is_none() && web_login == WebLogin::Allowed.word();
        if !waits || !may_link(tx, rights, user, RoleId(role))? {
            continue;
        }
        let token = secret::fresh("").map_err(StoreError::broken)?;
        let hash = SecretHash::of(&token).hex();
        let life = LinkReason::Invitation.life();
        link::insert(tx, LinkKind::Password, Some(UserId(user)), &hash, life)?;
        list.push(Invitation {
            user: UserId(user),
            name,
            login_id,
            email,
            link: secret::password_link(url, &token),
        });
    }
    if !list.is_empty() {
        let name = import.file_name.as_str();
        let entry = Entry::new("import.invitations", KIND, Some(id.0), name);
        tx.audit(entry.after("count", list.len()))?;
    }
    Ok((list, last))
}

/// Nobody gives a link to someone with more rights.
fn may_link(tx: &mut Tx<'_>, rights: &Rights, user: i64, role: RoleId) -> Result<bool, StoreError> {
    let role = role::get(tx.conn, role)?;
    let groups: Vec<i64> = user_scope_groups::table
        .filter(user_scope_groups::user_id.eq(user))
        .select(user_scope_groups::group_id)
        .load(tx.conn)?;
    let groups = groups
        .into_iter()
        .map(crate::domain::ids::GroupId)
        .collect();
    let now = Rights::of(role.permissions, role.own_groups, groups);
    let wanted = Wanted {
        needs: &[Permission::UsersWrite],
        now: Some(&now),
        ..Wanted::default()
    };
    Ok(authority::allowed(rights, &wanted).is_ok())
}

/// Somebody whom an upload wrote waits for a first password.
pub fn waiting(conn: &mut Conn, id: ImportId) -> Result<bool, StoreError> {
    let written = [Outcome::Created.word(), Outcome::Updated.word()];
    let mine = import_results::table
        .filter(import_results::import_id.eq(id.0))
        .filter(import_results::outcome.eq_any(written))
        .select(import_results::user_id.assume_not_null());
    let first: Option<i64> = users::table
        .filter(users::id.eq_any(mine))
        .filter(users::deleted_at.is_null())
        .filter(users::password_hash.is_null())
        .filter(users::web_login.eq(WebLogin::Allowed.word()))
        .select(users::id)
        .first(conn)
        .optional()?;
    Ok(first.is_some())
}
