//! API tokens: a role and an expiry. Only the hash of a token is stored.

use super::connection::Conn;
use super::error::StoreError;
use super::role::read_permissions;
use super::schema::{api_tokens, roles};
use super::tx::{RecordKind, Tx};
use crate::domain::audit::Entry;
use crate::domain::ids::{RoleId, UserId};
use crate::domain::role::{Permissions, Scope};
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// A token about to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    /// SHA-256 of the token, hexadecimal.
    pub hash: String,
    pub role: RoleId,
    pub created_by: Option<UserId>,
    pub expires_at: Option<Timestamp>,
}

/// A token as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: i64,
    pub name: String,
    pub role_name: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// What a valid token may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHolder {
    pub id: i64,
    pub name: String,
    pub role: RoleId,
    pub permissions: Permissions,
    pub scope: Scope,
    pub expires_at: Option<Timestamp>,
}

pub fn insert(tx: &mut Tx<'_>, new: &NewToken) -> Result<i64, StoreError> {
    let role = super::role::get(tx.conn, new.role)?;
    let id: i64 = diesel::insert_into(api_tokens::table)
        .values((
            api_tokens::name.eq(&new.name),
            api_tokens::hash.eq(&new.hash),
            api_tokens::role_id.eq(new.role.0),
            api_tokens::created_by.eq(new.created_by.map(|user| user.0)),
            api_tokens::created_at.eq(tx.now.0),
            api_tokens::expires_at.eq(new.expires_at.map(|at| at.0)),
        ))
        .returning(api_tokens::id)
        .get_result(tx.conn)?;
    tx.audit(
        Entry::new("token.create", "token", Some(id), new.name.as_str()).after("role", role.name),
    )?;
    tx.touch(RecordKind::Token, id);
    Ok(id)
}

/// All tokens, the newest first.
pub fn all(conn: &mut Conn) -> Result<Vec<Token>, StoreError> {
    type Row = (
        i64,
        String,
        String,
        i64,
        Option<i64>,
        Option<i64>,
        Option<i64>,
    );
    let rows: Vec<Row> = api_tokens::table
        .inner_join(roles::table.on(roles::id.eq(api_tokens::role_id)))
        .order(api_tokens::id.desc())
        .select((
            api_tokens::id,
            api_tokens::name,
            roles::name,
            api_tokens::created_at,
            api_tokens::expires_at,
            api_tokens::last_used_at,
            api_tokens::revoked_at,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(
            |(id, name, role_name, created_at, expires_at, last_used_at, revoked_at)| Token {
                id,
                name,
                role_name,
                created_at: Timestamp(created_at),
                expires_at: expires_at.map(Timestamp),
                last_used_at: last_used_at.map(Timestamp),
                revoked_at: revoked_at.map(Timestamp),
            },
        )
        .collect())
}

/// Who holds the token with this hash, unless it is revoked. The caller looks at the expiry.
pub fn find_holder(conn: &mut Conn, hash: &str) -> Result<Option<TokenHolder>, StoreError> {
    type Row = (i64, String, i64, String, bool, Option<i64>);
    let row: Option<Row> = api_tokens::table
        .inner_join(roles::table.on(roles::id.eq(api_tokens::role_id)))
        .filter(api_tokens::hash.eq(hash))
        .filter(api_tokens::revoked_at.is_null())
        .select((
            api_tokens::id,
            api_tokens::name,
            roles::id,
            roles::permissions,
            roles::own_groups,
            api_tokens::expires_at,
        ))
        .first(conn)
        .optional()?;
    let Some((id, name, role, permissions, own_groups, expires_at)) = row else {
        return Ok(None);
    };
    Ok(Some(TokenHolder {
        id,
        name,
        role: RoleId(role),
        permissions: read_permissions(&permissions)?,
        // A token is in no group, so a role that holds on one's own groups reaches nobody.
        scope: if own_groups {
            Scope::Groups(Vec::new())
        } else {
            Scope::All
        },
        expires_at: expires_at.map(Timestamp),
    }))
}

/// Notes that a token was used.
pub fn used(tx: &mut Tx<'_>, id: i64, at: Timestamp) -> Result<(), StoreError> {
    diesel::update(api_tokens::table.find(id))
        .set(api_tokens::last_used_at.eq(at.0))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends a token; `NotFound` if there is none or it has ended already.
pub fn revoke(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    let name: String = diesel::update(
        api_tokens::table
            .find(id)
            .filter(api_tokens::revoked_at.is_null()),
    )
    .set(api_tokens::revoked_at.eq(tx.now.0))
    .returning(api_tokens::name)
    .get_result(tx.conn)?;
    tx.audit(Entry::new("token.revoke", "token", Some(id), name))?;
    tx.touch(RecordKind::Token, id);
    Ok(())
}
