//! What one cell says: nothing, a word of ours, or a value; and the list that it may be.

use crate::domain::text::cell::plain;
use std::borrow::Cow;

/// A cell as it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'c> {
    /// Keeps what is there.
    Blank,
    /// `(clear)` blanks it.
    Clear,
    /// `(auto)` takes the next that is free.
    Auto,
    Text(Cow<'c, str>),
}

const CLEAR: &str = "clear";
const AUTO: &str = "auto";
/// Between the values of a list.
const BAR: char = '|';
/// Before a bar that belongs to a value, and before a value that reads like a word of ours.
const ESCAPE: char = '\\';

impl<'c> Cell<'c> {
    pub fn read(raw: &'c str) -> Self {
        let text = plain(raw.trim()).trim();
        if text.is_empty() {
            Self::Blank
        } else if is(text, CLEAR) {
            Self::Clear
        } else if is(text, AUTO) {
            Self::Auto
        } else {
            match text.strip_prefix(ESCAPE) {
                Some(rest) if is_word(rest) => Self::Text(rest.into()),
                Some(_) | None => Self::Text(text.into()),
            }
        }
    }
}

/// A value as it is written into a file, so that it reads back as itself.
pub fn written(text: &str) -> Cow<'_, str> {
    match is_word(text) {
        true => format!("{ESCAPE}{text}").into(),
        false => text.into(),
    }
}

fn is_word(text: &str) -> bool {
    let bare = text.trim_start_matches(ESCAPE);
    is(bare, CLEAR) || is(bare, AUTO)
}

/// A word of ours in its brackets, with spaces within them or without.
fn is(text: &str, word: &str) -> bool {
    let within = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    within.is_some_and(|within| within.trim().eq_ignore_ascii_case(word))
}

/// The values of a list, without blank ones.
pub fn split_list(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match (c, next) {
            (ESCAPE, Some(sign @ (BAR | ESCAPE))) => {
                chars.next();
                push(&mut values, sign);
            }
            (BAR, _) => values.push(String::new()),
            (c, _) => push(&mut values, c),
        }
    }
    let trimmed = values.iter().map(|value| value.trim().to_owned());
    trimmed.filter(|value| !value.is_empty()).collect()
}

fn push(values: &mut [String], c: char) {
    if let Some(last) = values.last_mut() {
        last.push(c);
    }
}

/// The values as one cell.
pub fn join_list<V: AsRef<str>>(values: impl IntoIterator<Item = V>) -> String {
    let mut joined = String::new();
    for (at, value) in values.into_iter().enumerate() {
        if at > 0 {
            joined.push(BAR);
        }
        for c in value.as_ref().chars() {
            if matches!(c, BAR | ESCAPE) {
                joined.push(ESCAPE);
            }
            joined.push(c);
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::cell::neutral;
    use proptest::prelude::*;

    #[test]
    fn words_of_ours_are_told_from_values() {
        assert_eq!(Cell::read(" \u{a0}"), Cell::Blank);
        assert_eq!(Cell::read(" (Clear) "), Cell::Clear);
        assert_eq!(Cell::read("(AUTO)"), Cell::Auto);
        assert_eq!(
            (Cell::read("( auto )"), Cell::read("(\u{a0}clear)")),
            (Cell::Auto, Cell::Clear)
        );
        assert_eq!(written("( clear )"), "\\( clear )");
        assert_eq!(Cell::read("\\(clear)"), Cell::Text("(clear)".into()));
        assert_eq!(Cell::read("'=1+1"), Cell::Text("=1+1".into()));
        assert_eq!(
            Cell::read("'+919876543210"),
            Cell::Text("+919876543210".into())
        );
        assert_eq!(Cell::read("'tis"), Cell::Text("'tis".into()));
        assert_eq!(
            split_list(" a | b\\|c |||d\\e|f\\\\g"),
            ["a", "b|c", "d\\e", "f\\g"]
        );
        assert!(split_list("||").is_empty());
    }

    proptest! {
        #[test]
        fn values_come_back_from_a_cell(text in "[(=+'\\\\a |)]{0,6}|\\\\?\\((clear|auto)\\)|\\PC{1,12}") {
            // Values are kept trimmed, so none begins or ends with a space.
            let text = text.trim();
            let file = written(text).into_owned();
            let file = neutral(&file).into_owned();
            match Cell::read(&file) {
                Cell::Text(read) => prop_assert_eq!(read, text),
                Cell::Blank => prop_assert!(text.is_empty()),
                other => prop_assert!(false, "{:?} of {:?}", other, text),
            }
        }

        #[test]
        fn lists_come_back(values in proptest::collection::vec("[a|\\\\ b]{1,5}", 0..5)) {
            let values: Vec<String> = values.iter().map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect();
            prop_assert_eq!(split_list(&join_list(&values)), values);
        }
    }
}
