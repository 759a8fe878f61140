//! The second factor: codes of an authenticator app (RFC 6238; SHA-1, six digits, 30 seconds, since many
//! apps ignore anything else), and the picture that hands its secret over.

use super::time::{SECOND, Timestamp};
use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write as _;
use totp_rs::{Builder, Secret, Totp, TotpError};

/// Bytes of a secret, as RFC 4226 recommends.
const BYTES: usize = 20;

/// A second factor whose secret is open.
pub struct Factor(Totp);

/// Why a secret makes no factor.
#[derive(Debug, thiserror::Error)]
pub enum FactorFault {
    #[error("the secret can't be used: {0}")]
    Secret(String),
    #[error("the system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

impl From<TotpError> for FactorFault {
    fn from(error: TotpError) -> Self {
        Self::Secret(error.to_string())
    }
}

/// What the person's app is given.
pub struct Card {
    /// The secret to type, in groups of four.
    pub typed: String,
    pub qr: Qr,
}

/// A QR code to be drawn: dark squares of side 1 on a light ground.
pub struct Qr {
    /// Squares on a side, the quiet zone around it included.
    pub size: i32,
    /// The dark squares as an SVG path.
    pub path: String,
}

impl Factor {
    /// # Errors
    /// `Random`.
    pub fn fresh_secret() -> Result<Vec<u8>, FactorFault> {
        let mut bytes = vec![0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(bytes)
    }

    /// # Errors
    /// `Secret` when it is too short to be one.
    pub fn of(secret: &[u8]) -> Result<Self, FactorFault> {
        Ok(Self(Builder::new().with_secret(secret).build()?))
    }

    /// The step of time that a code belongs to, if it is one of the last, the present or the next 30
    /// seconds. Whoever takes it sees to it that no step is taken twice.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let seconds = u64::try_from(now.0 / SECOND).ok()?;
        let step = self.0.check(&digits(code), seconds)?;
        i64::try_from(step).ok()
    }

    /// The code of an instant.
    pub fn code_at(&self, now: Timestamp) -> String {
        let seconds = u64::try_from(now.0 / SECOND).unwrap_or_default();
        self.0.generate(seconds).to_string()
    }

    /// What to show to the one whose factor it is to be.
    ///
    /// # Errors
    /// `Secret` when the address is too long for a code.
    pub fn card(&self, issuer: &str, login_id: &str) -> Result<Card, FactorFault> {
        let secret = Secret::from(self.0.secret().as_bytes());
        let named = Builder::new()
            .with_secret(secret.clone())
            // A colon parts the two in the address.
            .with_issuer(Some(issuer.replace(':', " ")))
            .with_account_name(login_id.replace(':', " "))
            .build()?;
        let address = named.to_url()?;
        let typed = secret.to_base32();
        let groups: Vec<&str> = (0..typed.len())
            .step_by(4)
            .filter_map(|at| typed.get(at..(at + 4).min(typed.len())))
            .collect();
        Ok(Card {
            typed: groups.join(" "),
            qr: Qr::of(&address)?,
        })
    }
}

impl Qr {
    /// Squares left empty around the code, as its standard asks.
    const QUIET: i32 = 4;

    fn of(text: &str) -> Result<Self, FactorFault> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium)
            .map_err(|error| FactorFault::Secret(error.to_string()))?;
        let mut path = String::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let began = x;
                while code.get_module(x, y) {
                    x += 1;
                }
                let run = x - began;
                if run > 0 {
                    let (left, top) = (began + Self::QUIET, y + Self::QUIET);
                    // Writing to a String can't fail.
                    let _ = write!(path, "M{left},{top}h{run}v1h-{run}z");
                }
                x += 1;
            }
        }
        Ok(Self {
            size: code.size() + 2 * Self::QUIET,
            path,
        })
    }
}

/// Apps show a code in two groups, and people type it as they see it.
fn digits(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * SECOND)
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, SHA-1, the last six digits.
        let factor = Factor::of(b"12345678901234567890").unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(factor.code_at(at(seconds)), code);
            assert_eq!(factor.step_of(code, at(seconds)), Some(seconds / 30));
        }
        assert_eq!(factor.step_of("287 082", at(59)), Some(1));
    }

    #[test]
    fn a_code_holds_one_step_before_and_after_and_no_longer() {
        let factor = Factor::of(b"12345678901234567890").unwrap();
        let now = 1_111_111_109;
        let code = factor.code_at(at(now));
        for (seconds, holds) in [(-60, false), (-30, true), (30, true), (61, false)] {
            let step = factor.step_of(&code, at(now + seconds));
            assert_eq!(step, holds.then_some(now / 30), "{seconds}");
        }
        for nonsense in ["", "81804", "0818040", "+81804", "०८१८०४", "abcdef"] {
            assert_eq!(factor.step_of(nonsense, at(now)), None, "{nonsense}");
        }
    }

    #[test]
    fn a_card_shows_the_secret_to_type_and_to_scan() {
        let secret = Factor::fresh_secret().unwrap();
        let card = Factor::of(&secret)
            .unwrap()
            .card("Acme: calls", "priya:nair@example.org")
            .unwrap();
        assert_eq!(card.typed.len(), 32 + 7);
        assert!(card.qr.size > 29 && card.qr.path.starts_with("M4,4h7v1h-7z"));
        assert!(Factor::of(b"short").is_err());
    }
}
