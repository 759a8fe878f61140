//! Text that people type, in any script: how it is checked, searched and sorted.

pub mod cell;
mod fold;
mod line;
mod login;

pub use fold::{Collation, fold};
pub use line::{
    Description, Designation, EmployeeId, GroupName, HolidayName, InstallName, Label, Name, Reason,
    RoleName, TokenName,
};
pub use login::{Email, LoginId};

/// Why a text is refused, in words that can stand beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("is missing")]
    Empty,
    #[error("has {length} characters; at least {least} are needed")]
    TooShort { length: usize, least: usize },
    #[error("has {length} characters; the most is {most}")]
    TooLong { length: usize, most: usize },
    #[error("has a line break or another character that cannot be seen")]
    Control,
    #[error("has marks that reverse the direction of writing and never end it")]
    Direction,
    #[error("may not have {}: letters, digits and . _ @ + - are allowed", sign(*.0))]
    BadCharacter(char),
    #[error("is no e-mail address: one looks like name@example.com")]
    NoEmail,
}

/// Signs without width, which programs leave at the begin of a text: there they do nothing, and make two of one name.
const ZERO_WIDTH: [char; 5] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}'];

/// A sign as a message names it: `'x'`, or by its number, `U+200B`, where it can't be seen.
pub fn sign(c: char) -> String {
    match c {
        '\'' => "an apostrophe".to_owned(),
        '\\' => "'\\'".to_owned(),
        '"' => "'\"'".to_owned(),
        // A programmer would write it so because it can't be seen.
        c if c.escape_debug().count() > 1 => format!("U+{:04X}", u32::from(c)),
        c => format!("'{c}'"),
    }
}

/// The trimmed text, if it has `least` to `most` characters, something that can be seen, and nothing
/// that would break out of its line or turn the text around it.
fn check(text: &str, least: usize, most: usize) -> Result<&str, TextError> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || ZERO_WIDTH.contains(&c));
    let text = text.trim_end();
    let length = text.chars().count();
    if length > most {
        return Err(TextError::TooLong { length, most });
    }
    if text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
    {
        return Err(TextError::Control);
    }
    if !directions_end(text) {
        return Err(TextError::Direction);
    }
    if least == 0 && length == 0 {
        return Ok(text);
    }
    if fold(text).is_empty() {
        return Err(TextError::Empty);
    }
    if length < least {
        return Err(TextError::TooShort { length, least });
    }
    Ok(text)
}

/// Every embedding, override and isolate is closed in order, and nothing else is.
fn directions_end(text: &str) -> bool {
    const POP: char = '\u{202c}';
    const POP_ISOLATE: char = '\u{2069}';
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => open.push(POP),
            '\u{2066}'..='\u{2068}' => open.push(POP_ISOLATE),
            POP | POP_ISOLATE if open.pop() != Some(c) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_in_any_script_are_kept_as_typed() {
        for name in [
            "Raj",
            " राज कुमार ",
            "محمد\u{200f}",
            "O'Brien <img onerror=x>",
            "👩‍💻",
            "X Æ A-12",
            "אבג \u{2067}abc\u{2069}",
            "\"; DROP TABLE",
        ] {
            assert_eq!(Name::parse(name).unwrap().as_str(), name.trim());
        }
        assert_eq!(
            Name::parse(&"क".repeat(128))
                .unwrap()
                .as_str()
                .chars()
                .count(),
            128
        );
    }

    #[test]
    fn what_cannot_be_a_name_says_why() {
        let why = |text: &str| Name::parse(text).unwrap_err().to_string();
        assert_eq!(why(""), "is missing");
        assert_eq!(why(" \t "), "is missing");
        assert_eq!(why("\u{200b}\u{200f}"), "is missing");
        assert_eq!(why(&"é".repeat(129)), "has 129 characters; the most is 128");
        for control in [
            "a\0b",
            "a\nb",
            "a\u{7f}b",
            "a\u{2028}b",
            "a\u{2029}b",
            "a\u{85}b",
        ] {
            assert_eq!(Name::parse(control), Err(TextError::Control), "{control:?}");
        }
        for turned in [
            "\u{202e}gnp.exe",
            "a\u{2066}b",
            "a\u{202c}",
            "\u{202a}\u{2067}a\u{202c}\u{2069}",
        ] {
            assert_eq!(Name::parse(turned), Err(TextError::Direction), "{turned:?}");
        }
        assert_eq!(
            Name::parse("\u{feff} \u{200b}Asha").unwrap().as_str(),
            "Asha"
        );
        for (c, named) in [
            ('\'', "an apostrophe"),
            ('"', "'\"'"),
            ('\\', "'\\'"),
            (' ', "' '"),
            ('é', "'é'"),
            ('\t', "U+0009"),
            ('\u{200b}', "U+200B"),
        ] {
            assert_eq!(sign(c), named);
        }
        assert_eq!(Designation::parse("  ").unwrap().as_str(), "");
    }

    #[test]
    fn login_ids_have_letters_digits_and_a_few_signs() {
        let id = LoginId::parse(" R.Kulkarni@Delhi ").unwrap();
        assert_eq!(id.as_str(), "R.Kulkarni@Delhi");
        assert_eq!(id.claim(), "r.kulkarni@delhi");
        assert_eq!(LoginId::parse("ＡＢＣ１２３").unwrap().claim(), "abc123");
        let why = |text: &str| LoginId::parse(text).unwrap_err();
        assert_eq!(
            why("short"),
            TextError::TooShort {
                length: 5,
                least: 6
            }
        );
        assert_eq!(
            why(&"x".repeat(65)),
            TextError::TooLong {
                length: 65,
                most: 64
            }
        );
        assert_eq!(why("two words"), TextError::BadCharacter(' '));
        assert_eq!(why("<script>"), TextError::BadCharacter('<'));
        assert_eq!(why("......"), TextError::BadCharacter('.'));
        assert_eq!(why(""), TextError::Empty);
    }

    #[test]
    fn emails_are_folded_and_look_like_emails() {
        assert_eq!(
            Email::parse(" Asha.Rao+x@Example.COM ").unwrap().as_str(),
            "asha.rao+x@example.com"
        );
        assert!(Email::parse("जो@उदाहरण.भारत").is_ok());
        for wrong in [
            "a",
            "@b.c",
            "a@",
            "a@b",
            "a@b..c",
            "a b@c.d",
            "a@b@c.d",
            "a@-b.c",
            "a@b-.c",
            ".a@b.c",
            "a.@b.c",
            "a..b@c.d",
            "<a@b.c>",
            "a@b.c,d@e.f",
            "a@[127.0.0.1]",
            "a@b_c.d",
        ] {
            assert_eq!(Email::parse(wrong), Err(TextError::NoEmail), "{wrong}");
        }
        assert_eq!(Email::parse("a@b.c\r\nBcc: x@y.z"), Err(TextError::Control));
        let long = format!("{}@{}.com", "a".repeat(64), "b".repeat(200));
        assert!(matches!(
            Email::parse(&long),
            Err(TextError::TooLong { most: 254, .. })
        ));
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_reads_back_the_same(text in "\\PC{0,20}|[a-z@.\u{202a}-\u{202e}\u{2066}-\u{2069}\u{0}\u{a}]{0,12}") {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(Name::parse(name.as_str()), Ok(name.clone()));
                prop_assert!(!name.as_str().contains(['\0', '\n']));
            }
            if let Ok(id) = LoginId::parse(&text) {
                prop_assert_eq!(LoginId::parse(id.as_str()), Ok(id.clone()));
            }
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
            }
        }
    }
}
