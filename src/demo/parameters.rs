//! What a demo is made from: the same parameters make the same people and calls.

use serde::{Deserialize, Serialize};

/// The options of `rollcall demo` that decide what is in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    pub seed: u64,
    /// Living agents.
    pub agents: u64,
    pub calls: u64,
    /// Reporting days with calls, today included.
    pub days: u32,
}

impl Parameters {
    pub const AGENTS: u64 = 300;
    pub const DAYS: u32 = 90;
    pub const SEED: u64 = 1;
    /// The most that fit the number plan: six digits, beginning with 2 to 7.
    pub const MOST_AGENTS: u64 = 500_000;
    pub const MOST_CALLS: u64 = 100_000_000;
    /// As long as counts are kept in memory.
    pub const MOST_DAYS: u32 = 400;

    /// Eighteen calls for each agent and day, so that an agent who is there on two days of three
    /// answers about twenty; at most ten million unless more are asked for.
    pub fn default_calls(agents: u64, days: u32) -> u64 {
        (agents * u64::from(days) * 18).min(10_000_000)
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            seed: Self::SEED,
            agents: Self::AGENTS,
            calls: Self::default_calls(Self::AGENTS, Self::DAYS),
            days: Self::DAYS,
        }
    }
}

impl std::fmt::Display for Parameters {
    /// As options of the command line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            seed,
            agents,
            calls,
            days,
        } = self;
        write!(
            f,
            "--agents {agents} --calls {calls} --days {days} --seed {seed}"
        )
    }
}
