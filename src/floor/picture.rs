//! The picture: everyone by slot, with all that a list needs at hand.

use super::bits::Bits;
use super::counts::{Counts, Tally};
use super::hot::{Hot, Keys};
use super::members::Members;
use super::rank::Rank;
use super::records::Records;
use super::search::SearchText;
use super::statuses::Statuses;
use crate::domain::day_range::Day;
use crate::domain::ids::UserId;
use crate::domain::install::Install;
use crate::domain::person::{Admin, Agent, Live, Person};
use crate::domain::phone::Shown;
use crate::domain::text::Collation;
use crate::domain::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// So many changed people, and sorting the columns side by side is quicker than one after the other.
const WORTH_THREADS: usize = 1_000;

/// No person has this slot.
const NOBODY: u32 = u32::MAX;

/// A read model of all people. A slot is a person's place in every column below; it is never reused.
pub struct Picture {
    pub(super) people: Vec<Person>,
    slots: Vec<u32>,
    /// Users that are not deleted, agents or not.
    pub(super) users: Bits,
    /// Agents that are not deleted.
    pub(super) agents: Bits,
    /// Deleted users and former agents, whose calls still count.
    pub(super) left: Bits,
    pub(super) hot: Vec<Hot>,
    pub(super) statuses: Statuses,
    pub(super) keys: Keys,
    numbers: Vec<OnceLock<Box<Numbers>>>,
    pub(super) search: SearchText,
    pub(super) ranks: Ranks,
    pub(super) groups: Members,
    pub(super) departments: Members,
    pub(super) records: Records,
    pub(super) install: Install,
    pub(super) counts: Counts,
    /// When blocks and disables lift themselves, and whose.
    lifts: BTreeSet<(Timestamp, u32)>,
    collation: Collation,
    /// The number of the last change, and of the last one that touched each slot.
    pub(super) seq: u64,
    pub(super) epoch: u64,
    pub(super) touched: Vec<u64>,
    /// A source of live state was heard lately.
    pub(super) source_alive: bool,
}

/// The order of people by each text column.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Ranks {
    pub name: Rank,
    pub login_id: Rank,
    pub employee_id: Rank,
    pub designation: Rank,
    pub email: Rank,
}

/// Formatted numbers of one person, made when first shown.
#[derive(Debug, Default)]
pub struct Numbers {
    pub phone: Option<Shown>,
    pub forwarding: Option<Shown>,
    pub alternatives: Vec<Shown>,
}

impl Picture {
    /// A picture of these people, their counts yet to be loaded.
    pub fn build(
        people: Vec<Person>,
        records: Records,
        install: Install,
        today: Day,
        source_alive: bool,
    ) -> Self {
        let mut picture = Self {
            slots: Vec::new(),
            users: Bits::none(0),
            agents: Bits::none(0),
            left: Bits::none(0),
            hot: Vec::with_capacity(people.len()),
            statuses: Statuses::default(),
            keys: Keys::default(),
            numbers: Vec::new(),
            search: SearchText::default(),
            ranks: Ranks::default(),
            groups: Members::default(),
            departments: Members::default(),
            records,
            install,
            counts: Counts::empty(0, today),
            lifts: BTreeSet::new(),
            collation: Collation::new(),
            seq: 1,
            epoch: epoch(),
            touched: Vec::new(),
            source_alive,
            people: Vec::with_capacity(people.len()),
        };
        picture.put(people);
        picture
    }

    pub fn slot(&self, id: UserId) -> Option<u32> {
        self.slots
            .get(usize::try_from(id.0).ok()?)
            .copied()
            .filter(|&slot| slot != NOBODY)
    }

    pub fn person(&self, id: UserId) -> Option<&Person> {
        self.slot(id).map(|slot| &self.people[slot as usize])
    }

    pub fn people(&self) -> &[Person] {
        &self.people
    }

    pub fn records(&self) -> &Records {
        &self.records
    }

    pub fn install(&self) -> &Install {
        &self.install
    }

    /// The number of the last change.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Adds people or replaces them by what is given, and notes that they changed.
    pub(super) fn put(&mut self, people: Vec<Person>) {
        let mut changed = Vec::with_capacity(people.len());
        for person in people {
            changed.push(self.put_one(person));
        }
        self.counts.grow(self.people.len());
        changed.sort_unstable();
        changed.dedup();
        self.rerank(&changed);
    }

    fn put_one(&mut self, person: Person) -> u32 {
        let slot = match self.slot(person.id) {
            Some(slot) => slot,
            None => self.add_slot(person.id),
        };
        let index = slot as usize;
        let before = self.people.get(index).and_then(Person::living_agent);
        let after = person.living_agent();
        move_lift(&mut self.lifts, slot, until(before), until(after));
        let groups = |agent: Option<&Agent>| {
            keys(agent, |agent| agent.groups.iter().map(|id| id.0).collect())
        };
        let departments = |agent: Option<&Agent>| {
            keys(agent, |agent| {
                agent.departments.iter().map(|id| id.0).collect()
            })
        };
        self.groups.replace(slot, groups(before), groups(after));
        self.departments
            .replace(slot, departments(before), departments(after));
        match person.deleted {
            true => self.users.unset(slot),
            false => self.users.set(slot),
        }
        let has_left = person.deleted || person.agent.as_ref().is_some_and(|agent| agent.removed);
        match after {
            Some(_) => self.agents.set(slot),
            None => self.agents.unset(slot),
        }
        self.search.set(slot, &person);
        let hot = Hot::of(&person);
        self.keys.set(slot, &person, &self.records);
        if index < self.people.len() {
            self.hot[index] = hot;
            self.people[index] = person;
            self.numbers[index] = OnceLock::new();
        } else {
            self.hot.push(hot);
            self.people.push(person);
            self.numbers.push(OnceLock::new());
            self.touched.push(0);
        }
        match has_left {
            true => self.left.set(slot),
            false => self.left.unset(slot),
        }
        self.touched[index] = self.seq;
        self.renew_status(slot);
        slot
    }

    /// Works the first badge of a slot out anew.
    fn renew_status(&mut self, slot: u32) {
        let is_agent = self.people[slot as usize].living_agent().is_some();
        let causes = self.hot[slot as usize].causes(&self.records, self.source_alive);
        self.statuses
            .set(slot, is_agent.then(|| causes.agent_status()));
    }

    /// Says whether a source of live state is heard: every badge may change with it.
    pub(super) fn set_source_alive(&mut self, alive: bool) {
        self.source_alive = alive;
        self.renew_statuses();
        self.touched.fill(self.seq);
    }

    fn renew_statuses(&mut self) {
        (0..self.people.len() as u32).for_each(|slot| self.renew_status(slot));
    }

    fn add_slot(&mut self, id: UserId) -> u32 {
        let slot = self.people.len() as u32;
        let index = usize::try_from(id.0).expect("ids are positive");
        if self.slots.len() <= index {
            self.slots.resize(index + 1, NOBODY);
        }
        self.slots[index] = slot;
        self.users.grow(self.people.len() + 1);
        self.agents.grow(self.people.len() + 1);
        self.left.grow(self.people.len() + 1);
        slot
    }

    /// Sets what the phone system and the agent do now.
    pub(super) fn set_live(&mut self, id: UserId, live: Live) {
        let Some(slot) = self.slot(id) else { return };
        let person = &mut self.people[slot as usize];
        if let Some(agent) = person.agent.as_deref_mut() {
            agent.live = live;
            self.hot[slot as usize] = Hot::of(person);
            self.touched[slot as usize] = self.seq;
            self.renew_status(slot);
        }
    }

    /// Sets what a supervisor decided; something newer that was read meanwhile stays.
    pub(super) fn set_admin(&mut self, id: UserId, admin: Admin, version: i64) {
        let Some(slot) = self.slot(id) else { return };
        let person = &mut self.people[slot as usize];
        let before = until(person.living_agent());
        if let Some(agent) = person.agent.as_deref_mut()
            && version >= agent.version
        {
            agent.admin = admin;
            agent.version = version;
            let after = until(person.living_agent());
            move_lift(&mut self.lifts, slot, before, after);
            self.hot[slot as usize] = Hot::of(person);
            self.touched[slot as usize] = self.seq;
            self.renew_status(slot);
        }
    }

    /// When the next block or disable lifts itself.
    pub fn next_lift(&self) -> Option<Timestamp> {
        self.lifts.first().map(|(at, _)| *at)
    }

    pub(super) fn set_counts(&mut self, id: UserId, day: Day, tally: Tally) {
        if let Some(slot) = self.slot(id) {
            self.counts.set(slot, day, tally);
            self.touched[slot as usize] = self.seq;
        }
    }

    /// Replaces the small records; what depends on their names and states follows. Says whether rows may look
    /// other than before.
    pub(super) fn set_records(&mut self, records: Records) -> bool {
        let opened_or_closed: Vec<i64> = records.opened_or_closed_since(&self.records);
        let renamed = records.names_differ(&self.records);
        let shown = renamed || !opened_or_closed.is_empty() || records.roles_differ(&self.records);
        self.records = records;
        if renamed {
            for (slot, person) in self.people.iter().enumerate() {
                self.keys.set(slot as u32, person, &self.records);
            }
            self.touched.fill(self.seq);
        } else {
            for slot in 0..self.people.len() {
                if self.hot[slot]
                    .time_group()
                    .is_some_and(|group| opened_or_closed.contains(&group))
                {
                    self.touched[slot] = self.seq;
                }
            }
        }
        self.renew_statuses();
        shown
    }

    /// Formatted numbers of a slot.
    pub(super) fn numbers(&self, slot: u32) -> &Numbers {
        self.numbers[slot as usize].get_or_init(|| {
            let person = &self.people[slot as usize];
            let agent = person.agent.as_deref();
            Box::new(Numbers {
                phone: person.phone.map(|number| number.shown()),
                forwarding: agent
                    .and_then(|agent| agent.forwarding_number)
                    .map(|number| number.shown()),
                alternatives: agent.map_or(Vec::new(), |agent| {
                    agent
                        .alternative_numbers
                        .iter()
                        .map(|number| number.shown())
                        .collect()
                }),
            })
        })
    }

    fn rerank(&mut self, changed: &[u32]) {
        type Text = fn(&Person) -> &str;
        let (people, collation) = (&self.people, &self.collation);
        let renew = |rank: &mut Rank, text: Text| {
            rank.update(collation, changed, people.len(), |slot| {
                text(&people[slot as usize])
            });
        };
        let ranks: [(&mut Rank, Text); 5] = [
            (&mut self.ranks.name, |person| &person.name),
            (&mut self.ranks.login_id, |person| &person.login_id),
            (&mut self.ranks.employee_id, |person| {
                person.employee_id.as_deref().unwrap_or("")
            }),
            (&mut self.ranks.designation, |person| &person.designation),
            (&mut self.ranks.email, |person| {
                person.email.as_deref().unwrap_or("")
            }),
        ];
        if changed.len() < WORTH_THREADS {
            ranks.into_iter().for_each(|(rank, text)| renew(rank, text));
            return;
        }
        std::thread::scope(|threads| {
            for (rank, text) in ranks {
                threads.spawn(move || renew(rank, text));
            }
        });
    }
}

fn until(agent: Option<&Agent>) -> Option<Timestamp> {
    agent.and_then(|agent| agent.admin.until)
}

fn move_lift(
    lifts: &mut BTreeSet<(Timestamp, u32)>,
    slot: u32,
    before: Option<Timestamp>,
    after: Option<Timestamp>,
) {
    if before != after {
        before.map(|at| lifts.remove(&(at, slot)));
        lifts.extend(after.map(|at| (at, slot)));
    }
}

fn keys(agent: Option<&Agent>, of: impl Fn(&Agent) -> Vec<i64>) -> Vec<i64> {
    agent.map_or_else(Vec::new, of)
}

/// A number that no other start of the program is likely to have.
fn epoch() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}
