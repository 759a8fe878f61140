//! `GET /calls`: the calls that match, newest first, with their sums.

use super::present::{CallReader, direction};
use super::view::{CallsPage, CallsView, Select, SelectOption, SumsView, chips};
use crate::domain::call::filter::{CallFilter, CallPart, Counted, People, Start};
use crate::domain::call::{Direction, Outcome};
use crate::domain::day_range::DaySpan;
use crate::domain::query::BadParam;
use crate::domain::role::{Permission, Scope};
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::floor::Picture;
use crate::store::call::{self, Asked, Budget, Page, Sibling, Sums};
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::range::RangeControl;
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// How long rows and sums may be looked for before the page says how far it came.
const ROWS: Budget = Budget::millis(1_500);
const SUMS: Budget = Budget::millis(1_500);

/// What was found.
#[derive(Default)]
struct Found {
    page: Page,
    siblings: Vec<Sibling>,
    sums: Option<Sums>,
}

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let numbers = user.may(Permission::CustomerNumbers);
    let (filter, bad) = match CallFilter::parse(req.query_string(), numbers) {
        Ok(filter) => (filter, Vec::new()),
        Err(bad) => (bad.filter, bad.bad),
    };
    let now = state.clock.now();
    let asked = asked(&state, &user, filter, now);
    let found = match bad.is_empty() {
        true => find(&state, asked.clone()).await?,
        false => Found::default(),
    };
    let status = match bad.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    let shell = user.shell(&req, &state).page(shell::Page::Calls, "Calls");
    let body = {
        let picture = state.floor.picture();
        let view = view(&picture, &asked, &bad, &found, &user);
        let page = CallsPage {
            shell: &shell,
            page: &view,
        };
        match partial {
            true => render(&page.as_list())?,
            false => render(&page)?,
        }
    };
    Ok(page::html(status, body))
}

/// The question to the ledger, in this reader's scope.
pub fn asked(state: &AppState, user: &CurrentUser, filter: CallFilter, now: Timestamp) -> Asked {
    let picture = state.floor.picture();
    let install = picture.install();
    let today = install.calendar.day_of(now);
    Asked {
        span: filter.days.resolve(today, install.pay_cycle_day),
        filter,
        scope: user.scope.clone(),
        region: install.region,
        now,
    }
}

async fn find(state: &web::Data<AppState>, asked: Asked) -> Result<Found, AppError> {
    state
        .read(move |conn| {
            let page = call::page(conn, &asked, ROWS)?;
            let calls: Vec<i64> = page.legs.iter().map(|leg| leg.call).collect();
            Ok(Found {
                siblings: call::answered_in(conn, &calls)?,
                sums: Some(call::sums(conn, &asked, SUMS)?),
                page,
            })
        })
        .await
}

fn view<'a>(
    picture: &Picture,
    asked: &'a Asked,
    bad: &'a [BadParam],
    found: &Found,
    user: &CurrentUser,
) -> CallsView<'a> {
    let (filter, install) = (&asked.filter, picture.install());
    let reader = CallReader {
        picture,
        scope: &asked.scope,
        region: asked.region,
        zone: install.calendar.zone,
        now: asked.now,
        today: install.calendar.day_of(asked.now),
        numbers: user.may(Permission::CustomerNumbers),
    };
    let page = &found.page;
    let link = |start: Start| filter.at(start).link("/calls");
    let ends = (page.legs.first(), page.legs.last());
    let reached = page.read_back_to.map(|day| (day, asked.span));
    CallsView {
        filter,
        bad,
        selects: selects(picture, filter),
        chips: chips(filter, |part| said(picture, &asked.scope, filter, part)),
        range: RangeControl::new(
            "/calls",
            "Calls of",
            filter.days,
            asked.span,
            install,
            asked.now,
        )
        .keeping(filter.pairs()),
        sums: found.sums.map(|sums| SumsView {
            calls: show::count(sums.calls),
            answered: show::count(sums.answered),
            talk: show::length(sums.talk),
            since: sums.since.map_or_else(String::new, show::day),
        }),
        rows: page
            .legs
            .iter()
            .map(|leg| reader.row(leg, &found.siblings))
            .collect(),
        newest: page.newer.then(|| link(Start::Newest)),
        newer: ends
            .0
            .filter(|_| page.newer)
            .map(|leg| link(Start::Before(leg.place()))),
        older: older(filter, page, ends.1.map(call::Leg::place), reached),
        read_back_to: page.read_back_to.map_or_else(String::new, show::day),
        numbers: reader.numbers,
        exports: user.may(Permission::Exports),
    }
}

/// The next page begins behind the last row, or, where the search was not through, at the day that it
/// came to.
fn older(
    filter: &CallFilter,
    page: &Page,
    last: Option<crate::domain::call::filter::Place>,
    reached: Option<(crate::domain::day_range::Day, DaySpan)>,
) -> Option<String> {
    let start = match reached {
        Some((day, _)) => crate::domain::call::filter::Place {
            day,
            started_at: Timestamp(0),
            id: 0,
        },
        None => last?,
    };
    page.older
        .then(|| filter.at(Start::After(start)).link("/calls"))
}

fn selects(picture: &Picture, filter: &CallFilter) -> Vec<Select> {
    let option = |value: String, label: &str, chosen: bool| SelectOption {
        value,
        label: label.to_owned(),
        chosen,
    };
    let departments = picture.records().departments().iter().map(|department| {
        let chosen = filter.department == Some(department.id);
        option(department.id.to_string(), &department.name, chosen)
    });
    let ways = [Direction::Inbound, Direction::Outbound, Direction::Internal];
    let directions = ways.iter().map(|&way| {
        let chosen = filter.direction == Some(way);
        option(way.word().to_owned(), direction(way), chosen)
    });
    let outcomes = Outcome::ALL.iter().map(|&outcome| {
        let chosen = filter.outcome == Some(outcome);
        option(outcome.word().to_owned(), outcome.label(), chosen)
    });
    vec![
        Select {
            name: "department",
            label: "Department",
            any: "Any department",
            options: departments.collect(),
        },
        Select {
            name: "direction",
            label: "Direction",
            any: "Any direction",
            options: directions.collect(),
        },
        Select {
            name: "outcome",
            label: "Outcome",
            any: "Any outcome",
            options: outcomes.collect(),
        },
    ]
}

/// What a part of the filter is set to, in words. Records out of the reader's scope show as their ids.
fn said(picture: &Picture, scope: &Scope, filter: &CallFilter, part: CallPart) -> Option<String> {
    let records = picture.records();
    match part {
        CallPart::Agent => filter.agent.map(|agent| {
            let person = picture.person(agent.user()).filter(|person| {
                let groups = person.living_agent().map(|agent| &*agent.groups);
                scope.sees(groups.unwrap_or_default())
            });
            person.map_or_else(|| agent.to_string(), |person| person.name.to_string())
        }),
        CallPart::Group => filter.group.map(|id| {
            let group = records.group(id).filter(|group| scope.sees(&[group.id]));
            group.map_or_else(|| id.to_string(), |group| group.name.clone())
        }),
        CallPart::MemberOf => filter.member_of.map(|id| department(picture, id)),
        CallPart::Department => filter.department.map(|id| department(picture, id)),
        CallPart::People => filter.people.map(|people| match people {
            People::Left => "who left".to_owned(),
        }),
        CallPart::Direction => filter.direction.map(|way| direction(way).to_owned()),
        CallPart::Outcome => filter.outcome.map(|outcome| outcome.label().to_owned()),
        CallPart::Counted => filter.counted.map(|counted| match counted {
            Counted::Answered => "calls answered".to_owned(),
            Counted::Missed => "missed".to_owned(),
        }),
        CallPart::Number => Some(filter.number.clone()).filter(|number| !number.is_empty()),
        CallPart::Talk => filter.talk.map(|seconds| {
            let length = show::length(crate::domain::call::filter::talk_micros(seconds));
            format!("{length} or longer")
        }),
    }
}

fn department(picture: &Picture, id: crate::domain::ids::DepartmentId) -> String {
    let department = picture.records().department(id);
    department.map_or_else(|| id.to_string(), |department| department.name.clone())
}
