//! Fills a new database: the company, its people and their history, then the calls, day by day.

use super::calls::{Calls, slot_weight};
use super::company::Company;
use super::history::{self, Told, history};
use super::people::{Agent, DAY, People, Span};
use super::records::{Records, add_staff, roles};
use super::rota::{Roster, SLOT, Shifts};
use super::{Parameters, SOURCE, calendar};
use crate::domain::day_range::Day;
use crate::domain::install::Install;
use crate::domain::time::Timestamp;
use crate::store::seed::{self, AuditRow, DayCountRow, Keys, SettingRow, SourceRow, insert};
use crate::store::{Conn, StoreError, setting};

/// Settings of a demo's own: what it was made from and when, and until when there are calls.
pub const PARAMETERS: &str = "demo_parameters";
pub const MADE_AT: &str = "demo_made_at";
pub const FILLED_UNTIL: &str = "demo_filled_until";

/// What a filling made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    pub people: u64,
    pub calls: u64,
    pub legs: u64,
}

/// How many agents' rows are inserted together.
const PEOPLE_AT_ONCE: usize = 2_000;

/// Intervals of duty and devices that are told one by one at most; see [`Told`].
const MOST_INTERVALS: u64 = 1_000_000;

/// Fills an empty database, in a transaction of the caller's, with a story that ends at `now`.
pub fn fill(conn: &mut Conn, parameters: Parameters, now: Timestamp) -> Result<Filled, StoreError> {
    let story = Story::of(parameters, now);
    let company = Company::new(parameters.seed, parameters.agents, story.span);
    insert_company(conn, &company, story.span.created)?;
    let agents = insert_people(conn, parameters, &company, &story)?;
    insert_settings(conn, parameters, &company, now)?;
    let mut pace = Pace::new(parameters, &agents, &story);
    let window = Window {
        first: story.first,
        last: story.last,
        after: story.span.created,
        now,
    };
    let keys = Keys { call: 1, leg: 1 };
    let cast = Cast {
        seed: parameters.seed,
        agents: &agents,
        company: &company,
    };
    let mut filled = insert_calls(conn, cast, &mut pace, window, keys, |conn, rows| {
        insert(conn, rows)
    })?;
    for day in [window.last.plus(-1), window.last] {
        seed::idle_since_last_call(conn, day)?;
    }
    filled.people = agents.len() as u64;
    Ok(filled)
}

/// Adds the calls between the end of a demo's story, which was made at `made`, and `now`, so that
/// a demo taken up days later has no gap. Duty and devices follow as the simulator runs.
pub fn top_up(
    conn: &mut Conn,
    parameters: Parameters,
    made: Timestamp,
    until: Timestamp,
    now: Timestamp,
) -> Result<Filled, StoreError> {
    let after = until.max(Timestamp(seed::last_call_at(conn)?.unwrap_or(0)));
    let counted = setting::find(conn, Install::COUNT_GENERATION)?;
    // Counts under another calendar are not for this to add to.
    if now.since(after) < SLOT || counted.as_deref() != Some("1") {
        return Ok(Filled::default());
    }
    let story = Story::of(parameters, made);
    let company = Company::new(parameters.seed, parameters.agents, story.span);
    let agents: Vec<Agent> = People::new(parameters.seed, parameters.agents, story.span, &company)
        .map(|(agent, _)| agent)
        .collect();
    let mut pace = Pace::at(Pace::new(parameters, &agents, &story).rate);
    let window = Window {
        first: calendar().day_of(after),
        last: calendar().day_of(now),
        after,
        now,
    };
    let keys = seed::next_keys(conn)?;
    let cast = Cast {
        seed: parameters.seed,
        agents: &agents,
        company: &company,
    };
    let filled = insert_calls(conn, cast, &mut pace, window, keys, seed::add_day_counts)?;
    seed::set_setting(conn, FILLED_UNTIL, &now.0.to_string())?;
    Ok(filled)
}

/// The days and times that a story was made for.
pub struct Story {
    first: Day,
    last: Day,
    pub span: Span,
}

impl Story {
    pub fn of(parameters: Parameters, now: Timestamp) -> Self {
        let last = calendar().day_of(now);
        let first = last.plus(1 - parameters.days.max(1) as i32);
        let created = calendar().bounds(first).0.plus(-3 * DAY / 2);
        Self {
            first,
            last,
            span: Span { created, now },
        }
    }
}

/// How calls are spread: so many for each weighted half hour of an agent, without losing fractions.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Calls for each unit of weight.
    pub rate: f64,
    weight: f64,
    taken: u64,
}

impl Pace {
    pub fn at(rate: f64) -> Self {
        Self {
            rate,
            weight: 0.0,
            taken: 0,
        }
    }

    /// The pace at which all the calls that were asked for fall into the days.
    fn new(parameters: Parameters, agents: &[Agent], story: &Story) -> Self {
        let mut weight = 0.0;
        for day in story.first.0..=story.last.0 {
            let (start, end) = calendar().bounds(Day(day));
            let roster = Roster::of(parameters.seed, agents, Day(day), start, end);
            for (slot, there) in roster.slots.iter().enumerate() {
                weight += slot_weight(
                    there.len(),
                    slot,
                    start.plus(slot as i64 * SLOT),
                    story.span.now,
                )
                .0;
            }
        }
        Self::at(if weight > 0.0 {
            parameters.calls as f64 / weight
        } else {
            0.0
        })
    }

    /// How many calls this much weight brings.
    pub fn take(&mut self, weight: f64) -> u64 {
        self.weight += weight;
        let due = (self.rate * self.weight).round() as u64;
        let count = due.saturating_sub(self.taken);
        self.taken += count;
        count
    }
}

/// Who calls are made for, and by what chance.
#[derive(Clone, Copy)]
pub struct Cast<'a> {
    pub seed: u64,
    pub agents: &'a [Agent],
    pub company: &'a Company,
}

/// The days to make calls for, up to now.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub first: Day,
    pub last: Day,
    /// There are calls up to then.
    pub after: Timestamp,
    pub now: Timestamp,
}

/// Inserts the calls of the window and their counts, a day at a time.
fn insert_calls(
    conn: &mut Conn,
    cast: Cast<'_>,
    pace: &mut Pace,
    window: Window,
    keys: Keys,
    mut count: impl FnMut(&mut Conn, &[DayCountRow]) -> Result<(), StoreError>,
) -> Result<Filled, StoreError> {
    let mut calls = Calls::new(cast, window.now, keys);
    let mut filled = Filled::default();
    for day in window.first.0..=window.last.0 {
        let (start, end) = calendar().bounds(Day(day));
        let mut roster = Roster::of(cast.seed, cast.agents, Day(day), start, end);
        roster.forget_until(window.after);
        let made = calls.day(Day(day), &roster, pace);
        filled.calls += made.calls.len() as u64;
        filled.legs += made.legs.len() as u64;
        insert(conn, &made.calls)?;
        insert(conn, &made.legs)?;
        // The last call of a day may be answered on the next.
        let whole = if day == window.last.0 {
            Day(day + 1)
        } else {
            Day(day)
        };
        count(conn, &calls.counts_until(whole))?;
    }
    Ok(filled)
}

fn insert_company(
    conn: &mut Conn,
    company: &Company,
    created: Timestamp,
) -> Result<(), StoreError> {
    insert(conn, &roles())?;
    insert(conn, &company.time_groups)?;
    insert(conn, &company.hours)?;
    insert(conn, &company.holidays)?;
    insert(conn, &company.departments)?;
    insert(conn, &company.groups)?;
    insert(conn, &company.caller_ids)?;
    insert(conn, &company.ivrs)?;
    let mut records = Records::default();
    company.claim(&mut records);
    add_staff(&mut records, created);
    records.flush(conn)
}

fn insert_people(
    conn: &mut Conn,
    parameters: Parameters,
    company: &Company,
    story: &Story,
) -> Result<Vec<Agent>, StoreError> {
    let span = story.span;
    let told = told(parameters, story);
    let mut agents = Vec::with_capacity(parameters.agents as usize);
    let mut records = Records::default();
    let mut positions = vec![0; company.departments.len()];
    let mut entries: Vec<AuditRow> = Vec::new();
    let (mut intervals, mut live) = (Vec::new(), Vec::new());
    let mut people = People::new(parameters.seed, parameters.agents, span, company).peekable();
    while let Some((agent, mut random)) = people.next() {
        records.add_agent(&agent, &mut random, company, &mut positions, span.now);
        let mut past = history(parameters.seed, &agent, span, &told);
        intervals.append(&mut past.intervals);
        live.push(past.live);
        entries.append(&mut history::audit(&agent));
        agents.push(agent);
        if live.len() == PEOPLE_AT_ONCE || people.peek().is_none() {
            records.flush(conn)?;
            insert(conn, &live)?;
            insert(conn, &intervals)?;
            (intervals, live) = (Vec::new(), Vec::new());
        }
    }
    entries.sort_by_key(|entry| entry.at);
    insert(conn, &entries)?;
    Ok(agents)
}

/// As many of the last shifts as there is room for.
fn told(parameters: Parameters, story: &Story) -> Told {
    let a_day = parameters.agents.max(1) * 6;
    let days = (MOST_INTERVALS / a_day).clamp(2, u64::from(parameters.days) + 2) as i32;
    let from = story.last.plus(1 - days);
    Told {
        whole: from < story.first,
        shifts: (from.0..=story.last.0)
            .map(|day| (Day(day), Shifts::on(Day(day))))
            .collect(),
    }
}

fn insert_settings(
    conn: &mut Conn,
    parameters: Parameters,
    company: &Company,
    now: Timestamp,
) -> Result<(), StoreError> {
    let words = serde_json::to_string(&parameters).map_err(StoreError::broken)?;
    let setting = |(name, value): (&'static str, String)| SettingRow {
        name,
        value,
        version: 1,
        updated_at: now.0,
    };
    let settings = [
        (Install::TIME_ZONE, calendar().zone.name().to_owned()),
        (Install::DAY_BEGINS_AT, "00:00".to_owned()),
        (Install::REGION, "IN".to_owned()),
        (
            Install::INTERCOM_LENGTH,
            company.intercom_length.to_string(),
        ),
        (Install::PAY_CYCLE_DAY, "1".to_owned()),
        (Install::COUNT_GENERATION, "1".to_owned()),
        (Install::SIMULATED, "true".to_owned()),
        (Install::NAME, "Kaveri Contact Centre".to_owned()),
        (PARAMETERS, words),
        (MADE_AT, now.0.to_string()),
        (FILLED_UNTIL, now.0.to_string()),
    ];
    insert(conn, &settings.map(setting))?;
    insert(
        conn,
        &[SourceRow {
            name: SOURCE,
            kind: SOURCE,
            last_seen_at: now.0,
        }],
    )
}
