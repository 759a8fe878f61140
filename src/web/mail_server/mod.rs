//! `/settings/mail`: the server that takes the letters, and the button that tries it.

mod form;
mod view;

use crate::domain::mail::{LinkReason, MailServer, PASSWORD_PLACE, test_letter};
use crate::domain::role::Permission;
use crate::mail::Post;
use crate::store::{StoreError, mail, sign_in};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Posted};
use crate::web::middleware::request_info::RequestInfo;
use crate::web::page::{self, render};
use crate::web::sessions::proof;
use crate::web::sessions::secret::SecretHash;
use crate::web::settings::tabs::Tab;
use crate::web::shell::{self, NoticeKind, Shell};
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use form::{Checked, FIELDS, Password};
use serde::Deserialize;
use std::rc::Rc;
use view::{Form, MailPage};

const SAVED: &str = "The mail server is saved. Try it now.";
const REMOVED: &str = "Mail is off: links are shown instead of sent.";
const STALE: &str = "Nothing was saved: someone else has changed the mail server meanwhile. Save again to have yours.";

#[derive(Deserialize)]
pub struct Arriving {
    #[serde(default)]
    done: String,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    arriving: web::Query<Arriving>,
) -> Result<HttpResponse, AppError> {
    let server = stored(&state);
    let mut shell = own_shell(&req, &state, &user);
    match arriving.done.as_str() {
        "saved" => shell = shell.notice(NoticeKind::Done, SAVED),
        "removed" => shell = shell.notice(NoticeKind::Done, REMOVED),
        _ => {}
    }
    let form = Form::of(server.as_ref());
    answer(
        &state,
        &shell,
        &user,
        StatusCode::OK,
        &form,
        server.as_ref(),
    )
    .await
}

pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let posted = Posted::read(&req, &body, &FIELDS, &[])?;
    let was = stored(&state);
    let shell = own_shell(&req, &state, &user);
    let checked = match form::check(&posted, was.as_ref()) {
        Ok(checked) => checked,
        Err(wrong) => {
            let form = Form::typed(&posted, posted.one("opened")).wrong(&wrong);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return answer(&state, &shell, &user, status, &form, was.as_ref()).await;
        }
    };
    if proof::require_recent(&state, &user).is_err() {
        let form = Form::typed(&posted, posted.one("opened")).unproved(&posted);
        let (shell, status) = (shell.confirm(true), StatusCode::UNPROCESSABLE_ENTITY);
        return answer(&state, &shell, &user, status, &form, was.as_ref()).await;
    }
    let stale = posted.one("opened") != mark(was.as_ref());
    let saved = match stale {
        true => Err(StoreError::Stale),
        false => save(&state, by, was, checked).await,
    };
    match saved {
        Ok(()) => Ok(back("saved")),
        Err(StoreError::Stale) => {
            let now = stored(&state);
            let form = Form::typed(&posted, &mark(now.as_ref())).message(STALE);
            let status = StatusCode::CONFLICT;
            answer(&state, &shell, &user, status, &form, now.as_ref()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Mail off: links are shown from now on, and letters that wait are given up with their links.
pub async fn delete(
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
) -> Result<HttpResponse, AppError> {
    if proof::require_recent(&state, &user).is_err() {
        return Ok(proof::confirm_first("/settings/mail"));
    }
    let was = stored(&state);
    let write = move |tx: &mut crate::store::Tx<'_>| mail::set_server(tx, was.as_ref(), None);
    state.floor.write(by.0, write).await?;
    Ok(back("removed"))
}

/// Sends a letter to whoever presses the button, at once and past the queue, and says what came of it.
pub async fn test(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    info: web::ReqData<Rc<RequestInfo>>,
) -> Result<HttpResponse, AppError> {
    if let Err(retry_after) = state
        .throttle
        .take(info.address, &proof::account_key(user.id))
    {
        return Err(AppError::TooMany { retry_after });
    }
    let Some(server) = stored(&state) else {
        return Err(AppError::NotFound);
    };
    let id = user.id;
    let known = state
        .read(move |conn| sign_in::credentials(conn, id))
        .await?;
    let said = match known.and_then(|known| known.email) {
        None => Err("You have no e-mail address yourself: add one to your user first.".to_owned()),
        Some(to) => send_test(&state, server.clone(), to).await?,
    };
    let shell = own_shell(&req, &state, &user);
    let form = Form::of(Some(&server));
    let (status, shell) = match said {
        Ok(text) => (StatusCode::OK, shell.notice(NoticeKind::Done, text)),
        Err(text) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            shell.notice(NoticeKind::Failed, text),
        ),
    };
    answer(&state, &shell, &user, status, &form, Some(&server)).await
}

/// What came of it, in words: it went, or why not.
async fn send_test(
    state: &AppState,
    server: MailServer,
    to: String,
) -> Result<Result<String, String>, AppError> {
    let password = match server.sealed_password.as_str() {
        "" => Vec::new(),
        sealed => state
            .keeper
            .open(sealed, PASSWORD_PLACE)
            .map_err(AppError::unavailable)?,
    };
    let install = state.floor.picture().install().name.clone();
    let (name, now) = (state.config.mail_name(), state.clock.now());
    let id = format!("test.{}", crate::store::random_hex());
    let sending = move || {
        let post = Post {
            server: &server,
            password: &String::from_utf8_lossy(&password),
            name: &name,
            install: &install,
        };
        match post.send(&to, &test_letter(&install), &id, now) {
            Ok(()) => Ok(format!(
                "{} has taken a letter to {to}. Look whether it arrives.",
                server.host
            )),
            Err(error) => Err(format!("No letter was sent: {error}.")),
        }
    };
    Ok(web::block(sending).await?)
}

async fn save(
    state: &AppState,
    by: By,
    was: Option<MailServer>,
    checked: Checked,
) -> Result<(), StoreError> {
    let keeper = state.keeper.clone();
    let write = move |tx: &mut crate::store::Tx<'_>| {
        let Checked {
            mut server,
            password,
        } = checked;
        server.sealed_password = match password {
            Password::None => String::new(),
            Password::AsItWas => was
                .as_ref()
                .map(|was| was.sealed_password.clone())
                .unwrap_or_default(),
            Password::New(text) => keeper
                .sealing(tx)?
                .seal(text.as_bytes(), PASSWORD_PLACE)
                .map_err(StoreError::broken)?,
        };
        mail::set_server(tx, was.as_ref(), Some(&server))
    };
    state.floor.write(by.0, write).await
}

fn stored(state: &AppState) -> Option<MailServer> {
    state.floor.picture().install().mail.clone()
}

/// Tells whether the settings are still those that a form was opened with; says nothing of them.
fn mark(server: Option<&MailServer>) -> String {
    let words: String = server
        .map(MailServer::words)
        .into_iter()
        .flatten()
        .map(|(name, word)| format!("{name}={word}\n"))
        .collect();
    SecretHash::of(&words).hex()
}

fn back(done: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, format!("/settings/mail?done={done}")))
        .finish()
}

fn own_shell(req: &HttpRequest, state: &AppState, user: &CurrentUser) -> Shell {
    user.shell(req, state)
        .page(shell::Page::Settings, "Mail server")
}

async fn answer(
    state: &AppState,
    shell: &Shell,
    user: &CurrentUser,
    status: StatusCode,
    form: &Form,
    server: Option<&MailServer>,
) -> Result<HttpResponse, AppError> {
    let now = state.clock.now();
    let queue = state
        .read(move |conn| mail::queue(conn, None, now))
        .await?
        .filter(|_| server.is_some());
    let zone = state.floor.picture().install().calendar.zone;
    let page = MailPage {
        shell,
        tab: Tab::Mail,
        form,
        is_set: server.is_some(),
        has_password: server.is_some_and(|server| !server.sealed_password.is_empty()),
        may_save: user.may(Permission::SettingsWrite) && user.scope.is_all(),
        waiting: queue
            .as_ref()
            .map(|queue| view::waiting(queue, zone))
            .unwrap_or_default(),
        failure: queue
            .as_ref()
            .map(|queue| view::failure(queue, zone))
            .unwrap_or_default(),
        invitation_life: LinkReason::Invitation.life_said(),
    };
    Ok(page::html(status, render(&page)?))
}
