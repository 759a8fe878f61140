//! What a reader asks of the audit log, in the address and back.

use super::ActorKind;
use crate::domain::agent::words;
use crate::domain::day_range::DayChoice;
use crate::domain::filter::{PerPage, days_if_given, one_of, search};
use crate::domain::query::{BadParam, QueryReader, QueryWriter};
use crate::domain::time::Timestamp;
use std::fmt;
use std::str::FromStr;

words!(/// What an entry is about, as people look for it.
Kind {
    Changes = "changes",
    State = "state",
    SignIns = "sign-ins",
    Refusals = "refusals",
    Rights = "rights",
    Settings = "settings",
    Exports = "exports",
    Imports = "imports",
});

/// Which actions belong to a kind, with `%` for any text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actions {
    Like(&'static [&'static str]),
    /// All but these.
    Unlike(&'static [&'static str]),
}

impl Kind {
    pub fn label(self) -> &'static str {
        match self {
            Self::Changes => "Changes",
            Self::State => "Blocks and pauses",
            Self::SignIns => "Sign-ins",
            Self::Refusals => "Refusals",
            Self::Rights => "Roles and tokens",
            Self::Settings => "Settings",
            Self::Exports => "Exports",
            Self::Imports => "Uploads",
        }
    }

    pub fn actions(self) -> Actions {
        match self {
            Self::Changes => Actions::Unlike(&["session.%", "%.refused", "%.export"]),
            Self::State => Actions::Like(&[
                "agent%.block",
                "agent%.disable",
                "agent%.enable",
                "agent%.lift",
                "agent%.pause",
                "agent%.resume",
                "agent%.off_duty",
                "agent%.off_board",
            ]),
            Self::SignIns => Actions::Like(&["session.%"]),
            Self::Refusals => Actions::Like(&["%.refused"]),
            Self::Rights => Actions::Like(&["role.%", "token.%", "user.role%"]),
            Self::Settings => Actions::Like(&["settings.%", "install.%", "mail.%"]),
            Self::Exports => Actions::Like(&["%.export"]),
            Self::Imports => Actions::Like(&["import%"]),
        }
    }
}

/// Whoever did something: `user-12`, `token-3`, `system`, `shell`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    pub kind: ActorKind,
    pub id: Option<i64>,
}

/// A record: `user-12`, `role-5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    pub kind: String,
    pub id: i64,
}

/// The longest name of a kind of record.
const LONGEST_KIND: usize = 32;

fn key(text: &str) -> Option<i64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|key: &i64| plain && *key > 0)
}

impl FromStr for By {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const NOBODY: &str = "is nobody who does things";
        let (kind, id) = match text.split_once('-') {
            Some((kind, id)) => (kind, Some(key(id).ok_or(NOBODY)?)),
            None => (text, None),
        };
        let kind: ActorKind = kind.parse().map_err(|_| NOBODY)?;
        let named = match kind {
            ActorKind::User | ActorKind::Token => true,
            ActorKind::System | ActorKind::Shell => false,
        };
        match named == id.is_some() {
            true => Ok(Self { kind, id }),
            false => Err(NOBODY),
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.word())?;
        match self.id {
            Some(id) => write!(f, "-{id}"),
            None => Ok(()),
        }
    }
}

impl FromStr for About {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const NOTHING: &str = "is no record";
        let (kind, id) = text.rsplit_once('-').ok_or(NOTHING)?;
        let plain = (1..=LONGEST_KIND).contains(&kind.len())
            && kind
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        match key(id).filter(|_| plain) {
            Some(id) => Ok(Self {
                kind: kind.to_owned(),
                id,
            }),
            None => Err(NOTHING),
        }
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind, self.id)
    }
}

/// The place of an entry in the order of the page, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub at: Timestamp,
    pub id: i64,
}

/// `1795336331000000.42`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.0, self.id)
    }
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let place = text.split_once('.').and_then(|(at, id)| {
            Some(Self {
                at: Timestamp(key(at)?),
                id: key(id)?,
            })
        });
        place.ok_or("is no place in the log")
    }
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    #[default]
    Newest,
    /// Entries older than that one.
    After(Place),
    /// Entries newer than that one.
    Before(Place),
}

/// Everything that decides which entries are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Part of the name of whoever did it, or of the record; empty: any.
    pub q: String,
    pub by: Option<By>,
    pub about: Option<About>,
    pub kind: Option<Kind>,
    /// None: any day.
    pub days: Option<DayChoice>,
    pub per: PerPage,
    pub start: Start,
}

/// A query of which at least one parameter makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAuditQuery {
    /// What could be read, to fill the form with.
    pub filter: Box<AuditFilter>,
    /// Not empty.
    pub bad: Vec<BadParam>,
}

impl AuditFilter {
    /// Reads a query string strictly, without its `?`; names in `others` are somebody else's.
    ///
    /// # Errors
    /// What makes no sense, beside what does.
    pub fn parse(raw: &str, others: &[&str]) -> Result<Self, BadAuditQuery> {
        let mut query = QueryReader::new(raw);
        let filter = Self {
            q: query.take_as("q", search).unwrap_or_default(),
            by: query.take_as("by", str::parse),
            about: query.take_as("about", str::parse),
            kind: query.take_as("kind", one_of(Kind::ALL, Kind::word)),
            days: days_if_given(&mut query),
            per: query
                .take_as("per", one_of(PerPage::ALL, PerPage::word))
                .unwrap_or_default(),
            start: start(&mut query),
        };
        match query.finish(others) {
            bad if bad.is_empty() => Ok(filter),
            bad => Err(BadAuditQuery {
                filter: Box::new(filter),
                bad,
            }),
        }
    }

    /// The address of these entries, `/audit?kind=exports`.
    pub fn link(&self, path: &str) -> String {
        let query = QueryWriter::behind(path)
            .with_some("q", Some(&self.q).filter(|q| !q.is_empty()))
            .with_some("by", self.by)
            .with_some("about", self.about.as_ref())
            .with_some("kind", self.kind.map(Kind::word));
        let query = match self.days {
            None => query,
            Some(days) => days.write(query),
        };
        let per = Some(self.per).filter(|per| *per != PerPage::default());
        let query = query.with_some("per", per.map(PerPage::word));
        match self.start {
            Start::Newest => query,
            Start::After(place) => query.with("after", place),
            Start::Before(place) => query.with("before", place),
        }
        .finish()
    }

    /// The same entries from another place on.
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

    /// What was done by one person or program alone, from the newest on.
    #[must_use]
    pub fn by(&self, by: By) -> Self {
        Self {
            by: Some(by),
            ..self.at(Start::Newest)
        }
    }

    /// What was done to one record alone, from the newest on.
    #[must_use]
    pub fn about(&self, about: About) -> Self {
        Self {
            about: Some(about),
            ..self.at(Start::Newest)
        }
    }

    /// Nothing narrows the log.
    pub fn is_everything(&self) -> bool {
        let cleared = Self {
            per: self.per,
            start: self.start,
            ..Self::default()
        };
        *self == cleared
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_parameter_is_written_and_reads_back() {
        let raw =
            "q=Asha&by=user-3&about=role-7&kind=rights&days=7&per=100&after=1795336331000000.9";
        let filter = AuditFilter::parse(raw, &[]).unwrap();
        assert_eq!(filter.link("/audit"), format!("/audit?{raw}"));
        assert_eq!(AuditFilter::default().link("/audit"), "/audit");
        assert_eq!(
            AuditFilter::parse("days=&from=&to=&kind=", &[]),
            Ok(AuditFilter::default())
        );
        assert!(AuditFilter::default().is_everything() && !filter.is_everything());
        for by in ["system", "shell", "token-4"] {
            assert_eq!(by.parse::<By>().unwrap().to_string(), by);
        }
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (raw, name) in [
            ("by=12", "by"),
            ("by=user", "by"),
            ("by=system-1", "by"),
            ("by=user-0", "by"),
            ("by=user-+1", "by"),
            ("about=5", "about"),
            ("about=role-x", "about"),
            ("about=ROLE-1", "about"),
            ("kind=everything", "kind"),
            ("from=2026-11-01", "to"),
            ("days=never", "days"),
            ("after=1", "after"),
            ("after=1.1&before=1.1", "before"),
            ("sort=at", "sort"),
            ("q=a&q=b", "q"),
        ] {
            let bad = AuditFilter::parse(raw, &[]).unwrap_err();
            assert_eq!(bad.bad[0].name, name, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn no_query_breaks_the_reading(raw in "\\PC{0,60}") {
            let _ = AuditFilter::parse(&raw, &[]);
        }
    }
}
