//! Makes a group.

use super::{CLAIM, KIND};
use crate::domain::audit::{ActorKind, Entry};
use crate::domain::group::{Field, GroupChange};
use crate::domain::ids::GroupId;
use crate::domain::role::Scope;
use crate::domain::text::GroupName;
use crate::store::error::StoreError;
use crate::store::schema::{agent_groups, token_scope_groups, user_scope_groups};
use crate::store::tx::{RecordKind, Tx};
use crate::store::{claim, operation};
use diesel::prelude::*;

const ACTION: &str = "group.create";

/// A group that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    pub id: GroupId,
    pub operation: String,
    /// The same form was sent before: nothing was made this time.
    pub again: bool,
}

/// Makes a group without members. `once` names the form: sent twice, it makes one group. Whoever sees only
/// groups of her own has the new one among them.
///
/// # Errors
/// `Taken` when another group has the name, `NotFound` for a scope of groups that is nobody's, `Broken`
/// without a name.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    once: Option<String>,
    change: &GroupChange,
) -> Result<Created, StoreError> {
    if let Some(once) = once {
        tx.operation = once;
        if let Some(id) = operation::made(tx, ACTION)? {
            return Ok(created(tx, GroupId(id), true));
        }
    }
    let owner = match scope {
        Scope::All => None,
        Scope::Groups(_) => Some(Owner::of(tx)?),
    };
    let name = change.get(Field::Name);
    let name = name.ok_or_else(|| StoreError::broken("a group without a name"))?;
    let description = change.get(Field::Description).unwrap_or_default();
    let id: i64 = diesel::insert_into(agent_groups::table)
        .values((
            agent_groups::name.eq(name),
            agent_groups::description.eq(description),
            agent_groups::created_at.eq(tx.now.0),
            agent_groups::updated_at.eq(tx.now.0),
            agent_groups::version.eq(1_i64),
        ))
        .returning(agent_groups::id)
        .get_result(tx.conn)?;
    claim::take(tx, CLAIM, &GroupName::claim_of(name), KIND, id)?;
    if let Some(owner) = owner {
        owner.gets(tx, id)?;
    }
    let mut entry = Entry::new(ACTION, KIND, Some(id), name)
        .after("name", name)
        .version(1);
    if !description.is_empty() {
        entry = entry.after("description", description);
    }
    tx.audit(entry)?;
    tx.touch(RecordKind::Group, id);
    Ok(created(tx, GroupId(id), false))
}

/// Whoever is held to groups and makes one: a person, or a program by its token.
enum Owner {
    User(i64),
    Token(i64),
}

impl Owner {
    fn of(tx: &Tx<'_>) -> Result<Self, StoreError> {
        match (tx.by.kind, tx.by.id) {
            (ActorKind::User, Some(id)) => Ok(Self::User(id)),
            (ActorKind::Token, Some(id)) => Ok(Self::Token(id)),
            (ActorKind::User | ActorKind::Token, None)
            | (ActorKind::System | ActorKind::Shell, _) => Err(StoreError::NotFound),
        }
    }

    fn gets(&self, tx: &mut Tx<'_>, group: i64) -> Result<(), StoreError> {
        match *self {
            Self::User(user) => {
                diesel::insert_into(user_scope_groups::table)
                    .values((
                        user_scope_groups::user_id.eq(user),
                        user_scope_groups::group_id.eq(group),
                    ))
                    .execute(tx.conn)?;
                tx.touch(RecordKind::User, user);
            }
            Self::Token(token) => {
                diesel::insert_into(token_scope_groups::table)
                    .values((
                        token_scope_groups::token_id.eq(token),
                        token_scope_groups::group_id.eq(group),
                    ))
                    .execute(tx.conn)?;
                tx.touch(RecordKind::Token, token);
            }
        }
        Ok(())
    }
}

fn created(tx: &Tx<'_>, id: GroupId, again: bool) -> Created {
    Created {
        id,
        operation: tx.operation.clone(),
        again,
    }
}
