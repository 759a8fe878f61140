//! `GET /users/export.csv` and `.xlsx`: exactly the filtered users, in the list's order, with the columns of an
//! upload, so that a file which was edited comes straight back, and with their statuses, which an upload skips.

use super::list::second;
use crate::domain::audit::Entry;
use crate::domain::ids::UserId;
use crate::domain::import::{Facts, Statuses, begin_export, export_head, export_row, write_row};
use crate::domain::role::Permission;
use crate::domain::show;
use crate::domain::status::ExtensionStatus;
use crate::domain::time::Timestamp;
use crate::domain::user_filter::UserFilter;
use crate::floor::{Floor, UserRow};
use crate::store::import;
use crate::web::agents::export::senseless;
use crate::web::download::{self, CSV, XLSX};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::sheet::{self, Book, Cell};
use crate::web::state::AppState;
use actix_web::{HttpRequest, HttpResponse, web};
use std::io;

/// People read under one hold of the picture.
const AT_ONCE: usize = 250;

/// Who is in the file, and what its cells are written with.
struct Users {
    floor: Floor,
    facts: Facts,
    people: Vec<UserId>,
    /// As of when a web login is locked.
    now: Timestamp,
    /// `rollcall-users-2026-11-22`.
    name: String,
    about: Vec<(&'static str, Cell)>,
}

pub async fn csv(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
) -> Result<HttpResponse, AppError> {
    let users = prepare(&req, &state, &user, by, "csv").await?;
    Ok(download::file(
        &format!("{}.csv", users.name),
        CSV,
        move |body| {
            let mut writer = begin_export(body)?;
            users.each(|cells| write_row(&mut writer, cells))?;
            writer.flush()
        },
    ))
}

pub async fn xlsx(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
) -> Result<HttpResponse, AppError> {
    let mut users = prepare(&req, &state, &user, by, "xlsx").await?;
    Ok(download::file(
        &format!("{}.xlsx", users.name),
        XLSX,
        move |body| {
            let book = Book {
                name: "Users",
                head: export_head().into_iter().map(str::to_owned).collect(),
                frozen: 5,
                wide: &[4, 6, 12, 13],
                about: std::mem::take(&mut users.about),
            };
            let rows = |take: sheet::TakeRow<'_>| {
                users.each(|cells| take(cells.into_iter().map(Cell::Text).collect()))
            };
            sheet::xlsx(&book, rows, body)
        },
    ))
}

/// Reads the question, decides who is in the file, and writes down that it was taken.
async fn prepare(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    by: By,
    format: &'static str,
) -> Result<Users, AppError> {
    if !user.may(Permission::UsersRead) {
        return Err(AppError::Forbidden);
    }
    let filter = UserFilter::parse(req.query_string()).map_err(|bad| senseless(&bad.bad))?;
    let (rights, me) = (user.rights(), user.id);
    let facts = state
        .read(move |conn| import::facts(conn, rights, Some(me)))
        .await?;
    let now = state.clock.now();
    let (people, today, zone) = {
        let picture = state.floor.picture();
        let slice = picture.users_slice(&filter, &user.scope, now, None, usize::MAX);
        let people: Vec<UserId> = slice.rows.iter().map(|row| row.person.id).collect();
        let calendar = picture.install().calendar;
        (people, calendar.day_of(now), calendar.zone)
    };
    let asked = match filter.without_filters().link("") == filter.link("") {
        true => "all users".to_owned(),
        false => filter.link(""),
    };
    let said = format!("{} users", show::count(people.len() as i64));
    let entry = Entry::new("users.export", "users", None, said)
        .after("format", format)
        .after("filter", asked.as_str());
    state.floor.write(by.0, move |tx| tx.audit(entry)).await?;
    let text = |text: &str| Cell::Text(text.to_owned());
    Ok(Users {
        floor: state.floor.clone(),
        facts,
        name: format!("rollcall-users-{today}"),
        about: vec![
            ("Filter", text(&asked)),
            ("As of", text(&show::moment(now, zone))),
            ("Time zone", text(zone.name())),
            ("Exported by", text(&user.name)),
            ("Users", Cell::Number(people.len() as i64)),
            (
                "To change users",
                text("Edit the first sheet and upload this file"),
            ),
        ],
        people,
        now,
    })
}

fn statuses(row: &UserRow<'_>) -> Statuses {
    let facet = row.agent.as_ref();
    let details = |mark| second(row, mark);
    let agent = facet.map(|facet| {
        let mark = facet.causes.second_mark();
        (facet.status, mark.map_or(String::new(), details))
    });
    Statuses {
        agent,
        extension: facet.map_or(ExtensionStatus::None, |facet| facet.extension),
        web_login: row.web_login,
    }
}

impl Users {
    /// Hands over every row; who was deleted meanwhile is left out.
    fn each(&self, mut take: impl FnMut(Vec<String>) -> io::Result<()>) -> io::Result<()> {
        for people in self.people.chunks(AT_ONCE) {
            let rows: Vec<Vec<String>> = {
                let picture = self.floor.picture();
                let scope = &self.facts.rights.scope;
                let rows = people
                    .iter()
                    .filter_map(|id| picture.user(*id, scope, self.now));
                rows.map(|row| export_row(row.person, &statuses(&row), &self.facts))
                    .collect()
            };
            rows.into_iter().try_for_each(&mut take)?;
        }
        Ok(())
    }
}
