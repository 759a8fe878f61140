//! Random secrets that are handed out once: session keys, API tokens, links. Only hashes are kept.

use sha2::{Digest, Sha256};
use std::fmt;

/// SHA-256 of a secret. The secret has 256 random bits, so a plain hash can't be guessed back.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// As it is stored.
    pub fn hex(&self) -> String {
        use fmt::Write;
        self.0
            .iter()
            .fold(String::with_capacity(64), |mut text, byte| {
                // Writing to a String can't fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretHash({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// 256 random bits as 52 letters and digits, after a prefix that says what the secret is for.
///
/// # Errors
/// When the system gives no random bytes.
pub fn fresh(prefix: &str) -> Result<String, getrandom::Error> {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = [0; 33];
    getrandom::fill(&mut bytes)?;
    let mut text = String::with_capacity(prefix.len() + 52);
    text.push_str(prefix);
    for place in 0..52 {
        let bit = place * 5;
        let window = u16::from_be_bytes([bytes[bit / 8], bytes[bit / 8 + 1]]);
        text.push(char::from(
            DIGITS[usize::from(window >> (11 - bit % 8)) & 31],
        ));
    }
    Ok(text)
}

/// Where a person goes to choose a password with a token.
pub fn password_link(url: &str, token: &str) -> String {
    format!("{url}/password?token={token}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_differ_and_hash_to_what_sha256_says() {
        let (a, b) = (fresh("rc_").unwrap(), fresh("rc_").unwrap());
        assert!(a.starts_with("rc_") && a.len() == 55 && a != b);
        assert_eq!(
            SecretHash::of("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
