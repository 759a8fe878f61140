//! `GET /agent-groups`: the groups, with how many agents each has and what they do now.

use super::view::{GroupRow, GroupsPage, GroupsView, now};
use crate::domain::group_filter::{GroupColumn, GroupFilter};
use crate::domain::query::BadParam;
use crate::domain::record::Group;
use crate::domain::role::{Permission, Scope};
use crate::domain::show;
use crate::domain::text::fold;
use crate::floor::Picture;
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use std::cmp::Reverse;

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let (filter, bad) = match GroupFilter::parse(req.query_string()) {
        Ok(filter) => (filter, Vec::new()),
        Err(bad) => (bad.filter, bad.bad),
    };
    let status = match bad.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    let mut shell = user
        .shell(&req, &state)
        .page(shell::Page::Groups, "Agent groups");
    let mut flashed = false;
    if !partial {
        (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    }
    let may_write = user.may(Permission::GroupsWrite);
    let body = {
        let picture = state.floor.picture();
        let view = view(&picture, &user.scope, filter, &bad, may_write);
        let page = GroupsPage {
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

/// The groups of a scope that a search finds, in order; each with how many agents it has.
pub fn matching<'p>(
    picture: &'p Picture,
    scope: &Scope,
    filter: &GroupFilter,
) -> Vec<(&'p Group, usize)> {
    let wanted = fold(&filter.q);
    let words: Vec<&str> = wanted.split(' ').filter(|word| !word.is_empty()).collect();
    let found = |group: &&Group| {
        let text = format!("{}\u{1}{}", fold(&group.name), fold(&group.description));
        let id = filter.q.trim() == group.id.to_string();
        id || words.iter().all(|word| text.contains(word))
    };
    // By name already: what sorts the same stays so.
    let groups = picture.records().groups().iter();
    let mut groups: Vec<(&Group, usize)> = groups
        .filter(|group| scope.sees(&[group.id]))
        .filter(found)
        .map(|group| (group, picture.group_members(group.id).len()))
        .collect();
    let descending = filter.sort.descending;
    match (filter.sort.column, descending) {
        (GroupColumn::Name, false) => {}
        (GroupColumn::Name, true) => groups.reverse(),
        (GroupColumn::Id, false) => groups.sort_by_key(|(group, _)| group.id),
        (GroupColumn::Id, true) => groups.sort_by_key(|(group, _)| Reverse(group.id)),
        (GroupColumn::Members, false) => groups.sort_by_key(|(_, members)| *members),
        (GroupColumn::Members, true) => groups.sort_by_key(|(_, members)| Reverse(*members)),
        (GroupColumn::Description, descending) => {
            // Blank ones stay last whichever way the rest runs.
            groups.sort_by_cached_key(|(group, _)| fold(&group.description));
            if descending {
                groups.reverse();
            }
            groups.sort_by_key(|(group, _)| group.description.is_empty());
        }
    }
    groups
}

fn view<'a>(
    picture: &Picture,
    scope: &Scope,
    filter: GroupFilter,
    bad: &'a [BadParam],
    may_write: bool,
) -> GroupsView<'a> {
    let all = matching(picture, scope, &GroupFilter::default()).len();
    let found = match bad.is_empty() {
        true => matching(picture, scope, &filter),
        false => Vec::new(),
    };
    let per = filter.per.rows();
    let last = found.len().div_ceil(per).max(1);
    let page = (filter.page as usize).clamp(1, last);
    let rows = found.iter().skip((page - 1) * per).take(per);
    let row = |(group, members): &(&Group, usize)| GroupRow {
        id: group.id.0,
        name: group.name.clone(),
        description: group.description.clone(),
        members: show::count(*members as i64),
        now: now(&picture.group_by_status(group.id)),
    };
    GroupsView {
        rows: rows.map(row).collect(),
        shown: found.len(),
        total: all,
        last,
        filter: filter.with_page(page as u32),
        bad,
        may_write,
    }
}
