//! The directory: name, intercom and status of every agent, whatever the reader's scope, and nothing more. It is
//! found by names and intercoms alone, so that nobody learns here whose phone number or email something is.

use super::picture::Picture;
use crate::domain::ids::UserId;
use crate::domain::status::AgentStatus;
use crate::domain::text::fold;

/// A line of the directory.
#[derive(Clone, Copy, Debug)]
pub struct Contact<'a> {
    pub id: UserId,
    pub name: &'a str,
    /// Empty for none.
    pub intercom: &'a str,
    pub status: AgentStatus,
}

impl Picture {
    /// Those whose name or intercom has every word, by name.
    pub fn directory(&self, words: &str) -> Vec<Contact<'_>> {
        let folded = fold(words);
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let order = self.ranks.name.order().iter().copied();
        order
            .filter(|slot| self.agents.has(*slot))
            .filter_map(|slot| {
                let person = &self.people[slot as usize];
                let contact = Contact {
                    id: person.id,
                    name: &person.name,
                    intercom: person.living_agent()?.intercom.as_deref().unwrap_or(""),
                    status: self.statuses.of(slot)?,
                };
                let name = self.search.name(slot);
                let found = |word: &&str| {
                    memchr::memmem::find(name, word.as_bytes()).is_some()
                        || contact.intercom.starts_with(*word)
                };
                words.iter().all(found).then_some(contact)
            })
            .collect()
    }
}
