//! An operation in words, from its lines in the audit.

use super::{assigned, of_group, of_user};
use crate::domain::act::{ActKind, Refusal};
use crate::domain::audit::ActorKind;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::phone::Region;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::store::operation::{self, Operation};
use crate::store::time_group;
use crate::store::undo::{UNDO, Undoable};
use crate::web::agents::acts::words::{agents, counted};
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::shell::{Notice, NoticeKind};
use crate::web::state::AppState;
use chrono_tz::Tz;
use serde_json::Value;

/// What a person did, with the button that takes it back.
pub async fn notice(state: &AppState, user: &CurrentUser, id: &str) -> Result<Notice, AppError> {
    own_notice(state, user, id).await?.ok_or(AppError::NotFound)
}

/// The same; None for what is not there or somebody else did.
pub async fn own_notice(
    state: &AppState,
    user: &CurrentUser,
    id: &str,
) -> Result<Option<Notice>, AppError> {
    let key = id.to_owned();
    let found = state.read(move |conn| operation::find(conn, &key)).await?;
    let mine = |operation: &Operation| {
        operation.actor_kind == ActorKind::User.word() && operation.actor_id == Some(user.id.0)
    };
    let Some(operation) = found.filter(mine) else {
        return Ok(None);
    };
    let (zone, region, now) = {
        let picture = state.floor.picture();
        let install = picture.install();
        (install.calendar.zone, install.region, state.clock.now())
    };
    let said = sentence(&operation, (zone, region), now);
    let mut notice = Notice::new(NoticeKind::Done, said);
    notice.list = left_out(state, user, &operation);
    // Whoever may do something to themselves alone is offered nothing that would be refused.
    let undoable = Undoable::of_action(&operation.action);
    if !operation.undone && undoable.is_some_and(|what| user.rights().may(what.needs())) {
        notice.undo = operation.id;
    }
    Ok(Some(notice))
}

/// `Asha Rao is blocked until 18:00: sick.`
pub fn sentence(operation: &Operation, (zone, region): (Tz, Region), now: Timestamp) -> String {
    let text = |name: &str| operation.after.get(name).and_then(Value::as_str);
    let who = &operation.subject_name;
    if operation.action == UNDO {
        return match operation.after.get("count").and_then(Value::as_u64) {
            Some(0) => "Nothing was undone: all of it was changed since.".to_owned(),
            Some(_) | None => format!("Undone: {} as before.", is(operation, "")),
        };
    }
    let Some(kind) = ActKind::of_action(&operation.action) else {
        return of_group::sentence(operation)
            .or_else(|| of_user::sentence(operation))
            .unwrap_or_else(|| of_record(operation));
    };
    if kind.assigns().is_some() {
        return assigned::sentence(operation, kind, verb(operation), region);
    }
    let mut said = is(operation, state_word(kind));
    if text("after_call").is_some() {
        said = match kind {
            ActKind::Pause => format!("{who} pauses after this call"),
            ActKind::Resume => format!("{who} takes calls again after this one"),
            _ => format!("{who} goes off duty after this call"),
        };
    }
    if let Some(until) = text("until") {
        said.push_str(" until ");
        said.push_str(&instant(until).map_or_else(|| until.to_owned(), |at| when(at, zone, now)));
    }
    if let Some(reason) = text("reason") {
        said.push_str(": ");
        said.push_str(reason);
    }
    said.push('.');
    let same = operation.after.get("unchanged").and_then(Value::as_u64);
    if let Some(same) = same.filter(|same| *same > 0) {
        let same = counted(usize::try_from(same).unwrap_or(0), "was", "were");
        said.push_str(&format!(" {same} so already."));
    }
    said
}

/// What was done to a record, by the verb of its action; of a deletion also whom it concerns.
fn of_record(operation: &Operation) -> String {
    let who = &operation.subject_name;
    let agents_of = operation.after.get("agents").and_then(Value::as_u64);
    let agents_of = agents_of.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    match operation.action.rsplit('.').next() {
        Some("create") => format!("{who} is added."),
        Some("restore") => format!("{who} is restored."),
        Some("revoke") => format!("{who} is ended."),
        Some("delete") => match (operation.subject_kind.as_str(), agents_of) {
            (time_group::KIND, Some(count)) if count > 0 => {
                let have = if count == 1 { "has" } else { "have" };
                format!(
                    "{who} is deleted. {} {have} no working hours now.",
                    agents(count)
                )
            }
            (_, Some(_) | None) => format!("{who} is deleted."),
        },
        Some(_) | None => format!("{who} is saved."),
    }
}

/// Of one `is`, of many `are`.
fn is(operation: &Operation, word: &str) -> String {
    let (who, verb) = (&operation.subject_name, verb(operation));
    match word {
        "" => format!("{who} {verb}"),
        word => format!("{who} {verb} {word}"),
    }
}

fn verb(operation: &Operation) -> &'static str {
    let who = &operation.subject_name;
    let many = operation.subject_kind != "user" && !who.starts_with("1 ");
    if many && is_count(who) { "are" } else { "is" }
}

/// `312 agents`, as acts on many are called; people's names are never read as one.
fn is_count(who: &str) -> bool {
    who.strip_suffix(" agents")
        .is_some_and(|count| count.bytes().all(|b| b.is_ascii_digit() || b == b','))
}

fn state_word(kind: ActKind) -> &'static str {
    match kind {
        ActKind::Block => "blocked",
        ActKind::Disable => "disabled",
        ActKind::Enable => "enabled",
        ActKind::Pause => "paused",
        ActKind::Resume => "on duty",
        ActKind::OffDuty => "off duty",
        ActKind::OffBoard => "off-boarded",
        ActKind::Delete => "deleted",
        ActKind::Restore => "restored",
        // These say what was assigned.
        ActKind::JoinGroups
        | ActKind::LeaveGroups
        | ActKind::SetTimeGroup
        | ActKind::SetDepartments
        | ActKind::SetCallerIds => "saved",
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    let at = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(at.to_utc().into())
}

/// The time of day, with the day unless it is today.
fn when(at: Timestamp, zone: Tz, now: Timestamp) -> String {
    let local = at.utc().with_timezone(&zone);
    match local.date_naive() == now.utc().with_timezone(&zone).date_naive() {
        true => show::hour_and_minute(at, zone),
        false => local.format("%d %b %H:%M").to_string(),
    }
}

/// Those on whom it was not done, each with the reason.
fn left_out(state: &AppState, user: &CurrentUser, operation: &Operation) -> Vec<String> {
    let listed = |name: &str| operation.after.get(name).and_then(Value::as_array);
    let Some(list) = listed("refused").or_else(|| listed("kept")) else {
        return Vec::new();
    };
    let line = |entry: &Value| {
        let id: AgentId = entry.get("id")?.as_str()?.parse().ok()?;
        let why = entry.get("why")?.as_str()?;
        Some(format!("{} {why}.", name(state, user, id.user())))
    };
    list.iter().filter_map(line).collect()
}

/// The same for refusals that were not written down.
pub fn refusals(
    state: &AppState,
    user: &CurrentUser,
    refused: &[(UserId, Refusal)],
) -> Vec<String> {
    refused
        .iter()
        .take(20)
        .map(|(id, why)| format!("{} {why}.", name(state, user, *id)))
        .collect()
}

/// The name of who is in scope, deleted or not; of others only the id that was asked for.
fn name(state: &AppState, user: &CurrentUser, id: UserId) -> String {
    let picture = state.floor.picture();
    let seen = picture.person(id).filter(|person| {
        let agent = person.agent.as_deref();
        agent.is_some_and(|agent| user.scope.sees(&agent.groups))
    });
    match seen {
        Some(person) => person.name.to_string(),
        None => AgentId::of(id).to_string(),
    }
}

/// What is said when everyone was so already.
pub fn unchanged(count: usize) -> Notice {
    let text = match count {
        0 | 1 => "Nothing to change: it was so already.".to_owned(),
        count => format!("Nothing to change: {} were so already.", agents(count)),
    };
    Notice::new(NoticeKind::Warning, text)
}

/// What is said when it was undone before.
pub fn undone_before() -> Notice {
    Notice::new(
        NoticeKind::Warning,
        "That was undone before: nothing more was changed.",
    )
}
