//! Recovery codes: shown once, kept as hashes, each good for one sign-in without the app.

use super::secret::{self, SecretHash};

const COUNT: usize = 10;
/// Letters and digits of one code: 120 bits, so that a plain hash can't be guessed back (ASVS 6.5.2).
const LENGTH: usize = 24;
const GROUP: usize = 4;

/// New codes.
pub struct Codes {
    /// In groups, as they are shown.
    pub shown: Vec<String>,
    pub hashes: Vec<String>,
}

/// # Errors
/// When the system gives no random bytes.
pub fn fresh() -> Result<Codes, getrandom::Error> {
    let mut codes = Codes {
        shown: Vec::with_capacity(COUNT),
        hashes: Vec::with_capacity(COUNT),
    };
    for _ in 0..COUNT {
        let code: String = secret::fresh("")?.chars().take(LENGTH).collect();
        codes.hashes.push(hash(&code));
        codes.shown.push(grouped(&code));
    }
    Ok(codes)
}

/// The hash of a code as it was typed: groups, case and spaces don't matter.
pub fn hash(typed: &str) -> String {
    let plain: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    SecretHash::of(&plain).hex()
}

fn grouped(code: &str) -> String {
    let mut text = String::with_capacity(LENGTH + LENGTH / GROUP);
    for (at, c) in code.chars().enumerate() {
        if at > 0 && at % GROUP == 0 {
            text.push('-');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_many_long_and_read_as_they_are_typed() {
        let codes = fresh().unwrap();
        assert_eq!((codes.shown.len(), codes.hashes.len()), (COUNT, COUNT));
        for (shown, kept) in codes.shown.iter().zip(&codes.hashes) {
            assert_eq!(shown.len(), LENGTH + 5);
            assert_eq!(&hash(&shown.to_uppercase().replace('-', " ")), kept);
            assert!(!kept.contains(&shown[..4]) || kept.len() == 64);
        }
        let mut different = codes.hashes.clone();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), COUNT);
    }
}
