//! One-line texts of records, each with its limits.

use super::{TextError, check};
use std::fmt;

macro_rules! line {
    ($(#[$doc:meta])* $name:ident, $least:literal to $most:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The longest, in characters.
            pub const MOST: usize = $most;

            /// Trims the text and checks it; it is kept as typed otherwise.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                check(text, $least, $most).map(|text| Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }

            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

line!(/** The name of a user, department or time group. */ Name, 1 to 128);
line!(/** An agent group's name; unique, compared folded. */ GroupName, 1 to 64);
line!(/** A role's name; unique, compared folded. */ RoleName, 1 to 64);
line!(/** What an API token is for. */ TokenName, 1 to 64);
line!(/** What the install calls itself. */ InstallName, 1 to 64);
line!(/** The organisation's own id of a person. */ EmployeeId, 1 to 64);
line!(/** What someone is, as on a visiting card; may be empty. */ Designation, 0 to 64);
line!(/** What a group or a department is for; may be empty. */ Description, 0 to 500);
line!(/** What a caller id is called; may be empty. */ Label, 0 to 64);
line!(/** What a holiday is called. */ HolidayName, 1 to 64);
line!(/** Why someone is blocked, paused or off-boarded. */ Reason, 1 to 200);

impl Name {
    /// The form in which a name is unique where it has to be: upper and lower case are alike.
    pub fn claim_of(text: &str) -> String {
        super::login::caseless(text.trim())
    }
}

impl EmployeeId {
    /// The form in which an employee id is unique: upper and lower case are alike.
    pub fn claim_of(text: &str) -> String {
        super::login::caseless(text.trim())
    }
}

impl RoleName {
    /// The form in which a role's name is unique: upper and lower case are alike.
    pub fn claim_of(text: &str) -> String {
        super::login::caseless(text.trim())
    }
}

impl GroupName {
    /// The form in which a group's name is unique: upper and lower case are alike.
    pub fn claim_of(text: &str) -> String {
        super::login::caseless(text.trim())
    }
}
