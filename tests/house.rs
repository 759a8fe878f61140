//! The rules of the house that no compiler checks: who may import whom, and what may not stand in the sources.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Each room and the rooms that it may name. A new folder under src needs a line here.
const ROOMS: [(&str, &[&str]); 12] = [
    ("domain", &[]),
    ("config", &["domain", "store"]),
    ("store", &["domain"]),
    ("floor", &["domain", "store"]),
    ("mail", &["domain"]),
    ("telephony", &["domain", "store", "floor", "config"]),
    ("jobs", &["domain", "store", "floor", "config", "mail"]),
    ("demo", &["domain", "store", "floor", "config", "telephony"]),
    ("web", &["domain", "store", "floor", "config", "mail"]),
    (
        "app",
        &[
            "domain",
            "store",
            "floor",
            "config",
            "telephony",
            "jobs",
            "mail",
            "demo",
            "web",
        ],
    ),
    (
        "cli",
        &[
            "domain",
            "store",
            "floor",
            "config",
            "telephony",
            "jobs",
            "mail",
            "demo",
            "web",
            "app",
        ],
    ),
    ("main", &["cli"]),
];

/// Crates that a room may not name.
const STRANGERS: [(&str, &[&str]); 4] = [
    (
        "domain",
        &["diesel", "actix_web", "askama", "tokio", "r2d2"],
    ),
    ("floor", &["actix_web", "askama"]),
    ("store", &["actix_web", "actix_session", "askama"]),
    ("web", &["diesel", "r2d2", "diesel_migrations"]),
];

struct Source {
    /// From the root of the repository.
    path: String,
    text: String,
}

impl Source {
    fn room(&self) -> &str {
        let inside = self.path.strip_prefix("src/").expect("a path under src");
        inside.split(['/', '.']).next().expect("a room")
    }

    /// Its lines without comments, numbered from 1.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines
            .map(|(i, line)| (i + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn lines_without_tests(&self) -> usize {
        let mut lines = self.text.lines();
        lines
            .by_ref()
            .take_while(|line| !line.starts_with("#[cfg(test)]"))
            .count()
    }
}

/// Every file with this extension under a folder of the repository.
fn sources(folder: &str, extension: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                if path.file_name().is_none_or(|name| name != "node_modules") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                let text = fs::read_to_string(&path).expect("text");
                let path = path
                    .strip_prefix(ROOT)
                    .unwrap_or(Path::new(""))
                    .display()
                    .to_string();
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn assert_none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

/// Every line of code that one of the patterns is in, as `path:line: code`.
fn lines_with(sources: &[Source], patterns: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (number, line) in source.code() {
            if patterns.iter().any(|pattern| line.contains(pattern)) {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    found
}

/// The first names after `crate::` or `rollcall::` in a line, braces opened.
fn rooms_named(line: &str) -> Vec<&str> {
    let mut named = Vec::new();
    for prefix in ["crate::", "rollcall::"] {
        for (at, _) in line.match_indices(prefix) {
            let before = line[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let rest = &line[at + prefix.len()..];
            match rest.strip_prefix('{') {
                Some(list) => {
                    named.extend(list.split([',', '}']).map(|item| first_name(item.trim())))
                }
                None => named.push(first_name(rest)),
            }
        }
    }
    named.retain(|name| !name.is_empty());
    named
}

fn first_name(path: &str) -> &str {
    let end = path
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(path.len());
    &path[..end]
}

#[test]
fn imports_go_one_way() {
    let mut wrong = Vec::new();
    for source in sources("src", "rs") {
        let room = source.room();
        if room == "lib" {
            continue;
        }
        let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: the house has no room {room}", source.path));
            continue;
        };
        for (number, line) in source.code() {
            for named in rooms_named(line) {
                let is_room = ROOMS.iter().any(|(name, _)| *name == named);
                if is_room && named != room && !may.contains(&named) {
                    wrong.push(format!(
                        "{}:{number}: {room} may not name {named}",
                        source.path
                    ));
                }
            }
        }
    }
    assert_none(
        "imports against the direction domain ← store ← floor ← web … ← app ← cli ← main",
        &wrong,
    );
}

#[test]
fn rooms_name_only_their_own_crates() {
    let mut wrong = Vec::new();
    for (room, strangers) in STRANGERS {
        let own: Vec<_> = sources("src", "rs")
            .into_iter()
            .filter(|source| source.room() == room)
            .collect();
        let patterns: Vec<_> = strangers.iter().map(|name| format!("{name}::")).collect();
        wrong.extend(lines_with(
            &own,
            &patterns.iter().map(String::as_str).collect::<Vec<_>>(),
        ));
    }
    assert_none("a crate that belongs to another room", &wrong);
}

#[test]
fn nothing_is_left_for_later() {
    let mut all = sources("src", "rs");
    all.extend(
        sources("tests", "rs")
            .into_iter()
            .filter(|source| source.path != "tests/house.rs"),
    );
    let patterns = [
        "todo!(",
        "unimplemented!(",
        "dbg!(",
        "#[ignore",
        "#[allow(",
        "#![allow(",
    ];
    assert_none(
        "use #[expect(reason)], finish it, or delete it",
        &lines_with(&all, &patterns),
    );
}

#[test]
fn files_stay_small() {
    let long = |source: &Source| {
        source.lines_without_tests() > 440 && !source.path.ends_with("/schema.rs")
    };
    let found = sources("src", "rs").into_iter().filter(long);
    let found: Vec<_> = found
        .map(|s| format!("{}: {} lines", s.path, s.lines_without_tests()))
        .collect();
    assert_none("files are about 400 lines at most, tests apart", &found);
}

#[test]
fn templates_hold_no_script_no_style_and_escape_everything() {
    let mut found = Vec::new();
    for source in sources("templates", "html") {
        for (number, line) in source.text.lines().enumerate() {
            let squeezed: String = line.split_whitespace().collect::<Vec<_>>().join(" ");
            let bad = squeezed.contains("|safe")
                || squeezed.contains("| safe")
                || squeezed.contains("escape=\"none\"")
                || squeezed.contains("<style")
                || squeezed.contains("javascript:")
                || (squeezed.contains("<script") && !squeezed.contains("src="))
                || attributes(&squeezed).any(|name| {
                    name == "style"
                        || name.starts_with("hx-on")
                        || (name.starts_with("on") && name.len() > 3)
                });
            if bad {
                found.push(format!("{}:{}: {squeezed}", source.path, number + 1));
            }
        }
    }
    assert_none(
        "the content security policy forbids it, or it would print what people typed as HTML",
        &found,
    );
}

/// The names of what looks like ` name="`.
fn attributes(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("=\"").map(|(at, _)| {
        let start = line[..at]
            .rfind([' ', '\'', '"', '<'])
            .map_or(0, |space| space + 1);
        &line[start..at]
    })
}

#[test]
fn pages_speak_the_reader_s_language() {
    let inner = [
        "leg", "legs", "facet", "facets", "axis", "axes", "floor", "version",
    ];
    let mut found = Vec::new();
    for source in sources("templates", "html") {
        for (number, line) in shown_text(&source.text).lines().enumerate() {
            let mut words = line.split(|c: char| !c.is_alphanumeric());
            if let Some(word) = words.find(|word| inner.contains(&word.to_lowercase().as_str())) {
                found.push(format!("{}:{}: {word}", source.path, number + 1));
            }
        }
    }
    assert_none("words that only we use", &found);
}

/// A template's text outside of tags and of `{…}`, its line breaks kept.
fn shown_text(template: &str) -> String {
    let (mut tag, mut brace) = (false, 0_u32);
    let mut shown = String::new();
    for c in template.chars() {
        match c {
            '{' => brace += 1,
            '}' => brace = brace.saturating_sub(1),
            '<' if brace == 0 => tag = true,
            '>' if brace == 0 => tag = false,
            '\n' => shown.push('\n'),
            c if brace == 0 && !tag => shown.push(c),
            _ => {}
        }
    }
    shown
}

mod licences {
    //! Only licences that let anyone run the program as they like (cargo-deny reads the same list in deny.toml).

    use std::process::Command;

    #[test]
    fn every_dependency_may_be_used() {
        let metadata = metadata();
        let deny = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deny.toml"))
            .expect("deny.toml");
        let deny: toml::Table = deny.parse().expect("TOML");
        let allowed: Vec<&str> = deny["licenses"]["allow"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|name| name.as_str())
            .collect();
        let packages = metadata["packages"].as_array().expect("packages");
        let refused = packages
            .iter()
            .filter(|package| !is_allowed(package["license"].as_str(), &allowed));
        let refused: Vec<_> = refused
            .map(|package| format!("{} {}", package["name"], package["license"]))
            .collect();
        super::assert_none("licences outside of deny.toml", &refused);
        let foreign = |source: &&serde_json::Value| {
            source.as_str().is_some_and(|s| !s.starts_with("registry+"))
        };
        let sources: Vec<_> = packages
            .iter()
            .map(|p| &p["source"])
            .filter(foreign)
            .map(ToString::to_string)
            .collect();
        super::assert_none("dependencies from outside of the registry", &sources);
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "tests may start processes, the server may not"
    )]
    fn metadata() -> serde_json::Value {
        let version = Command::new("rustc")
            .arg("-vV")
            .output()
            .expect("rustc runs")
            .stdout;
        let version = String::from_utf8_lossy(&version).into_owned();
        let host = version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .expect("a host");
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--offline",
                "--locked",
                "--format-version",
                "1",
                "--filter-platform",
                host,
            ])
            .current_dir(super::ROOT)
            .output()
            .expect("cargo runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// Whether an SPDX expression can be met: all of its ANDs, any of its ORs.
    fn is_allowed(expression: Option<&str>, allowed: &[&str]) -> bool {
        let Some(expression) = expression else {
            return false;
        };
        let spaced = expression
            .replace('(', " ( ")
            .replace(')', " ) ")
            .replace('/', " OR ");
        let tokens: Vec<&str> = spaced.split_whitespace().collect();
        let mut at = 0;
        any(&tokens, &mut at, allowed) && at == tokens.len()
    }

    fn any(tokens: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
        let mut met = all(tokens, at, allowed);
        while tokens.get(*at) == Some(&"OR") {
            *at += 1;
            met |= all(tokens, at, allowed);
        }
        met
    }

    fn all(tokens: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
        let mut met = one(tokens, at, allowed);
        while tokens.get(*at) == Some(&"AND") {
            *at += 1;
            met &= one(tokens, at, allowed);
        }
        met
    }

    fn one(tokens: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
        let token = tokens.get(*at).copied().unwrap_or_default();
        *at += 1;
        if token == "(" {
            let met = any(tokens, at, allowed);
            *at += 1;
            return met;
        }
        if tokens.get(*at) == Some(&"WITH") {
            let name = format!("{token} WITH {}", tokens.get(*at + 1).unwrap_or(&""));
            *at += 2;
            return allowed.contains(&name.as_str());
        }
        allowed.contains(&token)
    }

    #[test]
    fn an_expression_needs_all_of_its_ands_and_one_of_its_ors() {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];
        for good in [
            "MIT",
            "MIT/GPL-3.0",
            "GPL-3.0 OR MIT",
            "(GPL-3.0 OR MIT) AND Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(is_allowed(Some(good), &allowed), "{good}");
        }
        for bad in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT AND GPL-3.0) OR GPL-2.0",
            "MIT WITH strings",
            "",
        ] {
            assert!(!is_allowed(Some(bad), &allowed), "{bad}");
        }
        assert!(!is_allowed(None, &allowed));
    }
}

#[test]
fn what_the_build_hands_to_cargo_run_is_no_setting() {
    let build = fs::read_to_string(Path::new(ROOT).join("build.rs")).expect("text");
    assert!(build.contains("rustc-env="), "nothing to look at");
    assert!(!build.contains("rustc-env=ROLLCALL"));
}
