//! Whose calls a read may see: the filter's agents within the reader's scope.

use super::{Asked, Backend, Boxed};
use crate::domain::call::filter::People;
use crate::domain::day_range::DaySpan;
use crate::domain::role::Scope;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agent_group_members, agents, department_members, legs, users};
use diesel::prelude::*;

/// So few agents are named one by one, and looked up by day and agent; more are sifted out of
/// everyone's calls.
const FEW: usize = 500;
/// Look-ups by day and agent in one statement.
const LOOK_UPS: usize = 10_000;

/// Every condition on the column that names the agent; a boxed query can't stand inside another.
macro_rules! fulfilled {
    ($query:expr, $conditions:expr, $column:expr) => {{
        let mut query = $query;
        let in_groups = |groups: Vec<i64>| {
            agent_group_members::table
                .filter(agent_group_members::group_id.eq_any(groups))
                .select(agent_group_members::agent_id)
        };
        for groups in [&$conditions.scope, &$conditions.group] {
            if let Some(groups) = groups {
                query = query.filter($column.eq_any(in_groups(groups.clone())));
            }
        }
        if let Some(department) = $conditions.department {
            let members = department_members::table
                .filter(department_members::department_id.eq(department))
                .select(department_members::agent_id);
            query = query.filter($column.eq_any(members));
        }
        let former = diesel::alias!(agents as former);
        let removed = former
            .filter(former.field(agents::removed_at).is_not_null())
            .select(former.field(agents::user_id));
        let deleted = users::table
            .filter(users::deleted_at.is_not_null())
            .select(users::id);
        match $conditions.left {
            Some(true) => query.filter($column.eq_any(removed).or($column.eq_any(deleted))),
            Some(false) => query
                .filter($column.ne_all(removed))
                .filter($column.ne_all(deleted)),
            None => query,
        }
    }};
}
/// Whose calls are read.
pub(super) enum Agents {
    Everyone,
    /// These, perhaps nobody.
    Few(Vec<i64>),
    /// The conditions are asked with each statement.
    Many(Conditions),
}

/// What an agent must be.
#[derive(Clone)]
pub(super) struct Conditions {
    /// In at least one of these groups.
    scope: Option<Vec<i64>>,
    group: Option<Vec<i64>>,
    department: Option<i64>,
    left: Option<bool>,
}

impl Agents {
    pub fn of(conn: &mut Conn, asked: &Asked) -> Result<Self, StoreError> {
        let filter = &asked.filter;
        let conditions = Conditions::of(asked);
        if filter
            .group
            .is_some_and(|group| !asked.scope.sees(&[group]))
        {
            // Which of the reader's agents are in a group out of her scope is not for her to know.
            return Ok(Self::Few(Vec::new()));
        }
        if filter.people.is_some() && conditions.is_of_members() {
            // Whoever left is in no group and in no department, whatever the tables still say.
            return Ok(Self::Few(Vec::new()));
        }
        if conditions.is_empty() {
            return Ok(match filter.agent {
                Some(agent) => Self::Few(vec![agent.user().0]),
                None => Self::Everyone,
            });
        }
        let everyone = agents::table
            .select(agents::user_id)
            .into_boxed::<Backend>();
        let mut query = fulfilled!(everyone, conditions, agents::user_id);
        if let Some(agent) = filter.agent {
            query = query.filter(agents::user_id.eq(agent.user().0));
        }
        let found: Vec<i64> = query
            .order(agents::user_id)
            .limit(FEW as i64 + 1)
            .load(conn)?;
        Ok(match found.len() {
            0..=FEW => Self::Few(found),
            _ => Self::Many(conditions),
        })
    }

    /// How many days go into one statement when agents are named; `None`: read by day.
    pub fn days_at_once(&self) -> Option<i32> {
        match self {
            Self::Few(agents) => {
                let days = (LOOK_UPS / agents.len().max(1)).clamp(1, 370);
                Some(i32::try_from(days).unwrap_or(1))
            }
            Self::Everyone | Self::Many(_) => None,
        }
    }

    pub fn is_nobody(&self) -> bool {
        matches!(self, Self::Few(agents) if agents.is_empty())
    }

    /// Reads only the calls of these agents on these days.
    pub fn narrow<'a, Row, Group>(
        &self,
        query: Boxed<'a, Row, Group>,
        days: DaySpan,
    ) -> Boxed<'a, Row, Group> {
        match self {
            Self::Everyone => query.filter(legs::day.between(days.from.0, days.to.0)),
            Self::Many(conditions) => {
                let query = query.filter(legs::day.between(days.from.0, days.to.0));
                fulfilled!(query, conditions, legs::agent_id)
            }
            Self::Few(agents) => {
                // Named days, so that each is one step into the index by day and agent.
                let days: Vec<i32> = days.days().map(|day| day.0).collect();
                query
                    .filter(legs::day.eq_any(days))
                    .filter(legs::agent_id.eq_any(agents.clone()))
            }
        }
    }
}

impl Conditions {
    fn of(asked: &Asked) -> Self {
        let scope: Option<Vec<i64>> = match &asked.scope {
            Scope::All => None,
            Scope::Groups(groups) => Some(groups.iter().map(|group| group.0).collect()),
        };
        let filter = &asked.filter;
        let conditions = Self {
            scope,
            group: filter.group.map(|id| vec![id.0]),
            department: filter.member_of.map(|id| id.0),
            left: filter.people.map(|people| match people {
                People::Left => true,
            }),
        };
        match conditions.left {
            None if conditions.is_of_members() => Self {
                left: Some(false),
                ..conditions
            },
            Some(_) | None => conditions,
        }
    }

    fn is_empty(&self) -> bool {
        self.left.is_none()
    }

    /// Of people who are in something.
    fn is_of_members(&self) -> bool {
        self.scope.is_some() || self.group.is_some() || self.department.is_some()
    }
}
