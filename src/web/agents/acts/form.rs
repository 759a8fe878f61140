//! The form of an act: what was typed, and the act that it means.

use super::assign::Chosen;
use crate::domain::act::{Act, ActKind, Until, When};
use crate::domain::install::Install;
use crate::domain::text::Reason;
use crate::domain::time::{HOUR, Timestamp};
use crate::web::extract::Posted;
use chrono::{Datelike, NaiveDateTime};

/// The fields of the form; forms of many agents add their own.
pub const FIELDS: [&str; 7] = [
    "act",
    "reason",
    "until",
    "until_at",
    "when",
    "time_group",
    "back",
];
/// Those that may be given more than once: records that are ticked.
pub const MANY: [&str; 3] = ["groups", "departments", "caller_ids"];

/// A block further ahead than this is a slip of the keyboard.
const FURTHEST: i64 = 10 * 366 * 24 * HOUR;

/// What was typed.
#[derive(Clone, Debug, Default)]
pub struct ActForm {
    pub act: String,
    pub reason: String,
    /// A word, `at` for the field beside it, or an instant.
    pub until: String,
    pub until_at: String,
    /// `call`: after this call.
    pub when: String,
    /// Records that were chosen to be assigned.
    pub chosen: Chosen,
}

/// What is wrong, by field; empty where nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActErrors {
    pub act: String,
    pub reason: String,
    pub until: String,
    pub when: String,
    pub chosen: String,
}

impl ActErrors {
    /// All of it in one line, for who has no form to look at.
    pub fn line(&self) -> String {
        let all = [
            &self.act,
            &self.reason,
            &self.until,
            &self.when,
            &self.chosen,
        ];
        let said: Vec<&str> = all
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(String::as_str)
            .collect();
        said.join(" ")
    }
}

impl ActForm {
    pub fn of(posted: &Posted) -> Self {
        let text = |name| posted.one(name).to_owned();
        Self {
            act: text("act"),
            reason: text("reason"),
            until: text("until"),
            until_at: text("until_at"),
            when: text("when"),
            chosen: Chosen::of(posted),
        }
    }

    /// The act that was meant.
    pub fn check(&self, install: &Install, now: Timestamp) -> Result<Act, Box<ActErrors>> {
        let mut errors = Box::<ActErrors>::default();
        let kind = self.act.parse::<ActKind>().ok();
        if kind.is_none() {
            errors.act = "Choose what to do.".to_owned();
        }
        let reason = match self.reason.trim() {
            "" => None,
            text => Reason::parse(text)
                .map_err(|e| errors.reason = format!("The reason {e}."))
                .ok(),
        };
        let until = self
            .until(install, now)
            .map_err(|e| errors.until = e)
            .unwrap_or(Until::Lifted);
        let when = match self.when.as_str() {
            "" | "now" => When::Now,
            "call" => When::AfterCall,
            _ => {
                errors.when = "Choose now or after this call.".to_owned();
                When::Now
            }
        };
        let assign = kind.and_then(|kind| self.chosen.assign(kind).transpose());
        let assign = assign.transpose().map_err(|e| errors.chosen = e).ok();
        match (kind, assign.flatten()) {
            _ if *errors != ActErrors::default() => Err(errors),
            (_, Some(assign)) => Ok(Act::Assign(assign)),
            (Some(kind), None) => act(kind, reason, until, when).ok_or(errors),
            (None, None) => Err(errors),
        }
    }

    fn until(&self, install: &Install, now: Timestamp) -> Result<Until, String> {
        let calendar = install.calendar;
        let today = calendar.day_of(now);
        match self.until.trim() {
            "" | "lifted" => Ok(Until::Lifted),
            "shift" => Ok(Until::EndOfShift),
            "next-shift" => Ok(Until::NextShift),
            "today" => Ok(Until::At(calendar.bounds(today).1)),
            "monday" => {
                let ahead = 7 - today.date().weekday().num_days_from_monday();
                let ahead = i32::try_from(ahead).unwrap_or(7);
                Ok(Until::At(calendar.bounds(today.plus(ahead)).0))
            }
            "at" if self.until_at.trim().is_empty() => Err("Choose a date and a time.".to_owned()),
            "at" => instant(&self.until_at, install, now),
            text => instant(text, install, now),
        }
    }
}

/// An act that needs no more than this; what is assigned needs records.
fn act(kind: ActKind, reason: Option<Reason>, until: Until, when: When) -> Option<Act> {
    Some(match kind {
        ActKind::Block => Act::Block { reason, until },
        ActKind::Disable => Act::Disable { reason, until },
        ActKind::Enable => Act::Enable { only: None },
        ActKind::Pause => Act::Pause { reason, when },
        ActKind::Resume => Act::Resume { when },
        ActKind::OffDuty => Act::OffDuty { when },
        ActKind::OffBoard => Act::OffBoard { reason },
        ActKind::Delete => Act::Delete,
        ActKind::Restore => Act::Restore,
        ActKind::JoinGroups
        | ActKind::LeaveGroups
        | ActKind::SetTimeGroup
        | ActKind::SetDepartments
        | ActKind::SetCallerIds => return None,
    })
}

/// RFC 3339, or a time on the clock of the install as browsers send it.
fn instant(text: &str, install: &Install, now: Timestamp) -> Result<Until, String> {
    let text = text.trim();
    let zoned = chrono::DateTime::parse_from_rfc3339(text).map(|at| at.to_utc().into());
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let at: Timestamp = match (zoned, local) {
        (Ok(at), _) => at,
        (Err(_), Some(wall)) => install.calendar.at(wall),
        (Err(_), None) => {
            return Err("That is no date and time: write it as 2026-11-22T18:00.".to_owned());
        }
    };
    if at <= now {
        Err("That is in the past.".to_owned())
    } else if at > now.plus(FURTHEST) {
        Err("That is more than ten years away.".to_owned())
    } else {
        Ok(Until::At(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn install() -> Install {
        let words = [(Install::TIME_ZONE.to_owned(), "Asia/Kolkata".to_owned())];
        Install::from_words(&HashMap::from(words)).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        chrono::DateTime::parse_from_rfc3339(text)
            .unwrap()
            .to_utc()
            .into()
    }

    fn until(word: &str, field: &str) -> Result<Until, String> {
        let form = ActForm {
            act: "block".into(),
            until: word.into(),
            until_at: field.into(),
            ..ActForm::default()
        };
        // A Friday afternoon in India.
        match form.check(&install(), at("2026-11-20T15:00:00+05:30")) {
            Ok(Act::Block { until, .. }) => Ok(until),
            Ok(other) => panic!("{other:?}"),
            Err(errors) => Err(errors.until),
        }
    }

    #[test]
    fn ends_are_those_of_the_install() {
        for (word, field, end) in [
            ("today", "", "2026-11-21T00:00:00+05:30"),
            ("monday", "", "2026-11-23T00:00:00+05:30"),
            ("at", "2026-11-20T18:00", "2026-11-20T18:00:00+05:30"),
            ("2026-11-20T18:00:00Z", "", "2026-11-20T18:00:00Z"),
        ] {
            assert_eq!(until(word, field), Ok(Until::At(at(end))), "{word} {field}");
        }
        assert_eq!(
            until("", "2026-11-20T18:00"),
            Ok(Until::Lifted),
            "the field is for at"
        );
        assert_eq!(until("shift", ""), Ok(Until::EndOfShift));
    }

    #[test]
    fn ends_that_make_no_sense_are_told() {
        for (word, field) in [
            ("at", ""),
            ("at", "tomorrow"),
            ("at", "2026-11-20T14:59"),
            ("9999-12-31T00:00:00Z", ""),
            ("+292277026596-12-04T15:30:07Z", ""),
            ("never ever", ""),
        ] {
            assert!(until(word, field).is_err(), "{word} {field}");
        }
    }

    #[test]
    fn every_fault_stands_at_its_field() {
        let form = ActForm {
            act: "explode".into(),
            reason: "x".repeat(201),
            until: "soon".into(),
            when: "later".into(),
            ..ActForm::default()
        };
        let errors = form
            .check(&install(), at("2026-11-20T15:00:00Z"))
            .unwrap_err();
        let all = [&errors.act, &errors.reason, &errors.until, &errors.when];
        assert!(all.iter().all(|text| !text.is_empty()), "{errors:?}");
    }
}
