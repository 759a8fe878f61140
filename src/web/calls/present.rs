//! Turns calls of the ledger into rows that are ready to print.

use crate::domain::call::{Direction, Outcome};
use crate::domain::day_range::Day;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::phone::{Phone, Region, masked};
use crate::domain::role::Scope;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::floor::{Picture, Records};
use crate::store::call::{Leg, Sibling};
use chrono_tz::Tz;

/// A row of the calls table.
#[derive(Clone, Debug, Default)]
pub struct CallRow {
    /// `Today 14:01:48`, and the instant as RFC 3339.
    pub at: String,
    pub at_full: String,
    /// Caller or number dialled; empty: unknown.
    pub other_party: String,
    pub direction: &'static str,
    pub agent: String,
    /// Address of the agent's page; empty for those who left.
    pub agent_href: String,
    pub department: String,
    /// Word of the mark and label.
    pub mark: &'static str,
    pub outcome: &'static str,
    pub waited: String,
    /// Empty: nobody spoke.
    pub talked: String,
    /// The call is up.
    pub up: bool,
    /// `transfer from Rahul Verma`; empty for a call that came directly.
    pub came_by: String,
}

/// What printing a call needs beside the call.
pub struct CallReader<'a> {
    pub picture: &'a Picture,
    pub scope: &'a Scope,
    pub region: Region,
    pub zone: Tz,
    pub now: Timestamp,
    pub today: Day,
    /// The reader may see customers' numbers.
    pub numbers: bool,
}

/// Longer numbers belong to the outside, whatever way the call is said to have gone.
const LONGEST_INTERNAL: usize = 6;
/// So much of a text from the phone network is shown; no number is as long.
const LONGEST_SHOWN: usize = 64;

impl CallReader<'_> {
    pub fn row(&self, leg: &Leg, siblings: &[Sibling]) -> CallRow {
        let end = leg.ended_at.unwrap_or(self.now);
        let person = self.picture.person(leg.agent);
        let living = person.is_some_and(|person| person.living_agent().is_some());
        let answer = leg.answered_at;
        CallRow {
            at: self.when(leg.started_at, leg.day),
            at_full: show::rfc3339(leg.started_at),
            other_party: self.other_party(leg),
            direction: direction(leg.direction),
            agent: person.map_or_else(
                || AgentId::of(leg.agent).to_string(),
                |person| person.name.to_string(),
            ),
            agent_href: match living {
                true => format!("/agents/{}", AgentId::of(leg.agent)),
                false => String::new(),
            },
            department: self.department(leg, self.picture.records()),
            mark: mark(leg.outcome),
            outcome: leg.outcome.label(),
            waited: show::length(answer.unwrap_or(end).since(leg.started_at)),
            talked: answer.map_or_else(String::new, |at| show::length(end.since(at))),
            up: leg.ended_at.is_none(),
            came_by: self.came_by(leg, siblings),
        }
    }

    /// The other party's number as this reader may see it.
    pub fn other_party(&self, leg: &Leg) -> String {
        let text = leg.other_party.as_str();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let internal = leg.direction == Direction::Internal && digits <= LONGEST_INTERNAL;
        let shown = self.numbers || (internal && text.len() <= LONGEST_SHOWN);
        if !shown {
            return masked(text);
        }
        match Phone::from_e164(text) {
            Some(phone) => phone.show(self.region),
            None => text.chars().take(LONGEST_SHOWN).collect(),
        }
    }

    /// The other party's number with its country code, for files.
    pub fn other_party_abroad(&self, leg: &Leg) -> String {
        match Phone::from_e164(&leg.other_party).filter(|_| self.numbers) {
            Some(phone) => phone.shown().international.to_string(),
            None => self.other_party(leg),
        }
    }

    /// Our side's number with its country code, for files.
    pub fn our_number_abroad(&self, leg: &Leg) -> String {
        match Phone::from_e164(&leg.our_number) {
            Some(phone) => phone.shown().international.to_string(),
            None => leg.our_number.chars().take(LONGEST_SHOWN).collect(),
        }
    }

    pub fn department(&self, leg: &Leg, records: &Records) -> String {
        leg.department
            .and_then(|id| records.department(id))
            .map_or_else(String::new, |department| department.name.clone())
    }

    /// Who answered the call before it rang here: it came by a transfer. Agents out of the reader's
    /// scope stay unnamed.
    pub fn came_by(&self, leg: &Leg, siblings: &[Sibling]) -> String {
        let before = siblings
            .iter()
            .filter(|other| other.call == leg.call && other.agent != leg.agent.0)
            .filter(|other| other.started_at <= leg.started_at.0)
            .filter_map(|other| Some((other.answered_at?, other.agent)))
            .filter(|(answered, _)| *answered <= leg.started_at.0)
            .max();
        let Some((_, agent)) = before else {
            return String::new();
        };
        let person = self.picture.person(UserId(agent)).filter(|person| {
            let groups = person.living_agent().map(|agent| &*agent.groups);
            self.scope.sees(groups.unwrap_or_default())
        });
        match person {
            Some(person) => format!("transfer from {}", person.name),
            None => "transfer".to_owned(),
        }
    }

    fn when(&self, at: Timestamp, day: Day) -> String {
        let time = show::time_of_day(at, self.zone);
        match day == self.today {
            true => format!("Today {time}"),
            false => show::moment(at, self.zone),
        }
    }
}

pub fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "Inbound",
        Direction::Outbound => "Outbound",
        Direction::Internal => "Internal",
    }
}

/// The mark beside the outcome, by the status whose shape and colour it has.
fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "active",
        Outcome::Missed => "unregistered",
        Outcome::Ringing => "busy",
        Outcome::Colleague | Outcome::Unanswered => "offline",
    }
}
