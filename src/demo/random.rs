//! A small random generator whose streams depend on nothing but the seed and what they are for,
//! so that the same parameters always make the same people and the same calls.

/// SplitMix64. One stream per purpose and index: person 7 is the same whoever else exists.
#[derive(Clone, Debug)]
pub struct Random(u64);

/// What a stream is for; the number only has to differ.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
    Person = 1,
    Company = 2,
    Rota = 3,
    Calls = 4,
    History = 5,
    Simulator = 6,
    Joiners = 7,
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    pub fn of(seed: u64, stream: Stream, index: u64) -> Self {
        let mut start = Self(seed);
        let key = start.word() ^ (stream as u64).wrapping_mul(0xd6e8_feb8_6659_fd93);
        let mut mixed = Self(key ^ index.wrapping_mul(0xa076_1d64_78bd_642f));
        let start = mixed.word();
        Self(start)
    }

    /// The next 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from 0 up to, not including, `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.word()) * u128::from(end)) >> 64) as u64
    }

    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).max(0) as u64 + 1) as i64
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, chance: f64) -> bool {
        self.unit() * 100.0 < chance
    }

    /// One of the choices. They must not be empty.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u64) as usize]
    }

    /// The index of one of the weights, as often as its share of their sum.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// A span with the given mean: many short ones, a few long ones, none under a third.
    pub fn span(&mut self, mean: f64) -> f64 {
        mean * (1.0 / 3.0) - (2.0 / 3.0) * mean * (1.0 - self.unit()).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_purpose_and_index_only() {
        let first = |seed, stream, index| Random::of(seed, stream, index).word();
        assert_eq!(first(1, Stream::Person, 7), first(1, Stream::Person, 7));
        assert_ne!(first(1, Stream::Person, 7), first(1, Stream::Person, 8));
        assert_ne!(first(1, Stream::Person, 7), first(1, Stream::Calls, 7));
        assert_ne!(first(1, Stream::Person, 7), first(2, Stream::Person, 7));
    }

    #[test]
    fn numbers_stay_within_their_bounds_and_reach_them() {
        let mut random = Random::of(1, Stream::Company, 0);
        let seen: Vec<i64> = (0..1_000).map(|_| random.between(3, 6)).collect();
        assert!((3..=6).all(|n| seen.contains(&n)) && seen.iter().all(|n| (3..=6).contains(n)));
        assert_eq!(random.below(0), 0);
        assert!((0..1_000).all(|_| random.weighted(&[0.0, 1.0, 0.0]) == 1));
        let mean = (0..20_000).map(|_| random.span(240.0)).sum::<f64>() / 20_000.0;
        assert!((230.0..250.0).contains(&mean), "{mean}");
    }
}
