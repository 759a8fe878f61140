//! The made-up company: departments, sites and teams, time groups, numbers it calls from.

use super::departments::{KINDS, caller_ids, department, ivrs};
use super::hours::TIME_GROUPS;
use super::people::{Agent, DAY, Span};
use super::random::Random;
use super::records::Records;
use crate::domain::day_range::Day;
use crate::domain::time::Timestamp;
use crate::store::seed::{
    CallerIdRow, DepartmentRow, GroupRow, IvrRow, TimeGroupHolidayRow, TimeGroupHoursRow,
    TimeGroupRow,
};
use chrono::Datelike;

/// Everything that is not people or calls.
pub struct Company {
    pub departments: Vec<DepartmentRow>,
    pub groups: Vec<GroupRow>,
    pub time_groups: Vec<TimeGroupRow>,
    pub hours: Vec<TimeGroupHoursRow>,
    pub holidays: Vec<TimeGroupHolidayRow>,
    pub caller_ids: Vec<CallerIdRow>,
    pub ivrs: Vec<IvrRow>,
    /// How often calls come in to each department, by place.
    pub department_weights: Vec<f64>,
    /// Digits of an intercom number.
    pub intercom_length: usize,
}

#[rustfmt::skip]
const SITES: &[&str] = &[
    "Bengaluru",
    "Chennai",
    "Hyderabad",
    "Pune",
    "Mumbai",
    "Kochi",
    "Gurugram",
    "Kolkata",
    "Coimbatore",
    "Dubai",
    "Manila",
    "Manchester",
];

impl Company {
    pub fn new(seed: u64, agents: u64, span: Span) -> Self {
        let Span { created, now } = span;
        let departments = (8 + agents as usize / 150).min(KINDS.len());
        let mut company = Self {
            departments: KINDS[..departments]
                .iter()
                .enumerate()
                .map(|(i, kind)| department(i, kind, created))
                .collect(),
            groups: groups(agents, created),
            time_groups: Vec::new(),
            hours: Vec::new(),
            holidays: Vec::new(),
            caller_ids: caller_ids(seed, departments),
            ivrs: ivrs(created),
            department_weights: KINDS[..departments]
                .iter()
                .map(|kind| kind.weight)
                .collect(),
            intercom_length: if agents > 5_000 { 6 } else { 4 },
        };
        company.add_time_groups(now);
        company
    }

    fn add_time_groups(&mut self, now: Timestamp) {
        let year = now.utc().year();
        for (id, hours) in (1..).zip(TIME_GROUPS) {
            let group = hours.time_group(year);
            self.time_groups.push(TimeGroupRow {
                id,
                name: hours.name.to_owned(),
                zone: hours.zone.name(),
                always: hours.always,
                open_now: group.open_at(now),
                next_change_at: group.next_change_after(now).map(|at| at.0),
                version: 1,
                deleted_at: None,
            });
            if !hours.always {
                self.hours.push(TimeGroupHoursRow {
                    time_group_id: id,
                    weekdays: i32::from(hours.weekdays),
                    from_minute: i32::from(hours.from),
                    to_minute: i32::from(hours.to),
                });
            }
            for (date, name) in hours.holidays_around(year) {
                let day = Day::from(date).0;
                self.holidays.push(TimeGroupHolidayRow {
                    time_group_id: id,
                    day,
                    name,
                });
            }
        }
    }

    /// The caller ids that an agent of these departments calls from: those of the departments.
    pub fn caller_ids_of(&self, departments: &[u16]) -> Vec<i64> {
        let mut ids: Vec<i64> = departments
            .iter()
            .map(|&place| i64::from(place) + 1)
            .collect();
        ids.truncate(3);
        ids
    }

    /// The groups of an agent: where they sit, and what else is true of them.
    pub fn groups_of(&self, agent: &Agent, random: &mut Random, now: Timestamp) -> Vec<i64> {
        let places = self.groups.len() as u64 - 2;
        let mut ids = vec![random.below(places) as i64 + 1];
        if now.since(agent.joined) < 60 * DAY {
            ids.push(places as i64 + 1);
        }
        if agent.designation == "Team lead" {
            ids.push(places as i64 + 2);
        }
        ids
    }

    /// The intercom number of the agent at a place: it begins with 2 to 7, transfer codes with 9,
    /// so that neither is the beginning of the other.
    pub fn intercom(&self, place: u64) -> String {
        match self.intercom_length {
            4 => (2_001 + place).to_string(),
            _ => (200_001 + place).to_string(),
        }
    }

    /// Claims the names and codes that nothing else may have.
    pub fn claim(&self, records: &mut Records) {
        let mut claim =
            |kind, value: &str, owner| records.claim(kind, value.to_owned(), owner, Some(None));
        for row in &self.departments {
            claim(
                "department_name",
                &row.name.to_lowercase(),
                ("department", row.id),
            );
            if let Some(code) = &row.transfer_code {
                claim("dial", code, ("department", row.id));
            }
        }
        for row in &self.ivrs {
            claim("dial", &row.transfer_code, ("ivr", row.id));
        }
        for row in &self.groups {
            claim("group_name", &row.name.to_lowercase(), ("group", row.id));
        }
        for row in &self.time_groups {
            claim(
                "time_group_name",
                &row.name.to_lowercase(),
                ("time_group", row.id),
            );
        }
    }

    /// The number that callers of a department dial.
    pub fn number_of(&self, department: u16) -> &str {
        &self.caller_ids[usize::from(department)].number
    }
}

/// One group for fifty agents: floors of sites, then teams of floors; and, of everywhere, those who
/// joined lately and those who lead.
fn groups(agents: u64, created: Timestamp) -> Vec<GroupRow> {
    const FLOORS: usize = 6;
    let places = (agents as usize / 50).max(4) - 2;
    let mut names: Vec<(String, String)> = (0..places)
        .map(|i| {
            // A few floors of each site before the next site, so that a small company has few sites.
            let sites = SITES.len().min(places.div_ceil(2));
            let (site, number) = (SITES[i % sites], i / sites);
            let floor = number % FLOORS + 1;
            match number / FLOORS {
                0 => (
                    format!("{site} floor {floor}"),
                    format!("Everyone who sits on floor {floor} in {site}."),
                ),
                team => (
                    format!("{site} floor {floor} team {}", team + 1),
                    format!("Team {} of floor {floor} in {site}.", team + 1),
                ),
            }
        })
        .collect();
    names.push((
        "New joiners".to_owned(),
        "Joined within the last two months; calls are listened in to.".to_owned(),
    ));
    names.push((
        "Team leads".to_owned(),
        "Lead a team and take calls when it is busy.".to_owned(),
    ));
    (1..)
        .zip(names)
        .map(|(id, (name, description))| GroupRow {
            id,
            name,
            description,
            created_at: created.0,
            updated_at: created.0,
            deleted_at: None,
            version: 1,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const SPAN: Span = Span {
        created: Timestamp(0),
        now: Timestamp(0),
    };

    #[test]
    fn names_codes_and_numbers_are_unique_at_any_size() {
        for agents in [1, 50, 300, 10_000, 100_000] {
            let company = Company::new(1, agents, SPAN);
            let unique = |values: Vec<&str>| {
                let count = values.len();
                assert_eq!(
                    values.into_iter().collect::<HashSet<_>>().len(),
                    count,
                    "{agents} agents"
                );
            };
            unique(company.groups.iter().map(|row| row.name.as_str()).collect());
            unique(
                company
                    .departments
                    .iter()
                    .map(|row| row.name.as_str())
                    .collect(),
            );
            unique(
                company
                    .caller_ids
                    .iter()
                    .map(|row| row.number.as_str())
                    .collect(),
            );
            let codes = company
                .departments
                .iter()
                .filter_map(|row| row.transfer_code.as_deref());
            unique(
                codes
                    .chain(company.ivrs.iter().map(|row| row.transfer_code.as_str()))
                    .collect(),
            );
            assert!((8..=20).contains(&company.departments.len()));
        }
    }

    #[test]
    fn ten_thousand_agents_have_two_hundred_groups() {
        assert_eq!(Company::new(1, 10_000, SPAN).groups.len(), 200);
    }
}
