//! `POST /users/{id}/link`: a one-time link with which a user chooses a password, by mail or shown once.

use super::{id, rules};
use crate::domain::authority::Denied;
use crate::domain::ids::UserId;
use crate::domain::mail::LinkReason;
use crate::store::link::{self, Handed};
use crate::store::user::access::may_be_linked;
use crate::store::{StoreError, Tx, mail};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Posted};
use crate::web::page::{self, render};
use crate::web::sessions::{links, proof};
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use crate::web::users::acts::refusal;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// What is shown once, or said to be on its way.
#[derive(Template)]
#[template(path = "users/link.html")]
pub struct LinkPage<'a> {
    shell: &'a Shell,
    who: &'a str,
    id: i64,
    /// The user was just added.
    added: bool,
    handed: &'a Handed,
    life: &'static str,
}

impl<'a> LinkPage<'a> {
    pub fn new(
        shell: &'a Shell,
        who: &'a str,
        id: UserId,
        reason: LinkReason,
        handed: &'a Handed,
    ) -> Self {
        Self {
            shell,
            who,
            id: id.0,
            added: reason == LinkReason::Invitation,
            handed,
            life: reason.life_said(),
        }
    }
}

pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let posted = Posted::read(&req, &body, &["back", "show"], &[])?;
    let who = {
        let picture = state.floor.picture();
        let now = state.clock.now();
        let row = rules::find_to_change(&picture, &user.rights(), id, now)?;
        row.person.name.to_string()
    };
    if proof::require_recent(&state, &user).is_err() {
        return Ok(proof::confirm_first(&format!("/users/{id}")));
    }
    let show = posted.one("show") == "yes";
    let handed = hand_out(&state, &user, by, id, LinkReason::Reset, show).await?;
    let title = format!("Password of {who}");
    let shell = user.shell(&req, &state).page(shell::Page::Users, title);
    let page = LinkPage::new(&shell, &who, id, LinkReason::Reset, &handed);
    Ok(page::html(StatusCode::CREATED, render(&page)?))
}

/// Gives a user whom this person may change a link; older ones end. `show`: instead of sending it, where a letter
/// before it could not be sent.
///
/// # Errors
/// `Forbidden` when the user has more rights, `NotFound` for who may not sign in.
pub async fn hand_out(
    state: &web::Data<AppState>,
    user: &CurrentUser,
    by: By,
    id: UserId,
    reason: LinkReason,
    show: bool,
) -> Result<Handed, AppError> {
    let mut handout = links::handout(state, reason)?;
    let (keeper, rights) = (state.keeper.clone(), user.rights());
    let handed: Result<Handed, Denied> = state
        .floor
        .write(by.0, move |tx| {
            if let Err(denied) = may_be_linked(tx, &rights, id)? {
                return Ok(Err(denied));
            }
            handout.by_mail &= !(show && is_stuck(tx, id)?);
            Ok(Ok(link::hand_out(tx, &keeper, id, &handout)?))
        })
        .await?;
    handed.map_err(refusal)
}

fn is_stuck(tx: &mut Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    let queue = mail::queue(tx.conn, Some(id), tx.now)?;
    Ok(queue.is_some_and(|queue| queue.failure.is_some()))
}
