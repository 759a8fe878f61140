//! Agent groups as their own pages show them: how many are in each and what they do, and who depends on it.

use super::picture::Picture;
use super::statuses::ByStatus;
use crate::domain::ids::{GroupId, UserId};
use crate::domain::person::Person;
use crate::domain::role::Scope;

impl Picture {
    /// The agents of a group by status.
    pub fn group_by_status(&self, id: GroupId) -> ByStatus {
        let mut by_status = ByStatus::default();
        let statuses = self
            .groups
            .of(id.0)
            .iter()
            .map(|&slot| self.statuses.of(slot));
        statuses
            .flatten()
            .for_each(|status| by_status[status as usize] += 1);
        by_status
    }

    /// The agents of a group, by key.
    pub fn group_members(&self, id: GroupId) -> Vec<UserId> {
        let slots = self.groups.of(id.0).iter();
        let mut members: Vec<UserId> = slots.map(|&slot| self.people[slot as usize].id).collect();
        members.sort_unstable();
        members
    }

    /// Those of some agents who are in no group of this scope but this one.
    pub fn only_in(&self, id: GroupId, scope: &Scope, agents: &[UserId]) -> Vec<UserId> {
        let elsewhere = |group: &GroupId| {
            *group != id && self.records.group(*group).is_some() && scope.sees(&[*group])
        };
        let only = |agent: &&UserId| {
            let agent = self.person(**agent).and_then(Person::living_agent);
            agent.is_some_and(|agent| !agent.groups.iter().any(elsewhere))
        };
        agents.iter().filter(only).copied().collect()
    }

    /// The people whose rights hold on this group and few others: they stop seeing its agents with it.
    pub fn scoped_to(&self, id: GroupId) -> Vec<&Person> {
        let own_groups = |person: &Person| {
            let role = self.records.role(person.role);
            role.is_some_and(|role| role.own_groups)
        };
        let bound = |person: &&Person| {
            !person.deleted && person.scope_groups.contains(&id) && own_groups(person)
        };
        self.people.iter().filter(bound).collect()
    }
}
