//! Keys of records, one type each, so that a department never stands where a group belongs.

use std::fmt;
use std::str::FromStr;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = UnknownId;

            /// Reads a positive decimal key.
            fn from_str(text: &str) -> Result<Self, UnknownId> {
                match text.parse() {
                    Ok(key) if key > 0 && text.bytes().all(|b| b.is_ascii_digit()) => Ok(Self(key)),
                    _ => Err(UnknownId),
                }
            }
        }
    };
}

id!(/** A person: may have a web login, an agent facet, or both. */ UserId);
id!(/** A management unit of agents. */ GroupId);
id!(/** A routing unit of agents. */ DepartmentId);
id!(/** Working hours. */ TimeGroupId);
id!(/** A number that calls can be made from. */ CallerIdId);
id!(/** A set of permissions. */ RoleId);
id!(/** A spoken menu in the phone system. */ IvrId);
id!(/** A bulk upload. */ ImportId);

/// The text is not a key that any record could have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such id")]
pub struct UnknownId;

/// An agent's id: the key of the user behind it, written as `0` and (10,000 + key).
///
/// It is a string of digits with a leading zero wherever people or programs see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgentId(UserId);

impl AgentId {
    const OFFSET: i64 = 10_000;

    pub fn of(user: UserId) -> Self {
        Self(user)
    }

    pub fn user(self) -> UserId {
        self.0
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0{}", Self::OFFSET + self.0.0)
    }
}

impl FromStr for AgentId {
    type Err = UnknownId;

    fn from_str(text: &str) -> Result<Self, UnknownId> {
        let number: UserId = text.strip_prefix('0').ok_or(UnknownId)?.parse()?;
        match number.0 - Self::OFFSET {
            key if key > 0 && !text.starts_with("00") => Ok(Self(UserId(key))),
            _ => Err(UnknownId),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_id_is_digits_with_a_leading_zero_and_reads_back() {
        assert_eq!(AgentId::of(UserId(42)).to_string(), "010042");
        assert_eq!(AgentId::of(UserId(95_000)).to_string(), "0105000");
        for key in [1, 42, 89_999, 90_000, 1_000_000] {
            let id = AgentId::of(UserId(key));
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn text_that_is_no_agent_id_is_refused() {
        for text in [
            "",
            "0",
            "10042",
            "0010042",
            "010000",
            "09999",
            "01004x",
            "0+10042",
            "-1",
            "099999999999999999999",
        ] {
            assert_eq!(text.parse::<AgentId>(), Err(UnknownId), "{text}");
        }
    }
}
