//! `GET /`: where the shift stands.

use super::view::{DashboardPage, TRIES, Tile, status_tiles, today_tiles};
use crate::domain::day_range::DaySpan;
use crate::domain::filter::AgentFilter;
use crate::domain::show;
use crate::domain::status::CallState;
use crate::floor::{Older, Picture};
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::state::AppState;
use crate::web::{days, shell};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let now = state.clock.now();
    let calendar = state.floor.picture().install().calendar;
    let today = calendar.day_of(now);
    days::load(&state, DaySpan::one(today)).await?;
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::Dashboard, "Dashboard");
    let body = {
        let picture = state.floor.picture();
        let (statuses, calls) = tiles(&picture, &user, DaySpan::one(today));
        let page = DashboardPage {
            shell: &shell,
            day: format!(
                "{}, {}",
                show::weekday_and_day(today),
                show::zone_name(now, calendar.zone)
            ),
            as_of: show::time_of_day(now, calendar.zone),
            as_of_at: show::rfc3339(now),
            now: statuses,
            today: calls,
            tries: if picture.install().simulated {
                TRIES
            } else {
                &[]
            },
        };
        if partial {
            render(&page.as_tiles())?
        } else {
            render(&page)?
        }
    };
    Ok(page::html(StatusCode::OK, body))
}

fn tiles(picture: &Picture, user: &CurrentUser, today: DaySpan) -> (Vec<Tile>, Vec<Tile>) {
    let page = picture.page(&AgentFilter::default(), &user.scope, today, &Older::new());
    let on_call = picture.in_call_state(&user.scope, CallState::OnCall);
    let statuses = status_tiles(
        |status| page.count_of(status) as u32,
        page.in_scope as u32,
        on_call as u32,
    );
    let answered = page.sum.answered + page.leavers.tally.answered;
    let missed = page.sum.missed + page.leavers.tally.missed;
    (
        statuses,
        today_tiles(answered.max(0) as u32, missed.max(0) as u32),
    )
}
