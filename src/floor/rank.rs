//! The order of people by a text column, kept as each one's place in it.

use crate::domain::text::Collation;

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
        // Beyond a twentieth a fresh sort is cheaper than finding each place.
        if changed.len() > slots / 20 + 16 {
            *self = Self::build(collation, slots, text);
            return;
        }
        self.place.resize(slots, 0);
        self.take_out(changed);
        let key = |slot: u32| collation.key(text(slot));
        for &slot in changed {
            let own = key(slot);
            let before = |&other: &u32| (key(other), other) < (own.clone(), slot);
            let at = self.order.partition_point(before);
            let is_own = |at: usize| self.order.get(at).is_some_and(|&other| key(other) == own);
            let (same, next_same) = (at > 0 && is_own(at - 1), is_own(at));
            if let Some(next) = self.same.get_mut(at) {
                *next = next_same;
            }
            self.order.insert(at, slot);
            self.same.insert(at, same);
        }
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
