//! What the form of a role takes, and how two people's edits come together.

use super::{Permission, Permissions};
use crate::domain::agent::words;
use crate::domain::agent_form::{ChangedBy, FieldError, FieldErrors, changed_by};
use crate::domain::text::RoleName;

words!(/// What is edited of a role, by the names that the form, the API and the audit share.
Field { Name = "name", Permissions = "permissions", OwnGroups = "own_groups" });

/// What was typed or sent. Absent means unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleForm {
    pub name: Option<String>,
    /// Words of rights.
    pub permissions: Option<Vec<String>>,
    pub own_groups: Option<bool>,
}

/// A checked change: what it holds is to have these values, the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleChange {
    pub name: Option<RoleName>,
    pub permissions: Option<Permissions>,
    pub own_groups: Option<bool>,
}

/// A role's fields as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleValues {
    pub name: String,
    pub permissions: Permissions,
    pub own_groups: bool,
}

impl RoleForm {
    /// # Errors
    /// Every field that may not stand as it is, and why.
    pub fn check(&self) -> Result<RoleChange, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut wrong = |field: Field, message: String| {
            errors.0.push(FieldError {
                name: field.word().into(),
                message,
            });
        };
        let mut change = RoleChange {
            own_groups: self.own_groups,
            ..RoleChange::default()
        };
        match self.name.as_deref().map(RoleName::parse) {
            None => {}
            Some(Ok(name)) => change.name = Some(name),
            Some(Err(why)) => wrong(Field::Name, format!("The name {why}.")),
        }
        match self.permissions.as_deref().map(read) {
            None => {}
            Some(Ok(permissions)) => change.permissions = Some(permissions),
            Some(Err(why)) => wrong(Field::Permissions, why),
        }
        match errors.is_empty() {
            true => Ok(change),
            false => Err(errors),
        }
    }
}

/// Rights by their words; each with the one that it is of no use without.
fn read(words: &[String]) -> Result<Permissions, String> {
    let mut permissions = Permissions::NONE;
    for word in words {
        let right: Permission = word.parse().map_err(|_| {
            let shown: String = word.chars().take(40).collect();
            format!("There is no right {shown:?}.")
        })?;
        permissions = permissions.with(right);
    }
    if permissions.is_empty() {
        return Err("A role needs at least one right.".to_owned());
    }
    let alone = permissions.iter().find_map(|right| {
        let needed = right.needs()?;
        (!permissions.contains(needed)).then_some((right, needed))
    });
    match alone {
        None => Ok(permissions),
        Some((right, needed)) => Err(format!(
            "“{}” is of no use without “{}”: tick both or neither.",
            right.label(),
            needed.label()
        )),
    }
}

/// What a change comes down to when the role has moved on since it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    pub mine: RoleChange,
    /// Both gave it another name. Rights and reach are yes or no, so whoever changed one changed it alike.
    pub name_by_both: bool,
}

/// Compares three readings: `was` when the form was opened, `now`, and the change itself. Of the rights each is
/// a field of its own, so what one person gives and another takes away both stand.
pub fn merge(was: &RoleValues, now: &RoleValues, change: &RoleChange) -> Merge {
    let by = change.name.as_ref().map(|mine| {
        let (was, now, mine) = (was.name.as_str(), now.name.as_str(), mine.as_str());
        changed_by(Some(&was), Some(&now), &mine)
    });
    Merge {
        mine: RoleChange {
            name: change.name.clone().filter(|_| by == Some(ChangedBy::Me)),
            permissions: change.permissions.map(|mine| {
                let (given, taken) = (mine.minus(was.permissions), was.permissions.minus(mine));
                now.permissions.union(given).minus(taken)
            }),
            own_groups: change.own_groups.filter(|mine| *mine != was.own_groups),
        },
        name_by_both: by == Some(ChangedBy::Both),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::role::Permission as P;

    fn form(name: &str, rights: &[P]) -> RoleForm {
        RoleForm {
            name: Some(name.to_owned()),
            permissions: Some(rights.iter().map(|right| right.word().to_owned()).collect()),
            own_groups: Some(false),
        }
    }

    fn values(name: &str, rights: &[P]) -> RoleValues {
        RoleValues {
            name: name.to_owned(),
            permissions: rights.iter().copied().collect(),
            own_groups: false,
        }
    }

    #[test]
    fn what_can_t_be_is_told_at_its_field() {
        let change = form(" Quality ", &[P::AgentsRead, P::CallsRead])
            .check()
            .unwrap();
        assert_eq!(change.name.unwrap().as_str(), "Quality");
        for (form, field, why) in [
            (form("", &[P::CallsRead]), "name", "is missing"),
            (form("A", &[]), "permissions", "at least one"),
            (
                form("A", &[P::CustomerNumbers]),
                "permissions",
                "without “See calls”",
            ),
            (
                RoleForm {
                    permissions: Some(vec!["fly".to_owned()]),
                    ..RoleForm::default()
                },
                "permissions",
                "no right \"fly\"",
            ),
        ] {
            let errors = form.check().unwrap_err();
            let said = errors.named(field).unwrap_or_default();
            assert!(said.contains(why), "{errors:?}");
        }
        assert_eq!(RoleForm::default().check(), Ok(RoleChange::default()));
    }

    #[test]
    fn rights_merge_one_by_one_and_only_a_name_can_be_asked_about() {
        let was = values("Quality", &[P::AgentsRead, P::CallsRead]);
        let now = values("Quality", &[P::AgentsRead, P::CallsRead, P::Exports]);
        let mine = form("Quality", &[P::AgentsRead]).check().unwrap();
        let merged = merge(&was, &now, &mine);
        let expected: Permissions = [P::AgentsRead, P::Exports].into_iter().collect();
        assert_eq!(merged.mine.permissions, Some(expected));
        assert_eq!((merged.mine.name, merged.name_by_both), (None, false));
        let renamed = values("Theirs", &[P::AgentsRead]);
        let mine = form("Mine", &[P::AgentsRead]).check().unwrap();
        assert!(merge(&was, &renamed, &mine).name_by_both);
        let same = form("Theirs", &[P::AgentsRead]).check().unwrap();
        assert!(!merge(&was, &renamed, &same).name_by_both);
    }
}
