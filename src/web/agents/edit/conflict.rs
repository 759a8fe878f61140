//! The bar that shows two people's changes to the same fields, and what is said of merged ones.

use super::fill::{Filler, label_of, shown};
use super::view::{Bar, BarRow};
use crate::domain::agent_form::{AgentChange, Field, Value, Values};
use crate::domain::ids::{CallerIdId, DepartmentId, GroupId, TimeGroupId};
use crate::domain::routing;
use crate::domain::show;
use crate::domain::time_group;
use crate::domain::user_form::Own;
use crate::store::agent::history::Edit;
use crate::store::agent::update::Conflict;
use chrono_tz::Tz;

impl Filler<'_> {
    /// Field by field: as it was, theirs, mine.
    pub fn bar(&self, conflict: &Conflict, was: &Values, mine: &AgentChange) -> Bar {
        let zone = self.picture.install().calendar.zone;
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
            was: self.said(field, was.get(field)),
            theirs: self.said(field, conflict.now.get(field)),
            mine: self.said(field, mine.get(field)),
        };
        Bar {
            title: match last {
                Some(edit) => format!(
                    "{} saved this agent at {}, while you were editing",
                    edit.by,
                    show::time_of_day(edit.at, zone)
                ),
                None => "This agent was saved while you were editing".to_owned(),
            },
            whose: last.map_or("Theirs".to_owned(), |edit| format!("{}’s", edit.by)),
            rows: conflict.both.iter().map(row).collect(),
            kept: {
                let both = |name: &str| conflict.both.iter().any(|field| field.word() == name);
                others(&conflict.edits, |name| !both(name)).join(" ")
            },
        }
    }

    /// A value as people read it.
    pub fn said(&self, field: Field, value: Option<&Value>) -> String {
        let region = self.picture.install().region;
        let number = |text: &String| match field {
            Field::Phone | Field::CallForwardingNumber | Field::AlternativeNumbers => {
                shown(text, region)
            }
            _ => label_of(field, text).map_or_else(|| text.clone(), ToOwned::to_owned),
        };
        let names = |ids: &[i64]| -> Vec<String> {
            let known = ids.iter().filter_map(|&id| self.name(field, id));
            known.collect()
        };
        let parts = match value {
            Some(Value::Text(text)) => text.iter().map(number).collect(),
            Some(Value::Texts(texts)) => texts.iter().map(number).collect(),
            Some(Value::Flag(flag)) => vec![if *flag { "Yes" } else { "No" }.to_owned()],
            Some(Value::One(id)) => names(id.as_slice()),
            Some(Value::Many(ids)) => names(ids),
            None => Vec::new(),
        };
        match parts.is_empty() {
            true => "–".to_owned(),
            false => parts.join(", "),
        }
    }

    fn name(&self, field: Field, id: i64) -> Option<String> {
        let records = self.picture.records();
        match field {
            Field::TimeGroup => records.time_group(TimeGroupId(id)).map(|g| g.name.clone()),
            Field::Departments => records.department(DepartmentId(id)).map(|d| d.name.clone()),
            Field::AgentGroups => records.group(GroupId(id)).map(|g| g.name.clone()),
            Field::CallerIds => records
                .caller_id_shown(CallerIdId(id))
                .map(|number| number.to(self.picture.install().region).to_owned()),
            _ => None,
        }
    }
}

/// What others had changed meanwhile, and was kept.
pub fn kept(edits: &[Edit]) -> Vec<String> {
    others(edits, |_| true)
}

/// What others did while a form is open, with the time.
pub fn news(edits: &[Edit], zone: Tz) -> String {
    let sentence = |edit: &Edit| {
        let at = show::hour_and_minute(edit.at, zone);
        format!(
            "{} changed {} at {at}.",
            edit.by,
            what(&edit.fields, |_| true)
        )
    };
    let mut said: Vec<String> = edits.iter().rev().take(3).map(sentence).collect();
    said.dedup();
    said.join(" ")
}

/// "Rohan Kulkarni had changed the intercom number meanwhile: kept." One sentence for each person.
fn others(edits: &[Edit], wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut people: Vec<(&str, Vec<String>)> = Vec::new();
    for edit in edits {
        let fields = edit.fields.iter().filter(|name| wanted(name)).cloned();
        match people.iter_mut().find(|(by, _)| *by == edit.by) {
            Some((_, all)) => all.extend(fields),
            None => people.push((&edit.by, fields.collect())),
        }
    }
    people
        .iter()
        .filter(|(_, fields)| !fields.is_empty())
        .map(|(by, fields)| {
            format!(
                "{by} had changed {} meanwhile: kept.",
                what(fields, &wanted)
            )
        })
        .collect()
}

/// "the name, the intercom number and the state".
fn what(fields: &[String], wanted: impl Fn(&str) -> bool) -> String {
    let mut said: Vec<&str> = Vec::new();
    for name in fields.iter().filter(|name| wanted(name)) {
        let word = match (name.parse::<Field>(), name.parse::<time_group::Field>()) {
            (Ok(field), _) => field.said(),
            (Err(_), Ok(field)) => field.said(),
            (Err(_), Err(_)) => match (name.parse::<routing::Field>(), name.parse::<Own>()) {
                (Ok(field), _) => field.said(),
                (Err(_), Ok(own)) => own.said(),
                (Err(_), Err(_)) => match name.as_str() {
                    // A line about members says who came, who left and who could not.
                    "added" | "removed" | "refused" | "joined" | "left" => {
                        routing::Field::Members.said()
                    }
                    _ => "the state",
                },
            },
        };
        if !said.contains(&word) {
            said.push(word);
        }
    }
    match said.split_last() {
        None => "something".to_owned(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn what_others_changed_is_said_once_for_each_person() {
        let edit = |by: &str, fields: &[&str]| Edit {
            at: Timestamp(1_795_336_331_000_000),
            by: by.to_owned(),
            action: "agent.update".to_owned(),
            version: 2,
            fields: fields.iter().map(|name| (*name).to_owned()).collect(),
        };
        let edits = [
            edit("R. Kulkarni", &["intercom_number"]),
            edit("R. Kulkarni", &["name", "time_group"]),
            edit("P. Nair", &["admin_state", "reason"]),
            edit("A. Rao", &["added", "members", "removed"]),
        ];
        assert_eq!(
            kept(&edits),
            [
                "R. Kulkarni had changed the intercom number, the name and the time group meanwhile: kept.",
                "P. Nair had changed the state meanwhile: kept.",
                "A. Rao had changed the members meanwhile: kept."
            ]
        );
        assert_eq!(
            news(&edits[..1], chrono_tz::Asia::Kolkata),
            "R. Kulkarni changed the intercom number at 14:02."
        );
    }
}
