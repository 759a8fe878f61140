//! "All that match", as it was when somebody pressed it: kept, so that the act is done to exactly those.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::selections;
use super::tx::Tx;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use std::fmt::Write as _;

/// Keeps a set of agents for a person; returns what it is found by.
pub fn insert(tx: &mut Tx<'_>, user: UserId, agents: &[UserId]) -> Result<String, StoreError> {
    let id = super::random_hex();
    diesel::insert_into(selections::table)
        .values((
            selections::id.eq(&id),
            selections::user_id.eq(user.0),
            selections::agents.eq(to_ranges(agents)),
            selections::made_at.eq(tx.now.0),
        ))
        .execute(tx.conn)?;
    Ok(id)
}

/// A set of this person's; nobody else's.
pub fn find(conn: &mut Conn, id: &str, user: UserId) -> Result<Option<Vec<UserId>>, StoreError> {
    let ranges: Option<String> = selections::table
        .find(id)
        .filter(selections::user_id.eq(user.0))
        .select(selections::agents)
        .first(conn)
        .optional()?;
    ranges.map(|ranges| from_ranges(&ranges)).transpose()
}

/// Removes what was made before this instant.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), StoreError> {
    diesel::delete(selections::table.filter(selections::made_at.lt(before.0))).execute(tx.conn)?;
    Ok(())
}

/// `5-90,93`: keys are dense, so 100,000 agents are a few characters, and never more than some each.
fn to_ranges(agents: &[UserId]) -> String {
    let mut keys: Vec<i64> = agents.iter().map(|id| id.0).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut out = String::new();
    for run in keys.chunk_by(|a, b| a + 1 == *b) {
        let comma = if out.is_empty() { "" } else { "," };
        let _ = match run {
            [one] => write!(out, "{comma}{one}"),
            [first, .., last] => write!(out, "{comma}{first}-{last}"),
            [] => Ok(()),
        };
    }
    out
}

fn from_ranges(text: &str) -> Result<Vec<UserId>, StoreError> {
    let broken = || StoreError::broken("a kept selection can't be read");
    let mut agents = Vec::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let first: i64 = first.parse().map_err(|_| broken())?;
        let last: i64 = last.parse().map_err(|_| broken())?;
        agents.extend((first..=last).map(UserId));
    }
    Ok(agents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranges_read_back(keys in prop::collection::btree_set(1_i64..400, 0..200)) {
            let agents: Vec<UserId> = keys.into_iter().map(UserId).collect();
            let back = from_ranges(&to_ranges(&agents));
            prop_assert_eq!(back.ok(), Some(agents));
        }
    }
}
