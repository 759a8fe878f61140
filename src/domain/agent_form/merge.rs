//! Two people changed the same agent: field by field, whose change stands.

use super::{AgentChange, Field, Values};

/// What a change comes down to when the record has moved on since it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// The fields that this person changed and nobody else did.
    pub mine: AgentChange,
    /// Fields that only others changed: kept.
    pub theirs: Vec<Field>,
    /// Fields that both changed, to different values.
    pub both: Vec<Field>,
}

/// Compares three readings of the fields that a change holds: `was` when the form was opened, `now`, and
/// the change itself. A field that `was` does not know counts as changed by both if it differs.
pub fn merge(was: &Values, now: &Values, change: &AgentChange) -> Merge {
    let mut merged = Merge::default();
    for (field, mine) in change.values().iter() {
        match changed_by(was.get(field), now.get(field), mine) {
            ChangedBy::Nobody => {}
            ChangedBy::Me => merged.mine.values.set(field, mine.clone()),
            ChangedBy::Others => merged.theirs.push(field),
            ChangedBy::Both => merged.both.push(field),
        }
    }
    merged
}

/// Whose change of one value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedBy {
    /// It is as wanted already.
    Nobody,
    Me,
    Others,
    /// To different values.
    Both,
}

/// Compares three readings of one value, of whatever record: when the form was opened, now, and as wanted.
pub fn changed_by<V: PartialEq>(was: Option<&V>, now: Option<&V>, mine: &V) -> ChangedBy {
    let (i_changed, they_changed) = (was != Some(mine), was != now);
    match (i_changed, they_changed) {
        (_, _) if now == Some(mine) => ChangedBy::Nobody,
        (true, false) => ChangedBy::Me,
        (false, _) => ChangedBy::Others,
        (true, true) => ChangedBy::Both,
    }
}
