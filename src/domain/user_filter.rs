//! What a reader asks of the list of users, in the address and back.

use super::agent::words;
use super::filter::{BadParam, PerPage, one_of, page, search};
use super::ids::RoleId;
use super::person::WebLoginStatus;
use super::query::{QueryReader, QueryWriter};
use super::status::{AgentStatus, ExtensionStatus};

words!(/// A column that the list can be sorted by.
UserColumn {
    Name = "name",
    CallForwardNumber = "call_forward_number",
    Email = "email",
    Role = "role",
    AgentStatus = "agent_status",
    AgentExtension = "agent_extension",
    WebLogin = "web_login",
    CallingAgent = "calling_agent",
});

words!(/// Calling agents, or those who are none.
Calling { Yes = "yes", No = "no" });

/// By which column, and whether the largest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserSort {
    pub column: UserColumn,
    pub descending: bool,
}

impl Default for UserSort {
    fn default() -> Self {
        Self {
            column: UserColumn::Name,
            descending: false,
        }
    }
}

impl std::fmt::Display for UserSort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.descending { "-" } else { "" };
        write!(f, "{sign}{}", self.column.word())
    }
}

/// Everything that decides which users are shown, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFilter {
    /// Search text, trimmed, as typed; empty: all.
    pub q: String,
    pub calling_agent: Option<Calling>,
    pub web_login: Option<WebLoginStatus>,
    pub status: Option<AgentStatus>,
    pub extension: Option<ExtensionStatus>,
    pub role: Option<RoleId>,
    pub sort: UserSort,
    pub per: PerPage,
    /// From 1. May lie behind the last page.
    pub page: u32,
}

impl Default for UserFilter {
    fn default() -> Self {
        Self {
            q: String::new(),
            calling_agent: None,
            web_login: None,
            status: None,
            extension: None,
            role: None,
            sort: UserSort::default(),
            per: PerPage::default(),
            page: 1,
        }
    }
}

/// A query of which at least one parameter makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadUserQuery {
    /// What could be read, to fill the form with.
    pub filter: UserFilter,
    /// Not empty.
    pub bad: Vec<BadParam>,
}

impl UserFilter {
    /// Reads a query string, without its `?`.
    ///
    /// # Errors
    /// What makes no sense, beside what does.
    pub fn parse(raw: &str) -> Result<Self, BadUserQuery> {
        Self::parse_beside(raw, &[])
    }

    /// The same where the address has parameters of its own, as `limit` of the API.
    ///
    /// # Errors
    /// What makes no sense, beside what does.
    pub fn parse_beside(raw: &str, others: &[&str]) -> Result<Self, BadUserQuery> {
        let mut query = QueryReader::new(raw);
        let filter = Self {
            q: query.take_as("q", search).unwrap_or_default(),
            calling_agent: query.take_as("calling_agent", one_of(Calling::ALL, Calling::word)),
            web_login: query.take_as(
                "web_login",
                one_of(WebLoginStatus::ALL, WebLoginStatus::word),
            ),
            status: query.take_as("status", one_of(AgentStatus::ALL, AgentStatus::word)),
            extension: query.take_as(
                "extension",
                one_of(ExtensionStatus::ALL, ExtensionStatus::word),
            ),
            role: query.take_as("role", |text| text.parse().map_err(|_| "no such role")),
            sort: query.take_as("sort", sort).unwrap_or_default(),
            per: query
                .take_as("per", one_of(PerPage::ALL, PerPage::word))
                .unwrap_or_default(),
            page: query.take_as("page", page).unwrap_or(1),
        };
        match query.finish(others) {
            bad if bad.is_empty() => Ok(filter),
            bad => Err(BadUserQuery { filter, bad }),
        }
    }

    /// The address of this filter on a page, `/users?web_login=blocked`.
    pub fn link(&self, path: &str) -> String {
        let sort = Some(self.sort).filter(|sort| *sort != UserSort::default());
        let per = Some(self.per).filter(|per| *per != PerPage::default());
        QueryWriter::behind(path)
            .with_some("q", Some(&self.q).filter(|q| !q.is_empty()))
            .with_some("calling_agent", self.calling_agent.map(Calling::word))
            .with_some("web_login", self.web_login.map(WebLoginStatus::word))
            .with_some("status", self.status.map(AgentStatus::word))
            .with_some("extension", self.extension.map(ExtensionStatus::word))
            .with_some("role", self.role)
            .with_some("sort", sort)
            .with_some("per", per.map(PerPage::word))
            .with_some("page", Some(self.page).filter(|page| *page != 1))
            .finish()
    }

    #[must_use]
    pub fn with_page(&self, page: u32) -> Self {
        Self {
            page: page.max(1),
            ..self.clone()
        }
    }

    #[must_use]
    pub fn with_per(&self, per: PerPage) -> Self {
        Self {
            per,
            ..self.with_page(1)
        }
    }

    /// Everyone, in the same order.
    #[must_use]
    pub fn without_filters(&self) -> Self {
        Self {
            sort: self.sort,
            per: self.per,
            ..Self::default()
        }
    }

    /// Without one of the filters, by the name of its parameter.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut filter = self.with_page(1);
        match name {
            "q" => filter.q.clear(),
            "calling_agent" => filter.calling_agent = None,
            "web_login" => filter.web_login = None,
            "status" => filter.status = None,
            "extension" => filter.extension = None,
            "role" => filter.role = None,
            _ => {}
        }
        filter
    }

    pub fn is_narrowed(&self) -> bool {
        *self
            != Self {
                page: self.page,
                ..self.without_filters()
            }
    }

    /// A press on a column's head: one way, then the other, then back to the default order.
    #[must_use]
    pub fn with_sort(&self, column: UserColumn) -> Self {
        let sort = match self.sort {
            now if now.column != column => UserSort {
                column,
                descending: false,
            },
            now if !now.descending => UserSort {
                column,
                descending: true,
            },
            _ => UserSort::default(),
        };
        Self {
            sort,
            ..self.with_page(1)
        }
    }
}

fn sort(text: &str) -> Result<UserSort, &'static str> {
    let (descending, column) = match text.strip_prefix('-') {
        Some(column) => (true, column),
        None => (false, text),
    };
    let column = column.parse().map_err(|_| "no column to sort by")?;
    Ok(UserSort { column, descending })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_makes_no_sense_is_named_and_the_rest_is_kept() {
        for (raw, name) in [
            ("sort=wage", "sort"),
            ("per=51", "per"),
            ("page=0", "page"),
            ("web_login=locked+out", "web_login"),
            ("calling_agent=true", "calling_agent"),
            ("role=Admin", "role"),
            ("group=1", "group"),
            ("q=%ff", "q"),
            ("q=a&q=b", "q"),
        ] {
            let bad = UserFilter::parse(raw).unwrap_err();
            let names: Vec<_> = bad.bad.iter().map(|bad| bad.name.as_str()).collect();
            assert_eq!((names, bad.filter), (vec![name], UserFilter::default()));
        }
    }

    #[test]
    fn a_filter_is_taken_off_alone() {
        let filter =
            UserFilter::parse("q=asha&web_login=locked&role=2&sort=-email&page=3").unwrap();
        assert!(filter.is_narrowed());
        let link = filter.without("role").link("/users");
        assert_eq!(link, "/users?q=asha&web_login=locked&sort=-email");
        let all = filter.without_filters();
        assert_eq!(all.link("/users"), "/users?sort=-email");
        assert!(!all.is_narrowed());
    }

    proptest! {
        #[test]
        fn every_filter_prints_and_reads_back(
            q in "([^\\p{Cc}\\s]([^\\p{Cc}]{0,20}[^\\p{Cc}\\s])?)?",
            column in prop::sample::select(UserColumn::ALL), descending: bool,
            per in prop::sample::select(PerPage::ALL), page in 1..=1_000_u32,
            calling_agent in prop::option::of(prop::sample::select(Calling::ALL)),
            web_login in prop::option::of(prop::sample::select(WebLoginStatus::ALL)),
            status in prop::option::of(prop::sample::select(AgentStatus::ALL)),
            extension in prop::option::of(prop::sample::select(ExtensionStatus::ALL)),
            role in prop::option::of((1..99_i64).prop_map(RoleId)),
        ) {
            let sort = UserSort { column, descending };
            let filter = UserFilter { q, calling_agent, web_login, status, extension, role, sort, per, page };
            let link = filter.link("");
            prop_assert_eq!(UserFilter::parse(link.trim_start_matches('?')), Ok(filter));
        }
    }
}
