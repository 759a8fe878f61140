//! Invitations of an upload, sent with it where a mail server is set: a one-time link for each new web login, its
//! letter sealed in the queue, in the transaction that makes the user.

use super::context::{Context, Links};
use crate::domain::mail::LinkReason;
use crate::domain::secret::{self, SecretHash};
use crate::store::error::StoreError;
use crate::store::link::LinkKind;
use crate::store::mail;
use crate::store::schema::{mail_queue, one_time_links};
use crate::store::seed::{self, row};
use crate::store::tx::Tx;
use diesel::prelude::*;

/// Someone who is to choose a first password.
pub(super) struct Invited<'a> {
    pub user: i64,
    pub login_id: &'a str,
    pub email: &'a str,
}

#[derive(Insertable)]
#[diesel(table_name = one_time_links, treat_none_as_default_value = false)]
struct LinkRow {
    kind: &'static str,
    user_id: Option<i64>,
    hash: String,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = mail_queue, treat_none_as_default_value = false)]
struct LetterRow {
    user_id: i64,
    recipient: String,
    letter: String,
    created_at: i64,
    expires_at: i64,
    tries: i32,
    next_try_at: i64,
}

row! {
    LinkRow in one_time_links, 6;
    LetterRow in mail_queue, 7;
}

/// Posts the letters, if a mail server is set; without one the links are made when somebody downloads them.
pub(super) fn post(
    tx: &mut Tx<'_>,
    context: &Context,
    links: &Links,
    invited: &[Invited<'_>],
) -> Result<(), StoreError> {
    if context.install.mail.is_none() || invited.is_empty() {
        return Ok(());
    }
    let key = links.keeper.sealing(tx)?;
    let reason = LinkReason::Invitation;
    let ends = tx.now.plus(reason.life()).0;
    let mut rows = Vec::with_capacity(invited.len());
    let mut letters = Vec::with_capacity(invited.len());
    for one in invited {
        let token = secret::fresh("").map_err(StoreError::broken)?;
        let link = secret::password_link(&links.url, &token);
        let letter = reason.letter(&context.install.name, one.login_id, &link);
        rows.push(LinkRow {
            kind: LinkKind::Password.word(),
            user_id: Some(one.user),
            hash: SecretHash::of(&token).hex(),
            created_at: tx.now.0,
            expires_at: ends,
            used_at: None,
        });
        letters.push(LetterRow {
            user_id: one.user,
            recipient: one.email.to_owned(),
            letter: mail::sealed(&key, one.user, &letter)?,
            created_at: tx.now.0,
            expires_at: ends,
            tries: 0,
            next_try_at: tx.now.0,
        });
    }
    seed::insert(tx.conn, &rows)?;
    seed::insert(tx.conn, &letters)
}
