//! What lists of departments and caller ids ask of the picture: how many people each has.

use super::counts::Tally;
use super::picture::Picture;
use crate::domain::day_range::DaySpan;
use crate::domain::ids::{AgentId, CallerIdId, DepartmentId, UserId};
use crate::domain::person::{Agent, Person};
use crate::domain::role::Scope;
use crate::domain::text::LoginId;
use std::collections::HashMap;

impl Picture {
    /// How many agents of a scope are in each department.
    pub fn department_sizes(&self, scope: &Scope) -> HashMap<DepartmentId, usize> {
        let mut sizes = HashMap::new();
        for (_, agent) in self.in_scope(scope) {
            for department in agent.departments.iter() {
                *sizes.entry(*department).or_default() += 1;
            }
        }
        sizes
    }

    /// How many agents of a scope may call with each caller id.
    pub fn caller_id_users(&self, scope: &Scope) -> HashMap<CallerIdId, usize> {
        let mut users = HashMap::new();
        for (_, agent) in self.in_scope(scope) {
            for caller_id in agent.caller_ids.iter() {
                *users.entry(*caller_id).or_default() += 1;
            }
        }
        users
    }

    /// How many agents show a caller id to those whom they call: it is the first of theirs.
    pub fn shown_by(&self, id: CallerIdId) -> usize {
        let agents = self.in_scope(&Scope::All);
        agents
            .filter(|(_, agent)| agent.caller_ids.first() == Some(&id))
            .count()
    }

    /// The departments' own counts in a span that the picture keeps.
    pub fn department_tallies(&self, span: DaySpan) -> HashMap<DepartmentId, Tally> {
        let departments = self.records.departments().iter();
        departments
            .map(|department| (department.id, self.of_department(department.id, span)))
            .collect()
    }

    /// The living agent whom someone means by an Agent ID, an intercom number or a username.
    pub fn find_agent(&self, text: &str) -> Option<UserId> {
        let by_id = text.parse().ok().map(AgentId::user);
        let living = |id: &UserId| {
            let person = self.person(*id);
            person.is_some_and(|person| person.living_agent().is_some())
        };
        if let Some(id) = by_id.filter(living) {
            return Some(id);
        }
        let login = LoginId::claim_of(text);
        let meant = |(person, agent): &(&Person, &Agent)| {
            agent.intercom.as_deref() == Some(text) || LoginId::claim_of(&person.login_id) == login
        };
        let mut everyone = self.in_scope(&Scope::All);
        everyone.find(meant).map(|(person, _)| person.id)
    }

    fn in_scope<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = (&'a Person, &'a Agent)> {
        self.agents.iter().filter_map(move |slot| {
            let person = &self.people[slot as usize];
            let agent = person.living_agent()?;
            scope.sees(&agent.groups).then_some((person, agent))
        })
    }
}
