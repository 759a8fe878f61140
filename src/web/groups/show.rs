//! `GET /agent-groups/{id}`: the agents of a group are the agents list, with everything that it can do.

use super::{find, id};
use crate::domain::filter::AgentFilter;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::state::AppState;
use actix_web::http::header;
use actix_web::{HttpResponse, web};

pub async fn show(
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    find(&state.floor.picture(), &user.scope, id)?;
    let agents = AgentFilter::default().with_group(Some(id));
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, agents.link("/agents")))
        .finish())
}
