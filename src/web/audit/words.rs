//! Entries of the log in words: what was done, to what kind of record, and where that has its page.

use crate::domain::ids::{AgentId, UserId};

/// `Role changed`, `Signed in`; an action that is not known reads as it is written.
pub fn what(action: &str) -> String {
    let whole = match action {
        "session.begin" => "Signed in",
        "session.end" => "Signed out",
        "session.refused" => "Sign-in refused",
        "access.refused" => "Refused",
        "operation.undo" => "Undone",
        "install.set_up" => "Set up",
        "audit.remove" => "Old entries removed",
        "settings.update" => "Settings changed",
        "settings.days" => "Calls sorted into other days",
        _ => "",
    };
    if !whole.is_empty() {
        return whole.to_owned();
    }
    let (noun, verb) = action.split_once('.').unwrap_or((action, ""));
    let verb = match verb {
        "create" => "added",
        "update" => "changed",
        "delete" => "deleted",
        "restore" => "restored",
        "undo" => "changed back",
        "block" => "blocked",
        "disable" => "disabled",
        "enable" => "enabled",
        "lift" => "lifted on time",
        "pause" => "paused",
        "resume" => "put on duty",
        "off_duty" => "put off duty",
        "off_board" => "off-boarded",
        "export" => "exported",
        "revoke" => "ended",
        "members" => "members chosen",
        "password" => "password set",
        "reset_link" => "password link made",
        other => return sentence(&format!("{} {}", spaced(noun), spaced(other))),
    };
    sentence(&format!("{} {verb}", spaced(noun)))
}

fn spaced(word: &str) -> String {
    word.replace('_', " ")
}

fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The page of a record; empty for what has none.
pub fn page_of(kind: &str, id: i64) -> String {
    match kind {
        "user" => format!("/agents/{}", AgentId::of(UserId(id))),
        "group" => format!("/agent-groups/{id}"),
        "department" => format!("/departments/{id}"),
        "ivr" => format!("/ivrs/{id}"),
        "caller_id" => format!("/caller-ids/{id}"),
        "time_group" => format!("/time-groups/{id}"),
        "role" => format!("/roles/{id}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_read_as_sentences() {
        for (action, said) in [
            ("role.update", "Role changed"),
            ("session.begin", "Signed in"),
            ("agents.off_board", "Agents off-boarded"),
            ("time_group.create", "Time group added"),
            ("user.web_login", "User web login"),
            ("odd", "Odd"),
        ] {
            assert_eq!(what(action), said);
        }
    }
}
