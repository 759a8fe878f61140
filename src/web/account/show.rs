//! `GET /account`.

use super::view::{AccountPage, Moment, SessionRow};
use super::{Done, device, html, shell};
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::store::session::Session;
use crate::store::{factor, session};
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::shell::NoticeKind;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono_tz::Tz;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Arriving {
    #[serde(default)]
    done: String,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    arriving: web::Query<Arriving>,
) -> Result<HttpResponse, AppError> {
    let (id, role) = (user.id, user.role);
    let (stored, codes_left, required, sessions) = state
        .read(move |conn| {
            Ok((
                factor::find(conn, id)?,
                factor::codes_left(conn, id)?,
                factor::is_required(conn, role)?,
                session::of_user(conn, id)?,
            ))
        })
        .await?;
    let zone = state.floor.picture().install().calendar.zone;
    let mut shell = shell(&req, &state, &user, "Your account");
    if let Some(done) = Done::ALL.iter().find(|done| done.word() == arriving.done) {
        shell = shell.notice(NoticeKind::Done, done.said());
    }
    let here = user.session().hash.hex();
    let now = state.clock.now();
    let holds = |session: &&Session| {
        state
            .sessions
            .hold(session.created_at, session.last_seen_at, now)
    };
    let page = AccountPage {
        shell: &shell,
        login_id: &user.login_id,
        role: &user.role_name,
        factor: stored.map(|factor| moment(factor.created_at, zone)),
        codes_left,
        factor_required: required,
        allowed_ips: user
            .allowed_ips
            .to_string()
            .split('|')
            .filter(|ip| !ip.is_empty())
            .map(str::to_owned)
            .collect(),
        sessions: sessions
            .iter()
            .filter(holds)
            .map(|session| row(session, &here, zone))
            .collect(),
    };
    html(StatusCode::OK, &page)
}

fn row(session: &Session, here: &str, zone: Tz) -> SessionRow {
    SessionRow {
        id: session.id().to_owned(),
        device: device::named(&session.user_agent),
        address: session.address.clone(),
        began: moment(session.created_at, zone),
        used: moment(session.last_seen_at, zone),
        here: session.hash == here,
    }
}

fn moment(at: Timestamp, zone: Tz) -> Moment {
    let said = show::moment(at, zone);
    Moment {
        // To the minute: a session's use is noted no oftener.
        said: said.get(..said.len() - 3).unwrap_or(&said).to_owned(),
        exact: show::rfc3339_local(at, zone),
    }
}
