//! Which unique values are in use, by whom, and which of them the file has had already.
//!
//! Only hashes are kept, 17 bytes for a place in the table and up to two places for a value: 20 to 40 bytes for
//! each of at most six values of a row or a person. That any two of a million values share one happens once in
//! thirty million plans, and nobody can bring it about: the hash has a key of its own each time.

use crate::domain::agent::words;
use crate::domain::feature_code::Codes;
use crate::domain::ids::UserId;
use crate::domain::number_plan::reserved;
use crate::domain::person::Person;
use crate::domain::phone::Region;
use crate::domain::text::{EmployeeId, LoginId};
use std::collections::BTreeMap;
use std::collections::hash_map::{HashMap, RandomState};
use std::hash::BuildHasher;

words!(/// A kind of value that only one record has. The words are those of the claims.
Unique {
    LoginId = "login_id",
    Email = "email",
    EmployeeId = "employee_id",
    Extension = "extension",
    /// Whom a row is about.
    Person = "person",
});

/// Who has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    User(UserId),
    /// A record that is no user, or one that was deleted and holds it still.
    Other,
    /// The row of the file in this line.
    Line(u64),
}

/// A holder in eight bytes: a user's key, a line as a negative number, or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packed(i64);

impl From<Holder> for Packed {
    fn from(holder: Holder) -> Self {
        match holder {
            Holder::User(id) => Self(id.0),
            Holder::Other => Self(0),
            Holder::Line(line) => Self(i64::try_from(line).map_or(i64::MIN, |line| -line)),
        }
    }
}

impl From<Packed> for Holder {
    fn from(packed: Packed) -> Self {
        match packed.0 {
            0 => Self::Other,
            key @ 1.. => Self::User(UserId(key)),
            line => Self::Line(line.unsigned_abs()),
        }
    }
}

/// Values in use.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    hashes: RandomState,
    by_hash: HashMap<u64, Packed>,
    /// Numbers that can be dialled: a 1 and their digits, so that zeros at the begin count.
    numbers: BTreeMap<u64, Packed>,
    highest_extension: u64,
}

impl Claims {
    /// What a living person has; others have nothing unless it is [held](Claims::hold) for them.
    pub fn add(&mut self, person: &Person) {
        if person.deleted {
            return;
        }
        let holder = Holder::User(person.id);
        self.put(Unique::LoginId, &person.login_id, holder);
        for (unique, value) in [
            (Unique::Email, &person.email),
            (Unique::EmployeeId, &person.employee_id),
        ] {
            if let Some(value) = value {
                self.put(unique, value, holder);
            }
        }
        if let Some(agent) = person.living_agent() {
            if let Some(extension) = &agent.extension {
                self.put(Unique::Extension, extension, holder);
            }
            if let Some(intercom) = &agent.intercom {
                self.put_number(intercom, holder);
            }
        }
    }

    /// A value that no living user has and nobody may take: in quarantine, for example.
    pub fn hold(&mut self, unique: Unique, value: &str) {
        if self.holder(unique, value).is_none() {
            self.put(unique, value, Holder::Other);
        }
    }

    /// The same for a number that can be dialled: of a department, an IVR, a caller id, someone who left.
    pub fn hold_number(&mut self, number: &str) {
        if let Some(key) = number_key(number) {
            self.numbers.entry(key).or_insert(Holder::Other.into());
        }
    }

    pub fn holder(&self, unique: Unique, value: &str) -> Option<Holder> {
        let found = self.by_hash.get(&self.hash(unique, value));
        found.map(|packed| (*packed).into())
    }

    pub(super) fn put(&mut self, unique: Unique, value: &str, holder: Holder) {
        if unique == Unique::Extension
            && value.len() <= LONGEST_NUMBERED
            && let Ok(number) = value.parse::<u64>()
        {
            self.highest_extension = self.highest_extension.max(number);
        }
        let hash = self.hash(unique, value);
        self.by_hash.insert(hash, holder.into());
    }

    /// Whom a row is about can be claimed too.
    pub(super) fn line_of_person(&self, id: UserId) -> Option<u64> {
        match self.holder(Unique::Person, &id.to_string()) {
            Some(Holder::Line(line)) => Some(line),
            Some(Holder::User(_) | Holder::Other) | None => None,
        }
    }

    pub(super) fn put_person(&mut self, id: UserId, line: u64) {
        self.put(Unique::Person, &id.to_string(), Holder::Line(line));
    }

    /// Another number that this one would be mistaken for, and who has it.
    pub(super) fn collision(&self, number: &str, mine: Option<UserId>) -> Option<(String, Holder)> {
        let key = number_key(number)?;
        let other = |(key, packed): (&u64, &Packed)| {
            let holder = Holder::from(*packed);
            (Some(holder) != mine.map(Holder::User)).then(|| (digits_of(*key), holder))
        };
        let (mut shorter, mut low, mut high) = (key, key, key);
        for _ in 0..LONGEST_NUMBER {
            if shorter > 1
                && let Some(found) = self.numbers.get_key_value(&shorter).and_then(other)
            {
                return Some(found);
            }
            if let Some(found) = self.numbers.range(low..=high).find_map(other) {
                return Some(found);
            }
            shorter /= 10;
            (low, high) = (
                low.saturating_mul(10),
                high.saturating_mul(10).saturating_add(9),
            );
        }
        None
    }

    pub(super) fn put_number(&mut self, number: &str, holder: Holder) {
        if let Some(key) = number_key(number) {
            self.numbers.insert(key, holder.into());
        }
    }

    /// The extension after the highest that is a plain number.
    pub(super) fn next_extension(&self) -> u64 {
        FIRST_EXTENSION.max(self.highest_extension + 1)
    }

    /// Memory that it takes, about.
    pub fn bytes(&self) -> usize {
        // A table is at most seven eighths full, and has a byte beside each place.
        let places = self.by_hash.capacity() * 8 / 7;
        places * (size_of::<(u64, Packed)>() + 1) + self.numbers.len() * 24
    }

    fn hash(&self, unique: Unique, value: &str) -> u64 {
        match unique {
            // Addresses are kept folded as login ids are.
            Unique::LoginId | Unique::Email => {
                self.hashes.hash_one((unique, LoginId::claim_of(value)))
            }
            Unique::EmployeeId => self.hashes.hash_one((unique, EmployeeId::claim_of(value))),
            Unique::Extension | Unique::Person => self.hashes.hash_one((unique, value.trim())),
        }
    }
}

/// The next extension is one after the highest number of at most so many digits.
const LONGEST_NUMBERED: usize = 9;
const FIRST_EXTENSION: u64 = 5_001;
/// Numbers inside are short; longer ones can't be mistaken for them.
const LONGEST_NUMBER: usize = 12;

fn number_key(number: &str) -> Option<u64> {
    let fits = (1..=LONGEST_NUMBER).contains(&number.len());
    let digits = fits && number.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| format!("1{number}").parse().ok())?
}

fn digits_of(key: u64) -> String {
    let digits = key.to_string();
    digits.get(1..).unwrap_or_default().to_owned()
}

/// Intercom numbers that are free, lowest first; those with a zero in front come last, since spreadsheets lose it.
#[derive(Clone, Debug)]
pub struct FreeNumbers {
    digits: usize,
    tried: u32,
}

/// Where the numbers begin that no row of a plan was given by `(auto)`: what somebody takes before the plan is carried
/// out can be replaced by these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unused {
    /// So many intercom numbers were tried, in the order of [`FreeNumbers`].
    pub intercom: u32,
    pub extension: u64,
}

impl Default for Unused {
    fn default() -> Self {
        Self {
            intercom: 0,
            extension: FIRST_EXTENSION,
        }
    }
}

impl FreeNumbers {
    pub fn new(digits: usize) -> Self {
        Self::after(digits, 0)
    }

    /// Those behind the first `tried`.
    pub fn after(digits: usize, tried: u32) -> Self {
        Self { digits, tried }
    }

    pub fn tried(&self) -> u32 {
        self.tried
    }

    /// The next that can't be mistaken for another; none when all are in use.
    pub fn next(
        &mut self,
        region: Region,
        codes: &Codes,
        is_taken: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let digits = self.digits;
        let all = 10_u32.pow(u32::try_from(digits).unwrap_or(4));
        while self.tried < all {
            let number = (self.tried + all / 10) % all;
            self.tried += 1;
            let number = format!("{number:0digits$}");
            if reserved(&number, region, codes).is_none() && !is_taken(&number) {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_unique_in_their_form_and_by_kind() {
        let mut claims = Claims::default();
        let user = Holder::User(UserId(7));
        claims.put(Unique::LoginId, "Asha.Rao", user);
        assert_eq!(claims.holder(Unique::LoginId, " asha.RAO "), Some(user));
        assert_eq!(claims.holder(Unique::EmployeeId, "asha.rao"), None);
        claims.hold(Unique::LoginId, "asha.rao");
        assert_eq!(claims.holder(Unique::LoginId, "asha.rao"), Some(user));
        claims.hold(Unique::Email, "a@b.c");
        assert_eq!(claims.holder(Unique::Email, "a@b.c"), Some(Holder::Other));
        claims.put_person(UserId(7), 12);
        assert_eq!(claims.line_of_person(UserId(7)), Some(12));
        assert_eq!(claims.line_of_person(UserId(8)), None);
    }

    #[test]
    fn numbers_that_begin_each_other_collide() {
        let mut claims = Claims::default();
        claims.put_number("0042", Holder::User(UserId(1)));
        claims.hold_number("20017");
        let other = |number: &str| claims.collision(number, None).map(|found| found.0);
        assert_eq!(other("0042").as_deref(), Some("0042"));
        assert_eq!(other("42"), None);
        assert_eq!(other("004").as_deref(), Some("0042"));
        assert_eq!(other("2001").as_deref(), Some("20017"));
        assert_eq!(other("200171").as_deref(), Some("20017"));
        assert_eq!(other("2002"), None);
        assert_eq!(claims.collision("0042", Some(UserId(1))), None);
    }

    #[test]
    fn free_numbers_begin_with_those_that_no_spreadsheet_damages() {
        let (codes, region) = (Codes::default(), Region::INDIA);
        let mut free = FreeNumbers::new(3);
        let all: Vec<String> =
            std::iter::from_fn(|| free.next(region, &codes, |n| n == "103")).collect();
        assert_eq!(all[..2], ["104".to_owned(), "105".to_owned()]);
        assert_eq!(all.last().map(String::as_str), Some("099"));
        assert!(
            !all.iter()
                .any(|n| ["100", "112", "103"].contains(&n.as_str()))
        );
        let mut claims = Claims::default();
        assert_eq!(claims.next_extension(), 5_001);
        claims.put(Unique::Extension, "7300", Holder::Other);
        claims.put(Unique::Extension, "99999999999999", Holder::Other);
        assert_eq!(claims.next_extension(), 7_301);
    }
}
