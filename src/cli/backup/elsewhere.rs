//! Postgres is backed up and restored by its own programs: which lines to run, without a secret in them.

use super::super::CliError;
use super::said::full;
use crate::store::DatabaseUrl;
use std::path::Path;

const PASSWORD: &str = "They ask for the password, or read it from ~/.pgpass; their version may not be older than the server's.";

/// The line is standard output, so that a script may take it; what stands around it is the error.
pub fn backup(url: &str, to: &Path, key: &str) -> CliError {
    let url = DatabaseUrl::without_secrets(url);
    println!(
        "pg_dump --format=custom --no-owner --file={} --dbname={}",
        quoted(&full(to)),
        quoted(&url)
    );
    CliError::Elsewhere(format!(
        "nothing was backed up: the database is in Postgres. Run the line above, also while the server works. \
         {PASSWORD} What is sealed in it opens only with the key file, {key}: keep a copy of that too, in another place"
    ))
}

/// Into a new database, so that the old one is there until the new one was seen to work.
pub fn restore(url: &str, from: &Path, key: &str) -> CliError {
    let bare = DatabaseUrl::without_secrets(url);
    let restored = with_name(&bare, |name| format!("{name}_restored"));
    let new = name_of(&restored);
    println!(
        "createdb --maintenance-db={} {}",
        quoted(&bare),
        quoted(new)
    );
    println!(
        "pg_restore --no-owner --no-privileges --exit-on-error --single-transaction --dbname={} {}",
        quoted(&restored),
        quoted(&full(from))
    );
    println!("rollcall check --database {}", quoted(&restored));
    CliError::Elsewhere(format!(
        "nothing was restored: the database is in Postgres. Stop every server and run the lines above: they leave \
         the database as it is and fill {new}, which the setting `database` has to name then. {PASSWORD} What is sealed \
         in it opens only with the key file of then; here it is {key}"
    ))
}

fn with_name(url: &str, change: impl FnOnce(&str) -> String) -> String {
    let (address, options) = match url.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (url, String::new()),
    };
    let place = address.find("://").map_or(0, |at| at + 3);
    match address[place..].find('/') {
        Some(slash) => {
            let (server, name) = address.split_at(place + slash);
            format!("{server}/{}{options}", change(name.trim_start_matches('/')))
        }
        None => format!("{address}/{}{options}", change("rollcall")),
    }
}

fn name_of(url: &str) -> &str {
    let address = url.split_once('?').map_or(url, |(address, _)| address);
    let server = address.split_once("://").map_or(address, |(_, rest)| rest);
    server.split_once('/').map_or("", |(_, name)| name)
}

/// One word for a shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_database_lies_beside_the_old() {
        let changed = |url: &str| with_name(url, |name| format!("{name}_restored"));
        for (url, beside) in [
            (
                "postgres://me@db/rollcall",
                "postgres://me@db/rollcall_restored",
            ),
            (
                "postgres://me@db:5433/a?sslmode=require",
                "postgres://me@db:5433/a_restored?sslmode=require",
            ),
            ("postgresql://db", "postgresql://db/rollcall_restored"),
            (
                "postgres:///x?host=/run",
                "postgres:///x_restored?host=/run",
            ),
        ] {
            assert_eq!(changed(url), beside);
        }
        assert_eq!(name_of("postgres://me@db/x?a=b"), "x");
    }

    #[test]
    fn a_shell_takes_it_as_one_word() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's $x"), r"'it'\''s $x'");
    }
}
