//! `GET /calls/export.csv`: the calls that match, newest first, as a file.

use super::list::asked;
use super::present::{CallReader, direction};
use crate::domain::audit::Entry;
use crate::domain::call::filter::{CallFilter, Start};
use crate::domain::filter::PerPage;
use crate::domain::ids::AgentId;
use crate::domain::role::Permission;
use crate::domain::show;
use crate::domain::text::cell::neutral;
use crate::domain::time::{SECOND, Timestamp};
use crate::floor::Floor;
use crate::store::call::{self, Asked, Budget, Leg, Page, Sibling};
use crate::web::agents::export::senseless;
use crate::web::download::{self, BodyWriter, CSV};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::sheet::csv_writer;
use crate::web::state::AppState;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono_tz::Tz;
use std::io;

const HEAD: [&str; 14] = [
    "Began",
    "Answered",
    "Ended",
    "Agent ID",
    "Agent",
    "Agent Left",
    "Department",
    "Direction",
    "Outcome",
    "Other Party",
    "Our Number",
    "Waited Seconds",
    "Talked Seconds",
    "Came By",
];

pub async fn csv(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
) -> Result<HttpResponse, AppError> {
    if !user.may(Permission::CallsRead) {
        return Err(AppError::Forbidden);
    }
    let numbers = user.may(Permission::CustomerNumbers);
    let filter =
        CallFilter::parse(req.query_string(), numbers).map_err(|bad| senseless(&bad.bad))?;
    let filter = CallFilter {
        per: PerPage::P250,
        ..filter.at(Start::Newest)
    };
    let asked = asked(&state, &user, filter, state.clock.now());
    let entry = Entry::new("calls.export", "calls", None, "calls")
        .after("format", "csv")
        .after("days", show::range(asked.span))
        .after("filter", asked.filter.link(""));
    state.floor.write(by.0, move |tx| tx.audit(entry)).await?;
    let today = state.floor.picture().install().calendar.day_of(asked.now);
    let name = format!("rollcall-calls-{today}.csv");
    let source = Source {
        floor: state.floor.clone(),
        asked,
        numbers,
    };
    Ok(download::file(&name, CSV, move |body| source.write(body)))
}

struct Source {
    floor: Floor,
    asked: Asked,
    numbers: bool,
}

impl Source {
    fn write(mut self, body: &mut BodyWriter) -> io::Result<()> {
        let mut writer = csv_writer(body)?;
        writer.write_record(HEAD)?;
        loop {
            // A connection for each page: a slow reader must not keep one.
            let store = self.floor.store();
            let (page, siblings) = store
                .read(|conn| {
                    let page = call::page(conn, &self.asked, Budget::UNLIMITED)?;
                    let calls: Vec<i64> = page.legs.iter().map(|leg| leg.call).collect();
                    let siblings = call::answered_in(conn, &calls)?;
                    Ok((page, siblings))
                })
                .map_err(io::Error::other)?;
            for cells in self.rows(&page, &siblings) {
                writer.write_record(cells.iter().map(|cell| neutral(cell).into_owned()))?;
            }
            match page.legs.last().filter(|_| page.older) {
                Some(last) => self.asked.filter.start = Start::After(last.place()),
                None => return writer.flush(),
            }
        }
    }

    fn rows(&self, page: &Page, siblings: &[Sibling]) -> Vec<[String; HEAD.len()]> {
        let picture = self.floor.picture();
        let install = picture.install();
        let reader = CallReader {
            picture: &picture,
            scope: &self.asked.scope,
            region: self.asked.region,
            zone: install.calendar.zone,
            now: self.asked.now,
            today: install.calendar.day_of(self.asked.now),
            numbers: self.numbers,
        };
        let legs = page.legs.iter();
        legs.map(|leg| cells(&reader, leg, siblings)).collect()
    }
}

fn cells(reader: &CallReader<'_>, leg: &Leg, siblings: &[Sibling]) -> [String; HEAD.len()] {
    let row = reader.row(leg, siblings);
    let end = leg.ended_at.unwrap_or(reader.now);
    let answer = leg.answered_at;
    let seconds = |from: Timestamp, to: Timestamp| (to.since(from) / SECOND).to_string();
    let at = |at: Option<Timestamp>| at.map_or_else(String::new, |at| moment(at, reader.zone));
    [
        moment(leg.started_at, reader.zone),
        at(answer),
        at(leg.ended_at),
        AgentId::of(leg.agent).to_string(),
        row.agent,
        if row.agent_href.is_empty() { "yes" } else { "" }.to_owned(),
        row.department,
        direction(leg.direction).to_owned(),
        row.outcome.to_owned(),
        reader.other_party_abroad(leg),
        reader.our_number_abroad(leg),
        seconds(leg.started_at, answer.unwrap_or(end)),
        answer.map_or_else(String::new, |at| seconds(at, end)),
        row.came_by,
    ]
}

/// `2026-11-22 14:02:11` on the install's clock, which spreadsheets read as a date.
fn moment(at: Timestamp, zone: Tz) -> String {
    let local = at.utc().with_timezone(&zone);
    local.format("%Y-%m-%d %H:%M:%S").to_string()
}
