//! The bar that shows two people's changes to the same fields of a department, an IVR or a caller id.

use super::rules;
use crate::domain::phone::Phone;
use crate::domain::routing::{Field, Noun, RingStrategy, Target, Value, Values};
use crate::domain::show;
use crate::floor::Picture;
use crate::store::agent::history::Edit;
use crate::store::routing::Conflict;
use crate::web::agents::edit::view::{Bar, BarRow};

/// Members that are named on each side.
const NAMED: usize = 8;

/// Field by field: as it was, theirs, mine.
pub fn bar(picture: &Picture, noun: Noun, conflict: &Conflict, was: &Values, mine: &Values) -> Bar {
    let zone = picture.install().calendar.zone;
    let relevant = |edit: &&Edit| {
        let both = |name: &String| conflict.both.iter().any(|field| field.word() == name);
        edit.fields.iter().any(both)
    };
    let last = conflict
        .edits
        .iter()
        .rfind(relevant)
        .or(conflict.edits.last());
    let row = |&field: &Field| BarRow {
        name: field.word(),
        label: field.label(),
        was: said(picture, was.get(field)),
        theirs: said(picture, conflict.now.get(field)),
        mine: said(picture, mine.get(field)),
    };
    Bar {
        title: match last {
            Some(edit) => format!(
                "{} saved this {} at {}, while you were editing",
                edit.by,
                noun.said(),
                show::time_of_day(edit.at, zone)
            ),
            None => format!("This {} was changed while you were editing", noun.said()),
        },
        whose: last.map_or("Theirs".to_owned(), |edit| format!("{}’s", edit.by)),
        rows: conflict.both.iter().map(row).collect(),
        kept: String::new(),
    }
}

/// A value as people read it.
fn said(picture: &Picture, value: Option<&Value>) -> String {
    let text = match value {
        Some(Value::Text(text)) => text.as_deref().map_or_else(String::new, |text| {
            let number = Phone::from_e164(text).map(|number| number.show(picture.install().region));
            let strategy = text.parse::<RingStrategy>().map(RingStrategy::label);
            number.unwrap_or_else(|| strategy.unwrap_or(text).to_owned())
        }),
        Some(Value::Seconds(seconds)) => format!("{seconds} seconds"),
        Some(Value::Flag(flag)) => if *flag { "Yes" } else { "No" }.to_owned(),
        Some(Value::Target(target)) => {
            rules::name_of(picture, *target).unwrap_or_else(|| target.to_string())
        }
        Some(Value::Agents(agents)) => {
            let name = |id| rules::name_of(picture, Target::Agent(id));
            let names = agents.iter().take(NAMED).filter_map(|id| name(*id));
            let names = names.collect::<Vec<_>>().join(", ");
            match agents.len() {
                ..=NAMED => names,
                all => format!("{names} and {} more", show::count((all - NAMED) as i64)),
            }
        }
        None => String::new(),
    };
    match text.is_empty() {
        true => "–".to_owned(),
        false => text,
    }
}
