//! Making and changing a user: what is shared with agents, and what only users have.
//!
//! What came in is a [`UserForm`], as typed. [`UserForm::check`] makes a [`UserChange`] of it, which holds
//! only the fields that were given, or says what is wrong with each.

mod check;
mod merge;
mod values;

pub use check::Rules;
pub use merge::{Merge, merge};
pub use values::{NameOf, Values};

use super::agent::words;
use super::agent_form::{self, AgentForm, FieldError, FieldErrors, Kind, Value};
use super::ids::{GroupId, RoleId};
use super::person::WebLogin;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

words!(/// What only users have, by the names that forms, the API and the audit share.
Own {
    CallingAgent = "calling_agent",
    WebLogin = "web_login",
    Role = "role",
    ScopeGroups = "scope_groups",
    AllowedIps = "allowed_ips",
});

/// A field of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    Shared(agent_form::Field),
    Own(Own),
}

words!(/// The steps in which a user is added, each checked by itself.
Step { General = "1", Settings = "2", WebLogin = "3" });

impl Own {
    pub fn kind(self) -> Kind {
        match self {
            Self::CallingAgent => Kind::Flag,
            Self::WebLogin => Kind::Text,
            Self::Role => Kind::One,
            Self::ScopeGroups => Kind::Many,
            Self::AllowedIps => Kind::Texts,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::CallingAgent => "Calling agent",
            Self::WebLogin => "Web login",
            Self::Role => "Role",
            Self::ScopeGroups => "Groups the rights hold on",
            Self::AllowedIps => "Allowed addresses",
        }
    }

    /// Inside a sentence.
    pub fn said(self) -> &'static str {
        match self {
            Self::CallingAgent => "whether a calling agent",
            Self::WebLogin => "the web login",
            Self::Role => "the role",
            Self::ScopeGroups => "the groups that the rights hold on",
            Self::AllowedIps => "the allowed addresses",
        }
    }
}

impl Field {
    pub fn all() -> impl Iterator<Item = Self> {
        let shared = agent_form::Field::ALL.iter().copied().map(Self::Shared);
        shared.chain(Own::ALL.iter().copied().map(Self::Own))
    }

    pub fn parse(name: &str) -> Option<Self> {
        let shared = name.parse().map(Self::Shared);
        shared.or_else(|_| name.parse().map(Self::Own)).ok()
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Shared(field) => field.word(),
            Self::Own(own) => own.word(),
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Shared(field) => field.label(),
            Self::Own(own) => own.label(),
        }
    }

    /// It means nothing without the calling agent.
    pub fn is_of_agent(self) -> bool {
        match self {
            Self::Shared(field) => self.step() == Step::Settings && !is_of_person(field),
            Self::Own(_) => false,
        }
    }

    /// Where a new user's form asks for it.
    pub fn step(self) -> Step {
        match self {
            Self::Shared(field) if is_of_person(field) => Step::General,
            Self::Shared(_) | Self::Own(Own::CallingAgent) => Step::Settings,
            Self::Own(Own::WebLogin | Own::Role | Own::ScopeGroups | Own::AllowedIps) => {
                Step::WebLogin
            }
        }
    }
}

/// The user has it, whether an agent or not.
fn is_of_person(field: agent_form::Field) -> bool {
    use agent_form::Field as F;
    match field {
        F::Name | F::EmployeeId | F::Designation | F::Phone | F::Email | F::Username => true,
        F::CallForwardingNumber
        | F::AlternativeNumbers
        | F::RingsOn
        | F::IntercomNumber
        | F::TimeGroup
        | F::Departments
        | F::AgentGroups
        | F::CallerIds
        | F::Extension
        | F::OutgoingCalls
        | F::LoginBasedCalling => false,
    }
}

impl Step {
    pub fn before(self) -> Self {
        match self {
            Self::General | Self::Settings => Self::General,
            Self::WebLogin => Self::Settings,
        }
    }

    pub fn after(self) -> Self {
        match self {
            Self::General => Self::Settings,
            Self::Settings | Self::WebLogin => Self::WebLogin,
        }
    }
}

/// What was typed or sent. Absent means unchanged; present and blank means cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserForm {
    pub shared: AgentForm,
    own: BTreeMap<Own, Vec<String>>,
}

/// A checked change: the fields it holds are to have these values, all others stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    values: Values,
}

impl UserForm {
    /// Adds a text that was given for a field; `None` for a name that is no field's.
    pub fn put(&mut self, name: &str, text: &str) -> Option<Field> {
        let field = Field::parse(name)?;
        match field {
            Field::Shared(_) => {
                self.shared.put(name, text);
            }
            Field::Own(own) => self.own.entry(own).or_default().push(text.to_owned()),
        }
        Some(field)
    }

    pub fn set(&mut self, field: Field, texts: Vec<String>) {
        match field {
            Field::Shared(field) => self.shared.set(field, texts),
            Field::Own(own) => {
                self.own.insert(own, texts);
            }
        }
    }

    pub fn leave_out(&mut self, field: Field) {
        match field {
            Field::Shared(field) => self.shared.leave_out(field),
            Field::Own(own) => {
                self.own.remove(&own);
            }
        }
    }

    /// The texts given for a field, as typed.
    pub fn typed(&self, field: Field) -> Option<&[String]> {
        match field {
            Field::Shared(field) => self.shared.typed(field),
            Field::Own(own) => self.own.get(&own).map(Vec::as_slice),
        }
    }

    /// A box that was ticked, or its hidden twin alone; `None` when neither came.
    pub fn ticked(&self, field: Field) -> Option<bool> {
        let typed = self.typed(field)?;
        Some(typed.iter().any(|text| text.trim() == "yes"))
    }

    /// From a JSON object of the same names, values as an agent's are sent.
    ///
    /// # Errors
    /// Names that are no field's, and values of another shape.
    pub fn from_json(object: &Map<String, Json>) -> Result<Self, FieldErrors> {
        let (own, shared): (Vec<_>, Vec<_>) = object
            .iter()
            .partition(|(name, _)| name.parse::<Own>().is_ok());
        let owned = |(name, value): (&String, &Json)| (name.clone(), value.clone());
        let shared: Map<String, Json> = shared.into_iter().map(owned).collect();
        let (shared, mut errors) = match AgentForm::from_json(&shared) {
            Ok(form) => (form, FieldErrors::default()),
            Err(errors) => (AgentForm::default(), errors),
        };
        let mut form = Self {
            shared,
            own: BTreeMap::new(),
        };
        for (name, value) in own {
            let Ok(own) = name.parse::<Own>() else {
                continue;
            };
            match agent_form::texts(own.kind(), value) {
                Some(texts) => {
                    form.own.insert(own, texts);
                }
                None => errors.0.push(FieldError {
                    name: own.word().into(),
                    message: format!("{} has a value of another kind.", own.label()),
                }),
            }
        }
        match errors.is_empty() {
            true => Ok(form),
            false => Err(errors),
        }
    }
}

impl UserChange {
    /// From values as the audit wrote them: what is no field of a user's form is passed over.
    ///
    /// # Errors
    /// Values that could not be saved today, whatever the install's settings.
    pub fn from_audit(object: &Map<String, Json>) -> Result<Self, FieldErrors> {
        let known = object
            .iter()
            .filter(|(name, _)| Field::parse(name).is_some());
        let known = known
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        UserForm::from_json(&known)?.check(&Rules::stored())
    }

    pub fn values(&self) -> &Values {
        &self.values
    }

    pub fn is_empty(&self) -> bool {
        self.values.iter().next().is_none()
    }

    /// What the user is to be: a calling agent or not.
    pub fn calling_agent(&self) -> Option<bool> {
        match self.values.own(Own::CallingAgent) {
            Some(Value::Flag(flag)) => Some(*flag),
            Some(_) | None => None,
        }
    }

    pub fn role(&self) -> Option<RoleId> {
        match self.values.own(Own::Role) {
            Some(Value::One(Some(id))) => Some(RoleId(*id)),
            Some(_) | None => None,
        }
    }

    pub fn web_login(&self) -> Option<WebLogin> {
        match self.values.own(Own::WebLogin) {
            Some(Value::Text(Some(word))) => word.parse().ok(),
            Some(_) | None => None,
        }
    }

    pub fn scope_groups(&self) -> Option<Vec<GroupId>> {
        match self.values.own(Own::ScopeGroups) {
            Some(Value::Many(ids)) => Some(ids.iter().copied().map(GroupId).collect()),
            Some(_) | None => None,
        }
    }
}

#[cfg(test)]
mod tests;
