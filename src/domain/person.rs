//! A person as everyone reads them: the user, and the agent where there is one.

use super::agent::{OutgoingCalls, RingsOn, words};
use super::ids::{CallerIdId, DepartmentId, GroupId, RoleId, TimeGroupId, UserId};
use super::phone::Phone;
use super::status::{AdminState, CallState, Device, Duty};
use super::time::Timestamp;

words!(/// Whether the user may sign in to the console.
WebLogin { Allowed = "allowed", Blocked = "blocked", None = "none" });

impl WebLogin {
    /// What it comes to now, for somebody whom failed sign-ins shut out until then.
    pub fn status(self, locked_until: Option<Timestamp>, now: Timestamp) -> WebLoginStatus {
        match self {
            Self::None => WebLoginStatus::None,
            Self::Blocked => WebLoginStatus::Blocked,
            Self::Allowed if locked_until.is_some_and(|until| until > now) => {
                WebLoginStatus::Locked
            }
            Self::Allowed => WebLoginStatus::Allowed,
        }
    }
}

words!(/// The same with what comes and goes by itself, in the order in which a list sorts it.
WebLoginStatus {
    Allowed = "allowed",
    /// Closed for a while by failed sign-ins.
    Locked = "locked",
    /// By an admin.
    Blocked = "blocked",
    None = "none",
});

impl WebLoginStatus {
    pub fn label(self) -> &'static str {
        match self {
            Self::Allowed => "Allowed",
            Self::Locked => "Locked",
            Self::Blocked => "Blocked",
            Self::None => "None",
        }
    }
}

/// A user, living or deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub id: UserId,
    pub name: Box<str>,
    pub employee_id: Option<Box<str>>,
    pub designation: Box<str>,
    pub phone: Option<Phone>,
    pub email: Option<Box<str>>,
    pub login_id: Box<str>,
    pub role: RoleId,
    pub web_login: WebLogin,
    pub locked_until: Option<Timestamp>,
    /// Groups that a scoped role is bound to.
    pub scope_groups: Box<[GroupId]>,
    /// Choices of the reader, a JSON object.
    pub preferences: Box<str>,
    pub deleted: bool,
    pub version: i64,
    pub agent: Option<Box<Agent>>,
}

/// What makes a user an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    pub forwarding_number: Option<Phone>,
    /// In the order in which they are tried.
    pub alternative_numbers: Box<[Phone]>,
    pub rings_on: RingsOn,
    pub intercom: Option<Box<str>>,
    pub time_group: Option<TimeGroupId>,
    pub departments: Box<[DepartmentId]>,
    pub groups: Box<[GroupId]>,
    /// In order; the first is the extension caller id.
    pub caller_ids: Box<[CallerIdId]>,
    /// Username of the extension.
    pub extension: Option<Box<str>>,
    pub outgoing_calls: OutgoingCalls,
    pub login_based: bool,
    pub admin: Admin,
    pub live: Live,
    /// The agent facet was taken away.
    pub removed: bool,
    pub version: i64,
}

/// A supervisor's decision about an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Admin {
    pub state: AdminState,
    pub reason: Option<Box<str>>,
    /// Lifts itself then.
    pub until: Option<Timestamp>,
    pub at: Timestamp,
    pub by: Option<UserId>,
}

/// What the agent and the phone system do now.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    pub duty: Duty,
    pub duty_reason: Option<Box<str>>,
    pub duty_at: Timestamp,
    /// What the duty becomes when the call that is up ends.
    pub next_duty: Option<Duty>,
    pub device: Device,
    pub device_at: Timestamp,
    pub call: CallState,
    pub call_at: Timestamp,
}

impl Live {
    /// An agent that nothing is known about yet.
    pub fn unknown(since: Timestamp) -> Self {
        Self {
            duty: Duty::On,
            duty_reason: None,
            duty_at: since,
            next_duty: None,
            device: Device::Unknown,
            device_at: since,
            call: CallState::Idle,
            call_at: since,
        }
    }
}

impl Person {
    /// Stands where somebody was who is gone for good: no list finds it.
    pub fn gone(id: UserId) -> Self {
        Self {
            id,
            name: "".into(),
            employee_id: None,
            designation: "".into(),
            phone: None,
            email: None,
            login_id: "".into(),
            role: RoleId(0),
            web_login: WebLogin::None,
            locked_until: None,
            scope_groups: Box::default(),
            preferences: "{}".into(),
            deleted: true,
            version: 0,
            agent: None,
        }
    }

    pub fn web_login_status(&self, now: Timestamp) -> WebLoginStatus {
        self.web_login.status(self.locked_until, now)
    }

    /// Grows with every change of the user or the agent: what a form about both is based on.
    pub fn version_of_both(&self) -> i64 {
        self.version + self.agent.as_deref().map_or(0, |agent| agent.version)
    }

    /// The agent, if this person is one now.
    pub fn living_agent(&self) -> Option<&Agent> {
        self.agent
            .as_deref()
            .filter(|agent| !self.deleted && !agent.removed)
    }
}
