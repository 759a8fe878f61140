//! A set of slots, one bit each.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    slots: usize,
}

impl Bits {
    pub fn none(slots: usize) -> Self {
        Self {
            words: vec![0; slots.div_ceil(64)],
            slots,
        }
    }

    pub fn full(slots: usize) -> Self {
        let mut bits = Self {
            words: vec![u64::MAX; slots.div_ceil(64)],
            slots,
        };
        if let (Some(last), spare @ 1..) = (bits.words.last_mut(), slots % 64) {
            *last = (1 << spare) - 1;
        }
        bits
    }

    pub fn of(slots: usize, members: &[u32]) -> Self {
        let mut bits = Self::none(slots);
        members.iter().for_each(|&slot| bits.set(slot));
        bits
    }

    pub fn set(&mut self, slot: u32) {
        self.words[slot as usize / 64] |= 1 << (slot % 64);
    }

    pub fn has(&self, slot: u32) -> bool {
        self.words[slot as usize / 64] & (1 << (slot % 64)) != 0
    }

    pub fn unset(&mut self, slot: u32) {
        self.words[slot as usize / 64] &= !(1 << (slot % 64));
    }

    /// Makes room for more slots, none of them in the set.
    pub fn grow(&mut self, slots: usize) {
        self.words.resize(slots.div_ceil(64), 0);
        self.slots = slots;
    }

    pub fn and(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    pub fn or(&mut self, members: &[u32]) {
        members.iter().for_each(|&slot| self.set(slot));
    }

    pub fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        for slot in self.iter().collect::<Vec<_>>() {
            if !keep(slot) {
                self.unset(slot);
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    pub fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// The slots in the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.words.iter().enumerate().flat_map(|(index, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(index as u32 * 64 + bit)
            })
        })
    }
}
