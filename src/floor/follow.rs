//! Keeps the picture up with the database: what this node commits, and what others do.

use super::counts::Tally;
use super::hub::Announcement;
use super::{Shared, load};
use crate::domain::day_range::Day;
use crate::domain::ids::{DepartmentId, UserId};
use crate::domain::person::{Admin, Live, Person};
use crate::store::changes::{self, Change, Cursor};
use crate::store::tx::{EVERYTHING, RELOAD};
use crate::store::writer::Observer;
use crate::store::{self, Conn, Effect, RecordKind, StoreError};
use std::collections::BTreeSet;
use std::sync::Weak;

/// Changes read at a time.
const AT_ONCE: i64 = 10_000;

/// Follows the writes; lives on the writer's thread.
pub(super) struct Follower {
    /// Not held: whoever drops the last floor ends the writer's thread.
    pub shared: Weak<Shared>,
    pub cursor: Cursor,
    pub data_version: Option<i64>,
    /// Everything written before this follower was told of writes has been read.
    pub met: bool,
}

/// What a batch of effects comes down to.
#[derive(Default)]
struct Gathered {
    people: BTreeSet<i64>,
    records: Vec<(RecordKind, i64)>,
    live: Vec<(UserId, Live)>,
    admin: Vec<(UserId, Admin, i64)>,
    agent_days: Vec<(UserId, Day, Tally)>,
    department_days: Vec<(DepartmentId, Day, Tally)>,
}

impl Observer for Follower {
    fn committed(&mut self, conn: &mut Conn, effects: Vec<Effect>) {
        let Some(shared) = self.shared.upgrade() else {
            return;
        };
        let gathered = Gathered::from_effects(effects);
        if let Err(error) = apply(&shared, conn, gathered) {
            // The write stands; a picture that missed it is read anew.
            tracing::error!(%error, "the list could not follow a write; reading everything again");
            shared
                .stale
                .store(true, std::sync::atomic::Ordering::Release);
        }
    }

    fn look(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        let Some(shared) = self.shared.upgrade() else {
            return Ok(());
        };
        if shared
            .stale
            .swap(false, std::sync::atomic::Ordering::AcqRel)
        {
            reload(&shared, conn).inspect_err(|_| {
                shared
                    .stale
                    .store(true, std::sync::atomic::Ordering::Release);
            })?;
        }
        self.follow_changes(&shared, conn)?;
        follow_source(&shared, conn)
    }
}

impl Follower {
    fn follow_changes(&mut self, shared: &Shared, conn: &mut Conn) -> Result<(), StoreError> {
        let version = changes::data_version(conn)?;
        if version.is_some() && version == self.data_version {
            return Ok(());
        }
        loop {
            let found = changes::after(conn, self.cursor, AT_ONCE)?;
            let Some(last) = found.last() else {
                self.met = true;
                self.data_version = version;
                return Ok(());
            };
            let cursor = Cursor {
                tx: last.tx,
                seq: last.seq,
            };
            let others: Vec<&Change> = found
                .iter()
                .filter(|change| !self.met || change.node != shared.store.node())
                .collect();
            let everything = others.iter().any(|change| change.kind == EVERYTHING);
            if everything || others.len() > RELOAD {
                reload(shared, conn)?;
            } else if !others.is_empty() {
                let gathered = read(shared, conn, &others)?;
                apply(shared, conn, gathered)?;
            }
            self.cursor = cursor;
        }
    }
}

/// A source that fell silent turns statuses to unknown, one that speaks again turns them back.
fn follow_source(shared: &Shared, conn: &mut Conn) -> Result<(), StoreError> {
    let now = shared.store.clock().now();
    let heard = *shared.heard.lock();
    let alive = heard.is_some_and(|at| now.since(at) <= store::source::SILENT_AFTER);
    if alive != shared.picture.read().source_alive {
        let alive = load::source_alive(conn, now)?;
        let mut picture = shared.picture.write();
        picture.seq += 1;
        let seq = picture.seq;
        picture.set_source_alive(alive);
        drop(picture);
        shared.hub.announce(Announcement {
            seq,
            everything: true,
            ..Announcement::default()
        });
    }
    Ok(())
}

/// Reads what lines of `changes` point to.
fn read(shared: &Shared, conn: &mut Conn, others: &[&Change]) -> Result<Gathered, StoreError> {
    let generation = shared.picture.read().install.count_generation;
    let mut gathered = Gathered::default();
    for change in others {
        match (change.kind.as_str(), change.day()) {
            ("live", _) => _ = gathered.people.insert(change.id),
            ("agent_day", Some(day)) => {
                let mut sum = Tally::default();
                for row in store::count::of_agent(conn, generation, day, change.id)? {
                    sum += Tally {
                        answered: row.answered.into(),
                        missed: row.missed.into(),
                    };
                }
                gathered.agent_days.push((UserId(change.id), day, sum));
            }
            ("department_day", Some(day)) => {
                let (answered, missed) =
                    store::count::of_department(conn, generation, day, change.id)?;
                let sum = Tally {
                    answered: answered.into(),
                    missed: missed.into(),
                };
                gathered
                    .department_days
                    .push((DepartmentId(change.id), day, sum));
            }
            (kind, _) => match kind.parse() {
                Ok(kind) => gathered.add_record(kind, change.id),
                // A newer node writes kinds that this one keeps no picture of.
                Err(_) => tracing::debug!(kind, "unknown kind of change"),
            },
        }
    }
    Ok(gathered)
}

fn apply(shared: &Shared, conn: &mut Conn, gathered: Gathered) -> Result<(), StoreError> {
    if gathered.people.len() > RELOAD {
        return reload(shared, conn);
    }
    let ids: Vec<i64> = gathered.people.iter().copied().collect();
    let people = store::person::by_ids(conn, &ids)?;
    let gone = gone(&ids, &people);
    let records = match gathered.touches_records() {
        true => Some(load::records(conn)?),
        false => None,
    };
    let install = match gathered.touches(RecordKind::Setting) {
        true => Some(load::install(conn)?),
        false => None,
    };
    if gathered.touches(RecordKind::Source) {
        *shared.heard.lock() = store::source::last_heard(conn)?;
    }
    if let Some(install) = &install
        && *install != shared.picture.read().install
    {
        return reload(shared, conn);
    }
    let mut picture = shared.picture.write();
    picture.seq += 1;
    let announcement = Announcement {
        seq: picture.seq,
        // A department that is at its next version since somebody joined looks as before.
        everything: records.is_some_and(|records| picture.set_records(records)),
        people: gathered.touched_people(),
        records: gathered.records,
    };
    picture.put(people);
    picture.forget(&gone);
    gathered
        .live
        .into_iter()
        .for_each(|(id, live)| picture.set_live(id, live));
    for (id, admin, version) in gathered.admin {
        picture.set_admin(id, admin, version);
    }
    gathered
        .agent_days
        .into_iter()
        .for_each(|(id, day, tally)| picture.set_counts(id, day, tally));
    for (department, day, tally) in gathered.department_days {
        picture.counts.set_department(department, day, tally);
    }
    drop(picture);
    shared.hub.announce(announcement);
    Ok(())
}

/// Of these people, by ascending key, those whom the database does not have any more.
fn gone(ids: &[i64], found: &[Person]) -> Vec<UserId> {
    let is_there = |id: &i64| found.binary_search_by_key(id, |person| person.id.0).is_ok();
    let gone = ids.iter().filter(|id| !is_there(id));
    gone.map(|id| UserId(*id)).collect()
}

/// Reads everything again; the counts by a thread of their own.
fn reload(shared: &Shared, conn: &mut Conn) -> Result<(), StoreError> {
    let mut fresh = load::picture(conn, shared.store.clock())?;
    *shared.heard.lock() = store::source::last_heard(conn)?;
    let generation = fresh.install.count_generation;
    // On this thread nothing is committed meanwhile, so the counts are of one moment.
    load::counts(conn, generation, |step| fresh.load_counts(&step))?;
    let mut picture = shared.picture.write();
    let seq = picture.seq + 1;
    fresh.seq = seq;
    fresh.epoch = picture.epoch;
    fresh.touched.fill(seq);
    *picture = fresh;
    drop(picture);
    shared.loading.send_modify(|steps| *steps += 1);
    shared.hub.announce(Announcement {
        seq,
        everything: true,
        ..Announcement::default()
    });
    Ok(())
}

impl Gathered {
    fn from_effects(effects: Vec<Effect>) -> Self {
        let mut gathered = Self::default();
        for effect in effects {
            match effect {
                Effect::Record(kind, id) => gathered.add_record(kind, id),
                Effect::Live(agent, live) => gathered.live.push((agent, live)),
                Effect::Admin {
                    agent,
                    admin,
                    version,
                } => gathered.admin.push((agent, admin, version)),
                Effect::AgentDay {
                    agent,
                    day,
                    answered,
                    missed,
                } => {
                    let tally = Tally {
                        answered: answered.into(),
                        missed: missed.into(),
                    };
                    gathered.agent_days.push((agent, day, tally));
                }
                Effect::DepartmentDay {
                    department,
                    day,
                    answered,
                    missed,
                } => {
                    let tally = Tally {
                        answered: answered.into(),
                        missed: missed.into(),
                    };
                    gathered.department_days.push((department, day, tally));
                }
            }
        }
        gathered
    }

    fn add_record(&mut self, kind: RecordKind, id: i64) {
        // Listeners can tell a changed person from a changed state: sessions depend on the former.
        self.records.push((kind, id));
        match kind {
            RecordKind::User => _ = self.people.insert(id),
            RecordKind::Group
            | RecordKind::Department
            | RecordKind::TimeGroup
            | RecordKind::Ivr
            | RecordKind::CallerId
            | RecordKind::Role
            | RecordKind::Session
            | RecordKind::Setting
            | RecordKind::Token
            | RecordKind::Source => {}
        }
    }

    fn touches(&self, wanted: RecordKind) -> bool {
        self.records.iter().any(|&(kind, _)| kind == wanted)
    }

    fn touches_records(&self) -> bool {
        [
            RecordKind::Group,
            RecordKind::Department,
            RecordKind::TimeGroup,
            RecordKind::Ivr,
            RecordKind::CallerId,
            RecordKind::Role,
        ]
        .into_iter()
        .any(|kind| self.touches(kind))
    }

    fn touched_people(&self) -> Vec<UserId> {
        let mut ids: Vec<UserId> = self.people.iter().map(|&id| UserId(id)).collect();
        ids.extend(self.live.iter().map(|(id, _)| *id));
        ids.extend(self.admin.iter().map(|(id, _, _)| *id));
        ids.extend(self.agent_days.iter().map(|(id, _, _)| *id));
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}
