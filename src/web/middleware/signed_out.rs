//! What is told to someone whose session ended under an open form: nothing was saved, and nothing typed is lost.
//!
//! A browser gives back what was typed only while it keeps the page, which ours forbid. So the answer carries the
//! fields, and they are sent again once the person has signed in beside it.

use super::edge::came_from;
use super::origin;
use crate::web::error::{AppError, Form};
use crate::web::page::{self, render};
use crate::web::problem::Problem;
use crate::web::sessions::local_path::sign_in_url;
use crate::web::shell::Door;
use actix_web::dev::ServiceRequest;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage<'a> {
    door: &'a Door,
    /// Leads back to the page that the form stands on.
    sign_in: String,
    /// Where the form was sent; none when it can't be sent again.
    again: Option<&'a str>,
    fields: &'a [(String, String)],
}

/// The page, for a form that a browser without a session sent.
///
/// # Errors
/// When the page can't be printed.
pub async fn page(req: &mut ServiceRequest) -> Result<Option<HttpResponse>, AppError> {
    if !is_told(req.request()) || Form::of(req.request()) != Form::Page {
        return Ok(None);
    }
    let fields = typed(req).await;
    let req = req.request();
    let action = req.uri().path_and_query().map(|there| there.as_str());
    let page = SignedOutPage {
        door: &Door::new(req, "You are signed out"),
        sign_in: sign_in_url(came_from(req)),
        again: action.filter(|_| fields.is_some()),
        fields: fields.as_deref().unwrap_or_default(),
    };
    let mut answer = page::html(StatusCode::UNAUTHORIZED, render(&page)?);
    let vary = header::HeaderValue::from_static("HX-Request-Type");
    answer.headers_mut().insert(header::VARY, vary);
    Ok(Some(answer))
}

/// The same for a form that htmx sent: it still stands on its page.
pub fn problem(req: &HttpRequest, request_id: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED.as_u16(), request_id)
        .title("You are signed out")
        .text("Nothing was saved, and what you typed is still here: sign in in another tab, then save again.")
        .link(sign_in_url(came_from(req)), "Sign in")
        .beside()
}

/// A change that a browser asked for: a program shows a token, or understands problem details.
pub fn is_told(req: &HttpRequest) -> bool {
    let program = req.headers().contains_key(header::AUTHORIZATION);
    !program && !origin::is_safe(req.method()) && Form::of(req) != Form::Json
}

/// The fields; none when it is no plain form, or has something secret that no page should hold.
async fn typed(req: &mut ServiceRequest) -> Option<Vec<(String, String)>> {
    let kind = req.headers().get(header::CONTENT_TYPE);
    let kind = kind.map_or(Some(""), |kind| kind.to_str().ok())?;
    if !kind.is_empty() && !kind.starts_with("application/x-www-form-urlencoded") {
        return None;
    }
    let body = req.extract::<web::Bytes>().await.ok()?;
    std::str::from_utf8(&body).ok()?;
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).ok()?;
    let secret = |(name, value): &(String, String)| {
        !value.is_empty() && (name.contains("password") || name == "code")
    };
    (!fields.iter().any(secret)).then_some(fields)
}
