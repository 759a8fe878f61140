//! The codes themselves: the seven rows of the table, what each begins with, and which may be alike.

use super::{How, Queue};
use crate::domain::agent::words;
use crate::domain::number_plan::{TransferCode, is_ambiguous};

words!(/// A row of the table of feature codes.
Feature {
    Blind = "blind",
    ExternalBlind = "external_blind",
    Attended = "attended",
    ExternalAttended = "external_attended",
    Conference = "conference",
    /// To a department or an IVR, from a call that came through no queue.
    QueueOff = "queue_off",
    /// The same from a call that came through a queue.
    QueueOn = "queue_on",
});

/// What is dialled after a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    Intercom,
    External,
    TransferCode,
    Nothing,
}

impl Feature {
    pub fn label(self) -> &'static str {
        match self {
            Self::Blind => "Blind transfer",
            Self::ExternalBlind => "External blind transfer",
            Self::Attended => "Attended transfer",
            Self::ExternalAttended => "External attended transfer",
            Self::Conference => "Conference",
            Self::QueueOff | Self::QueueOn => "IVR or department transfer",
        }
    }

    pub fn argument(self) -> Argument {
        match self {
            Self::Blind | Self::Attended => Argument::Intercom,
            Self::ExternalBlind | Self::ExternalAttended => Argument::External,
            Self::Conference => Argument::Nothing,
            Self::QueueOff | Self::QueueOn => Argument::TransferCode,
        }
    }

    /// Whether the other one is spoken to first.
    pub fn how(self) -> How {
        match self {
            Self::Attended | Self::ExternalAttended => How::Attended,
            Self::Blind
            | Self::ExternalBlind
            | Self::Conference
            | Self::QueueOff
            | Self::QueueOn => How::Blind,
        }
    }

    /// The column "When".
    pub fn when(self) -> &'static str {
        match self {
            Self::Blind => "Without speaking to the agent first",
            Self::ExternalBlind => "The department’s “use it as queue” is on",
            Self::Attended => "Speak to the agent first",
            Self::ExternalAttended => "“Use it as queue” is on; after the recipient agrees",
            Self::Conference => "Only after a successful attended transfer",
            Self::QueueOff => "“Use it as queue” is off",
            Self::QueueOn => "“Use it as queue” is on",
        }
    }

    /// The name of the setting that holds the code.
    pub fn setting(self) -> &'static str {
        match self {
            Self::Blind => "feature_code_blind",
            Self::ExternalBlind => "feature_code_external_blind",
            Self::Attended => "feature_code_attended",
            Self::ExternalAttended => "feature_code_external_attended",
            Self::Conference => "feature_code_conference",
            Self::QueueOff => "feature_code_queue_off",
            Self::QueueOn => "feature_code_queue_on",
        }
    }

    /// The code of a new install.
    pub fn default_code(self) -> &'static str {
        match self {
            Self::Blind | Self::QueueOff => "#1",
            Self::ExternalBlind => "#4",
            Self::Attended => "*2",
            Self::ExternalAttended => "*4",
            Self::Conference => "*3",
            Self::QueueOn => "#2",
        }
    }

    /// The row by which a department or an IVR is reached from a call that came so.
    pub fn of_line(queue: &Queue) -> Self {
        match queue {
            Queue::On(_) => Self::QueueOn,
            Queue::Off(_) | Queue::None => Self::QueueOff,
        }
    }

    /// Two rows may have one code if nobody could mistake them: what follows differs in length, or it is the same
    /// transfer and only the call's way here differs.
    fn may_share(self, other: Self) -> bool {
        use Argument::{External, Intercom, Nothing, TransferCode};
        match (self.argument(), other.argument()) {
            (Intercom, TransferCode) | (TransferCode, Intercom | TransferCode) => true,
            (Intercom | External | Nothing, _) | (TransferCode, External | Nothing) => false,
        }
    }
}

impl Argument {
    /// The column "Then dial".
    pub fn label(self) -> String {
        match self {
            Self::Intercom => "Agent’s intercom".to_owned(),
            Self::External => "External number".to_owned(),
            Self::TransferCode => format!("{}-digit transfer code", TransferCode::DIGITS),
            Self::Nothing => "–".to_owned(),
        }
    }
}

/// Why a text is no feature code, in words that can stand beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    #[error("is missing")]
    Empty,
    #[error("has to begin with # or *, or it would be taken for a number")]
    Begin,
    #[error("has to be # or * and then one to three digits")]
    Digits,
}

/// What begins the keys: `#` or `*` and one to three digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(CodeError::Empty);
        }
        let digits = text.strip_prefix(['#', '*']).ok_or(CodeError::Begin)?;
        let fine = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        match fine {
            true => Ok(Self(text.to_owned())),
            false => Err(CodeError::Digits),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Two rows whose codes can't be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clash {
    pub feature: Feature,
    pub with: Feature,
}

/// The codes in force, one for each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes([Code; Feature::ALL.len()]);

impl Default for Codes {
    fn default() -> Self {
        let mut codes = [const { Code(String::new()) }; Feature::ALL.len()];
        for (code, feature) in codes.iter_mut().zip(Feature::ALL) {
            feature.default_code().clone_into(&mut code.0);
        }
        Self(codes)
    }
}

impl Codes {
    pub fn code(&self, feature: Feature) -> &str {
        &self.0[feature as usize].0
    }

    pub fn set(&mut self, feature: Feature, code: Code) {
        self.0[feature as usize] = code;
    }

    /// Every row whose code could be mistaken for an earlier row's.
    pub fn clashes(&self) -> Vec<Clash> {
        let mut clashes = Vec::new();
        for (at, &feature) in Feature::ALL.iter().enumerate() {
            let mut earlier = Feature::ALL[..at].iter().copied();
            let with = earlier.find(|&other| self.clash(feature, other));
            clashes.extend(with.map(|with| Clash { feature, with }));
        }
        clashes
    }

    fn clash(&self, a: Feature, b: Feature) -> bool {
        let (one, other) = (self.code(a), self.code(b));
        is_ambiguous(one, other) && !(one == other && a.may_share(b))
    }

    /// The rows that keys begin with: more than one where rows share a code.
    pub(super) fn rows_of(&self, keys: &str) -> Vec<Feature> {
        let begins = |feature: &Feature| keys.starts_with(self.code(*feature));
        Feature::ALL.iter().copied().filter(begins).collect()
    }

    /// Each code once, in the order of the table.
    pub fn distinct(&self) -> Vec<&str> {
        let mut distinct: Vec<&str> = Vec::new();
        for &feature in Feature::ALL {
            if !distinct.contains(&self.code(feature)) {
                distinct.push(self.code(feature));
            }
        }
        distinct
    }
}
