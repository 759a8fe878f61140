//! The two badges of an agent and the causes that they are computed from (product rule §3).

use super::agent::words;

words!(/// What a supervisor decided about the agent.
AdminState { Enabled = "enabled", Blocked = "blocked", Disabled = "disabled" });

words!(/// Whether the agent takes calls now.
Duty { On = "on", Paused = "paused", Off = "off" });

words!(/// What the phone system says about the agent's calls.
CallState { Idle = "idle", Ringing = "ringing", OnCall = "on_call", WrapUp = "wrap_up" });

words!(/// Whether the agent's extension is registered.
Device { Registered = "registered", Unregistered = "unregistered", Unknown = "unknown" });

words!(/// The first badge, in the order of precedence of the table in §3; sorting follows this order.
AgentStatus {
    Disabled = "disabled",
    Blocked = "blocked",
    Unknown = "unknown",
    Busy = "busy",
    Offline = "offline",
    Active = "active",
});

words!(/// The second badge.
ExtensionStatus {
    Registered = "registered",
    Unregistered = "unregistered",
    Unknown = "unknown",
    None = "none",
});

words!(/// Why an agent is Offline, the first that applies.
OfflineCause {
    OffDuty = "off duty",
    Paused = "paused",
    OutsideHours = "outside hours",
    NothingRings = "nothing rings",
});

/// Everything that decides an agent's badges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Causes {
    pub admin: AdminState,
    pub duty: Duty,
    /// Off duty counts only under login-based calling.
    pub login_based: bool,
    pub call: CallState,
    pub device: Device,
    pub has_extension: bool,
    pub rings_on: super::agent::RingsOn,
    /// There is a forwarding or alternative number.
    pub has_number: bool,
    /// The agent's time group is open, or there is none.
    pub open: bool,
    /// A source of live state is connected and not silent.
    pub source_alive: bool,
}

impl Causes {
    pub fn agent_status(&self) -> AgentStatus {
        match self.admin {
            AdminState::Disabled => return AgentStatus::Disabled,
            AdminState::Blocked => return AgentStatus::Blocked,
            AdminState::Enabled => {}
        }
        if !self.source_alive {
            return AgentStatus::Unknown;
        }
        match self.call {
            CallState::OnCall | CallState::WrapUp => AgentStatus::Busy,
            CallState::Idle | CallState::Ringing => match self.offline_cause() {
                Some(_) => AgentStatus::Offline,
                None => AgentStatus::Active,
            },
        }
    }

    /// Why calls would not reach the agent, apart from the admin state.
    pub fn offline_cause(&self) -> Option<OfflineCause> {
        if self.login_based && self.duty == Duty::Off {
            Some(OfflineCause::OffDuty)
        } else if self.duty == Duty::Paused {
            Some(OfflineCause::Paused)
        } else if !self.open {
            Some(OfflineCause::OutsideHours)
        } else if !self.can_ring() {
            Some(OfflineCause::NothingRings)
        } else {
            None
        }
    }

    pub fn extension_status(&self) -> ExtensionStatus {
        if !self.has_extension {
            return ExtensionStatus::None;
        }
        if !self.source_alive {
            return ExtensionStatus::Unknown;
        }
        match self.device {
            Device::Registered => ExtensionStatus::Registered,
            Device::Unregistered => ExtensionStatus::Unregistered,
            Device::Unknown => ExtensionStatus::Unknown,
        }
    }

    fn can_ring(&self) -> bool {
        use super::agent::RingsOn;
        // An extension that nobody has heard of yet may well ring: only a known absence counts.
        let extension = self.has_extension && self.device != Device::Unregistered;
        match self.rings_on {
            RingsOn::Phone => self.has_number,
            RingsOn::Extension => extension,
            RingsOn::Both => self.has_number || extension,
        }
    }
}
