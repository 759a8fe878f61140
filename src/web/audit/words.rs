//! Entries of the log in words: what was done, to what kind of record, and where that has its page.

use crate::domain::ids::{AgentId, UserId};

/// `Role changed`, `Signed in`; an action that is not known reads as it is written.
pub fn what(action: &str) -> String {
    let whole = match action {
        "session.begin" => "Signed in",
        "session.end" => "Signed out",
        "session.refused" => "Sign-in refused",
        "session.confirm" => "Proved who they are once more",
        "session.end_others" => "Signed out everywhere else",
        "password.refused" => "Password link refused",
        "access.refused" => "Refused",
        "operation.undo" => "Undone",
        "install.set_up" => "Install set up",
        "install.key" => "Key of sealed secrets chosen",
        "install.backup" => "Backed up",
        "install.restore" => "Restored from a backup",
        "audit.remove" => "Old entries removed",
        "audit.mark" => "End of the log marked anew",
        "settings.update" => "Settings changed",
        "settings.mail" => "Mail server changed",
        "mail.sent" => "Letter sent",
        "mail.given_up" => "Letter given up",
        "mail.rejected" => "Letter rejected by the mail server",
        "user.block_web_login" => "Web login blocked",
        "user.unblock_web_login" => "Web login allowed",
        "user.unlock" => "Sign-in lock ended",
        "user.password" => "Password set",
        "user.reset_link" => "Link to set a password made",
        "user.factor_set" => "Second factor set up",
        "user.factor_reset" => "Second factor taken away",
        "user.recovery_codes" => "New recovery codes made",
        "role.second_factor" => "Need of a second factor changed",
        "import.commit" => "Uploaded",
        "import.invitations" => "Invitations listed",
        "import.phone_passwords" => "Phone passwords listed",
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
        "join_groups" => "put into groups",
        "leave_groups" => "taken out of groups",
        "set_time_group" => "given a time group",
        "set_departments" => "given departments",
        "set_caller_ids" => "given caller IDs",
        other => return sentence(&format!("{} {}", spaced(noun), spaced(other))),
    };
    sentence(&format!("{} {verb}", spaced(noun)))
}

fn spaced(word: &str) -> String {
    match word {
        "ivr" => "IVR".to_owned(),
        "caller_id" => "caller ID".to_owned(),
        word => word.replace('_', " "),
    }
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
        "import" => format!("/imports/{id}"),
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
            ("user.block_web_login", "Web login blocked"),
            ("user.factor_reset", "Second factor taken away"),
            ("caller_id.create", "Caller ID added"),
            ("agents.join_groups", "Agents put into groups"),
            ("some.odd_thing", "Some odd thing"),
            ("odd", "Odd"),
        ] {
            assert_eq!(what(action), said);
        }
    }
}
