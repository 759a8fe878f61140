//! `GET /users/{id}/acts`: what can be done to a user's agent and web login, each apart; `POST` does it.

use super::{back, id, rules};
use crate::domain::act::{Act, Refusal, Until};
use crate::domain::agent::words;
use crate::domain::authority::Denied;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::person::WebLoginStatus;
use crate::domain::role::{Permission, Rights};
use crate::domain::status::AdminState;
use crate::domain::text::Reason;
use crate::floor::{Picture, UserRow};
use crate::store::agent::{ActOutcome, act as act_on_agent};
use crate::store::user::access::{self, AccessAct, Done};
use crate::store::user::remove;
use crate::store::user::{Facts, facts};
use crate::web::agents::acts::into_dialog;
use crate::web::agents::acts::words::counted;
use crate::web::error::{AppError, Bar, Form};
use crate::web::extract::{By, CurrentUser, Partial, Posted};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::sessions::proof;
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

const FIELDS: [&str; 3] = ["act", "reason", "back"];

/// The page without script.
#[derive(Template)]
#[template(path = "users/acts.html")]
struct ActsPage<'a> {
    shell: &'a Shell,
    acts: &'a ActsView,
    dialog: bool,
}

/// The same form in a dialog.
#[derive(Template)]
#[template(path = "users/acts_dialog.html")]
struct ActsDialog<'a> {
    acts: &'a ActsView,
    dialog: bool,
}

/// Only the form, after a fault, for the dialog that is open.
#[derive(Template)]
#[template(path = "users/acts_form.html")]
struct ActsForm<'a> {
    acts: &'a ActsView,
    dialog: bool,
}

/// The form, ready to print.
struct ActsView {
    id: i64,
    who: String,
    choices: Vec<Choice>,
    reason: String,
    back: String,
    /// Where an agent is blocked until a time, paused and more; empty without an agent.
    more_href: String,
    act_error: String,
    reason_error: String,
}

words!(/// What is done to the agent from here; the page of the agent knows more.
AgentAct { Enable = "enable", Disable = "disable", Block = "block" });

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UserAct {
    Agent(AgentAct),
    Access(AccessAct),
    Delete,
}

struct Choice {
    word: &'static str,
    label: &'static str,
    /// What it brings about; begins in lower case.
    effect: String,
    chosen: bool,
}

impl UserAct {
    fn word(self) -> &'static str {
        match self {
            Self::Agent(act) => act.word(),
            Self::Access(act) => act.word(),
            Self::Delete => "delete",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Agent(AgentAct::Disable) => "Disable the agent",
            Self::Agent(AgentAct::Block) => "Block calls to the agent",
            Self::Agent(AgentAct::Enable) => "Enable the agent",
            Self::Access(AccessAct::Block) => "Block the web login",
            Self::Access(AccessAct::Unblock) => "Unblock the web login",
            Self::Access(AccessAct::Unlock) => "Unlock the web login",
            Self::Access(AccessAct::ResetFactor) => "Reset the second factor",
            Self::Delete => "Delete the user",
        }
    }
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let query = Posted::read_query(&req, &["act", "back"])?;
    let view = view(&state, &user, id, query.one("act"), query.one("back")).await?;
    answer(&req, &state, &user, &view, partial, StatusCode::OK)
}

pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    Partial(partial): Partial,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let posted = Posted::read(&req, &body, &FIELDS, &[])?;
    rules::find_to_change(
        &state.floor.picture(),
        &user.rights(),
        id,
        state.clock.now(),
    )?;
    let act = parse(posted.one("act"));
    let reason = match posted.one("reason").trim() {
        "" => Ok(None),
        text => Reason::parse(text).map(Some),
    };
    let (act, reason) = match (act, reason) {
        (Some(act), Ok(reason)) => (act, reason),
        (act, reason) => {
            let (asked, to) = (posted.one("act"), posted.one("back"));
            let mut view = view(&state, &user, id, asked, to).await?;
            view.reason = posted.one("reason").to_owned();
            if act.is_none() {
                view.act_error = "Choose what to do.".to_owned();
            }
            if let Err(why) = reason {
                view.reason_error = format!("The reason {why}.");
            }
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return answer(&req, &state, &user, &view, partial, status);
        }
    };
    let back = match act {
        // The page of who is deleted is gone.
        UserAct::Delete => match back(posted.one("back")) {
            path if path.starts_with("/users/") => "/users".to_owned(),
            path => path,
        },
        UserAct::Agent(_) | UserAct::Access(_) => back(posted.one("back")),
    };
    let operation = perform(&state, &user, by, id, act, reason).await?;
    Ok(tell(&req, &back, operation.as_deref()))
}

/// `DELETE /users/{id}`: takes the user away, with the agent where there is one.
pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let posted = Posted::read(&req, &body, &["back"], &[])?;
    let back = match back(posted.one("back")) {
        path if path.starts_with("/users/") => "/users".to_owned(),
        path => path,
    };
    let operation = perform(&state, &user, by, id, UserAct::Delete, None).await?;
    Ok(tell(&req, &back, operation.as_deref()))
}

fn parse(word: &str) -> Option<UserAct> {
    match word {
        "delete" => Some(UserAct::Delete),
        word => {
            let agent = word.parse().map(UserAct::Agent);
            agent.or_else(|_| word.parse().map(UserAct::Access)).ok()
        }
    }
}

/// Does it; the operation, or None when it was so already.
async fn perform(
    state: &web::Data<AppState>,
    user: &CurrentUser,
    by: By,
    id: UserId,
    act: UserAct,
    reason: Option<Reason>,
) -> Result<Option<String>, AppError> {
    let rights = user.rights();
    let done = match act {
        UserAct::Agent(wanted) => {
            let act = match wanted {
                AgentAct::Block => Act::Block {
                    reason,
                    until: Until::Lifted,
                },
                AgentAct::Disable => Act::Disable {
                    reason,
                    until: Until::Lifted,
                },
                AgentAct::Enable => Act::Enable { only: None },
            };
            if !rights.may(act.kind().needs()) {
                return Err(AppError::Forbidden);
            }
            let write = move |tx: &mut crate::store::Tx<'_>| act_on_agent(tx, &rights, &[id], &act);
            let outcome = state.floor.write(by.0, write).await?;
            return of_agent(&outcome);
        }
        UserAct::Access(act) => {
            if act == AccessAct::ResetFactor {
                proof::require_recent(state, user)?;
            }
            let write = move |tx: &mut crate::store::Tx<'_>| {
                let reason = reason.as_ref().map(Reason::as_str);
                access::act(tx, &rights, id, act, reason)
            };
            state.floor.write(by.0, write).await?
        }
        UserAct::Delete => {
            let write = move |tx: &mut crate::store::Tx<'_>| remove::delete(tx, &rights, id, None);
            state.floor.write(by.0, write).await?
        }
    };
    match done {
        Done::Done(operation) => Ok(Some(operation)),
        Done::Unchanged => Ok(None),
        Done::Denied(denied) => Err(refusal(denied)),
    }
}

/// Why it was not done, in the form that the asker understands.
pub fn refusal(denied: Denied) -> AppError {
    match denied {
        Denied::NoRight => AppError::Forbidden,
        Denied::MoreRights => AppError::Barred(Bar::MoreRights),
        Denied::GivesMore => AppError::Barred(Bar::GivesMore),
        Denied::Yourself | Denied::LastAdmin => AppError::Invalid(denied.to_string()),
    }
}

fn of_agent(outcome: &ActOutcome) -> Result<Option<String>, AppError> {
    match outcome.refused.first() {
        None => Ok((outcome.done > 0).then(|| outcome.operation.clone())),
        Some((_, Refusal::NotFound)) => Err(AppError::NotFound),
        Some((_, Refusal::MoreRights)) => Err(AppError::Barred(Bar::MoreRights)),
        Some((_, why)) => Err(AppError::Invalid(format!("This user {why}."))),
    }
}

/// Back to where the form came from, with what was done; plain data for programs.
pub fn tell(req: &HttpRequest, back: &str, operation: Option<&str>) -> HttpResponse {
    let value = operation.unwrap_or(flash::UNCHANGED);
    match Form::of(req) {
        Form::Json => HttpResponse::Ok().json(json!({ "operation": operation })),
        Form::Page => flash::back_to(back, value, req),
        Form::Fragment => flash::read_again(back, value, req),
    }
}

async fn view(
    state: &web::Data<AppState>,
    user: &CurrentUser,
    id: UserId,
    asked: &str,
    to: &str,
) -> Result<ActsView, AppError> {
    let known = state.read(move |conn| facts(conn, id)).await?;
    let known = known.ok_or(AppError::NotFound)?;
    let picture = state.floor.picture();
    let row = rules::find_to_change(&picture, &user.rights(), id, state.clock.now())?;
    let back = back(to);
    let acts = offered(&row, &known, &user.rights());
    let asked = parse(asked).filter(|act| acts.contains(act));
    let chosen = asked.or_else(|| acts.first().copied());
    let choice = |act: &UserAct| Choice {
        word: act.word(),
        label: act.label(),
        effect: effect(&picture, &row, *act),
        chosen: Some(*act) == chosen,
    };
    let agent = row.agent.is_some() && user.may(Permission::AgentsState);
    let query = serde_urlencoded::to_string([("back", &back)]).map_err(AppError::internal)?;
    Ok(ActsView {
        id: id.0,
        who: row.person.name.to_string(),
        choices: acts.iter().map(choice).collect(),
        reason: String::new(),
        more_href: match agent {
            true => format!("/agents/{}/acts?{query}", AgentId::of(id)),
            false => String::new(),
        },
        back,
        act_error: String::new(),
        reason_error: String::new(),
    })
}

/// What makes sense now and the doer may do: of the agent, of the web login, of both.
fn offered(row: &UserRow<'_>, known: &Facts, rights: &Rights) -> Vec<UserAct> {
    let mut acts = Vec::new();
    if let Some(facet) = row
        .agent
        .as_ref()
        .filter(|_| rights.may(&[Permission::AgentsState]))
    {
        let state = facet.agent.admin.state;
        if state != AdminState::Enabled {
            acts.push(UserAct::Agent(AgentAct::Enable));
        }
        if state != AdminState::Disabled {
            acts.push(UserAct::Agent(AgentAct::Disable));
        }
        if state != AdminState::Blocked {
            acts.push(UserAct::Agent(AgentAct::Block));
        }
    }
    match row.web_login {
        WebLoginStatus::Allowed => acts.push(UserAct::Access(AccessAct::Block)),
        WebLoginStatus::Locked => acts.extend([
            UserAct::Access(AccessAct::Unlock),
            UserAct::Access(AccessAct::Block),
        ]),
        WebLoginStatus::Blocked => acts.push(UserAct::Access(AccessAct::Unblock)),
        WebLoginStatus::None => {}
    }
    if known.has_factor {
        acts.push(UserAct::Access(AccessAct::ResetFactor));
    }
    if row.agent.is_none() || rights.may(&[Permission::AgentsDelete]) {
        acts.push(UserAct::Delete);
    }
    acts
}

fn effect(picture: &Picture, row: &UserRow<'_>, act: UserAct) -> String {
    match act {
        UserAct::Agent(AgentAct::Disable) => {
            "no calls in or out, emergency calls excepted".to_owned()
        }
        UserAct::Agent(AgentAct::Block) => "none come in, can call out".to_owned(),
        UserAct::Agent(AgentAct::Enable) => "calls come in and go out again".to_owned(),
        UserAct::Access(AccessAct::Block) => match row.agent {
            Some(_) => "signed out everywhere at once, and can’t sign in; calls go on".to_owned(),
            None => "signed out everywhere at once, and can’t sign in".to_owned(),
        },
        UserAct::Access(AccessAct::Unblock) => "signs in again with the same password".to_owned(),
        UserAct::Access(AccessAct::Unlock) => {
            "ends the wait after wrong passwords at once".to_owned()
        }
        UserAct::Access(AccessAct::ResetFactor) => {
            "signed out everywhere; signs in with the password alone until another one is set"
                .to_owned()
        }
        UserAct::Delete => {
            let days = usize::from(picture.install().quarantine_days);
            let gone = match row.agent {
                Some(_) => "the user and the agent leave every list",
                None => "leaves every list",
            };
            format!(
                "{gone}; Deleted brings them back. User ID, email and intercom stay reserved for {}.",
                counted(days, "day", "days")
            )
        }
    }
}

/// The form as a page, as a dialog, or alone where a dialog is open and something is wrong.
fn answer(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    acts: &ActsView,
    partial: bool,
    status: StatusCode,
) -> Result<HttpResponse, AppError> {
    let dialog = true;
    if partial && status != StatusCode::OK {
        return Ok(page::html(status, render(&ActsForm { acts, dialog })?));
    }
    if partial {
        let mut response = page::html(status, render(&ActsDialog { acts, dialog })?);
        into_dialog(&mut response);
        return Ok(response);
    }
    let title = format!("Act on {}", acts.who);
    let shell = user.shell(req, state).page(shell::Page::Users, title);
    let page = ActsPage {
        shell: &shell,
        acts,
        dialog: false,
    };
    Ok(page::html(status, render(&page)?))
}
