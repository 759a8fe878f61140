//! The audit log: who did what, when and from where. Nothing here can change it.

pub mod export;
pub mod list;
mod view;
pub mod words;

use crate::domain::audit::filter::AuditFilter;
use crate::domain::ids::UserId;
use crate::domain::role::Scope;
use crate::store::audit::Asked;
use crate::web::state::AppState;

/// What a reader asks, with the days as instants in the install's zone.
pub fn asked(
    state: &AppState,
    scope: &Scope,
    reader: Option<UserId>,
    filter: AuditFilter,
) -> Asked {
    let picture = state.floor.picture();
    let install = picture.install();
    let today = install.calendar.day_of(state.clock.now());
    let within = filter.days.map(|days| {
        let span = days.resolve(today, install.pay_cycle_day);
        install.calendar.span_bounds(span)
    });
    Asked {
        filter,
        scope: scope.clone(),
        reader,
        within,
    }
}
