//! Groups, departments, time groups, IVRs and caller ids by id, held once, so that a rename touches one entry.

use super::rank::BLANK;
use crate::domain::ids::{CallerIdId, DepartmentId, GroupId, IvrId, RoleId, TimeGroupId};
use crate::domain::person::Person;
use crate::domain::phone::Shown;
use crate::domain::record::{CallerId, Department, Group, Ivr, WorkingHours};
use crate::domain::role::Rights;
use crate::domain::text::Collation;
use crate::store::role::Role;
use std::collections::HashMap;

/// The small records, with their places in the order of names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    groups: Vec<Group>,
    departments: Vec<Department>,
    time_groups: Vec<WorkingHours>,
    ivrs: Vec<Ivr>,
    caller_ids: HashMap<CallerIdId, (CallerId, Shown)>,
    roles: HashMap<RoleId, Role>,
    /// Index into the list above, and with it the place by name, of each id.
    group_at: HashMap<GroupId, usize>,
    department_at: HashMap<DepartmentId, usize>,
    time_group_at: HashMap<TimeGroupId, usize>,
    /// Open now, by time group id; a deleted one keeps nobody from working.
    open: Vec<bool>,
}

impl Records {
    /// Takes the records in any order.
    pub fn new(
        mut groups: Vec<Group>,
        mut departments: Vec<Department>,
        mut time_groups: Vec<WorkingHours>,
        mut ivrs: Vec<Ivr>,
        caller_ids: Vec<CallerId>,
        roles: Vec<Role>,
    ) -> Self {
        let collation = Collation::new();
        groups.sort_by_cached_key(|group| (collation.key(&group.name), group.id));
        departments
            .sort_by_cached_key(|department| (collation.key(&department.name), department.id));
        time_groups.sort_by_cached_key(|group| (collation.key(&group.name), group.id));
        ivrs.sort_by_cached_key(|ivr| (collation.key(&ivr.name), ivr.id));
        let longest = time_groups
            .iter()
            .map(|group| group.id.0 as usize + 1)
            .max()
            .unwrap_or(0);
        let mut open = vec![true; longest];
        time_groups
            .iter()
            .for_each(|group| open[group.id.0 as usize] = group.open_now);
        Self {
            group_at: groups
                .iter()
                .enumerate()
                .map(|(at, group)| (group.id, at))
                .collect(),
            department_at: departments
                .iter()
                .enumerate()
                .map(|(at, d)| (d.id, at))
                .collect(),
            time_group_at: time_groups
                .iter()
                .enumerate()
                .map(|(at, group)| (group.id, at))
                .collect(),
            caller_ids: caller_ids
                .into_iter()
                .map(|c| (c.id, (c.clone(), c.number.shown())))
                .collect(),
            roles: roles.into_iter().map(|role| (role.id, role)).collect(),
            groups,
            departments,
            time_groups,
            ivrs,
            open,
        }
    }

    /// In the order of their names.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// In the order of their names.
    pub fn departments(&self) -> &[Department] {
        &self.departments
    }

    /// In the order of their names.
    pub fn time_groups(&self) -> &[WorkingHours] {
        &self.time_groups
    }

    /// In the order of their names.
    pub fn ivrs(&self) -> &[Ivr] {
        &self.ivrs
    }

    /// There are a handful.
    pub fn ivr(&self, id: IvrId) -> Option<&Ivr> {
        self.ivrs.iter().find(|ivr| ivr.id == id)
    }

    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.group_at.get(&id).map(|&at| &self.groups[at])
    }

    pub fn department(&self, id: DepartmentId) -> Option<&Department> {
        self.department_at.get(&id).map(|&at| &self.departments[at])
    }

    pub fn time_group(&self, id: TimeGroupId) -> Option<&WorkingHours> {
        self.time_group_at.get(&id).map(|&at| &self.time_groups[at])
    }

    /// By number.
    pub fn caller_ids(&self) -> Vec<&CallerId> {
        let mut all: Vec<&CallerId> = self.caller_ids.values().map(|(c, _)| c).collect();
        all.sort_by_key(|caller_id| (caller_id.number, caller_id.id));
        all
    }

    /// The built-in ones first.
    pub fn roles(&self) -> Vec<&Role> {
        let mut all: Vec<&Role> = self.roles.values().collect();
        all.sort_by_key(|role| (!role.built_in, role.id));
        all
    }

    pub fn role(&self, id: RoleId) -> Option<&Role> {
        self.roles.get(&id)
    }

    /// What a person may do, and on whom; `None` without a role.
    pub fn rights_of(&self, person: &Person) -> Option<Rights> {
        let role = self.role(person.role)?;
        let groups = person.scope_groups.to_vec();
        Some(Rights::of(role.permissions, role.own_groups, groups))
    }

    pub fn caller_id(&self, id: CallerIdId) -> Option<&CallerId> {
        self.caller_ids.get(&id).map(|(caller_id, _)| caller_id)
    }

    pub fn caller_id_shown(&self, id: CallerIdId) -> Option<&Shown> {
        self.caller_ids.get(&id).map(|(_, shown)| shown)
    }

    pub(super) fn is_open(&self, time_group: u32) -> bool {
        self.open.get(time_group as usize).copied().unwrap_or(true)
    }

    pub(super) fn time_group_place(&self, id: TimeGroupId) -> Option<u64> {
        self.time_group_at.get(&id).map(|&at| at as u64)
    }

    /// Sorts by the first department's name, then the second's, up to four.
    pub(super) fn departments_key(&self, ids: &[DepartmentId]) -> u64 {
        let mut places: Vec<u64> = ids
            .iter()
            .filter_map(|id| self.department_at.get(id))
            .map(|&at| at as u64 + 1)
            .collect();
        if places.is_empty() {
            return BLANK;
        }
        places.sort_unstable();
        (0..4).fold(0, |key, index| {
            (key << 16) | places.get(index).map_or(0, |&place| place.min(0xfffe))
        })
    }

    /// The time groups that opened or closed since.
    pub(super) fn opened_or_closed_since(&self, before: &Self) -> Vec<i64> {
        let differs = |group: &&WorkingHours| {
            before
                .time_group(group.id)
                .is_none_or(|b| b.open_now != group.open_now)
        };
        self.time_groups
            .iter()
            .filter(differs)
            .map(|group| group.id.0)
            .collect()
    }

    /// Somebody's rights are others, and with them what may be done to whom.
    pub(super) fn roles_differ(&self, before: &Self) -> bool {
        self.roles != before.roles
    }

    /// Something that rows print or sort by has another name.
    pub(super) fn names_differ(&self, before: &Self) -> bool {
        let names = |r: &Self| -> Vec<(i64, String)> {
            let groups = r.groups.iter().map(|g| (g.id.0, g.name.clone()));
            let departments = r.departments.iter().map(|d| (d.id.0, d.name.clone()));
            let hours = r.time_groups.iter().map(|t| (t.id.0, t.name.clone()));
            groups.chain(departments).chain(hours).collect()
        };
        let numbers = |r: &Self| -> std::collections::BTreeMap<CallerIdId, u64> {
            r.caller_ids
                .iter()
                .map(|(id, (c, _))| (*id, c.number.digits()))
                .collect()
        };
        names(self) != names(before) || numbers(self) != numbers(before)
    }
}
