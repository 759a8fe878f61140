//! What is to be known of the agents before something is done to them.

use super::assign::{Chosen, Picks};
use crate::domain::act::ActKind;
use crate::domain::ids::{AgentId, TimeGroupId, UserId};
use crate::domain::install::Install;
use crate::domain::person::{Person, WebLogin};
use crate::domain::phone::{Phone, masked};
use crate::domain::role::{BuiltInRole, Permission};
use crate::domain::show;
use crate::domain::status::{AdminState, Duty};
use crate::domain::time::Timestamp;
use crate::store::ledger::{OpenCall, open_calls_of};
use crate::store::time_group;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::state::AppState;

/// So many names and calls are listed.
const LISTED: usize = 10;

/// Counted over the agents that are in the asker's scope; others are left out of everything.
pub struct Facts {
    pub ids: Vec<UserId>,
    /// The first of them.
    pub names: Vec<String>,
    states: [usize; 3],
    duties: [usize; 3],
    /// Something waits for the end of their call.
    pub waiting: usize,
    pub login_based: usize,
    pub web_logins: usize,
    pub departments: usize,
    pub above_agent: usize,
    pub quarantine_days: u16,
    /// The first of the calls that are up, in words, and how many there are.
    pub calls: Vec<String>,
    pub calls_up: usize,
    /// Of a single agent: when the shift ends and the next begins, in words.
    pub shift_ends: String,
    pub shift_begins: String,
    pub install: Install,
    pub now: Timestamp,
    /// What can be assigned, and what a single agent has of it.
    pub picks: Picks,
    pub has: Chosen,
    /// The asker sees only groups of her own.
    pub own_groups: bool,
    allowed: Vec<ActKind>,
}

impl Facts {
    /// # Errors
    /// `NotFound` when none of them is there for the asker.
    pub async fn of(
        state: &AppState,
        user: &CurrentUser,
        wanted: &[UserId],
    ) -> Result<Self, AppError> {
        let mut facts = Self::from_picture(state, user, wanted);
        if facts.ids.is_empty() {
            return Err(AppError::NotFound);
        }
        let hours = match facts.ids[..] {
            [one] => {
                let picture = state.floor.picture();
                let agent = picture.person(one).and_then(Person::living_agent);
                agent.and_then(|agent| agent.time_group)
            }
            _ => None,
        };
        let ids = facts.ids.clone();
        let (calls, hours) = state
            .read(move |conn| {
                let calls = open_calls_of(conn, &ids)?;
                let hours = hours.map(|id: TimeGroupId| time_group::hours(conn, id));
                Ok((calls, hours.transpose()?))
            })
            .await?;
        facts.calls_up = calls.len();
        facts.calls = calls
            .iter()
            .take(LISTED)
            .map(|call| facts.call(state, user, call))
            .collect();
        if let Some(hours) = hours {
            let end = hours.end_of_shift(facts.now);
            let begin = hours.next_shift(facts.now);
            facts.shift_ends = end.map(|at| facts.when(at)).unwrap_or_default();
            facts.shift_begins = begin.map(|at| facts.when(at)).unwrap_or_default();
        }
        Ok(facts)
    }

    fn from_picture(state: &AppState, user: &CurrentUser, wanted: &[UserId]) -> Self {
        let now = state.clock.now();
        let picture = state.floor.picture();
        let install = picture.install().clone();
        let kinds = ActKind::ALL.iter().copied();
        let may = |kind: &ActKind| kind.needs().iter().all(|need| user.may(*need));
        let mut facts = Self {
            ids: Vec::new(),
            names: Vec::new(),
            states: [0; 3],
            duties: [0; 3],
            waiting: 0,
            login_based: 0,
            web_logins: 0,
            departments: 0,
            above_agent: 0,
            quarantine_days: install.quarantine_days,
            calls: Vec::new(),
            calls_up: 0,
            shift_ends: String::new(),
            shift_begins: String::new(),
            picks: Picks::of(picture.records(), &user.scope, install.region),
            has: Chosen::default(),
            own_groups: !user.scope.is_all(),
            install,
            now,
            allowed: kinds.filter(may).collect(),
        };
        let own = BuiltInRole::Agent.permissions();
        for &id in wanted {
            let Some(person) = picture.person(id) else {
                continue;
            };
            let role = picture.records().role(person.role);
            let above = role.is_some_and(|role| !role.permissions.is_subset(own));
            if let Some(agent) = person.living_agent()
                && user.scope.sees(&agent.groups)
            {
                facts.add(person, agent, above);
                facts.has = Chosen::stored(agent);
            }
        }
        if facts.ids.len() != 1 {
            facts.has = Chosen::default();
        }
        facts
    }

    fn add(&mut self, person: &Person, agent: &crate::domain::person::Agent, above: bool) {
        self.ids.push(person.id);
        if self.names.len() < LISTED {
            self.names.push(person.name.to_string());
        }
        self.states[agent.admin.state as usize] += 1;
        self.duties[agent.live.duty as usize] += 1;
        self.waiting += usize::from(agent.live.next_duty.is_some());
        self.login_based += usize::from(agent.login_based);
        self.web_logins += usize::from(person.web_login == WebLogin::Allowed);
        self.departments += agent.departments.len();
        self.above_agent += usize::from(above);
    }

    /// `Ananya Iyer, inbound from 090011 20455, 4m`.
    fn call(&self, state: &AppState, user: &CurrentUser, call: &OpenCall) -> String {
        use crate::domain::call::Direction;
        let picture = state.floor.picture();
        let name = picture
            .person(call.agent)
            .map_or_else(String::new, |person| person.name.to_string());
        let number = match Phone::from_e164(&call.other_party) {
            Some(phone) if user.may(Permission::CustomerNumbers) => phone.show(self.install.region),
            None if user.may(Permission::CustomerNumbers) => call.other_party.clone(),
            Some(_) | None => masked(&call.other_party),
        };
        let way = match call.direction {
            Direction::Inbound => "inbound from",
            Direction::Outbound => "outbound to",
            Direction::Internal => "internal with",
        };
        let age = show::age(self.now.since(call.started_at));
        let rings = if call.answered { "" } else { ", still ringing" };
        format!("{name}, {way} {number}, {age}{rings}")
    }

    /// The time of day, with the day unless it is today.
    pub fn when(&self, at: Timestamp) -> String {
        let zone = self.install.calendar.zone;
        let local = at.utc().with_timezone(&zone);
        match local.date_naive() == self.now.utc().with_timezone(&zone).date_naive() {
            true => show::hour_and_minute(at, zone),
            false => local.format("%a %d %b %H:%M").to_string(),
        }
    }

    pub fn in_state(&self, state: AdminState) -> usize {
        self.states[state as usize]
    }

    pub fn on_duty(&self, duty: Duty) -> usize {
        self.duties[duty as usize]
    }

    pub fn allowed(&self, kind: ActKind) -> bool {
        self.allowed.contains(&kind)
    }

    /// Of a single agent: the name; else how many.
    pub fn subject(&self) -> String {
        match (&self.ids[..], self.names.first()) {
            ([_], Some(name)) => name.clone(),
            (ids, _) => super::words::agents(ids.len()),
        }
    }

    /// The Agent ID of a single agent.
    pub fn single(&self) -> Option<AgentId> {
        match self.ids[..] {
            [one] => Some(AgentId::of(one)),
            _ => None,
        }
    }
}
