//! What a file is: encoding, delimiter, head. Whatever it is said to be, too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall::domain::import::{Asked, Charset, DELIMITERS, Detected, Format, detect};
use rollcall_fuzz::{LIMITS, is_said, let_panics_be_caught, switches};
use std::io::Cursor;

const ENCODINGS: [&str; 8] = [
    "utf-8",
    "utf-16le",
    "utf-16be",
    "windows-1252",
    "shift_jis",
    "gb18030",
    "iso-2022-jp",
    "windows-1256",
];

fuzz_target!(init: let_panics_be_caught(), |data: &[u8]| {
    let found = look(data, &Asked::default());
    let sign = switches(data);
    let encoding = ENCODINGS[usize::from(sign) % ENCODINGS.len()];
    look(data, &Asked {
        charset: Charset::named(encoding).ok(),
        ..Asked::default()
    });
    look(data, &Asked {
        delimiter: Some(sign),
        head: Some(u64::from(sign)),
        ..Asked::default()
    });
    // What was found is found again when it is asked for.
    let Some(Detected { format: Format::Text { charset, delimiter, named: false }, head }) = found else {
        return;
    };
    assert!(DELIMITERS.contains(&delimiter));
    let asked = Asked {
        charset: Some(charset),
        delimiter: Some(delimiter),
        head: Some(head.line),
        ..Asked::default()
    };
    let again = look(data, &asked).expect("it was read before");
    assert_eq!(again.head, head);
});

fn look(data: &[u8], asked: &Asked) -> Option<Detected> {
    match detect(Cursor::new(data), asked, &LIMITS) {
        Ok(detected) => {
            if let Err(error) = detected.head.ready(&asked.mapping) {
                is_said(&error);
            }
            Some(detected)
        }
        Err(error) => {
            is_said(&error);
            None
        }
    }
}
