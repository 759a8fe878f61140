//! The days that a page counts.

use crate::domain::day_range::DaySpan;
use crate::domain::filter::AgentFilter;
use crate::domain::install::Install;
use crate::domain::time::Timestamp;
use crate::floor::Older;
use crate::web::error::AppError;
use crate::web::state::AppState;
use actix_web::web;

/// The days of the filter, in the install's calendar.
pub fn span(install: &Install, filter: &AgentFilter, now: Timestamp) -> DaySpan {
    filter
        .days
        .resolve(install.calendar.day_of(now), install.pay_cycle_day)
}

/// Waits until the days are loaded, and asks the database for those that memory does not keep.
pub async fn load(state: &web::Data<AppState>, span: DaySpan) -> Result<Older, AppError> {
    state.floor.loaded(span).await;
    if !state.floor.needs_older(span) {
        return Ok(Older::new());
    }
    let floor = state.floor.clone();
    Ok(web::block(move || floor.older(span)).await??)
}
