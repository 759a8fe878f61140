//! Sorts the calls into other reporting days after the zone or the hour at which a day begins was changed: some
//! calls at a time go into the next generation of the counts, which takes the place of the one in force when all
//! are in it (docs/adr/0006). What events change meanwhile is counted in both.

use super::call::Call;
use super::counts::Deltas;
use super::live::take_turns;
use crate::domain::audit::Entry;
use crate::domain::calendar::{Calendar, DayCursor, show_minutes};
use crate::domain::day_range::Day;
use crate::domain::install::{Install, NextDays};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{calls, day_counts, legs};
use crate::store::setting;
use crate::store::tx::Tx;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// The action of the audit's line when the new days are in force.
pub const ACTION: &str = "settings.days";

/// Key of the last call that is sorted. Nobody but this module looks at it.
const PLACE: &str = "next_days_after_call";

/// How far a step has brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing is to be sorted.
    Nothing,
    /// More is to be done.
    More,
    /// The new days are in force.
    Done,
}

/// Begins to sort all calls into these days; what was begun before is given up.
///
/// # Errors
/// `Broken` when the stored settings can't be read.
pub fn begin(tx: &mut Tx<'_>, calendar: Calendar) -> Result<(), StoreError> {
    take_turns(tx)?;
    let install = install(tx.conn)?;
    // Never one that was used before: rows of one that was given up may still be there.
    let last = install
        .next_days
        .map_or(install.count_generation, |next| next.generation);
    let begins = show_minutes(calendar.day_begins_at_minutes);
    setting::put(tx, Install::NEXT_TIME_ZONE, calendar.zone.name())?;
    setting::put(tx, Install::NEXT_DAY_BEGINS_AT, &begins)?;
    setting::put(tx, Install::NEXT_GENERATION, &(last + 1).to_string())?;
    setting::note(tx, PLACE, "0")
}

/// Sorts the next calls, or puts the new days in force when none is left.
///
/// # Errors
/// `Broken` when the stored settings or calls can't be read.
pub fn step(tx: &mut Tx<'_>, at_once: i64) -> Result<Step, StoreError> {
    take_turns(tx)?;
    let install = install(tx.conn)?;
    let Some(mut next) = Sorting::under_way(tx.conn, &install)? else {
        return Ok(Step::Nothing);
    };
    let found = Call::after(tx.conn, next.after, at_once)?;
    let Some(last) = found.last().and_then(Call::key) else {
        put_in_force(tx, &install, next.to)?;
        return Ok(Step::Done);
    };
    let (mut of_calls, mut of_legs) = (ByDay::new(), ByDay::new());
    for call in &found {
        next.add(call);
        let days = call.days(next.days());
        if let Some((key, day)) = days.call {
            of_calls.entry(day).or_default().push(key);
        }
        for (key, day) in days.legs {
            of_legs.entry(day).or_default().push(key);
        }
    }
    next.write(tx)?;
    move_to(tx.conn, &of_calls, &of_legs)?;
    setting::note(tx, PLACE, &last.to_string())?;
    Ok(Step::More)
}

/// How many of a hundred calls are sorted; None when nothing is to be.
pub fn progress(conn: &mut Conn) -> Result<Option<i64>, StoreError> {
    let install = install(conn)?;
    if install.next_days.is_none() {
        return Ok(None);
    }
    let (first, last): (Option<i64>, Option<i64>) = calls::table
        .select((diesel::dsl::min(calls::id), diesel::dsl::max(calls::id)))
        .first(conn)?;
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(Some(100));
    };
    let done = (place(conn)? - first + 1).clamp(0, last - first + 1);
    Ok(Some(done * 100 / (last - first + 1)))
}

/// Removes a day of counts that are out of force; `false` when there are none.
pub fn sweep(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let install = install(tx.conn)?;
    let newest = install
        .next_days
        .map_or(install.count_generation, |next| next.generation);
    let oldest: Option<(i32, i32)> = day_counts::table
        .filter(day_counts::generation.lt(newest))
        .filter(day_counts::generation.ne(install.count_generation))
        .order((day_counts::generation, day_counts::day))
        .select((day_counts::generation, day_counts::day))
        .first(tx.conn)
        .optional()?;
    let Some((generation, day)) = oldest else {
        return Ok(false);
    };
    let rows = day_counts::table
        .filter(day_counts::generation.eq(generation))
        .filter(day_counts::day.eq(day));
    diesel::delete(rows).execute(tx.conn)?;
    Ok(true)
}

/// The next generation as far as it is built: only the calls in it are counted there.
pub(super) struct Sorting {
    to: NextDays,
    /// The key of the last call that is in it.
    after: i64,
    days: DayCursor,
    deltas: Deltas,
}

impl Sorting {
    /// None when the days stay as they are.
    pub fn under_way(conn: &mut Conn, install: &Install) -> Result<Option<Self>, StoreError> {
        let Some(to) = install.next_days else {
            return Ok(None);
        };
        Ok(Some(Self {
            to,
            after: place(conn)?,
            days: to.calendar.cursor(),
            deltas: Deltas::default(),
        }))
    }

    /// Whether the call is in it already. One that is yet to be written comes last.
    pub fn has(&self, call: &Call) -> bool {
        call.key().is_some_and(|key| key <= self.after)
    }

    pub fn days(&mut self) -> &mut DayCursor {
        &mut self.days
    }

    pub fn add(&mut self, call: &Call) {
        self.deltas.add(&call.contributions(&mut self.days));
    }

    pub fn take(&mut self, call: &Call) {
        self.deltas.take(&call.contributions(&mut self.days));
    }

    /// Writes what was added and taken.
    pub fn write(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.deltas.write_apart(tx, self.to.generation)
    }
}

/// Keys by the day that they lie on.
type ByDay = BTreeMap<Day, Vec<i64>>;

fn move_to(conn: &mut Conn, of_calls: &ByDay, of_legs: &ByDay) -> Result<(), StoreError> {
    /// So many keys go into one statement.
    const AT_ONCE: usize = 1_000;
    for (day, keys) in of_calls {
        for keys in keys.chunks(AT_ONCE) {
            let others = calls::table
                .filter(calls::id.eq_any(keys))
                .filter(calls::day.ne(day.0));
            diesel::update(others)
                .set(calls::day.eq(day.0))
                .execute(conn)?;
        }
    }
    for (day, keys) in of_legs {
        for keys in keys.chunks(AT_ONCE) {
            let others = legs::table
                .filter(legs::id.eq_any(keys))
                .filter(legs::day.ne(day.0));
            diesel::update(others)
                .set(legs::day.eq(day.0))
                .execute(conn)?;
        }
    }
    Ok(())
}

fn put_in_force(tx: &mut Tx<'_>, install: &Install, next: NextDays) -> Result<(), StoreError> {
    let words = |calendar: Calendar| {
        [
            (Install::TIME_ZONE, calendar.zone.name().to_owned()),
            (
                Install::DAY_BEGINS_AT,
                show_minutes(calendar.day_begins_at_minutes),
            ),
        ]
    };
    let mut entry = Entry::new(ACTION, "setting", None, "Reporting days");
    let now = words(install.calendar);
    for ((name, word), (_, old)) in words(next.calendar).into_iter().zip(now) {
        setting::put(tx, name, &word)?;
        if old != word {
            entry = entry.before(name, old).after(name, word);
        }
    }
    setting::put(tx, Install::COUNT_GENERATION, &next.generation.to_string())?;
    for name in [
        Install::NEXT_TIME_ZONE,
        Install::NEXT_DAY_BEGINS_AT,
        Install::NEXT_GENERATION,
        PLACE,
    ] {
        setting::remove(tx, name)?;
    }
    tx.audit(entry)
}

fn place(conn: &mut Conn) -> Result<i64, StoreError> {
    match setting::find(conn, PLACE)? {
        Some(word) => word.parse().map_err(StoreError::broken),
        None => Ok(0),
    }
}

fn install(conn: &mut Conn) -> Result<Install, StoreError> {
    Install::from_words(&setting::all(conn)?).map_err(StoreError::broken)
}
