//! `GET /departments/deleted`: what was deleted, and `POST /departments/{id}/restore` to bring one back; likewise
//! for IVRs and caller ids.

use super::noun::{Of, key};
use super::rules;
use super::view::{DeletedPage, GoneRow};
use crate::domain::phone::Phone;
use crate::domain::routing::Noun;
use crate::domain::show;
use crate::floor::Picture;
use crate::store::StoreError;
use crate::store::routing::{self, Gone};
use crate::web::agents::edit::view::Fault;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
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
    Of(noun): Of,
) -> Result<HttpResponse, AppError> {
    list(&req, &state, &user, noun, Fault::default()).await
}

async fn list(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    noun: Noun,
    wrong: Fault,
) -> Result<HttpResponse, AppError> {
    let gone = state.read(move |conn| routing::deleted(conn, noun)).await?;
    let shell = user.shell(req, state).page(
        shell::Page::Departments,
        format!("Deleted {}", noun.plural()),
    );
    let (shell, flashed) = flash::shown(shell, req, state, user).await?;
    let status = match wrong.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let body = {
        let picture = state.floor.picture();
        let page = DeletedPage {
            shell: &shell,
            noun,
            rows: gone.iter().map(|gone| row(&picture, noun, gone)).collect(),
            wrong,
        };
        render(&page)?
    };
    Ok(flash::cleared(page::html(status, body), flashed, req))
}

fn row(picture: &Picture, noun: Noun, gone: &Gone) -> GoneRow {
    let install = picture.install();
    let number = Phone::from_e164(&gone.title).filter(|_| noun == Noun::CallerId);
    GoneRow {
        id: gone.id,
        title: number.map_or_else(|| gone.title.clone(), |number| number.show(install.region)),
        at: show::moment(gone.at, install.calendar.zone),
    }
}

pub async fn restore(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    Of(noun): Of,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = key(&path)?;
    let scope = user.scope.clone();
    let restored = state
        .floor
        .write(by.0, move |tx| routing::restore(tx, &scope, noun, id))
        .await;
    match restored {
        Ok(restored) => {
            let back = format!("{}/{id}", noun.path());
            Ok(flash::back_to(&back, &restored.operation, &req))
        }
        Err(StoreError::Taken(taken)) => {
            let told = {
                let picture = state.floor.picture();
                rules::in_use(&picture, noun, &taken, &taken.value)
            };
            let why = match told {
                Some((_, fault)) => fault,
                None => Fault::plain(format!("{taken} is in use.")),
            };
            let wrong = Fault {
                before: format!("It can’t be restored: {}", why.before),
                ..why
            };
            list(&req, &state, &user, noun, wrong).await
        }
        Err(error) => Err(error.into()),
    }
}
