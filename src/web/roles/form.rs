//! What the form of a role posted.

use super::view::{EditForm, sections};
use crate::domain::agent_form::{FieldError, FieldErrors};
use crate::domain::role::Permissions;
use crate::domain::role::form::{Field, RoleForm, RoleValues};
use crate::store::Taken;
use crate::store::role::CLAIM;
use crate::store::role::write::Basis;
use crate::web::error::AppError;
use crate::web::extract::Posted;
use crate::web::form;
use actix_web::HttpRequest;

const ONCE: [&str; 8] = [
    "name",
    "own_groups",
    "version",
    "was_name",
    "was_permissions",
    "was_own_groups",
    "once",
    "keep_name",
];

/// Longer ones are no form of ours.
const LONGEST_ONCE: usize = 64;
const YES: &str = "yes";
const NO: &str = "no";

/// A form whose names are all known. Its values are not checked yet.
pub struct Asked {
    pub typed: RoleForm,
    pub was: RoleValues,
    pub version: Option<i64>,
    pub once: String,
}

impl Asked {
    /// A form that was not sent yet.
    pub fn opened(was: RoleValues, version: Option<i64>, once: String) -> Self {
        Self {
            typed: RoleForm::default(),
            was,
            version,
            once,
        }
    }

    /// # Errors
    /// `BadRequest` for a name that the form does not have, or a value that it never sends.
    pub fn read(req: &HttpRequest, body: &[u8]) -> Result<Self, AppError> {
        let posted = Posted::read(req, body, &ONCE, &["permissions"])?;
        let given = |name: &str| posted.all(name).next().map(ToOwned::to_owned);
        let theirs = posted.one("keep_name") == "theirs";
        // A hidden twin says that the boxes were there, though none is ticked.
        let ticked: Vec<String> = posted.all("permissions").map(ToOwned::to_owned).collect();
        let boxes = !ticked.is_empty();
        let version = match posted.one("version") {
            "" => None,
            text => Some(
                text.parse()
                    .ok()
                    .filter(|version| *version > 0)
                    .ok_or_else(|| bad("The version is no number."))?,
            ),
        };
        Ok(Self {
            typed: RoleForm {
                name: given("name").filter(|_| !theirs),
                permissions: boxes
                    .then(|| ticked.into_iter().filter(|word| !word.is_empty()).collect()),
                own_groups: flag(&posted, "own_groups")?,
            },
            was: RoleValues {
                name: given("was_name").unwrap_or_default(),
                permissions: posted
                    .one("was_permissions")
                    .parse()
                    .map_err(|_| bad("The rights that the form was opened with can’t be read."))?,
                own_groups: flag(&posted, "was_own_groups")?.unwrap_or(false),
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

    /// The form as it was typed, with what is wrong. `id` and `who`: of the role that is there; `mine`: the rights
    /// of the reader.
    pub fn form(
        &self,
        id: Option<i64>,
        who: &str,
        mine: Permissions,
        errors: &FieldErrors,
    ) -> EditForm {
        let named = |field: Field| errors.named(field.word()).unwrap_or_default().to_owned();
        let name = self.typed.name.as_deref().unwrap_or(&self.was.name);
        let ticked: Permissions = match &self.typed.permissions {
            Some(words) => words.iter().filter_map(|word| word.parse().ok()).collect(),
            None => self.was.permissions,
        };
        EditForm {
            id,
            who: who.to_owned(),
            name: form::Field::new(Field::Name.word())
                .value(name)
                .error(named(Field::Name)),
            sections: sections(ticked, mine),
            own_groups: self.typed.own_groups.unwrap_or(self.was.own_groups),
            rights_error: named(Field::Permissions),
            message: match errors.is_empty() {
                true => String::new(),
                false => "Nothing was saved: some fields need another look.".to_owned(),
            },
            version: self.version.unwrap_or_default(),
            was_name: self.was.name.clone(),
            was_permissions: self.was.permissions.to_string(),
            was_own_groups: if self.was.own_groups { YES } else { NO },
            once: self.once.clone(),
            conflict: None,
            confirm: false,
        }
    }
}

fn flag(posted: &Posted, name: &str) -> Result<Option<bool>, AppError> {
    match posted.all(name).next() {
        None => Ok(None),
        Some(YES) => Ok(Some(true)),
        Some(NO | "") => Ok(Some(false)),
        Some(_) => Err(bad("A role holds on everyone or on own groups.")),
    }
}

fn bad(why: &str) -> AppError {
    AppError::BadRequest(why.to_owned())
}

/// A name that another role has, at its field.
pub fn in_use(taken: &Taken) -> Option<FieldErrors> {
    (taken.kind == CLAIM).then(|| {
        one_error(
            Field::Name,
            "That name is already in use, in upper or lower case. Choose another.",
        )
    })
}

/// One fault at one field.
pub fn one_error(field: Field, message: impl Into<String>) -> FieldErrors {
    FieldErrors(vec![FieldError {
        name: field.word().into(),
        message: message.into(),
    }])
}
