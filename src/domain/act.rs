//! What supervisors do to agents, to one or to many at once (product rules §2 to §4).

use super::agent::words;
use super::agent_form::{Field, Value};
use super::ids::{CallerIdId, DepartmentId, GroupId, TimeGroupId};
use super::role::Permission;
use super::status::{AdminState, Duty};
use super::text::Reason;
use super::time::Timestamp;

words!(/// The acts by the words that forms post and the audit ends its actions with.
ActKind {
    Block = "block",
    Disable = "disable",
    Enable = "enable",
    Pause = "pause",
    Resume = "resume",
    OffDuty = "off_duty",
    OffBoard = "off_board",
    Delete = "delete",
    Restore = "restore",
    JoinGroups = "join_groups",
    LeaveGroups = "leave_groups",
    SetTimeGroup = "set_time_group",
    SetDepartments = "set_departments",
    SetCallerIds = "set_caller_ids",
});

/// When a block or disable lifts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Somebody has to lift it.
    Lifted,
    At(Timestamp),
    /// When the agent's working hours end: those that are open, else the next ones.
    EndOfShift,
    /// When the agent's next working hours begin.
    NextShift,
}

/// When a change of duty comes into force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Now,
    /// Who is on a call finishes it first.
    AfterCall,
}

/// One act with all that it needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// No calls in; can call out. Replaces a disable.
    Block {
        reason: Option<Reason>,
        until: Until,
    },
    /// No calls in or out, emergency excepted. Replaces a block.
    Disable {
        reason: Option<Reason>,
        until: Until,
    },
    /// Lifts what is in force; with `only`, nothing else.
    Enable {
        only: Option<AdminState>,
    },
    Pause {
        reason: Option<Reason>,
        when: When,
    },
    Resume {
        when: When,
    },
    OffDuty {
        when: When,
    },
    /// Disabled, web login blocked, sessions ended, out of the departments.
    OffBoard {
        reason: Option<Reason>,
    },
    /// Takes the agent away, and the user too unless the role is above Agent.
    Delete,
    Restore,
    /// What agents belong to or call from.
    Assign(Assign),
}

/// A change of what agents belong to or call from, the same for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assign {
    /// Into these groups, as well as those they are in.
    JoinGroups(Vec<GroupId>),
    LeaveGroups(Vec<GroupId>),
    /// These working hours, or none.
    TimeGroup(Option<TimeGroupId>),
    /// These departments and no others.
    Departments(Vec<DepartmentId>),
    /// These caller ids and no others, in this order.
    CallerIds(Vec<CallerIdId>),
}

impl Assign {
    pub fn kind(&self) -> ActKind {
        match self {
            Self::JoinGroups(_) => ActKind::JoinGroups,
            Self::LeaveGroups(_) => ActKind::LeaveGroups,
            Self::TimeGroup(_) => ActKind::SetTimeGroup,
            Self::Departments(_) => ActKind::SetDepartments,
            Self::CallerIds(_) => ActKind::SetCallerIds,
        }
    }

    /// The field of the agents that it changes.
    pub fn field(&self) -> Field {
        match self {
            Self::JoinGroups(_) | Self::LeaveGroups(_) => Field::AgentGroups,
            Self::TimeGroup(_) => Field::TimeGroup,
            Self::Departments(_) => Field::Departments,
            Self::CallerIds(_) => Field::CallerIds,
        }
    }

    /// The records that were chosen.
    pub fn chosen(&self) -> Value {
        match self {
            Self::JoinGroups(groups) | Self::LeaveGroups(groups) => {
                Value::Many(groups.iter().map(|id| id.0).collect())
            }
            Self::TimeGroup(hours) => Value::One(hours.map(|id| id.0)),
            Self::Departments(all) => Value::Many(all.iter().map(|id| id.0).collect()),
            Self::CallerIds(all) => Value::Many(all.iter().map(|id| id.0).collect()),
        }
    }

    /// What the field of an agent becomes that has this value now.
    pub fn after(&self, before: &Value) -> Value {
        let now: &[i64] = match before {
            Value::Many(ids) => ids,
            Value::Text(_) | Value::Texts(_) | Value::Flag(_) | Value::One(_) => &[],
        };
        match self {
            Self::JoinGroups(groups) => {
                let mut all: Vec<i64> = groups
                    .iter()
                    .map(|id| id.0)
                    .chain(now.iter().copied())
                    .collect();
                all.sort_unstable();
                all.dedup();
                Value::Many(all)
            }
            Self::LeaveGroups(groups) => {
                let stays = |id: &&i64| !groups.contains(&GroupId(**id));
                Value::Many(now.iter().filter(stays).copied().collect())
            }
            Self::Departments(_) => {
                let mut all = match self.chosen() {
                    Value::Many(ids) => ids,
                    Value::Text(_) | Value::Texts(_) | Value::Flag(_) | Value::One(_) => Vec::new(),
                };
                all.sort_unstable();
                all.dedup();
                Value::Many(all)
            }
            Self::TimeGroup(_) | Self::CallerIds(_) => self.chosen(),
        }
    }
}

impl Act {
    pub fn kind(&self) -> ActKind {
        match self {
            Self::Block { .. } => ActKind::Block,
            Self::Disable { .. } => ActKind::Disable,
            Self::Enable { .. } => ActKind::Enable,
            Self::Pause { .. } => ActKind::Pause,
            Self::Resume { .. } => ActKind::Resume,
            Self::OffDuty { .. } => ActKind::OffDuty,
            Self::OffBoard { .. } => ActKind::OffBoard,
            Self::Delete => ActKind::Delete,
            Self::Restore => ActKind::Restore,
            Self::Assign(assign) => assign.kind(),
        }
    }

    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Block { reason, .. }
            | Self::Disable { reason, .. }
            | Self::Pause { reason, .. }
            | Self::OffBoard { reason } => reason.as_ref().map(Reason::as_str),
            Self::Enable { .. }
            | Self::Resume { .. }
            | Self::OffDuty { .. }
            | Self::Delete
            | Self::Restore
            | Self::Assign(_) => None,
        }
    }
}

impl ActKind {
    /// What the doer has to have, all of it.
    pub fn needs(self) -> &'static [Permission] {
        match self {
            Self::Block
            | Self::Disable
            | Self::Enable
            | Self::Pause
            | Self::Resume
            | Self::OffDuty => &[Permission::AgentsState],
            Self::OffBoard => &[Permission::AgentsState, Permission::UsersWrite],
            Self::Delete | Self::Restore => &[Permission::AgentsDelete],
            Self::JoinGroups
            | Self::LeaveGroups
            | Self::SetTimeGroup
            | Self::SetDepartments
            | Self::SetCallerIds => &[Permission::AgentsWrite],
        }
    }

    /// The action of the audit's line about one agent.
    pub fn action(self) -> &'static str {
        match self {
            Self::Block => "agent.block",
            Self::Disable => "agent.disable",
            Self::Enable => "agent.enable",
            Self::Pause => "agent.pause",
            Self::Resume => "agent.resume",
            Self::OffDuty => "agent.off_duty",
            Self::OffBoard => "agent.off_board",
            Self::Delete => "agent.delete",
            Self::Restore => "agent.restore",
            Self::JoinGroups => "agent.join_groups",
            Self::LeaveGroups => "agent.leave_groups",
            Self::SetTimeGroup => "agent.set_time_group",
            Self::SetDepartments => "agent.set_departments",
            Self::SetCallerIds => "agent.set_caller_ids",
        }
    }

    /// The action of the line about the act as a whole.
    pub fn bulk_action(self) -> &'static str {
        match self {
            Self::Block => "agents.block",
            Self::Disable => "agents.disable",
            Self::Enable => "agents.enable",
            Self::Pause => "agents.pause",
            Self::Resume => "agents.resume",
            Self::OffDuty => "agents.off_duty",
            Self::OffBoard => "agents.off_board",
            Self::Delete => "agents.delete",
            Self::Restore => "agents.restore",
            Self::JoinGroups => "agents.join_groups",
            Self::LeaveGroups => "agents.leave_groups",
            Self::SetTimeGroup => "agents.set_time_group",
            Self::SetDepartments => "agents.set_departments",
            Self::SetCallerIds => "agents.set_caller_ids",
        }
    }

    /// From an action of the audit, about one agent or about many.
    pub fn of_action(action: &str) -> Option<Self> {
        let word = action
            .strip_prefix("agent.")
            .or_else(|| action.strip_prefix("agents."))?;
        word.parse().ok()
    }

    /// The duty that the act sets, if it is about duty.
    pub fn duty(self) -> Option<Duty> {
        match self {
            Self::Pause => Some(Duty::Paused),
            Self::Resume => Some(Duty::On),
            Self::OffDuty => Some(Duty::Off),
            Self::Block
            | Self::Disable
            | Self::Enable
            | Self::OffBoard
            | Self::Delete
            | Self::Restore
            | Self::JoinGroups
            | Self::LeaveGroups
            | Self::SetTimeGroup
            | Self::SetDepartments
            | Self::SetCallerIds => None,
        }
    }

    /// The field of agents that it assigns, if it is about what they belong to or call from.
    pub fn assigns(self) -> Option<Field> {
        match self {
            Self::JoinGroups | Self::LeaveGroups => Some(Field::AgentGroups),
            Self::SetTimeGroup => Some(Field::TimeGroup),
            Self::SetDepartments => Some(Field::Departments),
            Self::SetCallerIds => Some(Field::CallerIds),
            Self::Block
            | Self::Disable
            | Self::Enable
            | Self::Pause
            | Self::Resume
            | Self::OffDuty
            | Self::OffBoard
            | Self::Delete
            | Self::Restore => None,
        }
    }
}

/// Why an act was not done to an agent, in words that end a sentence that begins with the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not there, or not for the doer to see: the two are told alike.
    NotFound,
    /// The role has rights that the doer lacks.
    MoreRights,
    /// Duty means nothing without login-based calling.
    AlwaysOnDuty,
    Yourself,
    LastAdmin,
    /// A value went to someone else since: what it is, and its holder as far as the doer may know.
    Taken {
        what: &'static str,
        value: String,
        by: Option<String>,
    },
    NotDeleted,
    /// Somebody changed the agent since.
    Changed,
    /// They signed in, or their phone was heard of.
    Used,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotFound => f.write_str("is not there"),
            Self::MoreRights => f.write_str("has rights that you don't have"),
            Self::AlwaysOnDuty => {
                f.write_str("is always on duty: calls don't depend on signing in")
            }
            Self::Yourself => f.write_str("is you"),
            Self::LastAdmin => f.write_str("is the last administrator who can sign in"),
            Self::Taken { what, value, by } => match by {
                Some(by) => write!(f, "had the {what} {value}, which is now in use by {by}"),
                None => write!(f, "had the {what} {value}, which is already in use"),
            },
            Self::NotDeleted => f.write_str("is not deleted"),
            Self::Changed => f.write_str("was changed since"),
            Self::Used => f.write_str("was used since"),
        }
    }
}
