//! Which columns a person sees and how tall the rows are: kept per user.

use super::columns::Columns;
use super::links::Query;
use super::view::Density;
use crate::domain::filter::AgentFilter;
use crate::domain::ids::UserId;
use crate::store;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::sessions::local_path::local;
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::{Value, json};

/// Name of the choice among the user's preferences.
const AGENTS: &str = "agents";

/// How a person wants the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub cols: Columns,
    pub density: Density,
}

impl Choice {
    /// From the stored preferences; what can't be read is as by default.
    pub fn of(preferences: &str) -> Self {
        if preferences.len() <= 2 {
            return Self::default();
        }
        let all: Value = serde_json::from_str(preferences).unwrap_or_default();
        let mine = &all[AGENTS];
        Self {
            cols: mine["columns"]
                .as_array()
                .map_or_else(Columns::default, |keys| {
                    Columns::from_keys(keys.iter().filter_map(Value::as_str))
                }),
            density: mine["density"]
                .as_str()
                .and_then(Density::from_word)
                .unwrap_or_default(),
        }
    }

    fn json(self) -> Value {
        json!({ "columns": self.cols.keys().collect::<Vec<_>>(), "density": self.density.word() })
    }
}

#[derive(Template)]
#[template(path = "agents/view.html")]
struct ViewPage<'a> {
    shell: &'a Shell,
    choice: Choice,
    back: String,
}

#[derive(Template)]
#[template(path = "agents/view_dialog.html")]
struct ViewDialog {
    choice: Choice,
    back: String,
}

/// `GET /agents/view?…`: the choice, with the query of the list that it goes back to.
pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let (filter, _) = AgentFilter::readable(req.query_string());
    let (choice, back) = (Choice::of(&user.preferences), Query::from(&filter).href());
    let body = if partial {
        render(&ViewDialog { choice, back })?
    } else {
        let shell = user.shell(&req, &state).page(shell::Page::Agents, "View");
        render(&ViewPage {
            shell: &shell,
            choice,
            back,
        })?
    };
    Ok(page::html(StatusCode::OK, body))
}

/// `POST /agents/view`: stores the choice and goes back to the list.
pub async fn update(
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let of = |name: &'static str| {
        form.iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    };
    let back = of("back").next().map_or("/agents", local).to_owned();
    let choice = match of("reset").next() {
        Some(_) => None,
        None => Some(Choice {
            cols: Columns::from_keys(of("col").filter(|key| !key.is_empty())),
            density: of("density")
                .next()
                .and_then(Density::from_word)
                .unwrap_or_default(),
        }),
    };
    let id: UserId = user.id;
    state
        .floor
        .write(by.0, move |tx| {
            store::preference::put(tx, id, AGENTS, choice.map_or(Value::Null, Choice::json))
        })
        .await?;
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, back))
        .finish())
}
