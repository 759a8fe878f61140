use super::*;
use crate::domain::time::{HOUR, MINUTE};
use chrono::DateTime;
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc().into()
}

fn date(text: &str) -> NaiveDate {
    Day::parse_iso(text).unwrap().date()
}

fn group(zone: &str, rows: &[(u8, &str, &str)]) -> TimeGroup {
    let minutes = |text: &str| crate::domain::calendar::parse_minutes(text).unwrap();
    let row = |&(days, from, to): &(u8, &str, &str)| {
        Row::new(Weekdays(days), minutes(from), minutes(to)).unwrap()
    };
    TimeGroup {
        zone: zone.parse().unwrap(),
        always: false,
        rows: rows.iter().map(row).collect(),
        holidays: BTreeSet::new(),
    }
}

/// The changes of a group from an instant on.
fn changes(group: &TimeGroup, from: &str, count: usize) -> Vec<Timestamp> {
    std::iter::successors(group.next_change_after(at(from)), |at| {
        group.next_change_after(*at)
    })
    .take(count)
    .collect()
}

#[test]
fn office_hours_in_a_half_hour_zone() {
    let office = group("Asia/Kolkata", &[(31, "09:00", "18:00")]);
    assert!(!office.open_at(at("2026-11-20T08:59:59+05:30")));
    assert!(office.open_at(at("2026-11-20T09:00:00+05:30")));
    assert!(office.open_at(at("2026-11-20T17:59:59+05:30")));
    assert!(!office.open_at(at("2026-11-20T18:00:00+05:30")));
    assert!(!office.open_at(at("2026-11-21T12:00:00+05:30")), "Saturday");
    let expected = [
        "2026-11-20T18:00:00+05:30",
        "2026-11-23T09:00:00+05:30",
        "2026-11-23T18:00:00+05:30",
    ]
    .map(at);
    assert_eq!(changes(&office, "2026-11-20T10:00:00+05:30", 3), expected);
}

#[test]
fn overnight_hours_belong_to_the_day_they_begin_on() {
    let mut night = group("Asia/Kolkata", &[(16, "22:00", "06:00")]);
    assert!(
        night.open_at(at("2026-11-21T05:59:59+05:30")),
        "Saturday morning"
    );
    assert!(
        !night.open_at(at("2026-11-21T22:30:00+05:30")),
        "Saturday night"
    );
    assert!(
        !night.open_at(at("2026-11-20T05:00:00+05:30")),
        "Friday morning"
    );
    night.holidays.insert(date("2026-11-21"));
    assert!(
        night.open_at(at("2026-11-21T05:00:00+05:30")),
        "began before the holiday"
    );
    night.holidays.insert(date("2026-11-20"));
    assert!(!night.open_at(at("2026-11-21T05:00:00+05:30")));
    assert_eq!(
        night.next_change_after(at("2026-11-20T12:00:00+05:30")),
        Some(at("2026-11-27T22:00:00+05:30"))
    );
}

#[test]
fn equal_times_are_a_whole_day() {
    let sunday = group("Asia/Kolkata", &[(64, "08:00", "08:00")]);
    assert_eq!(
        changes(&sunday, "2026-11-20T00:00:00Z", 2),
        ["2026-11-22T08:00:00+05:30", "2026-11-23T08:00:00+05:30"].map(at)
    );
    let ever = group("Asia/Kolkata", &[(127, "00:00", "00:00")]);
    assert!(ever.open_at(at("2026-11-20T00:00:00Z")));
    assert_eq!(ever.next_change_after(at("2026-11-20T00:00:00Z")), None);
}

#[test]
fn rows_that_touch_or_overlap_are_one() {
    let split = group(
        "Europe/London",
        &[
            (127, "09:00", "13:00"),
            (127, "13:00", "15:00"),
            (127, "14:00", "18:00"),
        ],
    );
    assert_eq!(
        split.next_change_after(at("2026-11-20T10:00:00Z")),
        Some(at("2026-11-20T18:00:00Z"))
    );
}

#[test]
fn london_nights_are_shorter_and_longer_when_clocks_change() {
    let night = group("Europe/London", &[(127, "22:00", "06:00")]);
    let length = |from: &str| {
        let [begin, end] = changes(&night, from, 2)[..] else {
            panic!("{from}")
        };
        end.since(begin) / HOUR
    };
    assert_eq!(length("2026-03-28T12:00:00Z"), 7);
    assert_eq!(length("2026-10-24T12:00:00Z"), 9);
    assert_eq!(length("2026-06-01T12:00:00Z"), 8);
}

#[test]
fn times_that_new_york_skips_or_repeats() {
    // 02:00 to 03:00 does not exist on 8 March.
    let skipped = group("America/New_York", &[(64, "02:15", "02:45")]);
    assert_eq!(
        changes(&skipped, "2026-03-07T12:00:00Z", 1),
        [at("2026-03-15T02:15:00-04:00")]
    );
    let into = group("America/New_York", &[(64, "01:30", "02:30")]);
    assert_eq!(
        changes(&into, "2026-03-07T12:00:00Z", 2),
        ["2026-03-08T01:30:00-05:00", "2026-03-08T03:00:00-04:00"].map(at)
    );
    // 01:00 to 02:00 exists twice on 1 November.
    let across = group("America/New_York", &[(64, "00:30", "02:30")]);
    assert_eq!(
        changes(&across, "2026-10-31T12:00:00Z", 2),
        ["2026-11-01T00:30:00-04:00", "2026-11-01T02:30:00-05:00"].map(at)
    );
    assert!(
        across.open_at(at("2026-11-01T01:45:00-04:00"))
            && across.open_at(at("2026-11-01T01:45:00-05:00"))
    );
}

#[test]
fn nights_open_and_close_at_the_right_instants_over_every_change_of_clocks() {
    // India has no changes: both nights last eight hours. The others lose or gain one.
    for (zone, evening, expected) in [
        (
            "Asia/Kolkata",
            "2026-03-28T12:00:00Z",
            ["2026-03-28T16:30:00Z", "2026-03-29T00:30:00Z"],
        ),
        (
            "Asia/Kolkata",
            "2026-10-24T12:00:00Z",
            ["2026-10-24T16:30:00Z", "2026-10-25T00:30:00Z"],
        ),
        (
            "Europe/London",
            "2026-03-28T12:00:00Z",
            ["2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"],
        ),
        (
            "Europe/London",
            "2026-10-24T12:00:00Z",
            ["2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z"],
        ),
        (
            "America/New_York",
            "2026-03-07T12:00:00Z",
            ["2026-03-08T03:00:00Z", "2026-03-08T10:00:00Z"],
        ),
        (
            "America/New_York",
            "2026-10-31T12:00:00Z",
            ["2026-11-01T02:00:00Z", "2026-11-01T11:00:00Z"],
        ),
    ] {
        let night = group(zone, &[(127, "22:00", "06:00")]);
        let expected = expected.map(at);
        assert_eq!(changes(&night, evening, 2), expected, "{zone}");
        for (instant, open) in [
            (expected[0].plus(-1), false),
            (expected[0], true),
            (expected[1].plus(-1), true),
            (expected[1], false),
        ] {
            assert_eq!(night.open_at(instant), open, "{zone} {instant:?}");
        }
    }
}

#[test]
fn always_and_never_do_not_change() {
    let never = group("Asia/Kolkata", &[]);
    let always = TimeGroup {
        always: true,
        ..never.clone()
    };
    let now = at("2026-11-20T00:00:00Z");
    assert!(!never.open_at(now) && always.open_at(now));
    assert_eq!(
        (never.next_change_after(now), always.next_change_after(now)),
        (None, None)
    );
}

#[test]
fn hours_that_close_for_good_say_when() {
    let mut office = group("Asia/Kolkata", &[(127, "09:00", "18:00")]);
    office
        .holidays
        .extend((1..500).map(|days| date("2026-11-20") + chrono::Days::new(days)));
    let evening = at("2026-11-20T18:00:00+05:30");
    assert_eq!(
        office.next_change_after(at("2026-11-20T10:00:00+05:30")),
        Some(evening)
    );
    assert_eq!(office.next_change_after(evening), None);
}

#[test]
fn absurd_instants_do_no_harm() {
    let office = group("Pacific/Kiritimati", &[(127, "09:00", "08:00")]);
    for micros in [i64::MIN, i64::MAX, 8_200_000_000_000_000_000] {
        office.open_at(Timestamp(micros));
        office.next_change_after(Timestamp(micros));
    }
}

fn any_group() -> impl Strategy<Value = TimeGroup> {
    let zones = [
        "Asia/Kolkata",
        "Europe/London",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/St_Johns",
    ];
    let row = (1..128u8, 0..96u16, 0..=96u16)
        .prop_map(|(days, from, to)| Row::new(Weekdays(days), from * 15, to * 15).unwrap());
    (
        prop::sample::select(zones.to_vec()),
        prop::collection::vec(row, 0..4),
        prop::collection::btree_set(0..900u64, 0..40),
    )
        .prop_map(|(zone, rows, holidays)| TimeGroup {
            zone: zone.parse().unwrap(),
            always: false,
            rows,
            holidays: holidays
                .into_iter()
                .map(|days| date("2025-06-01") + chrono::Days::new(days))
                .collect(),
        })
}

proptest! {
    #[test]
    fn nothing_changes_before_the_next_change(group in any_group(), minutes in 0..525_600i64) {
        let from = at("2026-01-01T00:00:00Z").plus(minutes * MINUTE);
        let open = group.open_at(from);
        if let Some(change) = group.next_change_after(from) {
            prop_assert!(change > from);
            prop_assert_eq!(group.open_at(change), !open);
            prop_assert_eq!(group.open_at(change.plus(-1)), open);
            for step in 1..40 {
                let between = from.plus(change.since(from) / 40 * step);
                prop_assert_eq!(group.open_at(between), open);
            }
        } else {
            for days in 0..390 {
                prop_assert_eq!(group.open_at(from.plus(days * 24 * HOUR + days * 37 * MINUTE % (24 * HOUR))), open);
            }
        }
    }

    #[test]
    fn in_a_zone_without_changes_hours_are_what_the_wall_clock_says(group in any_group(), minutes in 0..525_600i64) {
        let group = TimeGroup { zone: chrono_tz::UTC, ..group };
        let now = at("2026-01-01T00:00:00Z").plus(minutes * MINUTE);
        let (day, minute) = (Day::from(now.utc().date_naive()), (minutes % 1_440) as u16);
        let began = |day: Day, minute: u16| {
            !group.holidays.contains(&day.date())
                && group.rows.iter().any(|row| row.weekdays.contains(day.date().weekday()) && (row.from_minute..row.end_minute()).contains(&minute))
        };
        prop_assert_eq!(group.open_at(now), began(day, minute) || began(day.plus(-1), minute + 1_440));
    }
}
