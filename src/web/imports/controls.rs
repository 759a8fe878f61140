//! What the controls of an upload print: what can be chosen, and what is.

use super::choices::{CHARSETS, DEFAULTS, Fields, Wrong};
use super::columns::{self, ColumnView};
use super::counted;
use super::decide::NameView;
use super::names::{NAMES_SHOWN, is_list, label, offered};
use crate::domain::import::{
    Asked, Charset, Column, Detected, Facts, Format, Head, KnownBy, Listed, Lists, Options, Which,
    split_list,
};

/// A line of a select or of a list of boxes.
pub struct Pick {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

impl Pick {
    pub fn new(value: &str, label: impl Into<String>, chosen: bool) -> Self {
        Self {
            value: value.to_owned(),
            label: label.into(),
            chosen,
        }
    }
}

/// The switches and defaults of a file, which are on the page of the upload and on that of its plan.
pub struct OptionsView {
    pub lists: Vec<Pick>,
    pub which: Vec<Pick>,
    /// Selects: name of the field, label, choices.
    pub defaults: Vec<DefaultView>,
    /// Lists of boxes to tick.
    pub many: Vec<DefaultView>,
}

pub struct DefaultView {
    pub name: String,
    pub label: String,
    pub picks: Vec<Pick>,
}

impl OptionsView {
    pub fn new(options: &Options, facts: &Facts) -> Self {
        let default = |column: &Column| {
            let text = options.defaults.get(column).map_or("", String::as_str);
            let chosen = match is_list(*column) {
                true => split_list(text),
                false => vec![text.to_owned()],
            };
            let pick = |(value, label): (String, String)| Pick {
                chosen: chosen.contains(&value),
                value,
                label,
            };
            DefaultView {
                name: format!("default.{}", column.word()),
                label: label(*column),
                picks: offered(*column, facts).into_iter().map(pick).collect(),
            }
        };
        let (many, one): (Vec<&Column>, Vec<&Column>) =
            DEFAULTS.iter().partition(|column| is_list(**column));
        let lists = |lists: Lists, label| Pick::new(lists.word(), label, options.lists == lists);
        let which = |which: Which, label| Pick::new(which.word(), label, options.which == which);
        Self {
            lists: vec![
                lists(Lists::Replace, "Replace what is there"),
                lists(Lists::Add, "Add to what is there"),
            ],
            which: vec![
                which(Which::All, "Everyone in the file"),
                which(Which::New, "Only people who are not here yet"),
                which(Which::Known, "Only people who are here"),
            ],
            defaults: one.into_iter().map(default).collect(),
            many: many
                .into_iter()
                .map(default)
                .filter(|many| !many.picks.is_empty())
                .collect(),
        }
    }

    /// Some default is set, so the list of them stands open.
    pub fn has_defaults(&self) -> bool {
        let chosen = |view: &DefaultView| {
            view.picks
                .iter()
                .any(|pick| pick.chosen && !pick.value.is_empty())
        };
        self.defaults.iter().chain(&self.many).any(chosen)
    }
}

/// How a file is read, with a control for each part of that.
pub struct ReadingView {
    pub id: i64,
    pub version: i64,
    /// `Read as Windows-1252, split on ;`, in parts that are shown beside each other.
    pub said: Vec<Said>,
    pub charsets: Vec<Pick>,
    pub delimiters: Vec<Pick>,
    /// Empty for text.
    pub sheets: Vec<Pick>,
    /// Where the header stands; empty when none was found.
    pub head: String,
    pub columns: Vec<ColumnView>,
    /// Columns that nothing is known of.
    pub unknown: Vec<String>,
    /// Columns that clash with another.
    pub clashing: Vec<String>,
    pub ignore_unknown: bool,
    pub names: Vec<NameView>,
    /// `2 unknown names`; empty when all are settled.
    pub open_names: String,
    /// Records that exist, for each kind of which a name is unknown.
    pub known: Vec<(&'static str, Vec<String>)>,
    /// How many names more there are.
    pub more_names: String,
    pub options: OptionsView,
    pub wrong: Vec<Wrong>,
    /// The controls stand open: something has to be chosen.
    pub open: bool,
}

/// A fact about the file: plain words, and what is to be told apart from them.
pub struct Said {
    pub words: &'static str,
    pub value: String,
}

/// What the controls are made of.
pub struct Reading<'a> {
    pub id: i64,
    pub version: i64,
    pub found: Option<&'a Detected>,
    /// What its columns mean with what was chosen.
    pub head: Option<&'a Head>,
    pub asked: &'a Asked,
    pub options: &'a Options,
    /// As the plan was made: the form lists names by what is decided there.
    pub decided: &'a Options,
    /// What was posted and could not be taken.
    pub posted: Fields<'a>,
    pub listed: &'a Listed,
    pub facts: &'a Facts,
    pub wrong: Vec<Wrong>,
    /// The file can't be planned as it is.
    pub stuck: bool,
}

impl Reading<'_> {
    pub fn view(self) -> ReadingView {
        let mut columns = columns::views(self.head);
        let unknown: Vec<String> = columns
            .iter()
            .filter(|c| c.unknown)
            .map(|c| c.name.clone())
            .collect();
        let clashing = columns.iter().filter(|column| !column.clash.is_empty());
        let clashing = clashing.map(|column| column.name.clone()).collect();
        for column in &mut columns {
            match wrong_at(&self.wrong, &format!("column.{}", column.at)) {
                "" => {}
                wrong => column.clash = wrong.to_owned(),
            }
        }
        let names = self.names();
        let shown = self.listed.unknown.len().saturating_sub(NAMES_SHOWN);
        ReadingView {
            id: self.id,
            version: self.version,
            said: self.said(),
            charsets: self.charsets(),
            delimiters: self.delimiters(),
            sheets: self.sheets(),
            head: self.head_line(),
            known: self.known(),
            more_names: match (shown, self.listed.more_unknown) {
                (0, false) => String::new(),
                (0, true) => {
                    "There are more such names than can be listed: is a wrong column mapped?"
                        .to_owned()
                }
                (more, _) => format!(
                    "{} follow once these are settled.",
                    counted(more as u64, "more name")
                ),
            },
            open_names: match names.iter().filter(|name| name.open).count() {
                0 => String::new(),
                open => counted(open as u64, "unknown name"),
            },
            names,
            ignore_unknown: self.asked.mapping.ignore_unknown,
            options: OptionsView::new(self.options, self.facts),
            open: self.stuck || !self.wrong.is_empty(),
            unknown,
            clashing,
            columns,
            wrong: self.wrong,
        }
    }

    fn said(&self) -> Vec<Said> {
        let Some(found) = self.found else {
            return Vec::new();
        };
        let said = |words, value: String| Said { words, value };
        let mut all = match &found.format {
            Format::Text {
                charset,
                delimiter,
                named,
            } => vec![
                said(how_sure(charset), charset.name()),
                said(
                    match named {
                        true => "its first line says that cells end at",
                        false => "cells end at",
                    },
                    sign(*delimiter).to_owned(),
                ),
            ],
            Format::Book { sheet, sheets } => vec![said(
                match sheets.len() {
                    1 => "workbook, its only sheet",
                    _ => "workbook, sheet",
                },
                sheet.clone(),
            )],
        };
        if !found.head.is_missing() {
            all.push(said("header in line", found.head.line.to_string()));
            all.push(said("columns", found.head.names().len().to_string()));
        }
        all
    }

    fn charsets(&self) -> Vec<Pick> {
        if let Some(Format::Book { .. }) = self.found.map(|found| &found.format) {
            return Vec::new();
        }
        let chosen = self
            .asked
            .charset
            .map(|charset| charset.encoding.name().to_ascii_lowercase());
        let found = Pick::new("", "As found", chosen.is_none());
        let listed = CHARSETS.iter().map(|(name, label)| {
            let same = Charset::named(name).is_ok_and(|charset| {
                self.asked
                    .charset
                    .is_some_and(|asked| asked.encoding == charset.encoding)
            });
            Pick::new(name, *label, same)
        });
        let mut all: Vec<Pick> = std::iter::once(found).chain(listed).collect();
        if let Some(name) = chosen.filter(|_| !all.iter().any(|pick| pick.chosen)) {
            all.push(Pick::new(&name, name.as_str(), true));
        }
        all
    }

    fn delimiters(&self) -> Vec<Pick> {
        if let Some(Format::Book { .. }) = self.found.map(|found| &found.format) {
            return Vec::new();
        }
        let pick = |value: &str, sign: Option<u8>, label: &str| {
            Pick::new(value, label, self.asked.delimiter == sign)
        };
        vec![
            pick("", None, "As found"),
            pick(",", Some(b','), "Comma ,"),
            pick(";", Some(b';'), "Semicolon ;"),
            pick("tab", Some(b'\t'), "Tab"),
            pick("|", Some(b'|'), "Bar |"),
        ]
    }

    fn sheets(&self) -> Vec<Pick> {
        let Some(Format::Book { sheet, sheets }) = self.found.map(|found| &found.format) else {
            return Vec::new();
        };
        let chosen = self.posted.last("sheet").unwrap_or(sheet);
        let hidden = |visible: bool| if visible { "" } else { " (hidden)" };
        let pick = |one: &crate::domain::import::SheetName| {
            Pick::new(
                &one.name,
                format!("{}{}", one.name, hidden(one.visible)),
                one.name == *chosen,
            )
        };
        sheets.iter().map(pick).collect()
    }

    /// Where the header stands, or what was typed.
    fn head_line(&self) -> String {
        if let Some(typed) = self.posted.last("head") {
            return typed.to_owned();
        }
        let found = self.found.map(|found| &found.head);
        let found = found.filter(|head| !head.is_missing());
        let line = self.asked.head.or(found.map(|head| head.line));
        line.map_or_else(String::new, |line| line.to_string())
    }
}

impl ReadingView {
    /// What is wrong with a control; empty for nothing.
    pub fn wrong_at(&self, anchor: &str) -> &str {
        wrong_at(&self.wrong, anchor)
    }
}

pub(super) fn wrong_at<'w>(wrong: &'w [Wrong], anchor: &str) -> &'w str {
    let mut wrong = wrong.iter();
    let found = wrong.find(|wrong| wrong.anchor == anchor);
    found.map_or("", |wrong| wrong.message.as_str())
}

/// `read as`, or how far the encoding is a guess.
fn how_sure(charset: &Charset) -> &'static str {
    match charset.known {
        KnownBy::Mark | KnownBy::Valid | KnownBy::Zeros => "read as",
        KnownBy::Guess => "probably, so look at the names:",
        KnownBy::Choice => "read, as you chose, as",
    }
}

/// A sign between cells, as it is shown.
fn sign(delimiter: u8) -> &'static str {
    match delimiter {
        b',' => "a comma",
        b';' => "a semicolon",
        b'|' => "a bar",
        b'\t' => "a tab",
        _ => "another sign",
    }
}
