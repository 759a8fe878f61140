//! Which people a filter should show and in what order, reckoned in the plainest way.

use super::office::{Office, Person};
use rollcall::domain::call::ReportedState;
use rollcall::domain::filter::{AgentFilter, Sort, SortColumn};
use rollcall::domain::ids::GroupId;
use rollcall::domain::status::{AgentStatus, ExtensionStatus};
use rollcall::domain::text::Collation;
use unicode_normalization::UnicodeNormalization;

impl Office {
    /// Whether everything but the status fits.
    pub fn matches(&self, person: &Person, filter: &AgentFilter) -> bool {
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

    pub fn status(&self, person: &Person) -> AgentStatus {
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
    pub fn sort(&self, people: &mut [&Person], sort: Sort) {
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
    pub fn groups(&self) -> &[GroupId] {
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
