//! `GET /api/v1/audit`: the log for programs, newest first, by the query of the page.

use super::paging::{USUAL, limit, told};
use crate::domain::audit::filter::{AuditFilter, Place, Start};
use crate::domain::filter::PerPage;
use crate::domain::query::QueryReader;
use crate::domain::role::Permission;
use crate::domain::show;
use crate::store::audit::{self, Asked, Line};
use crate::web::audit::asked;
use crate::web::audit::export::known;
use crate::web::error::AppError;
use crate::web::extract::Caller;
use crate::web::state::AppState;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

const NAMES: [&str; 2] = ["limit", "cursor"];

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
) -> Result<HttpResponse, AppError> {
    let (filter, limit) = piece(req.query_string())?;
    let reader = match &caller {
        Caller::User(user) => Some(user.id),
        Caller::Token(_) => None,
    };
    let asked = asked(&state, caller.scope(), reader, filter);
    let its_asked = asked.clone();
    let mut page = state
        .read(move |conn| audit::page(conn, &its_asked))
        .await?;
    let more = page.older || page.lines.len() > limit;
    page.lines.truncate(limit);
    let numbers = caller.may(Permission::CustomerNumbers);
    let last = page.lines.last().map(|line| line.place().to_string());
    let data = page.lines.iter().map(|line| shown(line, &asked, numbers));
    Ok(HttpResponse::Ok().json(json!({
        "data": data.collect::<Vec<_>>(),
        "next_cursor": last.filter(|_| more),
    })))
}

/// The filter, beginning behind the cursor, and how many entries are wanted.
fn piece(raw: &str) -> Result<(AuditFilter, usize), AppError> {
    let mut query = QueryReader::new(raw);
    let limit = query.take_as("limit", limit).unwrap_or(USUAL);
    let cursor: Option<Place> =
        query.take_as("cursor", |text| text.parse().map_err(|_| "is no cursor"));
    let mut bad = query.finish(&[]);
    bad.retain(|param| NAMES.contains(&param.name.as_str()));
    let filter = AuditFilter::parse(raw, &NAMES).unwrap_or_else(|query| {
        let others = query.bad.into_iter();
        bad.extend(others.filter(|param| !NAMES.contains(&param.name.as_str())));
        *query.filter
    });
    if !bad.is_empty() {
        return Err(AppError::BadRequest(told(&bad)));
    }
    let filter = AuditFilter {
        per: PerPage::P250,
        ..match cursor {
            Some(place) => filter.at(Start::After(place)),
            None => filter,
        }
    };
    Ok((filter, limit))
}

fn shown(line: &Line, asked: &Asked, numbers: bool) -> Value {
    json!({
        "id": line.id,
        "at": show::rfc3339(line.at),
        "operation": line.operation,
        "by": { "kind": line.actor_kind, "id": line.actor_id, "name": line.actor_name },
        "address": line.address,
        "request_id": line.request_id,
        "action": line.action,
        "about": { "kind": line.subject_kind, "id": line.subject_id, "name": line.subject_name },
        "before": known(&line.before, asked, numbers),
        "after": known(&line.after, asked, numbers),
    })
}
