//! Every row both ways, every wrong use with what is said of it.

use super::*;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::phone::Phone;
use proptest::prelude::*;

/// Two agents, a department and an IVR.
struct Book;

impl Directory for Book {
    fn agent_by_intercom(&self, intercom: &str) -> Option<Called> {
        [asha(), bela()]
            .into_iter()
            .find(|called| called.intercom.as_deref() == Some(intercom))
    }

    fn line_by_code(&self, transfer_code: &str) -> Option<Line> {
        [billing(), menu()]
            .into_iter()
            .find(|line| line.transfer_code.as_deref() == Some(transfer_code))
    }
}

fn called(id: i64, name: &str, intercom: Option<&str>) -> Called {
    Called {
        id: AgentId::of(UserId(id)),
        name: name.to_owned(),
        intercom: intercom.map(str::to_owned),
    }
}

fn asha() -> Called {
    called(1, "Asha Rao", Some("1002"))
}

fn bela() -> Called {
    called(2, "Bela Das", Some("2001"))
}

fn line(kind: LineKind, id: i64, name: &str, code: Option<&str>) -> Line {
    Line {
        kind,
        id,
        name: name.to_owned(),
        transfer_code: code.map(str::to_owned),
    }
}

fn billing() -> Line {
    line(LineKind::Department, 3, "Billing", Some("90001"))
}

fn menu() -> Line {
    line(LineKind::Ivr, 4, "Main menu", Some("90501"))
}

fn london() -> Phone {
    Phone::from_e164("+442079460161").unwrap()
}

fn none() -> Situation {
    Situation::default()
}

fn off() -> Situation {
    Situation {
        queue: Queue::Off("Sales".to_owned()),
        attended: false,
    }
}

fn on() -> Situation {
    Situation {
        queue: Queue::On("Support".to_owned()),
        attended: false,
    }
}

fn after(situation: Situation) -> Situation {
    Situation {
        attended: true,
        ..situation
    }
}

fn rules(codes: &Codes) -> Rules<'_> {
    Rules {
        codes,
        length: IntercomLength::default(),
        region: Region::INDIA,
    }
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

#[test]
fn every_row_of_the_table_works_both_ways() {
    let codes = Codes::default();
    let rules = rules(&codes);
    let rows = [
        ("#11002", none(), Meaning::Agent(How::Blind, asha())),
        ("#11002", off(), Meaning::Agent(How::Blind, asha())),
        ("#11002", on(), Meaning::Agent(How::Blind, asha())),
        ("*22001", none(), Meaning::Agent(How::Attended, bela())),
        ("*22001", on(), Meaning::Agent(How::Attended, bela())),
        (
            "#400442079460161",
            on(),
            Meaning::External(How::Blind, london()),
        ),
        (
            "*400442079460161",
            on(),
            Meaning::External(How::Attended, london()),
        ),
        ("*3", after(none()), Meaning::Conference),
        ("*3", after(on()), Meaning::Conference),
        ("#190001", none(), Meaning::Line(billing())),
        ("#190501", off(), Meaning::Line(menu())),
        ("#290001", on(), Meaning::Line(billing())),
        ("#290501", on(), Meaning::Line(menu())),
    ];
    let mut met = Vec::new();
    for (keys, situation, meaning) in rows {
        let composed = rules.compose(&situation, &meaning).unwrap();
        assert_eq!(composed.to_string(), keys, "{situation:?}");
        assert_eq!(
            rules.read(&situation, keys, &Book),
            Ok(meaning.clone()),
            "{keys}"
        );
        met.push(meaning.feature(&situation));
    }
    assert!(
        Feature::ALL.iter().all(|feature| met.contains(feature)),
        "{met:?}"
    );
}

#[test]
fn every_wrong_use_says_what_is_wrong() {
    let codes = Codes::default();
    let rules = rules(&codes);
    for (keys, situation, why) in [
        ("", none(), "No keys are given."),
        (" - ", none(), "No keys are given."),
        ("#1१००२", none(), "is no key of a phone"),
        ("#1;drop", none(), "is no key of a phone"),
        (
            "1002",
            none(),
            "Begin with a feature code: #1, #4, *2, *4, *3, #2.",
        ),
        ("#91002", none(), "#910 begins with no feature code"),
        ("*", none(), "* begins with no feature code"),
        (
            "#1",
            none(),
            "Nothing follows #1: dial an agent’s intercom (4 digits) or a transfer code (5 digits) after it.",
        ),
        (
            "*2",
            none(),
            "Nothing follows *2: dial an agent’s intercom (4 digits) after it.",
        ),
        (
            "#2",
            on(),
            "Nothing follows #2: dial a transfer code (5 digits) after it.",
        ),
        (
            "#4",
            on(),
            "Nothing follows #4: dial an external number after it.",
        ),
        ("#1*3", none(), "has to be digits only"),
        ("#19999", none(), "No agent has the intercom number 9999."),
        ("*29999", none(), "No agent has the intercom number 9999."),
        (
            "#199999",
            none(),
            "No department or IVR has the transfer code 99999.",
        ),
        (
            "#299999",
            on(),
            "No department or IVR has the transfer code 99999.",
        ),
        ("#1100", none(), "3 digits follow after #1"),
        ("#1900011", none(), "6 digits follow after #1"),
        (
            "#29000",
            on(),
            "4 digits follow after #2: dial a transfer code (5 digits).",
        ),
        (
            "*290001",
            none(),
            "5 digits follow after *2: dial an agent’s intercom (4 digits).",
        ),
        ("*21", none(), "1 digit follows after *2"),
        (
            "#290001",
            none(),
            "Press #1 instead of #2: this one came through no department.",
        ),
        (
            "#290001",
            off(),
            "Press #1 instead of #2: this one came through Sales, which is not used as a queue.",
        ),
        (
            "#190001",
            on(),
            "Press #2 instead of #1: this one came through Support, which is used as a queue.",
        ),
        (
            "#408040002291",
            none(),
            "need a call that came through a queue, and this one came through no department.",
        ),
        (
            "*408040002291",
            off(),
            "this one came through Sales, which is not used as a queue.",
        ),
        ("#4112", on(), "112 is an emergency number"),
        ("#41001", on(), "1001 after #4 is too short."),
        (
            "*3",
            none(),
            "*3 works only after a successful attended transfer: press *2",
        ),
        (
            "*3",
            on(),
            "*3 works only after a successful attended transfer",
        ),
        ("*32001", after(none()), "Nothing is dialled after *3"),
        (&"1".repeat(500), none(), "more keys than any transfer has"),
    ] {
        let refused = rules.read(&situation, keys, &Book).unwrap_err().to_string();
        assert!(refused.contains(why), "{keys}: {refused}");
    }
}

#[test]
fn what_can_t_be_made_says_why() {
    let codes = Codes::default();
    let rules = rules(&codes);
    for (situation, wanted, why) in [
        (
            none(),
            Meaning::Conference,
            "only after a successful attended transfer",
        ),
        (
            none(),
            Meaning::External(How::Blind, london()),
            "came through no department",
        ),
        (
            off(),
            Meaning::External(How::Attended, london()),
            "Sales, which is not used as a queue",
        ),
        (
            on(),
            Meaning::Agent(How::Blind, called(5, "Chitra", None)),
            "Chitra has no intercom number",
        ),
        (
            on(),
            Meaning::Agent(How::Blind, called(5, "Chitra", Some("123"))),
            "Chitra has no intercom number",
        ),
        (
            on(),
            Meaning::Line(line(LineKind::Department, 7, "Legal", None)),
            "The department Legal has no transfer code",
        ),
    ] {
        let refused = rules.compose(&situation, &wanted).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn only_people_are_spoken_to_first() {
    let to = Target::Line(menu());
    let refused = Meaning::transfer(How::Attended, to.clone()).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("The IVR Main menu can’t be spoken to first")
    );
    assert_eq!(Meaning::transfer(How::Blind, to), Ok(Meaning::Line(menu())));
}

#[test]
fn codes_that_could_be_mistaken_clash() {
    assert!(Codes::default().clashes().is_empty());
    for (feature, text, with) in [
        (Feature::QueueOn, "#1", None),
        (Feature::QueueOff, "*2", None),
        (Feature::ExternalBlind, "#1", Some(Feature::Blind)),
        (Feature::Attended, "#1", Some(Feature::Blind)),
        (Feature::Attended, "#11", Some(Feature::Blind)),
        (Feature::Conference, "*2", Some(Feature::Attended)),
        (Feature::QueueOn, "#4", Some(Feature::ExternalBlind)),
        (Feature::QueueOn, "*31", Some(Feature::Conference)),
    ] {
        let mut codes = Codes::default();
        codes.set(feature, code(text));
        let expected = with.map(|with| Clash { feature, with });
        assert_eq!(
            codes.clashes().first().copied(),
            expected,
            "{feature:?} {text}"
        );
    }
    for (text, why) in [
        ("", CodeError::Empty),
        ("12", CodeError::Begin),
        ("#", CodeError::Digits),
        ("*1234", CodeError::Digits),
        ("##", CodeError::Digits),
        ("#१", CodeError::Digits),
    ] {
        assert_eq!(Code::parse(text), Err(why), "{text}");
    }
}

#[test]
fn other_codes_are_read_and_made_alike() {
    let mut codes = Codes::default();
    codes.set(Feature::Blind, code("*77"));
    codes.set(Feature::QueueOn, code("#1"));
    let rules = rules(&codes);
    let blind = Meaning::Agent(How::Blind, asha());
    assert_eq!(
        rules.compose(&none(), &blind).unwrap().to_string(),
        "*771002"
    );
    assert_eq!(rules.read(&none(), "*77 1002", &Book), Ok(blind));
    for situation in [off(), on()] {
        assert_eq!(
            rules.read(&situation, "#190001", &Book),
            Ok(Meaning::Line(billing()))
        );
    }
    let refused = rules
        .read(&none(), "#11002", &Book)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("dial a transfer code (5 digits)"),
        "{refused}"
    );
}

fn situations() -> impl Strategy<Value = Situation> {
    (0..3_u8, any::<bool>()).prop_map(|(queue, attended)| Situation {
        attended,
        ..[none(), off(), on()][usize::from(queue)].clone()
    })
}

fn meanings() -> impl Strategy<Value = Meaning> {
    let how = || prop_oneof![Just(How::Blind), Just(How::Attended)];
    let agents = prop_oneof![Just(asha()), Just(bela()), Just(called(5, "Chitra", None))];
    let lines = prop_oneof![Just(billing()), Just(menu())];
    let phones = prop_oneof![
        (6_000_000_000_u64..9_999_999_999).prop_map(|n| format!("+91{n}")),
        (2_000_000_000_u64..2_099_999_999).prop_map(|n| format!("+44{n}")),
        (2_010_000_000_u64..9_899_999_999).prop_map(|n| format!("+1{n}")),
    ];
    prop_oneof![
        (how(), agents).prop_map(|(how, called)| Meaning::Agent(how, called)),
        (how(), phones)
            .prop_map(|(how, e164)| Meaning::External(how, Phone::from_e164(&e164).unwrap())),
        lines.prop_map(Meaning::Line),
        Just(Meaning::Conference),
    ]
}

/// Codes of any install: those of the table with some replaced, if that clashes with nothing.
fn any_codes() -> impl Strategy<Value = Codes> {
    proptest::collection::vec((0..Feature::ALL.len(), "[#*][0-9]{1,3}"), 0..7).prop_map(|changes| {
        let mut codes = Codes::default();
        for (at, text) in changes {
            let mut changed = codes.clone();
            changed.set(Feature::ALL[at], code(&text));
            if changed.clashes().is_empty() {
                codes = changed;
            }
        }
        codes
    })
}

proptest! {
    #[test]
    fn whatever_is_made_reads_back(
        codes in any_codes(),
        situation in situations(),
        meaning in meanings(),
        region in prop_oneof![Just("IN"), Just("GB"), Just("US"), Just("AU"), Just("BR")],
    ) {
        let rules = Rules { region: region.parse().unwrap(), ..rules(&codes) };
        if let Ok(keys) = rules.compose(&situation, &meaning) {
            let keys = keys.to_string();
            prop_assert_eq!(rules.read(&situation, &keys, &Book), Ok(meaning), "{}", keys);
        }
    }

    #[test]
    fn whatever_is_read_can_be_made(keys in "[#*]{0,1}[0-9#*]{0,7}", situation in situations()) {
        let codes = Codes::default();
        let rules = rules(&codes);
        if let Ok(meaning) = rules.read(&situation, &keys, &Book) {
            let made = rules.compose(&situation, &meaning).map(|keys| keys.to_string());
            prop_assert_eq!(made, Ok(keys));
        }
    }

    #[test]
    fn no_text_breaks_the_reading(keys in "\\PC{0,60}", situation in situations()) {
        let codes = Codes::default();
        let _ = rules(&codes).read(&situation, &keys, &Book);
    }
}
