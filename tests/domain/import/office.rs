//! A small office, and the way from a file to what its plan says.

use rollcall::domain::agent::{OutgoingCalls, RingsOn};
use rollcall::domain::feature_code::Codes;
use rollcall::domain::ids::{CallerIdId, DepartmentId, GroupId, RoleId, TimeGroupId, UserId};
use rollcall::domain::import::{
    Asked, Claims, Counts, Detected, Facts, FileError, Limits, Named, NewRecord, Options, Outcome,
    People, Planned, Planner, RoleFacts, Survey, Unique, detect, rows,
};
use rollcall::domain::number_plan::IntercomLength;
use rollcall::domain::person::{Admin, Agent, Live, Person, WebLogin};
use rollcall::domain::phone::{Phone, Region};
use rollcall::domain::role::{BuiltInRole, Rights};
use rollcall::domain::status::AdminState;
use rollcall::domain::time::Timestamp;
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek};
use std::ops::ControlFlow;

pub struct Office {
    pub people: BTreeMap<i64, Person>,
    pub facts: Facts,
    /// Values that nobody has and nobody may take.
    held: Vec<(Unique, &'static str)>,
}

impl People for Office {
    fn person(&self, id: UserId) -> Option<&Person> {
        self.people.get(&id.0)
    }
}

/// What became of a file.
pub struct Plan {
    pub detected: Detected,
    pub rows: Vec<Planned>,
    pub counts: Counts,
    pub created: Vec<NewRecord>,
    pub invited: u64,
    /// Memory that the planner kept at its end.
    pub kept: usize,
}

pub const ADMIN: RoleId = RoleId(1);
pub const SUPERVISOR: RoleId = RoleId(2);
pub const AUDITOR: RoleId = RoleId(3);
pub const AGENT: RoleId = RoleId(4);

pub fn number(text: &str) -> Phone {
    Phone::from_e164(text).unwrap()
}

/// Someone who is no agent.
pub fn user(id: i64, name: &str, login_id: &str) -> Person {
    Person {
        id: UserId(id),
        name: name.into(),
        employee_id: None,
        designation: "".into(),
        phone: None,
        email: None,
        login_id: login_id.into(),
        role: AGENT,
        web_login: WebLogin::None,
        locked_until: None,
        scope_groups: Box::default(),
        preferences: "{}".into(),
        deleted: false,
        version: 1,
        agent: None,
    }
}

/// An agent who has nothing yet.
pub fn agent() -> Agent {
    let now = Timestamp(0);
    Agent {
        forwarding_number: None,
        alternative_numbers: Box::default(),
        rings_on: RingsOn::Both,
        intercom: None,
        time_group: None,
        departments: Box::default(),
        groups: Box::default(),
        caller_ids: Box::default(),
        extension: None,
        outgoing_calls: OutgoingCalls::All,
        login_based: false,
        admin: Admin {
            state: AdminState::Enabled,
            reason: None,
            until: None,
            at: now,
            by: None,
        },
        live: Live::unknown(now),
        removed: false,
        version: 1,
    }
}

fn asha() -> Person {
    Person {
        employee_id: Some("0042".into()),
        designation: "Associate".into(),
        phone: Some(number("+919876543210")),
        email: Some("asha@example.com".into()),
        agent: Some(Box::new(Agent {
            forwarding_number: Some(number("+919876543210")),
            alternative_numbers: Box::new([number("+918040002291")]),
            intercom: Some("2001".into()),
            time_group: Some(TimeGroupId(1)),
            departments: Box::new([DepartmentId(1)]),
            groups: Box::new([GroupId(1)]),
            caller_ids: Box::new([CallerIdId(1), CallerIdId(2)]),
            extension: Some("5101".into()),
            ..agent()
        })),
        ..user(2, "Asha Rao", "asha.rao")
    }
}

fn bela() -> Person {
    Person {
        employee_id: Some("E-7".into()),
        email: Some("bela@example.com".into()),
        agent: Some(Box::new(Agent {
            forwarding_number: Some(number("+918040002295")),
            intercom: Some("2002".into()),
            groups: Box::new([GroupId(2)]),
            extension: Some("5102".into()),
            ..agent()
        })),
        ..user(3, "Bela Das", "bela.das")
    }
}

pub fn named<Id>(id: Id, name: &str) -> Named<Id> {
    Named {
        id,
        name: name.to_owned(),
    }
}

fn facts() -> Facts {
    let roles = BuiltInRole::ALL
        .iter()
        .zip([ADMIN, SUPERVISOR, AUDITOR, AGENT]);
    let roles = roles.map(|(role, id)| RoleFacts {
        id,
        name: role.name().to_owned(),
        permissions: role.permissions(),
        built_in: true,
        own_groups: false,
    });
    Facts {
        region: Region::INDIA,
        intercom: IntercomLength::default(),
        codes: Codes::default(),
        rights: Rights::everything(),
        me: Some(UserId(1)),
        groups: vec![
            named(GroupId(1), "Mornings"),
            named(GroupId(2), "Evenings"),
            named(GroupId(3), "A|B"),
        ],
        departments: vec![
            named(DepartmentId(1), "Sales"),
            named(DepartmentId(2), "Support"),
            named(DepartmentId(3), "Sales, North"),
        ],
        time_groups: vec![named(TimeGroupId(1), "Day"), named(TimeGroupId(2), "Night")],
        caller_ids: vec![
            (CallerIdId(1), number("+918040002292")),
            (CallerIdId(2), number("+918040002293")),
        ],
        roles: roles.collect(),
        admins: vec![UserId(1)],
    }
}

impl Office {
    /// An administrator, two agents, an auditor, and someone who left.
    pub fn new() -> Self {
        let root = Person {
            role: ADMIN,
            web_login: WebLogin::Allowed,
            email: Some("root@example.com".into()),
            ..user(1, "Root", "root.admin")
        };
        let devi = Person {
            role: AUDITOR,
            web_login: WebLogin::Blocked,
            email: Some("devi@example.com".into()),
            ..user(4, "आशा देवी", "asha.devi")
        };
        let chitra = Person {
            deleted: true,
            ..user(5, "Chitra", "chitra.old")
        };
        let people = [root, asha(), bela(), devi, chitra];
        Self {
            people: people
                .into_iter()
                .map(|person| (person.id.0, person))
                .collect(),
            facts: facts(),
            held: vec![(Unique::LoginId, "chitra.old")],
        }
    }

    /// Other people and records.
    pub fn of(people: Vec<Person>, facts: Facts) -> Self {
        Self {
            people: people
                .into_iter()
                .map(|person| (person.id.0, person))
                .collect(),
            facts,
            held: Vec::new(),
        }
    }

    pub fn claims(&self) -> Claims {
        let mut claims = Claims::default();
        for person in self.people.values() {
            claims.add(person);
        }
        for (unique, value) in &self.held {
            claims.hold(*unique, value);
        }
        // A department's transfer code.
        claims.hold_number("30017");
        claims
    }

    pub fn plan(&self, bytes: &[u8]) -> Result<Plan, FileError> {
        self.plan_with(bytes, &Asked::default(), &Options::default())
    }

    pub fn plan_with(
        &self,
        bytes: &[u8],
        asked: &Asked,
        options: &Options,
    ) -> Result<Plan, FileError> {
        self.plan_file(Cursor::new(bytes), asked, options, &Limits::default())
    }

    pub fn plan_file<R: Read + Seek>(
        &self,
        mut file: R,
        asked: &Asked,
        options: &Options,
        limits: &Limits,
    ) -> Result<Plan, FileError> {
        let detected = detect(&mut file, asked, limits)?;
        let head = &detected.head;
        head.ready(&asked.mapping)?;
        let mut survey = Survey::new(&self.facts);
        file.rewind()?;
        rows::each(&mut file, &detected, limits, |record| {
            survey.row(record, head, &self.facts, options);
            ControlFlow::Continue(())
        })?;
        let mut planner = Planner::new(&self.facts, &detected, options, &survey, self.claims());
        let mut planned = Vec::new();
        file.rewind()?;
        rows::each(&mut file, &detected, limits, |record| {
            planned.push(planner.row(self, record));
            ControlFlow::Continue(())
        })?;
        let counts = planner.counts();
        assert_eq!(counts.rows, survey.rows());
        let created = planner.created().to_vec();
        let kept = planner.bytes();
        let invited = planner.invited();
        drop(planner);
        Ok(Plan {
            invited,
            rows: planned,
            counts,
            created,
            kept,
            detected,
        })
    }

    /// One line for each row: `2 create Name`, `3 update phone,email`, `4 error login_id=2`.
    pub fn said(&self, plan: &Plan) -> Vec<String> {
        plan.rows
            .iter()
            .map(|row| self.said_of(row, plan))
            .collect()
    }

    fn said_of(&self, row: &Planned, plan: &Plan) -> String {
        let what = match &row.outcome {
            Outcome::Create(draft) => {
                let cells = draft.cells(&self.facts, &plan.created);
                let name = cells.into_iter().find(|cell| cell.column.word() == "name");
                format!("create {}", name.map(|cell| cell.new).unwrap_or_default())
            }
            Outcome::Update(edit) => {
                let changes = edit.changes(&self.facts, &plan.created);
                let columns: Vec<&str> =
                    changes.iter().map(|change| change.column.word()).collect();
                format!("update {}", columns.join(","))
            }
            Outcome::Unchanged(_) => "unchanged".to_owned(),
            Outcome::Skip(why) => format!("skip {}", why.word()),
            Outcome::Error(faults) => {
                let fault = faults.iter().map(|fault| {
                    let column = fault.column.map_or("-", |column| column.word());
                    let pair = fault.pair.map(|line| format!("={line}"));
                    format!("{column}{}", pair.unwrap_or_default())
                });
                format!("error {}", fault.collect::<Vec<_>>().join(","))
            }
        };
        format!("{} {what}", row.line)
    }
}

/// `! UnclosedQuote 3`.
pub fn refused(error: &FileError) -> String {
    let debug = format!("{error:?}");
    let name = debug
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    match error.line() {
        Some(line) => format!("! {name} {line}"),
        None => format!("! {name}"),
    }
}
