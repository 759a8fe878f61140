//! `GET /`: where the shift stands.

use super::chart::chart;
use super::guide::Guide;
use super::hours::DayOfCalls;
use super::view::{
    DashboardPage, DepartmentRow, Ending, Today, call_tiles, department_rows, status_tiles,
};
use crate::domain::day_range::{Day, DaySpan};
use crate::domain::filter::AgentFilter;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::role::{Permission, Scope};
use crate::domain::show;
use crate::domain::status::CallState;
use crate::domain::time::Timestamp;
use crate::floor::{Older, Picture, Tally};
use crate::store::audit::{self, Line};
use crate::web::changes::{Change, ChangeReader};
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::state::AppState;
use crate::web::{days, own, shell};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

/// So many blocks and changes are named.
const ENDING: usize = 6;
const CHANGES: usize = 8;
/// So many lines of the audit are looked through for them.
const LOOKED_AT: usize = 80;

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    if !user.may(Permission::AgentsRead) {
        // Everyone comes here after signing in; who has no dashboard is led on.
        let home = own::home(&user).ok_or(AppError::Forbidden)?;
        return Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, home))
            .finish());
    }
    let now = state.clock.now();
    let calendar = state.floor.picture().install().calendar;
    let today = calendar.day_of(now);
    days::load(&state, DaySpan::one(today)).await?;
    let calls = match user.may(Permission::CallsRead) {
        true => Some((
            DayOfCalls::read(&state, &user.scope, today, now).await?,
            DayOfCalls::read(&state, &user.scope, today.plus(-7), now).await?,
        )),
        false => None,
    };
    let lines = lines(&state, &user).await?;
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::Dashboard, "Dashboard");
    let body = {
        let picture = state.floor.picture();
        let about = About {
            picture: &picture,
            user: &user,
            now,
            today,
        };
        let so_far = now.since(calendar.bounds(today).0);
        let before = calls.as_ref().map(|(_, before)| before.until(so_far));
        let (statuses, sum) = about.statuses();
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
            today: Today {
                tiles: call_tiles(sum, before, calls.is_some()),
                against: format!(
                    "against {} to {}",
                    show::weekday_and_day(today.plus(-7)),
                    show::hour_and_minute(now, calendar.zone)
                ),
                before: show::weekday_and_day(today.plus(-7)),
            },
            chart: calls
                .as_ref()
                .map(|(calls, before)| chart(calls, before, now, calendar.zone)),
            departments: about.departments(calls.as_ref().map(|(calls, _)| calls)),
            ending: about.ending(calendar.bounds(today).1),
            changes: lines.map(|lines| about.changes(&lines)),
            guide: Guide::of(&picture, &user),
        };
        if partial {
            render(&page.as_tiles())?
        } else {
            render(&page)?
        }
    };
    Ok(page::html(StatusCode::OK, body))
}

/// The newest lines of the audit, for those who may read it.
async fn lines(
    state: &web::Data<AppState>,
    user: &CurrentUser,
) -> Result<Option<Vec<Line>>, AppError> {
    if !user.may(Permission::AuditRead) {
        return Ok(None);
    }
    let lines = state.read(|conn| audit::latest(conn, LOOKED_AT)).await?;
    Ok(Some(lines.lines))
}

/// Who looks, and at what.
struct About<'a> {
    picture: &'a Picture,
    user: &'a CurrentUser,
    now: Timestamp,
    today: Day,
}

impl About<'_> {
    /// The tiles of agents, and the calls of today.
    fn statuses(&self) -> (Vec<super::view::Tile>, Tally) {
        let (picture, scope) = (self.picture, &self.user.scope);
        let today = DaySpan::one(self.today);
        let page = picture.page(&AgentFilter::default(), scope, today, &Older::new());
        let on_call = picture.in_call_state(scope, CallState::OnCall);
        let tiles = status_tiles(
            |status| page.count_of(status) as u32,
            page.in_scope as u32,
            on_call as u32,
        );
        let mut sum = page.sum;
        sum += page.leavers.tally;
        (tiles, sum)
    }

    /// A department's own numbers; within a scope those of its agents alone.
    fn departments(&self, calls: Option<&DayOfCalls>) -> Vec<DepartmentRow> {
        let today = DaySpan::one(self.today);
        let departments = self.picture.records().departments().iter();
        let rows = departments.map(|department| {
            let tally = match (&self.user.scope, calls) {
                (Scope::All, _) => self.picture.of_department(department.id, today),
                (Scope::Groups(_), Some(calls)) => {
                    calls.sum(|minute| minute.department == Some(department.id))
                }
                (Scope::Groups(_), None) => Tally::default(),
            };
            (department, tally)
        });
        department_rows(rows, self.user.may(Permission::CallsRead))
    }

    fn ending(&self, until: Timestamp) -> Ending {
        let all = self.picture.lifting_before(&self.user.scope, until);
        let zone = self.picture.install().calendar.zone;
        let named = all.iter().take(ENDING).filter_map(|&(id, at)| {
            let person = self.picture.person(id)?;
            let admin = &person.living_agent()?.admin;
            Some(super::view::Lift {
                href: format!("/agents/{}", AgentId::of(id)),
                name: person.name.to_string(),
                status: admin.state.word(),
                at: show::hour_and_minute(at, zone),
                reason: admin.reason.as_deref().unwrap_or_default().to_owned(),
            })
        });
        Ending {
            lifts: named.collect(),
            count: all.len(),
        }
    }

    fn changes(&self, lines: &[Line]) -> Vec<Change> {
        let install = self.picture.install();
        let reader = ChangeReader {
            zone: install.calendar.zone,
            region: install.region,
            now: self.now,
            scope: &self.user.scope,
            audit: true,
        };
        let told = lines.iter().filter(|line| self.is_told(line));
        told.take(CHANGES)
            .map(|line| Change {
                address: String::new(),
                ..reader.change_of(line, self.href(line))
            })
            .collect()
    }

    /// Signing in and refusals are for the audit log itself, and agents out of scope for nobody here.
    fn is_told(&self, line: &Line) -> bool {
        let noise = ["session.", "access.", "login."];
        let quiet = !noise.iter().any(|noise| line.action.starts_with(noise));
        quiet && (self.user.scope.is_all() || !self.href(line).is_empty())
    }

    /// The page of the agent whom a line is about, if the reader may see it.
    fn href(&self, line: &Line) -> String {
        let id = line.subject_id.filter(|_| line.subject_kind == "user");
        let person = id.and_then(|id| self.picture.person(UserId(id)));
        person
            .filter(|person| {
                let agent = person.living_agent();
                agent.is_some_and(|agent| self.user.scope.sees(&agent.groups))
            })
            .map_or_else(String::new, |person| {
                format!("/agents/{}", AgentId::of(person.id))
            })
    }
}
