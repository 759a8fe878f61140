//! A group as it stands, read and held in the transaction that is about to change it.

use crate::domain::group::GroupValues;
use crate::domain::ids::GroupId;
use crate::domain::role::Scope;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agent_group_members, agent_groups};
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;

pub(super) struct Row {
    pub id: GroupId,
    pub values: GroupValues,
    pub version: i64,
    pub deleted: bool,
}

/// A living group in scope; other nodes wait with theirs until this write is done.
///
/// # Errors
/// `NotFound` when there is none.
pub(super) fn lock(tx: &mut Tx<'_>, scope: &Scope, id: GroupId) -> Result<Row, StoreError> {
    if !scope.sees(&[id]) {
        return Err(StoreError::NotFound);
    }
    let row = find(tx.conn, id)?.filter(|row| !row.deleted);
    row.ok_or(StoreError::NotFound)
}

/// The same, living or deleted, whoever asks.
pub(super) fn find(conn: &mut Conn, id: GroupId) -> Result<Option<Row>, StoreError> {
    type Columns = (String, String, i64, Option<i64>);
    let found = agent_groups::table
        .filter(agent_groups::id.eq(id.0))
        .select((
            agent_groups::name,
            agent_groups::description,
            agent_groups::version,
            agent_groups::deleted_at,
        ));
    let rows: Vec<Columns> = match conn {
        Conn::Sqlite(c) => found.load(c)?,
        Conn::Pg(c) => found.for_no_key_update().load(c)?,
    };
    let row = |(name, description, version, deleted_at): Columns| Row {
        id,
        values: GroupValues { name, description },
        version,
        deleted: deleted_at.is_some(),
    };
    Ok(rows.into_iter().next().map(row))
}

/// The keys of all members, deleted agents too, ascending.
pub(super) fn members(conn: &mut Conn, id: GroupId) -> Result<Vec<i64>, StoreError> {
    Ok(agent_group_members::table
        .filter(agent_group_members::group_id.eq(id.0))
        .order(agent_group_members::agent_id)
        .select(agent_group_members::agent_id)
        .load(conn)?)
}

/// Gives a group its next version; returns it.
pub(super) fn next_version(tx: &mut Tx<'_>, row: &Row) -> Result<i64, StoreError> {
    let version = row.version + 1;
    diesel::update(agent_groups::table.find(row.id.0))
        .set((
            agent_groups::version.eq(version),
            agent_groups::updated_at.eq(tx.now.0),
        ))
        .execute(tx.conn)?;
    tx.touch(RecordKind::Group, row.id.0);
    Ok(version)
}
