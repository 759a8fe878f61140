//! Deleting agents, softly, and bringing them back.

use super::off_board::end_sessions;
use super::target::{AT_ONCE, Target};
use super::undo::what;
use crate::domain::act::{ActKind, Refusal};
use crate::domain::audit::Entry;
use crate::domain::ids::{GroupId, UserId};
use crate::domain::install::Install;
use crate::domain::role::{Rights, Scope};
use crate::domain::text::{Email, LoginId};
use crate::domain::time::HOUR;
use crate::store::claim;
use crate::store::error::StoreError;
use crate::store::ledger::interval::{self, Begun};
use crate::store::routing::membership;
use crate::store::schema::{agent_group_members, agent_live, agents, claims, users};
use crate::store::setting;
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Takes agents away, and their users too unless the role is above Agent. What was theirs alone stays
/// theirs until the quarantine ends.
pub fn delete(tx: &mut Tx<'_>, targets: &[Target]) -> Result<Vec<Entry>, StoreError> {
    let now = tx.now;
    let words = setting::all(tx.conn)?;
    let install = Install::from_words(&words).map_err(StoreError::broken)?;
    let held_until = now.plus(i64::from(install.quarantine_days) * 24 * HOUR).0;
    let keys: Vec<i64> = targets.iter().map(|target| target.id.0).collect();
    let people: Vec<i64> = targets
        .iter()
        .filter(|target| !target.above_agent)
        .map(|target| target.id.0)
        .collect();
    for keys in keys.chunks(AT_ONCE) {
        diesel::update(agents::table.filter(agents::user_id.eq_any(keys)))
            .set((
                agents::removed_at.eq(now.0),
                agents::version.eq(agents::version + 1),
            ))
            .execute(tx.conn)?;
        diesel::update(
            claims::table
                .filter(claims::owner_kind.eq("user"))
                .filter(claims::owner_id.eq_any(keys))
                .filter(claims::kind.eq("dial")),
        )
        .set(claims::held_until.eq(held_until))
        .execute(tx.conn)?;
        diesel::update(
            agent_live::table
                .filter(agent_live::agent_id.eq_any(keys))
                .filter(agent_live::next_duty.is_not_null()),
        )
        .set((
            agent_live::next_duty.eq(None::<&str>),
            agent_live::next_duty_reason.eq(None::<&str>),
            agent_live::next_duty_by.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    }
    for keys in people.chunks(AT_ONCE) {
        diesel::update(users::table.filter(users::id.eq_any(keys)))
            .set((
                users::deleted_at.eq(now.0),
                users::updated_at.eq(now.0),
                users::version.eq(users::version + 1),
            ))
            .execute(tx.conn)?;
        diesel::update(
            claims::table
                .filter(claims::owner_kind.eq("user"))
                .filter(claims::owner_id.eq_any(keys)),
        )
        .set(claims::held_until.eq(held_until))
        .execute(tx.conn)?;
    }
    membership::changed_with(tx, &keys)?;
    end_sessions(tx, &people)?;
    interval::close(tx, &keys, now)?;
    Ok(targets
        .iter()
        .map(|target| {
            tx.touch(RecordKind::User, target.id.0);
            entry(target, ActKind::Delete.action(), true)
        })
        .collect())
}

fn entry(target: &Target, action: &'static str, deleted: bool) -> Entry {
    let mut entry = Entry::new(action, "user", Some(target.id.0), target.name.as_str())
        .before("deleted", !deleted)
        .after("deleted", deleted)
        .version(target.version + 1);
    if deleted && target.above_agent {
        entry = entry.after("user_stays", true);
    }
    entry
}

/// Brings deleted agents back as they were; who lost a login id, an email or a number to someone else
/// is refused with what it was.
pub fn restore(
    tx: &mut Tx<'_>,
    rights: &Rights,
    targets: &[Target],
    refused: &mut Vec<(UserId, Refusal)>,
) -> Result<Vec<Entry>, StoreError> {
    let back = reclaim(tx, rights, targets, refused)?;
    let keys: Vec<i64> = back.iter().map(|target| target.id.0).collect();
    let now = tx.now.0;
    for keys in keys.chunks(AT_ONCE) {
        diesel::update(agents::table.filter(agents::user_id.eq_any(keys)))
            .set((
                agents::removed_at.eq(None::<i64>),
                agents::version.eq(agents::version + 1),
            ))
            .execute(tx.conn)?;
        diesel::update(
            users::table
                .filter(users::id.eq_any(keys))
                .filter(users::deleted_at.is_not_null()),
        )
        .set((
            users::deleted_at.eq(None::<i64>),
            users::updated_at.eq(now),
            users::version.eq(users::version + 1),
        ))
        .execute(tx.conn)?;
    }
    membership::changed_with(tx, &keys)?;
    begin_intervals(tx, &back)?;
    Ok(back
        .iter()
        .map(|target| {
            tx.touch(RecordKind::User, target.id.0);
            entry(target, ActKind::Restore.action(), false)
        })
        .collect())
}

/// Takes back what was theirs alone; returns those who have everything.
fn reclaim<'t>(
    tx: &mut Tx<'_>,
    rights: &Rights,
    targets: &'t [Target],
    refused: &mut Vec<(UserId, Refusal)>,
) -> Result<Vec<&'t Target>, StoreError> {
    let mut back = Vec::new();
    for targets in targets.chunks(AT_ONCE) {
        let keys: Vec<i64> = targets.iter().map(|target| target.id.0).collect();
        let mine = claims::table
            .filter(claims::owner_kind.eq("user"))
            .filter(claims::owner_id.eq_any(&keys));
        let held: Vec<(i64, String, String)> = mine
            .select((claims::owner_id, claims::kind, claims::value))
            .load(tx.conn)?;
        let held: HashSet<(i64, String, String)> = held.into_iter().collect();
        let wanted = wanted(tx, &keys)?;
        let mut whole = Vec::new();
        for target in targets {
            let missing: Vec<_> = wanted
                .get(&target.id.0)
                .into_iter()
                .flatten()
                .filter(|(kind, value)| {
                    !held.contains(&(target.id.0, (*kind).to_owned(), value.clone()))
                })
                .collect();
            let mut clash = None;
            for (kind, value) in &missing {
                clash = clash.or(clash_with(tx, rights, kind, value)?);
            }
            if clash.is_none() {
                for (kind, value) in missing {
                    claim::take(tx, kind, value, "user", target.id.0)?;
                }
            }
            match clash {
                Some(why) => refused.push((target.id, why)),
                None => whole.push(target),
            }
        }
        let keys: Vec<i64> = whole.iter().map(|target| target.id.0).collect();
        diesel::update(
            claims::table
                .filter(claims::owner_kind.eq("user"))
                .filter(claims::owner_id.eq_any(&keys)),
        )
        .set(claims::held_until.eq(None::<i64>))
        .execute(tx.conn)?;
        back.append(&mut whole);
    }
    Ok(back)
}

/// Kinds and values.
type Claims = Vec<(&'static str, String)>;

/// What each has to hold alone, by kind of claim.
fn wanted(tx: &mut Tx<'_>, keys: &[i64]) -> Result<HashMap<i64, Claims>, StoreError> {
    type Row = (i64, String, Option<String>, Option<String>, Option<String>);
    let rows: Vec<Row> = agents::table
        .inner_join(users::table)
        .filter(agents::user_id.eq_any(keys))
        .select((
            users::id,
            users::login_id,
            users::email,
            users::employee_id,
            agents::intercom,
        ))
        .load(tx.conn)?;
    let claims = |(id, login_id, email, employee_id, intercom): Row| {
        let email = email.and_then(|email| Email::parse(&email).ok());
        let claims = [
            Some(("login_id", LoginId::claim_of(&login_id))),
            email.map(|email| ("email", email.as_str().to_owned())),
            employee_id.map(|id| ("employee_id", id.to_lowercase())),
            intercom.map(|digits| ("dial", digits)),
        ];
        (id, claims.into_iter().flatten().collect())
    };
    Ok(rows.into_iter().map(claims).collect())
}

/// Who holds a value that the asker lost; named only to who may see that agent.
fn clash_with(
    tx: &mut Tx<'_>,
    rights: &Rights,
    kind: &str,
    value: &str,
) -> Result<Option<Refusal>, StoreError> {
    let holder = match kind {
        // Not only the same number stands in the way, and not only records.
        claim::DIAL => claim::collision(tx, value, "user", 0)?
            .and_then(|taken| taken.owner)
            .map(|owner| (owner.kind, owner.id)),
        _ => held_by(tx, kind, value)?,
    };
    let Some((owner, id)) = holder else {
        return Ok(None);
    };
    let by = match owner.as_str() {
        "user" => seen_name(tx, rights, id)?,
        _ => None,
    };
    Ok(Some(Refusal::Taken {
        what: what(kind),
        value: value.to_owned(),
        by,
    }))
}

fn held_by(tx: &mut Tx<'_>, kind: &str, value: &str) -> Result<Option<(String, i64)>, StoreError> {
    let now = tx.now.0;
    Ok(claims::table
        .find((kind, value))
        .filter(claims::held_until.is_null().or(claims::held_until.gt(now)))
        .select((claims::owner_kind, claims::owner_id))
        .first(tx.conn)
        .optional()?)
}

fn seen_name(tx: &mut Tx<'_>, rights: &Rights, id: i64) -> Result<Option<String>, StoreError> {
    let groups: Vec<i64> = agent_group_members::table
        .filter(agent_group_members::agent_id.eq(id))
        .select(agent_group_members::group_id)
        .load(tx.conn)?;
    let groups: Vec<GroupId> = groups.into_iter().map(GroupId).collect();
    let seen = match &rights.scope {
        Scope::All => true,
        Scope::Groups(_) => rights.scope.sees(&groups),
    };
    if !seen {
        return Ok(None);
    }
    let name = users::table.find(id).select(users::name);
    Ok(name.first(tx.conn).optional()?)
}

/// History goes on from now with what was in force.
fn begin_intervals(tx: &mut Tx<'_>, back: &[&Target]) -> Result<(), StoreError> {
    type Group = (&'static str, &'static str, Option<String>, Option<i64>);
    let mut groups: BTreeMap<Group, Vec<i64>> = BTreeMap::new();
    for target in back {
        let admin = &target.admin;
        let reason = admin.reason.as_deref().map(str::to_owned);
        let group = ("admin", admin.state.word(), reason, admin.by.map(|by| by.0));
        groups.entry(group).or_default().push(target.id.0);
    }
    let keys: Vec<i64> = back.iter().map(|target| target.id.0).collect();
    for keys in keys.chunks(AT_ONCE) {
        let rows: Vec<(i64, String, Option<String>, String)> = agent_live::table
            .filter(agent_live::agent_id.eq_any(keys))
            .select((
                agent_live::agent_id,
                agent_live::duty,
                agent_live::duty_reason,
                agent_live::device,
            ))
            .load(tx.conn)?;
        for (id, duty, reason, device) in rows {
            let duty: crate::domain::status::Duty = crate::store::person::word(&duty)?;
            let device: crate::domain::status::Device = crate::store::person::word(&device)?;
            groups
                .entry(("duty", duty.word(), reason, None))
                .or_default()
                .push(id);
            groups
                .entry(("device", device.word(), None, None))
                .or_default()
                .push(id);
        }
    }
    for ((axis, value, reason, by), keys) in groups {
        let begun = Begun {
            axis,
            value,
            reason: reason.as_deref(),
            by,
            at: tx.now,
        };
        interval::begin(tx, &keys, begun)?;
    }
    Ok(())
}
