//! What the templates of acts print.

use super::assign::Picks;
use super::facts::Facts;
use super::form::{ActErrors, ActForm};
use super::words::{ActChoice, choices};
use crate::domain::show;
use crate::web::shell::{Notice, Shell};
use askama::Template;

/// The page without script.
#[derive(Template)]
#[template(path = "agents/acts.html")]
pub struct ActsPage<'a> {
    pub shell: &'a Shell,
    pub acts: &'a ActsView,
    /// The form stands in a dialog, and script sends it.
    pub dialog: bool,
}

/// The same form in a dialog.
#[derive(Template)]
#[template(path = "agents/acts_dialog.html")]
pub struct ActsDialog<'a> {
    pub acts: &'a ActsView,
    pub dialog: bool,
}

/// Only the form, after a fault, for the dialog that is open.
#[derive(Template)]
#[template(path = "agents/acts_form.html")]
pub struct ActsForm<'a> {
    pub acts: &'a ActsView,
    pub dialog: bool,
}

/// The results region: one notice.
#[derive(Template)]
#[template(path = "parts/toast.html")]
pub struct Toast<'a> {
    pub notice: &'a Notice,
}

/// One end of a block.
pub struct UntilChoice {
    pub value: &'static str,
    pub label: String,
    pub chosen: bool,
}

/// The form, ready to print.
pub struct ActsView {
    /// `Asha Rao`, `312 agents`.
    pub subject: String,
    /// Empty for many.
    pub agent_id: String,
    /// Where the form posts to.
    pub action: String,
    pub choices: Vec<ActChoice>,
    pub untils: Vec<UntilChoice>,
    pub reasons: Vec<String>,
    /// What can be assigned.
    pub picks: Picks,
    pub form: ActForm,
    pub errors: ActErrors,
    /// `IST`.
    pub zone: String,
    /// Of many: the first names, and how many there are beside them.
    pub names: Vec<String>,
    pub more_names: usize,
    pub calls: Vec<String>,
    pub calls_up: usize,
    /// Hidden fields that say whom it is about.
    pub keep: Vec<(&'static str, String)>,
    pub back: String,
}

impl ActsView {
    pub fn new(facts: &Facts, form: ActForm, errors: ActErrors, back: &str) -> Self {
        let single = facts.single();
        // A form that comes back has what was ticked in it.
        let chosen = match errors == ActErrors::default() {
            true => &facts.has,
            false => &form.chosen,
        };
        Self {
            picks: facts.picks.clone().with(chosen),
            subject: facts.subject(),
            agent_id: single.map(|id| id.to_string()).unwrap_or_default(),
            action: match single {
                Some(id) => format!("/agents/{id}/acts"),
                None => "/agents/bulk".to_owned(),
            },
            choices: choices(facts, &form.act),
            untils: untils(facts, &form.until),
            reasons: facts.install.reasons.clone(),
            zone: show::zone_name(facts.now, facts.install.calendar.zone),
            more_names: facts.ids.len() - facts.names.len(),
            names: match single {
                Some(_) => Vec::new(),
                None => facts.names.clone(),
            },
            calls: facts.calls.clone(),
            calls_up: facts.calls_up,
            keep: Vec::new(),
            back: back.to_owned(),
            form,
            errors,
        }
    }

    pub fn more_names_said(&self) -> String {
        show::count(self.more_names as i64)
    }

    pub fn more_calls(&self) -> usize {
        self.calls_up - self.calls.len()
    }
}

fn untils(facts: &Facts, chosen: &str) -> Vec<UntilChoice> {
    let timed = |label: &str, at: &str| match at {
        "" => label.to_owned(),
        at => format!("{label} · {at}"),
    };
    // Whoever has no working hours has the end of today instead.
    let one_without = facts.single().is_some() && facts.shift_ends.is_empty();
    let mut all = vec![("", "Until lifted".to_owned())];
    if !one_without {
        all.push(("shift", timed("End of shift", &facts.shift_ends)));
    }
    all.push(("today", "End of today".to_owned()));
    if !one_without {
        all.push(("next-shift", timed("Next shift", &facts.shift_begins)));
    }
    all.push(("monday", "Monday".to_owned()));
    all.push(("at", "A date and time".to_owned()));
    let known = all.iter().any(|(value, _)| *value == chosen);
    all.into_iter()
        .map(|(value, label)| UntilChoice {
            value,
            label,
            // What was posted as an instant stands in the field of its own.
            chosen: if known {
                value == chosen
            } else {
                value == "at"
            },
        })
        .collect()
}
