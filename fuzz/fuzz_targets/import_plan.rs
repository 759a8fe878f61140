//! A plan for any file: each row does one thing, the counts add up, what is kept is bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall::domain::ids::GroupId;
use rollcall::domain::import::{Asked, Column, Decision, Lists, Options, Which};
use rollcall::domain::role::{BuiltInRole, Rights, Scope};
use rollcall_fuzz::office::Office;
use rollcall_fuzz::{LIMITS, invariants, is_said, let_panics_be_caught, switches};
use std::io::Cursor;
use std::sync::OnceLock;

/// For everyone, and for a supervisor of one group.
static OFFICES: OnceLock<[Office; 2]> = OnceLock::new();

fuzz_target!(init: let_panics_be_caught(), |data: &[u8]| {
    let offices = OFFICES.get_or_init(|| [Office::new(), scoped()]);
    let switches = switches(data);
    // A line's end is 10 or 13: the usual switches, with the one office or the other.
    let (office, switches) = match switches {
        b'\n' => (&offices[0], 0),
        b'\r' => (&offices[1], 0),
        other => (&offices[usize::from(other & 1)], other >> 1),
    };
    let mut asked = Asked::default();
    asked.mapping.ignore_unknown = switches & 1 == 0;
    let options = options(switches >> 1);
    match office.plan_file(Cursor::new(data), &asked, &options, &LIMITS) {
        Ok(plan) => invariants::hold(office, &plan, LIMITS.record),
        Err(error) => is_said(&error),
    }
});

fn scoped() -> Office {
    let mut office = Office::new();
    office.facts.rights = Rights {
        permissions: BuiltInRole::Supervisor.permissions(),
        scope: Scope::Groups(vec![GroupId(1)]),
    };
    office
}

fn options(switches: u8) -> Options {
    let mut options = Options::default();
    if switches & 1 != 0 {
        options.lists = Lists::Add;
    }
    options.which = match (switches >> 1) & 3 {
        1 => Which::New,
        2 => Which::Known,
        _ => Which::All,
    };
    if switches & 8 != 0 {
        options
            .defaults
            .insert(Column::AgentGroups, "Mornings".to_owned());
        options
            .defaults
            .insert(Column::Extension, "(auto)".to_owned());
    }
    if switches & 16 != 0 {
        let decisions = &mut options.decisions;
        decisions.decide(Column::AgentGroups, "Nights", Decision::Create);
        decisions.decide(Column::Departments, "Nights", Decision::Create);
        decisions.decide(Column::TimeGroup, "Nights", Decision::Map(1));
    }
    options
}
