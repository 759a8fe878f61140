//! Hears of other nodes' commits on Postgres.

use super::Store;
use super::connection::{self, Conn, Mode};
use super::error::StoreError;
use diesel::prelude::*;

/// A connection that listens.
pub struct Listener {
    conn: PgConnection,
    /// What this node says when it commits.
    own: String,
}

impl Listener {
    pub fn open(store: &Store) -> Result<Self, StoreError> {
        match connection::open(store.database(), Mode::Job)? {
            Conn::Pg(mut conn) => {
                diesel::sql_query("LISTEN rollcall").execute(&mut conn)?;
                let own = store.node().to_string();
                Ok(Self { conn, own })
            }
            Conn::Sqlite(_) => Err(StoreError::broken("SQLite does not notify")),
        }
    }

    /// Another node committed since the last call. Never waits.
    ///
    /// # Errors
    /// `Unavailable` when the connection was lost.
    pub fn heard(&mut self) -> Result<bool, StoreError> {
        let mut heard = false;
        for notification in self.conn.notifications_iter() {
            heard |= notification?.payload != self.own;
        }
        Ok(heard)
    }
}
