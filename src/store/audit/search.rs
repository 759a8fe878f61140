//! Answers the page, the file and the API of the audit log: filtered, in the reader's scope, newest first.

use super::{Line, Row};
use crate::domain::audit::filter::{Actions, AuditFilter, Kind, Start};
use crate::domain::ids::UserId;
use crate::domain::role::Scope;
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agent_group_members, audit_entries};
use diesel::dsl::sql;
use diesel::internal::table_macro::{BoxedSelectStatement, FromClause};
use diesel::prelude::*;
use diesel::query_builder::AsQuery;
use diesel::sql_types::{Bool, Text};

type Backend = <Conn as Connection>::Backend;

/// What is asked of the log.
#[derive(Clone, Debug)]
pub struct Asked {
    pub filter: AuditFilter,
    /// Entries about agents out of it are nobody's business here.
    pub scope: Scope,
    /// The reader, who may always see what was done to themselves.
    pub reader: Option<UserId>,
    /// The first instant of the days, and the first after them; None: any time.
    pub within: Option<(Timestamp, Timestamp)>,
}

/// A page of the log, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub lines: Vec<Line>,
    /// There are newer ones than the first, older ones than the last.
    pub newer: bool,
    pub older: bool,
}

/// The page that the filter's start and size ask for.
pub fn page(conn: &mut Conn, asked: &Asked) -> Result<Page, StoreError> {
    let rows = asked.filter.per.rows();
    let newest_first = !matches!(asked.filter.start, Start::Before(_));
    let query = begun(narrowed(audit_entries::table.into_boxed(), asked), asked);
    let query = match newest_first {
        true => query.order((audit_entries::at.desc(), audit_entries::id.desc())),
        false => query.order((audit_entries::at.asc(), audit_entries::id.asc())),
    };
    let mut found: Vec<Row> = query
        .limit(rows as i64 + 1)
        .offset(0)
        .select(Row::as_select())
        .load(conn)?;
    let more = found.len() > rows;
    found.truncate(rows);
    if !newest_first {
        found.reverse();
    }
    let (newer, older) = match asked.filter.start {
        Start::Newest => (false, more),
        Start::After(_) => (true, more),
        Start::Before(_) => (more, true),
    };
    Ok(Page {
        lines: found.into_iter().map(Row::into_line).collect(),
        newer,
        older,
    })
}

/// How many entries match, whatever the page; counted up to `most`.
pub fn count(conn: &mut Conn, asked: &Asked, most: i64) -> Result<i64, StoreError> {
    let query = narrowed(audit_entries::table.into_boxed(), asked);
    let some: Vec<i64> = query
        .order(audit_entries::at.desc())
        .limit(most)
        .offset(0)
        .select(audit_entries::id)
        .load(conn)?;
    Ok(some.len() as i64)
}

type Boxed<'a> = BoxedSelectStatement<
    'a,
    <audit_entries::table as AsQuery>::SqlType,
    FromClause<audit_entries::table>,
    Backend,
>;

/// The conditions of a filter and of the reader's scope.
fn narrowed<'a>(query: Boxed<'a>, asked: &Asked) -> Boxed<'a> {
    let filter = &asked.filter;
    let mut query = seen(query, asked);
    if let Some((from, until)) = asked.within {
        query = query
            .filter(audit_entries::at.ge(from.0))
            .filter(audit_entries::at.lt(until.0));
    }
    if let Some(by) = filter.by {
        query = query.filter(audit_entries::actor_kind.eq(by.kind.word()));
        query = match by.id {
            Some(id) => query.filter(audit_entries::actor_id.eq(id)),
            None => query,
        };
    }
    if let Some(about) = &filter.about {
        query = query
            .filter(audit_entries::subject_kind.eq(about.kind.clone()))
            .filter(audit_entries::subject_id.eq(about.id));
    }
    match filter.kind.map(Kind::actions) {
        None => {}
        Some(Actions::Unlike(patterns)) => {
            for pattern in patterns {
                query = query.filter(audit_entries::action.not_like(*pattern));
            }
        }
        Some(Actions::Like(patterns)) => {
            query = query.filter(sql::<Bool>(&like_any(patterns)));
        }
    }
    if !filter.q.is_empty() {
        let pattern = containing(&filter.q);
        let named = sql::<Bool>("(lower(audit_entries.actor_name) LIKE lower(")
            .bind::<Text, _>(pattern.clone())
            .sql(") ESCAPE '!' OR lower(audit_entries.subject_name) LIKE lower(")
            .bind::<Text, _>(pattern)
            .sql(") ESCAPE '!')");
        query = query.filter(named);
    }
    query
}

/// Within a scope of groups: what was done to its agents and to the reader.
fn seen<'a>(query: Boxed<'a>, asked: &Asked) -> Boxed<'a> {
    let Scope::Groups(groups) = &asked.scope else {
        return query;
    };
    let groups: Vec<i64> = groups.iter().map(|group| group.0).collect();
    let members = agent_group_members::table
        .filter(agent_group_members::group_id.eq_any(groups))
        .select(agent_group_members::agent_id.nullable());
    let own = asked.reader.map_or(0, |reader| reader.0);
    query.filter(audit_entries::subject_kind.eq("user")).filter(
        audit_entries::subject_id
            .eq_any(members)
            .or(audit_entries::subject_id.eq(own)),
    )
}

/// The patterns are the program's own.
fn like_any(patterns: &[&str]) -> String {
    let each = patterns
        .iter()
        .map(|pattern| format!("audit_entries.action LIKE '{pattern}'"));
    format!("({})", each.collect::<Vec<_>>().join(" OR "))
}

/// A pattern that finds a text anywhere, whatever signs are in it.
fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Leaves out what stands before the page.
fn begun<'a>(query: Boxed<'a>, asked: &Asked) -> Boxed<'a> {
    match asked.filter.start {
        Start::Newest => query,
        Start::After(place) => query.filter(
            audit_entries::at.lt(place.at.0).or(audit_entries::at
                .eq(place.at.0)
                .and(audit_entries::id.lt(place.id))),
        ),
        Start::Before(place) => query.filter(
            audit_entries::at.gt(place.at.0).or(audit_entries::at
                .eq(place.at.0)
                .and(audit_entries::id.gt(place.id))),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_patterns_are_looked_for_as_they_are() {
        assert_eq!(containing("50%_!"), "%50!%!_!!%");
    }
}
