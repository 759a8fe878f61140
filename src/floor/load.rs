//! Reads the picture from the database: people and records at once, counts day by day.

use super::counts::{Counts, KEPT_DAYS, Tally};
use super::picture::Picture;
use super::records::Records;
use crate::domain::day_range::Day;
use crate::domain::ids::{DepartmentId, UserId};
use crate::domain::install::Install;
use crate::domain::person::Person;
use crate::domain::time::{Clock, Timestamp};
use crate::store::{self, Conn, Store, StoreError, count::DayCount};

/// Everything but the counts, of one moment if nobody writes.
pub fn picture(conn: &mut Conn, clock: &Clock) -> Result<Picture, StoreError> {
    let people = store::person::all(conn)?;
    with_people(people, conn, clock)
}

/// The same in half the time; what is written meanwhile has to be followed.
pub fn picture_at_once(conn: &mut Conn, store: &Store) -> Result<Picture, StoreError> {
    let people = store::person::all_at_once(conn, || store.job_connection())?;
    with_people(people, conn, store.clock())
}

fn with_people(people: Vec<Person>, conn: &mut Conn, clock: &Clock) -> Result<Picture, StoreError> {
    let now = clock.now();
    let install = install(conn)?;
    let today = install.calendar.day_of(now);
    let newest = store::count::days(conn, install.count_generation)?
        .first()
        .map_or(today, |&day| day.max(today));
    Ok(Picture::build(
        people,
        records(conn)?,
        install,
        newest,
        source_alive(conn, now)?,
    ))
}

pub fn install(conn: &mut Conn) -> Result<Install, StoreError> {
    Install::from_words(&store::setting::all(conn)?).map_err(StoreError::broken)
}

pub fn records(conn: &mut Conn) -> Result<Records, StoreError> {
    Ok(Records::new(
        store::record::groups(conn)?,
        store::record::departments(conn)?,
        store::record::working_hours(conn)?,
        store::record::ivrs(conn)?,
        store::record::caller_ids(conn)?,
        store::role::all(conn)?,
    ))
}

pub fn source_alive(conn: &mut Conn, now: Timestamp) -> Result<bool, StoreError> {
    let heard = store::source::last_heard(conn)?;
    Ok(heard.is_some_and(|at| now.since(at) <= store::source::SILENT_AFTER))
}

/// Loads the counts newest first; `apply` is given each day and may be slow to get its lock.
pub fn counts(
    conn: &mut Conn,
    generation: i32,
    mut apply: impl FnMut(Loading<'_>),
) -> Result<(), StoreError> {
    let days = store::count::days(conn, generation)?;
    let oldest = days
        .first()
        .map_or(Day(i32::MIN), |newest| newest.plus(-KEPT_DAYS));
    for &day in days.iter().take_while(|&&day| day > oldest) {
        apply(Loading::Day(
            day,
            &store::count::on_day(conn, generation, day)?,
        ));
    }
    apply(Loading::Over {
        older: days.last().is_some_and(|&day| day <= oldest),
    });
    Ok(())
}

/// A step of loading the counts.
pub enum Loading<'a> {
    Day(Day, &'a [DayCount]),
    Over { older: bool },
}

impl Picture {
    pub(super) fn load_counts(&mut self, step: &Loading<'_>) {
        match step {
            Loading::Day(day, rows) => {
                let people = people(self, rows);
                self.counts.load(*day, people);
                departments(&mut self.counts, *day, rows);
            }
            Loading::Over { older } => self.counts.finish(*older),
        }
    }
}

fn people(picture: &Picture, rows: &[DayCount]) -> Vec<(u32, Tally)> {
    rows.iter()
        .filter_map(|row| Some((picture.slot(UserId(row.agent))?, tally(row))))
        .collect()
}

fn tally(row: &DayCount) -> Tally {
    Tally {
        answered: row.answered.into(),
        missed: row.missed.into(),
    }
}

/// The rows without an agent are the departments' own.
fn departments(counts: &mut Counts, day: Day, rows: &[DayCount]) {
    for row in rows.iter().filter(|row| row.agent == 0) {
        counts.load_department(DepartmentId(row.department), day, tally(row));
    }
}
