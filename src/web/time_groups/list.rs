//! `GET /time-groups`: all time groups, which of them are open, and how many agents follow each.

use super::view::{ListPage, ListView, NowView, RowView};
use super::{agents_href, may_change};
use crate::domain::ids::TimeGroupId;
use crate::domain::show;
use crate::domain::text::{Collation, fold};
use crate::domain::time::Timestamp;
use crate::domain::time_group::filter::{Column, ListFilter};
use crate::domain::time_group::{Standing, TimeGroup};
use crate::store::time_group::{self, Stored};
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use std::collections::HashMap;

/// A time group with what lists say about it.
pub struct Listed {
    pub stored: Stored,
    pub standing: Standing,
    /// Agents in the reader's scope who follow it.
    pub agents: usize,
}

impl Listed {
    pub fn of(stored: Stored, now: Timestamp, agents: &HashMap<TimeGroupId, usize>) -> Self {
        Self {
            standing: stored.details.hours().standing(now),
            agents: agents.get(&stored.id).copied().unwrap_or(0),
            stored,
        }
    }
}

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let (filter, bad) = match ListFilter::parse(req.query_string(), &[]) {
        Ok(filter) => (filter, Vec::new()),
        Err(bad) => (bad.filter, bad.bad),
    };
    let now = state.clock.now();
    let stored = state.read(time_group::all).await?;
    let all = stored.len();
    let (listed, status) = match bad.is_empty() {
        true => {
            let agents = state.floor.picture().by_time_group(&user.scope);
            (matching(stored, &filter, now, &agents), StatusCode::OK)
        }
        false => (Vec::new(), StatusCode::BAD_REQUEST),
    };
    let (total, per) = (listed.len(), filter.per.rows());
    let last = u32::try_from(total.div_ceil(per)).unwrap_or(u32::MAX);
    let filter = filter.at(filter.page.min(last));
    let here = listed
        .iter()
        .skip((filter.page as usize - 1) * per)
        .take(per);
    let view = ListView {
        rows: here.map(|listed| row(listed, now)).collect(),
        filter: &filter,
        bad: &bad,
        last,
        total,
        all,
        may_change: may_change(user.permissions, &user.scope),
    };
    let shell = user.shell(&req, &state);
    let shell = shell.page(shell::Page::TimeGroups, "Time groups");
    if partial {
        let page = ListPage {
            shell: &shell,
            page: &view,
        };
        return Ok(page::html(status, render(&page.as_list())?));
    }
    let (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    let page = ListPage {
        shell: &shell,
        page: &view,
    };
    let response = page::html(status, render(&page)?);
    Ok(flash::cleared(response, flashed, &req))
}

/// Those that the filter selects, in its order.
pub fn matching(
    stored: Vec<Stored>,
    filter: &ListFilter,
    now: Timestamp,
    agents: &HashMap<TimeGroupId, usize>,
) -> Vec<Listed> {
    // Zones are written America/New_York, and looked for with a space as well.
    let wanted = fold(&filter.q.replace('_', " "));
    let found = |stored: &Stored| {
        let texts = format!("{} {}", stored.details.name, stored.details.zone.name());
        let text = fold(&texts.replace('_', " "));
        wanted.split(' ').all(|word| text.contains(word))
    };
    let mut listed: Vec<Listed> = stored
        .into_iter()
        .filter(found)
        .map(|stored| Listed::of(stored, now, agents))
        .collect();
    // What is alike stays in the order of names, whichever way the column is turned.
    let collation = Collation::new();
    listed.sort_by_cached_key(|it| (collation.key(&it.stored.details.name), it.stored.id));
    match filter.sort {
        Column::Name if filter.descending => listed.reverse(),
        Column::Name => {}
        Column::Zone => by(&mut listed, filter, |it| it.stored.details.zone.name()),
        Column::Open => by(&mut listed, filter, |it| it.standing.order()),
        Column::Agents => by(&mut listed, filter, |it| it.agents),
    }
    listed
}

fn by<K: Ord>(listed: &mut [Listed], filter: &ListFilter, key: impl Fn(&Listed) -> K) {
    match filter.descending {
        true => listed.sort_by_key(|it| std::cmp::Reverse(key(it))),
        false => listed.sort_by_key(key),
    }
}

fn row(listed: &Listed, now: Timestamp) -> RowView {
    let Stored { id, details, .. } = &listed.stored;
    let zone = details.zone;
    RowView {
        id: id.0,
        name: details.name.clone(),
        zone: zone.name().to_owned(),
        hours: hours_said(&details.hours()),
        now: now_view(listed.standing, now, zone),
        agents: show::count(i64::try_from(listed.agents).unwrap_or(i64::MAX)),
        agents_href: agents_href(*id),
    }
}

/// Each row of hours, or that it is always open.
pub fn hours_said(hours: &TimeGroup) -> Vec<String> {
    match hours.always {
        true => vec!["Always open".to_owned()],
        false => hours.rows.iter().map(ToString::to_string).collect(),
    }
}

pub fn now_view(standing: Standing, now: Timestamp, zone: chrono_tz::Tz) -> NowView {
    NowView {
        open: standing.open,
        word: standing.word(),
        next: standing.next(now, zone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time_group::{Details, Row, Weekdays};

    fn stored(id: i64, name: &str, zone: chrono_tz::Tz, from: u16) -> Stored {
        Stored {
            id: TimeGroupId(id),
            details: Details {
                name: name.to_owned(),
                zone,
                rows: vec![Row::new(Weekdays::ALL, from, from + 60).unwrap()],
                ..Details::default()
            },
            version: 1,
        }
    }

    #[test]
    fn groups_are_found_by_name_and_zone_and_sorted_by_every_column() {
        use chrono_tz::{America::New_York, Asia::Kolkata, Europe::London};
        let all = || {
            vec![
                stored(1, "night", Kolkata, 1_320),
                stored(2, "Day", London, 540),
                stored(3, "Émigré desk", New_York, 540),
            ]
        };
        // 09:30 in London, 15:00 in India, 04:30 in New York.
        let now = Timestamp(1_795_339_800_000_000);
        let agents = HashMap::from([(TimeGroupId(1), 7), (TimeGroupId(3), 7)]);
        let found = |query: &str| -> Vec<i64> {
            let filter = ListFilter::parse(query, &[]).unwrap();
            let listed = matching(all(), &filter, now, &agents);
            listed.iter().map(|it| it.stored.id.0).collect()
        };
        for (query, expected) in [
            ("", vec![2, 3, 1]),
            ("sort=-name", vec![1, 3, 2]),
            ("sort=time_zone", vec![3, 1, 2]),
            ("sort=open_now", vec![2, 3, 1]),
            ("sort=-agents", vec![3, 1, 2]),
            ("sort=agents", vec![2, 3, 1]),
            ("q=DAY", vec![2]),
            ("q=emigre+new+york", vec![3]),
            ("q=America/New_York", vec![3]),
            ("q=kolkata", vec![1]),
            ("q=mars", vec![]),
        ] {
            assert_eq!(found(query), expected, "{query}");
        }
    }
}
