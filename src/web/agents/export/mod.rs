//! The agents list as a file: exactly the filtered rows, in the list's order, all columns.

mod about;
mod table;

use self::about::About;
use self::table::{Source, Table};
use crate::domain::audit::Entry;
use crate::domain::filter::AgentFilter;
use crate::domain::query::{BadParam, QueryReader};
use crate::domain::role::Permission;
use crate::floor::KEPT_DAYS;
use crate::web::days;
use crate::web::download::{self, CSV, XLSX};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::sheet::{self, Book};
use crate::web::state::AppState;
use actix_web::{HttpRequest, HttpResponse, web};

/// So many days fit beside the other columns.
const MOST_DAYS: usize = 100;

/// `GET /agents/export.xlsx`
pub async fn xlsx(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
) -> Result<HttpResponse, AppError> {
    let (table, about) = prepare(&req, &state, &user, by, "xlsx").await?;
    let name = about.file_name("xlsx");
    Ok(download::file(&name, XLSX, move |body| {
        let book = Book {
            name: "Agents",
            head: table.head(),
            frozen: 2,
            wide: &[1, 16],
            about: about.lines(),
        };
        sheet::xlsx(&book, |take| table.each(take), body)
    }))
}

/// `GET /agents/export.csv`
pub async fn csv(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
) -> Result<HttpResponse, AppError> {
    let (table, about) = prepare(&req, &state, &user, by, "csv").await?;
    let name = about.file_name("csv");
    Ok(download::file(&name, CSV, move |body| {
        sheet::csv(&table.head(), |take| table.each(take), body)
    }))
}

/// Reads the question, decides who is in the file, and writes down that it was taken.
async fn prepare(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    by: By,
    format: &'static str,
) -> Result<(Table, About), AppError> {
    if !user.may(Permission::AgentsRead) {
        return Err(AppError::Forbidden);
    }
    let raw = req.query_string();
    let filter = AgentFilter::parse_beside(raw, &["by"]).map_err(|bad| senseless(&bad.bad))?;
    let by_day = by_day(raw)?;
    let now = state.clock.now();
    let span = days::span(state.floor.picture().install(), &filter, now);
    let older = days::load(state, span).await?;
    if by_day && (span.count() > MOST_DAYS || !older.is_empty()) {
        return Err(AppError::BadRequest(format!(
            "By day, a file holds at most {MOST_DAYS} days, of the last {KEPT_DAYS}."
        )));
    }
    let (order, about) = {
        let picture = state.floor.picture();
        let order = picture.order(&filter, &user.scope, span, &older);
        let about = About::new(
            &picture,
            &filter,
            &user.scope,
            span,
            now,
            &user.name,
            &order,
        );
        (order, about)
    };
    let entry = Entry::new("agents.export", "agents", None, about.rows_said())
        .after("format", format)
        .after("days", about.range.as_str())
        .after("filter", about.filter.as_str());
    state.floor.write(by.0, move |tx| tx.audit(entry)).await?;
    let table = Table::new(Source {
        floor: state.floor.clone(),
        scope: user.scope.clone(),
        span,
        older,
        days: if by_day {
            span.days().collect()
        } else {
            Vec::new()
        },
        now,
        order,
    });
    Ok((table, about))
}

fn by_day(raw: &str) -> Result<bool, AppError> {
    match QueryReader::new(raw).take("by").as_deref() {
        None => Ok(false),
        Some("day") => Ok(true),
        Some(_) => Err(AppError::BadRequest(
            "A file can be split by=day and by nothing else.".to_owned(),
        )),
    }
}

/// Every parameter that makes no sense, in one sentence each.
pub fn senseless(bad: &[BadParam]) -> AppError {
    let said = bad
        .iter()
        .map(|param| format!("{} “{}”: {}", param.name, param.value, param.reason));
    let said: Vec<String> = said.collect();
    AppError::BadRequest(format!("This address makes no sense. {}.", said.join("; ")))
}
