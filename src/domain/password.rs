//! Passwords: which are good enough, and how they are kept (NIST SP 800-63B-4, ASVS 5.0).
//!
//! The common ones are known without a network: zxcvbn brings lists of the 30,000 most used passwords and of
//! words and names, and sees through capitals, `@` for `a`, rows of keys and years.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;

/// Fewest characters of a password that stands alone.
pub const LEAST: usize = 15;
/// Fewest characters where a second factor is asked for too.
pub const LEAST_WITH_FACTOR: usize = 8;
/// Most characters; longer ones only cost time.
pub const MOST: usize = 256;

/// Memory in KiB and passes of one hash.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Why a password is refused, in words for the person who chose it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    #[error("Use at least {0} characters. A few words in a row are easy to remember.")]
    TooShort(usize),
    #[error("Use at most {MOST} characters.")]
    TooLong,
    #[error(
        "This is too easy to guess: it is a common password, a pattern, or made of your own name or ID."
    )]
    Guessable,
}

/// Checks a new password. `context` holds words that a guesser would try first: names, ids, the host.
pub fn check(password: &str, context: &[&str], has_factor: bool) -> Result<(), PasswordFault> {
    let least = if has_factor { LEAST_WITH_FACTOR } else { LEAST };
    let length = password.chars().count();
    if length < least {
        return Err(PasswordFault::TooShort(least));
    }
    if length > MOST {
        return Err(PasswordFault::TooLong);
    }
    let mut words: Vec<String> = vec!["rollcall".to_owned()];
    for text in context {
        words.push((*text).to_lowercase());
        words.extend(
            text.to_lowercase()
                .split(|c: char| !c.is_alphanumeric())
                .map(str::to_owned),
        );
    }
    words.retain(|word| word.chars().count() > 2);
    if remainder(password, &mut words) < LEAST_WITH_FACTOR {
        return Err(PasswordFault::Guessable);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match zxcvbn::zxcvbn(password, &words).score() {
        zxcvbn::Score::Zero | zxcvbn::Score::One | zxcvbn::Score::Two => {
            Err(PasswordFault::Guessable)
        }
        _ => Ok(()),
    }
}

/// Whether a password is long enough where no second factor is asked for.
pub fn stands_alone(password: &str) -> bool {
    password.chars().count() >= LEAST
}

/// How many characters are left of a password without the words that a guesser knows.
fn remainder(password: &str, words: &mut [String]) -> usize {
    let mut rest = password.to_lowercase();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        rest = rest.replace(word.as_str(), "");
    }
    rest.chars().filter(|c| !c.is_whitespace()).count()
}

/// The hash of a password for storage, as a PHC string. Takes about 15 ms and 19 MiB.
///
/// # Errors
/// When the system gives no random bytes or no memory.
pub fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    let hash: PasswordHash = hasher().hash_password(normal(password).as_bytes())?;
    Ok(hash.to_string())
}

/// A hash of nobody's password, which takes as long to check as a real one: made up, not calculated.
pub fn decoy() -> String {
    let (salt, hash) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={MEMORY},t={PASSES},p=1${salt}${hash}")
}

/// Whether this is the password behind a hash. A hash that can't be read fits none.
pub fn verify(password: &str, stored: &str) -> bool {
    let Ok(stored) = PasswordHash::new(stored) else {
        return false;
    };
    hasher()
        .verify_password(normal(password).as_bytes(), &stored)
        .is_ok()
}

/// Whether a hash was made with other parameters than today's, so that it is renewed at sign-in.
pub fn is_outdated(stored: &str) -> bool {
    let prefix = format!("$argon2id$v=19$m={MEMORY},t={PASSES},p=1$");
    !stored.starts_with(&prefix)
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY, PASSES, 1, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The same password typed on another keyboard or system is the same bytes.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoy_is_read_like_any_hash_and_fits_no_password() {
        let decoy = PasswordHash::new(&decoy()).expect("a hash");
        let real = PasswordHash::new(&hash("correct horse battery").unwrap()).expect("a hash");
        assert_eq!(decoy.params, real.params);
        let length = |hash: &PasswordHash| hash.hash.map(|output| output.len());
        assert_eq!(length(&decoy), length(&real));
        assert!(!verify("correct horse battery", &decoy.to_string()));
    }

    #[test]
    fn short_common_and_contextual_passwords_are_refused() {
        assert_eq!(
            check("correct horse", &[], false),
            Err(PasswordFault::TooShort(15))
        );
        assert_eq!(
            check(&"x".repeat(257), &[], false),
            Err(PasswordFault::TooLong)
        );
        for bad in [
            "passwordpassword",
            "aaaaaaaaaaaaaaaaaa",
            "1234567890123456",
            "rollcallrollcall",
            "qwertyuiopasdfg",
        ] {
            assert_eq!(
                check(bad, &[], false),
                Err(PasswordFault::Guessable),
                "{bad}"
            );
        }
        let context = ["Priya Venkataraman", "priya.venkataraman"];
        assert_eq!(
            check("Priya.Venkataraman 2026!", &context, false),
            Err(PasswordFault::Guessable)
        );
        assert_eq!(
            check("priyavenkataraman", &context, false),
            Err(PasswordFault::Guessable)
        );
    }

    #[test]
    fn the_most_used_passwords_are_refused_where_a_short_one_would_do() {
        for common in [
            "password1",
            "iloveyou",
            "sunshine1",
            "qwerty123",
            "letmein123",
            "Welcome123",
            "P@ssw0rd1",
            "football2026",
            "1q2w3e4r5t",
            "abcd1234",
        ] {
            assert_eq!(
                check(common, &[], true),
                Err(PasswordFault::Guessable),
                "{common}"
            );
        }
    }

    #[test]
    fn any_character_will_do_and_nothing_is_composed() {
        for good in [
            "correct horse battery staple",
            "घोड़ा बैटरी स्टेपल सही",
            "wet green lamp seven",
        ] {
            assert_eq!(check(good, &["Priya Nair"], false), Ok(()), "{good}");
        }
        assert_eq!(check("kj2#Lm9x!", &[], true), Ok(()));
    }

    #[test]
    fn a_hash_fits_its_password_only() {
        let stored = hash("wet green lamp seven").unwrap();
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        assert!(
            verify("wet green lamp seven", &stored) && !verify("wet green lamp eight", &stored)
        );
        assert!(!verify("x", "not a hash"));
        assert!(
            !is_outdated(&stored) && is_outdated("$argon2id$v=19$m=4096,t=3,p=1$c2FsdA$aGFzaA")
        );
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same_password() {
        let stored = hash("caf\u{e9} na\u{ef}ve r\u{e9}sum\u{e9}").unwrap();
        assert!(verify(
            "cafe\u{301} nai\u{308}ve re\u{301}sume\u{301}",
            &stored
        ));
    }
}
