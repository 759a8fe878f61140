//! The codes that people press during a call to pass it on (product rule §6): which there are, which keys make
//! a transfer, and what keys that were pressed mean. Both directions ask the same rules.

mod codes;
mod compose;
mod meaning;
mod read;
mod refusal;

pub use codes::{Argument, Clash, Code, CodeError, Codes, Feature};
pub use compose::Keys;
pub use meaning::{
    Called, Directory, How, Line, LineKind, Meaning, Queue, Situation, Target, Transfer,
};
pub use refusal::Refusal;

use super::number_plan::IntercomLength;
use super::phone::Region;

/// What the rules depend on: the install's settings.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    pub codes: &'a Codes,
    pub length: IntercomLength,
    /// Where external numbers are dialled from.
    pub region: Region,
}

impl Rules<'_> {
    /// Whether a kind of transfer can be made in a situation: the one place that says so, for keys that are
    /// read and for keys that are made.
    fn allow(&self, situation: &Situation, feature: Feature) -> Result<(), Refusal> {
        let on = matches!(situation.queue, Queue::On(_));
        match feature {
            Feature::Blind | Feature::Attended => Ok(()),
            Feature::ExternalBlind | Feature::ExternalAttended if on => Ok(()),
            Feature::ExternalBlind | Feature::ExternalAttended => Err(Refusal::NeedsQueue {
                came: situation.queue.clone(),
            }),
            Feature::Conference if situation.attended => Ok(()),
            Feature::Conference => Err(Refusal::NotAttended {
                code: self.codes.code(Feature::Conference).to_owned(),
                attended: self.codes.code(Feature::Attended).to_owned(),
            }),
            Feature::QueueOff if on => Err(self.other_code(situation, feature)),
            Feature::QueueOn if !on => Err(self.other_code(situation, feature)),
            Feature::QueueOff | Feature::QueueOn => Ok(()),
        }
    }

    fn other_code(&self, situation: &Situation, pressed: Feature) -> Refusal {
        Refusal::OtherCode {
            came: situation.queue.clone(),
            pressed: self.codes.code(pressed).to_owned(),
            press: self
                .codes
                .code(Feature::of_line(&situation.queue))
                .to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
