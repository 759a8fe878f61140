//! First start: `GET` and `POST /set-up`, behind the one-time link that the console printed.

mod form;
pub mod regions;
pub mod view;

use crate::domain::audit::Entry;
use crate::domain::install::Install;
use crate::domain::role::BuiltInRole;
use crate::store::link::{self, LinkKind};
use crate::store::user::NewUser;
use crate::store::{StoreError, Tx, role, setting, sign_in, user};
use crate::web::error::AppError;
use crate::web::extract::nobody;
use crate::web::middleware::request_info::RequestInfo;
use crate::web::sessions::secret::SecretHash;
use crate::web::sessions::sign_in::begin;
use crate::web::setup::view::SetUpPage;
use crate::web::shell::Door;
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use form::{Checked, SetUpForm};
use serde::Deserialize;
use std::rc::Rc;

#[derive(Deserialize)]
pub struct Token {
    #[serde(default)]
    token: String,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    info: web::ReqData<Rc<RequestInfo>>,
    token: web::Query<Token>,
) -> Result<HttpResponse, AppError> {
    require_usable(&state, &info, &token).await?;
    page(&req, &token, StatusCode::OK, |_| {})
}

pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    info: web::ReqData<Rc<RequestInfo>>,
    token: web::Query<Token>,
    form: web::Form<SetUpForm>,
) -> Result<HttpResponse, AppError> {
    require_usable(&state, &info, &token).await?;
    let checked = match form.check() {
        Ok(checked) => checked,
        Err(faults) => {
            return page(&req, &token, StatusCode::UNPROCESSABLE_ENTITY, |page| {
                form.show_again(page, &faults)
            });
        }
    };
    let (login_id, hash) = (checked.login_id.clone(), SecretHash::of(&token.token).hex());
    let password_hash = state.hasher.hash(form.password().to_owned()).await?;
    let by = nobody(&info);
    state
        .floor
        .write(by, move |tx| set_up(tx, &hash, checked, password_hash))
        .await?;
    state.is_set_up();
    let known = state
        .read(move |conn| sign_in::find(conn, login_id.as_str()))
        .await?;
    let known = known.ok_or(AppError::NotFound)?;
    let cookie = begin(&req, &state, &info, known, None).await?;
    let cookie = cookie.ok_or(AppError::NotFound)?;
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/"))
        .cookie(cookie)
        .finish())
}

/// The link opens once, over a connection that keeps it secret, and only before anyone exists.
async fn require_usable(
    state: &AppState,
    info: &RequestInfo,
    token: &Token,
) -> Result<(), AppError> {
    if !info.is_private() {
        return Err(AppError::Invalid(
            "Setting up needs HTTPS, or a browser on the same machine.".to_owned(),
        ));
    }
    if let Err(retry_after) = state.throttle.take_source(info.address) {
        return Err(AppError::TooMany { retry_after });
    }
    let (hash, now) = (SecretHash::of(&token.token).hex(), state.clock.now());
    let usable = move |conn: &mut _| {
        Ok(sign_in::is_new_install(conn)?
            && link::find_usable(conn, LinkKind::SetUp, &hash, now)?.is_some())
    };
    if state.read(usable).await? {
        Ok(())
    } else {
        Err(AppError::NotFound)
    }
}

fn set_up(
    tx: &mut Tx<'_>,
    hash: &str,
    form: Checked,
    password_hash: String,
) -> Result<(), StoreError> {
    link::use_up(tx, LinkKind::SetUp, hash)?;
    if !sign_in::is_new_install(tx.conn)? {
        return Err(StoreError::NotFound);
    }
    let length = form.intercom_length.digits().to_string();
    let region = form.region.code();
    setting::put(tx, Install::TIME_ZONE, form.time_zone.name())?;
    setting::put(tx, Install::REGION, &region)?;
    setting::put(tx, Install::INTERCOM_LENGTH, &length)?;
    tx.audit(
        Entry::new("install.set_up", "setting", None, "Set-up")
            .after(Install::TIME_ZONE, form.time_zone.name())
            .after(Install::REGION, region)
            .after(Install::INTERCOM_LENGTH, length),
    )?;
    let admin =
        role::find_by_name(tx.conn, BuiltInRole::Admin.name())?.ok_or(StoreError::NotFound)?;
    let new = NewUser {
        name: form.name,
        login_id: form.login_id,
        email: Some(form.email),
        role: admin.id,
        password_hash: Some(password_hash),
    };
    user::insert(tx, &new)?;
    Ok(())
}

fn page(
    req: &HttpRequest,
    token: &Token,
    status: StatusCode,
    change: impl FnOnce(&mut SetUpPage<'_>),
) -> Result<HttpResponse, AppError> {
    let mut door = Door::new(req, "Set up");
    door.wide = true;
    let query =
        serde_urlencoded::to_string([("token", &token.token)]).map_err(AppError::internal)?;
    let mut page = SetUpPage::new(&door, format!("/set-up?{query}"), regions::choices());
    change(&mut page);
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .body(page.render()?))
}
