//! An office full of people of every kind, and what the test knows of them.

use crate::support::calls::{Known, Random, accept, event};
use crate::support::world::{NewAgent, World, block_on};
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::call::{AgentRef, EventBody, ReportedState};
use rollcall::domain::ids::{AgentId, CallerIdId, DepartmentId, GroupId, TimeGroupId};
use rollcall::domain::text::Collation;
use rollcall::domain::time::SECOND;
use rollcall::floor::{Floor, Tally};
use rollcall::store::RecordKind;
use rollcall::store::schema::time_groups;

/// A person as the test knows them.
pub struct Person {
    pub id: AgentId,
    pub agent: NewAgent,
    /// None, registered or unregistered.
    pub device: Option<bool>,
    pub state: ReportedState,
    pub tally: Tally,
}

pub struct Office {
    pub world: World,
    pub floor: Floor,
    pub groups: Vec<GroupId>,
    pub people: Vec<Person>,
    pub names: Names,
    pub collation: Collation,
}

/// The small records by id, with what they are called.
pub struct Names {
    pub departments: Vec<(i64, &'static str)>,
    pub time_groups: Vec<(i64, &'static str, bool)>,
    pub caller_ids: Vec<(i64, u64)>,
}

const NAMES: [&str; 12] = [
    "Asha Rao",
    "asha rao",
    "Émile Zola",
    "Zoë 10",
    "Zoë 2",
    "राज",
    "अनिल",
    "Ben",
    "Łukasz",
    "José",
    "ben",
    "Øystein",
];

impl Office {
    pub fn new(db: &TestDb) -> Self {
        let clock = TestClock::at("2026-11-22T06:30:00Z");
        let world = World::new(db, &clock);
        let groups: Vec<_> = ["Mornings", "Evenings", "Nights"]
            .map(|name| world.group(name))
            .into();
        let departments =
            ["Support", "sales", "Billing"].map(|name| (world.department(name, 0).0, name));
        let hours = [("UK", true), ("Early", false)]
            .map(|(name, open)| (world.hours(name, 127, 0, 0).0, name, open));
        let caller_ids = [918_040_002_291_u64, 912_212_345_678]
            .map(|n| (world.caller_id(&format!("+{n}")).0, n));
        let names = Names {
            departments: departments.into(),
            time_groups: hours.into(),
            caller_ids: caller_ids.into(),
        };
        let closed = hours[1].0;
        world.write(move |tx| {
            diesel::update(time_groups::table.find(closed))
                .set(time_groups::open_now.eq(false))
                .execute(tx.conn)?;
            tx.touch(RecordKind::TimeGroup, closed);
            Ok(())
        });
        let mut random = Random::new(7);
        let mut office = Self {
            floor: world.floor(),
            world,
            groups,
            people: Vec::new(),
            names,
            collation: Collation::new(),
        };
        (0..45).for_each(|n| office.add(&mut random, n));
        let left = office.world.agent("Left");
        office.count(left, "left", 1, 2);
        office.world.set_deleted(left, true);
        // The check has the picture look at once whether the phone system is heard.
        block_on(office.floor.check()).unwrap();
        office
    }

    fn add(&mut self, random: &mut Random, n: u64) {
        fn some<T: Copy>(random: &mut Random, from: &[T]) -> Option<T> {
            (!random.once_in(3)).then(|| random.pick(from))
        }
        let departments: Vec<_> = self
            .names
            .departments
            .iter()
            .map(|(id, _)| DepartmentId(*id))
            .collect();
        let hours: Vec<_> = self
            .names
            .time_groups
            .iter()
            .map(|(id, ..)| TimeGroupId(*id))
            .collect();
        let caller_ids: Vec<_> = self
            .names
            .caller_ids
            .iter()
            .map(|(id, _)| CallerIdId(*id))
            .collect();
        let numbers = |random: &mut Random| format!("+9198{:08}", random.below(20));
        let agent = NewAgent {
            name: random.pick(&NAMES).to_owned(),
            login_id: format!("{}{n}", random.pick(&["user.", "USER-", "z_"])),
            employee_id: some(random, &["E7", "e10", "E9"]).map(|e| format!("{e}-{n}")),
            designation: some(random, &["Lead", "agent", "Senior agent"])
                .unwrap_or_default()
                .to_owned(),
            phone: some(random, &[()]).map(|()| numbers(random)),
            email: some(random, &["a", "B"]).map(|e| format!("{e}{n}@example.org")),
            forwarding: some(random, &[()]).map(|()| numbers(random)),
            alternatives: (0..random.below(3)).map(|_| numbers(random)).collect(),
            rings_on: random.pick(&["phone", "extension", "both"]),
            intercom: some(random, &["0", "1", "20"]).map(|i| format!("{i}{n:03}")),
            extension: some(random, &["ext"]).map(|e| format!("{e}{n}")),
            time_group: some(random, &hours),
            groups: self.groups[..random.below(3) as usize].to_vec(),
            departments: departments
                .into_iter()
                .filter(|_| random.once_in(2))
                .collect(),
            caller_ids: some(random, &caller_ids).into_iter().collect(),
            admin_state: random.pick(&["enabled", "enabled", "enabled", "blocked", "disabled"]),
            login_based: random.once_in(2),
        };
        let id = self.world.add(agent.clone());
        let device = agent
            .extension
            .as_ref()
            .and_then(|_| random.pick(&[None, Some(true), Some(false)]));
        let state = random.pick(&[
            ReportedState::Idle,
            ReportedState::Idle,
            ReportedState::OnCall,
            ReportedState::Paused,
            ReportedState::Offline,
            ReportedState::Ringing,
        ]);
        let now = self.world.clock.now();
        let mut events = vec![event(
            now,
            EventBody::AgentState {
                agent: AgentRef::Id(id),
                state,
                reason: None,
            },
        )];
        let tally = Tally {
            answered: random.below(4) as i64,
            missed: random.below(3) as i64,
        };
        self.count(id, &n.to_string(), tally.answered, tally.missed);
        events.extend(device.map(|registered| match registered {
            true => event(now, EventBody::Registered(AgentRef::Id(id))),
            false => event(now, EventBody::Unregistered(AgentRef::Id(id))),
        }));
        accept(&self.world.store, events);
        self.people.push(Person {
            id,
            agent,
            device,
            state,
            tally,
        });
    }

    fn count(&self, agent: AgentId, about: &str, answered: i64, missed: i64) {
        let from = self.world.clock.now().plus(-900 * SECOND);
        let leg = |n: i64| Known::leg(&format!("c-{about}-{n}"), "1", agent, from).ended(60);
        let answered = (0..answered).map(|n| leg(n).answered(9).record());
        accept(
            &self.world.store,
            answered
                .chain((0..missed).map(|n| leg(100 + n).record()))
                .collect(),
        );
    }
}
