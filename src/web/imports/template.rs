//! `GET /users/template.csv` and `.xlsx`: the columns that whoever asks may write. The workbook says beside them what
//! each takes here, with the names and lengths that are set, and offers the names in its cells. The first sheet has
//! nothing below its header, so that nobody is made by an example.

use super::facts;
use super::guide::{self, Guide};
use crate::domain::import::template;
use crate::web::download::{self, CSV, XLSX};
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::sheet::broken;
use crate::web::state::AppState;
use actix_web::{HttpResponse, web};
use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, Format, Formula, Workbook};
use rust_xlsxwriter::{Worksheet, XlsxError};
use std::io::{self, Write};

/// The last line of a sheet.
const LAST: u32 = 1_048_575;

pub async fn csv(state: web::Data<AppState>, user: CurrentUser) -> Result<HttpResponse, AppError> {
    let columns = guide::columns(&facts(&state, &user).await?);
    Ok(download::file(
        "rollcall-users-template.csv",
        CSV,
        move |body| template(body, &columns)?.flush(),
    ))
}

pub async fn xlsx(state: web::Data<AppState>, user: CurrentUser) -> Result<HttpResponse, AppError> {
    let guides = guide::all(&facts(&state, &user).await?);
    Ok(download::file(
        "rollcall-users-template.xlsx",
        XLSX,
        move |body| write(&guides, body),
    ))
}

fn write(guides: &[Guide], out: impl Write + Send) -> io::Result<()> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    users(book.add_worksheet(), guides, &bold).map_err(broken)?;
    notes(book.add_worksheet(), guides, &bold).map_err(broken)?;
    names(book.add_worksheet(), guides, &bold).map_err(broken)?;
    let bytes = book.save_to_buffer().map_err(broken)?;
    let mut out = out;
    out.write_all(&bytes)
}

/// The sheet to fill in.
fn users(sheet: &mut Worksheet, guides: &[Guide], bold: &Format) -> Result<(), XlsxError> {
    sheet.set_name("Users")?.set_freeze_panes(1, 0)?;
    // As text, numbers keep their zeros and their plus.
    let text = Format::new().set_num_format("@");
    for (at, guide) in (0..).zip(guides) {
        sheet.set_column_format(at, &text)?;
        sheet.set_column_width(at, 18)?;
        sheet.write_string_with_format(0, at, guide.column.word(), bold)?;
        let Some(list) = list_of(guides, at) else {
            continue;
        };
        if !guide.many {
            let offer = DataValidation::new()
                .allow_list_formula(Formula::new(list))
                .set_error_style(DataValidationErrorStyle::Warning);
            sheet.add_data_validation(1, at, LAST, at, &offer)?;
        }
    }
    Ok(())
}

/// What each column takes.
fn notes(sheet: &mut Worksheet, guides: &[Guide], bold: &Format) -> Result<(), XlsxError> {
    sheet.set_name("What to write")?.set_freeze_panes(1, 1)?;
    for (at, (name, width)) in (0..).zip([("column", 22), ("what to write", 90), ("example", 34)]) {
        sheet.set_column_width(at, width)?;
        sheet.write_string_with_format(0, at, name, bold)?;
    }
    for (line, guide) in (1..).zip(guides) {
        sheet.write_string(line, 0, guide.column.word())?;
        sheet.write_string(line, 1, guide.note.as_str())?;
        sheet.write_string(line, 2, guide.example.as_str())?;
    }
    Ok(())
}

/// The names and words that can stand in a column, one list below each.
fn names(sheet: &mut Worksheet, guides: &[Guide], bold: &Format) -> Result<(), XlsxError> {
    sheet.set_name("Names")?.set_freeze_panes(1, 0)?;
    for (at, guide) in (0..).zip(guides.iter().filter(|guide| !guide.choices.is_empty())) {
        sheet.set_column_width(at, 24)?;
        sheet.write_string_with_format(0, at, guide.column.word(), bold)?;
        for (line, choice) in (1..=LAST).zip(&guide.choices) {
            sheet.write_string(line, at, choice.as_str())?;
        }
    }
    Ok(())
}

/// Where the list of a column stands on the sheet of names.
fn list_of(guides: &[Guide], at: u16) -> Option<String> {
    let guide = guides.get(usize::from(at))?;
    let before = guides.iter().take(usize::from(at));
    let place = before.filter(|guide| !guide.choices.is_empty()).count();
    let last = guide.choices.len() + 1;
    let letter = char::from(b'A' + u8::try_from(place).ok().filter(|place| *place < 26)?);
    (last > 1).then(|| format!("=Names!${letter}$2:${letter}${last}"))
}
