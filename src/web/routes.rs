//! The table of every address: method, path, who may, handler.
//!
//! A new route is a new line; what has no line does not exist. Lines with fixed words stand before
//! lines with `{…}` in the same place, since the first match wins.

use crate::domain::role::Permission::*;
use crate::web::error::AppError;
use crate::web::middleware::access::{self, Access, Access::*, Gate};
use crate::web::{
    account, agents, api, assets, audit, calls, check, dashboard, feature_codes, groups, health,
    keys, mail_server, operations, own, roles, routing, sessions, settings, setup, shell,
    sign_in_rules, time_groups, users,
};
use actix_web::dev::HttpServiceFactory;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{HttpMessage, HttpRequest, Route, guard, web};
use std::rc::Rc;

/// One line of the table.
pub struct Line {
    pub method: Method,
    /// As the router reads it: `/agents/{id}`.
    pub path: &'static str,
    pub access: Access,
    handler: fn() -> Route,
}

macro_rules! lines {
    ($($method:ident $path:literal $access:expr => $handler:path;)+) => {
        vec![$(Line {
            method: Method::$method,
            path: $path,
            access: $access,
            handler: || web::to($handler),
        }),+]
    };
}

/// Every route there is.
pub fn table() -> Vec<Line> {
    lines! {
        GET  "/healthz"               Public => health::alive;
        GET  "/readyz"                Public => health::ready;
        GET  "/static/{name}"         Public => assets::show;
        GET  "/favicon.ico"           Public => assets::favicon;
        GET  "/sign-in"               Public => sessions::sign_in::show;
        POST "/sign-in"               Public => sessions::sign_in::create;
        POST "/sign-in/factor"        Public => sessions::second_step::create;
        POST "/sign-out"              Public => sessions::sign_out::create;
        GET  "/forgotten"             Public => sessions::forgotten::show;
        POST "/forgotten"             Public => sessions::forgotten::create;
        GET  "/set-up"                Public => setup::show;
        POST "/set-up"                Public => setup::create;
        GET  "/password"              Public => sessions::password_link::show;
        POST "/password"              Public => sessions::password_link::create;
        POST "/theme"                 Public => shell::set_theme;
        GET  "/"                      SignedIn => dashboard::show::show;
        GET  "/me"                    Needs(OwnPage) => own::show::show;
        POST "/me/duty"               Needs(OwnDuty) => own::duty::update;
        GET  "/directory"             Needs(Directory) => own::directory::index;
        GET  "/agents"                Needs(AgentsRead) => agents::list::index;
        POST "/agents"                Needs(AgentsWrite) => agents::edit::create::create;
        POST "/agents/bulk"           Needs(AgentsState) => agents::acts::bulk::create;
        GET  "/agents/deleted"        Needs(AgentsDelete) => agents::acts::deleted::index;
        GET  "/agents/export.csv"     Needs(Exports) => agents::export::csv;
        GET  "/agents/export.xlsx"    Needs(Exports) => agents::export::xlsx;
        GET  "/agents/days"           Needs(AgentsRead) => agents::range::show;
        GET  "/agents/legend"         Needs(AgentsRead) => agents::legend::show;
        GET  "/agents/filters"        Needs(AgentsRead) => agents::filters::show;
        GET  "/agents/new"            Needs(AgentsWrite) => agents::edit::create::new;
        GET  "/agents/view"           Needs(AgentsRead) => agents::preferences::show;
        POST "/agents/view"           Needs(AgentsRead) => agents::preferences::update;
        DELETE "/agents/{id}"         Needs(AgentsDelete) => agents::acts::resource::delete;
        POST "/agents/{id}"           Needs(AgentsWrite) => agents::edit::update::update;
        GET  "/agents/{id}/acts"      Needs(AgentsState) => agents::acts::show::show;
        POST "/agents/{id}/acts"      Needs(AgentsState) => agents::acts::show::create;
        PUT  "/agents/{id}/block"     Needs(AgentsState) => agents::acts::resource::block;
        DELETE "/agents/{id}/block"   Needs(AgentsState) => agents::acts::resource::unblock;
        PUT  "/agents/{id}/disable"   Needs(AgentsState) => agents::acts::resource::disable;
        DELETE "/agents/{id}/disable" Needs(AgentsState) => agents::acts::resource::enable;
        POST "/agents/{id}/restore"   Needs(AgentsDelete) => agents::acts::deleted::restore;
        GET  "/agents/{id}/edit"      Needs(AgentsWrite) => agents::edit::show::edit;
        GET  "/agents/{id}/edit/news" Needs(AgentsWrite) => agents::edit::show::news;
        GET  "/agents/{id}/row"       Needs(AgentsRead) => agents::edit::show::row;
        POST "/operations/{operation}/undo" SignedIn => operations::undo::create;
        GET  "/agents/{id}"           Needs(AgentsRead) => agents::show::show;
        GET  "/agent-groups"          Needs(AgentsRead) => groups::list::index;
        POST "/agent-groups"          Needs(GroupsWrite) => groups::edit::create;
        GET  "/agent-groups/new"      Needs(GroupsWrite) => groups::edit::new;
        GET  "/agent-groups/{id}"     Needs(AgentsRead) => groups::show::show;
        POST "/agent-groups/{id}"     Needs(GroupsWrite) => groups::edit::update;
        DELETE "/agent-groups/{id}"   Needs(GroupsWrite) => groups::delete::delete;
        GET  "/agent-groups/{id}/agents" Needs(GroupsWrite) => groups::members::show;
        POST "/agent-groups/{id}/agents" Needs(GroupsWrite) => groups::members::update;
        POST "/agent-groups/{id}/agents/preview" Needs(GroupsWrite) => groups::members::preview;
        GET  "/agent-groups/{id}/delete" Needs(GroupsWrite) => groups::delete::show;
        GET  "/agent-groups/{id}/edit" Needs(GroupsWrite) => groups::edit::edit;
        GET  "/calls/export.csv"      Needs(Exports) => calls::export::csv;
        GET  "/calls"                 Needs(CallsRead) => calls::list::index;
        GET  "/feature-codes"         Needs(FeatureCodes) => feature_codes::show;
        GET  "/feature-codes/sheet"   Needs(FeatureCodes) => feature_codes::sheet;
        GET  "/account"               SignedIn => account::show::show;
        GET  "/account/confirm"       SignedIn => account::confirm::show;
        POST "/account/confirm"       SignedIn => account::confirm::create;
        GET  "/account/factor"        SignedIn => account::factor::show;
        POST "/account/factor"        SignedIn => account::factor::create;
        DELETE "/account/factor"      SignedIn => account::factor::delete;
        GET  "/account/factor/off"    SignedIn => account::factor::show_off;
        GET  "/account/password"      SignedIn => account::password::show;
        POST "/account/password"      SignedIn => account::password::update;
        POST "/account/recovery-codes" SignedIn => account::codes::create;
        DELETE "/account/sessions"    SignedIn => account::sessions::delete_others;
        DELETE "/account/sessions/{id}" SignedIn => account::sessions::delete;
        GET  "/settings/mail"         Needs(SettingsRead) => mail_server::show;
        POST "/settings/mail"         NeedsAll(SettingsWrite) => mail_server::update;
        DELETE "/settings/mail"       NeedsAll(SettingsWrite) => mail_server::delete;
        POST "/settings/mail/test"    NeedsAll(SettingsWrite) => mail_server::test;
        GET  "/settings/sign-in"      Needs(SettingsRead) => sign_in_rules::show;
        POST "/settings/sign-in"      NeedsAll(RolesWrite) => sign_in_rules::update;
        GET  "/roles"                 NeedsAll(RolesRead) => roles::list::index;
        POST "/roles"                 NeedsAll(RolesWrite) => roles::edit::create;
        GET  "/roles/new"             NeedsAll(RolesWrite) => roles::edit::new;
        GET  "/roles/{id}"            NeedsAll(RolesRead) => roles::show::show;
        POST "/roles/{id}"            NeedsAll(RolesWrite) => roles::edit::update;
        DELETE "/roles/{id}"          NeedsAll(RolesWrite) => roles::delete::delete;
        GET  "/roles/{id}/delete"     NeedsAll(RolesWrite) => roles::delete::show;
        GET  "/roles/{id}/edit"       NeedsAll(RolesWrite) => roles::edit::edit;
        GET  "/audit"                 Needs(AuditRead) => audit::list::index;
        GET  "/audit/export.csv"      Needs(AuditExport) => audit::export::csv;
        GET  "/settings/general"      Needs(SettingsRead) => settings::general::show;
        POST "/settings/general"      NeedsAll(SettingsWrite) => settings::general::update;
        GET  "/settings/tokens"       NeedsAll(SettingsRead) => settings::tokens::show;
        POST "/settings/tokens"       NeedsAll(TokensWrite) => settings::tokens::create;
        DELETE "/settings/tokens/{id}" NeedsAll(TokensWrite) => settings::tokens::delete;
        GET  "/settings"              Needs(SettingsRead) => settings::show;
        POST "/settings"              NeedsAll(SettingsWrite) => settings::update;
        GET  "/departments"           Needs(AgentsRead) => routing::list::index;
        POST "/departments"           NeedsAll(DepartmentsWrite) => routing::edit::create;
        GET  "/departments/deleted"   NeedsAll(DepartmentsWrite) => routing::deleted::index;
        GET  "/departments/new"       NeedsAll(DepartmentsWrite) => routing::edit::new;
        GET  "/departments/{id}"      Needs(AgentsRead) => routing::show::show;
        POST "/departments/{id}"      NeedsAll(DepartmentsWrite) => routing::edit::update;
        DELETE "/departments/{id}"      NeedsAll(DepartmentsWrite) => routing::delete::delete;
        GET  "/departments/{id}/delete" NeedsAll(DepartmentsWrite) => routing::delete::show;
        GET  "/departments/{id}/edit" NeedsAll(DepartmentsWrite) => routing::edit::edit;
        POST "/departments/{id}/restore" NeedsAll(DepartmentsWrite) => routing::deleted::restore;
        GET  "/ivrs"                  Needs(AgentsRead) => routing::list::index;
        POST "/ivrs"                  NeedsAll(IvrsWrite) => routing::edit::create;
        GET  "/ivrs/deleted"          NeedsAll(IvrsWrite) => routing::deleted::index;
        GET  "/ivrs/new"              NeedsAll(IvrsWrite) => routing::edit::new;
        GET  "/ivrs/{id}"             Needs(AgentsRead) => routing::show::show;
        POST "/ivrs/{id}"             NeedsAll(IvrsWrite) => routing::edit::update;
        DELETE "/ivrs/{id}"             NeedsAll(IvrsWrite) => routing::delete::delete;
        GET  "/ivrs/{id}/delete"      NeedsAll(IvrsWrite) => routing::delete::show;
        GET  "/ivrs/{id}/edit"        NeedsAll(IvrsWrite) => routing::edit::edit;
        POST "/ivrs/{id}/restore"     NeedsAll(IvrsWrite) => routing::deleted::restore;
        GET  "/caller-ids"            Needs(AgentsRead) => routing::list::index;
        POST "/caller-ids"            NeedsAll(CallerIdsWrite) => routing::edit::create;
        GET  "/caller-ids/deleted"    NeedsAll(CallerIdsWrite) => routing::deleted::index;
        GET  "/caller-ids/new"        NeedsAll(CallerIdsWrite) => routing::edit::new;
        GET  "/caller-ids/{id}"       Needs(AgentsRead) => routing::show::show;
        POST "/caller-ids/{id}"       NeedsAll(CallerIdsWrite) => routing::edit::update;
        DELETE "/caller-ids/{id}"       NeedsAll(CallerIdsWrite) => routing::delete::delete;
        GET  "/caller-ids/{id}/delete" NeedsAll(CallerIdsWrite) => routing::delete::show;
        GET  "/caller-ids/{id}/edit"  NeedsAll(CallerIdsWrite) => routing::edit::edit;
        POST "/caller-ids/{id}/restore" NeedsAll(CallerIdsWrite) => routing::deleted::restore;
        GET  "/keys"                  SignedIn => keys::show;
        GET  "/time-groups"           Needs(AgentsRead) => time_groups::list::index;
        POST "/time-groups"           NeedsAll(TimeGroupsWrite) => time_groups::edit::create;
        GET  "/time-groups/deleted"   NeedsAll(TimeGroupsWrite) => time_groups::deleted::index;
        GET  "/time-groups/new"       NeedsAll(TimeGroupsWrite) => time_groups::edit::new;
        GET  "/time-groups/{id}"      Needs(AgentsRead) => time_groups::show::show;
        POST "/time-groups/{id}"      NeedsAll(TimeGroupsWrite) => time_groups::edit::update;
        DELETE "/time-groups/{id}"    NeedsAll(TimeGroupsWrite) => time_groups::delete::delete;
        GET  "/time-groups/{id}/delete" NeedsAll(TimeGroupsWrite) => time_groups::delete::show;
        GET  "/time-groups/{id}/edit" NeedsAll(TimeGroupsWrite) => time_groups::edit::edit;
        POST "/time-groups/{id}/restore" NeedsAll(TimeGroupsWrite) => time_groups::deleted::restore;
        GET  "/users"                 Needs(UsersRead) => users::list::index;
        POST "/users"                 Needs(UsersWrite) => users::create::create;
        GET  "/users/deleted"         Needs(UsersWrite) => users::deleted::index;
        GET  "/users/new"             Needs(UsersWrite) => users::create::new;
        POST "/users/new"             Needs(UsersWrite) => users::create::step;
        GET  "/users/{id}"            Needs(UsersRead) => users::show::show;
        POST "/users/{id}"            Needs(UsersWrite) => users::edit::update;
        DELETE "/users/{id}"          Needs(UsersWrite) => users::acts::delete;
        GET  "/users/{id}/acts"       Needs(UsersWrite) => users::acts::show;
        POST "/users/{id}/acts"       Needs(UsersWrite) => users::acts::create;
        GET  "/users/{id}/edit"       Needs(UsersWrite) => users::edit::edit;
        POST "/users/{id}/link"       Needs(UsersWrite) => users::link::create;
        POST "/users/{id}/restore"    Needs(UsersWrite) => users::deleted::restore;
        GET  "/live"                  Stream(AgentsRead) => agents::live::show;
        GET  "/api/v1/openapi.json"   Public => api::openapi::show;
        GET  "/api/v1/agents"         Needs(AgentsRead) => api::agents::index;
        POST "/api/v1/agents"         Needs(AgentsWrite) => api::agents::change::create;
        GET  "/api/v1/agents/{id}"    Needs(AgentsRead) => api::agents::show;
        PATCH "/api/v1/agents/{id}"   Needs(AgentsWrite) => api::agents::change::update;
        DELETE "/api/v1/agents/{id}"  Needs(AgentsDelete) => api::agents::change::delete;
        PUT  "/api/v1/agents/{id}/block" Needs(AgentsState) => api::agents::acts::block;
        DELETE "/api/v1/agents/{id}/block" Needs(AgentsState) => api::agents::acts::unblock;
        PUT  "/api/v1/agents/{id}/disable" Needs(AgentsState) => api::agents::acts::disable;
        DELETE "/api/v1/agents/{id}/disable" Needs(AgentsState) => api::agents::acts::enable;
        GET  "/api/v1/agent-groups"   Needs(AgentsRead) => api::groups::index;
        POST "/api/v1/agent-groups"   Needs(GroupsWrite) => api::groups::create;
        GET  "/api/v1/agent-groups/{id}" Needs(AgentsRead) => api::groups::show;
        PATCH "/api/v1/agent-groups/{id}" Needs(GroupsWrite) => api::groups::update;
        DELETE "/api/v1/agent-groups/{id}" Needs(GroupsWrite) => api::groups::delete;
        PUT  "/api/v1/agent-groups/{id}/agents/{agent}" Needs(GroupsWrite) => api::groups::put_agent;
        DELETE "/api/v1/agent-groups/{id}/agents/{agent}" Needs(GroupsWrite) => api::groups::delete_agent;
        POST "/api/v1/dial"           Needs(FeatureCodes) => api::dial::create;
        GET  "/api/v1/time-groups"    Needs(AgentsRead) => api::time_groups::index;
        POST "/api/v1/time-groups"    NeedsAll(TimeGroupsWrite) => api::time_groups::create;
        GET  "/api/v1/time-groups/{id}" Needs(AgentsRead) => api::time_groups::show;
        PATCH "/api/v1/time-groups/{id}" NeedsAll(TimeGroupsWrite) => api::time_groups::update;
        DELETE "/api/v1/time-groups/{id}" NeedsAll(TimeGroupsWrite) => api::time_groups::delete;
        GET  "/api/v1/departments" Needs(AgentsRead) => api::routing::index;
        POST "/api/v1/departments" NeedsAll(DepartmentsWrite) => api::routing::create;
        GET  "/api/v1/departments/{id}" Needs(AgentsRead) => api::routing::show;
        PATCH "/api/v1/departments/{id}" NeedsAll(DepartmentsWrite) => api::routing::update;
        DELETE "/api/v1/departments/{id}" NeedsAll(DepartmentsWrite) => api::routing::delete;
        GET  "/api/v1/ivrs" Needs(AgentsRead) => api::routing::index;
        POST "/api/v1/ivrs" NeedsAll(IvrsWrite) => api::routing::create;
        GET  "/api/v1/ivrs/{id}" Needs(AgentsRead) => api::routing::show;
        PATCH "/api/v1/ivrs/{id}" NeedsAll(IvrsWrite) => api::routing::update;
        DELETE "/api/v1/ivrs/{id}" NeedsAll(IvrsWrite) => api::routing::delete;
        GET  "/api/v1/caller-ids" Needs(AgentsRead) => api::routing::index;
        POST "/api/v1/caller-ids" NeedsAll(CallerIdsWrite) => api::routing::create;
        GET  "/api/v1/caller-ids/{id}" Needs(AgentsRead) => api::routing::show;
        PATCH "/api/v1/caller-ids/{id}" NeedsAll(CallerIdsWrite) => api::routing::update;
        DELETE "/api/v1/caller-ids/{id}" NeedsAll(CallerIdsWrite) => api::routing::delete;
        GET  "/api/v1/users"          Needs(UsersRead) => api::users::index;
        POST "/api/v1/users"          Needs(UsersWrite) => api::users::change::create;
        GET  "/api/v1/users/{id}"     Needs(UsersRead) => api::users::show;
        PATCH "/api/v1/users/{id}"    Needs(UsersWrite) => api::users::change::update;
        DELETE "/api/v1/users/{id}"   Needs(UsersWrite) => api::users::change::delete;
        PUT  "/api/v1/users/{id}/web-login/block" Needs(UsersWrite) => api::users::change::block;
        DELETE "/api/v1/users/{id}/web-login/block" Needs(UsersWrite) => api::users::change::unblock;
        GET  "/api/v1/roles"          NeedsAll(RolesRead) => api::roles::index;
        POST "/api/v1/roles"          NeedsAll(RolesWrite) => api::roles::create;
        GET  "/api/v1/roles/{id}"     NeedsAll(RolesRead) => api::roles::show;
        PATCH "/api/v1/roles/{id}"    NeedsAll(RolesWrite) => api::roles::update;
        DELETE "/api/v1/roles/{id}"   NeedsAll(RolesWrite) => api::roles::delete;
        GET  "/api/v1/audit"          Needs(AuditRead) => api::audit::index;
        GET  "/api/v1/tokens"         NeedsAll(SettingsRead) => api::tokens::index;
        POST "/api/v1/tokens"         NeedsAll(TokensWrite) => api::tokens::create;
        DELETE "/api/v1/tokens/{id}"  NeedsAll(TokensWrite) => api::tokens::delete;
        POST "/api/v1/check/floor"    Local(SettingsRead) => check::floor;
    }
}

/// Registers the table: each address with its methods, each behind its check.
pub fn register(cfg: &mut web::ServiceConfig) {
    let mut lines = table();
    while !lines.is_empty() {
        let path = lines[0].path;
        let (here, rest): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.path == path);
        lines = rest;
        cfg.service(resource(path, here));
    }
    cfg.default_service(web::to(nothing));
}

fn resource(path: &str, lines: Vec<Line>) -> impl HttpServiceFactory + use<> {
    let gate: Gate = lines
        .iter()
        .map(|line| (line.method.clone(), line.access))
        .collect();
    let allow = allow(&gate);
    let refuse = move || {
        let allow = allow.clone();
        async move { Err::<&str, _>(AppError::MethodNotAllowed { allow }) }
    };
    let mut resource = web::resource(path);
    for line in lines {
        let route = (line.handler)();
        resource = resource.route(match line.method {
            Method::GET => route.guard(guard::Any(guard::Get()).or(guard::Head())),
            method => route.method(method),
        });
    }
    resource
        .default_service(web::to(refuse))
        .wrap(from_fn(move |req, next| {
            access::check(req, next, Rc::clone(&gate))
        }))
}

fn allow(gate: &Gate) -> String {
    let mut methods: Vec<&str> = gate.iter().map(|(method, _)| method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.join(", ")
}

/// Knows who asks, so that the page that says so stands in their shell.
async fn nothing(req: HttpRequest) -> Result<&'static str, AppError> {
    if let Some(caller) = access::caller(&req, true).await? {
        req.extensions_mut().insert(caller);
    }
    Err(AppError::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_and_method_stands_twice() {
        let lines = table();
        for (at, line) in lines.iter().enumerate() {
            let same = |other: &Line| other.path == line.path && other.method == line.method;
            assert!(
                !lines[at + 1..].iter().any(same),
                "{} {}",
                line.method,
                line.path
            );
        }
    }

    #[test]
    fn fixed_words_stand_before_placeholders() {
        let lines = table();
        for (at, line) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.path.contains('{'))
        {
            let fixed = |other: &Line| !other.path.contains('{') && covers(line.path, other.path);
            let hidden = lines[at + 1..].iter().find(|other| fixed(other));
            assert!(
                hidden.is_none(),
                "{} hides {}",
                line.path,
                hidden.unwrap().path
            );
        }
    }

    fn covers(pattern: &str, path: &str) -> bool {
        let (pattern, path): (Vec<_>, Vec<_>) =
            (pattern.split('/').collect(), path.split('/').collect());
        let fits = |(part, word): (&&str, &&str)| part.starts_with('{') || part == word;
        pattern.len() == path.len() && pattern.iter().zip(&path).all(fits)
    }
}
