//! The mark of the chain's end, kept outside of the audit's tables, so that cutting the end of these off does not move
//! it; sealed with the install's key where there is one, so that who can only write the database can't move it either.

use super::{Head, anchor};
use crate::domain::audit::Entry;
use crate::domain::sealed::{SealFault, SealingKey};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::audit_seals;
use crate::store::setting;
use crate::store::tx::Tx;
use diesel::prelude::*;

/// Name of the setting that holds it.
const NAME: &str = "audit_head";
/// The action of the line about a mark that was not moved but sealed for the first time, or with another key.
const ANEW: &str = "audit.mark";
/// What it is sealed for.
const PLACE: &str = "audit:head";

/// What the mark says of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// There is none: nothing was sealed since there are marks.
    Not,
    /// The chain reaches it. `sealed`: only who has the install's key can have written it.
    Reached { sealed: bool },
    /// It is sealed with a key that is not here.
    Closed,
    /// Retention has taken away what it marks, so it shows nothing.
    Behind,
    /// The chain does not reach it: its end was cut off or written anew.
    Missed { seal: i64 },
    /// It was changed without the install's key.
    Forged,
}

impl Marked {
    /// As the log tells it.
    fn word(self) -> &'static str {
        match self {
            Self::Not => "none",
            Self::Reached { sealed: true } => "sealed",
            Self::Reached { sealed: false } => "not sealed",
            Self::Closed => "sealed with another key",
            Self::Behind => "older than the log",
            Self::Missed { .. } => "missed",
            Self::Forged => "forged",
        }
    }
}

/// A seal that the chain had reached.
struct Mark {
    seal: i64,
    hash: String,
}

enum Stored {
    Nothing,
    Open { mark: Mark, sealed: bool },
    Closed,
    Forged,
}

/// How the chain stands to its mark.
pub(super) fn standing(conn: &mut Conn, key: Option<&SealingKey>) -> Result<Marked, StoreError> {
    match read(conn, key)? {
        Stored::Nothing => Ok(Marked::Not),
        Stored::Open { mark, sealed } => against(conn, &mark, sealed),
        Stored::Closed => Ok(Marked::Closed),
        Stored::Forged => Ok(Marked::Forged),
    }
}

/// Moves the mark to the new end. One that the chain did not reach stays where it is, so that what was cut off goes on
/// to show; so does one that is sealed with a key that this node lacks.
pub(super) fn move_to(
    tx: &mut Tx<'_>,
    key: Option<&SealingKey>,
    end: &Head,
) -> Result<(), StoreError> {
    let was = standing(tx.conn, key)?;
    match was {
        Marked::Not | Marked::Reached { .. } | Marked::Behind => {}
        // Another key is in force since.
        Marked::Closed if key.is_some() => {}
        Marked::Closed | Marked::Missed { .. } | Marked::Forged => return Ok(()),
    }
    if key.is_some() && was != (Marked::Reached { sealed: true }) {
        // Whoever took the mark away could have cut the end off as well: what is sealed from here on shows it.
        tx.audit(
            Entry::new(ANEW, "audit", None, "The audit log")
                .before("mark", was.word())
                .after("seal", end.seal),
        )?;
    }
    let plain = format!("{} {}", end.seal, end.hash);
    let text = match key {
        Some(key) => key
            .seal(plain.as_bytes(), PLACE)
            .map_err(StoreError::broken)?,
        None => plain,
    };
    setting::note(tx, NAME, &text)
}

fn read(conn: &mut Conn, key: Option<&SealingKey>) -> Result<Stored, StoreError> {
    let Some(text) = setting::find(conn, NAME)? else {
        return Ok(Stored::Nothing);
    };
    if let Some(mark) = Mark::parse(&text) {
        return Ok(Stored::Open {
            mark,
            sealed: false,
        });
    }
    let Some(key) = key else {
        return Ok(Stored::Closed);
    };
    let mark = match key.open(&text, PLACE) {
        Ok(plain) => String::from_utf8(plain)
            .ok()
            .and_then(|plain| Mark::parse(&plain)),
        Err(SealFault::OtherKey(_)) => return Ok(Stored::Closed),
        Err(SealFault::NoKey | SealFault::Malformed | SealFault::Forged | SealFault::Random(_)) => {
            None
        }
    };
    Ok(mark.map_or(Stored::Forged, |mark| Stored::Open { mark, sealed: true }))
}

impl Mark {
    fn parse(text: &str) -> Option<Self> {
        let (seal, hash) = text.split_once(' ')?;
        Some(Self {
            seal: seal.parse().ok()?,
            hash: hash.to_owned(),
        })
    }
}

fn against(conn: &mut Conn, mark: &Mark, sealed: bool) -> Result<Marked, StoreError> {
    let anchor = anchor(conn)?.map(super::Anchor::into_head);
    let kept = match anchor {
        Some(anchor) if mark.seal < anchor.seal => return Ok(Marked::Behind),
        Some(anchor) if mark.seal == anchor.seal => Some(anchor.hash),
        Some(_) | None => audit_seals::table
            .find(mark.seal)
            .select(audit_seals::hash)
            .first(conn)
            .optional()?,
    };
    Ok(match kept {
        Some(hash) if hash == mark.hash => Marked::Reached { sealed },
        Some(_) | None => Marked::Missed { seal: mark.seal },
    })
}
