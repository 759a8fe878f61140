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
    /// Printed by the demo only.
    pub demo: Option<DemoSignIn>,
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
