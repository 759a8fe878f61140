//! What the forms of users print: in steps for a new one, on one page for one who is there.

use crate::domain::agent_form::FieldErrors;
use crate::domain::user_form::{Field, Own, Step};
use crate::web::agents::edit::view::{Bar, EditForm, Pick};
use crate::web::shell::Shell;
use askama::Template;

/// The form of a user.
#[derive(Template)]
#[template(path = "users/form.html")]
pub struct FormPage<'a> {
    pub shell: &'a Shell,
    pub form: &'a UserForm,
}

pub struct UserForm {
    /// None for a new one.
    pub id: Option<i64>,
    /// The name as it is stored, or as it was typed.
    pub who: String,
    pub version: i64,
    pub opened: i64,
    /// The values it was opened with.
    pub was: String,
    pub once: String,
    pub back: String,
    /// The fields that are shared with agents, as their form has them.
    pub calls: EditForm,
    pub calling: bool,
    /// The doer may not make someone who is no calling agent.
    pub must_call: bool,
    pub web_login: Vec<Pick>,
    pub roles: Vec<Pick>,
    pub scope_groups: Vec<Pick>,
    pub allowed_ips: String,
    pub errors: FieldErrors,
    /// Of a new one: the step that is shown; of another all are.
    pub step: Option<Step>,
    /// What was typed in the other steps.
    pub hidden: Vec<(String, String)>,
    pub conflict: Option<Bar>,
    /// The rights change, and the doer proved who they are too long ago.
    pub confirm: bool,
    /// Typing begins here, where none of the shared fields is wrong.
    pub focus: Option<Own>,
}

/// A step in the line above the form.
pub struct StepLine {
    pub word: &'static str,
    pub label: &'static str,
    pub done: bool,
    pub current: bool,
}

/// Something that is wrong, with the control that it stands at.
pub struct Wrong {
    pub field: Field,
    pub anchor: String,
    pub label: &'static str,
    pub message: String,
}

impl UserForm {
    pub fn is_new(&self) -> bool {
        self.id.is_none()
    }

    pub fn action(&self) -> String {
        match self.id {
            Some(id) => format!("/users/{id}"),
            None => "/users/new".to_owned(),
        }
    }

    /// Where Cancel leads.
    pub fn cancel(&self) -> &str {
        match self.back.as_str() {
            "" => "/users",
            back => back,
        }
    }

    pub fn shows_general(&self) -> bool {
        self.step.is_none_or(|step| step == Step::General)
    }

    pub fn shows_settings(&self) -> bool {
        self.step.is_none_or(|step| step == Step::Settings)
    }

    pub fn shows_web_login(&self) -> bool {
        self.step.is_none_or(|step| step == Step::WebLogin)
    }

    pub fn is_last(&self) -> bool {
        self.step == Some(Step::WebLogin)
    }

    pub fn is_first(&self) -> bool {
        self.step == Some(Step::General)
    }

    /// The word of the step that is shown.
    pub fn at(&self) -> &'static str {
        self.step.map_or("", Step::word)
    }

    pub fn steps(&self) -> Vec<StepLine> {
        let now = self.step.unwrap_or(Step::General);
        let line = |&step: &Step| StepLine {
            word: step.word(),
            label: step_label(step),
            done: step < now,
            current: step == now,
        };
        Step::ALL.iter().map(line).collect()
    }

    pub fn step_label(&self) -> &'static str {
        step_label(self.step.unwrap_or(Step::General))
    }

    /// What is wrong with one of the fields that only users have; empty for nothing.
    pub fn fault(&self, name: &str) -> &str {
        self.errors.named(name).unwrap_or_default()
    }

    /// What is wrong on what is shown, in the order of the form.
    pub fn wrong(&self) -> Vec<Wrong> {
        let at = |field: Field| self.step.is_none_or(|step| field.step() == step);
        let shared = self
            .calls
            .wrong()
            .filter(|control| at(Field::Shared(control.field)))
            .map(|control| Wrong {
                field: Field::Shared(control.field),
                anchor: format!("{}-{}", control.name(), self.calls.agent_id),
                label: control.label(),
                message: control.fault.text(),
            });
        let own = Own::ALL.iter().copied().filter(|own| at(Field::Own(*own)));
        let own = own.filter_map(|own| {
            Some(Wrong {
                field: Field::Own(own),
                anchor: own.word().to_owned(),
                label: own.label(),
                message: self.errors.named(own.word())?.to_owned(),
            })
        });
        shared.chain(own).collect()
    }

    /// Leads typing to the first that is wrong.
    pub fn focus_first(&mut self) {
        match self.wrong().first().map(|wrong| wrong.field) {
            Some(Field::Shared(field)) => self.calls.focus = Some(field),
            Some(Field::Own(own)) => self.focus = Some(own),
            None => {}
        }
    }

    pub fn focuses(&self, name: &str) -> bool {
        self.focus.is_some_and(|own| own.word() == name)
    }

    /// The extension caller id, as soon as one is chosen: the first of those allowed.
    pub fn extension_caller_id(&self) -> &str {
        let first = self.calls.caller_ids.iter().find(|pick| pick.chosen);
        first.map_or("", |pick| &pick.label)
    }
}

fn step_label(step: Step) -> &'static str {
    match step {
        Step::General => "General",
        Step::Settings => "User settings",
        Step::WebLogin => "Web login",
    }
}
