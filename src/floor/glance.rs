//! What the dashboard asks besides lists.

use super::counts::Tally;
use super::picture::Picture;
use crate::domain::day_range::DaySpan;
use crate::domain::filter::AgentFilter;
use crate::domain::ids::{DepartmentId, TimeGroupId, UserId};
use crate::domain::role::Scope;
use crate::domain::status::AdminState;
use crate::domain::time::Timestamp;
use std::collections::HashMap;

impl Picture {
    /// A department's answered calls, and its callers who left unanswered.
    pub fn of_department(&self, department: DepartmentId, span: DaySpan) -> Tally {
        self.counts.of_department(department, span)
    }

    /// How many agents of a scope have each time group.
    pub fn by_time_group(&self, scope: &Scope) -> HashMap<TimeGroupId, usize> {
        let mut count = HashMap::new();
        for slot in self.selected(&AgentFilter::default(), scope) {
            if let Some(id) = self.hot[slot as usize].time_group() {
                *count.entry(TimeGroupId(id)).or_default() += 1;
            }
        }
        count
    }

    /// Blocked and disabled agents of a scope whose state lifts itself before an instant, soonest first.
    pub fn lifting_before(&self, scope: &Scope, until: Timestamp) -> Vec<(UserId, Timestamp)> {
        let mut lifting: Vec<(UserId, Timestamp)> = self
            .matching(&AgentFilter::default(), scope)
            .into_iter()
            .filter_map(|id| {
                let admin = &self.person(id)?.living_agent()?.admin;
                let at = admin.until.filter(|at| *at < until)?;
                (admin.state != AdminState::Enabled).then_some((id, at))
            })
            .collect();
        lifting.sort_unstable_by_key(|&(id, at)| (at, id));
        lifting
    }
}
