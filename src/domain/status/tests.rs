use super::*;
use crate::domain::agent::RingsOn;

/// On duty, open, reachable, idle, and known to be so.
const ACTIVE: Causes = Causes {
    admin: AdminState::Enabled,
    duty: Duty::On,
    login_based: true,
    call: CallState::Idle,
    device: Device::Registered,
    has_extension: true,
    rings_on: RingsOn::Both,
    has_number: true,
    open: true,
    source_alive: true,
};

/// Every combination of causes.
fn all_causes() -> Vec<Causes> {
    let mut all = vec![ACTIVE];
    let mut each = |change: &mut dyn FnMut(&Causes) -> Vec<Causes>| {
        all = all.iter().flat_map(change).collect()
    };
    each(&mut |c| {
        AdminState::ALL
            .iter()
            .map(|admin| Causes {
                admin: *admin,
                ..*c
            })
            .collect()
    });
    each(&mut |c| {
        Duty::ALL
            .iter()
            .map(|duty| Causes { duty: *duty, ..*c })
            .collect()
    });
    each(&mut |c| {
        CallState::ALL
            .iter()
            .map(|call| Causes { call: *call, ..*c })
            .collect()
    });
    each(&mut |c| {
        Device::ALL
            .iter()
            .map(|device| Causes {
                device: *device,
                ..*c
            })
            .collect()
    });
    each(&mut |c| {
        RingsOn::ALL
            .iter()
            .map(|rings_on| Causes {
                rings_on: *rings_on,
                ..*c
            })
            .collect()
    });
    each(&mut |c| {
        [false, true]
            .map(|login_based| Causes { login_based, ..*c })
            .to_vec()
    });
    each(&mut |c| {
        [false, true]
            .map(|has_extension| Causes {
                has_extension,
                ..*c
            })
            .to_vec()
    });
    each(&mut |c| {
        [false, true]
            .map(|has_number| Causes { has_number, ..*c })
            .to_vec()
    });
    each(&mut |c| [false, true].map(|open| Causes { open, ..*c }).to_vec());
    each(&mut |c| {
        [false, true]
            .map(|source_alive| Causes { source_alive, ..*c })
            .to_vec()
    });
    all
}

#[test]
fn the_first_line_of_the_table_that_applies_is_the_status() {
    use AgentStatus as S;
    let on_call = CallState::OnCall;
    for (causes, status) in [
        (ACTIVE, S::Active),
        (
            Causes {
                call: CallState::Ringing,
                ..ACTIVE
            },
            S::Active,
        ),
        (
            Causes {
                call: on_call,
                ..ACTIVE
            },
            S::Busy,
        ),
        (
            Causes {
                call: CallState::WrapUp,
                ..ACTIVE
            },
            S::Busy,
        ),
        (
            Causes {
                call: on_call,
                open: false,
                ..ACTIVE
            },
            S::Busy,
        ),
        (
            Causes {
                duty: Duty::Off,
                ..ACTIVE
            },
            S::Offline,
        ),
        (
            Causes {
                duty: Duty::Off,
                login_based: false,
                ..ACTIVE
            },
            S::Active,
        ),
        (
            Causes {
                duty: Duty::Paused,
                login_based: false,
                ..ACTIVE
            },
            S::Offline,
        ),
        (
            Causes {
                open: false,
                ..ACTIVE
            },
            S::Offline,
        ),
        (
            Causes {
                has_number: false,
                device: Device::Unregistered,
                ..ACTIVE
            },
            S::Offline,
        ),
        (
            Causes {
                has_number: false,
                has_extension: false,
                ..ACTIVE
            },
            S::Offline,
        ),
        (
            Causes {
                has_number: false,
                device: Device::Unknown,
                ..ACTIVE
            },
            S::Active,
        ),
        (
            Causes {
                device: Device::Unregistered,
                ..ACTIVE
            },
            S::Active,
        ),
        (
            Causes {
                rings_on: RingsOn::Extension,
                device: Device::Unregistered,
                ..ACTIVE
            },
            S::Offline,
        ),
        (
            Causes {
                rings_on: RingsOn::Phone,
                has_number: false,
                ..ACTIVE
            },
            S::Offline,
        ),
        (
            Causes {
                source_alive: false,
                call: on_call,
                ..ACTIVE
            },
            S::Unknown,
        ),
        (
            Causes {
                source_alive: false,
                duty: Duty::Off,
                ..ACTIVE
            },
            S::Unknown,
        ),
        (
            Causes {
                source_alive: false,
                admin: AdminState::Blocked,
                ..ACTIVE
            },
            S::Blocked,
        ),
        (
            Causes {
                call: on_call,
                admin: AdminState::Blocked,
                ..ACTIVE
            },
            S::Blocked,
        ),
        (
            Causes {
                call: on_call,
                admin: AdminState::Disabled,
                ..ACTIVE
            },
            S::Disabled,
        ),
    ] {
        assert_eq!(causes.agent_status(), status, "{causes:?}");
    }
}

#[test]
fn admin_state_and_silence_outweigh_everything_else() {
    for causes in all_causes() {
        let expected = match (causes.admin, causes.source_alive) {
            (AdminState::Disabled, _) => Some(AgentStatus::Disabled),
            (AdminState::Blocked, _) => Some(AgentStatus::Blocked),
            (AdminState::Enabled, false) => Some(AgentStatus::Unknown),
            (AdminState::Enabled, true) => None,
        };
        match expected {
            Some(status) => assert_eq!(causes.agent_status(), status, "{causes:?}"),
            None => assert!(causes.agent_status() > AgentStatus::Unknown, "{causes:?}"),
        }
    }
}

#[test]
fn the_extension_is_unknown_without_a_source_and_a_dash_without_an_extension() {
    use ExtensionStatus as E;
    for causes in all_causes() {
        let expected = match (causes.has_extension, causes.source_alive, causes.device) {
            (false, _, _) => E::None,
            (true, false, _) | (true, true, Device::Unknown) => E::Unknown,
            (true, true, Device::Registered) => E::Registered,
            (true, true, Device::Unregistered) => E::Unregistered,
        };
        assert_eq!(causes.extension_status(), expected, "{causes:?}");
    }
}

#[test]
fn a_hidden_cause_shows_as_a_second_mark() {
    use SecondMark as M;
    let on_call = CallState::OnCall;
    for (causes, mark) in [
        (ACTIVE, None),
        (
            Causes {
                call: on_call,
                ..ACTIVE
            },
            None,
        ),
        (
            Causes {
                call: on_call,
                duty: Duty::Paused,
                ..ACTIVE
            },
            Some(M::Paused),
        ),
        (
            Causes {
                call: CallState::WrapUp,
                ..ACTIVE
            },
            Some(M::WrapUp),
        ),
        (
            Causes {
                call: CallState::Ringing,
                ..ACTIVE
            },
            Some(M::Ringing),
        ),
        (
            Causes {
                duty: Duty::Paused,
                open: false,
                ..ACTIVE
            },
            Some(M::Paused),
        ),
        (
            Causes {
                open: false,
                ..ACTIVE
            },
            Some(M::OutsideHours),
        ),
        (
            Causes {
                admin: AdminState::Blocked,
                ..ACTIVE
            },
            None,
        ),
        (
            Causes {
                admin: AdminState::Blocked,
                call: on_call,
                ..ACTIVE
            },
            Some(M::OnCall),
        ),
        (
            Causes {
                admin: AdminState::Disabled,
                call: on_call,
                source_alive: false,
                ..ACTIVE
            },
            None,
        ),
        (
            Causes {
                source_alive: false,
                call: on_call,
                ..ACTIVE
            },
            None,
        ),
    ] {
        assert_eq!(causes.second_mark(), mark, "{causes:?}");
    }
    for causes in all_causes()
        .iter()
        .filter(|causes| causes.agent_status() == AgentStatus::Offline)
    {
        assert!(causes.second_mark().is_some(), "{causes:?}");
    }
}

#[test]
fn statuses_sort_as_the_table_and_have_their_words() {
    let words: Vec<_> = AgentStatus::ALL
        .iter()
        .map(|status| status.word())
        .collect();
    assert_eq!(
        words,
        [
            "disabled", "blocked", "unknown", "busy", "offline", "active"
        ]
    );
    assert!(AgentStatus::ALL.is_sorted());
    for status in AgentStatus::ALL {
        assert_eq!(status.label().to_lowercase().parse(), Ok(*status));
    }
}
