//! `GET /imports/{id}/errors.csv`: the rows that failed, as they were, with the reasons beside them.

use super::{find, id_of, viewer};
use crate::store::import::errors::write_file;
use crate::web::download::{self, CSV};
use crate::web::error::AppError;
use crate::web::extract::{By, Caller};
use crate::web::state::AppState;
use actix_web::{HttpResponse, web};

pub async fn csv(
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&path)?;
    let import = find(&state, &viewer(&caller, &by), id).await?;
    let store = state.store.clone();
    // No part of the name comes from the file: it may hold anything.
    Ok(download::file(
        &format!("rollcall-errors-{id}.csv"),
        CSV,
        move |body| write_file(&store, &import, body),
    ))
}
