//! What the form of a time group posted: the fields as typed, what it was opened with, what was chosen in a
//! conflict, and whether it is to be saved or only to grow or shrink.

use crate::domain::time_group::form::{Form, MOST_HOLIDAYS, MOST_ROWS, TypedHoliday, TypedRow};
use crate::domain::time_group::{Change, Field, Weekdays};
use crate::store::time_group::Basis;
use crate::web::error::AppError;
use crate::web::extract;
use actix_web::HttpRequest;
use std::collections::{BTreeMap, HashSet};

/// A form whose names are all known. Its texts are not checked yet.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    pub form: Form,
    /// The version it was opened with.
    pub version: Option<i64>,
    /// The values it was opened with, as it carries them.
    pub was: String,
    /// Fields of a conflict for which the other one's value was chosen.
    pub keep_theirs: Vec<Field>,
    /// Names a form that makes something, so that sending it twice makes one.
    pub once: String,
}

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    Save,
    AddRow,
    AddHoliday,
    DropRow(usize),
    DropHoliday(usize),
}

/// Longer ones are no form of ours.
const LONGEST_ONCE: usize = 64;
/// Numbers of rows and holidays have no more digits.
const DIGITS: usize = 4;

impl Pressed {
    /// From the address that the pressed button sends the form to.
    ///
    /// # Errors
    /// `BadRequest` for anything that is no button's.
    pub fn of(req: &HttpRequest) -> Result<Self, AppError> {
        let query = extract::Posted::read_query(req, &["add", "drop"])?;
        let wrong = || AppError::BadRequest("There is no such button.".to_owned());
        match (query.one("add"), query.one("drop")) {
            ("", "") => Ok(Self::Save),
            ("row", "") => Ok(Self::AddRow),
            ("holiday", "") => Ok(Self::AddHoliday),
            ("", drop) => {
                let (what, at) = drop.split_once('-').ok_or_else(wrong)?;
                let at = number(at).ok_or_else(wrong)?;
                match what {
                    "row" => Ok(Self::DropRow(at)),
                    "holiday" => Ok(Self::DropHoliday(at)),
                    _ => Err(wrong()),
                }
            }
            (_, _) => Err(wrong()),
        }
    }

    /// Makes the form what it is after the press.
    pub fn apply(self, form: &mut Form) {
        let rows = form.rows.get_or_insert_default();
        let holidays = form.holidays.get_or_insert_default();
        match self {
            Self::Save => {}
            Self::AddRow if rows.len() < MOST_ROWS => rows.push(TypedRow::default()),
            Self::AddHoliday if holidays.len() < MOST_HOLIDAYS => {
                holidays.push(TypedHoliday::default());
            }
            Self::DropRow(at) if at < rows.len() => drop(rows.remove(at)),
            Self::DropHoliday(at) if at < holidays.len() => drop(holidays.remove(at)),
            Self::AddRow | Self::AddHoliday | Self::DropRow(_) | Self::DropHoliday(_) => {}
        }
    }
}

impl Posted {
    /// # Errors
    /// `BadRequest` for a name that the form does not have, or one given twice that can't be.
    pub fn read(pairs: &[(String, String)]) -> Result<Self, AppError> {
        let mut posted = Self::default();
        let mut rows: BTreeMap<usize, TypedRow> = BTreeMap::new();
        let mut holidays: BTreeMap<usize, TypedHoliday> = BTreeMap::new();
        let mut seen: HashSet<&str> = HashSet::new();
        for (name, value) in pairs {
            // What stands where bytes were that are no text.
            if value.contains('\u{fffd}') {
                return Err(bad(name, "has a character that can’t be read"));
            }
            let many = name == "always" || name.ends_with("-day");
            if !seen.insert(name) && !many {
                return Err(bad(name, "is there twice"));
            }
            match numbered(name) {
                Some(("row", at, part)) => {
                    row(rows.entry(at).or_default(), name, part, value)?;
                }
                Some(("holiday", at, part)) => {
                    holiday(holidays.entry(at).or_default(), name, part, value)?;
                }
                Some(_) => return Err(bad(name, "is nothing that this form can change")),
                None => posted.put(name, value)?,
            }
        }
        if rows.len() > MOST_ROWS || holidays.len() > MOST_HOLIDAYS {
            return Err(AppError::TooLarge);
        }
        posted.form.rows = Some(rows.into_values().collect());
        posted.form.holidays = Some(holidays.into_values().collect());
        // A box that is not ticked sends nothing.
        posted.form.always.get_or_insert(false);
        Ok(posted)
    }

    fn put(&mut self, name: &str, value: &str) -> Result<(), AppError> {
        match name {
            "name" => self.form.name = Some(value.to_owned()),
            "time_zone" => self.form.zone = Some(value.to_owned()),
            "always" => self.form.always = Some(value == "yes"),
            "version" => {
                let version = value.parse().ok().filter(|version| *version > 0);
                self.version = Some(version.ok_or_else(|| bad(name, "can’t be read"))?);
            }
            "was" => value.clone_into(&mut self.was),
            "once" if value.len() <= LONGEST_ONCE => value.clone_into(&mut self.once),
            _ => self.keep(name, value)?,
        }
        Ok(())
    }

    /// `keep_hours=theirs`.
    fn keep(&mut self, name: &str, value: &str) -> Result<(), AppError> {
        let field = name.strip_prefix("keep_").and_then(|f| f.parse().ok());
        let field: Field =
            field.ok_or_else(|| bad(name, "is nothing that this form can change"))?;
        match value {
            "theirs" => self.keep_theirs.push(field),
            "mine" => {}
            _ => return Err(bad(name, "is neither theirs nor mine")),
        }
        Ok(())
    }

    /// # Errors
    /// `VersionRequired` without a version; `BadRequest` when the values it was opened with can't be read.
    pub fn basis(&self) -> Result<Basis, AppError> {
        let version = self.version.ok_or(AppError::VersionRequired)?;
        let was = match self.was.as_str() {
            "" => Some(Change::default()),
            json => serde_json::from_str(json)
                .ok()
                .and_then(|object| Change::from_written(&object)),
        };
        let was = was.ok_or_else(|| bad("was", "can’t be read"))?;
        Ok(Basis { version, was })
    }
}

/// `row-0-from`.
fn numbered(name: &str) -> Option<(&str, usize, &str)> {
    let mut parts = name.splitn(3, '-');
    let (what, at, part) = (parts.next()?, parts.next()?, parts.next()?);
    Some((what, number(at)?, part))
}

fn number(text: &str) -> Option<usize> {
    let digits = (1..=DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn row(row: &mut TypedRow, name: &str, part: &str, value: &str) -> Result<(), AppError> {
    match part {
        "day" => {
            let day = Weekdays::EACH
                .into_iter()
                .find(|day| day.to_string() == value);
            let day = day.ok_or_else(|| bad(name, "is no weekday"))?;
            row.weekdays = row.weekdays.with(day);
        }
        "from" => value.clone_into(&mut row.from),
        "to" => value.clone_into(&mut row.to),
        _ => return Err(bad(name, "is nothing that this form can change")),
    }
    Ok(())
}

fn holiday(
    holiday: &mut TypedHoliday,
    name: &str,
    part: &str,
    value: &str,
) -> Result<(), AppError> {
    match part {
        "date" => value.clone_into(&mut holiday.date),
        "name" => value.clone_into(&mut holiday.name),
        _ => return Err(bad(name, "is nothing that this form can change")),
    }
    Ok(())
}

fn bad(name: &str, why: &str) -> AppError {
    let name: String = name.chars().take(64).collect();
    AppError::BadRequest(format!(
        "“{name}” {why}. Nothing was changed: open the form again."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn read(pairs: &[(&str, &str)]) -> Result<Posted, AppError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Posted::read(&pairs.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn rows_and_holidays_come_in_the_order_of_their_numbers() {
        let posted = read(&[
            ("name", "Office"),
            ("always", ""),
            ("always", "yes"),
            ("row-7-day", "Mon"),
            ("row-7-day", "Sun"),
            ("row-7-from", "22:00"),
            ("row-2-to", "18:00"),
            ("holiday-0-date", "2026-12-25"),
            ("keep_hours", "theirs"),
        ])
        .unwrap();
        let rows = posted.form.rows.unwrap();
        assert_eq!((rows.len(), rows[0].to.as_str()), (2, "18:00"));
        assert_eq!(
            (rows[1].weekdays, rows[1].from.as_str()),
            (Weekdays(65), "22:00")
        );
        assert_eq!(posted.form.always, Some(true));
        assert_eq!(posted.form.holidays.unwrap()[0].date, "2026-12-25");
        assert_eq!(posted.keep_theirs, [Field::Hours]);
        assert_eq!(read(&[]).unwrap().form.always, Some(false));
    }

    #[test]
    fn names_of_other_things_are_refused() {
        for (name, value) in [
            ("open_now", "true"),
            ("row-0-open", "x"),
            ("row-x-from", "09:00"),
            ("row-12345-from", "09:00"),
            ("row--from", "09:00"),
            ("row-0-day", "Funday"),
            ("column-0-from", "09:00"),
            ("holiday-0-day", "2026-12-25"),
            ("keep_open", "mine"),
            ("keep_name", "both"),
            ("version", "0"),
            ("name", "a\u{fffd}"),
        ] {
            let read = read(&[(name, value)]);
            assert!(
                matches!(read, Err(AppError::BadRequest(_))),
                "{name} {value}"
            );
        }
        assert!(read(&[("name", "a"), ("name", "b")]).is_err());
        assert!(read(&[("row-0-from", "1"), ("row-0-from", "2")]).is_err());
        let basis = |was: &str| read(&[("version", "1"), ("was", was)]).unwrap().basis();
        assert!(basis("").is_ok() && basis("{\"always\":true}").is_ok());
        assert!(basis("[").is_err() && basis("{\"always\":1}").is_err());
        assert!(matches!(
            read(&[]).unwrap().basis(),
            Err(AppError::VersionRequired)
        ));
    }

    #[test]
    fn a_press_makes_the_form_grow_or_shrink_and_nothing_else() {
        let pressed = |query: &str| {
            let uri = format!("/time-groups?{query}");
            Pressed::of(&TestRequest::post().uri(&uri).to_http_request()).ok()
        };
        for (query, expected) in [
            ("", Some(Pressed::Save)),
            ("add=row", Some(Pressed::AddRow)),
            ("add=holiday", Some(Pressed::AddHoliday)),
            ("drop=row-3", Some(Pressed::DropRow(3))),
            ("drop=holiday-0", Some(Pressed::DropHoliday(0))),
            ("drop=row", None),
            ("drop=row--1", None),
            ("add=agent", None),
            ("add=row&drop=row-0", None),
            ("save=1", None),
        ] {
            assert_eq!(pressed(query), expected, "{query}");
        }
        let mut form = Form::default();
        Pressed::AddRow.apply(&mut form);
        Pressed::AddHoliday.apply(&mut form);
        Pressed::DropHoliday(4).apply(&mut form);
        let sizes = |form: &Form| {
            (
                form.rows.as_ref().map(Vec::len),
                form.holidays.as_ref().map(Vec::len),
            )
        };
        assert_eq!(sizes(&form), (Some(1), Some(1)));
        Pressed::DropRow(0).apply(&mut form);
        assert_eq!(sizes(&form), (Some(0), Some(1)));
        form.rows = Some(vec![TypedRow::default(); MOST_ROWS]);
        Pressed::AddRow.apply(&mut form);
        assert_eq!(sizes(&form).0, Some(MOST_ROWS));
    }
}
