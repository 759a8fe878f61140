//! What somebody chose for a file: how it is read, what its columns mean, what becomes of names that nobody
//! knows, and the defaults. Read from a form's fields, each with what is wrong with it.

use super::names::{is_list, label, offered};
use crate::domain::import::{
    Asked, Charset, Choice, Column, DELIMITERS, Facts, Head, Lists, Mapping, Meaning, Options,
    Which, join_list,
};

/// Columns that may have a default, in the order of the form.
pub const DEFAULTS: [Column; 7] = [
    Column::Role,
    Column::CallingAgent,
    Column::AgentGroups,
    Column::Departments,
    Column::TimeGroup,
    Column::Extension,
    Column::WebLogin,
];
/// Encodings that can be chosen, by label and name.
pub const CHARSETS: [(&str, &str); 11] = [
    ("utf-8", "UTF-8"),
    ("utf-16le", "UTF-16, little end first"),
    ("utf-16be", "UTF-16, big end first"),
    ("windows-1252", "Windows-1252 (Western Europe)"),
    ("windows-1250", "Windows-1250 (Central Europe)"),
    ("windows-1251", "Windows-1251 (Cyrillic)"),
    ("windows-1256", "Windows-1256 (Arabic)"),
    ("macintosh", "Macintosh"),
    ("shift_jis", "Shift JIS"),
    ("gb18030", "GB 18030"),
    ("euc-kr", "EUC-KR"),
];

/// The fields of a form in the order in which they came.
pub struct Fields<'a>(pub &'a [(String, String)]);

/// A field that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The id of its control.
    pub anchor: String,
    pub label: String,
    pub message: String,
}

impl Wrong {
    /// About the form as a whole.
    pub fn whole(message: &str) -> Self {
        Self::new("", "", message)
    }

    pub fn new(
        anchor: impl Into<String>,
        label: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            anchor: anchor.into(),
            label: label.into(),
            message: message.into(),
        }
    }
}

impl<'a> Fields<'a> {
    /// The last value: a box that may be ticked has a hidden twin before it.
    pub fn last(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().rev().find(|(n, _)| n == name);
        found.map(|(_, value)| value.trim())
    }

    pub fn all(&self, name: &str) -> Vec<&'a str> {
        let found = self.0.iter().filter(|(n, _)| n == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// The first field that no control of ours has.
    pub fn stranger(&self, known: impl Fn(&str) -> bool) -> Option<&'a str> {
        self.0
            .iter()
            .map(|(name, _)| name.as_str())
            .find(|name| !known(name))
    }
}

/// Whether a field belongs to the options of a file.
pub fn is_option(name: &str) -> bool {
    match name.strip_prefix("default.") {
        Some(column) => column
            .parse::<Column>()
            .is_ok_and(|column| DEFAULTS.contains(&column)),
        None => ["lists", "which"].contains(&name),
    }
}

/// Whether a field says how a file is read, or what its columns and names mean.
pub fn is_reading(name: &str) -> bool {
    let numbered = name.split_once('.').is_some_and(|(name, number)| {
        ["column", "name", "instead"].contains(&name) && number.parse::<usize>().is_ok()
    });
    numbered || ["charset", "delimiter", "sheet", "head", "ignore_unknown"].contains(&name)
}

/// Switches and defaults; what the form does not have stays as it is.
pub fn options(fields: &Fields<'_>, facts: &Facts, options: &mut Options, wrong: &mut Vec<Wrong>) {
    match fields.last("lists").map(str::parse::<Lists>) {
        Some(Ok(lists)) => options.lists = lists,
        Some(Err(_)) => wrong.push(Wrong::new(
            "lists",
            "Cells with many values",
            "are replaced or added to",
        )),
        None => {}
    }
    match fields.last("which").map(str::parse::<Which>) {
        Some(Ok(which)) => options.which = which,
        Some(Err(_)) => wrong.push(Wrong::new(
            "which",
            "Rows that count",
            "are all, new or known",
        )),
        None => {}
    }
    for column in DEFAULTS {
        let field = format!("default.{}", column.word());
        if fields.last(&field).is_none() {
            continue;
        }
        let chosen = fields.all(&field);
        let offered = offered(column, facts);
        if chosen
            .iter()
            .any(|value| !offered.iter().any(|(known, _)| known == value))
        {
            wrong.push(Wrong::new(
                field,
                label(column),
                "is none of those that can be chosen",
            ));
        } else if chosen.is_empty() {
            options.defaults.remove(&column);
        } else {
            let text = match is_list(column) {
                true => join_list(&chosen),
                false => chosen.last().copied().unwrap_or_default().to_owned(),
            };
            options.defaults.insert(column, text);
        }
    }
}

/// How the file is read and what its columns mean; what the form does not have stays as it is.
pub fn reading(
    fields: &Fields<'_>,
    head: Option<&Head>,
    asked: &mut Asked,
    wrong: &mut Vec<Wrong>,
) {
    match fields.last("charset") {
        Some("") => asked.charset = None,
        Some(name) => match Charset::named(name) {
            Ok(charset) => asked.charset = Some(charset),
            Err(error) => wrong.push(Wrong::new("charset", "Encoding", error.to_string())),
        },
        None => {}
    }
    match fields.last("delimiter").map(delimiter) {
        Some(Ok(sign)) => asked.delimiter = sign,
        Some(Err(())) => wrong.push(Wrong::new(
            "delimiter",
            "What stands between cells",
            "is none of those that can be chosen",
        )),
        None => {}
    }
    match fields.last("sheet") {
        Some("") => asked.sheet = None,
        Some(sheet) => asked.sheet = Some(sheet.to_owned()),
        None => {}
    }
    head_line(fields, head, asked, wrong);
    if let Some(head) = head {
        asked.mapping = mapping(fields, head, &asked.mapping, wrong);
    }
}

/// A sign by its name in the form.
fn delimiter(word: &str) -> Result<Option<u8>, ()> {
    let sign = match word {
        "" => return Ok(None),
        "tab" => b'\t',
        word => match word.as_bytes() {
            [sign] => *sign,
            _ => return Err(()),
        },
    };
    match DELIMITERS.contains(&sign) {
        true => Ok(Some(sign)),
        false => Err(()),
    }
}

fn head_line(fields: &Fields<'_>, head: Option<&Head>, asked: &mut Asked, wrong: &mut Vec<Wrong>) {
    match fields.last("head").map(|line| (line, line.parse::<u64>())) {
        Some(("", _)) => asked.head = None,
        // The line that was found by itself is no choice.
        Some((_, Ok(line)))
            if asked.head.is_none() && head.is_some_and(|head| head.line == line) => {}
        Some((_, Ok(line @ 1..=1_000))) => asked.head = Some(line),
        Some(_) => wrong.push(Wrong::new(
            "head",
            "Line of the header",
            "is a number from 1 to 1,000",
        )),
        None => {}
    }
}

fn mapping(fields: &Fields<'_>, head: &Head, before: &Mapping, wrong: &mut Vec<Wrong>) -> Mapping {
    let ignored = fields.last("ignore_unknown").map(|value| value == "yes");
    let mut mapping = Mapping::default();
    mapping.ignore_unknown = ignored.unwrap_or(before.ignore_unknown);
    for (at, (name, meaning)) in head.columns().enumerate() {
        let choice = match fields.last(&format!("column.{at}")) {
            None => now(name, meaning),
            Some("") => None,
            Some("ignore") => Some(Choice::Ignore),
            Some(word) => match word.parse() {
                Ok(column) if Meaning::of(name) == Meaning::Column(column) => None,
                Ok(column) => Some(Choice::Column(column)),
                Err(_) => {
                    wrong.push(Wrong::new(
                        format!("column.{at}"),
                        name,
                        "is none of those that can be chosen",
                    ));
                    None
                }
            },
        };
        if let Some(choice) = choice {
            mapping.choose_at(head.names(), at, choice);
        }
    }
    mapping
}

/// What was chosen for a column before, if anything was.
fn now(name: &str, meaning: Meaning) -> Option<Choice> {
    match meaning {
        Meaning::Ignored => Some(Choice::Ignore),
        Meaning::Column(column) if Meaning::of(name) != meaning => Some(Choice::Column(column)),
        Meaning::Column(_) | Meaning::ReadOnly | Meaning::Unnamed | Meaning::Unknown => None,
    }
}
