//! Where settings are given, and which source wins.

use super::{ConfigError, Guess};
use std::collections::HashMap;
use std::fmt;

/// Every setting there is; a flag writes `-` for `_`, the environment `ROLLCALL_` and capitals.
pub const KEYS: &[&str] = &[
    "listen",
    "database",
    "key_file",
    "public_url",
    "trusted_proxies",
    "tls_cert",
    "tls_key",
    "log_format",
    "log_level",
    "session_idle",
    "session_absolute",
    "body_limit",
    "workers",
];

/// Names the configuration file in the environment; not a setting itself.
pub const CONFIG_VARIABLE: &str = "ROLLCALL_CONFIG";

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `--listen`
    Flag(&'static str),
    /// `ROLLCALL_LISTEN`
    Variable(String),
    /// The environment as a whole.
    Environment,
    /// The configuration file's path.
    File(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(key) => write!(f, "--{}", key.replace('_', "-")),
            Self::Variable(name) => f.write_str(name),
            Self::Environment => f.write_str("environment"),
            Self::File(path) => f.write_str(path),
        }
    }
}

/// A value as it was written.
#[derive(Clone, Debug)]
pub struct Given {
    pub text: String,
    pub source: Source,
}

/// The values of all sources; what is added later wins.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    given: HashMap<&'static str, Given>,
}

impl Sources {
    /// Takes a flag's value. `key` is one of `KEYS`.
    pub fn flag(&mut self, key: &'static str, text: String) {
        self.given.insert(
            key,
            Given {
                text,
                source: Source::Flag(key),
            },
        );
    }

    /// Takes every `ROLLCALL_*` variable; an unknown one is an error, others are not ours.
    pub fn environment(
        &mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        for (name, text) in variables {
            if !name.starts_with("ROLLCALL_") || name == CONFIG_VARIABLE {
                continue;
            }
            match KEYS.iter().find(|key| variable(key) == name) {
                Some(key) => self.given.insert(
                    key,
                    Given {
                        text,
                        source: Source::Variable(name),
                    },
                ),
                None => {
                    let guess = nearest(&name, KEYS.iter().map(|key| variable(key)));
                    return Err(ConfigError::Unknown {
                        key: name,
                        source_name: Source::Environment,
                        guess,
                    });
                }
            };
        }
        Ok(())
    }

    /// Takes a TOML file's values: `key = value`, no sections.
    pub fn file(&mut self, path: &str, toml: &str) -> Result<(), ConfigError> {
        let source = || Source::File(path.to_owned());
        let table: toml::Table = toml
            .parse()
            .map_err(|e: toml::de::Error| ConfigError::Unreadable(source(), e.to_string()))?;
        for (name, value) in table {
            let Some(key) = KEYS.iter().find(|key| **key == name) else {
                let guess = nearest(&name, KEYS.iter().map(|key| (*key).to_owned()));
                return Err(ConfigError::Unknown {
                    key: name,
                    source_name: source(),
                    guess,
                });
            };
            let text = written(&value).ok_or_else(|| ConfigError::Wrong {
                key,
                source_name: source(),
                found: value.to_string(),
                expected: "a text, a number or a list of texts".to_owned(),
            })?;
            self.given.insert(
                key,
                Given {
                    text,
                    source: source(),
                },
            );
        }
        Ok(())
    }

    /// The value of a setting, read by `parse`; its error says what was expected.
    pub fn get<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(given) = self.given.get(key) else {
            return Ok(None);
        };
        match parse(&given.text) {
            Ok(value) => Ok(Some(value)),
            Err(expected) => Err(ConfigError::Wrong {
                key,
                source_name: given.source.clone(),
                found: without_secret(&given.text),
                expected,
            }),
        }
    }
}

fn variable(key: &str) -> String {
    format!("ROLLCALL_{}", key.to_ascii_uppercase())
}

fn written(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Array(items) => items
            .iter()
            .map(|item| item.as_str())
            .collect::<Option<Vec<_>>>()
            .map(|texts| texts.join(",")),
        toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_)
        | toml::Value::Table(_) => None,
    }
}

/// A value to print in an error: what stands before an `@` may be a password.
fn without_secret(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => text.to_owned(),
    }
}

fn nearest(name: &str, known: impl Iterator<Item = String>) -> Guess {
    let best = known.map(|k| (distance(name, &k), k)).min();
    Guess(
        best.filter(|(distance, _)| *distance <= 3)
            .map(|(_, name)| name),
    )
}

/// Levenshtein's edit distance, by bytes: setting names are ASCII.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let cost = if x == y {
                diagonal
            } else {
                1 + diagonal.min(row[j]).min(row[j + 1])
            };
            diagonal = row[j + 1];
            row[j + 1] = cost;
        }
    }
    row[b.len()]
}
