//! `POST /imports/{id}/invitations.csv`, `/phones.csv` and `/phones`: the secrets of those whom an upload wrote. Each
//! list makes new ones and ends those before, so it is asked for by a button, from who was there a moment ago.

use super::{find, id_of, path_of, viewer};
use crate::domain::ids::{ImportId, UserId};
use crate::domain::import::write_row;
use crate::domain::role::{Permission, Rights};
use crate::store::import::Viewer;
use crate::store::import::invite::{self, Invitation};
use crate::store::import::phones::{self, PhoneSetUp};
use crate::store::{StoreError, Tx};
use crate::web::download::{self, BodyWriter, CSV};
use crate::web::error::AppError;
use crate::web::extract::{By, Caller, CurrentUser, Posted};
use crate::web::page::{self, render};
use crate::web::sessions::proof;
use crate::web::sheet;
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use std::io;

/// A page of phones to print.
#[derive(Template)]
#[template(path = "imports/phones.html")]
struct PhonesPage<'a> {
    shell: &'a Shell,
    id: i64,
    file_name: &'a str,
    phones: Vec<PhoneSetUp>,
    /// From whom on the next page goes; empty for none.
    next: String,
}

/// Someone who may have the secrets of an upload.
struct Asker {
    id: ImportId,
    viewer: Viewer,
    rights: Rights,
    file_name: String,
}

/// # Errors
/// `NotFound` for who may not see the upload, `Forbidden` without the right, `Confirm` when the last proof is too
/// old.
async fn asker(
    state: &AppState,
    user: &CurrentUser,
    by: &By,
    path: &str,
    needs: Permission,
) -> Result<Asker, AppError> {
    let viewer = viewer(&Caller::User(user.clone()), by);
    let import = find(state, &viewer, id_of(path)?).await?;
    // Passwords and links are for whoever uploaded: nobody else knows what was asked for.
    if !user.may(needs) || !viewer.is_of(&import) {
        return Err(AppError::Forbidden);
    }
    proof::require_recent(state, user)?;
    Ok(Asker {
        id: import.id,
        viewer,
        rights: user.rights(),
        file_name: import.file_name,
    })
}

pub async fn invitations(
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let asker = asker(&state, &user, &by, &path, Permission::UsersWrite).await?;
    let (id, url) = (asker.id, state.url.clone());
    let next = move |tx: &mut Tx<'_>, after| {
        invite::next(tx, &asker.viewer, &asker.rights, id, &url, after)
    };
    const HEAD: &[&str] = &["name", "login_id", "email", "link"];
    let row = |one: &Invitation| {
        let email = one.email.clone().unwrap_or_default();
        vec![
            one.name.clone(),
            one.login_id.clone(),
            email,
            one.link.clone(),
        ]
    };
    list(
        &state,
        by,
        format!("rollcall-invitations-{id}.csv"),
        HEAD,
        next,
        row,
    )
    .await
}

pub async fn phones_csv(
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let asker = asker(&state, &user, &by, &path, Permission::AgentsWrite).await?;
    let id = asker.id;
    let next =
        move |tx: &mut Tx<'_>, after| phones::next(tx, &asker.viewer, &asker.rights, id, after);
    const HEAD: &[&str] = &["agent_id", "name", "username", "password"];
    let row = |one: &PhoneSetUp| {
        let agent = crate::domain::ids::AgentId::of(one.agent).to_string();
        vec![
            agent,
            one.name.clone(),
            one.username.clone(),
            one.password.clone(),
        ]
    };
    list(
        &state,
        by,
        format!("rollcall-phones-{id}.csv"),
        HEAD,
        next,
        row,
    )
    .await
}

/// Writes a list as it is made, some hundred rows in memory.
async fn list<T: Send + 'static>(
    state: &web::Data<AppState>,
    by: By,
    name: String,
    head: &'static [&'static str],
    next: impl Fn(&mut Tx<'_>, Option<UserId>) -> Result<(Vec<T>, Option<UserId>), StoreError>
    + Clone
    + Send
    + 'static,
    row: impl Fn(&T) -> Vec<String> + Send + 'static,
) -> Result<HttpResponse, AppError> {
    // The first of it is made before the answer begins, so that a refusal is told as one.
    let first = next.clone();
    let mut piece = state
        .floor
        .write(by.0.clone(), move |tx| first(tx, None))
        .await?;
    let store = state.store.clone();
    Ok(download::file(&name, CSV, move |body: &mut BodyWriter| {
        let mut writer = sheet::csv_writer(body)?;
        write_row(&mut writer, head)?;
        loop {
            for one in &piece.0 {
                write_row(&mut writer, row(one))?;
            }
            let Some(after) = piece.1 else {
                return writer.flush();
            };
            let more = next.clone();
            let written = store.write_blocking(by.0.clone(), move |tx| more(tx, Some(after)));
            piece = written.map_err(io::Error::other)?;
        }
    }))
}

/// The same as cards to cut apart, some hundred a page.
pub async fn phones(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let posted = Posted::read(&req, &body, &["after"], &[])?;
    let after = match posted.one("after") {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| AppError::BadRequest("after is nobody.".to_owned()))?,
        ),
    };
    let asker = asker(&state, &user, &by, &path, Permission::AgentsWrite).await?;
    let (id, viewer, rights) = (asker.id, asker.viewer, asker.rights);
    let (phones, next) = state
        .floor
        .write(by.0, move |tx| {
            phones::next(tx, &viewer, &rights, id, after)
        })
        .await?;
    let mut shell = user
        .shell(&req, &state)
        .page(shell::Page::Upload, "Phone set-up");
    // A page that is sent by a form can't be come back to.
    shell.here = path_of(id);
    let page = PhonesPage {
        shell: &shell,
        id: id.0,
        file_name: &asker.file_name,
        phones,
        next: next.map_or_else(String::new, |next| next.to_string()),
    };
    Ok(page::html(StatusCode::CREATED, render(&page)?))
}
