//! `/api/v1/agent-groups`: the groups and who is in them, strict about versions.

use super::agents::change::object;
use super::paging::{USUAL, limit, told};
use super::version::Expected;
use crate::domain::act::Refusal;
use crate::domain::agent_form::{FieldError, FieldErrors};
use crate::domain::group::{Difference, Field, GroupForm};
use crate::domain::group_filter::GroupFilter;
use crate::domain::ids::{AgentId, GroupId};
use crate::domain::query::QueryReader;
use crate::domain::record::Group;
use crate::domain::role::Scope;
use crate::store::group::create::create as make;
use crate::store::group::delete::delete as take_away;
use crate::store::group::members::{Saved, change as change_members};
use crate::store::group::update::update as write;
use crate::store::{StoreError, Tx};
use crate::web::error::{AppError, Bar};
use crate::web::extract::{By, Caller};
use crate::web::groups::{find, form::in_use, list::matching};
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

/// `GET /api/v1/agent-groups`: the query of the list, with `limit` and `cursor`.
pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
) -> Result<HttpResponse, AppError> {
    let (filter, limit, cursor) = piece(req.query_string())?;
    let picture = state.floor.picture();
    let found = matching(&picture, caller.scope(), &filter);
    let begin = match cursor {
        None => 0,
        Some(id) => {
            let at = found.iter().position(|(group, _)| group.id == id);
            at.ok_or_else(|| AppError::BadRequest("cursor: is no cursor".to_owned()))? + 1
        }
    };
    let piece = found.iter().skip(begin).take(limit);
    let data: Vec<Value> = piece
        .map(|(group, members)| shown(group, *members))
        .collect();
    let more = begin + data.len() < found.len();
    let last = found.get((begin + data.len()).saturating_sub(1));
    let next = last.filter(|_| more).map(|(group, _)| group.id.to_string());
    Ok(HttpResponse::Ok().json(json!({
        "data": data,
        "next_cursor": next,
        "total": found.len(),
    })))
}

fn piece(raw: &str) -> Result<(GroupFilter, usize, Option<GroupId>), AppError> {
    const NAMES: [&str; 2] = ["limit", "cursor"];
    let mut query = QueryReader::new(raw);
    let limit = query.take_as("limit", limit).unwrap_or(USUAL);
    let cursor = query.take_as("cursor", |text| text.parse().map_err(|_| "is no cursor"));
    let mut bad = query.finish(&[]);
    bad.retain(|param| NAMES.contains(&param.name.as_str()));
    let filter = GroupFilter::parse_beside(raw, &NAMES).unwrap_or_else(|query| {
        let others = query.bad.into_iter();
        bad.extend(others.filter(|param| !NAMES.contains(&param.name.as_str())));
        query.filter
    });
    match bad.is_empty() {
        true => Ok((filter, limit, cursor)),
        false => Err(AppError::BadRequest(told(&bad))),
    }
}

/// `GET /api/v1/agent-groups/{id}`; the answer's `ETag` is what a change sends as `If-Match`.
pub async fn show(
    state: web::Data<AppState>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    one(&state, caller.scope(), id_of(&id)?)
}

/// `POST /api/v1/agent-groups`; 201 with where it is.
pub async fn create(
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let mut form = form(object(&body)?)?;
    if form.name.is_none() {
        form.name = Some(String::new());
    }
    let change = form.check()?;
    let scope = caller.scope().clone();
    let made = state
        .floor
        .write(by.0, move |tx| make(tx, &scope, None, &change))
        .await
        .map_err(refused)?;
    // Hers from now on, whatever the scope was when she asked.
    let mut answer = one(&state, &Scope::Groups(vec![made.id]), made.id)?;
    *answer.status_mut() = StatusCode::CREATED;
    let place = header::HeaderValue::from_str(&format!("/api/v1/agent-groups/{}", made.id));
    answer
        .headers_mut()
        .insert(header::LOCATION, place.map_err(AppError::internal)?);
    Ok(answer)
}

/// `PATCH /api/v1/agent-groups/{id}`: the fields given get these values, all others stay.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&id)?;
    find(&state.floor.picture(), caller.scope(), id)?;
    let mut object = object(&body)?;
    let expected = Expected::of(&req, &mut object)?.version();
    let change = form(object)?.check()?;
    let scope = caller.scope().clone();
    state
        .floor
        .write(by.0, move |tx| write(tx, &scope, id, expected, &change))
        .await
        .map_err(refused)?;
    one(&state, caller.scope(), id)
}

/// `DELETE /api/v1/agent-groups/{id}`: its agents stay as they are; 204.
pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&id)?;
    find(&state.floor.picture(), caller.scope(), id)?;
    let expected = Expected::of(&req, &mut Map::new())?.version();
    let scope = caller.scope().clone();
    state
        .floor
        .write(by.0, move |tx| take_away(tx, &scope, id, expected))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `PUT /api/v1/agent-groups/{id}/agents/{agent}`: puts an agent in; 204 also when it was in already.
pub async fn put_agent(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, AppError> {
    let (id, agent) = both(&path)?;
    let wanted = Difference {
        add: vec![agent.user()],
        remove: Vec::new(),
    };
    members(&req, &state, &caller, by, id, wanted).await
}

/// `DELETE /api/v1/agent-groups/{id}/agents/{agent}`: takes an agent out; 204 also when it was not in.
pub async fn delete_agent(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, AppError> {
    let (id, agent) = both(&path)?;
    let wanted = Difference {
        add: Vec::new(),
        remove: vec![agent.user()],
    };
    members(&req, &state, &caller, by, id, wanted).await
}

fn both(path: &(String, String)) -> Result<(GroupId, AgentId), AppError> {
    let agent = path.1.parse().map_err(|_| AppError::NotFound)?;
    Ok((id_of(&path.0)?, agent))
}

/// A version that is given is the group's and counts; none is needed, since the act means the same whatever
/// was seen.
async fn members(
    req: &HttpRequest,
    state: &AppState,
    caller: &Caller,
    by: By,
    id: GroupId,
    wanted: Difference,
) -> Result<HttpResponse, AppError> {
    let expected = Expected::if_given(req, &mut Map::new())?.version();
    let rights = caller.rights();
    let act = move |tx: &mut Tx<'_>| {
        if let Some(expected) = expected {
            crate::store::group::require_version(tx, &rights.scope, id, expected)?;
        }
        change_members(tx, &rights, id, None, &wanted)
    };
    match state.floor.write(by.0, act).await? {
        Saved::Written(changed) => match changed.refused.first() {
            None => Ok(HttpResponse::NoContent().finish()),
            Some((_, Refusal::MoreRights)) => Err(AppError::Barred(Bar::MoreRights)),
            Some((_, Refusal::NotFound)) => Err(AppError::NotFound),
            Some((_, why)) => Err(AppError::Invalid(format!("This agent {why}."))),
        },
        Saved::Conflict(_) => Err(AppError::Conflict),
    }
}

fn id_of(text: &str) -> Result<GroupId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

fn one(state: &AppState, scope: &Scope, id: GroupId) -> Result<HttpResponse, AppError> {
    let picture = state.floor.picture();
    let group = find(&picture, scope, id)?;
    let members = picture.group_members(id).len();
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, format!("\"{}\"", group.version)))
        .json(shown(group, members)))
}

fn shown(group: &Group, members: usize) -> Value {
    json!({
        "id": group.id.0,
        "name": group.name,
        "description": group.description,
        "members": members,
        "version": group.version,
    })
}

/// The fields of a body: texts, or null for cleared.
fn form(object: Map<String, Value>) -> Result<GroupForm, AppError> {
    let (mut form, mut errors) = (GroupForm::default(), FieldErrors::default());
    for (name, value) in object {
        let fault = match (name.parse::<Field>(), value) {
            (Ok(field), Value::String(text)) => set(&mut form, field, text),
            (Ok(field), Value::Null) => set(&mut form, field, String::new()),
            (Ok(_), Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Some("has a value of another kind.")
            }
            (Err(_), _) => Some("is not a field that can be changed here"),
        };
        if let Some(message) = fault {
            errors.0.push(FieldError {
                name: name.chars().take(64).collect::<String>().into(),
                message: message.to_owned(),
            });
        }
    }
    match errors.is_empty() {
        true => Ok(form),
        false => Err(errors.into()),
    }
}

fn set(form: &mut GroupForm, field: Field, text: String) -> Option<&'static str> {
    match field {
        Field::Name => form.name = Some(text),
        Field::Description => form.description = Some(text),
    }
    None
}

/// A name that is taken is told at its field.
fn refused(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(taken) => match in_use(&taken) {
            Some(errors) => errors.into(),
            None => StoreError::Taken(taken).into(),
        },
        error => error.into(),
    }
}
