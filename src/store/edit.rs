//! How saving a form over a record ends: alike for each kind of record, whose fields are `F` and their values `V`.

use super::agent::history::Edit;

/// What a change came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updated<F> {
    /// The record's version now; as it was when nothing differed.
    pub version: i64,
    /// To undo it by.
    pub operation: String,
    /// Fields that have another value now.
    pub changed: Vec<F>,
}

/// What a form was opened with.
#[derive(Clone, Debug, Default)]
pub struct Basis<V> {
    pub version: i64,
    /// The values that it showed; fields without one can't be merged.
    pub was: V,
}

/// How saving a form ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved<F, V> {
    /// Written, with what others had changed since the form was opened: it was kept.
    Written(Updated<F>, Vec<Edit>),
    /// Nothing was written: others changed the same fields.
    Conflict(Conflict<F, V>),
}

/// The same fields changed by two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict<F, V> {
    /// The version now: what a form that has seen this is based on.
    pub version: i64,
    /// The form's fields as they are now.
    pub now: V,
    pub both: Vec<F>,
    /// Who changed what since the form was opened, oldest first.
    pub edits: Vec<Edit>,
}
