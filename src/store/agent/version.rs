//! The version that a change of an agent is based on.

use crate::domain::ids::UserId;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::agents;
use diesel::prelude::*;

/// The version now, of living and deleted agents; `None` for who never was one.
pub fn version(conn: &mut Conn, id: UserId) -> Result<Option<i64>, StoreError> {
    let row = agents::table.find(id.0).select(agents::version);
    Ok(row.first(conn).optional()?)
}
