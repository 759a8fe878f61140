//! Who holds a value that must be unique: login ids, emails, employee ids, numbers to dial.

use super::connection::Conn;
use super::error::{StoreError, Taken};
use super::schema::claims;
use super::tx::Tx;
use diesel::prelude::*;

/// Takes a value for an owner, in the transaction that writes the owner.
///
/// # Errors
/// `Taken` when someone else holds it, or held it and the quarantine has not ended.
pub fn take(
    tx: &mut Tx<'_>,
    kind: &str,
    value: &str,
    owner_kind: &str,
    owner_id: i64,
) -> Result<(), StoreError> {
    let now = tx.now.0;
    let ended = claims::held_until.le(now);
    diesel::delete(claims::table.find((kind, value)).filter(ended)).execute(tx.conn)?;
    if holder(tx.conn, kind, value)?
        .is_some_and(|holder| holder != (owner_kind.to_owned(), owner_id))
    {
        return Err(StoreError::Taken(Taken {
            kind: kind.to_owned(),
            value: value.to_owned(),
        }));
    }
    diesel::delete(claims::table.find((kind, value))).execute(tx.conn)?;
    diesel::insert_into(claims::table)
        .values((
            claims::kind.eq(kind),
            claims::value.eq(value),
            claims::owner_kind.eq(owner_kind),
            claims::owner_id.eq(owner_id),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn holder(conn: &mut Conn, kind: &str, value: &str) -> Result<Option<(String, i64)>, StoreError> {
    Ok(claims::table
        .find((kind, value))
        .select((claims::owner_kind, claims::owner_id))
        .first(conn)
        .optional()?)
}
