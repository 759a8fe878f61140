//! The answers of the edit forms: a page, or the row of the list that was open.

use super::super::preferences::Choice;
use super::super::present::Reader;
use super::super::row::AgentRow;
use super::super::view::Can;
use super::back;
use super::view::{EditDone, EditForm, EditPage, EditRow};
use crate::domain::day_range::{DayChoice, DaySpan};
use crate::domain::ids::AgentId;
use crate::floor::{Older, Picture};
use crate::web::days;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::page::{self, render};
use crate::web::shell::{self, Notice};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

/// Who asked for what, and how it is to be told.
pub struct Asked {
    pub req: HttpRequest,
    pub state: web::Data<AppState>,
    pub user: CurrentUser,
    /// The row of the list that is to be replaced: its days, and the sums before those that are kept.
    row: Option<(DayChoice, DaySpan, Older)>,
}

impl Asked {
    pub async fn new(
        req: HttpRequest,
        state: web::Data<AppState>,
        user: CurrentUser,
        partial: bool,
    ) -> Result<Self, AppError> {
        let target = req.headers().get("hx-target").and_then(|t| t.to_str().ok());
        // The row's own controls name the row; the link in a closed one is a link of the list.
        let row = |target: &str| target.starts_with("tr#agent-") || target == "div#agents-list";
        let in_row = partial && target.is_some_and(row);
        let row = match in_row {
            true => {
                let filter = back::list_filter(&req);
                let now = state.clock.now();
                let span = days::span(state.floor.picture().install(), &filter, now);
                Some((filter.days, span, days::load(&state, span).await?))
            }
            false => None,
        };
        Ok(Self {
            req,
            state,
            user,
            row,
        })
    }

    /// The answer goes into a row of the list.
    pub fn in_row(&self) -> bool {
        self.row.is_some()
    }

    /// The form, where it was asked for. `again`: it is there already.
    pub fn form(
        &self,
        picture: &Picture,
        form: &EditForm,
        status: StatusCode,
        again: bool,
    ) -> Result<HttpResponse, AppError> {
        let body = match form.agent_id.parse() {
            Ok(id) if self.in_row() => render(&EditRow {
                form,
                row: &self.row(picture, id).ok_or(AppError::NotFound)?,
                cols: Choice::of(&self.user.preferences).cols,
                can: Can::of(self.user.permissions),
                again,
            })?,
            Ok(_) | Err(_) => {
                let title = match form.is_new() {
                    true => "Add agent".to_owned(),
                    false => format!("Edit {}", form.who),
                };
                let shell = self.user.shell(&self.req, &self.state);
                let shell = shell.page(shell::Page::Agents, title);
                render(&EditPage {
                    shell: &shell,
                    form,
                })?
            }
        };
        Ok(self.vary(page::html(status, body)))
    }

    /// The row as it is now, with what is to be said.
    pub fn done(
        &self,
        picture: &Picture,
        id: AgentId,
        notice: Option<&Notice>,
    ) -> Result<HttpResponse, AppError> {
        let body = render(&EditDone {
            agent_id: &id.to_string(),
            row: self.row(picture, id),
            cols: Choice::of(&self.user.preferences).cols,
            can: Can::of(self.user.permissions),
            notice,
        })?;
        Ok(self.vary(page::html(StatusCode::OK, body)))
    }

    fn row<'p>(&'p self, picture: &'p Picture, id: AgentId) -> Option<AgentRow<'p>> {
        let (days, span, older) = self.row.as_ref()?;
        let reader = Reader::of(picture, &self.user, *days, self.state.clock.now());
        let row = picture.row(id.user(), &self.user.scope, *span, older)?;
        Some(reader.row(&row))
    }

    /// The target decides between row and page. What goes into a row is told by parts, so the list
    /// around it stays, and so does the address.
    fn vary(&self, mut response: HttpResponse) -> HttpResponse {
        let headers = response.headers_mut();
        let mut put = |name, value| {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        put("vary", "HX-Request-Type, HX-Target");
        if self.in_row() {
            put("hx-reswap", "none");
            put("hx-push-url", "false");
        }
        response
    }
}
