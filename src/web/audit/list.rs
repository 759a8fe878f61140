//! `GET /audit`: the log, newest first, filtered by person, record, kind and time.

use super::asked;
use super::view::{AuditPage, AuditView, Chip, EntryRow, PATH, refused};
use super::words::{page_of, what};
use crate::domain::audit::filter::{About, AuditFilter, By, Place, Start};
use crate::domain::audit::{Actor, ActorKind};
use crate::domain::ids::UserId;
use crate::domain::query::BadParam;
use crate::domain::role::Permission;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::floor::Picture;
use crate::store::audit::{self, Line, Page};
use crate::web::changes::{ChangeReader, doer};
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// So many entries are counted; of more is said that there are more.
const COUNTED: i64 = 10_000;

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let (filter, bad) = match AuditFilter::parse(req.query_string(), &[]) {
        Ok(filter) => (filter, Vec::new()),
        Err(bad) => (*bad.filter, bad.bad),
    };
    let (status, found) = match bad.is_empty() {
        true => {
            let asked = asked(&state, &user.scope, Some(user.id), filter.clone());
            let read = move |conn: &mut _| {
                Ok((
                    audit::page(conn, &asked)?,
                    audit::count(conn, &asked, COUNTED + 1)?,
                ))
            };
            (StatusCode::OK, state.read(read).await?)
        }
        false => (StatusCode::BAD_REQUEST, (Page::default(), 0)),
    };
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::Audit, "Audit log");
    let body = {
        let picture = state.floor.picture();
        let reader = Reader {
            picture: &picture,
            user: &user,
            now: state.clock.now(),
        };
        let view = reader.view(filter, bad, found);
        let page = AuditPage {
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

/// Who reads, and what is known of whom entries name.
struct Reader<'a> {
    picture: &'a Picture,
    user: &'a CurrentUser,
    now: Timestamp,
}

impl Reader<'_> {
    fn view(&self, filter: AuditFilter, bad: Vec<BadParam>, found: (Page, i64)) -> AuditView {
        let install = self.picture.install();
        let (page, count) = found;
        let end = |there: bool, line: Option<&Line>, start: fn(Place) -> Start| match line {
            Some(line) if there => filter.at(start(line.place())).link(PATH),
            Some(_) | None => String::new(),
        };
        AuditView {
            newer: end(page.newer, page.lines.first(), Start::Before),
            older: end(page.older, page.lines.last(), Start::After),
            rows: page
                .lines
                .iter()
                .map(|line| self.row(line, &filter))
                .collect(),
            total: match count {
                count if count > COUNTED => format!("more than {}", show::count(COUNTED)),
                count => show::count(count),
            },
            chips: self.chips(&filter),
            may_export: self.user.may(Permission::AuditExport),
            zone: show::zone_name(self.now, install.calendar.zone),
            kept: match install.audit_days {
                None => "Nothing is ever removed.".to_owned(),
                Some(days) => format!("Entries are kept for {days} days."),
            },
            bad,
            filter,
        }
    }

    fn row(&self, line: &Line, filter: &AuditFilter) -> EntryRow {
        let install = self.picture.install();
        let reader = ChangeReader {
            zone: install.calendar.zone,
            region: install.region,
            now: self.now,
            scope: &self.user.scope,
            audit: true,
        };
        let kind = line.actor_kind.parse::<ActorKind>().ok();
        let by = kind.map(|kind| By {
            kind,
            id: line.actor_id,
        });
        let about = line.subject_id.map(|id| About {
            kind: line.subject_kind.clone(),
            id,
        });
        EntryRow {
            id: line.id,
            at: show::moment(line.at, install.calendar.zone),
            at_utc: show::rfc3339(line.at),
            who: doer(line).to_owned(),
            who_kind: match kind {
                Some(ActorKind::System) if line.actor_name == Actor::NOBODY => "",
                Some(ActorKind::Token) => "API token",
                Some(ActorKind::System) => "by itself",
                Some(ActorKind::User | ActorKind::Shell) | None => "",
            },
            who_href: by.map_or_else(String::new, |by| filter.by(by).link(PATH)),
            address: line.address.clone().unwrap_or_default(),
            request_id: line.request_id.clone().unwrap_or_default(),
            what: what(&line.action),
            refused: refused(line),
            about: line.subject_name.clone(),
            about_href: self.page(line),
            only_href: about.map_or_else(String::new, |about| filter.about(about).link(PATH)),
            fields: reader.change(line).fields,
        }
    }

    /// The page of the record, if there is one that the reader may open.
    fn page(&self, line: &Line) -> String {
        let Some(id) = line.subject_id else {
            return String::new();
        };
        if line.subject_kind == "user" {
            let agent = self.picture.person(UserId(id));
            let agent = agent.and_then(|person| person.living_agent());
            let seen = agent.is_some_and(|agent| self.user.scope.sees(&agent.groups));
            if !(seen && self.user.may(Permission::AgentsRead)) {
                return String::new();
            }
        }
        page_of(&line.subject_kind, id)
    }

    fn chips(&self, filter: &AuditFilter) -> Vec<Chip> {
        let chip = |label, value: Option<String>, without: AuditFilter| {
            Some(Chip {
                label,
                value: value?,
                href: without.at(Start::Newest).link(PATH),
            })
        };
        let base = || filter.clone();
        // Whom the reader may not know stays a number.
        let name = |id: i64| {
            let person = self.picture.person(UserId(id));
            let person = person.filter(|_| self.user.scope.is_all());
            person.map(|person| person.name.to_string())
        };
        let by = filter.by.map(|by| match (by.kind, by.id) {
            (ActorKind::User, Some(id)) => name(id).unwrap_or_else(|| by.to_string()),
            (ActorKind::User | ActorKind::Token | ActorKind::System | ActorKind::Shell, _) => {
                by.to_string()
            }
        });
        let about = filter.about.as_ref().map(|about| {
            let named = name(about.id).filter(|_| about.kind == "user");
            named.unwrap_or_else(|| about.to_string())
        });
        let q = Some(filter.q.clone()).filter(|q| !q.is_empty());
        let without_q = AuditFilter {
            q: String::new(),
            ..base()
        };
        let without_kind = AuditFilter {
            kind: None,
            ..base()
        };
        let without_days = AuditFilter {
            days: None,
            ..base()
        };
        let days = filter.days.map(|days| {
            let install = self.picture.install();
            let today = install.calendar.day_of(self.now);
            show::range(days.resolve(today, install.pay_cycle_day))
        });
        [
            chip("Search", q, without_q),
            chip("By", by, AuditFilter { by: None, ..base() }),
            chip(
                "About",
                about,
                AuditFilter {
                    about: None,
                    ..base()
                },
            ),
            chip(
                "Kind",
                filter.kind.map(|kind| kind.label().to_owned()),
                without_kind,
            ),
            chip("Days", days, without_days),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
