//! What holds for every plan, whatever was in the file.

use super::office::{Office, Plan};
use rollcall::domain::import::{Outcome, Planned};

/// A row of the plan is at most so much longer than the row of the file: every column wrong, each with its reason
/// and how to mend it; a value in both, and every sign of it escaped.
const BESIDE: usize = 32 << 10;
const TIMES: usize = 16;
/// Memory that is kept for a row or a person, at most, and for an empty plan.
const KEPT: usize = 400;

/// `record`: the bytes that a row of the file may have.
///
/// # Panics
/// When it does not hold.
pub fn hold(office: &Office, plan: &Plan, record: usize) {
    let counts = plan.counts;
    assert_eq!(
        counts.rows,
        counts.create + counts.update + counts.unchanged + counts.skip + counts.error
    );
    assert_eq!(counts.rows as usize, plan.rows.len());
    let all = plan.rows.len() + office.people.len() + 100;
    assert!(plan.kept <= KEPT * all, "{} for {all}", plan.kept);
    let mut last = plan.detected.head.line;
    for row in &plan.rows {
        assert!(row.line > last, "line {} after {last}", row.line);
        last = row.line;
        holds_for(row, office, plan);
        let kept = row.to_json().len();
        assert!(kept <= BESIDE + TIMES * record, "{kept} bytes: {row:?}");
    }
}

fn holds_for(row: &Planned, office: &Office, plan: &Plan) {
    assert_eq!(Planned::from_json(&row.to_json()).as_ref(), Ok(row));
    match &row.outcome {
        Outcome::Error(faults) => {
            assert!(!faults.is_empty());
            for fault in faults {
                assert!(fault.pair.is_none_or(|line| line < row.line), "{fault:?}");
            }
        }
        Outcome::Update(edit) => {
            assert!(!edit.is_empty());
            assert!(!edit.changes(&office.facts, &plan.created).is_empty());
        }
        Outcome::Create(draft) => {
            let cells = draft.cells(&office.facts, &plan.created);
            let has = |needed| cells.iter().any(|cell| cell.column.word() == needed);
            assert!(has("login_id") && has("name"), "{cells:?}");
        }
        Outcome::Unchanged(_) | Outcome::Skip(_) => {}
    }
}
