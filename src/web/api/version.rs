//! Which version a change is based on: `If-Match`, or `version` in the body.

use crate::web::error::AppError;
use actix_web::HttpRequest;
use actix_web::http::header;
use serde_json::{Map, Value};

/// What the caller last saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// `If-Match: *`: whatever it is now.
    Any,
    Version(i64),
}

impl Expected {
    /// # Errors
    /// `VersionRequired` when neither is given, `BadRequest` when one can't be read or they differ.
    pub fn of(req: &HttpRequest, body: &mut Map<String, Value>) -> Result<Self, AppError> {
        Self::given(req, body)?.ok_or(AppError::VersionRequired)
    }

    /// For acts that mean the same whatever was seen: any version unless one is given.
    ///
    /// # Errors
    /// `BadRequest` when one can't be read or they differ.
    pub fn if_given(req: &HttpRequest, body: &mut Map<String, Value>) -> Result<Self, AppError> {
        Ok(Self::given(req, body)?.unwrap_or(Self::Any))
    }

    pub fn version(self) -> Option<i64> {
        match self {
            Self::Any => None,
            Self::Version(version) => Some(version),
        }
    }

    fn given(req: &HttpRequest, body: &mut Map<String, Value>) -> Result<Option<Self>, AppError> {
        let bad = |why: &str| Err(AppError::BadRequest(why.to_owned()));
        let in_body = match body.remove("version") {
            None => None,
            Some(value) => match value.as_i64() {
                Some(version) => Some(Self::Version(version)),
                None => return bad("version is a whole number."),
            },
        };
        let in_header = match req.headers().get(header::IF_MATCH) {
            None => None,
            Some(value) => match value.to_str().ok().and_then(tag) {
                Some(tag) => Some(tag),
                None => return bad("If-Match is * or the ETag of the agent."),
            },
        };
        match (in_header, in_body) {
            (Some(header), Some(body)) if header != body && header != Self::Any => {
                bad("If-Match and version differ.")
            }
            (_, Some(body)) => Ok(Some(body)),
            (header, None) => Ok(header),
        }
    }
}

/// `*`, or one entity tag as we give them: `"12"`.
fn tag(text: &str) -> Option<Expected> {
    match text.trim() {
        "*" => Some(Expected::Any),
        text => {
            let digits = text.strip_prefix('"')?.strip_suffix('"')?;
            digits.parse().ok().map(Expected::Version)
        }
    }
}
