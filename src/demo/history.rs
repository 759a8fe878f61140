//! What happened to each agent since the install was set up: decisions, duty and devices as
//! intervals, the live state that the last of them leave, and the audit of the decisions.

use super::people::{Agent, Phone, Span};
use super::random::{Random, Stream};
use super::rota::{Shifts, Work, work};
use super::staff::STAFF;
use crate::domain::day_range::Day;
use crate::domain::show::rfc3339;
use crate::domain::status::{AdminState, CallState, Device, Duty};
use crate::domain::time::{HOUR, MINUTE, Timestamp};
use crate::store::seed::{AuditRow, IntervalRow, LiveRow};

/// The intervals of one agent and what they end in.
pub struct History {
    pub intervals: Vec<IntervalRow>,
    pub live: LiveRow,
}

/// The dates of shifts that are told one by one; before them duty is one long interval, because
/// every shift of a hundred thousand agents would be more rows than the calls.
pub struct Told {
    /// Nothing came before the first of them.
    pub whole: bool,
    pub shifts: Vec<(Day, Shifts)>,
}

pub fn history(seed: u64, agent: &Agent, span: Span, told: &Told) -> History {
    let works: Vec<Work> = told
        .shifts
        .iter()
        .filter_map(|(day, shifts)| work(seed, agent, shifts, *day))
        .filter(|work| work.from < span.now)
        .collect();
    let mut intervals = admin_intervals(agent);
    let duty = finish(
        agent,
        "duty",
        duty_steps(seed, agent, &works, span, told.whole),
        &mut intervals,
    );
    let device = match agent.extension {
        None => Step {
            at: agent.joined,
            value: Device::Unknown.word(),
            reason: None,
        },
        Some(phone) => finish(
            agent,
            "device",
            device_steps(seed, agent, phone, &works, span),
            &mut intervals,
        ),
    };
    let live = LiveRow {
        agent_id: agent.id,
        duty: duty.value,
        duty_reason: duty.reason,
        duty_at: duty.at.0,
        device: device.value,
        device_at: device.at.0,
        device_sequence: "",
        call_state: CallState::Idle.word(),
        call_at: duty.at.0,
        call_sequence: "",
        call_until: None,
    };
    History { intervals, live }
}

/// From `at` on the value holds.
#[derive(Clone, Copy)]
struct Step {
    at: Timestamp,
    value: &'static str,
    reason: Option<&'static str>,
}

/// Turns steps into intervals, the last of them open unless the agent left. Gives the last step.
fn finish(
    agent: &Agent,
    axis: &'static str,
    mut steps: Vec<Step>,
    into: &mut Vec<IntervalRow>,
) -> Step {
    steps.retain(|step| agent.left.is_none_or(|left| step.at < left));
    // What lasts no time was never so.
    steps.dedup_by(|next, before| {
        let at_once = next.at <= before.at;
        if at_once {
            (before.value, before.reason) = (next.value, next.reason);
        }
        at_once
    });
    steps.dedup_by(|next, before| next.value == before.value && next.reason == before.reason);
    for (index, step) in steps.iter().enumerate() {
        into.push(IntervalRow {
            agent_id: agent.id,
            axis,
            value: step.value,
            reason: step.reason,
            by_user: None,
            started_at: step.at.0,
            ended_at: steps
                .get(index + 1)
                .map(|next| next.at.0)
                .or(agent.left.map(|left| left.0)),
        });
    }
    steps.pop().unwrap_or(Step {
        at: agent.joined,
        value: Duty::On.word(),
        reason: None,
    })
}

fn admin_intervals(agent: &Agent) -> Vec<IntervalRow> {
    let mut rows = Vec::with_capacity(1 + 2 * agent.decisions.len());
    let mut row = |state: AdminState, reason, by_user, from: Timestamp, to: Option<Timestamp>| {
        rows.push(IntervalRow {
            agent_id: agent.id,
            axis: "admin",
            value: state.word(),
            reason,
            by_user,
            started_at: from.0,
            ended_at: to.or(agent.left).map(|at| at.0),
        });
    };
    let mut since = agent.joined;
    let mut by = Some(1);
    for decision in &agent.decisions {
        row(AdminState::Enabled, None, by, since, Some(decision.from));
        row(
            decision.state,
            Some(decision.reason),
            Some(decision.by),
            decision.from,
            decision.to,
        );
        by = Some(decision.by);
        match decision.to {
            Some(to) => since = to,
            None => return rows,
        }
    }
    row(AdminState::Enabled, None, by, since, None);
    rows
}

fn duty_steps(seed: u64, agent: &Agent, works: &[Work], span: Span, whole: bool) -> Vec<Step> {
    let step = |at, duty: Duty, reason| Step {
        at,
        value: duty.word(),
        reason,
    };
    // Where the shifts before are not told, being on duty is the shorter story.
    let first = if agent.login_based && (whole || works.is_empty()) {
        Duty::Off
    } else {
        Duty::On
    };
    let mut steps = vec![step(agent.joined, first, None)];
    if !agent.login_based {
        return steps;
    }
    for work in works {
        steps.push(step(work.from, Duty::On, None));
        for (pause, reason) in [(work.lunch, "lunch"), (work.tea, "tea break")] {
            if pause.0 < pause.1 {
                steps.push(step(pause.0, Duty::Paused, Some(reason)));
                steps.push(step(pause.1, Duty::On, None));
            }
        }
        steps.push(step(work.to, Duty::Off, None));
    }
    steps.retain(|step| step.at <= span.now);
    // A few are in training, whatever the clock shows.
    let mut random = Random::of(seed, Stream::History, agent.place);
    let at_work = steps
        .last()
        .is_some_and(|step| step.value == Duty::On.word());
    if at_work && agent.decision().is_none() && (agent.place % 50 == 9 || random.percent(1.0)) {
        let last = steps.last().map_or(agent.joined, |step| step.at);
        let at = span
            .now
            .plus(-random.between(5, 70) * MINUTE)
            .max(last.plus(MINUTE));
        if at < span.now {
            let reason = *random.pick(&["training", "team meeting", "coaching"]);
            steps.push(step(at, Duty::Paused, Some(reason)));
        }
    }
    steps
}

fn device_steps(seed: u64, agent: &Agent, phone: Phone, works: &[Work], span: Span) -> Vec<Step> {
    let step = |at, device: Device| Step {
        at,
        value: device.word(),
        reason: None,
    };
    let mut random = Random::of(seed, Stream::History, agent.place ^ (1 << 40));
    match phone {
        Phone::Desk => vec![step(agent.joined, Device::Registered)],
        Phone::Dead => {
            let broken = span
                .now
                .plus(-random.between(2, 60) * HOUR)
                .max(agent.joined.plus(MINUTE));
            let mut steps = vec![
                step(agent.joined, Device::Registered),
                step(broken, Device::Unregistered),
            ];
            steps.retain(|step| step.at <= span.now);
            steps
        }
        Phone::Soft => {
            let mut steps = vec![step(agent.joined, Device::Unregistered)];
            for work in works {
                steps.push(step(
                    work.from.plus(-random.between(10, 90) * 1_000_000),
                    Device::Registered,
                ));
                steps.push(step(
                    work.to.plus(random.between(5, 120) * 1_000_000),
                    Device::Unregistered,
                ));
            }
            steps.retain(|step| step.at >= agent.joined && step.at <= span.now);
            steps
        }
    }
}

/// Who blocked, disabled and enabled whom: an entry for each decision and one for its end.
pub fn audit(agent: &Agent) -> Vec<AuditRow> {
    let mut rows = Vec::new();
    for (version, decision) in (1_i64..).step_by(2).zip(&agent.decisions) {
        let action = match decision.state {
            AdminState::Blocked => "agent.block",
            AdminState::Disabled => "agent.disable",
            AdminState::Enabled => "agent.enable",
        };
        // As `store::agent::state` tells it.
        let mut set = serde_json::json!({
            "admin_state": decision.state.word(),
            "reason": decision.reason,
        });
        if let Some(until) = decision.until {
            set["until"] = rfc3339(until).into();
        }
        let free = serde_json::json!({ "admin_state": AdminState::Enabled.word() });
        rows.push(entry(
            agent,
            decision.by,
            action,
            decision.from,
            &free,
            &set,
            version + 1,
        ));
        if let Some(to) = decision.to {
            rows.push(entry(
                agent,
                decision.by,
                "agent.enable",
                to,
                &set,
                &free,
                version + 2,
            ));
        }
    }
    rows
}

fn entry(
    agent: &Agent,
    by: i64,
    action: &'static str,
    at: Timestamp,
    before: &serde_json::Value,
    after: &serde_json::Value,
    version: i64,
) -> AuditRow {
    let actor = &STAFF[by as usize - 1];
    AuditRow {
        at: at.0,
        operation: format!("demo-{}-{version}", agent.id),
        actor_kind: "user",
        actor_id: Some(by),
        actor_name: actor.name.to_owned(),
        address: Some("192.0.2.20".to_owned()),
        request_id: None,
        action,
        subject_kind: "user",
        subject_id: Some(agent.id),
        subject_name: agent.name.shown.clone(),
        before: Some(before.to_string()),
        after: Some(after.to_string()),
        version_after: Some(version),
    }
}
