//! Numbers that `(auto)` chose when the plan was made and that somebody took since: the next free ones do as well, so
//! two people who upload at the same time are not in each other's way.

use super::claims::{InUse, Want, taken};
use super::context::{Context, Memo};
use super::create::Ready;
use super::{facets, lookup};
use crate::domain::agent_form::{Field, Value};
use crate::domain::import::{FreeNumbers, Unused};
use crate::store::claim::DIAL;
use crate::store::error::StoreError;
use crate::store::tx::Tx;
use std::collections::{HashMap, HashSet};

/// Numbers that are looked up together.
const AT_ONCE: usize = 256;

/// Where the search for free numbers goes on, from one piece of an upload to the next.
#[derive(Clone, Debug)]
pub(super) struct Supply {
    intercoms: FreeNumbers,
    /// Found free, and given to nobody yet.
    spare: Vec<String>,
    extension: u64,
}

impl Supply {
    /// Behind what the plan gave away. An intercom number that a later row of the file gives may be among those
    /// behind it: that row is a conflict then.
    pub fn new(context: &Context, unused: Unused) -> Self {
        let digits = usize::from(context.install.intercom_length);
        Self {
            intercoms: FreeNumbers::after(digits, unused.intercom),
            spare: Vec::new(),
            extension: unused.extension,
        }
    }
}

/// Gives other numbers to those who lack one that `(auto)` chose: they are in `gone` no more, unless something else of
/// them is taken too. Returns the extensions that are there and nobody's.
pub(super) fn choose_again(
    tx: &mut Tx<'_>,
    context: &Context,
    memo: &mut Memo,
    unused: Unused,
    ready: &mut [Ready],
    wanted: &mut [Want],
    gone: &mut HashMap<usize, InUse>,
) -> Result<HashSet<String>, StoreError> {
    let mut free = facets::free_extensions(tx, ready, gone)?;
    loop {
        let is_auto = |(at, in_use): (&usize, &InUse)| {
            let auto = ready[*at].draft.auto.contains(&in_use.field);
            auto.then_some((*at, in_use.field))
        };
        let mut again: Vec<(usize, Field)> = gone.iter().filter_map(is_auto).collect();
        if again.is_empty() {
            return Ok(free);
        }
        // In the order of the file.
        again.sort_unstable();
        let mut supply = match memo.supply.take() {
            Some(supply) => supply,
            None => Supply::new(context, unused),
        };
        for (at, field) in again {
            let number = match field {
                Field::IntercomNumber => intercom(tx, context, memo, &mut supply, wanted)?,
                _ => Some(extension(tx, &mut supply)?),
            };
            match number {
                Some(number) => give(&mut ready[at], at, field, number, wanted, gone),
                // None is left.
                None => ready[at].draft.auto.retain(|auto| *auto != field),
            }
        }
        memo.supply = Some(supply);
        let held = taken(tx, context, memo, wanted)?;
        gone.retain(|at, in_use| in_use.field == Field::Extension || held.contains_key(at));
        gone.extend(held);
        free = facets::free_extensions(tx, ready, gone)?;
    }
}

fn give(
    one: &mut Ready,
    at: usize,
    field: Field,
    number: String,
    wanted: &mut [Want],
    gone: &mut HashMap<usize, InUse>,
) {
    if let Some(in_use) = gone.remove(&at) {
        one.instead
            .push(format!("{in_use} It is {number} instead."));
    }
    let want = wanted
        .iter_mut()
        .find(|want| (want.whose, want.field) == (at, field));
    if let Some(want) = want {
        want.value.clone_from(&number);
    }
    one.values.set(field, Value::Text(Some(number)));
}

/// The next intercom number that nobody has, and nobody of this piece wants.
fn intercom(
    tx: &mut Tx<'_>,
    context: &Context,
    memo: &mut Memo,
    supply: &mut Supply,
    wanted: &[Want],
) -> Result<Option<String>, StoreError> {
    while supply.spare.is_empty() {
        let install = &context.install;
        let is_wanted = |number: &str| {
            let mut dialled = wanted.iter().filter(|want| want.kind == DIAL);
            dialled.any(|want| want.value == number)
        };
        let numbers = &mut supply.intercoms;
        let next = || numbers.next(install.region, &install.codes, is_wanted);
        let tried: Vec<String> = std::iter::from_fn(next).take(AT_ONCE).collect();
        if tried.is_empty() {
            return Ok(None);
        }
        let wants: Vec<Want> = (0..)
            .zip(&tried)
            .map(|(whose, number)| Want {
                field: Field::IntercomNumber,
                kind: DIAL,
                value: number.clone(),
                whose,
            })
            .collect();
        let taken = taken(tx, context, memo, &wants)?;
        let free = (0..).zip(tried).filter(|(at, _)| !taken.contains_key(at));
        // The lowest is taken off the end first.
        supply.spare = free.map(|(_, number)| number).collect();
        supply.spare.reverse();
    }
    Ok(supply.spare.pop())
}

/// The extension behind all that are plain numbers.
fn extension(tx: &mut Tx<'_>, supply: &mut Supply) -> Result<String, StoreError> {
    while lookup::is_extension(tx.conn, supply.extension)? {
        supply.extension = lookup::highest_extension(tx.conn)?.max(supply.extension) + 1;
    }
    supply.extension += 1;
    Ok((supply.extension - 1).to_string())
}
