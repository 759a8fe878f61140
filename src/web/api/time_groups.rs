//! `/api/v1/time-groups`: the list of time groups, and each of them, for programs.

use super::agents::change::object;
use super::paging::{USUAL, limit, told};
use super::version::Expected;
use crate::domain::agent_form::{FieldError, FieldErrors};
use crate::domain::calendar::show_minutes;
use crate::domain::day_range::Day;
use crate::domain::ids::TimeGroupId;
use crate::domain::query::QueryReader;
use crate::domain::role::Scope;
use crate::domain::show;
use crate::domain::text::Name;
use crate::domain::time::Timestamp;
use crate::domain::time_group::filter::ListFilter;
use crate::domain::time_group::form::{Fault, Form, Place, TypedHoliday, TypedRow, never_open};
use crate::domain::time_group::{Change, Details, Field, Row, Weekdays};
use crate::store::time_group::{self as store, NAME_CLAIM, Stored};
use crate::store::{StoreError, Taken};
use crate::web::error::AppError;
use crate::web::extract::{By, Caller};
use crate::web::state::AppState;
use crate::web::time_groups::edit::name_in_use;
use crate::web::time_groups::list::{Listed, matching};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

/// `GET /api/v1/time-groups`: the query of the list, with `limit` and `cursor`.
pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
) -> Result<HttpResponse, AppError> {
    let (filter, limit, cursor) = piece(req.query_string())?;
    let now = state.clock.now();
    let stored = state.read(store::all).await?;
    let agents = state.floor.picture().by_time_group(caller.scope());
    let listed = matching(stored, &filter, now, &agents);
    let begin = match cursor {
        None => 0,
        Some(cursor) => {
            let at = listed.iter().position(|it| it.stored.id == cursor);
            at.ok_or_else(|| AppError::BadRequest("cursor: is no cursor".to_owned()))? + 1
        }
    };
    let piece: Vec<&Listed> = listed.iter().skip(begin).take(limit).collect();
    let more = begin + piece.len() < listed.len();
    let last = piece.last().map(|it| it.stored.id.to_string());
    Ok(HttpResponse::Ok().json(json!({
        "data": piece.into_iter().map(shown).collect::<Vec<_>>(),
        "next_cursor": last.filter(|_| more),
        "total": listed.len(),
    })))
}

fn piece(raw: &str) -> Result<(ListFilter, usize, Option<TimeGroupId>), AppError> {
    const NAMES: [&str; 2] = ["limit", "cursor"];
    let mut query = QueryReader::new(raw);
    let limit = query.take_as("limit", limit).unwrap_or(USUAL);
    let cursor = query.take_as("cursor", |text| text.parse().map_err(|_| "is no cursor"));
    let mut bad = query.finish(&[]);
    bad.retain(|param| NAMES.contains(&param.name.as_str()));
    let filter = ListFilter::parse(raw, &NAMES).unwrap_or_else(|query| {
        let others = query.bad.into_iter();
        bad.extend(others.filter(|param| !NAMES.contains(&param.name.as_str())));
        query.filter
    });
    match bad.is_empty() {
        true => Ok((filter, limit, cursor)),
        false => Err(AppError::BadRequest(told(&bad))),
    }
}

/// `GET /api/v1/time-groups/{id}`; the answer's `ETag` is what a change sends as `If-Match`.
pub async fn show(
    state: web::Data<AppState>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    one(&state, caller.scope(), id_of(&id)?).await
}

/// `POST /api/v1/time-groups`; 201 with where it is.
pub async fn create(
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let mut form = form(&object(&body)?)?;
    form.name.get_or_insert_default();
    form.zone.get_or_insert_default();
    let change = checked(&form, &Details::default())?;
    let (scope, its_change) = (caller.scope().clone(), change.clone());
    let made = state
        .floor
        .write(by.0, move |tx| store::create(tx, &scope, None, &its_change))
        .await
        .map_err(|error| refused(error, &change))?;
    let mut answer = one(&state, caller.scope(), made.id).await?;
    *answer.status_mut() = StatusCode::CREATED;
    let place = header::HeaderValue::from_str(&format!("/api/v1/time-groups/{}", made.id));
    answer
        .headers_mut()
        .insert(header::LOCATION, place.map_err(AppError::internal)?);
    Ok(answer)
}

/// `PATCH /api/v1/time-groups/{id}`: the fields given get these values, all others stay.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&id)?;
    let stored = find(&state, id).await?;
    let mut object = object(&body)?;
    let expected = Expected::of(&req, &mut object)?.version();
    let change = checked(&form(&object)?, &stored.details)?;
    let (scope, its_change) = (caller.scope().clone(), change.clone());
    state
        .floor
        .write(by.0, move |tx| {
            store::update(tx, &scope, id, expected, &its_change)
        })
        .await
        .map_err(|error| refused(error, &change))?;
    one(&state, caller.scope(), id).await
}

/// `DELETE /api/v1/time-groups/{id}`; 204.
pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&id)?;
    find(&state, id).await?;
    let expected = Expected::of(&req, &mut Map::new())?.version();
    let scope = caller.scope().clone();
    state
        .floor
        .write(by.0, move |tx| store::delete(tx, &scope, id, expected))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

fn id_of(text: &str) -> Result<TimeGroupId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

async fn find(state: &AppState, id: TimeGroupId) -> Result<Stored, AppError> {
    let found = state.read(move |conn| store::find(conn, id)).await?;
    found.ok_or(AppError::NotFound)
}

/// The time group as it is now.
async fn one(state: &AppState, scope: &Scope, id: TimeGroupId) -> Result<HttpResponse, AppError> {
    let stored = find(state, id).await?;
    let agents = state.floor.picture().by_time_group(scope);
    let it = Listed::of(stored, state.clock.now(), &agents);
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, format!("\"{}\"", it.stored.version)))
        .json(shown(&it)))
}

fn shown(it: &Listed) -> Value {
    let details = &it.stored.details;
    let row = |row: &Row| {
        let days: Vec<String> = row.weekdays.iter().map(word).collect();
        json!({
            "weekdays": days,
            "from": show_minutes(row.from_minute),
            "to": show_minutes(row.to_minute),
        })
    };
    let holiday = |(date, name): (&chrono::NaiveDate, &String)| json!({ "date": Day::from(*date).to_string(), "name": name });
    json!({
        "id": it.stored.id.0,
        "name": details.name,
        "time_zone": details.zone.name(),
        "always": details.always,
        "hours": details.rows.iter().map(row).collect::<Vec<_>>(),
        "holidays": details.holidays.iter().map(holiday).collect::<Vec<_>>(),
        "open_now": it.standing.open,
        "next_change_at": it.standing.until.map(instant),
        "agents": it.agents,
        "version": it.stored.version,
    })
}

fn instant(at: Timestamp) -> String {
    show::rfc3339(at)
}

/// `mon`.
fn word(day: chrono::Weekday) -> String {
    day.to_string().to_lowercase()
}

/// Reads a body. Null clears a list; nothing else can be cleared.
fn form(object: &Map<String, Value>) -> Result<Form, AppError> {
    let mut form = Form::default();
    let mut errors = FieldErrors::default();
    for (name, value) in object {
        let read = match name.parse() {
            Ok(Field::Name) => text(value).map(|text| form.name = Some(text)),
            Ok(Field::Zone) => text(value).map(|text| form.zone = Some(text)),
            Ok(Field::Always) => value.as_bool().map(|always| form.always = Some(always)),
            Ok(Field::Hours) => each(value, row).map(|rows| form.rows = Some(rows)),
            Ok(Field::Holidays) => each(value, holiday).map(|all| form.holidays = Some(all)),
            Err(_) => {
                wrong(&mut errors, name, "is not a field that can be changed here");
                continue;
            }
        };
        if read.is_none() {
            wrong(&mut errors, name, "has a value of another kind");
        }
    }
    match errors.is_empty() {
        true => Ok(form),
        false => Err(errors.into()),
    }
}

fn wrong(errors: &mut FieldErrors, name: &str, message: impl Into<String>) {
    errors.0.push(FieldError {
        name: name.chars().take(64).collect::<String>().into(),
        message: message.into(),
    });
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(ToOwned::to_owned)
}

fn each<T>(value: &Value, read: impl Fn(&Map<String, Value>) -> Option<T>) -> Option<Vec<T>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::Array(all) => all.iter().map(|one| read(one.as_object()?)).collect(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
    }
}

/// `{"weekdays": ["mon", "tue"], "from": "09:00", "to": "18:00"}`.
fn row(object: &Map<String, Value>) -> Option<TypedRow> {
    let mut row = TypedRow::default();
    for (name, value) in object {
        match name.as_str() {
            "weekdays" => {
                for day in value.as_array()? {
                    let day = day.as_str()?.to_lowercase();
                    let found = Weekdays::EACH
                        .into_iter()
                        .find(|known| word(*known) == day)?;
                    row.weekdays = row.weekdays.with(found);
                }
            }
            "from" => row.from = text(value)?,
            "to" => row.to = text(value)?,
            _ => return None,
        }
    }
    Some(row)
}

/// `{"date": "2026-12-25", "name": "Christmas"}`.
fn holiday(object: &Map<String, Value>) -> Option<TypedHoliday> {
    let mut holiday = TypedHoliday::default();
    for (name, value) in object {
        match name.as_str() {
            "date" => holiday.date = text(value)?,
            "name" => holiday.name = text(value)?,
            _ => return None,
        }
    }
    Some(holiday)
}

/// The rules of the form; what becomes of the time group must be open at some time.
fn checked(form: &Form, now: &Details) -> Result<Change, AppError> {
    let change = form.check().map_err(|faults| told_at(&faults))?;
    match change.applied_to(now).is_never_open() {
        true => Err(told_at(&[never_open()])),
        false => Ok(change),
    }
}

fn refused(error: StoreError, change: &Change) -> AppError {
    match error {
        StoreError::Taken(Taken { kind, value, .. })
            if kind == NAME_CLAIM && value == Name::claim_of(&change.to.name) =>
        {
            told_at(&[name_in_use(change)])
        }
        other => other.into(),
    }
}

fn told_at(faults: &[Fault]) -> AppError {
    let mut errors = FieldErrors::default();
    for fault in faults {
        wrong(&mut errors, &place(fault.place), fault.message.as_str());
    }
    errors.into()
}

/// `hours[0].from`.
fn place(place: Place) -> String {
    match place {
        Place::Field(field) => field.word().to_owned(),
        Place::Weekdays(at) => format!("hours[{at}].weekdays"),
        Place::From(at) => format!("hours[{at}].from"),
        Place::To(at) => format!("hours[{at}].to"),
        Place::Date(at) => format!("holidays[{at}].date"),
        Place::HolidayName(at) => format!("holidays[{at}].name"),
    }
}
