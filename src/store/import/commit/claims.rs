//! Values that only one record may have, of many new people at once: which of them are taken, by the rules of
//! `store::claim`, in a few statements.

use super::context::{Context, Memo};
use super::lookup::claimed;
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::number_plan::{is_ambiguous, reserved};
use crate::domain::text::{EmployeeId, LoginId};
use crate::store::claim::{self, DIAL};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::claims;
use crate::store::tx::Tx;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

/// Values in one statement.
const AT_ONCE: usize = 1_000;

/// A value that somebody new is to have.
#[derive(Clone, Debug)]
pub(super) struct Want {
    pub field: Field,
    pub kind: &'static str,
    pub value: String,
    /// Whose, by place in the list of new people.
    pub whose: usize,
}

/// A value that somebody new can't have.
#[derive(Clone, Debug)]
pub(super) struct InUse {
    pub field: Field,
    pub value: String,
}

impl fmt::Display for InUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} is already in use.",
            self.field.label(),
            self.value
        )
    }
}

impl Want {
    fn in_use(&self) -> InUse {
        InUse {
            field: self.field,
            value: self.value.clone(),
        }
    }
}

/// How long the numbers of agents are: all alike, unless the length was changed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lengths {
    lengths: BTreeSet<usize>,
    /// The install's setting when they were read: numbers that come since have it.
    setting: u8,
}

/// What someone new wants.
pub(super) fn wants(whose: usize, values: &Values) -> impl Iterator<Item = Want> {
    let text = |field: Field| match values.get(field) {
        Some(Value::Text(Some(text))) => Some(text.clone()),
        Some(_) | None => None,
    };
    let login_id = |id: String| LoginId::claim_of(&id);
    let employee_id = |id: String| EmployeeId::claim_of(&id);
    let wanted = [
        (
            Field::Username,
            "login_id",
            text(Field::Username).map(login_id),
        ),
        (Field::Email, "email", text(Field::Email)),
        (
            Field::EmployeeId,
            "employee_id",
            text(Field::EmployeeId).map(employee_id),
        ),
        (Field::IntercomNumber, DIAL, text(Field::IntercomNumber)),
    ];
    wanted.into_iter().filter_map(move |(field, kind, value)| {
        let value = value?;
        Some(Want {
            field,
            kind,
            value,
            whose,
        })
    })
}

/// Those of the wanted values that can't be had, by person. Claims whose time is over are removed.
pub(super) fn taken(
    tx: &mut Tx<'_>,
    context: &Context,
    memo: &mut Memo,
    wanted: &[Want],
) -> Result<HashMap<usize, InUse>, StoreError> {
    let mut taken = HashMap::new();
    for kind in ["login_id", "email", "employee_id", DIAL] {
        let of_kind: Vec<&Want> = wanted.iter().filter(|want| want.kind == kind).collect();
        let values: Vec<&str> = of_kind.iter().map(|want| want.value.as_str()).collect();
        let held = held(tx, kind, &values)?;
        for want in of_kind.iter().filter(|want| held.contains(&want.value)) {
            taken.insert(want.whose, want.in_use());
        }
    }
    let numbers: Vec<&Want> = wanted.iter().filter(|want| want.kind == DIAL).collect();
    if !numbers.is_empty() {
        ambiguous(tx, context, memo, &numbers, &mut taken)?;
    }
    Ok(taken)
}

/// The values of a kind that somebody holds.
fn held(
    tx: &mut Tx<'_>,
    kind: &'static str,
    values: &[&str],
) -> Result<HashSet<String>, StoreError> {
    let (over, there): (Vec<_>, Vec<_>) = claimed(tx.conn, kind, values)?
        .into_iter()
        .partition(|(_, until)| until.is_some_and(|until| until <= tx.now.0));
    for over in over.chunks(AT_ONCE) {
        let ended = claims::table
            .filter(claims::kind.eq(kind))
            .filter(claims::value.eq_any(over.iter().map(|(value, _)| value)));
        diesel::delete(ended).execute(tx.conn)?;
    }
    Ok(there.into_iter().map(|(value, _)| value).collect())
}

/// Numbers that could be mistaken for others.
fn ambiguous(
    tx: &mut Tx<'_>,
    context: &Context,
    memo: &mut Memo,
    numbers: &[&Want],
    taken: &mut HashMap<usize, InUse>,
) -> Result<(), StoreError> {
    let install = &context.install;
    let others = numbers_of_records(tx.conn)?;
    let lengths = lengths(tx.conn, memo, install.intercom_length)?;
    let mut shorter: Vec<&str> = Vec::new();
    for want in numbers {
        let value = want.value.as_str();
        let clashes = reserved(value, install.region, &install.codes).is_some()
            || others.iter().any(|other| is_ambiguous(value, other));
        if clashes {
            taken.insert(want.whose, want.in_use());
        }
        let begins = lengths.iter().filter(|length| **length < value.len());
        shorter.extend(begins.filter_map(|length| value.get(..*length)));
    }
    shorter.sort_unstable();
    shorter.dedup();
    let held = held(tx, DIAL, &shorter)?;
    for want in numbers {
        let begins = |other: &String| want.value.starts_with(other.as_str());
        let mut clashes = held.iter().any(begins);
        if lengths.iter().any(|length| *length > want.value.len()) {
            clashes |= claim::collision(tx, &want.value, "user", 0)?.is_some();
        }
        if clashes {
            taken.insert(want.whose, want.in_use());
        }
    }
    Ok(())
}

/// Transfer codes and the like: few, and of any length.
fn numbers_of_records(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    // In these very words the index of such claims is defined; with a bind value SQLite would not take it.
    let not_of_users = sql::<Bool>("owner_kind <> 'user'");
    Ok(claims::table
        .filter(not_of_users)
        .filter(claims::kind.eq(DIAL))
        .select(claims::value)
        .load(conn)?)
}

fn lengths(conn: &mut Conn, memo: &mut Memo, setting: u8) -> Result<BTreeSet<usize>, StoreError> {
    if let Some(known) = memo
        .lengths
        .as_ref()
        .filter(|known| known.setting == setting)
    {
        return Ok(known.lengths.clone());
    }
    let found: Vec<i64> = claims::table
        .filter(claims::kind.eq(DIAL))
        .filter(claims::owner_kind.eq("user"))
        .select(sql::<BigInt>("CAST(length(value) AS BIGINT)"))
        .distinct()
        .load(conn)?;
    let found = found
        .into_iter()
        .filter_map(|length| usize::try_from(length).ok());
    let lengths: BTreeSet<usize> = found.chain([usize::from(setting)]).collect();
    memo.lengths = Some(Lengths {
        lengths: lengths.clone(),
        setting,
    });
    Ok(lengths)
}
