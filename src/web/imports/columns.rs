//! What the columns of a file mean, each with what it can be said to mean instead.

use super::controls::Pick;
use super::names::label;
use crate::domain::import::{Column, Head, Meaning};

pub struct ColumnView {
    pub at: usize,
    pub name: String,
    pub picks: Vec<Pick>,
    pub unknown: bool,
    /// What is wrong beside another column, or with what was said; empty for nothing.
    pub clash: String,
}

/// The columns of a head that have a name.
pub fn views(head: Option<&Head>) -> Vec<ColumnView> {
    let Some(head) = head else {
        return Vec::new();
    };
    let view = |(at, (name, meaning)): (usize, (&str, Meaning))| ColumnView {
        at,
        name: name.to_owned(),
        picks: meanings(meaning),
        unknown: meaning == Meaning::Unknown,
        clash: clash(head, at),
    };
    head.columns()
        .enumerate()
        .filter(|(_, (_, meaning))| *meaning != Meaning::Unnamed)
        .map(view)
        .collect()
}

/// What a column can be said to mean.
fn meanings(now: Meaning) -> Vec<Pick> {
    let mut picks = Vec::new();
    match now {
        Meaning::Unknown => picks.push(Pick::new("", "Choose what it means", true)),
        Meaning::ReadOnly => picks.push(Pick::new("", "Known, and not read", true)),
        Meaning::Column(_) | Meaning::Ignored | Meaning::Unnamed => {}
    }
    picks.push(Pick::new(
        "ignore",
        "Ignore this column",
        now == Meaning::Ignored,
    ));
    let column = |column: &Column| {
        Pick::new(
            column.word(),
            label(*column),
            now == Meaning::Column(*column),
        )
    };
    picks.extend(Column::ALL.iter().map(column));
    picks
}

/// Why a column can't stand beside another; empty when nothing clashes with it.
fn clash(head: &Head, at: usize) -> String {
    let mut clashes = head.clashes().iter();
    let Some(clash) = clashes.find(|clash| clash.first == at || clash.second == at) else {
        return String::new();
    };
    let other = match clash.first == at {
        true => clash.second,
        false => clash.first,
    };
    let other = head.names().get(other).map_or("", String::as_str);
    match clash.column {
        Some(column) => format!(
            "“{other}” means {} too. Ignore one of the two, or say what else it means.",
            label(column)
        ),
        None => "Another column has the same name. Ignore one of the two, or say what it means."
            .to_owned(),
    }
}
