//! Names of records in cells: which record is meant, and what to do about a name that nobody has.

use super::cell::{join_list, split_list};
use super::column::Column;
use super::facts::{Facts, Named};
use crate::domain::ids::{CallerIdId, GroupId, RoleId};
use crate::domain::phone::{Phone, Region};
use crate::domain::role::Permission;
use crate::domain::text::{GroupName, Name};
use std::collections::{BTreeMap, HashMap};

/// What to do about a name that no record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The record of this id is meant.
    Map(i64),
    /// It is made when the plan is carried out.
    Create,
    Refuse,
}

/// Decisions by column and name; without one, an unknown name is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions(BTreeMap<(Column, String), Decision>);

impl Decisions {
    pub fn decide(&mut self, column: Column, name: &str, decision: Decision) {
        self.0.insert((column, Name::claim_of(name)), decision);
    }

    pub fn iter(&self) -> impl Iterator<Item = (Column, &str, Decision)> {
        let all = self.0.iter();
        all.map(|((column, name), decision)| (*column, name.as_str(), *decision))
    }

    fn of(&self, column: Column, claim: &str) -> Decision {
        let key = (column, claim.to_owned());
        self.0.get(&key).copied().unwrap_or(Decision::Refuse)
    }
}

/// A record that a plan needs and that is not there yet. In the plan's values it stands as
/// [`NewRecord::FIRST`] and its place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    pub column: Column,
    pub name: String,
}

impl NewRecord {
    /// No key of a record is as high.
    pub const FIRST: i64 = 1 << 52;

    /// The place in the list of new records, if an id stands for one.
    pub fn at(id: i64) -> Option<usize> {
        usize::try_from(id.checked_sub(Self::FIRST)?).ok()
    }
}

/// Why a name says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadName {
    pub name: String,
    pub reason: String,
    /// Nobody has it: it can be mapped or created.
    pub unknown: bool,
}

/// Ids by name, and the records to be made.
#[derive(Debug)]
pub struct Names {
    /// `None` for a name that several records have.
    by_name: HashMap<(Column, String), Option<i64>>,
    caller_ids: HashMap<Phone, CallerIdId>,
    region: Region,
    new: Vec<NewRecord>,
}

impl Names {
    pub fn new(facts: &Facts) -> Self {
        let mut names = Self {
            by_name: HashMap::new(),
            caller_ids: facts.caller_ids.iter().map(|(id, n)| (*n, *id)).collect(),
            region: facts.region,
            new: Vec::new(),
        };
        let scope = &facts.rights.scope;
        let seen = |group: &&Named<GroupId>| scope.is_all() || scope.sees(&[group.id]);
        for group in facts.groups.iter().filter(seen) {
            names.add(Column::AgentGroups, &group.name, group.id.0);
        }
        for department in &facts.departments {
            names.add(Column::Departments, &department.name, department.id.0);
        }
        for time_group in &facts.time_groups {
            names.add(Column::TimeGroup, &time_group.name, time_group.id.0);
        }
        for role in &facts.roles {
            names.add(Column::Role, &role.name, role.id.0);
        }
        names
    }

    fn add(&mut self, column: Column, name: &str, id: i64) {
        let key = (column, Name::claim_of(name));
        let several = |known: &mut Option<i64>| *known = None;
        self.by_name
            .entry(key)
            .and_modify(several)
            .or_insert(Some(id));
    }

    pub fn role(
        &mut self,
        name: &str,
        facts: &Facts,
        decisions: &Decisions,
    ) -> Result<RoleId, BadName> {
        self.id(Column::Role, name, facts, decisions).map(RoleId)
    }

    /// The records that a cell names, in its order, each once.
    pub fn ids(
        &mut self,
        column: Column,
        text: &str,
        facts: &Facts,
        decisions: &Decisions,
    ) -> Result<Vec<i64>, BadName> {
        let mut ids = Vec::new();
        for name in self.split(column, text) {
            let id = match column {
                Column::CallerIds | Column::ExtensionCallerId => self.caller_id(&name)?,
                _ => self.id(column, &name, facts, decisions)?,
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// Values are split on `|`. What no record is called is split like other programs do too, if records are
    /// called like all of its parts.
    fn split(&self, column: Column, text: &str) -> Vec<String> {
        if column == Column::TimeGroup {
            return vec![text.trim().to_owned()];
        }
        let mut names = Vec::new();
        for name in split_list(text) {
            let parts = name.split([',', ';', '\n']).map(str::trim);
            let parts: Vec<String> = parts.map(str::to_owned).collect();
            let known = |name: &String| self.knows(column, name);
            match parts.len() > 1 && !known(&name) && parts.iter().all(known) {
                true => names.extend(parts),
                false => names.push(name),
            }
        }
        names
    }

    /// The cell with what is meant in the place of names that were said to mean another record; none when it has
    /// no such name.
    pub fn meant(
        &self,
        column: Column,
        text: &str,
        facts: &Facts,
        decisions: &Decisions,
    ) -> Option<String> {
        let names = match column {
            Column::Role => vec![text.trim().to_owned()],
            Column::AgentGroups | Column::Departments | Column::TimeGroup => {
                self.split(column, text)
            }
            _ => return None,
        };
        let meant = |name: &String| {
            let decision = decisions.of(column, &Name::claim_of(name));
            match decision {
                Decision::Map(id) if !self.knows(column, name) => record_name(facts, column, id),
                Decision::Map(_) | Decision::Create | Decision::Refuse => None,
            }
        };
        let found: Vec<Option<&str>> = names.iter().map(meant).collect();
        found.iter().flatten().next()?;
        let both = names.iter().zip(&found);
        let all: Vec<&str> = both.map(|(name, meant)| meant.unwrap_or(name)).collect();
        Some(match column {
            Column::Role | Column::TimeGroup => all.concat(),
            _ => join_list(&all),
        })
    }

    fn knows(&self, column: Column, name: &str) -> bool {
        match column {
            Column::CallerIds | Column::ExtensionCallerId => self.caller_id(name).is_ok(),
            _ => self.by_name.contains_key(&(column, Name::claim_of(name))),
        }
    }

    fn caller_id(&self, text: &str) -> Result<i64, BadName> {
        let bad = |reason: String| BadName {
            name: text.to_owned(),
            reason,
            unknown: false,
        };
        let number =
            Phone::parse(text, self.region).map_err(|why| bad(format!("The caller ID {why}.")))?;
        match self.caller_ids.get(&number) {
            Some(id) => Ok(id.0),
            None => Err(bad("There is no caller ID with this number.".to_owned())),
        }
    }

    fn id(
        &mut self,
        column: Column,
        name: &str,
        facts: &Facts,
        decisions: &Decisions,
    ) -> Result<i64, BadName> {
        let key = (column, Name::claim_of(name));
        let bad = |reason: String, unknown| BadName {
            name: name.to_owned(),
            reason,
            unknown,
        };
        match self.by_name.get(&key) {
            Some(Some(id)) => return Ok(*id),
            Some(None) => {
                let what = noun(column);
                return Err(bad(
                    format!("Several {what}s are called so: map it to one."),
                    true,
                ));
            }
            None => {}
        }
        let id = match decisions.of(column, &key.1) {
            Decision::Map(id) if knows_id(facts, column, id) => id,
            Decision::Create if may_create(facts, column) => self
                .create(column, name)
                .map_err(|why| bad(format!("The name of a new {} {why}.", noun(column)), true))?,
            Decision::Map(_) | Decision::Create | Decision::Refuse => {
                return Err(bad(
                    format!("There is no {} called so.", noun(column)),
                    true,
                ));
            }
        };
        self.by_name.insert(key, Some(id));
        Ok(id)
    }

    fn create(
        &mut self,
        column: Column,
        name: &str,
    ) -> Result<i64, crate::domain::text::TextError> {
        let name = match column {
            Column::AgentGroups => GroupName::parse(name)?.into_string(),
            _ => Name::parse(name)?.into_string(),
        };
        let id = NewRecord::FIRST + self.new.len() as i64;
        self.new.push(NewRecord { column, name });
        Ok(id)
    }

    /// The records that the plan needs, in the order of their ids.
    pub fn created(&self) -> &[NewRecord] {
        &self.new
    }
}

/// Whether names of this column can be made, by whoever uploads.
pub fn may_create(facts: &Facts, column: Column) -> bool {
    let may = |permission| facts.rights.permissions.contains(permission);
    match column {
        // Whoever has a scope of groups would not see the new one.
        Column::AgentGroups => facts.rights.scope.is_all() && may(Permission::GroupsWrite),
        Column::Departments => facts.rights.scope.is_all() && may(Permission::DepartmentsWrite),
        _ => false,
    }
}

/// A record that a name may be mapped to.
fn knows_id(facts: &Facts, column: Column, id: i64) -> bool {
    record_name(facts, column, id).is_some()
}

/// What such a record is called.
fn record_name(facts: &Facts, column: Column, id: i64) -> Option<&str> {
    match column {
        Column::AgentGroups => {
            let scope = &facts.rights.scope;
            let seen = |group: &&Named<GroupId>| scope.is_all() || scope.sees(&[group.id]);
            let mut groups = facts.groups.iter().filter(seen);
            groups.find(|group| group.id.0 == id).map(Named::name)
        }
        Column::Departments => {
            let mut departments = facts.departments.iter();
            departments.find(|one| one.id.0 == id).map(Named::name)
        }
        Column::TimeGroup => {
            let mut time_groups = facts.time_groups.iter();
            time_groups.find(|one| one.id.0 == id).map(Named::name)
        }
        Column::Role => {
            let role = facts.role(RoleId(id));
            role.map(|role| role.name.as_str())
        }
        _ => None,
    }
}

fn noun(column: Column) -> &'static str {
    match column {
        Column::AgentGroups => "agent group",
        Column::Departments => "department",
        Column::TimeGroup => "time group",
        Column::Role => "role",
        _ => "record",
    }
}
