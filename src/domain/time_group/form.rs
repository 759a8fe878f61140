//! A time group as it was typed, and what is wrong with it: one set of rules for the pages and the API.

use super::details::{Change, Details, Field};
use super::row::end_of_row;
use super::{Row, Weekdays};
use crate::domain::calendar::{parse_minutes, show_minutes};
use crate::domain::day_range::Day;
use crate::domain::text::{HolidayName, Name};
use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// More rows or holidays are no hours but an attack.
pub const MOST_ROWS: usize = 50;
pub const MOST_HOLIDAYS: usize = 366;

/// What was typed or sent. None means unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    pub name: Option<String>,
    pub zone: Option<String>,
    pub always: Option<bool>,
    pub rows: Option<Vec<TypedRow>>,
    pub holidays: Option<Vec<TypedHoliday>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedRow {
    pub weekdays: Weekdays,
    pub from: String,
    pub to: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedHoliday {
    /// `YYYY-MM-DD`.
    pub date: String,
    pub name: String,
}

/// Where something is wrong; rows and holidays are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Field(Field),
    Weekdays(usize),
    From(usize),
    To(usize),
    Date(usize),
    HolidayName(usize),
}

/// What is wrong, in words that can stand beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub place: Place,
    pub message: String,
}

impl TypedRow {
    pub fn of(row: &Row) -> Self {
        Self {
            weekdays: row.weekdays,
            from: show_minutes(row.from_minute),
            // A control for times knows no 24:00.
            to: show_minutes(row.to_minute % 1_440),
        }
    }

    fn is_blank(&self) -> bool {
        self.weekdays.is_empty() && self.from.trim().is_empty() && self.to.trim().is_empty()
    }

    /// The hours, if they can be read.
    pub fn row(&self) -> Option<Row> {
        let (from, to) = (
            parse_minutes(self.from.trim())?,
            end_of_row(self.to.trim())?,
        );
        Some(Row::new(self.weekdays, from, to).ok()?.canonical())
    }
}

impl TypedHoliday {
    fn is_blank(&self) -> bool {
        self.date.trim().is_empty() && self.name.trim().is_empty()
    }
}

impl Form {
    /// With what is stored.
    pub fn of(details: &Details) -> Self {
        let holiday = |(date, name): (&NaiveDate, &String)| TypedHoliday {
            date: Day::from(*date).to_string(),
            name: name.clone(),
        };
        Self {
            name: Some(details.name.clone()),
            zone: Some(details.zone.name().to_owned()),
            always: Some(details.always),
            rows: Some(details.rows.iter().map(TypedRow::of).collect()),
            holidays: Some(details.holidays.iter().map(holiday).collect()),
        }
    }

    /// Rows and holidays that are wholly blank are left out.
    ///
    /// # Errors
    /// Everything that may not stand as it is, in the order of the form.
    pub fn check(&self) -> Result<Change, Vec<Fault>> {
        let mut change = Change::default();
        let mut faults = Faults::default();
        let to = &mut change.to;
        if let Some(text) = &self.name {
            to.name = faults.name(text);
            change.given.push(Field::Name);
        }
        if let Some(text) = &self.zone {
            to.zone = faults.zone(text);
            change.given.push(Field::Zone);
        }
        if let Some(always) = self.always {
            to.always = always;
            change.given.push(Field::Always);
        }
        if let Some(rows) = &self.rows {
            to.rows = faults.rows(rows);
            change.given.push(Field::Hours);
        }
        if let Some(holidays) = &self.holidays {
            to.holidays = faults.holidays(holidays);
            change.given.push(Field::Holidays);
        }
        match faults.0.is_empty() {
            true => Ok(change),
            false => Err(faults.0),
        }
    }
}

/// What is said when a time group would never be open.
pub fn never_open() -> Fault {
    Fault {
        place: Place::Field(Field::Hours),
        message: "Add hours, or tick “Always open”: it would never be open otherwise.".to_owned(),
    }
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, place: Place, message: impl Into<String>) {
        self.0.push(Fault {
            place,
            message: message.into(),
        });
    }

    fn name(&mut self, text: &str) -> String {
        match Name::parse(text) {
            Ok(name) => name.into_string(),
            Err(why) => {
                self.add(Place::Field(Field::Name), format!("The name {why}."));
                String::new()
            }
        }
    }

    fn zone(&mut self, text: &str) -> Tz {
        find_zone(text).unwrap_or_else(|| {
            let typed: String = text.trim().chars().take(64).collect();
            let message = match typed.as_str() {
                "" => "The time zone is missing. Choose one such as Asia/Kolkata.".to_owned(),
                _ => format!("There is no time zone “{typed}”. Choose one such as Asia/Kolkata."),
            };
            self.add(Place::Field(Field::Zone), message);
            Tz::UTC
        })
    }

    fn rows(&mut self, typed: &[TypedRow]) -> Vec<Row> {
        if typed.len() > MOST_ROWS {
            let message = format!("There are more than {MOST_ROWS} rows: leave some out.");
            self.add(Place::Field(Field::Hours), message);
            return Vec::new();
        }
        let filled = typed.iter().enumerate().filter(|(_, row)| !row.is_blank());
        filled.filter_map(|(at, row)| self.row(at, row)).collect()
    }

    fn row(&mut self, at: usize, typed: &TypedRow) -> Option<Row> {
        if typed.weekdays.is_empty() {
            self.add(Place::Weekdays(at), "Choose at least one weekday.");
        }
        if parse_minutes(typed.from.trim()).is_none() {
            self.add(Place::From(at), no_time(&typed.from, "begins", "09:30"));
        }
        if end_of_row(typed.to.trim()).is_none() {
            self.add(Place::To(at), no_time(&typed.to, "ends", "18:30"));
        }
        typed.row()
    }

    fn holidays(&mut self, typed: &[TypedHoliday]) -> BTreeMap<NaiveDate, String> {
        let mut holidays = BTreeMap::new();
        if typed.len() > MOST_HOLIDAYS {
            let message = format!("There are more than {MOST_HOLIDAYS} holidays: leave some out.");
            self.add(Place::Field(Field::Holidays), message);
            return holidays;
        }
        let filled = typed.iter().enumerate();
        for (at, holiday) in filled.filter(|(_, holiday)| !holiday.is_blank()) {
            let date = self.date(at, &holiday.date);
            let name = HolidayName::parse(&holiday.name)
                .map_err(|why| self.add(Place::HolidayName(at), format!("The name {why}.")));
            let (Some(date), Ok(name)) = (date, name) else {
                continue;
            };
            if holidays.insert(date, name.into_string()).is_some() {
                self.add(Place::Date(at), "This date is there twice: leave one out.");
            }
        }
        holidays
    }

    fn date(&mut self, at: usize, text: &str) -> Option<NaiveDate> {
        let date = Day::parse_iso(text.trim()).map(Day::date);
        let date = date.filter(|date| (1970..2200).contains(&date.year()));
        if date.is_none() {
            self.add(
                Place::Date(at),
                "Choose a date, written as 2026-12-25, from 1970 to 2199.",
            );
        }
        date
    }
}

fn no_time(text: &str, what: &str, example: &str) -> String {
    let typed: String = text.trim().chars().take(20).collect();
    match typed.as_str() {
        "" => format!("Say when it {what}, written as {example}."),
        _ => format!("“{typed}” is no time of day: write it as {example}."),
    }
}

/// A zone of the tz database by its name, whatever its case.
pub fn find_zone(text: &str) -> Option<Tz> {
    let text = text.trim();
    let same = |zone: &&Tz| zone.name().eq_ignore_ascii_case(text);
    text.parse()
        .ok()
        .or_else(|| chrono_tz::TZ_VARIANTS.iter().find(same).copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(weekdays: u8, from: &str, to: &str) -> TypedRow {
        TypedRow {
            weekdays: Weekdays(weekdays),
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    fn holiday(date: &str, name: &str) -> TypedHoliday {
        TypedHoliday {
            date: date.to_owned(),
            name: name.to_owned(),
        }
    }

    fn wrong(form: &Form) -> Vec<(Place, String)> {
        let faults = form.check().unwrap_err();
        faults
            .into_iter()
            .map(|fault| (fault.place, fault.message))
            .collect()
    }

    #[test]
    fn a_form_says_what_it_means() {
        let form = Form {
            name: Some(" Night desk ".to_owned()),
            zone: Some("europe/london".to_owned()),
            always: None,
            rows: Some(vec![
                row(31, "22:00", "06:00"),
                TypedRow::default(),
                row(96, " 09:00", "00:00"),
            ]),
            holidays: Some(vec![
                holiday("2026-12-25", " Christmas "),
                TypedHoliday::default(),
            ]),
        };
        let change = form.check().unwrap();
        assert_eq!(
            change.given,
            [Field::Name, Field::Zone, Field::Hours, Field::Holidays]
        );
        assert_eq!(change.to.name, "Night desk");
        assert_eq!(change.to.zone, chrono_tz::Europe::London);
        let rows: Vec<_> = change.to.rows.iter().map(ToString::to_string).collect();
        assert_eq!(
            rows,
            ["Mon–Fri 22:00–06:00 (next day)", "Sat, Sun 09:00–24:00"]
        );
        let names: Vec<_> = change.to.holidays.into_values().collect();
        assert_eq!(names, ["Christmas"]);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_its_place() {
        let form = Form {
            name: Some("  ".to_owned()),
            zone: Some("Asia/Calcuta".to_owned()),
            always: Some(false),
            rows: Some(vec![
                row(0, "09:00", "18:00"),
                row(1, "", "25:00"),
                TypedRow::default(),
                row(1, "24:00", "09:00"),
            ]),
            holidays: Some(vec![
                holiday("2026-02-31", "Never"),
                holiday("2026-12-25", ""),
                holiday("1969-12-31", "Before"),
                holiday("2026-01-26", "Republic Day"),
                holiday("2026-01-26", "Again"),
            ]),
        };
        let places: Vec<Place> = wrong(&form).into_iter().map(|(place, _)| place).collect();
        assert_eq!(
            places,
            [
                Place::Field(Field::Name),
                Place::Field(Field::Zone),
                Place::Weekdays(0),
                Place::From(1),
                Place::To(1),
                Place::From(3),
                Place::Date(0),
                Place::HolidayName(1),
                Place::Date(2),
                Place::Date(4),
            ]
        );
        let said = wrong(&form);
        assert_eq!(said[0].1, "The name is missing.");
        assert!(said[1].1.contains("“Asia/Calcuta”"), "{}", said[1].1);
        assert_eq!(said[4].1, "“25:00” is no time of day: write it as 18:30.");
    }

    #[test]
    fn too_much_is_refused_as_a_whole() {
        let rows = Form {
            rows: Some(vec![row(1, "09:00", "10:00"); MOST_ROWS + 1]),
            ..Form::default()
        };
        assert_eq!(wrong(&rows)[0].0, Place::Field(Field::Hours));
        let holidays = Form {
            holidays: Some(vec![holiday("2026-12-25", "x"); MOST_HOLIDAYS + 1]),
            ..Form::default()
        };
        assert_eq!(wrong(&holidays).len(), 1);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_never_breaks_and_what_is_taken_reads_back(
            name in "\\PC{0,140}",
            zone in "Asia/Kolkata|UTC|europe/paris|\\PC{0,12}",
            always in any::<bool>(),
            rows in prop::collection::vec((0..128u8, "[0-2][0-9]:[0-5][0-9]|\\PC{0,6}", "[0-2][0-9]:[0-5][0-9]|24:00|\\PC{0,6}"), 0..4),
            holidays in prop::collection::vec(("20[0-9]{2}-[01][0-9]-[0-3][0-9]|\\PC{0,10}", "\\PC{0,70}"), 0..4),
        ) {
            let form = Form {
                name: Some(name),
                zone: Some(zone),
                always: Some(always),
                rows: Some(rows.iter().map(|(days, from, to)| row(*days, from, to)).collect()),
                holidays: Some(holidays.iter().map(|(date, name)| holiday(date, name)).collect()),
            };
            match form.check() {
                Ok(change) => {
                    prop_assert_eq!(Form::of(&change.to).check(), Ok(change.clone()));
                    prop_assert_eq!(Change::from_written(&change.written()).map(|read| read.to), Some(change.to));
                }
                Err(faults) => prop_assert!(faults.iter().all(|fault| !fault.message.is_empty())),
            }
        }
    }
}
