//! Fills the form of a time group: with what is stored, or with what was typed and what is wrong with it.

use super::posted::{Posted, Pressed};
use super::view::{DayBox, Focus, FormView, HolidayControls, RowControls, Wrong};
use crate::domain::time_group::form::{Fault, Form, Place, TypedHoliday, TypedRow};
use crate::domain::time_group::{Change, Field, Weekdays};
use crate::store::time_group::Stored;
use crate::web::form;

/// The form with these texts in it. `stored`: None for a new one.
pub fn filled(stored: Option<&Stored>, typed: &Form, faults: &[Fault]) -> FormView {
    let error = |place: Place| {
        let found = faults.iter().find(|fault| fault.place == place);
        found.map_or_else(String::new, |fault| fault.message.clone())
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let rows = typed.rows.iter().flatten().enumerate();
    let holidays = typed.holidays.iter().flatten().enumerate();
    FormView {
        id: stored.map_or_else(String::new, |stored| stored.id.to_string()),
        who: stored.map_or_else(String::new, |stored| stored.details.name.clone()),
        version: stored.map_or(0, |stored| stored.version),
        was: stored.map_or_else(String::new, |stored| {
            was_of(&Change::whole(&stored.details))
        }),
        once: String::new(),
        name: form::Field::new("name")
            .value(text(&typed.name))
            .error(error(Place::Field(Field::Name))),
        zone: form::Field::new("time_zone")
            .value(text(&typed.zone))
            .error(error(Place::Field(Field::Zone))),
        always: typed.always.unwrap_or(false),
        hours_error: error(Place::Field(Field::Hours)),
        holidays_error: error(Place::Field(Field::Holidays)),
        rows: rows
            .map(|(at, row)| row_controls(at, row, &error))
            .collect(),
        holidays: holidays
            .map(|(at, holiday)| holiday_controls(at, holiday, &error))
            .collect(),
        zones: chrono_tz::TZ_VARIANTS
            .iter()
            .map(|zone| zone.name())
            .collect(),
        wrong: faults.iter().map(wrong).collect(),
        conflict: None,
        agents: String::new(),
        focus: Focus::None,
    }
}

/// The same after a form was sent: it stays based on what it was opened with.
pub fn sent(stored: Option<&Stored>, posted: &Posted, faults: &[Fault]) -> FormView {
    let mut view = filled(stored, &posted.form, faults);
    if let Some(version) = posted.version {
        view.version = version;
        view.was.clone_from(&posted.was);
    }
    view.once.clone_from(&posted.once);
    view
}

/// Values as a form carries them.
pub fn was_of(was: &Change) -> String {
    serde_json::Value::Object(was.written()).to_string()
}

/// Where the focus belongs after a press.
pub fn focus(pressed: Pressed, form: &Form) -> Focus {
    let last = |count: Option<usize>| count.unwrap_or(0).saturating_sub(1);
    match pressed {
        Pressed::Save => Focus::None,
        Pressed::AddRow => Focus::Row(last(form.rows.as_ref().map(Vec::len))),
        Pressed::AddHoliday => Focus::Holiday(last(form.holidays.as_ref().map(Vec::len))),
        Pressed::DropRow(_) => Focus::AddRow,
        Pressed::DropHoliday(_) => Focus::AddHoliday,
    }
}

fn row_controls(at: usize, row: &TypedRow, error: &impl Fn(Place) -> String) -> RowControls {
    let day = |day: chrono::Weekday| DayBox {
        name: day.to_string(),
        on: row.weekdays.contains(day),
        focus: false,
    };
    RowControls {
        at,
        days: Weekdays::EACH.into_iter().map(day).collect(),
        from: row.from.clone(),
        to: row.to.clone(),
        days_error: error(Place::Weekdays(at)),
        from_error: error(Place::From(at)),
        to_error: error(Place::To(at)),
        hint: hint(row),
    }
}

/// What may surprise in a row.
fn hint(typed: &TypedRow) -> String {
    match typed.row() {
        Some(row) if row.is_overnight() && row.from_minute == row.to_minute => {
            format!("24 hours: until {} the next day", typed.to.trim())
        }
        Some(row) if row.is_overnight() => {
            format!("Overnight: until {} the next day", typed.to.trim())
        }
        Some(row) if row.to_minute == 1_440 => "Until midnight".to_owned(),
        Some(_) | None => String::new(),
    }
}

fn holiday_controls(
    at: usize,
    holiday: &TypedHoliday,
    error: &impl Fn(Place) -> String,
) -> HolidayControls {
    HolidayControls {
        at,
        focus: false,
        date: holiday.date.clone(),
        name: holiday.name.clone(),
        date_error: error(Place::Date(at)),
        name_error: error(Place::HolidayName(at)),
    }
}

fn wrong(fault: &Fault) -> Wrong {
    let (control, label) = match fault.place {
        Place::Field(Field::Name) => ("name".to_owned(), "Name".to_owned()),
        Place::Field(Field::Zone) => ("time_zone".to_owned(), "Time zone".to_owned()),
        Place::Field(Field::Always) => ("always".to_owned(), "Always open".to_owned()),
        Place::Field(Field::Hours) => ("add-row".to_owned(), "Hours".to_owned()),
        Place::Field(Field::Holidays) => ("add-holiday".to_owned(), "Holidays".to_owned()),
        Place::Weekdays(at) => (format!("row-{at}-Mon"), format!("Row {}", at + 1)),
        Place::From(at) => (format!("row-{at}-from"), format!("Row {}, from", at + 1)),
        Place::To(at) => (format!("row-{at}-to"), format!("Row {}, to", at + 1)),
        Place::Date(at) => (format!("holiday-{at}-date"), format!("Holiday {}", at + 1)),
        Place::HolidayName(at) => (
            format!("holiday-{at}-name"),
            format!("Holiday {}, name", at + 1),
        ),
    };
    Wrong {
        control,
        label,
        message: fault.message.clone(),
    }
}
