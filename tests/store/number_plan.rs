//! The number plan: one number, one meaning, whatever takes it; settings that would break that are refused.

use crate::support::acts::{rights, try_undo};
use crate::support::world::World;
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::audit::Actor;
use rollcall::domain::feature_code::Feature;
use rollcall::domain::install::Install;
use rollcall::domain::number_plan::settings::Words;
use rollcall::domain::role::{Rights, Scope};
use rollcall::store::number_plan::{Saved, Wanted, save};
use rollcall::store::schema::{audit_entries, claims};
use rollcall::store::{StoreError, Taken, claim, setting};

both_databases! {
    fn a_number_is_taken_once_whoever_has_it(db: TestDb) {
        let world = world(&db);
        assert!(take(&world, "2001", "user", 1).is_none());
        assert!(take(&world, "90001", "department", 3).is_none());
        assert!(take(&world, "90501", "ivr", 4).is_none());
        assert!(take(&world, "1002", "user", 9).is_none(), "begins with 100, which is dialled as a whole");
        for (number, kind, id, value, holder) in [
            ("2001", "user", 2, "2001", "user"),
            ("20011", "department", 5, "2001", "user"),
            ("90001", "ivr", 6, "90001", "department"),
            ("9050", "user", 7, "90501", "ivr"),
            ("1121", "user", 8, "112", "emergency"),
            ("11200", "ivr", 8, "112", "emergency"),
            ("10021", "ivr", 8, "1002", "user"),
        ] {
            let taken = take(&world, number, kind, id).unwrap_or_else(|| panic!("{number} is refused"));
            assert_eq!((taken.value.as_str(), taken.owner.unwrap().kind.as_str()), (value, holder), "{number}");
        }
        assert!(take(&world, "2001", "user", 1).is_none(), "its own");
        let held: i64 = world.store.read(|conn| Ok(claims::table.count().get_result(conn)?)).unwrap();
        assert_eq!(held, 4, "what was refused left nothing");
    }

    fn a_change_is_written_with_its_audit(db: TestDb) {
        let world = world(&db);
        let saved = change(&world, &[("region", "IN", "GB"), ("feature_code_blind", "#1", "*7"), ("feature_code_attended", "*2", "*2")]);
        assert!(matches!(saved, Saved::Written { changed: true, .. }), "{saved:?}");
        let install = install(&world);
        assert_eq!((install.region.code().as_str(), install.codes.code(Feature::Blind)), ("GB", "*7"));
        let (action, before, after) = last_entry(&world);
        assert_eq!(action, "settings.update");
        assert_eq!(before, r##"{"feature_code_blind":"#1","region":"IN"}"##);
        assert_eq!(after, r#"{"feature_code_blind":"*7","region":"GB"}"#);
        let saved = change(&world, &[("region", "GB", "GB")]);
        assert!(matches!(saved, Saved::Written { changed: false, .. }), "{saved:?}");
        assert_eq!(entries(&world), 1, "what changes nothing leaves no trace");
    }

    fn numbers_in_use_refuse_a_change_and_are_named(db: TestDb) {
        let world = world(&db);
        for number in 2001..2008 {
            take(&world, &number.to_string(), "user", number);
        }
        let sales = world.department("Sales", 0);
        take(&world, "99901", "department", sales.0);
        let Saved::InUse(found) = change(&world, &[("intercom_length", "4", "6")]) else { panic!("refused") };
        assert_eq!((found[0].setting, found[0].count, found[0].numbers.len()), ("intercom_length", 7, 5));
        let Saved::InUse(found) = change(&world, &[("region", "IN", "GB")]) else { panic!("refused") };
        let held = &found[0].numbers[0];
        assert_eq!((held.number.as_str(), held.with.as_str(), held.name.as_str()), ("99901", "999", "Sales"));
        // Numbers that nobody dials any more stand in nobody's way.
        world.write(|tx| {
            let until = tx.now.0 + 1_000_000;
            diesel::update(claims::table).set(claims::held_until.eq(until)).execute(tx.conn)?;
            Ok(())
        });
        assert!(matches!(change(&world, &[("intercom_length", "4", "6")]), Saved::Written { changed: true, .. }));
        assert_eq!((install(&world).intercom_length, install(&world).region.code().as_str()), (6, "IN"));
    }

    fn what_is_wrong_in_itself_is_not_written(db: TestDb) {
        let world = world(&db);
        for (name, was, typed) in [
            ("intercom_length", "4", "5"), ("intercom_length", "4", "x"), ("region", "IN", "XX"),
            ("feature_code_conference", "*3", "*2"), ("feature_code_conference", "*3", "33"),
        ] {
            let Saved::Wrong(errors) = change(&world, &[(name, was, typed)]) else { panic!("{name} {typed}") };
            assert!(errors.named(name).is_some(), "{name} {typed}: {errors:?}");
        }
        assert_eq!((install(&world).intercom_length, entries(&world)), (4, 0));
    }

    fn two_people_merge_by_setting_and_meet_in_the_same_one(db: TestDb) {
        let world = world(&db);
        change(&world, &[("feature_code_blind", "#1", "*7")]);
        let saved = change(&world, &[("feature_code_blind", "#1", "#1"), ("feature_code_conference", "*3", "*9")]);
        assert!(matches!(saved, Saved::Written { changed: true, .. }), "{saved:?}");
        let codes = install(&world).codes;
        assert_eq!(codes.distinct(), ["*7", "#4", "*2", "*4", "*9", "#1", "#2"], "both stand");
        let Saved::Conflict { now, both } = change(&world, &[("feature_code_blind", "#1", "*8")]) else { panic!("a conflict") };
        assert_eq!((both, now["feature_code_blind"].as_str()), (vec!["feature_code_blind"], "*7"));
        assert_eq!(install(&world).codes, codes, "nothing was written");
    }

    fn a_change_is_taken_back_whole_or_not_at_all(db: TestDb) {
        let world = world(&db);
        let done = operation(change(&world, &[("region", "IN", "GB"), ("feature_code_blind", "#1", "*7")]));
        let scoped = Rights { scope: Scope::Groups(Vec::new()), ..Rights::everything() };
        for lesser in [rights(), scoped] {
            assert!(matches!(try_undo(&world, lesser, &done), Err(StoreError::NotFound)));
        }
        let undone = try_undo(&world, Rights::everything(), &done).unwrap();
        assert_eq!((undone.done, undone.again), (1, false));
        assert_eq!((code(&world, Feature::Blind), install(&world).region.code()), ("#1".to_owned(), "IN".to_owned()));
        let (action, before, after) = last_entry(&world);
        assert_eq!(action, "settings.undo");
        assert_eq!(before, r#"{"feature_code_blind":"*7","region":"GB"}"#);
        assert_eq!(after, r##"{"feature_code_blind":"#1","region":"IN"}"##);
        assert!(try_undo(&world, Rights::everything(), &done).unwrap().again);
        let done = operation(change(&world, &[("feature_code_blind", "#1", "*7"), ("feature_code_conference", "*3", "*9")]));
        change(&world, &[("feature_code_blind", "*7", "*8")]);
        assert_eq!(try_undo(&world, Rights::everything(), &done).unwrap().done, 0);
        assert_eq!(code(&world, Feature::Conference), "*9", "half of a change would be a plan that nobody chose");
    }

    fn what_stands_in_the_way_of_taking_back_is_named(db: TestDb) {
        let world = world(&db);
        let longer = operation(change(&world, &[("intercom_length", "4", "6")]));
        assert!(take(&world, "200101", "user", 1).is_none());
        let Err(StoreError::Taken(taken)) = try_undo(&world, Rights::everything(), &longer) else { panic!("refused") };
        assert_eq!((taken.kind.as_str(), taken.value.as_str(), taken.owner.map(|owner| owner.id)), ("intercom_length", "200101", Some(1)));
        let moved = operation(change(&world, &[("feature_code_conference", "*3", "*9")]));
        change(&world, &[("feature_code_attended", "*2", "*3")]);
        let Err(StoreError::Taken(taken)) = try_undo(&world, Rights::everything(), &moved) else { panic!("refused") };
        assert_eq!((taken.kind.as_str(), taken.value.as_str(), taken.owner), ("feature_code_conference", "*3", None));
        assert_eq!((install(&world).intercom_length, code(&world, Feature::Conference)), (6, "*9".to_owned()), "nothing was written");
        change(&world, &[("feature_code_attended", "*3", "*2")]);
        assert_eq!(try_undo(&world, Rights::everything(), &moved).unwrap().done, 1, "what was refused can be tried again");
    }
}

fn world(db: &TestDb) -> World {
    World::new(db, &TestClock::at("2026-11-20T09:30:00Z"))
}

/// What stands in the way of a number, if it was refused.
fn take(world: &World, number: &str, kind: &'static str, id: i64) -> Option<Taken> {
    let number = number.to_owned();
    let taken = world.store.write_blocking(Actor::system(), move |tx| {
        claim::take_number(tx, &number, kind, id)
    });
    match taken {
        Ok(()) => None,
        Err(StoreError::Taken(taken)) => Some(taken),
        Err(other) => panic!("{other:?}"),
    }
}

/// Names, with the values that the form was opened with and those that were typed.
fn change(world: &World, fields: &[(&'static str, &str, &str)]) -> Saved {
    let words = |value: fn(&(&'static str, &str, &str)) -> String| -> Words {
        fields.iter().map(|field| (field.0, value(field))).collect()
    };
    let wanted = Wanted {
        was: words(|field| field.1.to_owned()),
        typed: words(|field| field.2.to_owned()),
    };
    world.write(move |tx| save(tx, &wanted))
}

/// Under which it was written.
fn operation(saved: Saved) -> String {
    match saved {
        Saved::Written {
            operation,
            changed: true,
        } => operation,
        other => panic!("{other:?}"),
    }
}

fn code(world: &World, feature: Feature) -> String {
    install(world).codes.code(feature).to_owned()
}

fn words(world: &World) -> std::collections::HashMap<String, String> {
    world.store.read(setting::all).unwrap()
}

fn install(world: &World) -> Install {
    Install::from_words(&words(world)).unwrap()
}

fn entries(world: &World) -> i64 {
    world
        .store
        .read(|conn| {
            let changes = audit_entries::table.filter(audit_entries::action.eq("settings.update"));
            Ok(changes.count().get_result(conn)?)
        })
        .unwrap()
}

fn last_entry(world: &World) -> (String, String, String) {
    let found: (String, Option<String>, Option<String>) = world
        .store
        .read(|conn| {
            Ok(audit_entries::table
                .order(audit_entries::id.desc())
                .select((
                    audit_entries::action,
                    audit_entries::before,
                    audit_entries::after,
                ))
                .first(conn)?)
        })
        .unwrap();
    (
        found.0,
        found.1.unwrap_or_default(),
        found.2.unwrap_or_default(),
    )
}
