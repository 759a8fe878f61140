//! The commands: `serve` (the default), `demo`, `migrate`, `user`, `token`, `import`, `check`, `backup`, `restore`.

mod backup;
mod check;
mod demo;
mod import;
mod log;
mod restore;
mod serve;
mod settings;
mod token;
mod user;

use crate::app::BuildError;
use crate::config::{Config, ConfigError};
use crate::domain::time::Clock;
use crate::store::backup::BackupError;
use crate::store::{DatabaseUrl, Store, StoreError, migrate};
use clap::{Parser, Subcommand};
use settings::Settings;
use std::process::ExitCode;

/// Console for call-centre supervisors: every agent at a glance, live.
///
/// Settings come from flags, then ROLLCALL_* environment variables, then a TOML file.
#[derive(Parser)]
#[command(name = "rollcall", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    /// Print one line of JSON on standard output when ready or done
    #[arg(long, global = true)]
    print_json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the console (the default)
    Serve,
    /// Show the console on believable data, with a simulated phone system
    Demo(demo::DemoArgs),
    /// Bring the database's schema up to date
    Migrate,
    /// Make people who can sign in
    #[command(subcommand)]
    User(user::UserCommand),
    /// Make, list and revoke API tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Add and change users from a CSV or Excel file
    Import(import::ImportArgs),
    /// Check configuration and database, the running server's lists, the audit log
    Check(check::CheckArgs),
    /// Copy the database into a file, also while the server works
    Backup(backup::BackupArgs),
    /// Put a backup in the place of the database
    Restore(restore::RestoreArgs),
}

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error("{0}: {1}")]
    Database(DatabaseUrl, #[source] StoreError),
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Another program has to do it.
    #[error("{0}")]
    Elsewhere(String),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Nothing was done, and nothing will be until something else is asked.
const REFUSED: u8 = 3;

impl CliError {
    /// Scripts tell a backup that was refused from one that failed; 2 is wrong usage.
    fn code(&self) -> ExitCode {
        match self {
            Self::Backup(error) if error.is_refusal() => ExitCode::from(REFUSED),
            Self::Elsewhere(_) => ExitCode::from(REFUSED),
            Self::Config(_)
            | Self::Build(_)
            | Self::Database(..)
            | Self::Refused(_)
            | Self::Backup(_)
            | Self::Io(_) => ExitCode::FAILURE,
        }
    }
}

/// Reads the arguments and runs the command; errors go to standard error in words.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rollcall: {error}");
            error.code()
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, CliError> {
    let config = Config::from_sources(&cli.settings.sources()?)?;
    log::start(&config);
    let done = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::serve(config, cli.print_json),
        Command::Demo(args) => {
            let database = cli
                .settings
                .database
                .as_ref()
                .map(|_| config.database.clone());
            demo::run(&args, config, database, cli.print_json)
        }
        Command::Migrate => migrate_now(&config),
        Command::User(command) => user::run(command, &config, cli.print_json),
        Command::Token(command) => token::run(command, &config, cli.print_json),
        Command::Import(args) => return import::run(&args, &config, cli.print_json),
        Command::Check(args) => check::run(&args, &config),
        Command::Backup(args) => backup::run(&args, &config, cli.print_json),
        Command::Restore(args) => restore::run(&args, &config, cli.print_json),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn migrate_now(config: &Config) -> Result<(), CliError> {
    let database = &config.database;
    let migrated = migrate::run(database).map_err(|e| CliError::Database(database.clone(), e))?;
    match migrated.applied.as_slice() {
        [] => println!("{database} is up to date"),
        applied => println!("{database}: applied {}", applied.join(", ")),
    }
    if let Some(kept) = migrated.kept {
        println!(
            "the database as it was before is kept in {}",
            kept.display()
        );
    }
    Ok(())
}

/// The database of an install that exists, its schema up to date. A command never makes one by the way.
fn existing(config: &Config) -> Result<Store, CliError> {
    let database = &config.database;
    if let DatabaseUrl::Sqlite(path) = database
        && !path.exists()
    {
        let message = format!(
            "there is no database at {database}: start the server or run `rollcall migrate` first"
        );
        return Err(CliError::Refused(message));
    }
    let broken = |error| CliError::Database(database.clone(), error);
    migrate::run(database).map_err(broken)?;
    let store = Store::open(database, Clock::system()).map_err(broken)?;
    store
        .write_blocking(
            crate::domain::audit::Actor::shell(),
            crate::store::role::ensure_built_in,
        )
        .map_err(broken)?;
    Ok(store)
}

/// The role with this name, or an error that lists those that there are.
fn role(
    store: &Store,
    database: &DatabaseUrl,
    name: &str,
) -> Result<crate::store::role::Role, CliError> {
    let roles = store
        .read(crate::store::role::all)
        .map_err(|e| CliError::Database(database.clone(), e))?;
    let names: Vec<_> = roles.iter().map(|role| role.name.clone()).collect();
    let wanted = name.to_lowercase();
    roles
        .into_iter()
        .find(|role| role.name.to_lowercase() == wanted)
        .ok_or_else(|| {
            CliError::Refused(format!(
                "there is no role {name:?}; there are {}",
                names.join(", ")
            ))
        })
}
