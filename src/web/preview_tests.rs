//! Renders every template with believable people. With ROLLCALL_PREVIEW_DIR set, writes the pages there,
//! to be looked at in a browser before or beside a running server.

use std::path::PathBuf;

use askama::Template;

use crate::domain::day_range::DayChoice;
use crate::domain::filter::{AgentFilter, BadQuery};
use crate::domain::ids::{AgentId, UserId};
use crate::domain::role::Permissions;
use crate::web::agents::columns::Columns;
use crate::web::agents::live_view::{AgentsLive, Drift};
use crate::web::agents::view::*;
use crate::web::assets;
use crate::web::form::Choice;
use crate::web::problem::{ErrorDoor, ErrorFragment, ErrorPage, Problem};
use crate::web::sessions::view::SignInPage;
use crate::web::setup::view::SetUpPage;
use crate::web::shell::{Door, Page, Shell, Who};

const PEOPLE: [(&str, &str, &str, &str); 14] = [
    (
        "Aarav Deshpande",
        "aarav.deshpande",
        "Support, Billing",
        "India day",
    ),
    ("Ananya Iyer", "ananya.iyer", "Support", "India day"),
    (
        "Ayesha Siddiqui",
        "ayesha_siddiqui",
        "Sales, Gulf desk",
        "Gulf day",
    ),
    (
        "Chinedu Okafor",
        "c.okafor",
        "Support, Hotline",
        "India night",
    ),
    ("दिव्या रामनाथन", "divya.r", "Sales", "India day"),
    (
        "Elena Petrova",
        "elena.petrova",
        "Support, UK desk",
        "UK day",
    ),
    ("Farhan Sheikh", "farhan.sheikh", "Support", "India day"),
    (
        "Gurpreet Kaur Sandhu",
        "gurpreet.sandhu",
        "Sales, Renewals",
        "India day",
    ),
    (
        "Harini Venkataraman",
        "harini.v",
        "Support, Billing, Tamil",
        "India day",
    ),
    (
        "Ishaan Banerjee",
        "ishaan.banerjee",
        "Support",
        "India night",
    ),
    ("مريم الهاشمي", "mariam.alhashimi", "Gulf desk", "Gulf day"),
    ("Joseph Fernandes", "joseph.f", "Sales", "India day"),
    (
        "<img src=x onerror=alert(1)> \"O'Brien\" & 😀",
        "obrien@example.in",
        "Support",
        "",
    ),
    (
        "Lakshmi Narayanan Subramaniam Iyer of Thiruvananthapuram",
        "lakshmi.narayanan",
        "Support, Hotline, Malayalam, Renewals",
        "India day",
    ),
];

fn person(index: usize) -> AgentRow<'static> {
    let (name, username, departments, time_group) = PEOPLE[index % PEOPLE.len()];
    let mut row = AgentRow {
        agent_id: AgentId::of(UserId(42 + index as i64)).into(),
        name: name.into(),
        employee_id: format!("E{:04}", 1000 + index).into(),
        designation: "Senior associate".into(),
        phone: format!("0{} {:05}", 90_000 + index % 9, (index * 7919) % 99_999).into(),
        email: format!("{username}.{index}@example.in").into(),
        call_forwarding_number: format!("0{} {:05}", 90_003 + index % 7, (index * 6151) % 99_999)
            .into(),
        intercom_number: format!("{}", 1001 + index).into(),
        time_group: time_group.into(),
        departments: departments.into(),
        agent_groups: "Bengaluru floor 2".into(),
        username: username.into(),
        extension_caller_id: "080 4000 2200".into(),
        status: Badge::new("active"),
        age: "12m".into(),
        since_at: "2026-11-22T08:20:11Z".into(),
        extension: Badge::new("registered"),
        calls_answered: u32::try_from((index * 37) % 231).expect("small"),
        missed: u32::try_from((index * 5) % 11).expect("small"),
        calls: Some(CallDays(DayChoice::Days(7))),
        ..AgentRow::default()
    };
    if index.is_multiple_of(3) {
        row.alternative = "080 4000 2291".into();
        row.more_alternatives = "090004 11820, +44 20 7946 0161".into();
        row.more_alternatives_count = 2;
    } else if index % 3 == 1 {
        row.alternative = "+971 4 555 0118".into();
    }
    decide(index, &mut row);
    row
}

fn drawn(rows: usize, cols: Columns) -> Vec<DrawnRow> {
    let can = Can::of(Permissions::all());
    (0..rows)
        .map(|index| DrawnRow::draw(&person(index), cols, can).expect("a row"))
        .collect()
}

fn decide(index: usize, row: &mut AgentRow<'static>) {
    match index % 12 {
        1 | 7 => row.status = Badge::new("busy"),
        2 => row.also = "ringing".into(),
        3 => {
            row.status = Badge::new("offline");
            row.also = "lunch".into();
        }
        4 => {
            row.status = Badge::new("blocked");
            row.also = "on a call".into();
            row.why = "09:12 by R. Kulkarni · sick · until 18:00".into();
        }
        5 => {
            row.status = Badge::new("disabled");
            row.why = "14 Nov 2026 by Priya Nair · left the company".into();
            row.extension = Badge::new("none");
        }
        8 => {
            row.status = Badge::new("offline");
            row.also = "unreachable".into();
            row.extension = Badge::new("unregistered");
            row.age = "6d".into();
        }
        9 => {
            row.status = Badge::new("unknown");
            row.extension = Badge::new("unknown");
            row.call_forwarding_number = "".into();
        }
        _ => row.age = "1h 04m".into(),
    }
}

fn shell(title: &str, at: Page) -> Shell {
    let request = actix_web::test::TestRequest::with_uri("/agents?q=a").to_http_request();
    Shell::new(
        &request,
        Who::new("Priya Nair", "Supervisor"),
        Permissions::all(),
        true,
    )
    .page(at, title)
}

fn filters(filter: &AgentFilter) -> Vec<InForce<'static>> {
    let set = |name, legend, value| InForce {
        name,
        legend,
        value,
    };
    let status = filter
        .status
        .map(|s| set("status", "Agent status", label(s.word())));
    let group = filter
        .group
        .map(|_| set("group", "Agent group", "Bengaluru floor 2"));
    status.into_iter().chain(group).collect()
}

fn view(filter: &AgentFilter, rows: usize) -> AgentsView<'_> {
    AgentsView {
        filter,
        bad: &[],
        shown: u32::try_from(rows).expect("small") * 24,
        total: 1204,
        tabs: TabCount::all(|status| status.map_or(1204, |status| 40 + 31 * (status as u32))),
        filters: filters(filter),
        cols: Columns::default(),
        can: Can::of(Permissions::all()),
        density: Density::Normal,
        range: RangeView {
            said: "Mon 16 – Sun 22 Nov 2026, IST".into(),
            as_of: "14:02:11".into(),
            as_of_at: "2026-11-22T08:32:11Z".into(),
        },
        rows: drawn(rows, Columns::default()),
        totals: Totals {
            answered: 45_821,
            missed: 1_204,
            shown: 1_204,
            total: 10_000,
        },
        leavers: Some(Leavers {
            calls: 214,
            agents: 3,
        }),
        calls: true,
        live_url: "/live?days=7&since=12".to_owned(),
    }
}

fn agents(view: &AgentsView<'_>) -> String {
    let shell = shell("Agents", Page::Agents).live();
    AgentsPage {
        shell: &shell,
        page: view,
    }
    .render()
    .expect("a page")
}

/// Keeps the page if a folder is given for it; static files are written beside it under their names.
fn keep(name: &str, html: &str) {
    let Some(folder) = std::env::var_os("ROLLCALL_PREVIEW_DIR").map(PathBuf::from) else {
        return;
    };
    std::fs::create_dir_all(folder.join("static")).expect("a folder for previews");
    std::fs::write(folder.join(name), html).expect("a preview");
    for asset in assets::ALL {
        std::fs::write(folder.join("static").join(asset.hashed), asset.plain).expect("a preview");
    }
}

#[test]
fn the_agents_page_in_its_states() {
    let plain = AgentFilter::default();
    keep("agents.html", &agents(&view(&plain, 50)));

    let narrowed = AgentFilter::parse(
        "status=busy&group=1&sort=-calls_answered&from=2026-11-01&to=2026-11-22&page=2&per=25",
    )
    .expect("a good query");
    let mut wide = view(&narrowed, 25);
    wide.cols = Columns::from_keys(
        crate::web::agents::columns::COLUMNS
            .iter()
            .map(|column| column.key),
    );
    wide.rows = drawn(25, wide.cols);
    keep("agents-wide.html", &agents(&wide));
    let mut few = view(&narrowed, 12);
    few.cols = Columns::from_keys(["agent_status", "calls_answered"]);
    few.rows = drawn(12, few.cols);
    few.density = Density::Compact;
    keep("agents-few.html", &agents(&few));

    let mut none = view(&narrowed, 0);
    keep("agents-none.html", &agents(&none));
    (none.total, none.leavers) = (0, None);
    keep("agents-new.html", &agents(&none));
    let Err(BadQuery { filter, bad }) =
        AgentFilter::parse("status=sleepy&q=%3Cb%3E&sort=shoe_size")
    else {
        panic!("that made sense");
    };
    let mut wrong = view(&filter, 0);
    wrong.bad = &bad;
    keep("agents-bad.html", &agents(&wrong));
}

#[test]
fn hostile_text_is_inert() {
    let plain = AgentFilter::parse("q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E%22'").expect("a search");
    let page = agents(&view(&plain, 20));
    assert!(!page.contains("<img"));
    assert!(page.contains("&#60;img src=x onerror=alert(1)&#62;"));
}

#[test]
fn page_and_fragment_are_one() {
    let filter = AgentFilter::default();
    let view = view(&filter, 10);
    let shell = shell("Agents", Page::Agents);
    let page = AgentsPage {
        shell: &shell,
        page: &view,
    };
    let list = page.as_list().render().expect("a fragment");
    assert!(page.render().expect("a page").contains(list.trim()));
}

#[test]
fn refresh_and_stream_carry_the_same_row() {
    let filter = AgentFilter::parse("days=7").expect("a good query");
    let view = view(&filter, 5);
    let counts: Vec<CountUpdate> = (0..5)
        .map(person)
        .map(|row| CountUpdate {
            agent_id: row.agent_id,
            calls_answered: row.calls_answered,
            missed: row.missed,
            calls: row.calls,
        })
        .collect();
    let page = AgentsCounts {
        page: &view,
        counts: &counts,
    };
    let counts = page.render().expect("partials");
    keep("counts.txt", &counts);
    assert!(counts.contains(
        r##"data-hx-target="#agent-010043 [data-col=calls_answered]" data-hx-swap="innerHTML"><a href="/calls?counted=answered&amp;days=7&amp;agent=010043" data-hx-boost="false">37<"##
    ));
    let live = AgentsLive {
        rows: &view.rows[..1],
        cols: view.cols,
        tabs: &view.tabs,
        totals: None,
        drift: Drift::Order,
        here: "/agents",
    };
    let live = live.render().expect("partials");
    keep("live.txt", &live);
    let row = live
        .split_once("<tr")
        .expect("a row")
        .1
        .split_once("</tr>")
        .expect("a row")
        .0;
    assert!(agents(&view).contains(row));
}

#[test]
fn a_page_of_fifty_is_small() {
    let filter = AgentFilter {
        days: DayChoice::Week,
        ..AgentFilter::default()
    };
    let page = agents(&view(&filter, 50));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, page.as_bytes()).expect("in memory");
    let packed = packed.finish().expect("in memory").len();
    assert!(
        packed < 9_000,
        "{packed} bytes in gzip, {} plain",
        page.len()
    );
}

#[test]
fn the_other_pages() {
    let request = actix_web::test::TestRequest::default().to_http_request();
    let mut door = Door::new(&request, "Sign in");
    door.foot = "console.example.in · times in IST".to_owned();
    let sign_in = SignInPage::new(&door);
    keep("sign-in.html", &sign_in.render().expect("a page"));
    let mut failed =
        SignInPage::new(&door).failed("priya.nair", "That user ID and password don’t go together.");
    failed.warning =
        "This page needs HTTPS: start Rollcall with --tls-cert and --tls-key.".to_owned();
    keep("sign-in-failed.html", &failed.render().expect("a page"));

    let regions = vec![Choice {
        value: "IN".to_owned(),
        label: "India (+91)".to_owned(),
    }];
    let door = door.wide();
    let mut set_up = SetUpPage::new(&door, "/set-up/abc", regions);
    keep("set-up.html", &set_up.render().expect("a page"));
    set_up.password = set_up
        .password
        .error("Too easy to guess. Add a word or two.");
    set_up.message = "One thing to put right".to_owned();
    keep("set-up-failed.html", &set_up.render().expect("a page"));
}

#[test]
fn errors_in_all_three_forms() {
    let at = shell("Not here", Page::None);
    let request = actix_web::test::TestRequest::default().to_http_request();
    let door = Door::new(&request, "Not here");
    for status in [400, 401, 403, 404, 405, 409, 413, 429, 500, 503] {
        let problem = Problem::new(status, "01JDA7R9K2");
        let page = ErrorPage {
            shell: &at,
            problem: &problem,
        }
        .render()
        .expect("a page");
        keep(&format!("error-{status}.html"), &page);
        let bare = ErrorDoor {
            door: &door,
            problem: &problem,
        }
        .render()
        .expect("a page");
        keep(&format!("error-door-{status}.html"), &bare);
        let fragment = ErrorFragment { problem: &problem }
            .render()
            .expect("a fragment");
        keep(&format!("fragment-{status}.txt"), &fragment);
        for form in [page, bare, fragment] {
            assert!(form.contains("01JDA7R9K2") && form.contains(&problem.title));
        }
    }
}
