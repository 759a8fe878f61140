//! What a change leaves behind beside values: an extension that was made for it, the agent whom it made of a user, a
//! link that it sent. When the change is taken back they go too, so that all is as it was.

use super::super::Import;
use super::made::delete_agents;
use crate::domain::user_form::Own;
use crate::store::claim::DIAL;
use crate::store::error::StoreError;
use crate::store::schema::{agent_live, claims, extensions, intervals, mail_queue, one_time_links};
use crate::store::tx::Tx;
use crate::store::undo::Line;
use diesel::prelude::*;
use serde_json::Value;

/// Removes the traces of a change that was taken back.
pub(super) fn remove(tx: &mut Tx<'_>, import: &Import, line: &Line) -> Result<(), StoreError> {
    let id = line.agent.0;
    let extension = line.after.get("extension").and_then(Value::as_str);
    if let Some(username) = extension {
        let made = extensions::table
            .filter(extensions::username.eq(username))
            .filter(extensions::agent_id.is_null())
            .filter(extensions::created_at.ge(import.created_at.0));
        diesel::delete(made).execute(tx.conn)?;
    }
    if line.before.get(Own::CallingAgent.word()) == Some(&Value::Bool(false))
        && is_new_agent(tx, import, id)?
    {
        let theirs = extensions::table.filter(extensions::agent_id.eq(id));
        diesel::delete(theirs.filter(extensions::created_at.ge(import.created_at.0)))
            .execute(tx.conn)?;
        diesel::update(theirs)
            .set(extensions::agent_id.eq(None::<i64>))
            .execute(tx.conn)?;
        delete_agents(tx, &[id])?;
        let numbers = claims::table
            .filter(claims::owner_kind.eq("user"))
            .filter(claims::owner_id.eq(id))
            .filter(claims::kind.eq(DIAL));
        diesel::delete(numbers).execute(tx.conn)?;
    }
    if line.after.contains_key(Own::WebLogin.word()) {
        let links = one_time_links::table
            .filter(one_time_links::user_id.eq(id))
            .filter(one_time_links::used_at.is_null())
            .filter(one_time_links::created_at.ge(import.created_at.0));
        diesel::delete(links).execute(tx.conn)?;
        let letters = mail_queue::table
            .filter(mail_queue::user_id.eq(id))
            .filter(mail_queue::created_at.ge(import.created_at.0));
        diesel::delete(letters).execute(tx.conn)?;
    }
    Ok(())
}

/// Never an agent before this upload, and never heard of.
fn is_new_agent(tx: &mut Tx<'_>, import: &Import, id: i64) -> Result<bool, StoreError> {
    let first: Option<i64> = intervals::table
        .filter(intervals::agent_id.eq(id))
        .select(diesel::dsl::min(intervals::started_at))
        .first(tx.conn)?;
    let heard: i64 = agent_live::table
        .filter(agent_live::agent_id.eq(id))
        .count()
        .get_result(tx.conn)?;
    Ok(heard == 0 && first.is_some_and(|first| first >= import.created_at.0))
}
