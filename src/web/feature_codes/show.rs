//! `GET /feature-codes`: the table in force and the dial helper, which reads keys too. The page, the part of it
//! that answers, or the table as a dialog over another page.

use super::book::Book;
use super::view::{Answer, CodeTable, CodesDialog, CodesPage, Help, Pick};
use crate::domain::feature_code::{How, Keys, Meaning, Queue, Situation, Transfer};
use crate::domain::ids::DepartmentId;
use crate::domain::install::Install;
use crate::domain::number_plan::TransferCode;
use crate::domain::query::{BadParam, QueryReader};
use crate::domain::role::Permission;
use crate::domain::status::ExtensionStatus;
use crate::web::agents::show_view::warning;
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

/// Up to so many agents are proposed while typing; with more, names are found when asked for.
const PROPOSED: usize = 300;
/// The longest text that names anybody.
const LONGEST: usize = 200;

/// What the address asks.
#[derive(Default)]
struct Asked {
    department: Option<DepartmentId>,
    transfer: Option<Transfer>,
    to: String,
    attended: bool,
    keys: String,
    bad: Vec<BadParam>,
}

impl Asked {
    fn read(raw: &str, book: &Book<'_>) -> Self {
        let mut query = QueryReader::new(raw);
        let known = |text: &str| {
            let id: Option<DepartmentId> = text.parse().ok();
            id.filter(|&id| book.queue(id).is_some())
                .ok_or("is no department")
        };
        let department = query.take_as("department", known);
        let transfer = query.take_as("transfer", |text| {
            text.parse().map_err(|_| "is blind, attended or conference")
        });
        let after = query.take_as("after", |text| match text {
            "attended" => Ok(()),
            _ => Err("is attended or nothing"),
        });
        let short = |text: &str| match text.chars().nth(LONGEST) {
            None => Ok(text.to_owned()),
            Some(_) => Err("is too long"),
        };
        Self {
            department,
            transfer,
            to: query.take_as("to", short).unwrap_or_default(),
            attended: after.is_some(),
            keys: query.take_as("keys", short).unwrap_or_default(),
            bad: query.finish(&[]),
        }
    }
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let target = req.headers().get("hx-target").and_then(|t| t.to_str().ok());
    let dialog = partial && target == Some("div#dialog");
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::FeatureCodes, "Feature codes");
    let picture = state.floor.picture();
    let table = table(picture.install());
    let (status, body) = if dialog {
        (StatusCode::OK, render(&CodesDialog { table: &table })?)
    } else {
        let book = Book::new(&picture, &user.rights());
        let asked = Asked::read(req.query_string(), &book);
        let status = match asked.bad.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::BAD_REQUEST,
        };
        let help = help(&book, asked);
        let page = CodesPage {
            shell: &shell,
            table: &table,
            help: &help,
            may_set: user.may(Permission::SettingsRead),
        };
        let body = match partial {
            true => render(&page.as_help())?,
            false => render(&page)?,
        };
        (status, body)
    };
    drop(picture);
    let mut response = page::html(status, body);
    let vary = HeaderValue::from_static("HX-Request-Type, HX-Target");
    response.headers_mut().insert(header::VARY, vary);
    Ok(response)
}

/// The table as it is in force.
pub(super) fn table(install: &Install) -> CodeTable {
    let intercom = install.intercoms().digits();
    CodeTable::of(&install.codes, intercom, TransferCode::DIGITS)
}

fn help(book: &Book<'_>, asked: Asked) -> Help {
    let transfer = asked.transfer.unwrap_or(Transfer::Attended);
    let situation = Situation {
        queue: asked
            .department
            .and_then(|id| book.queue(id))
            .unwrap_or(Queue::None),
        attended: asked.attended,
    };
    let wanted = !asked.to.is_empty() || asked.transfer == Some(Transfer::Conference);
    Help {
        departments: departments(book, asked.department),
        transfers: transfers(transfer),
        suggested: suggested(book),
        answer: (wanted && asked.bad.is_empty())
            .then(|| compose(book, &situation, transfer, &asked.to)),
        meaning: (!asked.keys.is_empty() && asked.bad.is_empty())
            .then(|| read(book, &situation, &asked.keys)),
        to: asked.to,
        attended: asked.attended,
        keys: asked.keys,
        bad: asked.bad,
    }
}

fn departments(book: &Book<'_>, chosen: Option<DepartmentId>) -> Vec<Pick> {
    let none = Pick {
        value: String::new(),
        label: "No department".to_owned(),
        chosen: chosen.is_none(),
    };
    let departments = book.picture.records().departments().iter();
    let departments = departments.map(|department| Pick {
        value: department.id.to_string(),
        label: match department.use_as_queue {
            true => format!("{} (a queue)", department.name),
            false => format!("{} (not a queue)", department.name),
        },
        chosen: chosen == Some(department.id),
    });
    std::iter::once(none).chain(departments).collect()
}

fn transfers(chosen: Transfer) -> Vec<Pick> {
    let labels = [
        (Transfer::Attended, "Speak first, then transfer"),
        (Transfer::Blind, "Transfer without speaking"),
        (Transfer::Conference, "Make a conference"),
    ];
    let pick = |(transfer, label): (Transfer, &str)| Pick {
        value: transfer.word().to_owned(),
        label: label.to_owned(),
        chosen: transfer == chosen,
    };
    labels.into_iter().map(pick).collect()
}

/// Every department and IVR, and the agents where they are few enough for a list.
fn suggested(book: &Book<'_>) -> Vec<(String, String)> {
    let lines = book.lines();
    let mut all: Vec<(String, String)> = lines
        .filter_map(|line| Some((line.transfer_code?, line.name)))
        .collect();
    let agents: Vec<(String, String)> = book
        .agents()
        .filter_map(|called| Some((called.intercom?, called.name)))
        .take(PROPOSED + 1)
        .collect();
    if agents.len() <= PROPOSED {
        all.extend(agents);
    }
    all
}

fn compose(book: &Book<'_>, situation: &Situation, transfer: Transfer, to: &str) -> Answer {
    let wanted = match transfer {
        Transfer::Conference => Ok(Meaning::Conference),
        Transfer::Blind => towards(book, How::Blind, to),
        Transfer::Attended => towards(book, How::Attended, to),
    };
    let rules = book.picture.install().transfer_rules();
    let made: Result<(Keys, Meaning), String> = wanted.and_then(|meaning| {
        let keys = rules.compose(situation, &meaning);
        Ok((keys.map_err(|why| why.to_string())?, meaning))
    });
    match made {
        Ok((keys, meaning)) => answer(book, keys.each(), &meaning),
        Err(why) => refused(why),
    }
}

fn towards(book: &Book<'_>, how: How, to: &str) -> Result<Meaning, String> {
    let to = book.target(to).map_err(|why| why.to_string())?;
    Meaning::transfer(how, to).map_err(|why| why.to_string())
}

fn read(book: &Book<'_>, situation: &Situation, keys: &str) -> Answer {
    let rules = book.picture.install().transfer_rules();
    match rules.read(situation, keys, book) {
        Ok(meaning) => answer(book, Vec::new(), &meaning),
        Err(why) => refused(why.to_string()),
    }
}

fn answer(book: &Book<'_>, keys: Vec<char>, meaning: &Meaning) -> Answer {
    let install = book.picture.install();
    let warning = match meaning {
        Meaning::Agent(_, called) => book
            .picture
            .status_of(called.id.user())
            .map_or("", |status| warning(status, ExtensionStatus::None)),
        Meaning::External(..) | Meaning::Line(_) | Meaning::Conference => "",
    };
    Answer {
        keys,
        said: meaning.said(&install.codes, |phone| phone.show(install.region)),
        warning,
        fine: true,
    }
}

fn refused(why: String) -> Answer {
    Answer {
        keys: Vec::new(),
        said: why,
        warning: "",
        fine: false,
    }
}
