//! `POST /agents/bulk`: the agents that are ticked, or all that match, and what to do to them.
//!
//! The first press only shows the form, with the effect in words; it fixes who is meant. The second does it.

use super::assign::known;
use super::facts::Facts;
use super::form::{ActErrors, ActForm, FIELDS, MANY};
use super::perform::Answer;
use super::show;
use super::view::ActsView;
use crate::domain::act::{Act, ActKind};
use crate::domain::filter::AgentFilter;
use crate::domain::ids::{AgentId, UserId};
use crate::store::selection;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Partial, Posted};
use crate::web::sessions::proof;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Fields beside those of the act.
const MORE: [&str; 4] = ["all", "filter", "selection", "confirm"];
/// So many can be ticked; a page has fewer.
const MOST_TICKED: usize = 1_000;

pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    Partial(partial): Partial,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let once: Vec<&str> = FIELDS.iter().chain(&MORE).copied().collect();
    let many: Vec<&str> = MANY.iter().chain(&["agent"]).copied().collect();
    let posted = Posted::read(&req, &body, &once, &many)?;
    let chosen = Chosen::of(&state, &user, &by, &posted).await?;
    let form = ActForm::of(&posted);
    let back = show::back(posted.one("back"));
    // Asked at the first press already, before anything is typed that would be lost.
    if form.act == ActKind::Delete.word() && chosen.ids.len() > 1 {
        proof::require_recent(&state, &user)?;
    }
    let (errors, status) = match posted.one("confirm") {
        "yes" => match checked(&state, &user, &form) {
            Ok(act) => {
                let answer = Answer::new(&req, &state, &user, &back);
                return answer.perform(by, &chosen.ids, act).await;
            }
            Err(errors) => (*errors, StatusCode::UNPROCESSABLE_ENTITY),
        },
        "" => (ActErrors::default(), StatusCode::OK),
        _ => {
            return Err(AppError::BadRequest(
                "confirm is yes or nothing.".to_owned(),
            ));
        }
    };
    let facts = Facts::of(&state, &user, &chosen.ids).await?;
    let mut view = ActsView::new(&facts, form, errors, &back);
    // One ticked agent is confirmed here too, so that the form says what it was about.
    view.action = "/agents/bulk".to_owned();
    view.keep = chosen.keep;
    show::answer(&req, &state, &user, &view, partial, status).await
}

/// The act that was meant, with records that can be chosen.
pub fn checked(
    state: &AppState,
    user: &CurrentUser,
    form: &ActForm,
) -> Result<Act, Box<ActErrors>> {
    let now = state.clock.now();
    let picture = state.floor.picture();
    let act = form.check(picture.install(), now)?;
    known(&act, picture.records(), &user.scope)?;
    Ok(act)
}

/// Who is meant, and the hidden fields that say so the next time.
struct Chosen {
    ids: Vec<UserId>,
    keep: Vec<(&'static str, String)>,
}

impl Chosen {
    async fn of(
        state: &AppState,
        user: &CurrentUser,
        by: &By,
        posted: &Posted,
    ) -> Result<Self, AppError> {
        let confirmed = ("confirm", "yes".to_owned());
        let (ids, mut keep) = match (posted.one("selection"), posted.one("all")) {
            ("", "") => ticked(posted)?,
            ("", _) => fix(state, user, by, posted.one("filter")).await?,
            (id, _) => {
                let (key, owner) = (id.to_owned(), user.id);
                let kept = state
                    .read(move |conn| selection::find(conn, &key, owner))
                    .await?;
                let gone = "What was selected is no longer kept: select it again.";
                let ids = kept.ok_or_else(|| AppError::Invalid(gone.to_owned()))?;
                (ids, vec![("selection", id.to_owned())])
            }
        };
        if ids.is_empty() {
            return Err(AppError::Invalid("Select at least one agent.".to_owned()));
        }
        keep.push(confirmed);
        Ok(Self { ids, keep })
    }
}

type Ids = (Vec<UserId>, Vec<(&'static str, String)>);

fn ticked(posted: &Posted) -> Result<Ids, AppError> {
    let mut ids = Vec::new();
    for text in posted.all("agent").filter(|text| !text.is_empty()) {
        let id: AgentId = text
            .parse()
            .map_err(|_| AppError::BadRequest("An agent is named that can't be one.".to_owned()))?;
        ids.push(id.user());
    }
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > MOST_TICKED {
        return Err(AppError::TooLarge);
    }
    let keep = ids
        .iter()
        .map(|id| ("agent", AgentId::of(*id).to_string()))
        .collect();
    Ok((ids, keep))
}

/// Keeps everyone who matches now: whoever comes to match later is not meant, whoever ceases to is.
async fn fix(state: &AppState, user: &CurrentUser, by: &By, filter: &str) -> Result<Ids, AppError> {
    let filter = AgentFilter::parse(filter)
        .map_err(|_| AppError::BadRequest("The filter makes no sense.".to_owned()))?;
    let ids = state.floor.picture().matching(&filter, &user.scope);
    let (owner, kept) = (user.id, ids.clone());
    let id = state
        .floor
        .write(by.0.clone(), move |tx| selection::insert(tx, owner, &kept))
        .await?;
    Ok((ids, vec![("selection", id)]))
}
