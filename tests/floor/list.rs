//! Search, filters, sorts, pages and scope against a plain reckoning over the same people.

use super::office::{Office, Person};
use super::reference::assert_fresh;
use crate::support::world::{NewAgent, World, loaded};
use crate::support::{TestClock, TestDb};
use rollcall::domain::day_range::{Day, DaySpan};
use rollcall::domain::filter::{AgentFilter, PerPage, Sort, SortColumn};
use rollcall::domain::ids::{AgentId, DepartmentId, TimeGroupId};
use rollcall::domain::role::Scope;
use rollcall::domain::status::{AgentStatus, ExtensionStatus};
use rollcall::floor::{Floor, Page, Tally};

both_databases! {
    fn every_sort_of_every_filter_pages_as_it_should(db: TestDb) {
        let office = Office::new(&db);
        for filter in office.filters() {
            office.compare(&filter, &Scope::All);
        }
        assert_fresh(&office.floor, &loaded(db.store(&office.world.clock)), "");
    }

    fn a_scope_hides_everyone_else(db: TestDb) {
        let office = Office::new(&db);
        let [one, two] = [office.groups[0], office.groups[1]];
        for scope in [Scope::Groups(vec![one]), Scope::Groups(vec![one, two]), Scope::Groups(Vec::new())] {
            for filter in office.filters().into_iter().step_by(5) {
                office.compare(&filter, &scope);
            }
        }
        let picture = office.floor.picture();
        let everyone = AgentFilter::default();
        let page = picture.page(&everyone, &Scope::Groups(vec![one]), SPAN, &Default::default());
        assert!(page.in_scope > 0 && page.in_scope < office.people.len());
        assert_eq!(page.leavers, Default::default(), "who left is nobody's");
        let all = picture.page(&everyone, &Scope::All, SPAN, &Default::default());
        assert_eq!((all.leavers.people, all.leavers.tally.answered), (1, 1));
        let hidden = office.people.iter().find(|person| !person.groups().contains(&one)).unwrap().id.user();
        let row = |scope: &Scope| picture.row(hidden, scope, SPAN, &Default::default()).is_some();
        assert!(row(&Scope::All) && !row(&Scope::Groups(vec![one])));
    }

    fn search_finds_what_people_type(db: TestDb) {
        let world = World::new(&db, &TestClock::at("2026-11-22T06:30:00Z"));
        let names = ["José Álvarez", "राज कुमार", "Łukasz Ørsted", "Agent Ten", "Asha & Sons <b>"];
        for (number, name) in names.into_iter().enumerate() {
            world.add(NewAgent {
                name: name.to_owned(),
                login_id: format!("login_{number}@desk"),
                employee_id: Some(format!("E-00{number}7")),
                email: Some(format!("mail{number}@example.org")),
                forwarding: Some(format!("+91804000229{number}")),
                alternatives: vec![format!("+97150555014{number}")],
                intercom: Some(format!("10{number}1")),
                extension: Some(format!("77{number}42")),
                ..NewAgent::default()
            });
        }
        let floor = world.floor();
        let found = |q: &str| -> Vec<usize> {
            let picture = floor.picture();
            let page = picture.page(&AgentFilter::default().with_q(q), &Scope::All, SPAN, &Default::default());
            let mut found: Vec<usize> = page.rows.iter().map(|row| names.iter().position(|name| **name == *row.person.name).unwrap()).collect();
            found.sort();
            found
        };
        for (q, expected) in [
            ("alvarez jose", vec![0]), ("JOSÉ", vec![0]), ("  jos   alv ", vec![0]), ("jose raj", vec![]),
            ("राज", vec![1]), ("कुमार राज", vec![1]), ("lukasz", vec![2]), ("ØRSTED", vec![2]), ("orsted", vec![2]),
            ("080 4000 2293", vec![3]), ("08040002293", vec![3]), ("+91 80 4000 2293", vec![3]), ("0091-80-4000-2293", vec![3]),
            ("80 4000", vec![0, 1, 2, 3, 4]), ("050 555 0144", vec![4]), ("+971 50 555 0144", vec![4]),
            ("010003", vec![2]), ("e-0017", vec![1]), ("1021", vec![2]), ("77342", vec![3]), ("login_4@", vec![4]), ("mail0", vec![0]),
            ("& sons <b>", vec![4]), ("agent 1031", vec![3]), ("", vec![0, 1, 2, 3, 4]), ("nobody", vec![]), ("9999999", vec![]),
        ] {
            assert_eq!(found(q), expected, "{q:?}");
        }
        let ten = AgentId::of(floor.picture().people()[3].id);
        world.rename(ten, "Somebody Else");
        assert_eq!(found_total(&floor, "ten"), 0, "the old name is forgotten");
        assert_eq!(found_total(&floor, "somebody"), 1);
    }
}

const SPAN: DaySpan = DaySpan {
    from: Day::FIRST,
    to: Day::LAST,
};

fn found_total(floor: &Floor, q: &str) -> usize {
    floor
        .picture()
        .page(
            &AgentFilter::default().with_q(q),
            &Scope::All,
            SPAN,
            &Default::default(),
        )
        .total
}

impl Office {
    /// Each sort both ways, alone and with each filter.
    fn filters(&self) -> Vec<AgentFilter> {
        let plain = AgentFilter::default().with_per(PerPage::P25);
        let mut narrow = vec![plain.clone()];
        narrow.extend(
            AgentStatus::ALL
                .iter()
                .map(|status| plain.with_status(Some(*status))),
        );
        narrow.extend(
            ExtensionStatus::ALL
                .iter()
                .map(|status| plain.with_extension(Some(*status))),
        );
        narrow.extend(
            self.groups
                .iter()
                .map(|group| plain.with_group(Some(*group))),
        );
        narrow.extend(
            self.names
                .departments
                .iter()
                .map(|(id, _)| plain.with_department(Some(DepartmentId(*id)))),
        );
        narrow.extend(
            self.names
                .time_groups
                .iter()
                .map(|(id, ..)| plain.with_time_group(Some(TimeGroupId(*id)))),
        );
        narrow.extend(
            [
                "a",
                "zoe",
                "राज",
                "user 1",
                "010",
                "98 00",
                "+91 98",
                "ext",
                "nobody",
            ]
            .map(|q| plain.with_q(q)),
        );
        narrow.push(
            plain
                .with_group(Some(self.groups[0]))
                .with_status(Some(AgentStatus::Active))
                .with_q("a"),
        );
        let mut filters = Vec::new();
        for (index, filter) in narrow.iter().enumerate() {
            for (number, &column) in SortColumn::ALL.iter().enumerate() {
                // All sorts of the whole list, a few of each narrow one.
                if index == 0 || (index + number) % 12 == 0 {
                    filters.extend([false, true].map(|descending| AgentFilter {
                        sort: Sort { column, descending },
                        ..filter.clone()
                    }));
                }
            }
        }
        filters
    }

    /// All pages of a filter, end to end, are what the plain reckoning says.
    fn compare(&self, filter: &AgentFilter, scope: &Scope) {
        let about = format!("{} in {scope:?}", filter.to_query());
        let visible: Vec<&Person> = self
            .people
            .iter()
            .filter(|person| scope.sees(person.groups()))
            .collect();
        let matching: Vec<&Person> = visible
            .iter()
            .copied()
            .filter(|person| self.matches(person, filter))
            // Of a group out of scope nobody is known, not even those who are in one's own as well.
            .filter(|_| filter.group.is_none_or(|group| scope.sees(&[group])))
            .collect();
        let mut expected: Vec<&Person> = matching
            .iter()
            .copied()
            .filter(|person| {
                filter
                    .status
                    .is_none_or(|status| self.status(person) == status)
            })
            .collect();
        self.sort(&mut expected, filter.sort);
        let picture = self.floor.picture();
        let mut shown = Vec::new();
        let pages = expected.len().div_ceil(25).max(1);
        for number in 1..=pages as u32 {
            let page = picture.page(&filter.with_page(number), scope, SPAN, &Default::default());
            assert_eq!(
                (page.page, page.pages, page.total),
                (number as usize, pages, expected.len()),
                "{about}"
            );
            self.compare_sums(&page, &visible, &matching, &expected, &about);
            shown.extend(
                page.rows
                    .iter()
                    .map(|row| (row.id(), row.status, row.tally)),
            );
        }
        let wanted: Vec<_> = expected
            .iter()
            .map(|person| (person.id, self.status(person), person.tally))
            .collect();
        assert_eq!(shown, wanted, "{about}");
        let beyond = picture.page(&filter.with_page(900), scope, SPAN, &Default::default());
        assert_eq!(
            beyond.page, pages,
            "{about}: after the last page comes the last page"
        );
    }

    fn compare_sums(
        &self,
        page: &Page<'_>,
        visible: &[&Person],
        matching: &[&Person],
        expected: &[&Person],
        about: &str,
    ) {
        assert_eq!(page.in_scope, visible.len(), "{about}");
        for &status in AgentStatus::ALL {
            let count = matching
                .iter()
                .filter(|person| self.status(person) == status)
                .count();
            assert_eq!(page.count_of(status), count, "{about}: {status:?}");
        }
        let mut sum = Tally::default();
        expected.iter().for_each(|person| sum += person.tally);
        assert_eq!(page.sum, sum, "{about}");
    }
}
