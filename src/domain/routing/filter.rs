//! What a reader asks of the lists of departments, IVRs and caller ids, in the address and back.

use super::Noun;
use crate::domain::agent::words;
use crate::domain::day_range::DayChoice;
use crate::domain::filter::{PerPage, days, one_of, page, search};
use crate::domain::query::{BadParam, QueryReader, QueryWriter};

words!(/// A column that one of the lists can be sorted by.
Column {
    Name = "name",
    Number = "number",
    Label = "label",
    RingStrategy = "ring_strategy",
    UseAsQueue = "use_as_queue",
    TransferCode = "transfer_code",
    DialplanTarget = "target",
    GoesTo = "goes_to",
    Members = "members",
    Agents = "agents",
    Answered = "answered",
    Missed = "missed",
});

impl Column {
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Number => "Number",
            Self::Label => "Label",
            Self::RingStrategy => "Ring strategy",
            Self::UseAsQueue => "Queue",
            Self::TransferCode => "Transfer code",
            Self::DialplanTarget => "Dialplan target",
            Self::GoesTo => "Incoming calls go to",
            Self::Members => "Members",
            Self::Agents => "Agents",
            Self::Answered => "Answered",
            Self::Missed => "Missed",
        }
    }

    /// Numbers stand at the end of their cells.
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Members | Self::Agents | Self::Answered | Self::Missed
        )
    }
}

impl Noun {
    /// The columns of its list, in order. The first is the one that the list is sorted by.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Department => &[
                Column::Name,
                Column::RingStrategy,
                Column::UseAsQueue,
                Column::TransferCode,
                Column::Members,
                Column::Answered,
                Column::Missed,
            ],
            Self::Ivr => &[Column::Name, Column::TransferCode, Column::DialplanTarget],
            Self::CallerId => &[
                Column::Number,
                Column::Label,
                Column::GoesTo,
                Column::Agents,
            ],
        }
    }
}

/// Everything that decides which rows of a list are shown, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFilter {
    pub noun: Noun,
    /// Search text, trimmed, as typed; empty: all.
    pub q: String,
    pub sort: Column,
    pub descending: bool,
    pub per: PerPage,
    /// From 1. May lie behind the last page.
    pub page: u32,
    /// Only departments count calls; today for the others.
    pub days: DayChoice,
}

/// A query of which at least one parameter makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadList {
    /// What could be read.
    pub filter: ListFilter,
    /// Not empty.
    pub bad: Vec<BadParam>,
}

impl ListFilter {
    pub fn of(noun: Noun) -> Self {
        Self {
            noun,
            q: String::new(),
            sort: noun.columns()[0],
            descending: false,
            per: PerPage::default(),
            page: 1,
            days: DayChoice::default(),
        }
    }

    /// Reads a query string strictly, without its `?`; names in `others` are somebody else's.
    ///
    /// # Errors
    /// Every parameter that makes no sense.
    pub fn parse(noun: Noun, raw: &str, others: &[&str]) -> Result<Self, Box<BadList>> {
        let mut query = QueryReader::new(raw);
        let mut filter = Self::of(noun);
        filter.q = query.take_as("q", search).unwrap_or_default();
        if let Some((column, descending)) = query.take_as("sort", |text| sort(noun, text)) {
            (filter.sort, filter.descending) = (column, descending);
        }
        let per = query.take_as("per", one_of(PerPage::ALL, PerPage::word));
        filter.per = per.unwrap_or_default();
        filter.page = query.take_as("page", page).unwrap_or(1);
        if noun == Noun::Department {
            filter.days = days(&mut query);
        }
        match query.finish(others) {
            bad if bad.is_empty() => Ok(filter),
            bad => Err(Box::new(BadList { filter, bad })),
        }
    }

    /// The address of this list.
    pub fn link(&self) -> String {
        self.link_to(self.noun.path())
    }

    pub fn link_to(&self, path: &str) -> String {
        let pairs = self.pairs().into_iter();
        let query = pairs.fold(QueryWriter::behind(path), |query, (name, value)| {
            query.with(name, value)
        });
        query
            .with_some("page", Some(self.page).filter(|page| *page != 1))
            .finish()
    }

    /// Names and values in canonical order, without what is as by default and without the page.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let plain = Self::of(self.noun);
        let minus = if self.descending { "-" } else { "" };
        let sort = (self.sort, self.descending) != (plain.sort, plain.descending);
        let (days, from, to) = match self.days {
            DayChoice::Today => (None, None, None),
            DayChoice::Between(from, to) => (
                None,
                Some(from.date().to_string()),
                Some(to.date().to_string()),
            ),
            preset => (Some(preset.word().into_owned()), None, None),
        };
        let pairs = [
            ("q", Some(self.q.clone()).filter(|q| !q.is_empty())),
            ("sort", sort.then(|| format!("{minus}{}", self.sort.word()))),
            (
                "per",
                Some(self.per)
                    .filter(|per| *per != plain.per)
                    .map(|per| per.word().to_owned()),
            ),
            ("days", days),
            ("from", from),
            ("to", to),
        ];
        pairs
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// The same list by this column: again turns it round.
    #[must_use]
    pub fn sorted_by(&self, column: Column) -> Self {
        // Of numbers the largest are looked for first.
        let again = self.sort == column;
        Self {
            sort: column,
            descending: if again {
                !self.descending
            } else {
                column.is_number()
            },
            ..self.at(1)
        }
    }

    #[must_use]
    pub fn at(&self, page: u32) -> Self {
        Self {
            page,
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

fn sort(noun: Noun, text: &str) -> Result<(Column, bool), &'static str> {
    let (descending, column) = match text.strip_prefix('-') {
        Some(column) => (true, column),
        None => (false, text),
    };
    let column = column
        .parse()
        .ok()
        .filter(|column| noun.columns().contains(column));
    column
        .map(|column| (column, descending))
        .ok_or("no column to sort by")
}
