//! Groups, time group, departments and caller ids in the form of acts: what can be chosen, and what was.

use super::form::ActErrors;
use crate::domain::act::{Act, ActKind, Assign};
use crate::domain::agent_form::{Field, Value};
use crate::domain::ids::{CallerIdId, DepartmentId, GroupId, TimeGroupId};
use crate::domain::person::Agent;
use crate::domain::phone::Region;
use crate::domain::role::Scope;
use crate::floor::Records;
use crate::web::agents::edit::rules::is_known;
use crate::web::agents::edit::view::Pick;
use crate::web::extract::Posted;
use std::str::FromStr;

/// More records in one field are no choice but an attack.
const MOST: usize = 1_000;

/// What was ticked, as it came.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    pub groups: Vec<String>,
    pub time_group: String,
    pub departments: Vec<String>,
    pub caller_ids: Vec<String>,
}

impl Chosen {
    pub fn of(posted: &Posted) -> Self {
        let all = |name| {
            let texts = posted
                .all(name)
                .map(str::trim)
                .filter(|text| !text.is_empty());
            texts.map(ToOwned::to_owned).collect()
        };
        Self {
            groups: all("groups"),
            time_group: posted.one("time_group").trim().to_owned(),
            departments: all("departments"),
            caller_ids: all("caller_ids"),
        }
    }

    /// What a single agent has now, to begin with.
    pub fn stored(agent: &Agent) -> Self {
        let hours = agent.time_group.map(|id| id.to_string());
        Self {
            groups: Vec::new(),
            time_group: hours.unwrap_or_default(),
            departments: agent.departments.iter().map(ToString::to_string).collect(),
            caller_ids: agent.caller_ids.iter().map(ToString::to_string).collect(),
        }
    }

    /// What an act of this kind assigns; None for kinds that assign nothing.
    ///
    /// # Errors
    /// What is wrong, to stand beside the boxes.
    pub fn assign(&self, kind: ActKind) -> Result<Option<Assign>, String> {
        let groups = || match ids::<GroupId>(&self.groups)? {
            none if none.is_empty() => Err("Choose at least one group.".to_owned()),
            groups => Ok(groups),
        };
        Ok(Some(match kind {
            ActKind::JoinGroups => Assign::JoinGroups(groups()?),
            ActKind::LeaveGroups => Assign::LeaveGroups(groups()?),
            ActKind::SetTimeGroup => Assign::TimeGroup(match self.time_group.as_str() {
                "" => None,
                text => Some(text.parse::<TimeGroupId>().map_err(|_| gone())?),
            }),
            ActKind::SetDepartments => Assign::Departments(ids(&self.departments)?),
            ActKind::SetCallerIds => Assign::CallerIds(ids::<CallerIdId>(&self.caller_ids)?),
            ActKind::Block
            | ActKind::Disable
            | ActKind::Enable
            | ActKind::Pause
            | ActKind::Resume
            | ActKind::OffDuty
            | ActKind::OffBoard
            | ActKind::Delete
            | ActKind::Restore => return Ok(None),
        }))
    }
}

/// Each once, in the order in which they came.
fn ids<I: FromStr + PartialEq>(texts: &[String]) -> Result<Vec<I>, String> {
    let mut ids = Vec::new();
    for text in texts.iter().take(MOST) {
        let id: I = text.parse().map_err(|_| gone())?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    match texts.len() > MOST {
        true => Err(format!("There are more than {MOST}: leave some out.")),
        false => Ok(ids),
    }
}

fn gone() -> String {
    "What was chosen is not there any more. Choose from the list.".to_owned()
}

/// Only records that are there, and that this person may choose, are assigned.
///
/// # Errors
/// What is wrong, in the form of the errors of the form.
pub fn known(act: &Act, records: &Records, scope: &Scope) -> Result<(), Box<ActErrors>> {
    let Act::Assign(assign) = act else {
        return Ok(());
    };
    let field = assign.field();
    let ids = match assign.chosen() {
        Value::Many(ids) => ids,
        Value::One(id) => id.into_iter().collect(),
        Value::Text(_) | Value::Texts(_) | Value::Flag(_) => Vec::new(),
    };
    match ids.iter().all(|id| is_known(records, scope, field, *id)) {
        true => Ok(()),
        false => Err(Box::new(ActErrors {
            chosen: gone(),
            ..ActErrors::default()
        })),
    }
}

/// What can be chosen, ready to print.
#[derive(Clone, Debug, Default)]
pub struct Picks {
    pub groups: Vec<Pick>,
    pub time_groups: Vec<Pick>,
    pub departments: Vec<Pick>,
    /// Those that are chosen first, in their order.
    pub caller_ids: Vec<Pick>,
}

impl Picks {
    pub fn of(records: &Records, scope: &Scope, region: Region) -> Self {
        let pick = |value: String, label: &str| Pick {
            value,
            label: label.to_owned(),
            chosen: false,
        };
        let seen = |id: i64| is_known(records, scope, Field::AgentGroups, id);
        let groups = records.groups().iter().filter(|group| seen(group.id.0));
        let caller_ids = records.caller_ids().into_iter().map(|caller_id| {
            let number = caller_id.number.show(region);
            let label = match caller_id.label.as_str() {
                "" => number,
                label => format!("{number} · {label}"),
            };
            pick(caller_id.id.to_string(), &label)
        });
        Self {
            groups: groups.map(|g| pick(g.id.to_string(), &g.name)).collect(),
            time_groups: records
                .time_groups()
                .iter()
                .map(|g| pick(g.id.to_string(), &g.name))
                .collect(),
            departments: records
                .departments()
                .iter()
                .map(|d| pick(DepartmentId(d.id.0).to_string(), &d.name))
                .collect(),
            caller_ids: caller_ids.collect(),
        }
    }

    /// The same with these chosen.
    #[must_use]
    pub fn with(mut self, chosen: &Chosen) -> Self {
        let tick = |picks: &mut Vec<Pick>, values: &[String]| {
            for pick in picks.iter_mut() {
                pick.chosen = values.contains(&pick.value);
            }
        };
        tick(&mut self.groups, &chosen.groups);
        tick(&mut self.departments, &chosen.departments);
        tick(&mut self.caller_ids, &chosen.caller_ids);
        let hours = std::slice::from_ref(&chosen.time_group);
        tick(&mut self.time_groups, hours);
        let place = |pick: &Pick| chosen.caller_ids.iter().position(|id| *id == pick.value);
        let last = chosen.caller_ids.len();
        self.caller_ids
            .sort_by_key(|pick| place(pick).unwrap_or(last));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ticked_becomes_what_is_assigned() {
        let text = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let chosen = Chosen {
            groups: text(&["3", "1", "3"]),
            time_group: String::new(),
            departments: Vec::new(),
            caller_ids: text(&["9", "2"]),
        };
        assert_eq!(
            chosen.assign(ActKind::JoinGroups),
            Ok(Some(Assign::JoinGroups(vec![GroupId(3), GroupId(1)])))
        );
        assert_eq!(
            chosen.assign(ActKind::SetTimeGroup),
            Ok(Some(Assign::TimeGroup(None)))
        );
        assert_eq!(
            chosen.assign(ActKind::SetDepartments),
            Ok(Some(Assign::Departments(Vec::new())))
        );
        assert_eq!(
            chosen.assign(ActKind::SetCallerIds),
            Ok(Some(Assign::CallerIds(vec![CallerIdId(9), CallerIdId(2)])))
        );
        assert_eq!(chosen.assign(ActKind::Block), Ok(None));
        assert!(Chosen::default().assign(ActKind::LeaveGroups).is_err());
        let bad = Chosen {
            groups: text(&["-1"]),
            ..Chosen::default()
        };
        assert!(bad.assign(ActKind::JoinGroups).is_err());
    }
}
