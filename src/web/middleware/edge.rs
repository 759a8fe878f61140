//! The outermost layer: every request comes in and every answer goes out through it.
//!
//! One layer of plain functions rather than a stack of middlewares: it costs a few microseconds, and
//! no answer, not even an error's, can miss the headers.

use super::request_info::RequestInfo;
use super::{compress, headers, method, origin, signed_out};
use crate::web::error::{self, AppError, Chain, Form};
use crate::web::extract::MaybeUser;
use crate::web::problem::{ErrorDoor, ErrorFragment, ErrorPage, Problem};
use crate::web::shell::{Door, Page};
use crate::web::state::AppState;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Instant;

/// Requests slower than this are told in the log.
const SLOW_MS: u64 = 1_000;

pub async fn edge(
    mut req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let state = req.app_data::<web::Data<AppState>>().cloned();
    let state = state.ok_or_else(|| AppError::internal("no state"))?;
    let info = Rc::new(RequestInfo::read(&req, &state.config));
    let gzip = compress::is_wanted(req.headers());
    req.extensions_mut().insert(Rc::clone(&info));
    let same_origin = origin::is_same_origin(&req, &info, &state.config);
    method::override_by_form(&mut req);
    if !same_origin {
        let refused = req.error_response(AppError::CrossOrigin);
        return Ok(finish(refused, &info, gzip, started));
    }
    match AssertUnwindSafe(next.call(req)).catch_unwind().await {
        Ok(Ok(response)) => Ok(finish(response, &info, gzip, started)),
        Ok(Err(error)) => {
            let status = error.as_response_error().status_code();
            tracing::error!(request_id = %info.id, %error, "a request failed outside its handler");
            Err(bare(error.to_string(), status, &info))
        }
        Err(_) => {
            // The panic's own words and place were logged by the panic hook.
            tracing::error!(request_id = %info.id, "a request panicked");
            Err(bare(
                "panic".to_owned(),
                StatusCode::INTERNAL_SERVER_ERROR,
                &info,
            ))
        }
    }
}

/// An answer without the request, which went down with what failed.
fn bare(cause: String, status: StatusCode, info: &RequestInfo) -> Error {
    let problem = Problem::new(status.as_u16(), info.id.as_str());
    let mut response = HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .body(format!(
            "{}\n{}\nRequest {}\n",
            problem.title, problem.text, problem.request_id
        ));
    headers::add(response.headers_mut(), info);
    InternalError::from_response(cause, response).into()
}

fn finish(
    response: ServiceResponse<BoxBody>,
    info: &RequestInfo,
    gzip: bool,
    started: Instant,
) -> ServiceResponse<BoxBody> {
    let (req, mut response) = response.into_parts();
    if let Some(told) = tell(&req, &response, info) {
        response = told;
    }
    let mut response = compress::apply(response, gzip);
    headers::add(response.headers_mut(), info);
    note(&req, response.status(), info, started);
    ServiceResponse::new(req, response)
}

/// The form of an error that the asker understands; `None` if the answer is not an error's.
fn tell(
    req: &HttpRequest,
    response: &HttpResponse<BoxBody>,
    info: &RequestInfo,
) -> Option<HttpResponse<BoxBody>> {
    let raised = response.error()?;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    let known = raised.as_error::<AppError>();
    if let Some(to) = known.and_then(|error| detour(req, error)) {
        return Some(to);
    }
    let problem = match known {
        Some(error) => {
            if status.is_server_error() {
                tracing::error!(request_id = %info.id, path = %req.path(), cause = %Chain(error), "{}", status.as_u16());
            }
            match error {
                AppError::SignIn if signed_out::is_told(req) => {
                    signed_out::problem(req, info.id.as_str())
                }
                error => error::problem(error, &info.id, came_from(req)),
            }
        }
        None => {
            if status.is_server_error() {
                tracing::error!(request_id = %info.id, path = %req.path(), cause = %raised, "{}", status.as_u16());
            }
            Problem::new(status.as_u16(), info.id.as_str())
        }
    };
    let mut told = render(req, status, &problem);
    if let Some(error) = known {
        error::add_headers(error, told.headers_mut());
    }
    Some(told)
}

/// Path of the page that a form stands on, as far as the browser says; `/` when it does not.
pub(super) fn came_from(req: &HttpRequest) -> &str {
    let header = |name: &str| req.headers().get(name)?.to_str().ok();
    let page = header("hx-current-url").or_else(|| header("referer"));
    let after_scheme = page.and_then(|page| page.split_once("://"));
    let rest = after_scheme.map_or("", |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

/// A page that can be shown once something else was done: there first, and then back.
fn detour(req: &HttpRequest, error: &AppError) -> Option<HttpResponse<BoxBody>> {
    if !origin::is_safe(req.method()) || Form::of(req) != Form::Page {
        return None;
    }
    let there = req
        .uri()
        .path_and_query()
        .map_or("/", |there| there.as_str());
    let to = error::detour(error, there)?;
    let mut response = HttpResponse::build(StatusCode::SEE_OTHER);
    Some(response.insert_header((header::LOCATION, to)).finish())
}

fn render(req: &HttpRequest, status: StatusCode, problem: &Problem) -> HttpResponse<BoxBody> {
    let (kind, body) = match Form::of(req) {
        Form::Json => ("application/problem+json", Ok(error::json(problem))),
        Form::Fragment => (
            "text/html; charset=utf-8",
            ErrorFragment { problem }.render(),
        ),
        Form::Page => ("text/html; charset=utf-8", page(req, problem)),
    };
    let body = body.unwrap_or_else(|_| problem.title.clone());
    let mut response = HttpResponse::build(status);
    response
        .content_type(kind)
        .insert_header((header::VARY, "HX-Request-Type"));
    response.body(body)
}

/// Inside the shell for who is signed in, at the door for anyone else.
fn page(req: &HttpRequest, problem: &Problem) -> askama::Result<String> {
    let state = req.app_data::<web::Data<AppState>>();
    match (state, MaybeUser::of(req).0) {
        (Some(state), Some(user)) => {
            let shell = user
                .shell(req, state)
                .page(Page::None, problem.title.as_str());
            ErrorPage {
                shell: &shell,
                problem,
            }
            .render()
        }
        _ => {
            let door = Door::new(req, problem.title.as_str());
            ErrorDoor {
                door: &door,
                problem,
            }
            .render()
        }
    }
}

/// Changes, refusals and slow answers are told; pages that were simply shown only on request.
fn note(req: &HttpRequest, status: StatusCode, info: &RequestInfo, started: Instant) {
    let loud =
        !origin::is_safe(req.method()) || status.is_client_error() || status.is_server_error();
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (method, status) = (req.method().as_str(), status.as_u16());
    if loud || millis > SLOW_MS {
        tracing::info!(request_id = %info.id, method, path = %req.path(), status, millis, address = %info.address, "request");
    } else {
        tracing::debug!(request_id = %info.id, method, path = %req.path(), status, millis, address = %info.address, "request");
    }
}
