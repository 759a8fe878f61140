//! Mail: the server that takes it, and the letters that are sent.

use super::agent::words;
use super::text::{Email, TextError};
use super::time::{HOUR, MINUTE};
use std::collections::HashMap;
use std::net::IpAddr;

words!(/// How the way to the mail server is kept private.
Security {
    /// TLS from the first byte.
    Tls = "tls",
    /// TLS asked for before anything else is said; refused if it can't be had.
    StartTls = "starttls",
    /// None, for a server on the same machine or in a net of one's own.
    Plain = "plain",
});

impl Security {
    /// The usual port.
    pub fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::Plain => 25,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Tls => "TLS",
            Self::StartTls => "STARTTLS",
            Self::Plain => "None",
        }
    }
}

/// The mail server of this install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    /// A name or an address.
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// Empty: nobody signs in.
    pub user: String,
    /// The password, sealed; empty for none.
    pub sealed_password: String,
    /// Whom the letters are from.
    pub from: Email,
}

/// Names of the settings, as stored.
pub const HOST: &str = "mail_host";
pub const PORT: &str = "mail_port";
pub const SECURITY: &str = "mail_security";
pub const USER: &str = "mail_user";
pub const PASSWORD: &str = "mail_password";
pub const FROM: &str = "mail_from";

/// The place that the password is sealed for.
pub const PASSWORD_PLACE: &str = "setting:mail_password";

/// Why a mail server can't be used, in words that can stand beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailFault {
    #[error("Give a name such as smtp.example.org, or an address.")]
    Host,
    #[error("A port is a number from 1 to 65535.")]
    Port,
    #[error("Choose one from the list.")]
    Security,
    #[error("The address {0}.")]
    From(TextError),
    #[error(
        "A password would travel in the open: choose TLS or STARTTLS, or a server on this machine."
    )]
    Exposed,
}

impl MailServer {
    /// What is stored; `None` when no server is set.
    pub fn stored(words: &HashMap<String, String>) -> Option<Self> {
        let word = |name: &str| words.get(name).cloned().unwrap_or_default();
        let security: Security = word(SECURITY).parse().ok()?;
        Some(Self {
            host: Some(word(HOST)).filter(|host| !host.is_empty())?,
            port: word(PORT).parse().ok()?,
            security,
            user: word(USER),
            sealed_password: word(PASSWORD),
            from: Email::parse(&word(FROM)).ok()?,
        })
    }

    /// As it is stored, name by name.
    pub fn words(&self) -> [(&'static str, String); 6] {
        [
            (HOST, self.host.clone()),
            (PORT, self.port.to_string()),
            (SECURITY, self.security.word().to_owned()),
            (USER, self.user.clone()),
            (PASSWORD, self.sealed_password.clone()),
            (FROM, self.from.as_str().to_owned()),
        ]
    }

    /// A password for one server is not for another: it was typed for this host, port and user.
    pub fn takes_same_password(&self, other: &Self) -> bool {
        (&self.host, self.port, self.security, &self.user)
            == (&other.host, other.port, other.security, &other.user)
    }

    /// What the way to it would lay open.
    ///
    /// # Errors
    /// `Exposed` for a password without TLS off this machine.
    pub fn check_exposure(&self) -> Result<(), MailFault> {
        let exposed = self.security == Security::Plain && !self.user.is_empty();
        match exposed && !is_this_machine(&self.host) {
            true => Err(MailFault::Exposed),
            false => Ok(()),
        }
    }
}

/// A name or an address that can be looked up, lower case.
///
/// # Errors
/// `Host`.
pub fn host(text: &str) -> Result<String, MailFault> {
    let text = text.trim().to_ascii_lowercase();
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && !part.starts_with('-')
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let name = text.len() <= 253 && text.split('.').all(label);
    match name || text.parse::<IpAddr>().is_ok() {
        true => Ok(text),
        false => Err(MailFault::Host),
    }
}

/// # Errors
/// `Port`.
pub fn port(text: &str, security: Security) -> Result<u16, MailFault> {
    match text.trim() {
        "" => Ok(security.port()),
        text => text
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or(MailFault::Port),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A letter: plain text, so that it reads the same everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub body: String,
}

words!(/// What a link to choose a password is for.
LinkReason {
    /// The first password.
    Invitation = "invitation",
    /// An administrator has given a new link.
    Reset = "reset",
    /// Someone who said to be this person has forgotten it.
    Forgotten = "forgotten",
});

impl LinkReason {
    /// How long such a link can be used.
    pub fn life(self) -> i64 {
        match self {
            Self::Invitation => 72 * HOUR,
            Self::Reset => 24 * HOUR,
            Self::Forgotten => 30 * MINUTE,
        }
    }

    /// The same in words.
    pub fn life_said(self) -> &'static str {
        match self {
            Self::Invitation => "3 days",
            Self::Reset => "24 hours",
            Self::Forgotten => "30 minutes",
        }
    }

    /// The letter that carries the link.
    pub fn letter(self, install: &str, login_id: &str, link: &str) -> Letter {
        let install = line(install);
        let (subject, why) = match self {
            Self::Invitation => (
                format!("{install}: choose your password"),
                format!("You can now sign in to {install}. Choose a password first:"),
            ),
            Self::Reset => (
                format!("{install}: choose a new password"),
                "An administrator has sent you a link to choose a new password:".to_owned(),
            ),
            Self::Forgotten => (
                format!("{install}: choose a new password"),
                "Someone, we hope you, asked for a new password. Choose it here:".to_owned(),
            ),
        };
        let ignore = match self {
            Self::Invitation | Self::Reset => {
                "Whoever has the link can use it, so keep it to yourself."
            }
            Self::Forgotten => "If it was not you, do nothing: your password stays as it is.",
        };
        let (login_id, life) = (line(login_id), self.life_said());
        Letter {
            subject,
            body: format!(
                "{why}\n\n{link}\n\nYour user ID is {login_id}. The link works once, within {life}.\n{ignore}\n"
            ),
        }
    }
}

/// The letter of the test button.
pub fn test_letter(install: &str) -> Letter {
    let install = line(install);
    Letter {
        subject: format!("{install}: mail works"),
        body: format!("This is the test that you asked for in the settings of {install}.\n"),
    }
}

/// One line of a letter: a name can't begin another header or another line.
fn line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, security: Security, user: &str) -> MailServer {
        MailServer {
            host: host.to_owned(),
            port: security.port(),
            security,
            user: user.to_owned(),
            sealed_password: String::new(),
            from: Email::parse("rollcall@example.org").unwrap(),
        }
    }

    #[test]
    fn a_server_is_stored_and_read_back() {
        let server = server("smtp.example.org", Security::StartTls, "rollcall");
        let words: HashMap<String, String> = server
            .words()
            .into_iter()
            .map(|(name, word)| (name.to_owned(), word))
            .collect();
        assert_eq!(MailServer::stored(&words), Some(server));
        assert_eq!(MailServer::stored(&HashMap::new()), None);
    }

    #[test]
    fn hosts_and_ports_are_what_they_look_like() {
        for good in [
            "smtp.example.org",
            "localhost",
            "127.0.0.1",
            "::1",
            "Mail-1.Example",
        ] {
            assert!(host(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a b",
            "smtp://x",
            "x/y",
            "-x.org",
            "user@host",
            "a..b",
            "x:25",
        ] {
            assert_eq!(host(bad), Err(MailFault::Host), "{bad}");
        }
        assert_eq!(port("", Security::Tls), Ok(465));
        assert_eq!(port("2525", Security::Plain), Ok(2525));
        for bad in ["0", "65536", "x", "-1"] {
            assert_eq!(port(bad, Security::Tls), Err(MailFault::Port), "{bad}");
        }
    }

    #[test]
    fn a_password_never_travels_in_the_open() {
        for (host, security, user, safe) in [
            ("smtp.example.org", Security::Tls, "me", true),
            ("smtp.example.org", Security::StartTls, "me", true),
            ("smtp.example.org", Security::Plain, "me", false),
            ("smtp.example.org", Security::Plain, "", true),
            ("127.0.0.1", Security::Plain, "me", true),
            ("localhost", Security::Plain, "me", true),
        ] {
            let said = server(host, security, user).check_exposure();
            assert_eq!(said.is_ok(), safe, "{host} {security:?} {user:?}");
        }
    }

    #[test]
    fn a_letter_names_who_and_how_long_and_no_name_breaks_out_of_its_line() {
        let link = "https://calls.example.org/password?token=abc";
        for reason in LinkReason::ALL {
            let letter = reason.letter("Acme\r\nBcc: x@y.z", "priya.nair", link);
            assert!(letter.body.contains(link) && letter.body.contains("priya.nair"));
            assert!(letter.body.contains(reason.life_said()));
            assert!(!letter.subject.contains(['\r', '\n']), "{}", letter.subject);
        }
    }
}
