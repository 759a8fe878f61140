//! Search, filters, sorts, pages and scope against a plain reckoning over the same people.

use super::reference::assert_fresh;
use crate::support::calls::{Known, Random, accept, event};
use crate::support::world::{NewAgent, World, loaded};
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::call::{AgentRef, EventBody, ReportedState};
use rollcall::domain::day_range::{Day, DaySpan};
use rollcall::domain::filter::{AgentFilter, PerPage, Sort, SortColumn};
use rollcall::domain::ids::{AgentId, GroupId};
use rollcall::domain::role::Scope;
use rollcall::domain::status::{AgentStatus, ExtensionStatus};
use rollcall::domain::text::Collation;
use rollcall::domain::time::SECOND;
use rollcall::floor::{Floor, Page, Tally};
use rollcall::store::RecordKind;
use rollcall::store::schema::time_groups;
use unicode_normalization::UnicodeNormalization;

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

/// A person as the test knows them.
struct Person {
    id: AgentId,
    agent: NewAgent,
    /// None, registered or unregistered.
    device: Option<bool>,
    state: ReportedState,
    tally: Tally,
}

struct Office {
    world: World,
    floor: Floor,
    groups: Vec<GroupId>,
    people: Vec<Person>,
    names: Names,
    collation: Collation,
}

/// The small records by id, with what they are called.
struct Names {
    departments: Vec<(i64, &'static str)>,
    time_groups: Vec<(i64, &'static str, bool)>,
    caller_ids: Vec<(i64, u64)>,
}

const NAMES: [&str; 12] = [
    "Asha Rao",
    "asha rao",
    "Émile Zola",
    "Zoë 10",
    "Zoë 2",
    "राज",
    "अनिल",
    "Ben",
    "Łukasz",
    "José",
    "ben",
    "Øystein",
];

impl Office {
    fn new(db: &TestDb) -> Self {
        let clock = TestClock::at("2026-11-22T06:30:00Z");
        let world = World::new(db, &clock);
        let groups: Vec<_> = ["Mornings", "Evenings", "Nights"]
            .map(|name| world.group(name))
            .into();
        let departments =
            ["Support", "sales", "Billing"].map(|name| (world.department(name, 0).0, name));
        let hours = [("UK", true), ("Early", false)]
            .map(|(name, open)| (world.hours(name, 127, 0, 0).0, name, open));
        let caller_ids = [918_040_002_291_u64, 912_212_345_678]
            .map(|n| (world.caller_id(&format!("+{n}")).0, n));
        let names = Names {
            departments: departments.into(),
            time_groups: hours.into(),
            caller_ids: caller_ids.into(),
        };
        let closed = hours[1].0;
        world.write(move |tx| {
            diesel::update(time_groups::table.find(closed))
                .set(time_groups::open_now.eq(false))
                .execute(tx.conn)?;
            tx.touch(RecordKind::TimeGroup, closed);
            Ok(())
        });
        let mut random = Random::new(7);
        let mut office = Self {
            floor: world.floor(),
            world,
            groups,
            people: Vec::new(),
            names,
            collation: Collation::new(),
        };
        (0..45).for_each(|n| office.add(&mut random, n));
        let left = office.world.agent("Left");
        office.count(left, "left", 1, 2);
        office.world.set_deleted(left, true);
        office.world.store.look().unwrap();
        office
    }

    fn add(&mut self, random: &mut Random, n: u64) {
        fn some<T: Copy>(random: &mut Random, from: &[T]) -> Option<T> {
            (!random.once_in(3)).then(|| random.pick(from))
        }
        let departments: Vec<_> = self
            .names
            .departments
            .iter()
            .map(|(id, _)| rollcall::domain::ids::DepartmentId(*id))
            .collect();
        let hours: Vec<_> = self
            .names
            .time_groups
            .iter()
            .map(|(id, ..)| rollcall::domain::ids::TimeGroupId(*id))
            .collect();
        let caller_ids: Vec<_> = self
            .names
            .caller_ids
            .iter()
            .map(|(id, _)| rollcall::domain::ids::CallerIdId(*id))
            .collect();
        let numbers = |random: &mut Random| format!("+9198{:08}", random.below(20));
        let agent = NewAgent {
            name: random.pick(&NAMES).to_owned(),
            login_id: format!("{}{n}", random.pick(&["user.", "USER-", "z_"])),
            employee_id: some(random, &["E7", "e10", "E9"]).map(|e| format!("{e}-{n}")),
            designation: some(random, &["Lead", "agent", "Senior agent"])
                .unwrap_or_default()
                .to_owned(),
            phone: some(random, &[()]).map(|()| numbers(random)),
            email: some(random, &["a", "B"]).map(|e| format!("{e}{n}@example.org")),
            forwarding: some(random, &[()]).map(|()| numbers(random)),
            alternatives: (0..random.below(3)).map(|_| numbers(random)).collect(),
            rings_on: random.pick(&["phone", "extension", "both"]),
            intercom: some(random, &["0", "1", "20"]).map(|i| format!("{i}{n:03}")),
            extension: some(random, &["ext"]).map(|e| format!("{e}{n}")),
            time_group: some(random, &hours),
            groups: self.groups[..random.below(3) as usize].to_vec(),
            departments: departments
                .into_iter()
                .filter(|_| random.once_in(2))
                .collect(),
            caller_ids: some(random, &caller_ids).into_iter().collect(),
            admin_state: random.pick(&["enabled", "enabled", "enabled", "blocked", "disabled"]),
            login_based: random.once_in(2),
        };
        let id = self.world.add(agent.clone());
        let device = agent
            .extension
            .as_ref()
            .and_then(|_| random.pick(&[None, Some(true), Some(false)]));
        let state = random.pick(&[
            ReportedState::Idle,
            ReportedState::Idle,
            ReportedState::OnCall,
            ReportedState::Paused,
            ReportedState::Offline,
            ReportedState::Ringing,
        ]);
        let now = self.world.clock.now();
        let mut events = vec![event(
            now,
            EventBody::AgentState {
                agent: AgentRef::Id(id),
                state,
                reason: None,
            },
        )];
        let tally = Tally {
            answered: random.below(4) as i64,
            missed: random.below(3) as i64,
        };
        self.count(id, &n.to_string(), tally.answered, tally.missed);
        events.extend(device.map(|registered| match registered {
            true => event(now, EventBody::Registered(AgentRef::Id(id))),
            false => event(now, EventBody::Unregistered(AgentRef::Id(id))),
        }));
        accept(&self.world.store, events);
        self.people.push(Person {
            id,
            agent,
            device,
            state,
            tally,
        });
    }

    fn count(&self, agent: AgentId, about: &str, answered: i64, missed: i64) {
        let from = self.world.clock.now().plus(-900 * SECOND);
        let leg = |n: i64| Known::leg(&format!("c-{about}-{n}"), "1", agent, from).ended(60);
        let answered = (0..answered).map(|n| leg(n).answered(9).record());
        accept(
            &self.world.store,
            answered
                .chain((0..missed).map(|n| leg(100 + n).record()))
                .collect(),
        );
    }

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
            self.names.departments.iter().map(|(id, _)| {
                plain.with_department(Some(rollcall::domain::ids::DepartmentId(*id)))
            }),
        );
        narrow.extend(
            self.names.time_groups.iter().map(|(id, ..)| {
                plain.with_time_group(Some(rollcall::domain::ids::TimeGroupId(*id)))
            }),
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

    /// Whether everything but the status fits.
    fn matches(&self, person: &Person, filter: &AgentFilter) -> bool {
        let agent = &person.agent;
        filter
            .group
            .is_none_or(|group| agent.groups.contains(&group))
            && filter
                .department
                .is_none_or(|department| agent.departments.contains(&department))
            && filter
                .time_group
                .is_none_or(|hours| agent.time_group == Some(hours))
            && filter
                .extension
                .is_none_or(|status| person.extension() == status)
            && person.is_found_by(&filter.q)
    }

    fn status(&self, person: &Person) -> AgentStatus {
        let agent = &person.agent;
        let open = |id: i64| {
            self.names
                .time_groups
                .iter()
                .any(|(known, _, open)| *known == id && *open)
        };
        let phone = agent.forwarding.is_some() || !agent.alternatives.is_empty();
        let extension = agent.extension.is_some() && person.device != Some(false);
        let rings = match agent.rings_on {
            "phone" => phone,
            "extension" => extension,
            _ => phone || extension,
        };
        match (agent.admin_state, person.state) {
            ("disabled", _) => AgentStatus::Disabled,
            ("blocked", _) => AgentStatus::Blocked,
            (_, ReportedState::OnCall) => AgentStatus::Busy,
            (_, ReportedState::Paused) => AgentStatus::Offline,
            (_, ReportedState::Offline) if agent.login_based => AgentStatus::Offline,
            _ if agent.time_group.is_some_and(|id| !open(id.0)) || !rings => AgentStatus::Offline,
            _ => AgentStatus::Active,
        }
    }

    /// By the column, blank cells last either way; then by name, then by id.
    fn sort(&self, people: &mut [&Person], sort: Sort) {
        let collation = &self.collation;
        let key = |person: &Person| {
            let name = collation.key(&person.agent.name);
            (self.key(person, sort.column, collation), name, person.id)
        };
        let mut keyed: Vec<_> = people.iter().map(|person| (key(person), *person)).collect();
        keyed.sort_by(|(left, _), (right, _)| {
            let by_column = match (&left.0, &right.0) {
                (Some(left), Some(right)) if sort.descending => right.cmp(left),
                (Some(left), Some(right)) => left.cmp(right),
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, None) => std::cmp::Ordering::Equal,
            };
            by_column.then_with(|| (&left.1, left.2).cmp(&(&right.1, right.2)))
        });
        for (place, (_, person)) in people.iter_mut().zip(keyed) {
            *place = person;
        }
    }

    fn key(&self, person: &Person, column: SortColumn, collation: &Collation) -> Option<Key> {
        use SortColumn as C;
        let agent = &person.agent;
        let text = |given: &str| Key::Text(vec![collation.key(given)]);
        let number = |number: &String| Key::Number(number.trim_start_matches('+').parse().unwrap());
        let count = |count: i64| Some(Key::Number(count as u64));
        match column {
            C::AgentId => count(person.id.user().0),
            C::Name => Some(text(&agent.name)),
            C::Username => Some(text(&agent.login_id)),
            C::EmployeeId => agent.employee_id.as_deref().map(text),
            C::Email => agent.email.as_deref().map(text),
            C::Designation => Some(&*agent.designation)
                .filter(|d| !d.is_empty())
                .map(text),
            C::CallForwardingNumber => agent.forwarding.as_ref().map(number),
            C::AlternativeNumbers => agent.alternatives.first().map(number),
            C::Phone => agent.phone.as_ref().map(number),
            C::IntercomNumber => agent
                .intercom
                .as_ref()
                .map(|i| Key::Number(format!("1{i}").parse().unwrap())),
            C::TimeGroup => {
                let name = |id: i64| {
                    self.names
                        .time_groups
                        .iter()
                        .find(|(known, ..)| *known == id)
                        .unwrap()
                        .1
                };
                agent.time_group.map(|id| text(name(id.0)))
            }
            C::Departments => {
                let of = |id: i64| {
                    self.names
                        .departments
                        .iter()
                        .find(|(known, _)| *known == id)
                        .unwrap()
                        .1
                };
                let mut names: Vec<_> = agent
                    .departments
                    .iter()
                    .map(|id| collation.key(of(id.0)))
                    .collect();
                names.sort();
                (!names.is_empty()).then_some(Key::Text(names))
            }
            C::ExtensionCallerId => {
                let number = |id: i64| {
                    self.names
                        .caller_ids
                        .iter()
                        .find(|(known, _)| *known == id)
                        .unwrap()
                        .1
                };
                agent.caller_ids.first().map(|id| Key::Number(number(id.0)))
            }
            C::AgentStatus => count(self.status(person) as i64),
            C::ExtensionStatus => count(person.extension() as i64),
            C::CallsAnswered => count(person.tally.answered),
            C::Missed => count(person.tally.missed),
        }
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(u64),
    Text(Vec<Box<[u8]>>),
}

impl Person {
    fn groups(&self) -> &[GroupId] {
        &self.agent.groups
    }

    fn extension(&self) -> ExtensionStatus {
        match (&self.agent.extension, self.device) {
            (None, _) => ExtensionStatus::None,
            (Some(_), None) => ExtensionStatus::Unknown,
            (Some(_), Some(true)) => ExtensionStatus::Registered,
            (Some(_), Some(false)) => ExtensionStatus::Unregistered,
        }
    }

    /// Every word is in one of the fields; a number is digits in a row.
    fn is_found_by(&self, q: &str) -> bool {
        let agent = &self.agent;
        let mut fields = vec![
            agent.name.clone(),
            agent.login_id.clone(),
            self.id.to_string(),
        ];
        fields.extend(
            [
                &agent.employee_id,
                &agent.email,
                &agent.phone,
                &agent.forwarding,
                &agent.intercom,
                &agent.extension,
            ]
            .into_iter()
            .flatten()
            .cloned(),
        );
        fields.extend(agent.alternatives.iter().cloned());
        let fields: Vec<String> = fields
            .iter()
            .map(|field| plain(field).trim_start_matches('+').to_owned())
            .collect();
        let holds = |word: &str| fields.iter().any(|field| field.contains(word));
        if !q.is_empty() && q.chars().all(|c| c.is_ascii_digit() || " +".contains(c)) {
            return holds(&q.replace([' ', '+'], ""));
        }
        plain(q).split_whitespace().all(holds)
    }
}

/// Lower case without accents.
fn plain(text: &str) -> String {
    let plain = text
        .to_lowercase()
        .nfkd()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .collect::<String>();
    plain.replace('ł', "l").replace('ø', "o")
}
