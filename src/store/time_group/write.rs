//! Makes and changes time groups. Whether one is open now is written with it, so that it is right at once.

use super::clock::set_open;
use super::read::{Stored, whichever};
use super::undo::HoursAct;
use super::{KIND, NAME_CLAIM};
use crate::domain::audit::Entry;
use crate::domain::day_range::Day;
use crate::domain::ids::TimeGroupId;
use crate::domain::role::Scope;
use crate::domain::text::Name;
use crate::domain::time_group::{Change, Details, Field, Row, merge};
use crate::store::agent::history;
use crate::store::claim;
use crate::store::connection::{Conn, on_each};
use crate::store::edit;
use crate::store::error::StoreError;
use crate::store::operation;
use crate::store::schema::{time_group_holidays, time_group_rows, time_groups};
use crate::store::tx::Tx;
use diesel::prelude::*;

/// The action in the audit.
pub const CREATE: &str = "time_group.create";

/// A time group that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    pub id: TimeGroupId,
    pub operation: String,
    /// The same form was sent before: nothing was made this time.
    pub again: bool,
}

pub type Updated = edit::Updated<Field>;
pub type Basis = edit::Basis<Change>;
pub type Saved = edit::Saved<Field, Details>;
pub type Conflict = edit::Conflict<Field, Details>;

/// Makes a time group. `once` names the form: sent twice, it makes one.
///
/// # Errors
/// `Taken` when another has that name, `NotFound` for a scope of groups.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    once: Option<String>,
    change: &Change,
) -> Result<Created, StoreError> {
    require_everything(scope)?;
    if let Some(once) = once {
        tx.operation = once;
        if let Some(id) = operation::made(tx, CREATE)? {
            return Ok(Created {
                id: TimeGroupId(id),
                operation: tx.operation.clone(),
                again: true,
            });
        }
    }
    let details = change.applied_to(&Details::default());
    let id: i64 = diesel::insert_into(time_groups::table)
        .values((
            time_groups::name.eq(&details.name),
            time_groups::zone.eq(details.zone.name()),
            time_groups::always.eq(details.always),
            time_groups::open_now.eq(false),
            time_groups::version.eq(1_i64),
        ))
        .returning(time_groups::id)
        .get_result(tx.conn)?;
    let id = TimeGroupId(id);
    claim::take(tx, NAME_CLAIM, &Name::claim_of(&details.name), KIND, id.0)?;
    insert_rows(tx, id, &details)?;
    insert_holidays(tx, id, &details)?;
    set_open(tx, id, &details.hours())?;
    let mut entry = Entry::new(CREATE, KIND, Some(id.0), details.name.as_str()).version(1);
    entry.after = Change::whole(&details).written();
    tx.audit(entry)?;
    Ok(Created {
        id,
        operation: tx.operation.clone(),
        again: false,
    })
}

/// Writes a change if the time group still has the expected version (any, for `None`).
///
/// # Errors
/// `NotFound` when there is none or the scope is one of groups, `Stale` when it has another version,
/// `Taken` when another has that name. Nothing is written then.
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: TimeGroupId,
    expected: Option<i64>,
    change: &Change,
) -> Result<Updated, StoreError> {
    let stored = living(tx, scope, id)?;
    if expected.is_some_and(|version| version != stored.version) {
        return Err(StoreError::Stale);
    }
    write(tx, stored, change, &change.given)
}

/// Saves a form: where others changed other fields meanwhile, both stand.
///
/// # Errors
/// As [`update`], but a newer version alone is none.
pub fn save(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: TimeGroupId,
    basis: &Basis,
    change: &Change,
) -> Result<Saved, StoreError> {
    let stored = living(tx, scope, id)?;
    if basis.version == stored.version {
        let updated = write(tx, stored, change, &change.given)?;
        return Ok(Saved::Written(updated, Vec::new()));
    }
    tx.write_audit()?;
    let edits = history::of_record(tx.conn, KIND, "time_group.%", id.0, basis.version)?;
    let merged = merge(&basis.was, &stored.details, change);
    if merged.both.is_empty() {
        let updated = write(tx, stored, change, &merged.mine)?;
        return Ok(Saved::Written(updated, edits));
    }
    Ok(Saved::Conflict(Conflict {
        version: stored.version,
        now: stored.details,
        both: merged.both,
        edits,
    }))
}

/// Time groups are changed only with scope everything.
pub(super) fn require_everything(scope: &Scope) -> Result<(), StoreError> {
    match scope.is_all() {
        true => Ok(()),
        false => Err(StoreError::NotFound),
    }
}

/// One that is not deleted, kept from changes by other nodes until this write is done.
pub(super) fn living(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: TimeGroupId,
) -> Result<Stored, StoreError> {
    match locked(tx, scope, id)? {
        (stored, false) => Ok(stored),
        (_, true) => Err(StoreError::NotFound),
    }
}

/// The same, and whether it is deleted.
pub(super) fn locked(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: TimeGroupId,
) -> Result<(Stored, bool), StoreError> {
    require_everything(scope)?;
    if let Conn::Pg(c) = &mut *tx.conn {
        let row = time_groups::table.find(id.0).select(time_groups::id);
        let locked: Vec<i64> = row.for_no_key_update().load(c)?;
        debug_assert!(locked.len() <= 1);
    }
    whichever(tx.conn, id)?.ok_or(StoreError::NotFound)
}

/// Writes some fields of a change, with the audit; nothing at all when nothing differs.
fn write(
    tx: &mut Tx<'_>,
    stored: Stored,
    change: &Change,
    fields: &[Field],
) -> Result<Updated, StoreError> {
    let (updated, entry) = write_difference(tx, stored, change, fields)?;
    if let Some(entry) = entry {
        tx.audit(entry)?;
    }
    Ok(updated)
}

pub(super) fn write_difference(
    tx: &mut Tx<'_>,
    stored: Stored,
    change: &Change,
    fields: &[Field],
) -> Result<(Updated, Option<Entry>), StoreError> {
    let Stored {
        id,
        details: before,
        version,
    } = stored;
    let differs = |field: &Field| change.to.differs(&before, *field);
    let changed: Vec<Field> = fields.iter().copied().filter(differs).collect();
    let operation = tx.operation.clone();
    if changed.is_empty() {
        let updated = Updated {
            version,
            operation,
            changed,
        };
        return Ok((updated, None));
    }
    let given = |to: &Details| Change {
        to: to.clone(),
        given: changed.clone(),
    };
    let after = given(&change.to).applied_to(&before);
    columns(tx, id, version + 1, &before, &after)?;
    if changed.contains(&Field::Hours) {
        let old = time_group_rows::time_group_id.eq(id.0);
        diesel::delete(time_group_rows::table.filter(old)).execute(tx.conn)?;
        insert_rows(tx, id, &after)?;
    }
    if changed.contains(&Field::Holidays) {
        let old = time_group_holidays::time_group_id.eq(id.0);
        diesel::delete(time_group_holidays::table.filter(old)).execute(tx.conn)?;
        insert_holidays(tx, id, &after)?;
    }
    set_open(tx, id, &after.hours())?;
    let entry = Entry::new(
        HoursAct::Update.word(),
        KIND,
        Some(id.0),
        after.name.as_str(),
    );
    let entry = Entry {
        before: given(&before).written(),
        after: given(&after).written(),
        ..entry.version(version + 1)
    };
    let updated = Updated {
        version: version + 1,
        operation,
        changed,
    };
    Ok((updated, Some(entry)))
}

fn columns(
    tx: &mut Tx<'_>,
    id: TimeGroupId,
    version: i64,
    before: &Details,
    after: &Details,
) -> Result<(), StoreError> {
    let (old, new) = (Name::claim_of(&before.name), Name::claim_of(&after.name));
    if old != new {
        claim::release(tx, NAME_CLAIM, &old, KIND, id.0)?;
        claim::take(tx, NAME_CLAIM, &new, KIND, id.0)?;
    }
    diesel::update(time_groups::table.find(id.0))
        .set((
            time_groups::name.eq(&after.name),
            time_groups::zone.eq(after.zone.name()),
            time_groups::always.eq(after.always),
            time_groups::version.eq(version),
        ))
        .execute(tx.conn)?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = time_group_rows, treat_none_as_default_value = false)]
struct RowRow {
    time_group_id: i64,
    weekdays: i32,
    from_minute: i32,
    to_minute: i32,
}

fn insert_rows(tx: &mut Tx<'_>, id: TimeGroupId, details: &Details) -> Result<(), StoreError> {
    let row = |row: &Row| RowRow {
        time_group_id: id.0,
        weekdays: i32::from(row.weekdays.0),
        from_minute: i32::from(row.from_minute),
        to_minute: i32::from(row.to_minute),
    };
    let rows: Vec<RowRow> = details.rows.iter().map(row).collect();
    // A batch of nothing is no statement.
    if rows.is_empty() {
        return Ok(());
    }
    on_each!(&mut *tx.conn, |c| diesel::insert_into(
        time_group_rows::table
    )
    .values(rows.as_slice())
    .execute(c))?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = time_group_holidays, treat_none_as_default_value = false)]
struct HolidayRow<'a> {
    time_group_id: i64,
    day: i32,
    name: &'a str,
}

fn insert_holidays(tx: &mut Tx<'_>, id: TimeGroupId, details: &Details) -> Result<(), StoreError> {
    let holidays: Vec<HolidayRow<'_>> = details
        .holidays
        .iter()
        .map(|(date, name)| HolidayRow {
            time_group_id: id.0,
            day: Day::from(*date).0,
            name,
        })
        .collect();
    if holidays.is_empty() {
        return Ok(());
    }
    on_each!(&mut *tx.conn, |c| diesel::insert_into(
        time_group_holidays::table
    )
    .values(holidays.as_slice())
    .execute(c))?;
    Ok(())
}
