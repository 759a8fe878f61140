//! `rollcall user`: people who can sign in, made from the shell.

use super::{CliError, existing, role};
use crate::config::Config;
use crate::domain::audit::{Actor, Entry};
use crate::domain::password;
use crate::domain::text::{LoginId, Name};
use crate::domain::time::HOUR;
use crate::store::link::{self, LinkKind};
use crate::store::user::{self, NewUser};
use crate::store::{Store, StoreError, Tx, sign_in};
use crate::web::sessions::secret::{self, SecretHash};
use clap::Subcommand;
use serde_json::json;
use std::io::Read;

/// How long a one-time link can be used.
const LIFE: i64 = 72 * HOUR;

#[derive(Subcommand)]
pub enum UserCommand {
    /// Make a person who can sign in; prints a one-time link to choose the password
    Create {
        /// What they sign in with, 6 to 64 characters
        login_id: String,
        /// Their name
        #[arg(long)]
        name: String,
        /// Admin, Supervisor, Auditor, Agent or a role of your own
        #[arg(long, default_value = "Agent")]
        role: String,
        /// Read the password from standard input instead of printing a link
        #[arg(long)]
        password_stdin: bool,
    },
    /// Print a one-time link with which a person chooses a new password
    Reset {
        /// What they sign in with
        login_id: String,
    },
}

pub fn run(command: UserCommand, config: &Config, print_json: bool) -> Result<(), CliError> {
    let store = existing(config)?;
    let shell = Shell {
        store: &store,
        config,
        print_json,
    };
    match command {
        UserCommand::Create {
            login_id,
            name,
            role,
            password_stdin,
        } => {
            let password = if password_stdin {
                Some(read_password(&[&login_id, &name])?)
            } else {
                None
            };
            shell.create(&login_id, &name, &role, password)
        }
        UserCommand::Reset { login_id } => shell.reset(&login_id),
    }
}

struct Shell<'a> {
    store: &'a Store,
    config: &'a Config,
    print_json: bool,
}

impl Shell<'_> {
    fn create(
        &self,
        login_id: &str,
        name: &str,
        role_name: &str,
        password: Option<String>,
    ) -> Result<(), CliError> {
        let login_id =
            LoginId::parse(login_id).map_err(|e| CliError::Refused(format!("the login id {e}")))?;
        let name = Name::parse(name).map_err(|e| CliError::Refused(format!("the name {e}")))?;
        let role = role(self.store, &self.config.database, role_name)?;
        let password_hash = match password {
            Some(password) => {
                Some(password::hash(&password).map_err(|e| CliError::Refused(e.to_string()))?)
            }
            None => None,
        };
        let has_password = password_hash.is_some();
        let (token, hash) = one_time()?;
        let new = NewUser {
            name,
            login_id: login_id.clone(),
            role: role.id,
            password_hash,
        };
        let written = self.store.write_blocking(Actor::shell(), move |tx| {
            let id = user::insert(tx, &new)?;
            if !has_password {
                link::insert(tx, LinkKind::Password, Some(id), &hash, LIFE)?;
            }
            Ok(())
        });
        match written {
            Ok(()) => {}
            Err(StoreError::Taken(_)) => {
                return Err(CliError::Refused(format!(
                    "the login id {login_id} is already in use"
                )));
            }
            Err(error) => return Err(CliError::Database(self.config.database.clone(), error)),
        }
        self.say(
            login_id.as_str(),
            if has_password { None } else { Some(token) },
        );
        Ok(())
    }

    fn reset(&self, login_id: &str) -> Result<(), CliError> {
        let (token, hash) = one_time()?;
        let wanted = login_id.to_owned();
        let written = self
            .store
            .write_blocking(Actor::shell(), move |tx| reset(tx, &wanted, &hash));
        match written {
            Ok(()) => {}
            Err(StoreError::NotFound) => {
                return Err(CliError::Refused(format!(
                    "nobody has the login id {login_id}"
                )));
            }
            Err(error) => return Err(CliError::Database(self.config.database.clone(), error)),
        }
        self.say(login_id, Some(token));
        Ok(())
    }

    fn say(&self, login_id: &str, token: Option<String>) {
        let base = match &self.config.public_url {
            Some(url) => url.to_string(),
            None => format!("http://{}", self.config.listen),
        };
        let link = token.map(|token| format!("{base}/password?token={token}"));
        if self.print_json {
            println!("{}", json!({ "login_id": login_id, "link": link }));
        } else if let Some(link) = link {
            println!("{login_id} chooses a password here, once and within 3 days:\n{link}");
        } else {
            println!("{login_id} can sign in");
        }
    }
}

fn reset(tx: &mut Tx<'_>, login_id: &str, hash: &str) -> Result<(), StoreError> {
    let known = sign_in::find(tx.conn, login_id)?.ok_or(StoreError::NotFound)?;
    link::insert(tx, LinkKind::Password, Some(known.user), hash, LIFE)?;
    tx.audit(Entry::new(
        "user.reset_link",
        "user",
        Some(known.user.0),
        known.name,
    ))
}

fn one_time() -> Result<(String, String), CliError> {
    let token = secret::fresh("").map_err(|e| CliError::Refused(e.to_string()))?;
    let hash = SecretHash::of(&token).hex();
    Ok((token, hash))
}

/// One line from standard input; refused by the same rules as in the console.
fn read_password(context: &[&str]) -> Result<String, CliError> {
    let mut text = String::new();
    std::io::stdin().take(4_096).read_to_string(&mut text)?;
    let password = text.lines().next().unwrap_or_default().to_owned();
    password::check(&password, context, false)
        .map_err(|fault| CliError::Refused(fault.to_string()))?;
    Ok(password)
}
