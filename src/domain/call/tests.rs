use super::*;
use crate::domain::day_range::Day;
use crate::domain::ids::UserId;
use crate::domain::time::MINUTE;
use proptest::prelude::*;

fn agent(key: i64) -> AgentId {
    AgentId::of(UserId(key))
}

fn minute(at: i64) -> Timestamp {
    Timestamp(at * MINUTE)
}

fn leg(key: i64, answered: Option<i64>, ended: Option<i64>) -> LegFacts {
    LegFacts {
        authority: Authority::Event,
        agent: agent(key),
        department: Some(DepartmentId(3)),
        direction: Direction::Inbound,
        other_party: "+919812345678".to_owned(),
        our_number: String::new(),
        started_at: minute(0),
        answered_at: answered.map(minute),
        end: ended.map(|at| End {
            at: minute(at),
            reason: None,
        }),
    }
}

fn call(ended: Option<i64>) -> CallFacts {
    CallFacts {
        direction: Direction::Inbound,
        caller: "+919812345678".to_owned(),
        callee: "+912212345678".to_owned(),
        department: Some(DepartmentId(3)),
        started_at: minute(0),
        answered_at: None,
        end: ended.map(|at| End {
            at: minute(at),
            reason: None,
        }),
    }
}

#[test]
fn a_call_answered_by_a_colleague_is_missed_by_nobody() {
    let legs = [leg(1, None, Some(1)), leg(2, Some(2), Some(9))];
    let verdict = judge(&call(None), &legs);
    assert_eq!(verdict.legs, [Counts::Nothing, Counts::Answered]);
    assert!(!verdict.missed);
    assert_eq!(verdict.answered_at, Some(minute(2)));
    assert_eq!(verdict.ended_at, Some(minute(9)));
}

#[test]
fn a_call_that_nobody_answered_is_missed_by_all_it_rang_and_once_by_the_department() {
    let legs = [leg(1, None, Some(1)), leg(2, None, Some(2))];
    let verdict = judge(&call(None), &legs);
    assert_eq!(verdict.legs, [Counts::Missed, Counts::Missed]);
    assert!(verdict.missed);
    let days = contributions(&call(None), &legs, &verdict, |_| Day(7));
    let department = days
        .iter()
        .filter(|line| line.agent.is_none())
        .collect::<Vec<_>>();
    assert_eq!(department.len(), 1);
    assert_eq!(days.len(), 3);
    assert_eq!((department[0].answered, department[0].missed), (0, 1));
}

#[test]
fn a_caller_who_gives_up_before_anyone_rang_is_the_departments_missed() {
    let verdict = judge(&call(Some(4)), &[]);
    assert!(verdict.missed && verdict.legs.is_empty());
    assert!(!judge(&call(None), &[]).missed, "still waiting");
}

#[test]
fn nothing_is_missed_while_the_call_is_up() {
    let still_rings = [leg(1, None, Some(1)), leg(2, None, None)];
    let verdict = judge(&call(None), &still_rings);
    assert_eq!(verdict.legs, [Counts::Nothing, Counts::Nothing]);
    assert!(!verdict.missed && verdict.ended_at.is_none());
}

#[test]
fn after_a_transfer_each_agent_counts_once() {
    let mut back = leg(1, Some(8), Some(9));
    back.department = None;
    let legs = [leg(1, Some(1), Some(5)), leg(2, Some(5), Some(8)), back];
    let verdict = judge(&call(None), &legs);
    assert_eq!(
        verdict.legs,
        [Counts::Answered, Counts::Answered, Counts::Nothing]
    );
    let days = contributions(&call(None), &legs, &verdict, |at| {
        Day((at.0 / MINUTE) as i32)
    });
    assert_eq!(
        days.iter()
            .map(|line| (line.day, line.agent))
            .collect::<Vec<_>>(),
        [(Day(1), Some(agent(1))), (Day(5), Some(agent(2)))]
    );
}

#[test]
fn internal_and_outgoing_calls_do_not_count() {
    for direction in [Direction::Internal, Direction::Outbound] {
        let facts = CallFacts {
            direction,
            ..call(None)
        };
        for answered in [None, Some(1)] {
            let legs = [LegFacts {
                direction,
                ..leg(1, answered, Some(2))
            }];
            let verdict = judge(&facts, &legs);
            assert_eq!(verdict.legs, [Counts::Nothing]);
            assert!(!verdict.missed);
        }
    }
}

#[test]
fn a_consultation_counts_once_it_is_joined() {
    let consultation = LegFacts {
        direction: Direction::Internal,
        ..leg(2, Some(5), None)
    };
    let legs = [leg(1, Some(1), None), consultation.clone()];
    assert_eq!(
        judge(&call(None), &legs).legs,
        [Counts::Answered, Counts::Nothing]
    );
    let joined = consultation.merge(leg(2, Some(5), Some(9)));
    assert_eq!(joined.direction, Direction::Inbound);
    let legs = [leg(1, Some(1), Some(6)), joined];
    assert_eq!(
        judge(&call(None), &legs).legs,
        [Counts::Answered, Counts::Answered]
    );
}

#[test]
fn a_reported_end_outweighs_a_concluded_one() {
    let concluded = LegFacts {
        end: Some(End {
            at: minute(2),
            reason: Some("reconciled".into()),
        }),
        ..leg(1, Some(1), None)
    };
    let reported = leg(1, Some(1), Some(7));
    assert_eq!(
        concluded.merge(reported).end.map(|end| end.at),
        Some(minute(7))
    );
    assert_eq!(
        leg(1, None, Some(3))
            .merge(leg(1, None, Some(4)))
            .end
            .map(|end| end.at),
        Some(minute(3))
    );
}

#[test]
fn a_leg_whose_end_was_lost_closes_with_the_call() {
    let mut open = leg(1, None, None);
    open.close_with(&call(None));
    assert!(open.end.is_none());
    open.close_with(&call(Some(4)));
    assert!(open.end.as_ref().is_some_and(End::is_concluded));
    assert_eq!(judge(&call(Some(4)), &[open]).legs, [Counts::Missed]);
}

#[test]
fn a_record_outweighs_events() {
    let record = LegFacts {
        authority: Authority::Record,
        answered_at: None,
        ..leg(1, None, Some(5))
    };
    let merged = leg(1, Some(2), None).merge(record.clone());
    assert_eq!(merged, record);
}

fn any_end() -> impl Strategy<Value = Option<End>> {
    let reason = prop::option::of(prop::sample::select(vec![
        "hangup",
        "busy",
        "reconciled",
        "pbx_restart",
    ]));
    prop::option::of((0..5i64, reason).prop_map(|(at, reason)| End {
        at: minute(at),
        reason: reason.map(str::to_owned),
    }))
}

fn any_direction() -> impl Strategy<Value = Direction> {
    prop::sample::select(Direction::ALL)
}

prop_compose! {
    fn any_leg()(
        record in any::<bool>(), key in 1..3i64, department in prop::option::of(1..3i64), direction in any_direction(),
        party in "[ab]{0,2}", started in 0..4i64, answered in prop::option::of(0..5i64), end in any_end(),
    ) -> LegFacts {
        LegFacts {
            authority: if record { Authority::Record } else { Authority::Event },
            agent: agent(key),
            department: department.map(DepartmentId),
            direction,
            other_party: party.clone(),
            our_number: party,
            started_at: minute(started),
            answered_at: answered.map(minute),
            end,
        }
    }
}

prop_compose! {
    fn any_call()(direction in any_direction(), text in "[ab]{0,2}", started in 0..4i64, answered in prop::option::of(0..5i64), end in any_end()) -> CallFacts {
        CallFacts {
            direction, caller: text.clone(), callee: text, department: None,
            started_at: minute(started), answered_at: answered.map(minute), end,
        }
    }
}

proptest! {
    #[test]
    fn legs_merge_in_any_order_and_any_number_of_times(a in any_leg(), b in any_leg(), c in any_leg()) {
        prop_assert_eq!(a.clone().merge(b.clone()), b.clone().merge(a.clone()));
        prop_assert_eq!(a.clone().merge(b.clone()).merge(c.clone()), a.clone().merge(b.clone().merge(c.clone())));
        prop_assert_eq!(a.clone().merge(a.clone()), a.clone());
        let all = a.clone().merge(b).merge(c);
        prop_assert_eq!(all.clone().merge(a), all);
    }

    #[test]
    fn calls_merge_in_any_order_and_any_number_of_times(a in any_call(), b in any_call(), c in any_call()) {
        prop_assert_eq!(a.clone().merge(b.clone()), b.clone().merge(a.clone()));
        prop_assert_eq!(a.clone().merge(b.clone()).merge(c.clone()), a.clone().merge(b.clone().merge(c.clone())));
        let all = a.clone().merge(b).merge(c);
        prop_assert_eq!(all.clone().merge(a), all);
    }

    #[test]
    fn counts_keep_their_promises(call in any_call(), legs in prop::collection::vec(any_leg(), 0..5)) {
        let verdict = judge(&call, &legs);
        prop_assert_eq!(verdict.legs.len(), legs.len());
        let counted = |counts| legs.iter().zip(&verdict.legs).filter(move |(_, c)| **c == counts).map(|(leg, _)| leg);
        let mut answered: Vec<_> = counted(Counts::Answered).map(|leg| leg.agent).collect();
        let each = answered.len();
        answered.sort();
        answered.dedup();
        prop_assert_eq!(each, answered.len(), "an agent answers a call once");
        if each > 0 {
            prop_assert!(!verdict.missed);
            prop_assert_eq!(counted(Counts::Missed).count(), 0);
        }
        prop_assert!(counted(Counts::Missed).all(|leg| leg.answered_at.is_none() && leg.end.is_some()));
        let lines = contributions(&call, &legs, &verdict, |_| Day(1));
        prop_assert_eq!(lines.iter().map(|line| line.answered).sum::<i32>() as usize, each);
    }
}
