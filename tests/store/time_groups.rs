//! Time groups as people change them: whether one is open is right at once, two people's changes merge by
//! field, a deletion is taken back whole, and the clock finds the right instants over every change of clocks.

use crate::support::acts::{audit, claim, rights, try_undo};
use crate::support::calls::at;
use crate::support::world::{NewAgent, World};
use crate::support::{TestClock, TestDb};
use diesel::prelude::*;
use rollcall::domain::audit::{Actor, ActorKind};
use rollcall::domain::ids::{GroupId, TimeGroupId};
use rollcall::domain::role::{Rights, Scope};
use rollcall::domain::time::Timestamp;
use rollcall::domain::time_group::form::{Form, TypedHoliday, TypedRow};
use rollcall::domain::time_group::{Change, Details, Field, Weekdays};
use rollcall::store::schema::time_groups;
use rollcall::store::time_group::{
    self, Basis, Created, Saved, Stored, Updated, create, delete, follow_clock, restore, save,
    update,
};
use rollcall::store::{StoreError, Tx};

/// A Friday, 14:30 in India.
const FRIDAY: &str = "2026-11-20T09:00:00Z";

both_databases! {
    fn a_new_one_is_open_or_closed_at_once(db: TestDb) {
        let world = world(&db);
        let office = made(&world, "Office", "Asia/Kolkata", &[(31, "09:00", "18:00")]);
        let night = made(&world, "Night", "Asia/Kolkata", &[(31, "22:00", "06:00")]);
        assert_eq!(standing(&world, office), (true, Some(at("2026-11-20T12:30:00Z"))));
        assert_eq!(standing(&world, night), (false, Some(at("2026-11-20T16:30:00Z"))));
        let said: Vec<String> = audit(&world).into_iter().filter(|(action, _)| action.starts_with("time_group")).map(|(action, name)| format!("{action} {name}")).collect();
        assert_eq!(said, ["time_group.create Office", "time_group.create Night"]);
        assert_eq!(claim(&world, "time_group_name", "office"), Some((office.0, None)));
        let stored = found(&world, office).unwrap();
        assert_eq!((stored.version, stored.details.rows[0].to_string()), (1, "Mon–Fri 09:00–18:00".to_owned()));
    }

    fn one_form_makes_one_however_often_it_is_sent(db: TestDb) {
        let world = world(&db);
        let change = change("Office", "Asia/Kolkata", &[(31, "09:00", "18:00")]);
        let send = |once: &str| {
            let (once, change) = (Some(once.to_owned()), change.clone());
            world.store.write_blocking(rohan(), move |tx| create(tx, &Scope::All, once, &change))
        };
        let first = send("a-form").unwrap();
        let again = send("a-form").unwrap();
        assert_eq!((first.again, again.again, again.id), (false, true, first.id));
        let Err(StoreError::Taken(taken)) = send("another") else { panic!("a second one of that name") };
        assert_eq!((taken.kind.as_str(), taken.owner.unwrap().id), ("time_group_name", first.id.0));
    }

    fn names_are_unique_whatever_their_case_and_free_again_after_a_rename(db: TestDb) {
        let world = world(&db);
        let hours: &[(u8, &str, &str)] = &[(31, "09:00", "18:00")];
        let office = made(&world, "Émigré Office", "UTC", hours);
        let taken = |result: Result<_, StoreError>| matches!(result, Err(StoreError::Taken(_)));
        assert!(taken(try_make(&world, &Scope::All, "éMIGRÉ office", hours).map(drop)));
        edit(&world, office, Some(1), &named("émigré OFFICE")).unwrap();
        edit(&world, office, Some(2), &named("Day")).unwrap();
        let other = made(&world, "Émigré office", "UTC", hours);
        assert!(taken(edit(&world, other, None, &named("DAY")).map(drop)));
        assert_eq!(found(&world, other).unwrap().version, 1, "nothing was written");
    }

    fn a_change_writes_what_differs_and_opens_or_closes_at_once(db: TestDb) {
        let world = world(&db);
        let office = made(&world, "Office", "Asia/Kolkata", &[(31, "09:00", "18:00")]);
        let mut wanted = change("Office", "Asia/Kolkata", &[(31, "09:00", "18:00"), (32, "09:00", "13:00")]);
        wanted.to.holidays = [(chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(), "Founders’ day".to_owned())].into();
        let updated = edit(&world, office, Some(1), &wanted).unwrap();
        assert_eq!((updated.version, updated.changed), (2, vec![Field::Hours, Field::Holidays]));
        assert_eq!(standing(&world, office), (false, Some(at("2026-11-21T03:30:00Z"))), "a holiday today, and then a Saturday");
        assert_eq!(found(&world, office).unwrap().details, wanted.to);
        let same = edit(&world, office, Some(2), &wanted).unwrap();
        assert_eq!((same.version, same.changed.len()), (2, 0), "no trace of what changes nothing");
        assert!(matches!(edit(&world, office, Some(1), &named("Day")), Err(StoreError::Stale)));
        let mut always = Change { given: vec![Field::Always], ..Change::default() };
        always.to.always = true;
        edit(&world, office, None, &always).unwrap();
        assert_eq!(standing(&world, office), (true, None));
        let moved = Change { given: vec![Field::Zone, Field::Always, Field::Holidays], ..change("", "America/New_York", &[]) };
        edit(&world, office, None, &moved).unwrap();
        assert_eq!(standing(&world, office), (false, Some(at("2026-11-20T14:00:00Z"))), "04:00 in New York");
    }

    fn two_people_merge_by_field_or_see_each_other_s_values(db: TestDb) {
        let world = world(&db);
        let office = made(&world, "Office", "Asia/Kolkata", &[(31, "09:00", "18:00")]);
        let was = Change::whole(&found(&world, office).unwrap().details);
        edit(&world, office, Some(1), &change("Office", "Asia/Kolkata", &[(31, "08:00", "18:00")])).unwrap();
        let basis = Basis { version: 1, was };
        let mut mine = basis.was.clone();
        mine.to.name = "Day".to_owned();
        let Saved::Written(updated, edits) = merged(&world, office, &basis, &mine) else { panic!("a conflict") };
        assert_eq!((updated.version, updated.changed), (3, vec![Field::Name]));
        assert_eq!((edits.len(), edits[0].by.as_str(), &edits[0].fields), (1, "Rohan Kulkarni", &vec!["hours".to_owned()]));
        let stored = found(&world, office).unwrap();
        assert_eq!((stored.details.name.as_str(), stored.details.rows[0].from_minute), ("Day", 480), "both stand");
        mine.to.rows = change("", "UTC", &[(31, "10:00", "18:00")]).to.rows;
        let Saved::Conflict(both) = merged(&world, office, &basis, &mine) else { panic!("written over") };
        assert_eq!(both.both, [Field::Hours]);
        assert_eq!(both.version, 3);
        assert_eq!(both.now, stored.details);
        assert_eq!(found(&world, office), Some(stored), "nothing was written");
    }

    fn a_deletion_holds_nobody_back_and_is_taken_back_whole(db: TestDb) {
        let world = world(&db);
        let night = made(&world, "Night", "Asia/Kolkata", &[(31, "22:00", "06:00")]);
        follower(&world, "asha.rao", night);
        follower(&world, "bela.das", night);
        assert!(matches!(try_delete(&world, Scope::All, night, Some(7)), Err(StoreError::Stale)));
        let deleted = try_delete(&world, Scope::All, night, Some(1)).unwrap();
        assert_eq!(deleted.agents, 2);
        assert_eq!(found(&world, night), None);
        assert!(matches!(try_delete(&world, Scope::All, night, None), Err(StoreError::NotFound)));
        assert!(matches!(edit(&world, night, None, &named("Day")), Err(StoreError::NotFound)));
        let hours = world.store.read(|conn| time_group::hours(conn, night)).unwrap();
        assert!(hours.open_at(world.clock.now()), "they can be reached at any time");
        // Its hour comes and goes while it is deleted.
        world.clock.advance(8 * 3_600_000_000);
        assert_eq!(world.write(follow_clock), 0);
        let undone = try_undo(&world, rights(), &deleted.operation).unwrap();
        assert_eq!((undone.done, undone.again), (1, false));
        assert_eq!(standing(&world, night), (true, Some(at("2026-11-21T00:30:00Z"))), "right at once");
        assert_eq!(found(&world, night).unwrap().version, 3);
        assert_eq!(world.store.read(|conn| time_group::in_use_by(conn, night)).unwrap(), 2, "its agents are its agents again");
        assert!(try_undo(&world, rights(), &deleted.operation).unwrap().again);
    }

    fn a_deleted_one_is_restored_with_its_name_and_its_hours_right_at_once(db: TestDb) {
        let world = world(&db);
        let office = made(&world, "Office", "Asia/Kolkata", &[(31, "09:00", "18:00")]);
        follower(&world, "asha.rao", office);
        let bring_back = |scope: Scope| world.store.write_blocking(rohan(), move |tx| restore(tx, &scope, office));
        assert!(matches!(bring_back(Scope::All), Err(StoreError::NotFound)), "it is not deleted");
        let deletion = try_delete(&world, Scope::All, office, None).unwrap();
        let gone = world.store.read(time_group::deleted).unwrap();
        assert_eq!((gone.len(), gone[0].id, gone[0].name.as_str(), gone[0].at), (1, office, "Office", world.clock.now()));
        assert!(matches!(bring_back(Scope::Groups(vec![])), Err(StoreError::NotFound)));
        let other = made(&world, "OFFICE", "UTC", &[(31, "09:00", "18:00")]);
        assert!(matches!(bring_back(Scope::All), Err(StoreError::Taken(_))));
        edit(&world, other, None, &named("Day")).unwrap();
        world.clock.advance(8 * 3_600_000_000);
        bring_back(Scope::All).unwrap();
        assert_eq!(standing(&world, office), (false, Some(at("2026-11-23T03:30:00Z"))), "it closed meanwhile");
        assert_eq!(world.store.read(|conn| time_group::in_use_by(conn, office)).unwrap(), 1);
        assert_eq!(claim(&world, "time_group_name", "office"), Some((office.0, None)));
        assert!(world.store.read(time_group::deleted).unwrap().is_empty());
        assert_eq!(try_undo(&world, rights(), &deletion.operation).unwrap().done, 0, "nothing is left to undo");
        assert!(audit(&world).contains(&("time_group.restore".to_owned(), "Office".to_owned())));
    }

    fn an_undo_never_takes_a_name_or_a_change_from_anyone(db: TestDb) {
        let world = world(&db);
        let hours: &[(u8, &str, &str)] = &[(31, "09:00", "18:00")];
        let office = made(&world, "Office", "UTC", hours);
        let renamed = edit(&world, office, None, &named("Day")).unwrap();
        let undone = try_undo(&world, rights(), &renamed.operation).unwrap();
        assert_eq!((undone.done, found(&world, office).unwrap().details.name.as_str()), (1, "Office"));
        let first = edit(&world, office, None, &named("Day")).unwrap();
        edit(&world, office, None, &change("Day", "Asia/Kolkata", hours)).unwrap();
        assert_eq!(try_undo(&world, rights(), &first.operation).unwrap().done, 0, "changed since");
        assert_eq!(found(&world, office).unwrap().details.name, "Day");
        let deleted = try_delete(&world, Scope::All, office, None).unwrap();
        made(&world, "DAY", "UTC", hours);
        assert!(matches!(try_undo(&world, rights(), &deleted.operation), Err(StoreError::Taken(_))));
        assert_eq!(found(&world, office), None);
    }

    fn only_scope_everything_changes_a_time_group(db: TestDb) {
        let world = world(&db);
        let north = world.group("North");
        let hours: &[(u8, &str, &str)] = &[(31, "09:00", "18:00")];
        let office = made(&world, "Office", "UTC", hours);
        let deleted = made(&world, "Gone", "UTC", hours);
        let operation = try_delete(&world, Scope::All, deleted, None).unwrap().operation;
        for scope in [Scope::Groups(vec![north]), Scope::Groups(vec![GroupId(999)]), Scope::Groups(vec![])] {
            let refused = |error: StoreError| assert!(matches!(error, StoreError::NotFound), "{error}");
            refused(try_make(&world, &scope, "Mine", hours).unwrap_err());
            refused(try_delete(&world, scope.clone(), office, None).unwrap_err());
            let (its, change) = (scope.clone(), named("Mine"));
            refused(world.store.write_blocking(rohan(), move |tx| update(tx, &its, office, None, &change)).unwrap_err());
            let hers = Rights { scope, ..rights() };
            refused(try_undo(&world, hers, &operation).unwrap_err());
        }
        assert_eq!(found(&world, office).unwrap().version, 1);
    }

    fn the_clock_finds_the_right_instants_over_every_change_of_clocks(db: TestDb) {
        let world = world(&db);
        let clock = world.clock.clone();
        // An evening before clocks change, when the night of 22:00 to 06:00 opens and closes, in UTC.
        for (at_number, (zone, before, opens, closes, length)) in (0..).zip([
            ("Asia/Kolkata", "2026-03-28T12:00:00Z", "2026-03-28T16:30:00Z", "2026-03-29T00:30:00Z", 8),
            ("Europe/London", "2026-03-28T12:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z", 7),
            ("Europe/London", "2026-10-24T12:00:00Z", "2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z", 9),
            ("America/New_York", "2026-03-07T12:00:00Z", "2026-03-08T03:00:00Z", "2026-03-08T10:00:00Z", 7),
            ("America/New_York", "2026-10-31T12:00:00Z", "2026-11-01T02:00:00Z", "2026-11-01T11:00:00Z", 9),
        ]) {
            clock.advance(at(before).0 - clock.now().0);
            let night = made(&world, &format!("Night {at_number}"), zone, &[(127, "22:00", "06:00")]);
            assert_eq!(standing(&world, night), (false, Some(at(opens))), "{zone} {before}");
            for (instant, open) in [(at(opens).plus(-1), false), (at(opens), true), (at(closes).plus(-1), true), (at(closes), false)] {
                clock.advance(instant.0 - clock.now().0);
                world.write(follow_clock);
                assert_eq!(standing(&world, night).0, open, "{zone} {instant:?}");
            }
            assert_eq!(at(closes).since(at(opens)), length * 3_600_000_000, "{zone} {before}");
            try_delete(&world, Scope::All, night, None).unwrap();
        }
    }
}

fn world(db: &TestDb) -> World {
    World::new(db, &TestClock::at(FRIDAY))
}

fn rohan() -> Actor {
    Actor {
        kind: ActorKind::User,
        id: Some(1),
        name: "Rohan Kulkarni".to_owned(),
        address: None,
        request_id: None,
    }
}

/// All fields, as a form would give them.
fn change(name: &str, zone: &str, rows: &[(u8, &str, &str)]) -> Change {
    let row = |&(days, from, to): &(u8, &str, &str)| TypedRow {
        weekdays: Weekdays(days),
        from: from.to_owned(),
        to: to.to_owned(),
    };
    let form = Form {
        name: Some(if name.is_empty() { "x" } else { name }.to_owned()),
        zone: Some(zone.to_owned()),
        always: Some(false),
        rows: Some(rows.iter().map(row).collect()),
        holidays: Some(Vec::<TypedHoliday>::new()),
    };
    form.check().unwrap()
}

fn named(name: &str) -> Change {
    Change {
        to: Details {
            name: name.to_owned(),
            ..Details::default()
        },
        given: vec![Field::Name],
    }
}

fn try_make(
    world: &World,
    scope: &Scope,
    name: &str,
    rows: &[(u8, &str, &str)],
) -> Result<Created, StoreError> {
    let (scope, change) = (scope.clone(), change(name, "UTC", rows));
    world
        .store
        .write_blocking(rohan(), move |tx| create(tx, &scope, None, &change))
}

fn made(world: &World, name: &str, zone: &str, rows: &[(u8, &str, &str)]) -> TimeGroupId {
    let change = change(name, zone, rows);
    let write = move |tx: &mut Tx<'_>| create(tx, &Scope::All, None, &change);
    world.store.write_blocking(rohan(), write).unwrap().id
}

fn edit(
    world: &World,
    id: TimeGroupId,
    expected: Option<i64>,
    change: &Change,
) -> Result<Updated, StoreError> {
    let change = change.clone();
    world.store.write_blocking(rohan(), move |tx| {
        update(tx, &Scope::All, id, expected, &change)
    })
}

fn merged(world: &World, id: TimeGroupId, basis: &Basis, change: &Change) -> Saved {
    let (basis, change) = (basis.clone(), change.clone());
    let write = move |tx: &mut Tx<'_>| save(tx, &Scope::All, id, &basis, &change);
    world.store.write_blocking(rohan(), write).unwrap()
}

fn try_delete(
    world: &World,
    scope: Scope,
    id: TimeGroupId,
    expected: Option<i64>,
) -> Result<time_group::Deleted, StoreError> {
    world
        .store
        .write_blocking(rohan(), move |tx| delete(tx, &scope, id, expected))
}

fn found(world: &World, id: TimeGroupId) -> Option<Stored> {
    world.store.read(|conn| time_group::find(conn, id)).unwrap()
}

/// What the table says: open, and the next change.
fn standing(world: &World, id: TimeGroupId) -> (bool, Option<Timestamp>) {
    let (open, next): (bool, Option<i64>) = world
        .store
        .read(|conn| {
            Ok(time_groups::table
                .find(id.0)
                .select((time_groups::open_now, time_groups::next_change_at))
                .first(conn)?)
        })
        .unwrap();
    (open, next.map(Timestamp))
}

fn follower(world: &World, login_id: &str, id: TimeGroupId) {
    world.add(NewAgent {
        name: login_id.to_owned(),
        login_id: login_id.to_owned(),
        time_group: Some(id),
        ..NewAgent::default()
    });
}
