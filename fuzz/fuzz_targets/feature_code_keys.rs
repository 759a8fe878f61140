//! Keys that someone presses during a call: whatever they mean can be pressed again and means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall::domain::feature_code::{
    Called, Codes, Directory, Line, LineKind, Queue, Rules, Situation,
};
use rollcall::domain::ids::{AgentId, UserId};
use rollcall::domain::number_plan::IntercomLength;
use rollcall::domain::phone::Region;
use rollcall_fuzz::switches;

/// Everybody: each number is someone's.
struct Everybody;

impl Directory for Everybody {
    fn agent_by_intercom(&self, intercom: &str) -> Option<Called> {
        Some(Called {
            id: AgentId::of(UserId(intercom.parse().ok()?)),
            name: "Asha Rao".to_owned(),
            intercom: Some(intercom.to_owned()),
        })
    }

    fn line_by_code(&self, transfer_code: &str) -> Option<Line> {
        Some(Line {
            kind: LineKind::Department,
            id: transfer_code.parse().ok()?,
            name: "Billing".to_owned(),
            transfer_code: Some(transfer_code.to_owned()),
        })
    }
}

fuzz_target!(|keys: &str| {
    let switches = switches(keys.as_bytes());
    let queue = match switches % 3 {
        0 => Queue::None,
        1 => Queue::Off("Sales".to_owned()),
        _ => Queue::On("Sales".to_owned()),
    };
    let situation = Situation {
        queue,
        attended: switches & 8 != 0,
    };
    let codes = Codes::default();
    let rules = Rules {
        codes: &codes,
        length: IntercomLength::default(),
        region: Region::INDIA,
    };
    match rules.read(&situation, keys, &Everybody) {
        Ok(meaning) => {
            if let Ok(made) = rules.compose(&situation, &meaning) {
                let again = rules.read(&situation, &made.to_string(), &Everybody);
                assert_eq!(again, Ok(meaning), "{made}");
            }
        }
        Err(why) => assert!(why.to_string().len() < 1_000),
    }
});
