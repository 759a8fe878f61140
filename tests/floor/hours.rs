//! What comes with the clock: hours open and close, wrap-up ends.

use super::nodes::wait;
use super::reference::assert_fresh;
use crate::support::calls::{Known, accept, event};
use crate::support::world::{NewAgent, World, loaded};
use crate::support::{TestClock, TestDb};
use rollcall::domain::call::{CallEventKind as K, EventBody};
use rollcall::domain::day_range::{Day, DaySpan};
use rollcall::domain::filter::AgentFilter;
use rollcall::domain::role::Scope;
use rollcall::domain::status::{AgentStatus, SecondMark};
use rollcall::domain::time::{MINUTE, SECOND};
use rollcall::domain::time_group::form::{Form, TypedRow};
use rollcall::domain::time_group::{Change, Weekdays};
use rollcall::floor::Floor;
use rollcall::jobs::Jobs;
use rollcall::store::time_group;

both_databases! {
    fn hours_open_and_close_at_their_instants(db: TestDb) {
        // Monday to Friday, nine to six in India, which is 03:30 to 12:30 UTC.
        let clock = TestClock::at("2026-11-20T03:00:00Z");
        let world = World::new(&db, &clock);
        let office = world.hours("Office", 31, 540, 1_080);
        add(&world, office);
        let floor = world.floor();
        let open = (AgentStatus::Active, None);
        let closed = (AgentStatus::Offline, Some(SecondMark::OutsideHours));
        for (instant, changes, shown) in [
            ("2026-11-20T03:00:00Z", 1, closed),
            ("2026-11-20T03:29:59Z", 0, closed),
            ("2026-11-20T03:30:00Z", 1, open),
            ("2026-11-20T12:29:59Z", 0, open),
            ("2026-11-20T12:30:00Z", 1, closed),
            ("2026-11-22T12:00:00Z", 0, closed),
            ("2026-11-23T03:29:59Z", 0, closed),
            ("2026-11-23T03:30:00Z", 1, open),
            // The node was off over a whole night.
            ("2026-11-24T03:31:00Z", 1, open),
            ("2026-11-24T12:30:00Z", 1, closed),
        ] {
            clock.advance(crate::support::calls::at(instant).0 - clock.now().0);
            accept(&world.store, vec![event(clock.now(), EventBody::Heartbeat)]);
            assert_eq!(world.write(time_group::follow_clock), changes, "{instant}");
            assert_fresh(&floor, &loaded(db.store(&clock)), instant);
            assert_eq!(status(&floor), shown, "{instant}");
        }
    }

    fn hours_that_people_change_are_in_force_at_once_and_the_clock_goes_on_from_them(db: TestDb) {
        let clock = TestClock::at("2026-11-20T09:00:00Z");
        let world = World::new(&db, &clock);
        let made = world.write(|tx| time_group::create(tx, &Scope::All, None, &hours("09:00", "18:00")));
        add(&world, made.id);
        let floor = world.floor();
        let _jobs = Jobs::start(&floor).unwrap();
        let (open, closed) = ((AgentStatus::Active, None), (AgentStatus::Offline, Some(SecondMark::OutsideHours)));
        accept(&world.store, vec![event(clock.now(), EventBody::Heartbeat)]);
        wait("heard", || status(&floor).0 != AgentStatus::Unknown);
        assert_eq!(status(&floor), open);
        // 14:30 in India: shortened to two o'clock it closes with the write, lengthened it opens again.
        world.write(move |tx| time_group::update(tx, &Scope::All, made.id, None, &hours("09:00", "14:00")));
        assert_eq!(status(&floor), closed);
        world.write(move |tx| time_group::update(tx, &Scope::All, made.id, None, &hours("09:00", "14:31")));
        assert_eq!(status(&floor), open);
        clock.advance(MINUTE);
        wait("closed by the clock", || status(&floor) == closed);
        let gone = world.write(move |tx| time_group::delete(tx, &Scope::All, made.id, None));
        assert_eq!((gone.agents, status(&floor)), (1, open), "a deleted one holds nobody back");
    }

    fn the_jobs_of_a_node_follow_the_clock(db: TestDb) {
        let clock = TestClock::at("2026-11-20T12:29:00Z");
        let world = World::new(&db, &clock);
        let agent = add(&world, world.hours("Office", 31, 540, 1_080));
        let support = world.department("Support", 30);
        let floor = world.floor();
        let _jobs = Jobs::start(&floor).unwrap();
        let leg = Known::leg("c1", "1", agent, clock.now().plus(-MINUTE)).in_department(support).answered(5);
        accept(&world.store, vec![leg.event(K::Answered)]);
        wait("on a call", || status(&floor) == (AgentStatus::Busy, None));
        accept(&world.store, vec![leg.ended(60).event(K::Ended)]);
        wait("in wrap-up", || status(&floor) == (AgentStatus::Busy, Some(SecondMark::WrapUp)));
        clock.advance(30 * SECOND);
        wait("wrap-up is over", || status(&floor) == (AgentStatus::Active, None));
        clock.advance(30 * SECOND);
        wait("closed", || status(&floor) == (AgentStatus::Offline, Some(SecondMark::OutsideHours)));
    }
}

/// Every day in India, from and to.
fn hours(from: &str, to: &str) -> Change {
    let row = TypedRow {
        weekdays: Weekdays::ALL,
        from: from.to_owned(),
        to: to.to_owned(),
    };
    let form = Form {
        name: Some("Office".to_owned()),
        zone: Some("Asia/Kolkata".to_owned()),
        always: Some(false),
        rows: Some(vec![row]),
        holidays: None,
    };
    form.check().unwrap()
}

fn add(world: &World, hours: rollcall::domain::ids::TimeGroupId) -> rollcall::domain::ids::AgentId {
    world.add(NewAgent {
        name: "Asha".to_owned(),
        login_id: "asha.rao".to_owned(),
        rings_on: "phone",
        forwarding: Some("+919812345678".to_owned()),
        time_group: Some(hours),
        ..NewAgent::default()
    })
}

fn status(floor: &Floor) -> (AgentStatus, Option<SecondMark>) {
    let picture = floor.picture();
    let page = picture.page(
        &AgentFilter::default(),
        &Scope::All,
        DaySpan::one(Day::FIRST),
        &Default::default(),
    );
    (page.rows[0].status, page.rows[0].causes.second_mark())
}
