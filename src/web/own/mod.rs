//! What everyone has for themselves: their own page, their duty, the directory.

pub mod directory;
pub mod duty;
pub mod show;

use crate::domain::role::Permission;
use crate::web::extract::CurrentUser;

/// The own page.
pub const PATH: &str = "/me";

/// Where someone begins who may not see the dashboard; None: nowhere that is known here.
pub fn home(user: &CurrentUser) -> Option<&'static str> {
    let places = [
        (Permission::OwnPage, PATH),
        (Permission::Directory, "/directory"),
        (Permission::FeatureCodes, "/feature-codes"),
        (Permission::CallsRead, "/calls"),
        (Permission::UsersRead, "/users"),
        (Permission::AuditRead, "/audit"),
        (Permission::SettingsRead, "/settings"),
    ];
    let place = places.into_iter().find(|(right, _)| user.may(*right));
    place.map(|(_, path)| path)
}
