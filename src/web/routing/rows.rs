//! The rows of the three lists: what each prints, is found by and is sorted by.

use super::rules;
use super::view::{Cell, ListRow};
use crate::domain::call::filter::{CallFilter, Counted};
use crate::domain::filter::AgentFilter;
use crate::domain::ids::{AgentId, CallerIdId, DepartmentId};
use crate::domain::phone::search_digits;
use crate::domain::record::{CallerId, Department, Ivr};
use crate::domain::role::Scope;
use crate::domain::routing::filter::{Column, ListFilter};
use crate::domain::routing::{Noun, Target};
use crate::domain::show;
use crate::domain::text::{Collation, fold};
use crate::floor::{Picture, Tally};
use std::cmp::Ordering;
use std::collections::HashMap;

/// What the rows are made of.
pub struct Source<'a> {
    pub picture: &'a Picture,
    pub scope: &'a Scope,
    pub filter: &'a ListFilter,
    pub tallies: &'a HashMap<DepartmentId, Tally>,
    /// The reader may see the calls behind the counts.
    pub calls: bool,
    pub collation: Collation,
}

/// A record with what decides its place.
pub struct Item {
    pub row: ListRow,
    pub tally: Tally,
    found_by: String,
    key: Key,
}

/// Blank cells stay last whichever way the rest runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(i64),
    Text(Box<[u8]>),
    Blank,
}

impl Source<'_> {
    /// Those that match, in order; and how many there are in all.
    pub fn items(&self) -> (Vec<Item>, usize) {
        let records = self.picture.records();
        let mut items: Vec<Item> = match self.filter.noun {
            Noun::Department => {
                let sizes = self.picture.department_sizes(self.scope);
                let size = |id| sizes.get(&id).copied().unwrap_or(0);
                let departments = records.departments().iter();
                departments
                    .map(|d| self.department(d, size(d.id)))
                    .collect()
            }
            Noun::Ivr => records.ivrs().iter().map(|ivr| self.ivr(ivr)).collect(),
            Noun::CallerId => {
                let users = self.picture.caller_id_users(self.scope);
                let count = |id: CallerIdId| users.get(&id).copied().unwrap_or(0);
                let caller_ids = records.caller_ids().into_iter();
                caller_ids.map(|c| self.caller_id(c, count(c.id))).collect()
            }
        };
        let all = items.len();
        let wanted = Wanted::of(&self.filter.q);
        items.retain(|item| wanted.is_in(&item.found_by));
        // Stable: those that are alike stay in the order of their names or numbers.
        items.sort_by(|a, b| match (&a.key, &b.key) {
            (Key::Blank, Key::Blank) => Ordering::Equal,
            (Key::Blank, _) => Ordering::Greater,
            (_, Key::Blank) => Ordering::Less,
            (a, b) if self.filter.descending => b.cmp(a),
            (a, b) => a.cmp(b),
        });
        (items, all)
    }

    fn department(&self, department: &Department, members: usize) -> Item {
        let tally = self
            .tallies
            .get(&department.id)
            .copied()
            .unwrap_or_default();
        let code = department.transfer_code.as_deref().unwrap_or_default();
        let strategy = department.ring_strategy.label();
        let queue = if department.use_as_queue { "Yes" } else { "No" };
        let agents = AgentFilter {
            department: Some(department.id),
            days: self.filter.days,
            ..AgentFilter::default()
        };
        let number = |column: Column, count: i64, href: String| Cell {
            label: column.label(),
            end: true,
            text: show::count(count),
            href,
            warn: false,
        };
        let members_count = i64::try_from(members).unwrap_or(i64::MAX);
        let (answered, missed) = (tally.answered.max(0), tally.missed.max(0));
        let row = ListRow {
            id: department.id.0,
            title: department.name.clone(),
            cells: vec![
                text(Column::RingStrategy, strategy),
                text(Column::UseAsQueue, queue),
                text(Column::TransferCode, code),
                number(Column::Members, members_count, agents.link("/agents")),
                number(
                    Column::Answered,
                    answered,
                    self.calls(department.id, Counted::Answered),
                ),
                number(Column::Missed, missed, String::new()),
            ],
        };
        let key = match self.filter.sort {
            Column::RingStrategy => Key::Number(department.ring_strategy as i64),
            Column::UseAsQueue => Key::Number(i64::from(!department.use_as_queue)),
            Column::TransferCode => self.text_key(code),
            Column::Members => Key::Number(members_count),
            Column::Answered => Key::Number(answered),
            Column::Missed => Key::Number(missed),
            Column::Name
            | Column::Number
            | Column::Label
            | Column::DialplanTarget
            | Column::GoesTo
            | Column::Agents => self.text_key(&department.name),
        };
        Item {
            found_by: found_by(&[&department.name, &department.description, code, strategy]),
            row,
            tally,
            key,
        }
    }

    fn calls(&self, department: DepartmentId, counted: Counted) -> String {
        let filter = CallFilter {
            department: Some(department),
            counted: Some(counted),
            days: self.filter.days,
            ..CallFilter::default()
        };
        match self.calls {
            true => filter.link("/calls"),
            false => String::new(),
        }
    }

    fn text_key(&self, text: &str) -> Key {
        match text.is_empty() {
            true => Key::Blank,
            false => Key::Text(self.collation.key(text)),
        }
    }

    fn ivr(&self, ivr: &Ivr) -> Item {
        let row = ListRow {
            id: ivr.id.0,
            title: ivr.name.clone(),
            cells: vec![
                text(Column::TransferCode, &ivr.transfer_code),
                text(Column::DialplanTarget, &ivr.target),
            ],
        };
        let key = match self.filter.sort {
            Column::TransferCode => self.text_key(&ivr.transfer_code),
            Column::DialplanTarget => self.text_key(&ivr.target),
            Column::Name
            | Column::Number
            | Column::Label
            | Column::RingStrategy
            | Column::UseAsQueue
            | Column::GoesTo
            | Column::Members
            | Column::Agents
            | Column::Answered
            | Column::Missed => self.text_key(&ivr.name),
        };
        Item {
            found_by: found_by(&[&ivr.name, &ivr.transfer_code, &ivr.target]),
            row,
            tally: Tally::default(),
            key,
        }
    }

    fn caller_id(&self, caller_id: &CallerId, users: usize) -> Item {
        let region = self.picture.install().region;
        let shown = self.picture.records().caller_id_shown(caller_id.id);
        let shown = shown.map_or_else(String::new, |shown| shown.to(region).to_owned());
        let goes_to = target_cell(self.picture, self.scope, caller_id.goes_to);
        let users = i64::try_from(users).unwrap_or(i64::MAX);
        let key = match self.filter.sort {
            Column::Label => self.text_key(&caller_id.label),
            Column::GoesTo => self.text_key(&goes_to.text),
            Column::Agents => Key::Number(users),
            // E.164 digits order countries, then numbers.
            Column::Name
            | Column::Number
            | Column::RingStrategy
            | Column::UseAsQueue
            | Column::TransferCode
            | Column::DialplanTarget
            | Column::Members
            | Column::Answered
            | Column::Missed => {
                Key::Number(i64::try_from(caller_id.number.digits()).unwrap_or(i64::MAX))
            }
        };
        let found_by = format!(
            "{} {}",
            found_by(&[&shown, &caller_id.label, &goes_to.text]),
            caller_id.number.digits()
        );
        let row = ListRow {
            id: caller_id.id.0,
            title: shown,
            cells: vec![
                text(Column::Label, &caller_id.label),
                goes_to,
                Cell {
                    label: Column::Agents.label(),
                    end: true,
                    text: show::count(users),
                    ..Cell::default()
                },
            ],
        };
        Item {
            row,
            tally: Tally::default(),
            found_by,
            key,
        }
    }
}

/// Where calls go, with an address; a place that is gone is said to be so.
pub fn target_cell(picture: &Picture, scope: &Scope, target: Target) -> Cell {
    let hidden = match target {
        Target::Agent(id) => {
            let agent = picture.person(id).and_then(|person| person.living_agent());
            agent.is_some_and(|agent| !scope.sees(&agent.groups))
        }
        Target::Nowhere | Target::Department(_) | Target::Ivr(_) => false,
    };
    let (text, href, warn) = match (rules::name_of(picture, target), target) {
        (_, Target::Nowhere) => ("Nowhere: not answered".to_owned(), String::new(), false),
        (Some(_), _) if hidden => ("An agent".to_owned(), String::new(), false),
        (Some(name), Target::Department(id)) => (name, format!("/departments/{id}"), false),
        (Some(name), Target::Ivr(id)) => (format!("{name} (IVR)"), format!("/ivrs/{id}"), false),
        (Some(name), Target::Agent(id)) => (name, format!("/agents/{}", AgentId::of(id)), false),
        (None, _) => {
            let what = target.kind().replace("ivr", "IVR");
            (
                format!("A deleted {what}: not answered"),
                String::new(),
                true,
            )
        }
    };
    Cell {
        label: Column::GoesTo.label(),
        end: false,
        text,
        href,
        warn,
    }
}

fn text(column: Column, text: &str) -> Cell {
    Cell {
        label: column.label(),
        text: text.to_owned(),
        ..Cell::default()
    }
}

fn found_by(texts: &[&str]) -> String {
    let folded: Vec<String> = texts.iter().map(|text| fold(text)).collect();
    // Nothing that is typed has this sign, so a word is never found across two texts.
    folded.join("\u{1}")
}

/// What is looked for: all words, or the digits of a number.
struct Wanted {
    words: Vec<String>,
    digits: Option<String>,
}

impl Wanted {
    fn of(q: &str) -> Self {
        Self {
            words: fold(q).split(' ').map(str::to_owned).collect(),
            digits: search_digits(q).map(|digits| digits.trim_start_matches('0').to_owned()),
        }
    }

    fn is_in(&self, text: &str) -> bool {
        let digits = self.digits.as_ref().filter(|digits| !digits.is_empty());
        self.words.iter().all(|word| text.contains(word.as_str()))
            || digits.is_some_and(|digits| text.contains(digits.as_str()))
    }
}
