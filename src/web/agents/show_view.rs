//! What an agent's page prints.

use askama::Template;

use super::row::{AgentRow, CallDays, CallsLink};
use super::timeline::TimelineView;
use crate::domain::agent::{OutgoingCalls, RingsOn};
use crate::domain::call::filter::Counted;
use crate::domain::day_range::DayChoice;
use crate::domain::feature_code::{Called, Feature, How, Meaning, Situation};
use crate::domain::install::Install;
use crate::domain::query::BadParam;
use crate::domain::role::Scope;
use crate::domain::status::{AgentStatus, ExtensionStatus};
use crate::floor::{Picture, Row};
use crate::web::calls::present::CallRow;
use crate::web::changes::Change;
use crate::web::range::RangeControl;
use crate::web::shell::Shell;

#[derive(Template)]
#[template(path = "agents/show.html")]
pub struct AgentPage<'a> {
    pub shell: &'a Shell,
    pub row: AgentRow<'a>,
    /// `since 22 Nov 13:50:11`; empty where nobody can tell.
    pub since: String,
    pub details: Details,
    pub may_edit: bool,
    pub may_act: bool,
    pub may_see_calls: bool,
    pub range: RangeControl,
    /// Parameters that make no sense.
    pub bad: &'a [BadParam],
    pub timeline: TimelineView,
    /// The days that the status is told of, where they are not all chosen ones.
    pub told: String,
    pub numbers: Vec<Number>,
    pub calls: Vec<CallRow>,
    pub calls_href: String,
    pub changes: Vec<Change>,
    pub older_changes: Option<String>,
    pub transfer: Transfer,
}

/// The fields that the list has no room for.
pub struct Details {
    pub alternatives: Vec<String>,
    pub caller_ids: Vec<String>,
    pub extension: String,
    pub rings_on: &'static str,
    pub outgoing: &'static str,
    pub login_based: bool,
    pub open_now: bool,
    pub time_group: Option<Named>,
    pub departments: Vec<Named>,
    pub groups: Vec<Named>,
}

/// A record by name, with the list that it filters.
pub struct Named {
    pub name: String,
    pub href: String,
}

impl Details {
    /// Groups out of the reader's scope stay unnamed.
    pub fn of(picture: &Picture, row: &Row<'_>, scope: &Scope) -> Self {
        let (agent, records) = (row.agent, picture.records());
        let region = picture.install().region;
        let named = |name: &str, filter: &str, id: i64| Named {
            name: name.to_owned(),
            href: format!("/agents?{filter}={id}"),
        };
        Self {
            alternatives: row
                .numbers
                .alternatives
                .iter()
                .map(|number| number.to(region).to_owned())
                .collect(),
            caller_ids: agent
                .caller_ids
                .iter()
                .filter_map(|&id| records.caller_id_shown(id))
                .map(|number| number.to(region).to_owned())
                .collect(),
            extension: agent.extension.as_deref().unwrap_or_default().to_owned(),
            rings_on: match agent.rings_on {
                RingsOn::Phone => "phone",
                RingsOn::Extension => "extension",
                RingsOn::Both => "phone and extension",
            },
            outgoing: match agent.outgoing_calls {
                OutgoingCalls::All => "all",
                OutgoingCalls::National => "national",
                OutgoingCalls::Internal => "internal",
                OutgoingCalls::None => "none",
            },
            login_based: agent.login_based,
            open_now: row.causes.open,
            time_group: agent
                .time_group
                .and_then(|id| records.time_group(id))
                .map(|group| named(&group.name, "time_group", group.id.0)),
            departments: agent
                .departments
                .iter()
                .filter_map(|&id| records.department(id))
                .map(|department| named(&department.name, "department", department.id.0))
                .collect(),
            groups: agent
                .groups
                .iter()
                .filter(|&&id| scope.sees(&[id]))
                .filter_map(|&id| records.group(id))
                .map(|group| named(&group.name, "group", group.id.0))
                .collect(),
        }
    }
}

/// Answered and missed in a range of days, each with its calls.
pub struct Number {
    pub label: String,
    agent_id: String,
    answered: u32,
    missed: u32,
    days: Option<CallDays>,
}

impl Number {
    pub fn new(days: DayChoice, row: &Row<'_>, calls: Option<DayChoice>) -> Self {
        Self {
            label: days.label(),
            agent_id: row.id().to_string(),
            answered: row.tally.answered.max(0) as u32,
            missed: row.tally.missed.max(0) as u32,
            days: calls.map(CallDays),
        }
    }

    pub fn answered_link(&self) -> CallsLink<'_> {
        CallsLink::new(&self.agent_id, Counted::Answered, self.answered, self.days)
    }

    pub fn missed_link(&self) -> CallsLink<'_> {
        CallsLink::new(&self.agent_id, Counted::Missed, self.missed, self.days)
    }
}

/// Which keys transfer a call to the agent, or why none do.
pub struct Transfer {
    pub blind: Vec<char>,
    pub attended: Vec<char>,
    pub conference: String,
    /// Why no keys do; empty when some do.
    pub why_not: String,
    /// Why it would not ring now; empty when it would.
    pub warning: &'static str,
}

impl Transfer {
    pub fn of(row: &Row<'_>, install: &Install) -> Self {
        let rules = install.transfer_rules();
        let called = Called {
            id: row.id(),
            name: row.person.name.to_string(),
            intercom: row.agent.intercom.as_deref().map(str::to_owned),
        };
        let keys = |how| {
            let wanted = Meaning::Agent(how, called.clone());
            rules.compose(&Situation::default(), &wanted)
        };
        let mut transfer = Self {
            blind: Vec::new(),
            attended: Vec::new(),
            conference: install.codes.code(Feature::Conference).to_owned(),
            why_not: String::new(),
            warning: warning(row.status, row.extension),
        };
        match (keys(How::Blind), keys(How::Attended)) {
            (Ok(blind), Ok(attended)) => {
                (transfer.blind, transfer.attended) = (blind.each(), attended.each());
            }
            (Err(why), _) | (_, Err(why)) => transfer.why_not = why.to_string(),
        }
        transfer
    }
}

/// Why a transfer to the agent would not ring now; empty when it would.
pub fn warning(status: AgentStatus, extension: ExtensionStatus) -> &'static str {
    match (status, extension) {
        (AgentStatus::Blocked, _) => "Blocked: it will not ring until the block is lifted.",
        (AgentStatus::Disabled, _) => "Disabled: it will not ring until that is lifted.",
        (AgentStatus::Offline, _) => "Offline: it will not ring now.",
        (AgentStatus::Busy, _) => "Busy: on a call or wrapping up.",
        (AgentStatus::Active | AgentStatus::Unknown, ExtensionStatus::Unregistered) => {
            "The extension is not registered: only the phone can ring."
        }
        (AgentStatus::Active | AgentStatus::Unknown, _) => "",
    }
}
