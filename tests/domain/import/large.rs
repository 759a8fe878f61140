//! Files that are too much, and one that is as large as may be.

use super::office::{Office, refused};
use rollcall::domain::import::{Asked, FileError, Limits, Options, Outcome};
use std::fmt::Write;
use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn within(text: &[u8], limits: &Limits) -> Result<Vec<String>, String> {
    let office = Office::new();
    let plan = office.plan_file(
        Cursor::new(text),
        &Asked::default(),
        &Options::default(),
        limits,
    );
    match plan {
        Ok(plan) => Ok(office.said(&plan)),
        Err(error) => Err(refused(&error)),
    }
}

fn usual(text: &[u8]) -> Result<Vec<String>, String> {
    within(text, &Limits::default())
}

#[test]
fn a_hundred_thousand_rows_are_planned_in_little_memory() {
    let mut text = "employee_id,login_id,name,email,agent_groups,extension\n".to_owned();
    for i in 0..100_000 {
        let extension = 600_000 + i;
        writeln!(
            text,
            "N{i:06},user.{i:06},Person {i},user{i}@example.com,Mornings|Evenings,{extension}"
        )
        .unwrap();
    }
    let office = Office::new();
    let plan = office.plan(text.as_bytes()).unwrap();
    let faults = plan
        .rows
        .iter()
        .find(|row| matches!(row.outcome, Outcome::Error(_)));
    assert_eq!(
        (plan.counts.rows, plan.counts.create),
        (100_000, 100_000),
        "{faults:?}"
    );
    assert!(plan.kept < 200 * 100_000, "{} bytes", plan.kept);
    let stored: usize = plan
        .rows
        .iter()
        .take(1_000)
        .map(|row| row.to_json().len())
        .sum();
    assert!(stored / 1_000 < 400, "{} bytes a row", stored / 1_000);
    text.push_str("N999999,one.more,One more,,,\n");
    assert_eq!(usual(text.as_bytes()), Err("! TooManyRows".to_owned()));
}

#[test]
fn limits_are_enforced_while_reading() {
    let long = format!("login_id,name\nravi.kumar,{}\n", "R".repeat(1 << 20));
    assert_eq!(usual(long.as_bytes()), Err("! RowTooLong 2".to_owned()));
    let quoted = format!(
        "login_id,name\nravi.kumar,\"Ravi\n{}",
        "meera.iyer,Meera\n".repeat(50_000)
    );
    assert_eq!(usual(quoted.as_bytes()), Err("! RowTooLong 2".to_owned()));
    let wide = format!("login_id,name\nravi.kumar{}\n", ",x".repeat(10_000));
    assert_eq!(usual(wide.as_bytes()), Err("! TooManyColumns 2".to_owned()));
    let blank = format!("login_id,name{0}\nravi.kumar,Ravi{0}\n", ",".repeat(10_000));
    assert_eq!(
        usual(blank.as_bytes()),
        Ok(vec!["2 create Ravi".to_owned()])
    );
    let limits = Limits {
        bytes: 20,
        ..Limits::default()
    };
    assert_eq!(
        within(b"login_id,name\nravi.kumar,Ravi\n", &limits),
        Err("! TooLarge".to_owned())
    );
    let limits = Limits {
        rows: 1,
        ..Limits::default()
    };
    assert_eq!(
        within(b"login_id,name\na,b\nc,d\n", &limits),
        Err("! TooManyRows".to_owned())
    );
}

#[test]
fn a_bomb_does_not_go_off() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive
        .start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default())
        .unwrap();
    let rows = b"<row><c><v>1</v></c></row>".repeat(4_000);
    for _ in 0..200 {
        archive.write_all(&rows).unwrap();
    }
    let bomb = archive.finish().unwrap().into_inner();
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    let limits = Limits {
        unpacked: 4 << 20,
        ..Limits::default()
    };
    assert_eq!(within(&bomb, &limits), Err("! Unpacked".to_owned()));
    let error = Office::new().plan(&bomb).err();
    assert!(matches!(error, Some(FileError::Book { .. })), "{error:?}");
}
