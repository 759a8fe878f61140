use super::*;
use crate::domain::number_plan::IntercomLength;
use crate::domain::phone::Region;

fn check(pairs: &[(&str, &str)]) -> Result<UserChange, FieldErrors> {
    let mut form = UserForm::default();
    for (name, text) in pairs {
        form.put(name, text).expect("a field");
    }
    let known = |_: agent_form::Field, id: i64| id < 100;
    form.check(&Rules {
        shared: agent_form::Rules {
            region: Region::INDIA,
            intercom: Some(IntercomLength::default()),
            known: &known,
        },
        role: &|id| id < 5,
    })
}

#[test]
fn a_form_becomes_a_change_of_the_fields_it_has() {
    let change = check(&[
        ("name", "Asha Rao"),
        ("calling_agent", ""),
        ("calling_agent", "yes"),
        ("web_login", "allowed"),
        ("role", "3"),
        ("scope_groups", ""),
        ("scope_groups", "9"),
        ("scope_groups", "2"),
        ("allowed_ips", "10.0.0.7/24\r\n2001:DB8::1, 10.0.0.0/24"),
    ])
    .unwrap();
    assert_eq!(change.calling_agent(), Some(true));
    assert_eq!(change.web_login(), Some(WebLogin::Allowed));
    assert_eq!(change.role(), Some(RoleId(3)));
    assert_eq!(
        change.scope_groups(),
        Some(vec![GroupId(2), GroupId(9)]),
        "in one order"
    );
    let addresses = vec!["10.0.0.0/24".to_owned(), "2001:db8::1".to_owned()];
    assert_eq!(
        change.values().own(Own::AllowedIps),
        Some(&Value::Texts(addresses))
    );
    assert_eq!(change.values().iter().count(), 6);
}

#[test]
fn what_is_wrong_is_said_in_words() {
    for (name, typed, why) in [
        ("web_login", "perhaps", "Choose allowed"),
        ("web_login", "locked", "Choose allowed"),
        ("role", "", "Choose a role"),
        ("role", "9", "Choose a role"),
        ("role", "1 or 1", "Choose a role"),
        ("scope_groups", "400", "not there any more"),
        ("calling_agent", "maybe", "yes or no"),
        ("allowed_ips", "10.0.0.300", "no address"),
        ("allowed_ips", "::/129", "no address"),
        ("name", "", "is missing"),
    ] {
        let errors = check(&[(name, typed)]).unwrap_err();
        let told = errors.named(name).unwrap_or_default();
        assert!(told.contains(why), "{name} {typed}: {told}");
    }
    let many: String = (0..51).map(|n| format!("10.0.{n}.0/24 ")).collect();
    assert!(check(&[("allowed_ips", &many)]).is_err());
}

#[test]
fn names_that_are_no_field_are_refused() {
    for name in [
        "password",
        "password_hash",
        "version",
        "id",
        "deleted_at",
        "failed_sign_ins",
        "locked_until",
        "preferences",
    ] {
        assert_eq!(UserForm::default().put(name, "x"), None, "{name}");
        let object = serde_json::json!({ name: "x" });
        let refused = UserForm::from_json(object.as_object().unwrap()).unwrap_err();
        assert_eq!(refused.0[0].name, name);
    }
    for (name, value) in [
        ("role", serde_json::json!("Admin")),
        ("role", serde_json::json!([1])),
        ("calling_agent", serde_json::json!("yes")),
        ("allowed_ips", serde_json::json!("10.0.0.1")),
    ] {
        let object = serde_json::json!({ name: value });
        let wrong = UserForm::from_json(object.as_object().unwrap())
            .and_then(|form| form.check(&Rules::stored()).map(|_| ()));
        assert_eq!(wrong.unwrap_err().0[0].name, name, "{value}");
    }
}

#[test]
fn what_the_audit_wrote_is_a_change_again() {
    let change = check(&[
        ("email", "asha@example.com"),
        ("role", "3"),
        ("calling_agent", "yes"),
        ("allowed_ips", "10.0.0.1"),
        ("scope_groups", "2"),
        ("web_login", "none"),
        ("departments", "3"),
    ])
    .unwrap();
    let named = change.values().json(&|_, id| Some(format!("record {id}")));
    assert_eq!(UserChange::from_audit(&named), Ok(change.clone()));
    let plain: Json = serde_json::from_str(&change.values().to_json()).unwrap();
    let back = UserForm::from_json(plain.as_object().unwrap()).unwrap();
    assert_eq!(back.check(&Rules::stored()), Ok(change));
}

#[test]
fn other_fields_merge_and_the_same_field_is_a_conflict() {
    let was = check(&[("name", "Asha"), ("role", "1"), ("web_login", "allowed")]).unwrap();
    let now = check(&[("name", "Asha"), ("role", "2"), ("web_login", "none")]).unwrap();
    let mine = check(&[
        ("name", "Asha Rao"),
        ("role", "3"),
        ("web_login", "allowed"),
    ])
    .unwrap();
    let merged = merge(was.values(), now.values(), &mine);
    assert_eq!(merged.mine, check(&[("name", "Asha Rao")]).unwrap());
    assert_eq!(merged.both, [Field::Own(Own::Role)]);
}

#[test]
fn every_field_has_a_step_and_comes_back_by_its_name() {
    for field in Field::all() {
        assert_eq!(Field::parse(field.word()), Some(field));
        assert!(!field.label().is_empty());
    }
    let of = |step: Step| Field::all().filter(|field| field.step() == step).count();
    assert_eq!(
        (of(Step::General), of(Step::Settings), of(Step::WebLogin)),
        (6, 12, 4)
    );
}
