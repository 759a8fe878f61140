//! What is said of a backup, when it is made and when it is put back.

use crate::config::Config;
use crate::store::backup::{Sound, size};
use crate::store::{Keeper, KeyStanding};
use serde_json::{Value, json};
use std::path::Path;

pub fn full(path: &Path) -> String {
    let full = std::path::absolute(path);
    full.as_deref().unwrap_or(path).display().to_string()
}

pub fn contents(sound: &Sound) -> String {
    format!(
        "it holds {} people, {} calls and {} entries of the audit log, has schema {} and {}, and was checked",
        sound.people,
        sound.calls,
        sound.audit_entries,
        sound.schema,
        size(sound.bytes)
    )
}

/// The key where the database can't be asked which one it needs.
pub fn key_file(config: &Config) -> String {
    let file = full(&config.key_file());
    match Keeper::new(config.key_file()).key() {
        Ok(Some(key)) => format!("{file} (fingerprint {})", key.fingerprint()),
        Ok(None) => format!("{file}, which is not there"),
        Err(fault) => format!("{file}, which can't be used ({fault})"),
    }
}

pub fn json(sound: &Sound, key: &KeyStanding) -> Value {
    json!({
        "people": sound.people,
        "calls": sound.calls,
        "audit_entries": sound.audit_entries,
        "schema": sound.schema,
        "bytes": sound.bytes,
        "key": match key {
            KeyStanding::NotNeeded => Value::Null,
            KeyStanding::Here { file, fingerprint } => json!({ "file": full(file), "fingerprint": fingerprint }),
            KeyStanding::Fault(fault) => json!({ "fault": fault.to_string() }),
        },
    })
}
