//! The picture of an agent's status over some days, as SVG and as a table.

use super::row::label;
use crate::domain::calendar::Calendar;
use crate::domain::day_range::DaySpan;
use crate::domain::show;
use crate::domain::status::AgentStatus;
use crate::domain::time::{HOUR, Timestamp};
use crate::domain::timeline::{Segment, Shown, totals, within};
use std::fmt::Write as _;

/// So many days have a line each; of more only the last are drawn.
pub const DRAWN_DAYS: i32 = 31;

/// The picture and its table twin, ready to print.
#[derive(Default)]
pub struct TimelineView {
    pub height: u32,
    pub lanes: Vec<Lane>,
    pub ticks: Vec<Tick>,
    /// Where now is, on the last line.
    pub now: Option<NowLine>,
    pub totals: Vec<Total>,
    /// The stretches of a single day.
    pub stretches: Vec<Stretch>,
    /// Per day and status, when there are more days.
    pub days: Vec<DayRow>,
    /// What the picture shows, in a sentence.
    pub said: String,
}

/// One day.
pub struct Lane {
    /// Empty when there is only one.
    pub label: String,
    pub text_y: u32,
    pub marks: Vec<Mark>,
}

/// All stretches of one status in a line, or one of them with its title.
pub struct Mark {
    pub class: &'static str,
    pub path: String,
    pub title: String,
}

pub struct Tick {
    pub x: String,
    pub label: String,
}

pub struct NowLine {
    pub x: String,
    pub from: u32,
    pub to: u32,
}

pub struct Total {
    /// Status word; empty for what has no record.
    pub word: &'static str,
    pub label: &'static str,
    pub length: String,
}

pub struct Stretch {
    pub from: String,
    pub until: String,
    pub word: &'static str,
    pub label: &'static str,
    pub cause: String,
    pub length: String,
}

pub struct DayRow {
    pub day: String,
    /// In the order of the totals.
    pub lengths: Vec<String>,
}

const LANE: u32 = 26;
const WIDTH: f64 = 850.0;

/// What is drawn: a sorted, gapless run of stretches, and until when it is known.
pub struct Drawn<'a> {
    pub segments: &'a [Segment],
    pub calendar: Calendar,
    pub span: DaySpan,
    pub now: Timestamp,
}

impl Drawn<'_> {
    pub fn view(&self) -> TimelineView {
        let single = self.span.count() == 1;
        let sums = totals(self.segments);
        let totals: Vec<Total> = sums
            .iter()
            .filter(|(_, micros)| *micros > 0)
            .map(|(shown, micros)| Total {
                word: word(*shown),
                label: name(*shown),
                length: show::length(*micros),
            })
            .collect();
        let order: Vec<Shown> = sums
            .iter()
            .filter(|(_, micros)| *micros > 0)
            .map(|(shown, _)| *shown)
            .collect();
        let first = self.span.from.max(self.span.to.plus(1 - DRAWN_DAYS));
        let drawn = DaySpan {
            from: first,
            to: self.span.to,
        };
        let said = totals
            .iter()
            .map(|total| format!("{} {}", total.label, total.length));
        TimelineView {
            height: LANE * u32::try_from(drawn.count()).unwrap_or(1) + 22,
            lanes: (0..)
                .zip(drawn.days())
                .map(|(at, day)| {
                    let (from, until) = self.calendar.bounds(day);
                    let label = if single {
                        String::new()
                    } else {
                        day.date().format("%a %d").to_string()
                    };
                    self.lane(at, label, from, until, single)
                })
                .collect(),
            ticks: self.ticks(single),
            now: self.now_line(drawn, single),
            said: said.collect::<Vec<_>>().join(", "),
            stretches: if single { self.stretches() } else { Vec::new() },
            days: if single {
                Vec::new()
            } else {
                self.day_rows(&order)
            },
            totals,
        }
    }

    fn lane(
        &self,
        at: u32,
        label: String,
        from: Timestamp,
        until: Timestamp,
        single: bool,
    ) -> Lane {
        let top = at * LANE;
        let scale = Scale::new(from, until, single);
        let stretches = within(self.segments, from, until);
        let mut marks: Vec<Mark> = Vec::new();
        for stretch in &stretches {
            let Some((class, y, height)) = shape(stretch.shown) else {
                continue;
            };
            let (x, end) = (scale.x(stretch.from), scale.x(stretch.until));
            let path = format!(
                "M{x:.1} {}H{:.1}V{}H{x:.1}z",
                top + y,
                end.max(x + 0.6),
                top + y + height
            );
            if single {
                marks.push(Mark {
                    class,
                    path,
                    title: self.title(stretch),
                });
                continue;
            }
            match marks.iter_mut().find(|mark| mark.class == class) {
                Some(mark) => mark.path.push_str(&path),
                None => marks.push(Mark {
                    class,
                    path,
                    title: String::new(),
                }),
            }
        }
        Lane {
            label,
            text_y: top + 18,
            marks,
        }
    }

    fn title(&self, stretch: &Segment) -> String {
        let zone = self.calendar.zone;
        let mut title = format!(
            "{} {} – {}",
            name(stretch.shown),
            show::hour_and_minute(stretch.from, zone),
            show::hour_and_minute(stretch.until, zone)
        );
        if !stretch.cause.is_empty() {
            let _ = write!(title, ", {}", stretch.cause);
        }
        title
    }

    fn ticks(&self, single: bool) -> Vec<Tick> {
        let (from, until) = self.calendar.bounds(self.span.to);
        let scale = Scale::new(from, until, single);
        (0..8)
            .map(|step| from.plus(step * 3 * HOUR))
            .filter(|at| *at < until)
            .map(|at| Tick {
                x: format!("{:.1}", scale.x(at)),
                label: show::hour_and_minute(at, self.calendar.zone),
            })
            .collect()
    }

    fn now_line(&self, drawn: DaySpan, single: bool) -> Option<NowLine> {
        let (from, until) = self.calendar.bounds(drawn.to);
        let inside = from <= self.now && self.now < until;
        let last = LANE * u32::try_from(drawn.count()).unwrap_or(1);
        inside.then(|| NowLine {
            x: format!("{:.1}", Scale::new(from, until, single).x(self.now)),
            from: last - LANE,
            to: last,
        })
    }

    fn stretches(&self) -> Vec<Stretch> {
        let zone = self.calendar.zone;
        self.segments
            .iter()
            .map(|segment| Stretch {
                from: show::time_of_day(segment.from, zone),
                until: show::time_of_day(segment.until, zone),
                word: word(segment.shown),
                label: name(segment.shown),
                cause: segment.cause.clone(),
                length: show::length(segment.micros()),
            })
            .collect()
    }

    fn day_rows(&self, order: &[Shown]) -> Vec<DayRow> {
        self.span
            .days()
            .rev()
            .map(|day| {
                let (from, until) = self.calendar.bounds(day);
                let sums = totals(&within(self.segments, from, until));
                let of = |shown: &Shown| {
                    let sum = sums.iter().find(|(other, _)| other == shown);
                    sum.map_or(0, |(_, micros)| *micros)
                };
                DayRow {
                    day: show::weekday_and_day(day),
                    lengths: order
                        .iter()
                        .map(|shown| match of(shown) {
                            0 => "–".to_owned(),
                            micros => show::length(micros),
                        })
                        .collect(),
                }
            })
            .collect()
    }
}

/// Instants of a day to places in the picture.
struct Scale {
    from: i64,
    length: f64,
    left: f64,
    width: f64,
}

impl Scale {
    fn new(from: Timestamp, until: Timestamp, single: bool) -> Self {
        // Days have their names at the left; the first hour's name needs half its own width.
        let left = if single { 18.0 } else { 62.0 };
        Self {
            from: from.0,
            length: (until.since(from).max(1)) as f64,
            left,
            width: WIDTH - left - 2.0,
        }
    }

    fn x(&self, at: Timestamp) -> f64 {
        self.left + (at.0 - self.from) as f64 / self.length * self.width
    }
}

/// Class, place and height: status shows by shape too, not by colour alone.
fn shape(shown: Shown) -> Option<(&'static str, u32, u32)> {
    match shown {
        Shown::NoRecord | Shown::Status(AgentStatus::Unknown) => None,
        Shown::Status(AgentStatus::Active) => Some(("tl-active", 12, 10)),
        Shown::Status(AgentStatus::Busy) => Some(("tl-busy", 3, 19)),
        Shown::Status(AgentStatus::Offline) => Some(("tl-offline", 19, 3)),
        Shown::Status(AgentStatus::Blocked) => Some(("tl-blocked", 3, 8)),
        Shown::Status(AgentStatus::Disabled) => Some(("tl-disabled", 8, 6)),
    }
}

fn word(shown: Shown) -> &'static str {
    match shown {
        Shown::Status(status) => status.word(),
        Shown::NoRecord => "",
    }
}

fn name(shown: Shown) -> &'static str {
    match shown {
        Shown::Status(status) => label(status.word()),
        Shown::NoRecord => "Not recorded",
    }
}
