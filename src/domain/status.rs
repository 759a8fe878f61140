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

words!(/// The hidden cause that stands beside the first badge: "Blocked · on a call", "Offline · outside hours".
/// The words are those of the page; where someone is paused it prints the pause's reason instead.
SecondMark {
    OnCall = "on a call",
    WrapUp = "wrap-up",
    Ringing = "ringing",
    OffDuty = "off duty",
    Paused = "paused",
    OutsideHours = "outside hours",
    NothingRings = "nothing rings",
});

impl AgentStatus {
    /// As the badge names it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Disabled => "Disabled",
            Self::Blocked => "Blocked",
            Self::Unknown => "Unknown",
            Self::Busy => "Busy",
            Self::Offline => "Offline",
            Self::Active => "Active",
        }
    }
}

impl ExtensionStatus {
    /// As the badge names it; no extension is a dash.
    pub fn label(self) -> &'static str {
        match self {
            Self::Registered => "Registered",
            Self::Unregistered => "Unregistered",
            Self::Unknown => "Unknown",
            Self::None => "–",
        }
    }
}

impl From<OfflineCause> for SecondMark {
    fn from(cause: OfflineCause) -> Self {
        match cause {
            OfflineCause::OffDuty => Self::OffDuty,
            OfflineCause::Paused => Self::Paused,
            OfflineCause::OutsideHours => Self::OutsideHours,
            OfflineCause::NothingRings => Self::NothingRings,
        }
    }
}

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

    /// What the first badge hides and a supervisor wants to know.
    pub fn second_mark(&self) -> Option<SecondMark> {
        let call = match self.call {
            CallState::OnCall => Some(SecondMark::OnCall),
            CallState::WrapUp => Some(SecondMark::WrapUp),
            CallState::Ringing => Some(SecondMark::Ringing),
            CallState::Idle => None,
        };
        let offline = || self.offline_cause().map(SecondMark::from);
        match self.agent_status() {
            // Of a silent source nothing is known, not even that a call is over.
            AgentStatus::Disabled | AgentStatus::Blocked => call.filter(|_| self.source_alive),
            AgentStatus::Unknown => None,
            // Busy says "on a call" already; who is about to pause shows it.
            AgentStatus::Busy if self.call == CallState::OnCall => offline(),
            AgentStatus::Busy | AgentStatus::Active => call,
            AgentStatus::Offline => offline(),
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

#[cfg(test)]
mod tests;
