//! What goes wrong on the way to an answer, and the three forms in which it is told.

use crate::domain::agent_form::FieldErrors;
use crate::store::StoreError;
use crate::web::problem::Problem;
use crate::web::sessions::local_path;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde_json::json;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

type Cause = Box<dyn StdError + Send + Sync>;

/// Why a request is not answered with what it asked for. Handlers return it; the outermost layer
/// turns it into a page, a fragment or problem details.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such thing, or the caller may not know of it.
    #[error("not found")]
    NotFound,
    #[error("method not allowed")]
    MethodNotAllowed {
        /// The methods that the address knows.
        allow: String,
    },
    /// Nobody is signed in, or no token was sent.
    #[error("not signed in")]
    SignIn,
    #[error("forbidden")]
    Forbidden,
    /// The same, but not because the role lacks it.
    #[error("forbidden: {0}")]
    Barred(Bar),
    /// A one-time link that was used, is past its time, or never was one.
    #[error("no usable link")]
    LinkOver,
    /// Sensitive, and the person last proved who they are too long ago.
    #[error("to be confirmed")]
    Confirm,
    /// The role needs a second factor, and the person has none.
    #[error("a second factor is missing")]
    AddFactor,
    /// A page of another site sent it.
    #[error("not from this site")]
    CrossOrigin,
    /// The request makes no sense; the text says why, for people.
    #[error("bad request: {0}")]
    BadRequest(String),
    #[error("changed by someone else")]
    Conflict,
    /// A value that must be unique is in use.
    #[error("{0} is already in use")]
    Taken(String),
    /// A change without the version that it is based on.
    #[error("no version given")]
    VersionRequired,
    #[error("too large")]
    TooLarge,
    /// Well formed, but it can't be done; the text says why, for people.
    #[error("refused: {0}")]
    Invalid(String),
    /// Fields that can't be saved as they are.
    #[error("fields refused")]
    Fields(FieldErrors),
    #[error("too many tries")]
    TooMany { retry_after: Duration },
    /// Something that we need is away; trying again helps.
    #[error("unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// Our fault.
    #[error("internal error: {0}")]
    Internal(#[source] Cause),
}

/// What stands in the way of someone whose role includes it, in words for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bar {
    #[error("Your rights hold on groups alone, and this takes rights on everyone.")]
    Scope,
    #[error("This person has rights that you don’t have. Someone who has them can do it.")]
    MoreRights,
    #[error("That would give rights that you don’t have. Someone who has them can do it.")]
    GivesMore,
    #[error("This token has rights that you don’t have. Someone who has them can end it.")]
    TokenHasMore,
}

impl AppError {
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    pub fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::LinkOver => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden
            | Self::Barred(_)
            | Self::Confirm
            | Self::AddFactor
            | Self::CrossOrigin => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Conflict | Self::Taken(_) => StatusCode::CONFLICT,
            Self::VersionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid(_) | Self::Fields(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Stale => Self::Conflict,
            StoreError::Taken(taken) => Self::Taken(taken.to_string()),
            StoreError::Unavailable(_) => Self::unavailable(error),
            StoreError::Broken(_) => Self::internal(error),
        }
    }
}

impl From<FieldErrors> for AppError {
    fn from(errors: FieldErrors) -> Self {
        Self::Fields(errors)
    }
}

impl From<actix_web::error::BlockingError> for AppError {
    fn from(error: actix_web::error::BlockingError) -> Self {
        Self::unavailable(error)
    }
}

impl From<askama::Error> for AppError {
    fn from(error: askama::Error) -> Self {
        Self::internal(error)
    }
}

impl From<getrandom::Error> for AppError {
    fn from(error: getrandom::Error) -> Self {
        Self::internal(error)
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Bare: the outermost layer, which knows the request, writes the body.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}

/// How the asker wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Page,
    /// A piece of a page that is already open.
    Fragment,
    Json,
}

impl Form {
    pub fn of(req: &HttpRequest) -> Self {
        let header = |name: &str| {
            req.headers()
                .get(name)
                .and_then(|v| v.to_str().ok())
                .unwrap_or_default()
        };
        let accept = header("accept");
        if req.path().starts_with("/api/")
            || (accept.contains("json") && !accept.contains("text/html"))
        {
            Self::Json
        } else if header("hx-request-type") == "partial" {
            Self::Fragment
        } else {
            Self::Page
        }
    }
}

/// An error in words for people: opaque where it is our fault. `there`: the page that the request came from.
pub fn problem(error: &AppError, request_id: &str, there: &str) -> Problem {
    let problem = Problem::new(error.status().as_u16(), request_id);
    match error {
        AppError::BadRequest(why) | AppError::Invalid(why) => problem.text(why.as_str()),
        AppError::Barred(why) => problem.text(why.to_string()),
        AppError::Fields(errors) => problem.fields(errors),
        AppError::LinkOver => problem
            .title("This link doesn’t work any more")
            .text("A link works once and for a time, and a newer one ends it. If the password is chosen already, sign in; else ask an administrator for another link.")
            .link("/sign-in", "Go to sign-in"),
        AppError::Confirm => problem
            .title("Is it you?")
            .text("It is a while since you signed in, and this is a sensitive matter. Nothing was changed: type your password again, then repeat it.")
            .link(local_path::confirm_url(there), "Type the password"),
        AppError::AddFactor => problem
            .title("Add a second factor first")
            .text("Your role needs one. It takes a minute, with an authenticator app on your phone.")
            .link("/account/factor", "Add it now"),
        AppError::CrossOrigin => problem
            .title("This came from another site")
            .text("Nothing was changed. Open the page here and try again."),
        AppError::Taken(_) => problem
            .title("Already in use")
            .text("That value is already in use."),
        AppError::VersionRequired => problem
            .title("Which version is this based on?")
            .text("Send If-Match or a version with every change."),
        AppError::TooMany { retry_after } => {
            problem.text(format!("Try again in {}.", span(*retry_after)))
        }
        AppError::NotFound
        | AppError::MethodNotAllowed { .. }
        | AppError::SignIn
        | AppError::Forbidden
        | AppError::Conflict
        | AppError::TooLarge
        | AppError::Unavailable(_)
        | AppError::Internal(_) => problem,
    }
}

/// Where to go first, when the asker wanted a page that can be shown afterwards.
pub fn detour(error: &AppError, there: &str) -> Option<String> {
    match error {
        AppError::Confirm => Some(local_path::confirm_url(there)),
        AppError::AddFactor => Some("/account/factor".to_owned()),
        AppError::NotFound
        | AppError::MethodNotAllowed { .. }
        | AppError::SignIn
        | AppError::Forbidden
        | AppError::Barred(_)
        | AppError::LinkOver
        | AppError::CrossOrigin
        | AppError::BadRequest(_)
        | AppError::Conflict
        | AppError::Taken(_)
        | AppError::VersionRequired
        | AppError::TooLarge
        | AppError::Invalid(_)
        | AppError::Fields(_)
        | AppError::TooMany { .. }
        | AppError::Unavailable(_)
        | AppError::Internal(_) => None,
    }
}

/// RFC 9457 problem details; `errors` names each field that is wrong.
pub fn json(problem: &Problem) -> String {
    let mut details = json!({
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.text,
        "request_id": problem.request_id,
    });
    if !problem.fields.is_empty() {
        let errors = problem.fields.iter();
        details["errors"] = errors
            .map(|(field, message)| json!({ "field": field, "message": message }))
            .collect();
    }
    details.to_string()
}

/// Headers that belong to an error whatever its form.
pub fn add_headers(error: &AppError, headers: &mut HeaderMap) {
    match error {
        AppError::TooMany { retry_after } => {
            headers.insert(
                header::RETRY_AFTER,
                HeaderValue::from(retry_after.as_secs().max(1)),
            );
        }
        AppError::Unavailable(_) => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(5));
        }
        AppError::MethodNotAllowed { allow } => {
            if let Ok(allow) = HeaderValue::from_str(allow) {
                headers.insert(header::ALLOW, allow);
            }
        }
        AppError::SignIn => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        AppError::NotFound
        | AppError::Forbidden
        | AppError::Barred(_)
        | AppError::LinkOver
        | AppError::Confirm
        | AppError::AddFactor
        | AppError::CrossOrigin
        | AppError::BadRequest(_)
        | AppError::Conflict
        | AppError::Taken(_)
        | AppError::VersionRequired
        | AppError::TooLarge
        | AppError::Invalid(_)
        | AppError::Fields(_)
        | AppError::Internal(_) => {}
    }
}

/// A waiting time in words: `8 seconds`, `2 minutes`.
pub fn span(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    match seconds {
        0 | 1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// An error with everything behind it, on one line for the log.
pub struct Chain<'a>(pub &'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}
