//! Blocks and disables that lift themselves when their time has come.

use super::state;
use super::target;
use crate::domain::act::ActKind;
use crate::domain::ids::UserId;
use crate::domain::person::Admin;
use crate::domain::role::Rights;
use crate::domain::status::AdminState;
use crate::store::error::StoreError;
use crate::store::schema::{agents, users};
use crate::store::tx::Tx;
use diesel::prelude::*;

/// Lifts what is due; returns how many. Any node may try: the rows are locked and looked at again, so
/// each is lifted once.
pub fn lift_due(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let due: Vec<i64> = agents::table
        .inner_join(users::table)
        .filter(agents::admin_until.le(tx.now.0))
        .filter(agents::removed_at.is_null())
        .filter(users::deleted_at.is_null())
        .order(agents::user_id)
        .select(agents::user_id)
        .load(tx.conn)?;
    if due.is_empty() {
        return Ok(0);
    }
    let due: Vec<UserId> = due.into_iter().map(UserId).collect();
    let found = target::load(tx, &Rights::everything(), &due, false)?.found;
    let still = |until| until <= tx.now;
    let lifted: Vec<_> = found
        .iter()
        .filter(|target| target.admin.until.is_some_and(still))
        .collect();
    let admin = Admin {
        state: AdminState::Enabled,
        reason: None,
        until: None,
        at: tx.now,
        by: None,
    };
    let mut entries = state::set(tx, &lifted, &admin, ActKind::Enable.action())?;
    for entry in &mut entries {
        entry
            .after
            .insert("reason".to_owned(), "until reached".into());
    }
    tx.audit_all(entries)?;
    Ok(lifted.len())
}
