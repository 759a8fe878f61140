//! Rows of any file: in order, within the limits, to the end or to an error that says why.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall::domain::import::Asked;
use rollcall_fuzz::{let_panics_be_caught, read, switches};

fuzz_target!(init: let_panics_be_caught(), |data: &[u8]| {
    read(data, &Asked::default());
    let asked = Asked {
        delimiter: Some(switches(data)),
        head: Some(1),
        ..Asked::default()
    };
    read(data, &asked);
});
