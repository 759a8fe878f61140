//! One-time links: set-up, invitation and reset. Only the hash of a link's token is stored.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::one_time_links as links;
use super::tx::Tx;
use crate::domain::agent::words;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use diesel::prelude::*;

words!(/// What a link lets its holder do, once.
LinkKind {
    /// Set the install up and become its first admin.
    SetUp = "set_up",
    /// Choose a password.
    Password = "password",
});

/// Stores a link that ends `life` microseconds from now. Older links of the same kind and person end.
pub fn insert(
    tx: &mut Tx<'_>,
    kind: LinkKind,
    user: Option<UserId>,
    hash: &str,
    life: i64,
) -> Result<(), StoreError> {
    let same = links::table
        .filter(links::kind.eq(kind.word()))
        .filter(links::used_at.is_null());
    match user {
        Some(user) => diesel::delete(same.filter(links::user_id.eq(user.0))).execute(tx.conn)?,
        None => diesel::delete(same.filter(links::user_id.is_null())).execute(tx.conn)?,
    };
    diesel::insert_into(links::table)
        .values((
            links::kind.eq(kind.word()),
            links::user_id.eq(user.map(|user| user.0)),
            links::hash.eq(hash),
            links::created_at.eq(tx.now.0),
            links::expires_at.eq(tx.now.plus(life).0),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Whose link this is, if it can be used now: `Some(None)` for a link of nobody in particular.
pub fn find_usable(
    conn: &mut Conn,
    kind: LinkKind,
    hash: &str,
    now: Timestamp,
) -> Result<Option<Option<UserId>>, StoreError> {
    let user: Option<Option<i64>> = links::table
        .filter(links::hash.eq(hash))
        .filter(links::kind.eq(kind.word()))
        .filter(links::used_at.is_null())
        .filter(links::expires_at.gt(now.0))
        .select(links::user_id)
        .first(conn)
        .optional()?;
    Ok(user.map(|user| user.map(UserId)))
}

/// Uses a link up.
///
/// # Errors
/// `NotFound` when it is unknown, used or past its time.
pub fn use_up(tx: &mut Tx<'_>, kind: LinkKind, hash: &str) -> Result<Option<UserId>, StoreError> {
    let user: Option<i64> = diesel::update(
        links::table
            .filter(links::hash.eq(hash.to_owned()))
            .filter(links::kind.eq(kind.word()))
            .filter(links::used_at.is_null())
            .filter(links::expires_at.gt(tx.now.0)),
    )
    .set(links::used_at.eq(tx.now.0))
    .returning(links::user_id)
    .get_result(tx.conn)?;
    Ok(user.map(UserId))
}
