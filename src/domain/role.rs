//! Roles are sets of permissions; a scope says on whose agents they hold (product rule §10).

pub mod form;
pub mod said;

use super::agent::{UnknownWord, words};
use super::ids::GroupId;
use std::fmt;
use std::str::FromStr;

words!(/// One right. A route names the one that it needs.
Permission {
    /// See the agents list, agent pages, groups, departments, time groups and the dashboard.
    AgentsRead = "agents.read",
    /// Create and edit agents.
    AgentsWrite = "agents.write",
    /// Block, disable, pause, put off duty and lift all of these.
    AgentsState = "agents.state",
    /// Delete agents and restore deleted ones.
    AgentsDelete = "agents.delete",
    /// Create, edit and delete agent groups and choose their members.
    GroupsWrite = "groups.write",
    DepartmentsWrite = "departments.write",
    TimeGroupsWrite = "time_groups.write",
    IvrsWrite = "ivrs.write",
    CallerIdsWrite = "caller_ids.write",
    UsersRead = "users.read",
    UsersWrite = "users.write",
    /// Upload users in bulk.
    Uploads = "uploads",
    /// Export lists as files.
    Exports = "exports",
    CallsRead = "calls.read",
    /// End a call in progress, which blocking or disabling never does.
    CallsEnd = "calls.end",
    /// See, filter, sort and export by full customer numbers; others see the last four digits.
    CustomerNumbers = "customer_numbers",
    /// Name, intercom and status of everyone, whatever the scope.
    Directory = "directory",
    AuditRead = "audit.read",
    AuditExport = "audit.export",
    RolesRead = "roles.read",
    RolesWrite = "roles.write",
    SettingsRead = "settings.read",
    SettingsWrite = "settings.write",
    /// Create and revoke API tokens.
    TokensWrite = "tokens.write",
    /// See one's own agent page.
    OwnPage = "own_page",
    /// Start, stop and pause taking calls oneself.
    OwnDuty = "own_duty",
    /// See the feature codes and the dial helper.
    FeatureCodes = "feature_codes",
    /// Send phone events.
    EventsWrite = "events.write",
});

impl Permission {
    fn bit(self) -> u64 {
        1 << (self as u64)
    }

    /// The right without which this one is of no use; a role has both or neither.
    pub fn needs(self) -> Option<Self> {
        match self {
            Self::AgentsWrite
            | Self::AgentsState
            | Self::AgentsDelete
            | Self::GroupsWrite
            | Self::DepartmentsWrite
            | Self::TimeGroupsWrite
            | Self::IvrsWrite
            | Self::CallerIdsWrite => Some(Self::AgentsRead),
            Self::UsersWrite => Some(Self::UsersRead),
            Self::Uploads => Some(Self::UsersWrite),
            Self::CallsEnd | Self::CustomerNumbers => Some(Self::CallsRead),
            Self::AuditExport => Some(Self::AuditRead),
            Self::RolesWrite => Some(Self::RolesRead),
            Self::SettingsWrite | Self::TokensWrite => Some(Self::SettingsRead),
            Self::OwnDuty => Some(Self::OwnPage),
            Self::AgentsRead
            | Self::UsersRead
            | Self::Exports
            | Self::CallsRead
            | Self::Directory
            | Self::AuditRead
            | Self::RolesRead
            | Self::SettingsRead
            | Self::OwnPage
            | Self::FeatureCodes
            | Self::EventsWrite => None,
        }
    }
}

/// A set of permissions. Stored as the words joined by a space.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Permissions(u64);

impl Permissions {
    pub const NONE: Self = Self(0);

    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    pub fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Nobody gives a right that they lack, or acts on someone with more rights: the rights given
    /// or acted on must be a subset of the actor's.
    pub fn is_subset(self, of: Self) -> bool {
        self.0 & !of.0 == 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub fn with(self, permission: Permission) -> Self {
        Self(self.0 | permission.bit())
    }

    #[must_use]
    pub fn without(self, permission: Permission) -> Self {
        Self(self.0 & !permission.bit())
    }

    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of this set that are not in the other.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// In the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, permission) in self.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{}", permission.word())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permissions({self})")
    }
}

impl FromStr for Permissions {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        text.split_ascii_whitespace().map(str::parse).collect()
    }
}

/// The four roles that every install has; custom ones are stored beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BuiltInRole {
    Admin,
    Supervisor,
    Auditor,
    Agent,
}

impl BuiltInRole {
    pub const ALL: &'static [Self] = &[Self::Admin, Self::Supervisor, Self::Auditor, Self::Agent];

    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Supervisor => "Supervisor",
            Self::Auditor => "Auditor",
            Self::Agent => "Agent",
        }
    }

    pub fn permissions(self) -> Permissions {
        use Permission as P;
        let own = [P::Directory, P::OwnPage, P::OwnDuty, P::FeatureCodes];
        let more: &[Permission] = match self {
            Self::Admin => Permission::ALL,
            Self::Supervisor => &[
                P::AgentsRead,
                P::AgentsWrite,
                P::AgentsState,
                P::AgentsDelete,
                P::GroupsWrite,
                P::DepartmentsWrite,
                P::TimeGroupsWrite,
                P::UsersRead,
                P::UsersWrite,
                P::Uploads,
                P::Exports,
                P::CallsRead,
                P::CustomerNumbers,
            ],
            Self::Auditor => &[
                P::AgentsRead,
                P::UsersRead,
                P::Exports,
                P::CallsRead,
                P::CustomerNumbers,
                P::AuditRead,
                P::AuditExport,
                P::RolesRead,
                P::SettingsRead,
            ],
            Self::Agent => &[],
        };
        own.iter().chain(more).copied().collect()
    }
}

/// On which agents a person's permissions hold: a parameter of every read, so none can forget it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    /// Only agents in at least one of these groups; with none, no agent at all.
    Groups(Vec<GroupId>),
}

impl Scope {
    /// Whether an agent with these groups is visible.
    pub fn sees(&self, agent_groups: &[GroupId]) -> bool {
        match self {
            Self::All => true,
            Self::Groups(own) => agent_groups.iter().any(|group| own.contains(group)),
        }
    }

    /// Whether everyone whom `other` sees is seen.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Groups(_), Self::All) => false,
            (Self::Groups(own), Self::Groups(others)) => {
                others.iter().all(|group| own.contains(group))
            }
        }
    }

    /// Departments, time groups, IVRs and caller ids are changed only with scope everything.
    pub fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

/// What someone may do, and on whom: a parameter of every act, checked where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    pub permissions: Permissions,
    pub scope: Scope,
}

impl Rights {
    /// The program's own: timers.
    pub fn everything() -> Self {
        Self {
            permissions: Permissions::all(),
            scope: Scope::All,
        }
    }

    /// All that an administrator has.
    pub fn is_everything(&self) -> bool {
        self.scope.is_all() && self.permissions == Permissions::all()
    }

    pub fn may(&self, all: &[Permission]) -> bool {
        all.iter().all(|each| self.permissions.contains(*each))
    }

    /// Nobody acts on someone with more rights. What every agent has for themselves is no right over
    /// others, so it does not count; but the directory shows everyone.
    pub fn outrank(&self, other: Permissions) -> bool {
        let own = BuiltInRole::Agent
            .permissions()
            .without(Permission::Directory);
        other.is_subset(self.permissions.union(own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_permission_has_a_bit_and_a_word_of_its_own() {
        let all = Permissions::all();
        assert_eq!(all.iter().count(), Permission::ALL.len());
        for permission in Permission::ALL {
            assert_eq!(permission.word().parse(), Ok(*permission));
            assert!(!permission.word().contains(' '));
            assert!(!all.without(*permission).contains(*permission));
        }
    }

    #[test]
    fn an_unknown_word_is_named() {
        assert_eq!(
            "agents.read fly".parse::<Permissions>(),
            Err(UnknownWord("fly".into()))
        );
        assert_eq!("".parse(), Ok(Permissions::NONE));
    }

    #[test]
    fn built_in_roles_hold_what_the_product_says() {
        use Permission as P;
        let admin = BuiltInRole::Admin.permissions();
        let supervisor = BuiltInRole::Supervisor.permissions();
        let auditor = BuiltInRole::Auditor.permissions();
        let agent = BuiltInRole::Agent.permissions();
        assert_eq!(admin, Permissions::all());
        for missing in [
            P::RolesWrite,
            P::RolesRead,
            P::SettingsWrite,
            P::TokensWrite,
            P::AuditRead,
            P::EventsWrite,
        ] {
            assert!(!supervisor.contains(missing), "{missing:?}");
        }
        for changes in Permission::ALL
            .iter()
            .filter(|p| p.word().ends_with(".write"))
        {
            assert!(
                !auditor.contains(*changes) && !agent.contains(*changes),
                "{changes:?}"
            );
        }
        for missing in [P::AgentsState, P::AgentsDelete, P::CallsEnd, P::Uploads] {
            assert!(!auditor.contains(missing), "{missing:?}");
        }
        assert_eq!(
            agent.to_string(),
            "directory own_page own_duty feature_codes"
        );
        assert!(
            !admin.is_subset(supervisor),
            "a supervisor never acts on an admin"
        );
        assert!(supervisor.is_subset(admin) && agent.is_subset(supervisor));
    }

    #[test]
    fn a_scope_of_groups_sees_their_agents_and_nobody_else() {
        let (a, b) = (GroupId(1), GroupId(2));
        assert!(Scope::All.sees(&[]) && Scope::All.is_all());
        let own = Scope::Groups(vec![a]);
        assert!(own.sees(&[b, a]) && !own.sees(&[b]) && !own.sees(&[]));
        assert!(!Scope::Groups(vec![]).sees(&[a]));
    }

    #[test]
    fn built_in_roles_have_what_their_rights_need() {
        for role in BuiltInRole::ALL {
            for right in role.permissions().iter() {
                let needed = right.needs();
                assert!(
                    needed.is_none_or(|needed| role.permissions().contains(needed)),
                    "{role:?}: {right:?}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn a_set_prints_and_reads_back(bits in any::<u64>(), other in any::<u64>()) {
            let pick = |bits: u64| -> Permissions {
                Permission::ALL.iter().copied().filter(|p| bits & p.bit() != 0).collect()
            };
            let (set, of) = (pick(bits), pick(other));
            prop_assert_eq!(set.to_string().parse(), Ok(set));
            prop_assert_eq!(set.is_subset(of), set.iter().all(|p| of.contains(p)));
        }
    }
}
