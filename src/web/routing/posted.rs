//! What a form posted: the fields as typed, what it was opened with, and which of its buttons was pressed.

use crate::domain::routing::members::Step;
use crate::domain::routing::{Field, Noun, RoutingForm, Values};
use crate::store::routing::Basis;
use crate::web::error::AppError;

/// Longer ones are no form of ours.
const LONGEST_ONCE: usize = 64;
const LONGEST_SEARCH: usize = 200;

/// A form whose names are all known. Its texts are not checked yet.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    pub form: RoutingForm,
    /// The version it was opened with.
    pub version: Option<i64>,
    /// The values it was opened with, as it carries them.
    pub was: String,
    /// Fields of a conflict for which the other one's value was chosen.
    pub keep_theirs: Vec<Field>,
    /// Names a form that makes something, so that sending it twice makes one.
    pub once: String,
    pub press: Press,
    /// Who is looked for among the agents, and was at the last look.
    pub find: String,
    found: String,
    /// The part of a long list of members that is shown, from 0.
    pub part: usize,
}

/// Which button was pressed. All but Save change only what the form shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Press {
    #[default]
    Save,
    /// Enter in a field: looks for agents if that is what was typed, else saves.
    Enter,
    Find,
    Arrange(Step),
    /// Everyone who was found.
    AddAll,
    /// Another part of a long list of members.
    Part(usize),
}

impl Posted {
    /// # Errors
    /// `BadRequest` for a name that the form does not have, or one given twice that can't be.
    pub fn read(noun: Noun, pairs: &[(String, String)]) -> Result<Self, AppError> {
        let mut posted = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        let mut agent = None;
        for (name, value) in pairs {
            // What stands where bytes were that are no text.
            if value.contains('\u{fffd}') {
                return Err(bad(name, "has a character that can’t be read"));
            }
            if posted.form.put(noun, name, value).is_some() {
                continue;
            }
            if seen.contains(&name.as_str()) {
                return Err(bad(name, "is there twice"));
            }
            seen.push(name);
            match name.as_str() {
                "goes_to_agent" if noun == Noun::CallerId => agent = Some(value.as_str()),
                "act" => posted.press = press(value).ok_or_else(|| bad(name, "can’t be read"))?,
                "part" => posted.part = value.parse().map_err(|_| bad(name, "can’t be read"))?,
                "find" => posted.find = value.chars().take(LONGEST_SEARCH).collect(),
                "found" => posted.found.clone_from(value),
                "version" => {
                    let version = value.parse().ok().filter(|version| *version > 0);
                    posted.version = Some(version.ok_or_else(|| bad(name, "can’t be read"))?);
                }
                "was" => posted.was.clone_from(value),
                "once" if value.len() <= LONGEST_ONCE => posted.once.clone_from(value),
                _ => posted.keep(noun, name, value)?,
            }
        }
        if posted.form.text(Field::GoesTo) == "agent" {
            let who = agent.unwrap_or_default();
            posted.form.set(Field::GoesTo, format!("agent:{who}"));
        }
        for field in posted.keep_theirs.clone() {
            posted.form.leave_out(field);
        }
        Ok(posted)
    }

    /// `keep_name=theirs`.
    fn keep(&mut self, noun: Noun, name: &str, value: &str) -> Result<(), AppError> {
        let field = name.strip_prefix("keep_").and_then(|f| f.parse().ok());
        let field: Option<Field> = field.filter(|field| noun.fields().contains(field));
        let field = field.ok_or_else(|| bad(name, "is nothing that this form can change"))?;
        match value {
            "theirs" => self.keep_theirs.push(field),
            "mine" => {}
            _ => return Err(bad(name, "is neither theirs nor mine")),
        }
        Ok(())
    }

    /// The form is to be saved, not only shown with something arranged.
    pub fn saves(&self) -> bool {
        match self.press {
            Press::Save => true,
            Press::Enter => self.find.trim().is_empty() || self.find == self.found,
            Press::Find | Press::Arrange(_) | Press::AddAll | Press::Part(_) => false,
        }
    }

    /// # Errors
    /// `VersionRequired` without a version; `BadRequest` when the values it was opened with can't be read.
    pub fn basis(&self, noun: Noun) -> Result<Basis, AppError> {
        Ok(Basis {
            version: self.version.ok_or(AppError::VersionRequired)?,
            was: self.was(noun)?,
        })
    }

    pub fn was(&self, noun: Noun) -> Result<Values, AppError> {
        if self.was.is_empty() {
            return Ok(Values::default());
        }
        let object = serde_json::from_str(&self.was).map_err(|_| bad("was", "can’t be read"))?;
        Values::from_stored(noun, &object).map_err(|_| bad("was", "can’t be read"))
    }
}

/// `save`, `find`, `up:010247`, `part:2`.
fn press(text: &str) -> Option<Press> {
    match text {
        "" | "save" => Some(Press::Save),
        "enter" => Some(Press::Enter),
        "find" => Some(Press::Find),
        "add-all" => Some(Press::AddAll),
        other => match other.strip_prefix("part:") {
            Some(part) => part.parse().ok().map(Press::Part),
            None => Step::parse(other).map(Press::Arrange),
        },
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
    use crate::domain::ids::UserId;

    fn read(noun: Noun, pairs: &[(&str, &str)]) -> Result<Posted, AppError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Posted::read(noun, &pairs.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_form_says_which_button_was_pressed() {
        let press = |act: &str| read(Noun::Department, &[("act", act)]).unwrap().press;
        assert_eq!(press("save"), Press::Save);
        assert_eq!(press("up:010042"), Press::Arrange(Step::Up(UserId(42))));
        assert_eq!(press("part:3"), Press::Part(3));
        for act in ["jump", "up:42", "up:", "part:-1", "part:x", "delete:010042"] {
            assert!(read(Noun::Department, &[("act", act)]).is_err(), "{act}");
        }
        let enter = |find: &str, found: &str| {
            let pairs = [("act", "enter"), ("find", find), ("found", found)];
            read(Noun::Department, &pairs).unwrap().saves()
        };
        assert!(
            enter("", "") && enter("asha", "asha"),
            "nothing new to look for"
        );
        assert!(!enter("asha", ""), "looking for someone does not save");
    }

    #[test]
    fn names_of_other_things_are_refused() {
        for (noun, name, value) in [
            (Noun::Department, "number", "1"),
            (Noun::Ivr, "members", "010042"),
            (Noun::Ivr, "goes_to_agent", "1"),
            (Noun::CallerId, "deleted_at", ""),
            (Noun::CallerId, "keep_name", "mine"),
            (Noun::Department, "keep_name", "both"),
            (Noun::Department, "version", "0"),
            (Noun::Department, "part", "-1"),
        ] {
            assert!(
                matches!(read(noun, &[(name, value)]), Err(AppError::BadRequest(_))),
                "{name}"
            );
        }
        let none = read(Noun::Ivr, &[]).unwrap();
        assert!(matches!(
            none.basis(Noun::Ivr),
            Err(AppError::VersionRequired)
        ));
        let broken = read(Noun::Ivr, &[("version", "1"), ("was", "[")]).unwrap();
        assert!(broken.basis(Noun::Ivr).is_err());
    }

    #[test]
    fn an_agent_is_named_in_a_field_of_its_own() {
        let posted = read(
            Noun::CallerId,
            &[("goes_to", "agent"), ("goes_to_agent", "2001")],
        )
        .unwrap();
        assert_eq!(posted.form.text(Field::GoesTo), "agent:2001");
        let posted = read(
            Noun::CallerId,
            &[("goes_to", "ivr:1"), ("goes_to_agent", "2001")],
        )
        .unwrap();
        assert_eq!(posted.form.text(Field::GoesTo), "ivr:1");
    }
}
