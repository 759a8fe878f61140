//! `GET /agents/legend`: what the statuses mean, as a page and as the dialog behind the link under the list.

use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "agents/legend_page.html")]
struct LegendPage<'a> {
    shell: &'a Shell,
}

#[derive(Template)]
#[template(path = "agents/legend_dialog.html")]
struct LegendDialog;

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let body = if partial {
        render(&LegendDialog)?
    } else {
        let shell = user
            .shell(&req, &state)
            .page(shell::Page::Agents, "What the statuses mean");
        render(&LegendPage { shell: &shell })?
    };
    Ok(page::html(StatusCode::OK, body))
}
