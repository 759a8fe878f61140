//! Adds to the counts by day, and says what the new totals are.

use crate::domain::call::Contribution;
use crate::domain::day_range::Day;
use crate::domain::ids::{AgentId, DepartmentId};
use crate::store::connection::on_each;
use crate::store::error::StoreError;
use crate::store::schema::day_counts;
use crate::store::tx::{Effect, Tx};
use diesel::prelude::*;
use diesel::upsert::excluded;
use std::collections::{BTreeMap, BTreeSet};

/// Differences to the counts, summed over a batch. Agent and department 0 mean none.
#[derive(Default)]
pub(super) struct Deltas {
    sums: BTreeMap<(Day, i64, i64), (i32, i32)>,
}

impl Deltas {
    pub fn add(&mut self, contributions: &[Contribution]) {
        self.change(contributions, 1);
    }

    pub fn take(&mut self, contributions: &[Contribution]) {
        self.change(contributions, -1);
    }

    fn change(&mut self, contributions: &[Contribution], sign: i32) {
        for one in contributions {
            let key = (
                one.day,
                one.agent.map_or(0, agent_key),
                one.department.map_or(0, |id| id.0),
            );
            let sum = self.sums.entry(key).or_default();
            sum.0 += sign * one.answered;
            sum.1 += sign * one.missed;
            if let (Some(_), Some(department)) = (one.agent, one.department) {
                // The department's own row has all its answered calls; missed ones are its callers'.
                self.sums.entry((one.day, 0, department.0)).or_default().0 += sign * one.answered;
            }
        }
    }

    /// Writes what did not cancel out, and tells the picture the new totals.
    pub fn write(self, tx: &mut Tx<'_>, generation: i32) -> Result<(), StoreError> {
        let (mut agents, mut departments) = (BTreeSet::new(), BTreeSet::new());
        for (day, agent, department) in self.store(tx, generation)? {
            match agent {
                0 => departments.insert((day, department)),
                agent => agents.insert((day, agent)),
            };
        }
        for (day, agent) in agents {
            let (answered, missed) = agent_total(tx, generation, day, agent)?;
            let agent = crate::domain::ids::UserId(agent);
            tx.effect(Effect::AgentDay {
                agent,
                day,
                answered,
                missed,
            });
        }
        for (day, department) in departments {
            let (answered, missed) =
                crate::store::count::of_department(tx.conn, generation, day, department)?;
            let department = DepartmentId(department);
            tx.effect(Effect::DepartmentDay {
                department,
                day,
                answered,
                missed,
            });
        }
        Ok(())
    }

    /// The same for a generation that is not in force yet: no picture shows it.
    pub fn write_apart(self, tx: &mut Tx<'_>, generation: i32) -> Result<(), StoreError> {
        self.store(tx, generation).map(drop)
    }

    /// What was written: days, agents, departments.
    fn store(self, tx: &mut Tx<'_>, generation: i32) -> Result<Vec<(Day, i64, i64)>, StoreError> {
        let mut written = Vec::new();
        for ((day, agent, department), (answered, missed)) in self.sums {
            if (answered, missed) == (0, 0) {
                continue;
            }
            on_each!(tx.conn, |c| diesel::insert_into(day_counts::table)
                .values((
                    day_counts::generation.eq(generation),
                    day_counts::day.eq(day.0),
                    day_counts::agent_id.eq(agent),
                    day_counts::department_id.eq(department),
                    day_counts::answered.eq(answered),
                    day_counts::missed.eq(missed),
                ))
                .on_conflict((
                    day_counts::generation,
                    day_counts::day,
                    day_counts::agent_id,
                    day_counts::department_id,
                ))
                .do_update()
                .set((
                    day_counts::answered.eq(day_counts::answered + excluded(day_counts::answered)),
                    day_counts::missed.eq(day_counts::missed + excluded(day_counts::missed)),
                ))
                .execute(c))?;
            written.push((day, agent, department));
        }
        Ok(written)
    }
}

fn agent_key(id: AgentId) -> i64 {
    id.user().0
}

fn agent_total(
    tx: &mut Tx<'_>,
    generation: i32,
    day: Day,
    agent: i64,
) -> Result<(i32, i32), StoreError> {
    let rows = crate::store::count::of_agent(tx.conn, generation, day, agent)?;
    Ok(rows.iter().fold((0, 0), |(answered, missed), row| {
        (answered + row.answered, missed + row.missed)
    }))
}
