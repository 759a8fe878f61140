//! `rollcall check`: whether the server could start, without starting it.

use super::{CliError, existing};
use crate::config::Config;
use crate::floor::Floor;

pub fn run(config: &Config) -> Result<(), CliError> {
    println!("configuration: ok (listens on {})", config.listen);
    if config.needs_https() {
        println!(
            "configuration: signing in will need HTTPS, since {} is not on the loopback",
            config.listen.ip()
        );
    }
    let store = existing(config)?;
    println!("database: ok ({})", config.database);
    let floor = Floor::load(store).map_err(|e| CliError::Database(config.database.clone(), e))?;
    println!("records: ok ({} people)", floor.picture().people().len());
    Ok(())
}
