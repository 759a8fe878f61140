//! What an agent belongs to and owns: groups, departments, caller ids, the extension.

use crate::domain::agent_form::Field;
use crate::domain::ids::{AgentId, UserId};
use crate::store::error::{Owner, StoreError, Taken};
use crate::store::ledger;
use crate::store::routing::membership;
use crate::store::schema::{agent_caller_ids, agent_group_members, extensions};
use crate::store::tx::Tx;
use diesel::prelude::*;

/// Makes the links of a field what is new, touching only those that differ.
pub(super) fn write(
    tx: &mut Tx<'_>,
    id: UserId,
    field: Field,
    old: &[i64],
    new: &[i64],
) -> Result<(), StoreError> {
    let gone = old.iter().filter(|id| !new.contains(id));
    let come = new.iter().filter(|id| !old.contains(id));
    match field {
        Field::AgentGroups => {
            for group in gone {
                let member = agent_group_members::table.find((id.0, *group));
                diesel::delete(member).execute(tx.conn)?;
            }
            for group in come {
                let member = (
                    agent_group_members::group_id.eq(group),
                    agent_group_members::agent_id.eq(id.0),
                );
                let insert = diesel::insert_into(agent_group_members::table);
                insert.values(member).execute(tx.conn)?;
            }
        }
        Field::Departments => {
            for department in gone {
                membership::leave(tx, *department, &[id.0])?;
            }
            for department in come {
                membership::join(tx, *department, &[id.0])?;
            }
        }
        Field::CallerIds => write_caller_ids(tx, id, new)?,
        _ => return Err(StoreError::broken(format!("{} has no links", field.word()))),
    }
    Ok(())
}

/// Their order counts, so they are written anew.
fn write_caller_ids(tx: &mut Tx<'_>, id: UserId, new: &[i64]) -> Result<(), StoreError> {
    let mine = agent_caller_ids::table.filter(agent_caller_ids::agent_id.eq(id.0));
    diesel::delete(mine).execute(tx.conn)?;
    for (position, caller_id) in (1..).zip(new) {
        diesel::insert_into(agent_caller_ids::table)
            .values((
                agent_caller_ids::agent_id.eq(id.0),
                agent_caller_ids::caller_id_id.eq(caller_id),
                agent_caller_ids::position.eq(position),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Gives the agent the extension with this username, which is made if there is none; a free one that was
/// deleted comes back without its old password.
///
/// # Errors
/// `Taken` when it is another agent's.
pub(super) fn write_extension(
    tx: &mut Tx<'_>,
    id: UserId,
    username: Option<&str>,
) -> Result<(), StoreError> {
    let mine = extensions::table.filter(extensions::agent_id.eq(id.0));
    diesel::update(mine)
        .set((
            extensions::agent_id.eq(None::<i64>),
            extensions::version.eq(extensions::version + 1),
        ))
        .execute(tx.conn)?;
    if let Some(username) = username {
        take_extension(tx, id, username)?;
    }
    // What was known of another device says nothing about this one.
    ledger::forget_device(tx, AgentId::of(id))
}

/// Gives an agent who has none an extension; see [`write_extension`].
pub(in crate::store) fn take_extension(
    tx: &mut Tx<'_>,
    id: UserId,
    username: &str,
) -> Result<(), StoreError> {
    type Row = (i64, Option<i64>, Option<i64>);
    let found: Option<Row> = extensions::table
        .filter(extensions::username.eq(username))
        .select((extensions::id, extensions::agent_id, extensions::deleted_at))
        .first(tx.conn)
        .optional()?;
    match found {
        Some((_, Some(other), _)) if other != id.0 => Err(StoreError::Taken(Taken {
            kind: "extension".to_owned(),
            value: username.to_owned(),
            owner: Some(Owner {
                kind: "user".to_owned(),
                id: other,
            }),
        })),
        Some((key, _, deleted)) => {
            let free = extensions::table.find(key);
            if deleted.is_some() {
                diesel::update(free)
                    .set((
                        extensions::deleted_at.eq(None::<i64>),
                        extensions::digest.eq(None::<String>),
                    ))
                    .execute(tx.conn)?;
            }
            diesel::update(free)
                .set((
                    extensions::agent_id.eq(id.0),
                    extensions::version.eq(extensions::version + 1),
                ))
                .execute(tx.conn)?;
            Ok(())
        }
        None => {
            diesel::insert_into(extensions::table)
                .values((
                    extensions::username.eq(username),
                    extensions::agent_id.eq(id.0),
                    extensions::created_at.eq(tx.now.0),
                    extensions::version.eq(1_i64),
                ))
                .execute(tx.conn)?;
            Ok(())
        }
    }
}
