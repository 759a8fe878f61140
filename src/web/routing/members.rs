//! Choosing and ordering the members of a department inside its form: nothing is written before Save.

use super::posted::{Posted, Press};
use crate::domain::filter::AgentFilter;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::person::{Agent, Person};
use crate::domain::role::Scope;
use crate::domain::routing::members::{self, Step};
use crate::domain::routing::{Field, MOST_MEMBERS, Values};
use crate::domain::show;
use crate::domain::text::Collation;
use crate::floor::Picture;
use crate::web::error::AppError;

/// Members shown at a time, and agents among whom can be picked.
const PER: usize = 100;
const RESULTS: usize = 20;

/// The members' part of the form.
#[derive(Clone, Debug, Default)]
pub struct MembersView {
    /// All of them, as the form carries them.
    pub text: String,
    pub count: String,
    pub rows: Vec<Line>,
    /// The part that is shown, from 0, and those around it.
    pub part: usize,
    pub earlier: Option<usize>,
    pub later: Option<usize>,
    /// What Save will change: `2 join (Asha Rao, Bela Das), 1 leaves (Chitra Iyer), the order changes`; empty for
    /// nothing.
    pub pending: String,
    pub find: String,
    pub results: Vec<Line>,
    /// How many were found who are no members.
    pub found: usize,
    /// Something was looked for.
    pub looked: bool,
}

/// An agent, in its place or to be picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub place: String,
    pub agent_id: String,
    pub name: String,
    pub intercom: String,
    pub username: String,
    pub first: bool,
    pub last: bool,
}

/// Does what was pressed to the members that the form carries.
///
/// # Errors
/// `BadRequest` when these can't be read.
pub fn arrange(picture: &Picture, posted: &mut Posted) -> Result<(), AppError> {
    let mut ids = read(posted.form.text(Field::Members))?;
    match posted.press {
        Press::Arrange(step) => {
            let is_agent = living(picture, step.agent()).is_some();
            if is_agent || !matches!(step, Step::Add(_)) {
                step.take(&mut ids);
            }
            // Who moved over the edge of the part that is shown takes the reader along.
            if let Some(at) = ids.iter().position(|id| *id == step.agent())
                && !matches!(step, Step::Add(_))
            {
                posted.part = at / PER;
            }
        }
        Press::AddAll => {
            let found = find(picture, &posted.find, &ids);
            let room = MOST_MEMBERS.saturating_sub(ids.len());
            ids.extend(found.into_iter().take(room));
            posted.find.clear();
        }
        Press::Part(part) => posted.part = part,
        Press::Save | Press::Enter | Press::Find => {}
    }
    posted.form.set(Field::Members, members::text(&ids));
    Ok(())
}

fn read(text: &str) -> Result<Vec<UserId>, AppError> {
    members::parse(text).map_err(|why| {
        AppError::BadRequest(format!("Among the members, {why}. Open the form again."))
    })
}

impl MembersView {
    /// The part as it stands; `was` is what the form was opened with.
    pub fn new(picture: &Picture, text: &str, was: &Values, part: usize, looked_for: &str) -> Self {
        // What can't be read is told at the field; nothing of it can be shown in order.
        let ids = members::parse(text).unwrap_or_default();
        let parts = ids.len().div_ceil(PER).max(1);
        let part = part.min(parts - 1);
        let shown = ids.iter().enumerate().skip(part * PER).take(PER);
        let line = |(at, id): (usize, &UserId)| Line {
            place: show::count(at as i64 + 1),
            first: at == 0,
            last: at + 1 == ids.len(),
            ..line(picture, *id)
        };
        let looked = !looked_for.trim().is_empty();
        let found = match looked {
            true => find(picture, looked_for, &ids),
            false => Vec::new(),
        };
        Self {
            text: text.to_owned(),
            count: show::count(ids.len() as i64),
            rows: shown.map(line).collect(),
            part,
            earlier: part.checked_sub(1),
            later: (part + 1 < parts).then_some(part + 1),
            pending: pending(picture, was.members().unwrap_or_default(), &ids),
            find: looked_for.to_owned(),
            results: found
                .iter()
                .take(RESULTS)
                .map(|id| self::line(picture, *id))
                .collect(),
            found: found.len(),
            looked,
        }
    }

    /// Those who were found and are not shown.
    pub fn more_found(&self) -> usize {
        self.found - self.results.len()
    }
}

fn living(picture: &Picture, id: UserId) -> Option<(&Person, &Agent)> {
    let person = picture.person(id)?;
    Some((person, person.living_agent()?))
}

fn line(picture: &Picture, id: UserId) -> Line {
    let agent_id = AgentId::of(id).to_string();
    match living(picture, id) {
        Some((person, agent)) => Line {
            agent_id,
            name: person.name.to_string(),
            intercom: agent.intercom.as_deref().unwrap_or_default().to_owned(),
            username: person.login_id.to_string(),
            ..Line::default()
        },
        None => Line {
            name: format!("{agent_id}, who is no agent any more"),
            agent_id,
            ..Line::default()
        },
    }
}

/// Agents who fit the search and are no members, by name.
fn find(picture: &Picture, text: &str, members: &[UserId]) -> Vec<UserId> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    let filter = AgentFilter {
        q: text.trim().to_owned(),
        ..AgentFilter::default()
    };
    let members: std::collections::HashSet<&UserId> = members.iter().collect();
    let mut found = picture.matching(&filter, &Scope::All);
    found.retain(|id| !members.contains(id));
    let collation = Collation::new();
    found.sort_by_cached_key(|id| {
        let name = picture
            .person(*id)
            .map(|person| collation.key(&person.name));
        (name, *id)
    });
    found
}

/// What Save would change.
fn pending(picture: &Picture, was: &[UserId], now: &[UserId]) -> String {
    let only = |all: &[UserId], others: &[UserId]| -> Vec<UserId> {
        let others: std::collections::HashSet<&UserId> = others.iter().collect();
        all.iter()
            .filter(|id| !others.contains(id))
            .copied()
            .collect()
    };
    let (joined, left) = (only(now, was), only(was, now));
    let mut said = Vec::new();
    for (who, one, many) in [(&joined, "joins", "join"), (&left, "leaves", "leave")] {
        if !who.is_empty() {
            let verb = if who.len() == 1 { one } else { many };
            let count = show::count(who.len() as i64);
            said.push(format!("{count} {verb} ({})", named(picture, who)));
        }
    }
    let stayed = |all: &[UserId], gone: &[UserId]| only(all, gone);
    if stayed(was, &left) != stayed(now, &joined) {
        said.push("the order changes".to_owned());
    }
    said.join(", ")
}

/// `Asha Rao, Bela Das and 310 more`.
fn named(picture: &Picture, ids: &[UserId]) -> String {
    const NAMED: usize = 5;
    let names: Vec<String> = ids
        .iter()
        .take(NAMED)
        .map(|id| line(picture, *id).name)
        .collect();
    match ids.len() {
        ..=NAMED => names.join(", "),
        all => format!(
            "{} and {} more",
            names.join(", "),
            show::count((all - NAMED) as i64)
        ),
    }
}
