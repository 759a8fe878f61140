//! Rows as they are sent, kept for whoever sees the same columns of them next: most rows of a page have not
//! changed since somebody read them last.

use super::columns::Columns;
use super::present::Reader;
use super::row::{AgentRow, RowId};
use super::view::Can;
use crate::domain::day_range::DayChoice;
use crate::domain::role::Permission;
use crate::floor::{Row, Tally};
use askama::Template;
use askama::filters::Safe;
use chrono::NaiveDate;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// So many rows are kept, about 1.5 kB each; then the keeping begins anew.
const MOST: usize = 4_000;

/// The markup of a row, and whose it is.
#[derive(Clone, Debug)]
pub struct DrawnRow {
    pub agent_id: RowId,
    html: Arc<str>,
}

/// What readers of the same rows may differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Look {
    pub cols: Columns,
    pub can: Can,
    /// The days that the links of the counts lead to.
    pub calls: Option<DayChoice>,
}

/// All that a row's markup follows from, beside its `Look`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    /// The last change of the agent, of its counts or of a name beside it.
    touched: u64,
    /// What may be done to the agent follows from it and from the reader's rights.
    covered: bool,
    write: bool,
    tally: Tally,
    age: String,
    left: String,
    /// What readers with a scope of groups see of it.
    groups: String,
    /// Other days are told with their date.
    today: NaiveDate,
}

#[derive(Template)]
#[template(path = "agents/row.html")]
struct RowTemplate<'a> {
    row: &'a AgentRow<'a>,
    cols: Columns,
    can: Can,
}

impl DrawnRow {
    /// # Errors
    /// When the template can't be written, which is a fault of it.
    pub fn draw(row: &AgentRow<'_>, cols: Columns, can: Can) -> askama::Result<Self> {
        let html = RowTemplate { row, cols, can }.render()?;
        Ok(Self {
            agent_id: row.agent_id.clone(),
            html: html.into(),
        })
    }

    pub fn html(&self) -> Safe<&str> {
        Safe(&self.html)
    }
}

/// By the slot of the agent.
type Kept = HashMap<u32, (Made, DrawnRow)>;

/// Rows drawn lately, by how they look.
#[derive(Default)]
pub struct DrawnRows(Mutex<HashMap<Look, Kept>>);

impl DrawnRows {
    /// The rows in their order, drawn where they are not at hand.
    ///
    /// # Errors
    /// When a row can't be drawn.
    pub fn take<'a, 'r: 'a>(
        &self,
        reader: &Reader<'r>,
        cols: Columns,
        can: Can,
        rows: impl IntoIterator<Item = &'a Row<'r>>,
    ) -> askama::Result<Vec<DrawnRow>> {
        let look = Look {
            cols,
            can,
            calls: reader.calls,
        };
        let today = reader.today();
        let mut kept = self.0.lock();
        if kept.len() + kept.values().map(Kept::len).sum::<usize>() > MOST {
            kept.clear();
        }
        let kept = kept.entry(look).or_default();
        rows.into_iter()
            .map(|row| {
                let made = Made {
                    touched: row.touched,
                    covered: reader.is_covered(row),
                    write: reader.permissions.contains(Permission::AgentsWrite),
                    tally: row.tally,
                    age: reader.age(row),
                    left: reader.left(row),
                    groups: reader.for_this_reader(row).into_owned(),
                    today,
                };
                match kept.get(&row.slot) {
                    Some((as_made, drawn)) if *as_made == made => Ok(drawn.clone()),
                    _ => {
                        let drawn = DrawnRow::draw(&reader.row(row), cols, can)?;
                        kept.insert(row.slot, (made, drawn.clone()));
                        Ok(drawn)
                    }
                }
            })
            .collect()
    }
}
