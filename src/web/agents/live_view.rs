//! What is sent to a page that is open: by the live stream, and after an act.

use super::columns::Columns;
use super::drawn::DrawnRow;
use super::view::{TabCount, Totals};
use askama::Template;

/// How the list on a page stands to the one that a fresh page would show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drift {
    None,
    /// Rows belong elsewhere. Said, and left to the reader: what one is about to press must not move.
    Order,
    /// Someone changed who belongs to it. A page that nobody has a hand on follows by itself.
    Members,
}

/// One message of the live stream, as `<hx-partial>`s. Every part may be empty.
#[derive(Template)]
#[template(path = "agents/live.html")]
pub struct AgentsLive<'a> {
    /// Whole rows, for those on the page whose badges or data changed.
    pub rows: &'a [DrawnRow],
    /// The columns of the page that listens.
    pub cols: Columns,
    /// Tabs whose number changed.
    pub tabs: &'a [TabCount],
    /// The sums under the table, when they changed.
    pub totals: Option<Totals>,
    pub drift: Drift,
    /// Address of the page as it is, behind "Refresh".
    pub here: &'a str,
}
