//! What the sign-in page prints.

use askama::Template;

use crate::web::form::Field;
use crate::web::shell::Door;

#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage<'a> {
    pub door: &'a Door,
    pub login_id: Field,
    pub password: Field,
    /// Local path to go to afterwards; empty for the dashboard.
    pub next: String,
    /// Why the last try failed, the same for every cause; empty for none.
    pub message: String,
    /// That HTTPS is needed and how to get it; empty when the connection is good.
    pub warning: String,
    /// A password was just chosen.
    pub has_chosen: bool,
    /// A new password can be had by mail.
    pub by_mail: bool,
    /// Printed by the demo only.
    pub demo: Option<DemoSignIn>,
}

/// The page that asks for the second factor.
#[derive(Template)]
#[template(path = "sign_in_factor.html")]
pub struct SecondStepPage<'a> {
    pub door: &'a Door,
    /// Says who has typed the right password, and when; opens nothing without a code.
    pub ticket: &'a str,
    pub next: &'a str,
    pub code: Field,
    pub message: String,
}

/// The page for who has forgotten the password.
#[derive(Template)]
#[template(path = "forgotten.html")]
pub struct ForgottenPage<'a> {
    pub door: &'a Door,
    pub login_id: Field,
    /// A mail server is set.
    pub by_mail: bool,
    /// It was asked for: the same answer for everyone.
    pub asked: bool,
    pub message: String,
}

/// The sign-in of the demo's made-up supervisor.
pub struct DemoSignIn {
    pub login_id: String,
    pub password: String,
}

impl<'a> SignInPage<'a> {
    pub fn new(door: &'a Door) -> Self {
        Self {
            door,
            login_id: Field::new("login_id"),
            password: Field::new("password"),
            next: String::new(),
            message: String::new(),
            warning: String::new(),
            has_chosen: false,
            by_mail: false,
            demo: None,
        }
    }

    /// After a wrong try: keeps the user id, never the password, and marks both.
    #[must_use]
    pub fn failed(mut self, login_id: impl Into<String>, message: impl Into<String>) -> Self {
        self.login_id.value = login_id.into();
        self.message = message.into();
        self
    }
}
