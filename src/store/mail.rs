//! The queue of letters: written with what they are about, sent by the job of whichever node has its lease.

use super::connection::Conn;
use super::error::StoreError;
use super::keeper::Keeper;
use super::schema::{mail_queue, users};
use super::setting;
use super::tx::Tx;
use crate::domain::audit::Entry;
use crate::domain::ids::UserId;
use crate::domain::mail::{FROM, HOST, Letter, MailServer, PASSWORD, PORT, SECURITY, USER};
use crate::domain::sealed::SealingKey;
use crate::domain::time::{HOUR, SECOND, Timestamp};
use diesel::prelude::*;
use serde_json::json;
use std::collections::HashMap;

/// The first pause after a failure; it doubles.
const FIRST_PAUSE: i64 = 15 * SECOND;
const LONGEST_PAUSE: i64 = HOUR;

/// The names of the settings of the mail server.
const NAMES: [&str; 6] = [HOST, PORT, SECURITY, USER, PASSWORD, FROM];

/// A letter that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub id: i64,
    pub user: UserId,
    pub recipient: String,
    pub created_at: Timestamp,
    /// Sealed for [`place`].
    letter: String,
    tries: i32,
}

/// The letters that wait: all, or those to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    pub letters: i64,
    /// The oldest was written.
    pub since: Timestamp,
    pub failure: Option<Failure>,
}

/// What the last try came to, if it failed; it names no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub at: Timestamp,
    pub why: String,
}

/// How long to wait after so many failures.
pub fn pause(tries: i32) -> i64 {
    (FIRST_PAUSE << tries.clamp(1, 16).saturating_sub(1)).min(LONGEST_PAUSE)
}

/// Puts a letter into the queue; it is given up at `expires_at`.
pub fn post(
    tx: &mut Tx<'_>,
    keeper: &Keeper,
    user: UserId,
    recipient: &str,
    letter: &Letter,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let key = keeper.sealing(tx)?;
    let sealed = sealed(&key, user.0, letter)?;
    diesel::insert_into(mail_queue::table)
        .values((
            mail_queue::user_id.eq(user.0),
            mail_queue::recipient.eq(recipient),
            mail_queue::letter.eq(sealed),
            mail_queue::created_at.eq(tx.now.0),
            mail_queue::expires_at.eq(expires_at.0),
            mail_queue::tries.eq(0),
            mail_queue::next_try_at.eq(tx.now.0),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn place(user: UserId) -> String {
    format!("mail:{}", user.0)
}

/// A letter as it waits.
pub(super) fn sealed(key: &SealingKey, user: i64, letter: &Letter) -> Result<String, StoreError> {
    let text = json!([letter.subject, letter.body]).to_string();
    key.seal(text.as_bytes(), &place(UserId(user)))
        .map_err(StoreError::broken)
}

/// Whether a letter is due: asked often, since most of the time none is.
pub fn is_due(conn: &mut Conn, now: Timestamp) -> Result<bool, StoreError> {
    let first: Option<i64> = mail_queue::table
        .filter(mail_queue::next_try_at.le(now.0))
        .select(mail_queue::id)
        .limit(1)
        .first(conn)
        .optional()?;
    Ok(first.is_some())
}

/// Takes the letter that has waited longest, for the caller to send. It is due again after a pause, in case
/// the caller does not come back; those past their time are given up.
pub fn take(tx: &mut Tx<'_>) -> Result<Option<Waiting>, StoreError> {
    give_up_expired(tx)?;
    let row: Option<(i64, i64, String, i64, String, i32)> = mail_queue::table
        .filter(mail_queue::next_try_at.le(tx.now.0))
        .order((mail_queue::next_try_at, mail_queue::id))
        .select((
            mail_queue::id,
            mail_queue::user_id,
            mail_queue::recipient,
            mail_queue::created_at,
            mail_queue::letter,
            mail_queue::tries,
        ))
        .first(tx.conn)
        .optional()?;
    let Some((id, user, recipient, created_at, letter, tries)) = row else {
        return Ok(None);
    };
    let tries = tries.saturating_add(1);
    diesel::update(mail_queue::table.find(id))
        .set((
            mail_queue::tries.eq(tries),
            mail_queue::next_try_at.eq(tx.now.plus(pause(tries)).0),
        ))
        .execute(tx.conn)?;
    Ok(Some(Waiting {
        id,
        user: UserId(user),
        recipient,
        created_at: Timestamp(created_at),
        letter,
        tries,
    }))
}

impl Waiting {
    /// What it says.
    ///
    /// # Errors
    /// When the key that it was sealed with is not here.
    pub fn letter(&self, keeper: &Keeper) -> Result<Letter, StoreError> {
        let text = keeper.open(&self.letter, &place(self.user))?;
        let (subject, body) = serde_json::from_slice(&text).map_err(StoreError::broken)?;
        Ok(Letter { subject, body })
    }

    pub fn tries(&self) -> i32 {
        self.tries
    }
}

/// The server has taken it.
pub fn sent(tx: &mut Tx<'_>, waiting: &Waiting) -> Result<(), StoreError> {
    leave(tx, waiting, "mail.sent")
}

/// The server will never take it.
pub fn rejected(tx: &mut Tx<'_>, waiting: &Waiting) -> Result<(), StoreError> {
    leave(tx, waiting, "mail.rejected")
}

/// Not this time; it stays where it is.
pub fn failed(tx: &mut Tx<'_>, waiting: &Waiting, why: &str) -> Result<(), StoreError> {
    // The server's words may repeat to whom the letter goes, which not everybody who reads them may see.
    let why = why.replace(&waiting.recipient, "the address");
    diesel::update(mail_queue::table.find(waiting.id))
        .set((
            mail_queue::failed_at.eq(Some(tx.now.0)),
            mail_queue::failure.eq(Some(why)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What waits to be sent, to everyone or to one person; `None` for nothing.
pub fn queue(
    conn: &mut Conn,
    to: Option<UserId>,
    now: Timestamp,
) -> Result<Option<Queue>, StoreError> {
    let (first, last) = to.map_or((0, i64::MAX), |user| (user.0, user.0));
    let waiting = mail_queue::table
        .filter(mail_queue::user_id.between(first, last))
        .filter(mail_queue::expires_at.gt(now.0));
    let (letters, since): (i64, Option<i64>) = waiting
        .select((
            diesel::dsl::count(mail_queue::id),
            diesel::dsl::min(mail_queue::created_at),
        ))
        .first(conn)?;
    let Some(since) = since else { return Ok(None) };
    let failure: Option<(Option<i64>, Option<String>)> = waiting
        .filter(mail_queue::failed_at.is_not_null())
        .order(mail_queue::failed_at.desc())
        .select((mail_queue::failed_at, mail_queue::failure))
        .first(conn)
        .optional()?;
    let failure = failure.and_then(|(at, why)| {
        Some(Failure {
            at: Timestamp(at?),
            why: why?,
        })
    });
    Ok(Some(Queue {
        letters,
        since: Timestamp(since),
        failure,
    }))
}

/// Takes away what waits for a person: the links in it have ended.
pub(super) fn withdraw(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    diesel::delete(mail_queue::table.filter(mail_queue::user_id.eq(user.0))).execute(tx.conn)?;
    Ok(())
}

fn leave(tx: &mut Tx<'_>, waiting: &Waiting, action: &'static str) -> Result<(), StoreError> {
    diesel::delete(mail_queue::table.find(waiting.id)).execute(tx.conn)?;
    note(tx, action, waiting.user, &waiting.recipient)
}

fn give_up_expired(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let late: Vec<(i64, i64, String)> = mail_queue::table
        .filter(mail_queue::expires_at.le(tx.now.0))
        .select((mail_queue::id, mail_queue::user_id, mail_queue::recipient))
        .load(tx.conn)?;
    for (id, user, recipient) in late {
        diesel::delete(mail_queue::table.find(id)).execute(tx.conn)?;
        note(tx, "mail.given_up", UserId(user), &recipient)?;
    }
    Ok(())
}

fn note(
    tx: &mut Tx<'_>,
    action: &'static str,
    user: UserId,
    recipient: &str,
) -> Result<(), StoreError> {
    let name: Option<String> = users::table
        .find(user.0)
        .select(users::name)
        .first(tx.conn)
        .optional()?;
    let name = name.unwrap_or_default();
    tx.audit(Entry::new(action, "user", Some(user.0), name).after("to", recipient))
}

/// What the settings hold, for [`MailServer::stored`].
pub fn server_words(conn: &mut Conn) -> Result<HashMap<String, String>, StoreError> {
    let mut words = HashMap::new();
    for name in NAMES {
        if let Some(word) = setting::find(conn, name)? {
            words.insert(name.to_owned(), word);
        }
    }
    Ok(words)
}

/// Sets the mail server, or none. Letters that wait are tried at once.
///
/// # Errors
/// `Stale` when it is not as it was when the form was opened.
pub fn set_server(
    tx: &mut Tx<'_>,
    was: Option<&MailServer>,
    wanted: Option<&MailServer>,
) -> Result<(), StoreError> {
    let now = MailServer::stored(&server_words(tx.conn)?);
    if now.as_ref() != was {
        return Err(StoreError::Stale);
    }
    if now.as_ref() == wanted {
        return Ok(());
    }
    match wanted {
        Some(server) => {
            for (name, word) in server.words() {
                setting::put(tx, name, &word)?;
            }
        }
        None => {
            for name in NAMES {
                setting::put(tx, name, "")?;
            }
        }
    }
    diesel::update(mail_queue::table)
        .set(mail_queue::next_try_at.eq(tx.now.0))
        .execute(tx.conn)?;
    let mut entry = Entry::new("settings.mail", "setting", None, "Mail server");
    for (side, server) in [(&mut entry.before, was), (&mut entry.after, wanted)] {
        for (name, word) in server.map(MailServer::words).into_iter().flatten() {
            let said = match name {
                // Whether there is one, never what it is.
                PASSWORD => (!word.is_empty()).into(),
                _ => word.into(),
            };
            side.insert(name.to_owned(), said);
        }
    }
    tx.audit(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_stay_within_an_hour() {
        assert_eq!(pause(1), 15 * SECOND);
        assert_eq!(pause(2), 30 * SECOND);
        assert_eq!(pause(9), LONGEST_PAUSE);
        assert_eq!(pause(i32::MAX), LONGEST_PAUSE);
    }
}
