//! `trust.proxies`: load balancers whose word about a client's address is believed.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, SeqAccess, Visitor},
};

/// Addresses and networks of load balancers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TrustedProxies(Vec<IpNet>);

/// A text that is no address of a proxy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum NoProxy {
    /// Neither an address nor a network.
    #[error(
        "`{0}` is neither an address nor a network: write it as `10.0.0.5`, `10.0.0.0/16` or \
         `2001:db8::/32`"
    )]
    NoNetwork(String),
    /// An address with the length of a network.
    #[error(
        "`{0}` is an address within a network: write `{1}` for the whole network, or the address \
         without its length"
    )]
    Within(String, IpNet),
    /// Every address there is.
    #[error(
        "`{0}` is every address: each client could then say who it is. Name the networks that \
         your load balancers are in"
    )]
    Everything(String),
}

impl TrustedProxies {
    /// Whether this is the address of one.
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

fn read(text: &str) -> Result<IpNet, NoProxy> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(address.into());
    }
    let network = text.parse::<IpNet>();
    let network = network.map_err(|_| NoProxy::NoNetwork(text.to_owned()))?;
    if network.prefix_len() == 0 {
        return Err(NoProxy::Everything(text.to_owned()));
    }
    if network != network.trunc() {
        return Err(NoProxy::Within(text.to_owned(), network.trunc()));
    }
    Ok(network)
}

impl<'de> Deserialize<'de> for TrustedProxies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Networks)
    }
}

struct Networks;

impl<'de> Visitor<'de> for Networks {
    type Value = TrustedProxies;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of addresses and networks, such as `[\"10.0.0.0/16\"]`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<TrustedProxies, A::Error> {
        let mut networks = Vec::new();
        while let Some(text) = list.next_element::<String>()? {
            networks.push(read(&text).map_err(de::Error::custom)?);
        }
        Ok(TrustedProxies(networks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(list: &str) -> Result<TrustedProxies, String> {
        serde_json::from_str(list).map_err(|error| error.to_string())
    }

    #[test]
    fn addresses_and_networks_are_told_apart_from_all_others() {
        let given = r#"["10.0.0.0/16", "192.0.2.7", "2001:db8::/32", "fd00::1"]"#;
        let trusted = proxies(given).unwrap();
        let table = [
            ("10.0.0.1", true),
            ("10.0.255.255", true),
            ("10.1.0.0", false),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
            ("fd00::1", true),
            ("fd00::2", false),
        ];
        for (address, expected) in table {
            let address = address.parse().unwrap();
            assert_eq!(trusted.contain(address), expected, "{address}");
            assert!(!TrustedProxies::default().contain(address));
        }
        let again = serde_json::to_string(&trusted).unwrap();
        assert_eq!(proxies(&again), Ok(trusted));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_cure() {
        let table = [
            (
                r#"["balancer.example"]"#,
                "`balancer.example` is neither an address",
            ),
            (r#"["10.0.0.0/33"]"#, "neither an address nor a network"),
            (
                r#"["10.0.0.5/16"]"#,
                "write `10.0.0.0/16` for the whole network",
            ),
            (r#"["0.0.0.0/0"]"#, "`0.0.0.0/0` is every address"),
            (r#"["::/0"]"#, "`::/0` is every address"),
            (
                r#""10.0.0.0/16""#,
                "expected a list of addresses and networks, such as",
            ),
        ];
        for (given, expected) in table {
            let said = proxies(given).unwrap_err();
            assert!(said.contains(expected), "{given}: {said}");
        }
    }
}
