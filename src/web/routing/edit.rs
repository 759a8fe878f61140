//! `GET /departments/new`, `POST /departments`, `GET /departments/{id}/edit`, `POST /departments/{id}`, and the same
//! of IVRs and caller ids.

use super::fill::{EditPage, Filler, FormView};
use super::noun::{Of, key};
use super::posted::Posted;
use super::{conflict, members, noun, rules};
use crate::domain::agent_form::FieldErrors;
use crate::domain::routing::{Field, Noun, Value, Values};
use crate::floor::Picture;
use crate::store::routing::{self, Basis, Conflict, Saved};
use crate::store::{self, StoreError, Taken};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Partial};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::sessions::secret::SecretHash;
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Who asked, about what, and how it is to be told.
struct Asked {
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    noun: Noun,
    partial: bool,
    /// None for a new one.
    id: Option<i64>,
}

pub async fn new(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Of(noun): Of,
) -> Result<HttpResponse, AppError> {
    let asked = Asked {
        req,
        state,
        user,
        noun,
        partial: false,
        id: None,
    };
    let picture = asked.state.floor.picture();
    let form = asked
        .filler(&picture)?
        .stored(&blank(noun), 0, store::random_hex());
    asked.form(&form, StatusCode::OK)
}

/// What a new one begins with.
fn blank(noun: Noun) -> Values {
    let mut values = Values::default();
    if noun == Noun::Department {
        let strategy = crate::domain::routing::RingStrategy::Simultaneous.word();
        values.set(Field::RingStrategy, Value::Text(Some(strategy.to_owned())));
        values.set(Field::RingTimeout, Value::Seconds(20));
        values.set(Field::WrapUp, Value::Seconds(0));
    }
    values
}

pub async fn edit(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Of(noun): Of,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = key(&path)?;
    let order = match noun {
        Noun::Department => Some(state.read(move |conn| routing::members(conn, id)).await?),
        Noun::Ivr | Noun::CallerId => None,
    };
    let asked = Asked {
        req,
        state,
        user,
        noun,
        partial: false,
        id: Some(id),
    };
    let picture = asked.state.floor.picture();
    let (_, version) = rules::find(&picture, noun, id)?;
    let mut values = rules::stored(&picture, noun, id)?;
    if let Some(order) = order {
        values.set(Field::Members, Value::Agents(order));
    }
    let form = asked
        .filler(&picture)?
        .stored(&values, version, String::new());
    asked.form(&form, StatusCode::OK)
}

pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    Of(noun): Of,
    Partial(partial): Partial,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let asked = Asked {
        req,
        state,
        user,
        noun,
        partial,
        id: None,
    };
    let mut posted = Posted::read(noun, &form)?;
    if !posted.saves() {
        return asked.arranged(&mut posted);
    }
    posted.form.require_all(noun);
    let checked = rules::check(&asked.state.floor.picture(), noun, &posted.form);
    let values = match checked {
        Ok(values) => values,
        Err(errors) => return asked.refused(&posted, &errors, None),
    };
    let scope = asked.user.scope.clone();
    let once = once(&asked.user, noun, &posted.once);
    let made = asked
        .state
        .floor
        .write(by.0, move |tx| {
            routing::create(tx, &scope, noun, once, &values)
        })
        .await;
    match made {
        Ok(made) => {
            let back = format!("{}/{}", noun.path(), made.id);
            Ok(asked.done(&back, &made.operation))
        }
        Err(error) => asked.failed(&posted, error),
    }
}

/// The operation that a form names: its own for each person, so that nobody meets another's.
fn once(user: &CurrentUser, noun: Noun, once: &str) -> Option<String> {
    let named = format!("{}.create {} {once}", noun.word(), user.id);
    (!once.is_empty()).then(|| SecretHash::of(&named).hex()[..32].to_owned())
}

pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    Partial(partial): Partial,
    path: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let (noun, id) = (noun::of(&req)?, key(&path)?);
    rules::find(&state.floor.picture(), noun, id)?;
    let asked = Asked {
        req,
        state,
        user,
        noun,
        partial,
        id: Some(id),
    };
    let mut posted = Posted::read(noun, &form)?;
    let basis = posted.basis(noun)?;
    if !posted.saves() {
        return asked.arranged(&mut posted);
    }
    let checked = rules::check(&asked.state.floor.picture(), noun, &posted.form);
    let change = match checked {
        Ok(change) => change,
        Err(errors) => return asked.refused(&posted, &errors, None),
    };
    let scope = asked.user.scope.clone();
    let (its_basis, its_change) = (basis.clone(), change.clone());
    let saved = asked
        .state
        .floor
        .write(by.0, move |tx| {
            routing::save(tx, &scope, noun, id, &its_basis, &its_change)
        })
        .await;
    match saved {
        Ok(Saved::Written(updated, _)) => {
            let back = format!("{}/{id}", noun.path());
            let value = match updated.changed.is_empty() {
                true => flash::UNCHANGED.to_owned(),
                false => flash::of_edit(&updated.operation, basis.version),
            };
            Ok(asked.done(&back, &value))
        }
        Ok(Saved::Conflict(conflict)) => asked.conflicting(posted, &basis, &change, &conflict),
        Err(error) => asked.failed(&posted, error),
    }
}

impl Asked {
    fn filler<'p>(&self, picture: &'p Picture) -> Result<Filler<'p>, AppError> {
        let record = match self.id {
            Some(id) => Some((id, rules::find(picture, self.noun, id)?.0)),
            None => None,
        };
        Ok(Filler {
            picture,
            noun: self.noun,
            record,
        })
    }

    /// What was arranged, not yet saved.
    fn arranged(&self, posted: &mut Posted) -> Result<HttpResponse, AppError> {
        let picture = self.state.floor.picture();
        members::arrange(&picture, posted)?;
        let was = posted.was(self.noun)?;
        let form = self
            .filler(&picture)?
            .typed(posted, &was, &FieldErrors::default());
        self.form(&form, StatusCode::OK)
    }

    /// 422 with what was typed and what is wrong with it.
    fn refused(
        &self,
        posted: &Posted,
        errors: &FieldErrors,
        taken: Option<&Taken>,
    ) -> Result<HttpResponse, AppError> {
        let picture = self.state.floor.picture();
        let was = posted.was(self.noun)?;
        let mut form = self.filler(&picture)?.typed(posted, &was, errors);
        if let Some(taken) = taken {
            let typed = match taken.kind.as_str() {
                "dial" => posted.form.text(Field::TransferCode),
                _ => posted.form.text(self.noun.title()),
            };
            let told = rules::in_use(&picture, self.noun, taken, typed);
            let (field, fault) = told.ok_or_else(|| AppError::Taken(taken.to_string()))?;
            form.mark(field, &fault);
        }
        self.form(&form, StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// What the store refused.
    fn failed(&self, posted: &Posted, error: StoreError) -> Result<HttpResponse, AppError> {
        match error {
            StoreError::Taken(taken) => self.refused(posted, &FieldErrors::default(), Some(&taken)),
            StoreError::NotFound
            | StoreError::Stale
            | StoreError::Unavailable(_)
            | StoreError::Broken(_) => Err(error.into()),
        }
    }

    /// 409 with theirs and mine of each field that both changed.
    fn conflicting(
        &self,
        mut posted: Posted,
        basis: &Basis,
        change: &Values,
        conflict: &Conflict,
    ) -> Result<HttpResponse, AppError> {
        let picture = self.state.floor.picture();
        // What I left as it was shows what the others made of it.
        for (field, mine) in change.iter() {
            if basis.was.get(field) == Some(mine) {
                posted.form.leave_out(field);
            }
        }
        posted.version = Some(conflict.version);
        posted.was = conflict.now.to_json();
        let filler = self.filler(&picture)?;
        let mut form = filler.typed(&posted, &conflict.now, &FieldErrors::default());
        form.conflict = Some(conflict::bar(
            &picture, self.noun, conflict, &basis.was, change,
        ));
        self.form(&form, StatusCode::CONFLICT)
    }

    /// The form, as a page or alone.
    fn form(&self, form: &FormView, status: StatusCode) -> Result<HttpResponse, AppError> {
        let title = match form.is_new() {
            true => format!("Add {}", self.noun.said()),
            false => format!("Edit {}", form.who),
        };
        let shell = self.user.shell(&self.req, &self.state);
        let shell = shell.page(shell::Page::Departments, title);
        let page = EditPage {
            shell: &shell,
            form,
        };
        let body = match self.partial {
            true => render(&page.as_form())?,
            false => render(&page)?,
        };
        Ok(page::html(status, body))
    }

    /// To the record's page, which says what was done.
    fn done(&self, back: &str, value: &str) -> HttpResponse {
        match self.partial {
            true => flash::read_again(back, value, &self.req),
            false => flash::back_to(back, value, &self.req),
        }
    }
}
