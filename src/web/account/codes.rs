//! `POST /account/recovery-codes`: new ones in place of all that there were, shown once.

use super::view::CodesPage;
use super::{html, shell};
use crate::store::factor;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::sessions::{proof, recovery};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
) -> Result<HttpResponse, AppError> {
    proof::require_recent(&state, &user)?;
    let codes = recovery::fresh()?;
    let (id, hashes) = (user.id, codes.hashes);
    state
        .floor
        .write(by.0, move |tx| factor::renew_codes(tx, id, &hashes))
        .await?;
    let page = CodesPage {
        shell: &shell(&req, &state, &user, "Recovery codes"),
        codes: &codes.shown,
        factor_set: false,
    };
    html(StatusCode::OK, &page)
}
