//! Signed-in sessions: only the hash of a session's key is stored.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::sessions;
use super::tx::{RecordKind, Tx};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use diesel::prelude::*;

/// A session about to begin.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// SHA-256 of the key in the cookie, hexadecimal.
    pub hash: String,
    pub user: UserId,
    pub address: String,
    pub user_agent: String,
}

/// A session as it is stored; whether it still holds is for the caller to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub hash: String,
    pub user: UserId,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub address: String,
    pub user_agent: String,
    /// When its person last proved who they are.
    pub proved_at: Timestamp,
}

impl Session {
    /// Names it among its person's sessions, and opens nothing.
    pub fn id(&self) -> &str {
        self.hash.get(..16).unwrap_or_default()
    }
}

type Row = (String, Option<i64>, i64, i64, String, String, i64);

const COLUMNS: (
    sessions::id_hash,
    sessions::user_id,
    sessions::created_at,
    sessions::last_seen_at,
    sessions::address,
    sessions::user_agent,
    sessions::proved_at,
) = (
    sessions::id_hash,
    sessions::user_id,
    sessions::created_at,
    sessions::last_seen_at,
    sessions::address,
    sessions::user_agent,
    sessions::proved_at,
);

fn session(row: Row) -> Option<Session> {
    let (hash, user, created_at, last_seen_at, address, user_agent, proved_at) = row;
    Some(Session {
        hash,
        user: UserId(user?),
        created_at: Timestamp(created_at),
        last_seen_at: Timestamp(last_seen_at),
        address,
        user_agent,
        proved_at: Timestamp(proved_at),
    })
}

pub fn find(conn: &mut Conn, hash: &str) -> Result<Option<Session>, StoreError> {
    let row: Option<Row> = sessions::table
        .find(hash)
        .select(COLUMNS)
        .first(conn)
        .optional()?;
    Ok(row.and_then(session))
}

/// A person's sessions, the one seen last first.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<Row> = sessions::table
        .filter(sessions::user_id.eq(user.0))
        .order(sessions::last_seen_at.desc())
        .select(COLUMNS)
        .load(conn)?;
    Ok(rows.into_iter().filter_map(session).collect())
}

pub fn insert(tx: &mut Tx<'_>, new: &NewSession) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id_hash.eq(&new.hash),
            sessions::user_id.eq(new.user.0),
            sessions::state.eq("{}"),
            sessions::created_at.eq(tx.now.0),
            sessions::last_seen_at.eq(tx.now.0),
            sessions::address.eq(&new.address),
            sessions::user_agent.eq(&new.user_agent),
            sessions::proved_at.eq(tx.now.0),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Gives a session another key, because its rights change; its age stays. `proved`: its person has just
/// proved who they are.
///
/// # Errors
/// `NotFound` when it has ended meanwhile.
pub fn renew(tx: &mut Tx<'_>, old: &str, new: &str, proved: bool) -> Result<(), StoreError> {
    let session = find(tx.conn, old)?.ok_or(StoreError::NotFound)?;
    let proved_at = match proved {
        true => tx.now,
        false => session.proved_at,
    };
    let renewed = diesel::update(sessions::table.find(old))
        .set((
            sessions::id_hash.eq(new),
            sessions::proved_at.eq(proved_at.0),
        ))
        .execute(tx.conn)?;
    tx.touch(RecordKind::Session, session.user.0);
    match renewed {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Notes that a session was used; an older note never replaces a newer one.
pub fn seen(tx: &mut Tx<'_>, hash: &str, at: Timestamp) -> Result<(), StoreError> {
    diesel::update(
        sessions::table
            .find(hash)
            .filter(sessions::last_seen_at.lt(at.0)),
    )
    .set(sessions::last_seen_at.eq(at.0))
    .execute(tx.conn)?;
    Ok(())
}

/// Ends one session; `false` if there was none.
pub fn delete(tx: &mut Tx<'_>, hash: &str) -> Result<bool, StoreError> {
    let user: Option<Option<i64>> = diesel::delete(sessions::table.find(hash))
        .returning(sessions::user_id)
        .get_result(tx.conn)
        .optional()?;
    if let Some(Some(user)) = user {
        tx.touch(RecordKind::Session, user);
    }
    Ok(user.is_some())
}

/// Ends all sessions of a person, except perhaps the one that asks; says how many.
pub fn delete_of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    except: Option<&str>,
) -> Result<usize, StoreError> {
    let ended = diesel::delete(
        sessions::table
            .filter(sessions::user_id.eq(user.0))
            .filter(sessions::id_hash.ne(except.unwrap_or_default().to_owned())),
    )
    .execute(tx.conn)?;
    tx.touch(RecordKind::Session, user.0);
    Ok(ended)
}

/// Removes what is past its limits: last seen, or begun, before these instants.
pub fn delete_expired(
    tx: &mut Tx<'_>,
    seen: Timestamp,
    begun: Timestamp,
) -> Result<usize, StoreError> {
    Ok(diesel::delete(
        sessions::table.filter(
            sessions::last_seen_at
                .lt(seen.0)
                .or(sessions::created_at.lt(begun.0)),
        ),
    )
    .execute(tx.conn)?)
}
