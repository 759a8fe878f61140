//! One-time links: set-up, invitation and reset. Only the hash of a link's token is stored.

use super::connection::Conn;
use super::error::StoreError;
use super::keeper::Keeper;
use super::mail;
use super::schema::{one_time_links as links, users};
use super::tx::Tx;
use crate::domain::agent::words;
use crate::domain::audit::Entry;
use crate::domain::ids::UserId;
use crate::domain::mail::LinkReason;
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
    match user {
        Some(user) => end(tx, kind, user)?,
        None => {
            let same = links::table
                .filter(links::kind.eq(kind.word()))
                .filter(links::user_id.is_null())
                .filter(links::used_at.is_null());
            diesel::delete(same).execute(tx.conn)?;
        }
    }
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

/// Ends the links of a kind that a person has not used.
pub fn end(tx: &mut Tx<'_>, kind: LinkKind, user: UserId) -> Result<(), StoreError> {
    let unused = links::table
        .filter(links::kind.eq(kind.word()))
        .filter(links::user_id.eq(user.0))
        .filter(links::used_at.is_null());
    diesel::delete(unused).execute(tx.conn)?;
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

/// Whether a person was given a link after this instant that can still be used.
pub fn was_given_since(
    conn: &mut Conn,
    user: UserId,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let found: Option<i64> = links::table
        .filter(links::user_id.eq(user.0))
        .filter(links::kind.eq(LinkKind::Password.word()))
        .filter(links::used_at.is_null())
        .filter(links::created_at.gt(since.0))
        .select(links::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// A link to choose a password, about to be given to someone.
#[derive(Clone, Debug)]
pub struct Handout {
    pub reason: LinkReason,
    /// The link itself, and the hash of its token.
    pub link: String,
    pub hash: String,
    /// What the install calls itself, in the letter.
    pub install: String,
    /// A mail server is set: the link is sent to whoever has an address.
    pub by_mail: bool,
}

/// How a link reaches its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handed {
    /// It waits to be sent to this address; nobody else sees it.
    Mailed(String),
    /// It is shown once to whoever asked for it.
    Shown(String),
}

/// Gives a person a link to choose a password: by mail where that can be, else to be shown. The person's
/// older links end.
///
/// # Errors
/// `NotFound` for who is deleted.
pub fn hand_out(
    tx: &mut Tx<'_>,
    keeper: &Keeper,
    user: UserId,
    handout: &Handout,
) -> Result<Handed, StoreError> {
    let (name, login_id, email): (String, String, Option<String>) = users::table
        .find(user.0)
        .filter(users::deleted_at.is_null())
        .select((users::name, users::login_id, users::email))
        .first(tx.conn)?;
    let life = handout.reason.life();
    insert(tx, LinkKind::Password, Some(user), &handout.hash, life)?;
    mail::withdraw(tx, user)?;
    let handed = match email.filter(|_| handout.by_mail) {
        Some(email) => {
            let reason = handout.reason;
            let letter = reason.letter(&handout.install, &login_id, &handout.link);
            let ends = tx.now.plus(life);
            mail::post(tx, keeper, user, &email, &letter, ends)?;
            Handed::Mailed(email)
        }
        None => Handed::Shown(handout.link.clone()),
    };
    let mut entry = Entry::new("user.reset_link", "user", Some(user.0), name)
        .after("reason", handout.reason.word());
    if let Handed::Mailed(to) = &handed {
        entry = entry.after("to", to.as_str());
    }
    tx.audit(entry)?;
    Ok(handed)
}
