//! Everything that a floor answers, as text, so that two of them can be compared.

use crate::support::world::block_on;
use rollcall::domain::day_range::{Day, DaySpan};
use rollcall::domain::filter::{AgentFilter, PerPage, Sort, SortColumn};
use rollcall::domain::role::Scope;
use rollcall::domain::status::{AgentStatus, ExtensionStatus};
use rollcall::floor::{Floor, Picture};

/// The floor is what the database says, by its own account and by all that it answers.
pub fn assert_fresh(floor: &Floor, fresh: &Floor, about: &str) {
    let differences = block_on(floor.check()).unwrap();
    assert_eq!(differences, [], "{about}");
    let (kept, loaded) = (answers(&floor.picture()), answers(&fresh.picture()));
    for (kept, loaded) in kept.iter().zip(&loaded) {
        assert_eq!(kept, loaded, "{about}");
    }
    assert_eq!(kept.len(), loaded.len(), "{about}");
}

/// A line for each of many questions.
pub fn answers(picture: &Picture) -> Vec<String> {
    let all = AgentFilter::default().with_per(PerPage::P250);
    let mut filters = Vec::new();
    for &column in SortColumn::ALL {
        for descending in [false, true] {
            let sort = Sort { column, descending };
            filters.push(AgentFilter {
                sort,
                ..all.clone()
            });
        }
    }
    let records = picture.records();
    filters.extend(
        records
            .groups()
            .iter()
            .map(|group| all.with_group(Some(group.id))),
    );
    filters.extend(
        records
            .departments()
            .iter()
            .map(|department| all.with_department(Some(department.id))),
    );
    filters.extend(
        records
            .time_groups()
            .iter()
            .map(|group| all.with_time_group(Some(group.id))),
    );
    filters.extend(
        AgentStatus::ALL
            .iter()
            .map(|status| all.with_status(Some(*status))),
    );
    filters.extend(
        ExtensionStatus::ALL
            .iter()
            .map(|status| all.with_extension(Some(*status))),
    );
    filters.extend(["a", "01000", "asha", "98", "10"].map(|q| all.with_q(q)));
    let own = Scope::Groups(
        records
            .groups()
            .iter()
            .take(1)
            .map(|group| group.id)
            .collect(),
    );
    let mut lines: Vec<String> = filters
        .iter()
        .map(|filter| answer(picture, filter, &Scope::All))
        .collect();
    lines.push(answer(picture, &all, &own));
    lines
}

fn answer(picture: &Picture, filter: &AgentFilter, scope: &Scope) -> String {
    let span = DaySpan {
        from: Day::FIRST,
        to: Day::LAST,
    };
    let page = picture.page(filter, scope, span, &Default::default());
    let rows: Vec<String> = page
        .rows
        .iter()
        .map(|row| {
            let mark = row.causes.second_mark();
            format!(
                "{} {} {:?} {mark:?} {:?}",
                row.id(),
                row.person.name,
                row.status,
                row.tally
            )
        })
        .collect();
    format!(
        "{:?} {scope:?}: {} of {} {:?} {:?} {:?}\n{}",
        filter.to_query(),
        page.total,
        page.in_scope,
        page.by_status,
        page.sum,
        page.leavers,
        rows.join("\n")
    )
}
