//! `/api/v1/departments`, `/api/v1/ivrs` and `/api/v1/caller-ids`: by the rules of the forms, strict about versions.

use super::agents::change::object;
use super::paging::{USUAL, limit, told};
use super::version::Expected;
use crate::domain::agent_form::FieldErrors;
use crate::domain::day_range::DaySpan;
use crate::domain::ids::{AgentId, CallerIdId, DepartmentId, IvrId, UserId};
use crate::domain::query::QueryReader;
use crate::domain::role::Scope;
use crate::domain::routing::filter::ListFilter;
use crate::domain::routing::{Noun, RoutingForm, Target, Values, wrong};
use crate::domain::text::Collation;
use crate::floor::{Picture, Tally};
use crate::store::{StoreError, routing};
use crate::web::error::AppError;
use crate::web::extract::{By, Caller};
use crate::web::routing::rows::Source;
use crate::web::routing::{Of, by_department, key, noun, rules};
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The list: the query of the page, with `limit` and `cursor`.
pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    Of(noun): Of,
) -> Result<HttpResponse, AppError> {
    let (filter, limit, cursor) = piece(noun, req.query_string())?;
    let tallies = match noun {
        Noun::Department => by_department(&state, caller.scope(), span(&state, &filter)).await?,
        Noun::Ivr | Noun::CallerId => HashMap::new(),
    };
    let picture = state.floor.picture();
    let source = Source {
        picture: &picture,
        scope: caller.scope(),
        filter: &filter,
        tallies: &tallies,
        calls: false,
        collation: Collation::new(),
    };
    let (items, _) = source.items();
    let begin = match cursor {
        None => 0,
        Some(id) => {
            let at = items.iter().position(|item| item.row.id == id);
            at.ok_or_else(|| AppError::BadRequest("cursor: is no cursor".to_owned()))? + 1
        }
    };
    let reader = Reader::new(&picture, caller.scope());
    let piece = items.iter().skip(begin).take(limit);
    let shown = piece.map(|item| reader.shown(noun, item.row.id, item.tally));
    let data: Vec<Value> = shown.collect::<Result<_, _>>()?;
    let more = begin + data.len() < items.len();
    let last = items.get((begin + data.len()).saturating_sub(1));
    let next = last.filter(|_| more).map(|item| item.row.id.to_string());
    Ok(HttpResponse::Ok().json(json!({
        "data": data,
        "next_cursor": next,
        "total": items.len(),
    })))
}

fn piece(noun: Noun, raw: &str) -> Result<(ListFilter, usize, Option<i64>), AppError> {
    const NAMES: [&str; 2] = ["limit", "cursor"];
    let mut query = QueryReader::new(raw);
    let limit = query.take_as("limit", limit).unwrap_or(USUAL);
    let cursor = query.take_as("cursor", |text| key(text).map_err(|_| "is no cursor"));
    let mut bad = query.finish(&[]);
    bad.retain(|param| NAMES.contains(&param.name.as_str()));
    let filter = ListFilter::parse(noun, raw, &NAMES).unwrap_or_else(|query| {
        let others = query.bad.into_iter();
        bad.extend(others.filter(|param| !NAMES.contains(&param.name.as_str())));
        query.filter
    });
    match bad.is_empty() {
        true => Ok((filter, limit, cursor)),
        false => Err(AppError::BadRequest(told(&bad))),
    }
}

fn span(state: &AppState, filter: &ListFilter) -> DaySpan {
    let picture = state.floor.picture();
    let install = picture.install();
    let today = install.calendar.day_of(state.clock.now());
    filter.days.resolve(today, install.pay_cycle_day)
}

/// One record; the answer's `ETag` is what a change sends as `If-Match`.
pub async fn show(
    state: web::Data<AppState>,
    caller: Caller,
    Of(noun): Of,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    one(&state, caller.scope(), noun, key(&id)?).await
}

/// As it is now, counted today.
async fn one(
    state: &web::Data<AppState>,
    scope: &Scope,
    noun: Noun,
    id: i64,
) -> Result<HttpResponse, AppError> {
    let (tally, members) = match noun {
        Noun::Department => {
            let today = span(state, &ListFilter::of(noun));
            let tallies = by_department(state, scope, today).await?;
            let order = state.read(move |conn| routing::members(conn, id)).await?;
            let tally = tallies.get(&DepartmentId(id)).copied();
            (tally.unwrap_or_default(), Some(order))
        }
        Noun::Ivr | Noun::CallerId => (Tally::default(), None),
    };
    let picture = state.floor.picture();
    let (_, version) = rules::find(&picture, noun, id)?;
    let reader = Reader::new(&picture, scope);
    let mut shown = reader.shown(noun, id, tally)?;
    if let Some(members) = members {
        shown["members"] = reader.members(&members);
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, format!("\"{version}\"")))
        .json(shown))
}

/// Makes one; 201 with where it is.
pub async fn create(
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    Of(noun): Of,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let mut form = RoutingForm::from_json(noun, &object(&body)?)?;
    form.require_all(noun);
    let values = rules::check(&state.floor.picture(), noun, &form)?;
    let (scope, its_values) = (caller.scope().clone(), values.clone());
    let made = state
        .floor
        .write(by.0, move |tx| {
            routing::create(tx, &scope, noun, None, &its_values)
        })
        .await
        .map_err(|error| refused(&state, noun, &values, error))?;
    let mut answer = one(&state, caller.scope(), noun, made.id).await?;
    *answer.status_mut() = StatusCode::CREATED;
    let place = format!("/api/v1{}/{}", noun.path(), made.id);
    let place = header::HeaderValue::from_str(&place).map_err(AppError::internal)?;
    answer.headers_mut().insert(header::LOCATION, place);
    Ok(answer)
}

/// The fields given get these values, all others stay.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let (noun, id) = (noun::of(&req)?, key(&id)?);
    rules::find(&state.floor.picture(), noun, id)?;
    let mut object = object(&body)?;
    let expected = Expected::of(&req, &mut object)?.version();
    let form = RoutingForm::from_json(noun, &object)?;
    let change = rules::check(&state.floor.picture(), noun, &form)?;
    let (scope, its_change) = (caller.scope().clone(), change.clone());
    state
        .floor
        .write(by.0, move |tx| {
            routing::update(tx, &scope, noun, id, expected, &its_change)
        })
        .await
        .map_err(|error| refused(&state, noun, &change, error))?;
    one(&state, caller.scope(), noun, id).await
}

/// Takes it away, as on the page; 204.
pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let (noun, id) = (noun::of(&req)?, key(&id)?);
    rules::find(&state.floor.picture(), noun, id)?;
    let expected = Expected::of(&req, &mut Map::new())?.version();
    let scope = caller.scope().clone();
    state
        .floor
        .write(by.0, move |tx| {
            routing::delete(tx, &scope, noun, id, expected)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What the store refused, at its field where it has one.
fn refused(state: &AppState, noun: Noun, values: &Values, error: StoreError) -> AppError {
    let taken = match error {
        StoreError::Taken(taken) => taken,
        other => return other.into(),
    };
    let typed = match taken.kind.as_str() {
        "dial" => values.text(crate::domain::routing::Field::TransferCode),
        _ => values.text(noun.title()),
    };
    let picture = state.floor.picture();
    match rules::in_use(&picture, noun, &taken, typed.unwrap_or_default()) {
        Some((field, fault)) => {
            let mut errors = FieldErrors::default();
            wrong(&mut errors, field, fault.text());
            AppError::Fields(errors)
        }
        None => StoreError::Taken(taken).into(),
    }
}

/// Prints records for whoever has this scope.
struct Reader<'a> {
    picture: &'a Picture,
    scope: &'a Scope,
    sizes: HashMap<DepartmentId, usize>,
    users: HashMap<CallerIdId, usize>,
}

impl<'a> Reader<'a> {
    fn new(picture: &'a Picture, scope: &'a Scope) -> Self {
        Self {
            picture,
            scope,
            sizes: picture.department_sizes(scope),
            users: picture.caller_id_users(scope),
        }
    }

    fn shown(&self, noun: Noun, id: i64, tally: Tally) -> Result<Value, AppError> {
        let records = self.picture.records();
        let shown = match noun {
            Noun::Department => records.department(DepartmentId(id)).map(|department| {
                json!({
                    "id": id,
                    "name": department.name,
                    "description": department.description,
                    "ring_strategy": department.ring_strategy.word(),
                    "ring_timeout_seconds": department.ring_timeout_seconds,
                    "wrap_up_seconds": department.wrap_up_seconds,
                    "use_as_queue": department.use_as_queue,
                    "transfer_code": department.transfer_code,
                    "member_count": self.sizes.get(&department.id).copied().unwrap_or(0),
                    "answered": tally.answered,
                    "missed": tally.missed,
                    "version": department.version,
                })
            }),
            Noun::Ivr => records.ivr(IvrId(id)).map(|ivr| {
                json!({
                    "id": id,
                    "name": ivr.name,
                    "transfer_code": ivr.transfer_code,
                    "target": ivr.target,
                    "version": ivr.version,
                })
            }),
            Noun::CallerId => records.caller_id(CallerIdId(id)).map(|caller_id| {
                json!({
                    "id": id,
                    "number": caller_id.number.to_string(),
                    "label": caller_id.label,
                    "goes_to": self.target(caller_id.goes_to),
                    "agent_count": self.users.get(&caller_id.id).copied().unwrap_or(0),
                    "version": caller_id.version,
                })
            }),
        };
        shown.ok_or(AppError::NotFound)
    }

    /// A department's members in ring order, of those in scope.
    fn members(&self, order: &[UserId]) -> Value {
        let seen = order.iter().filter(|id| self.sees(**id));
        seen.map(|id| AgentId::of(*id).to_string()).collect()
    }

    fn sees(&self, id: UserId) -> bool {
        let person = self.picture.person(id);
        let agent = person.and_then(|person| person.living_agent());
        agent.is_some_and(|agent| self.scope.sees(&agent.groups))
    }

    /// An agent out of scope is only an agent.
    fn target(&self, target: Target) -> Value {
        let hidden = match target {
            Target::Agent(id) => !self.sees(id),
            Target::Nowhere | Target::Department(_) | Target::Ivr(_) => false,
        };
        let id = Some(target.id()).filter(|id| !id.is_empty() && !hidden);
        let name = rules::name_of(self.picture, target).filter(|_| id.is_some());
        json!({ "kind": target.kind(), "id": id, "name": name })
    }
}
