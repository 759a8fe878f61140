//! Who did something, and what is written down about it.

pub mod filter;

use super::agent::words;
use serde_json::{Map, Value};

words!(/// What kind of actor caused a change.
ActorKind { User = "user", Token = "token", System = "system", Shell = "shell" });

/// Who causes a change, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    /// Key of the user or token.
    pub id: Option<i64>,
    pub name: String,
    /// Client address.
    pub address: Option<String>,
    pub request_id: Option<String>,
}

impl Actor {
    /// What whoever is not signed in is called in the log.
    pub const NOBODY: &'static str = "nobody";

    /// The program itself: timers, migrations.
    pub fn system() -> Self {
        Self {
            kind: ActorKind::System,
            id: None,
            name: "Rollcall".to_owned(),
            address: None,
            request_id: None,
        }
    }

    /// The person's key, if it is one who is signed in.
    pub fn user(&self) -> Option<i64> {
        match self.kind {
            ActorKind::User => self.id,
            ActorKind::Token | ActorKind::System | ActorKind::Shell => None,
        }
    }

    /// Someone at the machine's shell.
    pub fn shell() -> Self {
        Self {
            kind: ActorKind::Shell,
            id: None,
            name: "shell".to_owned(),
            address: None,
            request_id: None,
        }
    }
}

/// The record that an entry is about, by key and by the name it has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: &'static str,
    pub id: Option<i64>,
    pub name: String,
}

/// One line of the audit log: an action on a subject, with the fields that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// `subject.verb`, for example `agent.block`, `session.refused`.
    pub action: &'static str,
    pub subject: Subject,
    /// Values before, by field. Never a secret.
    pub before: Map<String, Value>,
    /// Values after, by field. Never a secret.
    pub after: Map<String, Value>,
    /// The record's version after the change.
    pub version_after: Option<i64>,
}

impl Entry {
    pub fn new(
        action: &'static str,
        kind: &'static str,
        id: Option<i64>,
        name: impl Into<String>,
    ) -> Self {
        Self {
            action,
            subject: Subject {
                kind,
                id,
                name: name.into(),
            },
            before: Map::new(),
            after: Map::new(),
            version_after: None,
        }
    }

    pub fn before(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.before.insert(field.to_owned(), value.into());
        self
    }

    pub fn after(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.after.insert(field.to_owned(), value.into());
        self
    }

    pub fn version(mut self, version: i64) -> Self {
        self.version_after = Some(version);
        self
    }
}
