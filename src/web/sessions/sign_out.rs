//! `POST /sign-out`.

use super::cookie;
use crate::store::sign_in;
use crate::web::error::AppError;
use crate::web::middleware::request_info::RequestInfo;
use crate::web::sessions::sign_in::as_user;
use crate::web::state::AppState;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use std::rc::Rc;

/// Ends the session on the server. Works without one too, so that a second press is no error.
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    info: web::ReqData<Rc<RequestInfo>>,
) -> Result<HttpResponse, AppError> {
    if let Some(key) = cookie::key(req.headers(), &info)
        && let Some(live) = state.sessions.find(key).await?
    {
        let (hash, user, name) = (live.hash.hex(), live.account.id, live.account.name.clone());
        let by = as_user(user, &name, &info);
        state
            .floor
            .write(by, move |tx| sign_in::sign_out(tx, &hash, user, &name))
            .await?;
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/sign-in"))
        // The browser drops what it kept of the pages, and of other tabs' storage.
        .insert_header(("Clear-Site-Data", "\"cache\""))
        .cookie(cookie::clear(&info))
        .finish())
}
