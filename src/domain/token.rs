//! What the form of an API token takes.

use super::agent_form::{FieldError, FieldErrors};
use super::ids::{GroupId, RoleId};
use super::text::TokenName;

/// A token lives at least and at most so many days.
pub const DAYS: std::ops::RangeInclusive<u16> = 1..=3_650;
/// As many as are usual.
pub const USUAL_DAYS: u16 = 365;

/// What was typed or sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenForm {
    pub name: String,
    pub role: String,
    pub groups: Vec<String>,
    pub days: String,
}

/// A form without faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedToken {
    pub name: TokenName,
    pub role: RoleId,
    pub groups: Vec<GroupId>,
    pub days: u16,
}

impl TokenForm {
    /// # Errors
    /// Every field that may not stand as it is, and why.
    pub fn check(&self) -> Result<WantedToken, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut wrong = |name: &'static str, message: String| {
            errors.0.push(FieldError {
                name: name.into(),
                message,
            });
        };
        let name = TokenName::parse(&self.name)
            .map_err(|why| wrong("name", format!("The name {why}.")))
            .ok();
        let role = self.role.trim().parse().ok();
        if role.is_none() {
            wrong("role", "Choose a role from the list.".to_owned());
        }
        let groups: Option<Vec<GroupId>> = self
            .groups
            .iter()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().ok())
            .collect();
        if groups.is_none() {
            wrong("groups", "Choose groups from the list.".to_owned());
        }
        let plain = self.days.trim().bytes().all(|byte| byte.is_ascii_digit());
        let days: Option<u16> = self.days.trim().parse().ok().filter(|_| plain);
        let days = days.filter(|days| DAYS.contains(days));
        if days.is_none() {
            wrong(
                "days",
                format!(
                    "Say a number of days from {} to {}.",
                    DAYS.start(),
                    DAYS.end()
                ),
            );
        }
        match (name, role, groups, days) {
            (Some(name), Some(role), Some(groups), Some(days)) => Ok(WantedToken {
                name,
                role,
                groups,
                days,
            }),
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_stands_at_its_field() {
        let form = TokenForm {
            name: " wallboard ".to_owned(),
            role: "3".to_owned(),
            groups: vec![String::new(), "7".to_owned()],
            days: "90".to_owned(),
        };
        let wanted = form.check().unwrap();
        assert_eq!(
            (wanted.name.as_str(), wanted.role),
            ("wallboard", RoleId(3))
        );
        assert_eq!((wanted.groups, wanted.days), (vec![GroupId(7)], 90));
        let bad = TokenForm {
            name: "x".repeat(65),
            role: "Admin".to_owned(),
            groups: vec!["North".to_owned()],
            days: "0".to_owned(),
        };
        let errors = bad.check().unwrap_err();
        for field in ["name", "role", "groups", "days"] {
            assert!(errors.named(field).is_some(), "{field}: {errors:?}");
        }
    }
}
