//! What the form of a group posted.

use super::view::EditForm;
use crate::domain::agent_form::FieldErrors;
use crate::domain::group::{Field, GroupForm};
use crate::store::Taken;
use crate::store::group::update::Basis;
use crate::web::error::AppError;
use crate::web::extract::Posted;
use crate::web::form;
use actix_web::HttpRequest;

const ONCE: [&str; 8] = [
    "name",
    "description",
    "version",
    "was_name",
    "was_description",
    "once",
    "keep_name",
    "keep_description",
];

/// Longer ones are no form of ours.
const LONGEST_ONCE: usize = 64;

/// A form whose names are all known. Its texts are not checked yet.
pub struct Asked {
    /// What was typed, with what was left to the others in a conflict.
    pub typed: GroupForm,
    pub was: GroupForm,
    pub version: Option<i64>,
    pub once: String,
}

impl Asked {
    /// # Errors
    /// `BadRequest` for a name that the form does not have, or a version that is none.
    pub fn read(req: &HttpRequest, body: &[u8]) -> Result<Self, AppError> {
        let posted = Posted::read(req, body, &ONCE, &[])?;
        let text = |name: &str| given(&posted, name);
        let version = match posted.one("version") {
            "" => None,
            text => Some(
                text.parse()
                    .ok()
                    .filter(|version| *version > 0)
                    .ok_or_else(bad)?,
            ),
        };
        let keep = |field: &str| posted.one(&format!("keep_{field}")) == "theirs";
        Ok(Self {
            typed: GroupForm {
                name: text("name").filter(|_| !keep("name")),
                description: text("description").filter(|_| !keep("description")),
            },
            was: GroupForm {
                name: text("was_name"),
                description: text("was_description"),
            },
            version,
            once: Some(posted.one("once"))
                .filter(|once| once.len() <= LONGEST_ONCE)
                .unwrap_or_default()
                .to_owned(),
        })
    }

    /// # Errors
    /// `VersionRequired` without a version.
    pub fn basis(&self) -> Result<Basis, AppError> {
        Ok(Basis {
            version: self.version.ok_or(AppError::VersionRequired)?,
            was: self.was.clone(),
        })
    }

    /// The form as it was typed, with what is wrong. `id` and `who`: of the group that is there.
    pub fn form(&self, id: Option<i64>, who: &str, errors: &FieldErrors) -> EditForm {
        let field = |field: Field, name: &'static str| {
            let typed = self.typed.get(field).or(self.was.get(field));
            let error = errors.named(field.word()).unwrap_or_default();
            form::Field::new(name)
                .value(typed.unwrap_or_default())
                .error(error)
        };
        EditForm {
            id,
            who: who.to_owned(),
            name: field(Field::Name, "name"),
            description: field(Field::Description, "description"),
            version: self.version.unwrap_or_default(),
            was_name: self.was.name.clone().unwrap_or_default(),
            was_description: self.was.description.clone().unwrap_or_default(),
            once: self.once.clone(),
            conflict: None,
        }
    }
}

/// Present and empty is cleared, absent is unchanged.
fn given(posted: &Posted, name: &str) -> Option<String> {
    posted.all(name).next().map(ToOwned::to_owned)
}

fn bad() -> AppError {
    AppError::BadRequest("The version is no number.".to_owned())
}

/// A name that another group has, at its field. Who sees only groups of hers learns no more than that.
pub fn in_use(taken: &Taken) -> Option<FieldErrors> {
    (taken.kind == crate::store::group::CLAIM).then(|| {
        FieldErrors(vec![crate::domain::agent_form::FieldError {
            name: Field::Name.word().into(),
            message: "That name is already in use, in upper or lower case. Choose another."
                .to_owned(),
        }])
    })
}
