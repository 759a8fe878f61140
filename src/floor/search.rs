//! Search over everything that is known by name or number, in one run of memory.

use super::bits::Bits;
use super::reach::reach;
use crate::domain::person::Person;
use crate::domain::phone::search_digits;
use crate::domain::text::fold;
use memchr::memmem::{self, Finder};

/// Ends the text of one person; no field holds it.
const END: u8 = b'\n';
/// Ends a field, so that a word never matches across two.
const FIELD: char = '\u{1}';

/// The folded texts of all people, one after the other. A changed text is appended and the old one
/// left behind until the dead half is worth sweeping.
#[derive(Clone, Debug, Default)]
pub struct SearchText {
    text: Vec<u8>,
    /// Where the text of each slot begins.
    start: Vec<u32>,
    /// (begin, slot) of every text in the run, living and left behind, ascending.
    begun: Vec<(u32, u32)>,
    dead: usize,
}

impl SearchText {
    /// Sets what a slot is found by. Slots are added in order.
    pub fn set(&mut self, slot: u32, person: &Person) {
        let text = searchable(person);
        let index = slot as usize;
        if index < self.start.len() {
            self.dead += self.of(slot).len() + 1;
        } else {
            self.start.push(0);
        }
        self.append(slot, text.as_bytes());
        if self.dead > 65_536 && self.dead > self.text.len() / 2 {
            self.sweep();
        }
    }

    /// The slots whose text holds every word of the query. Numbers may be written with spaces, signs
    /// and a leading zero; upper and lower case and accents make no difference.
    pub fn find(&self, query: &str) -> Bits {
        let slots = self.start.len();
        if let Some(digits) = search_digits(query) {
            let found = self.holding(digits.as_bytes());
            let without_prefix = digits.trim_start_matches('0');
            return if found.is_empty() && !without_prefix.is_empty() {
                self.holding(without_prefix.as_bytes())
            } else {
                found
            };
        }
        let folded = fold(query);
        let mut words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        // The longest word is the rarest: the others are looked for only where it was found.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let Some((first, others)) = words.split_first() else {
            return Bits::full(slots);
        };
        let mut found = self.holding(first.as_bytes());
        for word in others {
            let finder = Finder::new(word.as_bytes());
            found.retain(|slot| finder.find(self.of(slot)).is_some());
        }
        found
    }

    fn holding(&self, needle: &[u8]) -> Bits {
        let mut found = Bits::none(self.start.len());
        let finder = Finder::new(needle);
        let mut from = 0;
        // `begun` is walked along with the run, so that finding a hit's person is no search.
        let mut next = 0;
        while let Some(hit) = finder.find(&self.text[from..]).map(|at| at + from) {
            // Most hits are in the next text, and the others may be far.
            next += reach(&self.begun[next..], |&(begin, _)| begin as usize <= hit);
            let (begin, slot) = self.begun[next - 1];
            if self.start[slot as usize] == begin {
                found.set(slot);
            }
            from = match self.begun.get(next) {
                Some(&(begin, _)) => begin as usize,
                None => break,
            };
        }
        found
    }

    /// The folded name alone.
    pub fn name(&self, slot: u32) -> &[u8] {
        let text = self.of(slot);
        &text[..memchr::memchr(FIELD as u8, text).unwrap_or(text.len())]
    }

    fn of(&self, slot: u32) -> &[u8] {
        let text = &self.text[self.start[slot as usize] as usize..];
        &text[..memchr::memchr(END, text).unwrap_or(text.len())]
    }

    fn append(&mut self, slot: u32, text: &[u8]) {
        let begin = self.text.len() as u32;
        self.start[slot as usize] = begin;
        self.begun.push((begin, slot));
        self.text.extend_from_slice(text);
        self.text.push(END);
    }

    fn sweep(&mut self) {
        let mut swept = Self {
            start: vec![0; self.start.len()],
            ..Self::default()
        };
        for slot in 0..self.start.len() as u32 {
            swept.append(slot, self.of(slot));
        }
        *self = swept;
    }
}

/// Everything that a person is found by. Numbers lose their `+`: what is typed does too.
fn searchable(person: &Person) -> String {
    let mut text = fold(&person.name);
    let mut add = |field: &str| {
        text.push(FIELD);
        text.push_str(field);
    };
    add(&fold(&person.login_id));
    for field in [&person.employee_id, &person.email].into_iter().flatten() {
        add(&fold(field));
    }
    if let Some(phone) = &person.phone {
        add(&phone.digits().to_string());
    }
    if let Some(agent) = person.living_agent() {
        add(&crate::domain::ids::AgentId::of(person.id).to_string());
        for number in agent
            .forwarding_number
            .iter()
            .chain(&agent.alternative_numbers)
        {
            add(&number.digits().to_string());
        }
        for digits in [&agent.intercom, &agent.extension].into_iter().flatten() {
            add(&fold(digits));
        }
    }
    debug_assert!(
        memmem::find(text.as_bytes(), b"\n").is_none(),
        "folding removes line ends"
    );
    text
}
