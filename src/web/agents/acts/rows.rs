//! The rows of the page that somebody acted from, as they are now, so that nobody waits for the stream.

use crate::domain::filter::AgentFilter;
use crate::domain::ids::{AgentId, UserId};
use crate::web::agents::links::Query;
use crate::web::agents::list;
use crate::web::agents::live_view::{AgentsLive, Drift};
use crate::web::agents::preferences::Choice;
use crate::web::agents::present::Reader;
use crate::web::agents::view::Can;
use crate::web::days;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::page::render;
use crate::web::state::AppState;
use actix_web::{HttpRequest, web};
use std::collections::HashSet;
use std::fmt::Write as _;

/// Parts for the rows of these agents on the list that the request came from; nothing elsewhere. `deleted`:
/// the rows of those who are gone go too.
pub async fn rows(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    ids: &[UserId],
    deleted: bool,
) -> Result<String, AppError> {
    let Some(query) = list_query(req) else {
        return Ok(String::new());
    };
    let Ok(filter) = AgentFilter::parse(&query) else {
        return Ok(String::new());
    };
    let now = state.clock.now();
    let span = days::span(state.floor.picture().install(), &filter, now);
    let older = days::load(state, span).await?;
    let wanted: HashSet<UserId> = ids.iter().copied().collect();
    let picture = state.floor.picture();
    let page = picture.page(&filter, &user.scope, span, &older);
    let reader = Reader::of(&picture, user, filter.days, now);
    let cols = Choice::of(&user.preferences).cols;
    // The page that is open may be older than the list: rows that have moved elsewhere change too.
    let rows: Vec<_> = ids
        .iter()
        .take(MOST)
        .filter_map(|&id| picture.row(id, &user.scope, span, &older))
        .collect();
    let rows = state
        .rows
        .take(&reader, cols, Can::of(user.permissions), &rows)?;
    let in_place = page
        .rows
        .iter()
        .filter(|row| wanted.contains(&row.person.id))
        .count()
        == rows.len();
    let tabs = list::tabs(&page);
    let mut html = render(&AgentsLive {
        rows: &rows,
        cols,
        tabs: &tabs,
        totals: None,
        drift: match in_place {
            true => Drift::None,
            false => Drift::Order,
        },
        here: &Query::from(&filter).href(),
    })?;
    if deleted {
        for id in ids
            .iter()
            .take(MOST)
            .filter(|id| picture.status_of(**id).is_none())
        {
            let id = AgentId::of(*id);
            let _ = write!(
                html,
                "<hx-partial data-hx-target=\"#agent-{id}\" data-hx-swap=\"delete\"></hx-partial>"
            );
        }
    }
    Ok(html)
}

/// Has the list that is open read again: for agents who have no row in it yet.
pub fn list_again(req: &HttpRequest) -> String {
    let filter = list_query(req).and_then(|query| AgentFilter::parse(&query).ok());
    let Some(filter) = filter else {
        return String::new();
    };
    let here = filter.link("/agents").replace('&', "&amp;");
    format!(
        "<hx-partial data-hx-target=\"#order-changed\" data-hx-swap=\"outerMorph\">\
         <p class=\"order\" id=\"order-changed\" data-hx-get=\"{here}\" data-hx-trigger=\"load\" \
         data-hx-target=\"#agents-list\" data-hx-swap=\"outerMorph show:none\"></p></hx-partial>"
    )
}

/// A page has no more rows.
const MOST: usize = 250;

/// The query of the list that is open in the browser.
fn list_query(req: &HttpRequest) -> Option<String> {
    let url = req.headers().get("hx-current-url")?.to_str().ok()?;
    let path = url
        .split_once("://")
        .map_or(url, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let path = path.split('#').next().unwrap_or(path);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    (path == "/agents").then(|| query.to_owned())
}
