//! A department's page: its calls, its members in ring order, how it rings.

use super::counts;
use super::show::{changes, led_by};
use super::view::Link;
use crate::domain::call::filter::{CallFilter, Counted};
use crate::domain::day_range::{DayChoice, DaySpan};
use crate::domain::feature_code::Feature;
use crate::domain::filter::{self, AgentFilter, LAST_PAGE};
use crate::domain::ids::{DepartmentId, UserId};
use crate::domain::query::{BadParam, QueryReader, QueryWriter};
use crate::domain::record::Department;
use crate::domain::role::Permission;
use crate::domain::routing::{Noun, Target};
use crate::domain::show;
use crate::domain::status::AgentStatus;
use crate::floor::{Older, Picture, Tally};
use crate::store::audit::Lines;
use crate::store::routing;
use crate::web::agents::row::Badge;
use crate::web::changes::Change;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::page::render;
use crate::web::range::RangeControl;
use crate::web::shell::Shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;
use std::collections::HashMap;

/// Members on a page.
const PER: usize = 100;

/// The whole page; `as_body()` is the part that follows the query.
#[derive(Template)]
#[template(path = "routing/department.html", blocks = ["body"])]
pub struct DepartmentPage<'a> {
    pub shell: &'a Shell,
    pub department: &'a Department,
    pub may_change: bool,
    pub bad: &'a [BadParam],
    pub range: RangeControl,
    pub answered: String,
    pub answered_by: usize,
    /// Empty for who may not see calls.
    pub calls_href: String,
    pub missed: String,
    /// `5.2% of offered`; empty where nobody called.
    pub missed_share: String,
    pub members: Vec<Member>,
    pub count: String,
    pub agents_href: String,
    /// The pages of members before and after; empty for none.
    pub earlier: String,
    pub later: String,
    pub led_by: Vec<Link>,
    /// What is pressed to transfer here; without a transfer code nobody can.
    pub transfer: Option<Transfer>,
    pub changes: Vec<Change>,
}

/// A member in its place.
pub struct Member {
    pub place: String,
    pub agent_id: String,
    pub name: String,
    pub intercom: String,
    pub status: Badge,
    pub answered: String,
    pub missed: String,
}

/// The keys, one by one, from a call that came through no queue, and from one that did.
pub struct Transfer {
    pub off: Vec<char>,
    pub on: Vec<char>,
}

/// Who asks.
pub struct Asked<'a> {
    pub req: &'a HttpRequest,
    pub state: &'a web::Data<AppState>,
    pub user: &'a CurrentUser,
    pub shell: &'a Shell,
}

/// What the address says beside the department.
struct Query {
    days: DayChoice,
    page: usize,
    bad: Vec<BadParam>,
}

impl Query {
    fn read(raw: &str) -> Self {
        let mut query = QueryReader::new(raw);
        let days = filter::days(&mut query);
        let page = query.take_as("page", |text| {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit());
            let page: Option<u32> = text
                .parse()
                .ok()
                .filter(|page| plain && (1..=LAST_PAGE).contains(page));
            page.ok_or("is no page number")
        });
        Self {
            days,
            page: page.unwrap_or(1) as usize,
            bad: query.finish(&[]),
        }
    }
}

/// What is read for the page.
struct Found {
    span: DaySpan,
    own: Tally,
    by_agent: HashMap<UserId, Tally>,
    order: Vec<UserId>,
}

impl Asked<'_> {
    pub async fn page(
        &self,
        id: DepartmentId,
        lines: &Lines,
        partial: bool,
    ) -> Result<(StatusCode, String), AppError> {
        let query = Query::read(self.req.query_string());
        let now = self.state.clock.now();
        let span = {
            let picture = self.state.floor.picture();
            let install = picture.install();
            query
                .days
                .resolve(install.calendar.day_of(now), install.pay_cycle_day)
        };
        let own = counts::by_department(self.state, &self.user.scope, span).await?;
        let found = Found {
            span,
            own: own.get(&id).copied().unwrap_or_default(),
            by_agent: counts::in_department(self.state, id, span).await?,
            order: self
                .state
                .read(move |conn| routing::members(conn, id.0))
                .await?,
        };
        let picture = self.state.floor.picture();
        let page = self.view(&picture, id, &query, &found, lines)?;
        let status = match query.bad.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::BAD_REQUEST,
        };
        let body = match partial {
            true => render(&page.as_body())?,
            false => render(&page)?,
        };
        Ok((status, body))
    }

    fn view<'p>(
        &'p self,
        picture: &'p Picture,
        id: DepartmentId,
        query: &'p Query,
        found: &Found,
        lines: &Lines,
    ) -> Result<DepartmentPage<'p>, AppError> {
        let department = picture.records().department(id).ok_or(AppError::NotFound)?;
        let (install, now) = (picture.install(), self.state.clock.now());
        let path = format!("{}/{id}", Noun::Department.path());
        let all = self.members(picture, found);
        let pages = all.len().div_ceil(PER).max(1);
        let page = query.page.min(pages);
        let count = show::count(all.len() as i64);
        let to = |there: bool, page: usize| match there {
            true => query
                .days
                .write(QueryWriter::behind(&path))
                .with("page", page)
                .finish(),
            false => String::new(),
        };
        let offered = found.own.answered + found.own.missed;
        Ok(DepartmentPage {
            shell: self.shell,
            department,
            may_change: self.user.scope.is_all() && self.user.may(Noun::Department.permission()),
            bad: &query.bad,
            range: RangeControl::new(path.clone(), "Counts", query.days, found.span, install, now),
            answered: show::count(found.own.answered.max(0)),
            answered_by: self.answered_by(picture, found),
            calls_href: self.calls_href(id, query.days),
            missed: show::count(found.own.missed.max(0)),
            missed_share: match offered > 0 {
                true => {
                    let tenths = (found.own.missed * 1_000 + offered / 2) / offered;
                    format!("{}.{}% of offered", tenths / 10, tenths % 10)
                }
                false => String::new(),
            },
            members: all.into_iter().skip((page - 1) * PER).take(PER).collect(),
            count,
            agents_href: AgentFilter {
                department: Some(id),
                days: query.days,
                ..AgentFilter::default()
            }
            .link("/agents"),
            earlier: to(page > 1, page.saturating_sub(1)),
            later: to(page < pages, page + 1),
            led_by: led_by(picture, Target::Department(id)),
            transfer: department.transfer_code.as_deref().map(|code| {
                let keys = |feature| {
                    install
                        .codes
                        .code(feature)
                        .chars()
                        .chain(code.chars())
                        .collect()
                };
                Transfer {
                    off: keys(Feature::QueueOff),
                    on: keys(Feature::QueueOn),
                }
            }),
            changes: changes(picture, self.user, now, lines),
        })
    }

    /// Those whom the reader may see.
    fn members(&self, picture: &Picture, found: &Found) -> Vec<Member> {
        let row = |id: &UserId| picture.row(*id, &self.user.scope, found.span, &Older::new());
        let rows = found.order.iter().filter_map(row);
        rows.zip(1_i64..)
            .map(|(row, place)| {
                let tally = found
                    .by_agent
                    .get(&row.person.id)
                    .copied()
                    .unwrap_or_default();
                let status: AgentStatus = row.status;
                Member {
                    place: show::count(place),
                    agent_id: row.id().to_string(),
                    name: row.person.name.to_string(),
                    intercom: row.agent.intercom.as_deref().unwrap_or_default().to_owned(),
                    status: Badge::new(status.word()),
                    answered: show::count(tally.answered.max(0)),
                    missed: show::count(tally.missed.max(0)),
                }
            })
            .collect()
    }

    /// How many agents in the reader's sight answered calls of the department, members or not.
    fn answered_by(&self, picture: &Picture, found: &Found) -> usize {
        let seen = |id: &UserId| {
            let agent = picture
                .person(*id)
                .and_then(|person| person.agent.as_deref());
            agent.is_some_and(|agent| self.user.scope.sees(&agent.groups))
        };
        let answered = found
            .by_agent
            .iter()
            .filter(|(_, tally)| tally.answered > 0);
        answered.filter(|(id, _)| seen(id)).count()
    }

    fn calls_href(&self, id: DepartmentId, days: DayChoice) -> String {
        let filter = CallFilter {
            department: Some(id),
            counted: Some(Counted::Answered),
            days,
            ..CallFilter::default()
        };
        match self.user.may(Permission::CallsRead) {
            true => filter.link("/calls"),
            false => String::new(),
        }
    }
}
