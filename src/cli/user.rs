//! `rollcall user`: people who can sign in, made from the shell.

use super::{CliError, existing, role};
use crate::config::Config;
use crate::domain::audit::{Actor, Entry};
use crate::domain::mail::LinkReason;
use crate::domain::password;
use crate::domain::text::{Email, LoginId, Name};
use crate::store::factor;
use crate::store::link::{self, LinkKind};
use crate::store::user::{self, NewUser};
use crate::store::{Store, StoreError, Tx, sign_in};
use crate::web::sessions::secret::{self, SecretHash};
use clap::Subcommand;
use serde_json::json;
use std::io::Read;

#[derive(Subcommand)]
pub enum UserCommand {
    /// Make a person who can sign in; prints a one-time link to choose the password
    Create {
        /// What they sign in with, 6 to 64 characters
        login_id: String,
        /// Their name
        #[arg(long)]
        name: String,
        /// Where links and codes are sent
        #[arg(long)]
        email: String,
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
        /// Take the second factor away too, for someone whose phone and recovery codes are gone
        #[arg(long)]
        second_factor: bool,
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
            email,
            role,
            password_stdin,
        } => {
            let password = if password_stdin {
                Some(read_password(&[&login_id, &name])?)
            } else {
                None
            };
            shell.create(&login_id, &name, &email, &role, password)
        }
        UserCommand::Reset {
            login_id,
            second_factor,
        } => shell.reset(&login_id, second_factor),
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
        email: &str,
        role_name: &str,
        password: Option<String>,
    ) -> Result<(), CliError> {
        let login_id =
            LoginId::parse(login_id).map_err(|e| CliError::Refused(format!("the login id {e}")))?;
        let name = Name::parse(name).map_err(|e| CliError::Refused(format!("the name {e}")))?;
        let email = Email::parse(email).map_err(|e| CliError::Refused(format!("the email {e}")))?;
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
            email: Some(email),
            role: role.id,
            password_hash,
        };
        let written = self.store.write_blocking(Actor::shell(), move |tx| {
            let id = user::insert(tx, &new)?;
            if !has_password {
                let life = LinkReason::Invitation.life();
                link::insert(tx, LinkKind::Password, Some(id), &hash, life)?;
            }
            Ok(())
        });
        match written {
            Ok(()) => {}
            Err(StoreError::Taken(taken)) => {
                let what = match taken.kind.as_str() {
                    "email" => format!("the email {}", taken.value),
                    _ => format!("the login id {login_id}"),
                };
                return Err(CliError::Refused(format!("{what} is already in use")));
            }
            Err(error) => return Err(CliError::Database(self.config.database.clone(), error)),
        }
        let token = (!has_password).then_some(token);
        self.say(login_id.as_str(), LinkReason::Invitation, token);
        Ok(())
    }

    fn reset(&self, login_id: &str, second_factor: bool) -> Result<(), CliError> {
        let (token, hash) = one_time()?;
        let wanted = login_id.to_owned();
        let written = self.store.write_blocking(Actor::shell(), move |tx| {
            reset(tx, &wanted, &hash, second_factor)
        });
        let done =
            written.map_err(|error| CliError::Database(self.config.database.clone(), error))?;
        match done {
            Reset::Nobody => Err(CliError::Refused(format!(
                "nobody has the login id {login_id}"
            ))),
            Reset::NoWebLogin => Err(CliError::Refused(format!(
                "{login_id} may not sign in to the console, so a link would open nothing: allow the web login first"
            ))),
            Reset::Done { had_factor } => {
                if second_factor && !self.print_json {
                    println!("{}", factor_said(login_id, had_factor));
                }
                self.say(login_id, LinkReason::Reset, Some(token));
                Ok(())
            }
        }
    }

    fn say(&self, login_id: &str, reason: LinkReason, token: Option<String>) {
        let base = match &self.config.public_url {
            Some(url) => url.to_string(),
            None => format!("http://{}", self.config.listen),
        };
        let link = token.map(|token| format!("{base}/password?token={token}"));
        let life = reason.life_said();
        if self.print_json {
            println!("{}", json!({ "login_id": login_id, "link": link }));
        } else if let Some(link) = link {
            println!("{login_id} chooses a password here, once and within {life}:\n{link}");
        } else {
            println!("{login_id} can sign in");
        }
    }
}

fn factor_said(login_id: &str, had_factor: bool) -> String {
    match had_factor {
        true => format!("the second factor of {login_id} is off, and every session has ended"),
        false => format!("{login_id} has no second factor"),
    }
}

/// What came of a reset.
enum Reset {
    Nobody,
    NoWebLogin,
    Done { had_factor: bool },
}

fn reset(
    tx: &mut Tx<'_>,
    login_id: &str,
    hash: &str,
    second_factor: bool,
) -> Result<Reset, StoreError> {
    let Some(known) = sign_in::find(tx.conn, login_id)? else {
        return Ok(Reset::Nobody);
    };
    if !known.allowed {
        return Ok(Reset::NoWebLogin);
    }
    let had_factor = second_factor && factor::remove(tx, known.user, None)?;
    let life = LinkReason::Reset.life();
    link::insert(tx, LinkKind::Password, Some(known.user), hash, life)?;
    let entry = Entry::new("user.reset_link", "user", Some(known.user.0), known.name);
    tx.audit(entry.after("reason", LinkReason::Reset.word()))?;
    Ok(Reset::Done { had_factor })
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
