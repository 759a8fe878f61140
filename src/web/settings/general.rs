//! `/settings/general`: the install's name, the pay cycle, reasons, how long things are kept; and what is set
//! elsewhere, to be looked up.

use super::tabs::Tab;
use super::{WAS, read_words};
use crate::domain::agent_form::FieldErrors;
use crate::domain::calendar::{Calendar, show_minutes};
use crate::domain::general::{self, NAMES, plain};
use crate::domain::install::Install;
use crate::domain::number_plan::settings::Words;
use crate::domain::role::Permission;
use crate::domain::show;
use crate::store::general::{Saved, save};
use crate::store::ledger::recount;
use crate::store::number_plan::Wanted;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::form::Field;
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use std::time::Duration;

const PATH: &str = "/settings/general";

#[derive(Template)]
#[template(path = "settings/general.html")]
struct GeneralPage<'a> {
    shell: &'a Shell,
    tab: Tab,
    form: &'a Form,
    /// Names of all zones.
    zones: Vec<&'static str>,
    /// Calls are being sorted into other days: which, and how far it is.
    sorting: Option<Days>,
    facts: Vec<(&'static str, String)>,
    may_save: bool,
}

/// One setting: what stands in the field, and the value that the form was opened with.
struct Control {
    field: Field,
    was_name: String,
    was: String,
}

struct Form {
    name: Control,
    time_zone: Control,
    day_begins_at: Control,
    pay_cycle_day: Control,
    reasons: Control,
    quarantine_days: Control,
    audit_days: Control,
    /// What is wrong with the form as a whole; empty when nothing is.
    message: String,
}

/// Reporting days that are on their way.
struct Days {
    chosen: String,
    /// Still shown meanwhile.
    in_force: String,
    /// Of a hundred calls, those that are sorted.
    done: i64,
}

impl Form {
    /// With what was typed; `now` is what it is saved over.
    fn typed(now: &Words, typed: &Words) -> Self {
        let control = |name: &'static str| {
            let was = now.get(name).cloned().unwrap_or_default();
            let value = typed.get(name).unwrap_or(&was);
            let value: String = value.chars().take(LONGEST).collect();
            Control {
                field: Field::new(name).value(value),
                was_name: format!("{WAS}{name}"),
                was,
            }
        };
        Self {
            name: control(Install::NAME),
            time_zone: control(Install::TIME_ZONE),
            day_begins_at: control(Install::DAY_BEGINS_AT),
            pay_cycle_day: control(Install::PAY_CYCLE_DAY),
            reasons: control(Install::REASONS),
            quarantine_days: control(Install::QUARANTINE_DAYS),
            audit_days: control(Install::AUDIT_DAYS),
            message: String::new(),
        }
    }

    fn controls(&mut self) -> [&mut Control; 7] {
        [
            &mut self.name,
            &mut self.time_zone,
            &mut self.day_begins_at,
            &mut self.pay_cycle_day,
            &mut self.reasons,
            &mut self.quarantine_days,
            &mut self.audit_days,
        ]
    }

    /// What is wrong, beside each field. What the form was opened with stays what it is compared with.
    fn wrong(&mut self, was: &Words, errors: &FieldErrors) {
        for control in self.controls() {
            if let Some(was) = was.get(control.field.name) {
                control.was.clone_from(was);
            }
            if let Some(why) = errors.named(control.field.name) {
                why.clone_into(&mut control.field.error);
            }
        }
        self.message = "Nothing was saved: some fields need another look.".to_owned();
    }

    /// Others changed the same settings: saving again takes mine.
    fn conflict(&mut self, now: &Words, both: &[&'static str]) {
        for control in self.controls() {
            if both.contains(&control.field.name) {
                let theirs = now.get(control.field.name).map_or("", String::as_str);
                control.field.error =
                    format!("Someone else has set “{theirs}” meanwhile. Save again to have yours.");
            }
        }
        self.message =
            "Nothing was saved: someone else has changed the same settings since you opened this."
                .to_owned();
    }
}

/// What a form could hold at most; the reasons are the longest.
const LONGEST: usize = 12_000;

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    let now = now(&state);
    let form = Form::typed(&now, &now);
    answer(&req, &state, &user, StatusCode::OK, form).await
}

/// Saves what was changed; nothing of it if something stands in the way.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let read = read_words(&req, &body, NAMES)?;
    let cleaned = |words: Words| -> Words {
        words
            .into_iter()
            .map(|(name, word)| (name, plain(&word)))
            .collect()
    };
    let wanted = Wanted {
        typed: cleaned(read.typed),
        was: cleaned(read.was),
    };
    let its_wanted = wanted.clone();
    let saved = state
        .floor
        .write(by.0, move |tx| save(tx, &its_wanted))
        .await?;
    let mut form = Form::typed(&now(&state), &wanted.typed);
    let status = match saved {
        Saved::Written { operation, changed } => {
            let value = match changed {
                true => operation.as_str(),
                false => flash::UNCHANGED,
            };
            return Ok(flash::back_to(PATH, value, &req));
        }
        Saved::Conflict { now, both } => {
            form.conflict(&now, &both);
            StatusCode::CONFLICT
        }
        Saved::Wrong(errors) => {
            form.wrong(&wanted.was, &errors);
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    answer(&req, &state, &user, status, form).await
}

/// The settings as they are in force.
fn now(state: &AppState) -> Words {
    general::words(state.floor.picture().install())
}

async fn answer(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    status: StatusCode,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let shell = user
        .shell(req, state)
        .page(shell::Page::Settings, "General settings");
    let (shell, flashed) = flash::shown(shell, req, state, user).await?;
    let sorted = state.read(recount::progress).await?;
    let page = GeneralPage {
        zones: chrono_tz::TZ_VARIANTS
            .iter()
            .map(|zone| zone.name())
            .collect(),
        sorting: sorted.and_then(|done| days(state, done)),
        shell: &shell,
        tab: Tab::General,
        form: &form,
        facts: facts(state),
        may_save: user.may(Permission::SettingsWrite) && user.scope.is_all(),
    };
    let body = render(&page)?;
    Ok(flash::cleared(page::html(status, body), flashed, req))
}

/// `Asia/Kolkata from 00:00`, of the days on their way and of those in force.
fn days(state: &AppState, done: i64) -> Option<Days> {
    let picture = state.floor.picture();
    let said = |days: Calendar| {
        let begins = show_minutes(days.day_begins_at_minutes);
        format!("{} from {begins}", days.zone.name())
    };
    Some(Days {
        chosen: said(picture.install().next_days?.calendar),
        in_force: said(picture.install().calendar),
        done,
    })
}

/// What is in force and is not changed here.
fn facts(state: &AppState) -> Vec<(&'static str, String)> {
    vec![
        (
            "A session ends when unused for",
            lasts(state.config.session_idle),
        ),
        (
            "A session ends in any case after",
            lasts(state.config.session_absolute),
        ),
    ]
}

/// `8 hours`, `7 days`, where it comes out even.
fn lasts(time: Duration) -> String {
    const HOUR: u64 = 3_600;
    let seconds = time.as_secs();
    match (seconds / HOUR, seconds % HOUR) {
        (hours @ 48.., 0) if hours % 24 == 0 => format!("{} days", hours / 24),
        (hours @ 2.., 0) => format!("{hours} hours"),
        _ => show::length(i64::try_from(time.as_micros()).unwrap_or(i64::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_out_even_is_said_plainly() {
        for (seconds, said) in [
            (8 * 3_600, "8 hours"),
            (7 * 86_400, "7 days"),
            (36 * 3_600, "36 hours"),
            (90 * 60, "1h 30m"),
            (3_600, "1h 00m"),
        ] {
            assert_eq!(lasts(Duration::from_secs(seconds)), said);
        }
    }
}
