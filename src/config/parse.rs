//! Reading one setting's text; an error says what was expected.

use super::{LogFormat, PublicUrl};
use crate::store::DatabaseUrl;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

type Parsed<T> = Result<T, String>;

pub fn listen(text: &str) -> Parsed<SocketAddr> {
    let expected = || "an address and port such as 127.0.0.1:8080 or [::1]:8080".to_owned();
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    text.to_socket_addrs()
        .ok()
        .and_then(|mut found| found.next())
        .ok_or_else(expected)
}

pub fn database(text: &str) -> Parsed<DatabaseUrl> {
    text.parse()
        .map_err(|_| "a database: a file name, sqlite:FILE or postgres://USER@HOST/NAME".to_owned())
}

/// Scheme and host only: Rollcall has the whole host to itself.
pub fn public_url(text: &str) -> Parsed<PublicUrl> {
    let expected = || "an address such as https://calls.example.in, without a path".to_owned();
    let (scheme, rest) = text.split_once("://").ok_or_else(expected)?;
    let https = match scheme.to_ascii_lowercase().as_str() {
        "https" => true,
        "http" => false,
        _ => return Err(expected()),
    };
    let host = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
    let sound =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if host.is_empty() || !host.chars().all(sound) {
        return Err(expected());
    }
    let own_port = if https { ":443" } else { ":80" };
    let host = host
        .strip_suffix(own_port)
        .map(str::to_owned)
        .unwrap_or(host);
    Ok(PublicUrl { https, host })
}

pub fn networks(text: &str) -> Parsed<Vec<IpNet>> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(network)
        .collect()
}

fn network(text: &str) -> Parsed<IpNet> {
    let one = text.parse::<IpAddr>().map(IpNet::from);
    one.or_else(|_| text.parse())
        .map_err(|_| "a list of addresses or networks such as 10.0.0.0/8".to_owned())
}

pub fn log_format(text: &str) -> Parsed<LogFormat> {
    match text {
        "auto" => Ok(LogFormat::Auto),
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("auto, text or json".to_owned()),
    }
}

pub fn log_level(text: &str) -> Parsed<String> {
    match tracing_subscriber::EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(
            "error, warn, info, debug, trace or directives such as info,rollcall=debug".to_owned(),
        ),
    }
}

/// A file that may still have to be made.
pub fn new_file(text: &str) -> Parsed<PathBuf> {
    match text.trim().is_empty() || text.ends_with('/') {
        true => Err("the name of a file".to_owned()),
        false => Ok(PathBuf::from(text)),
    }
}

/// A file that must be there already.
pub fn file(text: &str) -> Parsed<PathBuf> {
    match std::fs::File::open(text) {
        Ok(_) => Ok(PathBuf::from(text)),
        Err(error) => Err(format!("a file that can be read ({error})")),
    }
}

/// A number and its unit: `45s`, `30m`, `8h`, `7d`.
pub fn duration(text: &str) -> Parsed<Duration> {
    let expected = || "a time such as 30m, 8h or 7d".to_owned();
    let unit_at = text
        .find(|c: char| !c.is_ascii_digit())
        .ok_or_else(expected)?;
    let number: u32 = text[..unit_at].parse().map_err(|_| expected())?;
    let seconds = match text[unit_at..].trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return Err(expected()),
    };
    if number == 0 {
        Err(expected())
    } else {
        Ok(Duration::from_secs(u64::from(number) * seconds))
    }
}

/// Bytes, or with a unit: `64KiB`, `2MiB`.
pub fn bytes(text: &str) -> Parsed<usize> {
    let expected = || "a size such as 512KiB or 2MiB, at least 16KiB".to_owned();
    let (number, unit) = match text.strip_suffix("KiB").map(|n| (n, 1024)) {
        Some(pair) => pair,
        None => text
            .strip_suffix("MiB")
            .map_or((text, 1), |n| (n, 1024 * 1024)),
    };
    let number: usize = number.trim().parse().map_err(|_| expected())?;
    match number.checked_mul(unit) {
        Some(size) if size >= 16 * 1024 => Ok(size),
        _ => Err(expected()),
    }
}

pub fn workers(text: &str) -> Parsed<usize> {
    match text.parse() {
        Ok(n @ 1..=64) => Ok(n),
        _ => Err("a number of threads from 1 to 64".to_owned()),
    }
}
