//! What the set-up page prints.

use askama::Template;

use crate::domain::number_plan::IntercomLength;
use crate::web::form::{Choice, Field};
use crate::web::shell::Door;

#[derive(Template)]
#[template(path = "set_up.html")]
pub struct SetUpPage<'a> {
    pub door: &'a Door,
    /// Address that the form posts to, with the one-time token.
    pub action: String,
    /// Names of all IANA zones. The browser's own is proposed by script, only into an empty field.
    pub zones: Vec<&'static str>,
    /// `IN` and so on, with names.
    pub regions: Vec<Choice>,
    /// How long intercom numbers may be.
    pub lengths: Vec<Choice>,
    pub time_zone: Field,
    pub region: Field,
    pub intercom_length: Field,
    pub name: Field,
    pub login_id: Field,
    pub email: Field,
    pub password: Field,
    /// What is wrong with the form as a whole; empty when nothing is.
    pub message: String,
}

impl<'a> SetUpPage<'a> {
    /// An empty form with the defaults of a new install.
    pub fn new(door: &'a Door, action: impl Into<String>, regions: Vec<Choice>) -> Self {
        Self {
            door,
            action: action.into(),
            zones: chrono_tz::TZ_VARIANTS
                .iter()
                .map(|zone| zone.name())
                .collect(),
            regions,
            lengths: lengths(),
            time_zone: Field::new("time_zone"),
            region: Field::new("region").value("IN"),
            intercom_length: Field::new("intercom_length").value("4"),
            name: Field::new("name"),
            login_id: Field::new("login_id"),
            email: Field::new("email"),
            password: Field::new("password"),
            message: String::new(),
        }
    }
}

/// The lengths of intercom numbers that an install may choose.
pub fn lengths() -> Vec<Choice> {
    let choice = |length: IntercomLength| Choice {
        value: length.digits().to_string(),
        label: format!("{} digits", length.digits()),
    };
    IntercomLength::choices().map(choice).collect()
}
