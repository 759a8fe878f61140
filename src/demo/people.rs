//! The people: who they are, how they are reached, and what was decided about them.

use super::company::Company;
use super::hours::TIME_GROUPS;
use super::names::{self, Name};
use super::numbers::{Country, mobile};
use super::random::{Random, Stream};
use super::staff;
use crate::domain::agent::{OutgoingCalls, RingsOn};
use crate::domain::status::AdminState;
use crate::domain::time::{HOUR, MINUTE, Timestamp};
use std::collections::HashMap;

pub const DAY: i64 = 24 * HOUR;

/// An agent as the rest of the demo needs to know them.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Key of the user.
    pub id: i64,
    pub name: Name,
    pub login_id: String,
    /// Counted from 0 among all agents, leavers too.
    pub place: u64,
    /// Place in [`TIME_GROUPS`]; the turn counts only where a group is always open.
    pub hours: u8,
    pub turn: u8,
    /// Places of departments, the first answers most.
    pub departments: Vec<u16>,
    pub rings_on: RingsOn,
    pub extension: Option<Phone>,
    pub login_based: bool,
    pub joined: Timestamp,
    pub left: Option<Timestamp>,
    pub decisions: Vec<Decision>,
    pub designation: &'static str,
    pub outgoing_calls: OutgoingCalls,
}

/// What kind of phone an extension is on: it decides when it is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phone {
    /// On the desk, registered day and night.
    Desk,
    /// On the computer, registered while its owner works.
    Soft,
    /// Unplugged or broken for days.
    Dead,
}

/// A block or a disabling, lifted or in force.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    pub state: AdminState,
    pub reason: &'static str,
    pub by: i64,
    pub from: Timestamp,
    /// When it was lifted.
    pub to: Option<Timestamp>,
    /// When it lifts itself.
    pub until: Option<Timestamp>,
}

impl Agent {
    /// The decision in force at the end of the story.
    pub fn decision(&self) -> Option<&Decision> {
        self.decisions
            .last()
            .filter(|decision| decision.to.is_none())
    }

    /// When the admin state became what it is.
    pub fn decided_at(&self) -> Timestamp {
        self.decisions
            .last()
            .map_or(self.joined, |decision| decision.to.unwrap_or(decision.from))
    }

    /// Each decision is a change, and so is its end.
    pub fn version(&self) -> i64 {
        1 + self
            .decisions
            .iter()
            .map(|decision| 1 + i64::from(decision.to.is_some()))
            .sum::<i64>()
    }

    /// A few who work in turns have no time group at all, which is open always, too.
    pub fn time_group(&self) -> Option<i64> {
        let always = TIME_GROUPS[usize::from(self.hours)].always;
        (!always || !self.place.is_multiple_of(13)).then_some(i64::from(self.hours) + 1)
    }
}

/// The times that a story lies between.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// When the install was set up, a little before the first day of calls.
    pub created: Timestamp,
    pub now: Timestamp,
}

/// Makes the agents one after the other, leavers among them, until `living` are there.
pub struct People<'a> {
    seed: u64,
    span: Span,
    company: &'a Company,
    /// How many of a login id there are already.
    logins: HashMap<String, u32>,
    place: u64,
    living: u64,
}

/// Of so many agents one has left.
const LEAVERS: u64 = 97;

impl<'a> People<'a> {
    pub fn new(seed: u64, living: u64, span: Span, company: &'a Company) -> Self {
        let logins = staff::STAFF
            .iter()
            .map(|member| (member.login_id.to_owned(), 1))
            .collect();
        Self {
            seed,
            span,
            company,
            logins,
            place: 0,
            living,
        }
    }

    fn agent(&mut self, random: &mut Random) -> Agent {
        let place = self.place;
        let name = names::name(random);
        let hours = random.weighted(&shares()) as u8;
        let departments = departments(random, &self.company.department_weights);
        let joined = match random.percent(85.0) {
            true => self.span.created.plus(random.between(0, 8 * HOUR)),
            false => self.between(random, self.span.created, self.span.now.plus(-HOUR)),
        };
        let left = (place % LEAVERS == 60).then(|| self.between(random, joined, self.span.now));
        let rings_on = [RingsOn::Extension, RingsOn::Both, RingsOn::Phone]
            [random.weighted(&[70.0, 20.0, 10.0])];
        let extension = match rings_on {
            RingsOn::Phone => None,
            RingsOn::Extension | RingsOn::Both => {
                Some([Phone::Soft, Phone::Desk, Phone::Dead][random.weighted(&[60.0, 37.0, 3.0])])
            }
        };
        Agent {
            id: staff::STAFF.len() as i64 + 1 + place as i64,
            login_id: self.login_id(&name),
            name,
            place,
            hours,
            turn: (place % 3) as u8,
            departments,
            rings_on,
            extension,
            login_based: random.percent(85.0),
            joined,
            left,
            decisions: if left.is_some() {
                Vec::new()
            } else {
                self.decisions(random, joined)
            },
            designation: designation(random, place),
            outgoing_calls: [
                OutgoingCalls::National,
                OutgoingCalls::All,
                OutgoingCalls::Internal,
                OutgoingCalls::None,
            ][random.weighted(&[70.0, 22.0, 6.0, 2.0])],
        }
    }

    /// first.last, numbered when someone has it already.
    fn login_id(&mut self, name: &Name) -> String {
        let taken = self.logins.entry(name.login.clone()).or_default();
        *taken += 1;
        match *taken {
            1 => name.login.clone(),
            number => format!("{}{number}", name.login),
        }
    }

    fn between(&self, random: &mut Random, from: Timestamp, to: Timestamp) -> Timestamp {
        from.plus((random.unit() * to.since(from) as f64) as i64 / MINUTE * MINUTE)
    }

    /// Regular by place, so that the smallest demo has some of each.
    fn decisions(&self, random: &mut Random, joined: Timestamp) -> Vec<Decision> {
        let now = self.span.now;
        let ago = |micros: i64| now.plus(-micros).max(joined.plus(MINUTE));
        let by = *random.pick(&[2, 3]);
        let make = |state, reason, from, to, until| {
            vec![Decision {
                state,
                reason,
                by,
                from,
                to,
                until,
            }]
        };
        if self.place % 40 == 17 {
            if random.percent(50.0) {
                let reason =
                    *random.pick(&["sick", "until end of shift", "headset broken", "sick"]);
                make(
                    AdminState::Blocked,
                    reason,
                    ago(random.between(20 * MINUTE, 9 * HOUR)),
                    None,
                    None,
                )
            } else {
                let reason = *random.pick(&["on leave", "sick", "parental leave"]);
                let until = now.plus(random.between(5, 40) * DAY);
                let until = Timestamp(until.0 / (30 * MINUTE) * (30 * MINUTE));
                make(
                    AdminState::Blocked,
                    reason,
                    ago(random.between(DAY, 12 * DAY)),
                    None,
                    Some(until),
                )
            }
        } else if self.place % 67 == 31 {
            let reason = *random.pick(&[
                "contract ended",
                "moved to back office",
                "under review",
                "long leave",
            ]);
            make(
                AdminState::Disabled,
                reason,
                ago(random.between(DAY, 40 * DAY)),
                None,
                None,
            )
        } else if self.place % 17 == 5 {
            let from = self.between(random, joined.plus(MINUTE), now);
            let to = from.plus(random.between(2 * HOUR, 4 * DAY));
            let reason = *random.pick(&["sick", "training", "until end of shift", "on leave"]);
            if to < now {
                make(AdminState::Blocked, reason, from, Some(to), None)
            } else {
                Vec::new()
            }
        } else {
            Vec::new()
        }
    }
}

impl Iterator for People<'_> {
    /// The agent, and the stream that the rest of their record comes from.
    type Item = (Agent, Random);

    fn next(&mut self) -> Option<Self::Item> {
        if self.living == 0 {
            return None;
        }
        let mut random = Random::of(self.seed, Stream::Person, self.place);
        let agent = self.agent(&mut random);
        self.place += 1;
        self.living -= u64::from(agent.left.is_none());
        Some((agent, random))
    }
}

fn shares() -> Vec<f64> {
    TIME_GROUPS.iter().map(|hours| hours.share).collect()
}

/// One to three departments, each once.
fn departments(random: &mut Random, weights: &[f64]) -> Vec<u16> {
    let wanted = 1 + random.weighted(&[45.0, 35.0, 20.0]);
    let mut places: Vec<u16> = Vec::with_capacity(wanted);
    while places.len() < wanted {
        let place = random.weighted(weights) as u16;
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

const DESIGNATIONS: &[&str] = &[
    "Customer support executive",
    "Customer support executive",
    "Customer support executive",
    "Senior executive",
    "Senior executive",
    "Trainee",
    "Subject expert",
    "Quality analyst",
];

fn designation(random: &mut Random, place: u64) -> &'static str {
    if place % 25 == 3 {
        "Team lead"
    } else {
        random.pick::<&str>(DESIGNATIONS)
    }
}

/// How a person is reached by phone.
pub struct Reach {
    pub phone: Option<String>,
    pub forwarding: Option<String>,
    pub alternatives: Vec<String>,
}

impl Reach {
    pub fn of(random: &mut Random, agent: &Agent) -> Self {
        let country = agent.name.country;
        let rings_phone = match agent.rings_on {
            RingsOn::Extension => false,
            RingsOn::Phone | RingsOn::Both => true,
        };
        let own = mobile(random, country);
        let forwarding = if rings_phone || random.percent(60.0) {
            Some(own.clone())
        } else {
            None
        };
        let mut alternatives = Vec::new();
        if forwarding.is_some() {
            for _ in 0..random.weighted(&[60.0, 25.0, 10.0, 5.0]) {
                let abroad = if random.percent(80.0) {
                    country
                } else {
                    Country::India
                };
                let number = mobile(random, abroad);
                if number != own && !alternatives.contains(&number) {
                    alternatives.push(number);
                }
            }
        }
        Self {
            phone: random.percent(80.0).then_some(own),
            forwarding,
            alternatives,
        }
    }
}
