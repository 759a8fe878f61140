//! Days, times and durations as people read them.

use super::day_range::{Day, DaySpan};
use super::time::{HOUR, MINUTE, SECOND, Timestamp};
use chrono::Datelike;
use chrono_tz::{OffsetName, Tz};

/// `01 Nov 2026`.
pub fn day(day: Day) -> String {
    day.date().format("%d %b %Y").to_string()
}

/// `Sun 01 Nov 2026`.
pub fn weekday_and_day(day: Day) -> String {
    day.date().format("%a %d %b %Y").to_string()
}

/// `Mon 16 – Sun 22 Nov 2026`, saying month and year only where they differ.
pub fn range(span: DaySpan) -> String {
    let (from, to) = (span.from.date(), span.to.date());
    if from == to {
        return weekday_and_day(span.from);
    }
    let short = match (from.year() == to.year(), from.month() == to.month()) {
        (true, true) => "%a %d",
        (true, false) => "%a %d %b",
        (false, _) => "%a %d %b %Y",
    };
    format!("{} – {}", from.format(short), to.format("%a %d %b %Y"))
}

/// `14:02:11` on the clock of the zone.
pub fn time_of_day(at: Timestamp, zone: Tz) -> String {
    at.utc().with_timezone(&zone).format("%H:%M:%S").to_string()
}

/// `14:02` on the clock of the zone.
pub fn hour_and_minute(at: Timestamp, zone: Tz) -> String {
    at.utc().with_timezone(&zone).format("%H:%M").to_string()
}

/// `22 Nov 2026 14:02:11` on the clock and calendar of the zone.
pub fn moment(at: Timestamp, zone: Tz) -> String {
    at.utc()
        .with_timezone(&zone)
        .format("%d %b %Y %H:%M:%S")
        .to_string()
}

/// The zone's short name at that instant, `IST`; `UTC+04:00` where it has none but the offset.
pub fn zone_name(at: Timestamp, zone: Tz) -> String {
    let local = at.utc().with_timezone(&zone);
    match local.offset().abbreviation() {
        Some(name) if !name.starts_with(['+', '-']) => name.to_owned(),
        Some(_) | None => format!("UTC{}", local.format("%:z")),
    }
}

/// `2026-11-22T08:32:11Z`, for programs.
pub fn rfc3339(at: Timestamp) -> String {
    at.utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-11-22T14:02:11+05:30`, for programs that show it by the clock of the zone.
pub fn rfc3339_local(at: Timestamp, zone: Tz) -> String {
    at.utc()
        .with_timezone(&zone)
        .format("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

/// How long something has lasted, from microseconds: `38s`, `12m`, `1h 04m`, `6d`.
pub fn age(micros: i64) -> String {
    let micros = micros.max(0);
    match micros {
        ..MINUTE => format!("{}s", micros / SECOND),
        MINUTE..HOUR => format!("{}m", micros / MINUTE),
        HOUR..DAY => format!("{}h {:02}m", micros / HOUR, micros % HOUR / MINUTE),
        DAY.. => format!("{}d", micros / DAY),
    }
}

/// How long something took, from microseconds: `9s`, `6m 51s`, `1h 04m`.
pub fn length(micros: i64) -> String {
    let micros = micros.max(0);
    match micros {
        ..MINUTE => format!("{}s", micros / SECOND),
        MINUTE..HOUR => format!("{}m {:02}s", micros / MINUTE, micros % MINUTE / SECOND),
        HOUR.. => format!("{}h {:02}m", count(micros / HOUR), micros % HOUR / MINUTE),
    }
}

const DAY: i64 = 24 * HOUR;

/// `1,204`: a whole number with its thousands set apart.
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{
        America::New_York,
        Asia::{Dubai, Kolkata},
        Europe::London,
    };

    fn span(from: &str, to: &str) -> DaySpan {
        DaySpan {
            from: Day::parse_iso(from).unwrap(),
            to: Day::parse_iso(to).unwrap(),
        }
    }

    #[test]
    fn ranges_say_no_more_than_needed() {
        assert_eq!(day(Day::parse_iso("2026-11-01").unwrap()), "01 Nov 2026");
        assert_eq!(range(span("2026-11-22", "2026-11-22")), "Sun 22 Nov 2026");
        assert_eq!(
            range(span("2026-11-16", "2026-11-22")),
            "Mon 16 – Sun 22 Nov 2026"
        );
        assert_eq!(
            range(span("2026-10-26", "2026-11-01")),
            "Mon 26 Oct – Sun 01 Nov 2026"
        );
        assert_eq!(
            range(span("2026-12-28", "2027-01-03")),
            "Mon 28 Dec 2026 – Sun 03 Jan 2027"
        );
        assert_eq!(
            range(span("2025-11-01", "2026-11-01")),
            "Sat 01 Nov 2025 – Sun 01 Nov 2026"
        );
    }

    #[test]
    fn times_are_those_of_the_zone() {
        let at = Timestamp(1_795_336_331_000_000); // 2026-11-22T08:32:11Z
        assert_eq!(time_of_day(at, Kolkata), "14:02:11");
        assert_eq!(hour_and_minute(at, London), "08:32");
        assert_eq!(moment(at, New_York), "22 Nov 2026 03:32:11");
        assert_eq!(zone_name(at, Kolkata), "IST");
        assert_eq!(zone_name(at, London), "GMT");
        assert_eq!(zone_name(at.plus(-150 * DAY), London), "BST");
        assert_eq!(zone_name(at, Dubai), "UTC+04:00");
    }

    #[test]
    fn ages_are_short() {
        for (micros, text) in [
            (-5, "0s"),
            (38 * SECOND, "38s"),
            (12 * MINUTE + 59 * SECOND, "12m"),
            (64 * MINUTE, "1h 04m"),
            (DAY - 1, "23h 59m"),
            (6 * DAY + HOUR, "6d"),
        ] {
            assert_eq!(age(micros), text);
        }
    }

    #[test]
    fn lengths_are_exact_to_the_second_where_it_matters() {
        for (micros, text) in [
            (-5, "0s"),
            (9 * SECOND, "9s"),
            (6 * MINUTE + 51 * SECOND, "6m 51s"),
            (64 * MINUTE + 59 * SECOND, "1h 04m"),
            (1_204 * HOUR, "1,204h 00m"),
        ] {
            assert_eq!(length(micros), text);
        }
    }

    #[test]
    fn counts_have_thousands() {
        for (number, text) in [
            (0, "0"),
            (42, "42"),
            (999, "999"),
            (1_204, "1,204"),
            (-10_000, "-10,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(number), text);
        }
    }
}
