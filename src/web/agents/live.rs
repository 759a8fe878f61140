//! `GET /live`: the rows of one page as they change, for as long as the session lasts.

use super::columns::Columns;
use super::list::{tabs, totals};
use super::live_view::{AgentsLive, Drift};
use super::preferences::Choice;
use super::present::Reader;
use super::view::{Can, TabCount, Totals};
use crate::domain::day_range::DaySpan;
use crate::domain::filter::AgentFilter;
use crate::domain::ids::UserId;
use crate::domain::role::Permission;
use crate::floor::{Announcement, Older, Page, Picture};
use crate::store::RecordKind;
use crate::web::days;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::middleware::request_info::RequestInfo;
use crate::web::page::render;
use crate::web::sessions::secret::SecretHash;
use crate::web::state::AppState;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

/// Changes are gathered for so long before they are sent together.
const GATHER: Duration = Duration::from_millis(60);
/// How often the order and the tabs are looked at again; both need the whole list.
const RECOUNT: Duration = Duration::from_secs(3);
/// How soon again, when people changed who belongs to the list.
const RECOUNT_SOON: Duration = Duration::from_millis(500);
/// How often a quiet stream shows that it lives, and looks whether its session does.
const BEAT: Duration = Duration::from_secs(15);

/// The moment at which a page was read: sent along, so that a stream tells only what came after.
pub struct Token {
    epoch: u64,
    seq: u64,
    /// Of the rows on the page, in order.
    rows: u64,
}

impl Token {
    pub fn of(picture: &Picture, page: &Page<'_>) -> Self {
        let mut rows = DefaultHasher::new();
        page.rows
            .iter()
            .for_each(|row| row.person.id.hash(&mut rows));
        Self {
            epoch: picture.epoch(),
            seq: page.seq,
            rows: rows.finish(),
        }
    }

    /// Address of the stream that follows the page.
    pub fn url(&self, filter: &AgentFilter) -> String {
        let query = filter.to_query();
        let and = if query.is_empty() { "" } else { "&" };
        format!("/live?{query}{and}since={self}")
    }

    /// A token that can't be read is one of an unknown moment.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text
            .split('.')
            .map(|part| u64::from_str_radix(part, 16).ok());
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(epoch)), Some(Some(seq)), Some(Some(rows)), None) => {
                Some(Self { epoch, seq, rows })
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Of one length: what a page weighs tells nothing.
        write!(
            f,
            "{:016x}.{:016x}.{:016x}",
            self.epoch, self.seq, self.rows
        )
    }
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    info: web::ReqData<Rc<RequestInfo>>,
) -> Result<HttpResponse, AppError> {
    let filter = AgentFilter::parse_beside(req.query_string(), &["since"])
        .map_err(|_| AppError::NotFound)?;
    let since = last_event(&req)
        .or_else(|| since(req.query_string()))
        .and_then(|text| Token::parse(&text));
    let news = state.floor.subscribe();
    let now = state.clock.now();
    let span = days::span(state.floor.picture().install(), &filter, now);
    let older = days::load(&state, span).await?;
    let mut feed = Feed::open(state, &user, filter, since, news, span, older);
    feed.address = Some(info.address);
    let stream = futures_util::stream::unfold(feed, |mut feed| async move {
        let message = feed.next().await?;
        Some((Ok::<_, actix_web::Error>(message), feed))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream))
}

fn last_event(req: &HttpRequest) -> Option<String> {
    Some(
        req.headers()
            .get("last-event-id")?
            .to_str()
            .ok()?
            .to_owned(),
    )
}

fn since(query: &str) -> Option<String> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("since="))
        .map(ToOwned::to_owned)
}

/// One open stream.
struct Feed {
    state: web::Data<AppState>,
    session: SecretHash,
    user: CurrentUser,
    /// Where it leads to.
    address: Option<IpAddr>,
    filter: AgentFilter,
    cols: Columns,
    span: DaySpan,
    older: Older,
    /// The rows of the page, in order.
    rows: Vec<UserId>,
    tabs: Vec<TabCount>,
    /// What the foot shows, and whether that was sent.
    totals: Totals,
    totals_changed: bool,
    news: Receiver<Arc<Announcement>>,
    /// Rows of the page that changed and were not sent.
    changed: HashSet<UserId>,
    send_at: Option<Instant>,
    recounted: Instant,
    beat: Interval,
    /// When to look at the whole list again, if something happened since the last time.
    recount_at: Option<Instant>,
    /// Somebody was edited while the list shows who belongs to something.
    members_changed: bool,
    drift: Drift,
    first: bool,
    seq: u64,
}

impl Feed {
    fn open(
        state: web::Data<AppState>,
        user: &CurrentUser,
        filter: AgentFilter,
        since: Option<Token>,
        news: Receiver<Arc<Announcement>>,
        span: DaySpan,
        older: Older,
    ) -> Self {
        let ticking = |period| {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.reset();
            ticks
        };
        let mut feed = Self {
            session: user.session().hash,
            cols: Choice::of(&user.preferences).cols,
            user: user.clone(),
            address: None,
            filter,
            span,
            older,
            rows: Vec::new(),
            tabs: Vec::new(),
            totals: Totals::default(),
            totals_changed: false,
            news,
            changed: HashSet::new(),
            send_at: None,
            recounted: Instant::now(),
            beat: ticking(BEAT),
            recount_at: Some(Instant::now() + RECOUNT),
            members_changed: false,
            drift: Drift::None,
            first: true,
            seq: 0,
            state,
        };
        feed.begin(since);
        feed
    }

    /// Finds the rows of the page, and those that changed since it was read.
    fn begin(&mut self, since: Option<Token>) {
        let state = self.state.clone();
        let picture = state.floor.picture();
        let page = picture.page(&self.filter, &self.user.scope, self.span, &self.older);
        let now = Token::of(&picture, &page);
        self.rows = page.rows.iter().map(|row| row.person.id).collect();
        self.tabs = tabs(&page);
        // A stream that was broken off may have missed some.
        self.totals = totals(&page);
        self.totals_changed = true;
        self.seq = page.seq;
        let known = since.filter(|token| token.epoch == now.epoch);
        self.drift = match known.as_ref().is_some_and(|token| token.rows != now.rows) {
            true => Drift::Order,
            false => Drift::None,
        };
        let after = known.map_or(0, |token| token.seq);
        let later = |row: &&crate::floor::Row<'_>| picture.touched(row.person.id) > after;
        self.changed = page
            .rows
            .iter()
            .filter(later)
            .map(|row| row.person.id)
            .collect();
    }

    /// The next message; `None` ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        if std::mem::take(&mut self.first) {
            return self.message(true);
        }
        let mut closing = self.state.closing.clone();
        loop {
            let (gathered, recount) = (until(self.send_at), until(self.recount_at));
            tokio::select! {
                _ = closing.wait_for(|closing| *closing) => return None,
                news = self.news.recv() => {
                    self.hear(news)?;
                    if !self.session_holds().await {
                        return None;
                    }
                }
                () = gathered => {
                    self.send_at = None;
                    if let Some(message) = self.message(false) {
                        return Some(message);
                    }
                }
                () = recount => {
                    self.recount_at = None;
                    self.recounted = Instant::now();
                    if self.look_again() {
                        return self.message(true);
                    }
                }
                _ = self.beat.tick() => {
                    return self.session_holds().await.then(|| Bytes::from_static(b": alive\n\n"));
                }
            }
        }
    }

    /// Notes what an announcement means for this page; `None` when there will be no more.
    fn hear(&mut self, news: Result<Arc<Announcement>, RecvError>) -> Option<()> {
        let before = self.changed.len();
        let mut edited = true;
        match news {
            Ok(news) if news.everything => self.changed.extend(&self.rows),
            Ok(news) => {
                edited = news
                    .records
                    .iter()
                    .any(|(kind, _)| *kind == RecordKind::User);
                self.changed.extend(
                    self.rows
                        .iter()
                        .filter(|id| news.people.binary_search(id).is_ok()),
                );
            }
            // Too slow to hear each one: everything may have changed.
            Err(RecvError::Lagged(_)) => self.changed.extend(&self.rows),
            Err(RecvError::Closed) => return None,
        }
        self.members_changed |= edited && self.filter.is_of_members();
        let (after, wait) = match self.members_changed {
            true => (RECOUNT_SOON, GATHER),
            false => (RECOUNT, Duration::ZERO),
        };
        let due = (self.recounted + after).max(Instant::now() + wait);
        self.recount_at = Some(self.recount_at.map_or(due, |at| at.min(due)));
        if self.changed.len() > before && self.send_at.is_none() {
            self.send_at = Some(Instant::now() + GATHER);
        }
        Some(())
    }

    /// The session is still good, and still may see agents; its rights and scope are renewed.
    async fn session_holds(&mut self) -> bool {
        match self.state.sessions.find_hash(self.session).await {
            Ok(Some(live)) => {
                self.user = CurrentUser::new(live);
                let admits = |address| self.user.allowed_ips.admit(address);
                self.user.may(Permission::AgentsRead)
                    && !self.user.must_add_factor
                    && self.address.is_none_or(admits)
            }
            Ok(None) | Err(_) => false,
        }
    }

    /// Compares order and tabs with what the page shows; `true` when something is to be said.
    fn look_again(&mut self) -> bool {
        let state = self.state.clone();
        let picture = state.floor.picture();
        let today = days::span(picture.install(), &self.filter, state.clock.now());
        let page = picture.page(&self.filter, &self.user.scope, today, &self.older);
        let order: Vec<UserId> = page.rows.iter().map(|row| row.person.id).collect();
        // At midnight the days themselves are others.
        let order_changed = order != self.rows || today != self.span;
        let tabs = tabs(&page);
        let totals = totals(&page);
        self.totals_changed |= totals != self.totals;
        self.totals = totals;
        let drift = match (order_changed, std::mem::take(&mut self.members_changed)) {
            (false, _) => Drift::None,
            (true, false) => Drift::Order,
            (true, true) => Drift::Members,
        };
        let news = self.totals_changed
            || drift > self.drift
            || tabs
                .iter()
                .map(|tab| tab.count)
                .ne(self.tabs.iter().map(|tab| tab.count));
        self.drift = self.drift.max(drift);
        self.tabs = tabs;
        news
    }

    /// Rows that changed, with tabs and order when `all`; `None` when there is nothing to say.
    fn message(&mut self, all: bool) -> Option<Bytes> {
        let state = self.state.clone();
        let picture = state.floor.picture();
        let now = state.clock.now();
        let reader = Reader::of(&picture, &self.user, self.filter.days, now);
        let can = Can::of(self.user.permissions);
        let changed = std::mem::take(&mut self.changed);
        let rows: Vec<_> = self
            .rows
            .iter()
            .filter(|id| changed.contains(id))
            .filter_map(|&id| picture.row(id, &self.user.scope, self.span, &self.older))
            .collect();
        if rows.is_empty() && !all {
            return None;
        }
        self.seq = picture.seq();
        let here = super::links::Query::from(&self.filter).href();
        let totals = (all && std::mem::take(&mut self.totals_changed)).then_some(self.totals);
        let rows = state.rows.take(&reader, self.cols, can, &rows).ok()?;
        let html = render(&AgentsLive {
            rows: &rows,
            cols: self.cols,
            tabs: if all { &self.tabs } else { &[] },
            totals,
            drift: if all { self.drift } else { Drift::None },
            here: &here,
        })
        .ok()?;
        Some(event(&self.id(&picture), &html))
    }

    fn id(&self, picture: &Picture) -> String {
        let mut rows = DefaultHasher::new();
        self.rows.iter().for_each(|id| id.hash(&mut rows));
        Token {
            epoch: picture.epoch(),
            seq: self.seq,
            rows: rows.finish(),
        }
        .to_string()
    }
}

/// Waits for the instant, for ever without one.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// A server-sent event with an id to go on from.
fn event(id: &str, html: &str) -> Bytes {
    let mut out = String::with_capacity(html.len() + html.len() / 8 + id.len() + 16);
    out.push_str("id: ");
    out.push_str(id);
    for line in html.lines() {
        out.push_str("\ndata: ");
        out.push_str(line);
    }
    out.push_str("\n\n");
    out.into()
}
