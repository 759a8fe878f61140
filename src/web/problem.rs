//! How errors look: a page inside the shell, a page before sign-in, and a fragment for scripts.

use askama::Template;

use crate::domain::agent_form::FieldErrors;
use crate::web::shell::{Door, Shell};

/// What went wrong, in words. 5xx say nothing of the cause but an id to find it by.
#[derive(Clone, Debug)]
pub struct Problem {
    pub status: u16,
    pub title: String,
    pub text: String,
    /// Empty for none.
    pub request_id: String,
    /// Where to go next, and what that link says; empty for none.
    pub href: String,
    pub go: &'static str,
    /// That link opens beside the page, which still holds what was typed.
    pub beside: bool,
    /// Fields that are wrong, and what is wrong with each.
    pub fields: Vec<(String, String)>,
}

impl Problem {
    /// The usual words for a status.
    pub fn new(status: u16, request_id: impl Into<String>) -> Self {
        let (title, text) = words(status);
        let (href, go) = match status {
            401 => ("/sign-in", "Sign in"),
            403 | 404 | 409 => ("/", "Go to the dashboard"),
            _ => ("", ""),
        };
        Self {
            status,
            title: title.to_owned(),
            text: text.to_owned(),
            request_id: request_id.into(),
            href: href.to_owned(),
            go,
            beside: false,
            fields: Vec::new(),
        }
    }

    /// Says what is wrong more exactly than the usual words.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Says it of each field.
    #[must_use]
    pub fn fields(mut self, errors: &FieldErrors) -> Self {
        let named = errors.0.iter();
        self.fields = named
            .map(|error| (error.name.to_string(), error.message.clone()))
            .collect();
        let told = self.fields.iter();
        let told: Vec<String> = told
            .map(|(field, message)| format!("{field}: {message}"))
            .collect();
        self.text = told.join(" ");
        self
    }

    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Leads somewhere else than usual.
    #[must_use]
    pub fn link(mut self, href: impl Into<String>, go: &'static str) -> Self {
        (self.href, self.go) = (href.into(), go);
        self
    }

    /// In a new tab.
    #[must_use]
    pub fn beside(mut self) -> Self {
        self.beside = true;
        self
    }

    pub fn icon(&self) -> &'static str {
        match self.status {
            401 | 403 => "lock",
            404 => "search",
            429 => "clock",
            503 => "offline",
            _ => "alert",
        }
    }
}

fn words(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => (
            "That request makes no sense",
            "Something in the address or the form could not be read. Nothing was changed.",
        ),
        401 => (
            "Please sign in",
            "This page is for people who are signed in. Your session may have ended.",
        ),
        403 => (
            "You may not see or do this",
            "Your role does not include it. An administrator can change that.",
        ),
        404 => (
            "There is no such page",
            "It may have been deleted, the address may be mistyped, or it is not yours to see.",
        ),
        405 => (
            "That can’t be done here",
            "The address exists, but not for this kind of request. Nothing was changed.",
        ),
        409 => (
            "Changed by someone else",
            "It changed after you opened it. Nothing was saved: open it again to see how it stands.",
        ),
        413 => (
            "That is too large",
            "It is over the limit for this page. Nothing was changed.",
        ),
        422 => (
            "Some of this can’t be accepted",
            "Look at the fields that are marked. Nothing was changed.",
        ),
        429 => ("Too many tries", "Please wait a minute, then try again."),
        503 => (
            "Not available just now",
            "The database is busy or away. Nothing is lost: try again in a few seconds.",
        ),
        500.. => (
            "Something went wrong here",
            "It is not your fault. It has been written down under this request id.",
        ),
        _ => ("That did not work", "Nothing was changed."),
    }
}

/// For someone who is signed in.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    pub shell: &'a Shell,
    pub problem: &'a Problem,
}

/// Before sign-in.
#[derive(Template)]
#[template(path = "error_door.html")]
pub struct ErrorDoor<'a> {
    pub door: &'a Door,
    pub problem: &'a Problem,
}

/// For requests made by script: lands among the results.
#[derive(Template)]
#[template(path = "error_fragment.html")]
pub struct ErrorFragment<'a> {
    pub problem: &'a Problem,
}
