//! Hands a letter to the mail server, and says in plain words why it was not taken.

use crate::domain::mail::{Letter, MailServer, Security};
use crate::domain::time::Timestamp;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error as SmtpError, SmtpTransport};
use lettre::{Address, Transport};
use std::error::Error as StdError;
use std::time::{Duration, UNIX_EPOCH};

/// How long the server may take for each step.
const PATIENCE: Duration = Duration::from_secs(15);

/// Everything that sending needs.
pub struct Post<'a> {
    pub server: &'a MailServer,
    /// The server's password, open; empty for none.
    pub password: &'a str,
    /// What this machine calls itself.
    pub name: &'a str,
    /// What the install calls itself: the name beside the sender's address.
    pub install: &'a str,
}

/// Why a letter was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error("{0:?} is no address that mail can be sent to")]
    Recipient(String),
    /// The server's final word on this letter: trying again does not help.
    #[error("the mail server does not take mail for this address: {0}")]
    Rejected(String),
    /// Something about the sender or the server, which other settings may mend.
    #[error("the mail server refuses: {0}")]
    Refused(String),
    #[error("the mail server does not take the user and password: {0}")]
    SignIn(String),
    #[error("the way to the mail server can't be made private: {0}")]
    Tls(String),
    #[error("the mail server did not answer in time")]
    Slow,
    #[error("the mail server can't be reached: {0}")]
    Away(String),
    #[error("the letter can't be written: {0}")]
    Letter(String),
}

impl PostError {
    /// Whether the same letter could be taken later, or with other settings.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Recipient(_) | Self::Rejected(_) | Self::Letter(_) => true,
            Self::Refused(_) | Self::SignIn(_) | Self::Tls(_) | Self::Slow | Self::Away(_) => false,
        }
    }
}

impl Post<'_> {
    /// Sends one letter. Blocks, for at most a minute or so. `id` is the same at each try of one letter, so
    /// that a mailbox which got it twice can tell.
    ///
    /// # Errors
    /// Why it was not taken.
    pub fn send(
        &self,
        to: &str,
        letter: &Letter,
        id: &str,
        now: Timestamp,
    ) -> Result<(), PostError> {
        let message = self.message(to, letter, id, now)?;
        self.transport()?.send(&message).map(drop).map_err(why)
    }

    fn message(
        &self,
        to: &str,
        letter: &Letter,
        id: &str,
        now: Timestamp,
    ) -> Result<Message, PostError> {
        let from: Address = self.server.from.as_str().parse().map_err(unwritable)?;
        let recipient: Address = to
            .parse()
            .map_err(|_| PostError::Recipient(to.to_owned()))?;
        let since = u64::try_from(now.0).unwrap_or_default();
        let id = format!("<{id}@{}>", from.domain());
        Message::builder()
            .from(Mailbox::new(Some(line(self.install)), from))
            .to(Mailbox::new(None, recipient))
            .subject(line(&letter.subject))
            .date(UNIX_EPOCH + Duration::from_micros(since))
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone())
            .map_err(unwritable)
    }

    fn transport(&self) -> Result<SmtpTransport, PostError> {
        let server = self.server;
        let tls = || TlsParameters::new(server.host.clone()).map_err(why);
        let tls = match server.security {
            Security::Tls => Tls::Wrapper(tls()?),
            Security::StartTls => Tls::Required(tls()?),
            Security::Plain => Tls::None,
        };
        let mut builder = SmtpTransport::builder_dangerous(server.host.as_str())
            .port(server.port)
            .tls(tls)
            .timeout(Some(PATIENCE))
            .hello_name(ClientId::Domain(self.name.to_owned()));
        if !server.user.is_empty() {
            builder = builder.credentials(Credentials::new(
                server.user.clone(),
                self.password.to_owned(),
            ));
        }
        Ok(builder.build())
    }
}

fn unwritable(error: impl StdError) -> PostError {
    PostError::Letter(error.to_string())
}

/// SMTP's codes for a sign-in that failed (RFC 4954).
const SIGN_IN: [&str; 4] = ["530", "534", "535", "538"];
/// Those about the one who is written to (RFC 5321, RFC 7504).
const RECIPIENT: [&str; 5] = ["550", "551", "552", "553", "556"];

fn why(error: SmtpError) -> PostError {
    let said = said(&error);
    let code = error.status().map(|code| code.to_string());
    let code = code.unwrap_or_default();
    if SIGN_IN.contains(&code.as_str()) {
        PostError::SignIn(said)
    } else if RECIPIENT.contains(&code.as_str()) {
        PostError::Rejected(said)
    } else if error.is_response() || error.is_permanent() || error.is_transient() {
        PostError::Refused(said)
    } else if error.is_tls() || (error.is_client() && said.contains("STARTTLS")) {
        // A server without STARTTLS is found out here, before anything is told to it.
        PostError::Tls(said)
    } else if error.is_timeout() {
        PostError::Slow
    } else {
        PostError::Away(said)
    }
}

/// The error and what is behind it, on one line without what no line should hold.
fn said(error: &SmtpError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        // Some say what is behind them themselves.
        let behind = cause.to_string();
        if !text.ends_with(&behind) {
            text = format!("{text}: {behind}");
        }
        next = cause.source();
    }
    line(&text).chars().take(300).collect()
}

/// Without what would end a line.
fn line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Email;

    fn server(port: u16) -> MailServer {
        MailServer {
            host: "127.0.0.1".to_owned(),
            port,
            security: Security::Plain,
            user: String::new(),
            sealed_password: String::new(),
            from: Email::parse("rollcall@example.org").unwrap(),
        }
    }

    #[test]
    fn a_letter_has_every_header_and_none_that_a_name_smuggled_in() {
        let server = server(25);
        let post = Post {
            server: &server,
            password: "",
            name: "localhost",
            install: "Acme\r\nBcc: everyone@example.org",
        };
        let letter = Letter {
            subject: "Grüße\r\nBcc: me@x.org".to_owned(),
            body: "Line\n.\nघोड़ा\n".to_owned(),
        };
        let sent = post
            .message("asha@example.org", &letter, "7", Timestamp(0))
            .unwrap();
        let text = String::from_utf8(sent.formatted()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains("To: asha@example.org") && head.contains("Message-ID: <7@example.org>")
        );
        assert!(head.contains("Date: Thu, 01 Jan 1970 00:00:00"), "{head}");
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        let refused = post.message("asha", &letter, "7", Timestamp(0));
        assert!(refused.is_err_and(|error| error.is_final()));
    }

    #[test]
    fn a_server_that_is_away_is_worth_another_try() {
        // A port that was just free.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        let server = server(port);
        let post = Post {
            server: &server,
            password: "",
            name: "localhost",
            install: "Acme",
        };
        let letter = Letter {
            subject: "x".to_owned(),
            body: "y".to_owned(),
        };
        let error = post
            .send("asha@example.org", &letter, "1", Timestamp(0))
            .unwrap_err();
        assert!(!error.is_final(), "{error}");
        let said = error.to_string();
        assert_eq!(said.matches("refused").count(), 1, "{said}");
    }
}
