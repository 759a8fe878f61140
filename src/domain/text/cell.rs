//! Cells of files that spreadsheets open: nothing in them may run as a formula (product rule §7).

use std::borrow::Cow;

/// What a spreadsheet takes for the begin of a formula.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
/// Stands before such a text; spreadsheets read it as "what follows is text".
const NEUTRALISER: char = '\'';

/// The text as it is written: with an apostrophe before anything that would run as a formula.
/// Phone numbers as `+91 98765 43210` are no formula and stay as they are.
pub fn neutral(text: &str) -> Cow<'_, str> {
    match is_formula(text) || is_neutralised(text) {
        true => format!("{NEUTRALISER}{text}").into(),
        false => text.into(),
    }
}

/// The text that was written by [`neutral`].
pub fn plain(text: &str) -> &str {
    match is_neutralised(text) {
        true => &text[NEUTRALISER.len_utf8()..],
        false => text,
    }
}

fn is_formula(text: &str) -> bool {
    text.trim_start_matches(' ').starts_with(FORMULA) && !is_phone(text)
}

fn is_neutralised(text: &str) -> bool {
    let rest = text.strip_prefix(NEUTRALISER);
    rest.is_some_and(|rest| is_formula(rest) || is_neutralised(rest))
}

/// One or more numbers in groups of digits: a spreadsheet can't reckon with them.
fn is_phone(text: &str) -> bool {
    let number = |number: &str| {
        let rest = number.strip_prefix('+').unwrap_or_default();
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.contains(' ')
            && rest.chars().all(|c| c.is_ascii_digit() || c == ' ')
    };
    text.split('|').all(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_neutralised_and_phone_numbers_are_not_damaged() {
        for (text, written) in [
            ("Priya Nair", "Priya Nair"),
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            (" =1", "' =1"),
            ("＝1", "'＝1"),
            ("+91 98765 43210", "+91 98765 43210"),
            (
                "+91 98765 43210|+1 212 555 0144",
                "+91 98765 43210|+1 212 555 0144",
            ),
            ("+919876543210", "'+919876543210"),
            ("+91 98765+1", "'+91 98765+1"),
            ("'tis", "'tis"),
            ("'=1", "''=1"),
            ("", ""),
        ] {
            assert_eq!(neutral(text), written);
            assert_eq!(plain(written), text);
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "[ '=+@\\-a1|\\t]{0,8}|\\PC{0,12}") {
            let written = neutral(&text).into_owned();
            prop_assert_eq!(plain(&written), text.as_str());
            let begins = written.trim_start_matches(' ').starts_with(FORMULA);
            prop_assert!(!begins || is_phone(&written), "{}", written);
        }
    }
}
