//! What a reader asks of the list of time groups, in the address and back.

use crate::domain::agent::words;
use crate::domain::filter::{BadParam, PerPage, one_of, page, search};
use crate::domain::query::{QueryReader, QueryWriter};

words!(/// A column that the list can be sorted by.
#[derive(Default)]
Column { #[default] Name = "name", Zone = "time_zone", Open = "open_now", Agents = "agents" });

impl Column {
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Zone => "Time zone",
            Self::Open => "Now",
            Self::Agents => "Agents",
        }
    }
}

/// Everything that decides which time groups are shown, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFilter {
    /// Search text, trimmed, as typed; empty: all.
    pub q: String,
    pub sort: Column,
    pub descending: bool,
    pub per: PerPage,
    /// From 1. May lie behind the last page.
    pub page: u32,
}

impl Default for ListFilter {
    fn default() -> Self {
        Self {
            q: String::new(),
            sort: Column::default(),
            descending: false,
            per: PerPage::default(),
            page: 1,
        }
    }
}

/// A query of which at least one parameter makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadList {
    /// What could be read, to fill the form with.
    pub filter: ListFilter,
    /// Not empty.
    pub bad: Vec<BadParam>,
}

impl ListFilter {
    /// Reads a query string strictly, without its `?`; names in `others` are somebody else's.
    ///
    /// # Errors
    /// What makes no sense, beside what does.
    pub fn parse(raw: &str, others: &[&str]) -> Result<Self, BadList> {
        let mut query = QueryReader::new(raw);
        let q = query.take_as("q", search).unwrap_or_default();
        let (sort, descending) = query.take_as("sort", sort).unwrap_or_default();
        let per = query.take_as("per", one_of(PerPage::ALL, PerPage::word));
        let filter = Self {
            q,
            sort,
            descending,
            per: per.unwrap_or_default(),
            page: query.take_as("page", page).unwrap_or(1),
        };
        match query.finish(others) {
            bad if bad.is_empty() => Ok(filter),
            bad => Err(BadList { filter, bad }),
        }
    }

    /// Names and values of how the list is shown, without what is as by default: what a form that searches has
    /// to carry along.
    pub fn manner(&self) -> Vec<(&'static str, String)> {
        let minus = if self.descending { "-" } else { "" };
        let sorted = (self.sort, self.descending) != (Column::default(), false);
        let per = self.per != PerPage::default();
        let pairs = [
            (
                "sort",
                sorted.then(|| format!("{minus}{}", self.sort.word())),
            ),
            ("per", per.then(|| self.per.word().to_owned())),
        ];
        pairs
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// The address of this list.
    pub fn link(&self, path: &str) -> String {
        let q = Some(&self.q).filter(|q| !q.is_empty());
        let query = QueryWriter::behind(path).with_some("q", q);
        let manner = self.manner().into_iter();
        manner
            .fold(query, |query, (name, value)| query.with(name, value))
            .with_some("page", Some(self.page).filter(|page| *page != 1))
            .finish()
    }

    /// The same list by this column: again turns it round. Of numbers the largest come first.
    #[must_use]
    pub fn sorted_by(&self, column: Column) -> Self {
        Self {
            sort: column,
            descending: match self.sort == column {
                true => !self.descending,
                false => column == Column::Agents,
            },
            ..self.at(1)
        }
    }

    #[must_use]
    pub fn at(&self, page: u32) -> Self {
        Self {
            page: page.max(1),
            ..self.clone()
        }
    }

    #[must_use]
    pub fn with_per(&self, per: PerPage) -> Self {
        Self { per, ..self.at(1) }
    }

    #[must_use]
    pub fn without_search(&self) -> Self {
        Self {
            q: String::new(),
            ..self.at(1)
        }
    }
}

fn sort(text: &str) -> Result<(Column, bool), &'static str> {
    let (descending, column) = match text.strip_prefix('-') {
        Some(column) => (true, column),
        None => (false, text),
    };
    let column = column.parse().map_err(|_| "no column to sort by")?;
    Ok((column, descending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_makes_no_sense_is_named() {
        for (raw, name) in [
            ("sort=wage", "sort"),
            ("page=0", "page"),
            ("per=51", "per"),
            ("status=active", "status"),
            ("q=a&q=b", "q"),
            ("q=%ff", "q"),
        ] {
            let bad = ListFilter::parse(raw, &[]).unwrap_err();
            assert_eq!((bad.bad.len(), bad.bad[0].name.as_str()), (1, name));
            assert_eq!(bad.filter, ListFilter::default());
        }
        assert!(ListFilter::parse("limit=5", &["limit"]).is_ok());
    }

    #[test]
    fn a_press_on_a_head_sorts_and_another_turns_round() {
        let list = ListFilter::default();
        let agents = list.sorted_by(Column::Agents);
        assert_eq!(agents.link("/time-groups"), "/time-groups?sort=-agents");
        let turned = agents.sorted_by(Column::Agents);
        assert_eq!(turned.link("/time-groups"), "/time-groups?sort=agents");
        assert_eq!(list.sorted_by(Column::Name).link("/t"), "/t?sort=-name");
        assert_eq!(list.link("/time-groups"), "/time-groups");
    }

    #[test]
    fn another_order_size_or_search_begins_at_the_first_page() {
        let list = ListFilter::parse("q=desk&per=25&page=3", &[]).unwrap();
        assert_eq!(list.at(4).link("/t"), "/t?q=desk&per=25&page=4");
        assert_eq!(list.with_per(PerPage::P100).link("/t"), "/t?q=desk&per=100");
        assert_eq!(list.without_search().link("/t"), "/t?per=25");
        let sorted = list.sorted_by(Column::Zone);
        assert_eq!(sorted.link("/t"), "/t?q=desk&sort=time_zone&per=25");
        assert_eq!(sorted.manner().len(), 2);
    }

    proptest! {
        #[test]
        fn every_filter_prints_and_reads_back(
            q in "([^\\p{Cc}\\s]([^\\p{Cc}]{0,20}[^\\p{Cc}\\s])?)?",
            sort in prop::sample::select(Column::ALL), descending: bool,
            per in prop::sample::select(PerPage::ALL), page in 1..=1_000_u32,
        ) {
            let filter = ListFilter { q, sort, descending, per, page };
            let link = filter.link("");
            prop_assert_eq!(ListFilter::parse(link.trim_start_matches('?'), &[]), Ok(filter));
        }
    }
}
