//! `GET /departments/{id}`, `/ivrs/{id}` and `/caller-ids/{id}`: one record, what leads to it, what was changed.

use super::department;
use super::noun::{Of, key};
use super::rows::target_cell;
use super::rules;
use super::view::{Fact, Link, ShowPage};
use crate::domain::ids::{CallerIdId, DepartmentId, IvrId};
use crate::domain::role::{Permission, Scope};
use crate::domain::routing::{Field, Noun, Target};
use crate::domain::time::Timestamp;
use crate::floor::Picture;
use crate::store::audit::{self, Lines};
use crate::web::changes::{Change, ChangeReader};
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// So many changes are told.
const CHANGES: usize = 12;

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Of(noun): Of,
    Partial(partial): Partial,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = key(&path)?;
    let (title, _) = rules::find(&state.floor.picture(), noun, id)?;
    let lines = state
        .read(move |conn| audit::of_subject(conn, noun.word(), id, None, CHANGES))
        .await?;
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::Departments, title.clone());
    let (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    let asked = department::Asked {
        req: &req,
        state: &state,
        user: &user,
        shell: &shell,
    };
    let (status, body) = match noun {
        Noun::Department => asked.page(DepartmentId(id), &lines, partial).await?,
        Noun::Ivr | Noun::CallerId => {
            let picture = state.floor.picture();
            let page = ShowPage {
                shell: &shell,
                noun,
                id,
                title,
                may_change: user.scope.is_all() && user.may(noun.permission()),
                facts: facts(&picture, &user, noun, id)?,
                led_by: match noun {
                    Noun::Ivr => led_by(&picture, Target::Ivr(IvrId(id))),
                    Noun::Department | Noun::CallerId => Vec::new(),
                },
                changes: changes(&picture, &user, state.clock.now(), &lines),
            };
            (StatusCode::OK, render(&page)?)
        }
    };
    Ok(flash::cleared(page::html(status, body), flashed, &req))
}

fn facts(
    picture: &Picture,
    user: &CurrentUser,
    noun: Noun,
    id: i64,
) -> Result<Vec<Fact>, AppError> {
    let records = picture.records();
    let plain = |field: Field, text: &str| Fact {
        label: field.label(),
        text: text.to_owned(),
        href: String::new(),
        warn: false,
    };
    Ok(match noun {
        Noun::Department => Vec::new(),
        Noun::Ivr => {
            let ivr = records.ivr(IvrId(id)).ok_or(AppError::NotFound)?;
            vec![
                plain(Field::TransferCode, &ivr.transfer_code),
                plain(Field::DialplanTarget, &ivr.target),
            ]
        }
        Noun::CallerId => {
            let caller_id = records
                .caller_id(CallerIdId(id))
                .ok_or(AppError::NotFound)?;
            let goes_to = target_cell(picture, &user.scope, caller_id.goes_to);
            let users = picture.caller_id_users(&user.scope);
            let users = users.get(&caller_id.id).copied().unwrap_or(0);
            vec![
                plain(Field::Label, &caller_id.label),
                Fact {
                    label: Field::GoesTo.label(),
                    text: goes_to.text,
                    href: goes_to.href,
                    warn: goes_to.warn,
                },
                Fact {
                    label: "Agents who may call with it",
                    text: users.to_string(),
                    href: String::new(),
                    warn: false,
                },
            ]
        }
    })
}

/// The caller ids whose calls go to a place.
pub(super) fn led_by(picture: &Picture, place: Target) -> Vec<Link> {
    let (records, region) = (picture.records(), picture.install().region);
    let here = records.caller_ids().into_iter();
    here.filter(|caller_id| caller_id.goes_to == place)
        .map(|caller_id| {
            let shown = records.caller_id_shown(caller_id.id);
            let number = shown.map_or_else(String::new, |shown| shown.to(region).to_owned());
            let text = match caller_id.label.as_str() {
                "" => number,
                label => format!("{number} ({label})"),
            };
            Link {
                text,
                href: format!("/caller-ids/{}", caller_id.id),
            }
        })
        .collect()
}

/// What was done to the record, in words; for who sees everyone, since it names agents.
pub(super) fn changes(
    picture: &Picture,
    user: &CurrentUser,
    now: Timestamp,
    lines: &Lines,
) -> Vec<Change> {
    if user.scope != Scope::All {
        return Vec::new();
    }
    let install = picture.install();
    let reader = ChangeReader {
        zone: install.calendar.zone,
        region: install.region,
        now,
        scope: &user.scope,
        audit: user.may(Permission::AuditRead),
    };
    lines.lines.iter().map(|line| reader.change(line)).collect()
}
