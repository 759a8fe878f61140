//! Secrets at rest: sealed with AES-256-GCM under the install's key, each for one place only.

use aes_gcm::aead::{Aead, Nonce, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use sha2::{Digest, Sha256};
use std::fmt;

/// What a sealed text begins with, so that another way of sealing can follow one day.
const FORM: &str = "1";
const NONCE: usize = 12;

/// The key that opens what this install keeps secret. Printed nowhere.
#[derive(Clone)]
pub struct SealingKey {
    cipher: Aes256Gcm,
    fingerprint: String,
}

/// Why something can't be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    #[error("a key is 64 hexadecimal digits")]
    NoKey,
    #[error("that is no sealed text")]
    Malformed,
    #[error("it was sealed with another key, whose fingerprint is {0}")]
    OtherKey(String),
    #[error("it was changed, or was sealed for another place")]
    Forged,
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

impl SealingKey {
    /// The text of a new key, as it is kept in the key file.
    ///
    /// # Errors
    /// `Random`.
    pub fn fresh_text() -> Result<String, SealFault> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(SealFault::Random)?;
        Ok(hex(&bytes))
    }

    /// # Errors
    /// `NoKey`.
    pub fn from_text(text: &str) -> Result<Self, SealFault> {
        let bytes = unhex(text.trim()).ok_or(SealFault::NoKey)?;
        let cipher = Aes256Gcm::new_from_slice(&bytes).map_err(|_| SealFault::NoKey)?;
        let mut digest = Sha256::new();
        digest.update(b"rollcall key fingerprint");
        digest.update(&bytes);
        Ok(Self {
            cipher,
            fingerprint: hex(&digest.finalize()[..8]),
        })
    }

    /// Tells keys apart and says nothing of them.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Seals `plain` so that it opens only in the same `place`, for example `totp:42`: what is moved from
    /// one person's row to another's is worth nothing there.
    ///
    /// # Errors
    /// `Random`.
    pub fn seal(&self, plain: &[u8], place: &str) -> Result<String, SealFault> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(SealFault::Random)?;
        let payload = Payload {
            msg: plain,
            aad: place.as_bytes(),
        };
        let sealed = self
            .cipher
            .encrypt(&Nonce::<Aes256Gcm>::from(nonce), payload)
            .map_err(|_| SealFault::Malformed)?;
        let fingerprint = &self.fingerprint;
        Ok(format!(
            "{FORM}.{fingerprint}.{}{}",
            hex(&nonce),
            hex(&sealed)
        ))
    }

    /// # Errors
    /// `Malformed`, `OtherKey` or `Forged`.
    pub fn open(&self, sealed: &str, place: &str) -> Result<Vec<u8>, SealFault> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(FORM), Some(fingerprint), Some(digits)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Err(SealFault::Malformed);
        };
        if fingerprint != self.fingerprint {
            let other: String = fingerprint.chars().take(16).collect();
            return Err(SealFault::OtherKey(other));
        }
        let bytes = unhex(digits).ok_or(SealFault::Malformed)?;
        let (nonce, body) = bytes
            .split_first_chunk::<NONCE>()
            .ok_or(SealFault::Malformed)?;
        let payload = Payload {
            msg: body,
            aad: place.as_bytes(),
        };
        self.cipher
            .decrypt(&Nonce::<Aes256Gcm>::from(*nonce), payload)
            .map_err(|_| SealFault::Forged)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({})", self.fingerprint)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
            text
        })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SealingKey {
        SealingKey::from_text(&SealingKey::fresh_text().unwrap()).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_and_nowhere_else() {
        let key = key();
        let sealed = key.seal(b"a secret", "totp:1").unwrap();
        assert_eq!(key.open(&sealed, "totp:1").unwrap(), b"a secret");
        assert_eq!(key.open(&sealed, "totp:2"), Err(SealFault::Forged));
        assert_ne!(sealed, key.seal(b"a secret", "totp:1").unwrap());
        assert!(!sealed.contains("secret"));
    }

    #[test]
    fn another_key_is_told_by_its_fingerprint() {
        let (one, two) = (key(), key());
        let sealed = one.seal(b"x", "mail").unwrap();
        let fault = two.open(&sealed, "mail").unwrap_err();
        assert_eq!(fault, SealFault::OtherKey(one.fingerprint().to_owned()));
    }

    #[test]
    fn what_was_changed_or_cut_does_not_open() {
        let key = key();
        let sealed = key.seal(b"some text", "mail").unwrap();
        let last = if sealed.ends_with('0') { "1" } else { "0" };
        let changed = format!("{}{last}", &sealed[..sealed.len() - 1]);
        assert_eq!(key.open(&changed, "mail"), Err(SealFault::Forged));
        assert_eq!(
            key.open(&sealed[..sealed.len() - 2], "mail"),
            Err(SealFault::Forged)
        );
        for broken in ["", "1", "1.", "1.x.y", "2.a.b", &sealed[..30]] {
            assert!(key.open(broken, "mail").is_err(), "{broken:?}");
        }
    }

    #[test]
    fn a_key_is_64_digits_and_is_never_printed() {
        let text = SealingKey::fresh_text().unwrap();
        let key = SealingKey::from_text(&format!("{text}\n")).unwrap();
        assert!(!format!("{key:?}").contains(&text[..16]));
        for bad in ["", "00", &text[..62], &text.replacen(&text[..1], "g", 1)] {
            assert_eq!(
                SealingKey::from_text(bad).unwrap_err(),
                SealFault::NoKey,
                "{bad}"
            );
        }
    }
}
