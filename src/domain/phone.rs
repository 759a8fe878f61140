//! Phone numbers: parsed and validated by a real library, kept as E.164, shown by region.

use crate::domain::text::sign;
use rlibphonenumber::{
    NotANumberError, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat,
};
use std::fmt;
use std::str::FromStr;

/// A country or territory with a numbering plan, by its ISO code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region(rlibphonenumber::Region);

impl Region {
    /// The default of a new install.
    pub const INDIA: Self = Self(rlibphonenumber::Region::IN);

    /// All regions, by code.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<_> = PHONE_NUMBER_UTIL
            .get_supported_regions()
            .map(Self)
            .collect();
        all.sort_by_key(|region| region.0);
        all
    }

    /// The ISO code, as `IN`.
    pub fn code(self) -> String {
        self.0.to_string()
    }

    /// The calling code, as 91.
    pub fn calling_code(self) -> Option<i32> {
        PHONE_NUMBER_UTIL.get_country_code_for_region(self.0)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is no region's code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no region: give the two letters of a country, as IN")]
pub struct UnknownRegion(pub String);

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, UnknownRegion> {
        let unknown = || UnknownRegion(text.chars().take(20).collect());
        let region = Self(rlibphonenumber::Region::from_code(text).map_err(|_| unknown())?);
        region.calling_code().map(|_| region).ok_or_else(unknown)
    }
}

/// A number that can be called from anywhere: the digits of its E.164 form. It orders by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(u64);

/// Why a text is no phone number, in words that can stand beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    #[error("is missing")]
    Empty,
    #[error("looks like an e-mail address, not a phone number")]
    Email,
    #[error("has letters: write the digits only")]
    Letters,
    #[error("may not have {}: digits, spaces and + - . / ( ) are allowed", sign(*.0))]
    BadCharacter(char),
    #[error("does not begin with a country code that exists")]
    CountryCode,
    #[error("is too short")]
    TooShort,
    #[error("is too long")]
    TooLong,
    #[error("is no phone number")]
    NoNumber,
    #[error("is not a number that is given out there: check the digits and the country code")]
    NotInUse,
}

/// The longest text that is looked at; no way of writing a number is longer.
const LONGEST: usize = 40;

impl Phone {
    /// Reads a number as people write it, without country code as one of `region`. One to
    /// three microseconds.
    pub fn parse(text: &str, region: Region) -> Result<Self, PhoneError> {
        let text = checked(text)?;
        let number = PhoneNumber::parse(&text, Some(region.0)).map_err(|error| match error {
            ParseError::InvalidCountryCode => PhoneError::CountryCode,
            ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneError::TooShort,
            ParseError::TooLongNsn => PhoneError::TooLong,
            ParseError::NotANumber(NotANumberError::FailedToParseNumberAsInt(_)) => {
                PhoneError::TooLong
            }
            ParseError::NotANumber(_) => PhoneError::NoNumber,
        })?;
        if !number.is_valid() {
            return Err(match number.is_possible_with_reason() {
                Err(rlibphonenumber::ValidationError::TooShort) => PhoneError::TooShort,
                Err(rlibphonenumber::ValidationError::TooLong) => PhoneError::TooLong,
                Err(rlibphonenumber::ValidationError::InvalidCountryCode) => {
                    PhoneError::CountryCode
                }
                Ok(_) | Err(rlibphonenumber::ValidationError::InvalidLength) => {
                    PhoneError::NotInUse
                }
            });
        }
        Self::from_e164(&number.format_as(PhoneNumberFormat::E164)).ok_or(PhoneError::TooLong)
    }

    /// Reads the stored form, `+` and 5 to 15 digits, without asking the library: a few nanoseconds.
    pub fn from_e164(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let fine = (5..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit());
        if fine {
            digits.parse().ok().map(Self)
        } else {
            None
        }
    }

    /// The digits as a number, to sort by.
    pub fn digits(self) -> u64 {
        self.0
    }

    /// The number as readers of any region see it. Formatting costs some microseconds, far more
    /// than printing a table cell may: keep the result beside the record and choose from it.
    pub fn shown(self) -> Shown {
        let e164 = self.to_string();
        let Ok(number) = PhoneNumber::parse(&e164, None) else {
            return Shown {
                region: None,
                national: e164.clone().into(),
                international: e164.into(),
            };
        };
        Shown {
            region: number.get_region_code().map(Region),
            national: number.format_as(PhoneNumberFormat::National).into(),
            international: number.format_as(PhoneNumberFormat::International).into(),
        }
    }

    /// For single numbers: nationally for readers of the number's own region, else internationally.
    pub fn show(self, reader: Region) -> String {
        self.shown().to(reader).to_owned()
    }

    /// The digits that reach the number from a region: as written there within the country, else with the prefix
    /// for calls abroad. [`Phone::parse`] reads them back; `None` where no digits would be read as this number.
    pub fn dialled_from(self, region: Region) -> Option<String> {
        let e164 = self.to_string();
        let number = PhoneNumber::parse(&e164, None).ok()?;
        let out = number.format_out_of_country_calling_number(region.0);
        // Regions with several prefixes for calls abroad, or with another way of writing, take one of these.
        let ways = [
            out.into_owned(),
            number.format_as(PhoneNumberFormat::National).into_owned(),
            format!("00{}", self.0),
            format!("011{}", self.0),
        ];
        ways.into_iter()
            .filter(|way| !way.contains('+'))
            .map(|way| way.chars().filter(char::is_ascii_digit).collect())
            .find(|digits: &String| Self::parse(digits, region) == Ok(self))
    }
}

/// The stored form, `+918040002291`.
impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// A number formatted once for everyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Where the number belongs; none for satellite phones and the like.
    pub region: Option<Region>,
    /// `080 4000 2291`.
    pub national: Box<str>,
    /// `+91 80 4000 2291`.
    pub international: Box<str>,
}

impl Shown {
    /// What a reader in this region sees.
    pub fn to(&self, reader: Region) -> &str {
        if self.region == Some(reader) {
            &self.national
        } else {
            &self.international
        }
    }
}

/// The text without the marks that copying from an address book brings along.
fn checked(text: &str) -> Result<String, PhoneError> {
    let steering = |c: &char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let text = text.trim();
    if text.chars().nth(LONGEST).is_some() && !text.contains('@') {
        return Err(PhoneError::TooLong);
    }
    if text.contains('@') {
        return Err(PhoneError::Email);
    }
    let text: String = text.chars().filter(|c| !steering(c)).collect();
    if text.is_empty() {
        return Err(PhoneError::Empty);
    }
    let fine = |c: char| {
        c.is_numeric()
            || matches!(
                c,
                ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '+' | '＋' | '-' | '.' | '/' | '(' | ')'
            )
            || matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
    };
    match text.chars().find(|c| !fine(*c)) {
        Some(letter) if letter.is_alphabetic() => Err(PhoneError::Letters),
        Some(other) => Err(PhoneError::BadCharacter(other)),
        None => Ok(text),
    }
}

/// The digits of a search text that can only mean a number, as `+91 98-123`; None for other texts.
pub fn search_digits(text: &str) -> Option<String> {
    let fine = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '.' | '/' | '(' | ')');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty() && text.chars().all(fine)).then_some(digits)
}

/// A customer's number for those who may not see it: only the last four digits. A text without
/// digits, as `anonymous`, is no number and stays hidden too.
pub fn masked(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        0 if number.is_empty() => String::new(),
        0 => "•••".to_owned(),
        length => format!(
            "••• {}",
            digits
                .iter()
                .skip(length.saturating_sub(4))
                .collect::<String>()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn phone(text: &str) -> Phone {
        Phone::parse(text, Region::INDIA).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for text in [
            "080 4000 2291",
            "+91 80 4000 2291",
            "00918040002291",
            " (080) 4000-2291 ",
            "\u{202a}+91\u{a0}80\u{a0}4000\u{a0}2291\u{202c}",
            "०८० ४००० २२९१",
            "80-4000/2291",
        ] {
            assert_eq!(phone(text).to_string(), "+918040002291", "{text}");
        }
        assert_eq!(phone("98123 45678").to_string(), "+919812345678");
        assert_eq!(phone("1800 425 3800").to_string(), "+9118004253800");
    }

    #[test]
    fn numbers_are_shown_by_the_readers_region() {
        let bengaluru = phone("08040002291");
        assert_eq!(bengaluru.show(Region::INDIA), "080 4000 2291");
        assert_eq!(bengaluru.show("GB".parse().unwrap()), "+91 80 4000 2291");
        let dubai = phone("+971505550142");
        assert_eq!(dubai.show(Region::INDIA), "+971 50 555 0142");
        assert_eq!(dubai.shown().region, "AE".parse().ok());
        let rome = phone("+39 02 1234 5678");
        assert_eq!(rome.to_string(), "+390212345678");
        assert_eq!(rome.show("IT".parse().unwrap()), "02 1234 5678");
    }

    #[test]
    fn numbers_are_dialled_as_their_region_does() {
        for (number, region, digits) in [
            ("+918040002291", "IN", "08040002291"),
            ("+442079460161", "IN", "00442079460161"),
            ("+918040002291", "GB", "00918040002291"),
            ("+918040002291", "US", "011918040002291"),
        ] {
            let (number, region) = (phone(number), region.parse().unwrap());
            let dialled = number.dialled_from(region).unwrap();
            assert_eq!(dialled, digits, "{number} from {region}");
            assert_eq!(Phone::parse(&dialled, region), Ok(number));
        }
        let abroad: Region = "IT".parse().unwrap();
        let rome = phone("+390212345678");
        assert_eq!(rome.dialled_from(abroad).as_deref(), Some("0212345678"));
    }

    #[test]
    fn what_is_no_number_says_why() {
        for (text, why) in [
            ("", PhoneError::Empty),
            (" \u{200e} ", PhoneError::Empty),
            ("asha@example.com", PhoneError::Email),
            ("1800-FLOWERS", PhoneError::Letters),
            ("080 4000 2291 x5", PhoneError::Letters),
            ("8.04E+09", PhoneError::Letters),
            ("080;4000", PhoneError::BadCharacter(';')),
            ("=1+1", PhoneError::BadCharacter('=')),
            ("*141#", PhoneError::BadCharacter('*')),
            ("1001", PhoneError::TooShort),
            ("112", PhoneError::TooShort),
            ("+999 123 456 789", PhoneError::CountryCode),
            ("+1 212 055 0142", PhoneError::NotInUse),
            ("9812345678901234", PhoneError::TooLong),
            ("()", PhoneError::NoNumber),
        ] {
            assert_eq!(Phone::parse(text, Region::INDIA), Err(why), "{text}");
        }
        assert_eq!(
            Phone::parse(&"9".repeat(10_000), Region::INDIA),
            Err(PhoneError::TooLong)
        );
    }

    #[test]
    fn the_stored_form_is_strict() {
        for wrong in [
            "",
            "+",
            "918040002291",
            "+0123456",
            "+91 80",
            "+1234567890123456",
            "+9180४०",
        ] {
            assert_eq!(Phone::from_e164(wrong), None, "{wrong}");
        }
        assert_eq!(phone("08040002291").digits(), 918_040_002_291);
    }

    #[test]
    fn regions_are_known_by_their_code() {
        assert_eq!("in".parse(), Ok(Region::INDIA));
        assert_eq!(Region::INDIA.calling_code(), Some(91));
        for wrong in ["", "XX", "IND", "001", "1", "é"] {
            assert!(wrong.parse::<Region>().is_err(), "{wrong}");
        }
        assert!(Region::all().len() > 200);
    }

    #[test]
    fn hidden_numbers_keep_four_digits() {
        assert_eq!(masked("+918040002291"), "••• 2291");
        assert_eq!(masked("12"), "••• 12");
        assert_eq!(masked("anonymous"), "•••");
        assert_eq!(masked(""), "");
        assert_eq!(search_digits("+91 98-12"), Some("919812".into()));
        assert_eq!(search_digits("asha 12"), None);
        assert_eq!(search_digits("+"), None);
    }

    proptest! {
        #[test]
        fn every_number_survives_each_way_of_writing(rest in 0..1_000_000_000u64, first in 6..10u64) {
            let text = format!("{first}{rest:09}");
            if let Ok(number) = Phone::parse(&text, Region::INDIA) {
                prop_assert_eq!(Phone::from_e164(&number.to_string()), Some(number));
                let shown = number.shown();
                prop_assert_eq!(Phone::parse(&shown.national, Region::INDIA), Ok(number));
                prop_assert_eq!(Phone::parse(&shown.international, "US".parse().unwrap()), Ok(number));
            }
        }

        #[test]
        fn no_text_breaks_the_reading(text in "\\PC{0,45}|[0-9+() .-]{0,45}") {
            if let Ok(number) = Phone::parse(&text, Region::INDIA) {
                prop_assert_eq!(Phone::from_e164(&number.to_string()), Some(number));
            }
        }
    }
}
