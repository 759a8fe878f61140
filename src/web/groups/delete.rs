//! `GET /agent-groups/{id}/delete`: what goes with a group; `DELETE /agent-groups/{id}` takes it away.

use super::view::{DeleteDialog, DeletePage, DeleteView, PATH};
use super::{find, id};
use crate::domain::group_filter::GroupFilter;
use crate::domain::ids::{GroupId, UserId};
use crate::domain::person::Person;
use crate::domain::role::Scope;
use crate::floor::Picture;
use crate::store::StoreError;
use crate::store::group::delete::delete as take_away;
use crate::web::agents::acts::into_dialog;
use crate::web::agents::acts::words::{agents, counted};
use crate::web::error::{AppError, Form};
use crate::web::extract::{By, CurrentUser, Partial, Posted};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// So many names are listed.
const LISTED: usize = 10;

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let header = |name: &str| req.headers().get(name)?.to_str().ok();
    let from = header("hx-current-url").or_else(|| header("referer"));
    let it = looked_at(&state, &user, id, list_at(from.unwrap_or_default()))?;
    if !partial {
        return whole(&req, &state, &user, &it, StatusCode::OK);
    }
    let dialog = DeleteDialog {
        it: &it,
        dialog: true,
    };
    let mut response = page::html(StatusCode::OK, render(&dialog)?);
    into_dialog(&mut response);
    Ok(response)
}

/// Deletes what was looked at: a group that somebody changed since is looked at again first.
pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    find(&state.floor.picture(), &user.scope, id)?;
    let posted = Posted::read(&req, &body, &["version", "back"], &[])?;
    let expected = match posted.one("version") {
        "" => None,
        text => {
            let bad = || AppError::BadRequest("The version is no number.".to_owned());
            Some(text.parse::<i64>().map_err(|_| bad())?)
        }
    };
    let back = list_at(posted.one("back"));
    let (asker, scope) = (Form::of(&req), user.scope.clone());
    let deleted = state
        .floor
        .write(by.0, move |tx| take_away(tx, &scope, id, expected))
        .await;
    let deleted = match deleted {
        Err(StoreError::Stale) if asker == Form::Page => {
            let mut it = looked_at(&state, &user, id, back)?;
            it.changed = true;
            return whole(&req, &state, &user, &it, StatusCode::CONFLICT);
        }
        other => other?,
    };
    match asker {
        Form::Json => Ok(HttpResponse::Ok().json(json!({
            "operation": deleted.operation,
            "left": deleted.members,
        }))),
        Form::Page => Ok(flash::back_to(&back, &deleted.operation, &req)),
        Form::Fragment => Ok(flash::read_again(&back, &deleted.operation, &req)),
    }
}

/// The group as it is now, with all that depends on it.
fn looked_at(
    state: &AppState,
    user: &CurrentUser,
    id: GroupId,
    back: String,
) -> Result<DeleteView, AppError> {
    let picture = state.floor.picture();
    let group = find(&picture, &user.scope, id)?;
    let members = picture.group_members(id);
    let lonely = picture.only_in(id, &user.scope, &members);
    let name = |id: &UserId| picture.person(*id).map(|person| person.name.to_string());
    let scoped = picture.scoped_to(id);
    // Who else is a supervisor is not for everyone to know.
    let (scoped, scoped_said) = match &user.scope {
        Scope::All => (named(&picture, id, &scoped), String::new()),
        Scope::Groups(_) => (Vec::new(), without_names(scoped.len())),
    };
    Ok(DeleteView {
        id: id.0,
        name: group.name.clone(),
        version: group.version,
        members: members.len(),
        members_said: agents(members.len()),
        lonely: lonely.iter().take(LISTED).filter_map(name).collect(),
        lonely_count: lonely.len(),
        scoped,
        scoped_said,
        back,
        changed: false,
    })
}

/// Each with whether another group is left.
fn named(picture: &Picture, id: GroupId, scoped: &[&Person]) -> Vec<(String, bool)> {
    let other = |group: &GroupId| *group != id && picture.records().group(*group).is_some();
    let line = |person: &&Person| {
        let has_others = person.scope_groups.iter().any(other);
        (person.name.to_string(), has_others)
    };
    scoped.iter().map(line).collect()
}

/// The reader is one of them.
fn without_names(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "Your rights hold on this group: they end with it.".to_owned(),
        _ => format!(
            "The rights of {} hold on this group, yours among them: they end with it.",
            counted(count, "supervisor", "supervisors")
        ),
    }
}

/// The list of groups as it was when a link was followed from there; for any other address the whole list.
fn list_at(address: &str) -> String {
    let address = address.split('#').next().unwrap_or_default();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let filter = Some(query).filter(|_| path.ends_with(PATH));
    let filter = filter.and_then(|query| GroupFilter::parse(query).ok());
    filter.unwrap_or_default().link(PATH)
}

fn whole(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    it: &DeleteView,
    status: StatusCode,
) -> Result<HttpResponse, AppError> {
    let shell = user.shell(req, state);
    let shell = shell.page(shell::Page::Groups, format!("Delete {}", it.name));
    let page = DeletePage {
        shell: &shell,
        it,
        dialog: false,
    };
    Ok(page::html(status, render(&page)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deleting_goes_back_to_the_list_as_it_was_and_to_nothing_else() {
        for (address, back) in [
            (
                "http://desk.example/agent-groups?q=night&page=2#top",
                "/agent-groups?q=night&page=2",
            ),
            ("/agent-groups?sort=-members", "/agent-groups?sort=-members"),
            ("/agent-groups", "/agent-groups"),
            ("", "/agent-groups"),
            ("/agents?q=night", "/agent-groups"),
            ("/agent-groups?colour=red", "/agent-groups"),
            ("//evil.example/?q=night", "/agent-groups"),
        ] {
            assert_eq!(list_at(address), back, "{address}");
        }
    }
}
