//! An agent's status over time, from the stored causes and the calls (product rule §3).

use super::status::{AdminState, AgentStatus, CallState, Causes, Device, Duty, OfflineCause};
use super::time::Timestamp;

/// A value that held from an instant until another; the last one may still hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<V> {
    pub from: Timestamp,
    pub until: Option<Timestamp>,
    pub value: V,
    /// In words, for a decision or a pause.
    pub reason: Option<String>,
}

/// What is known of an agent over a stretch of time. Each list is sorted by its begins and does not
/// overlap itself, except for calls.
#[derive(Clone, Debug)]
pub struct Known {
    pub admin: Vec<Held<AdminState>>,
    pub duty: Vec<Held<Duty>>,
    pub device: Vec<Held<Device>>,
    /// Times of talk.
    pub calls: Vec<(Timestamp, Option<Timestamp>)>,
    /// When the agent's working hours were open, by today's rules; `None`: no hours, always open.
    pub open: Option<Vec<(Timestamp, Timestamp)>>,
    /// What does not change over time here: numbers, extension, rules of duty.
    pub fixed: Causes,
}

/// What a stretch of time shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shown {
    Status(AgentStatus),
    /// Before the first decision about the agent nothing was written down.
    NoRecord,
}

/// A stretch of time with one status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub from: Timestamp,
    pub until: Timestamp,
    pub shown: Shown,
    /// Why, where the status alone does not say it.
    pub cause: String,
}

impl Segment {
    pub fn micros(&self) -> i64 {
        self.until.since(self.from)
    }
}

/// The stretches of a window, in order, without a gap; neighbours differ.
pub fn segments(known: &Known, from: Timestamp, until: Timestamp) -> Vec<Segment> {
    let mut at: Vec<Timestamp> = edges(known)
        .filter(|edge| from < *edge && *edge < until)
        .collect();
    at.push(from);
    at.push(until);
    at.sort_unstable();
    at.dedup();
    let mut reader = Reader::new(known);
    let mut out: Vec<Segment> = Vec::new();
    for pair in at.windows(2) {
        let (shown, cause) = reader.at(pair[0]);
        match out.last_mut() {
            Some(last) if last.shown == shown && last.cause == cause => last.until = pair[1],
            _ => out.push(Segment {
                from: pair[0],
                until: pair[1],
                shown,
                cause,
            }),
        }
    }
    out
}

fn edges(known: &Known) -> impl Iterator<Item = Timestamp> + '_ {
    fn of<V>(held: &[Held<V>]) -> impl Iterator<Item = Timestamp> + '_ {
        held.iter()
            .flat_map(|held| [Some(held.from), held.until])
            .flatten()
    }
    let calls = known
        .calls
        .iter()
        .flat_map(|(from, until)| [Some(*from), *until]);
    let open = known
        .open
        .iter()
        .flatten()
        .flat_map(|(from, until)| [*from, *until]);
    of(&known.admin)
        .chain(of(&known.duty))
        .chain(of(&known.device))
        .chain(calls.flatten())
        .chain(open)
}

/// Reads what is known at instants that only go forward.
struct Reader<'a> {
    known: &'a Known,
    admin: usize,
    duty: usize,
    device: usize,
    open: usize,
    calls: usize,
    /// The latest end of the calls begun so far; `None` of one that goes on.
    busy_until: Option<Timestamp>,
    goes_on: bool,
}

impl<'a> Reader<'a> {
    fn new(known: &'a Known) -> Self {
        Self {
            known,
            admin: 0,
            duty: 0,
            device: 0,
            open: 0,
            calls: 0,
            busy_until: None,
            goes_on: false,
        }
    }

    fn at(&mut self, at: Timestamp) -> (Shown, String) {
        let known = self.known;
        let Some(admin) = held(&known.admin, &mut self.admin, at) else {
            return (Shown::NoRecord, String::new());
        };
        let duty = held(&known.duty, &mut self.duty, at);
        let device = held(&known.device, &mut self.device, at);
        let causes = Causes {
            admin: admin.value,
            duty: duty.map_or(Duty::On, |held| held.value),
            device: device.map_or(Device::Unknown, |held| held.value),
            call: match self.is_busy(at) {
                true => CallState::OnCall,
                false => CallState::Idle,
            },
            open: self.is_open(at),
            source_alive: true,
            ..known.fixed
        };
        let status = causes.agent_status();
        let reason = |held: Option<&Held<Duty>>| held.and_then(|held| held.reason.clone());
        let cause = match status {
            AgentStatus::Disabled | AgentStatus::Blocked => {
                admin.reason.clone().unwrap_or_default()
            }
            AgentStatus::Busy => "on a call".to_owned(),
            AgentStatus::Offline => match causes.offline_cause() {
                Some(OfflineCause::Paused) => {
                    reason(duty).unwrap_or_else(|| OfflineCause::Paused.word().to_owned())
                }
                Some(cause) => cause.word().to_owned(),
                None => String::new(),
            },
            AgentStatus::Active | AgentStatus::Unknown => String::new(),
        };
        (Shown::Status(status), cause)
    }

    fn is_busy(&mut self, at: Timestamp) -> bool {
        while let Some((from, until)) = self.known.calls.get(self.calls)
            && *from <= at
        {
            match until {
                Some(until) => self.busy_until = self.busy_until.max(Some(*until)),
                None => self.goes_on = true,
            }
            self.calls += 1;
        }
        self.goes_on || self.busy_until.is_some_and(|until| at < until)
    }

    fn is_open(&mut self, at: Timestamp) -> bool {
        let Some(open) = &self.known.open else {
            return true;
        };
        while open.get(self.open).is_some_and(|(_, until)| *until <= at) {
            self.open += 1;
        }
        open.get(self.open).is_some_and(|(from, _)| *from <= at)
    }
}

/// The value that holds at an instant, going forward from `next`.
fn held<'a, V>(all: &'a [Held<V>], next: &mut usize, at: Timestamp) -> Option<&'a Held<V>> {
    while all
        .get(*next)
        .is_some_and(|held| held.until.is_some_and(|until| until <= at))
    {
        *next += 1;
    }
    all.get(*next).filter(|held| held.from <= at)
}

/// How long each status lasted, in the order given by [`AgentStatus`], then what has no record.
pub fn totals<'a>(segments: impl IntoIterator<Item = &'a Segment>) -> Vec<(Shown, i64)> {
    let order = [
        AgentStatus::Active,
        AgentStatus::Busy,
        AgentStatus::Offline,
        AgentStatus::Blocked,
        AgentStatus::Disabled,
    ];
    let mut sums: Vec<(Shown, i64)> = order
        .into_iter()
        .map(Shown::Status)
        .chain([Shown::NoRecord])
        .map(|shown| (shown, 0))
        .collect();
    for segment in segments {
        if let Some(sum) = sums.iter_mut().find(|(shown, _)| *shown == segment.shown) {
            sum.1 += segment.micros();
        }
    }
    sums
}

/// The part of each stretch that lies in a window.
pub fn within(segments: &[Segment], from: Timestamp, until: Timestamp) -> Vec<Segment> {
    segments
        .iter()
        .filter(|segment| segment.from < until && from < segment.until)
        .map(|segment| Segment {
            from: segment.from.max(from),
            until: segment.until.min(until),
            ..segment.clone()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agent::RingsOn;
    use proptest::prelude::*;

    const FIXED: Causes = Causes {
        admin: AdminState::Enabled,
        duty: Duty::On,
        login_based: true,
        call: CallState::Idle,
        device: Device::Registered,
        has_extension: true,
        rings_on: RingsOn::Extension,
        has_number: false,
        open: true,
        source_alive: true,
    };

    fn held<V>(from: i64, until: i64, value: V) -> Held<V> {
        Held {
            from: Timestamp(from),
            until: (until > 0).then_some(Timestamp(until)),
            value,
            reason: None,
        }
    }

    fn known() -> Known {
        Known {
            admin: vec![
                held(10, 80, AdminState::Enabled),
                Held {
                    reason: Some("sick".to_owned()),
                    ..held(80, 0, AdminState::Blocked)
                },
            ],
            duty: vec![
                held(10, 40, Duty::On),
                Held {
                    reason: Some("lunch".to_owned()),
                    ..held(40, 50, Duty::Paused)
                },
                held(50, 0, Duty::On),
            ],
            device: vec![
                held(10, 60, Device::Registered),
                held(60, 0, Device::Unregistered),
            ],
            calls: vec![
                (Timestamp(20), Some(Timestamp(30))),
                (Timestamp(25), Some(Timestamp(28))),
            ],
            open: Some(vec![(Timestamp(15), Timestamp(90))]),
            fixed: FIXED,
        }
    }

    #[test]
    fn a_day_reads_as_its_causes_say() {
        let shown = |segment: &Segment| {
            let status = match segment.shown {
                Shown::Status(status) => status.word(),
                Shown::NoRecord => "no record",
            };
            (
                segment.from.0,
                segment.until.0,
                status,
                segment.cause.clone(),
            )
        };
        let day: Vec<_> = segments(&known(), Timestamp(0), Timestamp(100))
            .iter()
            .map(shown)
            .collect();
        let expected = [
            (0, 10, "no record", ""),
            (10, 15, "offline", "outside hours"),
            (15, 20, "active", ""),
            (20, 30, "busy", "on a call"),
            (30, 40, "active", ""),
            (40, 50, "offline", "lunch"),
            (50, 60, "active", ""),
            (60, 80, "offline", "nothing rings"),
            (80, 100, "blocked", "sick"),
        ];
        let expected =
            expected.map(|(from, until, status, why)| (from, until, status, why.to_owned()));
        assert_eq!(day, expected);
    }

    #[test]
    fn a_call_that_is_up_goes_on() {
        let mut known = known();
        known.calls = vec![(Timestamp(52), None)];
        known.admin = vec![held(10, 0, AdminState::Enabled)];
        let last = segments(&known, Timestamp(0), Timestamp(100))
            .pop()
            .unwrap();
        assert_eq!(
            (last.from.0, last.shown),
            (52, Shown::Status(AgentStatus::Busy))
        );
    }

    proptest! {
        #[test]
        fn segments_tile_the_window_and_sum_to_it(
            calls in prop::collection::vec((0..200i64, 1..50i64), 0..12),
            from in -50..100i64, length in 1..200i64,
        ) {
            let mut known = known();
            known.calls = calls.iter().map(|(at, long)| (Timestamp(*at), Some(Timestamp(at + long)))).collect();
            known.calls.sort();
            let (from, until) = (Timestamp(from), Timestamp(from + length));
            let segments = segments(&known, from, until);
            prop_assert_eq!(segments[0].from, from);
            prop_assert_eq!(segments[segments.len() - 1].until, until);
            for pair in segments.windows(2) {
                prop_assert_eq!(pair[0].until, pair[1].from);
                prop_assert!((pair[0].shown, &pair[0].cause) != (pair[1].shown, &pair[1].cause));
            }
            let sum: i64 = totals(&segments).iter().map(|(_, micros)| micros).sum();
            prop_assert_eq!(sum, length);
            for segment in &segments {
                let busy = calls.iter().any(|(at, long)| *at <= segment.from.0 && segment.from.0 < at + long);
                let free = segment.from.0 >= 10 && segment.from.0 < 80;
                prop_assert_eq!(segment.shown == Shown::Status(AgentStatus::Busy), busy && free);
            }
        }
    }
}
