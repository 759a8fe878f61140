//! Fills the form: with the values that are stored, or with what was typed and what is wrong with it.

use super::posted::Posted;
use super::rules::is_known;
use super::view::{Control, EditForm, Fault, Pick};
use crate::domain::agent_form::{AgentForm, Field, FieldErrors, Value, Values};
use crate::domain::ids::{AgentId, CallerIdId};
use crate::domain::number_plan::{is_ambiguous, reserved};
use crate::domain::person::Person;
use crate::domain::phone::{Phone, Region};
use crate::domain::role::Scope;
use crate::floor::Picture;

/// What a form is filled from beside its own values.
#[derive(Clone, Copy)]
pub struct Filler<'a> {
    pub picture: &'a Picture,
    pub scope: &'a Scope,
}

/// Who the form is about and with which of its texts.
struct Filling<'a> {
    person: Option<&'a Person>,
    stored: Values,
    typed: Option<&'a AgentForm>,
}

impl Filler<'_> {
    /// As it is stored.
    pub fn stored(&self, person: &Person) -> EditForm {
        let stored = self.values(person);
        let version = person.agent.as_deref().map_or(0, |agent| agent.version);
        let was = stored.to_json();
        let form = self.fill(&Filling {
            person: Some(person),
            stored,
            typed: None,
        });
        EditForm {
            version,
            was,
            ..form
        }
    }

    /// A new agent: what most of them have.
    pub fn blank(&self, once: String) -> EditForm {
        let stored = self.usual();
        let form = self.fill(&Filling {
            person: None,
            stored,
            typed: None,
        });
        EditForm { once, ..form }
    }

    /// As it was typed, with what is wrong.
    pub fn typed(
        &self,
        person: Option<&Person>,
        posted: &Posted,
        errors: &FieldErrors,
    ) -> EditForm {
        let filling = Filling {
            person,
            stored: self.shown(person),
            typed: Some(&posted.form),
        };
        let mut form = self.fill(&filling);
        for control in &mut form.controls {
            if let Some(why) = errors.of(control.field) {
                control.fault = Fault::plain(why);
            }
        }
        form.ask_leave =
            person.is_some() && !self.scope.is_all() && !form.groups.iter().any(|pick| pick.chosen);
        EditForm {
            version: posted.version.unwrap_or_default(),
            was: posted.was.clone(),
            once: posted.once.clone(),
            back: posted.back.clone(),
            ..form
        }
    }

    /// The stored values, as far as this person may see them.
    pub fn values(&self, person: &Person) -> Values {
        let mut values = match person.agent {
            Some(_) => Values::of(person),
            // Who becomes an agent gets what most have.
            None => {
                let mut values = self.usual();
                for (field, value) in Values::of(person).iter() {
                    values.set(field, value.clone());
                }
                values
            }
        };
        if let Some(Value::Many(groups)) = values.get(Field::AgentGroups) {
            let seen = groups
                .iter()
                .copied()
                .filter(|&id| is_known(self.picture.records(), self.scope, Field::AgentGroups, id));
            values.set(Field::AgentGroups, Value::Many(seen.collect()));
        }
        values
    }

    /// What a form shows before anything is typed.
    pub fn shown(&self, person: Option<&Person>) -> Values {
        person.map_or_else(|| self.usual(), |person| self.values(person))
    }

    fn usual(&self) -> Values {
        let mut values = Values::default();
        let word = |word: &str| Value::Text(Some(word.to_owned()));
        values.set(Field::RingsOn, word("both"));
        values.set(Field::OutgoingCalls, word("all"));
        if let Scope::Groups(own) = self.scope
            && let [only] = own.as_slice()
        {
            values.set(Field::AgentGroups, Value::Many(vec![only.0]));
        }
        values
    }

    fn fill(&self, filling: &Filling<'_>) -> EditForm {
        let install = self.picture.install();
        let texts = |field| self.texts(filling, field);
        let control = |&field: &Field| Control {
            field,
            value: face(field, texts(field)),
            fault: Fault::default(),
        };
        let agent_id = filling
            .person
            .map(|person| AgentId::of(person.id).to_string());
        EditForm {
            agent_id: agent_id.unwrap_or_default(),
            who: filling
                .person
                .map_or(String::new(), |person| person.name.to_string()),
            version: 0,
            was: String::new(),
            once: String::new(),
            back: String::new(),
            controls: Field::ALL.iter().map(control).collect(),
            time_groups: self.time_groups(&texts(Field::TimeGroup)),
            departments: self.departments(&texts(Field::Departments)),
            groups: self.groups(&texts(Field::AgentGroups)),
            caller_ids: self.caller_ids(&texts(Field::CallerIds), install.region),
            rings_on: words(&RINGS_ON, &texts(Field::RingsOn)),
            outgoing: words(&OUTGOING, &texts(Field::OutgoingCalls)),
            login_based: texts(Field::LoginBasedCalling).iter().any(|t| t == "yes"),
            intercom_digits: install.intercom_length,
            free_intercoms: String::new(),
            ask_leave: false,
            focus: None,
            conflict: None,
        }
    }

    /// What was typed, else what is stored, numbers as this install's readers see them.
    fn texts(&self, filling: &Filling<'_>, field: Field) -> Vec<String> {
        if let Some(typed) = filling.typed.and_then(|form| form.typed(field)) {
            return typed.to_vec();
        }
        let region = self.picture.install().region;
        let texts = filling.stored.get(field).map(Value::texts);
        match field {
            Field::Phone | Field::CallForwardingNumber | Field::AlternativeNumbers => texts
                .unwrap_or_default()
                .iter()
                .map(|number| shown(number, region))
                .collect(),
            _ => texts.unwrap_or_default(),
        }
    }

    fn time_groups(&self, chosen: &[String]) -> Vec<Pick> {
        let all = self.picture.records().time_groups().iter();
        all.map(|group| pick(group.id.0, group.name.clone(), chosen))
            .collect()
    }

    fn departments(&self, chosen: &[String]) -> Vec<Pick> {
        let all = self.picture.records().departments().iter();
        all.map(|department| pick(department.id.0, department.name.clone(), chosen))
            .collect()
    }

    fn groups(&self, chosen: &[String]) -> Vec<Pick> {
        let all = self.picture.records().groups().iter();
        all.filter(|group| self.scope.is_all() || self.scope.sees(&[group.id]))
            .map(|group| pick(group.id.0, group.name.clone(), chosen))
            .collect()
    }

    /// The chosen ones first, in their order: it says which one callers see.
    fn caller_ids(&self, chosen: &[String], region: Region) -> Vec<Pick> {
        let records = self.picture.records();
        let label = |id: CallerIdId| {
            let caller_id = records.caller_id(id)?;
            let number = records.caller_id_shown(id)?.to(region);
            Some(match caller_id.label.as_str() {
                "" => number.to_owned(),
                label => format!("{number}, {label}"),
            })
        };
        let mut picks: Vec<Pick> = Vec::new();
        let ids = chosen.iter().filter_map(|id| id.parse().ok());
        for id in ids {
            if let Some(label) = label(id)
                && !picks.iter().any(|pick| pick.value == id.to_string())
            {
                picks.push(pick(id.0, label, chosen));
            }
        }
        for caller_id in records.caller_ids() {
            if !picks
                .iter()
                .any(|pick| pick.value == caller_id.id.to_string())
                && let Some(label) = label(caller_id.id)
            {
                picks.push(pick(caller_id.id.0, label, &[]));
            }
        }
        picks
    }

    /// Three intercom numbers that nobody has and that can't be mistaken, as "2131, 2132, 2133".
    pub fn free_intercoms(&self) -> String {
        let install = self.picture.install();
        let digits = usize::from(install.intercom_length);
        let agents = self.picture.people().iter();
        let used: std::collections::HashSet<&str> = agents
            .filter_map(|person| person.living_agent()?.intercom.as_deref())
            .filter(|number| number.len() == digits)
            .collect();
        let codes = self.picture.records().departments().iter();
        let ivrs = self.picture.records().ivrs().iter();
        let others: Vec<&str> = codes
            .filter_map(|department| department.transfer_code.as_deref())
            .chain(ivrs.map(|ivr| ivr.transfer_code.as_str()))
            .collect();
        let last = used.iter().max().and_then(|number| number.parse().ok());
        let last: u32 = last.unwrap_or_else(|| 10_u32.pow(digits as u32 - 1));
        let free = (last + 1..10_u32.pow(digits as u32))
            .chain(1..=last)
            .map(|number| format!("{number:0digits$}"))
            .filter(|number| !used.contains(number.as_str()))
            .filter(|number| reserved(number, install.region, &install.codes).is_none())
            .filter(|number| !others.iter().any(|other| is_ambiguous(number, other)));
        free.take(3).collect::<Vec<_>>().join(", ")
    }
}

/// Words of a select, as people read them.
type Labels = [(&'static str, &'static str)];

static RINGS_ON: [(&str, &str); 3] = [
    ("both", "Phone and extension"),
    ("extension", "Extension only"),
    ("phone", "Phone only"),
];

static OUTGOING: [(&str, &str); 4] = [
    ("all", "All calls"),
    ("national", "National calls"),
    ("internal", "Internal calls only"),
    ("none", "None"),
];

fn words(labels: &Labels, chosen: &[String]) -> Vec<Pick> {
    let pick = |&(word, label): &(&str, &str)| Pick {
        value: word.to_owned(),
        label: label.to_owned(),
        chosen: chosen.iter().any(|chosen| chosen == word),
    };
    labels.iter().map(pick).collect()
}

/// A word of a choice as people read it.
pub fn label_of(field: Field, word: &str) -> Option<&'static str> {
    let labels: &Labels = match field {
        Field::RingsOn => &RINGS_ON,
        Field::OutgoingCalls => &OUTGOING,
        _ => return None,
    };
    labels
        .iter()
        .find(|(w, _)| *w == word)
        .map(|(_, label)| *label)
}

fn pick(id: i64, label: String, chosen: &[String]) -> Pick {
    let value = id.to_string();
    Pick {
        chosen: chosen.contains(&value),
        value,
        label,
    }
}

/// A stored number as readers see it.
pub fn shown(number: &str, region: Region) -> String {
    Phone::from_e164(number).map_or_else(|| number.to_owned(), |number| number.show(region))
}

/// The text in the control of a field.
fn face(field: Field, texts: Vec<String>) -> String {
    match field {
        Field::AlternativeNumbers => texts.join("\n"),
        _ => texts.into_iter().next().unwrap_or_default(),
    }
}
