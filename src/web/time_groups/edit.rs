//! The form of a time group: opened, grown and shrunk by its buttons, and saved.

use super::fill::{filled, focus, sent, was_of};
use super::posted::{Posted, Pressed};
use super::view::{EditPage, FormView};
use super::{conflict, find, id_of};
use crate::domain::ids::TimeGroupId;
use crate::domain::time_group::form::{Fault, Form, Place, TypedRow, never_open};
use crate::domain::time_group::{Change, Details, Field};
use crate::store::time_group::{self as store, Basis, Conflict, NAME_CLAIM, Saved, Stored};
use crate::store::{StoreError, Taken, random_hex};
use crate::web::agents::acts::words::agents;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Partial};
use crate::web::operations::{flash, once};
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Who asked, and whether a part of the page is wanted.
struct Asked {
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    partial: bool,
}

/// `GET /time-groups/new`: on the install's clock, with one row to fill in.
pub async fn new(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    let zone = state.floor.picture().install().calendar.zone;
    let mut form = Form::of(&Details {
        zone,
        ..Details::default()
    });
    form.rows = Some(vec![TypedRow::default()]);
    let mut view = filled(None, &form, &[]);
    view.once = random_hex();
    let asked = Asked {
        req,
        state,
        user,
        partial: false,
    };
    asked.form(view, StatusCode::OK)
}

/// `POST /time-groups`
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    Partial(partial): Partial,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let pressed = Pressed::of(&req)?;
    let mut posted = Posted::read(&form)?;
    let asked = Asked {
        req,
        state,
        user,
        partial,
    };
    if pressed != Pressed::Save {
        return asked.regrown(pressed, None, &mut posted);
    }
    posted.form.name.get_or_insert_default();
    posted.form.zone.get_or_insert_default();
    let change = match checked(&posted.form) {
        Ok(change) => change,
        Err(faults) => return asked.refused(None, &posted, &faults),
    };
    let scope = asked.user.scope.clone();
    let once = once::operation(store::CREATE, asked.user.id, &posted.once);
    let its_change = change.clone();
    let made = asked
        .state
        .floor
        .write(by.0, move |tx| store::create(tx, &scope, once, &its_change))
        .await;
    match made {
        Ok(made) => {
            let back = format!("/time-groups/{}", made.id);
            Ok(flash::back_to(&back, &made.operation, &asked.req))
        }
        Err(error) => asked.refused(None, &posted, &[in_use(error, &change)?]),
    }
}

/// `GET /time-groups/{id}/edit`
pub async fn edit(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let stored = find(&state, id_of(&path)?).await?;
    let view = filled(Some(&stored), &Form::of(&stored.details), &[]);
    let asked = Asked {
        req,
        state,
        user,
        partial: false,
    };
    asked.form(view, StatusCode::OK)
}

/// `POST /time-groups/{id}`
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    Partial(partial): Partial,
    path: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let stored = find(&state, id_of(&path)?).await?;
    let pressed = Pressed::of(&req)?;
    let mut posted = Posted::read(&form)?;
    let asked = Asked {
        req,
        state,
        user,
        partial,
    };
    if pressed != Pressed::Save {
        return asked.regrown(pressed, Some(&stored), &mut posted);
    }
    let basis = posted.basis()?;
    let mut change = match checked(&posted.form) {
        Ok(change) => change,
        Err(faults) => return asked.refused(Some(&stored), &posted, &faults),
    };
    for field in &posted.keep_theirs {
        change.leave_out(*field);
    }
    match asked.save(by, stored.id, &basis, &change).await {
        Ok(Saved::Written(updated, _)) => {
            let value = match updated.changed.is_empty() {
                true => flash::UNCHANGED.to_owned(),
                false => flash::of_edit(&updated.operation, basis.version),
            };
            let back = format!("/time-groups/{}", stored.id);
            Ok(flash::back_to(&back, &value, &asked.req))
        }
        Ok(Saved::Conflict(both)) => asked.conflicting(&stored, &basis, &change, &both),
        Err(error) => asked.refused(Some(&stored), &posted, &[in_use(error, &change)?]),
    }
}

impl Asked {
    async fn save(
        &self,
        by: By,
        id: TimeGroupId,
        basis: &Basis,
        change: &Change,
    ) -> Result<Saved, StoreError> {
        let (scope, basis, change) = (self.user.scope.clone(), basis.clone(), change.clone());
        let write =
            move |tx: &mut crate::store::Tx<'_>| store::save(tx, &scope, id, &basis, &change);
        self.state.floor.write(by.0, write).await
    }

    /// The form with a row more or less, and all that was typed.
    fn regrown(
        &self,
        pressed: Pressed,
        stored: Option<&Stored>,
        posted: &mut Posted,
    ) -> Result<HttpResponse, AppError> {
        pressed.apply(&mut posted.form);
        let view = sent(stored, posted, &[]);
        self.form(view.focused(focus(pressed, &posted.form)), StatusCode::OK)
    }

    /// 422 with what was typed and what is wrong with it.
    fn refused(
        &self,
        stored: Option<&Stored>,
        posted: &Posted,
        faults: &[Fault],
    ) -> Result<HttpResponse, AppError> {
        self.form(
            sent(stored, posted, faults),
            StatusCode::UNPROCESSABLE_ENTITY,
        )
    }

    /// 409: the form with the others' new values where this person changed nothing, what she typed where
    /// she did, and the choice between the two.
    fn conflicting(
        &self,
        stored: &Stored,
        basis: &Basis,
        change: &Change,
        both: &Conflict,
    ) -> Result<HttpResponse, AppError> {
        let mut shown = both.now.clone();
        for &field in &change.given {
            let mine = !basis.was.gives(field) || basis.was.to.differs(&change.to, field);
            if mine {
                shown.take(field, &change.to);
            }
        }
        let zone = self.state.floor.picture().install().calendar.zone;
        let mut view = filled(Some(stored), &Form::of(&shown), &[]);
        view.version = both.version;
        view.was = was_of(&Change::whole(&both.now));
        view.conflict = Some(conflict::bar(both, &basis.was, change, zone));
        self.form(view, StatusCode::CONFLICT)
    }

    fn form(&self, mut view: FormView, status: StatusCode) -> Result<HttpResponse, AppError> {
        if let Ok(id) = view.id.parse::<TimeGroupId>() {
            let count = self.state.floor.picture().by_time_group(&self.user.scope);
            view.agents = agents(count.get(&id).copied().unwrap_or(0));
        }
        let title = match view.is_new() {
            true => "Add time group".to_owned(),
            false => format!("Edit {}", view.who),
        };
        let shell = self.user.shell(&self.req, &self.state);
        let shell = shell.page(shell::Page::TimeGroups, title);
        let page = EditPage {
            shell: &shell,
            form: &view,
        };
        let body = match self.partial {
            true => render(&page.as_form())?,
            false => render(&page)?,
        };
        Ok(page::html(status, body))
    }
}

/// A whole form's rules: also that it is open at some time.
fn checked(form: &Form) -> Result<Change, Vec<Fault>> {
    let change = form.check()?;
    match change.to.is_never_open() {
        true => Err(vec![never_open()]),
        false => Ok(change),
    }
}

/// A name that another time group has, told at its field.
///
/// # Errors
/// Whatever else the store said.
fn in_use(error: StoreError, change: &Change) -> Result<Fault, AppError> {
    match error {
        StoreError::Taken(Taken { kind, .. }) if kind == NAME_CLAIM => Ok(name_in_use(change)),
        other => Err(other.into()),
    }
}

/// What is said when another time group has the name.
pub fn name_in_use(change: &Change) -> Fault {
    Fault {
        place: Place::Field(Field::Name),
        message: format!(
            "There is a time group “{}” already. Choose another name.",
            change.to.name
        ),
    }
}
