//! Ending one's own sessions elsewhere.

use super::{Done, see_other};
use crate::store::sign_in;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::state::AppState;
use actix_web::{HttpResponse, web};

/// `DELETE /account/sessions/{id}`. Its streams end with it.
pub async fn delete(
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let (id, own, name) = (id.into_inner(), user.id, user.name.clone());
    let here = user.session().hash.hex().starts_with(&id);
    state
        .floor
        .write(by.0, move |tx| sign_in::end_own(tx, own, &name, &id))
        .await?;
    Ok(match here {
        true => see_other("/sign-in"),
        false => Done::SessionEnded.back(),
    })
}

/// `DELETE /account/sessions`: all but the one that asks.
pub async fn delete_others(
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
) -> Result<HttpResponse, AppError> {
    let (own, name, keep) = (user.id, user.name.clone(), user.session().hash.hex());
    state
        .floor
        .write(by.0, move |tx| sign_in::end_others(tx, own, &name, &keep))
        .await?;
    Ok(Done::OthersEnded.back())
}
