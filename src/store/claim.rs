//! Who holds a value that must be unique: login ids, emails, employee ids, numbers to dial.

use super::connection::Conn;
use super::error::{Owner, StoreError, Taken};
use super::schema::claims;
use super::tx::Tx;
use crate::domain::number_plan;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// The kind of everything that can be dialled inside: it is checked as one plan.
pub const DIAL: &str = "dial";

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
    if let Some(owner) = holder(tx.conn, kind, value)?
        && (owner.kind.as_str(), owner.id) != (owner_kind, owner_id)
    {
        return Err(taken(kind, value, Some(owner)));
    }
    diesel::delete(claims::table.find((kind, value))).execute(tx.conn)?;
    diesel::insert_into(claims::table)
        .values((
            claims::kind.eq(kind),
            claims::value.eq(value),
            claims::owner_kind.eq(owner_kind),
            claims::owner_id.eq(owner_id),
        ))
        .execute(tx.conn)
        .map_err(|error| match error {
            // Another node took it at the same moment.
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
                taken(kind, value, None)
            }
            error => error.into(),
        })?;
    Ok(())
}

/// Takes a number that can be dialled, unless it could be mistaken for another one.
///
/// # Errors
/// `Taken` with the number that it collides with.
pub fn take_number(
    tx: &mut Tx<'_>,
    number: &str,
    owner_kind: &str,
    owner_id: i64,
) -> Result<(), StoreError> {
    type Row = (String, String, i64, Option<i64>);
    // Whatever the database's order of signs, numbers that begin with this one are in between.
    let after = format!("{number}999999999");
    let mut near: Vec<Row> = claims::table
        .filter(claims::kind.eq(DIAL))
        .filter(claims::value.between(number, after))
        .select(ROW)
        .load(tx.conn)?;
    for end in 1..number.len() {
        let shorter: Option<Row> = claims::table
            .find((DIAL, number.get(..end).unwrap_or(number)))
            .select(ROW)
            .first(tx.conn)
            .optional()?;
        near.extend(shorter);
    }
    let now = tx.now.0;
    let others = near
        .into_iter()
        .filter(|(_, _, _, until)| until.is_none_or(|until| until > now))
        .filter(|(_, kind, id, _)| (kind.as_str(), *id) != (owner_kind, owner_id));
    for (value, kind, id, _) in others {
        if number_plan::is_ambiguous(number, &value) {
            return Err(taken(DIAL, &value, Some(Owner { kind, id })));
        }
    }
    take(tx, DIAL, number, owner_kind, owner_id)
}

const ROW: (
    claims::value,
    claims::owner_kind,
    claims::owner_id,
    claims::held_until,
) = (
    claims::value,
    claims::owner_kind,
    claims::owner_id,
    claims::held_until,
);

/// Lets go of a value that its owner does not have any more.
pub fn release(
    tx: &mut Tx<'_>,
    kind: &str,
    value: &str,
    owner_kind: &str,
    owner_id: i64,
) -> Result<(), StoreError> {
    let mine = claims::table
        .find((kind, value))
        .filter(claims::owner_kind.eq(owner_kind))
        .filter(claims::owner_id.eq(owner_id));
    diesel::delete(mine).execute(tx.conn)?;
    Ok(())
}

fn taken(kind: &str, value: &str, owner: Option<Owner>) -> StoreError {
    StoreError::Taken(Taken {
        kind: kind.to_owned(),
        value: value.to_owned(),
        owner,
    })
}

fn holder(conn: &mut Conn, kind: &str, value: &str) -> Result<Option<Owner>, StoreError> {
    let found: Option<(String, i64)> = claims::table
        .find((kind, value))
        .select((claims::owner_kind, claims::owner_id))
        .first(conn)
        .optional()?;
    Ok(found.map(|(kind, id)| Owner { kind, id }))
}
