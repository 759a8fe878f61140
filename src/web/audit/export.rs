//! `GET /audit/export.csv`: the entries that match, newest first, as a file.

use super::asked;
use crate::domain::audit::Entry;
use crate::domain::audit::filter::{AuditFilter, Start};
use crate::domain::filter::PerPage;
use crate::domain::role::Permission;
use crate::domain::show;
use crate::domain::text::cell::neutral;
use crate::store::Store;
use crate::store::audit::{self, Asked, Line};
use crate::web::agents::export::senseless;
use crate::web::download::{self, BodyWriter};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::state::AppState;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono_tz::Tz;
use csv::{Terminator, WriterBuilder};
use serde_json::{Map, Value};
use std::io::{self, Write};

const HEAD: [&str; 15] = [
    "Number",
    "At UTC",
    "At",
    "By Kind",
    "By",
    "By ID",
    "Address",
    "Request",
    "Operation",
    "Action",
    "About Kind",
    "About",
    "About ID",
    "Before",
    "After",
];

pub async fn csv(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
) -> Result<HttpResponse, AppError> {
    if !user.may(Permission::AuditRead) {
        return Err(AppError::Forbidden);
    }
    let filter = AuditFilter::parse(req.query_string(), &[]).map_err(|bad| senseless(&bad.bad))?;
    let filter = AuditFilter {
        per: PerPage::P250,
        ..filter.at(Start::Newest)
    };
    let entry = Entry::new("audit.export", "audit", None, "The audit log")
        .after("format", "csv")
        .after("filter", filter.link(""));
    state.floor.write(by.0, move |tx| tx.audit(entry)).await?;
    let (zone, today) = {
        let picture = state.floor.picture();
        let calendar = picture.install().calendar;
        (calendar.zone, calendar.day_of(state.clock.now()))
    };
    let source = Source {
        store: state.store.clone(),
        asked: asked(&state, &user.scope, Some(user.id), filter),
        zone,
        numbers: user.may(Permission::CustomerNumbers),
    };
    Ok(download::file(
        &format!("rollcall-audit-{today}.csv"),
        "text/csv; charset=utf-8",
        move |body| source.write(body),
    ))
}

struct Source {
    store: Store,
    asked: Asked,
    zone: Tz,
    /// The reader may see customers' numbers.
    numbers: bool,
}

impl Source {
    fn write(mut self, body: &mut BodyWriter) -> io::Result<()> {
        // So that spreadsheets read any script.
        body.write_all("\u{feff}".as_bytes())?;
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(body);
        writer.write_record(HEAD)?;
        loop {
            // A connection for each page: a slow reader must not keep one.
            let page = self
                .store
                .read(|conn| audit::page(conn, &self.asked))
                .map_err(io::Error::other)?;
            for line in &page.lines {
                let cells = self.cells(line);
                writer.write_record(cells.iter().map(|cell| neutral(cell).into_owned()))?;
            }
            match page.lines.last().filter(|_| page.older) {
                Some(last) => self.asked.filter.start = Start::After(last.place()),
                None => return writer.flush(),
            }
        }
    }

    fn cells(&self, line: &Line) -> [String; HEAD.len()] {
        let key = |id: Option<i64>| id.map_or_else(String::new, |id| id.to_string());
        [
            line.id.to_string(),
            show::rfc3339(line.at),
            show::rfc3339_local(line.at, self.zone),
            line.actor_kind.clone(),
            line.actor_name.clone(),
            key(line.actor_id),
            line.address.clone().unwrap_or_default(),
            line.request_id.clone().unwrap_or_default(),
            line.operation.clone(),
            line.action.clone(),
            line.subject_kind.clone(),
            line.subject_name.clone(),
            key(line.subject_id),
            fields(&line.before, &self.asked, self.numbers),
            fields(&line.after, &self.asked, self.numbers),
        ]
    }
}

/// The fields as JSON, without what the reader may not know; empty for none.
pub fn fields(fields: &Map<String, Value>, asked: &Asked, numbers: bool) -> String {
    match fields.is_empty() {
        true => String::new(),
        false => Value::Object(known(fields, asked, numbers)).to_string(),
    }
}

/// Groups out of the reader's scope stay unknown, and so does the filter of an export that may hold a customer's
/// number.
pub fn known(fields: &Map<String, Value>, asked: &Asked, numbers: bool) -> Map<String, Value> {
    let mut known = fields.clone();
    if !numbers {
        known.remove("filter");
    }
    for name in ["agent_groups", "scope_groups"] {
        if let Some(Value::Array(groups)) = known.get_mut(name) {
            groups.retain(|group| {
                let id = group.get("id").and_then(Value::as_i64);
                id.is_none_or(|id| asked.scope.sees(&[crate::domain::ids::GroupId(id)]))
            });
        }
    }
    known
}
