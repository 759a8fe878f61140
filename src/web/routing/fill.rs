//! The form of a department, an IVR or a caller id with values in it: those stored, or as typed.

use super::members::MembersView;
use super::posted::Posted;
use super::rules;
use crate::domain::agent_form::FieldErrors;
use crate::domain::routing::{Field, Noun, RingStrategy, Target, Values};
use crate::floor::Picture;
use crate::web::agents::edit::view::{Bar, Fault, Pick};
use crate::web::shell::Shell;
use askama::Template;

/// The page; `as_form()` is the part that a press of its buttons replaces.
#[derive(Template)]
#[template(path = "routing/edit.html", blocks = ["form"])]
pub struct EditPage<'a> {
    pub shell: &'a Shell,
    pub form: &'a FormView,
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
}

/// A form.
#[derive(Clone, Debug)]
pub struct FormView {
    pub noun: Noun,
    /// Empty for a new one.
    pub id: String,
    /// What it is called as it is stored.
    pub who: String,
    pub version: i64,
    /// The values it was opened with.
    pub was: String,
    pub once: String,
    pub controls: Vec<Control>,
    pub strategies: Vec<Pick>,
    pub use_as_queue: bool,
    pub members: MembersView,
    /// Where calls may go, and whom of the agents was named.
    pub departments: Vec<Pick>,
    pub ivrs: Vec<Pick>,
    pub target: &'static str,
    pub agent: String,
    pub conflict: Option<Bar>,
}

impl FormView {
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

    pub fn is_new(&self) -> bool {
        self.id.is_empty()
    }

    pub fn action(&self) -> String {
        match self.is_new() {
            true => self.noun.path().to_owned(),
            false => format!("{}/{}", self.noun.path(), self.id),
        }
    }

    /// Puts a fault beside a field.
    pub fn mark(&mut self, field: Field, fault: &Fault) {
        for control in self
            .controls
            .iter_mut()
            .filter(|control| control.field == field)
        {
            control.fault = fault.clone();
        }
    }
}

/// Fills forms from the picture.
pub struct Filler<'a> {
    pub picture: &'a Picture,
    pub noun: Noun,
    /// The record, with what it is called; none for a new one.
    pub record: Option<(i64, String)>,
}

impl Filler<'_> {
    /// The form with these values, as it opens.
    pub fn stored(&self, values: &Values, version: i64, once: String) -> FormView {
        let typed = |field: Field| {
            values
                .get(field)
                .map(|value| value.typed())
                .unwrap_or_default()
        };
        let mut form = self.form(typed);
        form.version = version;
        form.was = values.to_json();
        form.once = once;
        form.members = MembersView::new(self.picture, &form.members.text, values, 0, "");
        form
    }

    /// The form as it was sent; what it leaves out has the values that it was opened with.
    pub fn typed(&self, posted: &Posted, was: &Values, errors: &FieldErrors) -> FormView {
        let typed = |field: Field| match posted.form.typed(field) {
            Some(_) => posted.form.text(field).to_owned(),
            None => was
                .get(field)
                .map(|value| value.typed())
                .unwrap_or_default(),
        };
        let mut form = self.form(typed);
        form.version = posted.version.unwrap_or_default();
        form.was.clone_from(&posted.was);
        form.once.clone_from(&posted.once);
        let text = std::mem::take(&mut form.members.text);
        form.members = MembersView::new(self.picture, &text, was, posted.part, &posted.find);
        for error in &errors.0 {
            if let Ok(field) = error.name.parse() {
                form.mark(field, &Fault::plain(error.message.as_str()));
            }
        }
        form
    }

    fn form(&self, typed: impl Fn(Field) -> String) -> FormView {
        let goes_to = typed(Field::GoesTo);
        let (target, agent) = goes_to.split_once(':').unwrap_or((goes_to.as_str(), ""));
        let known = Target::KINDS.iter().copied().find(|kind| *kind == target);
        let strategy = typed(Field::RingStrategy);
        let record = self.record.as_ref();
        let controls = self.noun.fields().iter().map(|&field| Control {
            field,
            value: typed(field),
            fault: Fault::default(),
        });
        FormView {
            noun: self.noun,
            id: record.map_or_else(String::new, |(id, _)| id.to_string()),
            who: record.map_or_else(String::new, |(_, who)| who.clone()),
            version: 0,
            was: String::new(),
            once: String::new(),
            controls: controls.collect(),
            strategies: RingStrategy::ALL
                .iter()
                .map(|each| Pick {
                    value: each.word().to_owned(),
                    label: format!("{}: {}", each.label(), each.explained()),
                    chosen: each.word() == strategy,
                })
                .collect(),
            use_as_queue: typed(Field::UseAsQueue) == "yes",
            members: MembersView {
                text: typed(Field::Members),
                ..MembersView::default()
            },
            departments: self.departments(&goes_to),
            ivrs: self.ivrs(&goes_to),
            target: known.unwrap_or("nowhere"),
            agent: match target {
                "agent" => agent.to_owned(),
                _ => String::new(),
            },
            conflict: None,
        }
    }

    fn departments(&self, chosen: &str) -> Vec<Pick> {
        let all = self.picture.records().departments().iter();
        let pick = |department: &crate::domain::record::Department| {
            pick(Target::Department(department.id), &department.name, chosen)
        };
        let mut picks: Vec<Pick> = all.map(pick).collect();
        picks.extend(self.gone(chosen, "department:"));
        picks
    }

    fn ivrs(&self, chosen: &str) -> Vec<Pick> {
        let all = self.picture.records().ivrs().iter();
        let pick = |ivr: &crate::domain::record::Ivr| pick(Target::Ivr(ivr.id), &ivr.name, chosen);
        let mut picks: Vec<Pick> = all.map(pick).collect();
        picks.extend(self.gone(chosen, "ivr:"));
        picks
    }

    /// What was chosen once and is deleted stays visible, so that nothing changes without a word.
    fn gone(&self, chosen: &str, kind: &str) -> Option<Pick> {
        let target: Target = chosen.parse().ok()?;
        let gone = chosen.starts_with(kind) && rules::name_of(self.picture, target).is_none();
        gone.then(|| pick(target, "(deleted: choose another)", chosen))
    }
}

fn pick(target: Target, label: &str, chosen: &str) -> Pick {
    let value = target.to_string();
    Pick {
        chosen: value == chosen,
        value,
        label: label.to_owned(),
    }
}
