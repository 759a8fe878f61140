//! What a reader asks of the list of time groups, in the address and back.

use crate::domain::agent::words;
use crate::domain::filter::{BadParam, search};
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Search text, trimmed, as typed; empty: all.
    pub q: String,
    pub sort: Column,
    pub descending: bool,
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
        let filter = Self {
            q,
            sort,
            descending,
        };
        match query.finish(others) {
            bad if bad.is_empty() => Ok(filter),
            bad => Err(BadList { filter, bad }),
        }
    }

    /// `-agents`; None for the order that needs no saying.
    pub fn sort_said(&self) -> Option<String> {
        let minus = if self.descending { "-" } else { "" };
        let plain = (self.sort, self.descending) == (Column::default(), false);
        (!plain).then(|| format!("{minus}{}", self.sort.word()))
    }

    /// The address of this list.
    pub fn link(&self, path: &str) -> String {
        QueryWriter::behind(path)
            .with_some("q", Some(&self.q).filter(|q| !q.is_empty()))
            .with_some("sort", self.sort_said())
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
            q: self.q.clone(),
        }
    }

    #[must_use]
    pub fn without_search(&self) -> Self {
        Self {
            q: String::new(),
            ..self.clone()
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
            ("page=2", "page"),
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

    proptest! {
        #[test]
        fn every_filter_prints_and_reads_back(
            q in "([^\\p{Cc}\\s]([^\\p{Cc}]{0,20}[^\\p{Cc}\\s])?)?",
            sort in prop::sample::select(Column::ALL), descending: bool,
        ) {
            let filter = ListFilter { q, sort, descending };
            let link = filter.link("");
            prop_assert_eq!(ListFilter::parse(link.trim_start_matches('?'), &[]), Ok(filter));
        }
    }
}
