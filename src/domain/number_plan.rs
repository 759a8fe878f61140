//! The numbers that can be dialled inside: intercoms, transfer codes, feature codes, emergency numbers, and
//! which of them could be mistaken for each other. Whatever takes a number asks here; numbers of records are
//! held in the store, which asks the same.

pub mod settings;

use super::feature_code::{Codes, Feature};
use super::phone::Region;
use std::fmt;

/// Why a text is no number of the plan, in words that can stand beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("is missing")]
    Empty,
    #[error("has to be digits only")]
    NotDigits,
    #[error("has {length} digits; exactly {needed} are needed")]
    Length { length: usize, needed: usize },
}

/// Why intercoms can't have so many digits, in words that can stand beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LengthError {
    #[error("has to be 3, 4 or 6 digits")]
    Range,
    #[error(
        "can’t be 5 digits: transfer codes have five, and only its length tells whether an agent or a department is meant"
    )]
    TransferCodes,
}

/// How many digits an install's intercom numbers have: 3 to 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntercomLength(usize);

impl IntercomLength {
    /// Whatever an install may have had since its first day.
    pub fn new(digits: usize) -> Option<Self> {
        (3..=6).contains(&digits).then_some(Self(digits))
    }

    /// What an install may choose.
    pub fn parse(text: &str) -> Result<Self, LengthError> {
        match text.trim().parse().ok().and_then(Self::new) {
            None => Err(LengthError::Range),
            Some(Self(TransferCode::DIGITS)) => Err(LengthError::TransferCodes),
            Some(length) => Ok(length),
        }
    }

    /// All that can be chosen.
    pub fn choices() -> impl Iterator<Item = Self> {
        (3..=6)
            .filter(|digits| *digits != TransferCode::DIGITS)
            .map(Self)
    }

    pub fn digits(self) -> usize {
        self.0
    }
}

impl Default for IntercomLength {
    fn default() -> Self {
        Self(4)
    }
}

/// An agent's short internal number. Digits, never a number to calculate with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Intercom(String);

impl Intercom {
    pub fn parse(text: &str, length: IntercomLength) -> Result<Self, PlanError> {
        digits(text, length.0).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Intercom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is dialled after a feature code to reach a department or an IVR: five digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransferCode(String);

impl TransferCode {
    pub const DIGITS: usize = 5;

    pub fn parse(text: &str) -> Result<Self, PlanError> {
        digits(text, Self::DIGITS).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TransferCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn digits(text: &str, needed: usize) -> Result<String, PlanError> {
    let text = text.trim();
    if text.is_empty() {
        Err(PlanError::Empty)
    } else if !text.bytes().all(|b| b.is_ascii_digit()) {
        Err(PlanError::NotDigits)
    } else if text.len() != needed {
        Err(PlanError::Length {
            length: text.len(),
            needed,
        })
    } else {
        Ok(text.to_owned())
    }
}

/// The numbers that always go through, whatever an agent's state. Where a region is not listed, the
/// two that mobile networks know everywhere.
pub fn emergency_numbers(region: Region) -> &'static [&'static str] {
    match region.code().as_str() {
        "IN" => &["112", "100", "101", "102", "108"],
        "NP" => &["112", "100", "101", "102"],
        "GB" | "IE" | "HK" | "KE" | "MY" | "BD" => &["999", "112"],
        "AE" | "SA" | "QA" | "OM" | "BH" | "KW" => &["112", "911", "997", "998", "999"],
        "SG" => &["999", "995", "112"],
        "AU" => &["000", "112", "106"],
        "NZ" => &["111", "112"],
        "LK" => &["119", "110", "118", "112"],
        "PK" => &["15", "1122", "115", "112"],
        "JP" => &["110", "119", "112"],
        "CN" | "TW" => &["110", "119", "120", "112"],
        "ZA" => &["10111", "10177", "112"],
        "BR" => &["190", "192", "193", "112"],
        _ => &["112", "911"],
    }
}

/// What holds a number without being a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    Emergency,
    FeatureCode(Feature),
}

impl Reserved {
    /// Of all kinds, for who keeps words.
    pub const EMERGENCY: &'static str = "emergency";
    pub const FEATURE_CODE: &'static str = "feature_code";

    pub fn word(self) -> &'static str {
        match self {
            Self::Emergency => Self::EMERGENCY,
            Self::FeatureCode(_) => Self::FEATURE_CODE,
        }
    }
}

/// The emergency number or feature code that `new` would be ambiguous with.
pub fn reserved<'a>(new: &str, region: Region, codes: &'a Codes) -> Option<(&'a str, Reserved)> {
    let emergency = emergency_numbers(region)
        .iter()
        .map(|number| (*number, Reserved::Emergency));
    let features = Feature::ALL
        .iter()
        .map(|&feature| (codes.code(feature), Reserved::FeatureCode(feature)));
    emergency
        .chain(features)
        .find(|(number, _)| is_ambiguous(new, number))
}

/// Two numbers of one plan are ambiguous if dialling one of them begins with, or is, the other: the
/// phone system would have to guess whether more keys follow.
pub fn is_ambiguous(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty() && (a.starts_with(b) || b.starts_with(a))
}

/// The first of the numbers in use that `new` would be ambiguous with.
pub fn collision<'a, T>(new: &str, taken: impl IntoIterator<Item = (&'a str, T)>) -> Option<T> {
    taken
        .into_iter()
        .find(|(number, _)| is_ambiguous(new, number))
        .map(|(_, owner)| owner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn intercoms_have_the_installs_length() {
        let four = IntercomLength::default();
        assert_eq!(Intercom::parse(" 0042 ", four).unwrap().as_str(), "0042");
        assert_eq!(Intercom::parse("", four), Err(PlanError::Empty));
        assert_eq!(Intercom::parse("12a4", four), Err(PlanError::NotDigits));
        assert_eq!(Intercom::parse("१२३४", four), Err(PlanError::NotDigits));
        let why = Intercom::parse("123", four).unwrap_err().to_string();
        assert_eq!(why, "has 3 digits; exactly 4 are needed");
        assert_eq!(
            (2..8)
                .filter_map(IntercomLength::new)
                .map(IntercomLength::digits)
                .collect::<Vec<_>>(),
            [3, 4, 5, 6]
        );
        assert!(TransferCode::parse("12345").is_ok() && TransferCode::parse("1234").is_err());
        assert_eq!(
            IntercomLength::parse(" 6 ").map(IntercomLength::digits),
            Ok(6)
        );
        assert_eq!(IntercomLength::parse("5"), Err(LengthError::TransferCodes));
        for text in ["", "2", "7", "four", "-4", "99999999999999999999"] {
            assert_eq!(
                IntercomLength::parse(text),
                Err(LengthError::Range),
                "{text}"
            );
        }
        assert_eq!(
            IntercomLength::choices()
                .map(IntercomLength::digits)
                .collect::<Vec<_>>(),
            [3, 4, 6]
        );
    }

    #[test]
    fn a_number_that_begins_another_is_ambiguous() {
        for (a, b) in [
            ("1120", "112"),
            ("1001", "10012"),
            ("1001", "1001"),
            ("#1", "#12"),
        ] {
            assert!(is_ambiguous(a, b), "{a} {b}");
        }
        for (a, b) in [("1012", "112"), ("#1", "1001"), ("#1", "*1"), ("", "1001")] {
            assert!(!is_ambiguous(a, b), "{a} {b}");
        }
        let taken = emergency_numbers(Region::INDIA)
            .iter()
            .map(|number| (*number, *number));
        assert_eq!(collision("1081", taken.clone()), Some("108"));
        assert_eq!(collision("2001", taken), None);
    }

    #[test]
    fn emergency_numbers_and_feature_codes_are_reserved() {
        let codes = Codes::default();
        let held = |new: &str| reserved(new, Region::INDIA, &codes);
        assert_eq!(held("1121"), Some(("112", Reserved::Emergency)));
        assert_eq!(
            held("*21"),
            Some(("*2", Reserved::FeatureCode(Feature::Attended)))
        );
        assert_eq!(held("2001"), None);
        let britain = "GB".parse().unwrap();
        assert_eq!(
            reserved("9991", britain, &codes),
            Some(("999", Reserved::Emergency))
        );
    }

    #[test]
    fn every_region_has_emergency_numbers() {
        for region in Region::all() {
            let numbers = emergency_numbers(region);
            assert!(
                !numbers.is_empty()
                    && numbers
                        .iter()
                        .all(|n| n.bytes().all(|b| b.is_ascii_digit()))
            );
        }
        assert!(emergency_numbers("US".parse().unwrap()).contains(&"911"));
    }

    proptest! {
        #[test]
        fn ambiguity_has_no_direction(a in "[#*0-3]{0,4}", b in "[#*0-3]{0,4}") {
            prop_assert_eq!(is_ambiguous(&a, &b), is_ambiguous(&b, &a));
            prop_assert_eq!(is_ambiguous(&a, &a), !a.is_empty());
        }
    }
}
