//! Makes a department, an IVR or a caller id, with its claims and members.

use super::names::{Moved, Names};
use super::undo::RoutingAct;
use super::{claims, kind, require_everything, write};
use crate::domain::audit::Entry;
use crate::domain::role::Scope;
use crate::domain::routing::{Noun, RingStrategy, Values};
use crate::store::error::StoreError;
use crate::store::schema::{audit_entries, caller_ids, departments, ivrs};
use crate::store::tx::Tx;
use diesel::prelude::*;

/// A record that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    pub id: i64,
    pub operation: String,
    /// The same form was sent before: nothing was made this time.
    pub again: bool,
}

/// Seconds that a member rings, where nobody says.
const USUAL_TIMEOUT: i32 = 20;

/// Makes a record. `once` names the form: sent twice, it makes one.
///
/// # Errors
/// `NotFound` when the scope is not everything, `Taken` when a unique value is in use, `Stale` when something
/// chosen is gone, `Broken` without a field that the noun needs.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    noun: Noun,
    once: Option<String>,
    values: &Values,
) -> Result<Created, StoreError> {
    require_everything(scope)?;
    let action = RoutingAct::create_action(noun);
    if let Some(once) = once {
        tx.operation = once;
        if let Some(id) = made_before(tx, action)? {
            return Ok(Created {
                id,
                operation: tx.operation.clone(),
                again: true,
            });
        }
    }
    for field in noun.required() {
        if values.text(*field).is_none() {
            return Err(StoreError::broken(format!("no {}", field.word())));
        }
    }
    let nothing = Values::default();
    let moved = Moved::of(&nothing, values);
    let names = Names::read(tx.conn, &nothing, values, &moved)?;
    let id = insert(tx, noun)?;
    claims::change(tx, noun, id, &nothing, values)?;
    write::columns(tx, noun, id, 1, values)?;
    if let Some(members) = values.members() {
        write::members(tx, id, &[], members, &moved)?;
    }
    tx.touch(kind(noun), id);
    let title = values.text(noun.title()).unwrap_or_default();
    let mut entry = Entry::new(action, noun.word(), Some(id), title).version(1);
    entry.after = names.fields(values);
    tx.audit(entry)?;
    Ok(Created {
        id,
        operation: tx.operation.clone(),
        again: false,
    })
}

fn made_before(tx: &mut Tx<'_>, action: &str) -> Result<Option<i64>, StoreError> {
    tx.write_audit()?;
    let made: Option<Option<i64>> = audit_entries::table
        .filter(audit_entries::operation.eq(&tx.operation))
        .filter(audit_entries::action.eq(action))
        .select(audit_entries::subject_id)
        .first(tx.conn)
        .optional()?;
    Ok(made.flatten())
}

/// The row as it is before anything is said; the rest follows as in any change.
fn insert(tx: &mut Tx<'_>, noun: Noun) -> Result<i64, StoreError> {
    let now = tx.now.0;
    Ok(match noun {
        Noun::Department => diesel::insert_into(departments::table)
            .values((
                departments::name.eq(""),
                departments::description.eq(""),
                departments::ring_strategy.eq(RingStrategy::Simultaneous.word()),
                departments::ring_timeout_seconds.eq(USUAL_TIMEOUT),
                departments::wrap_up_seconds.eq(0),
                departments::use_as_queue.eq(false),
                departments::created_at.eq(now),
                departments::updated_at.eq(now),
                departments::version.eq(1_i64),
            ))
            .returning(departments::id)
            .get_result(tx.conn)?,
        Noun::Ivr => diesel::insert_into(ivrs::table)
            .values((
                ivrs::name.eq(""),
                ivrs::transfer_code.eq(""),
                ivrs::target.eq(""),
                ivrs::created_at.eq(now),
                ivrs::updated_at.eq(now),
                ivrs::version.eq(1_i64),
            ))
            .returning(ivrs::id)
            .get_result(tx.conn)?,
        Noun::CallerId => diesel::insert_into(caller_ids::table)
            .values((
                caller_ids::number.eq(""),
                caller_ids::label.eq(""),
                caller_ids::target_kind.eq("nowhere"),
                caller_ids::version.eq(1_i64),
            ))
            .returning(caller_ids::id)
            .get_result(tx.conn)?,
    })
}
