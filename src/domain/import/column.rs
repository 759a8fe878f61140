//! What a column of a file can mean, and by which names other programs call it.

use crate::domain::agent::words;
use crate::domain::agent_form::Field;
use crate::domain::text::fold;

words!(/// A column that the import reads. The words are the names in the template and in exports.
Column {
    AgentId = "agent_id",
    CurrentLoginId = "current_login_id",
    EmployeeId = "employee_id",
    LoginId = "login_id",
    Name = "name",
    Designation = "designation",
    Email = "email",
    Phone = "phone",
    CallForwardingNumber = "call_forwarding_number",
    AlternativeNumbers = "alternative_numbers",
    Role = "role",
    CallingAgent = "calling_agent",
    AgentGroups = "agent_groups",
    Departments = "departments",
    TimeGroup = "time_group",
    Intercom = "intercom",
    Extension = "extension",
    CallerIds = "caller_ids",
    /// The first of the caller ids, as the agents list shows it.
    ExtensionCallerId = "extension_caller_id",
    RingsOn = "rings_on",
    OutgoingCalls = "outgoing_calls",
    LoginBasedCalling = "login_based_calling",
    AdminState = "admin_state",
    WebLogin = "web_login",
});

/// What the head of a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Column(Column),
    /// Known, and nothing that a file can set: statuses, counts, the columns of an error file.
    ReadOnly,
    /// No name, which is fine as long as no row has anything in it.
    Unnamed,
    Unknown,
    /// Left out by choice.
    Ignored,
}

impl Column {
    pub const COUNT: usize = Self::ALL.len();

    /// The field of the agent's form that it fills; the others are the user's own, or keys.
    pub fn field(self) -> Option<Field> {
        match self {
            Self::EmployeeId => Some(Field::EmployeeId),
            Self::LoginId => Some(Field::Username),
            Self::Name => Some(Field::Name),
            Self::Designation => Some(Field::Designation),
            Self::Email => Some(Field::Email),
            Self::Phone => Some(Field::Phone),
            Self::CallForwardingNumber => Some(Field::CallForwardingNumber),
            Self::AlternativeNumbers => Some(Field::AlternativeNumbers),
            Self::AgentGroups => Some(Field::AgentGroups),
            Self::Departments => Some(Field::Departments),
            Self::TimeGroup => Some(Field::TimeGroup),
            Self::Intercom => Some(Field::IntercomNumber),
            Self::Extension => Some(Field::Extension),
            Self::CallerIds | Self::ExtensionCallerId => Some(Field::CallerIds),
            Self::RingsOn => Some(Field::RingsOn),
            Self::OutgoingCalls => Some(Field::OutgoingCalls),
            Self::LoginBasedCalling => Some(Field::LoginBasedCalling),
            Self::AgentId
            | Self::CurrentLoginId
            | Self::Role
            | Self::CallingAgent
            | Self::AdminState
            | Self::WebLogin => None,
        }
    }

    /// The column in which a field's change or error is shown.
    pub fn of(field: Field) -> Self {
        match field {
            Field::Name => Self::Name,
            Field::EmployeeId => Self::EmployeeId,
            Field::Designation => Self::Designation,
            Field::Phone => Self::Phone,
            Field::Email => Self::Email,
            Field::Username => Self::LoginId,
            Field::CallForwardingNumber => Self::CallForwardingNumber,
            Field::AlternativeNumbers => Self::AlternativeNumbers,
            Field::RingsOn => Self::RingsOn,
            Field::IntercomNumber => Self::Intercom,
            Field::TimeGroup => Self::TimeGroup,
            Field::Departments => Self::Departments,
            Field::AgentGroups => Self::AgentGroups,
            Field::CallerIds => Self::CallerIds,
            Field::Extension => Self::Extension,
            Field::OutgoingCalls => Self::OutgoingCalls,
            Field::LoginBasedCalling => Self::LoginBasedCalling,
        }
    }

    /// Only calling agents have it.
    pub fn is_of_agents(self) -> bool {
        match self {
            Self::CallForwardingNumber
            | Self::AlternativeNumbers
            | Self::AgentGroups
            | Self::Departments
            | Self::TimeGroup
            | Self::Intercom
            | Self::Extension
            | Self::CallerIds
            | Self::ExtensionCallerId
            | Self::RingsOn
            | Self::OutgoingCalls
            | Self::LoginBasedCalling
            | Self::AdminState => true,
            Self::AgentId
            | Self::CurrentLoginId
            | Self::EmployeeId
            | Self::LoginId
            | Self::Name
            | Self::Designation
            | Self::Email
            | Self::Phone
            | Self::Role
            | Self::CallingAgent
            | Self::WebLogin => false,
        }
    }

    /// Tells rows apart.
    pub fn is_key(self) -> bool {
        matches!(
            self,
            Self::AgentId | Self::CurrentLoginId | Self::EmployeeId | Self::LoginId | Self::Email
        )
    }

    /// A default for the whole file may fill it in new rows (product rule §7.3).
    pub fn may_have_default(self) -> bool {
        matches!(
            self,
            Self::Role
                | Self::AgentGroups
                | Self::Departments
                | Self::TimeGroup
                | Self::CallingAgent
                | Self::Extension
                | Self::WebLogin
        )
    }

    /// Everything that it can be called, its own name first.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.word()).chain(self.synonyms().iter().copied())
    }

    /// The names in which other programs write it, folded as [`folded`] does.
    fn synonyms(self) -> &'static [&'static str] {
        match self {
            Self::AgentId => &["agent no", "agent number", "agentid"],
            Self::CurrentLoginId => &["current username", "old login id", "old username"],
            Self::EmployeeId => &[
                "emp id",
                "empid",
                "employeeid",
                "employee code",
                "emp code",
                "employee no",
                "employee number",
                "staff id",
            ],
            Self::LoginId => &[
                "login",
                "loginid",
                "username",
                "user name",
                "user id",
                "userid",
                "user login",
            ],
            Self::Name => &[
                "full name",
                "agent name",
                "user full name",
                "display name",
                "employee name",
            ],
            Self::Designation => &["title", "job title", "position"],
            Self::Email => &[
                "e mail",
                "email id",
                "email address",
                "e mail address",
                "mail",
            ],
            Self::Phone => &[
                "mobile",
                "mobile number",
                "mobile no",
                "mobile phone",
                "phone number",
                "phone no",
                "contact",
                "contact number",
                "contact no",
                "telephone",
                "cell",
                "cell phone",
                CALL_FORWARD,
            ],
            Self::CallForwardingNumber => &["forwarding number", "call forwarding"],
            Self::AlternativeNumbers => &[
                "alternative number",
                "alternate number",
                "alternate numbers",
                "alternate phone",
                "backup numbers",
                "secondary number",
            ],
            Self::Role => &["user role", "role name", "user type"],
            Self::CallingAgent => &["is agent", "is calling agent", "agent"],
            Self::AgentGroups => &["agent group", "group", "groups", "team", "teams"],
            Self::Departments => &["department", "dept", "depts", "queue", "queues"],
            Self::TimeGroup => &["time groups", "time group name", "working hours", "shift"],
            Self::Intercom => &["intercom number", "intercom no", "short number"],
            Self::Extension => &[
                "ext",
                "extension number",
                "extension username",
                "agent extension",
                "sip extension",
                "sip username",
                "sip user",
            ],
            Self::CallerIds => &[
                "caller id",
                "caller id numbers",
                "allowed caller ids",
                "outbound caller id",
                "outbound caller ids",
                "did",
                "dids",
            ],
            Self::ExtensionCallerId => &[],
            Self::RingsOn => &["ring on", "rings", "ring device"],
            Self::OutgoingCalls => &["outgoing", "outgoing call", "outbound calls"],
            Self::LoginBasedCalling => &["login based", "login based call"],
            Self::AdminState => &["state"],
            Self::WebLogin => &["web access", "login access", "console login"],
        }
    }
}

/// The other console's name for the number that calls go to. Where a file has a column for the phone beside
/// it, it can only be the forwarding number; see [`super::Head`].
pub(super) const CALL_FORWARD: &str = "call forward number";

/// Columns of exports that the import knows and skips.
const READ_ONLY: &[&str] = &[
    "status",
    "agent status",
    "extension status",
    "status details",
    "web login status",
    "calls answered",
    "missed",
    "action",
    "actions",
    "created",
    "created at",
    "updated",
    "updated at",
    "last sign in",
    "locked until",
    "second factor",
    "version",
    "s no",
    "sl no",
    "sr no",
    "serial no",
];

/// The columns that an error file adds.
pub(super) const ADDED: [&str; 3] = ["_line", "_column", "_reason"];

pub(super) fn is_added(name: &str) -> bool {
    ADDED.contains(&name.trim().to_ascii_lowercase().as_str())
}

/// A head as it is compared: folded, with every sign but letters and digits as a space.
pub fn folded(name: &str) -> String {
    let spaced: String = fold(name)
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Meaning {
    /// What a name says by itself.
    pub fn of(name: &str) -> Self {
        let name = name.trim();
        if is_added(name) {
            return Self::ReadOnly;
        }
        let folded = folded(name);
        // A name made of signs alone says nothing, but it is a name: "#" heads a count of rows.
        if folded.is_empty() {
            return match name {
                "" => Self::Unnamed,
                "#" => Self::ReadOnly,
                _ => Self::Unknown,
            };
        }
        let named = |column: &&Column| {
            column.word().replace('_', " ") == folded
                || column.synonyms().contains(&folded.as_str())
        };
        match Column::ALL.iter().find(named) {
            Some(column) => Self::Column(*column),
            None if READ_ONLY.contains(&folded.as_str()) => Self::ReadOnly,
            None => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_known_by_the_names_that_other_programs_use() {
        for (name, column) in [
            ("login_id", Column::LoginId),
            (" Login ID ", Column::LoginId),
            ("Username", Column::LoginId),
            ("USER-NAME", Column::LoginId),
            ("Mobile", Column::Phone),
            ("Call Forward Number", Column::Phone),
            ("Call Forwarding Number", Column::CallForwardingNumber),
            ("E-mail", Column::Email),
            ("Emp. Code", Column::EmployeeId),
            ("Extension Caller ID", Column::ExtensionCallerId),
            ("Intercom\u{a0}Number", Column::Intercom),
        ] {
            assert_eq!(Meaning::of(name), Meaning::Column(column), "{name}");
        }
        for name in [
            "Agent Status",
            "Calls Answered",
            "_line",
            "_Reason",
            "#",
            "Action",
        ] {
            assert_eq!(Meaning::of(name), Meaning::ReadOnly, "{name}");
        }
        assert_eq!(Meaning::of("  "), Meaning::Unnamed);
        for name in ["password", "line", "reason", "???", "नाम"] {
            assert_eq!(Meaning::of(name), Meaning::Unknown, "{name}");
        }
    }

    #[test]
    fn no_name_means_two_things() {
        let mut names: Vec<String> = Vec::new();
        for column in Column::ALL {
            names.push(column.word().replace('_', " "));
            names.extend(column.synonyms().iter().map(|name| (*name).to_owned()));
        }
        names.extend(READ_ONLY.iter().map(|name| (*name).to_owned()));
        for name in &names {
            assert_eq!(&folded(name), name, "synonyms are written folded");
        }
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
