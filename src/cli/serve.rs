//! `rollcall serve`.

use super::CliError;
use crate::app::{App, BuildError, Claim};
use crate::config::Config;
use crate::domain::time::Clock;
use crate::web::state::Shown;
use serde_json::json;

pub fn serve(config: Config, print_json: bool) -> Result<(), CliError> {
    let claim = Claim::take(&config.database)?;
    run(config, claim, Clock::system(), None, |app, database| {
        if print_json {
            let line =
                json!({ "url": app.url, "database": database, "set_up_url": app.set_up_url });
            println!("{line}");
        }
        Ok(())
    })
}

/// Builds the server, says where it is, lets `ready` say more, and serves until it is stopped.
pub fn run(
    config: Config,
    claim: Claim,
    clock: Clock,
    shown: Option<Shown>,
    ready: impl FnOnce(&App, &str) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let (database, needs_https) = (config.database.to_string(), config.needs_https());
    actix_web::rt::System::new().block_on(async move {
        let app = App::build_on(claim, config, clock, shown).await?;
        announce(&app, &database);
        if needs_https {
            tracing::warn!(
                "signing in needs HTTPS, since {} is not on the loopback: give --tls-cert and --tls-key, or put a \
                 proxy with HTTPS in front and set public_url and trusted_proxies",
                app.addr
            );
        }
        ready(&app, &database)?;
        app.run().await.map_err(|error| CliError::Build(BuildError::Io(error)))
    })
}

/// The start line: address, database, version, and whom it found there.
fn announce(app: &App, database: &str) {
    let version = env!("CARGO_PKG_VERSION");
    if app.migrated.new_database {
        tracing::info!(
            url = app.url,
            database,
            version,
            "Rollcall is ready on a NEW DATABASE"
        );
    } else {
        let agents = app.agents();
        tracing::info!(
            url = app.url,
            database,
            version,
            agents,
            "Rollcall is ready"
        );
    }
    if let Some(kept) = &app.migrated.kept {
        tracing::info!(
            "the database as it was before is kept in {}",
            kept.display()
        );
    }
    if let Some(url) = &app.set_up_url {
        tracing::info!("set this install up at {url} (works once, within 24 hours)");
    }
}
