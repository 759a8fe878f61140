//! `GET /feature-codes/sheet`: codes, intercoms and transfer codes on paper.

use super::book::Book;
use super::show::table;
use super::view::{Entry, SheetPage, across};
use crate::domain::feature_code::{Called, LineKind};
use crate::domain::show;
use crate::domain::text::Collation;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::FeatureCodes, "Feature codes to print");
    let body = {
        let picture = state.floor.picture();
        let install = picture.install();
        let book = Book::new(&picture, &user.rights());
        let agents = agents(&book);
        let page = SheetPage {
            shell: &shell,
            install: install.name.clone(),
            day: show::day(install.calendar.day_of(state.clock.now())),
            table: &table(install),
            agent_count: agents.len(),
            agents: across(agents),
            lines: across(lines(&book)),
        };
        render(&page)?
    };
    Ok(page::html(StatusCode::OK, body))
}

/// Everyone with an intercom, by name.
fn agents(book: &Book<'_>) -> Vec<Entry> {
    let collation = Collation::new();
    let mut agents: Vec<(Called, String)> = book
        .agents()
        .filter_map(|mut called| {
            let intercom = called.intercom.take()?;
            Some((called, intercom))
        })
        .collect();
    agents.sort_by_cached_key(|(called, _)| (collation.key(&called.name), called.id));
    let entry = |(called, number): (Called, String)| Entry {
        number,
        name: called.name,
    };
    agents.into_iter().map(entry).collect()
}

fn lines(book: &Book<'_>) -> Vec<Entry> {
    let entry = |line: crate::domain::feature_code::Line| {
        Some(Entry {
            number: line.transfer_code?,
            name: match line.kind {
                LineKind::Department => line.name,
                LineKind::Ivr => format!("{} (IVR)", line.name),
            },
        })
    };
    book.lines().filter_map(entry).collect()
}
