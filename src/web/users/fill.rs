//! Fills the forms of users: with what is stored, or with what was typed and what is wrong with it.

use super::posted::Posted;
use super::view::UserForm;
use crate::domain::agent_form::{self, FieldErrors, Value};
use crate::domain::ids::{GroupId, RoleId};
use crate::domain::person::{Person, WebLogin, WebLoginStatus};
use crate::domain::role::{BuiltInRole, Rights};
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::domain::user_form::{Field, Own, Step, Values};
use crate::floor::Picture;
use crate::store::Taken;
use crate::store::user::update::Conflict;
use crate::web::agents::edit::fill::Filler as AgentFiller;
use crate::web::agents::edit::posted::Posted as AgentPosted;
use crate::web::agents::edit::taken;
use crate::web::agents::edit::view::{Bar, BarRow, Pick};

/// What a form is filled from beside its own values.
#[derive(Clone, Copy)]
pub struct Filler<'a> {
    pub picture: &'a Picture,
    pub rights: &'a Rights,
    pub now: Timestamp,
}

impl<'a> Filler<'a> {
    fn agents(&self) -> AgentFiller<'a> {
        AgentFiller {
            picture: self.picture,
            scope: &self.rights.scope,
        }
    }

    /// As it is stored; the addresses come from the database.
    pub fn stored(&self, person: &Person, allowed_ips: &str) -> UserForm {
        let mut stored = self.values(person);
        let addresses = allowed_ips.split('|').filter(|text| !text.is_empty());
        let addresses: Vec<String> = addresses.map(ToOwned::to_owned).collect();
        stored.set_own(Own::AllowedIps, Value::Texts(addresses));
        let posted = Posted {
            version: Some(person.version_of_both()),
            opened: self.now.0,
            was: stored.to_json(),
            ..Posted::default()
        };
        self.fill(Some(person), &stored, &posted, &FieldErrors::default())
    }

    /// A step of a new one, or the whole form of one who is there, as it was typed.
    pub fn typed(
        &self,
        person: Option<&Person>,
        posted: &Posted,
        errors: &FieldErrors,
    ) -> UserForm {
        let stored = person.map_or_else(Values::default, |person| self.values(person));
        self.fill(person, &stored, posted, errors)
    }

    /// What is stored, as far as this person may see it.
    pub fn values(&self, person: &Person) -> Values {
        let mut values = Values::of(person);
        values.shared = match person.living_agent() {
            Some(_) => self.agents().values(person),
            None => values.shared,
        };
        if let Some(Value::Many(groups)) = values.own(Own::ScopeGroups) {
            let seen = groups.iter().copied().filter(|&id| self.sees(GroupId(id)));
            let seen = Value::Many(seen.collect());
            values.set_own(Own::ScopeGroups, seen);
        }
        values
    }

    fn sees(&self, group: GroupId) -> bool {
        self.rights.scope.is_all() || self.rights.scope.sees(&[group])
    }

    fn fill(
        &self,
        person: Option<&Person>,
        stored: &Values,
        posted: &Posted,
        errors: &FieldErrors,
    ) -> UserForm {
        let mut calls = self.agents().typed(
            person,
            &AgentPosted {
                form: posted.form.shared.clone(),
                ..AgentPosted::default()
            },
            errors,
        );
        calls.free_intercoms = self.agents().free_intercoms();
        // A box that is off asks nothing about groups.
        let calling = self.calling(stored, posted);
        calls.ask_leave = person.is_some()
            && !self.rights.scope.is_all()
            && (!calling || !calls.groups.iter().any(|pick| pick.chosen));
        let step = person
            .is_none()
            .then(|| posted.step.unwrap_or(Step::General));
        let name = posted.form.typed(Field::Shared(agent_form::Field::Name));
        let name = name.and_then(|typed| typed.first().cloned());
        let mut form = UserForm {
            id: person.map(|person| person.id.0),
            who: match person {
                Some(person) => person.name.to_string(),
                None => name.unwrap_or_default(),
            },
            version: posted.version.unwrap_or_default(),
            opened: posted.opened,
            was: posted.was.clone(),
            once: posted.once.clone(),
            back: posted.back.clone(),
            calls,
            calling,
            must_call: !self.rights.scope.is_all(),
            web_login: web_logins(person, calling, &texts(stored, posted, Own::WebLogin)),
            roles: self.roles(&texts(stored, posted, Own::Role)),
            scope_groups: self.groups(&texts(stored, posted, Own::ScopeGroups)),
            allowed_ips: texts(stored, posted, Own::AllowedIps).join("\n"),
            errors: errors.clone(),
            hidden: step.map_or_else(Vec::new, |step| hidden(posted, step)),
            step,
            conflict: None,
            confirm: false,
            focus: None,
        };
        form.focus_first();
        form
    }

    fn calling(&self, stored: &Values, posted: &Posted) -> bool {
        let typed = posted.form.ticked(Field::Own(Own::CallingAgent));
        let stored = || stored.own(Own::CallingAgent) == Some(&Value::Flag(true));
        typed.unwrap_or_else(|| stored() || !self.rights.scope.is_all())
    }

    /// Those that the doer may give, and the one that is there.
    fn roles(&self, chosen: &[String]) -> Vec<Pick> {
        let usual = BuiltInRole::Agent.name();
        let roles = self.picture.records().roles().into_iter();
        let picks = roles.filter_map(|role| {
            let value = role.id.to_string();
            let chosen = match chosen.first() {
                Some(id) => *id == value,
                None => role.built_in && role.name == usual,
            };
            let offered = chosen || self.rights.outrank(role.permissions);
            let label = match role.own_groups {
                true => format!("{}: own groups only", role.name),
                false => role.name.clone(),
            };
            offered.then_some(Pick {
                value,
                label,
                chosen,
            })
        });
        picks.collect()
    }

    fn groups(&self, chosen: &[String]) -> Vec<Pick> {
        let groups = self.picture.records().groups().iter();
        let picks = groups.filter(|group| self.sees(group.id)).map(|group| {
            let value = group.id.to_string();
            Pick {
                chosen: chosen.contains(&value),
                value,
                label: group.name.clone(),
            }
        });
        picks.collect()
    }

    /// The form with a value that someone else has, told at its field; the field, where it has one.
    pub fn in_use(&self, form: &mut UserForm, taken: &Taken) -> Option<Field> {
        let field = taken::field(taken)?;
        let controls = form.calls.controls.iter_mut();
        for control in controls.filter(|control| control.field == field) {
            let scope = &self.rights.scope;
            control.fault = taken::fault(self.picture, scope, taken, &control.value);
        }
        form.focus_first();
        Some(Field::Shared(field))
    }

    /// Field by field: as it was, theirs, mine.
    pub fn bar(&self, conflict: &Conflict, was: &Values, mine: &Values) -> Bar {
        let zone = self.picture.install().calendar.zone;
        let last = conflict.edits.last();
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
                    "{} saved this user at {}, while you were editing",
                    edit.by,
                    show::time_of_day(edit.at, zone)
                ),
                None => "This user was saved while you were editing".to_owned(),
            },
            whose: last.map_or("Theirs".to_owned(), |edit| format!("{}’s", edit.by)),
            rows: conflict.both.iter().map(row).collect(),
            kept: String::new(),
        }
    }

    /// A value as people read it.
    fn said(&self, field: Field, value: Option<&Value>) -> String {
        let own = match field {
            Field::Shared(field) => return self.agents().said(field, value),
            Field::Own(own) => own,
        };
        let records = self.picture.records();
        let said = match (own, value) {
            (Own::Role, Some(Value::One(Some(id)))) => {
                records.role(RoleId(*id)).map(|role| role.name.clone())
            }
            (Own::ScopeGroups, Some(Value::Many(ids))) => {
                let names = ids.iter().filter_map(|&id| records.group(GroupId(id)));
                let names: Vec<&str> = names.map(|group| group.name.as_str()).collect();
                Some(names.join(", ")).filter(|names| !names.is_empty())
            }
            (Own::WebLogin, Some(Value::Text(Some(word)))) => {
                let status: Option<WebLoginStatus> = word.parse().ok();
                status.map(|status| status.label().to_owned())
            }
            // The same words whosever field it is.
            (_, value) => {
                let shape = agent_form::Field::LoginBasedCalling;
                return self.agents().said(shape, value);
            }
        };
        said.unwrap_or_else(|| "–".to_owned())
    }
}

/// A new user has none or is allowed; blocked is for those who had one. Who is no calling agent signs in,
/// unless somebody says otherwise.
fn web_logins(person: Option<&Person>, calling: bool, chosen: &[String]) -> Vec<Pick> {
    let offered = [
        (WebLogin::None, "No web login"),
        (
            WebLogin::Allowed,
            "Allowed: signs in with the user ID and a password",
        ),
        (
            WebLogin::Blocked,
            "Blocked: can’t sign in until it is allowed again",
        ),
    ];
    let usual = match calling {
        true => WebLogin::None,
        false => WebLogin::Allowed,
    };
    let chosen = chosen.first().map_or(usual.word(), String::as_str);
    let had = person.is_some_and(|person| person.web_login != WebLogin::None);
    let fits = |(login, _): &(WebLogin, &str)| had || *login != WebLogin::Blocked;
    let pick = |(login, label): (WebLogin, &str)| Pick {
        value: login.word().to_owned(),
        label: label.to_owned(),
        chosen: login.word() == chosen,
    };
    offered.into_iter().filter(fits).map(pick).collect()
}

/// What was typed, else what is stored.
fn texts(stored: &Values, posted: &Posted, own: Own) -> Vec<String> {
    match posted.form.typed(Field::Own(own)) {
        Some(typed) => typed
            .iter()
            .filter(|text| !text.is_empty())
            .cloned()
            .collect(),
        None => stored.own(own).map(Value::texts).unwrap_or_default(),
    }
}

/// What was typed in other steps, to be sent along: nothing of a new user is kept anywhere else, so several
/// can be begun side by side, and a restart of the server loses nothing.
fn hidden(posted: &Posted, step: Step) -> Vec<(String, String)> {
    let others = Field::all().filter(|field| field.step() != step);
    let typed = others.filter_map(|field| Some((field, posted.form.typed(field)?)));
    typed
        .flat_map(|(field, texts)| {
            let pair = |text: &String| (field.word().to_owned(), text.clone());
            texts.iter().map(pair).collect::<Vec<_>>()
        })
        .collect()
}
