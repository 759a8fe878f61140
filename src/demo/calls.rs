//! The calls of one reporting day after the other: who rang, who answered, and what each counts as.

use super::company::Company;
use super::fill::Pace;
use super::numbers::{Country, mobile};
use super::people::Agent;
use super::random::{Random, Stream};
use super::rota::{Roster, SLOT};
use super::SOURCE;
use crate::domain::calendar::{Calendar, DayCursor};
use crate::domain::call::{Counts, Direction};
use crate::domain::day_range::Day;
use crate::domain::time::{MINUTE, SECOND, Timestamp};
use crate::store::seed::{CallRow, DayCountRow, LegRow};
use std::collections::HashMap;

/// The last minutes before now stay free of new calls, so that all of them have ended.
pub const LEAD: i64 = 4 * MINUTE;

/// A caller waits so long for someone to become free.
const PATIENCE: i64 = 75 * SECOND;

/// What one day brought.
#[derive(Default)]
pub struct DayOfCalls {
    pub calls: Vec<CallRow>,
    pub legs: Vec<LegRow>,
}

/// Makes calls, day by day; what it remembers between days is who is still busy and the counts.
pub struct Calls<'a> {
    seed: u64,
    agents: &'a [Agent],
    company: &'a Company,
    now: Timestamp,
    days: DayCursor,
    free_at: Vec<Timestamp>,
    next_call: i64,
    next_leg: i64,
    counts: HashMap<(i32, i64, i64), (i32, i32)>,
}

/// Where the call being made is, and what to draw from.
struct Moment<'r> {
    random: Random,
    roster: &'r Roster,
    at: Timestamp,
    /// Mean seconds of talk.
    talk: f64,
}

impl<'a> Calls<'a> {
    /// `next_call` and `next_leg` are the first keys to use.
    pub fn new(
        seed: u64,
        agents: &'a [Agent],
        company: &'a Company,
        calendar: Calendar,
        now: Timestamp,
        (next_call, next_leg): (i64, i64),
    ) -> Self {
        Self {
            seed,
            agents,
            company,
            now,
            days: calendar.cursor(),
            free_at: vec![Timestamp(0); agents.len()],
            next_call,
            next_leg,
            counts: HashMap::new(),
        }
    }

    /// The calls of one day: so many in each half hour as the pace says.
    pub fn day(&mut self, day: Day, roster: &Roster, pace: &mut Pace) -> DayOfCalls {
        for &(agent, from) in &roster.begins {
            let free = &mut self.free_at[agent as usize];
            *free = (*free).max(from);
        }
        let mut made = DayOfCalls::default();
        for (slot, there) in roster.slots.iter().enumerate() {
            let start = roster.start.plus(slot as i64 * SLOT);
            let (weight, length) = slot_weight(there.len(), slot, start, self.now);
            let count = pace.take(weight);
            if count == 0 || there.is_empty() {
                continue;
            }
            let index = (u64::from(day.0 as u32) << 8) | slot as u64;
            let mut random = Random::of(self.seed, Stream::Calls, index);
            let mut offsets: Vec<i64> = (0..count).map(|_| random.below(length as u64) as i64).collect();
            offsets.sort_unstable();
            let per_call = 0.55 * 1_800.0 * there.len() as f64 / count as f64;
            let talk = (per_call - 30.0).clamp(5.0, 210.0);
            let mut moment = Moment { random, roster, at: start, talk };
            for offset in offsets {
                moment.at = start.plus(offset);
                self.call(&mut moment, &mut made);
            }
        }
        made
    }

    /// The counts of all days up to this one, for good: by day, agent and department.
    pub fn counts_until(&mut self, day: Day) -> Vec<DayCountRow> {
        let mut rows = Vec::new();
        self.counts.retain(|&(of, agent_id, department_id), &mut (answered, missed)| {
            if of <= day.0 {
                rows.push(DayCountRow { generation: 1, day: of, agent_id, department_id, answered, missed });
            }
            of > day.0
        });
        rows.sort_unstable_by_key(|row| (row.day, row.agent_id, row.department_id));
        rows
    }

    fn call(&mut self, moment: &mut Moment<'_>, made: &mut DayOfCalls) {
        match moment.random.weighted(&[78.0, 17.0, 5.0]) {
            0 => self.inbound(moment, made),
            1 => self.outbound(moment, made),
            _ => self.internal(moment, made),
        }
        self.next_call += 1;
    }

    fn inbound(&mut self, moment: &mut Moment<'_>, made: &mut DayOfCalls) {
        let there = &moment.roster.slots[self.slot(moment, moment.at).unwrap_or_default()];
        let someone = *moment.random.pick(there);
        let (department, place) = self.department(&mut moment.random, someone);
        let caller = customer(&mut moment.random, self.company, place);
        let call = self.open(Direction::Inbound, caller, self.company.number_of(place).to_owned(), Some(department), moment.at);
        let first = made.legs.len();
        let ended = match self.free(moment, moment.at) {
            Some((agent, wait)) if !moment.random.percent(2.5) => {
                self.offer(moment, made, &call, agent, moment.at.plus(wait), department)
            }
            Some(_) | None => moment.at.plus(moment.random.between(8, 70) * SECOND),
        };
        self.close(call, first, ended, made);
    }

    /// Rings one agent or, when the first does not answer, a second; gives when the call ended.
    fn offer(
        &mut self,
        moment: &mut Moment<'_>,
        made: &mut DayOfCalls,
        call: &CallRow,
        mut agent: u32,
        mut at: Timestamp,
        department: i64,
    ) -> Timestamp {
        let unanswered = moment.random.weighted(&[90.0, 6.5, 3.5]);
        if unanswered > 0 {
            let stopped = at.plus(moment.random.between(12, 22) * SECOND);
            self.ring(made, call, agent, Some(department), at, stopped);
            let another = self.free(moment, stopped).filter(|(other, wait)| *other != agent && *wait == 0);
            match another {
                Some((other, _)) if unanswered == 1 => (agent, at) = (other, stopped),
                Some(_) | None => return stopped,
            }
        }
        let answered = at.plus(moment.random.between(3_000, 12_000) * 1_000);
        let ended = self.until(answered, moment.random.span(moment.talk));
        self.talk(made, call, agent, (Direction::Inbound, Some(department)), (at, answered, ended), "hangup");
        match moment.random.weighted(&[93.0, 4.0, 3.0]) {
            0 => ended,
            1 => self.transfer(moment, made, call, agent, ended, department),
            _ => self.consult(moment, made, call, agent, (answered, ended)),
        }
    }

    /// Passes the call on: a second leg, and once in a while back to who had it first.
    fn transfer(
        &mut self,
        moment: &mut Moment<'_>,
        made: &mut DayOfCalls,
        call: &CallRow,
        from: u32,
        at: Timestamp,
        department: i64,
    ) -> Timestamp {
        let Some((to, 0)) = self.free(moment, at).filter(|(to, _)| *to != from) else { return at };
        if self.now.since(at) < MINUTE {
            return at;
        }
        let through = moment.random.percent(70.0).then_some(department);
        if let Some(leg) = made.legs.last_mut() {
            leg.end_reason = Some("transfer");
        }
        let answered = at.plus(moment.random.between(3_000, 12_000) * 1_000);
        let ended = self.until(answered, moment.random.span(moment.talk));
        self.talk(made, call, to, (Direction::Inbound, through), (at, answered, ended), "hangup");
        if !moment.random.percent(8.0) || self.now.since(ended) < MINUTE {
            return ended;
        }
        if let Some(leg) = made.legs.last_mut() {
            leg.end_reason = Some("transfer");
        }
        let back = ended.plus(moment.random.between(2, 8) * SECOND);
        let last = self.until(back, moment.random.span(moment.talk / 2.0));
        self.talk(made, call, from, (Direction::Inbound, Some(department)), (ended, back, last), "hangup");
        last
    }

    /// Asks a colleague while the caller waits; it counts for nobody.
    fn consult(
        &mut self,
        moment: &mut Moment<'_>,
        made: &mut DayOfCalls,
        call: &CallRow,
        asking: u32,
        (from, to): (Timestamp, Timestamp),
    ) -> Timestamp {
        let third = to.since(from) / 3;
        let at = from.plus(third);
        let answered = at.plus(5 * SECOND);
        let ended = at.plus(third);
        if let Some((asked, 0)) = self.free(moment, at).filter(|(asked, _)| *asked != asking) {
            if answered < ended {
                let before = made.legs.len();
                self.talk(made, call, asked, (Direction::Internal, None), (at, answered, ended), "hangup");
                let number = self.intercom(asking);
                made.legs[before..].iter_mut().for_each(|leg| leg.other_party.clone_from(&number));
            }
        }
        to
    }

    fn outbound(&mut self, moment: &mut Moment<'_>, made: &mut DayOfCalls) {
        let Some((agent, wait)) = self.free(moment, moment.at) else {
            return self.inbound(moment, made);
        };
        let at = moment.at.plus(wait);
        let (department, place) = self.department(&mut moment.random, agent);
        let customer = customer(&mut moment.random, self.company, place);
        let call = self.open(Direction::Outbound, self.company.number_of(place).to_owned(), customer, Some(department), at);
        let first = made.legs.len();
        let answered = at.plus(moment.random.between(4, 25) * SECOND);
        let ended = if moment.random.percent(78.0) {
            let ended = self.until(answered, moment.random.span(moment.talk * 0.8));
            self.talk(made, &call, agent, (Direction::Outbound, Some(department)), (at, answered, ended), "hangup");
            ended
        } else {
            self.ring(made, &call, agent, Some(department), at, answered);
            answered
        };
        self.close(call, first, ended, made);
    }

    fn internal(&mut self, moment: &mut Moment<'_>, made: &mut DayOfCalls) {
        let pair = (self.free(moment, moment.at), self.free(moment, moment.at));
        let (Some((from, 0)), Some((to, 0))) = pair else { return self.inbound(moment, made) };
        if from == to {
            return self.inbound(moment, made);
        }
        let call = self.open(Direction::Internal, self.intercom(from), self.intercom(to), None, moment.at);
        let first = made.legs.len();
        let answered = moment.at.plus(moment.random.between(2, 9) * SECOND);
        let ended = self.until(answered, moment.random.span(45.0_f64.min(moment.talk)));
        for agent in [from, to] {
            self.talk(made, &call, agent, (Direction::Internal, None), (moment.at, answered, ended), "hangup");
        }
        made.legs[first].other_party.clone_from(&call.callee);
        made.legs[first].our_number.clone_from(&call.caller);
        self.close(call, first, ended, made);
    }

    /// Somebody who is there and free, or free soon: with the time to wait.
    fn free(&self, moment: &mut Moment<'_>, at: Timestamp) -> Option<(u32, i64)> {
        let there = moment.roster.slots.get(self.slot(moment, at)?).filter(|there| !there.is_empty())?;
        let mut soonest: Option<(i64, u32)> = None;
        for _ in 0..8 {
            let agent = *moment.random.pick(there);
            let wait = self.free_at[agent as usize].since(at);
            if wait == 0 {
                return Some((agent, 0));
            }
            soonest = Some(soonest.map_or((wait, agent), |other| other.min((wait, agent))));
        }
        soonest.filter(|(wait, _)| *wait <= PATIENCE).map(|(wait, agent)| (agent, wait))
    }

    fn slot(&self, moment: &Moment<'_>, at: Timestamp) -> Option<usize> {
        let slot = (at.since(moment.roster.start) / SLOT) as usize;
        (slot < moment.roster.slots.len()).then_some(slot)
    }

    /// One of the agent's departments, mostly the first: its key and its place.
    fn department(&self, random: &mut Random, agent: u32) -> (i64, u16) {
        let departments = &self.agents[agent as usize].departments;
        let place = match random.percent(70.0) {
            true => departments[0],
            false => *random.pick(departments),
        };
        (i64::from(place) + 1, place)
    }

    fn intercom(&self, agent: u32) -> String {
        self.company.intercom(self.agents[agent as usize].place)
    }

    /// So many seconds later, but before now.
    fn until(&self, from: Timestamp, seconds: f64) -> Timestamp {
        let end = from.plus((seconds * 1_000.0) as i64 * 1_000 + SECOND);
        end.min(self.now.plus(-SECOND)).max(from)
    }

    fn open(
        &self,
        direction: Direction,
        caller: String,
        callee: String,
        department_id: Option<i64>,
        at: Timestamp,
    ) -> CallRow {
        CallRow {
            id: self.next_call,
            source: SOURCE,
            call_id: format!("d{:09}", self.next_call),
            direction: direction.word(),
            caller,
            callee,
            department_id,
            started_at: at.0,
            answered_at: None,
            ended_at: None,
            day: 0,
            missed: false,
        }
    }

    fn ring(
        &mut self,
        made: &mut DayOfCalls,
        call: &CallRow,
        agent: u32,
        department: Option<i64>,
        at: Timestamp,
        stopped: Timestamp,
    ) {
        let leg = self.leg(call, agent, department, at);
        self.free_at[agent as usize] = stopped.plus(2 * SECOND);
        made.legs.push(LegRow { ended_at: Some(stopped.0), end_reason: Some("no_answer"), ..leg });
    }

    fn talk(
        &mut self,
        made: &mut DayOfCalls,
        call: &CallRow,
        agent: u32,
        (direction, department): (Direction, Option<i64>),
        (at, answered, ended): (Timestamp, Timestamp, Timestamp),
        end_reason: &'static str,
    ) {
        let leg = self.leg(call, agent, department, at);
        self.free_at[agent as usize] = ended.plus(20 * SECOND);
        made.legs.push(LegRow {
            direction: direction.word(),
            answered_at: Some(answered.0),
            ended_at: Some(ended.0),
            end_reason: Some(end_reason),
            ..leg
        });
    }

    fn leg(&mut self, call: &CallRow, agent: u32, department_id: Option<i64>, at: Timestamp) -> LegRow {
        let id = self.next_leg;
        self.next_leg += 1;
        let (other_party, our_number) = match call.direction == Direction::Outbound.word() {
            true => (&call.callee, &call.caller),
            false => (&call.caller, &call.callee),
        };
        LegRow {
            id,
            source: SOURCE,
            leg_id: format!("d{:09}-{id}", call.id),
            call: call.id,
            agent_id: self.agents[agent as usize].id,
            department_id,
            direction: call.direction,
            other_party: other_party.clone(),
            our_number: our_number.clone(),
            started_at: at.0,
            answered_at: None,
            ended_at: None,
            end_reason: None,
            day: 0,
            counts: Counts::Nothing.code(),
        }
    }

    /// Ends the call and counts it, as `domain::call::judge` would (a test compares the two).
    fn close(&mut self, mut call: CallRow, first: usize, ended: Timestamp, made: &mut DayOfCalls) {
        let legs = &mut made.legs[first..];
        call.ended_at = Some(ended.0);
        call.answered_at = legs.iter().filter(|leg| leg.direction != "internal").filter_map(|leg| leg.answered_at).min();
        call.day = self.days.day_of(Timestamp(call.started_at)).0;
        let inbound = call.direction == Direction::Inbound.word();
        call.missed = inbound && call.answered_at.is_none();
        for index in 0..legs.len() {
            let agent = legs[index].agent_id;
            let again = legs[..index].iter().any(|leg| leg.agent_id == agent && leg.counts == Counts::Answered.code());
            let leg = &mut legs[index];
            let (counts, at) = match leg.answered_at {
                _ if leg.direction != Direction::Inbound.word() => (Counts::Nothing, leg.started_at),
                Some(answered) if !again => (Counts::Answered, answered),
                None if call.missed => (Counts::Missed, leg.started_at),
                Some(_) | None => (Counts::Nothing, leg.started_at),
            };
            leg.counts = counts.code();
            leg.day = self.days.day_of(Timestamp(at)).0;
            let key = (leg.day, agent, leg.department_id.unwrap_or(0));
            match counts {
                Counts::Nothing => {}
                Counts::Answered => self.counts.entry(key).or_default().0 += 1,
                Counts::Missed => self.counts.entry(key).or_default().1 += 1,
            }
        }
        if let (true, Some(department)) = (call.missed, call.department_id) {
            self.counts.entry((call.day, 0, department)).or_default().1 += 1;
        }
        made.calls.push(call);
    }
}

/// How busy a half hour is, and how much of it lies before now: weight and microseconds.
pub fn slot_weight(there: usize, slot: usize, start: Timestamp, now: Timestamp) -> (f64, i64) {
    let length = now.plus(-LEAD).since(start).min(SLOT);
    let busy = match slot / 2 {
        0..=5 => 0.7,
        6..=8 => 0.8,
        9 => 1.0,
        10..=12 => 1.3,
        13 => 0.75,
        14 => 0.95,
        15..=17 => 1.25,
        18..=20 => 1.05,
        _ => 0.85,
    };
    (there as f64 * busy * length as f64 / SLOT as f64, length)
}

/// Who calls a department, or is called by it; some withhold their number.
fn customer(random: &mut Random, company: &Company, department: u16) -> String {
    let country = match company.departments[usize::from(department)].name.as_str() {
        "UK desk" => Country::UnitedKingdom,
        "Gulf desk" => *random.pick(&[Country::Emirates, Country::Saudi]),
        "US desk" => Country::UnitedStates,
        _ if random.percent(92.0) => Country::India,
        _ => *random.pick(Country::ALL),
    };
    if random.percent(1.0) { String::new() } else { mobile(random, country) }
}
