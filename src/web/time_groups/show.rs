//! `GET /time-groups/{id}`: the week as a picture and a table, the holidays, and whether it is open now.

use super::list::{Listed, hours_said, now_view};
use super::view::{HolidayView, ShowPage};
use super::week::week;
use super::{agents_href, find, id_of, may_change};
use crate::domain::calendar::wall_clock;
use crate::domain::day_range::Day;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::domain::time_group::Details;
use crate::store::time_group::KIND;
use crate::web::agents::acts::words::agents;
use crate::web::changes::of_record;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let stored = find(&state, id_of(&path)?).await?;
    let now = state.clock.now();
    let count = state.floor.picture().by_time_group(&user.scope);
    let it = Listed::of(stored, now, &count);
    let details = &it.stored.details;
    let hours = details.hours();
    let shell = user.shell(&req, &state);
    let shell = shell.page(shell::Page::TimeGroups, details.name.as_str());
    let (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    let within = it.standing.until.map(|at| show::age(at.since(now)));
    let page = ShowPage {
        shell: &shell,
        id: it.stored.id.0,
        name: &details.name,
        zone: details.zone.name(),
        now: now_view(it.standing, now, details.zone),
        within: within.map_or_else(String::new, |age| format!("in {age}")),
        always: details.always,
        hours: hours_said(&hours),
        holidays: holidays(details, now),
        week: week(&hours, now),
        agents: agents(it.agents),
        agents_href: agents_href(it.stored.id),
        may_change: may_change(user.permissions, &user.scope),
        changes: of_record(&state, &user, KIND, it.stored.id.0).await?,
    };
    let response = page::html(StatusCode::OK, render(&page)?);
    Ok(flash::cleared(response, flashed, &req))
}

/// In order of date; those before today are told apart.
fn holidays(details: &Details, now: Timestamp) -> Vec<HolidayView> {
    let today = wall_clock(details.zone, now).date();
    let holiday = |(date, name): (&chrono::NaiveDate, &String)| HolidayView {
        date: show::weekday_and_day(Day::from(*date)),
        name: name.clone(),
        past: *date < today,
    };
    details.holidays.iter().map(holiday).collect()
}
