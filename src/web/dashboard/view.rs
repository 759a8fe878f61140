//! What the dashboard prints.

use askama::Template;

use crate::domain::status::AgentStatus;
use crate::web::agents::view::{grouped, label};
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
    pub today: Vec<Tile>,
    /// What a newcomer to the demo should try; empty outside the demo.
    pub tries: &'static [Try],
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

/// One thing to try in the demo.
pub struct Try {
    pub title: &'static str,
    pub text: &'static str,
    pub href: &'static str,
}

/// The pages that exist decide how many there are: each piece of work adds its line.
pub static TRIES: &[Try] = &[
    Try {
        title: "Open Agents in two tabs and watch a simulated call tick up",
        text: "An agent turns Busy when a simulated customer is answered, and Calls Answered rises in both tabs.",
        href: "/agents?status=busy&sort=-calls_answered",
    },
    Try {
        title: "Block somebody, “sick, until end of shift”, with the list open in a second tab",
        text: "Press ⋯ in a row: it turns red in the other tab too, with your name, the reason and the time that is left. Undo is one press away, and one block that is there already lifts itself within two minutes of the start.",
        href: "/agents?status=active",
    },
];

pub fn try_title(count: usize) -> &'static str {
    match count {
        1 => "Try this",
        2 => "Try these two",
        3 => "Try these three",
        4 => "Try these four",
        _ => "Try these five",
    }
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

/// Tiles of the calls of the reporting day.
pub fn today_tiles(answered: u32, missed: u32) -> Vec<Tile> {
    let rate = match answered + missed {
        0 => String::new(),
        calls => format!(
            "{:.1}% of calls",
            f64::from(answered) * 100.0 / f64::from(calls)
        ),
    };
    vec![
        Tile {
            id: "answered",
            status: "",
            label: "Answered",
            count: answered,
            note: rate,
            href: "/agents?days=today&sort=-calls_answered",
        },
        Tile {
            id: "missed",
            status: "",
            label: "Missed",
            count: missed,
            note: "callers who left unanswered".to_owned(),
            href: "/agents?days=today&sort=-missed",
        },
    ]
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
