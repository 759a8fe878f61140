//! Workbooks, made here so that what is in them can be read.

use super::office::{Office, refused};
use proptest::prelude::*;
use rollcall::domain::import::{Asked, Format as FileFormat, Limits, Options};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use std::io::{Cursor, Read, Write};

fn said(bytes: &[u8], asked: &Asked) -> Vec<String> {
    let office = Office::new();
    match office.plan_with(bytes, asked, &Options::default()) {
        Ok(plan) => office.said(&plan),
        Err(error) => vec![refused(&error)],
    }
}

/// A book of texts.
fn texts(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*row) {
            if !text.is_empty() {
                sheet.write_string(line, column, *text).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn titles_above_the_head_and_blank_lines_are_passed_over() {
    let book = texts(&[
        &["Agents of Pune"],
        &[],
        &["login_id", "name", "phone", "departments"],
        &["ravi.kumar", "आशा <b>", "+91 98123 45678", "Sales|Support"],
        &[],
        &["asha.rao", "", "", "Sales"],
        &["", "", "", "", "stray"],
    ]);
    let expected = ["4 create आशा <b>", "6 unchanged", "7 error -"];
    assert_eq!(said(&book, &Asked::default()), expected);
}

#[test]
fn numbers_keep_their_digits_and_damage_is_named() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, head) in (0..).zip(["login_id", "name", "phone", "intercom", "calling_agent"]) {
        sheet.write_string(0, column, head).unwrap();
    }
    let date = Format::new().set_num_format("d-mmm");
    let third = ExcelDateTime::from_ymd(2026, 11, 3).unwrap();
    sheet.write_string(1, 0, "ravi.kumar").unwrap();
    sheet.write_string(1, 1, "Ravi Kumar").unwrap();
    sheet.write_number(1, 2, 919_812_345_678.0).unwrap();
    sheet.write_number(1, 3, 3_005.0).unwrap();
    sheet.write_boolean(1, 4, true).unwrap();
    sheet.write_string(2, 0, "meera.iyer").unwrap();
    sheet
        .write_datetime_with_format(2, 1, &third, &date)
        .unwrap();
    sheet.write_string(3, 0, "tara.sen1").unwrap();
    sheet
        .write_formula(
            3,
            1,
            Formula::new("=\"Tara\"&\" Sen\"").set_result("Tara Sen"),
        )
        .unwrap();
    sheet.write_number(3, 3, 42.0).unwrap();
    sheet.write_string(4, 0, "uma.varma").unwrap();
    sheet
        .write_formula(4, 1, Formula::new("=NA()").set_result("#N/A"))
        .unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let expected = [
        "2 create Ravi Kumar",
        "3 error name",
        "4 error intercom",
        "5 error name",
    ];
    assert_eq!(said(&bytes, &Asked::default()), expected);
}

#[test]
fn a_sheet_can_be_chosen_and_a_hidden_one_is_not_taken() {
    let mut book = Workbook::new();
    for (name, login, hidden) in [
        ("Old", "old.login", true),
        ("Now", "now.login", false),
        ("Other", "other.login", false),
    ] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        sheet.write_string(0, 0, "login_id").unwrap();
        sheet.write_string(0, 1, "name").unwrap();
        sheet.write_string(1, 0, login).unwrap();
        sheet.write_string(1, 1, name).unwrap();
        sheet.set_hidden(hidden);
        if name == "Now" {
            sheet.set_active(true);
            sheet.set_first_tab(true);
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    assert_eq!(said(&bytes, &Asked::default()), ["2 create Now"]);
    let sheet = |name: &str| Asked {
        sheet: Some(name.to_owned()),
        ..Asked::default()
    };
    assert_eq!(said(&bytes, &sheet("Other")), ["2 create Other"]);
    assert_eq!(said(&bytes, &sheet("None")), ["! NoSuchSheet"]);
    let plan = Office::new().plan(&bytes).unwrap();
    let FileFormat::Book { sheet, sheets } = plan.detected.format else {
        panic!()
    };
    let sheets: Vec<(&str, bool)> = sheets
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.visible))
        .collect();
    assert_eq!(
        (sheet.as_str(), sheets),
        ("Now", vec![("Old", false), ("Now", true), ("Other", true)])
    );
}

#[test]
fn limits_hold_for_books_too() {
    let office = Office::new();
    let plan = |bytes: &[u8], limits: &Limits| {
        let plan = office.plan_file(
            Cursor::new(bytes),
            &Asked::default(),
            &Options::default(),
            limits,
        );
        plan.err().map(|error| refused(&error))
    };
    let long = "R".repeat(30_000);
    let book = texts(&[&["login_id", "name"], &["ravi.kumar", &long]]);
    assert_eq!(plan(&book, &Limits::default()), None);
    let limits = Limits {
        record: 20_000,
        ..Limits::default()
    };
    assert_eq!(plan(&book, &limits).as_deref(), Some("! LongCell"));
    let wide: Vec<&str> = ["login_id"]
        .into_iter()
        .chain(std::iter::repeat_n("x", 100))
        .collect();
    assert_eq!(
        plan(&texts(&[wide.as_slice()]), &Limits::default()).as_deref(),
        Some("! TooManyColumns 1")
    );
    assert_eq!(
        plan(&texts(&[]), &Limits::default()).as_deref(),
        Some("! EmptySheet")
    );
    let limits = Limits {
        bytes: 1_000,
        ..Limits::default()
    };
    assert_eq!(plan(&book, &limits).as_deref(), Some("! TooLarge"));
}

#[test]
fn lines_out_of_order_are_refused() {
    let row = |line: u32, login: &str| {
        let cells = [login, "Ravi Kumar"].map(|text| format!("<c t=\"str\"><v>{text}</v></c>"));
        format!("<row r=\"{line}\">{}</row>", cells.concat())
    };
    let book = |lines: [u32; 3]| {
        let heads =
            "<row r=\"1\"><c t=\"str\"><v>login_id</v></c><c t=\"str\"><v>name</v></c></row>";
        let rows = lines.map(|line| row(line, &format!("ravi.kumar{line}")));
        let sheet = format!(
            "<worksheet><sheetData>{heads}{}</sheetData></worksheet>",
            rows.concat()
        );
        with_sheet(&texts(&[]), &sheet)
    };
    let expected = [
        "2 create Ravi Kumar",
        "7 create Ravi Kumar",
        "8 create Ravi Kumar",
    ];
    assert_eq!(said(&book([2, 7, 8]), &Asked::default()), expected);
    assert_eq!(said(&book([2, 8, 4]), &Asked::default()), ["! Book"]);
}

/// A book with another sheet in the place of its first.
fn with_sheet(book: &[u8], sheet: &str) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..from.len() {
        let mut part = from.by_index(at).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = Vec::new();
        part.read_to_end(&mut text).unwrap();
        to.start_file(&*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        let is_sheet = name == "xl/worksheets/sheet1.xml";
        to.write_all(if is_sheet { sheet.as_bytes() } else { &text })
            .unwrap();
    }
    to.finish().unwrap().into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_book_is_refused_or_read_and_never_breaks_anything(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>()) {
        let mut book = texts(&[&["login_id", "name"], &["ravi.kumar", "Ravi Kumar"], &["asha.rao", "Asha"]]);
        for (at, byte) in changes {
            let at = at.index(book.len());
            book[at] = byte;
        }
        let cut = book.len() - cut.index(book.len()) / 8;
        let office = Office::new();
        for bytes in [&book[..], &book[..cut]] {
            if let Ok(plan) = office.plan(bytes) {
                prop_assert_eq!(plan.counts.rows as usize, plan.rows.len());
            }
        }
    }
}
