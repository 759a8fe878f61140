//! `GET /audit/export.csv`: the entries that match, newest first, as a file.

use super::asked;
use super::words::what;
use crate::domain::audit::Entry;
use crate::domain::audit::filter::{AuditFilter, Start};
use crate::domain::filter::PerPage;
use crate::domain::phone::Region;
use crate::domain::role::Permission;
use crate::domain::show;
use crate::domain::text::cell::neutral;
use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::store::audit::{self, Asked, Line};
use crate::web::agents::export::senseless;
use crate::web::changes::{ChangeReader, FieldChange};
use crate::web::download::{self, BodyWriter, CSV};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::sheet::csv_writer;
use crate::web::state::AppState;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono_tz::Tz;
use serde_json::{Map, Value};
use std::io;

/// Columns; the one of the install's clock bears its zone's name.
const COLUMNS: usize = 16;

fn head(zone: Tz) -> [String; COLUMNS] {
    let local = format!("Local Time ({})", zone.name());
    [
        "Number",
        "At UTC",
        &local,
        "By Kind",
        "By",
        "By ID",
        "Address",
        "Request",
        "Operation",
        "Action",
        "What",
        "About Kind",
        "About",
        "About ID",
        "Before",
        "After",
    ]
    .map(str::to_owned)
}

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
        per: PerPage::default(),
        ..filter.at(Start::Newest)
    };
    let mut entry =
        Entry::new("audit.export", "audit", None, "The audit log").after("format", "csv");
    if !filter.is_everything() {
        entry = entry.after("filter", filter.link(""));
    }
    let filter = AuditFilter {
        per: PerPage::P250,
        ..filter
    };
    state.floor.write(by.0, move |tx| tx.audit(entry)).await?;
    let (zone, region, today) = {
        let picture = state.floor.picture();
        let install = picture.install();
        let today = install.calendar.day_of(state.clock.now());
        (install.calendar.zone, install.region, today)
    };
    let source = Source {
        store: state.store.clone(),
        asked: asked(&state, &user.scope, Some(user.id), filter),
        zone,
        region,
    };
    Ok(download::file(
        &format!("rollcall-audit-{today}.csv"),
        CSV,
        move |body| source.write(body),
    ))
}

struct Source {
    store: Store,
    asked: Asked,
    zone: Tz,
    region: Region,
}

impl Source {
    fn write(mut self, body: &mut BodyWriter) -> io::Result<()> {
        let mut writer = csv_writer(body)?;
        writer.write_record(head(self.zone))?;
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

    fn cells(&self, line: &Line) -> [String; COLUMNS] {
        let reader = ChangeReader {
            zone: self.zone,
            region: self.region,
            // Long ago, so that instants in fields are told with their day.
            now: Timestamp(0),
            scope: &self.asked.scope,
            audit: true,
        };
        let fields = reader.change(line).fields;
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
            what(&line.action),
            line.subject_kind.clone(),
            line.subject_name.clone(),
            key(line.subject_id),
            told(&fields, |field| &field.before),
            told(&fields, |field| &field.after),
        ]
    }
}

/// `Role: Agent; Web login: allowed`, without what is blank.
fn told(fields: &[FieldChange], side: impl Fn(&FieldChange) -> &String) -> String {
    let said = fields
        .iter()
        .map(|field| (&field.label, side(field)))
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| format!("{label}: {value}"));
    said.collect::<Vec<_>>().join("; ")
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
