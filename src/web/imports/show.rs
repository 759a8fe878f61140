//! `GET /imports/{id}`: the plan, how far it has come, or what became of it, whichever it is now.

use super::choices::{Fields, Wrong};
use super::controls::{Reading, ReadingView};
use super::progress::ProgressView;
use super::result::ResultView;
use super::rows::{self, PER, RowsView, Source};
use super::view::{CommitView, ImportPage, ImportView, Step};
use super::{count, counted, facts, find, id_of, made, viewer};
use crate::domain::import::{Asked, Facts, Options};
use crate::domain::query::QueryReader;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::store::import::{Import, Shown, State, Viewer, errors, expire, invite, rows as planned};
use crate::web::error::AppError;
use crate::web::extract::{By, Caller, CurrentUser, Partial};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono_tz::Tz;
use std::collections::HashMap;

/// What was typed and could not be taken, shown again with what is wrong with it.
pub struct Typed {
    pub asked: Asked,
    pub options: Options,
    /// The fields as they came; empty where nothing is to be shown again.
    pub posted: Vec<(String, String)>,
    pub wrong: Vec<Wrong>,
    pub status: StatusCode,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    Partial(partial): Partial,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let viewer = viewer(&Caller::User(user.clone()), &by);
    let import = find(&state, &viewer, id_of(&path)?).await?;
    let (shown, number) = match asked(&req)? {
        Asks::Page(shown, number) => (shown, number),
        Asks::Line(line) => {
            let id = import.id;
            let place = state
                .read(move |conn| planned::of_line(conn, id, line))
                .await?;
            (Shown::All, place.unwrap_or(1).div_ceil(PER))
        }
    };
    if partial {
        let it = View::new(&state, &user, &viewer, &import)
            .await?
            .of(shown, number, None)
            .await?;
        let shell = user.shell(&req, &state);
        let page = ImportPage {
            shell: &shell,
            it: &it,
        };
        return Ok(page::html(StatusCode::OK, render(&page.as_rows())?));
    }
    answer(&req, &state, &user, &viewer, &import, (shown, number), None).await
}

/// The page as it is now, or with what was typed.
pub async fn answer(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    viewer: &Viewer,
    import: &Import,
    (shown, number): (Shown, u64),
    typed: Option<Typed>,
) -> Result<HttpResponse, AppError> {
    let status = typed.as_ref().map_or(StatusCode::OK, |typed| typed.status);
    let it = View::new(state, user, viewer, import)
        .await?
        .of(shown, number, typed)
        .await?;
    let title = match import.state {
        State::Planned | State::Planning | State::Unreadable => {
            format!("Plan for {}", import.file_name)
        }
        _ => import.file_name.clone(),
    };
    let mut shell = user.shell(req, state).page(shell::Page::Upload, title);
    let mut flashed = false;
    // What was begun is told when it is done.
    if !import.is_busy() {
        (shell, flashed) = flash::shown(shell, req, state, user).await?;
    }
    let body = render(&ImportPage {
        shell: &shell,
        it: &it,
    })?;
    Ok(flash::cleared(page::html(status, body), flashed, req))
}

/// Which rows the address asks for.
enum Asks {
    /// Those that a filter leaves, and which page of them.
    Page(Shown, u64),
    /// All, on the page that has the row of a line of the file.
    Line(u64),
}

fn asked(req: &HttpRequest) -> Result<Asks, AppError> {
    const LAST: u64 = 1_000_000;
    let mut query = QueryReader::new(req.query_string());
    let shown = query.take_as("rows", |text| rows::shown(text).ok_or("is no kind of row"));
    let number = query.take_as("page", |text| match text.parse() {
        Ok(page @ 1..=LAST) => Ok(page),
        Ok(_) | Err(_) => Err("is no page"),
    });
    let line = query.take_as("line", |text| text.parse().map_err(|_| "is no line"));
    match query.finish(&[]).as_slice() {
        [] => Ok(match line {
            Some(line) => Asks::Line(line),
            None => Asks::Page(shown.unwrap_or(Shown::All), number.unwrap_or(1)),
        }),
        bad => Err(crate::web::agents::export::senseless(bad)),
    }
}

/// What the page is made of.
struct View<'a> {
    state: &'a web::Data<AppState>,
    user: &'a CurrentUser,
    import: &'a Import,
    facts: Facts,
    mine: bool,
    zone: Tz,
    now: Timestamp,
}

impl<'a> View<'a> {
    async fn new(
        state: &'a web::Data<AppState>,
        user: &'a CurrentUser,
        viewer: &Viewer,
        import: &'a Import,
    ) -> Result<Self, AppError> {
        Ok(Self {
            facts: facts(state, user).await?,
            zone: state.floor.picture().install().calendar.zone,
            now: state.clock.now(),
            mine: viewer.is_of(import),
            state,
            user,
            import,
        })
    }

    async fn of(
        self,
        shown: Shown,
        page: u64,
        typed: Option<Typed>,
    ) -> Result<ImportView, AppError> {
        let import = self.import;
        let rows = match import.state {
            State::Planned
            | State::Committed
            | State::Undone
            | State::Failed
            | State::Cancelled
                if import.counts.rows > 0 =>
            {
                Some(self.rows(shown, page).await?)
            }
            _ => None,
        };
        let over = matches!(
            import.state,
            State::Committed | State::Undone | State::Cancelled | State::Failed
        );
        Ok(ImportView {
            id: import.id.0,
            file_name: import.file_name.clone(),
            said: self.said(),
            steps: steps(import.state),
            fault: self.fault(),
            progress: import
                .is_busy()
                .then(|| ProgressView::new(import, self.state.uploads.progress(import))),
            reading: self.reading(typed),
            rows,
            commit: (import.state == State::Planned).then(|| self.commit()),
            result: match over {
                true => Some(self.result().await?),
                false => None,
            },
            discard: import.state == State::Unreadable && self.mine,
        })
    }

    fn said(&self) -> String {
        let import = self.import;
        let by = &import.by.name;
        let at = |at: Timestamp| show::moment(at, self.zone);
        match import.state {
            State::Planned | State::Planning | State::Unreadable | State::Uploading => {
                format!(
                    "Uploaded {} by {by}. Nothing is written yet.",
                    at(import.created_at)
                )
            }
            State::Committing => format!("Begun {} by {by}", at(import.changed_at)),
            State::Undoing | State::Undone => match &import.undone_by {
                Some(who) => format!("Uploaded by {by}, undone by {}", who.name),
                None => format!("Uploaded by {by}"),
            },
            State::Committed | State::Cancelled | State::Failed | State::Expired => {
                format!(
                    "Ended {} by {by}",
                    at(import.finished_at.unwrap_or(import.changed_at))
                )
            }
        }
    }

    fn fault(&self) -> String {
        match self.import.state {
            State::Unreadable => self.import.fault.clone().unwrap_or_default(),
            State::Expired => {
                "Nobody carried this plan out in time, so the file is removed. Upload it again."
                    .to_owned()
            }
            _ => String::new(),
        }
    }

    /// Choices are for whoever uploaded the file, as long as it can be planned.
    fn reading(&self, typed: Option<Typed>) -> Option<ReadingView> {
        let import = self.import;
        if !self.mine || !import.can_be_planned() || import.state == State::Planning {
            return None;
        }
        let (asked, options, posted, wrong) = match &typed {
            Some(typed) => (
                &typed.asked,
                &typed.options,
                typed.posted.as_slice(),
                typed.wrong.clone(),
            ),
            None => (&import.asked, &import.options, &[][..], Vec::new()),
        };
        // What a column was said to mean shows, though no plan was made with it.
        let head = import.found.as_ref().map(|found| match posted {
            [] => found.head.clone(),
            [..] => found.head.again(&asked.mapping),
        });
        let reading = Reading {
            id: import.id.0,
            version: import.version,
            found: import.found.as_ref(),
            head: head.as_ref(),
            asked,
            options,
            decided: &import.options,
            posted: Fields(posted),
            listed: &import.listed,
            facts: &self.facts,
            wrong,
            stuck: import.state == State::Unreadable,
        };
        Some(reading.view())
    }

    async fn rows(&self, shown: Shown, page: u64) -> Result<RowsView, AppError> {
        let id = self.import.id;
        let last = rows::total(self.import, shown).div_ceil(PER).max(1);
        let page = page.min(last);
        let offset = i64::try_from((page - 1) * PER).unwrap_or(i64::MAX);
        let (found, errors) = self
            .state
            .read(move |conn| {
                let found = planned::page(conn, id, shown, PER as i64, offset)?.rows;
                let first = found.first().map_or(0, |row| row.number);
                // Of a page only some hundred rows are errors, so those after its begin have all of them.
                let errors = errors::page(conn, id, first.saturating_sub(1))?;
                Ok((found, errors))
            })
            .await?;
        let errors: HashMap<_, _> = errors.into_iter().map(|row| (row.number, row)).collect();
        let picture = self.state.floor.picture();
        let source = Source {
            import: self.import,
            picture: &picture,
            facts: &self.facts,
            errors,
        };
        Ok(source.view(&found, shown, page))
    }

    async fn result(&self) -> Result<ResultView, AppError> {
        let import = self.import;
        let rights = self.user.rights();
        let mut view = ResultView::new(import, &rights, self.mine, self.zone, self.now);
        if let Some(said) = made::said(import) {
            view.more = format!("{} {said}", view.more).trim().to_owned();
        }
        if view.links {
            let id = import.id;
            // Nobody waits for a link where nobody got a login.
            view.links = self
                .state
                .read(move |conn| invite::waiting(conn, id))
                .await?;
        }
        Ok(view)
    }

    fn commit(&self) -> CommitView {
        let import = self.import;
        let counts = import.counts;
        let changes = counts.create + counts.update;
        let mut consequences = Vec::new();
        consequences.extend(made::planned(import));
        match import.listed.invited {
            0 => {}
            1 => consequences.push("1 new web login gets an invitation.".to_owned()),
            logins => consequences.push(format!(
                "{} get an invitation.",
                counted(logins, "new web login")
            )),
        }
        let until = expire::until(
            import,
            i64::try_from(self.state.config.upload_keep.as_micros()).unwrap_or(i64::MAX),
        );
        CommitView {
            id: import.id.0,
            valid: match counts.error {
                0 => counted(changes, "change"),
                errors => format!(
                    "{}, {} left out",
                    counted(changes, "change"),
                    counted(errors, "error")
                ),
            },
            all: not_all(counts.error),
            go: match (self.mine, counts.create, counts.update) {
                (false, ..) | (_, 0, 0) => String::new(),
                (_, create, 0) => format!("Create {}", count(create)),
                (_, 0, update) => format!("Update {}", count(update)),
                (_, create, update) => {
                    format!("Create {} and update {}", count(create), count(update))
                }
            },
            errors: counts.error > 0,
            consequences,
            waits: show::moment(until, self.zone),
        }
    }
}

fn not_all(errors: u64) -> String {
    match errors {
        0 => String::new(),
        1 => "not while a row has errors".to_owned(),
        errors => format!("not while {} rows have errors", count(errors)),
    }
}

fn steps(state: State) -> [Step; 4] {
    let at = match state {
        State::Uploading => 1,
        State::Planning | State::Unreadable | State::Planned | State::Expired => 2,
        State::Committing => 3,
        State::Committed | State::Cancelled | State::Failed | State::Undoing | State::Undone => 4,
    };
    let ended = at == 4 && !matches!(state, State::Undoing);
    let step = |number, label| Step {
        number,
        label,
        done: number < at || ended,
        current: number == at && !ended,
    };
    [
        step(1, "File"),
        step(2, "Plan"),
        step(3, "Commit"),
        step(4, "Result"),
    ]
}
