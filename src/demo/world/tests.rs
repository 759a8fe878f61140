use super::super::fill::Story;
use super::super::people::People;
use super::super::{Parameters, calendar};
use super::*;
use crate::domain::status::AdminState;
use std::cell::RefCell;

const AGENTS: u64 = 300;

fn noon() -> Timestamp {
    let day = crate::domain::day_range::Day::parse_iso("2026-11-20").unwrap();
    calendar().bounds(day).0.plus(12 * 3_600 * SECOND)
}

/// What the console would show, kept up to date from the events themselves.
struct Console(RefCell<HashMap<i64, Seen>>);

impl Console {
    fn of(agents: &[Agent], at: Timestamp) -> Self {
        let seen = |agent: &Agent| {
            let status = match agent.decision().map(|decision| decision.state) {
                Some(AdminState::Disabled) => AgentStatus::Disabled,
                Some(AdminState::Blocked) => AgentStatus::Blocked,
                Some(AdminState::Enabled) | None => AgentStatus::Active,
            };
            Seen {
                status,
                call: CallState::Idle,
                duty: Duty::On,
                duty_reason: None,
                duty_at: at,
                device: Device::Registered,
                device_at: at,
            }
        };
        Self(RefCell::new(
            agents.iter().map(|agent| (agent.id, seen(agent))).collect(),
        ))
    }

    fn look(&self, id: UserId) -> Option<Seen> {
        self.0.borrow().get(&id.0).cloned()
    }

    fn show(&self, event: &PhoneEvent) {
        let mut all = self.0.borrow_mut();
        let mut change = |agent: &AgentRef, change: &dyn Fn(&mut Seen)| {
            let AgentRef::Id(id) = agent else {
                panic!("{agent:?}")
            };
            change(all.get_mut(&id.user().0).unwrap());
        };
        match &event.body {
            EventBody::Registered(agent) => change(agent, &|seen| seen.device = Device::Registered),
            EventBody::Unregistered(agent) => {
                change(agent, &|seen| seen.device = Device::Unregistered)
            }
            EventBody::AgentState {
                agent,
                state,
                reason,
            } => change(agent, &|seen| {
                seen.duty = match state {
                    ReportedState::SignedIn => Duty::On,
                    ReportedState::Paused => Duty::Paused,
                    other => panic!("nobody goes home at noon: {other:?}"),
                };
                seen.duty_reason.clone_from(reason);
                seen.duty_at = event.at;
            }),
            EventBody::Call(call) => {
                if let Some(agent) = &call.agent {
                    let ended = call.ended_at.is_some();
                    change(agent, &|seen| {
                        seen.call = if ended {
                            CallState::Idle
                        } else {
                            CallState::OnCall
                        };
                    });
                }
            }
            EventBody::Heartbeat | EventBody::Snapshot { .. } => {}
        }
    }
}

/// Ten minutes in steps of a quarter second, and the clean stop.
fn ten_minutes(agents: u64) -> (Vec<Agent>, Vec<PhoneEvent>) {
    let parameters = Parameters {
        agents,
        ..Parameters::default()
    };
    let story = Story::of(parameters, noon());
    let company = Company::new(1, agents, story.span);
    let people: Vec<Agent> = People::new(1, agents, story.span, &company)
        .map(|(agent, _)| agent)
        .collect();
    let console = Console::of(&people, noon());
    let mut world = World::new(1, people.clone(), company, noon());
    let mut events = Vec::new();
    let mut now = noon();
    for _ in 0..2_400 {
        now = now.plus(SECOND / 4);
        let happened = world.step(now, &|id| console.look(id));
        happened.iter().for_each(|event| console.show(event));
        events.extend(happened);
    }
    events.extend(world.finish(now));
    (people, events)
}

fn calls(events: &[PhoneEvent]) -> impl Iterator<Item = &CallEvent> {
    events.iter().filter_map(|event| match &event.body {
        EventBody::Call(call) => Some(call),
        EventBody::Registered(_)
        | EventBody::Unregistered(_)
        | EventBody::AgentState { .. }
        | EventBody::Heartbeat
        | EventBody::Snapshot { .. } => None,
    })
}

#[test]
fn something_moves_every_second_or_two_and_never_too_much() {
    let (_, events) = ten_minutes(AGENTS);
    assert!((300..1_500).contains(&events.len()), "{}", events.len());
    let (_, many) = ten_minutes(20_000);
    assert!(many.len() < 600 * 50, "{}", many.len());
    let kinds: HashSet<_> = calls(&events).map(|call| call.kind.word()).collect();
    assert!(kinds.len() >= 4, "{kinds:?}");
}

#[test]
fn every_call_ends_and_nobody_has_two_at_once() {
    let (_, events) = ten_minutes(AGENTS);
    let mut open: HashMap<&str, &AgentRef> = HashMap::new();
    for call in calls(&events) {
        let (Some(leg), Some(agent)) = (call.leg_id.as_deref(), call.agent.as_ref()) else {
            assert!(call.ended_at.is_some());
            continue;
        };
        if call.kind == CallEventKind::Ringing {
            assert!(
                !open.values().any(|other| *other == agent),
                "{agent:?} is called twice"
            );
            assert!(open.insert(leg, agent).is_none());
        } else if call.ended_at.is_some() {
            assert!(open.remove(leg).is_some());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn who_is_blocked_is_not_called_and_who_is_disabled_does_not_call() {
    let (people, events) = ten_minutes(AGENTS);
    let decided: HashMap<UserId, AdminState> = people
        .iter()
        .filter_map(|agent| Some((UserId(agent.id), agent.decision()?.state)))
        .collect();
    assert!(!decided.is_empty());
    for call in calls(&events) {
        let Some(AgentRef::Id(id)) = &call.agent else {
            continue;
        };
        match decided.get(&id.user()) {
            Some(AdminState::Disabled) => panic!("{call:?}"),
            Some(AdminState::Blocked) => assert_eq!(call.direction, Direction::Outbound),
            Some(AdminState::Enabled) | None => {}
        }
    }
}

#[test]
fn the_same_start_tells_the_same_story() {
    assert_eq!(ten_minutes(60).1, ten_minutes(60).1);
}
