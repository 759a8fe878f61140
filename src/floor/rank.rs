//! The order of people by a text column, kept as each one's place in it.

use super::reach::reach;
use crate::domain::text::Collation;
use std::cmp::Ordering;

/// Places of all slots in the order of one text column. Blank texts come last, in either direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rank {
    /// Slots in order, texts that sort the same by slot.
    order: Vec<u32>,
    /// By place in `order`: the text sorts the same as the one before.
    same: Vec<bool>,
    /// The place of each slot; those whose texts sort the same share the first one's.
    place: Vec<u32>,
    /// The first of the order are blank: no text sorts before them.
    begins_blank: bool,
}

/// The key of a blank text.
pub const BLANK: u64 = u64::MAX;

impl Rank {
    /// Sorts everyone.
    pub fn build<'a>(collation: &Collation, slots: usize, text: impl Fn(u32) -> &'a str) -> Self {
        let mut keyed: Vec<(Box<[u8]>, u32)> = (0..slots as u32)
            .map(|slot| (collation.key(text(slot)), slot))
            .collect();
        keyed.sort_unstable();
        let differs = |at: usize| at == 0 || keyed[at - 1].0 != keyed[at].0;
        let mut rank = Self {
            same: (0..slots).map(|at| !differs(at)).collect(),
            order: keyed.into_iter().map(|(_, slot)| slot).collect(),
            place: vec![0; slots],
            begins_blank: false,
        };
        rank.renumber(text);
        rank
    }

    /// Moves the changed slots (ascending, new ones too) to where their text belongs now.
    pub fn update<'a>(
        &mut self,
        collation: &Collation,
        changed: &[u32],
        slots: usize,
        text: impl Fn(u32) -> &'a str,
    ) {
        // Where hardly any stays, a fresh sort is cheaper than finding each place.
        if changed.len() > slots / 2 + 16 {
            *self = Self::build(collation, slots, text);
            return;
        }
        self.place.resize(slots, 0);
        self.take_out(changed);
        let compare = |one: u32, other: u32| collation.compare(text(one), text(other));
        let mut moved = changed.to_vec();
        moved.sort_unstable_by(|&one, &other| compare(one, other).then(one.cmp(&other)));
        self.put_in(&moved, compare);
        self.renumber(text);
    }

    /// The sort key of a slot, `BLANK` without a text.
    pub fn key(&self, slot: u32) -> u64 {
        match self.place[slot as usize] {
            0 if self.begins_blank => BLANK,
            place => place.into(),
        }
    }

    /// Slots in order, texts that sort the same by slot.
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// Takes slots (ascending) out of the order.
    fn take_out(&mut self, slots: &[u32]) {
        let mut kept = Self::default();
        // Whether all since the one kept last sort the same as it.
        let mut same = false;
        for (&slot, &as_before) in self.order.iter().zip(&self.same) {
            same &= as_before;
            if slots.binary_search(&slot).is_err() {
                kept.order.push(slot);
                kept.same.push(same);
                same = true;
            }
        }
        (self.order, self.same) = (kept.order, kept.same);
    }

    /// Puts slots in that are not in the order, sorted among themselves.
    fn put_in(&mut self, slots: &[u32], compare: impl Fn(u32, u32) -> Ordering) {
        let (order, same) = (
            std::mem::take(&mut self.order),
            std::mem::take(&mut self.same),
        );
        let mut kept = 0;
        for &slot in slots {
            let before = |&other: &u32| compare(other, slot).then(other.cmp(&slot)).is_lt();
            let upto = kept + reach(&order[kept..], before);
            self.append(&order[kept..upto], &same[kept..upto], &compare);
            self.append(&[slot], &[false], &compare);
            kept = upto;
        }
        self.append(&order[kept..], &same[kept..], &compare);
    }

    /// Adds slots at the end; of the first one it is not known yet whether it sorts the same as the one before.
    fn append(&mut self, slots: &[u32], same: &[bool], compare: impl Fn(u32, u32) -> Ordering) {
        let (Some(&first), at) = (slots.first(), self.order.len()) else {
            return;
        };
        let last = self.order.last().copied();
        self.order.extend_from_slice(slots);
        self.same.extend_from_slice(same);
        self.same[at] = last.is_some_and(|last| compare(last, first).is_eq());
    }

    fn renumber<'a>(&mut self, text: impl Fn(u32) -> &'a str) {
        self.begins_blank = self
            .order
            .first()
            .is_some_and(|&slot| text(slot).is_empty());
        let mut first = 0;
        for (place, (&slot, &same)) in self.order.iter().zip(&self.same).enumerate() {
            if !same {
                first = place as u32;
            }
            self.place[slot as usize] = first;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn updating_gives_what_sorting_anew_gives(
            before in prop::collection::vec("[a-cA-C ]{0,3}", 0..40),
            edits in prop::collection::vec((0_usize..60, "[a-cA-Cé]{0,3}"), 0..8),
        ) {
            let mut texts = before.clone();
            let collation = Collation::new();
            let mut rank = Rank::build(&collation, texts.len(), |slot| &before[slot as usize]);
            let mut changed = Vec::new();
            for (slot, text) in edits {
                if slot < texts.len() {
                    texts[slot] = text;
                    changed.push(slot as u32);
                } else {
                    changed.push(texts.len() as u32);
                    texts.push(text);
                }
            }
            changed.sort_unstable();
            changed.dedup();
            rank.update(&collation, &changed, texts.len(), |slot| &texts[slot as usize]);
            prop_assert_eq!(rank, Rank::build(&collation, texts.len(), |slot| &texts[slot as usize]));
        }
    }
}
