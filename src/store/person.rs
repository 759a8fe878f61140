//! Reads people whole: user, agent, live state and all memberships.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::{
    agent_caller_ids, agent_group_members, agent_live, agents, caller_ids, department_members,
    departments, extensions, user_scope_groups, users,
};
use crate::domain::ids::{CallerIdId, DepartmentId, GroupId, RoleId, TimeGroupId, UserId};
use crate::domain::person::{Admin, Agent, Live, Person};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use std::iter::Peekable;
use std::str::FromStr;
use std::thread::ScopedJoinHandle;

/// Bind values that both databases take in one statement.
const IDS_AT_ONCE: usize = 1_000;

/// Every user there ever was and that is not purged, deleted ones too, by ascending id.
pub fn all(conn: &mut Conn) -> Result<Vec<Person>, StoreError> {
    load(conn, None)
}

/// As [`all`], read over three connections at a time. What is written meanwhile may be in one part only.
pub fn all_at_once(
    conn: &mut Conn,
    open: impl Fn() -> Result<Conn, StoreError> + Sync,
) -> Result<Vec<Person>, StoreError> {
    std::thread::scope(|threads| {
        let agents = threads.spawn(|| Agents::load(&mut open()?, None));
        let links = threads.spawn(|| Links::load(&mut open()?, None));
        let users = Users::load(conn, None)?;
        join(users, joined(agents)?, joined(links)?)
    })
}

fn joined<T>(thread: ScopedJoinHandle<'_, Result<T, StoreError>>) -> Result<T, StoreError> {
    thread
        .join()
        .map_err(|_| StoreError::broken("reading the people panicked"))?
}

/// The users with these ids, by ascending id; ids without a row are left out.
pub fn by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Person>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS_AT_ONCE) {
        found.append(&mut load(conn, Some(ids))?);
    }
    Ok(found)
}

/// The whole table, or only the rows whose column is one of the ids, in order.
macro_rules! rows {
    ($conn:expr, $ids:expr, $table:ident . $column:ident, order $order:expr, $select:expr $(, only $filter:expr)?) => {{
        let query = $table::table.select($select).order($order)$(.filter($filter))?;
        match $ids {
            None => query.load($conn)?,
            Some(ids) => query.filter($table::$column.eq_any(ids)).load($conn)?,
        }
    }};
}

/// Only links to records that are not deleted: those that are come back with their record.
macro_rules! living {
    ($link:ident :: $column:ident -> $table:ident) => {
        $link::$column.eq_any(
            $table::table
                .filter($table::deleted_at.is_null())
                .select($table::id),
        )
    };
}

fn load(conn: &mut Conn, ids: Option<&[i64]>) -> Result<Vec<Person>, StoreError> {
    let users = Users::load(conn, ids)?;
    join(users, Agents::load(conn, ids)?, Links::load(conn, ids)?)
}

/// Values of keys, by ascending key: handed out to one key after the other, in the order of the keys.
struct Runs<T>(Peekable<std::vec::IntoIter<(i64, T)>>);

impl<T> Runs<T> {
    fn new(rows: Vec<(i64, T)>) -> Self {
        Self(rows.into_iter().peekable())
    }

    fn of(&mut self, key: i64) -> impl Iterator<Item = T> {
        while self.0.next_if(|(at, _)| *at < key).is_some() {}
        std::iter::from_fn(move || self.0.next_if(|(at, _)| *at == key).map(|(_, value)| value))
    }
}

/// Users and the groups that their rights are bound to.
struct Users {
    rows: Vec<UserRow>,
    scopes: Runs<i64>,
}

impl Users {
    fn load(conn: &mut Conn, ids: Option<&[i64]>) -> Result<Self, StoreError> {
        Ok(Self {
            rows: rows!(conn, ids, users.id, order users::id, UserRow::as_select()),
            scopes: Runs::new(rows!(
                conn,
                ids,
                user_scope_groups.user_id,
                order(user_scope_groups::user_id, user_scope_groups::group_id),
                (user_scope_groups::user_id, user_scope_groups::group_id)
            )),
        })
    }
}

/// Agents and what is known of them live, if anything was ever heard.
struct Agents {
    rows: Peekable<std::vec::IntoIter<AgentRow>>,
    live: Peekable<std::vec::IntoIter<LiveRow>>,
}

impl Agents {
    fn load(conn: &mut Conn, ids: Option<&[i64]>) -> Result<Self, StoreError> {
        let rows: Vec<AgentRow> =
            rows!(conn, ids, agents.user_id, order agents::user_id, AgentRow::as_select());
        let live: Vec<LiveRow> =
            rows!(conn, ids, agent_live.agent_id, order agent_live::agent_id, LiveRow::as_select());
        Ok(Self {
            rows: rows.into_iter().peekable(),
            live: live.into_iter().peekable(),
        })
    }

    /// The rows of one user; users are asked for by ascending id.
    fn of(&mut self, user: i64) -> Option<(AgentRow, Option<LiveRow>)> {
        while self.rows.next_if(|row| row.user_id < user).is_some() {}
        while self.live.next_if(|row| row.agent_id < user).is_some() {}
        let row = self.rows.next_if(|row| row.user_id == user)?;
        Some((row, self.live.next_if(|live| live.agent_id == user)))
    }
}

/// What agents belong to and own, each list in its order.
struct Links {
    groups: Runs<i64>,
    departments: Runs<i64>,
    caller_ids: Runs<i64>,
    extensions: Runs<String>,
}

impl Links {
    fn load(conn: &mut Conn, ids: Option<&[i64]>) -> Result<Self, StoreError> {
        let extensions: Vec<(Option<i64>, String)> = rows!(
            conn,
            ids,
            extensions.agent_id,
            order(extensions::agent_id, extensions::id),
            (extensions::agent_id, extensions::username)
        );
        let owned = |(agent, username): (Option<i64>, String)| Some((agent?, username));
        Ok(Self {
            groups: Runs::new(rows!(
                conn,
                ids,
                agent_group_members.agent_id,
                order(agent_group_members::agent_id, agent_group_members::group_id),
                (agent_group_members::agent_id, agent_group_members::group_id)
            )),
            departments: Runs::new(rows!(
                conn,
                ids,
                department_members.agent_id,
                order(
                    department_members::agent_id,
                    department_members::department_id
                ),
                (
                    department_members::agent_id,
                    department_members::department_id
                ),
                only living!(department_members::department_id -> departments)
            )),
            caller_ids: Runs::new(rows!(
                conn,
                ids,
                agent_caller_ids.agent_id,
                order(agent_caller_ids::agent_id, agent_caller_ids::position),
                (agent_caller_ids::agent_id, agent_caller_ids::caller_id_id),
                only living!(agent_caller_ids::caller_id_id -> caller_ids)
            )),
            extensions: Runs::new(extensions.into_iter().filter_map(owned).collect()),
        })
    }
}

/// All parts are by ascending id, so each is walked through once.
fn join(mut users: Users, mut agents: Agents, mut links: Links) -> Result<Vec<Person>, StoreError> {
    users
        .rows
        .into_iter()
        .map(|row| {
            let agent = match agents.of(row.id) {
                None => None,
                Some((agent, live)) => {
                    let live = match live {
                        Some(live) => live.into_live()?,
                        None => Live::unknown(Timestamp(row.created_at)),
                    };
                    Some(agent.into_agent(live, &mut links)?)
                }
            };
            let scope = users.scopes.of(row.id).map(GroupId).collect();
            row.into_person(scope, agent)
        })
        .collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: i64,
    name: String,
    employee_id: Option<String>,
    designation: String,
    phone: Option<String>,
    email: Option<String>,
    login_id: String,
    role_id: i64,
    web_login: String,
    locked_until: Option<i64>,
    preferences: String,
    created_at: i64,
    deleted_at: Option<i64>,
    version: i64,
}

impl UserRow {
    fn into_person(
        self,
        scope_groups: Box<[GroupId]>,
        agent: Option<Agent>,
    ) -> Result<Person, StoreError> {
        Ok(Person {
            id: UserId(self.id),
            name: self.name.into(),
            employee_id: self.employee_id.map(Into::into),
            designation: self.designation.into(),
            phone: self.phone.as_deref().map(phone).transpose()?,
            email: self.email.map(Into::into),
            login_id: self.login_id.into(),
            role: RoleId(self.role_id),
            web_login: word(&self.web_login)?,
            locked_until: self.locked_until.map(Timestamp),
            scope_groups,
            preferences: self.preferences.into(),
            deleted: self.deleted_at.is_some(),
            version: self.version,
            agent: agent.map(Box::new),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = agents)]
struct AgentRow {
    user_id: i64,
    forwarding_number: Option<String>,
    alternative_numbers: String,
    rings_on: String,
    intercom: Option<String>,
    time_group_id: Option<i64>,
    outgoing_calls: String,
    login_based: bool,
    admin_state: String,
    admin_reason: Option<String>,
    admin_until: Option<i64>,
    admin_at: i64,
    admin_by: Option<i64>,
    removed_at: Option<i64>,
    version: i64,
}

impl AgentRow {
    fn into_agent(self, live: Live, links: &mut Links) -> Result<Agent, StoreError> {
        let id = self.user_id;
        Ok(Agent {
            forwarding_number: self.forwarding_number.as_deref().map(phone).transpose()?,
            alternative_numbers: self
                .alternative_numbers
                .split('|')
                .filter(|number| !number.is_empty())
                .map(phone)
                .collect::<Result<_, _>>()?,
            rings_on: word(&self.rings_on)?,
            intercom: self.intercom.map(Into::into),
            time_group: self.time_group_id.map(TimeGroupId),
            departments: links.departments.of(id).map(DepartmentId).collect(),
            groups: links.groups.of(id).map(GroupId).collect(),
            caller_ids: links.caller_ids.of(id).map(CallerIdId).collect(),
            extension: links.extensions.of(id).last().map(Into::into),
            outgoing_calls: word(&self.outgoing_calls)?,
            login_based: self.login_based,
            live,
            admin: Admin {
                state: word(&self.admin_state)?,
                reason: self.admin_reason.map(Into::into),
                until: self.admin_until.map(Timestamp),
                at: Timestamp(self.admin_at),
                by: self.admin_by.map(UserId),
            },
            removed: self.removed_at.is_some(),
            version: self.version,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = agent_live)]
struct LiveRow {
    agent_id: i64,
    duty: String,
    duty_reason: Option<String>,
    duty_at: i64,
    next_duty: Option<String>,
    device: String,
    device_at: i64,
    call_state: String,
    call_at: i64,
}

impl LiveRow {
    fn into_live(self) -> Result<Live, StoreError> {
        Ok(Live {
            duty: word(&self.duty)?,
            duty_reason: self.duty_reason.map(Into::into),
            duty_at: Timestamp(self.duty_at),
            next_duty: self.next_duty.as_deref().map(word).transpose()?,
            device: word(&self.device)?,
            device_at: Timestamp(self.device_at),
            call: word(&self.call_state)?,
            call_at: Timestamp(self.call_at),
        })
    }
}

/// Reads a stored word; an unknown one means a newer or damaged database.
pub(super) fn word<W: FromStr<Err = crate::domain::agent::UnknownWord>>(
    text: &str,
) -> Result<W, StoreError> {
    text.parse().map_err(StoreError::broken)
}

/// Reads a stored number.
pub(super) fn phone(e164: &str) -> Result<Phone, StoreError> {
    Phone::from_e164(e164).ok_or_else(|| StoreError::broken(format!("{e164:?} is no E.164 number")))
}
