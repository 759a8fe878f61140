//! The demo's file of joiners, planned against the demo's own people: what *Try these five* says of it.

use super::office::{Office, named};
use crate::support::{TestClock, TestDb};
use rollcall::demo::{Parameters, joiners, prepare};
use rollcall::domain::feature_code::Codes;
use rollcall::domain::import::{
    Asked, Column, Decision, Facts, Fault, Options, Outcome, RoleFacts, Survey, rows,
};
use rollcall::domain::number_plan::IntercomLength;
use rollcall::domain::phone::Region;
use rollcall::domain::role::Rights;
use rollcall::store::{Conn, StoreError, person, record, role};
use std::io::Cursor;
use std::ops::ControlFlow;

/// A demo's people and records, as an office that files are planned for, and its file.
fn demo(agents: u64) -> (Office, Vec<u8>) {
    let db = TestDb::empty_sqlite();
    let clock = TestClock::at("2026-11-20T09:30:00Z");
    let parameters = Parameters {
        agents,
        calls: 100,
        days: 2,
        ..Parameters::default()
    };
    prepare(&db.database(), parameters, clock.clock().now()).unwrap();
    let store = db.store(&clock);
    let digits = if agents > 5_000 { 6 } else { 4 };
    let office = store.read(|conn| office(conn, digits)).unwrap();
    (office, joiners(&store).unwrap().expect("a demo has a file"))
}

fn office(conn: &mut Conn, digits: usize) -> Result<Office, StoreError> {
    let people = person::all(conn)?;
    let groups = record::groups(conn)?;
    let departments = record::departments(conn)?;
    let time_groups = record::working_hours(conn)?;
    let roles = role::all(conn)?.into_iter().map(|role| RoleFacts {
        id: role.id,
        name: role.name,
        permissions: role.permissions,
        built_in: role.built_in,
        own_groups: role.own_groups,
    });
    let facts = Facts {
        region: Region::INDIA,
        intercom: IntercomLength::new(digits).unwrap(),
        codes: Codes::default(),
        rights: Rights::everything(),
        me: None,
        groups: groups
            .iter()
            .map(|group| named(group.id, &group.name))
            .collect(),
        departments: departments
            .iter()
            .map(|one| named(one.id, &one.name))
            .collect(),
        time_groups: time_groups
            .iter()
            .map(|one| named(one.id, &one.name))
            .collect(),
        caller_ids: Vec::new(),
        roles: roles.collect(),
        admins: Vec::new(),
    };
    Ok(Office::of(people, facts))
}

fn faults(outcome: &Outcome) -> &[Fault] {
    match outcome {
        Outcome::Error(faults) => faults,
        Outcome::Create(_) | Outcome::Update(_) | Outcome::Unchanged(_) | Outcome::Skip(_) => &[],
    }
}

#[test]
fn its_plan_names_each_damage_once() {
    for agents in [300, 6_000] {
        let (office, file) = demo(agents);
        let plan = office.plan(&file).unwrap();
        let counts = plan.counts;
        let said = office.said(&plan);
        assert_eq!(
            (counts.rows, counts.create, counts.error),
            (40, 35, 5),
            "{said:#?}"
        );
        // A title, a blank line, the head: the first person stands in line 4.
        assert_eq!((plan.detected.head.line, plan.rows[0].line), (3, 4));
        let wrong: Vec<&String> = said.iter().filter(|row| row.contains("error")).collect();
        let expected = [
            "12 error phone",
            "18 error intercom",
            "25 error agent_groups",
            "34 error agent_groups",
            "39 error employee_id=8,login_id=8,email=8",
        ];
        assert_eq!(wrong, expected);
        let fault = |line: u64| {
            let row = plan.rows.iter().find(|row| row.line == line).unwrap();
            &faults(&row.outcome)[0]
        };
        assert_eq!(fault(12).value, "9.19877E+11");
        assert!(
            fault(12).reason.contains("its last digits are lost"),
            "{:?}",
            fault(12)
        );
        assert!(
            fault(18).fix.contains("lost the zeros, write 0417"),
            "{:?}",
            fault(18)
        );
        let unknown = unknown(&office, &file);
        assert_eq!(unknown, [("Bengaluru floor 9".to_owned(), 2, true)]);
    }
}

/// Names that no record has, each with its rows and whether it may be created.
fn unknown(office: &Office, file: &[u8]) -> Vec<(String, u64, bool)> {
    let plan = office.plan(file).unwrap();
    let mut survey = Survey::new(&office.facts);
    let options = Options::default();
    let limits = rollcall::domain::import::Limits::default();
    rows::each(Cursor::new(file), &plan.detected, &limits, |record| {
        survey.row(record, &plan.detected.head, &office.facts, &options);
        ControlFlow::Continue(())
    })
    .unwrap();
    let unknown = survey.unknown();
    unknown
        .map(|name| (name.name.clone(), name.rows, name.may_create))
        .collect()
}

#[test]
fn the_group_can_be_made_and_the_rest_mended() {
    let (office, file) = demo(300);
    let mut options = Options::default();
    let decisions = &mut options.decisions;
    decisions.decide(Column::AgentGroups, "Bengaluru floor 9", Decision::Create);
    let plan = office
        .plan_with(&file, &Asked::default(), &options)
        .unwrap();
    assert_eq!(
        (plan.counts.create, plan.counts.error),
        (37, 3),
        "{:#?}",
        office.said(&plan)
    );
    assert_eq!(plan.created.len(), 1);
}
