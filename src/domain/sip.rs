//! Passwords of phones: made by us, shown once, kept as the digest that the phone system compares.

use super::secret;
use openssl::hash::{MessageDigest, hash};

/// The realm in which phones sign in, as the phone system has it unless told otherwise.
pub const REALM: &str = "asterisk";

/// Signs of a password: 80 random bits, short enough to be typed into a phone.
const SIGNS: usize = 16;

/// A new password, of letters and digits that no phone's keys confuse.
///
/// # Errors
/// When the system gives no random bytes.
pub fn password() -> Result<String, getrandom::Error> {
    let mut password = secret::fresh("")?;
    password.truncate(SIGNS);
    Ok(password)
}

/// What is kept of it, as `password_digest` of the phone system takes it. MD5 because phones know no other; the
/// password is random, so that the digest can't be guessed back.
pub fn digest(username: &str, password: &str) -> String {
    let text = format!("{username}:{REALM}:{password}");
    let digest = hash(MessageDigest::md5(), text.as_bytes()).expect("MD5 is built in");
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("MD5:{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_what_phones_compute() {
        assert_eq!(
            digest("5101", "secret"),
            "MD5:6976e8fa3165e72c06b9b85db96848b0"
        );
        let (a, b) = (password().unwrap(), password().unwrap());
        assert!(a.len() == SIGNS && a != b);
    }
}
