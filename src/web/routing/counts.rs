//! Calls answered and missed of departments, in the reader's scope.

use crate::domain::day_range::DaySpan;
use crate::domain::ids::{DepartmentId, UserId};
use crate::domain::role::Scope;
use crate::floor::Tally;
use crate::store::count;
use crate::web::error::AppError;
use crate::web::state::AppState;
use actix_web::web;
use std::collections::HashMap;

/// Each department's own counts; within a scope of groups those of its agents alone. Departments without calls
/// may be left out.
pub async fn by_department(
    state: &web::Data<AppState>,
    scope: &Scope,
    span: DaySpan,
) -> Result<HashMap<DepartmentId, Tally>, AppError> {
    if scope.is_all() {
        state.floor.loaded(span).await;
        if !state.floor.needs_older(span) {
            return Ok(state.floor.picture().department_tallies(span));
        }
    }
    let generation = generation(state);
    let scope = scope.clone();
    let rows = state
        .read(move |conn| count::by_department(conn, generation, span, &scope))
        .await?;
    let tally = |(id, answered, missed)| (DepartmentId(id), Tally { answered, missed });
    Ok(rows.into_iter().map(tally).collect())
}

/// Who answered and missed how many of a department's calls.
pub(super) async fn in_department(
    state: &web::Data<AppState>,
    department: DepartmentId,
    span: DaySpan,
) -> Result<HashMap<UserId, Tally>, AppError> {
    let generation = generation(state);
    let rows = state
        .read(move |conn| count::in_department(conn, generation, span, department.0))
        .await?;
    let tally = |(id, answered, missed)| (UserId(id), Tally { answered, missed });
    Ok(rows.into_iter().map(tally).collect())
}

fn generation(state: &web::Data<AppState>) -> i32 {
    state.floor.picture().install().count_generation
}
