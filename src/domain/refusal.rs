//! Why a sign-in was refused: for the audit log, never for who tried.

use super::agent::words;

words!(/// What kept somebody out whose login id is known.
Refusal {
    Blocked = "web_login_blocked",
    /// Whether the password was right is not looked at.
    Address = "address_not_allowed",
    /// None was ever chosen.
    NoPassword = "no_password",
    Password = "wrong_password",
    /// Of the second factor.
    Code = "wrong_code",
});

impl Refusal {
    pub fn label(self) -> &'static str {
        match self {
            Self::Blocked => "web login blocked",
            Self::Address => "address not allowed",
            Self::NoPassword => "no password was ever chosen",
            Self::Password => "wrong password",
            Self::Code => "wrong code of the second factor",
        }
    }
}
