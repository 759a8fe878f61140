//! People whom an upload changed: their old values come back where nobody changed them since, as after an edit in a
//! form.

use super::super::Import;
use super::{Took, traces};
use crate::domain::act::{ActKind, Refusal};
use crate::domain::audit::Entry;
use crate::domain::ids::UserId;
use crate::domain::role::Rights;
use crate::store::agent::undo as agents_undo;
use crate::store::error::StoreError;
use crate::store::schema::{agents, audit_entries};
use crate::store::tx::Tx;
use crate::store::undo::Line;
use crate::store::user::undo::{self as users_undo, UserAct};
use diesel::prelude::*;
use serde_json::{Map, Value};
use std::collections::HashMap;

pub(super) fn take_back(
    tx: &mut Tx<'_>,
    import: &Import,
    rights: &Rights,
    rows: &[(i64, UserId)],
) -> Result<Vec<Took>, StoreError> {
    let lines = lines(tx, import, rows)?;
    let mut took = Vec::with_capacity(rows.len());
    for (number, user) in rows {
        let outcome = match lines.get(&user.0) {
            None => Err(Refusal::NotFound),
            Some(line) => one(tx, import, rights, line)?,
        };
        took.push(Took {
            number: *number,
            outcome,
        });
    }
    Ok(took)
}

/// The lines of the audit about them, of this upload. By person: the operation has a line for each of all its rows.
fn lines(
    tx: &mut Tx<'_>,
    import: &Import,
    rows: &[(i64, UserId)],
) -> Result<HashMap<i64, Line>, StoreError> {
    type Row = (
        Option<i64>,
        String,
        Option<String>,
        Option<String>,
        Option<i64>,
    );
    tx.write_audit()?;
    let ids: Vec<i64> = rows.iter().map(|(_, user)| user.0).collect();
    let found: Vec<Row> = audit_entries::table
        .filter(audit_entries::subject_kind.eq("user"))
        .filter(audit_entries::subject_id.eq_any(&ids))
        .filter(audit_entries::at.ge(import.created_at.0))
        .select((
            audit_entries::subject_id,
            audit_entries::operation,
            audit_entries::before,
            audit_entries::after,
            audit_entries::version_after,
        ))
        .load(tx.conn)?;
    let mut lines = HashMap::new();
    for (id, operation, before, after, version_after) in found {
        if let Some(id) = id.filter(|_| Some(&operation) == import.operation.as_ref()) {
            let line = Line {
                agent: UserId(id),
                before: fields(before)?,
                after: fields(after)?,
                version_after,
            };
            lines.insert(id, line);
        }
    }
    Ok(lines)
}

fn fields(text: Option<String>) -> Result<Map<String, Value>, StoreError> {
    match text {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str(&text).map_err(StoreError::broken),
    }
}

type One = Result<Option<Entry>, Refusal>;

fn one(tx: &mut Tx<'_>, import: &Import, rights: &Rights, line: &Line) -> Result<One, StoreError> {
    let mut refused = None;
    let taken = tx.attempt(|tx| match whole(tx, rights, line)? {
        Ok(entry) => {
            traces::remove(tx, import, line)?;
            Ok(entry)
        }
        Err(why) => {
            refused = Some(why);
            Err(StoreError::Stale)
        }
    });
    match (taken, refused) {
        (Ok(entry), _) => Ok(Ok(entry)),
        (Err(StoreError::Stale), Some(why)) => Ok(Err(why)),
        (Err(StoreError::Taken(taken)), _) => Ok(Err(Refusal::Taken {
            what: agents_undo::what(&taken.kind),
            value: taken.value,
            by: None,
        })),
        // A group or department that was left by the upload is gone.
        (Err(StoreError::Stale | StoreError::NotFound), None) => Ok(Err(Refusal::Changed)),
        (Err(error), _) => Err(error),
    }
}

fn whole(tx: &mut Tx<'_>, rights: &Rights, line: &Line) -> Result<One, StoreError> {
    let mut entry = match users_undo::one(tx, rights, UserAct::Update, line)? {
        Ok(entry) => entry,
        Err(why) => return Ok(Err(why)),
    };
    if !line.before.contains_key("admin_state") {
        return Ok(Ok(entry));
    }
    let version: i64 = agents::table
        .find(line.agent.0)
        .select(agents::version)
        .first(tx.conn)?;
    let state = Line {
        version_after: Some(version),
        ..line.clone()
    };
    let taken = agents_undo::take_back(tx, rights, ActKind::Enable, &[state])?;
    if let Some((_, why)) = taken.kept.into_iter().next() {
        return Ok(Err(why));
    }
    for said in taken.entries {
        match &mut entry {
            None => entry = Some(said),
            Some(entry) => {
                entry.before.extend(said.before);
                entry.after.extend(said.after);
                entry.version_after = entry.version_after.map(|version| version + 1);
            }
        }
    }
    Ok(Ok(entry))
}
