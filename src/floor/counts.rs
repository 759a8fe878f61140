//! Calls answered and missed per person and day, kept so that any range of days is two look-ups.

use crate::domain::day_range::{Day, DaySpan};
use crate::domain::ids::DepartmentId;
use std::collections::{HashMap, VecDeque};
use std::ops::{AddAssign, SubAssign};

/// Days that are kept in memory; older ones are summed by the database.
pub const KEPT_DAYS: i32 = 400;

/// Answered and missed calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub answered: i64,
    pub missed: i64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.answered += other.answered;
        self.missed += other.missed;
    }
}

impl SubAssign for Tally {
    fn sub_assign(&mut self, other: Self) {
        self.answered -= other.answered;
        self.missed -= other.missed;
    }
}

/// Running totals at the end of one day, by slot. Only differences between days mean anything.
#[derive(Clone, Debug)]
struct Column {
    answered: Vec<i32>,
    missed: Vec<i32>,
    /// Of all slots together.
    all: Tally,
}

/// Everyone's counts by day. Loading goes from today into the past while live counts arrive.
#[derive(Clone, Debug)]
pub struct Counts {
    /// The oldest day that is loaded.
    first: Day,
    /// The end of the day before `first`, then the end of each day from `first` on.
    columns: VecDeque<Column>,
    /// New totals of days that are not loaded yet; they outweigh what is loaded.
    pending: HashMap<(u32, Day), Tally>,
    departments: HashMap<(DepartmentId, Day), Tally>,
    loaded: Loaded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loaded {
    NotYet,
    /// There is nothing older.
    All,
    /// The database has older days.
    Recent,
}

impl Counts {
    /// Nothing is loaded; `newest` is the first day that will be.
    pub fn empty(slots: usize, newest: Day) -> Self {
        let nothing = Column {
            answered: vec![0; slots],
            missed: vec![0; slots],
            all: Tally::default(),
        };
        Self {
            first: newest.plus(1),
            columns: VecDeque::from([nothing]),
            pending: HashMap::new(),
            departments: HashMap::new(),
            loaded: Loaded::NotYet,
        }
    }

    /// Makes room for people who came.
    pub fn grow(&mut self, slots: usize) {
        for column in &mut self.columns {
            column.answered.resize(slots, 0);
            column.missed.resize(slots, 0);
        }
    }

    /// Loads a day older than all loaded ones; the days between have no counts.
    pub fn load(&mut self, day: Day, people: impl IntoIterator<Item = (u32, Tally)>) {
        self.reach(day.plus(1));
        let mut tallies: HashMap<u32, Tally> = HashMap::new();
        for (slot, tally) in people {
            *tallies.entry(slot).or_default() += tally;
        }
        let newer: Vec<_> = self.pending.extract_if(|&(_, of), _| of >= day).collect();
        let mut before = self.columns[0].clone();
        let (of_day, between): (Vec<_>, Vec<_>) =
            newer.into_iter().partition(|&((_, of), _)| of == day);
        tallies.extend(of_day.into_iter().map(|((slot, _), tally)| (slot, tally)));
        for (slot, tally) in tallies {
            before.answered[slot as usize] -= tally.answered as i32;
            before.missed[slot as usize] -= tally.missed as i32;
            before.all -= tally;
        }
        self.columns.push_front(before);
        self.first = day;
        between
            .into_iter()
            .for_each(|((slot, of), tally)| self.set(slot, of, tally));
    }

    /// Says that loading is over; `older` when the database has days that were left out.
    pub fn finish(&mut self, older: bool) {
        self.loaded = if older { Loaded::Recent } else { Loaded::All };
        for ((slot, day), tally) in std::mem::take(&mut self.pending) {
            self.set(slot, day, tally);
        }
    }

    /// Sets the new totals of a day. The same again changes nothing.
    pub fn set(&mut self, slot: u32, day: Day, tally: Tally) {
        if day < self.first {
            match self.loaded {
                Loaded::NotYet => {
                    self.pending.insert((slot, day), tally);
                    return;
                }
                Loaded::Recent => return,
                Loaded::All if self.first.0 - day.0 > KEPT_DAYS => {
                    self.loaded = Loaded::Recent;
                    return;
                }
                Loaded::All => self.reach(day),
            }
        }
        while self.last() < day {
            let newest = self.columns[self.columns.len() - 1].clone();
            self.columns.push_back(newest);
        }
        let now = self.range(DaySpan::one(day)).of(slot);
        let mut more = tally;
        more -= now;
        for column in self.columns.range_mut(self.index(day)..) {
            column.answered[slot as usize] += more.answered as i32;
            column.missed[slot as usize] += more.missed as i32;
            column.all += more;
        }
    }

    pub fn set_department(&mut self, department: DepartmentId, day: Day, tally: Tally) {
        self.departments.insert((department, day), tally);
    }

    /// Loads a department's day, unless a newer total came while loading.
    pub fn load_department(&mut self, department: DepartmentId, day: Day, tally: Tally) {
        self.departments.entry((department, day)).or_insert(tally);
    }

    pub fn is_complete(&self) -> bool {
        self.loaded != Loaded::NotYet
    }

    /// A department's answered and missed in a span.
    pub fn of_department(&self, department: DepartmentId, span: DaySpan) -> Tally {
        let mut sum = Tally::default();
        span.days()
            .filter_map(|day| self.departments.get(&(department, day)))
            .for_each(|&tally| sum += tally);
        sum
    }

    /// Every day of the span that is kept in memory is loaded.
    pub fn covers(&self, span: DaySpan) -> bool {
        self.loaded != Loaded::NotYet || span.from >= self.first
    }

    /// The part of a span that only the database knows.
    pub fn older_than_kept(&self, span: DaySpan) -> Option<DaySpan> {
        let older = self.loaded == Loaded::Recent && span.from < self.first;
        older.then(|| DaySpan {
            from: span.from,
            to: span.to.min(self.first.plus(-1)),
        })
    }

    /// The counts of a span, to be read by slot.
    pub fn range(&self, span: DaySpan) -> Range<'_> {
        let (from, to) = (span.from.max(self.first), span.to.min(self.last()));
        let ends = (from <= to).then(|| {
            (
                &self.columns[self.index(to)],
                &self.columns[self.index(from) - 1],
            )
        });
        Range { ends }
    }

    /// The days that are loaded, oldest first.
    pub fn loaded_days(&self) -> impl DoubleEndedIterator<Item = Day> + use<> {
        (self.first.0..=self.last().0).map(Day)
    }

    fn last(&self) -> Day {
        self.first.plus(self.columns.len() as i32 - 2)
    }

    fn index(&self, day: Day) -> usize {
        (day.0 - self.first.0 + 1) as usize
    }

    /// Makes `day` the oldest loaded one, without counts on the days that this adds.
    fn reach(&mut self, day: Day) {
        while self.first > day {
            let column = self.columns[0].clone();
            self.columns.push_front(column);
            self.first = self.first.plus(-1);
        }
    }
}

/// The counts of some days.
#[derive(Clone, Copy)]
pub struct Range<'a> {
    ends: Option<(&'a Column, &'a Column)>,
}

impl Range<'_> {
    /// Of everyone, agents or not.
    pub fn of_all(&self) -> Tally {
        self.ends.map_or(Tally::default(), |(end, start)| {
            let mut all = end.all;
            all -= start.all;
            all
        })
    }

    pub fn of(&self, slot: u32) -> Tally {
        let slot = slot as usize;
        self.ends.map_or(Tally::default(), |(end, start)| Tally {
            answered: i64::from(end.answered[slot] - start.answered[slot]),
            missed: i64::from(end.missed[slot] - start.missed[slot]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Day = Day(739_000);

    proptest! {
        #[test]
        fn any_range_is_the_sum_of_its_days_whatever_came_while_loading(
            stored in prop::collection::btree_map(-9_i32..=0, prop::collection::vec((0_u32..3, 1_i64..50), 0..4), 0..6),
            live in prop::collection::vec((0_u32..3, -12_i32..=2, 0_i64..90, 0_usize..9), 0..20),
            from in -14_i32..4, days in 0_i32..14,
        ) {
            let mut counts = Counts::empty(3, TODAY);
            let mut truth: HashMap<(u32, i32), i64> = HashMap::new();
            let mut step = 0;
            let live_at = |counts: &mut Counts, step: usize| {
                for &(slot, day, answered, _) in live.iter().filter(|event| event.3 == step) {
                    counts.set(slot, TODAY.plus(day), Tally { answered, missed: answered + 1 });
                }
            };
            for (&day, people) in stored.iter().rev() {
                live_at(&mut counts, step);
                step += 1;
                counts.load(TODAY.plus(day), people.iter().map(|&(slot, answered)| (slot, Tally { answered, missed: 0 })));
                for &(slot, answered) in people {
                    *truth.entry((slot, day)).or_default() += answered;
                }
            }
            counts.finish(false);
            (step..9).for_each(|step| live_at(&mut counts, step));
            for step in 0..9 {
                for &(slot, day, answered, _) in live.iter().filter(|event| event.3 == step) {
                    truth.insert((slot, day), answered);
                }
            }
            let span = DaySpan { from: TODAY.plus(from), to: TODAY.plus(from + days) };
            for slot in 0..3 {
                let sum: i64 = (from..=from + days).filter_map(|day| truth.get(&(slot, day))).sum();
                prop_assert_eq!(counts.range(span).of(slot).answered, sum);
            }
            let mut all = Tally::default();
            (0..3).for_each(|slot| all += counts.range(span).of(slot));
            prop_assert_eq!(counts.range(span).of_all(), all);
        }
    }

    #[test]
    fn a_page_waits_only_for_its_days_and_asks_for_older_ones() {
        let mut counts = Counts::empty(1, TODAY);
        let week = DaySpan {
            from: TODAY.plus(-6),
            to: TODAY,
        };
        assert!(!counts.covers(week));
        counts.load(
            TODAY.plus(-6),
            [(
                0,
                Tally {
                    answered: 5,
                    missed: 0,
                },
            )],
        );
        assert!(
            counts.covers(week)
                && !counts.covers(DaySpan {
                    from: TODAY.plus(-7),
                    ..week
                })
        );
        counts.finish(true);
        let long = DaySpan {
            from: TODAY.plus(-900),
            to: TODAY,
        };
        assert_eq!(
            counts.older_than_kept(long),
            Some(DaySpan {
                from: long.from,
                to: TODAY.plus(-7)
            })
        );
        assert_eq!(counts.range(long).of(0).answered, 5);
    }
}
