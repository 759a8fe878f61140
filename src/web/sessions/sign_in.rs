//! `GET` and `POST /sign-in`.

use super::cookie;
use super::hasher::Verdict;
use super::local_path::local;
use super::password_link;
use super::second_step;
use super::secret::{self, SecretHash};
use crate::domain::audit::{Actor, ActorKind};
use crate::domain::ids::UserId;
use crate::domain::password;
use crate::domain::refusal::Refusal;
use crate::domain::text::LoginId;
use crate::store::Tx;
use crate::store::factor::Proof;
use crate::store::session::NewSession;
use crate::store::sign_in::{self, Credentials};
use crate::web::error::{AppError, span};
use crate::web::extract::{MaybeUser, nobody};
use crate::web::middleware::request_info::RequestInfo;
use crate::web::sessions::view::{DemoSignIn, SignInPage};
use crate::web::shell::Door;
use crate::web::state::AppState;
use actix_web::cookie::Cookie;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::net::IpAddr;
use std::time::{Duration, Instant};
use tokio::time::sleep_until;

/// The same for a name that nobody has, a wrong password and a blocked login.
const REFUSED: &str = "That user ID and password don’t go together. Check both and try again.";
/// Longer than a check of a password takes on most machines.
const EVEN: Duration = Duration::from_millis(40);
const NOT_SET_UP: &str =
    "This install waits to be set up: open the link that the server printed when it started.";

#[derive(Deserialize)]
pub struct Arriving {
    #[serde(default)]
    next: String,
    /// `password`: one was just chosen.
    #[serde(default)]
    done: String,
}

#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    login_id: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    info: web::ReqData<std::rc::Rc<RequestInfo>>,
    user: MaybeUser,
    arriving: web::Query<Arriving>,
) -> Result<HttpResponse, AppError> {
    if user.0.is_some() {
        return Ok(see_other(local(&arriving.next)));
    }
    Answer {
        req: &req,
        state: &state,
        info: &info,
        login_id: "",
        next: &arriving.next,
        has_chosen: arriving.done == "password",
    }
    .page(StatusCode::OK, "")
}

/// A refusal is answered at an even time after the question: someone who exists costs the database a little
/// more than nobody does, and that is not to be measured.
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    info: web::ReqData<std::rc::Rc<RequestInfo>>,
    form: web::Form<SignInForm>,
) -> Result<HttpResponse, AppError> {
    let began = Instant::now();
    let answer = answer(&req, &state, &info, form.into_inner()).await;
    let welcome =
        |answer: &HttpResponse| answer.status().is_success() || answer.status().is_redirection();
    if !answer.as_ref().is_ok_and(welcome) {
        let ticks = began.elapsed().as_micros() / EVEN.as_micros() + 1;
        sleep_until((began + EVEN * u32::try_from(ticks).unwrap_or(0)).into()).await;
    }
    answer
}

async fn answer(
    req: &HttpRequest,
    state: &AppState,
    info: &RequestInfo,
    form: SignInForm,
) -> Result<HttpResponse, AppError> {
    let SignInForm {
        login_id,
        password,
        next,
    } = form;
    let answer = Answer {
        req,
        state,
        info,
        login_id: &login_id,
        next: &next,
        has_chosen: false,
    };
    if !info.is_private() {
        return answer.page(StatusCode::FORBIDDEN, "");
    }
    let account = LoginId::claim_of(&login_id);
    if let Err(wait) = state.throttle.take(info.address, &account) {
        return answer.wait(wait);
    }
    let wanted = login_id.clone();
    let known = state.read(move |conn| sign_in::find(conn, &wanted)).await?;
    let now = state.clock.now();
    let locked = match &known {
        Some(known) => known.locked_until,
        None => state.throttle.stranger_locked_until(&account),
    };
    if let Some(until) = locked.filter(|until| *until > now) {
        return answer.wait(Duration::from_micros(until.since(now).unsigned_abs()));
    }
    let stands_alone = password::stands_alone(&password);
    let hash = known
        .as_ref()
        .filter(|known| is_welcome(known, info.address))
        .and_then(|k| k.password_hash.clone());
    match (state.hasher.verify(password, hash).await?, known) {
        (Verdict::Right { renewed }, Some(known)) => {
            let known = rehash(state, info, known, renewed).await?;
            if known.factor.is_some() {
                return second_step::ask(req, state, &known, &next);
            }
            if !stands_alone {
                return password_link::lead_to(state, info, known).await;
            }
            match begin(req, state, info, known, None).await? {
                Some(cookie) => Ok(welcome(&next, cookie)),
                None => answer.page(StatusCode::UNPROCESSABLE_ENTITY, REFUSED),
            }
        }
        (Verdict::Right { .. } | Verdict::Wrong, known) => {
            if known.is_none() {
                state.throttle.stranger_failed(&account, now);
            }
            // The name as typed may be a password in the wrong field, so only its beginning is kept.
            let typed: String = login_id.chars().take(64).collect();
            let by = nobody(info);
            let address = info.address;
            let write = move |tx: &mut Tx<'_>| match &known {
                Some(known) => sign_in::refuse(tx, known, refusal(known, address)),
                None => sign_in::refuse_stranger(tx, &typed),
            };
            state.floor.write(by, write).await?;
            answer.page(StatusCode::UNPROCESSABLE_ENTITY, REFUSED)
        }
    }
}

/// Keeps the renewed hash of a password that was right.
async fn rehash(
    state: &AppState,
    info: &RequestInfo,
    mut known: Credentials,
    renewed: Option<String>,
) -> Result<Credentials, AppError> {
    if let (Some(new), Some(old)) = (renewed, known.password_hash.clone()) {
        known.password_hash = Some(new.clone());
        let (user, by) = (known.user, as_user(known.user, &known.name, info));
        let write = move |tx: &mut Tx<'_>| sign_in::rehash(tx, user, &old, &new);
        state.floor.write(by, write).await?;
    }
    Ok(known)
}

/// On to where someone wanted to go, signed in.
pub(super) fn welcome(next: &str, cookie: Cookie<'static>) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, local(next)))
        .cookie(cookie)
        .finish()
}

/// Begins a session for someone who has proved who they are; the cookie carries its key. `None` when the
/// proof of the second factor was used before, or what was proved does not hold any more.
pub async fn begin(
    req: &HttpRequest,
    state: &AppState,
    info: &RequestInfo,
    known: Credentials,
    proof: Option<Proof>,
) -> Result<Option<Cookie<'static>>, AppError> {
    let key = secret::fresh("")?;
    let session = NewSession {
        hash: SecretHash::of(&key).hex(),
        user: known.user,
        address: info.address.to_string(),
        user_agent: user_agent(req),
    };
    let replaced = cookie::key(req.headers(), info).map(|old| SecretHash::of(old).hex());
    let by = as_user(known.user, &known.name, info);
    let accepted = state
        .floor
        .write(by, move |tx| {
            sign_in::accept(tx, &known, &session, replaced.as_deref(), proof.as_ref())
        })
        .await?;
    Ok(accepted.then(|| cookie::set(info, key)))
}

pub fn as_user(user: UserId, name: &str, info: &RequestInfo) -> Actor {
    Actor {
        kind: ActorKind::User,
        id: Some(user.0),
        name: name.to_owned(),
        address: Some(info.address.to_string()),
        request_id: Some(info.id.clone()),
    }
}

/// The web login is allowed, and from this address.
pub(super) fn is_welcome(known: &Credentials, address: IpAddr) -> bool {
    known.allowed && known.allowed_ips.admit(address)
}

/// Why somebody known is kept out, whose password was not found to be right.
fn refusal(known: &Credentials, address: IpAddr) -> Refusal {
    if !known.allowed {
        Refusal::Blocked
    } else if !known.allowed_ips.admit(address) {
        Refusal::Address
    } else if known.password_hash.is_none() {
        Refusal::NoPassword
    } else {
        Refusal::Password
    }
}

fn user_agent(req: &HttpRequest) -> String {
    let text = req
        .headers()
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    text.chars().take(200).collect()
}

fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}

/// What the page shows again after a try.
pub(super) struct Answer<'a> {
    pub req: &'a HttpRequest,
    pub state: &'a AppState,
    pub info: &'a RequestInfo,
    pub login_id: &'a str,
    pub next: &'a str,
    /// A password was just chosen, and is to be used now.
    pub has_chosen: bool,
}

impl Answer<'_> {
    pub fn page(&self, status: StatusCode, message: &str) -> Result<HttpResponse, AppError> {
        let door = Door::new(self.req, "Sign in");
        let login_id: String = self.login_id.chars().take(256).collect();
        let mut page = SignInPage::new(&door).failed(login_id, message);
        page.next = match local(self.next) {
            "/" => String::new(),
            next => next.to_owned(),
        };
        page.has_chosen = self.has_chosen;
        page.warning = self.warning();
        page.by_mail = self.state.floor.picture().install().mail.is_some();
        page.demo = self.state.demo.as_ref().map(|shown| DemoSignIn {
            login_id: shown.login_id.clone(),
            password: shown.password.clone(),
        });
        Ok(HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .body(page.render()?))
    }

    fn wait(&self, wait: Duration) -> Result<HttpResponse, AppError> {
        let response = self.page(StatusCode::TOO_MANY_REQUESTS, &too_many(wait))?;
        Ok(retry_after(response, wait))
    }

    fn warning(&self) -> String {
        if self.info.is_private() {
            let waits = self.state.waits_for_set_up();
            return if waits {
                NOT_SET_UP.to_owned()
            } else {
                String::new()
            };
        }
        https_is_needed(self.state)
    }
}

pub(in crate::web) fn too_many(wait: Duration) -> String {
    format!("Too many tries. Wait {}, then try again.", span(wait))
}

pub(in crate::web) fn retry_after(mut response: HttpResponse, wait: Duration) -> HttpResponse {
    let seconds = wait.as_secs() + 1;
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    response
}

/// Why signing in is refused over plain http, and what to do about it.
fn https_is_needed(state: &AppState) -> String {
    match &state.config.public_url {
        Some(url) if url.https => format!("Signing in needs HTTPS: open {url} instead."),
        Some(_) | None => "Signing in needs HTTPS, because this address is not on the same machine. Start the server \
             with --tls-cert and --tls-key, or put a proxy with HTTPS in front and set public_url and trusted_proxies."
            .to_owned(),
    }
}
