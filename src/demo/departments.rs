//! What departments there are, the numbers that lead to them, and the menus before them.

use super::numbers::{Country, line};
use super::random::{Random, Stream};
use crate::domain::time::Timestamp;
use crate::store::seed::{CallerIdRow, DepartmentRow, IvrRow};

pub struct Kind {
    name: &'static str,
    about: &'static str,
    ring_strategy: &'static str,
    wrap_up_seconds: i32,
    pub weight: f64,
}

const fn kind(
    name: &'static str,
    about: &'static str,
    ring_strategy: &'static str,
    wrap_up_seconds: i32,
    weight: f64,
) -> Kind {
    Kind {
        name,
        about,
        ring_strategy,
        wrap_up_seconds,
        weight,
    }
}

pub const KINDS: &[Kind] = &[
    kind(
        "Support",
        "Questions about the product, first line.",
        "longest_idle",
        30,
        22.0,
    ),
    kind(
        "Sales",
        "New customers and upgrades.",
        "round_robin",
        45,
        14.0,
    ),
    kind(
        "Billing",
        "Invoices, payments and refunds.",
        "longest_idle",
        20,
        10.0,
    ),
    kind(
        "Renewals",
        "Contracts that run out within 60 days.",
        "in_order",
        30,
        7.0,
    ),
    kind(
        "Hotline",
        "Outages and emergencies, day and night.",
        "simultaneous",
        0,
        6.0,
    ),
    kind(
        "Tamil desk",
        "Callers who chose Tamil in the menu.",
        "round_robin",
        15,
        5.0,
    ),
    kind(
        "Gulf desk",
        "Callers from the Emirates, Saudi Arabia and Qatar.",
        "longest_idle",
        20,
        5.0,
    ),
    kind(
        "UK desk",
        "Callers from the United Kingdom and Ireland.",
        "longest_idle",
        30,
        5.0,
    ),
    kind(
        "Technical support",
        "Second line: takes over what Support can't solve.",
        "longest_idle",
        60,
        8.0,
    ),
    kind(
        "Retention",
        "Customers who want to leave.",
        "random",
        45,
        4.0,
    ),
    kind(
        "Hindi desk",
        "Callers who chose Hindi in the menu.",
        "round_robin",
        15,
        8.0,
    ),
    kind(
        "Telugu desk",
        "Callers who chose Telugu in the menu.",
        "round_robin",
        15,
        4.0,
    ),
    kind(
        "Kannada desk",
        "Callers who chose Kannada in the menu.",
        "round_robin",
        15,
        4.0,
    ),
    kind(
        "Collections",
        "Overdue payments, mostly calls out.",
        "in_order",
        30,
        4.0,
    ),
    kind(
        "Onboarding",
        "The first thirty days of a new customer.",
        "in_order",
        60,
        3.0,
    ),
    kind(
        "US desk",
        "Callers from the United States and Canada.",
        "longest_idle",
        30,
        4.0,
    ),
    kind(
        "Complaints",
        "Complaints that another department could not settle.",
        "longest_idle",
        60,
        3.0,
    ),
    kind("Deliveries", "Where is my parcel.", "random", 10, 6.0),
    kind(
        "Partners",
        "Resellers and field engineers.",
        "in_order",
        20,
        2.0,
    ),
    kind(
        "Key accounts",
        "The two hundred largest customers.",
        "in_order",
        60,
        2.0,
    ),
];

pub fn department(place: usize, kind: &Kind, created: Timestamp) -> DepartmentRow {
    DepartmentRow {
        id: place as i64 + 1,
        name: kind.name.to_owned(),
        description: kind.about.to_owned(),
        ring_strategy: kind.ring_strategy,
        ring_timeout_seconds: 20,
        wrap_up_seconds: kind.wrap_up_seconds,
        use_as_queue: place % 5 != 3,
        transfer_code: Some((90_001 + place).to_string()),
        created_at: created.0,
        updated_at: created.0,
        deleted_at: None,
        version: 1,
    }
}

/// One number for each department, in their order, and two that lead elsewhere.
pub fn caller_ids(seed: u64, departments: usize) -> Vec<CallerIdRow> {
    let mut random = Random::of(seed, Stream::Company, 0);
    let mut rows: Vec<CallerIdRow> = Vec::new();
    while rows.len() < departments + 2 {
        let place = rows.len();
        let (label, country) = match KINDS
            .get(place)
            .filter(|_| place < departments)
            .map(|kind| kind.name)
        {
            Some("UK desk") => ("UK desk", Country::UnitedKingdom),
            Some("Gulf desk") => ("Gulf desk", Country::Emirates),
            Some("US desk") => ("US desk", Country::UnitedStates),
            Some(name) => (name, Country::India),
            None if place == departments => ("Main menu", Country::India),
            None => ("Old number, not answered", Country::India),
        };
        let number = line(&mut random, country);
        if rows.iter().any(|row| row.number == number) {
            continue;
        }
        let (target_kind, target_id) = match place {
            place if place < departments => ("department", Some(place as i64 + 1)),
            place if place == departments => ("ivr", Some(1)),
            _ => ("nowhere", None),
        };
        rows.push(CallerIdRow {
            id: place as i64 + 1,
            number,
            label: label.to_owned(),
            target_kind,
            target_id,
            deleted_at: None,
            version: 1,
        });
    }
    rows
}

pub fn ivrs(created: Timestamp) -> Vec<IvrRow> {
    [
        ("Main menu", "90101", "ivr-main"),
        ("Language menu", "90102", "ivr-language"),
    ]
    .into_iter()
    .zip(1..)
    .map(|((name, code, target), id)| IvrRow {
        id,
        name: name.to_owned(),
        transfer_code: code.to_owned(),
        target: target.to_owned(),
        created_at: created.0,
        updated_at: created.0,
        deleted_at: None,
        version: 1,
    })
    .collect()
}
