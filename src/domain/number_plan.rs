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

/// Those that phones know by themselves (3GPP TS 22.101, 10.1.1) and call at the last digit, without waiting
/// for another one.
const CALLED_AT_ONCE: [&str; 7] = ["112", "911", "000", "110", "118", "119", "999"];

/// The emergency number that a number inside would be ambiguous with. Phones send what is dialled as a whole, and
/// after a feature code its length tells what it is: a number that merely begins with an emergency number is
/// another number, unless phones call that one at once. A number that an emergency number begins with is never
/// free: it would cut the emergency call short.
pub fn emergency(number: &str, region: Region) -> Option<&'static str> {
    if number.is_empty() {
        return None;
    }
    emergency_numbers(region).iter().copied().find(|known| {
        known.starts_with(number) || (CALLED_AT_ONCE.contains(known) && number.starts_with(*known))
    })
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
    let emergency = emergency(new, region).map(|number| (number, Reserved::Emergency));
    let feature = || {
        let features = Feature::ALL.iter();
        features
            .map(|&feature| (codes.code(feature), Reserved::FeatureCode(feature)))
            .find(|(code, _)| is_ambiguous(new, code))
    };
    emergency.or_else(feature)
}

/// Two numbers of records, or two feature codes, are ambiguous if dialling one of them begins with, or is, the
/// other: key by key, the phone system would have to guess whether more follow.
pub fn is_ambiguous(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty() && (a.starts_with(b) || b.starts_with(a))
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
    }

    #[test]
    fn an_emergency_call_is_neither_made_by_mistake_nor_cut_short() {
        for (region, number, expected) in [
            // The number itself.
            ("IN", "112", Some("112")),
            ("IN", "100", Some("100")),
            ("PK", "1122", Some("1122")),
            ("ZA", "10111", Some("10111")),
            // Phones call these before another digit is dialled.
            ("IN", "1121", Some("112")),
            ("IN", "112001", Some("112")),
            ("IN", "11234", Some("112")),
            ("GB", "9991", Some("999")),
            ("AU", "0001", Some("000")),
            ("US", "9110", Some("911")),
            // Whoever calls these would be cut short.
            ("ZA", "101", Some("10111")),
            ("ZA", "1017", Some("10177")),
            // Others are known to nobody but the phone system, which is sent the whole number.
            ("IN", "1002", None),
            ("IN", "1010", None),
            ("IN", "102345", None),
            ("IN", "1081", None),
            ("IN", "10000", None),
            ("PK", "1501", None),
            ("BR", "1901", None),
            // Not of this region, or not at the beginning.
            ("IN", "9991", None),
            ("IN", "2112", None),
            ("IN", "", None),
        ] {
            let region = region.parse().unwrap();
            assert_eq!(emergency(number, region), expected, "{region:?} {number}");
        }
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
        assert_eq!(held("1002"), None);
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

    fn regions() -> impl Strategy<Value = Region> {
        let codes = vec!["IN", "GB", "AU", "PK", "ZA", "JP", "BR", "US", "DE"];
        proptest::sample::select(codes).prop_map(|code| code.parse().unwrap())
    }

    proptest! {
        #[test]
        fn ambiguity_has_no_direction(a in "[#*0-3]{0,4}", b in "[#*0-3]{0,4}") {
            prop_assert_eq!(is_ambiguous(&a, &b), is_ambiguous(&b, &a));
            prop_assert_eq!(is_ambiguous(&a, &a), !a.is_empty());
        }

        #[test]
        fn no_number_is_or_cuts_short_an_emergency_number(number in "[0-9]{1,6}", region in regions()) {
            let clash = emergency(&number, region);
            let hidden = emergency_numbers(region).iter().any(|known| known.starts_with(number.as_str()));
            prop_assert!(!hidden || clash.is_some());
            prop_assert!(clash.is_none_or(|known| is_ambiguous(&number, known)));
        }
    }
}
