//! What more than one target needs.

// The office that the tests plan for, and what holds for each of its plans.
#[path = "../../tests/domain/import/invariants.rs"]
pub mod invariants;
#[path = "../../tests/domain/import/office.rs"]
pub mod office;

use rollcall::domain::import::{Asked, Detected, FileError, Limits, detect, rows};
use std::io::Cursor;
use std::ops::ControlFlow;

/// Small, so that each of them is met.
pub const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    rows: 40,
    columns: 30,
    record: 2_000,
    unpacked: 1 << 20,
    texts: 64 << 10,
};

/// The last byte of an input decides what it does not say itself, so that files can be taken as they are.
pub fn switches(data: &[u8]) -> u8 {
    data.last().copied().unwrap_or_default()
}

/// Panics that the product catches are no finding; those that it does not catch still end the run.
pub fn let_panics_be_caught() {
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
}

/// Reads a file to its end, and checks every row.
pub fn read(data: &[u8], asked: &Asked) {
    match detect(Cursor::new(data), asked, &LIMITS) {
        Ok(detected) => read_rows(data, &detected),
        Err(error) => is_said(&error),
    }
}

fn read_rows(data: &[u8], detected: &Detected) {
    let mut last = detected.head.line;
    let mut seen = 0;
    let read = rows::each(Cursor::new(data), detected, &LIMITS, |record| {
        assert!(record.line() > last, "{} after {last}", record.line());
        last = record.line();
        seen += 1;
        assert!(record.len() <= LIMITS.columns, "{} cells", record.len());
        assert_eq!(record.cells().count(), record.len());
        let bytes: usize = record.cells().map(str::len).sum();
        assert!(bytes <= LIMITS.record, "{bytes} bytes");
        ControlFlow::Continue(())
    });
    assert!(seen <= LIMITS.rows);
    if let Err(error) = read {
        is_said(&error);
    }
}

/// Every refusal is about the file, in a text that fits on a page.
pub fn is_said(error: &FileError) {
    let said = error.to_string();
    assert!(!error.is_ours(), "{said}");
    assert!((1..16 << 10).contains(&said.len()), "{said}");
}
