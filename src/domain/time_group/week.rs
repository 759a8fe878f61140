//! The plan of a week: when each weekday is open, holidays and changes of clocks apart.

use super::{TimeGroup, Weekdays};
use crate::domain::calendar::show_minutes;

/// Open hours of one weekday in minutes after midnight, sorted, joined where they meet.
pub type Spans = Vec<(u16, u16)>;

const DAY: u16 = 1_440;

impl TimeGroup {
    /// The seven weekdays, Monday first. What goes on after midnight stands at the next day.
    pub fn week(&self) -> [Spans; 7] {
        let mut week: [Spans; 7] = Default::default();
        if self.always {
            return week.map(|_| vec![(0, DAY)]);
        }
        for row in &self.rows {
            let (from, end) = (row.from_minute, row.end_minute());
            for (at, _) in Weekdays::EACH
                .into_iter()
                .enumerate()
                .filter(|(_, day)| row.weekdays.contains(*day))
            {
                week[at].push((from, end.min(DAY)));
                if end > DAY {
                    week[(at + 1) % 7].push((0, end - DAY));
                }
            }
        }
        week.map(joined)
    }
}

fn joined(mut spans: Spans) -> Spans {
    spans.sort_unstable();
    let mut joined = Spans::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            Some(_) | None => joined.push((from, to)),
        }
    }
    joined
}

/// `09:00–13:00, 14:00–18:30`; `Closed`; `All day`.
pub fn spans_said(spans: &[(u16, u16)]) -> String {
    match spans {
        [] => "Closed".to_owned(),
        [(0, DAY)] => "All day".to_owned(),
        spans => spans
            .iter()
            .map(|(from, to)| format!("{}–{}", show_minutes(*from), show_minutes(*to)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Row;
    use super::*;
    use crate::domain::time::{MINUTE, Timestamp};
    use proptest::prelude::*;

    fn group(rows: Vec<Row>) -> TimeGroup {
        TimeGroup {
            zone: chrono_tz::UTC,
            always: false,
            rows,
            holidays: Default::default(),
        }
    }

    #[test]
    fn nights_go_over_into_the_next_day() {
        let row = |days, from, to| Row::new(Weekdays(days), from, to).unwrap();
        let week = group(vec![
            row(31, 840, 1_110),
            row(31, 540, 780),
            row(64, 1_320, 120),
            row(1, 780, 800),
        ])
        .week();
        assert_eq!(
            spans_said(&week[0]),
            "00:00–02:00, 09:00–13:20, 14:00–18:30"
        );
        assert_eq!(spans_said(&week[1]), "09:00–13:00, 14:00–18:30");
        assert_eq!(spans_said(&week[5]), "Closed");
        assert_eq!(spans_said(&week[6]), "22:00–24:00");
        let mut always = group(Vec::new());
        always.always = true;
        assert!(always.week().iter().all(|day| spans_said(day) == "All day"));
    }

    proptest! {
        #[test]
        fn the_plan_is_what_a_clock_without_changes_sees(
            rows in prop::collection::vec((1..128u8, 0..96u16, 0..=96u16), 0..5),
            minute in 0..10_080i64,
        ) {
            let rows = rows.into_iter().map(|(days, from, to)| Row::new(Weekdays(days), from * 15, to * 15).unwrap());
            let group = group(rows.collect());
            // A Monday, far from the beginning of time.
            let monday = Timestamp(1_794_787_200_000_000);
            let (day, of_day) = (usize::try_from(minute / 1_440).unwrap(), u16::try_from(minute % 1_440).unwrap());
            let planned = group.week()[day].iter().any(|(from, to)| (*from..*to).contains(&of_day));
            prop_assert_eq!(group.open_at(monday.plus(minute * MINUTE)), planned);
        }
    }
}
