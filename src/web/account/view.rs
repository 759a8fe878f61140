//! What the pages of one's own account print.

use crate::domain::totp::Card;
use crate::web::form::{Attributes, Field};
use crate::web::shell::Shell;
use askama::Template;

#[derive(Template)]
#[template(path = "account/show.html")]
pub struct AccountPage<'a> {
    pub shell: &'a Shell,
    pub login_id: &'a str,
    pub role: &'a str,
    /// Since when there is a second factor; `None`: there is none.
    pub factor: Option<Moment>,
    pub codes_left: i64,
    /// The role needs a second factor, so it can't be taken away.
    pub factor_required: bool,
    /// From where the person may sign in; empty for everywhere.
    pub allowed_ips: Vec<String>,
    pub sessions: Vec<SessionRow>,
}

/// An instant, for people and for programs.
pub struct Moment {
    pub said: String,
    pub exact: String,
}

/// One of the person's sessions.
pub struct SessionRow {
    pub id: String,
    /// The browser and the system it runs on, as far as it says.
    pub device: String,
    pub address: String,
    pub began: Moment,
    pub used: Moment,
    /// It is the one that asks.
    pub here: bool,
}

#[derive(Template)]
#[template(path = "account/password.html")]
pub struct PasswordPage<'a> {
    pub shell: &'a Shell,
    pub login_id: &'a str,
    pub password: Field,
    pub hint: String,
    pub rules: Attributes,
    pub message: String,
}

#[derive(Template)]
#[template(path = "account/factor.html")]
pub struct FactorPage<'a> {
    pub shell: &'a Shell,
    pub card: &'a Card,
    /// The same secret, sealed for this session: it comes back with the first code.
    pub sealed: &'a str,
    pub code: Field,
    /// There is one already, which this one replaces.
    pub replaces: bool,
    /// The role needs one and the person has none yet.
    pub must: bool,
    pub message: String,
}

#[derive(Template)]
#[template(path = "account/codes.html")]
pub struct CodesPage<'a> {
    pub shell: &'a Shell,
    pub codes: &'a [String],
    /// The second factor was set just now.
    pub factor_set: bool,
}

#[derive(Template)]
#[template(path = "account/factor_off.html")]
pub struct FactorOffPage<'a> {
    pub shell: &'a Shell,
    pub login_id: &'a str,
    pub password: Field,
    pub message: String,
}

#[derive(Template)]
#[template(path = "account/confirm.html")]
pub struct ConfirmPage<'a> {
    pub shell: &'a Shell,
    pub login_id: &'a str,
    pub next: &'a str,
    pub password: Field,
    /// Asked for with the password where there is a second factor.
    pub code: Option<Field>,
    pub message: String,
}
