//! The form of the mail server: what was typed, and what it means.

use crate::domain::mail::{self, MailFault, MailServer, Security};
use crate::domain::text::Email;
use crate::web::extract::Posted;

/// Every field of the form.
pub const FIELDS: [&str; 7] = [
    "opened", "host", "port", "security", "user", "password", "from",
];

/// The longest user and password that are taken.
const MOST: usize = 256;

/// A server without faults; its password is still open.
pub struct Checked {
    pub server: MailServer,
    pub password: Password,
}

/// What becomes of the password.
pub enum Password {
    None,
    AsItWas,
    New(String),
}

/// What is wrong, by field.
pub type Wrong = Vec<(&'static str, String)>;

/// # Errors
/// What is wrong with each field.
pub fn check(posted: &Posted, was: Option<&MailServer>) -> Result<Checked, Wrong> {
    let mut wrong = Wrong::new();
    let mut note = |field, why: String| wrong.push((field, why));
    let security: Option<Security> = posted.one("security").parse().ok();
    if security.is_none() {
        note("security", MailFault::Security.to_string());
    }
    let host = mail::host(posted.one("host"))
        .map_err(|fault| note("host", fault.to_string()))
        .ok();
    let port = mail::port(posted.one("port"), security.unwrap_or(Security::Tls))
        .map_err(|fault| note("port", fault.to_string()))
        .ok();
    let from = Email::parse(posted.one("from"))
        .map_err(|fault| note("from", MailFault::From(fault).to_string()))
        .ok();
    let user = posted.one("user").trim().to_owned();
    if user.chars().count() > MOST || user.chars().any(char::is_control) {
        note(
            "user",
            format!("Use at most {MOST} characters on one line."),
        );
    }
    let typed = posted.one("password");
    if typed.chars().count() > MOST {
        note("password", format!("Use at most {MOST} characters."));
    }
    let (Some(host), Some(port), Some(security), Some(from)) = (host, port, security, from) else {
        return Err(wrong);
    };
    let server = MailServer {
        host,
        port,
        security,
        user,
        sealed_password: String::new(),
        from,
    };
    if let Err(fault) = server.check_exposure() {
        wrong.push(("security", fault.to_string()));
    }
    let password = password(&server, typed, was).map_err(|why| wrong.push(("password", why)));
    match password {
        Ok(password) if wrong.is_empty() => Ok(Checked { server, password }),
        Ok(_) | Err(()) => Err(wrong),
    }
}

/// A password stays for the server that it was typed for and for no other: else whoever may change the
/// host could have it sent to one of their own.
fn password(
    server: &MailServer,
    typed: &str,
    was: Option<&MailServer>,
) -> Result<Password, String> {
    if server.user.is_empty() {
        return match typed {
            "" => Ok(Password::None),
            _ => Err("Give the user that it belongs to.".to_owned()),
        };
    }
    let kept = was.filter(|was| !was.sealed_password.is_empty());
    match (typed, kept) {
        ("", None) => Err("Give the password of this user.".to_owned()),
        ("", Some(was)) if was.takes_same_password(server) => Ok(Password::AsItWas),
        ("", Some(_)) => {
            Err("The server is another one than before: type its password again.".to_owned())
        }
        (typed, _) => Ok(Password::New(typed.to_owned())),
    }
}
