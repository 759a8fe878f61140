//! The calls behind every number: the page, its filters, and that the two always agree.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::calls::{Known, Random, at};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_department, insert_group};
use diesel::prelude::*;
use rollcall::domain::call::{CallEventKind, Direction, EventBody, PhoneEvent};
use rollcall::domain::day_range::DayChoice;
use rollcall::domain::ids::{AgentId, DepartmentId};
use rollcall::domain::time::{HOUR, Timestamp};
use rollcall::store::schema::{agents, users};
use rollcall::store::{RecordKind, Tx, ledger};

/// The moment at which the test's clock stands.
pub(super) const NOW: &str = "2026-11-20T09:30:00Z";

both_databases! {
    async fn each_number_leads_to_exactly_its_calls(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| _ = office(tx));
        let everyone = app.signed_in(Person::Supervisor).await;
        let scoped = app.signed_in(Person::Scoped).await;
        let ranges = DayChoice::PRESETS.iter().map(|days| days.to_query());
        let free = ["from=2026-09-01&to=2026-10-15".to_owned(), "from=2020-01-01&to=2026-11-20".to_owned()];
        let mut links = 0;
        for days in ranges.chain(free) {
            for (browser, narrowed) in [(&everyone, ""), (&everyone, "&group=1"), (&everyone, "&department=1"), (&scoped, "")] {
                let list = text(browser.get(&format!("/agents?per=250&{days}{narrowed}")).await, 200).await;
                links += follow(browser, &list).await;
            }
        }
        assert!(links > 100, "only {links} links");
        let list = text(everyone.get("/agents?days=90").await, 200).await;
        for (id, word) in [("leavers-show", "calls by 2 agents who left"), ("total-answered", "Total, with those who left")] {
            assert!(list.contains(&format!("id=\"{id}\"")) && list.contains(word), "{list}");
        }
        let narrowed = text(everyone.get("/agents?days=90&q=Asha").await, 200).await;
        assert!(!narrowed.contains("<a id=\"total-answered\""), "what calls can't be found by has no link");
    }

    async fn calls_out_of_scope_do_not_exist(db: TestDb) {
        let app = TestApp::start(db);
        let (sent, made) = std::sync::mpsc::channel();
        app.write(move |tx| sent.send(office(tx)).unwrap());
        let people = made.recv().unwrap();
        let scoped = app.signed_in(Person::Scoped).await;
        let all = text(scoped.get("/calls?days=90&per=250").await, 200).await;
        assert!(all.contains("Asha North") && !all.contains("Chitra South") && !all.contains("Deepa Gone"), "{all}");
        for hidden in [people[2], people[3]] {
            let page = text(scoped.get(&format!("/calls?days=90&agent={hidden}")).await, 200).await;
            assert_eq!(count(&page), 0);
            assert!(!page.contains("Chitra") && !page.contains("Deepa"), "{page}");
        }
        let left = text(scoped.get("/calls?days=90&people=left").await, 200).await;
        assert_eq!(count(&left), 0, "who left is in nobody's groups");
        let group = text(scoped.get("/calls?days=90&group=2").await, 200).await;
        assert!(count(&group) == 0 && !group.contains("South"), "{group}");
    }

    async fn filters_narrow_and_pages_follow_each_other(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| _ = office(tx));
        let browser = app.signed_in(Person::Supervisor).await;
        let all = count(&text(browser.get("/calls?days=90").await, 200).await);
        for parts in [
            vec!["direction=inbound", "direction=outbound", "direction=internal"],
            vec!["outcome=answered", "outcome=missed", "outcome=colleague", "outcome=unanswered", "outcome=ringing"],
        ] {
            let mut sum = 0;
            for part in parts {
                sum += count(&text(browser.get(&format!("/calls?days=90&{part}")).await, 200).await);
            }
            assert_eq!(sum, all, "each call has one of them");
        }
        let long = count(&text(browser.get("/calls?days=90&talk=60").await, 200).await);
        assert!(0 < long && long < all);
        let found = count(&text(browser.get("/calls?days=90&number=98123+45678").await, 200).await);
        let outbound = count(&text(browser.get("/calls?days=90&direction=outbound").await, 200).await);
        assert_eq!(found, all - outbound, "every caller has this number");
        assert_eq!(count(&text(browser.get("/calls?days=90&number=98123+45679").await, 200).await), 0);
        // Forward to the end, and back to the begin.
        let mut page = text(browser.get("/calls?days=90&per=25").await, 200).await;
        let mut seen = vec![rows(&page)];
        while let Some(href) = link(&page, "page-right") {
            page = text(browser.get(&href).await, 200).await;
            seen.push(rows(&page));
        }
        let forward: Vec<String> = seen.concat();
        assert_eq!(forward.len(), all);
        let mut back = seen.pop().unwrap();
        while let Some(href) = link(&page, "page-left") {
            page = text(browser.get(&href).await, 200).await;
            back.splice(0..0, rows(&page));
        }
        assert_eq!(back, forward);
        let part = text(browser.get_part("/calls?days=90&per=25").await, 200).await;
        assert!(part.starts_with("<div id=\"calls-list\"") && !part.contains("<html"));
    }

    async fn numbers_of_customers_are_only_for_who_may_see_them(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            use rollcall::domain::role::{Permission, Permissions};
            use rollcall::store::schema::roles;
            office(tx);
            let plain: Permissions = [Permission::AgentsRead, Permission::CallsRead].into_iter().collect();
            let role = rollcall::store::role::find_by_name(tx.conn, "Auditor").unwrap().unwrap();
            diesel::update(roles::table.find(role.id.0)).set(roles::permissions.eq(plain.to_string())).execute(tx.conn).unwrap();
            tx.touch(RecordKind::Role, role.id.0);
        });
        let browser = app.signed_in(Person::Auditor).await;
        let page = text(browser.get("/calls?days=90").await, 200).await;
        assert!(page.contains("••• 5678") && !page.contains("98123") && !page.contains("name=\"number\""), "{page}");
        let refused = text(browser.get("/calls?days=90&number=98123").await, 400).await;
        assert!(refused.contains("you may not see the numbers of customers") && rows(&refused).is_empty());
        let full = app.signed_in(Person::Supervisor).await;
        assert!(text(full.get("/calls?days=90").await, 200).await.contains("98123 45678"));
    }

    async fn what_the_phone_network_sends_is_text(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            let agent = insert_agent(tx, &NewAgent::default());
            let events: Vec<PhoneEvent> = (0..).zip(HOSTILE).map(|(i, text)| {
                let known = Known::leg(&format!("h{i}"), "1", agent, at(NOW).plus(-HOUR)).answered(5).ended(20);
                let mut event = known.record();
                if let EventBody::Call(call) = &mut event.body {
                    call.caller = text.to_owned();
                }
                event
            }).collect();
            ledger::record(tx, &events).unwrap();
        });
        let browser = app.signed_in(Person::Supervisor).await;
        for path in ["/calls", "/calls?outcome=answered"] {
            for page in [text(browser.get(path).await, 200).await, text(browser.get_part(path).await, 200).await] {
                for markup in ["<img", "<script>alert", "' onmouseover='", "\"'>"] {
                    assert!(!page.contains(markup), "{markup} in\n{page}");
                }
            }
        }
    }

    async fn nonsense_is_a_400_with_the_page(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        for query in [
            "agent=42", "agent=' OR 1=1", "department=0", "direction=up", "outcome=%3Cscript%3Ealert(1)%3C/script%3E",
            "counted=all", "number=1", "number=%00", "talk=-5", "days=never", "from=2026-02-30&to=2026-03-01", "per=7",
            "after=1.2", "before=x", "after=1.2.3&before=1.2.3", "sort=agent", "page=2", "agent=010001&agent=010001",
            "people=right", "group=north", "member_of=-1",
        ] {
            for answer in [browser.get(&format!("/calls?{query}")).await, browser.get_part(&format!("/calls?{query}")).await] {
                let page = text(answer, 400).await;
                assert!(page.contains("<h1>Calls</h1>") && page.contains("makes no sense"), "{query}");
                assert!(rows(&page).is_empty() && !page.contains("<script>alert"), "{query}");
            }
        }
        let edge = format!("/calls?after={0}.{1}.{1}", i32::MAX, i64::MAX);
        assert_eq!(browser.get(&edge).await.status(), 200);
    }
}

const HOSTILE: [&str; 6] = [
    "<img src=x onerror=alert(1)>",
    "\"'><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "\u{202e}gnp.exe\u{2066}",
    "=HYPERLINK(\"https://evil.example\")",
    "anonymous",
];

/// Two agents of a group, one of another, one deleted, one who is no agent any more, and their calls of
/// four months: with transfers, colleagues, refusals, internal and outbound ones, and some that are up.
pub(super) fn office(tx: &mut Tx<'_>) -> Vec<AgentId> {
    let (north, south) = (insert_group(tx, "North"), insert_group(tx, "South"));
    let (support, sales) = (
        insert_department(tx, "Support"),
        insert_department(tx, "Sales"),
    );
    let people = [
        ("Asha North", "asha.north", Some(north), Some(support)),
        ("Bela North", "bela.north", Some(north), None),
        ("Chitra South", "chitra.south", Some(south), Some(support)),
        ("Deepa Gone", "deepa.gone", None, None),
        ("Esha Former", "esha.former", Some(north), None),
    ];
    let people: Vec<AgentId> = people
        .into_iter()
        .map(|(name, login_id, group, department)| {
            let new = NewAgent {
                name,
                login_id,
                group,
                department,
                ..NewAgent::default()
            };
            insert_agent(tx, &new)
        })
        .collect();
    give_scope(tx, Person::Scoped.word(), north);
    let events = calls(&people, &[support, sales].map(DepartmentId));
    let outcomes = ledger::record(tx, &events).unwrap();
    assert!(
        outcomes
            .iter()
            .all(|outcome| *outcome == ledger::Outcome::Accepted)
    );
    let (deleted, former) = (people[3].user().0, people[4].user().0);
    diesel::update(users::table.find(deleted))
        .set(users::deleted_at.eq(tx.now.0))
        .execute(tx.conn)
        .unwrap();
    diesel::update(agents::table.find(former))
        .set(agents::removed_at.eq(tx.now.0))
        .execute(tx.conn)
        .unwrap();
    tx.touch(RecordKind::User, deleted);
    tx.touch(RecordKind::User, former);
    people
}

fn calls(people: &[AgentId], departments: &[DepartmentId]) -> Vec<PhoneEvent> {
    let mut random = Random::new(7);
    let now: Timestamp = at(NOW);
    let mut events = Vec::new();
    for number in 0..400 {
        let id = format!("c{number}");
        // Many near now, so that the short ranges have some.
        let back = match random.below(3) {
            0 => random.between(0, 30),
            _ => random.between(0, 120 * 24),
        };
        let started = now.plus(-back * HOUR - random.between(60, 3_000) * 1_000_000);
        let agent = random.pick(people);
        let department = random.pick(departments);
        let leg = |leg: &str, agent, after: i64| {
            Known::leg(&id, leg, agent, started.plus(after * 1_000_000)).in_department(department)
        };
        let talk = random.between(5, 400);
        match random.below(8) {
            0 => events.push(leg("1", agent, 0).ended(20).record()),
            1 => events.push(
                leg("1", agent, 0)
                    .directed(Direction::Outbound)
                    .ended(9)
                    .record(),
            ),
            2 => events.push(
                leg("1", agent, 0)
                    .directed(Direction::Internal)
                    .answered(3)
                    .ended(30)
                    .record(),
            ),
            3 => {
                // A transfer, perhaps back to the first.
                events.push(leg("1", agent, 0).answered(5).ended(30).record());
                events.push(
                    leg("2", random.pick(people), 30)
                        .answered(4)
                        .ended(4 + talk)
                        .record(),
                );
            }
            4 => {
                let other =
                    people[(people.iter().position(|p| *p == agent).unwrap() + 1) % people.len()];
                events.push(leg("1", agent, 0).ended(8).record());
                events.push(leg("2", other, 0).answered(8).ended(8 + talk).record());
            }
            5 if back < 2 => events.push(
                leg("1", agent, 0)
                    .answered(4)
                    .event(CallEventKind::Answered),
            ),
            _ => events.push(leg("1", agent, 0).answered(6).ended(6 + talk).record()),
        }
    }
    events
}

/// Follows every link from a number of the list; the page behind must count the same. Returns how many.
async fn follow(browser: &Browser, list: &str) -> usize {
    let mut found = 0;
    for part in list.split("href=\"/calls?").skip(1) {
        let (href, rest) = part.split_once('"').unwrap();
        if !href.contains("counted=") {
            continue;
        }
        let inner = rest.split_once('>').unwrap().1;
        let said = inner.split_once("</a>").unwrap().0;
        let path = format!(
            "/calls?{}",
            href.replace("&amp;", "&").replace("&#38;", "&")
        );
        let page = text(browser.get(&path).await, 200).await;
        let expected = match said {
            "show" => {
                let line = list.split("class=\"leavers\"").nth(1).unwrap();
                digits(line.split_once('+').unwrap().1.split_once(' ').unwrap().0)
            }
            number => digits(number),
        };
        assert_eq!(count(&page), expected, "{path}\n{page}");
        let on_page = rows(&text(browser.get(&format!("{path}&per=250")).await, 200).await).len();
        assert_eq!(on_page, expected.min(250), "{path}");
        found += 1;
    }
    found
}

pub(super) fn digits(text: &str) -> usize {
    text.replace(',', "")
        .parse()
        .unwrap_or_else(|_| panic!("{text} is no number"))
}

/// The count above the table.
pub(super) fn count(page: &str) -> usize {
    let said = page.split_once("id=\"calls-count\">").expect("a count").1;
    digits(said.split_once('<').unwrap().0)
}

/// The rows of the table, as their moments.
pub(super) fn rows(page: &str) -> Vec<String> {
    let body = page.split("<tbody>").nth(1).unwrap_or_default();
    let moments = body.split("<tr><th scope=\"row\">").skip(1);
    moments
        .map(|row| row.split("</tr>").next().unwrap().to_owned())
        .collect()
}

fn link(page: &str, id: &str) -> Option<String> {
    let rest = page.split_once(&format!("id=\"{id}\" href=\""))?.1;
    Some(
        rest.split_once('"')?
            .0
            .replace("&amp;", "&")
            .replace("&#38;", "&"),
    )
}
