//! The joiners as a workbook: a title above the head, heads as people write them, and everything as text but what a
//! spreadsheet took for a number.

use super::{Intercom, Joiner};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

const TITLE: &str = "Kaveri Contact Centre: joining on Monday";
/// The lines of title and head, from 0.
const TITLE_LINE: u32 = 0;
const HEAD_LINE: u32 = 2;
/// Heads and widths.
const HEADS: [(&str, f64); 11] = [
    ("Employee ID", 13.0),
    ("Full name", 24.0),
    ("Login ID", 24.0),
    ("Email ID", 34.0),
    ("Mobile no.", 20.0),
    ("Designation", 26.0),
    ("Team", 32.0),
    ("Department", 26.0),
    ("Shift", 14.0),
    ("Intercom", 10.0),
    ("Extension", 10.0),
];
const AUTO: &str = "(auto)";

/// The same bytes for the same rows.
pub(super) fn book(rows: &[Joiner]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2026, 11, 20)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let (title, bold) = (
        Format::new().set_bold().set_font_size(14),
        Format::new().set_bold(),
    );
    let sheet = book.add_worksheet();
    sheet.set_name("Joiners")?;
    sheet.write_string_with_format(TITLE_LINE, 0, TITLE, &title)?;
    for (column, (head, width)) in (0..).zip(HEADS) {
        sheet.write_string_with_format(HEAD_LINE, column, head, &bold)?;
        sheet.set_column_width(column, width)?;
    }
    for (line, joiner) in (HEAD_LINE + 1..).zip(rows) {
        write(sheet, line, joiner)?;
    }
    book.save_to_buffer()
}

fn write(sheet: &mut Worksheet, line: u32, joiner: &Joiner) -> Result<(), XlsxError> {
    let texts = [
        &*joiner.employee_id,
        &joiner.name,
        &joiner.login_id,
        &joiner.email,
        &joiner.mobile,
        joiner.designation,
        &joiner.teams,
        &joiner.departments,
        joiner.shift,
    ];
    let mut column = 0;
    for text in texts {
        sheet.write_string(line, column, text)?;
        column += 1;
    }
    match joiner.intercom {
        Intercom::Auto => sheet.write_string(line, column, AUTO)?,
        Intercom::Number(number) => sheet.write_number(line, column, number)?,
    };
    sheet.write_string(line, column + 1, AUTO)?;
    Ok(())
}
