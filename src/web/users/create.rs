//! `GET /users/new`, the steps behind it, and `POST /users`: adds a user.
//!
//! The steps are one form: what was typed in the others comes along in hidden fields. Nothing of a user who
//! is not there yet is kept on the server, so several can be begun side by side, the browser's Back harms
//! nothing, and nothing has to be swept up. No secret is among the fields: a password is chosen by a link.

use super::fill::Filler;
use super::link::{self, LinkPage};
use super::posted::Posted;
use super::rules;
use super::view::{FormPage, UserForm};
use crate::domain::agent_form::{self, FieldErrors};
use crate::domain::ids::UserId;
use crate::domain::mail::LinkReason;
use crate::domain::person::WebLogin;
use crate::domain::role::BuiltInRole;
use crate::domain::text::{Email, EmployeeId, LoginId};
use crate::domain::user_form::{Field, Own, Step, UserChange};
use crate::store::user::create::{Created, Made, create as make};
use crate::store::{self, StoreError, Taken, claim};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Posted as Query};
use crate::web::operations::{flash, once};
use crate::web::page::{self, render};
use crate::web::sessions::proof;
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// The first step with nothing in it; `?calling_agent=yes` adds an agent.
pub async fn new(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    let query = Query::read_query(&req, &["calling_agent"])?;
    let mut posted = Posted {
        once: store::random_hex(),
        step: Some(Step::General),
        ..Posted::default()
    };
    match query.one("calling_agent") {
        "" => {}
        "yes" => {
            posted.form.set(calling_agent(), vec!["yes".to_owned()]);
            posted.back = "/agents".to_owned();
        }
        _ => {
            let why = "calling_agent is yes or nothing.";
            return Err(AppError::BadRequest(why.to_owned()));
        }
    }
    let form = typed(&state, &user, &posted, &FieldErrors::default());
    answer(&req, &state, &user, &form, StatusCode::OK)
}

/// `POST /users/new`: checks a step by itself and shows the next one, or goes back with all that was typed.
pub async fn step(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let mut posted = Posted::read(&form)?;
    let here = posted.step.unwrap_or(Step::General);
    let to = match posted.go.as_str() {
        "back" => here.before(),
        "" | "next" => here.after(),
        step => step.parse().unwrap_or(here),
    };
    if to > here {
        let errors = wrong_until(&state, &user, &posted, here);
        if let Some(at) = first_step(&errors) {
            posted.step = Some(at);
            let form = typed(&state, &user, &posted, &errors);
            return answer(&req, &state, &user, &form, StatusCode::UNPROCESSABLE_ENTITY);
        }
        if let Some(taken) = taken_already(&state, &posted).await? {
            return in_use(&req, &state, &user, &mut posted, &taken);
        }
    }
    posted.step = Some(to);
    let form = typed(&state, &user, &posted, &FieldErrors::default());
    answer(&req, &state, &user, &form, StatusCode::OK)
}

/// `POST /users`: adds the user. Whoever signs in gets a link to choose a password.
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let mut posted = Posted::read(&form)?;
    require_both(&mut posted);
    let change = {
        let picture = state.floor.picture();
        rules::check(&picture, &user.rights(), &posted, None)
    };
    let change = match change {
        Ok(change) => change,
        Err(errors) => {
            posted.step = first_step(&errors).or(posted.step);
            let form = typed(&state, &user, &posted, &errors);
            return answer(&req, &state, &user, &form, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    if gives_rights(&state, &change) && proof::require_recent(&state, &user).is_err() {
        posted.step = Some(Step::WebLogin);
        let mut form = typed(&state, &user, &posted, &FieldErrors::default());
        form.confirm = true;
        return answer(&req, &state, &user, &form, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let named = once::operation("user.create", user.id, &posted.once);
    let (rights, its_change) = (user.rights(), change.clone());
    let made = state
        .floor
        .write(by.0.clone(), move |tx| {
            make(tx, &rights, named, &its_change)
        })
        .await;
    match made {
        Ok(Made::Made(made)) => added(&req, &state, &user, by, &change, &made).await,
        Ok(Made::Denied(denied)) => {
            posted.step = Some(Step::WebLogin);
            let errors = super::edit::denied(denied, &[Field::Own(Own::Role)])?;
            let form = typed(&state, &user, &posted, &errors);
            answer(&req, &state, &user, &form, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(StoreError::Taken(taken)) => in_use(&req, &state, &user, &mut posted, &taken),
        Err(error) => Err(error.into()),
    }
}

/// The user's page, or with a web login the link to choose a password, shown once.
async fn added(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    by: By,
    change: &UserChange,
    made: &Created,
) -> Result<HttpResponse, AppError> {
    let page = format!("/users/{}", made.id);
    if change.web_login() != Some(WebLogin::Allowed) || made.again {
        return Ok(flash::back_to(&page, &made.operation, req));
    }
    let handed = link::hand_out(state, user, by, made.id, LinkReason::Invitation, false).await?;
    let shell = user
        .shell(req, state)
        .page(shell::Page::Users, "User added");
    let who = name_of(state, made.id);
    let page = LinkPage::new(&shell, &who, made.id, LinkReason::Invitation, &handed);
    Ok(page::html(StatusCode::CREATED, render(&page)?))
}

/// The role has rights over others.
pub(in crate::web) fn gives_rights(state: &AppState, change: &UserChange) -> bool {
    let picture = state.floor.picture();
    let role = change.role().and_then(|id| picture.records().role(id));
    let own = BuiltInRole::Agent.permissions();
    role.is_some_and(|role| !role.permissions.is_subset(own))
}

fn name_of(state: &AppState, id: UserId) -> String {
    let picture = state.floor.picture();
    let person = picture.person(id);
    person.map_or_else(String::new, |person| person.name.to_string())
}

fn calling_agent() -> Field {
    Field::Own(Own::CallingAgent)
}

/// Absent is not unchanged in who is not there yet.
fn require_both(posted: &mut Posted) {
    use agent_form::Field::{Name, Username};
    for field in [Field::Shared(Name), Field::Shared(Username)] {
        if posted.form.typed(field).is_none() {
            posted.form.set(field, Vec::new());
        }
    }
}

/// What is wrong up to a step; later ones are not asked yet.
fn wrong_until(state: &AppState, user: &CurrentUser, posted: &Posted, until: Step) -> FieldErrors {
    let mut so_far = posted.clone();
    require_both(&mut so_far);
    for field in Field::all().filter(|field| field.step() > until) {
        so_far.form.leave_out(field);
    }
    let picture = state.floor.picture();
    let mut errors = match rules::check(&picture, &user.rights(), &so_far, None) {
        Ok(_) => FieldErrors::default(),
        Err(errors) => errors,
    };
    // What is missing in a later step is said there.
    let asked = |name: &str| Field::parse(name).is_none_or(|field| field.step() <= until);
    errors.0.retain(|error| asked(&error.name));
    errors
}

fn first_step(errors: &FieldErrors) -> Option<Step> {
    let steps = errors
        .0
        .iter()
        .filter_map(|error| Field::parse(&error.name));
    steps.map(Field::step).min()
}

/// A unique value of the first step that someone has: said before the next one is begun.
async fn taken_already(state: &AppState, posted: &Posted) -> Result<Option<Taken>, AppError> {
    use agent_form::Field as F;
    let typed = |field| {
        let typed = posted.form.typed(Field::Shared(field)).unwrap_or_default();
        typed.first().map_or("", |text| text.trim()).to_owned()
    };
    let email = Email::parse(&typed(F::Email)).map(|email| email.as_str().to_owned());
    let wanted = [
        ("login_id", LoginId::claim_of(&typed(F::Username))),
        ("email", email.unwrap_or_default()),
        ("employee_id", EmployeeId::claim_of(&typed(F::EmployeeId))),
    ];
    let now = state.clock.now();
    let read = move |conn: &mut store::Conn| {
        for (kind, value) in wanted.iter().filter(|(_, value)| !value.is_empty()) {
            if let Some(taken) = claim::held(conn, kind, value, now)? {
                return Ok(Some(taken));
            }
        }
        Ok(None)
    };
    state.read(read).await
}

fn typed(state: &AppState, user: &CurrentUser, posted: &Posted, errors: &FieldErrors) -> UserForm {
    let (picture, rights) = (state.floor.picture(), user.rights());
    let filler = Filler {
        picture: &picture,
        rights: &rights,
        now: state.clock.now(),
    };
    filler.typed(None, posted, errors)
}

/// The step with a value that someone has, told at its field.
fn in_use(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    posted: &mut Posted,
    taken: &Taken,
) -> Result<HttpResponse, AppError> {
    let form = {
        let (picture, rights) = (state.floor.picture(), user.rights());
        let filler = Filler {
            picture: &picture,
            rights: &rights,
            now: state.clock.now(),
        };
        let field = crate::web::agents::edit::taken::field(taken).map(Field::Shared);
        posted.step = field.map(Field::step).or(posted.step);
        let mut form = filler.typed(None, posted, &FieldErrors::default());
        if filler.in_use(&mut form, taken).is_none() {
            return Err(AppError::Taken(taken.to_string()));
        }
        form
    };
    answer(req, state, user, &form, StatusCode::UNPROCESSABLE_ENTITY)
}

fn answer(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    form: &UserForm,
    status: StatusCode,
) -> Result<HttpResponse, AppError> {
    let shell = user
        .shell(req, state)
        .page(shell::Page::AddUser, "Add user")
        .confirm(form.confirm);
    let page = FormPage {
        shell: &shell,
        form,
    };
    Ok(page::html(status, render(&page)?))
}
