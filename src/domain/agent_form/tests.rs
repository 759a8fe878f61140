use super::*;
use crate::domain::number_plan::IntercomLength;
use crate::domain::phone::Region;
use proptest::prelude::*;

fn form(pairs: &[(&str, &str)]) -> AgentForm {
    let mut form = AgentForm::default();
    for (name, text) in pairs {
        form.put(name, text).expect("a field");
    }
    form
}

fn check(pairs: &[(&str, &str)]) -> Result<AgentChange, FieldErrors> {
    let known = |_: Field, id: i64| id < 100;
    form(pairs).check(&Rules {
        region: Region::INDIA,
        intercom: Some(IntercomLength::default()),
        known: &known,
    })
}

fn text(text: &str) -> Value {
    Value::Text(Some(text.to_owned()))
}

fn why(name: &str, typed: &str) -> String {
    let errors = check(&[(name, typed)]).unwrap_err();
    assert_eq!(errors.0.len(), 1);
    errors.of(name.parse().unwrap()).unwrap().to_owned()
}

#[test]
fn a_form_becomes_a_change_of_the_fields_it_has() {
    let change = check(&[
        ("name", " Asha Rao "),
        ("email", "Asha@Example.com"),
        ("call_forwarding_number", "098765 43210"),
        ("alternative_numbers", "080 4000 2291\r\n+44 20 7946 0161"),
        ("intercom_number", "2041"),
        ("departments", ""),
        ("departments", "7"),
        ("departments", "3"),
        ("caller_ids", "7"),
        ("caller_ids", "3"),
        ("caller_ids", "7"),
        ("login_based_calling", ""),
        ("login_based_calling", "yes"),
        ("time_group", ""),
    ])
    .unwrap();
    assert_eq!(change.get(Field::Name), Some(&text("Asha Rao")));
    assert_eq!(change.get(Field::Email), Some(&text("asha@example.com")));
    let forwarding = change.get(Field::CallForwardingNumber);
    assert_eq!(forwarding, Some(&text("+919876543210")));
    let alternatives = vec!["+918040002291".to_owned(), "+442079460161".to_owned()];
    assert_eq!(
        change.get(Field::AlternativeNumbers),
        Some(&Value::Texts(alternatives))
    );
    assert_eq!(
        change.get(Field::Departments),
        Some(&Value::Many(vec![3, 7]))
    );
    assert_eq!(
        change.get(Field::CallerIds),
        Some(&Value::Many(vec![7, 3])),
        "their order counts"
    );
    assert_eq!(
        change.get(Field::LoginBasedCalling),
        Some(&Value::Flag(true))
    );
    assert_eq!(
        change.get(Field::TimeGroup),
        Some(&Value::One(None)),
        "blank clears"
    );
    assert_eq!(change.get(Field::Extension), None, "absent is unchanged");
}

#[test]
fn each_field_says_what_is_wrong_and_how_to_mend_it() {
    assert_eq!(why("name", "  "), "The name is missing.");
    assert_eq!(
        why("username", "abc"),
        "The username has 3 characters; at least 6 are needed."
    );
    assert_eq!(
        why("intercom_number", "204"),
        "The intercom number has 3 digits; exactly 4 are needed."
    );
    assert!(why("intercom_number", "1121").contains("emergency number 112"));
    assert!(why("call_forwarding_number", "90007 3146").contains("begin with their country code"));
    assert!(why("call_forwarding_number", "9OOO731461").contains("has letters"));
    assert!(
        why("alternative_numbers", "080 4000 2291\n12").starts_with("Number 2, “12”, is too short")
    );
    assert!(why("alternative_numbers", "08040002291|+918040002291").contains("is there twice"));
    let six: String = (0..6).map(|n| format!("080 4000 229{n},")).collect();
    assert!(why("alternative_numbers", &six).contains("more than 5"));
    assert!(why("email", "asha").contains("looks like name@example.com"));
    assert!(why("time_group", "100").contains("not there any more"));
    assert!(why("departments", "1e3").contains("not there any more"));
    assert!(why("rings_on", "").contains("Choose phone"));
    assert!(why("outgoing_calls", "everywhere").contains("Choose all"));
    assert!(why("extension", "7x").contains("digits only"));
    assert!(why("login_based_calling", "perhaps").contains("yes or no"));
    assert!(why("employee_id", &"9".repeat(65)).contains("the most is 64"));
    let twice = check(&[("name", "Asha"), ("name", "Bela")]).unwrap_err();
    assert!(twice.of(Field::Name).unwrap().contains("only one"));
}

#[test]
fn names_that_are_no_field_are_refused_in_json_and_unknown_to_forms() {
    for name in [
        "role",
        "version",
        "admin_state",
        "password",
        "id",
        "deleted",
        "Name",
    ] {
        assert_eq!(AgentForm::default().put(name, "x"), None, "{name}");
        let object = serde_json::json!({ name: "x" });
        let refused = AgentForm::from_json(object.as_object().unwrap()).unwrap_err();
        assert_eq!(refused.0[0].name, name);
    }
    for (name, value) in [
        ("name", serde_json::json!(["Asha"])),
        ("departments", serde_json::json!(3)),
        ("login_based_calling", serde_json::json!("yes")),
        ("time_group", serde_json::json!({ "name": "Day" })),
        ("alternative_numbers", serde_json::json!([7])),
    ] {
        let object = serde_json::json!({ name: value });
        let refused = AgentForm::from_json(object.as_object().unwrap()).unwrap_err();
        assert_eq!(refused.0[0].name, name);
    }
}

#[test]
fn what_the_audit_wrote_is_a_change_again() {
    let before = serde_json::json!({
        "name": "Asha", "email": null, "departments": [{"id": 3, "name": "Sales"}], "time_group": {"id": 2, "name": "Day"},
        "intercom_number": "204", "login_based_calling": false, "admin_state": "blocked", "reason": "sick",
    });
    let change = AgentChange::from_audit(before.as_object().unwrap()).unwrap();
    assert_eq!(change.fields().count(), 6);
    assert_eq!(change.get(Field::Departments), Some(&Value::Many(vec![3])));
    assert_eq!(change.get(Field::Email), Some(&Value::Text(None)));
    assert_eq!(
        change.get(Field::IntercomNumber),
        Some(&text("204")),
        "of an older length"
    );
}

#[test]
fn other_fields_merge_and_the_same_field_is_a_conflict() {
    let values = |pairs: &[(&str, &str)]| check(pairs).unwrap();
    let was = values(&[
        ("name", "Asha"),
        ("intercom_number", "2041"),
        ("designation", "Agent"),
    ]);
    let now = values(&[
        ("name", "Asha"),
        ("intercom_number", "2099"),
        ("designation", "Lead"),
    ]);
    let mine = values(&[
        ("name", "Asha Rao"),
        ("intercom_number", "2041"),
        ("designation", "Agent"),
    ]);
    let merged = merge(was.values(), now.values(), &mine);
    assert_eq!(merged.mine, values(&[("name", "Asha Rao")]));
    assert_eq!((merged.theirs.len(), merged.both.len()), (2, 0));
    let mine = values(&[("intercom_number", "2050"), ("designation", "Lead")]);
    let merged = merge(was.values(), now.values(), &mine);
    assert_eq!(
        merged.both,
        [Field::IntercomNumber],
        "the same value twice is no conflict"
    );
    assert!(merged.mine.is_empty() && merged.theirs.is_empty());
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "\\PC{0,12}",
        "[0-9+ |\n-]{0,30}",
        "[a-z@.]{1,12}",
        Just("yes".to_owned()),
        Just("both".to_owned()),
        Just("all".to_owned()),
        "[6-9][0-9]{9}",
        "[1-9]{1,4}",
    ]
}

fn any_form() -> impl Strategy<Value = AgentForm> {
    let field = prop::sample::select(Field::ALL);
    prop::collection::vec((field, prop::collection::vec(value(), 0..3)), 0..8).prop_map(|typed| {
        let mut form = AgentForm::default();
        typed
            .into_iter()
            .for_each(|(field, texts)| form.set(field, texts));
        form
    })
}

proptest! {
    #[test]
    fn nothing_typed_brings_the_rules_down(form in any_form()) {
        let known = |_: Field, id: i64| id % 2 == 0;
        let rules = Rules { region: Region::INDIA, intercom: Some(IntercomLength::default()), known: &known };
        match form.check(&rules) {
            Ok(change) => prop_assert_eq!(change.fields().collect::<Vec<_>>(), form.fields().collect::<Vec<_>>()),
            Err(errors) => for error in &errors.0 {
                prop_assert!(form.fields().any(|field| field.word() == error.name) && !error.message.is_empty());
            },
        }
    }

    #[test]
    fn an_accepted_change_reads_back_from_its_own_json(form in any_form()) {
        if let Ok(change) = form.check(&Rules::stored()) {
            let json: serde_json::Value = serde_json::from_str(&change.values().to_json()).unwrap();
            let back = AgentChange::from_audit(json.as_object().unwrap());
            prop_assert_eq!(back, Ok(change.clone()));
            let named = |_: Field, id: i64| Some(format!("record {id}"));
            let audit = change.values().iter().map(|(f, v)| (f.word().to_owned(), v.json(f, &named))).collect();
            prop_assert_eq!(AgentChange::from_audit(&audit), Ok(change));
        }
    }

    #[test]
    fn a_merge_puts_every_changed_field_in_one_place(was in any_form(), now in any_form(), mine in any_form()) {
        let checked = |form: AgentForm| form.check(&Rules::stored()).unwrap_or_default();
        let (was, now, mine) = (checked(was), checked(now), checked(mine));
        let merged = merge(was.values(), now.values(), &mine);
        for (field, value) in mine.values().iter() {
            let places = [merged.mine.get(field).is_some(), merged.theirs.contains(&field), merged.both.contains(&field)];
            let differs = now.get(field) != Some(value);
            prop_assert_eq!(places.iter().filter(|&&place| place).count(), usize::from(differs));
            prop_assert!(!merged.both.contains(&field) || was.get(field) != now.get(field));
        }
        prop_assert_eq!(merge(now.values(), now.values(), &mine).both, []);
    }
}
