//! Lines of the audit log in words: who did what, and each field from what to what.

use crate::domain::audit::{Actor, ActorKind};
use crate::domain::phone::{Phone, Region, masked};
use crate::domain::refusal::Refusal;
use crate::domain::role::{Permission, Permissions, Scope};
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::store::audit::{self, Line};
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::state::AppState;
use chrono_tz::Tz;
use serde_json::{Map, Value};

/// A line, ready to print.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// `14:01` today, `03 Nov 2026 14:01` before; and the instant as RFC 3339.
    pub at: String,
    pub at_full: String,
    pub who: String,
    /// `blocked`, `changed`, `set the password`.
    pub did: String,
    /// Only for those who may read the audit log.
    pub address: String,
    /// About whom, and their page; for lines that stand among others'.
    pub subject: String,
    pub subject_href: String,
    pub fields: Vec<FieldChange>,
}

/// One field, old and new; an empty text was or is blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldChange {
    pub label: String,
    pub before: String,
    pub after: String,
}

/// Who reads the lines.
#[derive(Clone, Copy)]
pub struct ChangeReader<'a> {
    pub zone: Tz,
    pub region: Region,
    pub now: Timestamp,
    pub scope: &'a Scope,
    /// May read the audit log: sees from where things were done.
    pub audit: bool,
}

/// Fields in the order of forms, with their labels; others follow by name.
const FIELDS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("username", "Username"),
    ("employee_id", "Employee ID"),
    ("designation", "Designation"),
    ("phone", "Phone"),
    ("email", "Email"),
    ("call_forwarding_number", "Call forwarding number"),
    ("alternative_numbers", "Alternative numbers"),
    ("intercom_number", "Intercom number"),
    ("extension", "Extension"),
    ("caller_ids", "Caller IDs"),
    ("rings_on", "Rings on"),
    ("outgoing_calls", "Outgoing calls"),
    ("login_based_calling", "Login-based calling"),
    ("time_group", "Time group"),
    ("time_zone", "Time zone"),
    ("always", "Always open"),
    ("hours", "Hours"),
    ("holidays", "Holidays"),
    ("departments", "Departments"),
    ("agent_groups", "Agent groups"),
    ("calling_agent", "Calling agent"),
    ("role", "Role"),
    ("permissions", "Rights"),
    ("own_groups", "Only on own groups"),
    ("scope_groups", "Groups the rights hold on"),
    ("web_login", "Web login"),
    ("allowed_ips", "Allowed addresses"),
    ("cause", "Cause"),
    ("failed_sign_ins", "Failed sign-ins"),
    ("locked_until", "Locked until"),
    ("admin_state", "State"),
    ("admin_reason", "Reason"),
    ("duty", "Duty"),
    ("reason", "Reason"),
    ("until", "Until"),
    ("after_call", "After this call"),
    ("after_call_reason", "Reason after this call"),
    ("deleted", "Deleted"),
];

/// So many changes are told on a record's page.
const TOLD: usize = 12;

/// What was done to a record that is no agent, in words; for who sees everyone, since it may name agents.
///
/// # Errors
/// When the log can't be read.
pub async fn of_record(
    state: &AppState,
    user: &CurrentUser,
    kind: &'static str,
    id: i64,
) -> Result<Vec<Change>, AppError> {
    if !user.scope.is_all() {
        return Ok(Vec::new());
    }
    let lines = state
        .read(move |conn| audit::of_subject(conn, kind, id, None, TOLD))
        .await?;
    let picture = state.floor.picture();
    let install = picture.install();
    let reader = ChangeReader {
        zone: install.calendar.zone,
        region: install.region,
        now: state.clock.now(),
        scope: &user.scope,
        audit: user.may(Permission::AuditRead),
    };
    Ok(lines.lines.iter().map(|line| reader.change(line)).collect())
}

/// What a line says by its time and doer already.
const SILENT: &[&str] = &["since", "by"];

/// A place among the changes, as a link to older ones carries it.
///
/// # Errors
/// What is wrong with the text.
pub fn place(text: &str) -> Result<i64, &'static str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|_| plain);
    id.ok_or("is no place among the changes")
}

impl ChangeReader<'_> {
    /// A line among others', which names the record that it is about; `href` is its page, empty for none.
    pub fn change_of(&self, line: &Line, href: String) -> Change {
        Change {
            did: did(&line.action),
            subject: line.subject_name.clone(),
            subject_href: href,
            ..self.change(line)
        }
    }

    /// A line on the page of the record that it is about, which it need not name.
    pub fn change(&self, line: &Line) -> Change {
        let did = did(&line.action);
        let alone = did.strip_suffix(" of");
        Change {
            at: self.when(line.at),
            at_full: show::rfc3339(line.at),
            who: doer(line).to_owned(),
            did: alone.unwrap_or(&did).to_owned(),
            address: match (&line.address, self.audit) {
                (Some(address), true) => address.clone(),
                (Some(_) | None, _) => String::new(),
            },
            subject: String::new(),
            subject_href: String::new(),
            fields: self.fields(&line.before, &line.after),
        }
    }

    fn fields(&self, before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<FieldChange> {
        let mut names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        let others = before.keys().chain(after.keys()).map(String::as_str);
        for name in others {
            if !names.contains(&name) && !SILENT.contains(&name) {
                names.push(name);
            }
        }
        names
            .into_iter()
            .filter_map(|name| {
                let (old, new) = (before.get(name), after.get(name));
                let text = |value: Option<&Value>| {
                    value.map_or_else(String::new, |value| self.value(name, value))
                };
                let (before, after) = match (name, rights(old), rights(new)) {
                    // Of thirty rights those that came and went.
                    ("permissions", Some(old), Some(new)) => {
                        (old.minus(new).said(), new.minus(old).said())
                    }
                    _ => (text(old), text(new)),
                };
                (before != after).then(|| FieldChange {
                    label: label(name),
                    before,
                    after,
                })
            })
            .collect()
    }

    fn value(&self, name: &str, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(true) => "yes".to_owned(),
            Value::Bool(false) => "no".to_owned(),
            Value::Number(number) => match (name, number.as_i64()) {
                ("locked_until", Some(micros)) => self.when(Timestamp(micros)),
                _ => number.to_string(),
            },
            Value::String(text) => self.text(name, text),
            Value::Array(values) => values
                .iter()
                .filter(|value| self.may_know(name, value))
                .map(|value| self.value(name, value))
                .collect::<Vec<_>>()
                .join(", "),
            Value::Object(record) => record
                .get("name")
                .or_else(|| record.get("number"))
                .and_then(Value::as_str)
                .map_or_else(String::new, |text| self.text(name, text)),
        }
    }

    fn text(&self, name: &str, text: &str) -> String {
        match name {
            "until" | "since" => instant(text).map_or_else(|| text.to_owned(), |at| self.when(at)),
            "phone" | "call_forwarding_number" | "alternative_numbers" | "caller_ids" => {
                Phone::from_e164(text)
                    .map_or_else(|| text.to_owned(), |phone| phone.show(self.region))
            }
            "permissions" => text
                .parse()
                .map_or_else(|_| text.to_owned(), Permissions::said),
            "needs" => text.parse().map_or_else(
                |_| text.to_owned(),
                |right: Permission| right.label().to_owned(),
            ),
            "cause" => text
                .parse()
                .map_or_else(|_| text.to_owned(), |why: Refusal| why.label().to_owned()),
            "filter" => without_number(text),
            _ => text.to_owned(),
        }
    }

    /// Groups out of the reader's scope stay unknown.
    fn may_know(&self, name: &str, value: &Value) -> bool {
        let group = value.get("id").and_then(Value::as_i64);
        match (name, group) {
            ("agent_groups" | "scope_groups", Some(id)) => {
                self.scope.sees(&[crate::domain::ids::GroupId(id)])
            }
            _ => true,
        }
    }

    fn when(&self, at: Timestamp) -> String {
        let local = |at: Timestamp| at.utc().with_timezone(&self.zone);
        match local(at).date_naive() == local(self.now).date_naive() {
            true => show::hour_and_minute(at, self.zone),
            false => local(at).format("%d %b %Y %H:%M").to_string(),
        }
    }
}

fn rights(value: Option<&Value>) -> Option<Permissions> {
    value?.as_str()?.parse().ok()
}

/// The filter of an export may hold part of a customer's number, which is not for everyone.
fn without_number(filter: &str) -> String {
    let part = |part: &str| match part.split_once("number=") {
        Some((before, number)) => format!("{before}number={}", masked(number)),
        None => part.to_owned(),
    };
    filter.split('&').map(part).collect::<Vec<_>>().join("&")
}

fn instant(text: &str) -> Option<Timestamp> {
    let at = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(Timestamp(at.timestamp_micros()))
}

fn label(name: &str) -> String {
    let known = FIELDS.iter().find(|(field, _)| *field == name);
    known.map_or_else(|| sentence(name), |(_, label)| (*label).to_owned())
}

/// Who did it, in words.
pub fn doer(line: &Line) -> &str {
    match (line.actor_kind.parse(), line.actor_name.as_str()) {
        (Ok(ActorKind::System), Actor::NOBODY) => "Someone not signed in",
        (Ok(_) | Err(_), name) => name,
    }
}

/// `user_stays` reads "User stays".
fn sentence(word: &str) -> String {
    let text = word.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// An action in the past tense; one that is not known reads as it is written.
fn did(action: &str) -> String {
    let verb = action.split_once('.').map_or(action, |(_, verb)| verb);
    match verb {
        "set_up" => "finished the",
        "create" => "created",
        "update" => "changed",
        "block" => "blocked",
        "disable" => "disabled",
        "enable" => "lifted the block or disable of",
        "lift" => "lifted on time",
        "pause" => "paused",
        "resume" => "resumed",
        "off_duty" => "put off duty",
        "off_board" => "off-boarded",
        "delete" => "deleted",
        "restore" => "restored",
        "undo" => "undid a change of",
        "password" => "set the password of",
        "block_web_login" => "blocked the web login of",
        "unblock_web_login" => "allowed the web login of",
        "unlock" => "ended the sign-in lock of",
        "reset_link" => "made a password link of",
        "factor_set" => "set the second factor of",
        "factor_reset" => "took away the second factor of",
        "recovery_codes" => "made new recovery codes of",
        "second_factor" => "changed the need of a second factor of",
        "export" => "exported",
        "revoke" => "ended",
        "remove" => "removed old entries of",
        "mark" => "marked anew the end of",
        "members" => "chose the agents of",
        "join_groups" => "put into groups",
        "leave_groups" => "took out of groups",
        "set_time_group" => "set the time group of",
        "set_departments" => "set the departments of",
        "set_caller_ids" => "set the caller IDs of",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::GroupId;
    use chrono_tz::Asia::Kolkata;
    use serde_json::json;

    fn line(before: Value, after: Value) -> Line {
        let map = |value: Value| value.as_object().cloned().unwrap_or_default();
        Line {
            id: 1,
            at: Timestamp(1_795_336_331_000_000), // 2026-11-22T08:32:11Z
            operation: String::new(),
            actor_kind: "user".to_owned(),
            actor_id: Some(2),
            actor_name: "Lakshmi Menon".to_owned(),
            address: Some("10.0.0.4".to_owned()),
            request_id: None,
            action: "agent.update".to_owned(),
            subject_kind: "user".to_owned(),
            subject_id: Some(3),
            subject_name: "Farhan Sheikh".to_owned(),
            before: map(before),
            after: map(after),
        }
    }

    fn reader(scope: &Scope) -> ChangeReader<'_> {
        ChangeReader {
            zone: Kolkata,
            region: Region::INDIA,
            now: Timestamp(1_795_336_331_000_000),
            scope,
            audit: false,
        }
    }

    #[test]
    fn fields_are_named_in_the_order_of_forms_and_records_by_name() {
        let line = line(
            json!({"departments": [{"id": 1, "name": "Sales"}], "phone": null, "login_based_calling": true, "name": "A"}),
            json!({"departments": [{"id": 2, "name": "Support"}], "phone": "+918040002291", "login_based_calling": false, "name": "A", "until": "2026-11-22T12:30:00Z"}),
        );
        let change = reader(&Scope::All).change(&line);
        let fields: Vec<_> = change
            .fields
            .iter()
            .map(|f| (f.label.as_str(), f.before.as_str(), f.after.as_str()))
            .collect();
        let expected = [
            ("Phone", "", "080 4000 2291"),
            ("Login-based calling", "yes", "no"),
            ("Departments", "Sales", "Support"),
            ("Until", "", "18:00"),
        ];
        assert_eq!(fields, expected);
        assert_eq!(
            (change.did.as_str(), change.at.as_str()),
            ("changed", "14:02")
        );
        assert_eq!(change.address, "", "only auditors see from where");
    }

    #[test]
    fn on_its_own_page_a_record_is_not_named() {
        let mut line = line(json!({}), json!({}));
        line.action = "user.password".to_owned();
        let reader = reader(&Scope::All);
        assert_eq!(reader.change(&line).did, "set the password");
        let among = reader.change_of(&line, "/users/3".to_owned());
        assert_eq!(
            (among.did.as_str(), among.subject.as_str()),
            ("set the password of", "Farhan Sheikh")
        );
    }

    #[test]
    fn of_rights_those_that_came_and_went_are_told() {
        let line = line(
            json!({"permissions": "agents.read exports"}),
            json!({"permissions": "agents.read calls.read"}),
        );
        let change = reader(&Scope::All).change(&line);
        let field = &change.fields[0];
        let told = (
            field.label.as_str(),
            field.before.as_str(),
            field.after.as_str(),
        );
        assert_eq!(told, ("Rights", "Export lists", "See calls"));
    }

    #[test]
    fn refusals_are_told_in_words() {
        let mut line = line(
            json!({}),
            json!({"cause": "address_not_allowed", "failed_sign_ins": 5, "locked_until": 1_795_336_391_000_000_i64, "needs": "departments.write"}),
        );
        (line.actor_kind, line.actor_name) = ("system".to_owned(), "nobody".to_owned());
        let change = reader(&Scope::All).change(&line);
        let told: Vec<_> = change
            .fields
            .iter()
            .map(|field| (field.label.as_str(), field.after.as_str()))
            .collect();
        let expected = [
            ("Cause", "address not allowed"),
            ("Failed sign-ins", "5"),
            ("Locked until", "14:03"),
            ("Needs", "Change departments"),
        ];
        assert_eq!(told, expected);
        assert_eq!(change.who, "Someone not signed in");
    }

    #[test]
    fn customers_numbers_in_filters_are_masked() {
        let text = without_number("?days=7&number=9812345678&per=100");
        assert!(text.starts_with("?days=7&number=") && text.ends_with("&per=100"));
        assert!(!text.contains("981234"), "{text}");
    }

    #[test]
    fn groups_out_of_scope_stay_unknown() {
        let line = line(
            json!({"agent_groups": [{"id": 1, "name": "North"}, {"id": 2, "name": "South"}]}),
            json!({"agent_groups": [{"id": 1, "name": "North"}]}),
        );
        let scope = Scope::Groups(vec![GroupId(1)]);
        assert!(reader(&scope).change(&line).fields.is_empty());
        assert_eq!(
            reader(&Scope::All).change(&line).fields[0].before,
            "North, South"
        );
    }
}
