//! What is true of the install when a plan is made: its records, its settings, and who is asking. People are
//! asked for one by one, so that they need not be held still while a hundred thousand rows are planned.

use crate::domain::feature_code::Codes;
use crate::domain::ids::{CallerIdId, DepartmentId, GroupId, RoleId, TimeGroupId, UserId};
use crate::domain::number_plan::IntercomLength;
use crate::domain::person::Person;
use crate::domain::phone::{Phone, Region};
use crate::domain::role::{BuiltInRole, Permissions, Rights, Scope};

/// A record and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<Id> {
    pub id: Id,
    pub name: String,
}

impl<Id> Named<Id> {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// A role as the import needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleFacts {
    pub id: RoleId,
    pub name: String,
    pub permissions: Permissions,
    pub built_in: bool,
    /// It holds only on its holder's own groups.
    pub own_groups: bool,
}

/// The small records and settings, and the rights of whoever uploads.
#[derive(Clone, Debug)]
pub struct Facts {
    pub region: Region,
    pub intercom: IntercomLength,
    pub codes: Codes,
    pub rights: Rights,
    /// Who uploads; none from a shell.
    pub me: Option<UserId>,
    pub groups: Vec<Named<GroupId>>,
    pub departments: Vec<Named<DepartmentId>>,
    pub time_groups: Vec<Named<TimeGroupId>>,
    pub caller_ids: Vec<(CallerIdId, Phone)>,
    pub roles: Vec<RoleFacts>,
    /// Administrators who can sign in.
    pub admins: Vec<UserId>,
}

/// The people as they are.
pub trait People {
    /// Living or not; `None` for a key that nobody ever had.
    fn person(&self, id: UserId) -> Option<&Person>;
}

impl Facts {
    pub fn role(&self, id: RoleId) -> Option<&RoleFacts> {
        self.roles.iter().find(|role| role.id == id)
    }

    pub fn role_of_agents(&self) -> Option<&RoleFacts> {
        let agent = BuiltInRole::Agent.name();
        let mut roles = self.roles.iter();
        roles.find(|role| role.built_in && role.name == agent)
    }

    /// What a role lets someone do who is held to these groups.
    pub fn rights_of(&self, role: RoleId, groups: &[GroupId]) -> Option<Rights> {
        let role = self.role(role)?;
        Some(Rights::of(
            role.permissions,
            role.own_groups,
            groups.to_vec(),
        ))
    }

    /// Whoever has a scope of groups learns nothing of people outside of it.
    pub fn sees(&self, person: &Person) -> bool {
        match &self.rights.scope {
            Scope::All => !person.deleted,
            Scope::Groups(_) => person
                .living_agent()
                .is_some_and(|agent| self.rights.scope.sees(&agent.groups)),
        }
    }

    /// Nobody acts on someone with more rights, or makes one.
    pub fn covers(&self, role: RoleId, groups: &[GroupId]) -> bool {
        self.rights_of(role, groups)
            .is_some_and(|theirs| self.rights.covers(&theirs))
    }
}
