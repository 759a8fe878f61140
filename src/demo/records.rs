//! An agent's record as rows: user, agent, extension, memberships, and the claims on what is unique.

use super::company::Company;
use super::people::{Agent, DAY, Phone, Reach};
use super::random::Random;
use super::staff::{Member, STAFF};
use crate::domain::person::WebLogin;
use crate::domain::role::BuiltInRole;
use crate::domain::status::AdminState;
use crate::domain::text::{Email, LoginId};
use crate::domain::time::Timestamp;
use crate::store::Conn;
use crate::store::StoreError;
use crate::store::seed::{
    AgentCallerIdRow, AgentRow, ClaimRow, DepartmentMemberRow, ExtensionRow, GroupMemberRow,
    RoleRow, UserRow, insert,
};

/// Rows waiting to be inserted together.
#[derive(Default)]
pub struct Records {
    pub users: Vec<UserRow>,
    agents: Vec<AgentRow>,
    extensions: Vec<ExtensionRow>,
    groups: Vec<GroupMemberRow>,
    departments: Vec<DepartmentMemberRow>,
    caller_ids: Vec<AgentCallerIdRow>,
    pub claims: Vec<ClaimRow>,
}

/// A deleted record keeps its names from others for so long.
const QUARANTINE: i64 = 30 * DAY;

impl Records {
    /// Inserts what is waiting.
    pub fn flush(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        insert(conn, &self.users)?;
        insert(conn, &self.agents)?;
        insert(conn, &self.extensions)?;
        insert(conn, &self.groups)?;
        insert(conn, &self.departments)?;
        insert(conn, &self.caller_ids)?;
        insert(conn, &self.claims)?;
        *self = Self::default();
        Ok(())
    }

    pub fn add_member(&mut self, id: i64, member: &Member, created: Timestamp) {
        let role = BuiltInRole::ALL
            .iter()
            .position(|role| *role == member.role)
            .unwrap_or_default() as i64
            + 1;
        let user = UserRow {
            email: Some(format!("{}@example.com", member.login_id)),
            employee_id: Some(format!("EMP-{id:05}")),
            ..user(
                id,
                member.name.to_owned(),
                member.login_id.to_owned(),
                member.designation,
                role,
                created,
            )
        };
        self.claim_user(&user, Some(None));
        self.users.push(user);
    }

    pub fn add_agent(
        &mut self,
        agent: &Agent,
        random: &mut Random,
        company: &Company,
        positions: &mut [i32],
        now: Timestamp,
    ) {
        let reach = Reach::of(random, agent);
        let hold = match agent.left {
            None => Some(None),
            Some(left) => Some(left.plus(QUARANTINE))
                .filter(|until| *until > now)
                .map(Some),
        };
        let user = agent_user(agent, random, &reach);
        self.claim_user(&user, hold);
        self.users.push(user);
        self.add_facet(agent, reach, company, hold);
        self.add_extension(agent);
        if agent.left.is_none() {
            self.add_memberships(agent, random, company, positions, now);
        }
    }

    fn add_facet(
        &mut self,
        agent: &Agent,
        reach: Reach,
        company: &Company,
        hold: Option<Option<Timestamp>>,
    ) {
        let intercom = (agent.place % 25 != 11).then(|| company.intercom(agent.place));
        if let Some(intercom) = &intercom {
            self.claim("dial", intercom.clone(), ("user", agent.id), hold);
        }
        let decision = agent.decision();
        self.agents.push(AgentRow {
            user_id: agent.id,
            forwarding_number: reach.forwarding,
            alternative_numbers: reach.alternatives.join("|"),
            rings_on: agent.rings_on.word(),
            intercom,
            time_group_id: agent.time_group(),
            outgoing_calls: agent.outgoing_calls.word(),
            login_based: agent.login_based,
            admin_state: decision
                .map_or(AdminState::Enabled, |decision| decision.state)
                .word(),
            admin_reason: decision.map(|decision| decision.reason),
            admin_until: decision
                .and_then(|decision| decision.until)
                .map(|until| until.0),
            admin_at: agent.decided_at().0,
            admin_by: Some(agent.decisions.last().map_or(1, |decision| decision.by)),
            removed_at: agent.left.map(|left| left.0),
            version: agent.version(),
        });
    }

    fn add_extension(&mut self, agent: &Agent) {
        match agent.extension {
            None => {}
            Some(Phone::Desk | Phone::Soft | Phone::Dead) => self.extensions.push(ExtensionRow {
                id: agent.place as i64 + 1,
                username: extension(agent.place),
                agent_id: agent.left.is_none().then_some(agent.id),
                digest: None,
                created_at: agent.joined.0,
                deleted_at: agent.left.map(|left| left.0),
                version: 1,
            }),
        }
    }

    fn add_memberships(
        &mut self,
        agent: &Agent,
        random: &mut Random,
        company: &Company,
        positions: &mut [i32],
        now: Timestamp,
    ) {
        for &place in &agent.departments {
            let position = &mut positions[usize::from(place)];
            *position += 1;
            self.departments.push(DepartmentMemberRow {
                department_id: i64::from(place) + 1,
                agent_id: agent.id,
                position: *position,
            });
        }
        for group_id in company.groups_of(agent, random, now) {
            self.groups.push(GroupMemberRow {
                group_id,
                agent_id: agent.id,
            });
        }
        for (position, caller_id_id) in (1..).zip(company.caller_ids_of(&agent.departments)) {
            self.caller_ids.push(AgentCallerIdRow {
                agent_id: agent.id,
                caller_id_id,
                position,
            });
        }
    }

    fn claim_user(&mut self, user: &UserRow, hold: Option<Option<Timestamp>>) {
        let owner = ("user", user.id);
        self.claim("login_id", LoginId::claim_of(&user.login_id), owner, hold);
        if let Some(email) = user
            .email
            .as_deref()
            .and_then(|email| Email::parse(email).ok())
        {
            self.claim("email", email.as_str().to_owned(), owner, hold);
        }
        if let Some(employee_id) = &user.employee_id {
            self.claim("employee_id", employee_id.to_lowercase(), owner, hold);
        }
    }

    /// `hold`: not at all, for as long as the owner lives, or until a time.
    pub fn claim(
        &mut self,
        kind: &'static str,
        value: String,
        (owner_kind, owner_id): (&'static str, i64),
        hold: Option<Option<Timestamp>>,
    ) {
        if let Some(until) = hold {
            let held_until = until.map(|until| until.0);
            self.claims.push(ClaimRow {
                kind,
                value,
                owner_kind,
                owner_id,
                held_until,
            });
        }
    }
}

fn agent_user(agent: &Agent, random: &mut Random, reach: &Reach) -> UserRow {
    let domain = if random.percent(80.0) {
        "example.com"
    } else {
        "example.org"
    };
    let web_login =
        [WebLogin::None, WebLogin::Allowed, WebLogin::Blocked][random.weighted(&[62.0, 36.0, 2.0])];
    let number = 1_001 + 3 * agent.place + random.below(3);
    let role = BuiltInRole::ALL
        .iter()
        .position(|role| *role == BuiltInRole::Agent)
        .unwrap_or_default() as i64
        + 1;
    UserRow {
        employee_id: random.percent(92.0).then(|| format!("EMP-{number:05}")),
        phone: reach.phone.clone(),
        // Who signs in to the console has one.
        email: (random.percent(75.0) || web_login != WebLogin::None)
            .then(|| format!("{}@{domain}", agent.login_id)),
        web_login: web_login.word(),
        updated_at: agent.decided_at().0,
        deleted_at: agent.left.map(|left| left.0),
        version: agent.version(),
        ..user(
            agent.id,
            agent.name.shown.clone(),
            agent.login_id.clone(),
            agent.designation,
            role,
            agent.joined,
        )
    }
}

fn user(
    id: i64,
    name: String,
    login_id: String,
    designation: &'static str,
    role_id: i64,
    created: Timestamp,
) -> UserRow {
    UserRow {
        id,
        name,
        employee_id: None,
        designation,
        phone: None,
        email: None,
        login_id,
        password_hash: None,
        role_id,
        web_login: WebLogin::Allowed.word(),
        failed_sign_ins: 0,
        locked_until: None,
        allowed_ips: String::new(),
        preferences: "{}",
        created_at: created.0,
        updated_at: created.0,
        deleted_at: None,
        version: 1,
    }
}

/// Eight digits that say nothing about their owner, different for each of ten million places.
fn extension(place: u64) -> String {
    format!("7{:07}", (place * 7_654_321 + 1_234_567) % 10_000_000)
}

/// The built-in roles, in their order.
pub fn roles() -> Vec<RoleRow> {
    (1..)
        .zip(BuiltInRole::ALL)
        .map(|(id, role)| RoleRow {
            id,
            name: role.name(),
            permissions: role.permissions().to_string(),
            built_in: true,
            own_groups: false,
            version: 1,
        })
        .collect()
}

/// Adds those who sign in to the console.
pub fn add_staff(records: &mut Records, created: Timestamp) {
    for (id, member) in (1..).zip(STAFF) {
        records.add_member(id, member, created);
    }
}
