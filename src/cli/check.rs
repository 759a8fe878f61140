//! `rollcall check`: whether the server could start, and whether what it keeps is sound.

mod ask;

use super::{CliError, existing};
use crate::config::Config;
use crate::floor::Floor;
use crate::store::{Keeper, seal};
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
        match store.read(seal::verify).map_err(broken)? {
            (sealed, None) => {
                let removed = store.read(seal::anchor).map_err(broken)?;
                let removed = removed.map_or_else(String::new, |anchor| {
                    format!("; {} older ones were removed by retention", anchor.removed)
                });
                println!("audit: ok ({sealed} entries sealed{removed})");
            }
            (sealed, Some(broken)) => {
                return Err(CliError::Refused(format!(
                    "audit: seal {} does not fit: an entry after number {} was changed ({sealed} entries before it are sound)",
                    broken.seal, broken.after_entry
                )));
            }
        }
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
