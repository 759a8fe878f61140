//! Fields as the form templates print them: what was typed, and what is wrong with it.

use std::fmt;

/// One field of a form. The value of a password field is never filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Name in the form; also the id of the control.
    pub name: &'static str,
    pub value: String,
    /// Empty when the value is good.
    pub error: String,
    /// Typing begins here: the first that is wrong.
    pub focus: bool,
}

impl Field {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    #[must_use]
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = error.into();
        self
    }
}

/// One line of a select.
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

/// Fixed attributes of a control, with a leading space. Never made from data.
#[derive(Clone, Copy, Debug)]
pub struct Attributes(&'static str);

impl fmt::Display for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl askama::filters::HtmlSafe for Attributes {}

pub const LOGIN_ID: Attributes = Attributes(
    r#" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus"#,
);
/// Typed already: what is wanted now is the password.
pub const KNOWN_LOGIN_ID: Attributes =
    Attributes(r#" autocomplete="username" autocapitalize="none" spellcheck="false" required"#);
pub const NEW_LOGIN_ID: Attributes = Attributes(
    r#" autocomplete="username" autocapitalize="none" spellcheck="false" minlength="6" maxlength="64" required"#,
);
pub const CURRENT_PASSWORD: Attributes =
    Attributes(r#" autocomplete="current-password" maxlength="256" required"#);
pub const NEW_PASSWORD: Attributes =
    Attributes(r#" autocomplete="new-password" minlength="15" maxlength="256" required"#);
pub const NEW_PASSWORD_WITH_FACTOR: Attributes =
    Attributes(r#" autocomplete="new-password" minlength="8" maxlength="256" required"#);
pub const FACTOR_CODE: Attributes = Attributes(
    r#" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="40" required autofocus"#,
);
pub const CONFIRM_CODE: Attributes = Attributes(
    r#" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="40" required"#,
);
pub const CONFIRM_PASSWORD: Attributes =
    Attributes(r#" autocomplete="current-password" maxlength="256" required autofocus"#);
pub const FORGOTTEN: Attributes = Attributes(
    r#" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="254" required autofocus"#,
);
pub const HOST: Attributes =
    Attributes(r#" maxlength="253" autocomplete="off" autocapitalize="none" spellcheck="false""#);
pub const PORT: Attributes = Attributes(r#" inputmode="numeric" maxlength="5" autocomplete="off""#);
pub const OTHER_PASSWORD: Attributes = Attributes(r#" autocomplete="off" maxlength="256""#);
pub const NAME: Attributes = Attributes(r#" autocomplete="name" maxlength="128" required"#);
pub const TIME_ZONE: Attributes = Attributes(
    r#" list="zones" data-propose="time-zone" autocomplete="off" spellcheck="false" placeholder="Asia/Kolkata" required"#,
);
pub const EDIT_NAME: Attributes = Attributes(r#" maxlength="128" autocomplete="off" required"#);
pub const EDIT_FIRST: Attributes =
    Attributes(r#" maxlength="128" autocomplete="off" required autofocus"#);
pub const DESCRIPTION: Attributes = Attributes(r#" maxlength="500" autocomplete="off""#);
pub const EDIT_LOGIN_ID: Attributes = Attributes(
    r#" maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false" required"#,
);
pub const PLAIN: Attributes =
    Attributes(r#" maxlength="64" autocomplete="off" spellcheck="false""#);
pub const TEL: Attributes = Attributes(r#" inputmode="tel" autocomplete="off" spellcheck="false""#);
pub const DIGITS: Attributes =
    Attributes(r#" inputmode="numeric" maxlength="32" autocomplete="off" spellcheck="false""#);
pub const MAIL: Attributes = Attributes(
    r#" type="email" maxlength="254" autocomplete="off" autocapitalize="none" spellcheck="false""#,
);
pub const OWN_MAIL: Attributes = Attributes(
    r#" autocomplete="email" maxlength="254" autocapitalize="none" spellcheck="false" required"#,
);
pub const CODE: Attributes =
    Attributes(r#" maxlength="4" inputmode="tel" autocomplete="off" spellcheck="false" required"#);
pub const ZONE: Attributes = Attributes(
    r#" list="zones" maxlength="64" autocomplete="off" spellcheck="false" placeholder="Asia/Kolkata" required"#,
);
pub const GROUP_NAME: Attributes =
    Attributes(r#" maxlength="64" autocomplete="off" spellcheck="false" required autofocus"#);
