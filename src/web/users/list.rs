//! `GET /users`: everyone, agents or not, answered from memory.

use super::list_view::{Chip, FilterName, Select, UserLine, UsersPage, UsersView};
use super::rules::may_change;
use crate::domain::person::WebLoginStatus;
use crate::domain::phone::Region;
use crate::domain::query::{BadParam, QueryWriter};
use crate::domain::role::{Permission, Rights};
use crate::domain::status::{AgentStatus, ExtensionStatus, SecondMark};
use crate::domain::time::Timestamp;
use crate::domain::user_filter::{Calling, UserFilter};
use crate::floor::{Picture, Records, UserRow};
use crate::web::agents::filters::TABS;
use crate::web::agents::view::{Badge, label};
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let (filter, bad) = match UserFilter::parse(req.query_string()) {
        Ok(filter) => (filter, Vec::new()),
        Err(bad) => (bad.filter, bad.bad),
    };
    let status = match bad.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    let mut shell = user.shell(&req, &state).page(shell::Page::Users, "Users");
    let mut flashed = false;
    if !partial {
        (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    }
    let now = state.clock.now();
    let body = {
        let picture = state.floor.picture();
        let view = view(&picture, &user.rights(), filter, &bad, now);
        let page = UsersPage {
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

fn view<'a>(
    picture: &Picture,
    rights: &Rights,
    filter: UserFilter,
    bad: &'a [BadParam],
    now: Timestamp,
) -> UsersView<'a> {
    let page = picture.users(&filter, &rights.scope, now);
    let records = page.records;
    let filter = filter.with_page(u32::try_from(page.page).unwrap_or(1));
    let here = filter.link("/users");
    let lines = page
        .rows
        .iter()
        .map(|row| line(row, records, rights, page.install.region, &here));
    UsersView {
        rows: match bad.is_empty() {
            true => lines.collect(),
            false => Vec::new(),
        },
        shown: match bad.is_empty() {
            true => page.total,
            false => 0,
        },
        total: page.in_scope,
        calling: page.calling,
        last: page.pages,
        may_write: rights.may(&[Permission::UsersWrite]),
        selects: selects(records, &filter),
        chips: chips(records, &filter),
        filter,
        bad,
    }
}

fn line(
    row: &UserRow<'_>,
    records: &Records,
    rights: &Rights,
    region: Region,
    here: &str,
) -> UserLine {
    let person = row.person;
    let facet = row.agent.as_ref();
    let number = facet.and(row.numbers.forwarding.as_ref());
    let extension = facet.and_then(|facet| facet.agent.extension.as_deref());
    let mark = facet.and_then(|facet| facet.causes.second_mark());
    UserLine {
        id: person.id.0,
        name: person.name.to_string(),
        call_forward_number: number.map_or(String::new(), |n| n.to(region).to_owned()),
        email: person.email.as_deref().unwrap_or_default().to_owned(),
        role: records
            .role(person.role)
            .map_or(String::new(), |role| role.name.clone()),
        status: facet.map(|facet| Badge::new(facet.status.word())),
        also: mark.map_or(String::new(), |mark| second(row, mark)),
        extension: extension.unwrap_or_default().to_owned(),
        extension_badge: facet
            .filter(|facet| facet.extension != ExtensionStatus::None)
            .map(|facet| Badge::new(facet.extension.word())),
        web_login: row.web_login.into(),
        calling: facet.is_some(),
        can_edit: may_change(records, rights, person),
        acts_href: QueryWriter::behind(&format!("/users/{}/acts", person.id))
            .with("back", here)
            .finish(),
    }
}

/// What the badge hides; of a pause its reason.
pub(super) fn second(row: &UserRow<'_>, mark: SecondMark) -> String {
    let agent = row.agent.as_ref().map(|facet| facet.agent);
    let reason = agent.and_then(|agent| agent.live.duty_reason.as_deref());
    match (mark, reason) {
        (SecondMark::Paused, Some(reason)) => reason.to_owned(),
        (mark, _) => mark.word().to_owned(),
    }
}

fn selects(records: &Records, filter: &UserFilter) -> Vec<Select> {
    let select = |&name: &FilterName| Select {
        filter: name,
        options: options(records, filter, name),
    };
    FilterName::ALL.iter().map(select).collect()
}

fn options(
    records: &Records,
    filter: &UserFilter,
    name: FilterName,
) -> Vec<(String, String, bool)> {
    let option =
        |word: &str, label: &str, chosen: bool| (word.to_owned(), label.to_owned(), chosen);
    match name {
        FilterName::Role => records
            .roles()
            .iter()
            .map(|role| {
                let chosen = filter.role == Some(role.id);
                option(&role.id.to_string(), &role.name, chosen)
            })
            .collect(),
        FilterName::CallingAgent => Calling::ALL
            .iter()
            .map(|each| {
                option(
                    each.word(),
                    calling(*each),
                    filter.calling_agent == Some(*each),
                )
            })
            .collect(),
        FilterName::Status => TABS
            .iter()
            .map(|each| {
                option(
                    each.word(),
                    label(each.word()),
                    filter.status == Some(*each),
                )
            })
            .collect(),
        FilterName::Extension => ExtensionStatus::ALL
            .iter()
            .map(|each| {
                let chosen = filter.extension == Some(*each);
                option(each.word(), extension(*each), chosen)
            })
            .collect(),
        FilterName::WebLogin => WebLoginStatus::ALL
            .iter()
            .map(|each| option(each.word(), each.label(), filter.web_login == Some(*each)))
            .collect(),
    }
}

fn calling(calling: Calling) -> &'static str {
    match calling {
        Calling::Yes => "Calling agents",
        Calling::No => "Not calling agents",
    }
}

fn extension(status: ExtensionStatus) -> &'static str {
    match status {
        ExtensionStatus::None => "No extension",
        ExtensionStatus::Registered | ExtensionStatus::Unregistered | ExtensionStatus::Unknown => {
            status.label()
        }
    }
}

/// The filters in force, each with the address of the page without it.
fn chips(records: &Records, filter: &UserFilter) -> Vec<Chip> {
    let role = filter.role.map(|id| match records.role(id) {
        Some(role) => role.name.clone(),
        None => format!("number {id}"),
    });
    let said = |name: FilterName| match name {
        FilterName::Role => role.clone(),
        FilterName::CallingAgent => filter.calling_agent.map(|each| calling(each).to_owned()),
        FilterName::Status => filter
            .status
            .map(|each| AgentStatus::label(each).to_owned()),
        FilterName::Extension => filter.extension.map(|each| extension(each).to_owned()),
        FilterName::WebLogin => filter.web_login.map(|each| each.label().to_owned()),
    };
    let search = (!filter.q.is_empty()).then(|| Chip {
        label: "Search",
        value: filter.q.clone(),
        remove: filter.without("q").link("/users"),
    });
    let others = FilterName::ALL.iter().filter_map(|name| {
        Some(Chip {
            label: name.label(),
            value: said(*name)?,
            remove: filter.without(name.word()).link("/users"),
        })
    });
    search.into_iter().chain(others).collect()
}
