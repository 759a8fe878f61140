//! Lists come in pieces: `limit` rows behind `cursor`.

use crate::domain::filter::{AgentFilter, BadParam};
use crate::domain::ids::{AgentId, UserId};
use crate::domain::query::QueryReader;
use crate::domain::role::Scope;
use crate::floor::Picture;
use crate::web::error::AppError;

/// The most rows of a piece, and how many come when nobody says.
const MOST: usize = 250;
pub(super) const USUAL: usize = 50;
const NAMES: [&str; 2] = ["limit", "cursor"];

/// Which piece of which list.
#[derive(Debug)]
pub struct Piece {
    pub filter: AgentFilter,
    pub limit: usize,
    /// The last row of the piece before.
    pub cursor: Option<AgentId>,
}

impl Piece {
    /// Reads a query strictly, as the pages do.
    ///
    /// # Errors
    /// `BadRequest` that names every parameter that makes no sense.
    pub fn parse(raw: &str) -> Result<Self, AppError> {
        let mut query = QueryReader::new(raw);
        let limit = query.take_as("limit", limit).unwrap_or(USUAL);
        let cursor = query.take_as("cursor", |text| text.parse().map_err(|_| "is no cursor"));
        let mut bad = query.finish(&[]);
        bad.retain(|param| NAMES.contains(&param.name.as_str()));
        let filter = match AgentFilter::parse_beside(raw, &NAMES) {
            Ok(filter) => filter,
            Err(query) => {
                bad.extend(
                    query
                        .bad
                        .into_iter()
                        .filter(|p| !NAMES.contains(&p.name.as_str())),
                );
                query.filter
            }
        };
        match bad.is_empty() {
            true => Ok(Self {
                filter,
                limit,
                cursor,
            }),
            false => Err(AppError::BadRequest(told(&bad))),
        }
    }

    /// The person behind the cursor. One that the reader may not see is no cursor: its place in the
    /// order would tell about it.
    ///
    /// # Errors
    /// `BadRequest` when nobody in scope has, or had, that agent id.
    pub fn after(&self, picture: &Picture, scope: &Scope) -> Result<Option<UserId>, AppError> {
        let Some(id) = self.cursor.map(AgentId::user) else {
            return Ok(None);
        };
        let agent = picture
            .person(id)
            .and_then(|person| person.agent.as_deref());
        match agent.is_some_and(|agent| scope.sees(&agent.groups)) {
            true => Ok(Some(id)),
            false => Err(AppError::BadRequest("cursor: is no cursor".to_owned())),
        }
    }
}

/// How many rows a piece has at most.
pub(super) fn limit(text: &str) -> Result<usize, String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let limit = text
        .parse()
        .ok()
        .filter(|limit| digits && (1..=MOST).contains(limit));
    limit.ok_or_else(|| format!("is no number from 1 to {MOST}"))
}

/// What makes no sense in a query, in a line.
pub(super) fn told(bad: &[BadParam]) -> String {
    let each = bad.iter().map(|param| match param.value.as_str() {
        "" => format!("{}: {}", param.name, param.reason),
        value => format!("{} “{value}”: {}", param.name, param.reason),
    });
    each.collect::<Vec<_>>().join("; ")
}
