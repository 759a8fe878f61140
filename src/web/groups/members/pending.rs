//! What Save would change, in names and numbers.

use crate::domain::ids::{AgentId, UserId};
use crate::domain::role::Scope;
use crate::domain::show;
use crate::floor::Picture;
use crate::store::group::members::Clash;
use crate::store::selection::Draft;
use askama::Template;

/// So many names are listed of each.
const LISTED: usize = 30;

/// The panel alone, for the page that is open.
#[derive(Template)]
#[template(path = "groups/pending.html")]
pub struct PendingPart<'a> {
    pub pending: &'a Pending,
}

/// The panel beside the list.
#[derive(Debug, Default)]
pub struct Pending {
    /// Key of the group.
    pub group: i64,
    pub joins: Side,
    pub leaves: Side,
    /// How many agents the group has now, and after: `1,204`.
    pub now: String,
    pub after: String,
    /// The first of those who leave and are in no other group, and how many there are.
    pub lonely: Vec<String>,
    pub lonely_count: usize,
    /// The reader sees only groups of her own.
    pub own_groups: bool,
    /// Decided by somebody else meanwhile.
    pub clashes: Vec<ClashRow>,
}

/// Who comes, or who goes.
#[derive(Debug, Default)]
pub struct Side {
    pub count: usize,
    pub first: Vec<Named>,
}

#[derive(Debug)]
pub struct Named {
    pub agent_id: String,
    pub name: String,
}

#[derive(Debug)]
pub struct ClashRow {
    pub agent_id: String,
    pub name: String,
    pub joins: bool,
    pub by: String,
    /// `14:02`.
    pub at: String,
}

impl Pending {
    pub fn of(picture: &Picture, scope: &Scope, draft: &Draft, clashes: &[Clash]) -> Self {
        let members = picture.group_members(draft.group);
        let is_in = |id: &UserId| members.binary_search(id).is_ok();
        let there = |id: &UserId| picture.status_of(*id).is_some();
        let difference = &draft.difference;
        let add = difference.add.iter().filter(|id| !is_in(id) && there(id));
        let remove = difference.remove.iter().filter(|id| is_in(id));
        let add: Vec<UserId> = add.copied().collect();
        let remove: Vec<UserId> = remove.copied().collect();
        let lonely = picture.only_in(draft.group, scope, &remove);
        let zone = picture.install().calendar.zone;
        let clash = |clash: &Clash| ClashRow {
            agent_id: AgentId::of(clash.agent).to_string(),
            name: clash.name.clone(),
            joins: clash.joins,
            by: clash.by.clone(),
            at: show::hour_and_minute(clash.at, zone),
        };
        Self {
            group: draft.group.0,
            now: show::count(members.len() as i64),
            after: show::count((members.len() + add.len() - remove.len()) as i64),
            lonely: lonely.iter().take(3).map(|id| name(picture, *id)).collect(),
            lonely_count: lonely.len(),
            own_groups: !scope.is_all(),
            clashes: clashes.iter().map(clash).collect(),
            joins: side(picture, &add),
            leaves: side(picture, &remove),
        }
    }

    pub fn count(&self) -> usize {
        self.joins.count + self.leaves.count
    }

    /// The agents who are asked about, joined by commas.
    pub fn asked(&self) -> String {
        let ids: Vec<&str> = self.clashes.iter().map(|c| c.agent_id.as_str()).collect();
        ids.join(",")
    }

    pub fn more_lonely(&self) -> usize {
        self.lonely_count - self.lonely.len()
    }
}

impl Side {
    pub fn said(&self) -> String {
        crate::web::agents::acts::words::agents(self.count)
    }

    pub fn more(&self) -> String {
        match self.count - self.first.len() {
            0 => String::new(),
            more => show::count(more as i64),
        }
    }
}

fn side(picture: &Picture, agents: &[UserId]) -> Side {
    let named = |id: &UserId| Named {
        agent_id: AgentId::of(*id).to_string(),
        name: name(picture, *id),
    };
    Side {
        count: agents.len(),
        first: agents.iter().take(LISTED).map(named).collect(),
    }
}

fn name(picture: &Picture, id: UserId) -> String {
    let person = picture.person(id);
    person.map_or_else(
        || AgentId::of(id).to_string(),
        |person| person.name.to_string(),
    )
}
