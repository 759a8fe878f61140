//! A person's own choices of how pages look.

use super::error::StoreError;
use super::schema::users;
use super::tx::{RecordKind, Tx};
use crate::domain::ids::UserId;
use diesel::prelude::*;
use serde_json::{Map, Value};

/// Sets one choice; null takes it away. Not audited and no new version: it is nobody else's business.
pub fn put(tx: &mut Tx<'_>, user: UserId, name: &str, choice: Value) -> Result<(), StoreError> {
    let stored: String = users::table
        .find(user.0)
        .select(users::preferences)
        .first(tx.conn)?;
    let mut all: Map<String, Value> = serde_json::from_str(&stored).map_err(StoreError::broken)?;
    match choice {
        Value::Null => all.remove(name),
        choice => all.insert(name.to_owned(), choice),
    };
    diesel::update(users::table.find(user.0))
        .set(users::preferences.eq(Value::Object(all).to_string()))
        .execute(tx.conn)?;
    tx.touch(RecordKind::User, user.0);
    Ok(())
}
