//! What a reader asks of the list of agent groups, in the address and back.

use super::agent::words;
use super::filter::{BadParam, PerPage, one_of, page, search};
use super::query::{QueryReader, QueryWriter};

words!(/// A column that the list can be sorted by.
GroupColumn { Id = "id", Name = "name", Description = "description", Members = "members" });

/// By which column, and whether the largest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSort {
    pub column: GroupColumn,
    pub descending: bool,
}

impl Default for GroupSort {
    fn default() -> Self {
        Self {
            column: GroupColumn::Name,
            descending: false,
        }
    }
}

impl std::fmt::Display for GroupSort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.descending { "-" } else { "" };
        write!(f, "{sign}{}", self.column.word())
    }
}

/// Everything that decides which groups are shown, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFilter {
    /// Search text, trimmed, as typed; empty: all.
    pub q: String,
    pub sort: GroupSort,
    pub per: PerPage,
    /// From 1. May lie behind the last page.
    pub page: u32,
}

impl Default for GroupFilter {
    fn default() -> Self {
        Self {
            q: String::new(),
            sort: GroupSort::default(),
            per: PerPage::default(),
            page: 1,
        }
    }
}

/// A query of which at least one parameter makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadGroupQuery {
    /// What could be read, to fill the form with.
    pub filter: GroupFilter,
    /// Not empty.
    pub bad: Vec<BadParam>,
}

impl GroupFilter {
    /// Reads a query string, without its `?`.
    ///
    /// # Errors
    /// What makes no sense, beside what does.
    pub fn parse(raw: &str) -> Result<Self, BadGroupQuery> {
        Self::parse_beside(raw, &[])
    }

    /// The same where the address has parameters of its own, as `limit` of the API.
    ///
    /// # Errors
    /// What makes no sense, beside what does.
    pub fn parse_beside(raw: &str, others: &[&str]) -> Result<Self, BadGroupQuery> {
        let mut query = QueryReader::new(raw);
        let filter = Self {
            q: query.take_as("q", search).unwrap_or_default(),
            sort: query.take_as("sort", sort).unwrap_or_default(),
            per: query
                .take_as("per", one_of(PerPage::ALL, PerPage::word))
                .unwrap_or_default(),
            page: query.take_as("page", page).unwrap_or(1),
        };
        match query.finish(others) {
            bad if bad.is_empty() => Ok(filter),
            bad => Err(BadGroupQuery { filter, bad }),
        }
    }

    /// The address of this filter on a page, `/agent-groups?q=night`.
    pub fn link(&self, path: &str) -> String {
        let sort = Some(self.sort).filter(|sort| *sort != GroupSort::default());
        let per = Some(self.per).filter(|per| *per != PerPage::default());
        QueryWriter::behind(path)
            .with_some("q", Some(&self.q).filter(|q| !q.is_empty()))
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

    #[must_use]
    pub fn with_q(&self, q: &str) -> Self {
        Self {
            q: q.trim().to_owned(),
            ..self.with_page(1)
        }
    }

    /// A press on a column's head: one way, then the other, then back to the default order. Members begin
    /// with the largest.
    #[must_use]
    pub fn with_sort(&self, column: GroupColumn) -> Self {
        let first = column == GroupColumn::Members;
        let turned = |descending| GroupSort { column, descending };
        let sort = match self.sort {
            now if now.column != column => turned(first),
            now if now.descending == first => turned(!first),
            _ => GroupSort::default(),
        };
        Self {
            sort,
            ..self.with_page(1)
        }
    }
}

fn sort(text: &str) -> Result<GroupSort, &'static str> {
    let (descending, column) = match text.strip_prefix('-') {
        Some(column) => (true, column),
        None => (false, text),
    };
    let column = column.parse().map_err(|_| "no column to sort by")?;
    Ok(GroupSort { column, descending })
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
            ("status=active", "status"),
            ("q=%ff", "q"),
            ("q=a&q=b", "q"),
        ] {
            let bad = GroupFilter::parse(raw).unwrap_err();
            let names: Vec<_> = bad.bad.iter().map(|bad| bad.name.as_str()).collect();
            assert_eq!((names, bad.filter), (vec![name], GroupFilter::default()));
        }
    }

    #[test]
    fn a_third_press_goes_back_to_the_order_of_names() {
        let filter = GroupFilter::default().with_page(3);
        let press = |filter: &GroupFilter| filter.with_sort(GroupColumn::Members);
        let once = press(&filter);
        assert_eq!(once.link("/agent-groups"), "/agent-groups?sort=-members");
        let twice = press(&once);
        assert_eq!(twice.link("/agent-groups"), "/agent-groups?sort=members");
        assert_eq!(press(&twice).link("/agent-groups"), "/agent-groups");
        let names = filter.with_sort(GroupColumn::Name);
        assert_eq!(names.link("/g"), "/g?sort=-name");
    }

    proptest! {
        #[test]
        fn every_filter_prints_and_reads_back(
            q in "([^\\p{Cc}\\s]([^\\p{Cc}]{0,20}[^\\p{Cc}\\s])?)?",
            column in prop::sample::select(GroupColumn::ALL), descending: bool,
            per in prop::sample::select(PerPage::ALL), page in 1..=1_000_u32,
        ) {
            let filter = GroupFilter { q, sort: GroupSort { column, descending }, per, page };
            let link = filter.link("");
            prop_assert_eq!(GroupFilter::parse(link.trim_start_matches('?')), Ok(filter));
        }
    }
}
