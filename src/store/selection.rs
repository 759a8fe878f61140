//! "All that match", as it was when somebody pressed it: kept, so that the act is done to exactly those. And
//! what somebody has picked for a group so far, from one page of the list to the next.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::selections;
use super::tx::Tx;
use crate::domain::group::{Difference, Seen};
use crate::domain::ids::{GroupId, UserId};
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use std::fmt::Write as _;

/// Keeps a set of agents for a person; returns what it is found by.
pub fn insert(tx: &mut Tx<'_>, user: UserId, agents: &[UserId]) -> Result<String, StoreError> {
    keep(tx, user, to_ranges(agents))
}

fn keep(tx: &mut Tx<'_>, user: UserId, agents: String) -> Result<String, StoreError> {
    let id = super::random_hex();
    diesel::insert_into(selections::table)
        .values((
            selections::id.eq(&id),
            selections::user_id.eq(user.0),
            selections::agents.eq(agents),
            selections::made_at.eq(tx.now.0),
        ))
        .execute(tx.conn)?;
    Ok(id)
}

/// A set of this person's; nobody else's.
pub fn find(conn: &mut Conn, id: &str, user: UserId) -> Result<Option<Vec<UserId>>, StoreError> {
    let ranges = kept(conn, id, user)?.filter(|text| !text.starts_with(DRAFT));
    ranges.map(|ranges| from_ranges(&ranges)).transpose()
}

fn kept(conn: &mut Conn, id: &str, user: UserId) -> Result<Option<String>, StoreError> {
    Ok(selections::table
        .find(id)
        .filter(selections::user_id.eq(user.0))
        .select(selections::agents)
        .first(conn)
        .optional()?)
}

/// Who is picked for a group and not saved yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub group: GroupId,
    /// When picking began.
    pub seen: Seen,
    pub difference: Difference,
}

/// Tells a draft from a set of agents.
const DRAFT: &str = "draft ";

/// Keeps a draft for a person; returns what it is found by.
pub fn insert_draft(tx: &mut Tx<'_>, user: UserId, draft: &Draft) -> Result<String, StoreError> {
    let Seen { version, at } = draft.seen;
    let add = to_ranges(&draft.difference.add);
    let remove = to_ranges(&draft.difference.remove);
    let text = format!("{DRAFT}{} {version} {} {add};{remove}", draft.group, at.0);
    keep(tx, user, text)
}

/// A draft of this person's; nobody else's.
pub fn find_draft(conn: &mut Conn, id: &str, user: UserId) -> Result<Option<Draft>, StoreError> {
    let text = kept(conn, id, user)?;
    let draft = text.as_deref().and_then(|text| text.strip_prefix(DRAFT));
    draft.map(read_draft).transpose()
}

fn read_draft(text: &str) -> Result<Draft, StoreError> {
    let broken = || StoreError::broken("a kept draft can't be read");
    let mut parts = text.splitn(4, ' ');
    let mut part = || parts.next().ok_or_else(broken);
    let mut number = || part()?.parse::<i64>().map_err(|_| broken());
    let (group, version, at) = (number()?, number()?, number()?);
    let (add, remove) = part()?.split_once(';').ok_or_else(broken)?;
    Ok(Draft {
        group: GroupId(group),
        seen: Seen {
            version,
            at: Timestamp(at),
        },
        difference: Difference {
            add: from_ranges(add)?,
            remove: from_ranges(remove)?,
        },
    })
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

        #[test]
        fn drafts_read_back(add in prop::collection::btree_set(1_i64..400, 0..50), remove in prop::collection::btree_set(400_i64..800, 0..50)) {
            let keys = |keys: std::collections::BTreeSet<i64>| keys.into_iter().map(UserId).collect::<Vec<_>>();
            let difference = Difference { add: keys(add), remove: keys(remove) };
            let text = format!("4 7 12 {};{}", to_ranges(&difference.add), to_ranges(&difference.remove));
            let seen = Seen { version: 7, at: Timestamp(12) };
            prop_assert_eq!(read_draft(&text).ok(), Some(Draft { group: GroupId(4), seen, difference }));
        }
    }
}
