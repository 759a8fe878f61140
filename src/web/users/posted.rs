//! What the forms of users posted: the fields as typed, what they were opened with, and the step.

use super::back;
use crate::domain::time::Timestamp;
use crate::domain::user_form::{Field, Step, UserChange, UserForm, Values};
use crate::store::user::update::Basis;
use crate::web::error::AppError;
use serde_json::{Map, Value};

/// A form whose names are all known. Its texts are not checked yet.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    pub form: UserForm,
    /// The version it was opened with, and when that was.
    pub version: Option<i64>,
    pub opened: i64,
    /// The values it was opened with, as it carries them.
    pub was: String,
    /// Fields of a conflict for which the other one's value was chosen.
    pub keep_theirs: Vec<Field>,
    /// "Yes, I will not see them any more."
    pub leave: bool,
    pub back: String,
    /// Names a form that makes something, so that sending it twice makes one.
    pub once: String,
    /// The step that was filled in, and the way from there: `next`, `back`, or a step.
    pub step: Option<Step>,
    pub go: String,
}

/// Longer ones are no form of ours.
const LONGEST_ONCE: usize = 64;

impl Posted {
    /// # Errors
    /// `BadRequest` for a name that the form does not have, or one given twice that can't be.
    pub fn read(pairs: &[(String, String)]) -> Result<Self, AppError> {
        let mut posted = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in pairs {
            // What stands where bytes were that are no text.
            if value.contains('\u{fffd}') {
                return Err(bad(name, "has a character that can’t be read"));
            }
            if posted.form.put(name, value).is_some() {
                continue;
            }
            if seen.contains(&name.as_str()) {
                return Err(bad(name, "is there twice"));
            }
            seen.push(name);
            posted.take(name, value)?;
        }
        for field in posted.keep_theirs.clone() {
            posted.form.leave_out(field);
        }
        Ok(posted)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), AppError> {
        let number = || value.parse().ok().filter(|number: &i64| *number > 0);
        let unreadable = || bad(name, "can’t be read");
        match name {
            "version" => self.version = Some(number().ok_or_else(unreadable)?),
            "opened" => self.opened = number().ok_or_else(unreadable)?,
            "was" => self.was = value.to_owned(),
            "back" if value.is_empty() => {}
            "back" => self.back = back(value),
            "leave_group" => self.leave = value == "yes",
            "once" if value.len() <= LONGEST_ONCE => self.once = value.to_owned(),
            "step" => self.step = Some(value.parse().map_err(|_| unreadable())?),
            "go" if matches!(value, "next" | "back") || value.parse::<Step>().is_ok() => {
                self.go = value.to_owned();
            }
            _ => self.keep(name, value)?,
        }
        Ok(())
    }

    /// `keep_role=theirs`.
    fn keep(&mut self, name: &str, value: &str) -> Result<(), AppError> {
        let field = name.strip_prefix("keep_").and_then(Field::parse);
        let field = field.ok_or_else(|| bad(name, "is nothing that this form can change"))?;
        match value {
            "theirs" => self.keep_theirs.push(field),
            "mine" => {}
            _ => return Err(bad(name, "is neither theirs nor mine")),
        }
        Ok(())
    }

    /// # Errors
    /// `VersionRequired` without a version; `BadRequest` when the values it was opened with can't be read.
    pub fn basis(&self) -> Result<Basis, AppError> {
        Ok(Basis {
            version: self.version.ok_or(AppError::VersionRequired)?,
            opened: Timestamp(self.opened),
            was: self.was()?,
        })
    }

    /// The values it was opened with.
    ///
    /// # Errors
    /// `BadRequest` when they can't be read.
    pub fn was(&self) -> Result<Values, AppError> {
        let mut was = Values::default();
        if self.was.is_empty() {
            return Ok(was);
        }
        let object: Map<String, Value> =
            serde_json::from_str(&self.was).map_err(|_| bad("was", "can’t be read"))?;
        for (name, value) in object {
            // A value that no rule would let pass today can't be merged, but harms nothing else.
            let one = Map::from_iter([(name, value)]);
            if let Ok(change) = UserChange::from_audit(&one) {
                change
                    .values()
                    .iter()
                    .for_each(|(f, v)| was.set(f, v.clone()));
            }
        }
        Ok(was)
    }
}

fn bad(name: &str, why: &str) -> AppError {
    let name: String = name.chars().take(64).collect();
    AppError::BadRequest(format!(
        "“{name}” {why}. Nothing was changed: open the form again."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::user_form::Own;

    fn read(pairs: &[(&str, &str)]) -> Result<Posted, AppError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Posted::read(&pairs.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_form_reads_with_its_basis_and_choices() {
        let posted = read(&[
            ("version", "7"),
            ("opened", "1795336331000000"),
            ("was", r#"{"name":"Asha","role":3,"scope_groups":[3]}"#),
            ("name", "Asha Rao"),
            ("role", "4"),
            ("keep_role", "theirs"),
            ("keep_name", "mine"),
            ("step", "2"),
            ("go", "back"),
        ])
        .unwrap();
        assert_eq!(posted.form.typed(Field::Own(Own::Role)), None);
        let basis = posted.basis().unwrap();
        assert_eq!((basis.version, basis.was.fields().count()), (7, 3));
        assert_eq!(posted.step, Some(Step::Settings));
    }

    #[test]
    fn names_of_other_things_are_refused() {
        for (name, value) in [
            ("role_id", "1"),
            ("admin_state", "enabled"),
            ("password", "x"),
            ("password_hash", "x"),
            ("preferences", "{}"),
            ("locked_until", ""),
            ("keep_password", "mine"),
            ("keep_name", "both"),
            ("version", "0"),
            ("step", "4"),
            ("go", "away"),
            ("deleted_at", ""),
        ] {
            assert!(
                matches!(read(&[(name, value)]), Err(AppError::BadRequest(_))),
                "{name}"
            );
        }
        assert!(matches!(
            read(&[]).unwrap().basis(),
            Err(AppError::VersionRequired)
        ));
    }
}
