//! What the dashboard prints.

use askama::Template;

use super::chart::ChartView;
use super::guide::Guide;
use crate::domain::record::Department;
use crate::domain::show;
use crate::domain::status::AgentStatus;
use crate::floor::Tally;
use crate::web::agents::view::{grouped, label};
use crate::web::changes::Change;
use crate::web::shell::Shell;

/// The page; `as_tiles()` is what the page asks for again every ten seconds.
#[derive(Template)]
#[template(path = "dashboard.html", blocks = ["tiles"])]
pub struct DashboardPage<'a> {
    pub shell: &'a Shell,
    /// `Sun 22 Nov 2026, IST`.
    pub day: String,
    /// `14:02:11`, and the same instant as RFC 3339.
    pub as_of: String,
    pub as_of_at: String,
    pub now: Vec<Tile>,
    pub today: Today,
    /// Answered per hour; none for those who may not see calls.
    pub chart: Option<ChartView>,
    pub departments: Vec<DepartmentRow>,
    pub ending: Ending,
    /// The latest changes, for those who may read the audit log.
    pub changes: Option<Vec<Change>>,
    /// What a newcomer does first; none where agents work already.
    pub guide: Option<Guide>,
}

/// The calls of the reporting day beside those of the same weekday before.
pub struct Today {
    pub tiles: Vec<Tile>,
    /// `against Sun 15 Nov 2026 to 14:02`.
    pub against: String,
    /// `Sun 15 Nov 2026`.
    pub before: String,
}

/// A department's calls of today.
pub struct DepartmentRow {
    pub name: String,
    pub href: String,
    pub answered: u32,
    /// Address of the answered calls; empty for those who may not see calls.
    pub calls_href: String,
    pub missed: u32,
    /// `94.6%`; a dash without calls.
    pub rate: String,
    /// Width of the bar, of 200.
    pub share: String,
}

/// Blocks that lift themselves before the day ends.
pub struct Ending {
    /// The first of them.
    pub lifts: Vec<Lift>,
    pub count: usize,
}

pub struct Lift {
    pub name: String,
    pub href: String,
    /// Status word.
    pub status: &'static str,
    pub at: String,
    pub reason: String,
}

/// A number that leads to what it counts.
pub struct Tile {
    /// Ends the id of the tile.
    pub id: &'static str,
    /// Status word that colours the mark; empty for none.
    pub status: &'static str,
    pub label: &'static str,
    pub count: u32,
    /// A short line below, `51% of 1,204`; may be empty.
    pub note: String,
    pub href: &'static str,
}

/// Tiles of the agents as they are now. `count` answers for each status.
pub fn status_tiles(count: impl Fn(AgentStatus) -> u32, total: u32, on_call: u32) -> Vec<Tile> {
    let order = [
        (AgentStatus::Active, "/agents?status=active"),
        (AgentStatus::Busy, "/agents?status=busy"),
        (AgentStatus::Offline, "/agents?status=offline"),
        (AgentStatus::Blocked, "/agents?status=blocked"),
        (AgentStatus::Disabled, "/agents?status=disabled"),
        (AgentStatus::Unknown, "/agents?status=unknown"),
    ];
    order
        .into_iter()
        .map(|(status, href)| (status, href, count(status)))
        .filter(|(status, _, count)| *status != AgentStatus::Unknown || *count > 0)
        .map(|(status, href, count)| Tile {
            id: status.word(),
            status: status.word(),
            label: label(status.word()),
            count,
            note: match status {
                AgentStatus::Busy => format!("{} on a call", grouped(&on_call)),
                AgentStatus::Disabled
                | AgentStatus::Blocked
                | AgentStatus::Unknown
                | AgentStatus::Offline
                | AgentStatus::Active => share(count, total),
            },
            href,
        })
        .collect()
}

/// Tiles of the calls of the reporting day. `before`: the same weekday up to the same time.
pub fn call_tiles(today: Tally, before: Option<Tally>, calls: bool) -> Vec<Tile> {
    let href = |calls_href, list_href| if calls { calls_href } else { list_href };
    let compared = |now: i64, then: Option<i64>| match then {
        None => String::new(),
        Some(then) if then == now => "the same".to_owned(),
        Some(then) if then < now => format!("{} more", show::count(now - then)),
        Some(then) => format!("{} fewer", show::count(then - now)),
    };
    let mut tiles = vec![
        Tile {
            id: "answered",
            status: "",
            label: "Answered",
            count: today.answered.max(0) as u32,
            note: compared(today.answered, before.map(|before| before.answered)),
            href: href(
                "/calls?counted=answered",
                "/agents?days=today&sort=-calls_answered",
            ),
        },
        Tile {
            id: "missed",
            status: "",
            label: "Missed by agents",
            count: today.missed.max(0) as u32,
            note: compared(today.missed, before.map(|before| before.missed)),
            href: href("/calls?counted=missed", "/agents?days=today&sort=-missed"),
        },
    ];
    if let Some(before) = before {
        tiles[0].note.push_str(&was(before.answered));
        tiles[1].note.push_str(&was(before.missed));
    }
    tiles
}

fn was(before: i64) -> String {
    format!(" (was {})", show::count(before))
}

/// Departments with calls first, the busiest first; the others by name behind them.
pub fn department_rows<'a>(
    departments: impl Iterator<Item = (&'a Department, Tally)>,
    calls: bool,
) -> Vec<DepartmentRow> {
    let mut all: Vec<(&Department, Tally)> = departments.collect();
    all.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.answered));
    let most = all.first().map_or(0, |(_, tally)| tally.answered).max(1);
    all.into_iter()
        .map(|(department, tally)| {
            let id = department.id;
            DepartmentRow {
                name: department.name.clone(),
                href: format!("/agents?department={id}"),
                calls_href: match calls {
                    true => format!("/calls?department={id}&counted=answered"),
                    false => String::new(),
                },
                answered: tally.answered.max(0) as u32,
                missed: tally.missed.max(0) as u32,
                rate: match tally.answered + tally.missed {
                    0 => "–".to_owned(),
                    sum => format!("{:.1}%", tally.answered as f64 * 100.0 / sum as f64),
                },
                share: format!("{:.1}", tally.answered as f64 * 200.0 / most as f64),
            }
        })
        .collect()
}

fn share(count: u32, total: u32) -> String {
    match total {
        0 => String::new(),
        _ => format!(
            "{:.0}% of {}",
            f64::from(count) * 100.0 / f64::from(total),
            grouped(&total)
        ),
    }
}
