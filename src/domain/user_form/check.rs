//! The rules: what may stand in each field, and what is said when it may not.

use super::{Field, Own, UserChange, UserForm, Values};
use crate::domain::agent_form::{self, FieldError, FieldErrors, Value, choice, flag, only};
use crate::domain::allowed_ips::{AllowedIps, AllowedIpsFault};
use crate::domain::person::WebLogin;

/// What the rules depend on.
pub struct Rules<'a> {
    pub shared: agent_form::Rules<'a>,
    /// Whether a role is there.
    pub role: &'a dyn Fn(i64) -> bool,
}

impl Rules<'static> {
    /// For values that were checked when they were written.
    pub fn stored() -> Self {
        Self {
            shared: agent_form::Rules::stored(),
            role: &|_| true,
        }
    }
}

impl UserForm {
    /// # Errors
    /// Every field that may not stand as it is, and why.
    pub fn check(&self, rules: &Rules<'_>) -> Result<UserChange, FieldErrors> {
        let mut values = Values::default();
        let mut errors = FieldErrors::default();
        match self.shared.check(&rules.shared) {
            Ok(change) => values.shared = change.values().clone(),
            Err(wrong) => errors = wrong,
        }
        for (&own, typed) in &self.own {
            match rules.read(own, typed) {
                Ok(value) => values.set_own(own, value),
                Err(message) => errors.0.push(FieldError {
                    name: own.word().into(),
                    message,
                }),
            }
        }
        match errors.is_empty() {
            true => Ok(UserChange { values }),
            false => Err(errors),
        }
    }
}

impl UserForm {
    /// The fields of a calling agent that say something: neither blank nor as in `shown`, which nobody typed.
    /// For whoever is to be no calling agent, so that it is not dropped without a word.
    pub fn said_of_agent(&self, rules: &Rules<'_>, shown: &[agent_form::Values]) -> Vec<Field> {
        let of_agent = Field::all().filter(|field| field.is_of_agent());
        of_agent
            .filter(|field| self.says(*field, rules, shown))
            .collect()
    }

    fn says(&self, field: Field, rules: &Rules<'_>, shown: &[agent_form::Values]) -> bool {
        let (Field::Shared(shared), Some(typed)) = (field, self.typed(field)) else {
            return false;
        };
        if typed.iter().all(|text| text.trim().is_empty()) {
            return false;
        }
        let mut alone = Self::default();
        alone.set(field, typed.to_vec());
        match alone.check(rules) {
            Ok(change) => change.values().get(field).is_some_and(|value| {
                let as_shown = |values: &agent_form::Values| values.get(shared) == Some(value);
                !value.is_blank() && !shown.iter().any(as_shown)
            }),
            // What can't be read was typed all the same.
            Err(_) => true,
        }
    }
}

impl Rules<'_> {
    fn read(&self, own: Own, typed: &[String]) -> Result<Value, String> {
        match own {
            Own::CallingAgent => flag(typed),
            Own::WebLogin => choice::<WebLogin>(typed, "Choose allowed, blocked or none."),
            Own::Role => self.role(typed),
            Own::ScopeGroups => self.shared.many(agent_form::Field::AgentGroups, typed),
            Own::AllowedIps => addresses(typed),
        }
    }

    fn role(&self, typed: &[String]) -> Result<Value, String> {
        let text = only(typed)?.trim();
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let id = text.parse().ok().filter(|&id| digits && id > 0);
        match id.filter(|&id| (self.role)(id)) {
            Some(id) => Ok(Value::One(Some(id))),
            None => Err("Choose a role from the list.".to_owned()),
        }
    }
}

/// Addresses and networks in the form in which they are stored.
fn addresses(typed: &[String]) -> Result<Value, String> {
    let allowed = AllowedIps::parse(&typed.join("\n")).map_err(|fault| match fault {
        AllowedIpsFault::Unreadable(_) => format!("{fault}."),
        AllowedIpsFault::TooMany => format!("This {fault}."),
    })?;
    let text = allowed.to_string();
    let entries = text.split('|').filter(|entry| !entry.is_empty());
    Ok(Value::Texts(entries.map(ToOwned::to_owned).collect()))
}
