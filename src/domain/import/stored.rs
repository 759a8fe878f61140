//! Choices and findings about a file as lines of JSON, in which an upload keeps them between its steps.

use super::claims::Unused;
use super::column::Column;
use super::compact::Unreadable;
use super::detect::{Asked, Detected, Format};
use super::encoding::{Charset, KnownBy};
use super::head::{Choice, Head, Mapping};
use super::names::{Decision, Decisions, NewRecord};
use super::options::Options;
use super::plan::{Counts, Planner};
use super::rows::Record;
use super::sheet::SheetName;
use super::survey::{Survey, UnknownName};
use serde_json::{Map, Value as Json, json};

/// What the plan of a file lists once: names that no record has, and records that it would make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    pub unknown: Vec<UnknownName>,
    pub more_unknown: bool,
    pub created: Vec<NewRecord>,
    /// Rows that give somebody a web login.
    pub invited: u64,
    pub unused: Unused,
    /// The ids of the records that were made of them, in their order, once the plan is carried out; none for
    /// one that was there by then.
    pub made: Vec<Made>,
}

/// A record that a plan needed and that has an id now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    pub id: i64,
    /// Somebody else had made it meanwhile.
    pub found: bool,
}

type Read<T> = Result<T, Unreadable>;

fn object(text: &str) -> Read<Map<String, Json>> {
    serde_json::from_str(text).map_err(|_| Unreadable)
}

fn text_of(object: &Map<String, Json>, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}

impl Mapping {
    pub fn to_json(&self) -> String {
        self.json().to_string()
    }

    fn json(&self) -> Json {
        let chosen: Map<String, Json> = self
            .chosen()
            .map(|(name, choice)| {
                let choice = match choice {
                    Choice::Column(column) => json!(column.word()),
                    Choice::Ignore => Json::Null,
                };
                (name.to_owned(), choice)
            })
            .collect();
        json!({ "chosen": chosen, "ignore_unknown": self.ignore_unknown })
    }

    /// # Errors
    /// `Unreadable` for what [`Mapping::to_json`] did not write.
    pub fn from_json(text: &str) -> Read<Self> {
        Self::read(&object(text)?).ok_or(Unreadable)
    }

    fn read(object: &Map<String, Json>) -> Option<Self> {
        let mut mapping = Self::default();
        for (name, choice) in object.get("chosen")?.as_object()? {
            let choice = match choice.as_str() {
                None => Choice::Ignore,
                Some(word) => Choice::Column(word.parse().ok()?),
            };
            mapping.put(name, choice);
        }
        mapping.ignore_unknown = object.get("ignore_unknown")?.as_bool()?;
        Some(mapping)
    }
}

impl Asked {
    pub fn to_json(&self) -> String {
        json!({
            "charset": self.charset.map(|charset| charset.encoding.name()),
            "delimiter": self.delimiter,
            "sheet": self.sheet,
            "head": self.head,
            "mapping": self.mapping.json(),
        })
        .to_string()
    }

    /// # Errors
    /// `Unreadable` for what [`Asked::to_json`] did not write.
    pub fn from_json(text: &str) -> Read<Self> {
        let object = object(text)?;
        let read = || {
            let charset = match text_of(&object, "charset") {
                None => None,
                Some(name) => Some(Charset::named(&name).ok()?),
            };
            let delimiter = object.get("delimiter").and_then(Json::as_u64);
            Some(Self {
                charset,
                delimiter: delimiter.and_then(|sign| u8::try_from(sign).ok()),
                sheet: text_of(&object, "sheet"),
                head: object.get("head").and_then(Json::as_u64),
                mapping: Mapping::read(object.get("mapping")?.as_object()?)?,
            })
        };
        read().ok_or(Unreadable)
    }
}

impl Options {
    pub fn to_json(&self) -> String {
        let defaults: Map<String, Json> = self
            .defaults
            .iter()
            .map(|(column, text)| (column.word().to_owned(), json!(text)))
            .collect();
        let decisions: Vec<Json> = self
            .decisions
            .iter()
            .map(|(column, name, decision)| {
                let decision = match decision {
                    Decision::Map(id) => json!(id),
                    Decision::Create => json!("create"),
                    Decision::Refuse => json!("refuse"),
                };
                json!([column.word(), name, decision])
            })
            .collect();
        json!({
            "lists": self.lists.word(),
            "which": self.which.word(),
            "defaults": defaults,
            "decisions": decisions,
        })
        .to_string()
    }

    /// # Errors
    /// `Unreadable` for what [`Options::to_json`] did not write.
    pub fn from_json(text: &str) -> Read<Self> {
        let object = object(text)?;
        let read = || {
            let mut options = Self {
                lists: text_of(&object, "lists")?.parse().ok()?,
                which: text_of(&object, "which")?.parse().ok()?,
                ..Self::default()
            };
            for (column, text) in object.get("defaults")?.as_object()? {
                let text = text.as_str()?.to_owned();
                options.defaults.insert(column.parse().ok()?, text);
            }
            options.decisions = decisions(object.get("decisions")?)?;
            Some(options)
        };
        read().ok_or(Unreadable)
    }
}

fn decisions(list: &Json) -> Option<Decisions> {
    let mut decisions = Decisions::default();
    for one in list.as_array()? {
        let [column, name, decision] = one.as_array()?.as_slice() else {
            return None;
        };
        let decision = match (decision.as_i64(), decision.as_str()) {
            (Some(id), _) => Decision::Map(id),
            (None, Some("create")) => Decision::Create,
            (None, Some("refuse")) => Decision::Refuse,
            (None, Some(_) | None) => return None,
        };
        decisions.decide(column.as_str()?.parse().ok()?, name.as_str()?, decision);
    }
    Some(decisions)
}

impl Detected {
    /// Without the mapping, which is kept with what was [asked](Asked).
    pub fn to_json(&self) -> String {
        let format = match &self.format {
            Format::Text {
                charset,
                delimiter,
                named,
            } => json!({
                "charset": charset.encoding.name(),
                "known": known_word(charset.known),
                "delimiter": delimiter,
                "named": named,
            }),
            Format::Book { sheet, sheets } => {
                let sheets: Vec<Json> = sheets
                    .iter()
                    .map(|sheet| json!([sheet.name, sheet.visible]))
                    .collect();
                json!({ "sheet": sheet, "sheets": sheets })
            }
        };
        json!({ "format": format, "line": self.head.line, "head": self.head.names() }).to_string()
    }

    /// # Errors
    /// `Unreadable` for what [`Detected::to_json`] did not write, or with another mapping.
    pub fn from_json(text: &str, mapping: &Mapping) -> Read<Self> {
        let object = object(text)?;
        let read = || {
            let line = object.get("line")?.as_u64()?;
            let names = object.get("head")?.as_array()?.iter().map(Json::as_str);
            let names: Vec<&str> = names.collect::<Option<_>>()?;
            Some(Self {
                format: format(object.get("format")?.as_object()?)?,
                head: Head::read(&Record::from_cells(line, names), mapping),
            })
        };
        read().ok_or(Unreadable)
    }
}

fn format(object: &Map<String, Json>) -> Option<Format> {
    if let Some(sheet) = text_of(object, "sheet") {
        let sheets = object.get("sheets")?.as_array()?.iter().map(|sheet| {
            let [name, visible] = sheet.as_array()?.as_slice() else {
                return None;
            };
            Some(SheetName {
                name: name.as_str()?.to_owned(),
                visible: visible.as_bool()?,
            })
        });
        let sheets = sheets.collect::<Option<_>>()?;
        return Some(Format::Book { sheet, sheets });
    }
    let charset = Charset::named(&text_of(object, "charset")?).ok()?;
    let known = known_of(&text_of(object, "known")?)?;
    Some(Format::Text {
        charset: Charset { known, ..charset },
        delimiter: u8::try_from(object.get("delimiter")?.as_u64()?).ok()?,
        named: object.get("named")?.as_bool()?,
    })
}

const KNOWN: [(KnownBy, &str); 5] = [
    (KnownBy::Mark, "mark"),
    (KnownBy::Valid, "valid"),
    (KnownBy::Zeros, "zeros"),
    (KnownBy::Guess, "guess"),
    (KnownBy::Choice, "choice"),
];

fn known_word(known: KnownBy) -> &'static str {
    let found = KNOWN.iter().find(|(by, _)| *by == known);
    found.map_or("choice", |(_, word)| word)
}

fn known_of(word: &str) -> Option<KnownBy> {
    let mut known = KNOWN.iter();
    known.find(|(_, text)| *text == word).map(|(by, _)| *by)
}

impl Counts {
    pub fn to_json(&self) -> String {
        json!([
            self.rows,
            self.create,
            self.update,
            self.unchanged,
            self.skip,
            self.error
        ])
        .to_string()
    }

    /// # Errors
    /// `Unreadable` for what [`Counts::to_json`] did not write.
    pub fn from_json(text: &str) -> Read<Self> {
        let counts: [u64; 6] = serde_json::from_str(text).map_err(|_| Unreadable)?;
        let [rows, create, update, unchanged, skip, error] = counts;
        Ok(Self {
            rows,
            create,
            update,
            unchanged,
            skip,
            error,
        })
    }
}

impl Listed {
    pub fn new(survey: &Survey, planner: &Planner<'_>) -> Self {
        Self {
            unknown: survey.unknown().cloned().collect(),
            more_unknown: survey.has_more_unknown(),
            created: planner.created().to_vec(),
            invited: planner.invited(),
            unused: planner.unused(),
            made: Vec::new(),
        }
    }

    pub fn to_json(&self) -> String {
        let unknown: Vec<Json> = self
            .unknown
            .iter()
            .map(|name| {
                json!([
                    name.column.word(),
                    name.name,
                    name.rows,
                    name.line,
                    name.may_create
                ])
            })
            .collect();
        let created = self.created.iter();
        let created: Vec<Json> = created
            .map(|new| json!([new.column.word(), new.name]))
            .collect();
        let made: Vec<Json> = self
            .made
            .iter()
            .map(|made| json!([made.id, made.found]))
            .collect();
        json!({
            "unknown": unknown,
            "more": self.more_unknown,
            "created": created,
            "invited": self.invited,
            "unused": [u64::from(self.unused.intercom), self.unused.extension],
            "made": made,
        })
        .to_string()
    }

    /// # Errors
    /// `Unreadable` for what [`Listed::to_json`] did not write.
    pub fn from_json(text: &str) -> Read<Self> {
        let object = object(text)?;
        let list = |name: &str| object.get(name)?.as_array();
        let read = || {
            Some(Self {
                unknown: list("unknown")?
                    .iter()
                    .map(unknown)
                    .collect::<Option<_>>()?,
                more_unknown: object.get("more")?.as_bool()?,
                created: list("created")?
                    .iter()
                    .map(created)
                    .collect::<Option<_>>()?,
                // Plans of before it was counted have none.
                invited: object.get("invited").and_then(Json::as_u64).unwrap_or(0),
                unused: object.get("unused").and_then(unused).unwrap_or_default(),
                made: list("made")?.iter().map(made).collect::<Option<_>>()?,
            })
        };
        read().ok_or(Unreadable)
    }
}

fn unused(numbers: &Json) -> Option<Unused> {
    let [intercom, extension] = numbers.as_array()?.as_slice() else {
        return None;
    };
    Some(Unused {
        intercom: u32::try_from(intercom.as_u64()?).ok()?,
        extension: extension.as_u64()?,
    })
}

fn unknown(name: &Json) -> Option<UnknownName> {
    let [column, name, rows, line, may_create] = name.as_array()?.as_slice() else {
        return None;
    };
    Some(UnknownName {
        column: column.as_str()?.parse().ok()?,
        name: name.as_str()?.to_owned(),
        rows: rows.as_u64()?,
        line: line.as_u64()?,
        may_create: may_create.as_bool()?,
    })
}

fn created(new: &Json) -> Option<NewRecord> {
    let [column, name] = new.as_array()?.as_slice() else {
        return None;
    };
    let column: Column = column.as_str()?.parse().ok()?;
    let name = name.as_str()?.to_owned();
    Some(NewRecord { column, name })
}

fn made(made: &Json) -> Option<Made> {
    let [id, found] = made.as_array()?.as_slice() else {
        return None;
    };
    Some(Made {
        id: id.as_i64()?,
        found: found.as_bool()?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, detect};
    use super::*;
    use std::io::Cursor;

    #[test]
    fn choices_and_findings_come_back() {
        let mut asked = Asked {
            charset: Charset::named("windows-1252").ok(),
            delimiter: Some(b';'),
            sheet: Some("Blatt 1".to_owned()),
            head: Some(3),
            ..Asked::default()
        };
        asked
            .mapping
            .choose("Nick Name", Choice::Column(Column::Name));
        asked.mapping.choose("shoe", Choice::Ignore);
        asked.mapping.ignore_unknown = true;
        assert_eq!(Asked::from_json(&asked.to_json()), Ok(asked.clone()));
        let mut options = Options::default();
        options
            .defaults
            .insert(Column::Role, "Supervisor".to_owned());
        let decisions = &mut options.decisions;
        decisions.decide(Column::AgentGroups, "Nights", Decision::Create);
        decisions.decide(Column::Departments, "Salez", Decision::Map(3));
        decisions.decide(Column::TimeGroup, "x", Decision::Refuse);
        assert_eq!(Options::from_json(&options.to_json()), Ok(options));
        let mapping = &asked.mapping;
        let file = Cursor::new("title\nlogin_id,nick name,shoe\nasha.rao,Asha,42\n");
        let choice = Asked {
            mapping: mapping.clone(),
            ..Asked::default()
        };
        let found = detect(file, &choice, &Limits::default()).unwrap();
        assert_eq!(
            Detected::from_json(&found.to_json(), mapping),
            Ok(found.clone())
        );
        let book = Detected {
            format: Format::Book {
                sheet: "A".to_owned(),
                sheets: vec![SheetName {
                    name: "A".to_owned(),
                    visible: true,
                }],
            },
            ..found
        };
        assert_eq!(Detected::from_json(&book.to_json(), mapping), Ok(book));
        let counts = Counts {
            rows: 15,
            create: 1,
            update: 2,
            unchanged: 3,
            skip: 4,
            error: 5,
        };
        assert_eq!(Counts::from_json(&counts.to_json()), Ok(counts));
        let listed = Listed {
            unknown: vec![UnknownName {
                column: Column::Role,
                name: "Chief".to_owned(),
                rows: 2,
                line: 7,
                may_create: false,
            }],
            more_unknown: true,
            created: vec![NewRecord {
                column: Column::AgentGroups,
                name: "Nights".to_owned(),
            }],
            invited: 4,
            unused: Unused {
                intercom: 812,
                extension: 5_006,
            },
            made: vec![Made {
                id: 12,
                found: true,
            }],
        };
        assert_eq!(Listed::from_json(&listed.to_json()), Ok(listed));
        for bad in ["", "[]", "{}", "{\"format\":{}}", "[1,2]"] {
            assert!(Asked::from_json(bad).is_err() && Options::from_json(bad).is_err());
            assert!(Counts::from_json(bad).is_err() && Detected::from_json(bad, mapping).is_err());
            assert!(Listed::from_json(bad).is_err() && Mapping::from_json(bad).is_err());
        }
    }
}
