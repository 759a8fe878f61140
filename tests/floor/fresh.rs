//! After any sequence of writes the picture is what a fresh load gives.

use super::reference::assert_fresh;
use crate::support::calls::{Known, Random, event, seeds, take};
use crate::support::world::{NewAgent, World, join_group, loaded};
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::call::{AgentRef, CallEventKind as K, EventBody, ReportedState};
use rollcall::domain::ids::{AgentId, CallerIdId, DepartmentId, GroupId, TimeGroupId};
use rollcall::domain::install::Install;
use rollcall::domain::time::{HOUR, SECOND};
use rollcall::store::schema::{
    agent_caller_ids, agent_group_members, agent_groups, agents, caller_ids, departments,
    time_groups, users,
};
use rollcall::store::{RecordKind, Tx, setting, time_group};

both_databases! {
    fn the_picture_follows_every_write(db: TestDb) {
        for seed in seeds(1) {
            let clock = TestClock::at("2026-11-22T06:30:00Z");
            let mut town = Town::new(World::new(&db, &clock), seed);
            let floor = town.world.floor();
            for round in 0..3 {
                for _ in 0..14 {
                    town.something_happens();
                }
                let fresh = loaded(db.store(&clock));
                assert_fresh(&floor, &fresh, &format!("seed {seed}, round {round}, of late {:?}", town.log));
                town.log.clear();
            }
        }
    }

    fn nothing_written_while_the_picture_is_loaded_is_missed(db: TestDb) {
        let clock = TestClock::at("2026-11-22T06:30:00Z");
        let world = World::new(&db, &clock);
        let agent = world.agent("Asha");
        let floor = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for number in 0..60 {
                    world.rename(agent, &format!("Asha {number}"));
                }
            });
            let floor = world.floor();
            writer.join().unwrap();
            floor
        });
        assert_fresh(&floor, &loaded(db.store(&clock)), "after renames beside the load");
    }

    fn a_deleted_time_group_keeps_nobody_from_working(db: TestDb) {
        let clock = TestClock::at("2026-11-22T06:30:00Z");
        let world = World::new(&db, &clock);
        let (first, last) = (world.hours("Nights", 127, 0, 1), world.hours("Days", 127, 0, 1));
        for hours in [first, last] {
            world.add(NewAgent {
                name: format!("Of {hours}"), login_id: format!("agent.{hours}"),
                rings_on: "phone", forwarding: Some("+919812345678".to_owned()),
                time_group: Some(hours), ..NewAgent::default()
            });
        }
        let floor = world.floor();
        take(&world.store, vec![event(clock.now(), EventBody::Heartbeat)]);
        let statuses = |floor: &rollcall::floor::Floor| {
            assert_fresh(floor, &loaded(db.store(&clock)), "");
            floor.picture().by_status(&rollcall::domain::role::Scope::All).0
        };
        world.write(time_group::follow_clock);
        assert_eq!(statuses(&floor), [0, 0, 0, 0, 2, 0], "both are closed: Offline");
        world.write(move |tx| {
            diesel::update(time_groups::table.filter(time_groups::id.eq_any([first.0, last.0])))
                .set(time_groups::deleted_at.eq(tx.now.0))
                .execute(tx.conn)?;
            tx.touch(RecordKind::TimeGroup, first.0);
            Ok(())
        });
        assert_eq!(statuses(&floor), [0, 0, 0, 0, 0, 2], "both Active");
    }
}

/// An install in which things happen at random.
struct Town {
    world: World,
    random: Random,
    agents: Vec<AgentId>,
    groups: Vec<GroupId>,
    departments: Vec<DepartmentId>,
    time_groups: Vec<TimeGroupId>,
    caller_ids: Vec<CallerIdId>,
    serial: u64,
    log: Vec<u64>,
}

const NAMES: [&str; 8] = [
    "Asha Rao",
    "asha rao",
    "Émile",
    "Zoë 10",
    "Zoë 2",
    "राज",
    "Ben",
    "Łukasz",
];

impl Town {
    fn new(world: World, seed: u64) -> Self {
        let mut town = Self {
            groups: ["Mornings", "Evenings"]
                .map(|name| world.group(name))
                .into(),
            departments: ["Sales", "Support"]
                .map(|name| world.department(name, 30))
                .into(),
            time_groups: vec![
                world.hours("Office", 31, 540, 1_080),
                world.hours("Nights", 127, 1_320, 360),
            ],
            caller_ids: ["+918040002291", "+912212345678"]
                .map(|number| world.caller_id(number))
                .into(),
            agents: Vec::new(),
            random: Random::new(seed),
            serial: seed * 1_000,
            log: Vec::new(),
            world,
        };
        (0..6).for_each(|_| town.somebody_joins());
        town
    }

    fn something_happens(&mut self) {
        let what = self.random.below(18);
        self.log.push(what);
        let name = self.random.pick(&NAMES).to_owned();
        match what {
            0 => self.somebody_joins(),
            1..=3 => self.somebody_changes(what, name),
            4 => self.leaves_or_comes_back(),
            5 => self.changes_groups(),
            6 => self.changes_caller_ids(),
            7..=9 => self.a_record_changes(what, name),
            10 => self.hours_open_or_close(),
            11 => self.a_setting_changes(),
            12..=14 => self.calls_come_in(),
            _ => self.states_are_reported(),
        }
    }

    fn agent(&mut self) -> AgentId {
        self.random.pick(&self.agents)
    }

    fn somebody_joins(&mut self) {
        self.serial += 1;
        let number = self.serial;
        let agent = NewAgent {
            name: self.random.pick(&NAMES).to_owned(),
            login_id: format!("login.{number}"),
            employee_id: self.random.once_in(2).then(|| format!("E{number}")),
            rings_on: self.random.pick(&["phone", "extension", "both"]),
            forwarding: self.random.once_in(2).then(|| format!("+9198{number:08}")),
            intercom: self.random.once_in(2).then(|| format!("{number:04}")),
            extension: self.random.once_in(2).then(|| format!("x{number}")),
            time_group: self
                .random
                .once_in(2)
                .then(|| self.random.pick(&self.time_groups)),
            groups: vec![self.random.pick(&self.groups)],
            departments: self.departments[..self.random.below(3) as usize].to_vec(),
            caller_ids: self.caller_ids[..self.random.below(3) as usize].to_vec(),
            login_based: self.random.once_in(3),
            ..NewAgent::default()
        };
        let id = self.world.add(agent);
        self.agents.push(id);
    }

    fn somebody_changes(&mut self, what: u64, name: String) {
        let agent = self.agent();
        if what == 1 {
            return self.world.rename(agent, &name);
        }
        let state = self.random.pick(&["enabled", "blocked", "disabled"]);
        let hours = self
            .random
            .once_in(2)
            .then(|| self.random.pick(&self.time_groups).0);
        let number = self
            .random
            .once_in(2)
            .then(|| format!("+9197{:08}", self.random.below(99_999_999)));
        let id = agent.user().0;
        self.user(id, move |tx| {
            diesel::update(agents::table.find(id))
                .set((
                    agents::admin_state.eq(state),
                    agents::time_group_id.eq(hours),
                    agents::forwarding_number.eq(number),
                ))
                .execute(tx.conn)
        });
    }

    fn leaves_or_comes_back(&mut self) {
        let (id, at) = (
            self.agent().user().0,
            self.random.once_in(2).then_some(1_i64),
        );
        let whole = self.random.once_in(2);
        self.user(id, move |tx| {
            if whole {
                let row = diesel::update(users::table.find(id));
                row.set(users::deleted_at.eq(at)).execute(tx.conn)
            } else {
                let row = diesel::update(agents::table.find(id));
                row.set(agents::removed_at.eq(at)).execute(tx.conn)
            }
        });
    }

    fn changes_groups(&mut self) {
        let id = self.agent().user().0;
        let group = self
            .random
            .once_in(2)
            .then(|| self.random.pick(&self.groups));
        self.user(id, move |tx| {
            let memberships =
                agent_group_members::table.filter(agent_group_members::agent_id.eq(id));
            let left = diesel::delete(memberships).execute(tx.conn);
            if let Some(group) = group {
                join_group(tx, id, group).unwrap();
            }
            left
        });
    }

    fn changes_caller_ids(&mut self) {
        let id = self.agent().user().0;
        let caller_id = self.random.pick(&self.caller_ids).0;
        self.user(id, move |tx| {
            diesel::delete(agent_caller_ids::table.filter(agent_caller_ids::agent_id.eq(id)))
                .execute(tx.conn)?;
            diesel::insert_into(agent_caller_ids::table)
                .values((
                    agent_caller_ids::agent_id.eq(id),
                    agent_caller_ids::caller_id_id.eq(caller_id),
                    agent_caller_ids::position.eq(0),
                ))
                .execute(tx.conn)
        });
    }

    /// A group, a department or a caller id is renamed, deleted or brought back.
    fn a_record_changes(&mut self, what: u64, name: String) {
        let deleted = self.random.once_in(3).then_some(1_i64);
        let (group, department) = (
            self.random.pick(&self.groups).0,
            self.random.pick(&self.departments).0,
        );
        let caller_id = self.random.pick(&self.caller_ids).0;
        let number = format!("+9180{:08}", self.random.below(99_999_999));
        self.world.write(move |tx| {
            match what {
                7 => {
                    let row = diesel::update(agent_groups::table.find(group));
                    row.set((
                        agent_groups::name.eq(name),
                        agent_groups::deleted_at.eq(deleted),
                    ))
                    .execute(tx.conn)?;
                    tx.touch(RecordKind::Group, group);
                }
                8 => {
                    let row = diesel::update(departments::table.find(department));
                    row.set((
                        departments::name.eq(name),
                        departments::deleted_at.eq(deleted),
                    ))
                    .execute(tx.conn)?;
                    tx.touch(RecordKind::Department, department);
                }
                _ => {
                    let row = diesel::update(caller_ids::table.find(caller_id));
                    row.set((
                        caller_ids::number.eq(number),
                        caller_ids::deleted_at.eq(deleted),
                    ))
                    .execute(tx.conn)?;
                    tx.touch(RecordKind::CallerId, caller_id);
                }
            }
            Ok(())
        });
    }

    fn hours_open_or_close(&mut self) {
        self.world
            .clock
            .advance(self.random.between(1, 30) * HOUR / 4);
        let (id, deleted) = (
            self.random.pick(&self.time_groups).0,
            self.random.once_in(4).then_some(1_i64),
        );
        self.world.write(move |tx| {
            time_group::follow_clock(tx)?;
            diesel::update(time_groups::table.find(id))
                .set(time_groups::deleted_at.eq(deleted))
                .execute(tx.conn)?;
            tx.touch(RecordKind::TimeGroup, id);
            Ok(())
        });
    }

    fn a_setting_changes(&mut self) {
        let day = self.random.between(1, 28).to_string();
        self.world
            .write(move |tx| setting::put(tx, Install::PAY_CYCLE_DAY, &day));
    }

    fn calls_come_in(&mut self) {
        self.serial += 1;
        let now = self.world.clock.now();
        let call = format!("c{}", self.serial);
        let mut events = Vec::new();
        for number in 0..1 + self.random.below(3) {
            let from = now.plus(-self.random.between(1, 400_000) * SECOND);
            let mut leg = Known::leg(&call, &number.to_string(), self.agent(), from);
            leg.department = self
                .random
                .once_in(2)
                .then(|| self.random.pick(&self.departments));
            events.push(leg.event(K::Ringing));
            if self.random.once_in(2) {
                leg = leg.answered(3);
                events.push(leg.event(K::Answered));
            }
            if !self.random.once_in(3) {
                events.push(leg.ended(30).event(K::Ended));
            }
        }
        self.random.shuffle(&mut events);
        take(&self.world.store, events);
    }

    fn states_are_reported(&mut self) {
        let agent = AgentRef::Id(self.agent());
        let state = self.random.pick(ReportedState::ALL);
        let body = match self.random.below(4) {
            0 => EventBody::Registered(agent),
            1 => EventBody::Unregistered(agent),
            2 => EventBody::Snapshot {
                registered: vec![agent],
                calls: Vec::new(),
            },
            _ => EventBody::AgentState {
                agent,
                state,
                reason: None,
            },
        };
        self.world.clock.advance(SECOND);
        take(&self.world.store, vec![event(self.world.clock.now(), body)]);
    }

    fn user(
        &self,
        id: i64,
        change: impl FnOnce(&mut Tx<'_>) -> QueryResult<usize> + Send + 'static,
    ) {
        self.world.write(move |tx| {
            change(tx)?;
            tx.touch(RecordKind::User, id);
            Ok(())
        });
    }
}
