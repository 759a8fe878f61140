//! A row of the agents table and its badges, ready to print.

use askama::filters::Safe;
use std::borrow::Cow;
use std::fmt;

use crate::domain::call::filter::Counted;
use crate::domain::day_range::DayChoice;
use crate::domain::ids::AgentId;

/// A row of the table. Numbers, names and ages are ready to print; empty text prints as a dash.
#[derive(Clone, Debug, Default)]
pub struct AgentRow<'a> {
    pub agent_id: RowId,
    /// Tells an open form that the agent was changed.
    pub version: i64,
    /// The reader may change this agent.
    pub editable: bool,
    /// The reader may block, pause and so on.
    pub actable: bool,
    pub name: Cow<'a, str>,
    pub employee_id: Cow<'a, str>,
    pub designation: Cow<'a, str>,
    pub phone: Cow<'a, str>,
    pub email: Cow<'a, str>,
    pub call_forwarding_number: Cow<'a, str>,
    /// The first alternative number, and the others joined by ", ".
    pub alternative: Cow<'a, str>,
    pub more_alternatives: Cow<'a, str>,
    pub more_alternatives_count: u32,
    pub intercom_number: Cow<'a, str>,
    pub time_group: Cow<'a, str>,
    /// Names joined by ", ".
    pub departments: Cow<'a, str>,
    pub agent_groups: Cow<'a, str>,
    pub username: Cow<'a, str>,
    pub extension_caller_id: Cow<'a, str>,
    pub status: Badge,
    /// The second mark: `on a call`, `lunch`, `ringing`; empty for none.
    pub also: Cow<'a, str>,
    /// `09:12 by R. Kulkarni · sick · until 18:00`: stands in place of the age. Empty for none.
    pub why: Cow<'a, str>,
    /// How long until it lifts itself, `1h 04m left`, and when as RFC 3339. Empty: it does not.
    pub left: Cow<'a, str>,
    pub until_at: Cow<'a, str>,
    /// Time in state: `12m`, and the instant as RFC 3339 by the clock of the install. Empty: unknown.
    pub age: Cow<'a, str>,
    pub since_at: Cow<'a, str>,
    pub extension: Badge,
    pub calls_answered: u32,
    pub missed: u32,
    /// The days of the counts, for those who may see the calls behind them.
    pub calls: Option<CallDays>,
}

/// An agent's id as a row prints it, eight times over: digits, so there is nothing to escape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowId(String);

impl From<AgentId> for RowId {
    fn from(id: AgentId) -> Self {
        Self(id.to_string())
    }
}

impl std::ops::Deref for RowId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::FastWritable for RowId {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(dest.write_str(&self.0)?)
    }
}

impl askama::filters::HtmlSafe for RowId {}

/// A status: its word in `data-status` and its label. An empty word is "no extension".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Badge {
    pub word: &'static str,
    pub label: &'static str,
}

impl Badge {
    pub fn new(word: &'static str) -> Self {
        Self {
            word,
            label: label(word),
        }
    }
}

/// A badge as it stands in the table, put together when the program is built: a list has a hundred of them.
macro_rules! drawn {
    ($class:literal, $word:literal, $label:literal) => {
        Safe(concat!(
            "<span class=\"",
            $class,
            "\" data-status=\"",
            $word,
            "\"><svg class=\"g\"><use href=\"",
            env!("ASSET_ICONS"),
            "#s-",
            $word,
            "\"/></svg>",
            $label,
            "</span>"
        ))
    };
}

/// Markup of ours.
pub type Drawn = Safe<&'static str>;

impl Badge {
    pub fn drawn(&self) -> Drawn {
        match self.word {
            "active" => drawn!("badge", "active", "Active"),
            "blocked" => drawn!("badge", "blocked", "Blocked"),
            "disabled" => drawn!("badge", "disabled", "Disabled"),
            "busy" => drawn!("badge", "busy", "Busy"),
            "offline" => drawn!("badge", "offline", "Offline"),
            _ => drawn!("badge", "unknown", "Unknown"),
        }
    }

    pub fn drawn_flat(&self) -> Drawn {
        match self.word {
            "registered" => drawn!("badge flat", "registered", "Registered"),
            "unregistered" => drawn!("badge flat", "unregistered", "Unregistered"),
            _ => drawn!("badge flat", "unknown", "Unknown"),
        }
    }
}

/// The label of a status word of either badge.
pub fn label(word: &str) -> &'static str {
    match word {
        "active" => "Active",
        "blocked" => "Blocked",
        "disabled" => "Disabled",
        "busy" => "Busy",
        "offline" => "Offline",
        "registered" => "Registered",
        "unregistered" => "Unregistered",
        "none" => "No extension",
        _ => "Unknown",
    }
}

/// What each status means, under the table.
pub static LEGEND: &[(&str, &str)] = &[
    ("active", "takes calls"),
    ("busy", "on a call or wrapping up"),
    ("offline", "off duty, paused, outside hours or unreachable"),
    ("blocked", "no calls in"),
    ("disabled", "no calls in or out"),
    ("unknown", "the phone system is silent"),
    ("registered", "the phone is connected"),
    ("unregistered", "it is not"),
];

/// A number that changed in a row.
#[derive(Clone, Debug)]
pub struct CountUpdate {
    pub agent_id: RowId,
    pub calls_answered: u32,
    pub missed: u32,
    pub calls: Option<CallDays>,
}

/// The days of a count as a part of the link to its calls: `&amp;days=7`; nothing for today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallDays(pub DayChoice);

impl fmt::Display for CallDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            DayChoice::Today => Ok(()),
            DayChoice::Between(from, to) => write!(f, "&amp;from={from}&amp;to={to}"),
            preset => write!(f, "&amp;days={}", preset.word()),
        }
    }
}

/// A count, as a link to exactly the calls behind it where the reader may see them.
pub struct CallsLink<'a> {
    agent_id: &'a str,
    counted: Counted,
    number: u32,
    days: Option<CallDays>,
}

impl<'a> CallsLink<'a> {
    pub fn new(agent_id: &'a str, counted: Counted, number: u32, days: Option<CallDays>) -> Self {
        Self {
            agent_id,
            counted,
            number,
            days,
        }
    }
}

impl fmt::Display for CallsLink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = Grouped(self.number);
        match self.days.filter(|_| self.number > 0) {
            None => number.fmt(f),
            Some(days) => {
                let (agent, counted) = (self.agent_id, self.counted.word());
                write!(
                    f,
                    "<a href=\"/calls?counted={counted}{days}&amp;agent={agent}\" data-hx-boost=\"false\">{number}</a>"
                )
            }
        }
    }
}

// The agent id is digits, and everything else is a word or a number of ours.
impl askama::filters::HtmlSafe for CallsLink<'_> {}

macro_rules! links {
    ($row:ty) => {
        impl $row {
            pub fn answered_link(&self) -> CallsLink<'_> {
                self.link(Counted::Answered, self.calls_answered)
            }

            pub fn missed_link(&self) -> CallsLink<'_> {
                self.link(Counted::Missed, self.missed)
            }

            fn link(&self, counted: Counted, number: u32) -> CallsLink<'_> {
                CallsLink::new(&self.agent_id, counted, number, self.calls)
            }
        }
    };
}

links!(AgentRow<'_>);
links!(CountUpdate);

/// A number with its thousands apart: `1,204`.
#[derive(Clone, Copy, Debug)]
pub struct Grouped(u32);

/// Takes a reference because templates hand over fields that way.
pub fn grouped(number: &u32) -> Grouped {
    Grouped(*number)
}

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (millions, thousands, rest) = (self.0 / 1_000_000, self.0 / 1000 % 1000, self.0 % 1000);
        match (millions, thousands) {
            (0, 0) => write!(f, "{rest}"),
            (0, _) => write!(f, "{thousands},{rest:03}"),
            (_, _) => write!(f, "{millions},{thousands:03},{rest:03}"),
        }
    }
}

impl askama::FastWritable for Grouped {
    fn write_into(
        &self,
        dest: &mut dyn fmt::Write,
        values: &dyn askama::Values,
    ) -> askama::Result<()> {
        if self.0 < 1000 {
            return self.0.write_into(dest, values);
        }
        Ok(write!(dest, "{self}")?)
    }
}

impl askama::filters::HtmlSafe for Grouped {}
