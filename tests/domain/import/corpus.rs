//! Files as spreadsheets, other consoles and attackers write them, each with what its plan says.
//!
//! A row is `LINE OUTCOME DETAIL`: the name of someone new, the columns that change, the columns that are wrong
//! (`-` for the row as a whole, `=LINE` for the first of a pair). A file that can't be read is `! ERROR LINE`.

use super::office::{Office, refused};
use rollcall::domain::import::{Outcome, Planned};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/import");

#[rustfmt::skip]
static FILES: &[(&str, &[&str])] = &[
    ("excel-utf8-bom.csv", &["2 create Ravi Kumar"]),
    ("excel-semicolon.csv", &["2 create Kumar, Ravi", "3 create Meera Iyer"]),
    ("excel-unicode-text.txt", &["2 create आशा कुमारी"]),
    ("utf-16be-bom.csv", &["2 create Zoë Lang"]),
    ("utf-16le-no-bom.csv", &["2 create Ravi Kumar"]),
    ("utf-16be-no-bom.csv", &["2 create Ravi Kumar"]),
    ("windows-1252.csv", &["2 create Zoë Müller", "3 create René Côté"]),
    ("sep-semicolon.csv", &["3 create Kumar, Ravi"]),
    ("sep-quoted.csv", &["3 create Ravi Kumar"]),
    ("sep-comma-bom.csv", &["3 create Ravi Kumar"]),
    ("sep-tab-utf-16.csv", &["3 create Ravi Kumar"]),
    ("tabs.tsv", &["2 create Ravi Kumar"]),
    ("pipes.txt", &["2 create Ravi Kumar"]),
    ("cr-only.csv", &["2 create Ravi Kumar", "3 create Meera Iyer"]),
    ("mixed-line-ends.csv", &["2 create Ravi Kumar", "3 create Meera Iyer", "4 create Tara Sen"]),
    ("libreoffice-all-quoted.csv", &["2 create Ravi \"RK\" Kumar"]),
    ("google-sheets.csv", &["2 create Kumar, Ravi"]),
    ("numbers-table-name.csv", &["3 create Ravi Kumar"]),
    ("title-rows.csv", &["5 create Ravi Kumar"]),
    ("quoted-newline.csv", &["2 error designation", "4 create Meera Iyer"]),
    ("quoted-newline-in-list.csv", &["2 create Ravi Kumar", "4 create Meera Iyer"]),
    ("trailing-delimiters.csv", &["2 create Ravi Kumar"]),
    ("trailing-cells-left-out.csv", &["2 create Ravi Kumar", "3 create Meera Iyer"]),
    ("cell-too-many.csv", &["2 error -", "3 create Meera Iyer"]),
    ("broken-line.csv", &["2 create Ravi Kumar", "3 error -"]),
    ("value-without-a-head.csv", &["2 create Ravi Kumar", "3 error -"]),
    ("blank-lines.csv", &["3 create Ravi Kumar", "4 skip blank", "6 skip blank", "7 create Meera Iyer"]),
    ("head-again.csv", &["2 create Ravi Kumar", "3 skip head", "4 create Meera Iyer"]),
    ("spaces-around.csv", &["2 unchanged"]),
    ("csv-called.xlsx", &["2 create Ravi Kumar"]),
    ("empty.csv", &["! Empty"]),
    ("line-ends-only.csv", &["! Empty"]),
    ("bom-only.csv", &["! Empty"]),
    ("head-only.csv", &[]),
    ("one-byte.csv", &["! NoKey 1"]),
    ("nul-bytes.csv", &["2 error name", "3 create Meera Iyer"]),
    ("zeros.csv", &["! NotText"]),
    ("unclosed-quote.csv", &["! UnclosedQuote 3"]),
    ("quote-closed-late.csv", &["2 error name", "4 create Tara Sen"]),
    ("a-pdf.csv", &["! NotText"]),
    ("a-picture.xlsx", &["! NotText"]),
    ("an-old-workbook.xls", &["! NotText"]),
    ("packed.csv", &["! NotText"]),
    ("archive-broken-off.xlsx", &["! Book"]),
    ("archive-empty.xlsx", &["! Book"]),
    ("utf-32.csv", &["! NotText"]),
    ("web-page.csv", &["! NotText"]),
    ("wrong-bytes.csv", &["2 error name"]),
    ("head-twice.csv", &["! DuplicateHead 1"]),
    ("head-same-name-twice.csv", &["! DuplicateHead 1"]),
    ("head-unknown.csv", &["! UnknownColumns"]),
    ("head-with-password.csv", &["! UnknownColumns"]),
    ("head-without-key.csv", &["! NoKey 1"]),
    ("head-synonyms.csv", &["2 create Ravi Kumar"]),
    ("other-console-agents.csv", &["2 unchanged"]),
    ("other-console-both-phones.csv", &["2 create Ravi Kumar", "3 unchanged"]),
    ("formulas.csv", &["2 create =HYPERLINK(\"http://evil.example\")", "3 create =1+1", "4 error login_id"]),
    ("markup.csv", &["2 create <img src=x onerror=alert(1)>", "3 create '; DROP TABLE users; --"]),
    ("devanagari.csv", &["2 create आशा कुमारी"]),
    ("right-to-left.csv", &["2 create محمد علي", "3 error name"]),
    ("emoji.csv", &["2 create Ravi 👩‍💻"]),
    ("invisible-name.csv", &["2 error name"]),
    ("scientific.csv", &["2 error phone", "3 error employee_id"]),
    ("decimals.csv", &["2 error intercom", "3 error phone"]),
    ("dates.csv", &["2 error employee_id", "3 error name"]),
    ("lost-zeros.csv", &["2 error employee_id", "3 error agent_id", "4 error intercom", "5 create Fourth Person"]),
    ("spreadsheet-errors.csv", &["2 error name,phone"]),
    ("question-marks.csv", &["2 error name"]),
    ("digits-as-numbers.csv", &["2 create Ravi Kumar"]),
    ("apostrophes.csv", &["2 create Ravi Kumar", "3 create 'tis Meera"]),
    ("apostrophes-and-spaces.csv", &["2 create Ravi Kumar", "3 error phone"]),
    ("duplicates.csv", &["2 create Ravi Kumar", "3 error login_id=2", "4 error email=2", "5 unchanged", "6 error login_id=5"]),
    ("duplicates-by-two-keys.csv", &["2 unchanged", "3 error login_id=2", "4 create Ravi Kumar", "5 error employee_id=4"]),
    ("duplicates-of-a-wrong-row.csv", &["2 error phone", "3 error login_id=2"]),
    ("numbers-taken.csv", &["2 create Ravi Kumar", "3 error intercom=2", "4 error extension=2", "5 error intercom", "6 error intercom", "7 error intercom", "8 error extension"]),
    ("login-of-someone-who-left.csv", &["2 error login_id"]),
    ("renames.csv", &["2 update login_id,name", "3 error current_login_id", "4 unchanged"]),
    ("rename-done-already.csv", &["2 unchanged"]),
    ("rename-to-one-in-use.csv", &["2 error login_id"]),
    ("two-keys-two-users.csv", &["2 error login_id", "3 error email"]),
    ("another-employee-id.csv", &["2 error employee_id", "3 update employee_id", "4 update employee_id"]),
    ("agent-ids.csv", &["2 unchanged", "3 error agent_id", "4 update name", "5 error agent_id", "6 error agent_id"]),
    ("no-key-in-the-row.csv", &["2 error -"]),
    ("clear.csv", &["2 update designation,alternative_numbers,agent_groups,intercom", "3 error name"]),
    ("empty-keeps.csv", &["2 unchanged"]),
    ("lists.csv", &["2 update alternative_numbers,agent_groups,departments"]),
    ("lists-of-other-programs.csv", &["2 update agent_groups", "3 update departments"]),
    ("list-with-a-bar.csv", &["2 update agent_groups", "3 unchanged"]),
    ("unknown-names.csv", &["2 error agent_groups", "3 error role", "4 error departments", "5 error time_group"]),
    ("auto.csv", &["2 create Ravi Kumar", "3 unchanged", "4 error login_id", "5 error intercom"]),
    ("roles.csv", &["2 create Ravi Kumar", "3 error email", "4 error role"]),
    ("web-logins.csv", &["2 update web_login", "3 error email", "4 error web_login"]),
    ("no-agents.csv", &["2 error intercom", "3 update calling_agent,intercom", "4 error calling_agent"]),
    ("words.csv", &["2 update rings_on,outgoing_calls,login_based_calling,admin_state", "3 error rings_on,login_based_calling"]),
    ("phones.csv", &["2 error phone", "3 error phone", "4 create Tara Sen", "5 create Uma"]),
    ("phone-moves-with-forwarding.csv", &["2 update phone,call_forwarding_number", "3 update phone"]),
    ("caller-ids.csv", &["2 unchanged", "3 error caller_ids"]),
    ("extensions.csv", &["2 error extension", "3 error extension"]),
    ("emails.csv", &["2 error email", "3 unchanged"]),
    ("too-long.csv", &["2 error name", "3 error login_id"]),
    ("error-file-again.csv", &["2 create Ravi Kumar"]),
];

#[test]
fn every_file_is_planned_as_expected() {
    let office = Office::new();
    let mut wrong = Vec::new();
    for (name, expected) in FILES {
        let bytes = fs::read(Path::new(FOLDER).join(name)).unwrap();
        let said = match office.plan(&bytes) {
            Ok(plan) => office.said(&plan),
            Err(error) => vec![refused(&error)],
        };
        if said != *expected {
            wrong.push(format!("{name}:\n    {said:?}\n  not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_in_the_folder_is_in_the_table() {
    let found = fs::read_dir(FOLDER).unwrap();
    let found: BTreeSet<String> = found
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let listed: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, listed);
    assert!(FILES.len() >= 60);
}

#[test]
fn counts_add_up_and_every_error_says_what_and_how_to_mend_it() {
    let office = Office::new();
    for (name, _) in FILES {
        let bytes = fs::read(Path::new(FOLDER).join(name)).unwrap();
        let Ok(plan) = office.plan(&bytes) else {
            continue;
        };
        let counts = plan.counts;
        let sum = counts.create + counts.update + counts.unchanged + counts.skip + counts.error;
        assert_eq!(counts.rows, sum, "{name}");
        for row in &plan.rows {
            assert_eq!(
                Planned::from_json(&row.to_json()).as_ref(),
                Ok(row),
                "{name}"
            );
            let Outcome::Error(faults) = &row.outcome else {
                continue;
            };
            assert!(!faults.is_empty(), "{name}");
            for fault in faults {
                assert!(
                    fault.reason.ends_with('.') && fault.fix.ends_with('.'),
                    "{name}: {fault:?}"
                );
                assert!(fault.value.chars().count() <= 81, "{name}: {fault:?}");
            }
        }
    }
}
