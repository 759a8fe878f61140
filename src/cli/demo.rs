//! `rollcall demo`: the console on believable data, with a simulated phone system.

use super::serve;
use super::{CliError, token};
use crate::app::{App, Claim};
use crate::config::Config;
use crate::demo::{self, Filled, Parameters, Prepared};
use crate::domain::time::{Clock, Timestamp};
use crate::store::{DatabaseUrl, Store, StoreError};
use crate::web::state::Shown;
use clap::Args;
use serde_json::json;

/// Days until the token that a demo prints ends.
const TOKEN_DAYS: i64 = 30;

#[derive(Args)]
pub struct DemoArgs {
    /// How many agents
    #[arg(long, default_value_t = Parameters::AGENTS, value_parser = clap::value_parser!(u64).range(1..=Parameters::MOST_AGENTS))]
    agents: u64,
    /// How many calls [default: about twenty a day for each agent, at most ten million]
    #[arg(long, value_parser = clap::value_parser!(u64).range(0..=Parameters::MOST_CALLS))]
    calls: Option<u64>,
    /// Days of history, today among them
    #[arg(long, default_value_t = Parameters::DAYS, value_parser = clap::value_parser!(u32).range(1..=i64::from(Parameters::MOST_DAYS)))]
    days: u32,
    /// The same seed gives the same people and calls
    #[arg(long, default_value_t = Parameters::SEED)]
    seed: u64,
    /// Stop the simulated phone system: nothing changes by itself
    #[arg(long)]
    still: bool,
    /// Hold the clock at this instant, such as 2026-11-22T09:30:00Z; nothing changes by itself
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    now: Option<Timestamp>,
    /// Begin as if it were this instant; the clock runs on from there
    #[arg(long, value_name = "INSTANT", value_parser = instant, conflicts_with = "now")]
    from: Option<Timestamp>,
}

impl DemoArgs {
    fn clock(&self) -> Clock {
        match (self.now, self.from) {
            (Some(at), _) => Clock::from_fn(move || at),
            (None, Some(from)) => Clock::running_from(from),
            (None, None) => Clock::system(),
        }
    }

    fn parameters(&self) -> Parameters {
        Parameters {
            seed: self.seed,
            agents: self.agents,
            calls: self
                .calls
                .unwrap_or_else(|| Parameters::default_calls(self.agents, self.days)),
            days: self.days,
        }
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let at = chrono::DateTime::parse_from_rfc3339(text)
        .map_err(|e| format!("{e}: write it as 2026-11-22T09:30:00Z"))?;
    Ok(at.to_utc().into())
}

/// `database` is the flag: a demo never takes the database of the install beside it.
pub fn run(
    args: &DemoArgs,
    mut config: Config,
    database: Option<DatabaseUrl>,
    print_json: bool,
) -> Result<(), CliError> {
    config.database = database.unwrap_or_else(|| DatabaseUrl::Sqlite("rollcall-demo.db".into()));
    let clock = args.clock();
    let claim = Claim::take(&config.database)?;
    prepare(args, &config, &clock)?;
    let (shown, token) = access(&config.database, &clock)?;
    let still = args.still || args.now.is_some();
    let mut simulator = None;
    let printed = shown.clone();
    serve::run(config, claim, clock, Some(shown), |app, database| {
        if !still {
            let floor = app.state().floor.clone();
            simulator =
                Some(demo::simulator::start(floor).map_err(|e| CliError::Refused(e.to_string()))?);
        }
        say(app, database, &printed, &token, print_json);
        Ok(())
    })?;
    drop(simulator);
    Ok(())
}

fn prepare(args: &DemoArgs, config: &Config, clock: &Clock) -> Result<(), CliError> {
    let parameters = args.parameters();
    tracing::info!(database = %config.database, %parameters, "preparing the demo");
    let prepared = demo::prepare(&config.database, parameters, clock.now())
        .map_err(|e| CliError::Refused(e.to_string()))?;
    let (what, Filled { people, calls, .. }) = match prepared {
        Prepared::Made(filled) => ("made", filled),
        Prepared::Reused(filled) => ("took up again", filled),
    };
    tracing::info!(people, calls, "{what} the demo");
    Ok(())
}

/// A sign-in and a token, new at each start because only their hashes are kept.
fn access(database: &DatabaseUrl, clock: &Clock) -> Result<(Shown, String), CliError> {
    let broken = |error: StoreError| CliError::Database(database.clone(), error);
    let store = Store::open(database, clock.clone()).map_err(broken)?;
    store
        .write_blocking(
            crate::domain::audit::Actor::shell(),
            crate::store::role::ensure_built_in,
        )
        .map_err(broken)?;
    let sign_in = demo::sign_in(&store).map_err(broken)?;
    let admin = super::role(&store, database, "Admin")?;
    let (token, _, _) =
        token::create(&store, &admin, "demo", Vec::new(), TOKEN_DAYS).map_err(broken)?;
    Ok((
        Shown {
            login_id: sign_in.login_id.to_owned(),
            password: sign_in.password,
        },
        token,
    ))
}

fn say(app: &App, database: &str, shown: &Shown, token: &str, print_json: bool) {
    if print_json {
        let line = json!({
            "url": app.url,
            "login_id": shown.login_id,
            "password": shown.password,
            "token": token,
            "database": database,
        });
        println!("{line}");
    } else {
        println!(
            "\n  Open      {}\n  User ID   {}\n  Password  {}\n",
            app.url, shown.login_id, shown.password
        );
    }
}
