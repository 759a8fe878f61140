//! What an import prints: a bar on a terminal, plain lines elsewhere, and what came of it.

use super::Outcome;
use crate::domain::import::Column;
use crate::domain::show;
use crate::store::import::errors::ErrorRow;
use crate::store::import::{Import, Phase, Progress};
use serde_json::json;
use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// Characters of the bar.
const WIDE: u64 = 30;
/// Where there is no terminal, a line so often.
const TOLD: Duration = Duration::from_secs(5);

/// The line that says how far it is.
pub struct Line {
    terminal: bool,
    drawn: bool,
    told: Instant,
}

impl Line {
    pub fn new() -> Self {
        Self {
            terminal: stderr().is_terminal(),
            drawn: false,
            told: Instant::now(),
        }
    }

    pub fn draw(&mut self, progress: Option<Progress>) {
        let Some(progress) = progress else {
            return;
        };
        let said = said(&progress);
        if self.terminal {
            // A terminal that went away is no reason to end.
            let _ = write!(stderr(), "\r\x1b[2K{} {said}", bar(&progress));
            let _ = stderr().flush();
            self.drawn = true;
        } else if self.told.elapsed() >= TOLD {
            eprintln!("{said}");
            self.told = Instant::now();
        }
    }

    /// Clears the bar away.
    pub fn end(&mut self) {
        if self.drawn {
            let _ = write!(stderr(), "\r\x1b[2K");
            let _ = stderr().flush();
        }
    }
}

/// `[#########.....................]`
fn bar(progress: &Progress) -> String {
    let full = match progress.total {
        0 => 0,
        total => (progress.done.min(total) * WIDE) / total,
    };
    let signs = (0..WIDE).map(|at| if at < full { '#' } else { '.' });
    format!("[{}]", signs.collect::<String>())
}

/// `writing: 63,114 of 100,000 rows, 3,120 a second, about 12 s left`
fn said(progress: &Progress) -> String {
    let doing = match progress.phase {
        Phase::Plan => "planning",
        Phase::Commit => "writing",
        Phase::Undo => "undoing",
    };
    let mut said = match progress.total {
        0 => format!("{doing}: {} rows", count(progress.done)),
        total => format!("{doing}: {} of {} rows", count(progress.done), count(total)),
    };
    if let Some(rate) = progress.per_second {
        said.push_str(&format!(", {} a second", count(rate)));
    }
    if let Some(left) = progress.left {
        said.push_str(&format!(", about {} s left", left.as_secs().max(1)));
    }
    said
}

fn count(number: u64) -> String {
    show::count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// `not read: shoe, Blood group`: columns that are left out, by this command or by what somebody chose for such a
/// header before.
pub fn left_out(import: &Import) {
    let names = not_read(import)
        .into_iter()
        .map(|name| name.escape_debug().to_string());
    let names: Vec<String> = names.collect();
    if !names.is_empty() {
        eprintln!("not read: {}", names.join(", "));
    }
}

fn not_read(import: &Import) -> Vec<&str> {
    let head = import.found.as_ref().map(|found| &found.head);
    head.map_or_else(Vec::new, |head| head.left_out().collect())
}

/// `line 4, phone "9.19877E+11": … Mend: …`. What stands in a file may hold signs that a terminal obeys.
pub fn errors(import: &Import, row: &ErrorRow) {
    let head = import.found.as_ref().map(|found| &found.head);
    for fault in &row.faults {
        let named = |column: Column| head.map_or(column.word(), |head| head.name_of(column));
        let place = match fault.column {
            Some(column) => format!(", {} {:?}", named(column).escape_debug(), fault.value),
            None => String::new(),
        };
        let reason = fault.reason.escape_debug();
        eprintln!(
            "line {}{place}: {reason} {}",
            row.record.line(),
            fault.fix.escape_debug()
        );
    }
}

pub fn outcome(import: &Import, outcome: &Outcome, print_json: bool) {
    let (plan, done) = (import.counts, import.done);
    if print_json {
        println!(
            "{}",
            json!({
                "id": import.id.0,
                "written": matches!(outcome, Outcome::Done),
                "not_read": not_read(import),
                "counts": {
                    "rows": plan.rows, "create": plan.create, "update": plan.update,
                    "unchanged": plan.unchanged, "skip": plan.skip, "error": plan.error,
                },
                "done": { "created": done.created, "updated": done.updated, "conflicts": done.conflicts },
                "why": match outcome {
                    Outcome::Refused(why) => Some(why.as_str()),
                    Outcome::Planned | Outcome::Done | Outcome::Nothing => None,
                },
            })
        );
        return;
    }
    let rest = format!(
        "{} unchanged, {} skipped, {} with errors",
        count(plan.unchanged),
        count(plan.skip),
        count(plan.error)
    );
    let rows = count(plan.rows);
    match outcome {
        Outcome::Planned => println!(
            "{rows} rows: {} to create, {} to update, {rest}. Nothing was written.",
            count(plan.create),
            count(plan.update)
        ),
        Outcome::Done => println!(
            "{rows} rows: {} created, {} updated, {} conflicts, {rest}.",
            count(done.created),
            count(done.updated),
            count(done.conflicts)
        ),
        Outcome::Nothing => println!("{rows} rows: nothing to write, {rest}."),
        Outcome::Refused(why) => eprintln!("rollcall: nothing was written: {why}"),
    }
}
