//! One call with its legs: read, merged with what an event says, judged, written back.

use crate::domain::calendar::DayCursor;
use crate::domain::call::{
    CallFacts, Contribution, Counts, End, LegFacts, Verdict, contributions, judge,
};
use crate::domain::day_range::Day;
use crate::domain::ids::{AgentId, DepartmentId, UserId};
use crate::domain::time::Timestamp;
use crate::store::connection::{Conn, on_each};
use crate::store::error::StoreError;
use crate::store::person::word;
use crate::store::schema::{calls, legs};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// A call as it stands in the ledger, or as it will once written.
pub(super) struct Call {
    key: Option<i64>,
    source: String,
    call_id: String,
    facts: CallFacts,
    /// By leg id, ascending.
    legs: Vec<Leg>,
}

/// The days of a call and of its legs.
pub(super) struct CallDays {
    pub call: Option<(i64, Day)>,
    pub legs: Vec<(i64, Day)>,
}

struct Leg {
    key: Option<i64>,
    leg_id: String,
    facts: LegFacts,
}

impl Call {
    /// Reads the call and its legs; without a row it is a new call with these facts.
    pub fn open(
        conn: &mut Conn,
        source: &str,
        call_id: &str,
        facts: CallFacts,
    ) -> Result<Self, StoreError> {
        let new = || Self {
            key: None,
            source: source.to_owned(),
            call_id: call_id.to_owned(),
            facts,
            legs: Vec::new(),
        };
        Ok(Self::find(conn, source, call_id)?.unwrap_or_else(new))
    }

    /// Reads the call and its legs.
    pub fn find(conn: &mut Conn, source: &str, call_id: &str) -> Result<Option<Self>, StoreError> {
        let row: Option<CallRow> = calls::table
            .filter(calls::source.eq(source))
            .filter(calls::call_id.eq(call_id))
            .select(CallRow::as_select())
            .first(conn)
            .optional()?;
        let Some(row) = row else { return Ok(None) };
        let rows: Vec<LegRow> = legs::table
            .filter(legs::call.eq(row.id))
            .select(LegRow::as_select())
            .load(conn)?;
        let mut legs: Vec<Leg> = rows
            .into_iter()
            .map(LegRow::into_leg)
            .collect::<Result<_, _>>()?;
        legs.sort_by(|a, b| a.leg_id.cmp(&b.leg_id));
        Ok(Some(Self {
            key: Some(row.id),
            source: source.to_owned(),
            call_id: call_id.to_owned(),
            facts: row.into_facts()?,
            legs,
        }))
    }

    /// The calls behind one, by their keys, so many at once.
    pub fn after(conn: &mut Conn, key: i64, at_once: i64) -> Result<Vec<Self>, StoreError> {
        let rows: Vec<(CallRow, String, String)> = calls::table
            .filter(calls::id.gt(key))
            .order(calls::id)
            .limit(at_once)
            .select((CallRow::as_select(), calls::source, calls::call_id))
            .load(conn)?;
        let keys: Vec<i64> = rows.iter().map(|(row, _, _)| row.id).collect();
        let legs: Vec<(LegRow, i64)> = legs::table
            .filter(legs::call.eq_any(keys))
            .order((legs::call, legs::leg_id))
            .select((LegRow::as_select(), legs::call))
            .load(conn)?;
        let mut of_call: HashMap<i64, Vec<Leg>> = HashMap::new();
        for (leg, call) in legs {
            of_call.entry(call).or_default().push(leg.into_leg()?);
        }
        let call = |(row, source, call_id): (CallRow, String, String)| {
            Ok(Self {
                key: Some(row.id),
                source,
                call_id,
                legs: of_call.remove(&row.id).unwrap_or_default(),
                facts: row.into_facts()?,
            })
        };
        rows.into_iter().map(call).collect()
    }

    /// None until it is written.
    pub fn key(&self) -> Option<i64> {
        self.key
    }

    /// The days that the call and its legs lie on, by their keys.
    pub fn days(&self, days: &mut DayCursor) -> CallDays {
        let legs: Vec<LegFacts> = self.legs.iter().map(|leg| leg.facts.clone()).collect();
        let verdict = judge(&self.facts, &legs);
        let counted = self.legs.iter().zip(&verdict.legs);
        CallDays {
            call: self
                .key
                .map(|key| (key, days.day_of(self.facts.started_at))),
            legs: counted
                .filter_map(|(leg, &counts)| {
                    Some((leg.key?, days.day_of(leg.facts.counted_at(counts))))
                })
                .collect(),
        }
    }

    pub fn is_new(&self) -> bool {
        self.key.is_none()
    }

    /// Takes in what an event says of the call.
    pub fn merge(&mut self, facts: CallFacts) {
        self.facts = self.facts.clone().merge(facts);
    }

    /// Why this can't be the agent's leg of this call; `None` if it can.
    pub fn refusal(
        &self,
        conn: &mut Conn,
        leg_id: &str,
        agent: AgentId,
    ) -> Result<Option<String>, StoreError> {
        if let Some(leg) = self.legs.iter().find(|leg| leg.leg_id == leg_id) {
            let other = leg.facts.agent != agent;
            return Ok(other.then(|| format!("leg {leg_id} belongs to another agent")));
        }
        let elsewhere: Option<i64> = legs::table
            .filter(legs::source.eq(&self.source))
            .filter(legs::leg_id.eq(leg_id))
            .select(legs::id)
            .first(conn)
            .optional()?;
        Ok(elsewhere.map(|_| format!("leg {leg_id} belongs to another call")))
    }

    /// Takes in what an event says of a leg.
    pub fn merge_leg(&mut self, leg_id: &str, facts: LegFacts) {
        match self.legs.iter_mut().find(|leg| leg.leg_id == leg_id) {
            Some(leg) => leg.facts = leg.facts.clone().merge(facts),
            None => {
                self.legs.push(Leg {
                    key: None,
                    leg_id: leg_id.to_owned(),
                    facts,
                });
                self.legs.sort_by(|a, b| a.leg_id.cmp(&b.leg_id));
            }
        }
    }

    /// Closes the legs whose own end was lost when the call is known to be over.
    pub fn settle(&mut self) {
        self.legs
            .iter_mut()
            .for_each(|leg| leg.facts.close_with(&self.facts));
    }

    /// Ends the open legs that its source no longer lists, for a reason that was concluded; what
    /// began after that instant the source could not list. Without any leg the caller is gone.
    pub fn conclude(&mut self, at: Timestamp, reason: &str, listed: Option<&HashSet<&str>>) {
        let end = || {
            Some(End {
                at,
                reason: Some(reason.to_owned()),
            })
        };
        let over = |leg: &&mut Leg| {
            leg.facts.end.is_none()
                && leg.facts.started_at <= at
                && listed.is_none_or(|listed| !listed.contains(leg.leg_id.as_str()))
        };
        for leg in self.legs.iter_mut().filter(over) {
            leg.facts.end = end();
        }
        let gone = listed.is_none() && self.legs.is_empty() && self.facts.started_at <= at;
        if gone && self.facts.end.is_none() {
            self.facts.end = end();
        }
    }

    pub fn agents(&self) -> Vec<AgentId> {
        self.legs.iter().map(|leg| leg.facts.agent).collect()
    }

    /// What the call adds to the counts as it stands.
    pub fn contributions(&self, days: &mut DayCursor) -> Vec<Contribution> {
        let legs: Vec<LegFacts> = self.legs.iter().map(|leg| leg.facts.clone()).collect();
        let verdict = judge(&self.facts, &legs);
        contributions(&self.facts, &legs, &verdict, |at| days.day_of(at))
    }

    /// Writes the call and its legs.
    pub fn write(self, conn: &mut Conn, days: &mut DayCursor) -> Result<(), StoreError> {
        let facts: Vec<LegFacts> = self.legs.iter().map(|leg| leg.facts.clone()).collect();
        let verdict = judge(&self.facts, &facts);
        let key = self.write_call(conn, &verdict, days)?;
        for (leg, &counts) in self.legs.iter().zip(&verdict.legs) {
            // What a leg counts as can change with its siblings: each is written again.
            leg.write(conn, &self.source, key, counts, days)?;
        }
        Ok(())
    }

    fn write_call(
        &self,
        conn: &mut Conn,
        verdict: &Verdict,
        days: &mut DayCursor,
    ) -> Result<i64, StoreError> {
        let facts = &self.facts;
        let row = CallChange {
            source: &self.source,
            call_id: &self.call_id,
            direction: facts.direction.word(),
            caller: &facts.caller,
            callee: &facts.callee,
            department_id: facts.department.map(|id| id.0),
            started_at: facts.started_at.0,
            answered_at: verdict.answered_at.map(|at| at.0),
            reported_answer_at: facts.answered_at.map(|at| at.0),
            reported_end_at: facts.end.as_ref().map(|end| end.at.0),
            end_reason: facts.end.as_ref().and_then(|end| end.reason.as_deref()),
            ended_at: verdict.ended_at.map(|at| at.0),
            day: days.day_of(facts.started_at).0,
            missed: verdict.missed,
        };
        match self.key {
            Some(key) => {
                on_each!(conn, |c| diesel::update(calls::table.find(key))
                    .set(&row)
                    .execute(c))?;
                Ok(key)
            }
            None => Ok(on_each!(conn, |c| diesel::insert_into(calls::table)
                .values(&row)
                .returning(calls::id)
                .get_result(c))?),
        }
    }
}

impl Leg {
    fn write(
        &self,
        conn: &mut Conn,
        source: &str,
        call: i64,
        counts: Counts,
        days: &mut DayCursor,
    ) -> Result<(), StoreError> {
        let facts = &self.facts;
        let row = LegChange {
            source,
            leg_id: &self.leg_id,
            authority: facts.authority.word(),
            call,
            agent_id: facts.agent.user().0,
            department_id: facts.department.map(|id| id.0),
            direction: facts.direction.word(),
            other_party: &facts.other_party,
            our_number: &facts.our_number,
            started_at: facts.started_at.0,
            answered_at: facts.answered_at.map(|at| at.0),
            ended_at: facts.end.as_ref().map(|end| end.at.0),
            end_reason: facts.end.as_ref().and_then(|end| end.reason.as_deref()),
            day: days.day_of(facts.counted_at(counts)).0,
            counts: counts.code(),
        };
        match self.key {
            Some(key) => on_each!(conn, |c| diesel::update(legs::table.find(key))
                .set(&row)
                .execute(c))?,
            None => on_each!(conn, |c| diesel::insert_into(legs::table)
                .values(&row)
                .execute(c))?,
        };
        Ok(())
    }
}

/// The calls of a source that are not known to be over.
pub(super) fn open_calls(conn: &mut Conn, source: &str) -> Result<Vec<String>, StoreError> {
    Ok(calls::table
        .filter(calls::ended_at.is_null())
        .filter(calls::source.eq(source))
        .order(calls::id)
        .select(calls::call_id)
        .load(conn)?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = calls)]
struct CallRow {
    id: i64,
    direction: String,
    caller: String,
    callee: String,
    department_id: Option<i64>,
    started_at: i64,
    reported_answer_at: Option<i64>,
    reported_end_at: Option<i64>,
    end_reason: Option<String>,
}

impl CallRow {
    fn into_facts(self) -> Result<CallFacts, StoreError> {
        let reason = self.end_reason;
        Ok(CallFacts {
            direction: word(&self.direction)?,
            caller: self.caller,
            callee: self.callee,
            department: self.department_id.map(DepartmentId),
            started_at: Timestamp(self.started_at),
            answered_at: self.reported_answer_at.map(Timestamp),
            end: self.reported_end_at.map(|at| End {
                at: Timestamp(at),
                reason,
            }),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = legs)]
struct LegRow {
    id: i64,
    leg_id: String,
    authority: String,
    agent_id: i64,
    department_id: Option<i64>,
    direction: String,
    other_party: String,
    our_number: String,
    started_at: i64,
    answered_at: Option<i64>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
}

impl LegRow {
    fn into_leg(self) -> Result<Leg, StoreError> {
        let reason = self.end_reason;
        let facts = LegFacts {
            authority: word(&self.authority)?,
            agent: AgentId::of(UserId(self.agent_id)),
            department: self.department_id.map(DepartmentId),
            direction: word(&self.direction)?,
            other_party: self.other_party,
            our_number: self.our_number,
            started_at: Timestamp(self.started_at),
            answered_at: self.answered_at.map(Timestamp),
            end: self.ended_at.map(|at| End {
                at: Timestamp(at),
                reason,
            }),
        };
        Ok(Leg {
            key: Some(self.id),
            leg_id: self.leg_id,
            facts,
        })
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = calls, treat_none_as_null = true)]
struct CallChange<'a> {
    source: &'a str,
    call_id: &'a str,
    direction: &'a str,
    caller: &'a str,
    callee: &'a str,
    department_id: Option<i64>,
    started_at: i64,
    answered_at: Option<i64>,
    reported_answer_at: Option<i64>,
    reported_end_at: Option<i64>,
    end_reason: Option<&'a str>,
    ended_at: Option<i64>,
    day: i32,
    missed: bool,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = legs, treat_none_as_null = true)]
struct LegChange<'a> {
    source: &'a str,
    leg_id: &'a str,
    authority: &'a str,
    call: i64,
    agent_id: i64,
    department_id: Option<i64>,
    direction: &'a str,
    other_party: &'a str,
    our_number: &'a str,
    started_at: i64,
    answered_at: Option<i64>,
    ended_at: Option<i64>,
    end_reason: Option<&'a str>,
    day: i32,
    counts: i32,
}
