//! What the page of settings prints.

use super::tabs::Tab;
use super::{InUse, Words};
use crate::domain::agent_form::FieldErrors;
use crate::domain::feature_code::Feature;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::install::Install;
use crate::domain::number_plan::settings::names;
use crate::store::number_plan::Held;
use crate::web::form::{Choice, Field};
use crate::web::setup::regions;
use crate::web::setup::view::lengths;
use crate::web::shell::Shell;
use askama::Template;

#[derive(Template)]
#[template(path = "settings/show.html")]
pub struct SettingsPage<'a> {
    pub shell: &'a Shell,
    pub tab: Tab,
    pub form: &'a Form,
    pub may_save: bool,
}

/// One setting: what stands in the field, and the value that the form was opened with.
pub struct Control {
    pub field: Field,
    /// Name of the hidden twin.
    pub was_name: String,
    pub was: String,
}

/// A feature code: its row of the table, and its field.
pub struct CodeControl {
    pub label: String,
    pub control: Control,
}

/// Numbers that stand in the way of a new value.
pub struct Obstacle {
    /// `120 numbers stand in the way of intercoms of 6 digits`.
    pub said: String,
    pub numbers: Vec<HeldView>,
    /// How many more there are.
    pub more: usize,
}

/// A number, what of it collides, and the record that has it.
pub struct HeldView {
    pub number: String,
    pub why: String,
    pub href: String,
    pub name: String,
}

/// A setting that someone else has changed meanwhile.
pub struct Meanwhile {
    pub label: String,
    pub theirs: String,
    pub mine: String,
}

/// The form.
pub struct Form {
    pub length: Control,
    pub region: Control,
    pub codes: Vec<CodeControl>,
    pub lengths: Vec<Choice>,
    pub regions: Vec<Choice>,
    pub obstacles: Vec<Obstacle>,
    pub meanwhile: Vec<Meanwhile>,
    /// What is wrong with the form as a whole; empty when nothing is.
    pub message: String,
}

impl Form {
    /// As it is in force.
    pub fn of(now: &Words) -> Self {
        Self::typed(now, now)
    }

    /// With what was typed; `now` is what it is saved over.
    pub fn typed(now: &Words, typed: &Words) -> Self {
        let control = |name: &'static str| {
            let of = |words: &Words| words.get(name).cloned();
            let was = of(now).unwrap_or_default();
            let value = of(typed).unwrap_or_else(|| was.clone());
            Control {
                field: Field::new(name).value(value.chars().take(64).collect::<String>()),
                was_name: format!("{}{name}", super::WAS),
                was,
            }
        };
        let length = control(Install::INTERCOM_LENGTH);
        let mut lengths = lengths();
        // One from the first day that would not be taken today is shown as it is.
        if !lengths.iter().any(|choice| choice.value == length.was) {
            lengths.push(Choice {
                label: format!("{} digits", length.was),
                value: length.was.clone(),
            });
        }
        Self {
            length,
            region: control(Install::REGION),
            codes: Feature::ALL
                .iter()
                .map(|&feature| CodeControl {
                    label: label(feature.setting()),
                    control: control(feature.setting()),
                })
                .collect(),
            lengths,
            regions: regions::choices(),
            obstacles: Vec::new(),
            meanwhile: Vec::new(),
            message: String::new(),
        }
    }

    fn controls(&mut self) -> impl Iterator<Item = &mut Control> {
        let codes = self.codes.iter_mut().map(|code| &mut code.control);
        [&mut self.length, &mut self.region]
            .into_iter()
            .chain(codes)
    }

    /// What the form was opened with stays what it is compared with.
    pub fn was(&mut self, was: &Words) {
        for control in self.controls() {
            if let Some(was) = was.get(control.field.name) {
                control.was = was.chars().take(64).collect();
            }
        }
    }

    /// What is wrong, beside each field.
    pub fn wrong(&mut self, errors: &FieldErrors) {
        for control in self.controls() {
            if let Some(why) = errors.named(control.field.name) {
                why.clone_into(&mut control.field.error);
            }
        }
        self.message = "Nothing was saved: some fields need another look.".to_owned();
    }

    /// Others changed the same settings: theirs and mine, and saving again takes mine.
    pub fn conflict(&mut self, now: &Words, both: &[&'static str]) {
        for control in self.controls() {
            let name = control.field.name;
            if both.contains(&name) {
                let theirs = now.get(name).map_or("", String::as_str);
                control.field.error =
                    format!("Someone else has set {theirs} meanwhile. Save again to have yours.");
            }
        }
        let typed = |form: &mut Self, name: &str| {
            let mut controls = form.controls();
            let found = controls.find(|control| control.field.name == name);
            found.map_or_else(String::new, |control| control.field.value.clone())
        };
        for name in both {
            let mine = typed(&mut *self, name);
            self.meanwhile.push(Meanwhile {
                label: label(name),
                theirs: now.get(name).cloned().unwrap_or_default(),
                mine,
            });
        }
        self.message =
            "Nothing was saved: someone else has changed the same settings since you opened this."
                .to_owned();
    }

    /// Numbers in use stand in the way.
    pub fn in_use(&mut self, in_use: &[InUse]) {
        for obstacle in in_use {
            let count = match obstacle.count {
                1 => "A number that is in use stands".to_owned(),
                count => format!("{count} numbers that are in use stand"),
            };
            for control in self.controls() {
                if control.field.name == obstacle.setting {
                    control.field.error = format!("{count} in the way.");
                }
            }
            self.obstacles.push(Obstacle {
                said: format!("{count} in the way of {}.", label(obstacle.setting)),
                numbers: obstacle.numbers.iter().map(|n| held(obstacle, n)).collect(),
                more: obstacle.count - obstacle.numbers.len(),
            });
        }
        self.message =
            "Nothing was saved: change these numbers first, or choose otherwise.".to_owned();
    }
}

fn held(obstacle: &InUse, held: &Held) -> HeldView {
    let (with, id) = (&held.with, held.owner.id);
    HeldView {
        number: held.number.clone(),
        why: match obstacle.setting {
            Install::INTERCOM_LENGTH => format!("has not {with} digits"),
            Install::REGION => format!("would be mistaken for the emergency number {with}"),
            _ => format!("would be mistaken for the code {with}"),
        },
        href: match held.owner.kind.as_str() {
            "user" => format!("/agents/{}", AgentId::of(UserId(id))),
            "department" => format!("/departments/{id}"),
            "ivr" => format!("/ivrs/{id}"),
            _ => String::new(),
        },
        name: held.name.clone(),
    }
}

/// A setting by its label.
fn label(name: &str) -> String {
    debug_assert!(names().any(|known| known == name), "{name}");
    match name {
        Install::INTERCOM_LENGTH => "Intercom length".to_owned(),
        Install::REGION => "Default region".to_owned(),
        name => {
            let row = Feature::ALL.iter().find(|row| row.setting() == name);
            match row {
                Some(Feature::QueueOff) => "IVR or department transfer, queue off".to_owned(),
                Some(Feature::QueueOn) => "IVR or department transfer, queue on".to_owned(),
                Some(row) => row.label().to_owned(),
                None => name.to_owned(),
            }
        }
    }
}
