//! Two people changed the same user: field by field, whose change stands.

use super::{Field, UserChange, Values};
use crate::domain::agent_form::{ChangedBy, changed_by};

/// What a change comes down to when the record has moved on since it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// The fields that this person changed and nobody else did.
    pub mine: UserChange,
    /// Fields that both changed, to different values.
    pub both: Vec<Field>,
}

/// Compares three readings of the fields that a change holds: `was` when the form was opened, `now`, and
/// the change itself. A field that `was` does not know counts as changed by both if it differs.
pub fn merge(was: &Values, now: &Values, change: &UserChange) -> Merge {
    let mut merged = Merge::default();
    for (field, mine) in change.values().iter() {
        match changed_by(was.get(field), now.get(field), mine) {
            ChangedBy::Nobody | ChangedBy::Others => {}
            ChangedBy::Me => merged.mine.values.set(field, mine.clone()),
            ChangedBy::Both => merged.both.push(field),
        }
    }
    merged
}
