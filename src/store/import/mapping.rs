//! What somebody said the columns of a file mean, remembered for the next file with the same head, and for its
//! failed rows when they come back corrected. What each column means holds for everybody; that unknown ones are
//! to be left out is remembered for the same person only: nobody else, and no program, said so.

use super::Import;
use crate::domain::audit::{Actor, ActorKind};
use crate::domain::import::{Head, Mapping, error_head};
use crate::domain::secret::SecretHash;
use crate::domain::time::{HOUR, Timestamp};
use crate::store::connection::{Conn, on_each};
use crate::store::error::StoreError;
use crate::store::schema::import_mappings;
use crate::store::tx::Tx;
use diesel::prelude::*;
use diesel::upsert::excluded;

/// What was not used for so long is forgotten.
const KEPT: i64 = 400 * 24 * HOUR;

/// The names of a head in its order, upper and lower case alike.
fn key(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    SecretHash::of(&names.join("\u{1f}")).hex()
}

/// The same for one person's own choices; none for whoever is no person.
fn own_key(names: &[&str], by: &Actor) -> Option<String> {
    match by.kind {
        ActorKind::User => {
            let owner = format!("\u{1e}{}", by.id?);
            Some(key(&[names, &[owner.as_str()]].concat()))
        }
        ActorKind::Shell | ActorKind::System | ActorKind::Token => None,
    }
}

/// What was chosen for a file with this head the last time, as far as it holds for them.
pub fn find(conn: &mut Conn, head: &Head, by: &Actor) -> Result<Option<Mapping>, StoreError> {
    let names: Vec<&str> = head.own_names().collect();
    let own = match own_key(&names, by) {
        Some(key) => read(conn, &key)?,
        None => None,
    };
    if own.is_some() {
        return Ok(own);
    }
    let shared = read(conn, &key(&names))?;
    Ok(shared.map(|mapping| mapping.without_switch()))
}

fn read(conn: &mut Conn, key: &str) -> Result<Option<Mapping>, StoreError> {
    let text: Option<String> = import_mappings::table
        .find(key)
        .select(import_mappings::mapping)
        .first(conn)
        .optional()?;
    // What another version wrote is as good as nothing.
    Ok(text.and_then(|text| Mapping::from_json(&text).ok()))
}

/// Remembers what was chosen for a planned file, if anything was: for its head, and for that of its file of errors,
/// which has columns more when there are defaults.
pub(super) fn remember(tx: &mut Tx<'_>, import: &Import) -> Result<(), StoreError> {
    let Some(found) = &import.found else {
        return Ok(());
    };
    let mapping = &import.asked.mapping;
    let shared = mapping.clone().without_switch();
    let own: Vec<&str> = found.head.own_names().collect();
    let errors = error_head(&found.head, &import.options);
    let heads = match own == errors {
        true => vec![own],
        false => vec![own, errors],
    };
    for names in heads {
        if shared != Mapping::default() {
            put(tx, &key(&names), &shared)?;
        }
        match own_key(&names, &import.by) {
            Some(key) if mapping.ignore_unknown => put(tx, &key, mapping)?,
            // Not any more.
            Some(key) => {
                diesel::delete(import_mappings::table.find(key)).execute(tx.conn)?;
            }
            None => {}
        }
    }
    Ok(())
}

fn put(tx: &mut Tx<'_>, key: &str, mapping: &Mapping) -> Result<(), StoreError> {
    let row = (
        import_mappings::head.eq(key),
        import_mappings::mapping.eq(mapping.to_json()),
        import_mappings::used_at.eq(tx.now.0),
    );
    on_each!(&mut *tx.conn, |c| diesel::insert_into(
        import_mappings::table
    )
    .values(row)
    .on_conflict(import_mappings::head)
    .do_update()
    .set((
        import_mappings::mapping.eq(excluded(import_mappings::mapping)),
        import_mappings::used_at.eq(excluded(import_mappings::used_at)),
    ))
    .execute(c))?;
    Ok(())
}

pub(super) fn forget(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    let old = import_mappings::used_at.lt(now.plus(-KEPT).0);
    diesel::delete(import_mappings::table.filter(old)).execute(tx.conn)?;
    Ok(())
}
