//! `GET /departments`, `/ivrs` and `/caller-ids`: the whole page, or the list in it.

use super::counts;
use super::noun::Of;
use super::rows::Source;
use super::view::{ListPage, ListView};
use crate::domain::query::BadParam;
use crate::domain::role::Permission;
use crate::domain::routing::Noun;
use crate::domain::routing::filter::ListFilter;
use crate::domain::show;
use crate::domain::text::Collation;
use crate::domain::time::Timestamp;
use crate::floor::{Picture, Tally};
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::range::RangeControl;
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use std::collections::HashMap;

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Of(noun): Of,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let (filter, bad) = match ListFilter::parse(noun, req.query_string(), &[]) {
        Ok(filter) => (filter, Vec::new()),
        Err(bad) => (bad.filter, bad.bad),
    };
    let now = state.clock.now();
    let status = match bad.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    let tallies = match noun {
        Noun::Department => {
            let span = {
                let picture = state.floor.picture();
                let install = picture.install();
                let today = install.calendar.day_of(now);
                filter.days.resolve(today, install.pay_cycle_day)
            };
            counts::by_department(&state, &user.scope, span).await?
        }
        Noun::Ivr | Noun::CallerId => HashMap::new(),
    };
    let mut shell = user
        .shell(&req, &state)
        .page(shell::Page::Departments, noun.plural());
    let mut flashed = false;
    if !partial {
        (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    }
    let body = {
        let picture = state.floor.picture();
        let source = Source {
            picture: &picture,
            scope: &user.scope,
            filter: &filter,
            tallies: &tallies,
            calls: user.may(Permission::CallsRead),
            collation: Collation::new(),
        };
        let view = view(&source, &bad, &user, now);
        let page = ListPage {
            shell: &shell,
            page: &view,
        };
        match partial {
            true => render(&page.as_list())?,
            false => render(&page)?,
        }
    };
    Ok(flash::cleared(page::html(status, body), flashed, &req))
}

fn view(source: &Source<'_>, bad: &[BadParam], user: &CurrentUser, now: Timestamp) -> ListView {
    let filter = source.filter;
    let (items, all) = match bad.is_empty() {
        true => source.items(),
        false => (Vec::new(), 0),
    };
    let (total, per) = (items.len(), filter.per.rows());
    let pages = total.div_ceil(per).max(1);
    let page = (filter.page as usize).clamp(1, pages);
    let mut sum = Tally::default();
    items.iter().for_each(|item| sum += item.tally);
    let counts = filter.noun == Noun::Department;
    ListView {
        noun: filter.noun,
        bad: bad.to_vec(),
        may_change: user.scope.is_all() && user.may(filter.noun.permission()),
        range: counts.then(|| range(source.picture, filter, now)),
        sums: (counts && total > 0).then(|| {
            (
                show::count(sum.answered.max(0)),
                show::count(sum.missed.max(0)),
            )
        }),
        rows: items
            .into_iter()
            .skip((page - 1) * per)
            .take(per)
            .map(|item| item.row)
            .collect(),
        filter: filter.at(u32::try_from(page).unwrap_or(1)),
        total,
        all,
    }
}

fn range(picture: &Picture, filter: &ListFilter, now: Timestamp) -> RangeControl {
    let install = picture.install();
    let today = install.calendar.day_of(now);
    let span = filter.days.resolve(today, install.pay_cycle_day);
    let path = filter.noun.path();
    RangeControl::new(path, "Counts", filter.days, span, install, now).keeping(filter.pairs())
}
