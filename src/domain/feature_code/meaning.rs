//! What a transfer is: to whom, how, and from which situation.

use super::{Codes, Feature, Refusal};
use crate::domain::agent::words;
use crate::domain::ids::AgentId;
use crate::domain::phone::Phone;

/// Speaking to the other one first, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Blind,
    Attended,
}

words!(/// What someone wants to do with a call.
Transfer {
    /// Without speaking to the other one first.
    Blind = "blind",
    /// Speaking to the other one first.
    Attended = "attended",
    /// All three talk, after an attended transfer.
    Conference = "conference",
});

/// Whom a call can be transferred to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Agent(Called),
    Line(Line),
    External(Phone),
}

/// An agent as someone to transfer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    pub id: AgentId,
    pub name: String,
    pub intercom: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    Department,
    Ivr,
}

impl LineKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::Ivr => "ivr",
        }
    }

    /// Before a name: "the department Billing".
    pub fn said(self) -> &'static str {
        match self {
            Self::Department => "the department",
            Self::Ivr => "the IVR",
        }
    }
}

/// A department or an IVR as something to transfer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub kind: LineKind,
    pub id: i64,
    pub name: String,
    pub transfer_code: Option<String>,
}

/// What keys mean, and what keys are wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    Agent(How, Called),
    External(How, Phone),
    /// A department or an IVR is never spoken to first.
    Line(Line),
    Conference,
}

/// How the call came that is to be passed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Queue {
    /// Through no department.
    #[default]
    None,
    /// Through the department of this name, which is not used as a queue.
    Off(String),
    /// Through the department of this name, which is.
    On(String),
}

/// Where the person who presses the keys stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    pub queue: Queue,
    /// An attended transfer has just succeeded: the other one is on the line.
    pub attended: bool,
}

/// Who has which number.
pub trait Directory {
    fn agent_by_intercom(&self, intercom: &str) -> Option<Called>;
    fn line_by_code(&self, transfer_code: &str) -> Option<Line>;
}

impl Meaning {
    /// A transfer to someone.
    ///
    /// # Errors
    /// A department or an IVR can't be spoken to first.
    pub fn transfer(how: How, to: Target) -> Result<Self, Refusal> {
        match (how, to) {
            (how, Target::Agent(called)) => Ok(Self::Agent(how, called)),
            (how, Target::External(phone)) => Ok(Self::External(how, phone)),
            (How::Blind, Target::Line(line)) => Ok(Self::Line(line)),
            (How::Attended, Target::Line(line)) => Err(Refusal::NotSpokenTo {
                kind: line.kind,
                name: line.name,
            }),
        }
    }

    /// The row of the table that it is.
    pub fn feature(&self, situation: &Situation) -> Feature {
        match self {
            Self::Agent(How::Blind, _) => Feature::Blind,
            Self::Agent(How::Attended, _) => Feature::Attended,
            Self::External(How::Blind, _) => Feature::ExternalBlind,
            Self::External(How::Attended, _) => Feature::ExternalAttended,
            Self::Line(_) => Feature::of_line(&situation.queue),
            Self::Conference => Feature::Conference,
        }
    }

    /// What happens, in a sentence or two.
    pub fn said(&self, codes: &Codes, number: impl Fn(Phone) -> String) -> String {
        let conference = codes.code(Feature::Conference);
        match self {
            Self::Agent(How::Blind, called) => {
                format!(
                    "The call goes to {} at once, without a word before.",
                    called.name
                )
            }
            Self::Agent(How::Attended, called) => format!(
                "{} is rung and you speak first. Hang up to hand the call over, or press {conference} to talk all three.",
                called.name
            ),
            Self::External(How::Blind, phone) => {
                format!(
                    "The call goes to {} at once, without a word before.",
                    number(*phone)
                )
            }
            Self::External(How::Attended, phone) => format!(
                "{} is rung and you speak first. Hang up to hand the call over once they agree, or press {conference} to talk all three.",
                number(*phone)
            ),
            Self::Line(line) => {
                format!("The call goes to {} {}.", line.kind.said(), line.name)
            }
            Self::Conference => "All three talk together.".to_owned(),
        }
    }
}
