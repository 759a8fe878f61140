//! `GET /directory`: name, intercom and status of everyone, for whoever has to find a colleague.

use crate::domain::query::{BadParam, QueryReader, QueryWriter};
use crate::floor::Contact;
use crate::web::agents::row::Badge;
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

const PATH: &str = "/directory";
const PER: usize = 100;
/// The longest search text, in characters.
const LONGEST: usize = 200;
const LAST_PAGE: usize = 100_000;

#[derive(Template)]
#[template(path = "own/directory.html", blocks = ["list"])]
struct DirectoryPage<'a> {
    shell: &'a Shell,
    page: &'a View,
}

struct View {
    q: String,
    bad: Vec<BadParam>,
    rows: Vec<Row>,
    shown: usize,
    total: usize,
    earlier: String,
    later: String,
}

struct Row {
    id: i64,
    name: String,
    intercom: String,
    status: Badge,
}

impl View {
    fn clear_href(&self) -> &'static str {
        PATH
    }
}

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let mut query = QueryReader::new(req.query_string());
    let q = query
        .take_as("q", |text| match text.chars().count() {
            ..=LONGEST => Ok(text.to_owned()),
            _ => Err(format!("is longer than {LONGEST} characters")),
        })
        .unwrap_or_default();
    let page = query
        .take_as("page", |text| {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit());
            let page: Option<usize> = text.parse().ok().filter(|_| plain);
            let page = page.filter(|page| (1..=LAST_PAGE).contains(page));
            page.ok_or("is no page number")
        })
        .unwrap_or(1);
    let bad = query.finish(&[]);
    let status = match bad.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::Directory, "Directory");
    let view = {
        let picture = state.floor.picture();
        let total = picture.directory("").len();
        let found = match bad.is_empty() {
            true => picture.directory(&q),
            false => Vec::new(),
        };
        view(q, page, bad, &found, total)
    };
    let page = DirectoryPage {
        shell: &shell,
        page: &view,
    };
    let body = match partial {
        true => render(&page.as_list())?,
        false => render(&page)?,
    };
    Ok(page::html(status, body))
}

fn view(q: String, page: usize, bad: Vec<BadParam>, found: &[Contact<'_>], total: usize) -> View {
    let last = found.len().div_ceil(PER).max(1);
    let page = page.min(last);
    let to = |there: bool, page: usize| match there {
        true => QueryWriter::behind(PATH)
            .with_some("q", Some(&q).filter(|q| !q.is_empty()))
            .with("page", page)
            .finish(),
        false => String::new(),
    };
    let rows = found.iter().skip((page - 1) * PER).take(PER);
    View {
        rows: rows
            .map(|contact| Row {
                id: contact.id.0,
                name: contact.name.to_owned(),
                intercom: contact.intercom.to_owned(),
                status: Badge::new(contact.status.word()),
            })
            .collect(),
        shown: found.len(),
        total,
        earlier: to(page > 1, page.saturating_sub(1)),
        later: to(page < last, page + 1),
        bad,
        q,
    }
}
