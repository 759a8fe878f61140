//! `rollcall restore`: puts a backup in the place of the database, once a copy of it was used.

use super::CliError;
use super::backup::{elsewhere, said};
use crate::app::{BuildError, Claim};
use crate::config::Config;
use crate::domain::audit::{Actor, Entry};
use crate::domain::time::Clock;
use crate::floor;
use crate::store::backup::{BackupError, Draft};
use crate::store::{
    DatabaseUrl, Keeper, KeyStanding, Store, StoreError, migrate, role, seal, session,
};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Args)]
#[command(
    after_help = "The database that is there stays beside the new one, as …before-restore-TIME. Everybody has to \
    sign in again; passwords, roles, blocks and tokens are as they were when the backup was made.\n\nEnds with 0 when \
    the backup is in force, 1 when that could not be done (a full disk, for example), 2 for wrong usage, and 3 when it \
    was refused: the file is no sound backup of Rollcall, the database is in use, or it is in Postgres, which \
    pg_restore restores. Nothing is changed then."
)]
pub struct RestoreArgs {
    /// The backup
    from: PathBuf,
}

pub fn run(args: &RestoreArgs, config: &Config, print_json: bool) -> Result<(), CliError> {
    let database = match &config.database {
        DatabaseUrl::Sqlite(database) => database,
        DatabaseUrl::Postgres(url) => {
            return Err(elsewhere::restore(url, &args.from, &said::key_file(config)));
        }
    };
    let folder = database
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(BackupError::NoFolder(folder.to_owned()).into());
    }
    // Held to the end: no server can start meanwhile.
    let _claim = Claim::take(&config.database).map_err(|error| match error {
        BuildError::Locked(path) => BackupError::InUse(path).into(),
        other => CliError::Build(other),
    })?;
    let clock = Clock::system();
    let draft = Draft::of(&args.from, database)?;
    let proof = prove(&draft, &args.from, config, &clock).map_err(|e| draft.unusable(&e))?;
    let found = draft.found.clone();
    let kept = draft.take_place(clock.now())?;
    if print_json {
        let mut line = said::json(&found, &proof.key);
        line["restored"] = json!(said::full(&args.from));
        line["database"] = json!(said::full(database));
        line["kept"] = json!(kept.as_deref().map(said::full));
        println!("{line}");
    } else {
        println!(
            "{} is now what was in {}",
            said::full(database),
            said::full(&args.from)
        );
        println!("{}", said::contents(&found));
        if let Some(kept) = &kept {
            println!(
                "the database as it was before is kept in {}",
                said::full(kept)
            );
        }
        println!(
            "everybody has to sign in again; passwords, roles, blocks and tokens are as they were in the backup"
        );
    }
    proof.warn(print_json);
    Ok(())
}

/// What using the restored copy showed.
struct Proof {
    key: KeyStanding,
    /// What is wrong with the audit log.
    audit: Option<seal::Fault>,
}

/// Does with the copy what a start of the server and `rollcall check` do.
fn prove(draft: &Draft, from: &Path, config: &Config, clock: &Clock) -> Result<Proof, StoreError> {
    let migrated = migrate::run(&draft.url())?;
    if let Some(copy) = migrated.kept {
        // The backup itself is still there.
        std::fs::remove_file(copy).map_err(StoreError::unavailable)?;
    }
    let store = Store::open(&draft.url(), clock.clone())?;
    let entry = Entry::new("install.restore", "install", None, "Restored from a backup")
        .after("file", from.display().to_string())
        .after("people", draft.found.people)
        .after("calls", draft.found.calls);
    store.write_blocking(Actor::shell(), move |tx| {
        role::ensure_built_in(tx)?;
        // Who was signed out since then, or blocked, must not be in again.
        session::delete_all(tx)?;
        tx.audit(entry)
    })?;
    store.read(|conn| floor::can_load(conn, clock))?;
    let keeper = Keeper::new(config.key_file());
    let key = store.read(|conn| keeper.standing(conn))?;
    let opens = match &key {
        KeyStanding::Here { .. } => store.read(|conn| keeper.in_force(conn))?,
        KeyStanding::NotNeeded | KeyStanding::Fault(_) => None,
    };
    let found = store.read(|conn| seal::verify(conn, opens.as_ref()))?;
    Ok(Proof {
        key,
        audit: found.fault,
    })
}

impl Proof {
    /// The data is back whatever this says, and nothing else would bring it back.
    fn warn(&self, print_json: bool) {
        match &self.key {
            KeyStanding::Here { file, fingerprint } if !print_json => println!(
                "key: {} opens what is sealed in it (fingerprint {fingerprint})",
                said::full(file)
            ),
            KeyStanding::NotNeeded if !print_json => {
                println!("key: none is needed, nothing in it is sealed");
            }
            KeyStanding::NotNeeded | KeyStanding::Here { .. } => {}
            KeyStanding::Fault(fault) => eprintln!(
                "rollcall: restored, but what is sealed in it (second factors, the mail server's password) can't be opened: {fault}"
            ),
        }
        if let Some(fault) = &self.audit {
            eprintln!(
                "rollcall: restored, but its audit log was not whole when the backup was made: {fault}"
            );
        }
    }
}
