//! The calls and legs being made, as rows: keys, days, and what each counts as.

use super::SOURCE;
use super::calls::DayOfCalls;
use super::people::Agent;
use crate::domain::calendar::{Calendar, DayCursor};
use crate::domain::call::{Authority, Counts, Direction};
use crate::domain::day_range::Day;
use crate::domain::time::{SECOND, Timestamp};
use crate::store::seed::{CallRow, DayCountRow, Keys, LegRow};
use std::collections::HashMap;

/// What is remembered from one call to the next: who is still busy, the keys, and the counts.
pub struct Book<'a> {
    agents: &'a [Agent],
    days: DayCursor,
    /// When each agent can take the next call.
    pub free_at: Vec<Timestamp>,
    keys: Keys,
    counts: HashMap<(i32, i64, i64), (i32, i32)>,
}

/// Began to ring, was answered, ended.
pub type Times = (Timestamp, Timestamp, Timestamp);

impl<'a> Book<'a> {
    /// `keys` are the first to use.
    pub fn new(agents: &'a [Agent], calendar: Calendar, keys: Keys) -> Self {
        Self {
            agents,
            days: calendar.cursor(),
            free_at: vec![Timestamp(0); agents.len()],
            keys,
            counts: HashMap::new(),
        }
    }

    /// The counts of all days up to this one, for good: by day, agent and department.
    pub fn counts_until(&mut self, day: Day) -> Vec<DayCountRow> {
        let mut rows = Vec::new();
        self.counts
            .retain(|&(of, agent_id, department_id), &mut (answered, missed)| {
                if of <= day.0 {
                    rows.push(DayCountRow {
                        generation: 1,
                        day: of,
                        agent_id,
                        department_id,
                        answered,
                        missed,
                    });
                }
                of > day.0
            });
        rows.sort_unstable_by_key(|row| (row.day, row.agent_id, row.department_id));
        rows
    }

    pub fn open(
        &self,
        direction: Direction,
        caller: String,
        callee: String,
        department_id: Option<i64>,
        at: Timestamp,
    ) -> CallRow {
        CallRow {
            id: self.keys.call,
            source: SOURCE,
            call_id: format!("d{:09}", self.keys.call),
            direction: direction.word(),
            caller,
            callee,
            department_id,
            started_at: at.0,
            answered_at: None,
            reported_end_at: None,
            end_reason: None,
            ended_at: None,
            day: 0,
            missed: false,
        }
    }

    pub fn ring(
        &mut self,
        made: &mut DayOfCalls,
        call: &CallRow,
        agent: u32,
        department: Option<i64>,
        at: Timestamp,
        stopped: Timestamp,
    ) {
        let leg = self.leg(call, agent, department, at);
        self.free_at[agent as usize] = stopped.plus(2 * SECOND);
        made.legs.push(LegRow {
            ended_at: Some(stopped.0),
            end_reason: Some("no_answer"),
            ..leg
        });
    }

    pub fn talk(
        &mut self,
        made: &mut DayOfCalls,
        call: &CallRow,
        agent: u32,
        (direction, department): (Direction, Option<i64>),
        (at, answered, ended): Times,
        end_reason: &'static str,
    ) {
        let leg = self.leg(call, agent, department, at);
        self.free_at[agent as usize] = ended.plus(20 * SECOND);
        made.legs.push(LegRow {
            direction: direction.word(),
            answered_at: Some(answered.0),
            ended_at: Some(ended.0),
            end_reason: Some(end_reason),
            ..leg
        });
    }

    fn leg(
        &mut self,
        call: &CallRow,
        agent: u32,
        department_id: Option<i64>,
        at: Timestamp,
    ) -> LegRow {
        let id = self.keys.leg;
        self.keys.leg += 1;
        let (other_party, our_number) = match call.direction == Direction::Outbound.word() {
            true => (&call.callee, &call.caller),
            false => (&call.caller, &call.callee),
        };
        LegRow {
            id,
            source: SOURCE,
            leg_id: format!("d{:09}-{id}", call.id),
            authority: Authority::Record.word(),
            call: call.id,
            agent_id: self.agents[agent as usize].id,
            department_id,
            direction: call.direction,
            other_party: other_party.clone(),
            our_number: our_number.clone(),
            started_at: at.0,
            answered_at: None,
            ended_at: None,
            end_reason: None,
            day: 0,
            counts: Counts::Nothing.code(),
        }
    }

    /// Ends the call and counts it, as `domain::call::judge` would (a test compares the two).
    pub fn close(
        &mut self,
        mut call: CallRow,
        first: usize,
        ended: Timestamp,
        made: &mut DayOfCalls,
    ) {
        let legs = &mut made.legs[first..];
        call.ended_at = Some(ended.0);
        if legs.is_empty() {
            (call.reported_end_at, call.end_reason) = (call.ended_at, Some("abandoned"));
        }
        let heard = legs
            .iter()
            .filter(|leg| leg.direction != Direction::Internal.word());
        call.answered_at = heard.filter_map(|leg| leg.answered_at).min();
        call.day = self.days.day_of(Timestamp(call.started_at)).0;
        call.missed = call.direction == Direction::Inbound.word() && call.answered_at.is_none();
        for index in 0..legs.len() {
            let counts = judge(&call, legs, index);
            let leg = &mut legs[index];
            let at = match counts {
                Counts::Answered => leg.answered_at.unwrap_or(leg.started_at),
                Counts::Missed | Counts::Nothing => leg.started_at,
            };
            leg.counts = counts.code();
            leg.day = self.days.day_of(Timestamp(at)).0;
            count(&mut self.counts, leg, counts);
        }
        if let (true, Some(department)) = (call.missed, call.department_id) {
            self.counts.entry((call.day, 0, department)).or_default().1 += 1;
        }
        made.calls.push(call);
        self.keys.call += 1;
    }
}

/// What one leg counts as; those before it are judged.
fn judge(call: &CallRow, legs: &[LegRow], index: usize) -> Counts {
    let leg = &legs[index];
    let again = |leg: &LegRow| {
        let before = &legs[..index];
        before
            .iter()
            .any(|other| other.agent_id == leg.agent_id && other.counts == Counts::Answered.code())
    };
    match leg.answered_at {
        _ if leg.direction != Direction::Inbound.word() => Counts::Nothing,
        Some(_) if !again(leg) => Counts::Answered,
        None if call.missed => Counts::Missed,
        Some(_) | None => Counts::Nothing,
    }
}

/// For the agent by department, and for the department under agent 0.
fn count(sums: &mut HashMap<(i32, i64, i64), (i32, i32)>, leg: &LegRow, counts: Counts) {
    let key = (leg.day, leg.agent_id, leg.department_id.unwrap_or(0));
    match counts {
        Counts::Nothing => {}
        Counts::Missed => sums.entry(key).or_default().1 += 1,
        Counts::Answered => {
            sums.entry(key).or_default().0 += 1;
            if let Some(department) = leg.department_id {
                sums.entry((leg.day, 0, department)).or_default().0 += 1;
            }
        }
    }
}
