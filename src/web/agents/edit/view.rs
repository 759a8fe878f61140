//! What the templates of the edit row and the edit form print.

use super::super::columns::Columns;
use super::super::row::AgentRow;
use super::super::view::Can;
use crate::domain::agent_form::Field;
use crate::web::form::{self, Attributes};
use crate::web::shell::{Notice, Shell};
use askama::Template;

/// What is wrong with a value, with whoever has it already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    pub before: String,
    /// Address (empty: none) and name.
    pub holder: Option<(String, String)>,
    pub after: String,
}

impl Fault {
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            before: text.into(),
            ..Self::default()
        }
    }

    pub fn is_empty(&self) -> bool {
        self.before.is_empty()
    }

    /// For who reads no links.
    pub fn text(&self) -> String {
        let holder = self.holder.as_ref().map_or("", |(_, name)| name);
        format!("{}{holder}{}", self.before, self.after)
    }
}

/// One field: what stands in it, and what is wrong.
#[derive(Clone, Debug)]
pub struct Control {
    pub field: Field,
    pub value: String,
    pub fault: Fault,
}

impl Control {
    pub fn name(&self) -> &'static str {
        self.field.word()
    }

    pub fn label(&self) -> &'static str {
        self.field.label()
    }
}

/// A record or word that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// A form of an agent, in a row or on a page.
#[derive(Clone, Debug)]
pub struct EditForm {
    /// Empty for a new one. Ends all ids, so that rows can be open side by side.
    pub agent_id: String,
    /// The name as it is stored.
    pub who: String,
    pub version: i64,
    /// The values the form was opened with.
    pub was: String,
    pub once: String,
    pub back: String,
    pub controls: Vec<Control>,
    pub time_groups: Vec<Pick>,
    pub departments: Vec<Pick>,
    pub groups: Vec<Pick>,
    /// In the order that is stored, then the others.
    pub caller_ids: Vec<Pick>,
    pub rings_on: Vec<Pick>,
    pub outgoing: Vec<Pick>,
    pub login_based: bool,
    /// Digits of an intercom number, and some that are free.
    pub intercom_digits: u8,
    pub free_intercoms: String,
    /// Leaving the last group has to be confirmed.
    pub ask_leave: bool,
    /// Typing begins here: the first that is wrong.
    pub focus: Option<Field>,
    pub conflict: Option<Bar>,
}

/// The bar of a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// `Lakshmi Menon saved this agent at 14:01:37, while you were editing`.
    pub title: String,
    /// Head of the column with the other's values.
    pub whose: String,
    pub rows: Vec<BarRow>,
    /// What they changed beside it, which is kept; empty for nothing.
    pub kept: String,
}

/// A field that both changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarRow {
    pub name: &'static str,
    pub label: &'static str,
    pub was: String,
    pub theirs: String,
    pub mine: String,
}

impl EditForm {
    pub fn focuses(&self, control: &Control) -> bool {
        self.focus == Some(control.field)
    }

    pub fn of(&self, name: &str) -> &Control {
        let found = self.controls.iter().find(|control| control.name() == name);
        found.unwrap_or(&self.controls[0])
    }

    /// The fields that have something wrong, in the order of the form.
    pub fn wrong(&self) -> impl Iterator<Item = &Control> {
        self.controls
            .iter()
            .filter(|control| !control.fault.is_empty())
    }

    pub fn wrong_count(&self) -> usize {
        self.wrong().count()
    }

    /// The first of the caller ids is the one that calls show.
    pub fn first_caller_id(&self) -> &str {
        let first = self.caller_ids.iter().find(|pick| pick.chosen);
        first.map_or("", |pick| &pick.value)
    }

    pub fn is_new(&self) -> bool {
        self.agent_id.is_empty()
    }

    pub fn action(&self) -> String {
        match self.is_new() {
            true => "/agents".to_owned(),
            false => format!("/agents/{}", self.agent_id),
        }
    }
}

/// What was chosen, joined: the face of a button that opens a list.
pub fn chosen(picks: &[Pick]) -> String {
    let chosen = picks.iter().filter(|pick| pick.chosen);
    let names: Vec<&str> = chosen.map(|pick| pick.label.as_str()).collect();
    match names.as_slice() {
        [] => "None".to_owned(),
        names => names.join(", "),
    }
}

/// The page of one agent's form, or of a new one.
#[derive(Template)]
#[template(path = "agents/edit.html")]
pub struct EditPage<'a> {
    pub shell: &'a Shell,
    pub form: &'a EditForm,
}

/// The row turned into fields, and the bar under it.
#[derive(Template)]
#[template(path = "agents/edit_row.html")]
pub struct EditRow<'a> {
    pub form: &'a EditForm,
    pub row: &'a AgentRow<'a>,
    pub cols: Columns,
    pub can: Can,
    /// The row that is there is open already.
    pub again: bool,
}

/// The row as it is again.
#[derive(Template)]
#[template(path = "agents/edit_done.html")]
pub struct EditDone<'a> {
    pub agent_id: &'a str,
    /// Nothing: the agent is not in this person's sight any more.
    pub row: Option<AgentRow<'a>>,
    pub cols: Columns,
    pub can: Can,
    /// What was done, with Undo; nothing after a cancel.
    pub notice: Option<&'a Notice>,
}

/// What others changed while the form is open.
#[derive(Template)]
#[template(path = "agents/edit_news.html")]
pub struct EditNews {
    pub text: String,
}

impl EditRow<'_> {
    /// A row that opens has the focus in its first field.
    fn first(&self) -> Attributes {
        match self.again {
            true => form::EDIT_NAME,
            false => form::EDIT_FIRST,
        }
    }
}
