//! `/agent-groups/{id}/agents`: who is in a group, picked from everyone.
//!
//! What is picked is kept between the pages of the list as a draft, and written by Save alone.

mod pending;
mod posted;
mod save;
mod view;

use super::{find, id};
use crate::domain::filter::{AgentFilter, PerPage};
use crate::domain::group::Seen;
use crate::domain::ids::GroupId;
use crate::store::selection::{self, Draft};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Partial};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use pending::{Pending, PendingPart};
use posted::{Do, Picked};
use view::{FoundPart, MembersPage, MembersView, Whom};

/// `GET /agent-groups/{id}/agents`; for a search that runs while it is typed only those who match, so that its
/// box keeps the focus.
pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    find(&state.floor.picture(), &user.scope, id)?;
    let (filter, show, key) = posted::read_query(req.query_string())?;
    let draft = match &key {
        Some(key) => kept(&state, &user, id, key).await?,
        None => fresh(&state, &user, id)?,
    };
    let (mut shell, mut flashed) = (user.shell(&req, &state), false);
    if !partial {
        (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    }
    let body = {
        let picture = state.floor.picture();
        let group = find(&picture, &user.scope, id)?;
        let shell = shell.page(shell::Page::Groups, format!("Agents of {}", group.name));
        let whom = Whom {
            picture: &picture,
            scope: &user.scope,
            now: state.clock.now(),
        };
        let pending = Pending::of(&picture, &user.scope, &draft, &[]);
        let mut page = MembersView::new(&whom, group, &filter, show, &draft, pending);
        page.draft = key.unwrap_or_default();
        let whole = MembersPage {
            shell: &shell,
            page: &page,
        };
        match partial {
            true => render(&FoundPart { page: &page })?,
            false => render(&whole)?,
        }
    };
    Ok(flash::cleared(
        page::html(StatusCode::OK, body),
        flashed,
        &req,
    ))
}

/// `POST /agent-groups/{id}/agents`: takes what is ticked along to the next page, or saves it.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let picked = Picked::read(&req, &body)?;
    let before = as_shown(&state, &user, id, &picked).await?;
    let mut draft = before.clone();
    picked.apply(&mut draft.difference);
    let mut filter = picked.filter.clone();
    let what = picked.what;
    match what {
        Do::Save => return save::save(&req, &state, &user, by, picked, draft).await,
        Do::Find => filter = filter.with_page(1),
        Do::To(page) => filter = filter.with_page(page),
        Do::Drop(agent) => draft.difference.forget(&[agent]),
        Do::AddAll | Do::RemoveAll => {
            let picture = state.floor.picture();
            let members = picture.group_members(id);
            let matching = picture.matching(&filter, &user.scope);
            let matching = picked.show.of(matching, &members);
            match what == Do::AddAll {
                true => draft.difference.join(&matching, &members),
                false => draft.difference.leave(&matching, &members),
            }
        }
    }
    // A search is not another draft.
    let key = match !picked.draft.is_empty() && draft == before {
        true => Some(picked.draft.clone()),
        false => keep(&state, &user, by, draft).await?,
    };
    let link = posted::link(id, &filter, picked.show, key.as_deref());
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, link))
        .finish())
}

/// `POST /agent-groups/{id}/agents/preview`: what the page as it is ticked now would change.
pub async fn preview(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let picked = Picked::read(&req, &body)?;
    let mut draft = as_shown(&state, &user, id, &picked).await?;
    picked.apply(&mut draft.difference);
    let picture = state.floor.picture();
    let pending = Pending::of(&picture, &user.scope, &draft, &[]);
    let part = PendingPart { pending: &pending };
    Ok(page::html(StatusCode::OK, render(&part)?))
}

/// The draft that the form came from, before what is ticked on its page.
async fn as_shown(
    state: &AppState,
    user: &CurrentUser,
    id: GroupId,
    picked: &Picked,
) -> Result<Draft, AppError> {
    find(&state.floor.picture(), &user.scope, id)?;
    match picked.draft.as_str() {
        "" => Ok(Draft {
            seen: picked.seen.ok_or(AppError::VersionRequired)?,
            ..fresh(state, user, id)?
        }),
        key => kept(state, user, id, key).await,
    }
}

/// Nothing is picked yet.
fn fresh(state: &AppState, user: &CurrentUser, id: GroupId) -> Result<Draft, AppError> {
    let version = find(&state.floor.picture(), &user.scope, id)?.version;
    let at = state.clock.now();
    Ok(Draft {
        group: id,
        seen: Seen { version, at },
        difference: Default::default(),
    })
}

async fn kept(
    state: &AppState,
    user: &CurrentUser,
    id: GroupId,
    key: &str,
) -> Result<Draft, AppError> {
    let (key, owner) = (key.to_owned(), user.id);
    let found = state
        .read(move |conn| selection::find_draft(conn, &key, owner))
        .await?;
    let gone = "What you had picked is no longer kept: pick it again.";
    let draft = found.filter(|draft| draft.group == id);
    draft.ok_or_else(|| AppError::Invalid(gone.to_owned()))
}

/// Keeps a draft that has something in it; what it is found by.
async fn keep(
    state: &AppState,
    user: &CurrentUser,
    by: By,
    draft: Draft,
) -> Result<Option<String>, AppError> {
    if draft.difference.is_empty() {
        return Ok(None);
    }
    let owner = user.id;
    let write = move |tx: &mut crate::store::Tx<'_>| selection::insert_draft(tx, owner, &draft);
    Ok(Some(state.floor.write(by.0, write).await?))
}

/// As many rows as a page of the agents list has at most by default.
fn usual() -> AgentFilter {
    AgentFilter::default().with_per(PerPage::P100)
}
