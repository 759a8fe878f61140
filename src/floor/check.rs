//! Compares the picture with a fresh load: what every list shows must be what the database holds.

use super::picture::Picture;
use super::{Floor, load};
use crate::domain::day_range::Day;
use crate::domain::time::Clock;
use crate::store::{Conn, StoreError};

/// A place where the picture and the database disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs, for people: `user 12`, `counts of user 12`, `order by name`.
    pub what: String,
}

/// Loads everything that a server would show, and forgets it again: a database that this can be done with works.
/// Says how many people there are.
///
/// # Errors
/// As any read.
pub fn can_load(conn: &mut Conn, clock: &Clock) -> Result<usize, StoreError> {
    Ok(load_all(conn, clock)?.people.len())
}

fn load_all(conn: &mut Conn, clock: &Clock) -> Result<Picture, StoreError> {
    let mut fresh = load::picture(conn, clock)?;
    let generation = fresh.install().count_generation;
    load::counts(conn, generation, |step| fresh.load_counts(&step))?;
    Ok(fresh)
}

impl Floor {
    /// Compares with a fresh load, on the writer's thread so that nothing is written meanwhile by this
    /// node. Changes by other nodes that were not followed yet are followed first.
    ///
    /// # Errors
    /// As any read. An empty list means that the picture is right.
    pub async fn check(&self) -> Result<Vec<Difference>, StoreError> {
        let floor = self.clone();
        self.shared.store.look()?;
        self.shared
            .store
            .write(crate::domain::audit::Actor::system(), move |tx| {
                let fresh = load_all(tx.conn, floor.shared.store.clock())?;
                Ok(differences(&floor.picture(), &fresh))
            })
            .await
    }
}

fn differences(kept: &Picture, fresh: &Picture) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differ = |what: String| found.push(Difference { what });
    if kept.install != fresh.install {
        differ("settings".to_owned());
    }
    if kept.records != fresh.records {
        differ("groups, departments, time groups, caller ids or roles".to_owned());
    }
    if kept.source_alive != fresh.source_alive {
        differ("whether the phone system is heard".to_owned());
    }
    if kept.statuses.count() != fresh.statuses.count() {
        differ("how many have each status".to_owned());
    }
    for person in &fresh.people {
        match kept.person(person.id) {
            Some(known) if known == person => {}
            Some(_) => differ(format!("user {}", person.id)),
            None => differ(format!("user {} is missing", person.id)),
        }
    }
    if kept.known() > fresh.known() {
        differ("people that the database does not have".to_owned());
    }
    counts_differ(kept, fresh, &mut differ);
    order_differs(kept, fresh, &mut differ);
    found
}

fn counts_differ(kept: &Picture, fresh: &Picture, differ: &mut impl FnMut(String)) {
    for day in fresh.counts.loaded_days() {
        let span = crate::domain::day_range::DaySpan::one(Day(day.0));
        let (ours, theirs) = (kept.counts.range(span), fresh.counts.range(span));
        for person in &fresh.people {
            let (Some(here), Some(there)) = (kept.slot(person.id), fresh.slot(person.id)) else {
                continue;
            };
            if ours.of(here) != theirs.of(there) {
                differ(format!("counts of user {} on {day}", person.id));
            }
        }
        for department in fresh.records.departments() {
            if kept.counts.of_department(department.id, span)
                != fresh.counts.of_department(department.id, span)
            {
                differ(format!("counts of department {} on {day}", department.id));
            }
        }
    }
}

/// Search, memberships and orders are compared by what they answer.
fn order_differs(kept: &Picture, fresh: &Picture, differ: &mut impl FnMut(String)) {
    use crate::domain::filter::{AgentFilter, SortColumn};
    use crate::domain::role::Scope;
    let none = super::Older::new();
    let span = fresh
        .counts
        .loaded_days()
        .next_back()
        .map(crate::domain::day_range::DaySpan::one);
    let span = span.unwrap_or(crate::domain::day_range::DaySpan::one(Day::FIRST));
    for &column in SortColumn::ALL {
        let filter = AgentFilter::default().with_sort(column);
        let ids = |picture: &Picture| -> Vec<_> {
            picture
                .page(&filter, &Scope::All, span, &none)
                .rows
                .iter()
                .map(|row| (row.id(), row.status))
                .collect()
        };
        if ids(kept) != ids(fresh) {
            differ(format!("order by {}", column.word()));
        }
    }
    for group in fresh.records.groups() {
        let filter = AgentFilter::default().with_group(Some(group.id));
        let total = |picture: &Picture| picture.page(&filter, &Scope::All, span, &none).total;
        if total(kept) != total(fresh) {
            differ(format!("members of group {}", group.id));
        }
    }
}
