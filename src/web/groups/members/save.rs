//! Writes what was picked, or shows what somebody else decided meanwhile.

use super::pending::Pending;
use super::posted::Picked;
use super::view::{MembersPage, MembersView, Whom};
use super::{find, keep};
use crate::domain::filter::AgentFilter;
use crate::store::group::members::{Changed, Clash, Saved, change};
use crate::store::selection::Draft;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::operations::{flash, said};
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

pub async fn save(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    by: By,
    picked: Picked,
    draft: Draft,
) -> Result<HttpResponse, AppError> {
    let rights = user.rights();
    let (group, seen, wanted) = (draft.group, draft.seen, draft.difference.clone());
    let write =
        move |tx: &mut crate::store::Tx<'_>| change(tx, &rights, group, Some(seen), &wanted);
    match state.floor.write(by.0.clone(), write).await? {
        Saved::Written(changed) => written(req, state, user, &draft, &changed),
        Saved::Conflict(conflict) => {
            let draft = Draft {
                seen: conflict.seen,
                ..draft
            };
            let key = keep(state, user, by, draft.clone()).await?;
            conflicting(req, state, user, &picked, &draft, key, &conflict.agents)
        }
    }
}

/// To the agents of the group, with what was done and what others had done meanwhile.
fn written(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    draft: &Draft,
    changed: &Changed,
) -> Result<HttpResponse, AppError> {
    let nothing = changed.added.is_empty() && changed.removed.is_empty();
    if nothing && !changed.refused.is_empty() {
        let said = said::refusals(state, user, &changed.refused);
        let why = format!("Nothing was changed. {}", said.join(" "));
        return Err(AppError::Invalid(why));
    }
    let agents = AgentFilter::default().with_group(Some(draft.group));
    let value = match nothing {
        true => flash::UNCHANGED.to_owned(),
        false => flash::of_edit(&changed.operation, draft.seen.version),
    };
    Ok(flash::back_to(&agents.link("/agents"), &value, req))
}

/// 409: the same page, with theirs and mine for each agent on whom both decided.
fn conflicting(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    picked: &Picked,
    draft: &Draft,
    key: Option<String>,
    clashes: &[Clash],
) -> Result<HttpResponse, AppError> {
    let shell = user.shell(req, state);
    let picture = state.floor.picture();
    let group = find(&picture, &user.scope, draft.group)?;
    let shell = shell.page(shell::Page::Groups, format!("Agents of {}", group.name));
    let whom = Whom {
        picture: &picture,
        scope: &user.scope,
        now: state.clock.now(),
    };
    let pending = Pending::of(&picture, &user.scope, draft, clashes);
    let mut page = MembersView::new(&whom, group, &picked.filter, picked.show, draft, pending);
    page.draft = key.unwrap_or_default();
    let page = MembersPage {
        shell: &shell,
        page: &page,
    };
    Ok(page::html(StatusCode::CONFLICT, render(&page)?))
}
