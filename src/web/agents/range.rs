//! The *calls answered* control: its presets and what it says, and the days behind More.

use std::borrow::Cow;

use super::links::Query;
use crate::domain::day_range::DayChoice;
use crate::domain::filter::AgentFilter;
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// The ranges that the bar has no room for: a page, and the dialog that the list opens in its place.
#[derive(Template)]
#[template(path = "agents/days.html")]
struct DaysPage<'a> {
    shell: &'a Shell,
    days: &'a DayChoice,
    query: Query<'a>,
}

#[derive(Template)]
#[template(path = "agents/days_dialog.html")]
struct DaysDialog<'a> {
    days: &'a DayChoice,
    query: Query<'a>,
}

/// `GET /agents/days?…`: with the query of the list that it goes back to.
pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let (filter, _) = AgentFilter::readable(req.query_string());
    let (days, query) = (&filter.days, Query::from(&filter));
    let body = if partial {
        render(&DaysDialog { days, query })?
    } else {
        let shell = user
            .shell(&req, &state)
            .page(shell::Page::Agents, "More days");
        render(&DaysPage {
            shell: &shell,
            days,
            query,
        })?
    };
    Ok(page::html(StatusCode::OK, body))
}

/// The *calls answered* control.
#[derive(Clone, Debug, Default)]
pub struct RangeView<'a> {
    /// `Mon 16 – Sun 22 Nov 2026, IST`.
    pub said: Cow<'a, str>,
    /// `14:02:11`, and the same instant as RFC 3339.
    pub as_of: Cow<'a, str>,
    pub as_of_at: Cow<'a, str>,
}

/// Word and label of each preset; the first eight stand in the bar, the others under More.
pub static PRESETS: &[(&str, &str)] = &[
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("week", "This week"),
    ("month", "This month"),
    ("7", "7 days"),
    ("15", "15 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("last-week", "Last week"),
    ("last-month", "Last month"),
    ("cycle", "Pay cycle"),
    ("last-cycle", "Last pay cycle"),
];
const IN_BAR: usize = 8;

impl RangeView<'_> {
    pub fn bar(&self) -> &'static [(&'static str, &'static str)] {
        &PRESETS[..IN_BAR]
    }
}

/// The days in force are none that the bar has.
pub fn is_under_more(days: &str) -> bool {
    PRESETS[..IN_BAR].iter().all(|(word, _)| *word != days)
}

/// The presets under More.
pub fn more() -> &'static [(&'static str, &'static str)] {
    &PRESETS[IN_BAR..]
}

/// What the More button says: the choice under it, if it is the one in force.
pub fn more_label(days: &str) -> &'static str {
    if days == "custom" {
        return "Custom";
    }
    let chosen = PRESETS[IN_BAR..].iter().find(|(word, _)| *word == days);
    chosen.map_or("More", |(_, label)| label)
}

/// The two days of a custom range as `YYYY-MM-DD`; empty for a preset.
pub fn two_days(days: &DayChoice) -> (String, String) {
    match days {
        DayChoice::Between(from, to) => (from.date().to_string(), to.date().to_string()),
        _ => (String::new(), String::new()),
    }
}
