//! Asks the server that runs on this machine.

use super::super::CliError;
use crate::config::Config;
use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// A check reads the whole database, which takes its time on a large one.
const PATIENCE: Duration = Duration::from_secs(120);
/// An answer is short even when everything is wrong.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The number of people that were compared, if nothing differs.
pub fn floor(config: &Config) -> Result<u64, CliError> {
    let answer = post(config, "/api/v1/check/floor")?;
    let unreadable =
        || CliError::Refused(format!("the server's answer can't be read: {answer:.200}"));
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(unreadable)?;
    if !head.starts_with("HTTP/1.1 200") {
        let status = head.lines().next().unwrap_or(head);
        return Err(CliError::Refused(format!(
            "the server refused the check: {status}"
        )));
    }
    let found: Value = serde_json::from_str(body.trim()).map_err(|_| unreadable())?;
    let differences: Vec<&str> = found["differences"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    match differences.as_slice() {
        [] => Ok(found["people"].as_u64().unwrap_or(0)),
        some => Err(CliError::Refused(format!(
            "floor: {} differences: {}",
            some.len(),
            some.join("; ")
        ))),
    }
}

fn post(config: &Config, path: &str) -> Result<String, CliError> {
    let address = here(config.listen);
    let unreachable =
        |e: std::io::Error| CliError::Refused(format!("no server answers on {address}: {e}"));
    let stream =
        TcpStream::connect_timeout(&address, Duration::from_secs(5)).map_err(unreachable)?;
    stream
        .set_read_timeout(Some(PATIENCE))
        .map_err(unreachable)?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    match config.tls {
        None => exchange(stream, &request).map_err(unreachable),
        Some(_) => {
            let tls =
                |e: &dyn std::fmt::Display| CliError::Refused(format!("TLS to {address}: {e}"));
            let mut connector = SslConnector::builder(SslMethod::tls()).map_err(|e| tls(&e))?;
            // The certificate is for the public name; this is the loopback of the same machine.
            connector.set_verify(SslVerifyMode::NONE);
            let stream = connector
                .build()
                .connect("localhost", stream)
                .map_err(|e| tls(&e))?;
            exchange(stream, &request).map_err(unreachable)
        }
    }
}

fn exchange(mut stream: impl Read + Write, request: &str) -> std::io::Result<String> {
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    Ok(answer)
}

/// A server that listens everywhere listens on the loopback too.
fn here(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
