//! The picture of a week: a bar for each stretch of open hours, and the table that says the same.

use crate::domain::calendar::{show_minutes, wall_clock};
use crate::domain::time::Timestamp;
use crate::domain::time_group::{TimeGroup, spans_said};
use chrono::{Datelike, Timelike};

/// Ready to print.
pub struct WeekView {
    pub days: Vec<DayView>,
    /// Lines across, every three hours.
    pub lines: Vec<LineView>,
    pub now: NowView,
    /// The picture in a sentence.
    pub said: String,
}

pub struct DayView {
    pub name: &'static str,
    /// `Mon`.
    pub short: &'static str,
    /// Where its name stands.
    pub y: u32,
    pub bars: Vec<BarView>,
    /// `09:00–13:00, 14:00–18:30`.
    pub said: String,
    pub today: bool,
}

pub struct BarView {
    pub x: String,
    pub y: u32,
    pub width: String,
    /// `Monday 09:00 to 13:00`.
    pub said: String,
}

pub struct LineView {
    pub x: String,
    pub label: String,
    /// The last one's label ends at its line.
    pub last: bool,
}

pub struct NowView {
    pub x: String,
    pub top: u32,
    pub bottom: u32,
    /// `Sun 14:02`.
    pub said: String,
}

const NAMES: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const LEFT: f64 = 52.0;
const PER_MINUTE: f64 = 0.55;
const TOP: u32 = 26;
const PITCH: u32 = 28;
pub const HEIGHT: u32 = 22;

pub fn week(hours: &TimeGroup, now: Timestamp) -> WeekView {
    let wall = wall_clock(hours.zone, now);
    let today = wall.weekday().num_days_from_monday();
    let week = hours.week();
    let days: Vec<DayView> = (0_u32..)
        .zip(NAMES)
        .zip(&week)
        .map(|((at, name), spans)| DayView {
            name,
            short: &name[..3],
            y: TOP + PITCH * at + 15,
            bars: spans.iter().map(|span| bar(at, name, *span)).collect(),
            said: spans_said(spans),
            today: at == today,
        })
        .collect();
    let top = TOP + PITCH * today;
    WeekView {
        said: days
            .iter()
            .map(|day| format!("{} {}", day.name, day.said))
            .collect::<Vec<_>>()
            .join("; "),
        days,
        lines: (0..=8).map(|at| line(at * 180)).collect(),
        now: NowView {
            x: x(wall.hour() * 60 + wall.minute()),
            top: top - 4,
            bottom: top + 26,
            said: wall.format("%a %H:%M").to_string(),
        },
    }
}

fn x(minute: u32) -> String {
    format!("{:.1}", LEFT + PER_MINUTE * f64::from(minute))
}

fn bar(at: u32, name: &str, (from, to): (u16, u16)) -> BarView {
    BarView {
        x: x(from.into()),
        y: TOP + PITCH * at,
        width: format!("{:.1}", PER_MINUTE * f64::from(to - from)),
        said: format!("{name} {} to {}", show_minutes(from), show_minutes(to)),
    }
}

fn line(minute: u32) -> LineView {
    LineView {
        x: x(minute),
        label: format!("{:02}:00", minute / 60),
        last: minute == 1_440,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time_group::{Row, Weekdays};

    #[test]
    fn the_picture_says_what_the_table_says() {
        let hours = TimeGroup {
            zone: chrono_tz::Asia::Kolkata,
            always: false,
            rows: vec![
                Row::new(Weekdays::WORKING, 540, 780).unwrap(),
                Row::new(Weekdays(32), 1_320, 120).unwrap(),
            ],
            holidays: Default::default(),
        };
        // Sunday 22 November 2026, 14:02:11 in India.
        let week = week(&hours, Timestamp(1_795_336_331_000_000));
        let monday = &week.days[0];
        assert_eq!(
            (monday.name, monday.said.as_str()),
            ("Monday", "09:00–13:00")
        );
        assert_eq!(
            (monday.bars[0].x.as_str(), monday.bars[0].width.as_str()),
            ("349.0", "132.0")
        );
        assert_eq!(week.days[5].bars[0].said, "Saturday 22:00 to 24:00");
        assert_eq!(week.days[6].bars[0].said, "Sunday 00:00 to 02:00");
        assert!(week.days[6].today && !week.days[0].today);
        assert_eq!(
            (week.now.x.as_str(), week.now.said.as_str()),
            ("515.1", "Sun 14:02")
        );
        assert_eq!(week.lines[8].x, "844.0");
        assert!(
            week.said.starts_with("Monday 09:00–13:00; Tuesday"),
            "{}",
            week.said
        );
    }
}
