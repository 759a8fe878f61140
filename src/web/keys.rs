//! `GET /keys`: the keyboard shortcuts, as a page and as the dialog behind `?`.

use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "keys.html")]
struct KeysPage<'a> {
    shell: &'a Shell,
}

#[derive(Template)]
#[template(path = "keys_dialog.html")]
struct KeysDialog;

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let body = if partial {
        render(&KeysDialog)?
    } else {
        let shell = user
            .shell(&req, &state)
            .page(shell::Page::None, "Keyboard shortcuts");
        render(&KeysPage { shell: &shell })?
    };
    Ok(page::html(StatusCode::OK, body))
}
