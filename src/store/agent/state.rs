//! Block, disable and enable: the admin state of agents.

use super::target::{AT_ONCE, Target};
use crate::domain::act::{ActKind, Until};
use crate::domain::audit::Entry;
use crate::domain::ids::{TimeGroupId, UserId};
use crate::domain::install::Install;
use crate::domain::person::Admin;
use crate::domain::status::AdminState;
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::ledger::interval::{self, Begun};
use crate::store::schema::{agents, users};
use crate::store::setting;
use crate::store::time_group;
use crate::store::tx::{Effect, Tx};
use chrono::SecondsFormat;
use diesel::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// What is to be in force.
pub struct NewState<'a> {
    pub state: AdminState,
    pub reason: Option<&'a str>,
    pub until: Until,
}

/// Puts a state in force where it is not; returns the lines for the audit.
pub fn change(
    tx: &mut Tx<'_>,
    targets: &[Target],
    new: &NewState<'_>,
    kind: ActKind,
) -> Result<Vec<Entry>, StoreError> {
    let mut ends = Ends::new(tx, new.until)?;
    let mut groups: BTreeMap<Option<Timestamp>, Vec<&Target>> = BTreeMap::new();
    for target in targets {
        let until = ends.of(tx, target)?;
        let admin = &target.admin;
        let is_so = admin.state == new.state
            && admin.reason.as_deref() == new.reason
            && admin.until == until;
        if !is_so {
            groups.entry(until).or_default().push(target);
        }
    }
    let mut entries = Vec::new();
    for (until, targets) in groups {
        let admin = Admin {
            state: new.state,
            reason: new.reason.map(Into::into),
            until,
            at: tx.now,
            by: tx.by.user().map(UserId),
        };
        entries.append(&mut set(tx, &targets, &admin, kind.action())?);
    }
    Ok(entries)
}

/// Sets one state for all of them: their rows, their intervals, and what the picture shows.
pub fn set(
    tx: &mut Tx<'_>,
    targets: &[&Target],
    admin: &Admin,
    action: &'static str,
) -> Result<Vec<Entry>, StoreError> {
    let keys: Vec<i64> = targets.iter().map(|target| target.id.0).collect();
    for keys in keys.chunks(AT_ONCE) {
        diesel::update(agents::table.filter(agents::user_id.eq_any(keys)))
            .set((
                agents::admin_state.eq(admin.state.word()),
                agents::admin_reason.eq(admin.reason.as_deref()),
                agents::admin_until.eq(admin.until.map(|at| at.0)),
                agents::admin_at.eq(admin.at.0),
                agents::admin_by.eq(admin.by.map(|by| by.0)),
                agents::version.eq(agents::version + 1),
            ))
            .execute(tx.conn)?;
    }
    let begun = Begun {
        axis: "admin",
        value: admin.state.word(),
        reason: admin.reason.as_deref(),
        by: admin.by.map(|by| by.0),
        at: tx.now,
    };
    interval::begin(tx, &keys, begun)?;
    let names = names(tx, targets)?;
    let mut entries = Vec::with_capacity(targets.len());
    for target in targets {
        let mut entry = Entry::new(action, "user", Some(target.id.0), target.name.as_str())
            .version(target.version + 1);
        entry.before = before(&target.admin, &names);
        entry.after = after(admin);
        entries.push(entry);
        tx.effect(Effect::Admin {
            agent: target.id,
            admin: admin.clone(),
            version: target.version + 1,
        });
    }
    Ok(entries)
}

/// The fields of a state, for the line of the audit.
pub fn after(admin: &Admin) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("admin_state".to_owned(), admin.state.word().into());
    if let Some(reason) = &admin.reason {
        fields.insert("reason".to_owned(), (&**reason).into());
    }
    if let Some(until) = admin.until {
        fields.insert("until".to_owned(), stamp(until).into());
    }
    fields
}

/// The same with since when and by whom, so that it can be brought back as it was.
pub fn before(admin: &Admin, names: &HashMap<i64, String>) -> Map<String, Value> {
    let mut fields = after(admin);
    if admin.state != AdminState::Enabled {
        fields.insert("since".to_owned(), stamp(admin.at).into());
        if let Some(by) = admin.by {
            let name = names.get(&by.0).map_or("", String::as_str);
            fields.insert("by".to_owned(), json!({ "id": by.0, "name": name }));
        }
    }
    fields
}

/// The names of those who decided what is in force, by key.
pub fn names(tx: &mut Tx<'_>, targets: &[&Target]) -> Result<HashMap<i64, String>, StoreError> {
    let mut keys: Vec<i64> = targets
        .iter()
        .filter(|target| target.admin.state != AdminState::Enabled)
        .filter_map(|target| target.admin.by.map(|by| by.0))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    let mut names = HashMap::new();
    for keys in keys.chunks(AT_ONCE) {
        let rows: Vec<(i64, String)> = users::table
            .filter(users::id.eq_any(keys))
            .select((users::id, users::name))
            .load(tx.conn)?;
        names.extend(rows);
    }
    Ok(names)
}

/// An instant as the audit keeps it: to the microsecond.
pub fn stamp(at: Timestamp) -> String {
    at.utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Reads what [`stamp`] wrote.
pub fn instant(value: Option<&Value>) -> Option<Timestamp> {
    let at = chrono::DateTime::parse_from_rfc3339(value?.as_str()?).ok()?;
    Some(Timestamp(at.timestamp_micros()))
}

/// When a state ends, for each agent: shifts differ by time group.
struct Ends {
    until: Until,
    by_hours: HashMap<i64, Option<Timestamp>>,
    /// For who has no hours that end: the end of the reporting day.
    otherwise: Option<Timestamp>,
}

impl Ends {
    fn new(tx: &mut Tx<'_>, until: Until) -> Result<Self, StoreError> {
        let otherwise = match until {
            Until::Lifted => None,
            Until::At(at) => Some(at),
            Until::EndOfShift | Until::NextShift => {
                let words = setting::all(tx.conn)?;
                let install = Install::from_words(&words).map_err(StoreError::broken)?;
                let today = install.calendar.day_of(tx.now);
                Some(install.calendar.bounds(today).1)
            }
        };
        Ok(Self {
            until,
            by_hours: HashMap::new(),
            otherwise,
        })
    }

    fn of(&mut self, tx: &mut Tx<'_>, target: &Target) -> Result<Option<Timestamp>, StoreError> {
        let shift = match self.until {
            Until::Lifted | Until::At(_) => None,
            Until::EndOfShift | Until::NextShift => target.time_group,
        };
        let Some(hours) = shift else {
            return Ok(self.otherwise);
        };
        if let Some(&known) = self.by_hours.get(&hours) {
            return Ok(known);
        }
        let rules = time_group::hours(tx.conn, TimeGroupId(hours))?;
        let end = match self.until {
            Until::NextShift => rules.next_shift(tx.now),
            Until::EndOfShift | Until::Lifted | Until::At(_) => rules.end_of_shift(tx.now),
        };
        let end = end.or(self.otherwise);
        self.by_hours.insert(hours, end);
        Ok(end)
    }
}
