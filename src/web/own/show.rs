//! `GET /me`: one's own status, numbers and calls, with the buttons that start, stop and pause.

use super::duty::DutyForm;
use crate::domain::day_range::{DayChoice, DaySpan};
use crate::domain::role::{Permission, Scope};
use crate::domain::show;
use crate::domain::status::Duty;
use crate::floor::{Older, Picture};
use crate::web::agents::present::Reader;
use crate::web::agents::row::AgentRow;
use crate::web::days;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "own/show.html")]
struct OwnPage<'a> {
    shell: &'a Shell,
    /// None for someone who takes no calls.
    own: Option<Own<'a>>,
    name: &'a str,
    may_see_directory: bool,
    form: &'a DutyForm,
}

/// The agent that someone is.
struct Own<'a> {
    row: AgentRow<'a>,
    since: String,
    extension: String,
    groups: String,
    numbers: Vec<Number>,
    reasons: &'a [String],
    /// On duty, and may pause.
    on: bool,
    /// Duty means something: calls come only while on duty.
    login_based: bool,
    may_change: bool,
}

/// Calls on some days.
struct Number {
    days: &'static str,
    answered: String,
    missed: String,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    page(&req, &state, &user, StatusCode::OK, &DutyForm::default()).await
}

pub(super) async fn page(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    status: StatusCode,
    form: &DutyForm,
) -> Result<HttpResponse, AppError> {
    let month = {
        let picture = state.floor.picture();
        let today = picture.install().calendar.day_of(state.clock.now());
        DayChoice::Days(30).resolve(today, 1)
    };
    let older = days::load(state, month).await?;
    let shell = user.shell(req, state).page(shell::Page::Own, "My page");
    let (shell, flashed) = flash::shown(shell, req, state, user).await?;
    let body = {
        let picture = state.floor.picture();
        render(&OwnPage {
            shell: &shell,
            own: own(&picture, state, user, &older),
            name: &user.name,
            may_see_directory: user.may(Permission::Directory),
            form,
        })?
    };
    Ok(flash::cleared(page::html(status, body), flashed, req))
}

/// Everyone may see themselves, whatever groups their rights hold on.
static EVERYONE: Scope = Scope::All;

/// The agent that this person is, if any.
fn own<'a>(
    picture: &'a Picture,
    state: &AppState,
    user: &'a CurrentUser,
    older: &Older,
) -> Option<Own<'a>> {
    let install = picture.install();
    let now = state.clock.now();
    let today = install.calendar.day_of(now);
    let reader = Reader {
        // One's own groups are no secret.
        scope: &EVERYONE,
        calls: None,
        ..Reader::of(picture, user, DayChoice::Today, now)
    };
    let row = picture.row(user.id, &EVERYONE, DaySpan::one(today), older)?;
    let choices = [
        ("Today", DayChoice::Today),
        ("7 days", DayChoice::Days(7)),
        ("30 days", DayChoice::Days(30)),
    ];
    let number = |(said, choice): (&'static str, DayChoice)| {
        let span = choice.resolve(today, install.pay_cycle_day);
        let tally = picture.row(user.id, &EVERYONE, span, older)?.tally;
        Some(Number {
            days: said,
            answered: show::count(tally.answered.max(0)),
            missed: show::count(tally.missed.max(0)),
        })
    };
    Some(Own {
        since: reader.since(&row),
        extension: row.agent.extension.as_deref().unwrap_or("").to_owned(),
        groups: reader.row(&row).agent_groups.into_owned(),
        numbers: choices.into_iter().filter_map(number).collect(),
        reasons: &install.reasons,
        on: row.agent.live.duty == Duty::On,
        login_based: row.agent.login_based,
        may_change: user.may(Permission::OwnDuty),
        row: reader.row(&row),
    })
}
