//! `POST /api/v1/dial`: keys for a transfer, and what keys mean: the rules of the feature codes, both ways.

use super::agents::change::object;
use crate::domain::feature_code::{How, Meaning, Situation, Transfer};
use crate::domain::ids::DepartmentId;
use crate::web::error::AppError;
use crate::web::extract::Caller;
use crate::web::feature_codes::book::Book;
use crate::web::state::AppState;
use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};

/// Everything that may be sent.
const FIELDS: [&str; 5] = ["keys", "transfer", "to", "department", "after"];

/// Reads `keys`, or composes them for `transfer` and `to`.
pub async fn create(
    state: web::Data<AppState>,
    caller: Caller,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let asked = object(&body)?;
    if let Some(name) = asked.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        let name: String = name.chars().take(64).collect();
        return Err(bad(format!("{name} is nothing that can be asked here.")));
    }
    let picture = state.floor.picture();
    let book = Book::new(&picture, &caller.rights());
    let situation = situation(&book, &asked)?;
    let (keys, meaning) = match (text(&asked, "keys")?, text(&asked, "transfer")?) {
        (Some(_), Some(_)) => return Err(bad("Send keys to be read, or a transfer: not both.")),
        (None, None) => {
            return Err(bad(
                "Send keys to be read, or a transfer and to whom it is.",
            ));
        }
        (Some(keys), None) => {
            if asked.contains_key("to") {
                return Err(bad("to belongs to a transfer, not to keys."));
            }
            let rules = picture.install().transfer_rules();
            let meaning = rules.read(&situation, &keys, &book).map_err(refused)?;
            (keys.trim().to_owned(), meaning)
        }
        (None, Some(transfer)) => compose(&book, &situation, &asked, &transfer)?,
    };
    Ok(HttpResponse::Ok().json(answer(&book, &situation, &keys, &meaning)))
}

fn compose(
    book: &Book<'_>,
    situation: &Situation,
    asked: &Map<String, Value>,
    transfer: &str,
) -> Result<(String, Meaning), AppError> {
    let transfer: Transfer = transfer
        .parse()
        .map_err(|_| bad("transfer is blind, attended or conference."))?;
    let to = text(asked, "to")?;
    let how = match (transfer, &to) {
        (Transfer::Conference, Some(_)) => {
            return Err(bad(
                "A conference is with whom you speak already: leave out to.",
            ));
        }
        (Transfer::Conference, None) => None,
        (Transfer::Blind, _) => Some(How::Blind),
        (Transfer::Attended, _) => Some(How::Attended),
    };
    let meaning = match how {
        None => Meaning::Conference,
        Some(how) => {
            let to = book.target(&to.unwrap_or_default()).map_err(refused)?;
            Meaning::transfer(how, to).map_err(refused)?
        }
    };
    let rules = book.picture.install().transfer_rules();
    let keys = rules.compose(situation, &meaning).map_err(refused)?;
    Ok((keys.to_string(), meaning))
}

/// `department` is the queue that the call came from, `after` what has just succeeded.
fn situation(book: &Book<'_>, asked: &Map<String, Value>) -> Result<Situation, AppError> {
    let department = match text(asked, "department")? {
        None => None,
        Some(id) => {
            let id: Option<DepartmentId> = id.parse().ok();
            let queue = id.and_then(|id| book.queue(id));
            Some(queue.ok_or_else(|| refused("There is no such department."))?)
        }
    };
    let attended = match text(asked, "after")?.as_deref() {
        None => false,
        Some("attended") => true,
        Some(_) => return Err(bad("after is attended, or left out.")),
    };
    Ok(Situation {
        queue: department.unwrap_or_default(),
        attended,
    })
}

/// A text or a whole number; nothing for null and what is not there.
fn text(asked: &Map<String, Value>, name: &str) -> Result<Option<String>, AppError> {
    match asked.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) if number.is_u64() => Ok(Some(number.to_string())),
        Some(Value::Number(_) | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
            Err(bad(format!("{name} has to be text.")))
        }
    }
}

fn answer(book: &Book<'_>, situation: &Situation, keys: &str, meaning: &Meaning) -> Value {
    let install = book.picture.install();
    let feature = meaning.feature(situation);
    let transfer = match (meaning, feature.how()) {
        (Meaning::Conference, _) => Transfer::Conference,
        (_, How::Blind) => Transfer::Blind,
        (_, How::Attended) => Transfer::Attended,
    };
    let to = match meaning {
        Meaning::Agent(_, called) => json!({
            "kind": "agent",
            "agent_id": called.id.to_string(),
            "name": called.name,
            "intercom_number": called.intercom,
        }),
        Meaning::Line(line) => json!({
            "kind": line.kind.word(),
            "id": line.id,
            "name": line.name,
            "transfer_code": line.transfer_code,
        }),
        Meaning::External(_, phone) => json!({ "kind": "external", "number": phone.to_string() }),
        Meaning::Conference => Value::Null,
    };
    json!({
        "keys": keys,
        "code": install.codes.code(feature),
        "type": feature.label(),
        "transfer": transfer.word(),
        "to": to,
        "said": meaning.said(&install.codes, |phone| phone.to_string()),
    })
}

/// 422 with the reason.
fn refused(why: impl std::fmt::Display) -> AppError {
    AppError::Invalid(why.to_string())
}

/// 400: not a question at all.
fn bad(why: impl Into<String>) -> AppError {
    AppError::BadRequest(why.into())
}
