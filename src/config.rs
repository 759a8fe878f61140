//! The process's settings: flags, then `ROLLCALL_*`, then a TOML file; whatever is wrong is named.

mod parse;
mod source;

use crate::store::DatabaseUrl;
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use source::{CONFIG_VARIABLE, Given, Source, Sources};

/// Everything that a process is told at its start. Business settings live in the database.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    pub database: DatabaseUrl,
    /// Where the key of sealed secrets is, if not beside the database.
    pub key_file: Option<PathBuf>,
    /// Where people reach the console when that is not the address it listens on.
    pub public_url: Option<PublicUrl>,
    /// Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    pub tls: Option<TlsFiles>,
    pub log_format: LogFormat,
    /// A level, or directives such as `info,rollcall=debug`.
    pub log_level: String,
    pub session_idle: Duration,
    pub session_absolute: Duration,
    /// Largest request body in bytes, uploads apart.
    pub body_limit: usize,
    /// Threads that serve requests.
    pub workers: usize,
}

/// The certificate chain and its key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub cert: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    Text,
    Json,
}

/// The address that people type: scheme and host, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    pub https: bool,
    /// Host, with the port where it is not the scheme's own; lower case.
    pub host: String,
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}://{}",
            if self.https { "https" } else { "http" },
            self.host
        )
    }
}

/// A setting that can't be used: which one, where it was given, and what was expected.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{source_name}: {key} = {found:?} is not {expected}")]
    Wrong {
        key: &'static str,
        source_name: Source,
        found: String,
        expected: String,
    },
    #[error("{source_name}: there is no setting {key:?}{guess}")]
    Unknown {
        key: String,
        source_name: Source,
        guess: Guess,
    },
    #[error("{0}: {1}")]
    Unreadable(Source, String),
    #[error("{given} is set but {missing} is not: TLS needs both the certificate and its key")]
    HalfTls {
        given: &'static str,
        missing: &'static str,
    },
    #[error("session_idle is longer than session_absolute, so it would never end a session")]
    IdleBeyondAbsolute,
}

/// The known name that an unknown one is nearest to.
#[derive(Debug, PartialEq, Eq)]
pub struct Guess(pub Option<String>);

impl fmt::Display for Guess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, "; did you mean {name}?"),
            None => Ok(()),
        }
    }
}

impl Config {
    /// Reads every setting from the strongest source that names it, else its default.
    pub fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        let config = Self {
            listen: sources
                .get("listen", parse::listen)?
                .unwrap_or(([127, 0, 0, 1], 8080).into()),
            database: sources
                .get("database", parse::database)?
                .unwrap_or_else(|| DatabaseUrl::Sqlite("rollcall.db".into())),
            key_file: sources.get("key_file", parse::new_file)?,
            public_url: sources.get("public_url", parse::public_url)?,
            trusted_proxies: sources
                .get("trusted_proxies", parse::networks)?
                .unwrap_or_default(),
            tls: tls_files(sources)?,
            log_format: sources
                .get("log_format", parse::log_format)?
                .unwrap_or(LogFormat::Auto),
            log_level: sources
                .get("log_level", parse::log_level)?
                .unwrap_or_else(|| "info".to_owned()),
            session_idle: sources
                .get("session_idle", parse::duration)?
                .unwrap_or(8 * HOUR),
            session_absolute: sources
                .get("session_absolute", parse::duration)?
                .unwrap_or(7 * DAY),
            body_limit: sources
                .get("body_limit", parse::bytes)?
                .unwrap_or(1024 * 1024),
            workers: sources
                .get("workers", parse::workers)?
                .unwrap_or_else(default_workers),
        };
        if config.session_idle > config.session_absolute {
            return Err(ConfigError::IdleBeyondAbsolute);
        }
        Ok(config)
    }

    /// The defaults on a database of one's own, on a free port of the loopback: for tests.
    pub fn for_database(database: DatabaseUrl) -> Self {
        Self {
            listen: ([127, 0, 0, 1], 0).into(),
            database,
            key_file: None,
            public_url: None,
            trusted_proxies: Vec::new(),
            tls: None,
            log_format: LogFormat::Auto,
            log_level: "info".to_owned(),
            session_idle: 8 * HOUR,
            session_absolute: 7 * DAY,
            body_limit: 1024 * 1024,
            workers: 2,
        }
    }

    /// The file with the key of sealed secrets: `rollcall.key` beside a SQLite database, in the working
    /// directory for Postgres.
    pub fn key_file(&self) -> PathBuf {
        match (&self.key_file, &self.database) {
            (Some(file), _) => file.clone(),
            (None, DatabaseUrl::Sqlite(database)) => database.with_file_name(KEY_FILE),
            (None, DatabaseUrl::Postgres(_)) => PathBuf::from(KEY_FILE),
        }
    }

    /// What this machine calls itself to a mail server.
    pub fn mail_name(&self) -> String {
        let host = self.public_url.as_ref().map(|url| url.host.as_str());
        let name = host.map(|host| host.split(':').next().unwrap_or_default());
        name.filter(|name| !name.is_empty() && !name.starts_with('['))
            .unwrap_or("localhost")
            .to_owned()
    }

    /// People reach the console without HTTPS although it does not keep to this machine.
    pub fn needs_https(&self) -> bool {
        let public = match &self.public_url {
            Some(url) => url.https,
            None => self.tls.is_some() || !self.trusted_proxies.is_empty(),
        };
        !public && !self.listen.ip().is_loopback()
    }

    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|net| net.contains(&address))
    }
}

const KEY_FILE: &str = "rollcall.key";
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 4))
}

fn tls_files(sources: &Sources) -> Result<Option<TlsFiles>, ConfigError> {
    match (
        sources.get("tls_cert", parse::file)?,
        sources.get("tls_key", parse::file)?,
    ) {
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(ConfigError::HalfTls {
            given: "tls_cert",
            missing: "tls_key",
        }),
        (None, Some(_)) => Err(ConfigError::HalfTls {
            given: "tls_key",
            missing: "tls_cert",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        flags: &[(&'static str, &str)],
        env: &[(&str, &str)],
        toml: &str,
    ) -> Result<Config, ConfigError> {
        let mut sources = Sources::default();
        sources.file("rollcall.toml", toml)?;
        sources.environment(env.iter().map(|(k, v)| (k.to_string(), v.to_string())))?;
        for (key, value) in flags {
            sources.flag(key, (*value).to_owned());
        }
        Config::from_sources(&sources)
    }

    fn refusal(flags: &[(&'static str, &str)], env: &[(&str, &str)], toml: &str) -> String {
        read(flags, env, toml).unwrap_err().to_string()
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let toml = "listen = '127.0.0.1:1'\nworkers = 3\nsession_idle = '2h'\ntrusted_proxies = ['10.0.0.0/8', '::1']";
        let config = read(
            &[("listen", "127.0.0.1:3")],
            &[
                ("ROLLCALL_LISTEN", "127.0.0.1:2"),
                ("ROLLCALL_SESSION_IDLE", "90m"),
                ("PATH", "/bin"),
            ],
            toml,
        )
        .unwrap();
        assert_eq!(config.listen.port(), 3);
        assert_eq!(config.session_idle, Duration::from_secs(90 * 60));
        assert_eq!(config.workers, 3);
        assert!(config.trusts("10.1.2.3".parse().unwrap()));
        assert!(!config.trusts("11.1.2.3".parse().unwrap()));
    }

    #[test]
    fn nothing_given_means_a_file_here_and_the_loopback() {
        let config = read(&[], &[], "").unwrap();
        assert_eq!(config.database, DatabaseUrl::Sqlite("rollcall.db".into()));
        assert!(config.listen.ip().is_loopback());
        assert!(!config.needs_https());
    }

    #[test]
    fn a_wrong_value_names_key_source_and_what_was_expected() {
        for (message, key) in [
            (
                refusal(&[("listen", "8080")], &[], ""),
                "--listen: listen = \"8080\"",
            ),
            (
                refusal(&[], &[("ROLLCALL_DATABASE", "postgress://x/y")], ""),
                "ROLLCALL_DATABASE: database",
            ),
            (
                refusal(&[], &[], "session_idle = 'soon'"),
                "rollcall.toml: session_idle = \"soon\"",
            ),
            (
                refusal(&[], &[], "workers = 0"),
                "rollcall.toml: workers = \"0\"",
            ),
            (
                refusal(&[], &[], "public_url = 'ftp://x'"),
                "rollcall.toml: public_url",
            ),
            (
                refusal(&[], &[], "trusted_proxies = ['nobody']"),
                "rollcall.toml: trusted_proxies",
            ),
            (
                refusal(&[], &[], "log_level = 'loud=='"),
                "rollcall.toml: log_level",
            ),
        ] {
            assert!(
                message.starts_with(key) && message.contains("is not"),
                "{message}"
            );
        }
    }

    #[test]
    fn an_unknown_setting_is_named_and_a_likely_one_proposed() {
        assert_eq!(
            refusal(&[], &[("ROLLCALL_LISTN", "x")], ""),
            "environment: there is no setting \"ROLLCALL_LISTN\"; did you mean ROLLCALL_LISTEN?"
        );
        assert_eq!(
            refusal(&[], &[], "databse = 'x'"),
            "rollcall.toml: there is no setting \"databse\"; did you mean database?"
        );
        assert!(refusal(&[], &[], "[server]\nlisten = 'x'").contains("no setting \"server\""));
        assert!(refusal(&[], &[], "listen = ").starts_with("rollcall.toml: "));
    }

    #[test]
    fn a_password_in_a_wrong_database_url_is_not_repeated() {
        let message = refusal(
            &[],
            &[("ROLLCALL_DATABASE", "postgress://me:secret@host/db")],
            "",
        );
        assert!(!message.contains("secret"), "{message}");
    }

    #[test]
    fn https_is_asked_for_off_the_loopback_only() {
        let open = "listen = '0.0.0.0:8080'\n";
        assert!(read(&[], &[], open).unwrap().needs_https());
        for more in [
            "public_url = 'https://calls.example.in'",
            "trusted_proxies = '10.0.0.1'",
        ] {
            assert!(
                !read(&[], &[], &format!("{open}{more}"))
                    .unwrap()
                    .needs_https(),
                "{more}"
            );
        }
        assert!(
            read(&[], &[], &format!("{open}public_url = 'http://calls'"))
                .unwrap()
                .needs_https()
        );
    }

    #[test]
    fn the_key_lies_beside_the_database_or_where_it_was_said() {
        let file = |toml: &str| read(&[], &[], toml).unwrap().key_file();
        assert_eq!(file(""), PathBuf::from("rollcall.key"));
        assert_eq!(
            file("database = '/var/lib/rollcall/r.db'"),
            PathBuf::from("/var/lib/rollcall/rollcall.key")
        );
        assert_eq!(
            file("database = 'postgres://h/n'\nkey_file = '/etc/rollcall.key'"),
            PathBuf::from("/etc/rollcall.key")
        );
        assert!(refusal(&[], &[], "key_file = ''").contains("key_file"));
    }

    #[test]
    fn half_of_tls_is_refused() {
        assert!(refusal(&[], &[], "tls_cert = 'Cargo.toml'").contains("tls_key"));
        assert!(refusal(&[], &[], "tls_cert = 'no-such-file.pem'").contains("tls_cert"));
    }
}
