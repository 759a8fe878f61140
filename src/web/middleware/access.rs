//! Checks, before a handler runs, that whoever asks may do what the routes table says.

use super::request_info::RequestInfo;
use crate::domain::audit::Entry;
use crate::domain::role::Permission;
use crate::web::error::{AppError, Bar, Form};
use crate::web::extract::{Caller, CurrentUser};
use crate::web::middleware::{origin, signed_out};
use crate::web::sessions::cookie;
use crate::web::sessions::local_path::sign_in_url;
use crate::web::state::AppState;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};
use std::rc::Rc;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Whoever is signed in, or holds a token.
    SignedIn,
    /// Whoever has this right.
    Needs(Permission),
    /// Whoever has this right on everything, not on groups of their own alone.
    NeedsAll(Permission),
    /// The same for a stream that stays open by itself: it does not count as using the session.
    Stream(Permission),
    /// This machine, or whoever has this right.
    Local(Permission),
}

/// The methods of one address and who may use each.
pub type Gate = Rc<[(Method, Access)]>;

/// Lets a request through to its handler, or answers in its place.
pub async fn check(
    mut req: ServiceRequest,
    next: Next<BoxBody>,
    gate: Gate,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let method = if req.method() == Method::HEAD {
        &Method::GET
    } else {
        req.method()
    };
    let access = gate
        .iter()
        .find(|(m, _)| m == method)
        .map(|(_, access)| *access);
    let Some(access) = access else {
        // Falls through to "method not allowed", which tells no secrets.
        return next.call(req).await;
    };
    match decide(&req, access).await {
        Ok(None) => next.call(req).await,
        Ok(Some(caller)) => {
            req.extensions_mut().insert(caller.clone());
            let answer = next.call(req).await?;
            match refusal(&answer) {
                None => {}
                Some(why) => write_down(answer.request(), &caller, None, why)?,
            }
            Ok(answer)
        }
        Err(AppError::SignIn) if wants_page(&req, access) => {
            let there = req.uri().path_and_query().map_or("/", |p| p.as_str());
            let answer = HttpResponse::SeeOther()
                .insert_header((header::LOCATION, sign_in_url(there)))
                .finish();
            Ok(req.into_response(answer))
        }
        Err(AppError::SignIn) => match signed_out::page(&mut req).await? {
            Some(answer) => Ok(req.into_response(answer)),
            None => Ok(req.error_response(AppError::SignIn)),
        },
        Err(refused) => Ok(req.error_response(refused)),
    }
}

/// A plain page can be shown after signing in; anything else is told that nobody is signed in.
fn wants_page(req: &ServiceRequest, access: Access) -> bool {
    match access {
        Access::Stream(_) => false,
        Access::Public
        | Access::SignedIn
        | Access::Needs(_)
        | Access::NeedsAll(_)
        | Access::Local(_) => {
            origin::is_safe(req.method()) && Form::of(req.request()) == Form::Page
        }
    }
}

async fn decide(req: &ServiceRequest, access: Access) -> Result<Option<Caller>, AppError> {
    let (needed, counts) = match access {
        Access::Public => return Ok(None),
        Access::Local(_) if info(req.request())?.local => return Ok(None),
        Access::SignedIn => (None, true),
        Access::Needs(permission) | Access::NeedsAll(permission) | Access::Local(permission) => {
            (Some(permission), true)
        }
        Access::Stream(permission) => (Some(permission), false),
    };
    let caller = caller(req.request(), counts)
        .await?
        .ok_or(AppError::SignIn)?;
    if lacks_factor(&caller) && !is_own_account(req.path()) {
        // A stream is no page to come back to.
        return Err(match access {
            Access::Stream(_) => AppError::Forbidden,
            Access::Public
            | Access::SignedIn
            | Access::Needs(_)
            | Access::NeedsAll(_)
            | Access::Local(_) => AppError::AddFactor,
        });
    }
    let everything = matches!(access, Access::NeedsAll(_));
    match needed {
        Some(permission) if !caller.may(permission) => {
            write_down(req.request(), &caller, Some(permission), None)?;
            Err(AppError::Forbidden)
        }
        Some(permission) if everything && !caller.scope().is_all() => {
            let why = Bar::Scope;
            write_down(req.request(), &caller, Some(permission), Some(why))?;
            Err(AppError::Barred(why))
        }
        Some(_) | None => Ok(Some(caller)),
    }
}

/// The person's role needs a second factor that they don't have.
fn lacks_factor(caller: &Caller) -> bool {
    match caller {
        Caller::User(user) => user.must_add_factor,
        Caller::Token(_) => false,
    }
}

/// Where the second factor is added.
fn is_own_account(path: &str) -> bool {
    path == "/account" || path.starts_with("/account/")
}

/// The handler refused what the route let through: someone with more rights, a right that the act needs besides.
/// With what stood in the way, where that is known.
fn refusal(answer: &ServiceResponse<BoxBody>) -> Option<Option<Bar>> {
    let raised = answer.response().error();
    let known = raised.and_then(|error| error.as_error::<AppError>());
    match known {
        Some(AppError::Forbidden) => Some(None),
        Some(AppError::Barred(why)) => Some(Some(*why)),
        Some(_) | None => None,
    }
}

/// A refusal goes to the log and, without holding up the answer, to the audit. `needed`: the right that the route
/// names, where that was missing.
fn write_down(
    req: &HttpRequest,
    caller: &Caller,
    needed: Option<Permission>,
    why: Option<Bar>,
) -> Result<(), AppError> {
    let info = info(req)?;
    let needed = needed.map_or("", Permission::word);
    tracing::info!(request_id = %info.id, path = %req.path(), needed, "refused");
    let floor = state(req)?.floor.clone();
    let (by, path) = (
        caller.actor(&info),
        format!("{} {}", req.method(), req.path()),
    );
    let mut entry = Entry::new("access.refused", "address", None, path);
    if !needed.is_empty() {
        entry = entry.after("needs", needed);
    }
    if let Some(why) = why {
        entry = entry.after("reason", why.to_string());
    }
    actix_web::rt::spawn(async move {
        if let Err(error) = floor.write(by, move |tx| tx.audit(entry)).await {
            tracing::warn!(%error, "a refusal could not be written to the audit log");
        }
    });
    Ok(())
}

/// Who asks, by token or by session. `counts`: as a use of the session.
pub async fn caller(req: &HttpRequest, counts: bool) -> Result<Option<Caller>, AppError> {
    let state = state(req)?;
    if let Some(token) = req.headers().get(header::AUTHORIZATION) {
        let token = token
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Bearer "));
        let known = match token {
            Some(token) => state.tokens.find(token.trim()).await?,
            None => None,
        };
        return Ok(known.map(Caller::Token));
    }
    let info = info(req)?;
    let Some(key) = cookie::key(req.headers(), &info) else {
        return Ok(None);
    };
    let live = match counts {
        true => state.sessions.find(key).await?,
        false => state.sessions.find_unused(key).await?,
    };
    let here = live.filter(|live| live.account.allowed_ips.admit(info.address));
    Ok(here.map(|live| Caller::User(CurrentUser::new(live))))
}

fn info(req: &HttpRequest) -> Result<Rc<RequestInfo>, AppError> {
    req.extensions()
        .get::<Rc<RequestInfo>>()
        .cloned()
        .ok_or_else(|| AppError::internal("no request info"))
}

fn state(req: &HttpRequest) -> Result<&web::Data<AppState>, AppError> {
    req.app_data().ok_or_else(|| AppError::internal("no state"))
}
