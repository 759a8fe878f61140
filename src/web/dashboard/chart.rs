//! Answered per hour: bars for today, a dashed line for the same weekday before, and the table twin.

use super::hours::DayOfCalls;
use crate::domain::show;
use crate::domain::time::{HOUR, Timestamp};
use crate::floor::Tally;
use chrono_tz::Tz;
use std::fmt::Write as _;

/// Ready to print. Empty bars: nothing has happened on either day.
#[derive(Default)]
pub struct ChartView {
    pub bars: Vec<Bar>,
    /// Points of the dashed line.
    pub before: String,
    pub lines: Vec<Line>,
    /// What the picture shows, in a sentence.
    pub said: String,
}

pub struct Bar {
    pub label: String,
    pub x: String,
    pub middle: String,
    pub y: String,
    pub width: String,
    pub height: String,
    /// The hour that goes on now.
    pub now: bool,
    pub answered: i64,
    pub missed: i64,
    pub before: i64,
}

/// A line across, with its number.
pub struct Line {
    pub y: String,
    pub label: String,
}

const LEFT: f64 = 40.0;
const RIGHT: f64 = 876.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 146.0;

pub fn chart(today: &DayOfCalls, before: &DayOfCalls, now: Timestamp, zone: Tz) -> ChartView {
    let (hours, earlier) = (today.by_hour(), before.by_hour());
    let busy =
        |hour: &usize| hours[*hour] != Tally::default() || earlier[*hour] != Tally::default();
    let (Some(first), Some(last)) = ((0..25).find(busy), (0..25).rfind(busy)) else {
        return ChartView::default();
    };
    let most = (first..=last)
        .map(|hour| hours[hour].answered.max(earlier[hour].answered))
        .max()
        .unwrap_or(0);
    let step = step(most);
    let top = (most.div_euclid(step) + 1) * step;
    let y = |count: i64| BOTTOM - (BOTTOM - TOP) * count as f64 / top as f64;
    let pitch = (RIGHT - LEFT) / (last - first + 1) as f64;
    let width = (pitch * 0.55).min(40.0);
    let current = now.since(today.begin) / HOUR;
    let mut line = String::new();
    let bars: Vec<Bar> = (first..=last)
        .map(|hour| {
            let middle = LEFT + pitch * ((hour - first) as f64 + 0.5);
            let _ = write!(line, "{middle:.1},{:.1} ", y(earlier[hour].answered));
            let at = today.begin.plus(hour as i64 * HOUR);
            let height = BOTTOM - y(hours[hour].answered);
            Bar {
                label: show::hour_and_minute(at, zone),
                x: format!("{:.1}", middle - width / 2.0),
                middle: format!("{middle:.1}"),
                y: format!("{:.1}", BOTTOM - height),
                width: format!("{width:.1}"),
                height: format!("{height:.1}"),
                now: current == hour as i64,
                answered: hours[hour].answered,
                missed: hours[hour].missed,
                before: earlier[hour].answered,
            }
        })
        .collect();
    ChartView {
        said: said(&bars),
        bars,
        before: line.trim_end().to_owned(),
        lines: (0..=top / step)
            .map(|at| Line {
                y: format!("{:.1}", y(at * step)),
                label: show::count(at * step),
            })
            .collect(),
    }
}

/// Lines stand at 1, 2 or 5 times a power of ten, five of them at most.
fn step(most: i64) -> i64 {
    let mut unit = 1;
    loop {
        for step in [unit, 2 * unit, 5 * unit] {
            if most / step <= 4 {
                return step;
            }
        }
        unit *= 10;
    }
}

fn said(bars: &[Bar]) -> String {
    let sum: i64 = bars.iter().map(|bar| bar.answered).sum();
    match bars.iter().max_by_key(|bar| bar.answered) {
        Some(most) if most.answered > 0 => format!(
            "{} answered so far, most of them, {}, from {}",
            show::count(sum),
            show::count(most.answered),
            most.label
        ),
        Some(_) | None => "Nothing answered yet today".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::MINUTE;
    use crate::store::call::MinuteCount;
    use chrono_tz::Asia::Kolkata;

    fn day(begin: i64, minutes: &[(i64, i64)]) -> DayOfCalls {
        let minutes = minutes.iter().map(|(after, answered)| MinuteCount {
            minute: begin / MINUTE + after,
            department: None,
            answered: *answered,
            missed: 1,
        });
        DayOfCalls {
            begin: Timestamp(begin),
            minutes: minutes.collect(),
        }
    }

    #[test]
    fn bars_begin_and_end_with_the_busy_hours_of_either_day() {
        let begin = 1_795_285_800_000_000; // 2026-11-22T00:00 in India
        let today = day(begin, &[(9 * 60, 3), (9 * 60 + 59, 4), (10 * 60, 1)]);
        let before = day(begin - 7 * 24 * HOUR, &[(8 * 60, 2), (12 * 60, 5)]);
        let now = Timestamp(begin + 10 * HOUR + 5 * MINUTE);
        let chart = chart(&today, &before, now, Kolkata);
        let hours: Vec<_> = chart
            .bars
            .iter()
            .map(|bar| (bar.label.as_str(), bar.answered, bar.before, bar.now))
            .collect();
        let expected = [
            ("08:00", 0, 2, false),
            ("09:00", 7, 0, false),
            ("10:00", 1, 0, true),
            ("11:00", 0, 0, false),
            ("12:00", 0, 5, false),
        ];
        assert_eq!(hours, expected);
        assert_eq!(chart.before.split(' ').count(), 5);
        assert!(chart.said.contains("8 answered so far"));
        assert_eq!(before.until(10 * HOUR + 5 * MINUTE).answered, 2);
    }

    #[test]
    fn a_day_without_calls_has_no_bars() {
        let none = day(0, &[]);
        assert!(
            chart(&none, &none, Timestamp(HOUR), Kolkata)
                .bars
                .is_empty()
        );
    }

    #[test]
    fn lines_stand_at_round_numbers() {
        for (most, round) in [
            (0, 1),
            (4, 1),
            (7, 2),
            (14, 5),
            (40, 10),
            (99, 20),
            (203, 50),
            (4_800, 1_000),
        ] {
            assert_eq!(step(most), round, "{most}");
        }
    }
}
