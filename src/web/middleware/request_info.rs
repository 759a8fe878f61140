//! Who asks and how: request id, client address, whether the browser speaks HTTPS.

use crate::config::Config;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};

/// Facts about a request that hold whatever it asks for.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// Printed on error pages, in the log and in the audit.
    pub id: String,
    /// The client's address, past the proxies that are trusted.
    pub address: IpAddr,
    /// The browser reached us by HTTPS, so a cookie can be `Secure`.
    pub secure: bool,
    /// Plain http that stays on this machine.
    pub local: bool,
    /// The host that the browser asked, lower case, with its port.
    pub host: String,
}

impl RequestInfo {
    pub fn read(req: &ServiceRequest, config: &Config) -> Self {
        let peer = req
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |a| a.ip().to_canonical());
        let headers = req.headers();
        let trusted = config.trusts(peer);
        let forwarded = |name| if trusted { last(headers, name) } else { None };
        let host = forwarded("x-forwarded-host")
            .or_else(|| text(headers, header::HOST.as_str()))
            .or_else(|| req.uri().authority().map(|a| a.as_str()))
            .unwrap_or_default()
            .to_ascii_lowercase();
        let public = config
            .public_url
            .as_ref()
            .is_some_and(|url| url.https && url.host == host);
        let secure =
            config.tls.is_some() || public || forwarded("x-forwarded-proto") == Some("https");
        Self {
            id: forwarded("x-request-id")
                .filter(|id| is_id(id))
                .map_or_else(new_id, str::to_owned),
            address: if trusted {
                client(headers, config, peer)
            } else {
                peer
            },
            secure,
            local: !secure && !trusted && peer.is_loopback() && is_loopback_name(&host),
            host,
        }
    }

    /// A password may travel: encrypted, or never leaving the machine.
    pub fn is_private(&self) -> bool {
        self.secure || self.local
    }
}

/// The last address of the chain that is not one of our own proxies.
fn client(headers: &HeaderMap, config: &Config, peer: IpAddr) -> IpAddr {
    let mut client = peer;
    let chain = headers
        .get_all("x-forwarded-for")
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','));
    for hop in chain.collect::<Vec<_>>().into_iter().rev() {
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        client = address.to_canonical();
        if !config.trusts(client) {
            break;
        }
    }
    client
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The value that the nearest proxy wrote.
fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(name)
        .last()?
        .to_str()
        .ok()?
        .rsplit(',')
        .next()
        .map(str::trim)
}

fn is_id(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// `localhost` and numbers of the loopback: names that no stranger's page can point here.
fn is_loopback_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|a| a.is_loopback())
}

/// A fresh id such as `7Q4MX-02KVD`: short enough to be read out over the phone.
fn new_id() -> String {
    static SEED: std::sync::LazyLock<AtomicU64> = std::sync::LazyLock::new(|| {
        let mut bytes = [0; 8];
        // Ids need to differ, not to be secret: without randomness they begin at nought.
        let _ = getrandom::fill(&mut bytes);
        AtomicU64::new(u64::from_le_bytes(bytes))
    });
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut bits = mix(SEED.fetch_add(1, Ordering::Relaxed));
    let mut id = String::with_capacity(11);
    for place in 0..11 {
        if place == 5 {
            id.push('-');
        } else {
            id.push(char::from(DIGITS[(bits & 31) as usize]));
            bits >>= 5;
        }
    }
    id
}

/// The finishing step of SplitMix64: consecutive numbers come out unlike each other.
fn mix(mut n: u64) -> u64 {
    n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DatabaseUrl;
    use actix_web::test::TestRequest;

    fn config() -> Config {
        let mut config = Config::for_database(DatabaseUrl::Sqlite("x.db".into()));
        config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        config
    }

    fn info(peer: &str, headers: &[(&'static str, &str)]) -> RequestInfo {
        let mut req = TestRequest::get().peer_addr(peer.parse().unwrap());
        for (name, value) in headers {
            req = req.append_header((*name, *value));
        }
        RequestInfo::read(&req.to_srv_request(), &config())
    }

    #[test]
    fn only_a_trusted_proxy_may_speak_for_its_client() {
        let forged = [
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-proto", "https"),
            ("host", "calls"),
        ];
        let stranger = info("192.0.2.7:999", &forged);
        assert_eq!(stranger.address.to_string(), "192.0.2.7");
        assert!(!stranger.secure && !stranger.is_private());
        let proxied = info(
            "10.0.0.1:999",
            &[("x-forwarded-for", "6.6.6.6, 1.2.3.4, 10.0.0.2"), forged[1]],
        );
        assert_eq!(proxied.address.to_string(), "1.2.3.4");
        assert!(proxied.secure);
        assert_eq!(
            info("10.0.0.1:9", &[("x-forwarded-for", "junk")])
                .address
                .to_string(),
            "10.0.0.1"
        );
    }

    #[test]
    fn plain_http_is_private_on_this_machine_only() {
        for host in [
            "127.0.0.1:8080",
            "localhost",
            "[::1]:8080",
            "app.localhost:1",
        ] {
            assert!(info("127.0.0.1:9", &[("host", host)]).local, "{host}");
        }
        // A proxy that nobody declared, or a page of a stranger whose name points at us.
        for host in ["calls.example.in", "127.0.0.1.evil.example", "[::2]", ""] {
            assert!(
                !info("127.0.0.1:9", &[("host", host)]).is_private(),
                "{host}"
            );
        }
        assert!(!info("192.0.2.7:9", &[("host", "localhost")]).is_private());
    }

    #[test]
    fn request_ids_are_short_and_differ() {
        let ids: std::collections::HashSet<_> = (0..1_000).map(|_| new_id()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.len() == 11 && is_id(id)));
        assert_eq!(
            info("10.0.0.1:1", &[("x-request-id", "from-the-proxy")]).id,
            "from-the-proxy"
        );
        assert_ne!(
            info("10.0.0.1:1", &[("x-request-id", "a\"b<c>de fgh")]).id,
            "a\"b<c>de fgh"
        );
    }
}
