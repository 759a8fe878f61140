//! The switches of an upload, its decisions, and who uploads.

use super::office::{AGENT, Office, SUPERVISOR, number, user};
use rollcall::domain::agent_form::{Field, Value};
use rollcall::domain::ids::{GroupId, UserId};
use rollcall::domain::import::{
    Asked, Charset, Choice, Column, Decision, FileError, Head, Lists, Mapping, NewRecord, Options,
    Outcome, Record, Survey, Which,
};
use rollcall::domain::person::{Person, WebLogin};
use rollcall::domain::role::{BuiltInRole, Permission, Rights, Scope};

fn said(office: &Office, text: &str, options: &Options) -> Vec<String> {
    let plan = office.plan_with(text.as_bytes(), &Asked::default(), options);
    office.said(&plan.unwrap())
}

fn plain(office: &Office, text: &str) -> Vec<String> {
    said(office, text, &Options::default())
}

/// What the first row makes or changes.
fn first_value(office: &Office, text: &str, options: &Options, field: Field) -> Option<Value> {
    let plan = office
        .plan_with(text.as_bytes(), &Asked::default(), options)
        .unwrap();
    match &plan.rows[0].outcome {
        Outcome::Create(draft) => draft.values.get(field).cloned(),
        Outcome::Update(edit) => edit.after.get(field).cloned(),
        other => panic!("{other:?}"),
    }
}

fn numbers(texts: &[&str]) -> Option<Value> {
    Some(Value::Texts(
        texts.iter().map(|text| (*text).to_owned()).collect(),
    ))
}

#[test]
fn lists_replace_or_add() {
    let office = Office::new();
    let text = "login_id,agent_groups,departments,alternative_numbers\nasha.rao,Evenings,Support,080 4000 2291|98123 45678\n";
    let replace = Options::default();
    let add = Options {
        lists: Lists::Add,
        ..Options::default()
    };
    let value = |options, field| first_value(&office, text, options, field);
    assert_eq!(
        value(&replace, Field::AgentGroups),
        Some(Value::Many(vec![2]))
    );
    assert_eq!(
        value(&add, Field::AgentGroups),
        Some(Value::Many(vec![1, 2]))
    );
    assert_eq!(
        value(&add, Field::Departments),
        Some(Value::Many(vec![1, 2]))
    );
    let both = numbers(&["+918040002291", "+919812345678"]);
    assert_eq!(value(&replace, Field::AlternativeNumbers), both);
    assert_eq!(value(&add, Field::AlternativeNumbers), both);
}

#[test]
fn an_extension_caller_id_goes_to_the_front() {
    let office = Office::new();
    let text = "login_id,extension_caller_id\nasha.rao,080 4000 2293\n";
    let ids = first_value(&office, text, &Options::default(), Field::CallerIds);
    assert_eq!(ids, Some(Value::Many(vec![2, 1])));
}

#[test]
fn defaults_fill_empty_cells_of_new_rows_only() {
    let office = Office::new();
    let mut options = Options::default();
    for (column, text) in [
        (Column::AgentGroups, "Evenings"),
        (Column::Extension, "(auto)"),
        (Column::Role, "Agent"),
        // Not among those that may have a default.
        (Column::Name, "Nobody"),
    ] {
        options.defaults.insert(column, text.to_owned());
    }
    let text = "login_id,name,agent_groups,calling_agent\nravi.kumar,Ravi Kumar,,\nasha.rao,,,\nmeera.iyer,,,\ntara.sen1,Tara Sen,,no\n";
    let expected = [
        "2 create Ravi Kumar",
        "3 unchanged",
        "4 error name",
        "5 create Tara Sen",
    ];
    assert_eq!(said(&office, text, &options), expected);
    let value = |field| first_value(&office, text, &options, field);
    assert_eq!(value(Field::AgentGroups), Some(Value::Many(vec![2])));
    assert_eq!(
        value(Field::Extension),
        Some(Value::Text(Some("5103".to_owned())))
    );
}

#[test]
fn only_new_or_only_known_rows_can_be_asked_for() {
    let office = Office::new();
    let text = "login_id,name\nravi.kumar,Ravi Kumar\nasha.rao,Asha R\n";
    let only = |which| {
        said(
            &office,
            text,
            &Options {
                which,
                ..Options::default()
            },
        )
    };
    assert_eq!(only(Which::New), ["2 create Ravi Kumar", "3 skip known"]);
    assert_eq!(only(Which::Known), ["2 skip new", "3 update name"]);
}

#[test]
fn unknown_names_are_listed_once_and_mapped_created_or_refused() {
    let office = Office::new();
    let text = "login_id,name,agent_groups,departments\nravi.kumar,Ravi Kumar,Nights|Mornings,Cooks\nmeera.iyer,Meera Iyer,NIGHTS,\ntara.sen1,Tara Sen,Old mornings,\n";
    let head = Head::read(
        &Record::from_cells(1, ["login_id", "name", "agent_groups", "departments"]),
        &Mapping::default(),
    );
    let mut survey = Survey::new(&office.facts);
    for (line, groups, departments) in [
        (2, "Nights|Mornings", "Cooks"),
        (3, "NIGHTS", ""),
        (4, "Old mornings", ""),
    ] {
        let record = Record::from_cells(line, ["x", "y", groups, departments]);
        survey.row(&record, &head, &office.facts, &Options::default());
    }
    let unknown: Vec<(&str, u64, u64, bool)> = survey
        .unknown()
        .map(|name| (name.name.as_str(), name.rows, name.line, name.may_create))
        .collect();
    assert_eq!(
        unknown,
        [
            ("Nights", 2, 2, true),
            ("Old mornings", 1, 4, true),
            ("Cooks", 1, 2, true)
        ]
    );

    let mut options = Options::default();
    options
        .decisions
        .decide(Column::AgentGroups, "nights", Decision::Create);
    options
        .decisions
        .decide(Column::AgentGroups, "Old Mornings", Decision::Map(1));
    options
        .decisions
        .decide(Column::Departments, "Cooks", Decision::Refuse);
    let plan = office
        .plan_with(text.as_bytes(), &Asked::default(), &options)
        .unwrap();
    assert_eq!(
        office.said(&plan),
        [
            "2 error departments",
            "3 create Meera Iyer",
            "4 create Tara Sen"
        ]
    );
    assert_eq!(
        plan.created,
        [NewRecord {
            column: Column::AgentGroups,
            name: "Nights".to_owned()
        }]
    );
    let Outcome::Create(meera) = &plan.rows[1].outcome else {
        panic!()
    };
    let cells = meera.cells(&office.facts, &plan.created);
    let groups = cells.iter().find(|cell| cell.column == Column::AgentGroups);
    assert_eq!(groups.map(|cell| cell.new.as_str()), Some("Nights"));
}

#[test]
fn what_was_found_can_be_overridden() {
    let office = Office::new();
    let mut asked = Asked {
        delimiter: Some(b'/'),
        charset: Charset::named("windows-1251").ok(),
        ..Asked::default()
    };
    asked.mapping.choose("Wer", Choice::Column(Column::LoginId));
    asked.mapping.choose("Wie", Choice::Column(Column::Name));
    asked.mapping.choose("Was", Choice::Ignore);
    let text = encoding_rs::WINDOWS_1251
        .encode("Wer/Wie/Was\nivan.petrov/Иван Петров/x\n")
        .0
        .into_owned();
    let plan = office
        .plan_with(&text, &asked, &Options::default())
        .unwrap();
    assert_eq!(office.said(&plan), ["2 create Иван Петров"]);
    let unmapped = office.plan_with(
        &text,
        &Asked {
            delimiter: Some(b'/'),
            ..Asked::default()
        },
        &Options::default(),
    );
    assert!(matches!(unmapped, Err(FileError::NoKey { line: 1, .. })));
    let mut mapping = Mapping::default();
    mapping.ignore_unknown = true;
    let asked = Asked {
        mapping,
        ..Asked::default()
    };
    let plan = office
        .plan_with(
            b"login_id,name,shoe\nravi.kumar,Ravi,42\n",
            &asked,
            &Options::default(),
        )
        .unwrap();
    assert_eq!(office.said(&plan), ["2 create Ravi"]);
}

/// A supervisor of the group Mornings.
fn scoped() -> Office {
    let mut office = Office::new();
    office.facts.me = Some(UserId(9));
    office.facts.rights = Rights {
        permissions: BuiltInRole::Supervisor.permissions(),
        scope: Scope::Groups(vec![GroupId(1)]),
    };
    office
}

#[test]
fn a_scoped_supervisor_touches_and_learns_of_her_own_groups_only() {
    let office = scoped();
    let text = "agent_id,login_id,name,agent_groups,email,intercom\n\
        010003,,Bela D,,,\n\
        ,bela.das,Bela D,,,\n\
        ,,Bela D,,bela@example.com,\n\
        ,ravi.kumar,Ravi Kumar,,,\n\
        ,meera.iyer,Meera Iyer,Evenings,,\n\
        ,tara.sen1,Tara Sen,Mornings,,2002\n\
        ,uma.varma,Uma Varma,Mornings,,\n\
        ,asha.rao,Asha R,,,\n";
    let expected = [
        "2 error agent_id",
        "3 error login_id",
        "4 error email",
        "5 error agent_groups",
        "6 error agent_groups",
        "7 error intercom",
        "8 create Uma Varma",
        "9 update name",
    ];
    let plan = office.plan(text.as_bytes()).unwrap();
    assert_eq!(office.said(&plan), expected);
    for row in &plan.rows {
        if let Outcome::Error(faults) = &row.outcome {
            let told = faults
                .iter()
                .map(|fault| format!("{} {}", fault.reason, fault.fix));
            assert!(!told.collect::<String>().contains("Bela"), "{faults:?}");
        }
    }
    assert_eq!(
        plain(&office, "login_id,agent_groups\nasha.rao,(clear)\n"),
        ["2 error agent_groups"]
    );
}

#[test]
fn a_name_is_to_be_created_only_where_it_can_be() {
    let fix = |office: &Office, column: &str| {
        let text = format!("login_id,name,{column}\nravi.kumar,Ravi Kumar,Nobody knows\n");
        let plan = office.plan(text.as_bytes()).unwrap();
        match &plan.rows[0].outcome {
            Outcome::Error(faults) => faults[0].fix.clone(),
            other => panic!("{other:?}"),
        }
    };
    let created = |office: &Office, column: &str| fix(office, column).contains("created");
    let (all, scoped) = (Office::new(), scoped());
    assert!(created(&all, "agent_groups") && created(&all, "departments"));
    assert!(!created(&all, "time_group") && !created(&all, "role"));
    assert!(!created(&scoped, "agent_groups") && !created(&scoped, "departments"));
}

#[test]
fn groups_out_of_sight_stay_as_they_are() {
    let mut office = scoped();
    let asha = office.people.get_mut(&2).unwrap().agent.as_mut().unwrap();
    asha.groups = Box::new([GroupId(1), GroupId(2)]);
    assert_eq!(
        plain(&office, "login_id,agent_groups\nasha.rao,Mornings\n"),
        ["2 unchanged"]
    );
}

#[test]
fn nobody_uploads_a_right_that_they_lack() {
    let mut office = Office::new();
    office.facts.me = Some(UserId(9));
    office.facts.rights = Rights {
        permissions: BuiltInRole::Supervisor.permissions(),
        scope: Scope::All,
    };
    let text = "login_id,name,role,web_login,email\n\
        ravi.kumar,Ravi Kumar,Admin,,\n\
        meera.iyer,Meera Iyer,Supervisor,,\n\
        root.admin,Rooty,,,\n\
        asha.rao,,Admin,,\n";
    assert_eq!(
        plain(&office, text),
        [
            "2 error role",
            "3 create Meera Iyer",
            "4 error -",
            "5 error role"
        ]
    );
    // What would change nothing needs no right.
    assert_eq!(
        plain(&office, "login_id,name\nroot.admin,Root\n"),
        ["2 unchanged"]
    );

    let few = [
        Permission::AgentsRead,
        Permission::AgentsWrite,
        Permission::Directory,
        Permission::Uploads,
    ];
    office.facts.rights.permissions = few.into_iter().collect();
    let text = "login_id,name,calling_agent,web_login,admin_state,email\n\
        ravi.kumar,Ravi Kumar,no,,,\n\
        meera.iyer,Meera Iyer,yes,,blocked,\n\
        tara.sen1,Tara Sen,yes,allowed,,tara@example.com\n\
        asha.rao,,,,disabled,\n\
        uma.varma,Uma Varma,yes,,,\n";
    let expected = [
        "2 error -",
        "3 error admin_state",
        "4 error web_login",
        "5 error admin_state",
        "6 create Uma Varma",
    ];
    assert_eq!(plain(&office, text), expected);
}

#[test]
fn the_last_administrator_stays() {
    let mut office = Office::new();
    office.facts.me = Some(UserId(9));
    let other = Person {
        role: office.people[&1].role,
        web_login: WebLogin::Allowed,
        email: Some("x@example.com".into()),
        ..user(8, "Second", "second.admin")
    };
    office.people.insert(8, other);
    office.facts.admins = vec![UserId(1), UserId(8)];
    let text = "login_id,web_login\nroot.admin,blocked\nsecond.admin,blocked\n";
    assert_eq!(
        plain(&office, text),
        ["2 update web_login", "3 error web_login"]
    );
    office.facts.me = Some(UserId(8));
    assert_eq!(
        plain(&office, "login_id,role\nsecond.admin,Agent\n"),
        ["2 error role"]
    );
}

#[test]
fn a_user_becomes_an_agent_with_the_phone_as_forwarding_number() {
    let mut office = Office::new();
    let someone = Person {
        phone: Some(number("+919812345678")),
        role: AGENT,
        ..user(8, "Someone", "some.one")
    };
    office.people.insert(8, someone);
    let text = "login_id,calling_agent,intercom\nsome.one,yes,3005\n";
    assert_eq!(
        plain(&office, text),
        ["2 update call_forwarding_number,calling_agent,intercom"]
    );
    let role = "login_id,role\nsome.one,Supervisor\n";
    let plan = office.plan(role.as_bytes()).unwrap();
    let Outcome::Update(edit) = &plan.rows[0].outcome else {
        panic!()
    };
    assert_eq!(edit.role, Some((AGENT, SUPERVISOR)));
}

#[test]
fn old_and_new_are_said_cell_by_cell() {
    let office = Office::new();
    let text = "login_id,phone,call_forwarding_number,departments,rings_on,web_login\nasha.rao,98123 45678,,Support,phone,allowed\n";
    let plan = office.plan(text.as_bytes()).unwrap();
    let Outcome::Update(edit) = &plan.rows[0].outcome else {
        panic!()
    };
    let changes = edit.changes(&office.facts, &plan.created);
    let changes: Vec<(&str, &str, &str)> = changes
        .iter()
        .map(|c| (c.column.word(), c.old.as_str(), c.new.as_str()))
        .collect();
    assert_eq!(
        changes,
        [
            ("phone", "+91 98765 43210", "+91 98123 45678"),
            (
                "call_forwarding_number",
                "+91 98765 43210",
                "+91 98123 45678"
            ),
            ("departments", "Sales", "Support"),
            ("rings_on", "both", "phone"),
            ("web_login", "none", "allowed"),
        ]
    );
    assert_eq!((edit.user_version, edit.agent_version), (1, Some(1)));
}
