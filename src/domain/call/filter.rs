//! What a reader asks of the calls page, in the address and back (product rules §4, §5, §12).

use super::{Direction, Outcome};
use crate::domain::agent::words;
use crate::domain::day_range::{Day, DayChoice};
use crate::domain::filter::{PerPage, days, one_of};
use crate::domain::ids::{AgentId, DepartmentId, GroupId};
use crate::domain::phone::{Phone, Region, search_digits};
use crate::domain::query::{BadParam, QueryReader, QueryWriter};
use crate::domain::time::{SECOND, Timestamp};
use std::fmt;
use std::str::FromStr;

words!(/// Only what a column of the agents list counts: the link behind its numbers.
Counted { Answered = "answered", Missed = "missed" });

words!(/// Whose calls: of those who still are agents, or of those who left.
People { Left = "left" });

/// The place of a call in the order of the page, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub day: Day,
    pub started_at: Timestamp,
    pub id: i64,
}

/// `739941.1795336331000000.42`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.day.0, self.started_at.0, self.id)
    }
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let number = |part: Option<&str>| -> Option<i64> {
            let part = part?;
            let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| part.parse().ok()).flatten()
        };
        let mut parts = text.split('.');
        let three = (
            number(parts.next()),
            number(parts.next()),
            number(parts.next()),
        );
        match (three, parts.next()) {
            ((Some(day), Some(started), Some(id)), None) => Ok(Self {
                day: Day(i32::try_from(day).map_err(|_| NO_PLACE)?),
                started_at: Timestamp(started),
                id,
            }),
            _ => Err(NO_PLACE),
        }
    }
}

const NO_PLACE: &str = "is no place in this list";

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    #[default]
    Newest,
    /// Calls older than that one.
    After(Place),
    /// Calls newer than that one.
    Before(Place),
}

/// Everything that decides which calls are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    pub agent: Option<AgentId>,
    /// Agents of this group.
    pub group: Option<GroupId>,
    /// Agents who are in this department, whatever department their calls came through.
    pub member_of: Option<DepartmentId>,
    pub people: Option<People>,
    /// The department that the call came through.
    pub department: Option<DepartmentId>,
    pub direction: Option<Direction>,
    pub outcome: Option<Outcome>,
    pub counted: Option<Counted>,
    /// Part of the other party's number, as typed; empty: any.
    pub number: String,
    /// Least talk time in seconds.
    pub talk: Option<u32>,
    pub days: DayChoice,
    pub per: PerPage,
    pub start: Start,
}

/// A query of which at least one parameter makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadQuery {
    /// What could be read, to fill the form with.
    pub filter: CallFilter,
    /// Not empty.
    pub bad: Vec<BadParam>,
}

words!(/// A part of the filter that narrows the list and can be taken away.
CallPart {
    Agent = "agent",
    Group = "group",
    MemberOf = "member_of",
    People = "people",
    Department = "department",
    Direction = "direction",
    Outcome = "outcome",
    Counted = "counted",
    Number = "number",
    Talk = "talk",
});

/// Shorter parts of a number would match nearly all.
const LEAST_DIGITS: usize = 3;
const LONGEST_NUMBER: usize = 40;
/// A day, in seconds.
const LONGEST_TALK: u32 = 86_400;

impl CallFilter {
    /// Reads a query string. `numbers`: the reader may see customers' numbers; without that right
    /// nobody can filter by them either (product rule §10).
    pub fn parse(raw: &str, numbers: bool) -> Result<Self, Box<BadQuery>> {
        let mut query = QueryReader::new(raw);
        let id = "no such id";
        let filter = Self {
            agent: query.take_as("agent", |text| text.parse().map_err(|_| "no such agent")),
            group: query.take_as("group", |text| text.parse().map_err(|_| id)),
            member_of: query.take_as("member_of", |text| text.parse().map_err(|_| id)),
            people: query.take_as("people", one_of(People::ALL, People::word)),
            department: query.take_as("department", |text| text.parse().map_err(|_| id)),
            direction: query.take_as("direction", one_of(Direction::ALL, Direction::word)),
            outcome: query.take_as("outcome", one_of(Outcome::ALL, Outcome::word)),
            counted: query.take_as("counted", one_of(Counted::ALL, Counted::word)),
            number: query
                .take_as("number", |text| number(text, numbers))
                .unwrap_or_default(),
            talk: query.take_as("talk", talk),
            days: days(&mut query),
            per: query
                .take_as("per", one_of(PerPage::ALL, PerPage::word))
                .unwrap_or_default(),
            start: start(&mut query),
        };
        match query.finish(&[]) {
            bad if bad.is_empty() => Ok(filter),
            bad => Err(Box::new(BadQuery { filter, bad })),
        }
    }

    /// The address of this filter on a page, `/calls?agent=010042`.
    pub fn link(&self, path: &str) -> String {
        let query = self
            .pairs()
            .into_iter()
            .fold(QueryWriter::behind(path), |query, (name, value)| {
                query.with(name, value)
            });
        match self.start {
            Start::Newest => query,
            Start::After(place) => query.with("after", place),
            Start::Before(place) => query.with("before", place),
        }
        .finish()
    }

    /// Names and values in canonical order, without what is as by default and without the place.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let word = |word: &str| word.to_owned();
        let days = match self.days {
            DayChoice::Today => Vec::new(),
            DayChoice::Between(from, to) => {
                vec![("from", from.to_string()), ("to", to.to_string())]
            }
            preset => vec![("days", preset.word().into_owned())],
        };
        let per = Some(self.per).filter(|per| *per != PerPage::default());
        [
            ("agent", self.agent.map(|id| id.to_string())),
            ("group", self.group.map(|id| id.to_string())),
            ("member_of", self.member_of.map(|id| id.to_string())),
            ("people", self.people.map(|people| word(people.word()))),
            ("department", self.department.map(|id| id.to_string())),
            ("direction", self.direction.map(|way| word(way.word()))),
            ("outcome", self.outcome.map(|outcome| word(outcome.word()))),
            ("counted", self.counted.map(|counted| word(counted.word()))),
            (
                "number",
                Some(self.number.clone()).filter(|number| !number.is_empty()),
            ),
            ("talk", self.talk.map(|seconds| seconds.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .chain(days)
        .chain(per.map(|per| ("per", word(per.word()))))
        .collect()
    }

    /// The same calls from another place on.
    #[must_use]
    pub fn at(&self, start: Start) -> Self {
        Self {
            start,
            ..self.clone()
        }
    }

    #[must_use]
    pub fn with_per(&self, per: PerPage) -> Self {
        Self {
            per,
            ..self.at(Start::Newest)
        }
    }

    #[must_use]
    pub fn without(&self, part: CallPart) -> Self {
        let mut filter = self.at(Start::Newest);
        match part {
            CallPart::Agent => filter.agent = None,
            CallPart::Group => filter.group = None,
            CallPart::MemberOf => filter.member_of = None,
            CallPart::People => filter.people = None,
            CallPart::Department => filter.department = None,
            CallPart::Direction => filter.direction = None,
            CallPart::Outcome => filter.outcome = None,
            CallPart::Counted => filter.counted = None,
            CallPart::Number => filter.number.clear(),
            CallPart::Talk => filter.talk = None,
        }
        filter
    }

    /// "Clear all": every call of the same days.
    #[must_use]
    pub fn cleared(&self) -> Self {
        CallPart::ALL
            .iter()
            .fold(self.clone(), |filter, part| filter.without(*part))
    }

    /// The digits that a stored number must hold, however it is written: without the country code
    /// where the text is a whole number of the region.
    pub fn digits(&self, region: Region) -> Option<String> {
        let digits = search_digits(&self.number)?;
        Some(match Phone::parse(&self.number, region) {
            Ok(phone) => {
                let national = phone.show(region);
                let plain: String = national.chars().filter(char::is_ascii_digit).collect();
                plain.trim_start_matches('0').to_owned()
            }
            Err(_) => digits,
        })
    }
}

fn number(text: &str, allowed: bool) -> Result<String, String> {
    if !allowed {
        return Err("you may not see the numbers of customers, nor filter by them".to_owned());
    }
    match search_digits(text) {
        _ if text.chars().count() > LONGEST_NUMBER => Err("is too long".to_owned()),
        None => Err("is no part of a number".to_owned()),
        Some(digits) if digits.len() < LEAST_DIGITS => {
            Err(format!("needs at least {LEAST_DIGITS} digits"))
        }
        Some(_) => Ok(text.to_owned()),
    }
}

fn talk(text: &str) -> Result<u32, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| plain && *seconds <= LONGEST_TALK);
    seconds.ok_or_else(|| format!("is no number of seconds up to {LONGEST_TALK}"))
}

fn start(query: &mut QueryReader) -> Start {
    let after: Option<Place> = query.take_as("after", str::parse);
    let before: Option<Place> = query.take_as("before", str::parse);
    match (after, before) {
        (None, None) => Start::Newest,
        (Some(place), None) => Start::After(place),
        (None, Some(place)) => Start::Before(place),
        (Some(_), Some(place)) => {
            query.reject("before", &place.to_string(), "stands beside after");
            Start::Newest
        }
    }
}

/// Microseconds of the least talk time.
pub fn talk_micros(seconds: u32) -> i64 {
    i64::from(seconds) * SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(raw: &str) -> CallFilter {
        CallFilter::parse(raw, true).unwrap_or_else(|bad| panic!("{raw}: {bad:?}"))
    }

    #[test]
    fn nothing_asked_is_every_call_of_today() {
        assert_eq!(parse(""), CallFilter::default());
        let form = "agent=&group=&people=&department=&direction=&outcome=&counted=&number=&talk=&days=&from=&to=&per=&after=&before=";
        assert_eq!(parse(form), CallFilter::default());
        assert_eq!(CallFilter::default().link("/calls"), "/calls");
    }

    #[test]
    fn every_parameter_is_written_and_reads_back() {
        let raw = "agent=010042&group=2&member_of=3&people=left&department=4&direction=inbound&outcome=answered&counted=answered&number=98123+45678&talk=60&days=7&per=100&after=739942.1795336331000000.9";
        let filter = parse(raw);
        assert_eq!(filter.link("/calls"), format!("/calls?{raw}"));
        assert_eq!(filter.cleared().link("/calls"), "/calls?days=7&per=100");
        for part in CallPart::ALL {
            assert!(
                !filter
                    .without(*part)
                    .link("/")
                    .contains(&format!("{}=", part.word()))
            );
        }
    }

    #[test]
    fn senseless_values_are_named() {
        for (raw, name) in [
            ("agent=42", "agent"),
            ("agent=0010042", "agent"),
            ("department=0", "department"),
            ("direction=sideways", "direction"),
            ("outcome=Answered", "outcome"),
            ("counted=3", "counted"),
            ("people=right", "people"),
            ("number=12", "number"),
            ("number=anonymous", "number"),
            ("talk=-1", "talk"),
            ("talk=1e9", "talk"),
            ("talk=90000", "talk"),
            ("after=1.2", "after"),
            ("after=1.2.3.4", "after"),
            ("after=1.-2.3", "after"),
            ("after=99999999999.1.1", "after"),
            ("after=1.2.3&before=1.2.3", "before"),
            ("days=never", "days"),
            ("sort=agent", "sort"),
            ("agent=010042&agent=010042", "agent"),
        ] {
            let bad = CallFilter::parse(raw, true).unwrap_err();
            assert_eq!(bad.bad[0].name, name, "{raw}");
        }
    }

    #[test]
    fn who_may_not_see_numbers_may_not_filter_by_them() {
        let bad = CallFilter::parse("number=98123", false).unwrap_err();
        assert_eq!(bad.bad[0].name, "number");
        assert_eq!(bad.filter.number, "");
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for (typed, digits) in [
            ("+91 98123 45678", "9812345678"),
            ("098123 45678", "9812345678"),
            ("45678", "45678"),
        ] {
            let filter = CallFilter {
                number: typed.to_owned(),
                ..CallFilter::default()
            };
            assert_eq!(filter.digits(Region::INDIA).as_deref(), Some(digits));
        }
    }

    proptest! {
        #[test]
        fn no_query_breaks_the_reading(raw in "\\PC{0,60}") {
            let _ = CallFilter::parse(&raw, true);
        }
    }
}
