//! Who may do what, as in the forms (product rule §10): nobody uploads a right that they lack.

use super::super::column::Column;
use super::super::facts::RoleFacts;
use super::super::fault::{Fault, mend};
use super::row::Row;
use super::{Draft, Edit, Planner};
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::ids::{GroupId, RoleId};
use crate::domain::person::{Person, WebLogin};
use crate::domain::role::Permission;
use crate::domain::status::AdminState;

impl Planner<'_> {
    pub(super) fn may_create(&self, row: &mut Row<'_>, draft: &Draft) {
        let scoped = !self.facts.rights.scope.is_all();
        let usual = self.facts.role_of_agents().map(|role| role.id);
        if !self.may(Self::right_to_write(draft.calling_agent)) {
            row.faults.push(lacking("add users"));
        }
        if Some(draft.role) != usual || !self.facts.covers(draft.role, &[]) {
            self.may_give(row, draft.role, &[]);
        }
        if draft.web_login != WebLogin::None && !self.may(Permission::UsersWrite) {
            row.fault(
                Column::WebLogin,
                "You may not give web logins.",
                "Leave the cell empty.",
            );
        }
        if draft.admin_state != AdminState::Enabled {
            self.may_set_state(row);
        }
        if scoped && !has_groups(&draft.values) && !row.is_wrong(Column::AgentGroups) {
            row.fault(
                Column::AgentGroups,
                "You see only agents of your own groups, and this one would be in none.",
                "Write at least one of your groups.",
            );
        }
    }

    pub(super) fn may_update(&mut self, row: &mut Row<'_>, person: &Person, edit: &Edit) {
        if !self.facts.covers(person.role, &person.scope_groups) {
            let reason = format!("{} has more rights than you.", person.name);
            row.faults.push(Fault::of_row(reason, "Take the row out."));
            return;
        }
        let is_agent = edit.agent_version.is_some() || edit.becomes_agent;
        let writes = edit.after.fields().next().is_some() || edit.becomes_agent;
        if writes && !self.may(Self::right_to_write(is_agent)) {
            row.faults.push(lacking("change them"));
        }
        if let Some((_, role)) = edit.role {
            self.may_give(row, role, &person.scope_groups);
        }
        if edit.web_login.is_some() && !self.may(Permission::UsersWrite) {
            row.fault(
                Column::WebLogin,
                "You may not change web logins.",
                "Leave the cell empty.",
            );
        }
        if edit.admin_state.is_some() {
            self.may_set_state(row);
        }
        let own = self.facts.me == Some(person.id);
        for (column, changed) in [
            (Column::Role, edit.role.is_some()),
            (Column::WebLogin, edit.web_login.is_some()),
        ] {
            if own && changed {
                row.fault(
                    column,
                    "Nobody changes this of themselves.",
                    "Leave the cell empty.",
                );
            }
        }
        let scoped = !self.facts.rights.scope.is_all();
        let leaves = edit.after.get(Field::AgentGroups).is_some() && !has_groups(&edit.after);
        if scoped && leaves {
            row.fault(
                Column::AgentGroups,
                "This takes the agent out of the last of your groups, and you would not see them any more.",
                "Keep one of your groups, or take the agent out in the group itself.",
            );
        }
        self.keeps_an_admin(row, person, edit);
    }

    /// Nobody locks out the last administrator.
    fn keeps_an_admin(&mut self, row: &mut Row<'_>, person: &Person, edit: &Edit) {
        let role = edit.role.map_or(person.role, |(_, new)| new);
        let login = edit.web_login.map_or(person.web_login, |(_, new)| new);
        let rights = self.facts.rights_of(role, &person.scope_groups);
        let stays = login == WebLogin::Allowed && rights.is_some_and(|has| has.is_everything());
        if stays || !self.admins.contains(&person.id) {
            return;
        }
        if self.admins.len() <= 1 {
            let column = match edit.role {
                Some(_) => Column::Role,
                None => Column::WebLogin,
            };
            let reason = format!("{} is the last administrator who can sign in.", person.name);
            if !row.is_wrong(column) {
                row.fault(column, reason, "Make somebody else an administrator first.");
            }
        } else if row.faults.is_empty() {
            self.admins.retain(|id| *id != person.id);
        }
    }

    fn right_to_write(is_agent: bool) -> Permission {
        match is_agent {
            true => Permission::AgentsWrite,
            false => Permission::UsersWrite,
        }
    }

    fn may(&self, permission: Permission) -> bool {
        self.facts.rights.permissions.contains(permission)
    }

    /// `groups`: what the person's rights are held to.
    fn may_give(&self, row: &mut Row<'_>, role: RoleId, groups: &[GroupId]) {
        let named = |role: &RoleFacts| role.name.clone();
        let name = self.facts.role(role).map(named).unwrap_or_default();
        let column = Column::Role;
        if !self.may(Permission::UsersWrite) {
            row.fault(column, "You may not give roles.", "Leave the cell empty.");
        } else if !self.facts.covers(role, groups) {
            let ranks = |role: &RoleFacts| self.facts.rights.outrank(role.permissions);
            let reason = match self.facts.role(role).is_some_and(ranks) {
                true => format!("The role {name} would hold on more people than your rights do."),
                false => format!("The role {name} has rights that you don’t have."),
            };
            row.fault(column, reason, mend(column));
        }
    }

    fn may_set_state(&self, row: &mut Row<'_>) {
        if !self.may(Permission::AgentsState) {
            let reason = "You may neither block nor disable agents.";
            row.fault(Column::AdminState, reason, "Leave the cell empty.");
        }
    }
}

fn lacking(what: &str) -> Fault {
    Fault::of_row(
        format!("You may not {what}."),
        "Ask someone who may, or take the row out.",
    )
}

fn has_groups(values: &Values) -> bool {
    matches!(values.get(Field::AgentGroups), Some(Value::Many(groups)) if !groups.is_empty())
}
