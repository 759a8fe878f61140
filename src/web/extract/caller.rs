//! Who asks: a signed-in person or a program with a token.

use crate::domain::audit::{Actor, ActorKind};
use crate::domain::role::{Permission, Permissions, Rights, Scope};
use crate::store::sign_in::Account;
use crate::web::error::AppError;
use crate::web::middleware::request_info::RequestInfo;
use crate::web::sessions::tokens::Known;
use crate::web::sessions::{Live, cookie};
use crate::web::shell::{Shell, Who};
use crate::web::state::AppState;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use std::future::{Ready, ready};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

/// Whoever passed the check of the route; both kinds have rights and a scope.
#[derive(Clone, Debug)]
pub enum Caller {
    User(CurrentUser),
    Token(Arc<Known>),
}

/// The person who is signed in. Reads like their [`Account`].
#[derive(Clone, Debug)]
pub struct CurrentUser(Arc<Live>);

/// The person who is signed in, on pages that anyone may see.
#[derive(Clone, Debug)]
pub struct MaybeUser(pub Option<CurrentUser>);

impl Caller {
    pub fn permissions(&self) -> Permissions {
        match self {
            Self::User(user) => user.permissions,
            Self::Token(known) => known.holder.permissions,
        }
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.permissions().contains(permission)
    }

    pub fn scope(&self) -> &Scope {
        match self {
            Self::User(user) => &user.scope,
            Self::Token(known) => &known.holder.scope,
        }
    }

    /// What they may do and on whom, for what is checked where it is written.
    pub fn rights(&self) -> Rights {
        Rights {
            permissions: self.permissions(),
            scope: self.scope().clone(),
        }
    }

    /// As the audit writes it down.
    pub fn actor(&self, info: &RequestInfo) -> Actor {
        let (kind, id, name) = match self {
            Self::User(user) => (ActorKind::User, user.id.0, &user.name),
            Self::Token(known) => (ActorKind::Token, known.holder.id, &known.holder.name),
        };
        Actor {
            kind,
            id: Some(id),
            name: name.clone(),
            address: Some(info.address.to_string()),
            request_id: Some(info.id.clone()),
        }
    }
}

impl CurrentUser {
    pub fn new(live: Arc<Live>) -> Self {
        Self(live)
    }

    /// The session itself, for streams that end with it.
    pub fn session(&self) -> &Arc<Live> {
        &self.0
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }

    /// What they may do and on whom, for what is checked where it is written.
    pub fn rights(&self) -> Rights {
        Rights {
            permissions: self.permissions,
            scope: self.scope.clone(),
        }
    }

    /// What surrounds this person's pages.
    pub fn shell(&self, req: &HttpRequest, state: &AppState) -> Shell {
        Shell::new(
            req,
            Who::new(self.name.as_str(), self.role_name.as_str()),
            self.permissions,
            state.simulated(),
        )
        .scoped(&self.scope)
    }
}

impl Deref for CurrentUser {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.0.account
    }
}

impl FromRequest for Caller {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    /// Put in place by the check of the route; a route without one has nobody.
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            req.extensions()
                .get::<Self>()
                .cloned()
                .ok_or(AppError::SignIn),
        )
    }
}

impl FromRequest for CurrentUser {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match req.extensions().get::<Caller>() {
            Some(Caller::User(user)) => Ok(user.clone()),
            // A token is no person: pages and preferences are not for it.
            Some(Caller::Token(_)) => Err(AppError::Forbidden),
            None => Err(AppError::SignIn),
        })
    }
}

impl MaybeUser {
    /// From the check of the route, else from memory by the cookie.
    pub fn of(req: &HttpRequest) -> Self {
        let extensions = req.extensions();
        if let Some(Caller::User(user)) = extensions.get::<Caller>() {
            return Self(Some(user.clone()));
        }
        let state = req.app_data::<web::Data<AppState>>();
        let info = extensions.get::<Rc<RequestInfo>>();
        let key = info.and_then(|info| cookie::key(req.headers(), info));
        match (state, info, key) {
            (Some(state), Some(info), Some(key)) => {
                let live = state.sessions.peek(key);
                let here = live.filter(|live| live.account.allowed_ips.admit(info.address));
                Self(here.map(CurrentUser))
            }
            _ => Self(None),
        }
    }
}

impl FromRequest for MaybeUser {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(req)))
    }
}
