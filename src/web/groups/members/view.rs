//! What the page of picking agents prints.

use super::pending::Pending;
use super::posted::Show;
use crate::domain::day_range::DaySpan;
use crate::domain::filter::AgentFilter;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::record::Group;
use crate::domain::role::Scope;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::floor::{Older, Picture};
use crate::store::selection::Draft;
use crate::web::agents::filters::{Filter, filters};
use crate::web::agents::view::Badge;
use crate::web::shell::Shell;
use askama::Template;

#[derive(Template)]
#[template(path = "groups/members.html")]
pub struct MembersPage<'a> {
    pub shell: &'a Shell,
    pub page: &'a MembersView<'a>,
}

/// Those who match alone, for a page on which somebody searches.
#[derive(Template)]
#[template(path = "groups/found_part.html")]
pub struct FoundPart<'a> {
    pub page: &'a MembersView<'a>,
}

/// Whose page it is.
pub struct Whom<'a> {
    pub picture: &'a Picture,
    pub scope: &'a Scope,
    pub now: Timestamp,
}

pub struct MembersView<'a> {
    pub id: i64,
    pub name: &'a str,
    pub filter: &'a AgentFilter,
    pub show: Show,
    pub filters: Vec<Filter<'a>>,
    pub rows: Vec<MemberRow<'a>>,
    /// How many match: `8,012`.
    pub shown: String,
    pub shown_count: usize,
    pub page: u32,
    pub last: u32,
    /// The rows that were members when the page was made, and the others, joined by commas.
    pub shown_in: String,
    pub shown_out: String,
    /// The draft that the page is of; empty for none.
    pub draft: String,
    pub version: i64,
    pub opened: i64,
    pub pending: Pending,
}

pub struct MemberRow<'a> {
    pub agent_id: String,
    pub name: &'a str,
    pub designation: &'a str,
    pub status: Badge,
    pub ticked: bool,
    /// Was a member when the page was made.
    pub member: bool,
}

impl<'a> MembersView<'a> {
    pub fn new(
        whom: &Whom<'a>,
        group: &'a Group,
        filter: &'a AgentFilter,
        show: Show,
        draft: &Draft,
        pending: Pending,
    ) -> Self {
        let picture = whom.picture;
        let members = picture.group_members(group.id);
        let today = picture.install().calendar.day_of(whom.now);
        let order = picture.order(filter, whom.scope, DaySpan::one(today), &Older::new());
        let all: Vec<UserId> = order.agents.into_iter().map(|(id, _)| id).collect();
        let all = show.of(all, &members);
        let per = filter.per.rows();
        let last = all.len().div_ceil(per).max(1);
        let page = (filter.page as usize).clamp(1, last);
        let here: Vec<UserId> = all
            .iter()
            .skip((page - 1) * per)
            .take(per)
            .copied()
            .collect();
        let is_in = |id: &UserId| members.binary_search(id).is_ok();
        let (shown_in, shown_out): (Vec<UserId>, Vec<UserId>) =
            here.iter().copied().partition(is_in);
        let row = |id: &UserId| row(picture, *id, is_in(id), draft);
        Self {
            id: group.id.0,
            name: &group.name,
            filters: filters(filter, picture.records(), whom.scope),
            filter,
            show,
            rows: here.iter().filter_map(row).collect(),
            shown: show::count(all.len() as i64),
            shown_count: all.len(),
            page: page as u32,
            last: last as u32,
            shown_in: joined(&shown_in),
            shown_out: joined(&shown_out),
            draft: String::new(),
            version: draft.seen.version,
            opened: draft.seen.at.0,
            pending,
        }
    }

    /// For those who don't see the list change.
    pub fn said(&self) -> String {
        match self.shown_count {
            1 => "1 agent matches".to_owned(),
            _ => format!("{} agents match", self.shown),
        }
    }

    pub fn shows(&self) -> [(&'static str, &'static str, bool); 3] {
        Show::ALL.map(|show| (show.word(), show.label(), show == self.show))
    }
}

fn row<'p>(picture: &'p Picture, id: UserId, member: bool, draft: &Draft) -> Option<MemberRow<'p>> {
    let person = picture.person(id)?;
    let difference = &draft.difference;
    let joins = difference.add.binary_search(&id).is_ok();
    let leaves = difference.remove.binary_search(&id).is_ok();
    Some(MemberRow {
        agent_id: AgentId::of(id).to_string(),
        name: &person.name,
        designation: &person.designation,
        status: Badge::new(picture.status_of(id)?.word()),
        ticked: joins || (member && !leaves),
        member,
    })
}

fn joined(agents: &[UserId]) -> String {
    let ids: Vec<String> = agents
        .iter()
        .map(|id| AgentId::of(*id).to_string())
        .collect();
    ids.join(",")
}
