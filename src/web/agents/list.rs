//! `GET /agents`: the whole page, the list in it, or only the counts.

use super::filters::in_force;
use super::live::Token;
use super::preferences::Choice;
use super::present::Reader;
use super::range::RangeView;
use super::view::{AgentsCounts, AgentsPage, AgentsView, Can, Leavers, TabCount, Totals};
use crate::domain::day_range::DaySpan;
use crate::domain::filter::{AgentFilter, BadParam, SortColumn};
use crate::domain::role::Permission;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::floor::{Page, Picture, Row};
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::state::AppState;
use crate::web::{days, shell};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let (filter, bad) = AgentFilter::readable(req.query_string());
    let now = state.clock.now();
    let span = days::span(state.floor.picture().install(), &filter, now);
    let older = days::load(&state, span).await?;
    let refresh = partial && is_refresh(&req);
    let status = if bad.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let mut shell = user.shell(&req, &state).page(shell::Page::Agents, "Agents");
    let mut flashed = false;
    if !partial {
        (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    }
    let body = {
        let picture = state.floor.picture();
        let page = picture.page(&filter, &user.scope, span, &older);
        let filter = AgentFilter {
            page: page.page as u32,
            ..filter
        };
        let mut view = view(&picture, &page, &filter, &bad, &user, now, span);
        let reader = Reader::of(&picture, &user, filter.days, now);
        let rows: &[Row<'_>] = if bad.is_empty() { &page.rows } else { &[] };
        match (partial, refresh) {
            (true, true) => {
                let counts: Vec<_> = rows.iter().map(|row| reader.counts(row)).collect();
                render(&AgentsCounts {
                    page: &view,
                    counts: &counts,
                })?
            }
            (whole_list, _) => {
                if bad.is_empty() {
                    shell = shell.live();
                }
                shell.search.clone_from(&filter.q);
                view.rows = state.rows.take(&reader, view.cols, view.can, rows)?;
                let page = AgentsPage {
                    shell: &shell,
                    page: &view,
                };
                if whole_list {
                    render(&page.as_list())?
                } else {
                    render(&page)?
                }
            }
        }
    };
    Ok(flash::cleared(page::html(status, body), flashed, &req))
}

/// Refresh replaces the counts alone, unless they decide the order.
fn is_refresh(req: &HttpRequest) -> bool {
    let source = req
        .headers()
        .get("hx-source")
        .and_then(|value| value.to_str().ok());
    let range = source.is_some_and(|source| {
        ["#range", "#range-preset", "#range-custom", "#refresh"]
            .iter()
            .any(|id| source.ends_with(id))
    });
    let sorted_by_calls = matches!(
        AgentFilter::parse(req.query_string()).map(|filter| filter.sort.column),
        Ok(SortColumn::CallsAnswered | SortColumn::Missed) | Err(_)
    );
    range && !sorted_by_calls
}

fn view<'a>(
    picture: &Picture,
    page: &Page<'a>,
    filter: &'a AgentFilter,
    bad: &'a [BadParam],
    user: &CurrentUser,
    now: Timestamp,
    span: DaySpan,
) -> AgentsView<'a> {
    let choice = Choice::of(&user.preferences);
    let install = page.install;
    let zone = install.calendar.zone;
    let broken = !bad.is_empty();
    let leavers = page.leavers;
    AgentsView {
        filter,
        bad,
        shown: if broken { 0 } else { page.total as u32 },
        total: page.in_scope as u32,
        tabs: tabs(page),
        filters: in_force(filter, page.records, &user.scope),
        cols: choice.cols,
        can: Can::of(user.permissions),
        density: choice.density,
        range: RangeView {
            said: format!("{}, {}", show::range(span), show::zone_name(now, zone)).into(),
            as_of: show::time_of_day(now, zone).into(),
            as_of_at: show::rfc3339(now).into(),
        },
        rows: Vec::new(),
        totals: totals(page),
        leavers: (leavers.people > 0).then_some(Leavers {
            calls: leavers.tally.answered.max(0) as u32,
            agents: leavers.people as u32,
        }),
        calls: user.may(Permission::CallsRead),
        live_url: match broken {
            true => String::new(),
            false => Token::of(picture, page).url(filter),
        },
    }
}

/// Sums over everyone who matches, and those who left.
pub(super) fn totals(page: &Page<'_>) -> Totals {
    let leavers = page.leavers.tally;
    Totals {
        answered: (page.sum.answered + leavers.answered).max(0) as u32,
        missed: (page.sum.missed + leavers.missed).max(0) as u32,
        shown: page.total as u32,
        total: page.in_scope as u32,
    }
}

pub(super) fn tabs(page: &Page<'_>) -> Vec<TabCount> {
    let all = page.by_status.iter().sum::<usize>();
    TabCount::all(|status| status.map_or(all, |status| page.count_of(status)) as u32)
}
