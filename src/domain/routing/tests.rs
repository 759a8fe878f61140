use super::filter::{Column, ListFilter};
use super::members::{self, Step};
use super::*;
use crate::domain::day_range::DayChoice;
use crate::domain::ids::{AgentId, DepartmentId, IvrId, UserId};
use crate::domain::phone::Region;
use proptest::prelude::*;
use serde_json::json;

const ASHA: UserId = UserId(42);

fn rules() -> Rules<'static> {
    Rules {
        region: Some(Region::INDIA),
        known: &|target| match target {
            Target::Nowhere => true,
            Target::Department(id) => id.0 < 10,
            Target::Ivr(id) => id.0 < 10,
            Target::Agent(id) => id.0 < 100,
        },
        find_agent: &|text| match text {
            "010042" | "2001" | "asha.rao" => Some(ASHA),
            _ => None,
        },
    }
}

fn check(noun: Noun, pairs: &[(&str, &str)]) -> Result<Values, FieldErrors> {
    let mut form = RoutingForm::default();
    for (name, text) in pairs {
        assert!(form.put(noun, name, text).is_some(), "{name} is a field");
    }
    form.check(noun, &rules())
}

#[test]
fn a_department_reads_as_typed() {
    let values = check(
        Noun::Department,
        &[
            ("name", " Support "),
            ("description", ""),
            ("ring_strategy", "longest_idle"),
            ("ring_timeout_seconds", "20"),
            ("wrap_up_seconds", "0"),
            ("use_as_queue", ""),
            ("use_as_queue", "yes"),
            ("transfer_code", "90001"),
            ("members", "010042 010041"),
        ],
    )
    .unwrap();
    assert_eq!(values.text(Field::Name), Some("Support"));
    assert_eq!(values.get(Field::Description), Some(&Value::Text(None)));
    assert_eq!(values.get(Field::UseAsQueue), Some(&Value::Flag(true)));
    assert_eq!(values.members(), Some(&[ASHA, UserId(41)][..]));
}

#[test]
fn what_may_not_stand_says_why() {
    for (noun, name, typed, why) in [
        (Noun::Department, "name", "", "The name is missing"),
        (
            Noun::Department,
            "description",
            &*"x".repeat(501),
            "the most is 500",
        ),
        (
            Noun::Department,
            "ring_strategy",
            "loud",
            "Choose simultaneous",
        ),
        (
            Noun::Department,
            "ring_timeout_seconds",
            "4",
            "from 5 to 300",
        ),
        (
            Noun::Department,
            "ring_timeout_seconds",
            "+20",
            "from 5 to 300",
        ),
        (
            Noun::Department,
            "wrap_up_seconds",
            "99999999999",
            "from 0 to 3600",
        ),
        (Noun::Department, "use_as_queue", "maybe", "yes or no"),
        (Noun::Department, "transfer_code", "123", "exactly 5"),
        (Noun::Department, "transfer_code", "1234a", "digits only"),
        (
            Noun::Department,
            "transfer_code",
            "11234",
            "emergency number 112",
        ),
        (Noun::Department, "members", "010042 010042", "there twice"),
        (Noun::Department, "members", "42", "no Agent ID"),
        (
            Noun::Department,
            "members",
            "010100",
            "not an agent any more",
        ),
        (Noun::Ivr, "transfer_code", "", "is missing"),
        (Noun::Ivr, "target", "", "is missing"),
        (Noun::Ivr, "target", "a b", "may not have ' '"),
        (Noun::CallerId, "number", "12", "too short"),
        (
            Noun::CallerId,
            "goes_to",
            "department:77",
            "not there any more",
        ),
        (Noun::CallerId, "goes_to", "moon:1", "Choose a department"),
        (Noun::CallerId, "goes_to", "agent: ", "Say which agent"),
        (
            Noun::CallerId,
            "goes_to",
            "agent:nobody",
            "There is no agent “nobody”",
        ),
    ] {
        let errors = check(noun, &[(name, typed)]).unwrap_err();
        let said = &errors.0[0];
        assert_eq!((errors.0.len(), &*said.name), (1, name), "{typed}");
        assert!(
            said.message.contains(why),
            "{name} {typed}: {}",
            said.message
        );
    }
}

#[test]
fn a_target_is_found_by_whatever_names_the_agent() {
    for text in ["agent:010042", "agent:2001", "agent: asha.rao "] {
        let values = check(Noun::CallerId, &[("goes_to", text)]).unwrap();
        assert_eq!(
            values.get(Field::GoesTo),
            Some(&Value::Target(Target::Agent(ASHA)))
        );
    }
    for target in [
        Target::Nowhere,
        Target::Department(DepartmentId(3)),
        Target::Ivr(IvrId(1)),
        Target::Agent(ASHA),
    ] {
        assert_eq!(target.to_string().parse(), Ok(target));
        assert_eq!(Target::stored(target.kind(), target.key()), Ok(target));
    }
    assert!("department:0".parse::<Target>().is_err() && "agent:42".parse::<Target>().is_err());
}

#[test]
fn what_the_audit_and_a_form_hold_reads_back() {
    let values = check(
        Noun::Department,
        &[
            ("name", "Support"),
            ("transfer_code", ""),
            ("use_as_queue", "yes"),
            ("wrap_up_seconds", "30"),
            ("members", "010042"),
        ],
    )
    .unwrap();
    let carried: Map<String, Json> = serde_json::from_str(&values.to_json()).unwrap();
    assert_eq!(
        Values::from_stored(Noun::Department, &carried),
        Ok(values.clone())
    );
    let audit: Map<String, Json> = values
        .iter()
        .map(|(field, value)| {
            (
                field.word().to_owned(),
                value.json(&|_| Some("Asha Rao".into())),
            )
        })
        .collect();
    assert_eq!(audit["members"]["name"], "Asha Rao");
    assert_eq!(Values::from_stored(Noun::Department, &audit), Ok(values));
    let number = check(
        Noun::CallerId,
        &[("number", "080 4000 2291"), ("goes_to", "agent:2001")],
    )
    .unwrap();
    let audit: Map<String, Json> = number
        .iter()
        .map(|(field, value)| (field.word().to_owned(), value.json(&|_| None)))
        .collect();
    assert_eq!(audit["number"], "+918040002291");
    assert_eq!(Values::from_stored(Noun::CallerId, &audit), Ok(number));
}

#[test]
fn json_of_another_shape_is_refused_by_name() {
    for (noun, body, name) in [
        (Noun::Department, json!({ "name": 3 }), "name"),
        (
            Noun::Department,
            json!({ "members": "x", "target": "y" }),
            "target",
        ),
        (Noun::Department, json!({ "members": [[1]] }), "members"),
        (
            Noun::CallerId,
            json!({ "goes_to": { "kind": 1 } }),
            "goes_to",
        ),
        (
            Noun::CallerId,
            json!({ "goes_to": { "kind": "ivr", "id": [] } }),
            "goes_to",
        ),
        (Noun::Ivr, json!({ "deleted_at": null }), "deleted_at"),
    ] {
        let errors = RoutingForm::from_json(noun, body.as_object().unwrap()).unwrap_err();
        assert_eq!(errors.0[0].name, name, "{body}");
    }
    let body = json!({ "members": ["010042", { "agent_id": "010041" }], "use_as_queue": false });
    let form = RoutingForm::from_json(Noun::Department, body.as_object().unwrap()).unwrap();
    assert_eq!(form.text(Field::Members), "010042 010041");
    let body = json!({ "goes_to": { "kind": "department", "id": 3 } });
    let form = RoutingForm::from_json(Noun::CallerId, body.as_object().unwrap()).unwrap();
    assert_eq!(form.text(Field::GoesTo), "department:3");
}

#[test]
fn two_people_merge_by_field() {
    let of = |pairs: &[(&str, &str)]| check(Noun::Department, pairs).unwrap();
    let was = of(&[
        ("name", "A"),
        ("wrap_up_seconds", "0"),
        ("members", "010042"),
    ]);
    let now = of(&[
        ("name", "A"),
        ("wrap_up_seconds", "30"),
        ("members", "010042 010041"),
    ]);
    let mine = of(&[
        ("name", "B"),
        ("wrap_up_seconds", "0"),
        ("members", "010043"),
    ]);
    let merged = merge(&was, &now, &mine);
    assert_eq!(merged.mine, of(&[("name", "B")]));
    assert_eq!(merged.both, [Field::Members]);
}

#[test]
fn list_filters_round_trip_and_name_what_makes_no_sense() {
    for (noun, raw) in [
        (Noun::Department, ""),
        (
            Noun::Department,
            "q=sales&sort=-missed&per=25&days=7&page=2",
        ),
        (Noun::Department, "from=2026-11-01&to=2026-11-22"),
        (Noun::CallerId, "sort=agents"),
        (Noun::Ivr, "sort=-name"),
    ] {
        let filter = ListFilter::parse(noun, raw, &[]).unwrap();
        let link = filter.link();
        let query = link.split_once('?').map_or("", |(_, query)| query);
        assert_eq!(query, raw);
    }
    for (noun, raw, name) in [
        (Noun::Department, "sort=number", "sort"),
        (Noun::Ivr, "days=7", "days"),
        (Noun::CallerId, "page=0", "page"),
        (Noun::Department, "days=never", "days"),
        (Noun::Department, "colour=red", "colour"),
        (Noun::Department, "q=a&q=b", "q"),
    ] {
        let bad = ListFilter::parse(noun, raw, &[]).unwrap_err();
        assert_eq!(bad.bad[0].name, name, "{raw}");
    }
    let filter = ListFilter::of(Noun::Department);
    assert_eq!(filter.days, DayChoice::Today);
    let once = filter.sorted_by(Column::Answered);
    assert!(once.descending && !once.sorted_by(Column::Answered).descending);
    assert!(
        filter.sorted_by(Column::Name).descending,
        "it is sorted by name already"
    );
}

proptest! {
    #[test]
    fn arranging_keeps_everyone_once(
        start in prop::collection::hash_set(1_i64..30, 0..12),
        steps in prop::collection::vec((0_u8..4, 1_i64..30), 0..30),
    ) {
        let mut members: Vec<UserId> = start.into_iter().map(UserId).collect();
        for (kind, id) in steps {
            let id = AgentId::of(UserId(id));
            let word = ["up", "down", "remove", "add"][usize::from(kind)];
            let step = Step::parse(&format!("{word}:{id}")).unwrap();
            let before = members.clone();
            step.take(&mut members);
            let moved = before.len().abs_diff(members.len());
            prop_assert!(moved <= 1);
            let mut unique = members.clone();
            unique.sort_unstable();
            unique.dedup();
            prop_assert_eq!(unique.len(), members.len());
        }
        prop_assert_eq!(members::parse(&members::text(&members)), Ok(members));
    }

    #[test]
    fn no_list_of_members_breaks_the_reader(text in "[0-9 ,a\u{e9}]{0,40}") {
        if let Ok(ids) = members::parse(&text) {
            prop_assert_eq!(members::parse(&members::text(&ids)), Ok(ids));
        }
    }
}
