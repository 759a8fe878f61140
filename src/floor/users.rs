//! Answers the list of users: all living people, agents or not, without the database.

use super::bits::Bits;
use super::picture::{Numbers, Picture};
use super::rank::BLANK;
use super::records::Records;
use super::sorting::{Keyed, cut_out};
use crate::domain::ids::{RoleId, UserId};
use crate::domain::install::Install;
use crate::domain::person::{Agent, Person, WebLoginStatus};
use crate::domain::role::Scope;
use crate::domain::status::{AgentStatus, Causes, ExtensionStatus};
use crate::domain::time::Timestamp;
use crate::domain::user_filter::{Calling, UserColumn, UserFilter, UserSort};

/// One row of the list, borrowed from the picture.
pub struct UserRow<'a> {
    pub person: &'a Person,
    pub web_login: WebLoginStatus,
    pub numbers: &'a Numbers,
    /// None: not a calling agent.
    pub agent: Option<AgentFacet<'a>>,
}

/// What a calling agent's row says beside.
pub struct AgentFacet<'a> {
    pub agent: &'a Agent,
    pub causes: Causes,
    pub status: AgentStatus,
    pub extension: ExtensionStatus,
}

/// A page of the list and what is said around it.
pub struct UsersPage<'a> {
    pub rows: Vec<UserRow<'a>>,
    /// Users that match.
    pub total: usize,
    /// Users in the reader's scope, and how many of them are calling agents.
    pub in_scope: usize,
    pub calling: usize,
    /// The page shown, from 1; the last one when the filter asked for a later one.
    pub page: usize,
    pub pages: usize,
    pub records: &'a Records,
    pub install: &'a Install,
}

/// A piece of the list, for readers that take it one after the other.
pub struct UserSlice<'a> {
    pub rows: Vec<UserRow<'a>>,
    /// Users that match, on whatever piece.
    pub total: usize,
    /// There are rows behind these.
    pub more: bool,
}

impl Picture {
    /// The page that the filter asks for; `now` decides who is locked.
    pub fn users(&self, filter: &UserFilter, scope: &Scope, now: Timestamp) -> UsersPage<'_> {
        let visible = self.visible_users(scope);
        let in_scope = visible.len();
        let mut calling = visible.clone();
        calling.and(&self.agents);
        let calling = calling.len();
        let per = filter.per.rows();
        let place = |total: usize| {
            let pages = total.div_ceil(per).max(1);
            ((filter.page as usize).clamp(1, pages), pages)
        };
        let as_it_opens = !filter.is_narrowed() && filter.sort == UserSort::default();
        let (total, cut) = match as_it_opens {
            // Everyone in sight by name, an order that is kept.
            true => {
                let skip = (place(in_scope).0 - 1) * per;
                (in_scope, self.by_name(&visible, skip, per))
            }
            false => {
                let slots = self.select_users(filter, visible, now);
                let keyed = self.keyed_users(&slots, filter.sort, now);
                let skip = (place(slots.len()).0 - 1) * per;
                (slots.len(), cut_out(keyed, skip, per))
            }
        };
        let (page, pages) = place(total);
        UsersPage {
            rows: cut
                .into_iter()
                .map(|slot| self.user_at(slot, now))
                .collect(),
            total,
            in_scope,
            calling,
            page,
            pages,
            records: &self.records,
            install: &self.install,
        }
    }

    /// Up to `limit` rows behind the person `after`, or the first ones. The person keeps a place in the
    /// order also when no longer in the list.
    pub fn users_slice(
        &self,
        filter: &UserFilter,
        scope: &Scope,
        now: Timestamp,
        after: Option<UserId>,
        limit: usize,
    ) -> UserSlice<'_> {
        let slots = self.select_users(filter, self.visible_users(scope), now);
        let total = slots.len();
        let mut keyed = self.keyed_users(&slots, filter.sort, now);
        if let Some(slot) = after.and_then(|id| self.slot(id)) {
            let last = self.keyed_users(&[slot], filter.sort, now);
            keyed.retain(|key| last.iter().all(|last| key > last));
        }
        let more = keyed.len() > limit;
        let cut = cut_out(keyed, 0, limit);
        UserSlice {
            rows: cut
                .into_iter()
                .map(|slot| self.user_at(slot, now))
                .collect(),
            total,
            more,
        }
    }

    /// A living user, if the scope sees them: whoever is held to groups sees the agents in these.
    pub fn user(&self, id: UserId, scope: &Scope, now: Timestamp) -> Option<UserRow<'_>> {
        let slot = self.slot(id)?;
        let person = &self.people[slot as usize];
        let agent = person.living_agent();
        let seen = match scope {
            Scope::All => !person.deleted,
            Scope::Groups(_) => agent.is_some_and(|agent| scope.sees(&agent.groups)),
        };
        seen.then(|| self.user_at(slot, now))
    }

    fn visible_users(&self, scope: &Scope) -> Bits {
        let Scope::Groups(groups) = scope else {
            return self.users.clone();
        };
        let mut visible = Bits::none(self.people.len());
        groups
            .iter()
            .for_each(|group| visible.or(self.groups.of(group.0)));
        visible.and(&self.agents);
        visible
    }

    fn select_users(&self, filter: &UserFilter, mut found: Bits, now: Timestamp) -> Vec<u32> {
        if !filter.q.trim().is_empty() {
            found.and(&self.search.find(&filter.q));
        }
        if filter.calling_agent == Some(Calling::Yes)
            || filter.status.is_some()
            || filter.extension.is_some()
        {
            found.and(&self.agents);
        }
        let fits = |slot: &u32| {
            let causes = || self.hot[*slot as usize].causes(&self.records, self.source_alive);
            (filter.calling_agent != Some(Calling::No) || !self.agents.has(*slot))
                && (filter.status.is_none() || self.statuses.of(*slot) == filter.status)
                && filter
                    .extension
                    .is_none_or(|wanted| causes().extension_status() == wanted)
                && filter
                    .role
                    .is_none_or(|role| self.hot[*slot as usize].role() == role)
                && filter
                    .web_login
                    .is_none_or(|wanted| self.web_login(*slot, now) == wanted)
        };
        found.iter().filter(fits).collect()
    }

    fn keyed_users(&self, slots: &[u32], sort: UserSort, now: Timestamp) -> Vec<Keyed> {
        let of_agent = |slot: u32, key: u64| match self.agents.has(slot) {
            true => key,
            false => BLANK,
        };
        let pair = |key: &dyn Fn(u32) -> u64| self.pair(slots, sort.descending, key);
        match sort.column {
            UserColumn::Name => pair(&|slot| self.ranks.name.key(slot)),
            UserColumn::CallForwardNumber => {
                pair(&|slot| of_agent(slot, self.keys.forwarding[slot as usize]))
            }
            UserColumn::Email => pair(&|slot| self.ranks.email.key(slot)),
            UserColumn::Role => {
                let place = self.role_places();
                pair(&|slot| place(self.hot[slot as usize].role()))
            }
            UserColumn::AgentStatus => {
                pair(&|slot| self.statuses.of(slot).map_or(BLANK, |status| status as u64))
            }
            UserColumn::AgentExtension => {
                pair(&|slot| of_agent(slot, self.keys.extension[slot as usize]))
            }
            UserColumn::WebLogin => pair(&|slot| self.web_login(slot, now) as u64),
            UserColumn::CallingAgent => pair(&|slot| u64::from(!self.agents.has(slot))),
        }
    }

    /// The place of each role by its key, the built-in ones first.
    fn role_places(&self) -> impl Fn(RoleId) -> u64 {
        let roles = self.records.roles();
        let at = |id: RoleId| usize::try_from(id.0).unwrap_or(0);
        let last = roles.iter().map(|role| at(role.id)).max().unwrap_or(0);
        let mut places = vec![BLANK; last + 1];
        for (place, role) in (0..).zip(roles) {
            places[at(role.id)] = place;
        }
        move |id| places.get(at(id)).copied().unwrap_or(BLANK)
    }

    /// Locks end by themselves, so the person is asked, but only one who was ever locked.
    fn web_login(&self, slot: u32, now: Timestamp) -> WebLoginStatus {
        let hot = self.hot[slot as usize];
        let locked_until = match hot.was_locked() {
            true => self.people[slot as usize].locked_until,
            false => None,
        };
        hot.web_login().status(locked_until, now)
    }

    fn user_at(&self, slot: u32, now: Timestamp) -> UserRow<'_> {
        let person = &self.people[slot as usize];
        let facet = |agent| {
            let causes = self.hot[slot as usize].causes(&self.records, self.source_alive);
            AgentFacet {
                agent,
                causes,
                status: causes.agent_status(),
                extension: causes.extension_status(),
            }
        };
        UserRow {
            person,
            web_login: person.web_login_status(now),
            numbers: self.numbers(slot),
            agent: person.living_agent().map(facet),
        }
    }
}
