//! A planned row as one line of JSON, in which it waits for its commit: about 300 bytes for someone new with
//! twelve cells, 200 for a change of two, 40 for a row that changes nothing.

use super::column::Column;
use super::fault::Fault;
use super::plan::{Draft, Edit, Outcome, Planned, Skip};
use crate::domain::agent_form::{Field, Values};
use crate::domain::ids::{RoleId, UserId};
use serde_json::{Map, Value as Json, json};
use std::str::FromStr;

/// A stored row that this version can't read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row of a plan can’t be read")]
pub struct Unreadable;

impl Planned {
    pub fn to_json(&self) -> String {
        let (kind, rest) = match &self.outcome {
            Outcome::Create(draft) => ("create", create(draft)),
            Outcome::Update(edit) => ("update", update(edit)),
            Outcome::Unchanged(user) => ("unchanged", json!({ "user": user.0 })),
            Outcome::Skip(why) => ("skip", json!({ "why": why.word() })),
            Outcome::Error(faults) => {
                let faults: Vec<Json> = faults.iter().map(fault).collect();
                ("error", json!({ "faults": faults }))
            }
        };
        let mut object = Map::from_iter([
            ("line".to_owned(), json!(self.line)),
            ("is".to_owned(), json!(kind)),
        ]);
        if let Some(failed) = self.failed {
            object.insert("failed".to_owned(), json!(failed.word()));
        }
        if let Json::Object(rest) = rest {
            object.extend(rest.into_iter().filter(|(_, value)| !value.is_null()));
        }
        Json::Object(object).to_string()
    }

    /// # Errors
    /// `Unreadable` for a line that [`Planned::to_json`] did not write.
    pub fn from_json(text: &str) -> Result<Self, Unreadable> {
        let object: Map<String, Json> = serde_json::from_str(text).map_err(|_| Unreadable)?;
        read(&object).ok_or(Unreadable)
    }
}

fn create(draft: &Draft) -> Json {
    json!({
        "values": values(&draft.values),
        "role": draft.role.0,
        "calling_agent": draft.calling_agent,
        "web_login": draft.web_login.word(),
        "admin_state": draft.admin_state.word(),
        "auto": match draft.auto.as_slice() {
            [] => Json::Null,
            auto => auto.iter().map(|field| field.word()).collect(),
        },
    })
}

fn update(edit: &Edit) -> Json {
    let words = |old: &str, new: &str| json!([old, new]);
    json!({
        "user": edit.user.0,
        "user_version": edit.user_version,
        "agent_version": edit.agent_version,
        "before": values(&edit.before),
        "after": values(&edit.after),
        "role": edit.role.map(|(old, new)| json!([old.0, new.0])),
        "web_login": edit.web_login.map(|(old, new)| words(old.word(), new.word())),
        "admin_state": edit.admin_state.map(|(old, new)| words(old.word(), new.word())),
        "becomes_agent": edit.becomes_agent,
    })
}

fn fault(fault: &Fault) -> Json {
    json!({
        "column": fault.column.map(Column::word),
        "value": fault.value,
        "reason": fault.reason,
        "fix": fault.fix,
        "pair": fault.pair,
    })
}

fn values(values: &Values) -> Json {
    let nameless = |_: Field, _: i64| None;
    let fields = values.iter();
    let fields =
        fields.map(|(field, value)| (field.word().to_owned(), value.json(field, &nameless)));
    Json::Object(fields.collect())
}

fn read(object: &Map<String, Json>) -> Option<Planned> {
    let user = || Some(UserId(object.get("user")?.as_i64()?));
    let outcome = match object.get("is")?.as_str()? {
        "create" => Outcome::Create(Box::new(Draft {
            values: read_values(object.get("values")?)?,
            role: RoleId(object.get("role")?.as_i64()?),
            calling_agent: object.get("calling_agent")?.as_bool()?,
            web_login: read_word(object.get("web_login")?)?,
            admin_state: read_word(object.get("admin_state")?)?,
            auto: match object.get("auto").and_then(Json::as_array) {
                None => Vec::new(),
                Some(auto) => auto.iter().map(read_word).collect::<Option<_>>()?,
            },
        })),
        "update" => Outcome::Update(Box::new(Edit {
            user: user()?,
            user_version: object.get("user_version")?.as_i64()?,
            agent_version: object.get("agent_version").and_then(Json::as_i64),
            before: read_values(object.get("before")?)?,
            after: read_values(object.get("after")?)?,
            role: read_pair(object, "role", |id| id.as_i64().map(RoleId))?,
            web_login: read_pair(object, "web_login", read_word)?,
            admin_state: read_pair(object, "admin_state", read_word)?,
            becomes_agent: object.get("becomes_agent")?.as_bool()?,
        })),
        "unchanged" => Outcome::Unchanged(user()?),
        "skip" => Outcome::Skip(read_word::<Skip>(object.get("why")?)?),
        "error" => {
            let faults = object.get("faults")?.as_array()?.iter();
            Outcome::Error(faults.map(read_fault).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some(Planned {
        line: object.get("line")?.as_u64()?,
        outcome,
        // Plans of before it was kept have none.
        failed: object.get("failed").and_then(read_word),
    })
}

fn read_fault(fault: &Json) -> Option<Fault> {
    let text = |name: &str| Some(fault.get(name)?.as_str()?.to_owned());
    let column = match fault.get("column")? {
        Json::Null => None,
        column => Some(read_word(column)?),
    };
    Some(Fault {
        column,
        value: text("value")?,
        reason: text("reason")?,
        fix: text("fix")?,
        pair: fault.get("pair").and_then(Json::as_u64),
    })
}

fn read_values(values: &Json) -> Option<Values> {
    Values::from_stored(values.as_object()?)
}

fn read_word<W: FromStr>(word: &Json) -> Option<W> {
    word.as_str()?.parse().ok()
}

/// Old and new; the outer `None` is what can't be read.
fn read_pair<V>(
    object: &Map<String, Json>,
    name: &str,
    read: impl Fn(&Json) -> Option<V>,
) -> Option<Option<(V, V)>> {
    match object.get(name).and_then(Json::as_array).map(Vec::as_slice) {
        None => Some(None),
        Some([old, new]) => Some(Some((read(old)?, read(new)?))),
        Some(_) => None,
    }
}
