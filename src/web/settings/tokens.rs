//! `/settings/tokens`: the tokens of programs, each with a role, a reach, an end and its last use. What a token is, is
//! shown once, to whoever made it.

use super::tabs::Tab;
use crate::domain::agent_form::{FieldError, FieldErrors};
use crate::domain::role::{Permission, Rights};
use crate::domain::show;
use crate::domain::time::{HOUR, Timestamp};
use crate::domain::token::{TokenForm, USUAL_DAYS, WantedToken};
use crate::floor::Picture;
use crate::store;
use crate::store::StoreError;
use crate::store::role::{self, Role};
use crate::store::token::{self, Made, NewToken, Token};
use crate::web::error::{AppError, Bar};
use crate::web::extract::{By, CurrentUser, Posted};
use crate::web::form::{Choice, Field};
use crate::web::operations::{flash, once};
use crate::web::page::{self, render};
use crate::web::sessions::proof::{confirm_first, require_recent};
use crate::web::sessions::secret::{self, SecretHash};
use crate::web::sessions::tokens::PREFIX;
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

const PATH: &str = "/settings/tokens";
/// Longer ones are no form of ours.
const LONGEST_ONCE: usize = 64;

#[derive(Template)]
#[template(path = "settings/tokens.html")]
struct TokensPage<'a> {
    shell: &'a Shell,
    tab: Tab,
    rows: Vec<TokenRow>,
    form: Option<Form>,
    /// The token that was just made: shown now and never again.
    made: Option<(String, String)>,
}

struct TokenRow {
    id: i64,
    name: String,
    role: String,
    /// `Everyone`, or the names of groups.
    holds_on: String,
    made: String,
    last_used: String,
    ends: String,
    /// `in force`, `revoked`, `ended`.
    state: &'static str,
    in_force: bool,
    may_end: bool,
}

struct Form {
    name: Field,
    role: Field,
    days: Field,
    roles: Vec<Choice>,
    /// Group key, name, ticked.
    groups: Vec<(i64, String, bool)>,
    groups_error: String,
    message: String,
    once: String,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    let asked = Asked {
        form: TokenForm {
            days: USUAL_DAYS.to_string(),
            ..TokenForm::default()
        },
        once: store::random_hex(),
    };
    let answer = Answer::new(&req, &state, &user).await?;
    answer
        .page(StatusCode::OK, &asked, &FieldErrors::default(), None)
        .await
}

/// `POST /settings/tokens`: makes a token and shows it once.
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let asked = Asked::read(&req, &body)?;
    let mut answer = Answer::new(&req, &state, &user).await?;
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let wanted = match asked.form.check() {
        Ok(wanted) => wanted,
        Err(errors) => return answer.page(wrong, &asked, &errors, None).await,
    };
    if require_recent(&state, &user).is_err() {
        answer.confirm = true;
        let none = FieldErrors::default();
        return answer.page(wrong, &asked, &none, None).await;
    }
    let name = wanted.name.as_str().to_owned();
    let (secret, new) = fresh(wanted, Some(user.id), state.clock.now())?;
    let once = once::operation("token.create", user.id, &asked.once);
    let rights = user.rights();
    let made = state
        .floor
        .write(by.0, move |tx| token::create(tx, &rights, once, &new))
        .await;
    let refused = |field: &'static str, why: &str| {
        FieldErrors(vec![FieldError {
            name: field.into(),
            message: why.to_owned(),
        }])
    };
    match made {
        Ok(Made::Written(_)) => {
            let answer = Answer::new(&req, &state, &user).await?;
            let next = Asked {
                form: TokenForm {
                    days: USUAL_DAYS.to_string(),
                    ..TokenForm::default()
                },
                once: store::random_hex(),
            };
            let none = FieldErrors::default();
            answer
                .page(StatusCode::OK, &next, &none, Some((name, secret)))
                .await
        }
        Ok(Made::Again(_)) => {
            let why = "This token was made already, and is shown once only. If nobody has it, end it and make another.";
            answer
                .page(wrong, &asked, &refused("name", why), None)
                .await
        }
        Ok(Made::GivesMore) => {
            let why = "That would give rights that you don’t have.";
            answer
                .page(wrong, &asked, &refused("role", why), None)
                .await
        }
        // Only a token has an end of its own.
        Ok(Made::Outlives(_)) => Err(AppError::Forbidden),
        Err(StoreError::NotFound) => {
            let why = "The role or a group is not there any more.";
            answer
                .page(wrong, &asked, &refused("role", why), None)
                .await
        }
        Err(error) => Err(error.into()),
    }
}

/// `DELETE /settings/tokens/{id}`: programs with it are refused at once.
pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    if require_recent(&state, &user).is_err() {
        return Ok(confirm_first(PATH));
    }
    let id = id_of(&path)?;
    Posted::read(&req, &body, &[], &[])?;
    let rights = user.rights();
    let operation = state
        .floor
        .write(by.0, move |tx| {
            Ok(token::end(tx, &rights, id)?.then(|| tx.operation.clone()))
        })
        .await?;
    match operation {
        Some(operation) => Ok(flash::back_to(PATH, &operation, &req)),
        None => Err(AppError::Barred(Bar::TokenHasMore)),
    }
}

/// The token of an address; text that is none is a token that is not there.
pub fn id_of(text: &str) -> Result<i64, AppError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|id: &i64| plain && *id > 0);
    id.ok_or(AppError::NotFound)
}

/// A token itself, and what is stored of it.
pub fn fresh(
    wanted: WantedToken,
    by: Option<crate::domain::ids::UserId>,
    now: Timestamp,
) -> Result<(String, NewToken), AppError> {
    let secret = secret::fresh(PREFIX)?;
    let new = NewToken {
        name: wanted.name.into_string(),
        hash: SecretHash::of(&secret).hex(),
        role: wanted.role,
        groups: wanted.groups,
        created_by: by,
        expires_at: Some(now.plus(i64::from(wanted.days) * 24 * HOUR)),
    };
    Ok((secret, new))
}

/// What was typed, and which form it was.
struct Asked {
    form: TokenForm,
    once: String,
}

impl Asked {
    fn read(req: &HttpRequest, body: &[u8]) -> Result<Self, AppError> {
        let posted = Posted::read(req, body, &["name", "role", "days", "once"], &["groups"])?;
        let text = |name: &str| posted.one(name).to_owned();
        Ok(Self {
            form: TokenForm {
                name: text("name"),
                role: text("role"),
                groups: posted.all("groups").map(ToOwned::to_owned).collect(),
                days: text("days"),
            },
            once: Some(text("once"))
                .filter(|once| once.len() <= LONGEST_ONCE)
                .unwrap_or_default(),
        })
    }
}

/// Who looks, and what there is.
struct Answer<'a> {
    req: &'a HttpRequest,
    state: &'a AppState,
    user: &'a CurrentUser,
    tokens: Vec<Token>,
    roles: Vec<Role>,
    /// The doer proved who they are too long ago.
    confirm: bool,
}

impl<'a> Answer<'a> {
    async fn new(
        req: &'a HttpRequest,
        state: &'a AppState,
        user: &'a CurrentUser,
    ) -> Result<Self, AppError> {
        let read = |conn: &mut _| Ok((token::all(conn)?, role::all(conn)?));
        let (tokens, roles) = state.read(read).await?;
        Ok(Self {
            req,
            state,
            user,
            tokens,
            roles,
            confirm: false,
        })
    }

    async fn page(
        &self,
        status: StatusCode,
        asked: &Asked,
        errors: &FieldErrors,
        made: Option<(String, String)>,
    ) -> Result<HttpResponse, AppError> {
        let shell = self
            .user
            .shell(self.req, self.state)
            .page(shell::Page::Settings, "API tokens")
            .confirm(self.confirm);
        let (shell, flashed) = flash::shown(shell, self.req, self.state, self.user).await?;
        let may_make = self.user.may(Permission::TokensWrite) && self.user.scope.is_all();
        let body = {
            let picture = self.state.floor.picture();
            render(&TokensPage {
                shell: &shell,
                tab: Tab::Tokens,
                rows: self
                    .tokens
                    .iter()
                    .map(|token| self.row(&picture, token))
                    .collect(),
                form: may_make.then(|| self.form(&picture, asked, errors)),
                made,
            })?
        };
        Ok(flash::cleared(page::html(status, body), flashed, self.req))
    }

    fn row(&self, picture: &Picture, token: &Token) -> TokenRow {
        let zone = picture.install().calendar.zone;
        let when =
            |at: Option<Timestamp>| at.map_or("never".to_owned(), |at| show::moment(at, zone));
        let now = self.state.clock.now();
        let in_force = token.in_force(now);
        let groups: Vec<&str> = token
            .groups
            .iter()
            .filter_map(|id| picture.records().group(*id))
            .map(|group| group.name.as_str())
            .collect();
        let person = token.created_by.and_then(|id| picture.person(id));
        let by = match (person, &token.made_by_token) {
            (Some(person), _) => person.name.to_string(),
            (None, Some(token)) => format!("the token {token}"),
            (None, None) => "the shell".to_owned(),
        };
        let has = self.roles.iter().find(|role| role.id == token.role);
        let has =
            has.map(|role| Rights::of(role.permissions, role.own_groups, token.groups.clone()));
        TokenRow {
            id: token.id,
            name: token.name.clone(),
            role: token.role_name.clone(),
            holds_on: match (
                groups.is_empty(),
                token.own_groups || !token.groups.is_empty(),
            ) {
                (true, false) => "Everyone".to_owned(),
                (true, true) => "Nobody".to_owned(),
                (false, _) => groups.join(", "),
            },
            made: format!("{} by {by}", show::moment(token.created_at, zone)),
            last_used: when(token.last_used_at),
            ends: when(token.expires_at),
            state: if token.revoked_at.is_some() {
                "revoked"
            } else if in_force {
                "in force"
            } else {
                "ended"
            },
            in_force,
            may_end: in_force
                && self.user.may(Permission::TokensWrite)
                && has.is_some_and(|has| self.user.rights().covers(&has)),
        }
    }

    fn form(&self, picture: &Picture, asked: &Asked, errors: &FieldErrors) -> Form {
        let typed = &asked.form;
        let field = |name: &'static str, value: &str| {
            let value: String = value.chars().take(128).collect();
            let error = errors.named(name).unwrap_or_default();
            Field::new(name).value(value).error(error)
        };
        let rights = self.user.rights();
        let mine = self
            .roles
            .iter()
            .filter(|role| rights.outrank(role.permissions));
        let none = Choice {
            value: String::new(),
            label: "Choose a role".to_owned(),
        };
        let roles = mine.map(|role| Choice {
            value: role.id.to_string(),
            label: role.name.clone(),
        });
        let groups = picture.records().groups().iter();
        let groups = groups.map(|group| {
            let key = group.id.to_string();
            (group.id.0, group.name.clone(), typed.groups.contains(&key))
        });
        Form {
            name: field("name", &typed.name),
            role: field("role", &typed.role),
            days: field("days", &typed.days),
            roles: std::iter::once(none).chain(roles).collect(),
            groups: groups.collect(),
            groups_error: errors.named("groups").unwrap_or_default().to_owned(),
            message: match errors.is_empty() {
                true => String::new(),
                false => "No token was made: some fields need another look.".to_owned(),
            },
            once: asked.once.clone(),
        }
    }
}
