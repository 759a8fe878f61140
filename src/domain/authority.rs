//! Who may do what to whom: nobody gives a right that they lack, acts on someone with more rights, shuts
//! themselves out, or takes the last administrator away (product rule §10).

use super::ids::GroupId;
use super::role::{BuiltInRole, Permission, Permissions, Rights, Scope};

/// Why someone may not do it, in words that can stand alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// A permission is missing.
    #[error("You don’t have the right to do that.")]
    NoRight,
    /// The user may do things, or on people, that the doer may not.
    #[error("This user has rights that you don’t have.")]
    MoreRights,
    #[error("That would give rights that you don’t have.")]
    GivesMore,
    #[error(
        "Nobody changes their own role or groups, blocks or deletes themselves. Ask another administrator."
    )]
    Yourself,
    #[error("This is the last administrator who can sign in. Make another one first.")]
    LastAdmin,
}

/// What is to be done to a user, as far as rights go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// The doer is the user.
    pub own: bool,
    /// Permissions that it takes.
    pub needs: &'a [Permission],
    /// What the user may do now; `None` for one who is yet to be made.
    pub now: Option<&'a Rights>,
    /// What the user is to be allowed from then on; `None`: as now.
    pub gets: Option<&'a Rights>,
    /// The user can't sign in any more.
    pub ends_access: bool,
    /// Nobody could sign in as an administrator any more.
    pub leaves_no_admin: bool,
}

/// Every way in asks here, in the transaction that writes.
///
/// # Errors
/// Why it is not allowed.
pub fn allowed(doer: &Rights, wanted: &Wanted<'_>) -> Result<(), Denied> {
    if !doer.may(wanted.needs) {
        Err(Denied::NoRight)
    } else if wanted.now.is_some_and(|now| !doer.covers(now)) {
        Err(Denied::MoreRights)
    } else if wanted.gets.is_some_and(|gets| !doer.covers(gets)) {
        Err(Denied::GivesMore)
    } else if wanted.own && (wanted.gets.is_some() || wanted.ends_access) {
        Err(Denied::Yourself)
    } else if wanted.leaves_no_admin {
        Err(Denied::LastAdmin)
    } else {
        Ok(())
    }
}

impl Rights {
    /// What a role lets its holder do. Whoever has groups is held to them whatever the role says: never
    /// more than was meant.
    pub fn of(permissions: Permissions, own_groups: bool, groups: Vec<GroupId>) -> Self {
        Self {
            permissions,
            scope: match own_groups || !groups.is_empty() {
                true => Scope::Groups(groups),
                false => Scope::All,
            },
        }
    }

    /// Whether all that `other` may do, and on whom, is the doer's too. Whoever has no rights over others
    /// is covered by everyone: a scope of nothing says nothing.
    pub fn covers(&self, other: &Self) -> bool {
        let own = BuiltInRole::Agent.permissions();
        self.outrank(other.permissions)
            && (other.permissions.is_subset(own) || self.scope.covers(&other.scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(role: BuiltInRole, groups: &[i64]) -> Rights {
        let groups = groups.iter().copied().map(GroupId).collect();
        Rights::of(role.permissions(), false, groups)
    }

    #[test]
    fn nobody_acts_on_or_makes_someone_with_more_rights() {
        use BuiltInRole as R;
        for (doer, other, covers) in [
            (R::Admin, R::Admin, true),
            (R::Admin, R::Supervisor, true),
            (R::Supervisor, R::Supervisor, true),
            (R::Supervisor, R::Agent, true),
            (R::Supervisor, R::Admin, false),
            (R::Supervisor, R::Auditor, false),
            (R::Auditor, R::Supervisor, false),
            (R::Agent, R::Supervisor, false),
        ] {
            let (doer, other) = (rights(doer, &[]), rights(other, &[]));
            assert_eq!(doer.covers(&other), covers, "{doer:?} {other:?}");
            let touch = Wanted {
                now: Some(&other),
                ..Wanted::default()
            };
            let make = Wanted {
                gets: Some(&other),
                ..Wanted::default()
            };
            assert_eq!(allowed(&doer, &touch).is_ok(), covers);
            assert_eq!(allowed(&doer, &make).is_ok(), covers);
        }
    }

    #[test]
    fn the_directory_is_a_right_that_can_be_lacked() {
        let all = BuiltInRole::Supervisor.permissions();
        let clerk = |permissions| Rights::of(permissions, false, Vec::new());
        let agent = rights(BuiltInRole::Agent, &[]);
        assert!(!clerk(all.without(Permission::Directory)).covers(&agent));
        let own = [Permission::OwnPage, Permission::OwnDuty];
        assert!(
            clerk(all.without(own[0]).without(own[1])).covers(&agent),
            "what is no right over others does not count"
        );
    }

    #[test]
    fn a_wider_scope_is_more() {
        use BuiltInRole as R;
        let lead = rights(R::Supervisor, &[1, 2]);
        assert!(lead.covers(&rights(R::Supervisor, &[2])));
        assert!(!lead.covers(&rights(R::Supervisor, &[2, 3])));
        assert!(!lead.covers(&rights(R::Supervisor, &[])), "everyone");
        assert!(lead.covers(&rights(R::Agent, &[])), "no rights over others");
        let nobody = Rights::of(R::Supervisor.permissions(), true, Vec::new());
        assert!(lead.covers(&nobody), "a role of own groups without any");
        assert!(!nobody.covers(&lead));
    }

    #[test]
    fn nobody_shuts_themselves_or_everyone_out() {
        let admin = rights(BuiltInRole::Admin, &[]);
        let demoted = rights(BuiltInRole::Agent, &[]);
        let own = Wanted {
            own: true,
            now: Some(&admin),
            ..Wanted::default()
        };
        assert_eq!(allowed(&admin, &own), Ok(()), "one's own name");
        let gets = Some(&demoted);
        assert_eq!(
            allowed(&admin, &Wanted { gets, ..own }),
            Err(Denied::Yourself)
        );
        let ends_access = true;
        assert_eq!(
            allowed(&admin, &Wanted { ends_access, ..own }),
            Err(Denied::Yourself)
        );
        let last = Wanted {
            own: false,
            gets,
            leaves_no_admin: true,
            ..own
        };
        assert_eq!(allowed(&admin, &last), Err(Denied::LastAdmin));
        let needs = &[Permission::RolesWrite];
        let lead = rights(BuiltInRole::Supervisor, &[]);
        let wanted = Wanted {
            needs,
            ..Wanted::default()
        };
        assert_eq!(allowed(&lead, &wanted), Err(Denied::NoRight));
    }
}
