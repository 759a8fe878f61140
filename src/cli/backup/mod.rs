//! `rollcall backup`: a copy of the database, made while the server works.

pub mod elsewhere;
pub mod said;

use super::CliError;
use crate::config::Config;
use crate::domain::audit::{Actor, Entry};
use crate::domain::time::Clock;
use crate::store::backup::{self, BackupError, Sound};
use crate::store::connection::{self, Mode};
use crate::store::{DatabaseUrl, Keeper, KeyStanding, Store, StoreError};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Args)]
#[command(
    after_help = "Ends with 0 when the backup is there and was checked, 1 when it could not be made (a full disk, \
    for example), 2 for wrong usage, and 3 when it was refused: the file is there already, its folder is not, or the \
    database is in Postgres, which pg_dump backs up."
)]
pub struct BackupArgs {
    /// The file to make
    to: PathBuf,
    /// Put it in the place of a file that is there already, once it was checked
    #[arg(long)]
    replace: bool,
}

pub fn run(args: &BackupArgs, config: &Config, print_json: bool) -> Result<(), CliError> {
    let database = match &config.database {
        DatabaseUrl::Sqlite(database) => database,
        DatabaseUrl::Postgres(url) => {
            return Err(elsewhere::backup(url, &args.to, &said::key_file(config)));
        }
    };
    if is_key(&args.to, config) {
        return Err(BackupError::Beside(args.to.clone()).into());
    }
    let sound = backup::make(database, &args.to, args.replace)?;
    let key = key_of(config)?;
    if sound.is_current {
        // The backup is there, so this does not make it fail.
        if let Err(error) = note(config, &args.to, &sound) {
            eprintln!("rollcall: the audit log does not have the backup: {error}");
        }
    }
    say(database, &args.to, &sound, &key, print_json);
    Ok(())
}

fn is_key(to: &Path, config: &Config) -> bool {
    std::fs::canonicalize(to)
        .is_ok_and(|to| std::fs::canonicalize(config.key_file()).is_ok_and(|key| key == to))
}

fn key_of(config: &Config) -> Result<KeyStanding, CliError> {
    let broken = |error| CliError::Database(config.database.clone(), error);
    let mut conn = connection::open(&config.database, Mode::Read).map_err(broken)?;
    Keeper::new(config.key_file())
        .standing(&mut conn)
        .map_err(broken)
}

/// Who has the backup has everything, so it is written down like an export.
fn note(config: &Config, to: &Path, sound: &Sound) -> Result<(), StoreError> {
    let store = Store::open(&config.database, Clock::system())?;
    let entry = Entry::new("install.backup", "install", None, "Backup")
        .after("file", to.display().to_string())
        .after("people", sound.people)
        .after("calls", sound.calls);
    store.write_blocking(Actor::shell(), move |tx| tx.audit(entry))
}

fn say(database: &Path, to: &Path, sound: &Sound, key: &KeyStanding, print_json: bool) {
    if print_json {
        let mut line = said::json(sound, key);
        line["backup"] = json!(said::full(to));
        line["database"] = json!(said::full(database));
        println!("{line}");
    } else {
        println!("{} is a backup of {}", said::full(to), said::full(database));
        println!("{}", said::contents(sound));
    }
    match key {
        KeyStanding::NotNeeded if !print_json => {
            println!("key: none is needed, nothing in it is sealed")
        }
        KeyStanding::Here { file, fingerprint } if !print_json => println!(
            "key: what is sealed in it opens only with {} (fingerprint {fingerprint}): keep a copy of that file too, in another place than the backup",
            said::full(file)
        ),
        KeyStanding::NotNeeded | KeyStanding::Here { .. } => {}
        KeyStanding::Fault(fault) => eprintln!(
            "rollcall: the backup is sound, but what is sealed in it can't be opened here: {fault}"
        ),
    }
}
