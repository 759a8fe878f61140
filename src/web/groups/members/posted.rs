//! What the form of picking agents posts, and what its address says.

use super::usual;
use crate::domain::filter::AgentFilter;
use crate::domain::group::{Difference, Seen};
use crate::domain::ids::{AgentId, GroupId, UserId};
use crate::domain::query::{QueryReader, QueryWriter};
use crate::domain::time::Timestamp;
use crate::web::error::AppError;
use crate::web::extract::Posted;
use actix_web::HttpRequest;

/// Which of those who match are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    #[default]
    All,
    In,
    Out,
}

impl Show {
    pub const ALL: [Self; 3] = [Self::All, Self::In, Self::Out];

    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::In => "in",
            Self::Out => "out",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::In => "In the group",
            Self::Out => "Not in it",
        }
    }

    fn parse(text: &str) -> Result<Self, AppError> {
        let found = Self::ALL.into_iter().find(|show| show.word() == text);
        found.ok_or_else(|| bad("show is all, in or out."))
    }

    /// Those who are shown; `members` ascending.
    pub fn of(self, mut agents: Vec<UserId>, members: &[UserId]) -> Vec<UserId> {
        let is_in = |id: &UserId| members.binary_search(id).is_ok();
        match self {
            Self::All => {}
            Self::In => agents.retain(is_in),
            Self::Out => agents.retain(|id| !is_in(id)),
        }
        agents
    }
}

/// What a button asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Do {
    /// Search anew.
    Find,
    To(u32),
    AddAll,
    RemoveAll,
    /// Leave one agent as it is.
    Drop(UserId),
    Save,
}

/// The names of the filter, as in the address of the agents list.
const FILTER: [&str; 8] = [
    "q",
    "status",
    "extension",
    "group",
    "department",
    "time_group",
    "per",
    "page",
];

pub struct Picked {
    pub filter: AgentFilter,
    pub show: Show,
    /// The draft that the page showed; empty for none.
    pub draft: String,
    /// When picking began.
    pub seen: Option<Seen>,
    pub what: Do,
    /// The agents of the page that were members, that were not, and that are ticked.
    shown_in: Vec<UserId>,
    shown_out: Vec<UserId>,
    ticked: Vec<UserId>,
    /// Agents on whom two people decided, and those for whom one's own decision is to stand.
    asked: Vec<UserId>,
    mine: Vec<UserId>,
}

impl Picked {
    /// # Errors
    /// `BadRequest` for what makes no sense: nothing is guessed at.
    pub fn read(req: &HttpRequest, body: &[u8]) -> Result<Self, AppError> {
        const MORE: [&str; 10] = [
            "show", "draft", "version", "opened", "in", "out", "do", "to", "drop", "asked",
        ];
        let once: Vec<&str> = FILTER.iter().chain(&MORE).copied().collect();
        let posted = Posted::read(req, body, &once, &["agent", "mine"])?;
        let each = |name| {
            let ids = posted.all(name).filter(|text| !text.is_empty());
            ids.map(agent).collect::<Result<Vec<UserId>, _>>()
        };
        Ok(Self {
            filter: filter(&posted)?,
            show: match posted.one("show") {
                "" => Show::All,
                text => Show::parse(text)?,
            },
            draft: posted.one("draft").to_owned(),
            seen: seen(&posted)?,
            what: what(&posted)?,
            shown_in: list(posted.one("in"))?,
            shown_out: list(posted.one("out"))?,
            ticked: each("agent")?,
            asked: list(posted.one("asked"))?,
            mine: each("mine")?,
        })
    }

    /// Adds what the page says to what was picked before. Only against what it showed: whoever joined or left
    /// meanwhile was not decided on here.
    pub fn apply(&self, difference: &mut Difference) {
        let ticked = |id: &&UserId| self.ticked.contains(id);
        let all = || self.shown_in.iter().chain(&self.shown_out);
        let on: Vec<UserId> = all().filter(ticked).copied().collect();
        let off: Vec<UserId> = all().filter(|id| !ticked(id)).copied().collect();
        difference.join(&on, &self.shown_in);
        difference.leave(&off, &self.shown_in);
        let theirs = self.asked.iter().filter(|id| !self.mine.contains(id));
        let theirs: Vec<UserId> = theirs.copied().collect();
        difference.forget(&theirs);
    }
}

fn filter(posted: &Posted) -> Result<AgentFilter, AppError> {
    let mut query = QueryWriter::default();
    for name in FILTER {
        query = query.with_some(name, Some(posted.one(name)).filter(|text| !text.is_empty()));
    }
    let query = query.finish();
    parse(&query, &[])
}

fn parse(query: &str, others: &[&str]) -> Result<AgentFilter, AppError> {
    let filter = AgentFilter::parse_beside(query, others).map_err(|wrong| {
        let each = wrong
            .bad
            .iter()
            .map(|param| format!("{}: {}.", param.name, param.reason));
        bad(&each.collect::<Vec<_>>().join(" "))
    })?;
    // A page of this list is longer than one of the agents list unless somebody says so.
    let says = query.split('&').any(|pair| pair.starts_with("per="));
    Ok(match says {
        true => filter,
        false => AgentFilter {
            per: usual().per,
            ..filter
        },
    })
}

/// The filter, what is shown of it, and the draft that an address names.
pub fn read_query(query: &str) -> Result<(AgentFilter, Show, Option<String>), AppError> {
    let filter = parse(query, &["show", "draft"])?;
    let mut reader = QueryReader::new(query);
    let show = match reader.take("show") {
        None => Show::All,
        Some(text) => Show::parse(&text)?,
    };
    Ok((filter, show, reader.take("draft")))
}

/// The address of a page of the list.
pub fn link(id: GroupId, filter: &AgentFilter, show: Show, draft: Option<&str>) -> String {
    let own = QueryWriter::default()
        .with_some(
            "show",
            Some(show).filter(|show| *show != Show::All).map(Show::word),
        )
        .with_some("draft", draft)
        .finish();
    // Written unless it is the list's own default, so that an address reads back the same.
    let link = filter.link(&format!("/agent-groups/{id}/agents"));
    let link = match filter.per == AgentFilter::default().per {
        true => join(&link, &format!("per={}", filter.per.word())),
        false => link,
    };
    match own.is_empty() {
        true => link,
        false => join(&link, &own),
    }
}

fn join(link: &str, query: &str) -> String {
    let and = if link.contains('?') { '&' } else { '?' };
    format!("{link}{and}{query}")
}

fn seen(posted: &Posted) -> Result<Option<Seen>, AppError> {
    let number = |name: &str| match posted.one(name) {
        "" => Ok(None),
        text => text
            .parse::<i64>()
            .map(Some)
            .map_err(|_| bad("A number of the form can't be read.")),
    };
    let (version, at) = (number("version")?, number("opened")?);
    Ok(version.zip(at).map(|(version, at)| Seen {
        version,
        at: Timestamp(at),
    }))
}

fn what(posted: &Posted) -> Result<Do, AppError> {
    match (posted.one("drop"), posted.one("to"), posted.one("do")) {
        ("", "", "" | "find") => Ok(Do::Find),
        ("", "", "add_all") => Ok(Do::AddAll),
        ("", "", "remove_all") => Ok(Do::RemoveAll),
        ("", "", "save") => Ok(Do::Save),
        ("", page, "") => page
            .parse()
            .map(Do::To)
            .map_err(|_| bad("There is no such page.")),
        (id, "", "") => Ok(Do::Drop(agent(id)?)),
        (_, _, _) => Err(bad("That is no button of this page.")),
    }
}

fn agent(text: &str) -> Result<UserId, AppError> {
    let id = text.parse::<AgentId>();
    id.map(AgentId::user)
        .map_err(|_| bad("An agent is named that can't be one."))
}

/// Agents joined by commas, ascending.
fn list(text: &str) -> Result<Vec<UserId>, AppError> {
    let ids = text.split(',').filter(|id| !id.is_empty()).map(agent);
    let mut ids = ids.collect::<Result<Vec<UserId>, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn bad(why: &str) -> AppError {
    AppError::BadRequest(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_with_its_draft() {
        for (query, show) in [
            ("", Show::All),
            ("q=ana&page=3&draft=a1", Show::All),
            ("status=busy&per=50&show=out&draft=a1", Show::Out),
            ("show=in", Show::In),
        ] {
            let (filter, read, draft) = read_query(query).unwrap();
            assert_eq!(read, show, "{query}");
            let back = link(GroupId(4), &filter, read, draft.as_deref());
            let again = back.split_once('?').map_or("", |(_, query)| query);
            assert_eq!(read_query(again).unwrap(), (filter, read, draft), "{query}");
        }
        for wrong in [
            "show=some",
            "show=in&show=in",
            "status=x",
            "page=0",
            "colour=red",
        ] {
            assert!(read_query(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_page_decides_only_on_what_it_showed() {
        let ids = |keys: &[i64]| keys.iter().map(|key| UserId(*key)).collect::<Vec<_>>();
        let picked = Picked {
            filter: usual(),
            show: Show::All,
            draft: String::new(),
            seen: None,
            what: Do::Find,
            shown_in: ids(&[1, 2]),
            shown_out: ids(&[3, 4]),
            ticked: ids(&[1, 3, 9]),
            asked: ids(&[20, 21]),
            mine: ids(&[21]),
        };
        let mut difference = Difference {
            add: ids(&[4, 10, 20]),
            remove: ids(&[1, 11, 21]),
        };
        picked.apply(&mut difference);
        assert_eq!(difference.add, ids(&[3, 10]));
        assert_eq!(difference.remove, ids(&[2, 11, 21]));
    }
}
