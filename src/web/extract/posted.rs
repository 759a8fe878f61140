//! The fields of a posted form or a flat JSON object, read strictly.

use crate::web::error::AppError;
use actix_web::HttpRequest;
use actix_web::http::header;
use serde_json::Value;

/// So many fields are read; a page of 250 ticked agents has fewer.
const MOST: usize = 1_100;

/// What came, each name one that is known, none given twice but those that may be.
#[derive(Clone, Debug, Default)]
pub struct Posted(Vec<(String, String)>);

impl Posted {
    /// # Errors
    /// `BadRequest` for what can't be read, is unknown, or is given twice: nothing is guessed at.
    pub fn read(
        req: &HttpRequest,
        body: &[u8],
        once: &[&str],
        many: &[&str],
    ) -> Result<Self, AppError> {
        let json = req
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.contains("json"));
        let fields = if json {
            from_json(body)?
        } else {
            from_form(body)?
        };
        Self::checked(fields, once, many)
    }

    fn checked(
        fields: Vec<(String, String)>,
        once: &[&str],
        many: &[&str],
    ) -> Result<Self, AppError> {
        if fields.len() > MOST {
            return Err(AppError::TooLarge);
        }
        for (at, (name, _)) in fields.iter().enumerate() {
            let name = name.as_str();
            let again = fields[..at].iter().any(|(other, _)| other == name);
            if once.contains(&name) && again {
                return Err(bad(format!("{name} is given more than once.")));
            }
            if !once.contains(&name) && !many.contains(&name) {
                let name: String = name.chars().take(40).collect();
                return Err(bad(format!("{name:?} is no field of this form.")));
            }
        }
        Ok(Self(fields))
    }

    /// The same of the address: every name one that is known, each once.
    pub fn read_query(req: &HttpRequest, once: &[&str]) -> Result<Self, AppError> {
        let fields = from_form(req.query_string().as_bytes())?;
        Self::checked(fields, once, &[])
    }

    /// The value as it came; empty if it did not.
    pub fn one(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

fn from_form(body: &[u8]) -> Result<Vec<(String, String)>, AppError> {
    // Lossless: bytes that are no text would come back as other text.
    std::str::from_utf8(body).map_err(|_| bad("The form is not readable as text."))?;
    serde_urlencoded::from_bytes(body).map_err(|_| bad("The form can't be read."))
}

fn from_json(body: &[u8]) -> Result<Vec<(String, String)>, AppError> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
        return Err(bad("The body is no JSON object."));
    };
    let mut pairs = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Null => {}
            Value::String(text) => pairs.push((name, text)),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                return Err(bad(format!("{name} has to be text.")));
            }
        }
    }
    Ok(pairs)
}

fn bad(why: impl Into<String>) -> AppError {
    AppError::BadRequest(why.into())
}
