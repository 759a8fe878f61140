//! Acts in words: what they are called and what they bring about.

use super::facts::Facts;
use crate::domain::act::ActKind;
use crate::domain::show;
use crate::domain::status::{AdminState, Duty};

/// One act that can be chosen.
pub struct ActChoice {
    /// Word that the form posts.
    pub word: &'static str,
    pub label: &'static str,
    /// What it brings about; begins in lower case.
    pub effect: String,
    pub chosen: bool,
}

/// `1 agent`, `312 agents`.
pub fn agents(count: usize) -> String {
    counted(count, "agent", "agents")
}

pub fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{} {many}", show::count(count as i64)),
    }
}

/// The acts that make sense, the likeliest first; one of them is chosen.
pub fn choices(facts: &Facts, asked: &str) -> Vec<ActChoice> {
    // What is in force is lifted before it is changed.
    let lift_first = facts.in_state(AdminState::Enabled) == 0;
    let [first, second, third] = match lift_first {
        true => [ActKind::Enable, ActKind::Block, ActKind::Disable],
        false => [ActKind::Block, ActKind::Disable, ActKind::Enable],
    };
    let kinds: Vec<ActKind> = [
        first,
        second,
        third,
        ActKind::Pause,
        ActKind::Resume,
        ActKind::OffDuty,
        ActKind::JoinGroups,
        ActKind::LeaveGroups,
        ActKind::SetTimeGroup,
        ActKind::SetDepartments,
        ActKind::SetCallerIds,
        ActKind::OffBoard,
        ActKind::Delete,
    ]
    .into_iter()
    .filter(|kind| facts.allowed(*kind) && makes_sense(facts, *kind))
    .collect();
    let asked = asked
        .parse::<ActKind>()
        .ok()
        .filter(|kind| kinds.contains(kind));
    let chosen = asked.or_else(|| kinds.first().copied());
    kinds
        .into_iter()
        .map(|kind| ActChoice {
            word: kind.word(),
            label: label(facts, kind),
            effect: effect(facts, kind),
            chosen: Some(kind) == chosen,
        })
        .collect()
}

fn makes_sense(facts: &Facts, kind: ActKind) -> bool {
    let total = facts.ids.len();
    match kind {
        ActKind::Block | ActKind::Disable | ActKind::OffBoard | ActKind::Delete => true,
        ActKind::Restore => false,
        ActKind::Enable => facts.in_state(AdminState::Enabled) < total,
        ActKind::Pause => facts.on_duty(Duty::Paused) < total,
        ActKind::Resume => facts.on_duty(Duty::On) < total || facts.waiting > 0,
        ActKind::OffDuty => facts.login_based > 0 && facts.on_duty(Duty::Off) < facts.login_based,
        ActKind::JoinGroups | ActKind::LeaveGroups => !facts.picks.groups.is_empty(),
        ActKind::SetTimeGroup => !facts.picks.time_groups.is_empty(),
        ActKind::SetDepartments => !facts.picks.departments.is_empty(),
        ActKind::SetCallerIds => !facts.picks.caller_ids.is_empty(),
    }
}

fn label(facts: &Facts, kind: ActKind) -> &'static str {
    let one = facts.ids.len() == 1;
    match kind {
        ActKind::Block if one && facts.in_state(AdminState::Blocked) == 1 => "Change the block",
        ActKind::Block => "Block calls",
        ActKind::Disable if one && facts.in_state(AdminState::Disabled) == 1 => {
            "Change the disable"
        }
        ActKind::Disable => "Disable",
        ActKind::Enable if one && facts.in_state(AdminState::Blocked) == 1 => "Lift the block",
        ActKind::Enable => "Enable",
        ActKind::Pause => "Pause",
        ActKind::Resume => "Resume",
        ActKind::OffDuty => "Put off duty",
        ActKind::OffBoard => "Off-board",
        ActKind::Delete => "Delete",
        ActKind::Restore => "Restore",
        ActKind::JoinGroups => "Add to groups",
        ActKind::LeaveGroups => "Remove from groups",
        ActKind::SetTimeGroup => "Set the time group",
        ActKind::SetDepartments => "Set the departments",
        ActKind::SetCallerIds => "Set the caller IDs",
    }
}

fn effect(facts: &Facts, kind: ActKind) -> String {
    let so_already = |count: usize, word: &str| match (count, facts.ids.len()) {
        (0, _) | (_, 1) => String::new(),
        (1, _) => format!("; 1 is {word} already"),
        (count, _) => format!("; {} are {word} already", show::count(count as i64)),
    };
    let (blocked, disabled) = (
        facts.in_state(AdminState::Blocked),
        facts.in_state(AdminState::Disabled),
    );
    match kind {
        ActKind::Block => format!(
            "none come in, can call out{}",
            so_already(blocked, "blocked")
        ),
        ActKind::Disable => {
            let already = so_already(disabled, "disabled");
            format!("none in or out, emergency calls excepted{already}")
        }
        ActKind::Enable if facts.ids.len() == 1 => "calls come in and go out again".to_owned(),
        ActKind::Enable => {
            let lifted = counted(blocked, "block", "blocks");
            format!(
                "{lifted} and {} end",
                counted(disabled, "disable", "disables")
            )
        }
        ActKind::Pause => "no calls until resumed".to_owned(),
        ActKind::Resume => "takes calls again, as far as nothing else is in the way".to_owned(),
        ActKind::OffDuty => match facts.ids.len() - facts.login_based {
            0 => "no calls until they start taking calls again".to_owned(),
            always => format!(
                "no calls until they start taking calls again; {} always on duty and {} so",
                counted(always, "is", "are"),
                if always == 1 { "stays" } else { "stay" },
            ),
        },
        ActKind::OffBoard => off_board(facts),
        ActKind::Delete => delete(facts),
        ActKind::Restore => "back in every list".to_owned(),
        ActKind::JoinGroups => "the other groups stay as they are".to_owned(),
        ActKind::LeaveGroups if facts.own_groups => {
            "whoever is in no other group of yours leaves your sight".to_owned()
        }
        ActKind::LeaveGroups => "as far as they are in them".to_owned(),
        ActKind::SetTimeGroup => "in place of what they have; none means any time".to_owned(),
        ActKind::SetDepartments => {
            "these and no others; whoever joins one comes last in its order".to_owned()
        }
        ActKind::SetCallerIds => "these and no others".to_owned(),
    }
}

fn off_board(facts: &Facts) -> String {
    let mut parts = vec!["no calls in or out".to_owned()];
    if facts.web_logins > 0 {
        let logins = counted(facts.web_logins, "web login is", "web logins are");
        parts.push(format!("{logins} blocked and signed out"));
    }
    if facts.departments > 0 {
        let seats = counted(facts.departments, "place", "places");
        parts.push(format!("{seats} in departments given up"));
    }
    parts.join(", ")
}

fn delete(facts: &Facts) -> String {
    let held = facts.quarantine_days;
    let users = facts.ids.len() - facts.above_agent;
    let held = format!(
        "User IDs, emails and intercoms stay reserved for {}.",
        counted(usize::from(held), "day", "days")
    );
    match (users, facts.above_agent) {
        (1, 0) => {
            format!("the agent and the user leave every list; Deleted brings them back. {held}")
        }
        (0, 1) => "takes no calls any more, but stays a user: the role is above Agent".to_owned(),
        (_, 0) => format!("agents and users leave every list; Deleted brings them back. {held}"),
        (_, above) => format!(
            "agents leave every list; {} because of the role. {held}",
            counted(above, "stays a user", "stay users")
        ),
    }
}
