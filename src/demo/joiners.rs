//! The file of the second thing to try: people who join on Monday, as somebody's spreadsheet has them, with the
//! damage that spreadsheets and people do to lists.

mod sheet;

use super::Parameters;
use super::company::Company;
use super::hours::TIME_GROUPS;
use super::names;
use super::numbers::mobile;
use super::people::Span;
use super::prepare::parameters_of;
use super::random::{Random, Stream};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, setting};
use std::collections::HashSet;

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Joiner {
    employee_id: String,
    name: String,
    login_id: String,
    email: String,
    mobile: String,
    designation: &'static str,
    teams: String,
    departments: String,
    shift: &'static str,
    intercom: Intercom,
}

/// What the spreadsheet has of an intercom number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intercom {
    /// The next that is free.
    Auto,
    /// A number, so that a zero in front of it is gone.
    Number(u32),
}

/// Rows below the head. Each place below is one of them, counted from 0.
const ROWS: usize = 40;
/// A mobile number that was taken for a number, and rounded.
const ROUNDED: usize = 8;
/// An intercom number that lost its zero.
const LOST_ZERO: usize = 14;
/// In a group that nobody has.
const UNKNOWN_GROUP: [usize; 2] = [21, 30];
/// The row that is there twice, and where it is the second time.
const TWICE: (usize, usize) = (4, 35);

const DESIGNATIONS: &[&str] = &[
    "Trainee",
    "Trainee",
    "Trainee",
    "Customer support executive",
    "Senior executive",
];

/// The file for a demo's database; none for another. The same for the same demo.
///
/// # Errors
/// As any read.
pub fn joiners(store: &Store) -> Result<Option<Vec<u8>>, StoreError> {
    let words = store.read(setting::all)?;
    let made = parameters_of(&words).map(|parameters| sheet::book(&rows(parameters)));
    made.transpose().map_err(StoreError::broken)
}

fn rows(parameters: Parameters) -> Vec<Joiner> {
    // Groups and departments have the same names at any time.
    let any = Timestamp(0);
    let span = Span {
        created: any,
        now: any,
    };
    let company = Company::new(parameters.seed, parameters.agents, span);
    let mut logins = HashSet::new();
    let mut rows: Vec<Joiner> = (0..ROWS)
        .map(|place| {
            let mut random = Random::of(parameters.seed, Stream::Joiners, place as u64);
            joiner(&mut random, place, parameters, &company, &mut logins)
        })
        .collect();
    damage(&mut rows, &company);
    rows
}

fn joiner(
    random: &mut Random,
    place: usize,
    parameters: Parameters,
    company: &Company,
    logins: &mut HashSet<String>,
) -> Joiner {
    let (name, country, login_id) = loop {
        let name = names::name(random);
        let initial = char::from(b'a' + random.below(26) as u8);
        let login = with_initial(&name.login, initial);
        if logins.insert(login.clone()) {
            break (
                with_initial_shown(&name.shown, initial),
                name.country,
                login,
            );
        }
    };
    let phone = mobile(random, country);
    let shown = Phone::from_e164(&phone).map(|phone| phone.shown().international.into_string());
    Joiner {
        employee_id: format!("EMP-{:05}", first_number(parameters.agents) + place as u64),
        email: format!("{login_id}@example.com"),
        name,
        login_id,
        mobile: shown.unwrap_or(phone),
        designation: random.pick::<&str>(DESIGNATIONS),
        teams: teams(random, company),
        departments: departments(random, company),
        shift: shift(random),
        intercom: Intercom::Auto,
    }
}

/// A number above all that the demo's people have: each of them takes three, those who left too.
fn first_number(agents: u64) -> u64 {
    let last = 1_001 + 3 * (agents + agents / 90 + 100);
    last.next_multiple_of(1_000) + 1
}

/// `asha.k.rao`: the demo's own people have one dot, so nobody has this.
fn with_initial(login: &str, initial: char) -> String {
    login.replacen('.', &format!(".{initial}."), 1)
}

/// `Asha K. Rao`; a name in another script has no Latin initial.
fn with_initial_shown(name: &str, initial: char) -> String {
    match name.is_ascii() {
        true => name.replacen(' ', &format!(" {}. ", initial.to_ascii_uppercase()), 1),
        false => name.to_owned(),
    }
}

/// The last two groups of a company are those of joiners and of leads; the others are where people sit.
fn teams(random: &mut Random, company: &Company) -> String {
    let places = company.groups.len() - 2;
    let sits = company.groups[random.below(places as u64) as usize]
        .name
        .as_str();
    [sits, company.groups[places].name.as_str()].join("|")
}

fn departments(random: &mut Random, company: &Company) -> String {
    let first = random.weighted(&company.department_weights);
    let second = random.weighted(&company.department_weights);
    let names = [first, second].map(|place| company.departments[place].name.as_str());
    match first == second {
        true => names[0].to_owned(),
        false => names.join("|"),
    }
}

fn shift(random: &mut Random) -> &'static str {
    let shares: Vec<f64> = TIME_GROUPS.iter().map(|hours| hours.share).collect();
    TIME_GROUPS[random.weighted(&shares)].name
}

fn damage(rows: &mut [Joiner], company: &Company) {
    rows[ROUNDED].mobile = "9.19877E+11".to_owned();
    let digits = company.intercom_length as u32;
    rows[LOST_ZERO].intercom = Intercom::Number(417 * 10_u32.pow(digits.saturating_sub(4)));
    // No site has more than six floors.
    let team = company.groups[0].name.replace("floor 1", "floor 9");
    for place in UNKNOWN_GROUP {
        rows[place].teams = team.clone();
    }
    rows[TWICE.1] = rows[TWICE.0].clone();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_demo_gives_the_same_file_and_another_seed_another() {
        let made = |seed| {
            let parameters = Parameters {
                seed,
                ..Parameters::default()
            };
            sheet::book(&rows(parameters)).unwrap()
        };
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
    }

    #[test]
    fn nobody_of_the_demo_has_what_a_joiner_has() {
        for agents in [1, 300, 10_000, 500_000] {
            let parameters = Parameters {
                agents,
                ..Parameters::default()
            };
            let rows = rows(parameters);
            assert_eq!(rows.len(), ROWS);
            for row in &rows {
                assert_eq!(row.login_id.matches('.').count(), 2, "{row:?}");
                let number: u64 = row.employee_id["EMP-".len()..].parse().unwrap();
                // Of 96 people who stay one more has left.
                let places = agents * 97 / 96 + 1;
                assert!(number > 1_001 + 3 * places + 3, "{row:?}");
            }
        }
    }
}
