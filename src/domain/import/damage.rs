//! What spreadsheets do to cells behind their owner's back, told by what is left of them.

/// A cell that is not what somebody typed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// `9.19877E+11`: the last digits are gone.
    Scientific,
    /// `919876543210.0`: a number that was reckoned with.
    Decimal,
    /// `03-Nov`, `2026-11-03`: something like 3-11 taken for a date.
    Date,
    /// `#N/A`, `#NAME?`, `#####`.
    Failed,
    /// `????`: letters that the encoding it was saved in does not have.
    LostLetters,
    /// U+FFFD: bytes that are no letters in the encoding it was read in.
    Unreadable,
}

impl Damage {
    pub fn of(text: &str) -> Option<Self> {
        if text.contains('\u{fffd}') {
            return Some(Self::Unreadable);
        }
        // All others are made of ASCII signs.
        if !text.is_ascii() {
            return None;
        }
        if is_scientific(text) {
            Some(Self::Scientific)
        } else if is_decimal(text) {
            Some(Self::Decimal)
        } else if is_date(text) {
            Some(Self::Date)
        } else if is_failed(text) {
            Some(Self::Failed)
        } else {
            is_lost(text).then_some(Self::LostLetters)
        }
    }

    /// What happened, after the cell's value.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Scientific => {
                "A spreadsheet has turned the number into a rounded one: its last digits are lost."
            }
            Self::Decimal => "A program has reckoned with the number and added a decimal place.",
            Self::Date => "A spreadsheet has turned the text into a date.",
            Self::Failed => "This is a spreadsheet’s error or a column too narrow, not a value.",
            Self::LostLetters => {
                "Its letters were lost when the file was saved in an encoding that does not have them."
            }
            Self::Unreadable => "It has characters that can’t be read in this encoding.",
        }
    }

    pub fn fix(self) -> &'static str {
        match self {
            Self::Scientific | Self::Decimal | Self::Date => {
                "Format the column as text in the spreadsheet, then type the value again."
            }
            Self::Failed => "Type the value itself, without a formula.",
            Self::LostLetters => "Save the original as “CSV UTF-8” or as .xlsx, and upload that.",
            Self::Unreadable => "Choose another encoding for the file, or save it as “CSV UTF-8”.",
        }
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// One digit, decimals, E and a sign, as every spreadsheet writes it; `12E5` may be a code.
fn is_scientific(text: &str) -> bool {
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some((number, power)) = bare.split_once(['E', 'e']) else {
        return false;
    };
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let signed = power.strip_prefix(['+', '-']);
    whole.len() == 1
        && all_digits(whole)
        && all_digits(decimals)
        && all_digits(signed.unwrap_or(power))
        && (signed.is_some() || number.len() > 1)
}

fn is_decimal(text: &str) -> bool {
    text.split_once(['.', ','])
        .is_some_and(|(whole, zeros)| all_digits(whole) && matches!(zeros, "0" | "00"))
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

fn is_date(text: &str) -> bool {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let is_time = |time: &str| {
        let bare = time.trim_end_matches(['Z', 'A', 'P', 'M', 'a', 'p', 'm', ' ']);
        bare.is_empty()
            || (bare.contains(':')
                && bare
                    .bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.')))
    };
    let parts: Vec<&str> = date.split(['-', '/']).collect();
    let between = |part: &str, least: usize, most: usize| {
        all_digits(part)
            && part.len() <= 4
            && part
                .parse()
                .is_ok_and(|n: usize| (least..=most).contains(&n))
    };
    let month = |part: &str| {
        let part = part.to_ascii_lowercase();
        MONTHS.iter().any(|month| part == *month)
    };
    let day = |part: &str| part.len() <= 2 && between(part, 1, 31);
    let year = |part: &str| part.len() == 4 && between(part, 1900, 2999);
    let short_year = |part: &str| part.len() == 2 && all_digits(part);
    is_time(time)
        && match parts.as_slice() {
            [a, b] => (day(a) && month(b)) || (month(a) && (short_year(b) || day(b))),
            [a, b, c] => {
                (year(a) && between(b, 1, 12) && day(c))
                    || (day(a) && (day(b) || month(b)) && (year(c) || (month(b) && short_year(c))))
            }
            [] | [_] | [_, _, _, _, ..] => false,
        }
}

fn is_failed(text: &str) -> bool {
    let known = [
        "#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#ERROR!", "#DATA!",
        "#SPILL!", "#CALC!",
    ];
    known.contains(&text) || (text.len() >= 3 && text.bytes().all(|b| b == b'#'))
}

fn is_lost(text: &str) -> bool {
    text.contains("??") && text.bytes().all(|b| matches!(b, b'?' | b' ' | b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_told_by_what_is_left() {
        for (text, damage) in [
            ("9.19877E+11", Damage::Scientific),
            ("9,19877E+11", Damage::Scientific),
            ("9E+11", Damage::Scientific),
            ("1.2e5", Damage::Scientific),
            ("919876543210.0", Damage::Decimal),
            ("1001,00", Damage::Decimal),
            ("03-Nov", Damage::Date),
            ("Nov-03", Damage::Date),
            ("3/11/2026", Damage::Date),
            ("01-Mar-26", Damage::Date),
            ("2026-11-03", Damage::Date),
            ("2026-11-03 00:00:00", Damage::Date),
            ("#N/A", Damage::Failed),
            ("########", Damage::Failed),
            ("???? ????", Damage::LostLetters),
            ("As\u{fffd}a", Damage::Unreadable),
        ] {
            assert_eq!(Damage::of(text), Some(damage), "{text}");
        }
        for text in [
            "",
            "12E5",
            "1E5",
            "E+11",
            "9.19877",
            "+91 98765 43210",
            "9876543210",
            "080-4000-2291",
            "2001",
            "April",
            "May",
            "Jan Novak",
            "May-Lin",
            "R.0",
            "v1.0",
            "#1",
            "##",
            "?",
            "Asha Rao",
            "आशा",
            "3-11",
            "asha.rao@example.com",
            "10/12",
            "12-34-5678",
            "a-b-c",
        ] {
            assert_eq!(Damage::of(text), None, "{text}");
        }
    }
}
