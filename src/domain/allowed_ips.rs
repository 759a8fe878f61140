//! From where a person may sign in: addresses and networks, none meaning everywhere.

use ipnet::IpNet;
use std::fmt;
use std::net::IpAddr;

/// So many fit into the form and are read at each request.
pub const MOST: usize = 50;

/// Addresses and networks that a person may come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedIps(Vec<IpNet>);

/// What a list of addresses may not hold, in words that can stand beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllowedIpsFault {
    #[error("{0:?} is no address and no network: one looks like 203.0.113.7 or 10.20.0.0/16")]
    Unreadable(String),
    #[error(
        "has more than {MOST} entries; a network such as 10.20.0.0/16 stands for many addresses"
    )]
    TooMany,
}

impl AllowedIps {
    /// Reads what was typed: parted by commas, spaces, lines or `|`, as it is stored.
    ///
    /// # Errors
    /// The first entry that is none.
    pub fn parse(text: &str) -> Result<Self, AllowedIpsFault> {
        let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|'));
        let mut all: Vec<IpNet> = Vec::new();
        for part in parts.filter(|part| !part.is_empty()) {
            let network = network(part)
                .ok_or_else(|| AllowedIpsFault::Unreadable(part.chars().take(50).collect()))?;
            if !all.contains(&network) {
                all.push(network);
            }
        }
        match all.len() {
            0..=MOST => Ok(Self(all)),
            _ => Err(AllowedIpsFault::TooMany),
        }
    }

    /// What is stored. An entry that can't be read lets nobody in rather than everybody.
    pub fn stored(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|_| {
            let nowhere: IpAddr = [0, 0, 0, 0].into();
            Self(vec![nowhere.into()])
        })
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether someone at this address may come in.
    pub fn admit(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.is_empty() || self.0.iter().any(|network| network.contains(&address))
    }
}

fn network(text: &str) -> Option<IpNet> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical().into());
    }
    // `10.1.2.3/16` means the network that it is in.
    text.parse::<IpNet>().ok().map(|network| network.trunc())
}

/// As it is stored: parted by `|`, one address without a length.
impl fmt::Display for AllowedIps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, network) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("|")?;
            }
            match network.prefix_len() == network.max_prefix_len() {
                true => write!(f, "{}", network.addr())?,
                false => write!(f, "{network}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn none_means_everywhere_and_some_mean_only_these() {
        assert!(AllowedIps::default().admit(ip("203.0.113.7")));
        let some = AllowedIps::parse("203.0.113.7, 10.20.30.40/16\n2001:db8::/32").unwrap();
        for (address, may) in [
            ("203.0.113.7", true),
            ("203.0.113.8", false),
            ("10.20.255.1", true),
            ("10.21.0.1", false),
            ("2001:db8:1::2", true),
            ("::ffff:203.0.113.7", true),
            ("::1", false),
        ] {
            assert_eq!(some.admit(ip(address)), may, "{address}");
        }
        assert_eq!(some.to_string(), "203.0.113.7|10.20.0.0/16|2001:db8::/32");
        assert_eq!(AllowedIps::parse(&some.to_string()), Ok(some));
    }

    #[test]
    fn what_is_no_address_is_named_and_opens_nothing() {
        assert_eq!(
            AllowedIps::parse("10.0.0.1 office"),
            Err(AllowedIpsFault::Unreadable("office".to_owned()))
        );
        assert!(!AllowedIps::stored("office").admit(ip("10.0.0.1")));
        let many: Vec<String> = (0..60).map(|n| format!("10.0.0.{n}")).collect();
        assert_eq!(
            AllowedIps::parse(&many.join(",")),
            Err(AllowedIpsFault::TooMany)
        );
    }
}
