//! A time group as people edit it, field by field: what differs, how the audit writes it, and whose change
//! stands when two people made one.

use super::{Row, TimeGroup};
use crate::domain::agent::words;
use crate::domain::agent_form::{ChangedBy, changed_by};
use crate::domain::day_range::Day;
use crate::domain::show;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

words!(/// What people edit of a time group, by the names that forms, the API and the audit share.
Field {
    Name = "name",
    Zone = "time_zone",
    Always = "always",
    Hours = "hours",
    Holidays = "holidays",
});

impl Field {
    /// As the label of a control.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Zone => "Time zone",
            Self::Always => "Always open",
            Self::Hours => "Hours",
            Self::Holidays => "Holidays",
        }
    }

    /// Inside a sentence: "the time zone".
    pub fn said(self) -> &'static str {
        match self {
            Self::Name => "the name",
            Self::Zone => "the time zone",
            Self::Always => "whether it is always open",
            Self::Hours => "the hours",
            Self::Holidays => "the holidays",
        }
    }
}

/// Everything that people say about a time group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    pub zone: Tz,
    pub always: bool,
    /// In the order in which they were typed.
    pub rows: Vec<Row>,
    /// The names of the holidays by date.
    pub holidays: BTreeMap<NaiveDate, String>,
}

impl Default for Details {
    fn default() -> Self {
        Self {
            name: String::new(),
            zone: Tz::UTC,
            always: false,
            rows: Vec::new(),
            holidays: BTreeMap::new(),
        }
    }
}

impl Details {
    /// The rules alone.
    pub fn hours(&self) -> TimeGroup {
        TimeGroup {
            zone: self.zone,
            always: self.always,
            rows: self.rows.clone(),
            holidays: self.holidays.keys().copied().collect(),
        }
    }

    /// Nobody who follows it could ever be reached.
    pub fn is_never_open(&self) -> bool {
        !self.always && self.rows.is_empty()
    }

    pub fn differs(&self, other: &Self, field: Field) -> bool {
        match field {
            Field::Name => self.name != other.name,
            Field::Zone => self.zone != other.zone,
            Field::Always => self.always != other.always,
            Field::Hours => self.rows != other.rows,
            Field::Holidays => self.holidays != other.holidays,
        }
    }

    /// Makes a field what it is in `from`.
    pub fn take(&mut self, field: Field, from: &Self) {
        match field {
            Field::Name => self.name.clone_from(&from.name),
            Field::Zone => self.zone = from.zone,
            Field::Always => self.always = from.always,
            Field::Hours => self.rows.clone_from(&from.rows),
            Field::Holidays => self.holidays.clone_from(&from.holidays),
        }
    }

    /// A field as the audit writes it: texts that people read, and that read back.
    pub fn written(&self, field: Field) -> Value {
        match field {
            Field::Name => Value::from(self.name.as_str()),
            Field::Zone => Value::from(self.zone.name()),
            Field::Always => Value::from(self.always),
            Field::Hours => self.rows.iter().map(ToString::to_string).collect(),
            Field::Holidays => self
                .holidays
                .iter()
                .map(|(date, name)| format!("{} {name}", show::day(Day::from(*date))))
                .collect(),
        }
    }
}

/// Some fields of a time group with their values: those that they are to have, or had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Only the fields in `given` mean anything.
    pub to: Details,
    pub given: Vec<Field>,
}

impl Change {
    /// All fields of a time group.
    pub fn whole(details: &Details) -> Self {
        Self {
            to: details.clone(),
            given: Field::ALL.to_vec(),
        }
    }

    pub fn gives(&self, field: Field) -> bool {
        self.given.contains(&field)
    }

    pub fn leave_out(&mut self, field: Field) {
        self.given.retain(|given| *given != field);
    }

    /// What a time group becomes by it.
    pub fn applied_to(&self, details: &Details) -> Details {
        let mut after = details.clone();
        self.given
            .iter()
            .for_each(|field| after.take(*field, &self.to));
        after
    }

    /// As the audit writes it.
    pub fn written(&self) -> Map<String, Value> {
        let field = |field: &Field| (field.word().to_owned(), self.to.written(*field));
        self.given.iter().map(field).collect()
    }

    /// From what the audit wrote. Other names are passed over; None for a value that can't be one of ours.
    pub fn from_written(object: &Map<String, Value>) -> Option<Self> {
        let mut change = Self::default();
        for (name, value) in object {
            let Ok(field) = name.parse::<Field>() else {
                continue;
            };
            let to = &mut change.to;
            match field {
                Field::Name => to.name = value.as_str()?.to_owned(),
                Field::Zone => to.zone = value.as_str()?.parse().ok()?,
                Field::Always => to.always = value.as_bool()?,
                Field::Hours => to.rows = each(value, |text| text.parse().ok())?,
                Field::Holidays => {
                    to.holidays = each(value, holiday)?.into_iter().collect();
                }
            }
            change.given.push(field);
        }
        Some(change)
    }
}

fn each<T>(value: &Value, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let texts = value.as_array()?.iter();
    texts.map(|text| read(text.as_str()?)).collect()
}

/// `25 Dec 2026 Christmas`.
fn holiday(text: &str) -> Option<(NaiveDate, String)> {
    const DATE: usize = "25 Dec 2026".len();
    let date = NaiveDate::parse_from_str(text.get(..DATE)?, "%d %b %Y").ok()?;
    Some((date, text.get(DATE..)?.trim().to_owned()))
}

/// What a change comes down to when the time group has moved on since it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// Fields that this person changed and nobody else did.
    pub mine: Vec<Field>,
    /// Fields that both changed, to different values.
    pub both: Vec<Field>,
}

/// Compares three readings: `was` when the form was opened, `now`, and the change. A field that `was` does
/// not know counts as changed by both if it differs.
pub fn merge(was: &Change, now: &Details, change: &Change) -> Merge {
    let mut merged = Merge::default();
    for &field in &change.given {
        let known = was.gives(field).then(|| was.to.written(field));
        let (now, mine) = (now.written(field), change.to.written(field));
        match changed_by(known.as_ref(), Some(&now), &mine) {
            ChangedBy::Nobody | ChangedBy::Others => {}
            ChangedBy::Me => merged.mine.push(field),
            ChangedBy::Both => merged.both.push(field),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::super::Weekdays;
    use super::*;
    use proptest::prelude::*;

    fn office() -> Details {
        Details {
            name: "Office".to_owned(),
            zone: chrono_tz::Asia::Kolkata,
            always: false,
            rows: vec![Row::new(Weekdays::WORKING, 540, 1_080).unwrap()],
            holidays: [(
                NaiveDate::from_ymd_opt(2026, 12, 25).unwrap(),
                "Christmas".to_owned(),
            )]
            .into(),
        }
    }

    #[test]
    fn the_audit_reads_as_people_say_it() {
        let written = Value::Object(Change::whole(&office()).written());
        let expected = serde_json::json!({
            "name": "Office",
            "time_zone": "Asia/Kolkata",
            "always": false,
            "hours": ["Mon–Fri 09:00–18:00"],
            "holidays": ["25 Dec 2026 Christmas"],
        });
        assert_eq!(written, expected);
    }

    #[test]
    fn what_is_no_value_of_ours_is_refused() {
        for (name, value) in [
            ("name", Value::from(1)),
            ("time_zone", Value::from("Mars/Olympus")),
            ("always", Value::from("yes")),
            ("hours", Value::from("Mon–Fri 09:00–18:00")),
            ("hours", serde_json::json!(["Mon–Fri 9–18"])),
            ("holidays", serde_json::json!(["Christmas"])),
            ("holidays", serde_json::json!(["31 Feb 2026 Never"])),
        ] {
            let object = Map::from_iter([(name.to_owned(), value)]);
            assert_eq!(Change::from_written(&object), None, "{object:?}");
        }
        let other = Map::from_iter([("deleted".to_owned(), Value::from(true))]);
        assert_eq!(Change::from_written(&other), Some(Change::default()));
    }

    #[test]
    fn two_people_s_changes_merge_by_field() {
        let was = Change::whole(&office());
        let mut now = office();
        now.always = true;
        let mut mine = office();
        mine.name = "Day".to_owned();
        let merged = merge(&was, &now, &Change::whole(&mine));
        assert_eq!((merged.mine, merged.both), (vec![Field::Name], vec![]));
        now.name = "Early".to_owned();
        let merged = merge(&was, &now, &Change::whole(&mine));
        assert_eq!((merged.mine, merged.both), (vec![], vec![Field::Name]));
        now.name = "Day".to_owned();
        let merged = merge(&was, &now, &Change::whole(&mine));
        assert_eq!(merged, Merge::default(), "both changed it to the same");
        let unknown = merge(&Change::default(), &office(), &Change::whole(&mine));
        assert_eq!(unknown.both, [Field::Name]);
    }

    fn any_details() -> impl Strategy<Value = Details> {
        let row = (1..128u8, 0..1_440u16, 1..=1_440u16)
            .prop_map(|(days, from, to)| Row::new(Weekdays(days), from, to).unwrap());
        let holiday = (0..80_000u64, "[A-Za-z][ -~]{0,20}[a-z]").prop_map(|(days, name)| {
            let first = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
            (first + chrono::Days::new(days), name)
        });
        (
            "\\PC{1,20}",
            0..chrono_tz::TZ_VARIANTS.len(),
            any::<bool>(),
            prop::collection::vec(row, 0..5),
            prop::collection::vec(holiday, 0..5),
        )
            .prop_map(|(name, zone, always, rows, holidays)| Details {
                name,
                zone: chrono_tz::TZ_VARIANTS[zone],
                always,
                rows,
                holidays: holidays.into_iter().collect(),
            })
    }

    proptest! {
        #[test]
        fn whatever_the_audit_writes_reads_back(details in any_details()) {
            let read = Change::from_written(&Change::whole(&details).written());
            let mut given = read.clone().map(|change| change.given).unwrap_or_default();
            given.sort_unstable();
            prop_assert_eq!(given, Field::ALL);
            prop_assert_eq!(read.map(|change| change.to), Some(details));
        }

        #[test]
        fn a_change_gives_its_fields_and_leaves_the_others(now in any_details(), to in any_details(), keep in 0..5usize) {
            let mut change = Change::whole(&to);
            change.leave_out(Field::ALL[keep]);
            let after = change.applied_to(&now);
            for field in Field::ALL {
                let from = if *field == Field::ALL[keep] { &now } else { &to };
                prop_assert!(!after.differs(from, *field));
            }
        }

        #[test]
        fn with_nobody_between_all_that_differs_is_mine(now in any_details(), to in any_details()) {
            let merged = merge(&Change::whole(&now), &now, &Change::whole(&to));
            let differs: Vec<Field> = Field::ALL.iter().copied().filter(|f| to.differs(&now, *f)).collect();
            prop_assert_eq!(merged, Merge { mine: differs, both: Vec::new() });
        }
    }
}
