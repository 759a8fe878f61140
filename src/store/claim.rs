//! Who holds a value that must be unique: login ids, emails, employee ids, numbers to dial.

use super::connection::Conn;
use super::error::{Owner, StoreError, Taken};
use super::schema::claims;
use super::setting;
use super::tx::Tx;
use crate::domain::install::Install;
use crate::domain::number_plan;
use crate::domain::time::Timestamp;
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

/// Who holds a value at this moment, or held it within the quarantine: to tell before anything is written.
pub fn held(
    conn: &mut Conn,
    kind: &str,
    value: &str,
    now: Timestamp,
) -> Result<Option<Taken>, StoreError> {
    let found: Option<(String, i64, Option<i64>)> = claims::table
        .find((kind, value))
        .select((claims::owner_kind, claims::owner_id, claims::held_until))
        .first(conn)
        .optional()?;
    let found = found.filter(|(_, _, until)| until.is_none_or(|until| until > now.0));
    Ok(found.map(|(owner, id, _)| Taken {
        kind: kind.to_owned(),
        value: value.to_owned(),
        owner: Some(Owner { kind: owner, id }),
    }))
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
    if let Some(taken) = collision(tx, number, owner_kind, owner_id)? {
        return Err(StoreError::Taken(taken));
    }
    take(tx, DIAL, number, owner_kind, owner_id)
}

/// What a number could be mistaken for: an emergency number, a feature code, or a number of another record.
/// `owner` is a [`Reserved`] word and 0 where it is no record.
///
/// [`Reserved`]: crate::domain::number_plan::Reserved
pub fn collision(
    tx: &mut Tx<'_>,
    number: &str,
    owner_kind: &str,
    owner_id: i64,
) -> Result<Option<Taken>, StoreError> {
    let install = Install::from_words(&setting::all(tx.conn)?).map_err(StoreError::broken)?;
    if let Some((value, what)) = number_plan::reserved(number, install.region, &install.codes) {
        let kind = what.word().to_owned();
        return Ok(Some(Taken {
            kind: DIAL.to_owned(),
            value: value.to_owned(),
            owner: Some(Owner { kind, id: 0 }),
        }));
    }
    let now = tx.now.0;
    let other = near(tx.conn, number)?
        .into_iter()
        .filter(|(_, _, _, until)| until.is_none_or(|until| until > now))
        .filter(|(_, kind, id, _)| (kind.as_str(), *id) != (owner_kind, owner_id))
        .find(|(value, _, _, _)| number_plan::is_ambiguous(number, value));
    Ok(other.map(|(value, kind, id, _)| Taken {
        kind: DIAL.to_owned(),
        value,
        owner: Some(Owner { kind, id }),
    }))
}

/// Value, owner, and until when it is held.
type Row = (String, String, i64, Option<i64>);

/// The numbers that begin with this one, and those that it begins with.
fn near(conn: &mut Conn, number: &str) -> Result<Vec<Row>, StoreError> {
    // Whatever the database's order of signs, numbers that begin with this one are in between.
    let after = format!("{number}999999999");
    let mut near: Vec<Row> = claims::table
        .filter(claims::kind.eq(DIAL))
        .filter(claims::value.between(number, after))
        .select(ROW)
        .load(conn)?;
    for end in 1..number.len() {
        let shorter: Option<Row> = claims::table
            .find((DIAL, number.get(..end).unwrap_or(number)))
            .select(ROW)
            .first(conn)
            .optional()?;
        near.extend(shorter);
    }
    Ok(near)
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
