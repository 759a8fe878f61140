//! What holds for every file, whatever is in it.

use super::invariants;
use super::office::Office;
use proptest::prelude::*;
use rollcall::domain::import::Limits;

/// Cells as files have them, and as attackers do.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        3 => prop::sample::select(vec![
            "asha.rao", "bela.das", "0042", "E-7", "010002", "10002", "asha@example.com", "2001", "3001", "1121", "(auto)", "(clear)",
            "Mornings", "Evenings|A\\|B", "Nights", "yes", "no", "Admin", "agent", "allowed", "both", "+91 98123 45678", "9.19E+11",
            "03-Nov", "=1+1", "'=1", "|", "5101", "login_id", "ravi.kumar", "Ravi Kumar", "blocked", "(AUTO)", "\u{fffd}",
        ]).prop_map(str::to_owned),
        2 => "[a-z0-9.@ ]{0,12}",
        1 => "\\PC{0,8}",
        1 => "[\"\r\n,;\0]{0,4}",
    ]
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let heads = prop::sample::subsequence(
        vec![
            "agent_id",
            "current_login_id",
            "employee_id",
            "login_id",
            "name",
            "designation",
            "email",
            "phone",
            "call_forwarding_number",
            "alternative_numbers",
            "role",
            "calling_agent",
            "agent_groups",
            "departments",
            "time_group",
            "intercom",
            "extension",
            "caller_ids",
            "extension_caller_id",
            "rings_on",
            "outgoing_calls",
            "login_based_calling",
            "admin_state",
            "web_login",
            "_line",
            "",
        ],
        1..12,
    );
    let rows = prop::collection::vec(prop::collection::vec(cell(), 1..12), 0..12);
    (
        heads,
        rows,
        prop::sample::select(vec![",", ";", "\t"]),
        prop::sample::select(vec!["\n", "\r\n", "\r"]),
        any::<bool>(),
    )
        .prop_map(|(heads, rows, delimiter, end, quoted)| {
            let mut text = heads.join(delimiter) + end;
            for row in rows {
                let cells: Vec<String> = row
                    .iter()
                    .map(|cell| {
                        if quoted {
                            format!("\"{}\"", cell.replace('"', "\"\""))
                        } else {
                            cell.clone()
                        }
                    })
                    .collect();
                text.push_str(&cells.join(delimiter));
                text.push_str(end);
            }
            text.into_bytes()
        })
}

fn holds(bytes: &[u8]) -> Result<(), TestCaseError> {
    let office = Office::new();
    let plan = match office.plan(bytes) {
        Ok(plan) => plan,
        Err(error) => {
            prop_assert!(!error.to_string().is_empty() && !error.is_ours());
            return Ok(());
        }
    };
    invariants::hold(&office, &plan, Limits::default().record);
    Ok(())
}

proptest! {
    #[test]
    fn counts_add_up_for_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        holds(&bytes)?;
    }

    #[test]
    fn counts_add_up_for_any_table(bytes in file()) {
        holds(&bytes)?;
    }

    #[test]
    fn a_damaged_table_breaks_nothing(bytes in file(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8)) {
        let mut bytes = bytes;
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        holds(&bytes)?;
    }
}
