//! What a file is: range, zone, filter, moment, and who took it.

use super::super::filters::in_force;
use crate::domain::day_range::{Day, DaySpan};
use crate::domain::filter::AgentFilter;
use crate::domain::role::Scope;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::floor::{Order, Picture, Tally};
use crate::web::sheet::Cell;

pub struct About {
    /// `Mon 16 – Sun 22 Nov 2026`.
    pub range: String,
    /// `Status: Busy; Department: Sales`; `all agents` for no filter.
    pub filter: String,
    zone: String,
    as_of: String,
    who: String,
    today: Day,
    agents: usize,
    left: usize,
    sum: Tally,
}

impl About {
    pub fn new(
        picture: &Picture,
        filter: &AgentFilter,
        scope: &Scope,
        span: DaySpan,
        now: Timestamp,
        who: &str,
        order: &Order,
    ) -> Self {
        let calendar = picture.install().calendar;
        let zone = calendar.zone;
        Self {
            range: show::range(span),
            filter: in_words(picture, filter, scope),
            zone: format!("{} ({})", zone.name(), show::zone_name(now, zone)),
            as_of: show::moment(now, zone),
            who: who.to_owned(),
            today: calendar.day_of(now),
            agents: order.agents.len(),
            left: order.left.len(),
            sum: order.sum(),
        }
    }

    pub fn file_name(&self, kind: &str) -> String {
        format!("rollcall-agents-{}.{kind}", self.today)
    }

    pub fn rows_said(&self) -> String {
        format!("{} agents", show::count(self.agents as i64))
    }

    /// The lines of the second sheet.
    pub fn lines(&self) -> Vec<(&'static str, Cell)> {
        let text = |text: &str| Cell::Text(text.to_owned());
        vec![
            ("Days counted", text(&self.range)),
            ("Time zone", text(&self.zone)),
            ("Filter", text(&self.filter)),
            ("As of", text(&self.as_of)),
            ("Exported by", text(&self.who)),
            ("Agents", Cell::Number(self.agents as i64)),
            ("People who left", Cell::Number(self.left as i64)),
            ("Calls answered", Cell::Number(self.sum.answered)),
            ("Missed", Cell::Number(self.sum.missed)),
        ]
    }
}

fn in_words(picture: &Picture, filter: &AgentFilter, scope: &Scope) -> String {
    let chosen = in_force(filter, picture.records(), scope);
    let chosen = chosen
        .iter()
        .map(|filter| format!("{}: {}", filter.legend, filter.value));
    let search = Some(format!("Search: {}", filter.q)).filter(|_| !filter.q.is_empty());
    let words: Vec<String> = search.into_iter().chain(chosen).collect();
    match words.is_empty() {
        true if scope.is_all() => "all agents".to_owned(),
        true => "all agents of own groups".to_owned(),
        false => words.join("; "),
    }
}
