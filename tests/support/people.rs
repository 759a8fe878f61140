//! Agents, groups and departments put straight into the tables, where no page makes them yet.

use diesel::prelude::*;
use rollcall::domain::ids::{AgentId, UserId};
use rollcall::store::schema::{
    agent_group_members, agent_groups, agent_live, agents, department_members, departments,
    user_scope_groups, users,
};
use rollcall::store::{RecordKind, Tx, role};

/// An agent on duty with a phone that is registered; every text is what the test says.
pub struct NewAgent<'a> {
    pub name: &'a str,
    pub login_id: &'a str,
    pub designation: &'a str,
    pub employee_id: Option<&'a str>,
    pub email: Option<&'a str>,
    pub forwarding_number: Option<&'a str>,
    /// A word of `AdminState`, and the reason.
    pub admin_state: &'a str,
    pub admin_reason: Option<&'a str>,
    pub group: Option<i64>,
    pub department: Option<i64>,
}

impl Default for NewAgent<'_> {
    fn default() -> Self {
        Self {
            name: "Asha Rao",
            login_id: "asha.rao",
            designation: "Senior associate",
            employee_id: None,
            email: None,
            forwarding_number: Some("+919876543210"),
            admin_state: "enabled",
            admin_reason: None,
            group: None,
            department: None,
        }
    }
}

pub fn insert_agent(tx: &mut Tx<'_>, new: &NewAgent<'_>) -> AgentId {
    let now = tx.now.0;
    let role = role::find_by_name(tx.conn, "Agent")
        .expect("roles")
        .expect("a built-in role")
        .id;
    let id: i64 = diesel::insert_into(users::table)
        .values((
            users::name.eq(new.name),
            users::employee_id.eq(new.employee_id),
            users::designation.eq(new.designation),
            users::email.eq(new.email),
            users::login_id.eq(new.login_id),
            users::role_id.eq(role.0),
            users::web_login.eq("none"),
            users::failed_sign_ins.eq(0),
            users::allowed_ips.eq(""),
            users::preferences.eq("{}"),
            users::created_at.eq(now),
            users::updated_at.eq(now),
            users::version.eq(1_i64),
        ))
        .returning(users::id)
        .get_result(tx.conn)
        .expect("the user is new");
    diesel::insert_into(agents::table)
        .values((
            agents::user_id.eq(id),
            agents::forwarding_number.eq(new.forwarding_number),
            agents::alternative_numbers.eq(""),
            agents::rings_on.eq("both"),
            agents::outgoing_calls.eq("all"),
            agents::login_based.eq(false),
            agents::admin_state.eq(new.admin_state),
            agents::admin_reason.eq(new.admin_reason),
            agents::admin_at.eq(now),
            agents::version.eq(1_i64),
        ))
        .execute(tx.conn)
        .expect("the agent is new");
    diesel::insert_into(agent_live::table)
        .values((
            agent_live::agent_id.eq(id),
            agent_live::duty.eq("on"),
            agent_live::duty_at.eq(now),
            agent_live::device.eq("registered"),
            agent_live::device_at.eq(now),
            agent_live::device_sequence.eq(""),
            agent_live::call_state.eq("idle"),
            agent_live::call_at.eq(now),
            agent_live::call_sequence.eq(""),
        ))
        .execute(tx.conn)
        .expect("the state is new");
    if let Some(group) = new.group {
        diesel::insert_into(agent_group_members::table)
            .values((
                agent_group_members::group_id.eq(group),
                agent_group_members::agent_id.eq(id),
            ))
            .execute(tx.conn)
            .expect("the group is there");
    }
    if let Some(department) = new.department {
        diesel::insert_into(department_members::table)
            .values((
                department_members::department_id.eq(department),
                department_members::agent_id.eq(id),
                department_members::position.eq(1),
            ))
            .execute(tx.conn)
            .expect("the department is there");
    }
    tx.touch(RecordKind::User, id);
    AgentId::of(UserId(id))
}

pub fn insert_group(tx: &mut Tx<'_>, name: &str) -> i64 {
    let now = tx.now.0;
    let id: i64 = diesel::insert_into(agent_groups::table)
        .values((
            agent_groups::name.eq(name),
            agent_groups::description.eq(""),
            agent_groups::created_at.eq(now),
            agent_groups::updated_at.eq(now),
            agent_groups::version.eq(1_i64),
        ))
        .returning(agent_groups::id)
        .get_result(tx.conn)
        .expect("the group is new");
    tx.touch(RecordKind::Group, id);
    id
}

pub fn insert_department(tx: &mut Tx<'_>, name: &str) -> i64 {
    let now = tx.now.0;
    let id: i64 = diesel::insert_into(departments::table)
        .values((
            departments::name.eq(name),
            departments::description.eq(""),
            departments::ring_strategy.eq("simultaneous"),
            departments::ring_timeout_seconds.eq(20),
            departments::wrap_up_seconds.eq(0),
            departments::use_as_queue.eq(true),
            departments::created_at.eq(now),
            departments::updated_at.eq(now),
            departments::version.eq(1_i64),
        ))
        .returning(departments::id)
        .get_result(tx.conn)
        .expect("the department is new");
    tx.touch(RecordKind::Department, id);
    id
}

/// Gives the person with this login id the rights of her role over a group.
pub fn give_scope(tx: &mut Tx<'_>, login_id: &str, group: i64) {
    let user: i64 = users::table
        .filter(users::login_id.eq(login_id))
        .select(users::id)
        .first(tx.conn)
        .expect("the user is there");
    diesel::insert_into(user_scope_groups::table)
        .values((
            user_scope_groups::user_id.eq(user),
            user_scope_groups::group_id.eq(group),
        ))
        .execute(tx.conn)
        .expect("the scope is new");
    tx.touch(RecordKind::User, user);
}
