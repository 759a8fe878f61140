//! The names that people sign in and are written to by: unique, whatever the case.

use super::{TextError, check};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// What a user signs in with, and an agent's username. As typed; [`claim`](Self::claim) is unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoginId(String);

impl LoginId {
    pub const LEAST: usize = 6;
    pub const MOST: usize = 64;

    /// 6 to 64 letters (of any script), digits and `. _ @ + -`, with at least one letter or digit.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = check(text, Self::LEAST, Self::MOST)?;
        let fine = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '@' | '+' | '-');
        if let Some(bad) = text.chars().find(|c| !fine(*c)) {
            return Err(TextError::BadCharacter(bad));
        }
        match text.chars().next() {
            Some(sign) if !text.chars().any(char::is_alphanumeric) => {
                Err(TextError::BadCharacter(sign))
            }
            Some(_) | None => Ok(Self(text.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which it is unique.
    pub fn claim(&self) -> String {
        Self::claim_of(&self.0)
    }

    /// The form to look up what someone typed at sign-in, which need not be a valid login id.
    pub fn claim_of(typed: &str) -> String {
        caseless(typed.trim())
    }
}

impl fmt::Display for LoginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An e-mail address, lower case: the form in which it is unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    pub const MOST: usize = 254;

    /// Checks the shape only; whether mail arrives is found out by sending some.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = caseless(check(text, 1, Self::MOST)?);
        let (local, domain) = text.rsplit_once('@').ok_or(TextError::NoEmail)?;
        if text.len() <= Self::MOST && is_local(local) && is_domain(domain) {
            Ok(Self(text))
        } else {
            Err(TextError::NoEmail)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_local(local: &str) -> bool {
    let fine = |c: char| c.is_alphanumeric() || is_mark(c) || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.len() <= 64
        && local
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(fine))
}

fn is_domain(domain: &str) -> bool {
    let fine = |c: char| c.is_alphanumeric() || is_mark(c) || c == '-';
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(fine)
    };
    domain.contains('.') && domain.split('.').all(label)
}

/// Vowel signs and the like, without which many scripts cannot be written.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Lower case in the compatibility form, so that texts which look and read the same are the same.
/// Repeated until it holds still: lower case can bring forth what normalises again.
pub(super) fn caseless(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut text = text.to_owned();
    for _ in 0..4 {
        let next: String = text
            .nfkc()
            .collect::<String>()
            .to_lowercase()
            .nfkc()
            .collect();
        if next == text {
            break;
        }
        text = next;
    }
    text
}
