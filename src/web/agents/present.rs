//! Turns rows of the floor into rows that are ready to print.

use super::edit::rules::is_covered;
use super::row::{AgentRow, Badge, CallDays, CountUpdate};
use crate::domain::day_range::DayChoice;
use crate::domain::person::{Agent, Person};
use crate::domain::phone::Shown;
use crate::domain::role::{Permission, Permissions, Scope};
use crate::domain::show;
use crate::domain::status::{AdminState, AgentStatus, CallState, OfflineCause, SecondMark};
use crate::domain::time::Timestamp;
use crate::floor::{Picture, Records, Row};
use crate::web::extract::CurrentUser;
use chrono::NaiveDate;
use chrono_tz::Tz;
use std::borrow::Cow;
use std::fmt::Write as _;

/// What printing a row needs beside the row.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub records: &'a Records,
    pub region: crate::domain::phone::Region,
    pub zone: Tz,
    pub now: Timestamp,
    /// Groups out of it are not named.
    pub scope: &'a Scope,
    /// What the reader may do.
    pub permissions: Permissions,
    /// The days that the rows count, if the reader may see calls: numbers lead to them.
    pub calls: Option<DayChoice>,
}

impl<'a> Reader<'a> {
    /// How this user reads rows of the picture that count these days.
    pub fn of(
        picture: &'a Picture,
        user: &'a CurrentUser,
        days: DayChoice,
        now: Timestamp,
    ) -> Self {
        let install = picture.install();
        Self {
            records: picture.records(),
            region: install.region,
            zone: install.calendar.zone,
            now,
            scope: &user.scope,
            permissions: user.rights().permissions,
            calls: user.may(Permission::CallsRead).then_some(days),
        }
    }

    /// The row as the templates print it.
    pub fn row(&self, row: &Row<'a>) -> AgentRow<'a> {
        let (person, agent) = (row.person, row.agent);
        let numbers = row.numbers;
        let shown = |number: Option<&'a Shown>| {
            number.map_or(Cow::Borrowed(""), |n| n.to(self.region).into())
        };
        let mut alternatives = numbers.alternatives.iter();
        let alternative = shown(alternatives.next());
        let more = alternatives.as_slice();
        let since = state_since(row);
        let until = agent.admin.until;
        let covered = self.is_covered(row);
        AgentRow {
            agent_id: row.id().into(),
            version: agent.version,
            editable: covered && self.permissions.contains(Permission::AgentsWrite),
            actable: covered && self.permissions.contains(Permission::AgentsState),
            name: (&*person.name).into(),
            employee_id: person.employee_id.as_deref().unwrap_or("").into(),
            designation: (&*person.designation).into(),
            phone: shown(numbers.phone.as_ref()),
            email: person.email.as_deref().unwrap_or("").into(),
            call_forwarding_number: shown(numbers.forwarding.as_ref()),
            alternative,
            more_alternatives: joined(more.iter().map(|number| number.to(self.region))),
            more_alternatives_count: more.len() as u32,
            intercom_number: agent.intercom.as_deref().unwrap_or("").into(),
            time_group: agent
                .time_group
                .and_then(|id| self.records.time_group(id))
                .map_or("", |g| &g.name)
                .into(),
            departments: self.departments(agent),
            agent_groups: self.groups(agent),
            username: (&*person.login_id).into(),
            extension_caller_id: shown(
                agent
                    .caller_ids
                    .first()
                    .and_then(|&id| self.records.caller_id_shown(id)),
            ),
            status: Badge::new(row.status.word()),
            also: also(row),
            why: self.why(row),
            left: self.left(row).into(),
            until_at: until.map_or(Cow::Borrowed(""), |at| show::rfc3339(at).into()),
            age: self.age(row).into(),
            since_at: since
                .map_or(String::new(), |at| show::rfc3339_local(at, self.zone))
                .into(),
            extension: Badge::new(row.extension.word()),
            calls_answered: row.tally.answered.max(0) as u32,
            missed: row.tally.missed.max(0) as u32,
            calls: self.calls.map(CallDays),
        }
    }

    /// The counts of the row alone.
    pub fn counts(&self, row: &Row<'_>) -> CountUpdate {
        CountUpdate {
            agent_id: row.id().into(),
            calls_answered: row.tally.answered.max(0) as u32,
            missed: row.tally.missed.max(0) as u32,
            calls: self.calls.map(CallDays),
        }
    }

    /// Nobody acts on someone with more rights: then the row offers nothing to do.
    pub fn is_covered(&self, row: &Row<'_>) -> bool {
        is_covered(self.records, self.permissions, self.scope, row.person)
    }

    /// `12m`: how long the first badge says what it says; empty where nobody can tell.
    pub fn age(&self, row: &Row<'_>) -> String {
        state_since(row).map_or(String::new(), |at| show::age(self.now.since(at)))
    }

    /// `since 22 Nov 13:50:11`: when the first badge became what it is; empty where nobody can tell.
    pub fn since(&self, row: &Row<'_>) -> String {
        state_since(row).map_or(String::new(), |at| {
            format!("since {}", show::moment(at, self.zone))
        })
    }

    /// The names of the agent's groups, as far as the reader may know them.
    fn groups(&self, agent: &Agent) -> Cow<'a, str> {
        let seen = agent.groups.iter().filter(|&&id| self.scope.sees(&[id]));
        let groups = seen.filter_map(|&id| self.records.group(id));
        joined(groups.map(|group| group.name.as_str()))
    }

    /// What a row shows to this reader and not to everyone; empty for who sees everyone.
    pub fn for_this_reader(&self, row: &Row<'a>) -> Cow<'a, str> {
        match self.scope.is_all() {
            true => "".into(),
            false => self.groups(row.agent),
        }
    }

    /// Spaces inside a name do not break, so that a name of a few words stays on its line.
    fn departments(&self, agent: &Agent) -> Cow<'a, str> {
        let names = agent
            .departments
            .iter()
            .filter_map(|&id| self.records.department(id));
        joined(names.map(|department| department.name.as_str()))
    }

    /// Who blocked or disabled the agent, when, why and until when.
    fn why(&self, row: &Row<'_>) -> Cow<'a, str> {
        let admin = &row.agent.admin;
        match admin.state {
            AdminState::Enabled => return "".into(),
            AdminState::Blocked | AdminState::Disabled => {}
        }
        let mut why = self.when(admin.at);
        if let Some(by) = row.admin_by {
            let _ = write!(why, " by {}", short_name(by));
        }
        if let Some(reason) = &admin.reason {
            let _ = write!(why, " · {reason}");
        }
        if let Some(until) = admin.until {
            let _ = write!(why, " · until {}", self.when(until));
        }
        why.into()
    }

    /// `1h 04m left` of a block; script goes on counting. Empty without an end.
    pub fn left(&self, row: &Row<'_>) -> String {
        row.agent.admin.until.map_or(String::new(), |until| {
            format!("{} left", show::age(until.since(self.now)))
        })
    }

    pub fn today(&self) -> NaiveDate {
        self.now.utc().with_timezone(&self.zone).date_naive()
    }

    /// The time of day, with the day unless it is today.
    fn when(&self, at: Timestamp) -> String {
        let then = at.utc().with_timezone(&self.zone);
        match then.date_naive() == self.today() {
            true => show::hour_and_minute(at, self.zone),
            false => then.format("%d %b %H:%M").to_string(),
        }
    }
}

/// The second mark; someone who is paused shows the reason of the pause.
fn also<'a>(row: &Row<'a>) -> Cow<'a, str> {
    match row.causes.second_mark() {
        None => "".into(),
        Some(SecondMark::Paused) => row
            .agent
            .live
            .duty_reason
            .as_deref()
            .unwrap_or(SecondMark::Paused.word())
            .into(),
        Some(mark) => mark.word().into(),
    }
}

/// Since when the first badge says what it says; unknown where the clock or the phone system decides.
fn state_since(row: &Row<'_>) -> Option<Timestamp> {
    let live = &row.agent.live;
    match row.status {
        AgentStatus::Disabled | AgentStatus::Blocked => Some(row.agent.admin.at),
        AgentStatus::Unknown => None,
        AgentStatus::Busy => Some(live.call_at),
        AgentStatus::Offline => match row.causes.offline_cause() {
            Some(OfflineCause::OffDuty | OfflineCause::Paused) => Some(live.duty_at),
            Some(OfflineCause::NothingRings) => Some(live.device_at),
            Some(OfflineCause::OutsideHours) | None => None,
        },
        AgentStatus::Active => Some(match row.causes.call {
            CallState::Ringing => live.call_at,
            CallState::Idle | CallState::OnCall | CallState::WrapUp => {
                live.call_at.max(live.duty_at)
            }
        }),
    }
}

fn joined<'a>(mut names: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    let Some(first) = names.next() else {
        return "".into();
    };
    let Some(second) = names.next() else {
        return first.into();
    };
    let mut all = String::with_capacity(4 * (first.len() + second.len()));
    all.push_str(first);
    for name in std::iter::once(second).chain(names) {
        all.push_str(", ");
        all.push_str(name);
    }
    all.into()
}

/// `R. Kulkarni`: enough to know a colleague by.
fn short_name(person: &Person) -> String {
    match person.name.split_once(' ') {
        Some((first, rest)) => {
            let last = rest.rsplit(' ').next().unwrap_or(rest);
            first
                .chars()
                .next()
                .map_or_else(|| last.to_owned(), |initial| format!("{initial}. {last}"))
        }
        None => person.name.to_string(),
    }
}
