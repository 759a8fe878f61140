//! Bulk uploads: a file comes in, its plan is shown and can be changed, it is carried out, and may be taken back.

pub mod acts;
mod choices;
mod columns;
mod controls;
mod decide;
pub mod errors;
mod guide;
pub mod history;
pub mod lists;
mod made;
mod names;
pub mod progress;
pub mod receive;
mod result;
mod rows;
pub mod show;
pub mod template;
pub mod update;
pub mod upload;
mod view;

use crate::domain::ids::ImportId;
use crate::domain::import::Facts;
use crate::domain::time::Timestamp;
use crate::store::import::{self, Import, Refused, Viewer};
use crate::web::error::AppError;
use crate::web::extract::{By, Caller, CurrentUser};
use crate::web::state::AppState;
use chrono_tz::Tz;

/// The upload of an address; text that is none is an upload that is not there.
pub fn id_of(path: &str) -> Result<ImportId, AppError> {
    path.parse().map_err(|_| AppError::NotFound)
}

/// The address of an upload.
pub fn path_of(id: ImportId) -> String {
    format!("/imports/{id}")
}

/// Who looks, as the store asks for it.
pub fn viewer(caller: &Caller, by: &By) -> Viewer {
    Viewer {
        actor: by.0.clone(),
        scope: caller.scope().clone(),
    }
}

/// The upload, for who may see it.
///
/// # Errors
/// `NotFound` for anyone else.
pub async fn find(state: &AppState, viewer: &Viewer, id: ImportId) -> Result<Import, AppError> {
    let viewer = viewer.clone();
    let found = state
        .read(move |conn| import::find(conn, &viewer, id))
        .await?;
    found.ok_or(AppError::NotFound)
}

/// What the install has that rows can name, as far as this person may know.
async fn facts(state: &AppState, user: &CurrentUser) -> Result<Facts, AppError> {
    let (rights, me) = (user.rights(), user.id);
    state
        .read(move |conn| import::facts(conn, rights, Some(me)))
        .await
}

/// A button that does nothing now, in words.
pub fn refusal(why: Refused) -> AppError {
    AppError::Invalid(why.to_string())
}

/// `25 MiB`, `64 KiB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

/// A count of rows, with its thousands set apart.
fn count(rows: u64) -> String {
    crate::domain::show::count(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// `1 row`, `12 rows`: a count and its noun, whose plural has an s.
fn counted(number: u64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        number => format!("{} {noun}s", count(number)),
    }
}

/// `22 Dec 2026`, on the calendar of the zone.
fn date(at: Timestamp, zone: Tz) -> String {
    at.utc().with_timezone(&zone).format("%d %b %Y").to_string()
}
