//! Bulk upload, the part that decides (product rule §7): what a file is, what its columns mean, and what each
//! of its rows would do. Pure: readers and the people as they are go in, a plan comes out, nothing is written.
//!
//! The order is [`detect()`], [`Survey`] (one pass: names that nobody knows, numbers that are spoken for),
//! [`Planner`] (a second pass: one [`Planned`] for each row). Both passes stream; [`rows::each`] hands the rows
//! over one by one.

mod cell;
mod claims;
mod column;
mod compact;
mod complete;
mod damage;
mod decode;
mod detect;
mod encoding;
mod error_file;
mod export;
mod facts;
mod failure;
mod fault;
mod head;
mod names;
mod options;
mod plan;
pub mod rows;
mod sheet;
mod split;
mod stored;
mod survey;
mod weigh;

pub use cell::{join_list, split_list};
pub use claims::{Claims, FreeNumbers, Holder, Unique, Unused};
pub use column::{Column, Meaning};
pub use compact::Unreadable;
pub use complete::{Completion, error_head};
pub use damage::Damage;
pub use detect::{Asked, DELIMITERS, Detected, Format, detect};
pub use encoding::{Charset, KnownBy};
pub use error_file::ErrorFile;
pub use export::{Statuses, TEMPLATE, begin_export, export_head, export_row, template, write_row};
pub use facts::{Facts, Named, People, RoleFacts};
pub use failure::FileError;
pub use fault::{Fault, told};
pub use head::{Choice, Clash, Head, Mapping};
pub use names::{Decision, Decisions, NewRecord, may_create};
pub use options::{Lists, Options, Which};
pub use plan::{Changed, Counts, Draft, Edit, Newcomer, Outcome, Planned, Planner, Skip};
pub use rows::Record;
pub use sheet::SheetName;
pub use stored::{Listed, Made};
pub use survey::{Survey, UnknownName};

/// How much of a file is read; enforced while reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub bytes: u64,
    /// Below the head.
    pub rows: u64,
    /// Cells of a row that hold something; blank ones at the end don't count.
    pub columns: usize,
    /// Bytes of one row, as text.
    pub record: usize,
    /// Bytes of a workbook's parts once they are unpacked, all together.
    pub unpacked: u64,
    /// Of those, its table of texts, which is held in memory while the book is read.
    pub texts: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 25 << 20,
            rows: 100_000,
            columns: 64,
            record: 64 << 10,
            unpacked: 256 << 20,
            texts: 64 << 20,
        }
    }
}

/// A text from a file, cut so that it can be shown.
fn short(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
