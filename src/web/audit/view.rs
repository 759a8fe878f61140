//! What the page of the audit log prints.

use crate::domain::audit::filter::{AuditFilter, Kind, Start};
use crate::domain::day_range::DayChoice;
use crate::domain::filter::PerPage;
use crate::domain::query::BadParam;
use crate::store::audit::Line;
use crate::web::changes::FieldChange;
use crate::web::range::two_days;
use crate::web::shell::Shell;
use askama::Template;

pub const PATH: &str = "/audit";

/// The whole page; `as_list()` is the part that follows the query.
#[derive(Template)]
#[template(path = "audit/list.html", blocks = ["list"])]
pub struct AuditPage<'a> {
    pub shell: &'a Shell,
    pub page: &'a AuditView,
}

/// Everything below the shell.
pub struct AuditView {
    pub filter: AuditFilter,
    /// Parameters that make no sense: marked chips, no rows, answered with 400.
    pub bad: Vec<BadParam>,
    pub rows: Vec<EntryRow>,
    /// `1,204`, `more than 10,000`.
    pub total: String,
    pub chips: Vec<Chip>,
    pub may_export: bool,
    /// Short name of the install's zone.
    pub zone: String,
    pub newer: String,
    pub older: String,
    /// What retention keeps, in a sentence.
    pub kept: String,
}

/// A filter in force, and the list without it.
pub struct Chip {
    pub label: &'static str,
    pub value: String,
    pub href: String,
}

pub struct EntryRow {
    pub id: i64,
    /// `22 Nov 2026 14:02:11` on the install's clock.
    pub at: String,
    /// `2026-11-22T08:32:11Z`.
    pub at_utc: String,
    pub who: String,
    /// `API token` and its like; empty for people.
    pub who_kind: &'static str,
    /// Only what they did.
    pub who_href: String,
    pub address: String,
    pub request_id: String,
    pub what: String,
    pub refused: bool,
    pub about: String,
    /// The record's page; empty for none that the reader may see.
    pub about_href: String,
    /// Only what was done to it; empty for what is no record.
    pub only_href: String,
    pub fields: Vec<FieldChange>,
}

impl AuditView {
    pub fn here(&self) -> String {
        self.filter.link(PATH)
    }

    pub fn clear_href(&self) -> String {
        let cleared = AuditFilter {
            per: self.filter.per,
            ..AuditFilter::default()
        };
        cleared.link(PATH)
    }

    pub fn export_href(&self) -> String {
        self.filter.at(Start::Newest).link("/audit/export.csv")
    }

    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let chosen = self.filter.kind;
        Kind::ALL
            .iter()
            .map(move |kind| (kind.word(), kind.label(), chosen == Some(*kind)))
    }

    /// The choices of the menu of days, and which is made; beside the first stand two free days.
    pub fn days(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let word = self.filter.days.map(DayChoice::word);
        [
            ("", "Any day"),
            ("today", "Today"),
            ("yesterday", "Yesterday"),
            ("7", "7 days"),
            ("30", "30 days"),
            ("90", "90 days"),
        ]
        .into_iter()
        .map(move |(value, label)| (value, label, word.as_deref() == Some(value)))
    }

    /// The two free days, if these are chosen.
    pub fn two_days(&self) -> (String, String) {
        match self.filter.days {
            Some(days) => two_days(&days),
            None => (String::new(), String::new()),
        }
    }

    /// What the form must carry along.
    pub fn keep(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let per = (filter.per != PerPage::default()).then(|| filter.per.word().to_owned());
        let all = [
            ("by", filter.by.map(|by| by.to_string())),
            ("about", filter.about.as_ref().map(ToString::to_string)),
            ("per", per),
        ];
        let given = |(name, value): (&'static str, Option<String>)| Some((name, value?));
        all.into_iter().filter_map(given).collect()
    }

    pub fn per_pages(&self) -> impl Iterator<Item = (&'static str, bool, String)> {
        PerPage::ALL.iter().map(|per| {
            (
                per.word(),
                *per == self.filter.per,
                self.filter.with_per(*per).link(PATH),
            )
        })
    }
}

/// Whether the entry is about something that was refused.
pub fn refused(line: &Line) -> bool {
    line.action.ends_with(".refused")
}
