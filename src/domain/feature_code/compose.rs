//! From a transfer to the keys that make it.

use super::{Meaning, Refusal, Rules, Situation};
use crate::domain::number_plan::{Intercom, TransferCode};
use std::fmt;

/// What is pressed: a code and what is dialled after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    pub code: String,
    /// Empty for a code that stands alone.
    pub then: String,
}

impl Keys {
    /// Key by key.
    pub fn each(&self) -> Vec<char> {
        self.code.chars().chain(self.then.chars()).collect()
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.code, self.then)
    }
}

impl Rules<'_> {
    /// The keys that make a transfer in a situation.
    ///
    /// # Errors
    /// Why it can't be made.
    pub fn compose(&self, situation: &Situation, wanted: &Meaning) -> Result<Keys, Refusal> {
        let feature = wanted.feature(situation);
        self.allow(situation, feature)?;
        let then = match wanted {
            Meaning::Agent(_, called) => {
                let digits = called.intercom.as_deref().unwrap_or_default();
                Intercom::parse(digits, self.length)
                    .map_err(|_| Refusal::NoIntercom {
                        name: called.name.clone(),
                    })?
                    .to_string()
            }
            Meaning::External(_, phone) => phone
                .dialled_from(self.region)
                .ok_or(Refusal::NotDialled { number: *phone })?,
            Meaning::Line(line) => {
                let digits = line.transfer_code.as_deref().unwrap_or_default();
                TransferCode::parse(digits)
                    .map_err(|_| Refusal::NoTransferCode {
                        kind: line.kind,
                        name: line.name.clone(),
                    })?
                    .to_string()
            }
            Meaning::Conference => String::new(),
        };
        Ok(Keys {
            code: self.codes.code(feature).to_owned(),
            then,
        })
    }
}
