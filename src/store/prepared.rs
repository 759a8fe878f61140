//! Updates of one row that are prepared once and kept, whichever columns they set.
//!
//! diesel takes every update for a one-off and has it prepared anew each time: one trip more, and on Postgres
//! the trips are what an edit costs.

use super::connection::Conn;
use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, HasSqlType, Nullable, Text};

/// A value for a column.
pub(super) enum Cell {
    Text(Option<String>),
    Integer(Option<i64>),
    Flag(bool),
}

/// `UPDATE table SET … WHERE key = id`, for some columns of the row.
pub(super) struct RowUpdate {
    table: &'static str,
    key: &'static str,
    id: i64,
    set: Vec<(&'static str, Cell)>,
}

impl RowUpdate {
    pub fn new(table: &'static str, key: &'static str, id: i64) -> Self {
        Self {
            table,
            key,
            id,
            set: Vec::new(),
        }
    }

    pub fn set(&mut self, column: &'static str, cell: Cell) {
        self.set.push((column, cell));
    }

    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    pub fn execute(self, conn: &mut Conn) -> QueryResult<()> {
        match conn {
            Conn::Pg(c) => Statement(self).execute(c)?,
            Conn::Sqlite(c) => Statement(self).execute(c)?,
        };
        Ok(())
    }

    /// Runs this update and one of another table: in one statement where the database can.
    pub fn execute_with(self, other: Self, conn: &mut Conn) -> QueryResult<()> {
        match conn {
            Conn::Pg(c) => Statement(Together(self, other)).execute(c)?,
            Conn::Sqlite(c) => Statement(self).execute(c)? + Statement(other).execute(c)?,
        };
        Ok(())
    }
}

impl<DB> QueryFragment<DB> for RowUpdate
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Bool> + HasSqlType<Text>,
    Option<String>: ToSql<Nullable<Text>, DB>,
    Option<i64>: ToSql<Nullable<BigInt>, DB>,
    i64: ToSql<BigInt, DB>,
    bool: ToSql<Bool, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("UPDATE ");
        pass.push_identifier(self.table)?;
        for (at, (column, cell)) in self.set.iter().enumerate() {
            pass.push_sql(if at == 0 { " SET " } else { ", " });
            pass.push_identifier(column)?;
            pass.push_sql(" = ");
            match cell {
                Cell::Text(text) => pass.push_bind_param::<Nullable<Text>, _>(text)?,
                Cell::Integer(number) => pass.push_bind_param::<Nullable<BigInt>, _>(number)?,
                Cell::Flag(flag) => pass.push_bind_param::<Bool, _>(flag)?,
            }
        }
        pass.push_sql(" WHERE ");
        pass.push_identifier(self.key)?;
        pass.push_sql(" = ");
        pass.push_bind_param::<BigInt, _>(&self.id)
    }
}

/// Two updates of different tables.
struct Together(RowUpdate, RowUpdate);

impl QueryFragment<Pg> for Together {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_sql("WITH first AS (");
        self.0.walk_ast(pass.reborrow())?;
        pass.push_sql(" RETURNING 1) ");
        self.1.walk_ast(pass)
    }
}

/// Something to execute, known by its text.
struct Statement<T>(T);

impl<T> QueryId for Statement<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Statement<T> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
}

impl<T, C> RunQueryDsl<C> for Statement<T> {}
