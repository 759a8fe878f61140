//! What became of one agent's part of a call, as the calls page says it.

use super::{Counts, Direction};
use crate::domain::agent::words;

words!(/// Each part of a call has exactly one outcome.
Outcome {
    /// The agent spoke, or is speaking.
    Answered = "answered",
    /// It rang, the caller left, and nobody had answered.
    Missed = "missed",
    /// It rang here, and somebody else answered.
    Colleague = "colleague",
    /// An outbound or internal call that nobody took.
    Unanswered = "unanswered",
    /// It rings now.
    Ringing = "ringing",
});

impl Outcome {
    pub fn of(direction: Direction, answered: bool, ended: bool, counts: Counts) -> Self {
        match (direction, answered, ended, counts) {
            (_, true, _, _) => Self::Answered,
            (_, false, false, _) => Self::Ringing,
            (Direction::Inbound, false, true, Counts::Missed) => Self::Missed,
            (Direction::Inbound, false, true, Counts::Nothing | Counts::Answered) => {
                Self::Colleague
            }
            (Direction::Internal | Direction::Outbound, false, true, _) => Self::Unanswered,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Answered => "Answered",
            Self::Missed => "Missed",
            Self::Colleague => "Answered by a colleague",
            Self::Unanswered => "Not answered",
            Self::Ringing => "Ringing",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_call_has_one_outcome() {
        use Direction::{Inbound, Internal, Outbound};
        for (direction, answered, ended, counts, outcome) in [
            (Inbound, true, true, Counts::Answered, Outcome::Answered),
            (Inbound, true, false, Counts::Nothing, Outcome::Answered),
            (Inbound, false, true, Counts::Missed, Outcome::Missed),
            (Inbound, false, true, Counts::Nothing, Outcome::Colleague),
            (Inbound, false, false, Counts::Nothing, Outcome::Ringing),
            (Outbound, false, true, Counts::Nothing, Outcome::Unanswered),
            (Internal, false, true, Counts::Nothing, Outcome::Unanswered),
        ] {
            assert_eq!(Outcome::of(direction, answered, ended, counts), outcome);
        }
    }
}
