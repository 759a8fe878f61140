//! When a write returns, everyone sees it, however many write at once.

use super::reference::assert_fresh;
use crate::support::calls::{Known, accept};
use crate::support::world::{NewAgent, World, insert_agent, loaded};
use crate::support::{TestClock, TestDb};
use rollcall::domain::audit::Actor;
use rollcall::domain::day_range::{Day, DaySpan};
use rollcall::domain::filter::AgentFilter;
use rollcall::domain::role::Scope;
use rollcall::domain::time::SECOND;

both_databases! {
    fn of_many_writes_at_once_none_is_lost_and_each_is_seen_when_it_returns(db: TestDb) {
        let clock = TestClock::at("2026-11-22T06:30:00Z");
        let world = World::new(&db, &clock);
        let asha = world.agent("Asha");
        let floor = world.floor();
        std::thread::scope(|scope| {
            for thread in 0..64 {
                let (floor, from) = (&floor, clock.now().plus(-900 * SECOND));
                scope.spawn(move || {
                    let name = format!("Thread {thread}");
                    let agent = NewAgent { name: name.clone(), login_id: format!("thread.{thread}"), ..NewAgent::default() };
                    let id = floor.store().write_blocking(Actor::system(), move |tx| insert_agent(tx, agent)).unwrap();
                    assert_eq!(&*floor.picture().person(id.user()).unwrap().name, name);
                    let before = answered(floor);
                    accept(floor.store(), vec![Known::leg(&name, "1", asha, from).answered(3).record()]);
                    assert!(answered(floor) > before);
                });
            }
        });
        assert_eq!(answered(&floor), 64);
        assert_eq!(floor.picture().people().len(), 65);
        assert_fresh(&floor, &loaded(db.store(&clock)), "");
    }
}

fn answered(floor: &rollcall::floor::Floor) -> i64 {
    let span = DaySpan {
        from: Day::FIRST,
        to: Day::LAST,
    };
    let picture = floor.picture();
    picture
        .page(
            &AgentFilter::default(),
            &Scope::All,
            span,
            &Default::default(),
        )
        .sum
        .answered
}
