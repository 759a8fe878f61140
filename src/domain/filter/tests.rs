use super::links::FilterPart;
use super::*;
use crate::domain::day_range::Day;
use proptest::prelude::*;

fn parse(raw: &str) -> AgentFilter {
    AgentFilter::parse(raw).unwrap_or_else(|bad| panic!("{raw}: {bad:?}"))
}

#[test]
fn nothing_asked_is_everyone_by_name_today() {
    let filter = parse("");
    assert_eq!(filter, AgentFilter::default());
    assert_eq!(filter.to_query(), "");
    assert_eq!(filter.link("/agents"), "/agents");
    assert_eq!(filter.per.rows(), 50);
    assert!(!filter.is_narrowed());
    let form =
        "q=&status=&extension=&group=&department=&time_group=&sort=&per=&page=&days=&from=&to=";
    assert_eq!(parse(form), filter);
}

#[test]
fn every_parameter_is_read_and_written_in_one_order() {
    let filter = parse(
        "days=7&page=3&per=100&sort=-calls_answered&time_group=4&department=3&group=2&extension=none&status=busy&q=r%C3%A1m+x",
    );
    assert_eq!(filter.q, "rám x");
    assert_eq!(filter.status, Some(AgentStatus::Busy));
    assert_eq!(
        filter.sort,
        Sort {
            column: SortColumn::CallsAnswered,
            descending: true
        }
    );
    assert_eq!(
        filter.to_query(),
        "q=r%C3%A1m+x&status=busy&extension=none&group=2&department=3&time_group=4&sort=-calls_answered&per=100&page=3&days=7"
    );
    assert!(filter.is_narrowed());
    assert_eq!(
        filter.cleared().to_query(),
        "sort=-calls_answered&per=100&days=7"
    );
}

#[test]
fn senseless_values_are_named_and_the_rest_is_kept() {
    for (raw, name) in [
        ("status=Busy", "status"),
        ("status=busy&status=busy", "status"),
        ("extension=maybe", "extension"),
        ("group=0", "group"),
        ("group=-1", "group"),
        ("group=1e3", "group"),
        ("department=%2B3", "department"),
        ("time_group=99999999999999999999", "time_group"),
        ("sort=color", "sort"),
        ("sort=--name", "sort"),
        ("sort=action", "sort"),
        ("per=51", "per"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=%2B1", "page"),
        ("page=4294967296", "page"),
        ("page=1000001", "page"),
        ("days=8", "days"),
        ("days=7&from=2026-11-01&to=2026-11-02", "days"),
        ("from=2026-11-02&to=2026-11-01", "from"),
        ("from=2026-11-02", "to"),
        ("after=x", "after"),
        ("before=x", "before"),
        ("q=%00", "q"),
        ("q=%ff", "q"),
        ("attention=x", "attention"),
        ("colour=red", "colour"),
        ("by=day", "by"),
    ] {
        let bad = AgentFilter::parse(&format!("{raw}&_=1")).unwrap_err();
        assert_eq!(
            bad.bad
                .iter()
                .map(|bad| bad.name.as_str())
                .collect::<Vec<_>>(),
            [name],
            "{raw}"
        );
        assert_eq!(bad.filter, AgentFilter::default(), "{raw}");
    }
    let bad = AgentFilter::parse("status=x&per=25&sort=y").unwrap_err();
    assert_eq!(bad.filter.per, PerPage::P25);
    assert_eq!(bad.bad.len(), 2);
    assert_eq!(
        bad.bad[0].reason,
        "is none of disabled, blocked, unknown, busy, offline, active"
    );
    assert!(AgentFilter::parse_beside("by=day", &["by"]).is_ok());
}

#[test]
fn search_text_has_a_limit_in_characters() {
    assert_eq!(
        parse(&format!("q={}", "%F0%9F%98%80".repeat(200)))
            .q
            .chars()
            .count(),
        200
    );
    let bad = AgentFilter::parse(&format!("q={}", "x".repeat(10_000))).unwrap_err();
    assert_eq!(bad.bad[0].reason, "has 10000 characters; the most is 200");
}

#[test]
fn the_third_press_on_a_column_goes_back_to_the_default_order() {
    let presses = |column| {
        let (mut filter, mut seen) = (parse("page=4"), Vec::new());
        for _ in 0..3 {
            filter = filter.with_sort(column);
            seen.push(filter.to_query());
        }
        seen
    };
    assert_eq!(
        presses(SortColumn::CallsAnswered),
        ["sort=calls_answered", "sort=-calls_answered", ""]
    );
    assert_eq!(presses(SortColumn::Name), ["sort=-name", "", "sort=-name"]);
    assert_eq!(
        parse("sort=-email").with_sort(SortColumn::Phone).to_query(),
        "sort=phone"
    );
}

#[test]
fn a_changed_filter_begins_at_page_one_and_other_days_stay_on_the_page() {
    let filter = parse("page=4&status=busy");
    assert_eq!(filter.with_status(None).to_query(), "");
    assert_eq!(filter.with_q(" ram ").to_query(), "q=ram&status=busy");
    assert_eq!(
        filter.with_per(PerPage::P250).to_query(),
        "status=busy&per=250"
    );
    assert_eq!(
        filter.with_days(DayChoice::Week).to_query(),
        "status=busy&page=4&days=week"
    );
    assert_eq!(filter.with_page(0).page, 1);
    assert_eq!(filter.without(FilterPart::Status).to_query(), "");
}

fn some_of<T: Copy + std::fmt::Debug + 'static>(
    all: &'static [T],
) -> impl Strategy<Value = Option<T>> {
    prop::option::of(prop::sample::select(all))
}

prop_compose! {
    pub fn any_filter()(
        q in "([^\\p{Cc}\\s]([^\\p{Cc}]{0,20}[^\\p{Cc}\\s])?)?",
        status in some_of(AgentStatus::ALL), extension in some_of(ExtensionStatus::ALL),
        ids in prop::array::uniform3(prop::option::of(1..i64::MAX)),
        column in prop::sample::select(SortColumn::ALL), descending: bool,
        per in prop::sample::select(PerPage::ALL), page in 1..=LAST_PAGE,
        days in some_of(DayChoice::PRESETS), from in 730_000..760_000i32, length in 0..3_660i32,
    ) -> AgentFilter {
        AgentFilter {
            q, status, extension,
            group: ids[0].map(GroupId), department: ids[1].map(DepartmentId), time_group: ids[2].map(TimeGroupId),
            sort: Sort { column, descending }, per, page,
            days: days.unwrap_or(DayChoice::Between(Day(from), Day(from + length))),
        }
    }
}

proptest! {
    #[test]
    fn every_filter_prints_and_reads_back(filter in any_filter()) {
        let query = filter.to_query();
        prop_assert_eq!(AgentFilter::parse(&query), Ok(filter.clone()));
        prop_assert!(query.is_ascii() && !query.contains(['"', '<', '>', '\'', ' ']));
        for part in FilterPart::ALL {
            prop_assert!(!filter.without(*part).has(*part));
        }
        prop_assert!(!filter.cleared().is_narrowed());
    }

    #[test]
    fn no_query_breaks_the_reading(raw in "(q|status|group|page|sort|days|from|to|per|x)=[a-z0-9%+-]{0,8}(&(q|status|group|page|sort|days|from|to|per|x)=[a-z0-9%\u{e9}+-]{0,8}){0,6}") {
        match AgentFilter::parse(&raw) {
            Ok(filter) => prop_assert_eq!(AgentFilter::parse(&filter.to_query()), Ok(filter)),
            Err(bad) => {
                prop_assert!(!bad.bad.is_empty());
                prop_assert!(AgentFilter::parse(&bad.filter.to_query()).is_ok());
            }
        }
    }
}
