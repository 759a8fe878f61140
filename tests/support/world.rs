//! A small install for tests: settings, roles, and records that are made by a line each.

use super::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::audit::Actor;
use rollcall::domain::ids::{AgentId, CallerIdId, DepartmentId, GroupId, TimeGroupId, UserId};
use rollcall::domain::install::Install;
use rollcall::floor::Floor;
use rollcall::store::role::{self, ensure_built_in};
use rollcall::store::schema::{
    agent_caller_ids, agent_group_members, agent_groups, agents, caller_ids, department_members,
    departments, extensions, time_group_rows, time_groups, users,
};
use rollcall::store::{RecordKind, Store, StoreError, Tx, setting};

/// An install with a store and a clock.
pub struct World {
    pub store: Store,
    pub clock: TestClock,
}

/// An agent to be; what is not given is as plain as can be.
#[derive(Clone, Debug, Default)]
pub struct NewAgent {
    pub name: String,
    pub login_id: String,
    pub employee_id: Option<String>,
    pub designation: String,
    /// E.164, as all numbers here.
    pub phone: Option<String>,
    pub email: Option<String>,
    pub forwarding: Option<String>,
    pub alternatives: Vec<String>,
    /// `extension` when empty.
    pub rings_on: &'static str,
    pub intercom: Option<String>,
    pub extension: Option<String>,
    pub time_group: Option<TimeGroupId>,
    pub groups: Vec<GroupId>,
    pub departments: Vec<DepartmentId>,
    pub caller_ids: Vec<CallerIdId>,
    /// `enabled` when empty.
    pub admin_state: &'static str,
    pub login_based: bool,
}

impl World {
    /// In India, days from midnight to midnight.
    pub fn new(db: &TestDb, clock: &TestClock) -> Self {
        Self::with_days(db, clock, "Asia/Kolkata", "00:00")
    }

    pub fn with_days(db: &TestDb, clock: &TestClock, zone: &str, begins: &str) -> Self {
        let world = Self {
            store: db.store(clock),
            clock: clock.clone(),
        };
        world.write(ensure_built_in);
        world.set_days(zone, begins);
        world
    }

    pub fn set_days(&self, zone: &str, begins: &str) {
        let (zone, begins) = (zone.to_owned(), begins.to_owned());
        self.write(move |tx| {
            setting::put(tx, Install::TIME_ZONE, &zone)?;
            setting::put(tx, Install::DAY_BEGINS_AT, &begins)
        });
    }

    pub fn write<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write_blocking(Actor::system(), act).unwrap()
    }

    /// The picture over it, its counts loaded.
    pub fn floor(&self) -> Floor {
        loaded(self.store.clone())
    }

    /// An agent with an extension, known by a name.
    pub fn agent(&self, name: &str) -> AgentId {
        let login = name.to_lowercase().replace(' ', ".");
        self.add(NewAgent {
            name: name.to_owned(),
            extension: Some(format!("ext-{login}")),
            login_id: login,
            ..NewAgent::default()
        })
    }

    pub fn add(&self, agent: NewAgent) -> AgentId {
        self.write(move |tx| insert_agent(tx, agent))
    }

    pub fn group(&self, name: &str) -> GroupId {
        let name = name.to_owned();
        GroupId(self.write(move |tx| {
            let id: i64 = diesel::insert_into(agent_groups::table)
                .values((
                    agent_groups::name.eq(&name),
                    agent_groups::description.eq(""),
                    agent_groups::created_at.eq(tx.now.0),
                    agent_groups::updated_at.eq(tx.now.0),
                    agent_groups::version.eq(1_i64),
                ))
                .returning(agent_groups::id)
                .get_result(tx.conn)?;
            tx.touch(RecordKind::Group, id);
            Ok(id)
        }))
    }

    pub fn department(&self, name: &str, wrap_up_seconds: i32) -> DepartmentId {
        let name = name.to_owned();
        DepartmentId(self.write(move |tx| {
            let id: i64 = diesel::insert_into(departments::table)
                .values((
                    departments::name.eq(&name),
                    departments::description.eq(""),
                    departments::ring_strategy.eq("simultaneous"),
                    departments::ring_timeout_seconds.eq(20),
                    departments::wrap_up_seconds.eq(wrap_up_seconds),
                    departments::use_as_queue.eq(true),
                    departments::created_at.eq(tx.now.0),
                    departments::updated_at.eq(tx.now.0),
                    departments::version.eq(1_i64),
                ))
                .returning(departments::id)
                .get_result(tx.conn)?;
            tx.touch(RecordKind::Department, id);
            Ok(id)
        }))
    }

    /// Hours in India: weekdays as bits from Monday, from and to in minutes. Open until the clock's
    /// job has looked.
    pub fn hours(&self, name: &str, weekdays: i32, from: i32, to: i32) -> TimeGroupId {
        let name = name.to_owned();
        TimeGroupId(self.write(move |tx| {
            let id: i64 = diesel::insert_into(time_groups::table)
                .values((
                    time_groups::name.eq(&name),
                    time_groups::zone.eq("Asia/Kolkata"),
                    time_groups::always.eq(false),
                    time_groups::open_now.eq(true),
                    time_groups::next_change_at.eq(tx.now.0),
                    time_groups::version.eq(1_i64),
                ))
                .returning(time_groups::id)
                .get_result(tx.conn)?;
            diesel::insert_into(time_group_rows::table)
                .values((
                    time_group_rows::time_group_id.eq(id),
                    time_group_rows::weekdays.eq(weekdays),
                    time_group_rows::from_minute.eq(from),
                    time_group_rows::to_minute.eq(to),
                ))
                .execute(tx.conn)?;
            tx.touch(RecordKind::TimeGroup, id);
            Ok(id)
        }))
    }

    pub fn caller_id(&self, number: &str) -> CallerIdId {
        let number = number.to_owned();
        CallerIdId(self.write(move |tx| {
            let id: i64 = diesel::insert_into(caller_ids::table)
                .values((
                    caller_ids::number.eq(&number),
                    caller_ids::label.eq(""),
                    caller_ids::target_kind.eq("nowhere"),
                    caller_ids::version.eq(1_i64),
                ))
                .returning(caller_ids::id)
                .get_result(tx.conn)?;
            tx.touch(RecordKind::CallerId, id);
            Ok(id)
        }))
    }

    /// Deletes a user, or brings one back.
    pub fn set_deleted(&self, agent: AgentId, deleted: bool) {
        let id = agent.user().0;
        self.write(move |tx| {
            diesel::update(users::table.find(id))
                .set(users::deleted_at.eq(deleted.then_some(tx.now.0)))
                .execute(tx.conn)?;
            tx.touch(RecordKind::User, id);
            Ok(())
        });
    }

    pub fn rename(&self, agent: AgentId, name: &str) {
        let (id, name) = (agent.user().0, name.to_owned());
        self.write(move |tx| {
            diesel::update(users::table.find(id))
                .set(users::name.eq(name))
                .execute(tx.conn)?;
            tx.touch(RecordKind::User, id);
            Ok(())
        });
    }
}

/// The picture over a store, its counts loaded.
pub fn loaded(store: Store) -> Floor {
    let floor = Floor::load(store).unwrap();
    block_on(floor.loaded(rollcall::domain::day_range::DaySpan {
        from: rollcall::domain::day_range::Day::FIRST,
        to: rollcall::domain::day_range::Day::LAST,
    }));
    floor
}

/// Waits for a future outside of any runtime.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

/// Writes an agent with everything around it.
pub fn insert_agent(tx: &mut Tx<'_>, agent: NewAgent) -> Result<AgentId, StoreError> {
    let role = role::find_by_name(tx.conn, "Agent")?.unwrap();
    let id: i64 = diesel::insert_into(users::table)
        .values((
            users::name.eq(&agent.name),
            users::employee_id.eq(&agent.employee_id),
            users::designation.eq(&agent.designation),
            users::phone.eq(&agent.phone),
            users::email.eq(&agent.email),
            users::login_id.eq(&agent.login_id),
            users::role_id.eq(role.id.0),
            users::web_login.eq("none"),
            users::failed_sign_ins.eq(0),
            users::allowed_ips.eq(""),
            users::preferences.eq("{}"),
            users::created_at.eq(tx.now.0),
            users::updated_at.eq(tx.now.0),
            users::version.eq(1_i64),
        ))
        .returning(users::id)
        .get_result(tx.conn)?;
    let word = |word: &'static str, plain| if word.is_empty() { plain } else { word };
    diesel::insert_into(agents::table)
        .values((
            agents::user_id.eq(id),
            agents::forwarding_number.eq(&agent.forwarding),
            agents::alternative_numbers.eq(agent.alternatives.join("|")),
            agents::rings_on.eq(word(agent.rings_on, "extension")),
            agents::intercom.eq(&agent.intercom),
            agents::time_group_id.eq(agent.time_group.map(|id| id.0)),
            agents::outgoing_calls.eq("all"),
            agents::login_based.eq(agent.login_based),
            agents::admin_state.eq(word(agent.admin_state, "enabled")),
            agents::admin_at.eq(tx.now.0),
            agents::version.eq(1_i64),
        ))
        .execute(tx.conn)?;
    insert_links(tx, id, &agent)?;
    tx.touch(RecordKind::User, id);
    Ok(AgentId::of(UserId(id)))
}

fn insert_links(tx: &mut Tx<'_>, id: i64, agent: &NewAgent) -> Result<(), StoreError> {
    for group in &agent.groups {
        join_group(tx, id, *group)?;
    }
    for (position, department) in (0..).zip(&agent.departments) {
        diesel::insert_into(department_members::table)
            .values((
                department_members::department_id.eq(department.0),
                department_members::agent_id.eq(id),
                department_members::position.eq(position),
            ))
            .execute(tx.conn)?;
    }
    for (position, caller_id) in (0..).zip(&agent.caller_ids) {
        diesel::insert_into(agent_caller_ids::table)
            .values((
                agent_caller_ids::agent_id.eq(id),
                agent_caller_ids::caller_id_id.eq(caller_id.0),
                agent_caller_ids::position.eq(position),
            ))
            .execute(tx.conn)?;
    }
    if let Some(username) = &agent.extension {
        diesel::insert_into(extensions::table)
            .values((
                extensions::username.eq(username),
                extensions::agent_id.eq(id),
                extensions::created_at.eq(tx.now.0),
                extensions::version.eq(1_i64),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub fn join_group(tx: &mut Tx<'_>, agent: i64, group: GroupId) -> Result<(), StoreError> {
    diesel::insert_into(agent_group_members::table)
        .values((
            agent_group_members::group_id.eq(group.0),
            agent_group_members::agent_id.eq(agent),
        ))
        .execute(tx.conn)?;
    Ok(())
}
