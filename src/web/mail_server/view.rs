//! What the page of the mail server prints.

use super::form::Wrong;
use crate::domain::mail::{MailServer, Security};
use crate::domain::show;
use crate::store::mail::Queue;
use crate::web::extract::Posted;
use crate::web::form::{Choice, Field};
use crate::web::settings::tabs::Tab;
use crate::web::shell::Shell;
use askama::Template;
use chrono_tz::Tz;

#[derive(Template)]
#[template(path = "settings/mail.html")]
pub struct MailPage<'a> {
    pub shell: &'a Shell,
    pub tab: Tab,
    pub form: &'a Form,
    /// A server is set.
    pub is_set: bool,
    /// A password is kept; it is never shown.
    pub has_password: bool,
    pub may_save: bool,
    /// The letters that wait, in words; empty for none. And what the last try came to, if it failed.
    pub waiting: String,
    pub failure: String,
    /// How long an invitation can be used, in words.
    pub invitation_life: &'static str,
}

pub struct Form {
    /// Names the settings that the form was opened with.
    pub opened: String,
    pub host: Field,
    pub port: Field,
    pub security: Field,
    pub securities: Vec<Choice>,
    pub user: Field,
    pub password: Field,
    pub from: Field,
    /// What is wrong with the form as a whole; empty when nothing is.
    pub message: String,
}

impl Form {
    pub fn of(server: Option<&MailServer>) -> Self {
        let mut form = Self::empty(super::mark(server));
        match server {
            None => form.security.value = Security::StartTls.word().to_owned(),
            Some(server) => {
                form.host.value.clone_from(&server.host);
                form.port.value = server.port.to_string();
                form.security.value = server.security.word().to_owned();
                form.user.value.clone_from(&server.user);
                form.from.value = server.from.as_str().to_owned();
            }
        }
        form
    }

    /// With what was typed, but for the password.
    pub fn typed(posted: &Posted, opened: &str) -> Self {
        let mut form = Self::empty(opened.chars().take(64).collect());
        for field in [
            &mut form.host,
            &mut form.port,
            &mut form.security,
            &mut form.user,
            &mut form.from,
        ] {
            field.value = posted.one(field.name).chars().take(256).collect();
        }
        form
    }

    /// A password is no part of a page, so it is the one thing to be typed again.
    #[must_use]
    pub fn unproved(mut self, posted: &Posted) -> Self {
        if !posted.one("password").is_empty() {
            self.password.error = "Type the server’s password again, too.".to_owned();
        }
        self
    }

    fn empty(opened: String) -> Self {
        let securities = Security::ALL.iter().map(|security| Choice {
            value: security.word().to_owned(),
            label: security.label().to_owned(),
        });
        Self {
            opened,
            host: Field::new("host"),
            port: Field::new("port"),
            security: Field::new("security"),
            securities: securities.collect(),
            user: Field::new("user"),
            password: Field::new("password"),
            from: Field::new("from"),
            message: String::new(),
        }
    }

    #[must_use]
    pub fn message(mut self, message: &str) -> Self {
        message.clone_into(&mut self.message);
        self
    }

    /// What is wrong, beside each field.
    #[must_use]
    pub fn wrong(mut self, wrong: &Wrong) -> Self {
        for field in [
            &mut self.host,
            &mut self.port,
            &mut self.security,
            &mut self.user,
            &mut self.password,
            &mut self.from,
        ] {
            if let Some((_, why)) = wrong.iter().find(|(name, _)| *name == field.name) {
                field.error.clone_from(why);
            }
        }
        self.message("Nothing was saved: some fields need another look.")
    }
}

/// `3 letters wait to be sent, the oldest since 22 Nov 2026, 10:02.`
pub fn waiting(queue: &Queue, zone: Tz) -> String {
    let since = show::moment(queue.since, zone);
    match queue.letters {
        1 => format!("A letter waits to be sent, since {since}."),
        letters => {
            let letters = show::count(letters);
            format!("{letters} letters wait to be sent, the oldest since {since}.")
        }
    }
}

pub fn failure(queue: &Queue, zone: Tz) -> String {
    let Some(failure) = &queue.failure else {
        return String::new();
    };
    let at = show::moment(failure.at, zone);
    format!("Last try {at}: {}.", failure.why)
}
