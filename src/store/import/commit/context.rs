//! What the rows of a plan are carried out with: read once for each transaction, because rights, roles and records
//! may be others than when the plan was made.

use super::super::Import;
use super::super::doer::rights_of;
use super::auto::Supply;
use super::claims::Lengths;
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::import::{Made, NewRecord};
use crate::domain::install::Install;
use crate::domain::role::{BuiltInRole, Rights};
use crate::store::error::StoreError;
use crate::store::role::{self, Role};
use crate::store::tx::Tx;
use crate::store::{Keeper, record, setting};
use std::collections::HashMap;
use std::sync::Arc;

/// How one-time links are made: where they lead, and what seals the letters that carry them.
#[derive(Clone)]
pub struct Links {
    pub keeper: Keeper,
    /// How people reach the console.
    pub url: Arc<str>,
}

/// What a job keeps from one transaction to the next.
#[derive(Clone, Debug, Default)]
pub struct Memo {
    pub(super) lengths: Option<Lengths>,
    pub(super) supply: Option<Supply>,
}

pub(in crate::store::import) struct Context {
    pub rights: Rights,
    pub install: Install,
    roles: HashMap<i64, Role>,
    agent_role: i64,
    /// Names of living records by field.
    names: HashMap<(Field, i64), String>,
    made: Vec<Made>,
}

impl Context {
    /// None when whoever uploaded may not upload any more.
    pub fn read(tx: &mut Tx<'_>, import: &Import) -> Result<Option<Self>, StoreError> {
        let Some(rights) = rights_of(tx.conn, &import.by, tx.now)? else {
            return Ok(None);
        };
        let conn = &mut *tx.conn;
        let install = Install::from_words(&setting::all(conn)?).map_err(StoreError::broken)?;
        let mut names = HashMap::new();
        for group in record::groups(conn)? {
            names.insert((Field::AgentGroups, group.id.0), group.name);
        }
        for department in record::departments(conn)? {
            names.insert((Field::Departments, department.id.0), department.name);
        }
        for hours in record::working_hours(conn)? {
            names.insert((Field::TimeGroup, hours.id.0), hours.name);
        }
        for caller_id in record::caller_ids(conn)? {
            let number = caller_id.number.to_string();
            names.insert((Field::CallerIds, caller_id.id.0), number);
        }
        let roles: HashMap<i64, Role> = role::all(conn)?
            .into_iter()
            .map(|role| (role.id.0, role))
            .collect();
        let agents = |role: &&Role| role.built_in && role.name == BuiltInRole::Agent.name();
        let agent_role = roles.values().find(agents).map_or(0, |role| role.id.0);
        Ok(Some(Self {
            rights,
            install,
            roles,
            agent_role,
            names,
            made: import.listed.made.clone(),
        }))
    }

    pub fn role(&self, id: i64) -> Option<&Role> {
        self.roles.get(&id)
    }

    /// The usual role: whoever may add agents gives it.
    pub fn is_agents(&self, role: i64) -> bool {
        role == self.agent_role
    }

    pub fn name(&self, field: Field, id: i64) -> Option<&String> {
        self.names.get(&(field, id))
    }

    /// The values with the ids of records that were made for the plan; none when a record that they name is gone.
    pub fn values(&self, planned: &Values) -> Option<Values> {
        let mut values = planned.clone();
        for (field, value) in planned.iter() {
            match value {
                Value::One(Some(id)) => {
                    values.set(field, Value::One(Some(self.living(field, *id)?)));
                }
                Value::Many(ids) => {
                    let ids = ids.iter().map(|id| self.living(field, *id));
                    values.set(field, Value::Many(ids.collect::<Option<_>>()?));
                }
                Value::One(None) | Value::Text(_) | Value::Texts(_) | Value::Flag(_) => {}
            }
        }
        Some(values)
    }

    fn living(&self, field: Field, id: i64) -> Option<i64> {
        let id = match NewRecord::at(id) {
            Some(at) => self.made.get(at)?.id,
            None => id,
        };
        self.names.contains_key(&(field, id)).then_some(id)
    }
}
