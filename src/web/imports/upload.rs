//! `GET /users/upload` and `POST /users/upload`: a file comes in, and its plan is made.

use super::choices::{self, Fields};
use super::controls::OptionsView;
use super::receive::{self, Received, Refusal};
use super::view::UploadPage;
use super::{count, facts, guide, history, path_of, size, viewer};
use crate::domain::import::{Asked, Limits, Options};
use crate::domain::role::Permission;
use crate::domain::user_filter::UserFilter;
use crate::web::error::AppError;
use crate::web::extract::{By, Caller, CurrentUser};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_multipart::Multipart;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

/// Uploads listed on the page.
const PAST: i64 = 5;

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
) -> Result<HttpResponse, AppError> {
    page(&req, &state, &user, &by, Options::default(), None).await
}

/// The page; with what was chosen and why nothing came of it.
async fn page(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    by: &By,
    options: Options,
    wrong: Option<(StatusCode, String)>,
) -> Result<HttpResponse, AppError> {
    let facts = facts(state, user).await?;
    let viewer = viewer(&Caller::User(user.clone()), by);
    let (past, _) = history::read(state, viewer, PAST, 0).await?;
    let mut shell = user
        .shell(req, state)
        .page(shell::Page::Upload, "Upload users");
    let (status, wrong) = wrong.unwrap_or_default();
    let mut flashed = false;
    if wrong.is_empty() {
        (shell, flashed) = flash::shown(shell, req, state, user).await?;
    }
    let may_export = user.may(Permission::Exports) && user.may(Permission::UsersRead);
    let page = UploadPage {
        shell: &shell,
        options: OptionsView::new(&options, &facts),
        limits: limits(&state.config.upload),
        columns: guide::columns(&facts).len(),
        users: match may_export {
            true => count(
                state
                    .floor
                    .picture()
                    .users(&UserFilter::default(), &user.scope, state.clock.now())
                    .in_scope as u64,
            ),
            false => String::new(),
        },
        joiners: state.joiners.is_some(),
        past,
        wrong,
    };
    Ok(flash::cleared(
        page::html(status, render(&page)?),
        flashed,
        req,
    ))
}

fn limits(limits: &Limits) -> String {
    format!(
        "csv, tsv, txt or xlsx. Up to {}, {} rows, {} columns, {} a row.",
        size(limits.bytes),
        count(limits.rows),
        limits.columns,
        size(limits.record as u64)
    )
}

pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    form: Multipart,
) -> Result<HttpResponse, AppError> {
    let received = match receive::form(&state, &by.0, form).await {
        Ok(received) => received,
        Err(refusal) => {
            return refused(&req, &state, &user, &by, Options::default(), refusal).await;
        }
    };
    let Received { fields, file } = received;
    let fields = Fields(&fields);
    if let Some(name) = fields.stranger(choices::is_option) {
        let name: String = name.chars().take(40).collect();
        return Err(AppError::BadRequest(format!(
            "{name:?} is no field of this form."
        )));
    }
    let (mut options, mut wrong) = (Options::default(), Vec::new());
    choices::options(
        &fields,
        &facts(&state, &user).await?,
        &mut options,
        &mut wrong,
    );
    if let Some(wrong) = wrong.first() {
        let why = (
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("{} {}.", wrong.label, wrong.message),
        );
        return page(&req, &state, &user, &by, options, Some(why)).await;
    }
    let Some(file) = file else {
        let why = (
            StatusCode::UNPROCESSABLE_ENTITY,
            "Choose a file first.".to_owned(),
        );
        return page(&req, &state, &user, &by, options, Some(why)).await;
    };
    match receive::finish(&state, file, Asked::default(), options).await {
        Ok(id) => Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, path_of(id)))
            .finish()),
        Err(refusal) => refused(&req, &state, &user, &by, Options::default(), refusal).await,
    }
}

/// Said where the file was chosen, so that another can be.
async fn refused(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    by: &By,
    options: Options,
    refusal: Refusal,
) -> Result<HttpResponse, AppError> {
    let why = match refusal {
        Refusal::TooLarge(why) => (StatusCode::PAYLOAD_TOO_LARGE, why),
        Refusal::Malformed(why) => (StatusCode::BAD_REQUEST, why.to_owned()),
        Refusal::Other(error) => return Err(error),
    };
    page(req, state, user, by, options, Some(why)).await
}
