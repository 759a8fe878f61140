//! What an edit form posted: the fields as typed, what it was opened with, and what was chosen in a conflict.

use crate::domain::agent_form::{AgentChange, AgentForm, Field, Values};
use crate::store::agent::update::Basis;
use crate::web::error::AppError;
use serde_json::{Map, Value};

/// A form whose names are all known. Its texts are not checked yet.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    pub form: AgentForm,
    /// The version it was opened with.
    pub version: Option<i64>,
    /// The values it was opened with, as it carries them.
    pub was: String,
    /// Fields of a conflict for which the other one's value was chosen.
    pub keep_theirs: Vec<Field>,
    /// "Yes, it leaves my last group."
    pub leave: bool,
    /// Where to go afterwards.
    pub back: String,
    /// Names a form that makes something, so that sending it twice makes one.
    pub once: String,
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
            match name.as_str() {
                "version" => {
                    let version = value.parse().ok().filter(|version| *version > 0);
                    posted.version = Some(version.ok_or_else(|| bad(name, "can’t be read"))?);
                }
                "was" => posted.was.clone_from(value),
                "back" => posted.back.clone_from(value),
                "leave_group" => posted.leave = value == "yes",
                "once" if value.len() <= LONGEST_ONCE => posted.once.clone_from(value),
                _ => posted.keep(name, value)?,
            }
        }
        for field in posted.keep_theirs.clone() {
            posted.form.leave_out(field);
        }
        Ok(posted)
    }

    /// `keep_intercom_number=theirs`.
    fn keep(&mut self, name: &str, value: &str) -> Result<(), AppError> {
        let field = name.strip_prefix("keep_").and_then(|f| f.parse().ok());
        let field: Field =
            field.ok_or_else(|| bad(name, "is nothing that this form can change"))?;
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
            was: self.was()?,
        })
    }

    fn was(&self) -> Result<Values, AppError> {
        let mut was = Values::default();
        if self.was.is_empty() {
            return Ok(was);
        }
        let object: Map<String, Value> =
            serde_json::from_str(&self.was).map_err(|_| bad("was", "can’t be read"))?;
        for (name, value) in object {
            // A value that no rule would let pass today can't be merged, but harms nothing else.
            let one = Map::from_iter([(name, value)]);
            if let Ok(change) = AgentChange::from_audit(&one) {
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

    fn read(pairs: &[(&str, &str)]) -> Result<Posted, AppError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Posted::read(&pairs.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_form_reads_with_its_basis_and_choices() {
        let posted = read(&[
            ("version", "7"),
            (
                "was",
                r#"{"name":"Asha","intercom_number":"2001","departments":[3]}"#,
            ),
            ("name", "Asha Rao"),
            ("intercom_number", "2009"),
            ("keep_intercom_number", "theirs"),
            ("keep_name", "mine"),
        ])
        .unwrap();
        assert_eq!(posted.form.fields().collect::<Vec<_>>(), [Field::Name]);
        let basis = posted.basis().unwrap();
        assert_eq!((basis.version, basis.was.fields().count()), (7, 3));
    }

    #[test]
    fn names_of_other_things_are_refused() {
        for (name, value) in [
            ("role", "1"),
            ("role_id", "1"),
            ("admin_state", "enabled"),
            ("password", "x"),
            ("keep_role", "mine"),
            ("keep_name", "both"),
            ("version", "0"),
            ("version", "1 or 1"),
            ("deleted_at", ""),
        ] {
            assert!(
                matches!(read(&[(name, value)]), Err(AppError::BadRequest(_))),
                "{name}"
            );
        }
        assert!(read(&[("version", "1"), ("version", "2")]).is_err());
        assert!(matches!(
            read(&[]).unwrap().basis(),
            Err(AppError::VersionRequired)
        ));
        assert!(
            read(&[("version", "1"), ("was", "[")])
                .unwrap()
                .basis()
                .is_err()
        );
    }
}
