//! `POST /imports/{id}`: other choices; the file is planned anew with them, at once.

use super::choices::{self, Fields, Wrong};
use super::names;
use super::show::{self, Typed};
use super::{facts, find, id_of, path_of, refusal, viewer};
use crate::store::StoreError;
use crate::store::import::{Pressed, Shown, plan};
use crate::web::error::AppError;
use crate::web::extract::{By, Caller, CurrentUser};
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

const CHANGED: &str = "Somebody changed these choices in another window, or the file was planned anew. Look at them as they are now, then choose again.";

pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&path)?;
    let viewer = viewer(&Caller::User(user.clone()), &by);
    let import = find(&state, &viewer, id).await?;
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&body)
        .map_err(|_| AppError::BadRequest("The form can't be read.".to_owned()))?;
    let fields = Fields(&fields);
    let known =
        |name: &str| name == "version" || choices::is_option(name) || choices::is_reading(name);
    if let Some(name) = fields.stranger(known) {
        let name: String = name.chars().take(40).collect();
        return Err(AppError::BadRequest(format!(
            "{name:?} is no field of this form."
        )));
    }
    let version = fields
        .last("version")
        .and_then(|text| text.parse().ok())
        .ok_or(AppError::VersionRequired)?;
    let mut typed = Typed {
        asked: import.asked.clone(),
        options: import.options.clone(),
        posted: fields.0.to_vec(),
        wrong: Vec::new(),
        status: StatusCode::UNPROCESSABLE_ENTITY,
    };
    if version != import.version {
        return stale(&req, &state, &user, &viewer, id).await;
    }
    let facts = facts(&state, &user).await?;
    let head = import.found.as_ref().map(|found| &found.head);
    choices::reading(&fields, head, &mut typed.asked, &mut typed.wrong);
    names::decisions(
        &fields,
        &import.listed,
        &facts,
        &mut typed.options,
        &mut typed.wrong,
    );
    choices::options(&fields, &facts, &mut typed.options, &mut typed.wrong);
    if !typed.wrong.is_empty() {
        return show::answer(
            &req,
            &state,
            &user,
            &viewer,
            &import,
            (Shown::All, 1),
            Some(typed),
        )
        .await;
    }
    let (who, asked, options) = (viewer.clone(), typed.asked, typed.options);
    let chosen = state
        .floor
        .write(by.0, move |tx| {
            plan::choose(tx, &who, id, Some(version), &asked, &options)
        })
        .await;
    match chosen {
        Ok(Pressed::Begun | Pressed::Again) => {
            state.uploads.ring();
            let there = (header::LOCATION, path_of(id));
            Ok(HttpResponse::SeeOther().insert_header(there).finish())
        }
        Ok(Pressed::Refused(why)) => Err(refusal(why)),
        Err(StoreError::Stale) => stale(&req, &state, &user, &viewer, id).await,
        Err(error) => Err(error.into()),
    }
}

/// The page as it is now, which is not what the form was made from.
async fn stale(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    viewer: &crate::store::import::Viewer,
    id: crate::domain::ids::ImportId,
) -> Result<HttpResponse, AppError> {
    let import = find(state, viewer, id).await?;
    let typed = Typed {
        asked: import.asked.clone(),
        options: import.options.clone(),
        posted: Vec::new(),
        wrong: vec![Wrong::whole(CHANGED)],
        status: StatusCode::CONFLICT,
    };
    show::answer(
        req,
        state,
        user,
        viewer,
        &import,
        (Shown::All, 1),
        Some(typed),
    )
    .await
}
