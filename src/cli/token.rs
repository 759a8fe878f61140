//! `rollcall token`: API tokens.

use super::{CliError, existing, role};
use crate::config::Config;
use crate::domain::audit::Actor;
use crate::domain::ids::GroupId;
use crate::domain::record::Group;
use crate::domain::text::{GroupName, TokenName};
use crate::domain::time::{HOUR, Timestamp};
use crate::store::token::{self, NewToken, Token};
use crate::store::{Store, StoreError, record};
use crate::web::sessions::secret::{self, SecretHash};
use crate::web::sessions::tokens::PREFIX;
use clap::Subcommand;
use serde_json::json;

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it; it is not kept and can't be shown again
    Create {
        /// What it may do: Admin, Supervisor, Auditor, Agent or a role of your own
        #[arg(long)]
        role: String,
        /// What it is for
        #[arg(long)]
        name: String,
        /// An agent group on whose agents alone it holds; may be given more than once
        #[arg(long = "group", value_name = "NAME")]
        groups: Vec<String>,
        /// Days until it ends
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: u16,
    },
    /// List the tokens
    List,
    /// End a token at once
    Revoke {
        /// Its number in the list
        id: i64,
    },
}

pub fn run(command: TokenCommand, config: &Config, print_json: bool) -> Result<(), CliError> {
    let store = existing(config)?;
    let broken = |error| CliError::Database(config.database.clone(), error);
    match command {
        TokenCommand::Create {
            role: role_name,
            name,
            groups,
            days,
        } => {
            let role = role(&store, &config.database, &role_name)?;
            let name = TokenName::parse(&name)
                .map_err(|e| CliError::Refused(format!("the name {e}")))?
                .into_string();
            let groups = named(&store.read(record::groups).map_err(broken)?, &groups)?;
            let (token, id, expires_at) =
                create(&store, &role, &name, groups, i64::from(days)).map_err(broken)?;
            if print_json {
                let until = expires_at.utc().to_rfc3339();
                println!(
                    "{}",
                    json!({ "token": token, "id": id, "name": name, "role": role.name, "expires_at": until })
                );
            } else {
                println!("{token}");
            }
        }
        TokenCommand::List => {
            let now = store.clock().now();
            list(&store.read(token::all).map_err(broken)?, now, print_json);
        }
        TokenCommand::Revoke { id } => {
            match store.write_blocking(Actor::shell(), move |tx| token::revoke(tx, id)) {
                Ok(()) => println!("token {id} has ended"),
                Err(StoreError::NotFound) => {
                    return Err(CliError::Refused(format!(
                        "there is no token {id} in force"
                    )));
                }
                Err(error) => return Err(broken(error)),
            }
        }
    }
    Ok(())
}

/// The groups with these names, or an error that names the one that is not there.
fn named(groups: &[Group], names: &[String]) -> Result<Vec<GroupId>, CliError> {
    let find = |name: &String| {
        let wanted = GroupName::claim_of(name);
        let found = groups
            .iter()
            .find(|group| GroupName::claim_of(&group.name) == wanted);
        found
            .map(|group| group.id)
            .ok_or_else(|| CliError::Refused(format!("there is no agent group {name:?}")))
    };
    names.iter().map(find).collect()
}

/// Makes a token: itself, its number and its end.
pub fn create(
    store: &Store,
    role: &crate::store::role::Role,
    name: &str,
    groups: Vec<GroupId>,
    days: i64,
) -> Result<(String, i64, Timestamp), StoreError> {
    let token = secret::fresh(PREFIX).map_err(StoreError::broken)?;
    let expires_at = store.clock().now().plus(days * 24 * HOUR);
    let new = NewToken {
        name: name.to_owned(),
        hash: SecretHash::of(&token).hex(),
        role: role.id,
        groups,
        created_by: None,
        expires_at: Some(expires_at),
    };
    let id = store.write_blocking(Actor::shell(), move |tx| token::insert(tx, &new))?;
    Ok((token, id, expires_at))
}

fn list(tokens: &[Token], now: Timestamp, print_json: bool) {
    for token in tokens {
        let state = if token.revoked_at.is_some() {
            "revoked"
        } else if token.in_force(now) {
            "in force"
        } else {
            "ended"
        };
        let day = |at: Option<Timestamp>| {
            at.map_or("never".to_owned(), |at| {
                at.utc().format("%d %b %Y").to_string()
            })
        };
        if print_json {
            let line = json!({
                "id": token.id, "name": token.name, "role": token.role_name, "state": state,
                "expires_at": token.expires_at.map(|at| at.utc().to_rfc3339()),
                "last_used_at": token.last_used_at.map(|at| at.utc().to_rfc3339()),
            });
            println!("{line}");
        } else {
            println!(
                "{:>4}  {}  {}, {state}, ends {}, last used {}",
                token.id,
                token.name,
                token.role_name,
                day(token.expires_at),
                day(token.last_used_at)
            );
        }
    }
}
