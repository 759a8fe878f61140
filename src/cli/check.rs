//! `rollcall check`: whether the server could start, and whether what it keeps is sound.

mod ask;

use super::{CliError, existing};
use crate::config::Config;
use crate::floor::Floor;
use crate::store::seal::{self, Marked};
use crate::store::{Keeper, Store};
use clap::Args;

#[derive(Args)]
pub struct CheckArgs {
    /// Ask the running server whether its lists show what the database holds
    #[arg(long)]
    floor: bool,
    /// Verify the seals of the audit log
    #[arg(long)]
    audit: bool,
}

pub fn run(args: &CheckArgs, config: &Config) -> Result<(), CliError> {
    println!("configuration: ok (listens on {})", config.listen);
    if config.needs_https() {
        println!(
            "configuration: signing in will need HTTPS, since {} is not on the loopback",
            config.listen.ip()
        );
    }
    let store = existing(config)?;
    let broken = |error| CliError::Database(config.database.clone(), error);
    println!("database: ok ({})", config.database);
    let keeper = Keeper::new(config.key_file());
    match store.read(|conn| keeper.fault(conn)).map_err(broken)? {
        None => println!("key: ok ({})", config.key_file().display()),
        Some(fault) => return Err(CliError::Refused(format!("key: {fault}"))),
    }
    if args.audit {
        audit(&store, &keeper, config)?;
    }
    if args.floor {
        let found = ask::floor(config)?;
        println!("floor: ok ({found} people)");
    } else {
        let floor = Floor::load(store).map_err(broken)?;
        println!("records: ok ({} people)", floor.picture().people().len());
    }
    Ok(())
}

/// Verifies the log and says where its end is, so that it can be kept elsewhere and compared.
fn audit(store: &Store, keeper: &Keeper, config: &Config) -> Result<(), CliError> {
    let broken = |error| CliError::Database(config.database.clone(), error);
    let key = store.read(|conn| keeper.in_force(conn)).map_err(broken)?;
    let found = store
        .read(|conn| seal::verify(conn, key.as_ref()))
        .map_err(broken)?;
    let sealed = found.sealed;
    if let Some(fault) = found.fault {
        return Err(CliError::Refused(format!(
            "audit: {fault} ({sealed} entries are under seals that fit)"
        )));
    }
    let removed = store.read(seal::anchor).map_err(broken)?;
    let removed = removed.map_or_else(String::new, |anchor| {
        format!("; {} older ones were removed by retention", anchor.removed)
    });
    let unsealed = match found.unsealed {
        0 => String::new(),
        unsealed => format!(", {unsealed} not yet"),
    };
    println!("audit: ok ({sealed} entries sealed{unsealed}{removed})");
    if let Some((seal, hash)) = found.end {
        println!("audit: ends with seal {seal}, {hash}");
    }
    println!("audit: {}", said(found.marked));
    Ok(())
}

/// What guards the end of the log, in a sentence.
fn said(marked: Marked) -> &'static str {
    match marked {
        Marked::Reached { sealed: true } => "its end is marked, sealed with the key",
        Marked::Reached { sealed: false } => {
            "its end is marked, not sealed with a key: who can write the database can move the mark"
        }
        Marked::Not => "its end is not marked yet: compare the last seal with one kept elsewhere",
        Marked::Closed => {
            "the mark of its end is sealed with a key that is not here: compare the last seal with one kept elsewhere"
        }
        Marked::Behind => {
            "the mark of its end is older than what retention left: compare the last seal with one kept elsewhere"
        }
        // Faults, which were told above.
        Marked::Missed { .. } | Marked::Forged => "its end does not reach its mark",
    }
}
