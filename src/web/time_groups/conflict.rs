//! Two people's changes to the same fields of a time group, field by field.

use crate::domain::show;
use crate::domain::time_group::{Change, Details, Field};
use crate::store::agent::history::Edit;
use crate::store::time_group::Conflict;
use crate::web::agents::edit::view::{Bar, BarRow};
use chrono_tz::Tz;
use serde_json::Value;

/// As it was, theirs, mine.
pub fn bar(conflict: &Conflict, was: &Change, mine: &Change, zone: Tz) -> Bar {
    let both = |name: &str| conflict.both.iter().any(|field| field.word() == name);
    let relevant = |edit: &&Edit| edit.fields.iter().any(|name| both(name));
    let last = conflict.edits.iter().rfind(relevant);
    let last = last.or(conflict.edits.last());
    let row = |&field: &Field| BarRow {
        name: field.word(),
        label: field.label(),
        was: match was.gives(field) {
            true => said(&was.to, field),
            false => "–".to_owned(),
        },
        theirs: said(&conflict.now, field),
        mine: said(&mine.to, field),
    };
    Bar {
        title: match last {
            Some(edit) => format!(
                "{} saved this time group at {}, while you were editing",
                edit.by,
                show::time_of_day(edit.at, zone)
            ),
            None => "This time group was saved while you were editing".to_owned(),
        },
        whose: last.map_or("Theirs".to_owned(), |edit| format!("{}’s", edit.by)),
        rows: conflict.both.iter().map(row).collect(),
        kept: String::new(),
    }
}

/// A value as people read it.
fn said(details: &Details, field: Field) -> String {
    let text = match details.written(field) {
        Value::String(text) => text,
        Value::Bool(true) => "Yes".to_owned(),
        Value::Bool(false) => "No".to_owned(),
        Value::Array(each) => {
            let texts = each.iter().filter_map(Value::as_str);
            texts.collect::<Vec<_>>().join("; ")
        }
        Value::Null | Value::Number(_) | Value::Object(_) => String::new(),
    };
    match text.is_empty() {
        true => "–".to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::domain::time_group::{Row, Weekdays};

    #[test]
    fn the_bar_shows_three_readings_of_each_field() {
        let office = |to| Details {
            rows: vec![Row::new(Weekdays::WORKING, 540, to).unwrap()],
            ..Details::default()
        };
        let conflict = Conflict {
            version: 2,
            now: office(1_020),
            both: vec![Field::Hours],
            edits: vec![Edit {
                at: Timestamp(1_795_336_331_000_000),
                by: "R. Kulkarni".to_owned(),
                action: "time_group.update".to_owned(),
                version: 2,
                fields: vec!["hours".to_owned()],
            }],
        };
        let (was, mine) = (Change::whole(&office(1_080)), Change::whole(&office(1_200)));
        let bar = bar(&conflict, &was, &mine, chrono_tz::Asia::Kolkata);
        assert_eq!(
            bar.title,
            "R. Kulkarni saved this time group at 14:02:11, while you were editing"
        );
        assert_eq!(bar.whose, "R. Kulkarni’s");
        let row = &bar.rows[0];
        assert_eq!(
            [&row.was, &row.theirs, &row.mine],
            [
                "Mon–Fri 09:00–18:00",
                "Mon–Fri 09:00–17:00",
                "Mon–Fri 09:00–20:00"
            ]
        );
        let unknown = super::bar(&conflict, &Change::default(), &mine, chrono_tz::UTC);
        assert_eq!(unknown.rows[0].was, "–");
    }
}
