//! What a reader asks of the agents list, in the address and back (product rule §12).

mod links;

pub use super::query::BadParam;
pub use links::FilterPart;

use super::agent::words;
use super::day_range::DayChoice;
use super::ids::{DepartmentId, GroupId, TimeGroupId};
use super::query::{QueryReader, QueryWriter};
use super::status::{AgentStatus, ExtensionStatus};

words!(/// A column that the list can be sorted by.
SortColumn {
    AgentId = "agent_id",
    Name = "name",
    CallForwardingNumber = "call_forwarding_number",
    AlternativeNumbers = "alternative_numbers",
    IntercomNumber = "intercom_number",
    TimeGroup = "time_group",
    Departments = "departments",
    Username = "username",
    ExtensionCallerId = "extension_caller_id",
    AgentStatus = "agent_status",
    ExtensionStatus = "extension_status",
    CallsAnswered = "calls_answered",
    EmployeeId = "employee_id",
    Designation = "designation",
    Missed = "missed",
    Phone = "phone",
    Email = "email",
});

/// By which column, and whether the largest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    pub column: SortColumn,
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self {
            column: SortColumn::Name,
            descending: false,
        }
    }
}

impl std::fmt::Display for Sort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}{}",
            if self.descending { "-" } else { "" },
            self.column.word()
        )
    }
}

words!(/// How many rows a page has.
#[derive(Default)]
PerPage { P25 = "25", #[default] P50 = "50", P100 = "100", P250 = "250" });

impl PerPage {
    pub fn rows(self) -> usize {
        match self {
            Self::P25 => 25,
            Self::P50 => 50,
            Self::P100 => 100,
            Self::P250 => 250,
        }
    }
}

/// The longest search text, in characters.
pub const LONGEST_SEARCH: usize = 200;
/// The last page that anyone may ask for; lists end long before.
pub const LAST_PAGE: u32 = 1_000_000;

/// Everything that decides which rows of the agents list are shown, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentFilter {
    /// Search text, trimmed, as typed; empty: all.
    pub q: String,
    pub status: Option<AgentStatus>,
    pub extension: Option<ExtensionStatus>,
    pub group: Option<GroupId>,
    pub department: Option<DepartmentId>,
    pub time_group: Option<TimeGroupId>,
    pub sort: Sort,
    pub per: PerPage,
    /// From 1. May lie behind the last page.
    pub page: u32,
    pub days: DayChoice,
}

impl Default for AgentFilter {
    fn default() -> Self {
        Self {
            q: String::new(),
            status: None,
            extension: None,
            group: None,
            department: None,
            time_group: None,
            sort: Sort::default(),
            per: PerPage::default(),
            page: 1,
            days: DayChoice::default(),
        }
    }
}

/// A query of which at least one parameter makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadQuery {
    /// What could be read, to fill the form with.
    pub filter: AgentFilter,
    /// Not empty.
    pub bad: Vec<BadParam>,
}

impl AgentFilter {
    /// Whether it asks who belongs to something, which only people change.
    pub fn is_of_members(&self) -> bool {
        self.group.is_some() || self.department.is_some() || self.time_group.is_some()
    }

    /// What can be read of a query string, and what of it makes no sense.
    pub fn readable(raw: &str) -> (Self, Vec<BadParam>) {
        match Self::parse(raw) {
            Ok(filter) => (filter, Vec::new()),
            Err(BadQuery { filter, bad }) => (filter, bad),
        }
    }

    /// Reads a query string, without its `?`.
    pub fn parse(raw: &str) -> Result<Self, BadQuery> {
        Self::parse_beside(raw, &[])
    }

    /// As [`parse`](Self::parse) where the address has parameters of its own, as `by` of an export.
    pub fn parse_beside(raw: &str, others: &[&str]) -> Result<Self, BadQuery> {
        let mut query = QueryReader::new(raw);
        let filter = Self {
            q: query.take_as("q", search).unwrap_or_default(),
            status: query.take_as("status", one_of(AgentStatus::ALL, AgentStatus::word)),
            extension: query.take_as(
                "extension",
                one_of(ExtensionStatus::ALL, ExtensionStatus::word),
            ),
            group: query.take_as("group", |text| text.parse().map_err(|_| "no such group")),
            department: query.take_as("department", |text| {
                text.parse().map_err(|_| "no such department")
            }),
            time_group: query.take_as("time_group", |text| {
                text.parse().map_err(|_| "no such time group")
            }),
            sort: query.take_as("sort", sort).unwrap_or_default(),
            per: query
                .take_as("per", one_of(PerPage::ALL, PerPage::word))
                .unwrap_or_default(),
            page: query.take_as("page", page).unwrap_or(1),
            days: days(&mut query),
        };
        for reserved in ["after", "before"] {
            query.take_as(reserved, |_| Err::<(), _>("this list is read by page"));
        }
        match query.finish(others) {
            bad if bad.is_empty() => Ok(filter),
            bad => Err(BadQuery { filter, bad }),
        }
    }

    /// The shortest query string that reads back as this filter; empty for the default.
    pub fn to_query(&self) -> String {
        self.write(QueryWriter::default())
    }

    /// The address of this filter on a page, `/agents?status=busy`.
    pub fn link(&self, path: &str) -> String {
        self.write(QueryWriter::behind(path))
    }

    fn write(&self, query: QueryWriter) -> String {
        let query = query
            .with_some("q", Some(&self.q).filter(|q| !q.is_empty()))
            .with_some("status", self.status.map(AgentStatus::word))
            .with_some("extension", self.extension.map(ExtensionStatus::word))
            .with_some("group", self.group)
            .with_some("department", self.department)
            .with_some("time_group", self.time_group)
            .with_some(
                "sort",
                Some(self.sort).filter(|sort| *sort != Sort::default()),
            )
            .with_some(
                "per",
                Some(self.per)
                    .filter(|per| *per != PerPage::default())
                    .map(PerPage::word),
            )
            .with_some("page", Some(self.page).filter(|page| *page != 1));
        match self.days {
            DayChoice::Today => query,
            days => days.write(query),
        }
        .finish()
    }
}

/// A search text that is not too long.
pub(in crate::domain) fn search(text: &str) -> Result<String, String> {
    match text.chars().count() {
        ..=LONGEST_SEARCH => Ok(text.to_owned()),
        length => Err(format!(
            "has {length} characters; the most is {LONGEST_SEARCH}"
        )),
    }
}

pub(in crate::domain) fn one_of<T: Copy>(
    all: &'static [T],
    word: fn(T) -> &'static str,
) -> impl Fn(&str) -> Result<T, String> {
    move |text| {
        all.iter()
            .copied()
            .find(|value| word(*value) == text)
            .ok_or_else(|| {
                let words: Vec<_> = all.iter().map(|value| word(*value)).collect();
                format!("is none of {}", words.join(", "))
            })
    }
}

fn sort(text: &str) -> Result<Sort, &'static str> {
    let (descending, column) = match text.strip_prefix('-') {
        Some(column) => (true, column),
        None => (false, text),
    };
    let column = column.parse().map_err(|_| "no column to sort by")?;
    Ok(Sort { column, descending })
}

/// A page's number, from 1.
pub(in crate::domain) fn page(text: &str) -> Result<u32, String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let number = text
        .parse()
        .ok()
        .filter(|page| digits && (1..=LAST_PAGE).contains(page));
    number.ok_or_else(|| "is no page number".to_owned())
}

/// The day range of any list, `days` or `from` and `to`.
pub fn days(query: &mut QueryReader) -> DayChoice {
    days_if_given(query).unwrap_or_default()
}

/// The same where no days mean any day.
pub fn days_if_given(query: &mut QueryReader) -> Option<DayChoice> {
    let given = ["days", "from", "to"].map(|name| (name, query.take(name)));
    if given.iter().all(|(_, value)| value.is_none()) {
        return None;
    }
    let [days, from, to] = given.each_ref().map(|(_, value)| value.as_deref());
    match DayChoice::parse(days, from, to) {
        Ok(choice) => Some(choice),
        Err(error) => {
            let value = given
                .iter()
                .find(|(name, _)| *name == error.param())
                .and_then(|(_, value)| value.clone());
            query.reject(error.param(), &value.unwrap_or_default(), error.to_string());
            None
        }
    }
}

#[cfg(test)]
mod tests;
