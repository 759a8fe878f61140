//! What these records hold alone: names, numbers and transfer codes.

use super::read;
use crate::domain::install::Install;
use crate::domain::routing::{Field, Noun, Values};
use crate::domain::text::Name;
use crate::domain::time::HOUR;
use crate::store::claim::{self, DIAL};
use crate::store::error::{Owner, StoreError, Taken};
use crate::store::schema::claims;
use crate::store::setting;
use crate::store::tx::Tx;
use diesel::prelude::*;

/// The kind of claim on what a record is called by.
pub(super) fn title_kind(noun: Noun) -> &'static str {
    match noun {
        Noun::Department => "department_name",
        Noun::Ivr => "ivr_name",
        Noun::CallerId => "caller_id",
    }
}

/// Takes the unique values that are new and lets go of those that were.
///
/// # Errors
/// `Taken` when another record has one.
pub(super) fn change(
    tx: &mut Tx<'_>,
    noun: Noun,
    id: i64,
    before: &Values,
    after: &Values,
) -> Result<(), StoreError> {
    let owner = noun.word();
    if after.get(noun.title()).is_some() {
        let (old, new) = (before.text(noun.title()), after.text(noun.title()));
        let (old, new) = (old.map(Name::claim_of), new.map(Name::claim_of));
        if let Some(old) = old.filter(|old| Some(old) != new.as_ref()) {
            claim::release(tx, title_kind(noun), &old, owner, id)?;
        }
        if let Some(new) = new {
            take_title(tx, noun, id, &new)?;
        }
    }
    if after.get(Field::TransferCode).is_some() {
        let (old, new) = (
            before.text(Field::TransferCode),
            after.text(Field::TransferCode),
        );
        if let Some(old) = old.filter(|old| Some(*old) != new) {
            claim::release(tx, DIAL, old, owner, id)?;
        }
        if let Some(new) = new {
            claim::take_number(tx, new, owner, id)?;
        }
    }
    Ok(())
}

fn take_title(tx: &mut Tx<'_>, noun: Noun, id: i64, form: &str) -> Result<(), StoreError> {
    // Records from before there were claims hold theirs by being there.
    let twin = read::titles(tx.conn, noun)?
        .into_iter()
        .find(|(other, title)| *other != id && Name::claim_of(title) == form);
    if let Some((other, _)) = twin {
        return Err(StoreError::Taken(Taken {
            kind: title_kind(noun).to_owned(),
            value: form.to_owned(),
            owner: Some(Owner {
                kind: noun.word().to_owned(),
                id: other,
            }),
        }));
    }
    claim::take(tx, title_kind(noun), form, noun.word(), id)
}

/// Of a record that goes: its code stays its own until the quarantine ends, its name is free at once.
pub(super) fn hold(
    tx: &mut Tx<'_>,
    noun: Noun,
    id: i64,
    values: &Values,
) -> Result<(), StoreError> {
    let words = setting::all(tx.conn)?;
    let install = Install::from_words(&words).map_err(StoreError::broken)?;
    let until = tx.now.plus(i64::from(install.quarantine_days) * 24 * HOUR);
    diesel::update(
        claims::table
            .filter(claims::owner_kind.eq(noun.word()))
            .filter(claims::owner_id.eq(id))
            .filter(claims::kind.eq(DIAL)),
    )
    .set(claims::held_until.eq(until.0))
    .execute(tx.conn)?;
    if let Some(title) = values.text(noun.title()) {
        let form = Name::claim_of(title);
        claim::release(tx, title_kind(noun), &form, noun.word(), id)?;
    }
    Ok(())
}
