//! What was uploaded or exported comes back as unchanged, and errors come back corrected.

use super::office::{ADMIN, AGENT, AUDITOR, Office, Plan, SUPERVISOR, agent, number, user};
use proptest::prelude::*;
use rollcall::domain::agent_form::{Field, Value, Values};
use rollcall::domain::ids::{CallerIdId, DepartmentId, GroupId, TimeGroupId, UserId};
use rollcall::domain::import::{
    Asked, Choice, Column, Completion, Decision, ErrorFile, Limits, Options, Outcome, Statuses,
    TEMPLATE, begin_export, export_row, rows, template, write_row,
};
use rollcall::domain::person::{Agent, Person, WebLogin, WebLoginStatus};
use rollcall::domain::phone::Phone;
use rollcall::domain::status::{AdminState, AgentStatus, ExtensionStatus};
use rollcall::domain::text::{Designation, EmployeeId, Name};
use std::io::Cursor;
use std::ops::ControlFlow;

fn exported(office: &Office) -> Vec<u8> {
    let mut writer = begin_export(Vec::new()).unwrap();
    for person in office.people.values().filter(|person| !person.deleted) {
        let busy = || (AgentStatus::Busy, "=on a call".to_owned());
        let statuses = Statuses {
            agent: person.living_agent().map(|_| busy()),
            extension: ExtensionStatus::Registered,
            web_login: WebLoginStatus::Locked,
        };
        write_row(&mut writer, export_row(person, &statuses, &office.facts)).unwrap();
    }
    writer.into_inner().unwrap()
}

/// Carries a plan out, as far as the tests look.
fn carry_out(office: &mut Office, plan: &Plan) {
    for row in &plan.rows {
        match &row.outcome {
            Outcome::Create(draft) => {
                let id = office.people.keys().max().unwrap() + 1;
                let mut person = user(id, "", "");
                person.role = draft.role;
                person.web_login = draft.web_login;
                if draft.calling_agent {
                    let mut agent = agent();
                    agent.admin.state = draft.admin_state;
                    person.agent = Some(Box::new(agent));
                }
                set(&mut person, &draft.values);
                office.people.insert(id, person);
            }
            Outcome::Update(edit) => {
                let person = office.people.get_mut(&edit.user.0).unwrap();
                person.role = edit.role.map_or(person.role, |(_, new)| new);
                person.web_login = edit.web_login.map_or(person.web_login, |(_, new)| new);
                if edit.becomes_agent {
                    person.agent = Some(Box::new(agent()));
                }
                if let (Some((_, state)), Some(agent)) = (edit.admin_state, person.agent.as_mut()) {
                    agent.admin.state = state;
                }
                set(person, &edit.after);
            }
            Outcome::Unchanged(_) | Outcome::Skip(_) | Outcome::Error(_) => {}
        }
    }
}

fn set(person: &mut Person, values: &Values) {
    for (field, value) in values.iter() {
        set_one(person, field, value);
    }
}

fn set_one(person: &mut Person, field: Field, value: &Value) {
    let text = match value {
        Value::Text(text) => text.as_deref(),
        Value::Texts(_) | Value::Flag(_) | Value::One(_) | Value::Many(_) => None,
    };
    let optional: Option<Box<str>> = text.map(Into::into);
    let required: Box<str> = text.unwrap_or_default().into();
    let ids = match value {
        Value::Many(ids) => ids.as_slice(),
        Value::Text(_) | Value::Texts(_) | Value::Flag(_) | Value::One(_) => &[],
    };
    match field {
        Field::Name => return person.name = required,
        Field::EmployeeId => return person.employee_id = optional,
        Field::Designation => return person.designation = required,
        Field::Phone => return person.phone = text.and_then(Phone::from_e164),
        Field::Email => return person.email = optional,
        Field::Username => return person.login_id = required,
        _ => {}
    }
    let agent = person.agent.as_mut().expect("an agent");
    match (field, value) {
        (Field::CallForwardingNumber, _) => {
            agent.forwarding_number = text.and_then(Phone::from_e164)
        }
        (Field::AlternativeNumbers, Value::Texts(numbers)) => {
            agent.alternative_numbers = numbers
                .iter()
                .filter_map(|number| Phone::from_e164(number))
                .collect();
        }
        (Field::RingsOn, _) => agent.rings_on = required.parse().unwrap(),
        (Field::OutgoingCalls, _) => agent.outgoing_calls = required.parse().unwrap(),
        (Field::IntercomNumber, _) => agent.intercom = optional,
        (Field::Extension, _) => agent.extension = optional,
        (Field::LoginBasedCalling, _) => agent.login_based = *value == Value::Flag(true),
        (Field::TimeGroup, Value::One(id)) => agent.time_group = id.map(TimeGroupId),
        (Field::Departments, _) => {
            agent.departments = ids.iter().copied().map(DepartmentId).collect()
        }
        (Field::AgentGroups, _) => agent.groups = ids.iter().copied().map(GroupId).collect(),
        (Field::CallerIds, _) => agent.caller_ids = ids.iter().copied().map(CallerIdId).collect(),
        (field, value) => panic!("{field:?} {value:?}"),
    }
}

#[test]
fn an_export_comes_back_as_unchanged() {
    let office = Office::new();
    let file = exported(&office);
    assert!(file.starts_with("\u{feff}agent_id,current_login_id,employee_id,".as_bytes()));
    let text = String::from_utf8(file.clone()).unwrap();
    assert!(text.contains(",+91 98765 43210,+91 98765 43210,+91 80 4000 2291,Agent,yes,Mornings,Sales,Day,2001,5101,"), "{text}");
    assert!(
        text.contains(",busy,'=on a call,registered,locked\r\n"),
        "{text}"
    );
    let plan = office.plan(&file).unwrap();
    assert_eq!(plan.counts.unchanged, 4, "{:?}", office.said(&plan));
}

#[test]
fn a_template_is_a_head_that_fits() {
    let file = template(Vec::new(), &TEMPLATE)
        .unwrap()
        .into_inner()
        .unwrap();
    let text = String::from_utf8(file.clone()).unwrap();
    let names = "employee_id,login_id,name,designation,email,phone,alternative_numbers,role,calling_agent,agent_groups,departments,time_group,intercom,extension,caller_ids,rings_on,outgoing_calls,login_based_calling,admin_state,web_login";
    assert_eq!(text, format!("\u{feff}{names}\r\n"));
    assert_eq!(Office::new().plan(&file).unwrap().counts.rows, 0);
}

#[test]
fn the_same_file_twice_changes_nothing() {
    let text = "employee_id,login_id,name,email,phone,alternative_numbers,role,calling_agent,agent_groups,departments,time_group,intercom,extension,rings_on,login_based_calling,admin_state,web_login\n\
        EMP1001,(auto),Ravi Kumar,ravi@example.com,98123 45678,080 4000 2299|+44 20 7946 0161,,,Mornings|Evenings,Sales,Night,(auto),(auto),phone,yes,blocked,allowed\n\
        EMP1002,meera.iyer,Meera Iyer,,,,Auditor,no,,,,,,,,,\n\
        0042,asha.sharma,Asha Sharma,(clear),98123 45670,(clear),,,A\\|B,,,,,,,,\n\
        ,asha.devi,,,,,,yes,Evenings,,,(auto),,,,,\n";
    let mut office = Office::new();
    let plan = office.plan(text.as_bytes()).unwrap();
    assert_eq!(
        (plan.counts.create, plan.counts.update),
        (2, 2),
        "{:?}",
        office.said(&plan)
    );
    carry_out(&mut office, &plan);
    let again = office.plan(text.as_bytes()).unwrap();
    assert_eq!(again.counts.unchanged, 4, "{:?}", office.said(&again));
    let plan = office.plan(&exported(&office)).unwrap();
    assert_eq!(
        plan.counts.unchanged,
        plan.counts.rows,
        "{:?}",
        office.said(&plan)
    );
}

/// The file of errors of a plan.
fn error_file(office: &Office, text: &str, plan: &Plan, options: &Options) -> String {
    let mut file = Vec::new();
    let head = &plan.detected.head;
    let completion = Completion::new(head, options, &office.facts);
    let mut errors = ErrorFile::begin(&mut file, head, &completion).unwrap();
    let mut planned = plan.rows.iter();
    rows::each(
        Cursor::new(text.as_bytes()),
        &plan.detected,
        &Limits::default(),
        |record| {
            let row = planned.next().unwrap();
            if let Outcome::Error(faults) = &row.outcome {
                errors.row(record, row.newcomer(), faults).unwrap();
            }
            ControlFlow::Continue(())
        },
    )
    .unwrap();
    errors.finish().unwrap();
    String::from_utf8(file).unwrap()
}

#[test]
fn an_error_file_has_what_was_decided_for_the_upload() {
    let office = Office::new();
    let mut options = Options::default();
    for (column, text) in [
        (Column::Role, "Supervisor"),
        (Column::WebLogin, "allowed"),
        (Column::CallingAgent, "yes"),
        (Column::Extension, "(auto)"),
        (Column::AgentGroups, "Mornings|A\\|B"),
        (Column::TimeGroup, "Day"),
    ] {
        options.defaults.insert(column, text.to_owned());
    }
    let decisions = &mut options.decisions;
    decisions.decide(Column::Departments, "Salez", Decision::Map(1));
    decisions.decide(Column::Departments, "Supp", Decision::Map(2));
    let head = "login_id,name,email,phone,role,departments,calling_agent\n";
    let wrong = format!(
        "{head}ravi.kumar,Ravi Kumar,,,,Salez|Support,\n\
         meera.iyer,Meera Iyer,meera@example.com,call me,Auditor,supp,no\n\
         tara.sen1,Tara Sen,tara@example.com,98123 45679,,Sales,\n\
         tara.sen1,Uma Varma,uma@example.com,98123 45680,,Nowhere,\n\
         asha.rao,Asha Rao,,9.1E+11,,Salez,\n"
    );
    let plan = |text: &str, options: &Options| {
        let plan = office.plan_with(text.as_bytes(), &Asked::default(), options);
        plan.unwrap()
    };
    let first = plan(&wrong, &options);
    let expected = [
        "2 error email",
        "3 error departments,phone",
        "4 create Tara Sen",
        "5 error login_id=4",
        "6 error phone",
    ];
    assert_eq!(office.said(&first), expected);
    assert_eq!(first.invited, 1);
    let file = error_file(&office, &wrong, &first, &options);
    let added = "calling_agent,agent_groups,time_group,extension,web_login,_line,";
    assert!(
        file.starts_with(&format!(
            "\u{feff}{}",
            head.trim_end().replace("calling_agent", added)
        )),
        "{file}"
    );
    assert!(file.contains("\r\nravi.kumar,Ravi Kumar,,,Supervisor,Sales|Support,yes,Mornings|A\\|B,Day,(auto),allowed,2,"), "{file}");
    assert!(
        file.contains(
            "\r\nmeera.iyer,Meera Iyer,meera@example.com,call me,Auditor,Support,no,,,,allowed,3,"
        ),
        "no agent\n{file}"
    );
    assert!(
        file.contains(
            "\r\ntara.sen1,Uma Varma,uma@example.com,98123 45680,Supervisor,Nowhere,yes,"
        ),
        "{file}"
    );
    assert!(
        file.contains("\r\nasha.rao,Asha Rao,,9.1E+11,,Sales,,,,,,6,"),
        "nobody who is here gets a default\n{file}"
    );
    let mend = |text: &str| {
        text.replace(
            "ravi.kumar,Ravi Kumar,,",
            "ravi.kumar,Ravi Kumar,ravi@example.com,",
        )
        .replace("call me", "98123 45678")
        .replace("tara.sen1,Uma", "uma.varma,Uma")
        .replace("Nowhere", "Sales")
        .replace("9.1E+11", "98765 43210")
        .replace("Support,no", ",no")
        .replace("supp,no", ",no")
    };
    let (again, right) = (
        plan(&mend(&file), &Options::default()),
        plan(&mend(&wrong), &options),
    );
    assert_eq!(
        (again.counts.create, again.counts.error, right.counts.error),
        (3, 0, 0),
        "{:?}",
        office.said(&again)
    );
    let drafts = |plan: &Plan| {
        let drafts = plan.rows.iter().filter_map(|row| match &row.outcome {
            Outcome::Create(draft)
                if draft.values.get(Field::Name)
                    != Some(&Value::Text(Some("Tara Sen".to_owned()))) =>
            {
                let mut draft = draft.clone();
                // The next that is free is another once Tara has hers.
                draft.values.set(Field::Extension, Value::Text(None));
                Some(draft)
            }
            _ => None,
        });
        drafts.collect::<Vec<_>>()
    };
    assert_eq!(
        drafts(&again),
        drafts(&right),
        "the same people as of a file that is right at first"
    );
}

#[test]
fn a_column_that_a_default_adds_has_a_name_of_its_own() {
    let office = Office::new();
    let mut options = Options::default();
    options
        .defaults
        .insert(Column::Role, "Supervisor".to_owned());
    let mut asked = Asked::default();
    asked.mapping.choose("role", Choice::Ignore);
    let text = "login_id,name,phone,role\nravi.kumar,Ravi Kumar,call me,Boss\n";
    let plan = office.plan_with(text.as_bytes(), &asked, &options).unwrap();
    let file = error_file(&office, text, &plan, &options);
    assert!(
        file.contains("login_id,name,phone,role,user role,_line,"),
        "{file}"
    );
    let mended = file.replace("call me", "98123 45678");
    let plan = office
        .plan_with(mended.as_bytes(), &asked, &Options::default())
        .unwrap();
    let Outcome::Create(draft) = &plan.rows[0].outcome else {
        panic!("{:?}", plan.rows);
    };
    assert_eq!(draft.role, SUPERVISOR);
}

#[test]
fn an_error_file_can_be_corrected_and_uploaded() {
    let office = Office::new();
    let text = "login_id;name;phone;_line\nravi.kumar;=Ravi;call me;17\nmeera.iyer;Meera Iyer;+919812345678;\nasha.rao;Asha Rao;9.1E+11;\n";
    let plan = office.plan(text.as_bytes()).unwrap();
    assert_eq!(
        office.said(&plan),
        ["2 error phone", "3 create Meera Iyer", "4 error phone"]
    );
    let written = error_file(&office, text, &plan, &Options::default());
    assert!(written.starts_with("\u{feff}login_id,name,phone,_line,_column,_reason\r\nravi.kumar,'=Ravi,call me,2,phone,"), "{written}");
    let plan = office.plan(written.as_bytes()).unwrap();
    assert_eq!(
        office.said(&plan),
        ["2 error phone", "3 error phone"],
        "as it is, the same is wrong"
    );
    let mended = written
        .replace("call me", "98123 45678")
        .replace("9.1E+11", "+91 98765 43210");
    let plan = office
        .plan_with(mended.as_bytes(), &Asked::default(), &Options::default())
        .unwrap();
    assert_eq!(office.said(&plan), ["2 create =Ravi", "3 unchanged"]);
}

/// Anyone whom the rules let be, spreadsheets or not.
fn anyone() -> impl Strategy<Value = Person> {
    let text = || "[=+@'\\-a-zA-Z0-9 |,;\"\\\\()]{1,12}|\\PC{1,10}|\\(clear\\)|03-Nov|9\\.19877E\\+11|2001\\.0|#N/A|आशा|'=1";
    let name = text().prop_filter_map("a name", |text| Name::parse(&text).ok());
    let designation = prop::option::of(text()).prop_filter_map("a designation", |text| {
        Designation::parse(&text.unwrap_or_default()).ok()
    });
    let employee = prop::option::of(text()).prop_filter_map("an employee id", |text| match text {
        Some(text) => EmployeeId::parse(&text).ok().map(Some),
        None => Some(None),
    });
    let lists = (
        prop::sample::subsequence(vec![1, 2, 3], 0..=3),
        prop::sample::subsequence(vec![1, 2, 3], 0..=3),
        prop::sample::subsequence(vec![1, 2], 0..=2),
    );
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let words = (
        prop::sample::select(vec![ADMIN, SUPERVISOR, AUDITOR, AGENT]),
        prop::sample::select(AdminState::ALL),
        prop::sample::select(WebLogin::ALL),
    );
    (name, designation, employee, lists, flags, words).prop_map(
        |(
            name,
            designation,
            employee,
            (groups, departments, callers),
            (is_agent, phone, same, has),
            (role, state, web_login),
        )| {
            let phone = phone.then(|| number("+919812345678"));
            let facet = is_agent.then(|| {
                let mut facet = Agent {
                    forwarding_number: if same {
                        phone
                    } else {
                        Some(number("+442079460161"))
                    },
                    alternative_numbers: if has {
                        Box::new([number("+918040002299"), number("+442079460161")])
                    } else {
                        Box::default()
                    },
                    groups: groups.into_iter().map(GroupId).collect(),
                    departments: departments.into_iter().map(DepartmentId).collect(),
                    caller_ids: callers.into_iter().rev().map(CallerIdId).collect(),
                    // Older than the rule that there be four digits.
                    intercom: has.then(|| "777".into()),
                    extension: has.then(|| "0007".into()),
                    time_group: has.then_some(TimeGroupId(2)),
                    login_based: same,
                    ..agent()
                };
                facet.admin.state = state;
                Box::new(facet)
            });
            Person {
                employee_id: employee.map(|id| id.into_string().into()),
                designation: designation.into_string().into(),
                phone,
                role,
                web_login,
                agent: facet,
                ..user(6, name.as_str(), "any.one")
            }
        },
    )
}

proptest! {
    #[test]
    fn anyone_exported_comes_back_as_unchanged(person in anyone()) {
        let mut office = Office::new();
        prop_assert_eq!(person.id, UserId(6));
        office.people.insert(6, person);
        let file = exported(&office);
        let plan = office.plan(&file).unwrap();
        prop_assert_eq!(plan.counts.unchanged, 5, "{:?}\n{}", office.said(&plan), String::from_utf8_lossy(&file));
    }
}
