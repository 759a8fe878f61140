//! The calls of one reporting day after the other: who rang, who answered, and what each counts as.

use super::book::Book;
use super::company::Company;
use super::fill::{Cast, Pace};
use super::numbers::{Country, mobile};
use super::random::{Random, Stream};
use super::rota::{Roster, SLOT};
use crate::domain::call::Direction;
use crate::domain::day_range::Day;
use crate::domain::time::{MINUTE, SECOND, Timestamp};
use crate::store::seed::{CallRow, DayCountRow, Keys, LegRow};

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

/// Makes calls, day by day.
pub struct Calls<'a> {
    cast: Cast<'a>,
    now: Timestamp,
    book: Book<'a>,
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
    /// `keys` are the first to use.
    pub fn new(cast: Cast<'a>, now: Timestamp, keys: Keys) -> Self {
        let book = Book::new(cast.agents, super::calendar(), keys);
        Self { cast, now, book }
    }

    /// The counts of all days up to this one, for good: by day, agent and department.
    pub fn counts_until(&mut self, day: Day) -> Vec<DayCountRow> {
        self.book.counts_until(day)
    }

    /// The calls of one day: so many in each half hour as the pace says.
    pub fn day(&mut self, day: Day, roster: &Roster, pace: &mut Pace) -> DayOfCalls {
        for &(agent, from) in &roster.begins {
            let free = &mut self.book.free_at[agent as usize];
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
            let mut random = Random::of(self.cast.seed, Stream::Calls, index);
            let mut offsets: Vec<i64> = (0..count)
                .map(|_| random.below(length as u64) as i64)
                .collect();
            offsets.sort_unstable();
            let per_call = 0.55 * 1_800.0 * there.len() as f64 / count as f64;
            let talk = (per_call - 30.0).clamp(5.0, 210.0);
            let mut moment = Moment {
                random,
                roster,
                at: start,
                talk,
            };
            for offset in offsets {
                moment.at = start.plus(offset);
                self.call(&mut moment, &mut made);
            }
        }
        made
    }

    fn call(&mut self, moment: &mut Moment<'_>, made: &mut DayOfCalls) {
        match moment.random.weighted(&[78.0, 17.0, 5.0]) {
            0 => self.inbound(moment, made),
            1 => self.outbound(moment, made),
            _ => self.internal(moment, made),
        }
    }

    fn inbound(&mut self, moment: &mut Moment<'_>, made: &mut DayOfCalls) {
        let there = &moment.roster.slots[self.slot(moment, moment.at).unwrap_or_default()];
        let someone = *moment.random.pick(there);
        let (department, place) = self.department(&mut moment.random, someone);
        let caller = customer(&mut moment.random, self.cast.company, place);
        let call = self.book.open(
            Direction::Inbound,
            caller,
            self.cast.company.number_of(place).to_owned(),
            Some(department),
            moment.at,
        );
        let first = made.legs.len();
        let ended = match self.free(moment, moment.at) {
            Some((agent, wait)) if !moment.random.percent(2.5) => {
                self.offer(moment, made, &call, agent, moment.at.plus(wait), department)
            }
            Some(_) | None => moment.at.plus(moment.random.between(8, 70) * SECOND),
        };
        self.book.close(call, first, ended, made);
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
            self.book
                .ring(made, call, agent, Some(department), at, stopped);
            let another = self
                .free(moment, stopped)
                .filter(|(other, wait)| *other != agent && *wait == 0);
            match another {
                Some((other, _)) if unanswered == 1 => (agent, at) = (other, stopped),
                Some(_) | None => return stopped,
            }
        }
        let answered = at.plus(moment.random.between(3_000, 12_000) * 1_000);
        let ended = self.until(answered, moment.random.span(moment.talk));
        self.book.talk(
            made,
            call,
            agent,
            (Direction::Inbound, Some(department)),
            (at, answered, ended),
            "hangup",
        );
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
        let Some((to, 0)) = self.free(moment, at).filter(|(to, _)| *to != from) else {
            return at;
        };
        if self.now.since(at) < MINUTE {
            return at;
        }
        let through = moment.random.percent(70.0).then_some(department);
        if let Some(leg) = made.legs.last_mut() {
            leg.end_reason = Some("transfer");
        }
        let answered = at.plus(moment.random.between(3_000, 12_000) * 1_000);
        let ended = self.until(answered, moment.random.span(moment.talk));
        self.book.talk(
            made,
            call,
            to,
            (Direction::Inbound, through),
            (at, answered, ended),
            "hangup",
        );
        if !moment.random.percent(8.0) || self.now.since(ended) < MINUTE {
            return ended;
        }
        if let Some(leg) = made.legs.last_mut() {
            leg.end_reason = Some("transfer");
        }
        let back = ended.plus(moment.random.between(2, 8) * SECOND);
        let last = self.until(back, moment.random.span(moment.talk / 2.0));
        self.book.talk(
            made,
            call,
            from,
            (Direction::Inbound, Some(department)),
            (ended, back, last),
            "hangup",
        );
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
        if let Some((asked, 0)) = self.free(moment, at).filter(|(asked, _)| *asked != asking)
            && answered < ended
        {
            let before = made.legs.len();
            self.book.talk(
                made,
                call,
                asked,
                (Direction::Internal, None),
                (at, answered, ended),
                "hangup",
            );
            let number = self.intercom(asking);
            made.legs[before..]
                .iter_mut()
                .for_each(|leg| leg.other_party.clone_from(&number));
        }
        to
    }

    fn outbound(&mut self, moment: &mut Moment<'_>, made: &mut DayOfCalls) {
        let Some((agent, wait)) = self.free(moment, moment.at) else {
            return self.inbound(moment, made);
        };
        let at = moment.at.plus(wait);
        let (department, place) = self.department(&mut moment.random, agent);
        let customer = customer(&mut moment.random, self.cast.company, place);
        let call = self.book.open(
            Direction::Outbound,
            self.cast.company.number_of(place).to_owned(),
            customer,
            Some(department),
            at,
        );
        let first = made.legs.len();
        let answered = at.plus(moment.random.between(4, 25) * SECOND);
        let ended = if moment.random.percent(78.0) {
            let ended = self.until(answered, moment.random.span(moment.talk * 0.8));
            self.book.talk(
                made,
                &call,
                agent,
                (Direction::Outbound, Some(department)),
                (at, answered, ended),
                "hangup",
            );
            ended
        } else {
            self.book
                .ring(made, &call, agent, Some(department), at, answered);
            answered
        };
        self.book.close(call, first, ended, made);
    }

    fn internal(&mut self, moment: &mut Moment<'_>, made: &mut DayOfCalls) {
        let pair = (self.free(moment, moment.at), self.free(moment, moment.at));
        let (Some((from, 0)), Some((to, 0))) = pair else {
            return self.inbound(moment, made);
        };
        if from == to {
            return self.inbound(moment, made);
        }
        let call = self.book.open(
            Direction::Internal,
            self.intercom(from),
            self.intercom(to),
            None,
            moment.at,
        );
        let first = made.legs.len();
        let answered = moment.at.plus(moment.random.between(2, 9) * SECOND);
        let ended = self.until(answered, moment.random.span(45.0_f64.min(moment.talk)));
        for agent in [from, to] {
            self.book.talk(
                made,
                &call,
                agent,
                (Direction::Internal, None),
                (moment.at, answered, ended),
                "hangup",
            );
        }
        made.legs[first].other_party.clone_from(&call.callee);
        made.legs[first].our_number.clone_from(&call.caller);
        self.book.close(call, first, ended, made);
    }

    /// Somebody who is there and free, or free soon: with the time to wait.
    fn free(&self, moment: &mut Moment<'_>, at: Timestamp) -> Option<(u32, i64)> {
        let there = moment
            .roster
            .slots
            .get(self.slot(moment, at)?)
            .filter(|there| !there.is_empty())?;
        let mut soonest: Option<(i64, u32)> = None;
        for _ in 0..8 {
            let agent = *moment.random.pick(there);
            let wait = self.book.free_at[agent as usize].since(at);
            if wait == 0 {
                return Some((agent, 0));
            }
            soonest = Some(soonest.map_or((wait, agent), |other| other.min((wait, agent))));
        }
        soonest
            .filter(|(wait, _)| *wait <= PATIENCE)
            .map(|(wait, agent)| (agent, wait))
    }

    fn slot(&self, moment: &Moment<'_>, at: Timestamp) -> Option<usize> {
        let slot = (at.since(moment.roster.start) / SLOT) as usize;
        (slot < moment.roster.slots.len()).then_some(slot)
    }

    /// One of the agent's departments, mostly the first: its key and its place.
    fn department(&self, random: &mut Random, agent: u32) -> (i64, u16) {
        let departments = &self.cast.agents[agent as usize].departments;
        let place = match random.percent(70.0) {
            true => departments[0],
            false => *random.pick(departments),
        };
        (i64::from(place) + 1, place)
    }

    fn intercom(&self, agent: u32) -> String {
        self.cast
            .company
            .intercom(self.cast.agents[agent as usize].place)
    }

    /// So many seconds later, but before now.
    fn until(&self, from: Timestamp, seconds: f64) -> Timestamp {
        let end = from.plus((seconds * 1_000.0) as i64 * 1_000 + SECOND);
        end.min(self.now.plus(-SECOND)).max(from)
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
    if random.percent(1.0) {
        String::new()
    } else {
        mobile(random, country)
    }
}
