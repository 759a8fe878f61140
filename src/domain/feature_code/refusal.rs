//! Why keys mean nothing, or a transfer can't be made: each with what to do instead.

use super::{LineKind, Queue};
use crate::domain::phone::{Phone, PhoneError};

/// Whole sentences, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("No keys are given.")]
    NoKeys,
    #[error("{typed:?} is no key of a phone: use 0 to 9, * and #.")]
    NoKey { typed: char },
    #[error("These are more keys than any transfer has.")]
    TooMany,
    #[error("Begin with a feature code: {codes}.")]
    NoCode { codes: String },
    #[error("{pressed} begins with no feature code. These are in use: {codes}.")]
    UnknownCode { pressed: String, codes: String },
    #[error("Nothing follows {code}: dial {needed} after it.")]
    NothingAfter { code: String, needed: String },
    #[error("{then} after {code} has to be digits only.")]
    NotDigits { code: String, then: String },
    #[error("{} after {code}: dial {needed}.", follows(.given))]
    WrongLength {
        code: String,
        given: usize,
        needed: String,
    },
    #[error("No agent has the intercom number {intercom}.")]
    UnknownIntercom { intercom: String },
    #[error("No department or IVR has the transfer code {transfer_code}.")]
    UnknownTransferCode { transfer_code: String },
    #[error("Transfers to external numbers need a call that came through a queue, and {}.", way(.came))]
    NeedsQueue { came: Queue },
    #[error("Press {press} instead of {pressed}: {}.", way(.came))]
    OtherCode {
        came: Queue,
        pressed: String,
        press: String,
    },
    #[error(
        "{code} works only after a successful attended transfer: press {attended} and the agent’s intercom first."
    )]
    NotAttended { code: String, attended: String },
    #[error("Nothing is dialled after {code}: press it alone.")]
    SomethingAfter { code: String },
    #[error("{number} is an emergency number: hang up and dial it directly.")]
    Emergency { number: String },
    #[error("{then} after {code} {why}.")]
    BadNumber {
        code: String,
        then: String,
        why: PhoneError,
    },
    #[error("{name} has no intercom number, so no code reaches them.")]
    NoIntercom { name: String },
    #[error("{} {name} has no transfer code, so no code reaches it.", article(.kind))]
    NoTransferCode { kind: LineKind, name: String },
    #[error("{} {name} can’t be spoken to first: transfer without speaking.", article(.kind))]
    NotSpokenTo { kind: LineKind, name: String },
    #[error("{number} can’t be dialled from this region.")]
    NotDialled { number: Phone },
}

fn follows(digits: &usize) -> String {
    match digits {
        1 => "1 digit follows".to_owned(),
        digits => format!("{digits} digits follow"),
    }
}

/// "this one came through Support, which is used as a queue".
fn way(queue: &Queue) -> String {
    match queue {
        Queue::None => "this one came through no department".to_owned(),
        Queue::Off(name) => format!("this one came through {name}, which is not used as a queue"),
        Queue::On(name) => format!("this one came through {name}, which is used as a queue"),
    }
}

fn article(kind: &LineKind) -> &'static str {
    match kind {
        LineKind::Department => "The department",
        LineKind::Ivr => "The IVR",
    }
}
