//! The flags that are settings, and where the other sources are read.

use crate::config::{CONFIG_VARIABLE, ConfigError, Source, Sources};
use clap::Args;
use std::path::PathBuf;

/// Each may also be ROLLCALL_NAME in the environment or `name` in the TOML file.
#[derive(Args)]
pub struct Settings {
    /// TOML file with settings [default: ROLLCALL_CONFIG, else ./rollcall.toml if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]; port 0 takes a free one
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// File name, sqlite:FILE or postgres://USER@HOST/NAME [default: ./rollcall.db; a demo: ./rollcall-demo.db]
    #[arg(long, global = true, value_name = "DATABASE")]
    pub database: Option<String>,
    /// File with the key that seals secrets [default: rollcall.key beside the database]
    #[arg(long, global = true, value_name = "FILE")]
    key_file: Option<String>,
    /// The address that people type, such as `https://calls.example.in`
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<String>,
    /// Proxies that may speak for their clients: addresses or networks, by comma
    #[arg(long, global = true, value_name = "NETWORKS")]
    trusted_proxies: Option<String>,
    /// Certificate chain in PEM, to serve HTTPS
    #[arg(long, global = true, value_name = "FILE")]
    tls_cert: Option<String>,
    /// Key of the certificate in PEM
    #[arg(long, global = true, value_name = "FILE")]
    tls_key: Option<String>,
    /// auto, text or json [default: auto: text on a terminal, else json]
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<String>,
    /// error, warn, info, debug, trace or directives [default: info]
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
    /// An unused session ends after this [default: 8h]
    #[arg(long, global = true, value_name = "TIME")]
    session_idle: Option<String>,
    /// Every session ends after this [default: 7d]
    #[arg(long, global = true, value_name = "TIME")]
    session_absolute: Option<String>,
    /// Largest request body, uploads apart [default: 1MiB]
    #[arg(long, global = true, value_name = "SIZE")]
    body_limit: Option<String>,
    /// Threads that serve requests [default: one per core, 2 to 4]
    #[arg(long, global = true, value_name = "N")]
    workers: Option<String>,
}

impl Settings {
    /// All sources, the weakest first.
    pub fn sources(&self) -> Result<Sources, ConfigError> {
        let mut sources = Sources::default();
        self.read_file(&mut sources)?;
        sources.environment(std::env::vars_os().filter_map(|(name, value)| {
            // What is not UTF-8 is none of our names; such a value is found wrong when it is read.
            Some((
                name.into_string().ok()?,
                value.to_string_lossy().into_owned(),
            ))
        }))?;
        self.flags(&mut sources);
        Ok(sources)
    }

    fn read_file(&self, sources: &mut Sources) -> Result<(), ConfigError> {
        let named = self
            .config
            .clone()
            .or_else(|| std::env::var_os(CONFIG_VARIABLE).map(PathBuf::from));
        let path = named
            .clone()
            .unwrap_or_else(|| PathBuf::from("rollcall.toml"));
        let name = path.display().to_string();
        match std::fs::read_to_string(&path) {
            Ok(text) => sources.file(&name, &text),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(ConfigError::Unreadable(
                Source::File(name),
                error.to_string(),
            )),
        }
    }

    fn flags(&self, sources: &mut Sources) {
        let flags = [
            ("listen", &self.listen),
            ("database", &self.database),
            ("key_file", &self.key_file),
            ("public_url", &self.public_url),
            ("trusted_proxies", &self.trusted_proxies),
            ("tls_cert", &self.tls_cert),
            ("tls_key", &self.tls_key),
            ("log_format", &self.log_format),
            ("log_level", &self.log_level),
            ("session_idle", &self.session_idle),
            ("session_absolute", &self.session_absolute),
            ("body_limit", &self.body_limit),
            ("workers", &self.workers),
        ];
        for (key, value) in flags {
            if let Some(value) = value {
                sources.flag(key, value.clone());
            }
        }
    }
}
