//! The order of people by a text column, kept as each one's place in it.

use crate::domain::text::Collation;

/// Places of all slots in the order of one text column. Blank texts come last, in either direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rank {
    /// Slots in order.
    order: Vec<u32>,
    /// The place of each slot.
    place: Vec<u32>,
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
        let mut rank = Self {
            order: keyed.into_iter().map(|(_, slot)| slot).collect(),
            place: vec![0; slots],
        };
        rank.renumber();
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
        let key = |slot: u32| (collation.key(text(slot)), slot);
        self.order
            .retain(|slot| changed.binary_search(slot).is_err());
        for &slot in changed {
            let own = key(slot);
            let at = self.order.partition_point(|&other| key(other) < own);
            self.order.insert(at, slot);
        }
        self.renumber();
    }

    /// The sort key of a slot.
    pub fn key(&self, slot: u32, blank: bool) -> u64 {
        if blank {
            BLANK
        } else {
            u64::from(self.place[slot as usize])
        }
    }

    fn renumber(&mut self) {
        for (place, &slot) in self.order.iter().enumerate() {
            self.place[slot as usize] = place as u32;
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
